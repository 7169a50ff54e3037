mod human;
mod xml;

use std::io;

use super::human::Style;
use super::*;
use crate::salesforce::record::{Field, Raw, Value};
use crate::salesforce::soap::query::{Page, PageError, complete_children};
use crate::salesforce::soql::columns;
use crate::text::csv;
use crate::text::xml::decode;

const ACCOUNTS: &[u8] = include_bytes!("../../fixtures/soap/accounts.xml");
const PARENTS: &[u8] = include_bytes!("../../fixtures/soap/parents.xml");
const CHILDREN: &[u8] = include_bytes!("../../fixtures/soap/children.xml");
const COMPOUND: &[u8] = include_bytes!("../../fixtures/soap/compound.xml");
const AGGREGATE: &[u8] = include_bytes!("../../fixtures/soap/aggregate.xml");
const COUNT: &[u8] = include_bytes!("../../fixtures/soap/count.xml");
const EMPTY: &[u8] = include_bytes!("../../fixtures/soap/empty.xml");
const ID_LAST: &[u8] = include_bytes!("../../fixtures/soap/id_last.xml");
const OTHER_PREFIXES: &[u8] = include_bytes!("../../fixtures/soap/other_prefixes.xml");

const ACCOUNTS_SOQL: &str = "SELECT Id, Name, Type, Description, AnnualRevenue FROM Account";
const PARENTS_SOQL: &str =
    "SELECT LastName, Account.Name, Owner.Name, Account.Owner.Id, Account.Owner.Name FROM Contact";
const CHILDREN_SOQL: &str =
    "SELECT Name, (SELECT Id, Email FROM Contacts), (SELECT Id FROM Cases) FROM Account";

/// What a format makes of a page.
fn written(format: Format, style: Style, soql: &str, page: &[u8]) -> io::Result<String> {
    let mut out = Vec::new();
    let text = decode(page).unwrap();
    let mut page = Page::open(&text).unwrap();
    {
        let mut sink = sink(format, &mut out, style);
        sink.begin(&columns(soql))?;
        let mut record = Record::default();
        let mut rows = 0;
        while page.next(&mut record).unwrap() {
            complete_children(&mut record, &mut further_page).unwrap();
            sink.row(&record)?;
            rows += 1;
        }
        sink.finish(Totals {
            rows,
            size: page.size().unwrap(),
        })?;
    }
    Ok(String::from_utf8(out).unwrap())
}

fn further_page(locator: &str) -> Result<Vec<u8>, PageError> {
    Ok(match locator {
        "0r8xx0000000001AAA-1" => {
            include_bytes!("../../fixtures/soap/children_more_1.xml").to_vec()
        }
        _ => include_bytes!("../../fixtures/soap/children_more_2.xml").to_vec(),
    })
}

fn plain(format: Format, soql: &str, page: &[u8]) -> String {
    written(format, Style::default(), soql, page).unwrap()
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn csv_reads_back_as_the_values_that_were_sent() {
    let rows = csv::read(&plain(Format::Csv, ACCOUNTS_SOQL, ACCOUNTS));
    assert_eq!(
        rows[0],
        ["Id", "Name", "Type", "Description", "AnnualRevenue"]
    );
    assert_eq!(
        rows[1],
        [
            "001000000000001AAA",
            "Acme & Co, \"Ltd\"",
            "Customer",
            "one\ntwo\r\nthree",
            "1.0E7"
        ]
    );
    assert_eq!(
        rows[2],
        ["001000000000002AAA", "<b> ]]> <i> & ]]>", "", "", "5.0"]
    );
    assert_eq!(rows[3][1], "Zoë 👩\u{200d}💻 日本語 \u{202e}gnp.exe");
    assert_eq!(
        rows[3][3..],
        [" spaces \t stay ", "12345678901234567890.10"]
    );
    assert_eq!(
        rows[4],
        [
            "001000000000004AAA",
            "=1+2; 'x' \\ | /",
            "",
            "\u{2028}©",
            "-0"
        ]
    );
    assert_eq!(rows.len(), 5);
}

#[test]
fn csv_columns_follow_the_select_list_and_not_the_record() {
    assert_eq!(
        plain(Format::Csv, PARENTS_SOQL, PARENTS),
        "LastName,Account.Name,Owner.Name,Account.Owner.Id,Account.Owner.Name\n\
         Grey,Acme,Una,005000000000001AAA,Una\nDoe,,Support,,\nRoe,,Ann,,\n"
    );
    assert_eq!(
        plain(Format::Csv, "SELECT ID, type__C, tYpe FROM Task", ID_LAST),
        "ID,type__C,tYpe\n00T000000000001AAA,x,Call\n"
    );
    assert_eq!(
        plain(
            Format::Csv,
            "SELECT LeadSource, COUNT(Id), MAX(Amount) biggest FROM X GROUP BY LeadSource",
            AGGREGATE
        ),
        "LeadSource,expr0,biggest\nWeb,12,1.5E7\n,3,\n"
    );
    assert_eq!(plain(Format::Csv, "SELECT a, B.c FROM X", EMPTY), "a,B.c\n");
    assert_eq!(plain(Format::Csv, "SELECT FIELDS(ALL) FROM X", EMPTY), "");
}

#[test]
fn csv_of_fields_has_the_columns_of_the_first_record() {
    let text = plain(
        Format::Csv,
        "SELECT FIELDS(ALL), Owner.Name FROM Contact",
        PARENTS,
    );
    assert!(
        text.starts_with(
            "LastName,Account.Name,Account.Owner.Id,Account.Owner.Name,Owner.Name\nGrey,"
        ),
        "{text}"
    );
    assert!(text.ends_with("\nDoe,,,,Support\nRoe,,,,Ann\n"), "{text}");
}

#[test]
fn csv_shows_structure_as_json_in_the_cell() {
    let rows = csv::read(&plain(Format::Csv, CHILDREN_SOQL, CHILDREN));
    assert_eq!(rows[0], ["Name", "Contacts", "Cases"]);
    assert_eq!(json(&rows[1][1])[1]["Email"], "b,\"c\"@acme.test");
    assert_eq!(rows[2][1], "");
    assert_eq!(json(&rows[3][1]).as_array().unwrap().len(), 3);
    let rows = csv::read(&plain(
        Format::Csv,
        "SELECT BillingAddress, Place__c FROM Account",
        COMPOUND,
    ));
    assert_eq!(json(&rows[1][0])["street"], "Chausseestr. 1\n2nd floor");
    assert_eq!(rows[1][1], r#"{"latitude":"52.53","longitude":"13.38"}"#);
    assert_eq!(rows[3], ["", ""]);
}

#[test]
fn a_csv_of_one_column_has_no_empty_line() {
    let record = Record {
        fields: vec![field("Name", Value::Null)],
        ..Record::default()
    };
    assert_eq!(
        table(Format::Csv, "SELECT Name FROM X", &[record]).unwrap(),
        "Name\n\"\"\n"
    );
}

#[test]
fn json_is_the_rest_apis_shape_with_the_size_last() {
    let text = plain(Format::Json, ACCOUNTS_SOQL, ACCOUNTS);
    let document = json(&text);
    assert_eq!(document["totalSize"], 370);
    assert_eq!(document["done"], true);
    let record = &document["records"][0];
    assert_eq!(record["attributes"], serde_json::json!({"type": "Account"}));
    assert_eq!(record["Description"], "one\ntwo\r\nthree");
    assert_eq!(record["AnnualRevenue"], "1.0E7");
    assert_eq!(document["records"][1]["Type"], serde_json::Value::Null);
    assert_eq!(
        document["records"][2]["Name"],
        "Zoë 👩\u{200d}💻 日本語 \u{202e}gnp.exe"
    );
    assert!(text.find("totalSize").unwrap() > text.find("records").unwrap());

    let text = plain(Format::Json, PARENTS_SOQL, PARENTS);
    assert_eq!(
        text.lines().nth(1).unwrap(),
        r#"{"attributes":{"type":"Contact"},"LastName":"Grey","Account":{"attributes":{"type":"Account"},"Name":"Acme","Owner":{"attributes":{"type":"User"},"Id":"005000000000001AAA","Name":"Una"}},"Owner":{"attributes":{"type":"User"},"Name":"Una"}},"#
    );
    let document = json(&plain(Format::Json, CHILDREN_SOQL, CHILDREN));
    let contacts = &document["records"][2]["Contacts"];
    assert_eq!(
        (&contacts["totalSize"], &contacts["done"]),
        (&3.into(), &true.into())
    );
    assert_eq!(contacts["records"][2]["Email"], "f@core.test");
    assert_eq!(document["records"][1]["Contacts"], serde_json::Value::Null);
    let document = json(&plain(
        Format::Json,
        "SELECT BillingAddress FROM Account",
        COMPOUND,
    ));
    assert_eq!(document["records"][0]["BillingAddress"]["city"], "Berlin");
}

#[test]
fn json_without_its_end_is_not_valid() {
    let mut out = Vec::new();
    {
        let mut sink = sink(Format::Json, &mut out, Style::default());
        sink.begin(&Columns::FromFirstRecord).unwrap();
        sink.row(&Record::default()).unwrap();
    }
    assert!(serde_json::from_slice::<serde_json::Value>(&out).is_err());
}

#[test]
fn ndjson_is_a_record_a_line() {
    let text = plain(Format::Ndjson, ACCOUNTS_SOQL, ACCOUNTS);
    let names = text
        .lines()
        .map(|line| json(line)["Id"].as_str().unwrap().to_owned())
        .collect::<Vec<_>>();
    assert_eq!(
        names,
        [
            "001000000000001AAA",
            "001000000000002AAA",
            "001000000000003AAA",
            "001000000000004AAA"
        ]
    );
    assert_eq!(plain(Format::Ndjson, "SELECT Id FROM X", EMPTY), "");
}

#[test]
fn count_alone_is_the_number() {
    let soql = "SELECT COUNT() FROM Account";
    for format in [Format::Human, Format::Csv, Format::Ndjson] {
        assert_eq!(plain(format, soql, COUNT), "42\n", "{format:?}");
    }
    assert_eq!(
        plain(Format::Json, soql, COUNT),
        "{\"records\":[],\"totalSize\":42,\"done\":true}\n"
    );
    assert!(plain(Format::Xml, soql, COUNT).ends_with("<size>42</size>\n</queryResult>\n"));
}

#[test]
fn an_unknown_size_is_the_number_of_rows() {
    let soql = "SELECT ExternalId FROM Order__x";
    assert_eq!(
        json(&plain(Format::Json, soql, OTHER_PREFIXES))["totalSize"],
        1
    );
    assert!(plain(Format::Xml, soql, OTHER_PREFIXES).contains("<size>1</size>\n</queryResult>"));
}

fn field<'a>(name: &'a str, value: Value<'a>) -> Field<'a> {
    Field {
        name: name.into(),
        value,
    }
}

fn text<'a>(name: &'a str, value: &'a str) -> Field<'a> {
    field(name, Value::Text(value.into()))
}

fn record<'a>(fields: &[Field<'a>]) -> Record<'a> {
    Record {
        object: "X".into(),
        fields: fields.to_vec(),
        ..Record::default()
    }
}

fn table(format: Format, soql: &str, records: &[Record<'_>]) -> io::Result<String> {
    table_in(Style::default(), format, soql, records)
}

fn table_in(
    style: Style,
    format: Format,
    soql: &str,
    records: &[Record<'_>],
) -> io::Result<String> {
    let mut out = Vec::new();
    {
        let mut sink = sink(format, &mut out, style);
        sink.begin(&columns(soql))?;
        for record in records {
            sink.row(record)?;
        }
        sink.finish(Totals {
            rows: records.len() as u64,
            size: records.len() as i64,
        })?;
    }
    Ok(String::from_utf8(out).unwrap())
}

fn mismatch(soql: &str, records: &[Record<'_>]) -> ColumnMismatch {
    let error = table(Format::Csv, soql, records).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    error
        .into_inner()
        .unwrap()
        .downcast::<ColumnMismatch>()
        .map(|mismatch| *mismatch)
        .unwrap()
}

#[test]
fn a_record_with_other_columns_is_an_error_that_names_them() {
    let full = record(&[text("a", "1"), text("b", "2")]);
    let soql = "SELECT a, b FROM X";
    assert_eq!(
        mismatch(soql, &[full.clone(), record(&[text("a", "1")])]),
        ColumnMismatch::Missing("b".into())
    );
    let more = record(&[text("a", "1"), text("c", "3"), text("b", "2")]);
    assert_eq!(
        mismatch(soql, &[full, more]),
        ColumnMismatch::Unnamed("c".into())
    );
    let parent =
        |fields: &[Field<'static>]| record(&[field("P", Value::Parent(Box::new(record(fields))))]);
    assert_eq!(
        mismatch("SELECT P.a, P.b FROM X", &[parent(&[text("a", "1")])]),
        ColumnMismatch::Missing("P.b".into())
    );
    assert_eq!(
        mismatch("SELECT P.a FROM X", &[record(&[text("P", "1")])]),
        ColumnMismatch::NotAParent("P".into())
    );
    assert_eq!(
        mismatch("SELECT P.a, b FROM X", &[record(&[text("b", "1")])]),
        ColumnMismatch::Missing("P.a".into())
    );
}

#[test]
fn columns_that_the_server_calls_otherwise_are_matched_by_place() {
    let rows = [
        record(&[text("ns__a__c", "1"), text("b", "2"), text("expr7", "3")]),
        record(&[text("b", "5"), text("ns__a__c", "4"), text("expr7", "6")]),
    ];
    assert_eq!(
        table(Format::Csv, "SELECT a__c, b, HOUR(x) FROM X", &rows).unwrap(),
        "a__c,b,expr0\n1,2,3\n4,5,6\n"
    );
}

#[test]
fn a_typeof_is_a_cell_of_json() {
    let what = |fields: &[Field<'static>]| {
        record(&[
            text("Id", "1"),
            field("What", Value::Parent(Box::new(record(fields)))),
        ])
    };
    let rows = [
        what(&[text("Phone", "2")]),
        what(&[text("Amount", "3"), field("Name", Value::Null)]),
    ];
    let soql = "SELECT Id, TYPEOF What WHEN A THEN Phone WHEN B THEN Amount, Name END FROM Event";
    let read = csv::read(&table(Format::Csv, soql, &rows).unwrap());
    assert_eq!(read[0], ["Id", "What"]);
    assert_eq!(read[1][1], r#"{"attributes":{"type":"X"},"Phone":"2"}"#);
    assert_eq!(
        read[2][1],
        r#"{"attributes":{"type":"X"},"Amount":"3","Name":null}"#
    );
}

#[test]
fn a_closed_pipe_keeps_its_kind_in_every_format() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    for format in [
        Format::Human,
        Format::Csv,
        Format::Json,
        Format::Ndjson,
        Format::Xml,
    ] {
        let mut sink = sink(format, Closed, Style::default());
        let mut write = || {
            sink.begin(&columns("SELECT a FROM X"))?;
            sink.row(&Record {
                raw: Raw {
                    element: "<records/>".into(),
                    namespaces: None,
                },
                ..record(&[text("a", "1")])
            })?;
            sink.finish(Totals { rows: 1, size: 1 })
        };
        assert_eq!(
            write().unwrap_err().kind(),
            io::ErrorKind::BrokenPipe,
            "{format:?}"
        );
    }
}
