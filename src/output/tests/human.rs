//! The human format.

use super::*;

#[test]
fn human_columns_are_aligned_whatever_the_script() {
    let rows = [
        record(&[
            text("Name", "Ann"),
            text("City", "日本語"),
            text("N", "1.0E7"),
        ]),
        record(&[
            text("Name", "👩\u{200d}💻 Zoë"),
            field("City", Value::Null),
            text("N", "0010"),
        ]),
        record(&[
            text("Name", "a\x1b[31m\nb\u{202e}"),
            text("City", "x"),
            text("N", ""),
        ]),
    ];
    assert_eq!(
        table(Format::Human, "SELECT Name, City, N FROM X", &rows).unwrap(),
        "Name      City    N\n\
         ────────  ──────  ─────\n\
         Ann       日本語  1.0E7\n\
         👩\u{200d}💻 Zoë            0010\n\
         a\u{fffd}[31m↵b  x\n"
    );
}

#[test]
fn human_columns_fit_the_terminal() {
    let style = Style {
        width: Some(78),
        color: true,
    };
    let text = written(Format::Human, style, ACCOUNTS_SOQL, ACCOUNTS).unwrap();
    let plain = text.replace("\x1b[1m", "").replace("\x1b[0m", "");
    for line in plain.lines() {
        assert!(crate::terminal::width(line) <= 78, "{line}");
    }
    assert!(text.starts_with("\x1b[1mId"), "{text}");
    assert!(
        text.contains("001000000000001AAA  Acme & Co, \"Lt…  Customer"),
        "{text}"
    );
    assert!(!text.contains('\r') && text.contains("one↵"), "{text}");
    let wide = written(
        Format::Human,
        Style {
            width: Some(400),
            color: false,
        },
        CHILDREN_SOQL,
        CHILDREN,
    )
    .unwrap();
    assert!(
        wide.contains("003000000000001AAA, a@acme.test; 003000000000002AAA, b,\"c\"@acme.test"),
        "{wide}"
    );
    let wide = written(
        Format::Human,
        Style::default(),
        "SELECT BillingAddress, Place__c FROM Account",
        COMPOUND,
    )
    .unwrap();
    assert!(
        wide.contains("Berlin, Germany, DE, 10115, Chausseestr. 1↵2nd floor  52.53, 13.38"),
        "{wide}"
    );
}

#[test]
fn human_rows_after_the_measured_ones_stream_and_are_cut() {
    let mut out = Vec::new();
    {
        let mut sink = sink(
            Format::Human,
            &mut out,
            Style {
                width: Some(20),
                color: false,
            },
        );
        sink.begin(&columns("SELECT a, b FROM X")).unwrap();
        for _ in 0..500 {
            sink.row(&record(&[text("a", "1"), text("b", "2")]))
                .unwrap();
        }
        sink.row(&record(&[text("a", "too long"), text("b", "3")]))
            .unwrap();
    }
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.lines().count(), 503, "all is out before the end");
    assert_eq!(text.lines().last().unwrap(), "…  3");
}

/// They used to be cut beside an empty half of the line.
#[test]
fn later_cells_have_what_is_free_of_the_line() {
    let id = "003000000000001AAA";
    let shown = |columns, name: &str| {
        let mut out = Vec::new();
        let style = Style {
            width: Some(columns),
            color: false,
        };
        let mut sink = sink(Format::Human, &mut out, style);
        let fields = super::columns("SELECT Id, Name, N FROM X");
        sink.begin(&fields).unwrap();
        for at in 0..500 {
            let name = format!("Contact {at}");
            sink.row(&record(&[
                text("Id", id),
                text("Name", &name),
                text("N", "7"),
            ]))
            .unwrap();
        }
        sink.row(&record(&[
            text("Id", id),
            text("Name", name),
            text("N", "7"),
        ]))
        .unwrap();
        drop(sink);
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.lines()
                .all(|line| crate::terminal::width(line) <= columns),
            "{text}"
        );
        text.lines().last().unwrap().to_owned()
    };
    // Eleven columns were measured: six more where they are free, else what is.
    for (columns, name, whole) in [
        (80, "Contact 300000 …", true),
        (80, "Contact 300000 and more", false),
        (37, "Contact 100000", true),
        (37, "Contact 1000000", false),
        (34, "Contact 1000", false),
    ] {
        let line = shown(columns, name);
        assert!(line.starts_with(&format!("{id}  ")), "{line}");
        assert_eq!(line.contains(name), whole, "{columns}: {line}");
        assert!(line.ends_with("  7"), "{columns}: {line}");
    }
}

/// IDs used to be cut like long texts.
#[test]
fn an_id_is_whole_in_a_table_and_what_does_not_fit_then_is_a_sheet() {
    let id = "003000000000001AAA";
    let long = "a text of more than thirty characters";
    let rows = [record(&[
        text("Id", id),
        text("Name", long),
        text("AccountId", id),
    ])];
    for (columns, head) in [(51, "── 1 "), (52, "Id  "), (80, "Id  ")] {
        let style = Style {
            width: Some(columns),
            color: false,
        };
        let soql = "SELECT Id, Name, AccountId FROM X";
        let shown = table_in(style, Format::Human, soql, &rows).unwrap();
        assert!(shown.starts_with(head), "{columns}: {shown}");
        assert_eq!(shown.matches(id).count(), 2, "{columns}: {shown}");
    }
}

#[test]
fn an_id_is_whole_where_the_measured_rows_have_none() {
    let mut out = Vec::new();
    let style = Style {
        width: Some(60),
        color: false,
    };
    let mut sink = sink(Format::Human, &mut out, style);
    sink.begin(&columns("SELECT ParentId, Name FROM X"))
        .unwrap();
    let empty = record(&[field("ParentId", Value::Null), text("Name", "x")]);
    for _ in 0..500 {
        sink.row(&empty).unwrap();
    }
    let id = "001000000000001AAA";
    sink.row(&record(&[text("ParentId", id), text("Name", "y")]))
        .unwrap();
    drop(sink);
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.lines().last().unwrap(), format!("{id}  y"));
}

#[test]
fn no_line_is_wider_than_the_terminal_and_no_column_is_left_out() {
    let fields: Vec<_> = (0..30).map(|at| format!("Field{at}__c")).collect();
    let soql = format!("SELECT {} FROM X", fields.join(", "));
    let values = [
        "日本語のテキスト",
        "plain",
        "👩\u{200d}👩\u{200d}👧 family",
        "e\u{301}e\u{301}",
        "",
    ];
    let row: Vec<_> = fields
        .iter()
        .zip(values.iter().cycle())
        .map(|(name, value)| Field {
            name: name.clone().into(),
            value: Value::Text((*value).into()),
        })
        .collect();
    for columns in 4..400 {
        let style = Style {
            width: Some(columns),
            color: false,
        };
        let text = table_in(style, Format::Human, &soql, &[record(&row)]).unwrap();
        for line in text.lines() {
            assert!(crate::terminal::width(line) <= columns, "{columns}: {line}");
        }
        let expected = if text.starts_with("── ") { 31 } else { 3 };
        assert_eq!(text.lines().count(), expected, "{columns}: {text}");
    }
}

#[test]
fn a_record_that_is_too_wide_for_a_table_is_a_sheet() {
    let style = Style {
        width: Some(26),
        color: true,
    };
    let rows = [
        record(&[
            text("Id", "1"),
            text("LastName", "Gonzalez"),
            text("Account", "Edge Communications"),
        ]),
        record(&[
            text("Id", "2"),
            field("LastName", Value::Null),
            text("Account", "日本語"),
        ]),
    ];
    assert_eq!(
        table_in(
            style,
            Format::Human,
            "SELECT Id, LastName, Account FROM X",
            &rows
        )
        .unwrap(),
        "\x1b[1mId  LastName  Account\x1b[0m\n\
         ──  ────────  ────────────\n\
         1   Gonzalez  Edge Commun…\n\
         2             日本語\n"
    );
    let style = Style {
        width: Some(20),
        color: true,
    };
    assert_eq!(
        table_in(
            style,
            Format::Human,
            "SELECT Id, LastName, Account FROM X",
            &rows
        )
        .unwrap(),
        "\x1b[1m── 1 ───────────────\x1b[0m\n\
         Id        1\n\
         LastName  Gonzalez\n\
         Account   Edge Comm…\n\
         \x1b[1m── 2 ───────────────\x1b[0m\n\
         Id        2\n\
         LastName\n\
         Account   日本語\n"
    );
}
