//! `NO_PROXY` as curl reads it: names with everything below them, addresses, CIDR blocks, `*`.
//!
//! `localhost` is not exempt by itself. A port in an entry is ignored, as the variable has none.

use std::net::IpAddr;

/// Whether `list` exempts `host` (a name or a bare address).
pub(crate) fn exempts(list: &str, host: &str) -> bool {
    let host = host.trim_end_matches('.');
    let mut entries = list.split([',', ' ', '\t']).filter(|e| !e.is_empty());
    match host.parse::<IpAddr>() {
        Ok(address) => entries.any(|entry| entry == "*" || covers(entry, address)),
        Err(_) => entries.any(|entry| entry == "*" || names(entry, host)),
    }
}

/// `example.test` and `.example.test` both name the domain and all below it (curl since 7.86).
fn names(entry: &str, host: &str) -> bool {
    let entry = without_port(entry).trim_start_matches('.');
    let entry = entry.trim_end_matches('.');
    let Some(start) = host.len().checked_sub(entry.len()) else {
        return false;
    };
    !entry.is_empty()
        && host.is_char_boundary(start)
        && host[start..].eq_ignore_ascii_case(entry)
        && (start == 0 || host.as_bytes()[start - 1] == b'.')
}

fn covers(entry: &str, address: IpAddr) -> bool {
    let (network, bits) = match entry.split_once('/') {
        Some((network, bits)) => (network, Some(bits)),
        None => (entry, None),
    };
    let network = network.strip_prefix('[').unwrap_or(network);
    let network = network.split_once(']').map_or(network, |(inner, _)| inner);
    let parsed = network.parse().or_else(|_| without_port(network).parse());
    match (parsed, address) {
        (Ok(IpAddr::V4(network)), IpAddr::V4(address)) => {
            same_prefix(&network.octets(), &address.octets(), bits)
        }
        (Ok(IpAddr::V6(network)), IpAddr::V6(address)) => {
            same_prefix(&network.octets(), &address.octets(), bits)
        }
        _ => false,
    }
}

/// Whether the first `bits` bits are equal; all of them without a number.
fn same_prefix(network: &[u8], address: &[u8], bits: Option<&str>) -> bool {
    let all = network.len() * 8;
    let bits = match bits.map(str::parse::<usize>) {
        None => all,
        Some(Ok(bits)) if bits <= all => bits,
        Some(_) => return false,
    };
    (0..bits).all(|bit| {
        let mask = 0x80 >> (bit % 8);
        network[bit / 8] & mask == address[bit / 8] & mask
    })
}

/// Drops `:8443` at the end of a name or an IPv4 address.
fn without_port(entry: &str) -> &str {
    match entry.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') && port.bytes().all(|b| b.is_ascii_digit()) => {
            name
        }
        _ => entry,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_exempt_themselves_and_what_is_below_them() {
        for list in [
            "my.test",
            ".my.test",
            "a.test, my.test",
            "x.test my.test",
            "MY.TEST",
            "my.test:443",
            "my.test.",
        ] {
            assert!(exempts(list, "my.test"), "{list}");
            assert!(exempts(list, "na30.my.test"), "{list}");
            assert!(exempts(list, "na30.my.test."), "{list}");
            assert!(!exempts(list, "notmy.test"), "{list}");
            assert!(!exempts(list, "test"), "{list}");
        }
    }

    #[test]
    fn a_star_exempts_everything_and_an_empty_list_nothing() {
        assert!(
            exempts("*", "na30.test") && exempts("*", "10.0.0.1") && exempts("a.test,*", "b.test")
        );
        assert!(
            !exempts("", "na30.test") && !exempts("", "127.0.0.1") && !exempts(".", "na30.test")
        );
        assert!(!exempts("", "localhost"));
        assert!(
            !exempts("*.my.test", "na30.my.test"),
            "curl knows no patterns"
        );
    }

    #[test]
    fn addresses_are_compared_as_numbers_and_by_block() {
        assert!(exempts("10.1.2.3", "10.1.2.3") && exempts("10.1.2.3:8443", "10.1.2.3"));
        assert!(exempts("10.0.0.0/8", "10.200.3.4") && !exempts("10.0.0.0/8", "11.0.0.1"));
        assert!(
            exempts("192.168.1.128/25", "192.168.1.200")
                && !exempts("192.168.1.128/25", "192.168.1.100")
        );
        assert!(exempts("0.0.0.0/0", "1.2.3.4") && !exempts("10.0.0.0/33", "10.0.0.0"));
        assert!(
            exempts("::1", "::1")
                && exempts("[::1]", "::1")
                && exempts("[::1]:443", "::1")
                && exempts("fd00::/8", "fd12:3456::1")
        );
        assert!(
            !exempts("0.1.2.3", "10.1.2.3"),
            "an address is not a name's end"
        );
    }
}
