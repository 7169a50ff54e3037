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
        width: Some(40),
        color: true,
    };
    let text = written(Format::Human, style, ACCOUNTS_SOQL, ACCOUNTS).unwrap();
    let plain = text.replace("\x1b[1m", "").replace("\x1b[0m", "");
    for line in plain.lines() {
        assert!(crate::terminal::width(line) <= 40, "{line}");
    }
    assert!(text.starts_with("\x1b[1mId"), "{text}");
    assert!(text.contains("001000…"), "{text}");
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
