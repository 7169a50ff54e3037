//! The messages by hand, then any bytes at all.

use super::*;

/// `content` behind its length.
fn vector(width: usize, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    [&length[length.len() - width..], content].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &vector(3, body)].concat()
}

fn request_1_2() -> Vec<u8> {
    let names = [vector(2, b"first"), vector(2, b"second")].concat();
    let body = [
        vector(1, &[1, 64]),
        vector(2, &[4, 3, 8, 4]),
        vector(2, &names),
    ];
    message(CERTIFICATE_REQUEST, &body.concat())
}

fn request_1_3() -> Vec<u8> {
    let names = [vector(2, b"first"), vector(2, b"second")].concat();
    let extensions = [
        // One that is not known.
        [vec![0, 50], vector(2, &vector(2, &[4, 1]))].concat(),
        [vec![0, 13], vector(2, &vector(2, &[4, 3, 8, 4]))].concat(),
        [vec![0, 47], vector(2, &vector(2, &names))].concat(),
    ];
    let body = [vector(1, b""), vector(2, &extensions.concat())].concat();
    message(CERTIFICATE_REQUEST, &body)
}

fn certificate_1_2() -> Vec<u8> {
    let list = [vector(3, b"leaf"), vector(3, b"issuing")].concat();
    message(CERTIFICATE, &vector(3, &list))
}

fn certificate_1_3() -> Vec<u8> {
    let list = [
        vector(3, b"leaf"),
        vector(2, b"an extension"),
        vector(3, b"issuing"),
        vector(2, b""),
    ];
    let body = [vector(1, b""), vector(3, &list.concat())].concat();
    message(CERTIFICATE, &body)
}

#[test]
fn a_request_names_cas_and_signature_algorithms_in_both_versions() {
    let expected = CertificateRequest {
        authorities: vec![b"first".to_vec(), b"second".to_vec()],
        signature_algorithms: vec![0x0403, 0x0804],
    };
    assert_eq!(request(&request_1_2(), false), expected);
    assert_eq!(request(&request_1_3(), true), expected);
}

#[test]
fn a_certificate_message_is_its_certificates_in_both_versions() {
    let expected = [b"leaf".to_vec(), b"issuing".to_vec()];
    assert_eq!(certificates(&certificate_1_2(), false), expected);
    assert_eq!(certificates(&certificate_1_3(), true), expected);
    let empty = message(CERTIFICATE, &vector(3, b""));
    assert_eq!(certificates(&empty, false), Vec::<Vec<u8>>::new());
    let empty = message(CERTIFICATE, &[vector(1, b""), vector(3, b"")].concat());
    assert_eq!(certificates(&empty, true), Vec::<Vec<u8>>::new());
}

#[test]
fn a_witness_keeps_what_the_last_connection_said_to_whom() {
    let witness = Witness::default();
    let hear = |sent, content_type, bytes: &[u8]| {
        witness.hear(Message {
            sent,
            content_type,
            bytes,
        });
    };
    hear(false, tls::CONTENT_HANDSHAKE, &certificate_1_2());
    witness.begin();
    hear(false, tls::CONTENT_HANDSHAKE, &request_1_3());
    hear(true, tls::CONTENT_HANDSHAKE, &certificate_1_3());
    // Neither another record nor a message that is too long is taken for one.
    hear(false, tls::CONTENT_ALERT, &[CERTIFICATE, 48]);
    hear(false, tls::CONTENT_HANDSHAKE, &[]);
    hear(
        false,
        tls::CONTENT_HANDSHAKE,
        &vec![CERTIFICATE; LONGEST + 1],
    );
    witness.end(Some("TLSv1.3".to_owned()), true);
    let handshake = witness.handshake();
    assert_eq!(handshake.server, Vec::<Vec<u8>>::new());
    assert_eq!(handshake.sent.map(|sent| sent.len()), Some(2));
    assert_eq!(handshake.request.map(|r| r.authorities.len()), Some(2));
    assert!(handshake.finished);
}

/// All that a peer can do: cut a message anywhere, change any byte, say anything. Whatever comes out
/// was in the message.
#[test]
fn no_message_makes_the_reader_panic_or_find_more_than_there_is() {
    let mut chance = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = move || {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        usize::try_from(chance >> 33).unwrap_or_default()
    };
    let messages = [
        request_1_2(),
        request_1_3(),
        certificate_1_2(),
        certificate_1_3(),
    ];
    let read = |message: &[u8]| {
        for tls_1_3 in [false, true] {
            let found: usize = certificates(message, tls_1_3).iter().map(Vec::len).sum();
            assert!(found <= message.len());
            let request = request(message, tls_1_3);
            let found: usize = request.authorities.iter().map(Vec::len).sum();
            assert!(found + 2 * request.signature_algorithms.len() <= 2 * message.len());
        }
    };
    for message in &messages {
        for end in 0..message.len() {
            read(&message[..end]);
            for byte in [0, 1, 0x7f, 0xff] {
                let mut changed = message.clone();
                changed[end] = byte;
                read(&changed);
            }
        }
    }
    for round in 0..20_000 {
        let mut message = messages[round % messages.len()].clone();
        for _ in 0..=next() % 4 {
            let at = next() % message.len();
            message[at] = next().to_le_bytes()[0];
        }
        message.truncate(1 + next() % message.len());
        read(&message);
        let noise: Vec<u8> = (0..next() % 64).map(|_| next().to_le_bytes()[0]).collect();
        read(&noise);
    }
}

#[test]
fn only_an_alert_that_ends_the_connection_counts_and_only_a_list_with_certificates_was_sent() {
    let witness = Witness::default();
    let hear = |sent, content_type, bytes: &[u8]| {
        witness.hear(Message {
            sent,
            content_type,
            bytes,
        });
    };
    let empty = message(CERTIFICATE, &[vector(1, b""), vector(3, b"")].concat());
    hear(true, tls::CONTENT_HANDSHAKE, &empty);
    assert!(!witness.answered());
    hear(false, tls::CONTENT_HANDSHAKE, &request_1_3());
    assert!(witness.answered() && witness.requested() && !witness.sent_any());
    hear(true, tls::CONTENT_HANDSHAKE, &certificate_1_3());
    assert!(witness.sent_any());
    hear(true, tls::CONTENT_ALERT, &[WARNING, 0]);
    assert_eq!(witness.alert(), None);
    hear(false, tls::CONTENT_ALERT, &[2, 48]);
    hear(true, tls::CONTENT_ALERT, &[WARNING, 0]);
    let unknown_ca = Alert {
        number: 48,
        received: true,
    };
    assert_eq!(witness.alert(), Some(unknown_ca));
}
