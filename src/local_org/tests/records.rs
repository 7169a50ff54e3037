//! What queries return.

use super::super::*;
use super::client::{Client, body, envelope, post};
use super::{org, org_of};

pub(super) fn query(org: &Org, text: &str) -> String {
    call(org, "query", "queryString", text)
}

pub(super) fn call(org: &Org, call: &str, argument: &str, text: &str) -> String {
    let text = text.replace('<', "&lt;");
    let session = org.session(0, "localhost");
    let message = envelope(
        &session,
        &format!("<p:{call}><p:{argument}>{text}</p:{argument}></p:{call}>"),
    );
    let message = message.replace(
        "</e:Header>",
        "<p:QueryOptions><p:batchSize>200</p:batchSize></p:QueryOptions></e:Header>",
    );
    body(&Client::new(org).exchange(&post(&message)).0).to_owned()
}

pub(super) fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text
        .split_once(from)
        .unwrap_or_else(|| panic!("{from} in {text}"))
        .1;
    rest.split_once(to)
        .unwrap_or_else(|| panic!("{to} in {rest}"))
        .0
}

#[test]
fn nothing_found_is_a_result_without_records() {
    let answer = query(&org(), "SELECT Id FROM Contact WHERE LastName = 'Nobody'");
    let result = between(&answer, "<result xsi:type=\"QueryResult\">", "</result>");
    assert_eq!(
        result,
        "<done>true</done><queryLocator xsi:nil=\"true\"/><size>0</size>"
    );
}

#[test]
fn count_returns_a_size_alone() {
    let answer = query(&org_of(77), "SELECT COUNT() FROM Contact");
    assert!(
        answer.contains("<queryLocator xsi:nil=\"true\"/><size>77</size>"),
        "{answer}"
    );
}

#[test]
fn type_marker_and_type_field_nil_and_amounts() {
    let answer = query(&org(), "SELECT Name, Type FROM Account LIMIT 2");
    assert!(
        answer.contains(
            "<records xsi:type=\"sf:sObject\"><sf:type>Account</sf:type><sf:Id xsi:nil=\"true\"/>\
         <sf:Name>Edge Communications</sf:Name><sf:Type>Customer - Direct</sf:Type></records>"
        ),
        "{answer}"
    );
    assert!(
        answer.contains(
            "<sf:Name>Burlington Textiles Corp of America</sf:Name><sf:Type xsi:nil=\"true\"/>"
        ),
        "{answer}"
    );
}

#[test]
fn parents_are_nested_ten_deep_and_nil_where_there_is_none() {
    let path = format!("Account.{}Name", "Parent.".repeat(9));
    let answer = query(&org_of(40), &format!("SELECT {path} FROM Contact"));
    assert_eq!(
        between(&answer, "<records ", "</records>")
            .matches("<sf:Parent xsi:type=\"sf:sObject\">")
            .count(),
        9
    );
    let answer = query(&org_of(40), "SELECT LastName, Account.Name FROM Contact");
    assert!(
        answer.contains(
            "<sf:LastName>Contact 27</sf:LastName><sf:Account xsi:nil=\"true\"/></records>"
        ),
        "{answer}"
    );
}

#[test]
fn children_are_a_result_of_their_own_with_a_locator_when_they_are_many() {
    let org = org_of(500);
    let answer = query(
        &org,
        "SELECT Name, (SELECT Id, Email FROM Contacts) FROM Account",
    );
    let first = between(&answer, "<records ", "</sf:Contacts>");
    assert!(first.contains("<sf:Contacts xsi:type=\"QueryResult\"><done>true</done><queryLocator xsi:nil=\"true\"/>"), "{first}");
    assert!(first.ends_with("<size>2</size>"), "{first}");
    let big = between(
        &answer,
        "<sf:Contacts xsi:type=\"QueryResult\"><done>false</done>",
        "</sf:Contacts>",
    );
    assert_eq!(
        (
            big.matches("<records ").count(),
            big.contains("<size>440</size>")
        ),
        (200, false)
    );
    let size = between(big, "<size>", "</size>");
    let mut locator = between(big, "<queryLocator>", "</queryLocator>").to_owned();
    let mut rows = 200;
    loop {
        let more = call(&org, "queryMore", "queryLocator", &locator);
        rows += more.matches("<records ").count();
        assert!(more.contains("<queryMoreResponse><result "), "{more}");
        if more.contains("<done>true</done>") {
            break;
        }
        locator = between(&more, "<queryLocator>", "</queryLocator>").to_owned();
    }
    assert_eq!(rows.to_string(), size);
    assert!(
        answer.contains("<sf:Contacts xsi:nil=\"true\"/>"),
        "some accounts have no contacts"
    );
}

#[test]
fn compound_values_have_parts_of_the_api() {
    let answer = query(
        &org(),
        "SELECT BillingAddress, Location__c FROM Account LIMIT 1",
    );
    let address = between(
        &answer,
        "<sf:BillingAddress xsi:type=\"address\">",
        "</sf:BillingAddress>",
    );
    assert!(
        address.starts_with(
            "<latitude>30.0</latitude><longitude>-97.0</longitude><city>Austin</city>"
        ),
        "{address}"
    );
    assert!(
        address.contains("<countryCode xsi:nil=\"true\"/>")
            && address.ends_with("<street>0 Main Street</street>")
    );
    assert!(
        answer.contains("<sf:Location__c xsi:type=\"location\"><latitude>0.5</latitude>"),
        "{answer}"
    );
}

#[test]
fn owners_are_users_or_groups() {
    let answer = query(&org(), "SELECT Owner.Name FROM Case LIMIT 2");
    assert!(
        answer.contains("<sf:type>User</sf:type>") && answer.contains("<sf:type>Group</sf:type>"),
        "{answer}"
    );
}

#[test]
fn aggregates_are_typed_and_named() {
    let answer = query(
        &org_of(40),
        "SELECT AccountId a, COUNT(Id), MIN(LastName) FROM Contact GROUP BY AccountId",
    );
    let first = between(&answer, "<records ", "</records>");
    assert_eq!(
        first,
        "xsi:type=\"sf:sObject\"><sf:type>AggregateResult</sf:type><sf:Id xsi:nil=\"true\"/><sf:a xsi:nil=\"true\"/>\
         <sf:expr0 xsi:type=\"xsd:int\">1</sf:expr0><sf:expr1 xsi:type=\"xsd:string\">Contact 27</sf:expr1>"
    );
}

#[test]
fn filters_choose_rows() {
    let org = org_of(100);
    for (condition, size) in [
        ("Id = '00336000009BusGAAS'", 1),
        ("Id = '00336000009BusG'", 1),
        ("FirstName = 'rose'", 1),
        ("FirstName != 'Rose'", 99),
        ("AccountId = NULL", 2),
        (
            "AccountId != NULL AND NOT (FirstName = 'Rose' OR FirstName = 'Sean')",
            96,
        ),
        ("LastName LIKE 'contact 9_'", 10),
        ("FirstName IN ('Rose', 'Pat')", 2),
        ("FirstName NOT IN ('Rose', 'Pat')", 98),
        ("Score__c < 1", 1),
        ("Score__c = NULL", 14),
        ("IsDeleted = false", 100),
        ("IsDeleted = true", 0),
        ("Account.Name = 'Edge Communications'", 2),
        ("CreatedDate >= 2017-07-26T20:43:54.000Z", 2),
    ] {
        let answer = query(&org, &format!("SELECT Id FROM Contact WHERE {condition}"));
        assert_eq!(
            between(&answer, "<size>", "</size>"),
            size.to_string(),
            "{condition}"
        );
    }
}

#[test]
fn query_all_returns_the_deleted_rows_too() {
    let answer = call(
        &org_of(100),
        "queryAll",
        "queryString",
        "SELECT IsDeleted FROM Contact",
    );
    assert!(answer.contains("<queryAllResponse>"));
    assert_eq!(
        answer.matches("<sf:IsDeleted>true</sf:IsDeleted>").count(),
        5
    );
    assert_eq!(between(&answer, "<size>", "</size>"), "105");
}

#[test]
fn odd_values_are_written_as_legal_xml() {
    let org = org();
    org.switch(|switches| switches.odd_values = true);
    let answer = query(&org, "SELECT FirstName FROM Contact");
    for written in [
        "line one\nline two",
        "carriage&#13;\nreturn",
        "]]&gt;",
        "a &amp; b &lt; c &gt; d &amp;amp; e",
        "\u{202e}desrever\u{202c}",
        "  leading and trailing  ",
        "\u{9b}31mred",
    ] {
        assert!(answer.contains(written), "{written:?} in {answer}");
    }
    assert!(!answer.contains("]]>"));
    assert!(answer.contains("<sf:FirstName xsi:nil=\"true\"/>"));
}

#[test]
fn prefixes_sizes_and_faults_vary_by_switch() {
    let org = org();
    org.switch(|switches| {
        switches.prefixes = Prefixes::Exchanged;
        switches.unknown_size = true;
    });
    let answer = query(&org, "SELECT Id FROM Contact LIMIT 1");
    assert!(
        answer.contains("xmlns:sf=\"urn:partner.soap.sforce.com\""),
        "{answer}"
    );
    assert!(
        answer.contains("<sf:records i:type=\"o:sObject\"><o:type>Contact</o:type>"),
        "{answer}"
    );
    assert!(answer.contains("<sf:size>-1</sf:size>"), "{answer}");
    org.switch(|switches| switches.prefixes = Prefixes::AsCaptured);
    org.switch(|switches| switches.faults = FaultShape::BareCode);
    assert!(query(&org, "SELECT").contains("<faultcode>MALFORMED_QUERY</faultcode>"));
    org.switch(|switches| switches.faults = FaultShape::NoDetail);
    assert!(!query(&org, "SELECT").contains("<detail>"));
}

#[test]
fn a_page_can_hold_fewer_rows_than_promised() {
    let org = org_of(300);
    org.plan(Call::QueryMore, When::Nth(1), Mishap::FewerRows(3));
    let first = query(&org, "SELECT Id FROM Contact");
    let more = call(
        &org,
        "queryMore",
        "queryLocator",
        between(&first, "<queryLocator>", "</queryLocator>"),
    );
    assert_eq!(more.matches("<records ").count(), 97);
    assert_eq!(between(&more, "<size>", "</size>"), "300");
}

#[test]
fn batch_sizes_out_of_range_are_refused() {
    let org = org();
    let session = org.session(0, "localhost");
    for (size, refused) in [
        ("199", true),
        ("200", false),
        ("2000", false),
        ("2001", true),
        ("x", true),
    ] {
        let message = envelope(
            &session,
            "<p:query><p:queryString>SELECT Id FROM Contact</p:queryString></p:query>",
        )
        .replace(
            "</e:Header>",
            &format!(
                "<p:QueryOptions><p:batchSize>{size}</p:batchSize></p:QueryOptions></e:Header>"
            ),
        );
        let (answer, _) = Client::new(&org).exchange(&post(&message));
        assert_eq!(
            answer.contains("INVALID_BATCH_SIZE"),
            refused,
            "{size}: {answer}"
        );
    }
}

#[test]
fn locators_belong_to_the_user_and_can_be_asked_again() {
    let org = org_of(700);
    let first = query(&org, "SELECT Id FROM Contact");
    let locator = between(&first, "<queryLocator>", "</queryLocator>");
    let second = call(&org, "queryMore", "queryLocator", locator);
    assert_eq!(second.matches("<records ").count(), 200);
    org.end_sessions();
    let again = call(&org, "queryMore", "queryLocator", locator);
    assert_eq!(
        between(&second, "<result", "</result>"),
        between(&again, "<result", "</result>")
    );
    let more = format!("<p:queryMore><p:queryLocator>{locator}</p:queryLocator></p:queryMore>");
    let of_other_user = envelope(&org.session(1, "localhost"), &more);
    assert!(
        Client::new(&org)
            .exchange(&post(&of_other_user))
            .0
            .contains("InvalidQueryLocatorFault")
    );
}
