//! Faults about a query: what to change in it, whichever API refuses it and in whichever form.
//!
//! `query` is answered with a fault, Bulk API 2.0 too, Bulk API 1.0 with a batch that fails for the
//! same reason in its text. Codes are from the SOAP API guide; what the Bulk APIs do not take from their
//! guides ("SOQL considerations"); the messages are documented as texts only, and vary ("Retried more
//! than fifteen times", in newer guides thirty).

use std::borrow::Cow;

use crate::salesforce::fault::Fault;
use crate::terminal::{clean_line, width};

/// How the query was asked for, which decides what else can be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way<'a> {
    /// `sfmtls query`.
    Query,
    /// `sfmtls bulk-query`.
    Bulk {
        /// The options that have the query split.
        chunking: &'a str,
    },
}

impl Way<'_> {
    /// By the URL of the call.
    pub(super) fn of(url: &str) -> Self {
        if url.contains("/services/async/") {
            Self::Bulk {
                chunking: "--pk-chunking",
            }
        } else if url.contains("/services/data/") {
            Self::SPLIT_BY_ONE
        } else {
            Self::Query
        }
    }

    /// Bulk API 2.0 splits queries by itself; where that did not do, 1.0 can be told how.
    pub(super) const SPLIT_BY_ONE: Self = Self::Bulk {
        chunking: "--bulk-api 1 --pk-chunking",
    };
}

/// What to do about a query that was refused; `None` where the fault is not about the query.
pub(super) fn advice(fault: &Fault, way: Way<'_>) -> Option<String> {
    let of_bulk = match way {
        Way::Query => None,
        Way::Bulk { chunking } => bulk_advice(fault, chunking),
    };
    let says = |part| fault.message.to_ascii_lowercase().contains(part);
    let advice = match fault.code.as_str() {
        _ if of_bulk.is_some() => return of_bulk,
        _ if says("duplicate field selected") => {
            "the SELECT list has a field twice: leave one of the two out"
        }
        "UNSUPPORTED_API_VERSION" if says("soql fields function") => {
            "FIELDS() is understood since version 51.0: --api-version 64.0"
        }
        _ if says("soql fields function") => {
            "FIELDS(ALL) and FIELDS(CUSTOM) need a LIMIT of 200 at most; else name the fields"
        }
        "INVALID_FIELD" | "INVALID_TYPE" => {
            "the name is wrong, or this user may not see it: check its spelling, then the user's permissions"
        }
        "MALFORMED_QUERY" if fault.message.trim_end().ends_with("';'") => {
            "SOQL takes no semicolon: leave it out"
        }
        "MALFORMED_QUERY" if fault.place().is_none() => "check the query's syntax",
        "MALFORMED_QUERY" => "the caret shows where Salesforce stopped reading the query",
        "INVALID_QUERY_LOCATOR" | "INVALID_LOCATOR" => {
            "the cursor is gone (it lives two days): start the query anew"
        }
        "QUERY_TIMEOUT" | "QUERY_TOO_COMPLICATED" | "OPERATION_TOO_LARGE" => {
            "narrow the query with a WHERE clause on an indexed field"
        }
        _ => return None,
    };
    Some(advice.to_owned())
}

/// Columns of a query's line that are shown, so that with what stands before them a terminal of 80 does
/// not wrap: the caret below would be anywhere.
const SHOWN: usize = 66;

/// The line of the query at fault with the caret below the place; of a long one what is around it.
pub(super) fn excerpt(fault: &Fault) -> Option<Cow<'_, str>> {
    let place = fault.place()?;
    let (query, caret) = place.rsplit_once('\n')?;
    let line = query.lines().next_back().unwrap_or_default();
    let all = line.chars().count();
    // Salesforce counts characters, a terminal columns.
    if all <= SHOWN && width(&clean_line(line)) == all {
        return Some(Cow::Borrowed(place));
    }
    let at = caret.chars().count().saturating_sub(1).min(all);
    // More of what was read before than of what comes.
    let first = at
        .saturating_sub(SHOWN * 2 / 3)
        .min(all.saturating_sub(SHOWN));
    let (before, after) = match first {
        0 => ("", line),
        first => ("…", skipped(line, first)),
    };
    let rest = skipped(after, SHOWN);
    let shown = &after[..after.len() - rest.len()];
    let to_caret = &shown[..shown.len() - skipped(shown, at - first).len()];
    let column = width(before) + width(&clean_line(to_caret));
    let end = if rest.is_empty() { "" } else { "…" };
    Some(Cow::Owned(format!("{before}{shown}{end}\n{:column$}^", "")))
}

/// The text behind so many characters.
fn skipped(text: &str, characters: usize) -> &str {
    let at = text.char_indices().nth(characters);
    at.map_or("", |(at, _)| &text[at..])
}

/// What the Bulk APIs alone do not take, or take in another way.
fn bulk_advice(fault: &Fault, chunking: &str) -> Option<String> {
    let message = fault.message.to_ascii_lowercase();
    let says = |part| message.contains(part);
    let takes_too_long = says("query_timeout")
        || says("retried more than")
        || says("failed to write query result")
        || fault.code == "QUERY_TIMEOUT";
    if takes_too_long {
        return Some(format!(
            "have Salesforce split the query by ranges of IDs: {chunking}"
        ));
    }
    let not_supported = says("not supported");
    let advice = if says("soql fields function") && fault.code != "UNSUPPORTED_API_VERSION" {
        "name the fields: bulk queries have no FIELDS(ALL); sfmtls query has, with a LIMIT of 200 at most"
    } else if says("compound data not supported") {
        "name the components instead of the compound field: BillingStreet, BillingCity"
    } else if says("aggregate relationships") {
        "child subqueries are for sfmtls query; bulk queries have none"
    } else if not_supported && (says("aggregate") || says("group by") || says("count")) {
        "aggregates and GROUP BY are for sfmtls query, which takes this text; bulk queries have none"
    } else if says("not supported in bulk") {
        "sfmtls query takes what bulk queries do not"
    } else {
        return None;
    };
    Some(advice.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(code: &str, message: &str) -> Fault {
        Fault {
            code: code.to_owned(),
            message: message.to_owned(),
            ..Fault::default()
        }
    }

    /// It used to wrap, with the caret below anything.
    #[test]
    fn the_caret_of_a_long_query_stands_below_its_place() {
        let fields: Vec<_> = (10..40).map(|at| format!("Field{at}__c")).collect();
        let query = format!(
            "SELECT {} FROM Contact WHERE Name = '日本'",
            fields.join(", ")
        );
        for word in [
            "SELECT",
            "Field10__c",
            "Field13__c",
            "Field25__c",
            "Field39__c",
            "Name",
            "'日本'",
        ] {
            let at = query.find(word).unwrap();
            let indent = " ".repeat(at);
            let message = format!("\n{query}\n{indent}^\nERROR at Row:1:Column:{}\nno", at + 1);
            let fault = fault("MALFORMED_QUERY", &message);
            let excerpt = excerpt(&fault).unwrap();
            let (line, caret) = excerpt.split_once('\n').unwrap();
            assert!(width(line) <= SHOWN + 4, "{excerpt}");
            let columns = caret.len() - 1;
            let below: String = line.chars().skip(columns).collect();
            assert!(below.starts_with(word), "{word}:\n{excerpt}");
        }
        let short = fault(
            "MALFORMED_QUERY",
            "\nSELECT Id FORM X\n          ^\nERROR at Row:1:Column:11\nno",
        );
        assert_eq!(excerpt(&short).as_deref(), short.place());
        let wide = fault(
            "MALFORMED_QUERY",
            "\nSELECT 日本 FORM X\n          ^\nERROR at Row:1:Column:11\nno",
        );
        let below = "SELECT 日本 FORM X\n            ^";
        assert_eq!(excerpt(&wide).as_deref(), Some(below));
    }

    #[test]
    fn the_same_fault_gets_the_same_advice_whatever_its_form() {
        for (code, message) in [
            ("INVALID_FIELD", "No such column 'Nme' on entity 'Contact'."),
            ("INVALID_FIELD", "duplicate field selected: Id"),
            (
                "INVALID_TYPE",
                "sObject type 'Contct' is not supported. If you are",
            ),
            ("MALFORMED_QUERY", "unexpected token: 'FORM'"),
            ("MALFORMED_QUERY", "unexpected token: ';'"),
            (
                "MALFORMED_QUERY",
                "\nSELECT Id FORM X\n          ^\nERROR at Row:1:Column:11\nunexpected token",
            ),
        ] {
            let plain = advice(&fault(code, message), Way::Query);
            assert!(plain.is_some(), "{message}");
            for before in ["InvalidBatch : Failed to process query: ", ""] {
                let of_batch = Fault::from_state_message(&format!("{before}{code}: {message}"));
                let way = Way::Bulk {
                    chunking: "--pk-chunking",
                };
                assert_eq!(advice(&of_batch, way), plain, "{before}{message}");
            }
            assert_eq!(advice(&fault(code, message), Way::SPLIT_BY_ONE), plain);
        }
    }

    #[test]
    fn what_bulk_queries_do_not_take_is_for_the_other_command() {
        for message in [
            "Aggregate functions and GROUP BY not supported in Bulk Query",
            "COUNT() not supported in Bulk V2 Query",
            "Group By not supported in Bulk Query",
            "Aggregate Relationships not supported in Bulk V2 Query with CSV content type",
            "The SOQL FIELDS function is not supported with an unbounded set of fields in this API.",
            "TYPEOF not supported in Bulk Query",
        ] {
            let advice = advice(
                &fault("FUNCTIONALITY_NOT_ENABLED", message),
                Way::SPLIT_BY_ONE,
            );
            assert!(
                advice.as_ref().is_some_and(|a| a.contains("sfmtls query")),
                "{message}: {advice:?}"
            );
        }
        // That one is wrong there, too.
        let wrong = fault(
            "MALFORMED_QUERY",
            "Field must be grouped or aggregated: Name",
        );
        assert_eq!(
            advice(&wrong, Way::SPLIT_BY_ONE),
            advice(&wrong, Way::Query)
        );
    }

    #[test]
    fn a_query_that_takes_too_long_is_split_where_that_can_be() {
        let timeout = fault(
            "QUERY_TIMEOUT",
            "Your query request was running for too long.",
        );
        let way = |url| advice(&timeout, Way::of(url)).unwrap_or_default();
        assert!(way("https://x.test/services/Soap/u/64.0").contains("WHERE"));
        assert!(way("https://x.test/services/async/64.0/job").ends_with(": --pk-chunking"));
        assert!(way("https://x.test/services/data/v64.0/jobs/query").ends_with("1 --pk-chunking"));
    }
}
