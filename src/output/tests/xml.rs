//! The xml format.

use super::*;
use crate::salesforce::soap::namespace::{PARTNER, SOBJECT};
use crate::text::xml::{Reader, Token};

/// Every element of a document with its namespace, to show that the document stands by itself.
fn elements(document: &str) -> Vec<(String, String)> {
    let mut xml = Reader::new(document);
    let mut elements = Vec::new();
    loop {
        match xml.token().unwrap() {
            Token::Open(element) => {
                elements.push((element.local().to_owned(), element.namespace.to_owned()))
            }
            Token::End => return elements,
            Token::Close | Token::Text(_) => {}
        }
    }
}

#[test]
fn xml_is_the_servers_records_with_the_id_once() {
    let text = plain(Format::Xml, ACCOUNTS_SOQL, ACCOUNTS);
    let found = elements(&text);
    let count = |name: &str, namespace: &str| {
        found
            .iter()
            .filter(|(local, own)| local == name && own == namespace)
            .count()
    };
    assert_eq!(
        count("queryResult", PARTNER) + count("records", PARTNER) + count("size", PARTNER),
        6
    );
    assert_eq!(
        (
            count("Id", SOBJECT),
            count("type", SOBJECT),
            count("Type", SOBJECT)
        ),
        (4, 4, 4)
    );
    assert!(!text.contains("soapenv"));
    assert!(
        text.contains("<sf:Name>&lt;b&gt; ]]&gt; <![CDATA[<i> & ]]]]><![CDATA[>]]></sf:Name>"),
        "{text}"
    );
    assert!(
        plain(Format::Xml, "SELECT Type, type__c, Id FROM Task", ID_LAST)
            .contains("<sf:type__c>x</sf:type__c><sf:Id>00T000000000001AAA</sf:Id></records>")
    );
    // An Id that was not selected is the server's own nil marker.
    let text = plain(Format::Xml, PARENTS_SOQL, PARENTS);
    assert_eq!(
        (
            text.matches("<sf:Id").count(),
            text.matches("005000000000001AAA").count()
        ),
        (9, 1),
        "{text}"
    );
    assert_eq!(
        elements(&plain(Format::Xml, "SELECT Id FROM X", EMPTY)).len(),
        2
    );
}

#[test]
fn xml_child_rows_are_complete_and_point_nowhere() {
    let text = plain(Format::Xml, CHILDREN_SOQL, CHILDREN);
    let third = text.lines().nth(4).unwrap();
    let ends = ["3AAA", "4AAA", "5AAA"].map(|end| third.find(&format!("{end}</sf:Id>")).unwrap());
    assert!(
        ends.is_sorted() && third.rfind("<size>3</size>").unwrap() > ends[2],
        "{third}"
    );
    assert!(
        !text.contains("0r8xx") && !text.contains("<done>false"),
        "{text}"
    );
    assert_eq!(text.matches("003000000000003AAA").count(), 1);
    elements(&text);
}

#[test]
fn xml_of_other_prefixes_is_correct_by_itself() {
    let text = plain(
        Format::Xml,
        "SELECT ExternalId FROM Order__x",
        OTHER_PREFIXES,
    );
    let found = elements(&text);
    assert!(
        found.contains(&("records".into(), PARTNER.into())),
        "{text}"
    );
    assert!(
        found.contains(&("ExternalId".into(), SOBJECT.into())),
        "{text}"
    );

    // A page with other prefixes than the first declares its own.
    let other = Raw {
        element: "<q:records><q:x/></q:records>".into(),
        namespaces: Some(" xmlns:q=\"urn:q\"".into()),
    };
    let first = Raw {
        element: "<records/>".into(),
        namespaces: Some(" xmlns=\"urn:d\"".into()),
    };
    let records = [first, other].map(|raw| Record {
        raw,
        ..Record::default()
    });
    let text = table(Format::Xml, "", &records).unwrap();
    assert!(text.contains("<queryResult xmlns=\"urn:d\">\n<records/>\n<q:records xmlns:q=\"urn:q\"><q:x/></q:records>\n"), "{text}");
}
