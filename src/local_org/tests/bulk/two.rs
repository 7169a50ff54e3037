use super::*;

const CONTACTS: &str = "SELECT Id, FirstName, Account.Name FROM Contact";

#[test]
fn curl_gets_a_result_by_locators() {
    let org = org();
    let caller = Caller::new(&org);
    let created = caller.two_create(CONTACTS).is(200).json();
    assert_eq!(created["state"], "UploadComplete");
    assert_eq!(created["apiVersion"].to_string(), "64.0");
    assert!(
        created["createdDate"]
            .as_str()
            .expect("a text")
            .ends_with(".000+0000")
    );
    let id = created["id"].as_str().expect("an ID");
    assert_eq!(caller.two_wait(id)["numberRecordsProcessed"], 25);

    let mut locator = String::new();
    let mut counts = Vec::new();
    let mut rows = Vec::new();
    while locator != "null" {
        let page = caller
            .two(&format!("/{id}/results?maxRecords=10{locator}"), &[])
            .is(200);
        let (header, lines) = page.text().split_once('\n').expect("a header row");
        assert_eq!(header, "\"Id\",\"FirstName\",\"Account.Name\"");
        rows.extend(lines.lines().map(str::to_owned));
        counts.push(
            page.header("Sforce-NumberOfRecords")
                .expect("it")
                .to_owned(),
        );
        locator = match page.header("Sforce-Locator").expect("it is there") {
            "null" => "null".to_owned(),
            other => format!("&locator={other}"),
        };
    }
    assert_eq!(counts, ["10", "10", "5"]);
    assert_eq!(rows.len(), 25);
    assert_eq!(
        rows[0],
        "\"00336000009BusFAAS\",\"Rose\",\"Edge Communications\""
    );
    org.journal().check().expect("all rules were kept");
    assert_eq!(
        org.journal().calls(),
        [
            "bulk2.create",
            "bulk2.info",
            "bulk2.info",
            "bulk2.info",
            "bulk2.results",
            "bulk2.results",
            "bulk2.results",
        ]
    );
}
