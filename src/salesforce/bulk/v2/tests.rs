use super::*;

const JOB: &str = r#"{"id":"750R0000000zlh9IAA","operation":"query","object":"Account",
    "createdDate":"2018-12-10T17:50:19.000+0000","state":"JobComplete","concurrencyMode":"Parallel",
    "contentType":"CSV","apiVersion":46.0,"jobType":"V2Query","lineEnding":"LF",
    "columnDelimiter":"PIPE","numberRecordsProcessed":500,"retries":0,"totalProcessingTime":334}"#;

#[test]
fn a_job_is_read_as_the_guide_shows_it() {
    let job = Job::read(JOB.as_bytes()).unwrap();
    assert_eq!(
        job,
        JobInfo {
            id: Id::parse("750R0000000zlh9IAA").unwrap(),
            state: JobState::Complete,
            state_name: "JobComplete".to_owned(),
            message: None,
            rows: Some(500),
            version: Some("46.0".to_owned()),
            delimiter: Delimiter::Pipe,
        }
    );
}

#[test]
fn states_that_are_not_known_run_on() {
    for (name, state) in [
        ("UploadComplete", JobState::Running),
        ("InProgress", JobState::Running),
        ("Sleeping", JobState::Running),
        ("JobComplete", JobState::Complete),
        ("Failed", JobState::Ended),
        ("Aborted", JobState::Ended),
    ] {
        let job = JOB.replace("JobComplete", name);
        assert_eq!(Job::read(job.as_bytes()).unwrap().state, state, "{name}");
    }
    // As it comes just after it was made.
    let fresh = br#"{"id":"750R0000000zlh9IAA","state":"UploadComplete"}"#;
    assert_eq!(Job::read(fresh).unwrap().rows, None);
}

#[test]
fn a_job_that_is_cut_or_has_no_valid_id_is_an_error() {
    for end in 0..JOB.len() {
        assert!(Job::read(&JOB.as_bytes()[..end]).is_err(), "cut at {end}");
    }
    let bad = JOB.replace("750R0000000zlh9IAA", "750R/../..");
    let missing = Err(AnswerError::Missing("valid ID"));
    assert_eq!(Job::read(bad.as_bytes()), missing);
}

#[test]
fn pages_name_the_next_list_in_both_spellings() {
    for name in ["nextRecordsUrl", "nextRecordUrl"] {
        let text = format!(
            r#"{{"resultPages":[{{"resultUrl":"/a?locator=1"}},{{"resultUrl":"/a?locator=2"}}],"{name}":"/b","done":false}}"#
        );
        let pages: ResultPages = json(text.as_bytes()).unwrap();
        assert_eq!(pages.next_records_url.as_deref(), Some("/b"));
        assert_eq!(pages.pages[1].result_url, "/a?locator=2");
    }
    let last: ResultPages = json(br#"{"resultPages":[],"done":true}"#).unwrap();
    assert_eq!((last.pages.len(), last.next_records_url), (0, None));
}

#[test]
fn delimiters_are_named_as_salesforce_names_them() {
    for (delimiter, name, byte) in [
        (Delimiter::Comma, "COMMA", b','),
        (Delimiter::Tab, "TAB", b'\t'),
        (Delimiter::Pipe, "PIPE", b'|'),
        (Delimiter::Semicolon, "SEMICOLON", b';'),
        (Delimiter::Caret, "CARET", b'^'),
        (Delimiter::Backquote, "BACKQUOTE", b'`'),
    ] {
        assert_eq!(serde_json::json!(delimiter), name);
        assert_eq!(Delimiter::parse(name), Some(delimiter));
        assert_eq!(delimiter.byte(), byte);
    }
    assert_eq!(
        serde_json::json!([LineEnding::Lf, LineEnding::Crlf]),
        serde_json::json!(["LF", "CRLF"])
    );
    assert_eq!(Delimiter::parse("COLON"), None);
}
