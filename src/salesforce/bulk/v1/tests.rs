use super::*;
use crate::salesforce::endpoint::{ApiBase, ServerUrl};

const JOB: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><jobInfo\n   xmlns=\"http://www.force.com/2009/06/asyncapi/dataload\">\n \
    <id>750000000000001AAA</id><operation>query</operation><object>Account</object>\
    <createdDate>2016-01-10T00:53:19.000Z</createdDate><state>Open</state>\
    <contentType>CSV</contentType><numberBatchesQueued>0</numberBatchesQueued>\
    <numberBatchesTotal>3</numberBatchesTotal><numberRecordsProcessed>12</numberRecordsProcessed>\
    <x:state xmlns:x=\"urn:other\">Gone</x:state><added><id>no</id></added></jobInfo>";

const BATCHES: &str = "<a:batchInfoList xmlns:a=\"http://www.force.com/2009/06/asyncapi/dataload\">\
    <a:batchInfo><a:id>751000000000001AAA</a:id><a:jobId>750000000000001AAA</a:jobId>\
    <a:state>NOT_PROCESSED</a:state><a:numberRecordsProcessed>0</a:numberRecordsProcessed></a:batchInfo>\
    <a:batchInfo><a:id>751000000000002AAA</a:id><a:state>Failed</a:state>\
    <a:stateMessage>InvalidBatch : Failed to process query: MALFORMED_QUERY: &lt;x&gt;</a:stateMessage>\
    <a:numberRecordsProcessed>7</a:numberRecordsProcessed></a:batchInfo></a:batchInfoList>";

const RESULTS: &str = "<result-list xmlns=\"http://www.force.com/2009/06/asyncapi/dataload\">\
    <result>752000000000001</result><result>752000000000002AAA</result></result-list>";

fn read<T>(
    answer: &str,
    read: impl FnOnce(&mut Reader<'_>) -> Result<T, AnswerError>,
) -> Result<T, AnswerError> {
    let mut xml = Reader::new(answer);
    let value = read(&mut xml)?;
    xml.finish()?;
    Ok(value)
}

fn id(text: &str) -> Id {
    Id::parse(text).unwrap()
}

#[test]
fn a_job_is_read_by_namespace_and_what_is_unknown_is_skipped() {
    let job = JobInfo {
        id: id("750000000000001AAA"),
        state: "Open".to_owned(),
        batches: 3,
    };
    assert_eq!(read(JOB, answer::job_info), Ok(job));
    let other = JOB.replace("2009/06", "2010/06");
    let missing = Err(AnswerError::Missing("jobInfo"));
    assert_eq!(read(&other, answer::job_info), missing);
}

#[test]
fn batches_are_read_with_their_reasons() {
    let batches = read(BATCHES, answer::batch_list).unwrap();
    assert_eq!(batches.len(), 2);
    assert_eq!(batches[0].state, BatchState::NotProcessed);
    assert_eq!((batches[0].rows, batches[1].rows), (0, 7));
    let error = failure(&id("750000000000001"), &batches).unwrap();
    assert_eq!(
        error.to_string(),
        "batch 751000000000002AAA of job 750000000000001 failed: \
         InvalidBatch : Failed to process query: MALFORMED_QUERY: <x>"
    );
    assert!(failure(&id("750000000000001"), &batches[..1]).is_none());
}

#[test]
fn states_are_known_in_every_spelling() {
    for (spelling, state) in [
        ("Not Processed", BatchState::NotProcessed),
        ("NOT_PROCESSED", BatchState::NotProcessed),
        ("NotProcessed", BatchState::NotProcessed),
        ("In Progress", BatchState::InProgress),
        (" Completed\n", BatchState::Completed),
        ("QUEUED", BatchState::Queued),
        ("failed", BatchState::Failed),
        ("Paused", BatchState::Other("Paused".to_owned())),
    ] {
        let text = BATCHES.replace("NOT_PROCESSED", spelling);
        let batches = read(&text, answer::batch_list).unwrap();
        assert_eq!(batches[0].state, state, "{spelling}");
        let runs = ["Other", "InProgress", "Queued"]
            .iter()
            .any(|s| format!("{state:?}").starts_with(s));
        assert_eq!(state.is_final(), !runs, "{spelling}");
    }
}

#[test]
fn results_are_ids_and_nothing_else() {
    let ids = [id("752000000000001"), id("752000000000002AAA")];
    assert_eq!(read(RESULTS, answer::result_list), Ok(ids.to_vec()));
    let bad = RESULTS.replace("752000000000001", "../../../data");
    let missing = Err(AnswerError::Missing("valid ID"));
    assert_eq!(read(&bad, answer::result_list), missing);
}

#[test]
fn an_answer_cut_anywhere_is_an_error() {
    for end in 0..JOB.len() {
        assert!(read(&JOB[..end], answer::job_info).is_err(), "job, {end}");
    }
    for end in 0..BATCHES.len() {
        assert!(
            read(&BATCHES[..end], answer::batch_list).is_err(),
            "batches, {end}"
        );
    }
    for end in 0..RESULTS.len() {
        assert!(
            read(&RESULTS[..end], answer::result_list).is_err(),
            "results, {end}"
        );
    }
}

#[test]
fn requests_carry_the_session_and_go_to_the_mutual_port() {
    let server =
        ServerUrl::parse("https://acme.my.test/services/Soap/u/64.0/00D000000000001").unwrap();
    let base = ApiBase::new(&server, 8443, "66.0".parse().unwrap());
    let session = Secret::new("00D!secret");
    let target = base.bulk("job/750000000000001/batch/751000000000001/result/752000000000001");
    let request = get(target.unwrap(), &session);
    assert_eq!(
        request.target.url().to_string(),
        "https://acme.my.test:8443/services/async/66.0/job/750000000000001/batch/751000000000001/result/752000000000001"
    );
    assert_eq!(request.headers[0].0, "X-SFDC-Session");
    assert_eq!(request.headers[0].1.expose(), "00D!secret");
    assert!(!format!("{request:?}").contains("secret"));
}

#[test]
fn the_chunking_header_says_what_was_asked_for() {
    let header = |size, parent: Option<&str>| {
        let parent = parent.map(str::to_owned);
        Chunking { size, parent }.header()
    };
    assert_eq!(header(None, None), "true");
    assert_eq!(header(Some(250_000), None), "chunkSize=250000");
    assert_eq!(header(Some(1), Some("Case")), "chunkSize=1; parent=Case");
    assert_eq!(header(None, Some("Case")), "parent=Case");
}
