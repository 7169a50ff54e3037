use super::*;

fn block(label: &str) -> String {
    format!("-----BEGIN {label}-----\nAAEC\nAwQF\n-----END {label}-----\n")
}

fn kinds(text: &str) -> Vec<(usize, ProblemKind)> {
    let problems = split(text.as_bytes()).problems;
    problems
        .into_iter()
        .map(|problem| (problem.line, problem.kind))
        .collect()
}

fn labels(text: &str) -> Vec<(String, usize)> {
    let blocks = split(text.as_bytes()).blocks;
    blocks
        .into_iter()
        .map(|block| (block.label, block.line))
        .collect()
}

#[test]
fn line_ends_that_were_lost_are_put_back_where_the_marks_are() {
    let two = block("A") + &block("B");
    for one_line in [two.replace('\n', " "), two.replace('\n', "")] {
        assert_eq!(kinds(&one_line), [(1, ProblemKind::OneLine)]);
        assert_eq!(
            labels(&one_line),
            [("A".to_owned(), 1), ("B".to_owned(), 1)]
        );
        let blocks = split(one_line.as_bytes()).blocks;
        assert!(blocks.iter().all(|block| block.der == [0, 1, 2, 3, 4, 5]));
    }
    // One a line, the second as it should be, in quotes behind a name.
    let mixed = format!("KEY=\"{}\"\n{}", block("A").replace('\n', ""), block("B"));
    assert_eq!(kinds(&mixed), [(1, ProblemKind::OneLine)]);
    assert_eq!(labels(&mixed), [("A".to_owned(), 1), ("B".to_owned(), 2)]);
}

fn no_end(label: &str) -> ProblemKind {
    ProblemKind::NoEnd {
        label: label.to_owned(),
    }
}

fn not_base64(label: &str, begin: usize) -> ProblemKind {
    ProblemKind::NotBase64 {
        label: label.to_owned(),
        begin,
        url: false,
    }
}

#[test]
fn blocks_have_labels_lines_and_bytes() {
    let text = format!(
        "Bag Attributes\n    x: y\n{}\nsubject=z\n{}",
        block("A"),
        block("B C")
    );
    let pem = split(text.as_bytes());
    assert_eq!(labels(&text), [("A".to_owned(), 3), ("B C".to_owned(), 9)]);
    assert_eq!(pem.blocks[1].der, [0, 1, 2, 3, 4, 5]);
    assert_eq!(pem.problems, []);
}

#[test]
fn headers_are_kept_apart_from_the_base64() {
    let text =
        "-----BEGIN K-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: A,B\n\nAAEC\n-----END K-----\n";
    let pem = split(text.as_bytes());
    assert_eq!(
        pem.blocks[0].headers,
        ["Proc-Type: 4,ENCRYPTED", "DEK-Info: A,B"]
    );
    assert!(pem.blocks[0].is_encrypted_by_header());
    assert_eq!(pem.blocks[0].to_pem(), text);
}

#[test]
fn a_damaged_block_hides_none_of_the_others() {
    let text = block("A")
        + "-----BEGIN B-----\nAAEC\n"
        + &block("C")
        + "-----BEGIN D-----\nAA!C\n-----END D-----\n"
        + &block("E");
    assert_eq!(
        labels(&text)
            .iter()
            .map(|(label, _)| label.as_str())
            .collect::<Vec<_>>(),
        ["A", "C", "E"]
    );
    assert_eq!(kinds(&text), [(5, no_end("B")), (12, not_base64("D", 11))]);
}

#[test]
fn a_cut_anywhere_between_begin_and_end_is_told_with_its_line() {
    let text = block("A") + &block("B");
    let second = block("A").len();
    for cut in second + 6..text.trim_end().len() {
        let kinds = kinds(&text[..cut]);
        assert!(
            matches!(kinds[..], [(5, ProblemKind::NoEnd { .. })]),
            "cut at {cut}: {kinds:?}"
        );
    }
}

#[test]
fn a_missing_head_and_a_foreign_end_are_told() {
    let headless = ProblemKind::NoBegin {
        label: "A".to_owned(),
    };
    assert_eq!(kinds("AwQF\n-----END A-----\n"), [(2, headless)]);
    assert_eq!(
        kinds("-----BEGIN A-----\nAAEC\n-----END B-----\n"),
        [(1, no_end("A"))]
    );
    assert_eq!(
        kinds("-----BEGIN A-----\nAAEC\n-----END A----\n"),
        [(1, no_end("A"))]
    );
}

#[test]
fn what_is_not_base64_is_told_with_its_line() {
    for (body, line) in [
        ("AAEC\nA?QF", 3),
        ("AAE=\nAwQF", 3),
        ("AAEC\nAwQ", 1),
        ("", 1),
        ("A===", 1),
        ("AAEC\nx: y", 3),
    ] {
        let text = format!("-----BEGIN A-----\n{body}\n-----END A-----\n");
        assert_eq!(kinds(&text), [(line, not_base64("A", 1))], "{body}");
    }
}

#[test]
fn faults_of_form_are_told_and_the_blocks_are_read_all_the_same() {
    let both = [("A".to_owned(), 1), ("B".to_owned(), 4)];
    let joined = block("A").trim_end().to_owned() + &block("B");
    assert_eq!(kinds(&joined), [(4, ProblemKind::BlocksJoined)]);
    assert_eq!(labels(&joined), both);
    let indented = joined
        .replace("----------", "-----\n  -----")
        .replace("\n-----END B", "\n\t-----END B");
    assert_eq!(
        kinds(&indented),
        [(5, ProblemKind::Indented), (8, ProblemKind::Indented)]
    );
    assert_eq!(labels(&indented).len(), 2);
    for escaped in [
        (block("A") + &block("B")).replace('\n', "\\n"),
        format!(
            "\"pem\": \"{}\",",
            (block("A") + &block("B")).replace('\n', "\\r\\n")
        ),
    ] {
        assert_eq!(kinds(&escaped), [(1, ProblemKind::EscapedNewlines)]);
        assert_eq!(labels(&escaped), [("A".to_owned(), 1), ("B".to_owned(), 1)]);
    }
}

/// They used to make one line of the whole text, and that no base64.
#[test]
fn carriage_returns_alone_end_lines() {
    for (end, last) in [("\r", "\r"), ("\r", "\r\n"), ("\r", "")] {
        let text = (block("A") + &block("B")).replace('\n', end);
        let text = text.trim_end().to_owned() + last;
        assert_eq!(kinds(&text), [(1, ProblemKind::CarriageReturns)]);
        assert_eq!(labels(&text), [("A".to_owned(), 1), ("B".to_owned(), 5)]);
    }
    assert_eq!(kinds(&block("A").replace('\n', "\r\n")), []);
}

#[test]
fn a_byte_order_mark_is_noted_and_prose_about_pem_is_prose() {
    assert!(split(format!("\u{feff}{}", block("A")).as_bytes()).bom);
    assert_eq!(kinds("copy from -----BEGIN A----- to the end\n"), []);
    assert_eq!(kinds("-----\n"), []);
}
