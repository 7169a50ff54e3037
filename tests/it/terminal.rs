//! What a person sees: tables, progress and messages on a real terminal (tmux is the judge).

use std::time::Duration;

use sfmtls::local_org::{BulkSwitches, Call, Config, Mishap, Pace, Switches, When};
use sfmtls::terminal::width;

use crate::judges::{Screen, on_a_terminal};
use crate::lab::Lab;

const SOQL: &str = "SELECT Id, FirstName, Description, Account.Name FROM Contact";

/// An org with texts of all scripts in its contacts, logged in.
fn lab(rows: u64) -> Lab {
    Lab::logged_in_with(Config {
        rows,
        switches: Switches {
            odd_values: true,
            ..Switches::default()
        },
        ..Config::default()
    })
}

/// An org whose bulk jobs take long enough to be looked at.
fn slow() -> Lab {
    let lab = Lab::logged_in_with(Config {
        rows: 3000,
        switches: Switches {
            gzip: false,
            bulk: BulkSwitches {
                pace: Pace::Time {
                    queued: Duration::from_millis(100),
                    in_progress: Duration::from_millis(400),
                },
                ..BulkSwitches::default()
            },
            ..Switches::default()
        },
        ..Config::default()
    });
    lab.org
        .plan(Call::BulkResult, When::Always, Mishap::Slow(250_000));
    lab
}

#[test]
fn a_table_has_a_line_a_row_and_its_ids_at_any_width() {
    let lab = lab(60);
    for columns in [60, 100, 200] {
        let line = format!("sfmtls query '{SOQL} LIMIT 40'");
        let shown = Screen::start(&lab, columns, &line).end();
        assert_eq!(shown.len(), 43, "{columns}: {shown:#?}");
        assert!(shown[0].starts_with("Id  "), "{columns}: {shown:#?}");
        assert!(shown[1].starts_with("────"), "{columns}: {shown:#?}");
        let has_id = |row: &String| row.starts_with("003") && row.find("  ") == Some(18);
        assert!(shown[2..42].iter().all(has_id), "{columns}: {shown:#?}");
        assert_eq!(shown[42], "40 rows");
        let cut = shown.iter().any(|line| line.contains('…'));
        assert_eq!(cut, columns < 200, "{columns}: {shown:#?}");
    }
}

/// The terminal itself tells where the cursor stands behind the cells before the last one.
#[test]
fn columns_stand_below_each_other_whatever_is_in_the_cells() {
    let lab = lab(60);
    let table = "sfmtls query 'SELECT Description, FirstName, Id FROM Contact LIMIT 40' -r human 2>/dev/null";
    let line = format!(
        "{table} | while IFS= read -r row; do \
           printf '%s\\e[6n' \"${{row% *}}\"; \
           IFS=';' read -rsdR _ column </dev/tty; \
           printf '\\r\\e[2K'; echo \"$column\" >>columns; \
         done"
    );
    Screen::start(&lab, 200, &line).end();
    let columns = std::fs::read_to_string(lab.path("columns")).unwrap();
    let mut columns: Vec<_> = columns.lines().collect();
    assert_eq!(columns.len(), 42);
    // The two head lines have no ID in them.
    columns.drain(..2);
    let first = columns[0];
    assert!(columns.iter().all(|column| *column == first), "{columns:?}");
}

#[test]
fn what_is_too_wide_for_a_table_is_a_sheet_a_record() {
    let lab = lab(10);
    let fields = "Id, FirstName, LastName, Email, Phone, MobilePhone, Title, LeadSource";
    for columns in [20, 50] {
        let line = format!("sfmtls query 'SELECT {fields} FROM Contact LIMIT 2'");
        let shown = Screen::start(&lab, columns, &line).end();
        assert_eq!(shown.len(), 2 * 9 + 1, "{columns}: {shown:#?}");
        for record in shown[..18].chunks(9) {
            assert!(record[0].starts_with("── "), "{shown:#?}");
            for (line, name) in record[1..].iter().zip(fields.split(", ")) {
                assert!(line.starts_with(&name[..8.min(name.len())]), "{shown:#?}");
            }
        }
        let whole = shown.iter().any(|line| line.ends_with("line one↵line two"));
        assert_eq!(whole, columns == 50, "{shown:#?}");
    }
}

/// What a command line wrote to a terminal of so many columns, and what stood on it in the end.
#[track_caller]
fn drawn(lab: &Lab, columns: u16, line: &str) -> (String, Vec<String>) {
    let shown = on_a_terminal(lab, &format!("stty cols {columns} rows 60; {line}"), &[]);
    let file = lab.file("drawn", &shown.text);
    let screen = Screen::start(lab, columns, &format!("cat {}", file.display()));
    (shown.text, screen.end())
}

/// It used to wipe a message where the line was a little shorter than the terminal.
#[test]
fn nothing_is_left_of_progress_and_no_message_is_lost_at_any_width() {
    let lab = slow();
    // The progress line is about as long as some of these terminals are wide.
    for columns in [40, 60, 66, 68, 70, 72, 120] {
        let (written, shown) = drawn(
            &lab,
            columns,
            &format!("sfmtls bulk-query '{SOQL}' >rows.csv"),
        );
        assert!(written.contains(" of 3,000 rows, "), "{written:?}");
        // The bar takes what room the numbers leave.
        let [has_bar, has_rate] = ["█░", "/s, "].map(|part| written.contains(part));
        assert!(has_bar || columns < 120, "{written:?}");
        assert!(has_rate && !has_bar || columns != 60, "{written:?}");
        assert!(written.contains("InProgress, "), "{written:?}");
        assert!(shown[0].starts_with("Created job: 750"), "{shown:#?}");
        let mut states = shown[1..shown.len() - 1].iter();
        assert!(
            states.all(|line| line.starts_with("Batch state is: ")),
            "{columns}: {shown:#?}"
        );
        assert_eq!(shown[shown.len() - 2], "Batch state is: Completed");
        assert_eq!(shown.last().unwrap(), "3000 rows", "{shown:#?}");
    }
}

/// It used to be mixed into the rows, and stayed there: whoever reads the pipe prints on the terminal.
#[test]
fn no_progress_is_drawn_while_rows_go_to_a_pipe_unless_always() {
    let lab = slow();
    let line = format!("sfmtls bulk-query '{SOQL}' | head -2");
    let (written, shown) = drawn(&lab, 200, &line);
    assert!(written.contains("InProgress, "), "{written:?}");
    assert!(!written.contains('░'), "{written:?}");
    let [.., state, head, row] = &shown[..] else {
        panic!("{shown:#?}");
    };
    assert_eq!(state, "Batch state is: Completed", "{shown:#?}");
    assert!(head.starts_with("\"Id\","), "{shown:#?}");
    assert!(row.starts_with("\"003"), "{shown:#?}");
    let line = format!("sfmtls bulk-query '{SOQL}' --progress always | cat >rows.csv");
    let (written, _) = drawn(&lab, 200, &line);
    assert!(written.contains('░'), "{written:?}");
    let line = format!("sfmtls bulk-query '{SOQL}' --output-file rows.csv | cat");
    let (written, _) = drawn(&lab, 200, &line);
    assert!(written.contains('░'), "{written:?}");
}

#[test]
fn pages_of_a_query_show_progress_in_a_file_and_none_in_a_pipe() {
    let lab = lab(1000);
    let late = Mishap::Delay(Duration::from_millis(400));
    lab.org.plan(Call::QueryMore, When::Always, late);
    for (target, told) in [
        ("| cat >rows.csv", false),
        (">rows.csv", true),
        ("--progress always | cat >rows.csv", true),
    ] {
        let line = format!("sfmtls query '{SOQL}' --batch-size 400 {target}");
        let (written, shown) = drawn(&lab, 100, &line);
        assert_eq!(
            written.contains("of 1,000 rows"),
            told,
            "{target}: {written:?}"
        );
        assert_eq!(shown, ["1000 rows"], "{target}");
    }
}

#[test]
fn a_failure_takes_the_place_of_progress() {
    let lab = lab(1000);
    let late = Mishap::Delay(Duration::from_millis(400));
    lab.org.plan(Call::QueryMore, When::Nth(1), late);
    let fault = Mishap::Fault("QUERY_TIMEOUT", "too long");
    lab.org.plan(Call::QueryMore, When::Nth(3), fault);
    let line = format!("sfmtls query '{SOQL}' --batch-size 200 --output-file rows.csv");
    let (written, shown) = drawn(&lab, 100, &line);
    assert!(written.contains("of 1,000 rows"), "{written:?}");
    assert!(
        shown[0].starts_with("error: QUERY_TIMEOUT: too long"),
        "{shown:#?}"
    );
    assert!(shown[1].starts_with("  cause: "), "{shown:#?}");
    assert!(
        !shown.iter().any(|line| line.contains(" rows, ")),
        "{shown:#?}"
    );
}

/// An org whose bulk jobs never end.
fn endless() -> Lab {
    let pace = Pace::Time {
        queued: Duration::ZERO,
        in_progress: Duration::from_secs(3600),
    };
    Lab::logged_in_with(Config {
        rows: 3000,
        switches: Switches {
            bulk: BulkSwitches {
                pace,
                ..BulkSwitches::default()
            },
            ..Switches::default()
        },
        ..Config::default()
    })
}

#[test]
fn ctrl_c_wipes_progress_and_tells_how_to_go_on() {
    let lab = endless();
    let line = format!("trap : INT; sfmtls bulk-query '{SOQL}' --output-file rows.csv; echo $?");
    let screen = Screen::start(&lab, 100, &line);
    screen.wait_for("InProgress, ");
    screen.types("C-c");
    let shown = screen.end();
    assert_eq!(shown.last().unwrap(), "130", "{shown:#?}");
    let text = shown.join("\n");
    assert!(!text.contains("InProgress, "), "{text}");
    assert!(text.contains("--job-id 750"), "{text}");
}

#[test]
fn progress_goes_on_in_its_line_when_the_terminal_is_made_narrower() {
    let lab = endless();
    let line = format!("trap : INT; sfmtls bulk-query '{SOQL}' --output-file rows.csv; echo $?");
    let screen = Screen::start(&lab, 120, &line);
    screen.wait_for("InProgress, ");
    screen.resize(45);
    // Drawn again, at the new width.
    screen.wait_for("rows, 3s");
    screen.types("C-c");
    let shown = screen.end();
    assert!(shown[0].starts_with("Created job: 750"), "{shown:#?}");
    assert_eq!(shown[1], "Batch state is: InProgress", "{shown:#?}");
    assert!(!shown.join("\n").contains("rows, "), "{shown:#?}");
}

/// They used to stand behind the last row, on its line.
#[test]
fn what_is_said_behind_a_row_without_its_end_begins_a_line() {
    let lab = lab(1000);
    let fault = Mishap::Fault("INVALID_QUERY_LOCATOR", "gone");
    lab.org.plan(Call::QueryMore, When::Always, fault);
    for format in ["json", "csv"] {
        let line = format!(
            "sfmtls query 'SELECT Id FROM Contact' --batch-size 200 --color never -r {format}"
        );
        let shown = on_a_terminal(&lab, &line, &[]);
        let error = "\r\nerror: INVALID_QUERY_LOCATOR: gone";
        assert_eq!(shown.text.matches(error).count(), 1, "{:?}", shown.text);
        assert!(!shown.text.contains("\n\r\n"), "{:?}", shown.text);
        // Elsewhere it is not behind it.
        let piped = on_a_terminal(&lab, &format!("{line} >rows"), &[]);
        assert!(piped.text.starts_with("error: "), "{:?}", piped.text);
    }
}

#[test]
fn the_caret_of_a_query_stands_below_its_place_on_a_narrow_terminal() {
    let lab = lab(1);
    let soql = "SELECT Id, FirstName, LastName, Email, Phone, MobilePhone, Titlex FROM Contact WHERE LastName != null";
    for columns in [30, 60, 100] {
        let shown = Screen::start(&lab, columns, &format!("sfmtls query '{soql}'")).end();
        let caret = shown.iter().position(|line| line.trim() == "^").unwrap();
        let before = shown[caret].find('^').unwrap();
        let mut below = shown[caret - 1].chars().skip(before);
        assert_eq!(below.next(), Some('T'), "{shown:#?}");
        assert_eq!(below.next(), Some('i'), "{shown:#?}");
    }
}

/// Serial lines have no number of rows, nor has `script`: 80 columns used to be assumed.
#[test]
fn columns_are_known_where_rows_are_not() {
    let lab = lab(3);
    let line = format!("stty cols 40 rows 0; sfmtls query '{SOQL} LIMIT 2'");
    let shown = on_a_terminal(&lab, &line, &[]).text;
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(lines.len(), 2 * 5 + 1, "{shown}");
    assert!(lines.iter().all(|line| width(line) <= 40), "{shown}");
}

/// A long hint used to be broken in the middle of its words.
#[test]
fn a_report_is_broken_between_words_and_its_commands_stay_whole() {
    let mut lab = lab(1);
    // One of the certificates is another one.
    lab.without_journal_check();
    let cert = lab.org.files().expired.display();
    for command in [
        format!("sfmtls getuserinfo -E {cert}"),
        "sfmtls query 'SELECT Nme FROM Contact'".to_owned(),
        "SFMTLS_SESSION=none.json sfmtls getuserinfo".to_owned(),
    ] {
        let command = format!("{command} --color never");
        let plain = lab.shell(&command).stderr;
        for columns in [60, 100] {
            let line = format!("stty cols {columns} rows 60; {command}");
            let shown = on_a_terminal(&lab, &line, &[]).text.replace('\r', "");
            assert_eq!(
                shown.split_whitespace().collect::<Vec<_>>(),
                plain.split_whitespace().collect::<Vec<_>>()
            );
            let mut indent = 0;
            for line in shown.lines() {
                indent = ["error: ", "  cause: ", "  hint: "]
                    .iter()
                    .find(|name| line.starts_with(**name))
                    .map_or(indent, |name| name.len());
                let text = &line[indent..];
                assert!(!text.starts_with(' ') || text.ends_with('^'), "{shown}");
                // Only what is no sentence is longer than a line: a path, a URL, a command.
                let long = line.len() > columns;
                assert!(!long || text.contains('/'), "{shown}");
            }
            let commands = |text: &str| {
                let lines = text.lines().map(str::trim_start);
                let commands = lines.filter_map(|line| line.find("openssl ").map(|at| &line[at..]));
                commands.map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(commands(&shown), commands(&plain));
        }
    }
}

/// They used to be broken in the middle of their words.
#[test]
fn usage_errors_and_the_report_of_a_certificate_are_broken_between_words() {
    let mut lab = lab(1);
    // One of the certificates is another one.
    lab.without_journal_check();
    let files = lab.org.files();
    for command in [
        "sfmtls query -q x -f y --color never".to_owned(),
        "sfmtls query --pass x".to_owned(),
        "sfmtls bulk-query --job-id 7 x --async --wait 2".to_owned(),
        format!(
            "sfmtls check-cert {} --color never",
            files.expired.display()
        ),
        format!(
            "sfmtls check-cert {} --color never",
            files.client_key.display()
        ),
    ] {
        let command = format!("LC_ALL=C.UTF-8 {command}");
        let plain = lab.shell(&format!("{command} 2>&1")).stdout;
        let commands = |text: &str| {
            let lines = text.lines().map(str::trim_start);
            let commands = lines.filter_map(|line| line.find("openssl ").map(|at| &line[at..]));
            commands.map(str::to_owned).collect::<Vec<_>>()
        };
        let of_line = |text: &str| {
            let whole = commands(text).into_iter();
            let whole = whole.map(|line| line.split(" (").next().unwrap_or_default().to_owned());
            whole.collect::<Vec<_>>()
        };
        for columns in [60, 100] {
            let line = format!("stty cols {columns} rows 60; {command}");
            let shown = on_a_terminal(&lab, &line, &[]).text.replace('\r', "");
            let shown = plain_text(&shown);
            assert_eq!(
                shown.split_whitespace().collect::<Vec<_>>(),
                plain.split_whitespace().collect::<Vec<_>>(),
                "{shown}"
            );
            assert_eq!(of_line(&shown), of_line(&plain), "{shown}");
            for line in shown.lines() {
                // Only what is no sentence is longer than a line: a path, a command, a fingerprint.
                let long = line.chars().count() > columns;
                let is_sentence = line.trim().contains(' ') && !line.contains('/');
                assert!(!long || !is_sentence, "{columns}: {line}\n{shown}");
            }
        }
    }
}

/// Without escape sequences for colours.
fn plain_text(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.split_once('m').map_or(part, |(_, rest)| rest)
    })
}

#[test]
fn a_dumb_terminal_gets_no_colour_and_no_movement() {
    let lab = slow();
    for line in [
        format!("sfmtls bulk-query '{SOQL}' >rows.csv"),
        format!("sfmtls query '{SOQL} LIMIT 3'"),
        "sfmtls getuserinfo -E nowhere.pem".to_owned(),
        "sfmtls query --batch-sise 7".to_owned(),
        "sfmtls --help".to_owned(),
        "sfmtls check-cert --offline".to_owned(),
    ] {
        let shown = on_a_terminal(&lab, &format!("TERM=dumb {line}"), &[]);
        assert!(!shown.text.contains('\x1b'), "{line}: {:?}", shown.text);
        assert!(!shown.text.is_empty(), "{line}");
        let shown = on_a_terminal(&lab, &line, &[]);
        assert!(shown.text.contains('\x1b'), "{line}: {:?}", shown.text);
        let shown = on_a_terminal(&lab, &format!("NO_COLOR=1 {line}"), &[]);
        let colored = shown.text.contains("\x1b[1m") || shown.text.contains("\x1b[3");
        assert!(!colored, "{line}: {:?}", shown.text);
    }
}

#[test]
fn no_pager_is_started() {
    let mut lab = lab(500);
    lab.set("PAGER", "false");
    for line in [format!("sfmtls query '{SOQL}'"), "sfmtls --help".to_owned()] {
        let shown = on_a_terminal(&lab, &line, &[]);
        assert_eq!(shown.status, 0, "{line}");
        assert!(shown.text.lines().count() > 60, "{line}");
    }
}
