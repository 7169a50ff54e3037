//! What a long run would have the org keep: plans, locators, the journal.

use super::super::*;
use super::client::{Client, GET_USER_INFO, envelope, post, status};
use super::org_of;

#[test]
fn what_is_over_is_forgotten() {
    let org = org_of(2500);
    let mut client = Client::new(&org);
    let fault = Mishap::Fault("SERVER_UNAVAILABLE", "busy");
    org.plan(Call::GetUserInfo, When::Nth(2), fault.clone());
    org.plan(Call::GetUserInfo, When::From(9), fault);
    let session = org.session(0, "localhost");
    let get_user_info = post(&envelope(&session, GET_USER_INFO));
    for _ in 0..2 {
        client.exchange(&get_user_info);
    }
    assert_eq!(org.state.plans().len(), 1);

    let query = "<p:query><p:queryString>SELECT Id FROM Contact</p:queryString></p:query>";
    let (page, _) = client.exchange(&post(&envelope(&session, query)));
    let after = page.split("<queryLocator>").nth(1).expect("a locator");
    let locator = after.split('<').next().unwrap_or_default();
    let more = format!("<p:queryMore><p:queryLocator>{locator}</p:queryLocator></p:queryMore>");
    let more = post(&envelope(&session, &more));
    assert_eq!(status(&client.exchange(&more).0), "200");
    org.end_queries();
    assert_eq!(status(&client.exchange(&more).0), "500");

    let calls = [
        "getUserInfo",
        "getUserInfo",
        "query",
        "queryMore",
        "queryMore",
    ];
    assert_eq!(org.take_journal().calls(), calls);
    assert!(org.journal().entries.is_empty());
}
