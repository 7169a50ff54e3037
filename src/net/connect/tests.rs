//! Hosts with several addresses.

use std::io::ErrorKind;

use super::*;

const FOUR: &str = "192.0.2.1:8443";
const SIX: &str = "[2001:db8::1]:8443";

fn clock(whole: Duration) -> Clock {
    Clock {
        until: Instant::now() + whole,
        whole,
    }
}

fn addresses(names: &[&str]) -> Vec<SocketAddr> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

/// The resolver puts addresses last that this machine has no way to, and their error used to count: a
/// refused connection was told as an unreachable network, and tried again.
#[test]
fn what_the_first_address_said_outweighs_that_there_is_no_way_to_the_last() {
    use ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable, TimedOut};
    for (said, told) in [
        ([ConnectionRefused, NetworkUnreachable], ConnectionRefused),
        ([NetworkUnreachable, ConnectionRefused], ConnectionRefused),
        ([TimedOut, ConnectionRefused], ConnectionRefused),
        ([TimedOut, NetworkUnreachable], TimedOut),
        ([NetworkUnreachable, TimedOut], TimedOut),
        ([HostUnreachable, NetworkUnreachable], HostUnreachable),
    ] {
        let mut answers = said.into_iter();
        let reached = reach(&addresses(&[FOUR, SIX]), clock(Duration::ZERO), |_, _| {
            Err::<(), _>(answers.next().expect("each once").into())
        });
        let error = reached.expect_err("none answers").expect("an error");
        assert_eq!(error.kind(), told, "{said:?}");
    }
    let none = reach(&[], clock(Duration::ZERO), |_, _| Ok(()));
    assert!(none.expect_err("no address").is_none());
}

/// It used to be given up after half of the time.
#[test]
fn an_address_gets_the_time_that_the_others_did_not_need() {
    let hour = Duration::from_secs(3600);
    let mut tried = Vec::new();
    let reached = reach(&addresses(&[FOUR, SIX]), clock(hour), |address, wait| {
        tried.push((address.to_string(), wait > hour / 2));
        match tried.len() {
            1 => Err(ErrorKind::TimedOut.into()),
            2 => Err(ErrorKind::NetworkUnreachable.into()),
            _ => Ok(address),
        }
    });
    assert_eq!(reached.expect("the third try").to_string(), FOUR);
    let expected = [(FOUR, false), (SIX, true), (FOUR, true)];
    assert_eq!(tried, expected.map(|(name, long)| (name.to_owned(), long)));
}
