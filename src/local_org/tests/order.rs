//! ORDER BY, semi-joins and comments, over all three APIs.

use super::super::*;
use super::bulk::Caller;
use super::org_of;
use super::records::{between, call, query};

/// Texts of one element over all pages of a query.
fn column(org: &Org, text: &str, element: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut answer = query(org, text);
    loop {
        for record in answer.split("<records ").skip(1) {
            let value = record.split(&format!("<sf:{element}>")).nth(1);
            all.push(value.map_or_else(String::new, |value| {
                value.split('<').next().unwrap_or_default().to_owned()
            }));
        }
        if answer.contains("<done>true</done>") {
            return all;
        }
        let locator = between(&answer, "<queryLocator>", "</queryLocator>").to_owned();
        answer = call(org, "queryMore", "queryLocator", &locator);
    }
}

/// The rows of bulk CSV without header and quotes.
fn lines(csv: &str) -> Vec<String> {
    let rows = csv.lines().skip(1);
    rows.map(|line| line.trim_matches('"').to_owned()).collect()
}

/// Empty texts stand for nil, which no field of these has beside.
fn sorted(mut values: Vec<String>, nulls_last: bool, descending: bool) -> Vec<String> {
    values.sort_by(|one, two| {
        let order = one.to_lowercase().cmp(&two.to_lowercase());
        let order = if descending { order.reverse() } else { order };
        match (one.is_empty(), two.is_empty()) {
            (false, false) => order,
            (one, two) if nulls_last => one.cmp(&two),
            (one, two) => two.cmp(&one),
        }
    });
    values
}

#[test]
fn rows_come_in_the_order_that_was_asked_for_whatever_the_api() {
    let org = org_of(450);
    let caller = Caller::new(&org);
    let usual = column(&org, "SELECT MobilePhone FROM Contact", "MobilePhone");
    assert_eq!(usual.len(), 450);
    for (order, nulls_last, descending) in [
        ("MobilePhone", false, false),
        ("MobilePhone DESC", false, true),
        ("MobilePhone asc nulls last", true, false),
        ("MobilePhone DESC NULLS LAST, Id", true, true),
        ("MobilePhone DESC NULLS FIRST", false, true),
    ] {
        let soql = format!("SELECT MobilePhone FROM Contact ORDER BY {order}");
        let expected = sorted(usual.clone(), nulls_last, descending);
        assert_eq!(column(&org, &soql, "MobilePhone"), expected, "{order}");
        let files = caller.one_files(&soql);
        assert_eq!(lines(files[0].text()), expected, "{order}");
        let job = caller.two_query(&soql);
        let pages: Vec<String> = {
            let mut pages = Vec::new();
            let mut next = "?maxRecords=200".to_owned();
            loop {
                let page = caller.two(&format!("/{job}/results{next}"), &[]).is(200);
                pages.extend(lines(page.text()));
                match page.header("Sforce-Locator") {
                    Some(locator) if locator != "null" => {
                        next = format!("?maxRecords=200&locator={locator}");
                    }
                    _ => break pages,
                }
            }
        };
        assert_eq!(pages, expected, "{order}");
    }
    // The limit takes the first of the order, the filter comes before it.
    let soql = "SELECT LastName FROM Contact WHERE LastName LIKE 'Contact 1%' ORDER BY LastName DESC LIMIT 3";
    let last = ["Contact 199", "Contact 198", "Contact 197"];
    assert_eq!(column(&org, soql, "LastName"), last);
    assert_eq!(lines(caller.one_files(soql)[0].text()), last);
}

#[test]
fn numbers_parents_children_and_groups_have_an_order_too() {
    let org = org_of(60);
    let scores = column(
        &org,
        "SELECT Score__c FROM Contact WHERE Score__c != NULL ORDER BY Score__c DESC",
        "Score__c",
    );
    let mut numbers: Vec<f64> = scores
        .iter()
        .map(|s| s.parse().expect("a number"))
        .collect();
    let found = numbers.clone();
    numbers.sort_by(|one, two| two.total_cmp(one));
    assert_eq!(found, numbers);
    assert!(found.len() > 40 && found[0] > 50.0);

    let accounts = column(
        &org,
        "SELECT Account.Name FROM Contact ORDER BY Account.Name, LastName LIMIT 4",
        "Name",
    );
    assert_eq!(accounts[0], "", "contact 27 has none");
    assert_eq!(accounts[1..], sorted(accounts[1..].to_vec(), false, false));

    let answer = query(
        &org,
        "SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName DESC) FROM Account LIMIT 1",
    );
    let first = between(&answer, "<sf:LastName>", "<");
    let children = between(&answer, "<sf:Contacts ", "</sf:Contacts>");
    let mut names: Vec<&str> = children
        .split("<sf:LastName>")
        .skip(1)
        .map(|name| name.split('<').next().unwrap_or_default())
        .collect();
    assert_eq!(names[0], first);
    names.reverse();
    assert!(names.len() > 1 && names.is_sorted(), "{names:?}");

    let groups =
        "SELECT LeadSource, COUNT(Id) FROM Contact GROUP BY LeadSource ORDER BY LeadSource DESC";
    let answer = query(&org, groups);
    let at = |name: &str| answer.find(name).unwrap_or_else(|| panic!("{name}"));
    assert!(at("Web") < at("Phone Inquiry"));
    assert!(at("Phone Inquiry") < at("Partner Referral"));
    let wrong = query(
        &org,
        "SELECT LeadSource, COUNT(Id) FROM Contact GROUP BY LeadSource ORDER BY LastName",
    );
    assert!(wrong.contains("Ordered field must be grouped or aggregated: LastName"));
}

#[test]
fn too_many_rows_are_refused_and_not_left_unsorted() {
    let org = org_of(100_001);
    let caller = Caller::new(&org);
    let soql = "SELECT Id FROM Contact ORDER BY LastName";
    assert!(query(&org, soql).contains("<sf:exceptionCode>OPERATION_TOO_LARGE<"));
    let refused = caller.two_create(soql).is(400);
    assert_eq!(refused.json()[0]["errorCode"], "OPERATION_TOO_LARGE");
    let batch = caller.one_wait(&caller.one_query(soql));
    assert!(
        batch
            .element("stateMessage")
            .contains(": OPERATION_TOO_LARGE: ")
    );
    // The newest come first by themselves, and a filter leaves few.
    let newest = "SELECT LastName FROM Contact ORDER BY CreatedDate DESC LIMIT 2";
    assert_eq!(column(&org, newest, "LastName"), ["Gonzalez", "Forbes"]);
    let few = "SELECT LastName FROM Contact WHERE LastName LIKE 'Contact 9999%' ORDER BY LastName LIMIT 2";
    assert_eq!(
        column(&org, few, "LastName"),
        ["Contact 9999", "Contact 99990"]
    );
}

#[test]
fn a_semi_join_takes_the_values_of_another_query() {
    let org = org_of(60);
    let contacts = |condition: &str| {
        let soql = format!("SELECT LastName FROM Contact WHERE {condition}");
        column(&org, &soql, "LastName")
    };
    let of_two = contacts("AccountId IN (SELECT Id FROM Account WHERE Name LIKE '%bur%')");
    assert_eq!(of_two, contacts("Account.Name LIKE '%bur%'"));
    assert!(!of_two.is_empty() && of_two.len() < 60);
    let others = contacts("AccountId NOT IN (SELECT Id FROM Account WHERE Name LIKE '%bur%')");
    assert_eq!(of_two.len() + others.len(), 60);
    let caller = Caller::new(&org);
    let soql = "SELECT LastName FROM Contact WHERE AccountId IN (SELECT Id FROM Account WHERE Name LIKE '%bur%')";
    assert_eq!(lines(caller.one_files(soql)[0].text()), of_two);
    for wrong in [
        "AccountId IN (SELECT Id, Name FROM Account)",
        "AccountId IN (SELECT COUNT(Id) FROM Account)",
        "AccountId IN (SELECT Id FROM Account LIMIT 1)",
    ] {
        let answer = query(&org, &format!("SELECT Id FROM Contact WHERE {wrong}"));
        assert!(answer.contains("A semi join has one field"), "{wrong}");
    }
}

#[test]
fn comments_are_no_part_of_a_query() {
    let org = org_of(20);
    let caller = Caller::new(&org);
    let soql = "/* all\nof it */ SELECT LastName, -- one\n Id// two FROM Lead\nFROM/**/Contact WHERE LastName != '-- /* no // comment' LIMIT 2 // end";
    assert_eq!(column(&org, soql, "LastName"), ["Gonzalez", "Forbes"]);
    let one = caller.one_files(soql);
    assert!(
        one[0]
            .text()
            .starts_with("\"LastName\",\"Id\"\n\"Gonzalez\"")
    );
    caller.two_query(soql);
}
