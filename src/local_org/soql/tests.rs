use super::*;

fn fault(text: &str) -> Fault {
    match parse(text) {
        Ok(_) => panic!("{text} was understood"),
        Err(fault) => fault,
    }
}

#[test]
fn an_unknown_field_is_marked_with_a_caret() {
    let fault = fault("select adfId from Contact");
    assert_eq!(
        (fault.kind, fault.code, fault.position),
        (FaultKind::InvalidField, "INVALID_FIELD", Some((1, 8)))
    );
    let start = "\nselect adfId from Contact\n       ^\nERROR at Row:1:Column:8\nNo such column 'adfId' on entity 'Contact'.";
    assert!(fault.message.starts_with(start), "{}", fault.message);
}

#[test]
fn each_mistake_has_its_fault_and_place() {
    use FaultKind::{InvalidField, InvalidSObject, MalformedQuery};
    for (text, kind, position) in [
        ("SELECT Id FROM Nonsense", InvalidSObject, (1, 16)),
        ("SELECT Id", MalformedQuery, (1, 10)),
        ("SELECT Id FROM", MalformedQuery, (1, 15)),
        ("SELECT FROM Contact", MalformedQuery, (1, 8)),
        ("SELECT Id,\nFROM Contact", MalformedQuery, (2, 1)),
        ("SELECT Id FROM Contact WHERE", MalformedQuery, (1, 29)),
        (
            "SELECT Id FROM Contact WHERE Name = 'x",
            MalformedQuery,
            (1, 37),
        ),
        ("SELECT Id FROM Contact LIMIT many", MalformedQuery, (1, 30)),
        (
            "SELECT Id FROM Contact LIMIT 1 LIMIT 2",
            MalformedQuery,
            (1, 32),
        ),
        ("SELECT Id;Name FROM Contact", MalformedQuery, (1, 10)),
        ("SELECT Id, Id FROM Contact", InvalidField, (1, 12)),
        ("SELECT Boss.Name FROM Contact", InvalidField, (1, 8)),
        ("SELECT Account FROM Contact", InvalidField, (1, 8)),
        (
            "SELECT Id, (SELECT Id FROM Nothings) FROM Account",
            InvalidSObject,
            (1, 28),
        ),
        (
            "SELECT Name, COUNT(Id) FROM Account",
            MalformedQuery,
            (1, 8),
        ),
        ("SELECT Id /* FROM Contact", MalformedQuery, (1, 11)),
        ("-- x\nSELECT Nme FROM Contact", InvalidField, (2, 8)),
        ("SELECT FIELDS(ALL) FROM Account", MalformedQuery, (1, 8)),
        (
            "SELECT FIELDS(ALL) FROM Account LIMIT 201",
            MalformedQuery,
            (1, 8),
        ),
    ] {
        let fault = fault(text);
        assert_eq!(
            (fault.kind, fault.position),
            (kind, Some(position)),
            "{text}: {}",
            fault.message
        );
    }
}

#[test]
fn fields_of_one_parent_stand_together() {
    let query = parse("select ACCOUNT.name, c.LastName, Account.Owner.Name FROM contact c")
        .expect("a query");
    let Select::Records(nodes) = query.select else {
        panic!("no records")
    };
    assert!(matches!(&nodes[..], [Node::Parent(_, inner), Node::Field(_)] if inner.len() == 2));
}

#[test]
fn ten_parents_are_read_and_eleven_are_not() {
    let path = |parents: usize| {
        format!(
            "SELECT Account.{}Name FROM Contact",
            "Parent.".repeat(parents - 1)
        )
    };
    assert!(parse(&path(10)).is_ok());
    assert_eq!(fault(&path(11)).kind, FaultKind::MalformedQuery);
}

#[test]
fn aliases_and_numbered_names_of_aggregates() {
    let query = parse(
        "SELECT Type, COUNT(Id), MAX(Name) top, SUM(AnnualRevenue) FROM Account GROUP BY Type",
    )
    .expect("a query");
    let Select::Groups { columns, .. } = query.select else {
        panic!("no groups")
    };
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["Type", "expr0", "top", "expr1"]);
}
