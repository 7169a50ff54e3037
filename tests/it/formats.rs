//! Every value as the org has it, in every format: held against what Python's own TLS, HTTP and XML
//! get from the org, and read by Python's csv, json and xml.

use serde_json::{Value, json};
use sfmtls::local_org::{Config, Prefixes};

use crate::judges::{Format, read, rows};
use crate::lab::{Lab, finish};

/// Queries with their columns as typed; between them they have every kind of value.
const QUERIES: [(&str, &[&str]); 9] = [
    // New lines, quotes, `]]>`, emoji, marks of direction, leading and trailing spaces, nil.
    (
        "SELECT Id, Description, MailingStreet, Score__c FROM Contact",
        &["Id", "Description", "MailingStreet", "Score__c"],
    ),
    // Another order and case than the object's; without Id.
    (
        "SELECT title, FirstName, mobilephone FROM Contact",
        &["title", "FirstName", "mobilephone"],
    ),
    // Type beside type; numbers in scientific notation; a parent that is null here and there.
    (
        "SELECT Type, Name, AnnualRevenue, Parent.Type, Parent.Id FROM Account",
        &["Type", "Name", "AnnualRevenue", "Parent.Type", "Parent.Id"],
    ),
    // Parents ten levels deep.
    (
        "SELECT Id, Account.Parent.Parent.Parent.Parent.Parent.Parent.Parent.Parent.Parent.Name, \
         Account.Name, Owner.Name FROM Contact",
        &[
            "Id",
            "Account.Parent.Parent.Parent.Parent.Parent.Parent.Parent.Parent.Parent.Name",
            "Account.Name",
            "Owner.Name",
        ],
    ),
    // Compound values.
    (
        "SELECT Name, BillingAddress, Location__c FROM Account",
        &["Name", "BillingAddress", "Location__c"],
    ),
    // Child rows: none, a few, and those whose subquery has pages of its own.
    (
        "SELECT Id, (SELECT Id, Description, Account.Name FROM Contacts), Name, \
         (SELECT Name, Type FROM Opportunities) FROM Account",
        &["Id", "Contacts", "Name", "Opportunities"],
    ),
    // Owners of two kinds.
    (
        "SELECT CaseNumber, Owner.Name, Owner.Type, Owner.Email, Subject FROM Case",
        &[
            "CaseNumber",
            "Owner.Name",
            "Owner.Type",
            "Owner.Email",
            "Subject",
        ],
    ),
    // Aggregates, with and without an alias.
    (
        "SELECT LeadSource, COUNT(Id) n, MAX(Score__c), MIN(CreatedDate) FROM Contact GROUP BY LeadSource",
        &["LeadSource", "n", "expr0", "expr1"],
    ),
    (
        "SELECT COUNT(Id), SUM(Score__c) total FROM Contact",
        &["expr0", "total"],
    ),
];

fn lab() -> Lab {
    // More than 450 contacts, so that one account's children have pages of their own.
    Lab::logged_in_with(Config {
        rows: 520,
        ..Config::default()
    })
}

/// The value at a path such as `Account.Name`, whatever its case; a null parent has null fields.
fn at<'v>(record: &'v Value, path: &str) -> &'v Value {
    path.split('.').fold(record, |value, step| match value {
        Value::Object(fields) => {
            let mut found = fields
                .iter()
                .filter(|(name, _)| name.eq_ignore_ascii_case(step));
            let exact = fields.get(step);
            exact
                .or_else(|| found.next().map(|(_, value)| value))
                .unwrap_or(&Value::Null)
        }
        _ => &Value::Null,
    })
}

/// A cell as it should read, with the JSON in it read too.
fn cell(value: &Value) -> Value {
    match value {
        Value::Null => json!(""),
        Value::Object(fields) if fields.contains_key("records") => fields["records"].clone(),
        other => other.clone(),
    }
}

#[test]
fn json_and_ndjson_hold_the_orgs_records_text_for_text_and_in_order() {
    let lab = lab();
    for (soql, _) in QUERIES {
        let expected = Value::Array(rows(&lab, "query", soql));
        let size = expected.as_array().unwrap().len();
        assert!(size > 0, "{soql}");
        let out = lab.stdout(["query", soql, "-r", "json", "--batch-size", "200"]);
        let document = read(Format::Json, &out);
        // As text, so that the order of the fields counts.
        assert_eq!(
            document["records"].to_string(),
            expected.to_string(),
            "{soql}"
        );
        assert_eq!(document["totalSize"], size, "{soql}");
        assert_eq!(document["done"], true);

        let out = lab.stdout(["query", soql, "-r", "ndjson"]);
        assert_eq!(
            read(Format::Ndjson, &out).to_string(),
            expected.to_string(),
            "{soql}"
        );
        assert_eq!(out.lines().count(), size, "{soql}");
    }
}

#[test]
fn csv_read_by_another_program_holds_the_orgs_values_in_the_columns_as_typed() {
    let lab = lab();
    for (soql, columns) in QUERIES {
        let records = rows(&lab, "query", soql);
        let table = read(Format::Csv, &lab.stdout(["query", soql, "-r", "csv"]));
        let mut lines = table.as_array().unwrap().iter();
        assert_eq!(lines.next(), Some(&json!(columns)), "{soql}");
        for (record, line) in records.iter().zip(lines.by_ref()) {
            for (column, text) in columns.iter().zip(line.as_array().unwrap()) {
                let expected = cell(at(record, column));
                let found = match &expected {
                    Value::String(_) => text.clone(),
                    // JSON in a cell.
                    _ => serde_json::from_str(text.as_str().unwrap()).unwrap(),
                };
                assert_eq!(
                    found.to_string(),
                    expected.to_string(),
                    "{column} of {record}"
                );
            }
        }
        assert_eq!(lines.next(), None, "{soql}");
        assert_eq!(table.as_array().unwrap().len(), records.len() + 1, "{soql}");
    }
}

#[test]
fn csv_quotes_only_where_it_must_and_ends_lines_with_a_line_feed() {
    let lab = lab();
    let out = lab.stdout([
        "query",
        "SELECT FirstName, Title, MobilePhone FROM Contact LIMIT 4",
    ]);
    assert_eq!(
        out,
        "FirstName,Title,MobilePhone\n\
         Rose,\"SVP, Procurement\",(512) 758-0000\n\
         Sean,\"SVP, Procurement\",(512) 758-0001\n\
         Jack,\"SVP, Procurement\",\n\
         Pat,,(512) 758-0003\n"
    );
}

/// Records of an xml result as (field, text) pairs, with the parents' fields inside.
fn xml_records(document: &Value) -> Vec<Value> {
    const OBJECT: &str = "{urn:sobject.partner.soap.sforce.com}";
    fn fields(element: &Value) -> Value {
        let children = element[3].as_array().unwrap();
        if children.is_empty() {
            let nil = &element[1]["{http://www.w3.org/2001/XMLSchema-instance}nil"];
            return if *nil == "true" {
                Value::Null
            } else {
                element[2].clone()
            };
        }
        let mut record = serde_json::Map::new();
        for child in children {
            let name = child[0].as_str().unwrap();
            let name = name.rsplit('}').next().unwrap().to_owned();
            assert!(
                record.insert(name, fields(child)).is_none(),
                "twice: {child}"
            );
        }
        Value::Object(record)
    }
    let of_records = |element: &&Value| element[0] == "{urn:partner.soap.sforce.com}records";
    let children = document[3].as_array().unwrap();
    let records = children.iter().filter(of_records);
    assert_eq!(
        children.last().unwrap()[0],
        "{urn:partner.soap.sforce.com}size",
        "the size stands last"
    );
    records
        .map(|record| {
            assert_eq!(record[3][0][0], format!("{OBJECT}type"));
            fields(record)
        })
        .collect()
}

#[test]
fn xml_is_one_well_formed_document_of_the_servers_records_with_id_once() {
    let lab = lab();
    for prefixes in [Prefixes::AsCaptured, Prefixes::Exchanged] {
        lab.org.switch(|switches| switches.prefixes = prefixes);
        // No child rows here: they have more elements of the same name.
        for (soql, columns) in [QUERIES[0], QUERIES[2], QUERIES[3]] {
            let expected = rows(&lab, "query", soql);
            let out = lab.stdout(["query", soql, "-r", "xml", "--batch-size", "200"]);
            let file = lab.file("result.xml", &out);
            let xmllint = lab.other("xmllint", ["--noout", file.to_str().unwrap()]);
            finish({ xmllint }.spawn().expect("xmllint is installed")).exits(0);

            let document = read(Format::Xml, &out);
            assert_eq!(document[0], "{urn:partner.soap.sforce.com}queryResult");
            let records = xml_records(&document);
            assert_eq!(records.len(), expected.len());
            for (found, record) in records.iter().zip(&expected) {
                assert_eq!(found["type"], record["attributes"]["type"]);
                for column in columns {
                    assert_eq!(
                        at(found, column),
                        at(record, column),
                        "{column} of {record}"
                    );
                }
            }
        }
    }
}

#[test]
fn human_is_a_table_that_the_values_cannot_break() {
    let lab = lab();
    let soql = "SELECT Id, Description FROM Contact LIMIT 60";
    let run = lab.run(["query", soql, "-r", "human"]).exits(0);
    // Header, rule, and a line for each row whatever is in it.
    assert_eq!(run.stdout.lines().count(), 62, "{}", run.stdout);
    assert_eq!(run.stderr, "60 rows\n");
    assert!(run.stdout.contains("line one↵line two"), "{}", run.stdout);
    let bad = |c: char| c.is_control() && c != '\n' || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!run.stdout.contains(bad), "{:?}", run.stdout);
}
