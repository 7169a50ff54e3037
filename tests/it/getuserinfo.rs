//! getUserInfo: one call, four formats.

use sfmtls::local_org::Prefixes;

use crate::judges::{Format, read};
use crate::lab::{Lab, finish};

#[test]
fn it_is_one_call_on_one_connection() {
    let lab = Lab::logged_in();
    lab.run(["getuserinfo"]).exits(0);
    assert_eq!(lab.calls(), ["login", "getUserInfo"]);
    assert_eq!(lab.org.journal().connections(), 2);
}

#[test]
fn json_csv_and_xml_hold_the_same_values() {
    // This user's name has quotes, an ampersand and letters beyond ASCII.
    let mut lab = Lab::new();
    lab.set("SFMTLS_USERNAME", "free@acme.test");
    lab.run(["login"]).exits(0);
    let json = read(Format::Json, &lab.stdout(["getuserinfo", "-r", "json"]));
    assert_eq!(json["userName"], "free@acme.test");
    assert_eq!(json["userFullName"], "Zoë \u{201c}Free\u{201d} O'Neil & Co");
    assert_eq!(json["roleId"], serde_json::Value::Null);
    let fields = json.as_object().unwrap();

    let csv = read(Format::Csv, &lab.stdout(["getuserinfo", "-r", "csv"]));
    let names: Vec<_> = fields.keys().cloned().collect();
    let values: Vec<_> = fields
        .values()
        .map(|value| value.as_str().unwrap_or_default())
        .collect();
    assert_eq!(csv, serde_json::json!([names, values]));

    let xml = read(Format::Xml, &lab.stdout(["getuserinfo", "-r", "xml"]));
    // Envelope, body (behind the header), response, result.
    let result = &xml[3][1][3][0][3][0][3];
    let in_xml: Vec<(String, String)> = result
        .as_array()
        .unwrap()
        .iter()
        .map(|field| {
            let text = |at: usize| field[at].as_str().unwrap().to_owned();
            (text(0).rsplit('}').next().unwrap().to_owned(), text(2))
        })
        .collect();
    let expected: Vec<_> = names
        .into_iter()
        .zip(values.iter().map(|v| (*v).to_owned()))
        .collect();
    assert_eq!(in_xml, expected);
}

#[test]
fn human_shows_names_and_values_side_by_side_without_the_empty_ones() {
    let lab = Lab::logged_in();
    let out = lab.stdout(["getuserinfo", "-r", "human"]);
    assert!(
        out.contains("\nuserName                    integration@acme.test\n"),
        "{out}"
    );
    assert!(!out.contains("roleId"), "{out}");
}

#[test]
fn json_is_the_format_of_a_pipe_and_of_json() {
    let lab = Lab::logged_in();
    let expected = lab.stdout(["getuserinfo", "-r", "json"]);
    assert_eq!(lab.stdout(["getuserinfo"]), expected);
    assert_eq!(lab.stdout(["--json", "getuserinfo"]), expected);
    let run = lab.run(["getuserinfo", "--json", "-r", "xml"]).exits(2);
    assert!(run.stdout.contains("\"exitCode\":2"), "{}", run.stdout);
}

#[test]
fn xml_is_laid_out_as_xmllint_would() {
    let lab = Lab::logged_in();
    lab.org
        .switch(|switches| switches.prefixes = Prefixes::AsCaptured);
    let ours = lab.file("ours.xml", lab.stdout(["getuserinfo", "-r", "xml"]));
    let xmllint = lab.other("xmllint", ["--format", ours.to_str().unwrap()]);
    let theirs = finish({ xmllint }.spawn().expect("xmllint is installed")).exits(0);
    assert_eq!(std::fs::read_to_string(ours).unwrap(), theirs.stdout);
    assert!(
        theirs
            .stdout
            .contains("\n        <userName>integration@acme.test</userName>\n")
    );
}
