//! Queries that cannot be meant as they were given: told before anything is asked.

use std::path::Path;

use super::input;
use crate::error::UsageError;
use crate::explain::Hint;
use crate::salesforce::soql::{self, Star};
use crate::text::shell;

/// How to give a query.
pub(super) const HOW_TO_GIVE: &str =
    "give it in quotes, \"SELECT Id, Name FROM Account\", or in a file, -f FILE";

/// Refuses a file's name, also behind curl's `@`, or a job's ID in the place of a query.
///
/// # Errors
/// With the option that takes it.
pub(super) fn check_typed(text: &str) -> Result<(), UsageError> {
    let text = text.trim();
    let name = text.strip_prefix('@').unwrap_or(text);
    let file = Path::new(name);
    let is_word = !name.contains(char::is_whitespace);
    if file.is_file() || (is_word && name.ends_with(".soql")) {
        return Err(
            UsageError::new(format!("{name} is the name of a file, not a query"))
                .hint(format!("have the file read: -f {}", shell::file(file))),
        );
    }
    // Of the 15 characters the last three may be checked by three more.
    let is_id = name.starts_with("750") && matches!(name.len(), 15 | 18);
    if is_id && name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(
            UsageError::new(format!("{name} is the ID of a job, not a query")).hint(Hint::command(
                "go on with the job",
                format!("sfmtls bulk-query --job-id {name}"),
            )),
        );
    }
    Ok(())
}

/// Refuses a certificate or a key in the place of a query: it would be sent.
///
/// # Errors
/// With the options that take it.
pub(super) fn check_no_pem(text: &str, file: Option<&Path>) -> Result<(), UsageError> {
    if !input::is_pem(text) {
        return Ok(());
    }
    let named = file.filter(|file| *file != Path::new("-"));
    let name = named.map_or("the query".to_owned(), |file| file.display().to_string());
    let option = named.map_or("-E FILE".to_owned(), |file| {
        format!("-E {}", shell::file(file))
    });
    Err(UsageError::new(format!(
        "{name} is PEM, a certificate or a key, and not SOQL"
    ))
    .hint(format!(
        "nothing was sent: the client certificate is given with {option}"
    )))
}

/// Refuses an empty query, and SQL's `*`, for which Salesforce has words that lead nowhere.
///
/// # Errors
/// With what SOQL has in its place.
pub(super) fn check(soql: &str) -> Result<(), UsageError> {
    if soql.is_empty() {
        return Err(UsageError::new("the query is empty").hint(HOW_TO_GIVE));
    }
    let instead = match soql::star(soql) {
        None => return Ok(()),
        Some(Star::Count) => "rows are counted by COUNT()",
        Some(Star::Fields) => {
            "name the fields, or write FIELDS(STANDARD); FIELDS(ALL) is for sfmtls query, with LIMIT 200"
        }
    };
    Err(UsageError::new("SOQL has no *").hint(instead))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(checked: Result<(), UsageError>) -> String {
        checked
            .err()
            .and_then(|it| Some(it.hint?.to_string()))
            .unwrap_or_default()
    }

    #[test]
    fn what_is_no_query_is_sent_to_its_option() {
        for (typed, option) in [
            ("contacts.soql", "-f contacts.soql"),
            ("@contacts.soql", "-f contacts.soql"),
            ("Cargo.toml", "-f Cargo.toml"),
            ("750R0000000zlh9", "--job-id 750R0000000zlh9"),
            ("750R0000000zlh9IAA", "--job-id 750R0000000zlh9IAA"),
            ("x", ""),
            ("SELECT Id FROM Contact WHERE Name = 'a.soql", ""),
            ("750 R000000zlh9", ""),
        ] {
            let hint = hint(check_typed(typed));
            assert!(hint.ends_with(option), "{typed}: {hint}");
            assert_eq!(hint.is_empty(), option.is_empty(), "{typed}: {hint}");
        }
    }

    #[test]
    fn habits_of_sql_lead_to_what_soql_has() {
        for (soql, words) in [
            ("", "in quotes"),
            ("SELECT * FROM Contact", "FIELDS(STANDARD)"),
            ("SELECT c.* FROM Contact c", "FIELDS(STANDARD)"),
            ("select count(*) from Contact", "COUNT()"),
        ] {
            let hint = hint(check(soql));
            assert!(hint.contains(words), "{soql}: {hint}");
        }
    }
}
