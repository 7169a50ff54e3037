use super::*;

const CONTACTS: &str = "SELECT Id, Name, Email, Description FROM Contact";

/// The first column of a CSV text, without its header.
fn ids(csv: &[u8]) -> Vec<String> {
    let rows = python_reads(csv, ",");
    rows.iter().skip(1).map(|row| row[0].clone()).collect()
}

#[test]
fn a_result_of_any_size_has_different_ids_and_the_right_count() {
    let org = org();
    org.switch(|switches| {
        switches.bulk.result_bytes = Some(2_000_000);
        switches.bulk.files = 3;
    });
    let caller = Caller::new(&org);
    let batch = caller.one_query(CONTACTS);
    let look = caller.one_wait(&batch);
    let told: usize = look
        .element("numberRecordsProcessed")
        .parse()
        .expect("a number");
    let mut all = Vec::new();
    let mut bytes = 0;
    for result in caller.one(&format!("{batch}/result")).elements("result") {
        let file = caller.one(&format!("{batch}/result/{result}")).is(200);
        assert_eq!(
            file.header("Content-Length"),
            Some(file.body.len().to_string().as_str())
        );
        bytes += file.body.len();
        all.extend(ids(&file.body));
    }
    assert!((2_000_000..2_001_000).contains(&bytes), "{bytes}");
    assert_eq!(all.len(), told);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), told);
    assert!(all.iter().all(|id| id.starts_with("003") && id.len() == 18));
}

#[test]
fn repeated_ids_make_the_same_rows_plain_and_packed() {
    let org = org();
    org.switch(|switches| {
        switches.bulk.result_bytes = Some(1_500_000);
        switches.bulk.repeated_ids = true;
        switches.bulk.page_rows = 1_000_000;
    });
    let caller = Caller::new(&org);
    let id = caller.two_query(CONTACTS);
    let path = format!("/{id}/results");
    let plain = caller.two(&path, &[]).is(200);
    let packed = caller.two(&path, &["--compressed"]).is(200);
    assert_eq!(packed.header("Content-Encoding"), Some("gzip"));
    assert!(packed.body == plain.body);
    let raw = caller.two(&path, &["-H", "Accept-Encoding: gzip"]).is(200);
    assert!(raw.body.len() * 2 < plain.body.len());
    assert_eq!(
        raw.header("Content-Length"),
        Some(raw.body.len().to_string().as_str())
    );
    let mut check = flate2::read::GzDecoder::new(&*raw.body);
    let mut text = Vec::new();
    io::Read::read_to_end(&mut check, &mut text).expect("gzip with a right check");
    assert!(text == plain.body);
}

/// Pages cut the same rows anywhere.
#[test]
fn pages_of_repeated_rows_join_without_a_seam() {
    let org = org();
    org.switch(|switches| switches.bulk.result_bytes = Some(600_000));
    let caller = Caller::new(&org);
    let id = caller.two_query(CONTACTS);
    let whole = caller.two(&format!("/{id}/results"), &[]).is(200).body;
    let mut joined = Vec::new();
    let mut path = format!("/{id}/results?maxRecords=1777");
    loop {
        let page = caller.two(&path, &[]).is(200);
        let skip = if joined.is_empty() {
            0
        } else {
            page.text().find('\n').expect("a header row") + 1
        };
        joined.extend_from_slice(&page.body[skip..]);
        match page.header("Sforce-Locator") {
            Some("null") => break,
            locator => {
                let locator = locator.expect("it is there");
                path = format!("/{id}/results?maxRecords=1777&locator={locator}");
            }
        }
    }
    assert!(joined == whole);
}
