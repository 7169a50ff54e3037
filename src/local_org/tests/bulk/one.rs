use super::*;

const CONTACTS: &str = "SELECT Id, FirstName, Account.Name FROM Contact";

#[test]
fn curl_runs_the_walkthroughs_bulk_query() {
    let org = org();
    let caller = Caller::new(&org);
    let created = caller.one_post("", JOB, &[]).is(201);
    assert_eq!(created.element("state"), "Open");
    assert_eq!(created.element("apiVersion"), "64.0");
    let job = created.element("id");
    assert!(job.starts_with("750") && job.len() == 18);
    let added = caller.add_batch(job, CONTACTS).is(201);
    assert_eq!(added.element("state"), "Queued");
    let batch = added.element("id");
    let closed = caller.one_post(&format!("/{job}"), CLOSE, &[]).is(200);
    assert_eq!(closed.element("state"), "Closed");

    let batch = format!("/{job}/batch/{batch}");
    let states: Vec<String> = (0..4)
        .map(|_| caller.one(&batch).is(200).element("state").to_owned())
        .collect();
    assert_eq!(states, ["Queued", "InProgress", "Completed", "Completed"]);
    assert_eq!(caller.one(&batch).element("numberRecordsProcessed"), "25");
    let info = caller.one(&format!("/{job}")).is(200);
    assert_eq!(info.element("numberBatchesCompleted"), "1");
    assert_eq!(info.element("numberRecordsProcessed"), "25");
    assert_eq!(caller.one(&format!("{batch}/request")).text(), CONTACTS);

    let results = caller
        .one(&format!("{batch}/result"))
        .is(200)
        .elements("result");
    assert_eq!(results.len(), 1);
    let file = caller
        .one(&format!("{batch}/result/{}", results[0]))
        .is(200);
    assert_eq!(file.header("Content-Type"), Some("text/csv"));
    let start = "\"Id\",\"FirstName\",\"Account.Name\"\n\
                 \"00336000009BusFAAS\",\"Rose\",\"Edge Communications\"\n";
    assert!(file.text().starts_with(start), "{}", file.text());
    assert_eq!(file.text().lines().count(), 26);

    let journal = org.journal();
    journal.check().expect("all rules were kept");
    assert_eq!(
        journal.calls(),
        [
            "bulk1.create",
            "bulk1.batch",
            "bulk1.close",
            "bulk1.batchinfo",
            "bulk1.batchinfo",
            "bulk1.batchinfo",
            "bulk1.batchinfo",
            "bulk1.batchinfo",
            "bulk1.job",
            "bulk1.request",
            "bulk1.results",
            "bulk1.result",
        ]
    );
    assert!(
        journal
            .entries
            .iter()
            .all(|entry| entry.session == SessionSeen::Known)
    );
}
