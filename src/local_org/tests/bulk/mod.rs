//! Both bulk APIs, judged by curl.

mod mishaps;
mod one;
mod size;
mod two;

use std::process::Command;

use super::super::*;
use super::{org, org_of};

const JOB: &str = r#"<?xml version="1.0" encoding="UTF-8"?><jobInfo xmlns="http://www.force.com/2009/06/asyncapi/dataload"><operation>query</operation><object>Contact</object><contentType>CSV</contentType></jobInfo>"#;
const CLOSE: &str = r#"<jobInfo xmlns="http://www.force.com/2009/06/asyncapi/dataload"><state>Closed</state></jobInfo>"#;

/// What curl got.
#[derive(Debug)]
pub(super) struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
    /// curl's exit status.
    exit: i32,
}

impl Reply {
    pub(in crate::local_org::tests) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    #[track_caller]
    pub(in crate::local_org::tests) fn element(&self, name: &str) -> &str {
        let text = self.text();
        let after = text
            .split(&format!("<{name}>"))
            .nth(1)
            .unwrap_or_else(|| panic!("{name} in {text}"));
        after.split('<').next().unwrap_or_default()
    }

    fn elements(&self, name: &str) -> Vec<String> {
        let tag = format!("<{name}>");
        self.text()
            .split(&tag)
            .skip(1)
            .map(|part| part.split('<').next().unwrap_or_default().to_owned())
            .collect()
    }

    #[track_caller]
    pub(in crate::local_org::tests) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(in crate::local_org::tests) fn header(&self, name: &str) -> Option<&str> {
        let name = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(&name))
    }

    #[track_caller]
    pub(in crate::local_org::tests) fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

/// A user of one org with curl.
pub(super) struct Caller<'o> {
    org: &'o Org,
    session: String,
    port: u16,
    /// curl's options for the certificate.
    identity: Vec<String>,
}

impl<'o> Caller<'o> {
    pub(in crate::local_org::tests) fn new(org: &'o Org) -> Self {
        Self {
            org,
            session: org.session(0, "localhost"),
            port: org.mutual_port(),
            identity: vec!["-E".to_owned(), org.files().client.display().to_string()],
        }
    }

    /// One request; `options` are curl's.
    fn curl(&self, path: &str, options: &[&str]) -> Reply {
        let dir = tempfile::tempdir().expect("a directory");
        let (head, body) = (dir.path().join("head"), dir.path().join("body"));
        let header = if path.starts_with("/services/async") {
            format!("X-SFDC-Session: {}", self.session)
        } else {
            format!("Authorization: Bearer {}", self.session)
        };
        let output = Command::new("curl")
            .args([
                "-q",
                "-sS",
                "--max-time",
                "60",
                "--noproxy",
                "*",
                "--cacert",
            ])
            .arg(&self.org.files().ca)
            .args(&self.identity)
            .args(["-H", &header, "-H", "Content-Type:", "-D"])
            .arg(&head)
            .arg("-o")
            .arg(&body)
            .args(["-w", "%{http_code}"])
            .args(options)
            .arg(format!("https://localhost:{}{path}", self.port))
            .output()
            .expect("curl is installed");
        let status = String::from_utf8_lossy(&output.stdout);
        Reply {
            status: status.parse().expect("a number"),
            head: std::fs::read_to_string(&head)
                .unwrap_or_default()
                .replace('\r', ""),
            body: std::fs::read(&body).unwrap_or_default(),
            exit: output.status.code().unwrap_or(-1),
        }
    }

    fn post(&self, path: &str, content_type: &str, body: &str, options: &[&str]) -> Reply {
        let content_type = format!("Content-Type: {content_type}");
        let mut all = vec!["-H", content_type.as_str(), "--data-binary", body];
        all.extend_from_slice(options);
        self.curl(path, &all)
    }

    /// 1.0, in XML.
    fn one(&self, path: &str) -> Reply {
        self.curl(&format!("/services/async/64.0/job{path}"), &[])
    }

    fn one_post(&self, path: &str, body: &str, options: &[&str]) -> Reply {
        let path = format!("/services/async/64.0/job{path}");
        self.post(&path, "application/xml; charset=UTF-8", body, options)
    }

    fn add_batch(&self, job: &str, soql: &str) -> Reply {
        let path = format!("/services/async/64.0/job/{job}/batch");
        self.post(&path, "text/csv; charset=UTF-8", soql, &[])
    }

    /// Creates, adds and closes; the path of the batch.
    pub(in crate::local_org::tests) fn one_query(&self, soql: &str) -> String {
        let job = self.one_post("", JOB, &[]).is(201).element("id").to_owned();
        let batch = self.add_batch(&job, soql).is(201).element("id").to_owned();
        self.one_post(&format!("/{job}"), CLOSE, &[]).is(200);
        format!("/{job}/batch/{batch}")
    }

    /// Looks until the batch is over.
    pub(in crate::local_org::tests) fn one_wait(&self, batch: &str) -> Reply {
        loop {
            let look = self.one(batch).is(200);
            if !["Queued", "InProgress"].contains(&look.element("state")) {
                return look;
            }
        }
    }

    /// The files of a query that works.
    pub(in crate::local_org::tests) fn one_files(&self, soql: &str) -> Vec<Reply> {
        let batch = self.one_query(soql);
        assert_eq!(self.one_wait(&batch).element("state"), "Completed");
        let results = self
            .one(&format!("{batch}/result"))
            .is(200)
            .elements("result");
        results
            .iter()
            .map(|result| self.one(&format!("{batch}/result/{result}")).is(200))
            .collect()
    }

    /// 2.0.
    pub(in crate::local_org::tests) fn two(&self, path: &str, options: &[&str]) -> Reply {
        self.curl(&format!("/services/data/v64.0/jobs/query{path}"), options)
    }

    pub(in crate::local_org::tests) fn two_create(&self, soql: &str) -> Reply {
        self.two_create_with(serde_json::json!({ "operation": "query", "query": soql }))
    }

    fn two_create_with(&self, body: serde_json::Value) -> Reply {
        let path = "/services/data/v64.0/jobs/query";
        self.post(path, "application/json", &body.to_string(), &[])
    }

    fn two_wait(&self, id: &str) -> serde_json::Value {
        loop {
            let info = self.two(&format!("/{id}"), &[]).is(200).json();
            if info["state"] != "UploadComplete" && info["state"] != "InProgress" {
                return info;
            }
        }
    }

    /// The ID of a job that is complete.
    pub(in crate::local_org::tests) fn two_query(&self, soql: &str) -> String {
        let id = self.two_create(soql).is(200).json()["id"]
            .as_str()
            .expect("an ID")
            .to_owned();
        assert_eq!(self.two_wait(&id)["state"], "JobComplete");
        id
    }
}

/// The rows of a CSV text, read by Python's csv module.
fn python_reads(csv: &[u8], delimiter: &str) -> Vec<Vec<String>> {
    use std::io::Write;
    const READ: &str = "import csv,io,json,sys\n\
        text=io.TextIOWrapper(sys.stdin.buffer,encoding='utf-8',newline='')\n\
        json.dump(list(csv.reader(text,delimiter=sys.argv[1],strict=True)),sys.stdout)";
    let mut child = Command::new("python3")
        .args(["-c", READ, delimiter])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    child
        .stdin
        .take()
        .expect("piped")
        .write_all(csv)
        .expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).expect("JSON")
}
