use super::*;

fn commands(wish: Wish) -> Commands {
    Commands {
        command: "sfmtls bulk-query --job-id 750".to_owned(),
        other_api: "sfmtls bulk-query --job-id 750 --bulk-api 2".to_owned(),
        wish,
    }
}

fn wish() -> Wish {
    Wish {
        abort: false,
        format: None,
        file: None,
        parallel: defaults::PARALLEL,
        json: false,
    }
}

/// The options of the command that goes on after this.
fn after(wish: Wish, failed: impl Into<anyhow::Error>) -> String {
    let command = commands(wish).after(&failed.into());
    let options = command.strip_prefix("sfmtls bulk-query --job-id 750");
    options.expect("the same job").trim_start().to_owned()
}

fn no_room() -> io::Error {
    io::Error::from(io::ErrorKind::StorageFull)
}

fn of_file() -> FileError {
    FileError {
        path: "rows.csv".into(),
        error: no_room(),
    }
}

fn of_stdout() -> io::Error {
    io::Error::new(no_room().kind(), StdoutError { source: no_room() })
}

fn of_csv() -> BulkError {
    let wrong = CsvError::NotUtf8 { row: 1 };
    BulkError::Output(io::Error::new(io::ErrorKind::InvalidData, wrong))
}

#[test]
fn what_was_typed_is_asked_for_again_where_it_is_not_what_failed() {
    let typed = Wish {
        format: Some(BulkFormat::Json),
        file: Some("rows.json".to_owned()),
        parallel: 2,
        json: true,
        ..wish()
    };
    let lost = BulkError::CutRecord {
        result: "x".to_owned(),
    };
    assert_eq!(
        after(typed, lost),
        "-r json --output-file rows.json --parallel 2 --json"
    );
}

#[test]
fn an_output_that_failed_is_replaced() {
    let typed = || Wish {
        file: Some("/dev/full".to_owned()),
        ..wish()
    };
    assert_eq!(after(typed(), of_file()), "--output-file FILE");
    let written = io::Error::new(no_room().kind(), of_file());
    assert_eq!(
        after(typed(), BulkError::Output(written)),
        "--output-file FILE"
    );
    assert_eq!(
        after(wish(), BulkError::Output(of_stdout())),
        "--output-file FILE"
    );
    // --json means the same with a file as without.
    let json = Wish {
        json: true,
        ..wish()
    };
    assert_eq!(after(json, of_stdout()), "--output-file FILE --json");
}

#[test]
fn a_result_that_cannot_be_taken_apart_is_fetched_as_it_is() {
    let format = Wish {
        format: Some(BulkFormat::Human),
        ..wish()
    };
    assert_eq!(after(format, of_csv()), "-r csv");
    let json = Wish {
        json: true,
        ..wish()
    };
    assert_eq!(after(json, of_csv()), "-r csv");
}

#[test]
fn results_that_found_no_room_side_by_side_come_one_after_the_other() {
    let typed = |file| Wish {
        file,
        parallel: 8,
        ..wish()
    };
    let full = || BulkError::Temporary {
        folder: "/var/tmp".into(),
        error: no_room(),
    };
    assert_eq!(after(typed(None), full()), "--parallel 1");
    assert_eq!(
        after(typed(Some("rows.csv".to_owned())), full()),
        "--output-file FILE --parallel 1"
    );
}
