//! `cargo bench`: whole processes, side by side with curl against the imitation org in one run.
//!
//! Each pair of commands is run in turn (A B A B …) after a warm-up; the table shows the medians and
//! the median of the pairs' ratios, which holds when the machine's speed drifts. CPU time is the
//! operating system's own account of each finished process, peak memory is told by GNU time.

mod bulk;
mod download;
mod measure;

use std::fs;
use std::path::Path;
use std::process::Command;

use sfmtls::local_org::{Config, Org};

use crate::download::Download;
use crate::measure::{Pair, Table, peak, run};

const SFMTLS: &str = env!("CARGO_BIN_EXE_sfmtls");
const FOUR: &str = "SELECT Id, FirstName, LastName, Account.Name FROM Contact";
const TWELVE: &str = "SELECT Id, FirstName, LastName, Email, Phone, Title, Department, MailingCity, \
                      MailingCountry, CreatedDate, LastModifiedDate, Account.Name FROM Contact";

/// Measures something and adds it to the table.
type Part = fn(&mut Table);

fn main() {
    let parts: [(&str, Part); 10] = [
        ("version", versions),
        ("getuserinfo", one_call),
        ("query", many_rows),
        ("query-memory", memory),
        ("bulk", bulk::to_nowhere),
        ("bulk-file", bulk::to_a_file),
        ("bulk-gzip", bulk::compressed),
        ("bulk-parallel", bulk::side_by_side),
        ("bulk-memory", bulk::memory),
        ("scanner", bulk::scanner),
    ];
    // `cargo bench -- bulk scanner` measures these two; cargo itself adds an option.
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let mut table = Table::new();
    for (name, measure) in parts {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            measure(&mut table);
        }
    }
    table.print();
}

/// The program's command with this org's variables and nothing else.
fn sfmtls(org: &Org, arguments: &[&str]) -> Command {
    let mut command = Command::new(SFMTLS);
    command.args(arguments).env_clear().envs(org.environment());
    command
}

fn curl(arguments: &[&str]) -> Command {
    let mut command = Command::new("curl");
    command
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin");
    command
}

fn versions(table: &mut Table) {
    let mut ours = Command::new(SFMTLS);
    ours.arg("--version").env_clear();
    let pair = Pair::measure(40, &mut ours, &mut curl(&["--version"]));
    table.wall("--version", &pair, 0.5);
}

/// `getuserinfo` against the same POST by curl, with a big and with a small CA file.
fn one_call(table: &mut Table) {
    let org = Org::start(Config::default()).expect("the org starts");
    run(&mut sfmtls(&org, &["login"]));
    let session = org_session(&org);
    let files = org.files();
    let body = files.dir.join("getuserinfo.xml");
    fs::write(&body, get_user_info(&session)).expect("its directory can be written to");
    let bundle = files.dir.join("bundle.pem");
    let system = openssl_probe::probe()
        .cert_file
        .expect("the system has a CA bundle");
    let mut certificates = fs::read(system).expect("it can be read");
    certificates.extend(fs::read(&files.ca).expect("the org's CA can be read"));
    fs::write(&bundle, &certificates).expect("its directory can be written to");
    let count = String::from_utf8_lossy(&certificates)
        .matches("BEGIN CERTIFICATE")
        .count();

    for (name, ca, goal) in [
        (
            format!("getuserinfo, {count} CA certificates"),
            &bundle,
            0.45,
        ),
        ("getuserinfo, 1 CA certificate".to_owned(), &files.ca, 0.7),
    ] {
        let url = format!(
            "https://localhost:{}/services/Soap/u/64.0",
            org.mutual_port()
        );
        let mut theirs = curl(&[
            "-s",
            "-o",
            "/dev/null",
            "--cacert",
            text(ca),
            "-E",
            text(&files.client),
            "-H",
            "Content-Type: text/xml; charset=UTF-8",
            "-H",
            "SOAPAction: \"\"",
            "--data-binary",
            &format!("@{}", body.display()),
            &url,
        ]);
        let mut ours = sfmtls(&org, &["getuserinfo", "-r", "json", "--cacert", text(ca)]);
        let pair = Pair::measure(30, &mut ours, &mut theirs);
        table.wall(&name, &pair, goal);
    }
}

/// 200,000 rows to CSV, against curl's plain download of as many bytes.
fn many_rows(table: &mut Table) {
    const ROWS: u64 = 200_000;
    let org = rows(ROWS, false);
    run(&mut sfmtls(&org, &["login"]));
    for (columns, soql, goal) in [(4, FOUR, 1_000_000.0), (12, TWELVE, 450_000.0)] {
        let mut ours = sfmtls(
            &org,
            &[
                "query",
                "-s",
                "-r",
                "csv",
                "--output-file",
                "/dev/null",
                soql,
            ],
        );
        let bytes = page_bytes(&org, soql) * ROWS.div_ceil(2000);
        let server = Download::serve(bytes);
        let ca = server.ca();
        let mut theirs = curl(&[
            "-s",
            "-o",
            "/dev/null",
            "--cacert",
            text(&ca),
            &server.url(),
        ]);
        let pair = Pair::measure(7, &mut ours, &mut theirs);
        let name = format!(
            "query, {ROWS} rows of {columns} columns, {} MB",
            bytes / 1_000_000
        );
        table.rate(
            &name,
            ROWS as f64 / pair.ours.cpu.as_secs_f64(),
            "rows a CPU second",
            goal,
        );
        table.cpu(&name, &pair, 5.0);
    }
}

/// How many bytes the first page of this query has on the wire, as curl counts them.
fn page_bytes(org: &Org, soql: &str) -> u64 {
    let files = org.files();
    let body = files.dir.join("query.xml");
    let query = format!("<urn:query><urn:queryString>{soql}</urn:queryString></urn:query>");
    fs::write(&body, envelope(&org_session(org), &query)).expect("its directory can be written to");
    let output = curl(&[
        "-s",
        "-o",
        "/dev/null",
        "-w",
        "%{size_download}",
        "--cacert",
        text(&files.ca),
        "-E",
        text(&files.client),
        "-H",
        "Content-Type: text/xml; charset=UTF-8",
        "-H",
        "SOAPAction: \"\"",
        "--data-binary",
        &format!("@{}", body.display()),
        &format!(
            "https://localhost:{}/services/Soap/u/64.0",
            org.mutual_port()
        ),
    ])
    .output()
    .expect("curl runs");
    let size = String::from_utf8_lossy(&output.stdout);
    size.parse().expect("curl prints a number")
}

/// Peak memory must not grow with the result.
fn memory(table: &mut Table) {
    for format in ["csv", "json", "ndjson"] {
        let at = |count| {
            let org = rows(count, false);
            run(&mut sfmtls(&org, &["login"]));
            peak(&sfmtls(
                &org,
                &[
                    "query",
                    "-s",
                    "-r",
                    format,
                    "--output-file",
                    "/dev/null",
                    FOUR,
                ],
            ))
        };
        table.memory(
            &format!("query -r {format}, 10,000 and 1,000,000 rows"),
            at(10_000),
            at(1_000_000),
            24,
        );
    }
}

fn rows(rows: u64, gzip: bool) -> Org {
    let mut config = Config {
        rows,
        ..Config::default()
    };
    config.switches.gzip = gzip;
    Org::start(config).expect("the org starts")
}

fn org_session(org: &Org) -> String {
    org.session(0, "localhost")
}

fn get_user_info(session: &str) -> String {
    envelope(session, "<urn:getUserInfo/>")
}

fn envelope(session: &str, call: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:urn=\"urn:partner.soap.sforce.com\">\
         <soapenv:Header><urn:SessionHeader><urn:sessionId>{session}</urn:sessionId></urn:SessionHeader></soapenv:Header>\
         <soapenv:Body>{call}</soapenv:Body></soapenv:Envelope>"
    )
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the path is UTF-8")
}
