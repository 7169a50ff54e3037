use super::*;

fn texts(xml: &str) -> Result<Vec<String>, XmlError> {
    let text = decode(xml.as_bytes())?;
    let mut xml = Reader::new(&text);
    let mut texts = Vec::new();
    xml.root()?;
    while xml.child()?.is_some() {
        texts.push(xml.text()?.into_owned());
    }
    xml.finish()?;
    Ok(texts)
}

fn problem(xml: &str) -> Problem {
    texts(xml).expect_err(xml).problem
}

#[test]
fn entities_cdata_and_comments_are_joined_into_one_text() {
    let xml = "<a><b>1 &lt;2&#10;3&#x1F600;<!-- no --><![CDATA[<&]]>]]&gt;</b><b/><b></b></a>";
    assert_eq!(texts(xml).unwrap(), ["1 <2\n3\u{1f600}<&]]>", "", ""]);
}

#[test]
fn a_bare_carriage_return_is_a_line_feed_and_a_reference_stays() {
    assert_eq!(
        texts("<a><b>1\r\n2\r3&#13;&#10;4<![CDATA[\r\n]]></b></a>").unwrap(),
        ["1\n2\n3\r\n4\n"]
    );
}

#[test]
fn names_are_known_by_uri_whatever_the_prefix() {
    let xml = "<q:a xmlns:q='urn:one' xmlns='urn:two'><b/><q:b/><q:b xmlns:q='urn:two'/><r:b/><b xmlns=''/><q:b/></q:a>";
    let mut xml = Reader::new(xml);
    assert!(xml.root().unwrap().is("urn:one", "a"));
    let mut namespaces = Vec::new();
    while let Some(child) = xml.child().unwrap() {
        assert_eq!(child.local(), "b");
        namespaces.push(child.namespace);
        xml.skip().unwrap();
    }
    assert_eq!(
        namespaces,
        ["urn:two", "urn:one", "urn:two", "", "", "urn:one"]
    );
}

#[test]
fn nil_and_type_count_only_in_the_schema_instance_namespace() {
    let xml = format!(
        "<a xmlns:i='{XSI}' xmlns:o='urn:o'><b i:nil='true'/><b i:nil='1'/><b i:nil='false'/><b o:nil='true'/><b nil='true'/>\
         <b i:type='x:QueryResult'/><b x:type='y' xmlns:x='{XSI}'/></a>"
    );
    let mut xml = Reader::new(&xml);
    xml.root().unwrap();
    let mut seen = Vec::new();
    while let Some(child) = xml.child().unwrap() {
        seen.push((child.is_nil, child.type_name));
        xml.skip().unwrap();
    }
    let nil = [true, true, false, false, false, false, false];
    assert_eq!(seen.iter().map(|(nil, _)| *nil).collect::<Vec<_>>(), nil);
    assert_eq!(seen[5].1, Some("QueryResult"));
    assert_eq!(seen[6].1, Some("y"));
}

#[test]
fn elements_inside_are_skipped_with_everything_in_them() {
    assert_eq!(
        texts("<a><b>x<c>no<b>no</b></c>y</b><b>z</b></a>").unwrap(),
        ["xy", "z"]
    );
}

#[test]
fn a_text_cut_at_any_byte_is_an_error() {
    let whole =
        "<?xml version=\"1.0\"?><a x='1'><b>1&amp;2</b><!-- c --><b><![CDATA[x]]></b><c/></a>";
    assert!(texts(whole).is_ok());
    for cut in 0..whole.len() {
        assert!(texts(&whole[..cut]).is_err(), "{}", &whole[..cut]);
    }
}

#[test]
fn what_is_not_well_formed_is_an_error_with_its_place() {
    assert_eq!(
        problem("<!DOCTYPE a [<!ENTITY x 'y'>]><a/>"),
        Problem::Doctype
    );
    assert_eq!(problem("<a><b>&x;</b></a>"), Problem::Entity("x".into()));
    assert_eq!(problem("<a><b>&#1;</b></a>"), Problem::Character(1));
    assert_eq!(problem("<a><b>\u{b}</b></a>"), Problem::Character(11));
    assert_eq!(problem("<a/><a/>"), Problem::Trailing);
    assert_eq!(problem("<a/>more"), Problem::Trailing);
    assert_eq!(problem(""), Problem::Truncated);
    for text in [
        "x<a/>",
        "<a></b>",
        "</a>",
        "<a><b>1 & 2</b></a>",
        "<a><b<c></a>",
        "<a><></a>",
        "<a><b c></b></a>",
    ] {
        assert!(matches!(problem(text), Problem::Syntax(_)), "{text}");
    }
    assert_eq!(texts("<a><b></c></a>").unwrap_err().offset, 6);
    assert_eq!(texts("<a><b>\u{b}</b></a>").unwrap_err().offset, 6);
}

#[test]
fn nesting_stops_at_the_limit() {
    let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    assert!(texts(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(problem(&nested(MAX_DEPTH + 1)), Problem::TooDeep);
}

#[test]
fn latin_1_is_converted_where_the_declaration_says_so() {
    assert_eq!(
        decode(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xfc</a>")
            .unwrap()
            .split_once("<a>")
            .unwrap()
            .1,
        "ü</a>"
    );
    let error = decode(b"<?xml version='1.0'?><a>\xfc</a>").unwrap_err();
    assert_eq!((error.offset, error.problem), (24, Problem::NotUtf8));
    let error = decode(b"<?xml version='1.0' encoding=\"EBCDIC\" ?><a/>").unwrap_err();
    assert_eq!(error.problem, Problem::Encoding("EBCDIC".into()));
    assert!(matches!(
        decode("<a/>".as_bytes()).unwrap(),
        Cow::Borrowed(_)
    ));
}

#[test]
fn a_byte_order_mark_is_skipped() {
    assert_eq!(
        texts("\u{feff}<?xml version='1.0' encoding='UTF-8'?><a><b>x</b></a>").unwrap(),
        ["x"]
    );
}

#[test]
fn escaped_text_reads_back_as_it_was() {
    let odd = "a<b>&\"'\r\n]]>\u{1f600}";
    assert_eq!(
        texts(&format!("<a><b>{}</b></a>", escape_text(odd))).unwrap(),
        [odd]
    );
    assert!(matches!(escape_text("plain"), Cow::Borrowed(_)));
}

#[test]
fn a_plain_child_reads_as_it_would_token_by_token() {
    let one = |inside: &str| {
        let document = format!("<a xmlns:p='urn:p'>{inside}</a>");
        let mut xml = Reader::new(&document);
        xml.root().unwrap();
        let plain = xml
            .plain_child()
            .map(|(name, text)| (name.to_owned(), text.to_owned()));
        if plain.is_none() {
            // Nothing has been read: the ordinary way is open.
            xml.child().unwrap();
            xml.skip().unwrap();
        }
        assert_eq!(xml.child().unwrap(), None, "{inside}");
        xml.finish().unwrap();
        plain
    };
    let plain = |name: &str, text: &str| Some((name.to_owned(), text.to_owned()));
    assert_eq!(one("<b>x y</b>"), plain("b", "x y"));
    assert_eq!(one("<p:b_1>ü ]]></p:b_1>"), plain("b_1", "ü ]]>"));
    assert_eq!(one("<b></b>"), plain("b", ""));
    for other in [
        "<b/>",
        "<b c='1'>x</b>",
        "<b>x &amp; y</b>",
        "<b>x\r\ny</b>",
        "<b>x<c/></b>",
        "<b>x<!-- y --></b>",
        "<b><![CDATA[x]]></b>",
        "<b>x</b >",
        "<!-- x --><b>x</b>",
        " <b>x</b>",
        "<ü>x</ü>",
    ] {
        assert_eq!(one(other), None, "{other}");
    }
    let mut xml = Reader::new("<a><b>x</c></a>");
    xml.root().unwrap();
    assert_eq!(xml.plain_child(), None);
    assert!(xml.child().and_then(|_| xml.text()).is_err());
}

#[test]
fn tokens_end_only_where_the_document_does() {
    let mut xml = Reader::new("<a><b>x</b>");
    let error = loop {
        match xml.token() {
            Ok(Token::End) => panic!("it is cut"),
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert_eq!((error.offset, error.problem), (11, Problem::Truncated));
}

#[test]
fn remembered_attributes_are_forgotten_with_their_namespaces() {
    let document = format!(
        "<a xmlns:i='{XSI}'><b i:nil='true'/><b i:nil='true'/><c xmlns:i='urn:i'><b i:nil='true'/></c><b i:nil='true'/></a>"
    );
    let mut xml = Reader::new(&document);
    let mut nils = Vec::new();
    loop {
        match xml.token().unwrap() {
            Token::Open(element) if element.name == "b" => nils.push(element.is_nil),
            Token::End => break,
            _ => {}
        }
    }
    assert_eq!(nils, [true, true, false, true]);
}
