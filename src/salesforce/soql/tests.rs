use super::*;

/// `name` if the path is the same, else `name=path`.
fn list(soql: &str) -> String {
    let show = |column: &Column| {
        let path = column.path.join(".");
        if path == column.name {
            path
        } else {
            format!("{}={path}", column.name)
        }
    };
    match columns(soql) {
        Columns::List(columns) => columns.iter().map(show).collect::<Vec<_>>().join(" "),
        other => format!("{other:?}"),
    }
}

#[test]
fn fields_are_columns_as_typed() {
    assert_eq!(list("SELECT Id, Name FROM Account"), "Id Name");
    assert_eq!(
        list("select\tid,\n account.OWNER.name from contact"),
        "id account.OWNER.name"
    );
    assert_eq!(
        list("SELECT Account . Name , ns__Field__c FROM Contact"),
        "Account.Name ns__Field__c"
    );
    assert_eq!(
        list("/* SELECT a */ SELECT Id, -- the key\n Name // shown\n/**/FROM Account"),
        "Id Name"
    );
}

#[test]
fn names_after_the_from_clause_are_resolved() {
    assert_eq!(
        list("SELECT c.Id, C.Account.Name FROM Contact c WHERE c.Name = 'x'"),
        "c.Id=Id C.Account.Name=Account.Name"
    );
    assert_eq!(
        list("SELECT Contact.Name FROM Contact LIMIT 1"),
        "Contact.Name=Name"
    );
    assert_eq!(
        list("SELECT a.Name, o.Name FROM Contact c, c.Account a, a.Owner o"),
        "a.Name=Account.Name o.Name=Account.Owner.Name"
    );
}

#[test]
fn aggregates_without_alias_are_numbered() {
    assert_eq!(
        list(
            "SELECT LeadSource, COUNT(Id), MAX(Amount) biggest, sum ( Amount ) FROM Opportunity GROUP BY LeadSource"
        ),
        "LeadSource expr0 biggest expr1"
    );
    assert_eq!(
        list(
            "SELECT CALENDAR_YEAR(CreatedDate), COUNT(Id) n FROM Lead GROUP BY CALENDAR_YEAR(CreatedDate)"
        ),
        "expr0 n"
    );
    assert_eq!(
        list("SELECT FORMAT(MIN(CloseDate)), MAX(Amount) FROM Opportunity"),
        "expr0 expr1"
    );
    assert_eq!(
        list("SELECT Name n, COUNT(Id) c FROM Account GROUP BY Name"),
        "n c"
    );
}

#[test]
fn grouped_parents_are_answered_flat() {
    assert_eq!(
        list("SELECT Account.Name, COUNT(Id) FROM Contact GROUP BY Account.Name"),
        "Account.Name=Name expr0"
    );
    assert_eq!(
        list("SELECT Account.Name FROM Contact group\nby Account.Name"),
        "Account.Name=Name"
    );
    assert_eq!(
        list("SELECT Account.Name FROM Contact WHERE Id IN (SELECT x FROM y GROUP BY x)"),
        "Account.Name"
    );
}

#[test]
fn functions_that_change_the_look_keep_the_fields_name() {
    assert_eq!(
        list(
            "SELECT toLabel(Status), tolabel(Account.Type), FORMAT(Amount) amt, convertCurrency(Total), FORMAT(convertCurrency(Net)) FROM X"
        ),
        "Status Account.Type amt Total Net"
    );
    assert_eq!(
        list("SELECT DISTANCE(Location__c, GEOLOCATION(1.5, -2), 'mi') FROM X"),
        "expr0"
    );
}

#[test]
fn a_subquery_is_named_after_its_relationship() {
    assert_eq!(
        list(
            "SELECT Id, (SELECT Id, (SELECT Id FROM Cases) FROM Contacts WHERE Name = ')' LIMIT 5), Name FROM Account"
        ),
        "Id Contacts Name"
    );
    assert_eq!(
        list("SELECT (select id from Account.Contacts) FROM Account"),
        "Contacts"
    );
}

#[test]
fn a_typeof_is_one_column() {
    assert_eq!(
        list(
            "SELECT Id, TYPEOF What WHEN Account THEN Phone, Name WHEN Case THEN Subject ELSE Id END, Owner.Name FROM Event"
        ),
        "Id What Owner.Name"
    );
}

#[test]
fn count_alone_has_no_rows() {
    assert_eq!(
        columns("select count ( ) from Account where Name = 'from'"),
        Columns::Count
    );
    assert_eq!(
        columns("SELECT COUNT(Id) FROM Account"),
        columns("SELECT COUNT(Id) expr0 FROM Account")
    );
}

#[test]
fn what_is_not_understood_is_left_to_the_first_record() {
    for soql in [
        "SELECT FIELDS(ALL) FROM Account LIMIT 200",
        "SELECT Id, fields(standard), Owner.Name FROM Account",
        "SELECT",
        "",
        "SELECT Id",
        "SELECT Id,, Name FROM Account",
        "SELECT 'x' FROM Account",
        "SELECT (SELECT Id FROM Account",
        "SELECT Id FROM",
        "SELECT TYPEOF What FROM Event",
        "SELECT COUNT(), Id FROM Account",
        "FIND {x}",
        "SELECT a.b(c) FROM d",
        "SELECT ) FROM d",
    ] {
        assert_eq!(columns(soql), Columns::FromFirstRecord, "{soql}");
    }
}

#[test]
fn the_object_is_the_outer_queries() {
    let cases = [
        (
            "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
            Some("Account"),
        ),
        (
            "select Id from  my__Obj__c where Name = 'SELECT x FROM y'",
            Some("my__Obj__c"),
        ),
        ("SELECT Name FROM Contact c, c.Account a", Some("Contact")),
        ("SELECT FIELDS(ALL) FROM Lead LIMIT 1", Some("Lead")),
        (
            "SELECT Id FROM X WHERE Name = 'it\\'s FROM' AND a IN (SELECT b FROM c)",
            Some("X"),
        ),
        (
            "SELECT /* FROM Lead */ Id FROM Case -- FROM Task",
            Some("Case"),
        ),
        ("SELECT Id", None),
        ("", None),
    ];
    for (soql, object) in cases {
        assert_eq!(from_object(soql).as_deref(), object, "{soql}");
    }
}
