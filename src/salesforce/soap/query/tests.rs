use super::*;
use crate::salesforce::record::{Field, Value};
use crate::text::xml::Problem;

/// The pages in `fixtures/soap`, with their names. They were composed from the Partner WSDL and from
/// public captures, and have no line end at the end, because they are cut at every byte.
const PAGES: [(&str, &[u8]); 12] = [
    (
        "accounts",
        include_bytes!("../../../../fixtures/soap/accounts.xml"),
    ),
    (
        "parents",
        include_bytes!("../../../../fixtures/soap/parents.xml"),
    ),
    (
        "id_last",
        include_bytes!("../../../../fixtures/soap/id_last.xml"),
    ),
    (
        "ten_parents",
        include_bytes!("../../../../fixtures/soap/ten_parents.xml"),
    ),
    (
        "children",
        include_bytes!("../../../../fixtures/soap/children.xml"),
    ),
    (
        "children_more_1",
        include_bytes!("../../../../fixtures/soap/children_more_1.xml"),
    ),
    (
        "compound",
        include_bytes!("../../../../fixtures/soap/compound.xml"),
    ),
    (
        "aggregate",
        include_bytes!("../../../../fixtures/soap/aggregate.xml"),
    ),
    (
        "count",
        include_bytes!("../../../../fixtures/soap/count.xml"),
    ),
    (
        "empty",
        include_bytes!("../../../../fixtures/soap/empty.xml"),
    ),
    (
        "other_prefixes",
        include_bytes!("../../../../fixtures/soap/other_prefixes.xml"),
    ),
    (
        "latin_1",
        include_bytes!("../../../../fixtures/soap/latin_1.xml"),
    ),
];
const FAULT: &[u8] = include_bytes!("../../../../fixtures/soap/fault.xml");

/// The error for [`FAULT`] in place of a page; in a real call it is found before any page is opened.
fn fault() -> PageError {
    PageError::Unexpected {
        expected: "queryResponse",
        found: "soapenv:Fault".to_owned(),
    }
}

fn fixture(name: &str) -> &'static [u8] {
    PAGES.iter().find(|(own, _)| *own == name).unwrap().1
}

/// All records, then the size.
fn read(page: &[u8]) -> Result<Vec<String>, PageError> {
    let text = decode(page)?;
    let mut page = Page::open(&text)?;
    let mut record = Record::default();
    let mut shown = Vec::new();
    while page.next(&mut record)? {
        shown.push(show(&record));
    }
    shown.push(page.size().unwrap().to_string());
    Ok(shown)
}

fn show(record: &Record<'_>) -> String {
    format!("{}{{{}}}", record.object, show_fields(&record.fields))
}

fn show_fields(fields: &[Field<'_>]) -> String {
    fields
        .iter()
        .map(|field| format!("{}={}", field.name, show_value(&field.value)))
        .collect::<Vec<_>>()
        .join(" ")
}

fn show_value(value: &Value<'_>) -> String {
    match value {
        Value::Null => "-".into(),
        Value::Text(text) => format!("{text:?}"),
        Value::Parent(parent) => show(parent),
        Value::Compound(fields) => format!("({})", show_fields(fields)),
        Value::Children(children) => {
            let rows = children
                .records
                .iter()
                .map(show)
                .collect::<Vec<_>>()
                .join(" ");
            format!(
                "[{rows}]/{}{}",
                children.size,
                children.locator.as_deref().unwrap_or_default()
            )
        }
    }
}

#[test]
fn ids_come_once_and_the_marker_is_not_the_field_type() {
    let rows = read(fixture("accounts")).unwrap();
    let first = r#"Account{Id="001000000000001AAA" Name="Acme & Co, \"Ltd\"" Type="Customer" Description="one\ntwo\r\nthree" AnnualRevenue="1.0E7"}"#;
    assert_eq!(rows[0], first);
    assert_eq!(rows.last().unwrap(), "370");
    let last = r#"Task{Type="Call" type__c="x" Id="00T000000000001AAA"}"#;
    assert_eq!(read(fixture("id_last")).unwrap(), [last, "1"]);
}

#[test]
fn odd_values_are_the_text_that_was_meant() {
    let rows = read(fixture("accounts")).unwrap();
    assert!(
        rows[1].contains(r#" Name="<b> ]]> <i> & ]]>" Type=- Description=- AnnualRevenue="5.0"}"#),
        "{}",
        rows[1]
    );
    let third = " Name=\"Zoë 👩\u{200d}💻 日本語 \u{202e}gnp.exe\" Type=\"\" Description=\" spaces \t stay \" AnnualRevenue=\"12345678901234567890.10\"}";
    let text = decode(fixture("accounts")).unwrap();
    let mut page = Page::open(&text).unwrap();
    let mut record = Record::default();
    for _ in 0..3 {
        page.next(&mut record).unwrap();
    }
    let fields = record
        .fields
        .iter()
        .skip(1)
        .map(|field| match &field.value {
            Value::Text(text) => format!(" {}=\"{text}\"", field.name),
            other => panic!("{other:?}"),
        });
    assert_eq!(fields.collect::<String>() + "}", third);
    assert!(rows[3].contains(r"Name="), "{}", rows[3]);
    assert!(
        rows[3].ends_with("Type=\"\" Description=\"\\u{2028}©\" AnnualRevenue=\"-0\"}"),
        "{}",
        rows[3]
    );
}

#[test]
fn parents_are_records_or_null() {
    assert_eq!(
        read(fixture("parents")).unwrap(),
        [
            r#"Contact{LastName="Grey" Account=Account{Name="Acme" Owner=User{Id="005000000000001AAA" Name="Una"}} Owner=User{Name="Una"}}"#,
            r#"Contact{LastName="Doe" Account=- Owner=Group{Name="Support"}}"#,
            r#"Contact{LastName="Roe" Account=Account{Name=- Owner=-} Owner=User{Name="Ann"}}"#,
            "3"
        ]
    );
    let deep = read(fixture("ten_parents")).unwrap();
    assert_eq!(deep[0].matches("Parent=Account{").count(), 10);
    assert!(deep[0].contains(r#"Name="end""#));
}

#[test]
fn child_rows_stand_in_their_field() {
    assert_eq!(
        read(fixture("children")).unwrap(),
        [
            r#"Account{Name="Acme" Contacts=[Contact{Id="003000000000001AAA" Email="a@acme.test"} Contact{Id="003000000000002AAA" Email="b,\"c\"@acme.test"}]/2 Cases=-}"#,
            r#"Account{Name="Bolt" Contacts=- Cases=[Case{Id="500000000000001AAA" CaseComments=[CaseComment{CommentBody="hi"}]/1}]/1}"#,
            r#"Account{Name="Core" Contacts=[Contact{Id="003000000000003AAA" Email="d@core.test"}]/30r8xx0000000001AAA-1 Cases=-}"#,
            "3"
        ]
    );
}

#[test]
fn child_rows_on_further_pages_are_brought_in_order() {
    let text = decode(fixture("children")).unwrap();
    let mut page = Page::open(&text).unwrap();
    let mut record = Record::default();
    let mut asked = Vec::new();
    let mut completed = Vec::new();
    while page.next(&mut record).unwrap() {
        let fetch = &mut |locator: &str| -> Result<Vec<u8>, PageError> {
            asked.push(locator.to_owned());
            Ok(match asked.len() {
                1 => fixture("children_more_1").to_vec(),
                _ => include_bytes!("../../../../fixtures/soap/children_more_2.xml").to_vec(),
            })
        };
        complete_children(&mut record, fetch).unwrap();
        completed.push(show(&record));
    }
    assert_eq!(asked, ["0r8xx0000000001AAA-1", "0r8xx0000000001AAA-2"]);
    let ids = ["3AAA", "4AAA", "5AAA"].map(|end| completed[2].find(end).unwrap());
    assert!(
        ids.is_sorted() && completed[2].contains("]/3 Cases"),
        "{}",
        completed[2]
    );

    let mut record = Record::default();
    let mut page = Page::open(&text).unwrap();
    let fails = loop {
        assert!(
            page.next(&mut record).unwrap(),
            "the third record has more children"
        );
        if let Err(error) =
            complete_children(&mut record, &mut |_| Ok::<_, PageError>(FAULT.to_vec()))
        {
            break error;
        }
    };
    assert_eq!(fails, fault());
}

/// Completes the children of a record that has 1 of 3, with pages made by number; returns how many were
/// requested, and how it ended.
fn ask_on(pages: impl Fn(usize) -> String) -> (usize, Result<String, PageError>) {
    let text = decode(fixture("children")).unwrap();
    let mut page = Page::open(&text).unwrap();
    let mut record = Record::default();
    while record.incomplete_children().is_none() {
        assert!(page.next(&mut record).unwrap());
    }
    let mut asked = 0;
    let ended = complete_children(&mut record, &mut |_| {
        asked += 1;
        assert!(asked < 10, "there is no end");
        Ok::<_, PageError>(pages(asked).into_bytes())
    });
    let missing = |record: &Record<'_>| match record.incomplete_children() {
        Some((name, children)) => format!("{name}: {}", children.records.len()),
        None => "whole".to_owned(),
    };
    (asked, ended.map(|()| missing(&record)))
}

/// A server used to be asked for pages for ever, with an API call each time.
#[test]
fn child_pages_without_end_are_not_asked_for() {
    let more = str::from_utf8(fixture("children_more_1")).unwrap();
    assert_eq!(ask_on(|_| more.to_owned()), (2, Err(PageError::Circle)));

    let other_locator = |page: usize| more.replace("AAA-2", &format!("AAA-x{page}"));
    assert_eq!(ask_on(other_locator), (3, Ok("Contacts: 4".to_owned())));

    let (start, end) = (more.find("<records").unwrap(), more.find("<size").unwrap());
    let empty = |_| more[..start].to_owned() + &more[end..];
    assert_eq!(ask_on(empty), (1, Err(PageError::NoRows)));
}

#[test]
fn compound_values_are_known_by_type_and_by_shape() {
    let rows = read(fixture("compound")).unwrap();
    assert!(
        rows[0].starts_with("Account{BillingAddress=(latitude=- longitude=- city=\"Berlin\""),
        "{}",
        rows[0]
    );
    assert!(
        rows[0].ends_with("Place__c=(latitude=\"52.53\" longitude=\"13.38\")}"),
        "{}",
        rows[0]
    );
    assert_eq!(rows[0], rows[1]);
    assert_eq!(rows[2], "Account{BillingAddress=- Place__c=-}");
}

#[test]
fn aggregates_are_records_without_an_id() {
    let rows = read(fixture("aggregate")).unwrap();
    assert_eq!(
        rows[0],
        r#"AggregateResult{LeadSource="Web" expr0="12" biggest="1.5E7"}"#
    );
    assert_eq!(
        rows[1],
        r#"AggregateResult{LeadSource=- expr0="3" biggest=-}"#
    );
    assert_eq!(read(fixture("count")).unwrap(), ["42"]);
    assert_eq!(read(fixture("empty")).unwrap(), ["0"]);
}

#[test]
fn prefixes_white_space_and_elements_to_come_make_no_difference() {
    let row = r#"Order__x{ExternalId="a 1" Account__r=Account{Name="Acme"} Lines__r=[Line__x{Amount="1"}]/1}"#;
    assert_eq!(read(fixture("other_prefixes")).unwrap(), [row, "-1"]);
    assert_eq!(
        read(fixture("latin_1")).unwrap(),
        ["Account{Name=\"Müller €\"}", "1"]
    );
}

#[test]
fn the_head_is_found_without_the_rest() {
    let locator = Some("01g1E00009HWXuZQAX-2000".to_owned());
    let page = fixture("accounts");
    assert_eq!(
        head(page).unwrap(),
        Head {
            done: false,
            locator: locator.clone()
        }
    );
    let records = page
        .windows(8)
        .position(|window| window == b"<records")
        .unwrap();
    let mut long = page[..records].to_vec();
    long.extend_from_slice("<records xsi:type='sf:sObject'>ü".repeat(1000).as_bytes());
    assert_eq!(
        head(&long).unwrap(),
        Head {
            done: false,
            locator: locator.clone()
        }
    );
    // A head that is longer than usual is found, too.
    let comment = format!("<soapenv:Header><!-- {} -->", "ü".repeat(20_000));
    let long = std::str::from_utf8(page)
        .unwrap()
        .replace("<soapenv:Header>", &comment);
    assert_eq!(
        head(long.as_bytes()).unwrap(),
        Head {
            done: false,
            locator
        }
    );
    assert_eq!(
        head(fixture("other_prefixes")).unwrap(),
        Head {
            done: true,
            locator: None
        }
    );
    assert_eq!(head(FAULT).unwrap_err(), fault());
}

#[test]
fn a_page_cut_at_any_byte_is_an_error() {
    for (name, page) in PAGES {
        assert!(read(page).is_ok(), "{name}");
        for cut in 0..page.len() {
            assert!(read(&page[..cut]).is_err(), "{name} cut at {cut}");
        }
    }
    assert_eq!(read(FAULT), Err(fault()));
    for cut in 0..FAULT.len() {
        assert!(read(&FAULT[..cut]).is_err(), "fault cut at {cut}");
    }
}

#[test]
fn what_is_not_a_query_result_is_an_error_that_says_what_it_is() {
    let count = std::str::from_utf8(fixture("count")).unwrap();
    let problem = |from: &str, to: &str| {
        read(count.replace(from, to).as_bytes())
            .unwrap_err()
            .to_string()
    };
    let prefix = "the query result cannot be read: ";
    for (from, to, says) in [
        ("<done>true</done>", "", "expected done, found \"size\""),
        (
            "<done>true</done>",
            "<done>perhaps</done>",
            "done is \"perhaps\"",
        ),
        ("<size>42</size>", "", "expected size, found \"\""),
        ("<size>42</size>", "<size>many</size>", "size is \"many\""),
        (
            "queryResponse",
            "loginResponse",
            "expected queryResponse, found \"loginResponse\"",
        ),
        (
            "urn:partner",
            "urn:other",
            "expected queryResponse, found \"queryResponse\"",
        ),
        (
            "soapenv:Body",
            "soapenv:Head",
            "the answer has no SOAP body",
        ),
        (
            "schemas.xmlsoap.org",
            "schemas.test",
            "the answer has no SOAP envelope",
        ),
    ] {
        assert_eq!(problem(from, to), format!("{prefix}{says}"));
    }
    assert_eq!(
        problem("<done>true", "<done>false"),
        "the query result is not done, but has no query locator"
    );
    let trailing = format!("{count}<more/>");
    let Err(PageError::Answer(AnswerError::Xml(error))) = read(trailing.as_bytes()) else {
        panic!("it reads")
    };
    assert_eq!(
        (error.offset, error.problem),
        (count.len(), Problem::Trailing)
    );
}

#[test]
fn requests_carry_the_query_escaped_and_their_namespace() {
    assert_eq!(
        query_body("SELECT Id FROM X WHERE a < 'b&c'", false).unwrap(),
        "<query xmlns=\"urn:partner.soap.sforce.com\"><queryString>SELECT Id FROM X WHERE a &lt; &apos;b&amp;c&apos;</queryString></query>"
    );
    assert!(query_body("x", true).unwrap().starts_with("<queryAll "));
    for character in ['\0', '\u{b}', '\u{1b}', '\u{ffff}'] {
        let query = format!("SELECT {character}Id FROM X");
        assert_eq!(query_body(&query, false), Err(Unsendable(character)));
    }
    assert!(query_body("a\tb\r\nc \u{7f}\u{85}", false).is_ok());
    assert_eq!(
        query_more_body("01g-<2000>"),
        "<queryMore xmlns=\"urn:partner.soap.sforce.com\"><queryLocator>01g-&lt;2000&gt;</queryLocator></queryMore>"
    );
}

#[test]
fn a_record_read_over_another_keeps_nothing_of_it() {
    let text = decode(fixture("parents")).unwrap();
    let mut page = Page::open(&text).unwrap();
    let mut used = Record::default();
    let mut rows = 0;
    while page.next(&mut used).unwrap() {
        let mut again = Page::open(&text).unwrap();
        let mut fresh = Record::default();
        for _ in 0..=rows {
            fresh = Record::default();
            again.next(&mut fresh).unwrap();
        }
        assert_eq!(used, fresh);
        rows += 1;
    }
    assert_eq!(used.clone().into_owned(), used);

    let rows = ["<x>1</x><y>2</y><z>3</z>", "<x>4</x>", "", "<y>5</y><z/>"];
    let rows = rows.map(|fields| format!("<records><type>X</type><Id/>{fields}</records>"));
    let page = std::str::from_utf8(fixture("count"))
        .unwrap()
        .replace("<size>", &(rows.concat() + "<size>"));
    assert_eq!(
        read(page.as_bytes()).unwrap(),
        [
            "X{x=\"1\" y=\"2\" z=\"3\"}",
            "X{x=\"4\"}",
            "X{}",
            "X{y=\"5\" z=\"\"}",
            "42"
        ]
    );
}
