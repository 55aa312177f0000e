//! From which address a request comes.
//!
//! Behind a reverse proxy every connection is the proxy's own. Each proxy adds the address it was
//! called from at the end of `X-Forwarded-For`, and whatever stood there before is the client's own
//! word. So the header counts only where `MECAPY_TRUSTED_PROXIES` says how many proxies of ours a
//! request passes, and then the entry that the outermost of them wrote.

use axum::http::{Extensions, HeaderMap, HeaderName};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// One customer of an IPv6 provider has at least this many leading bits, and all addresses below.
const CUSTOMER_BITS: u32 = 64;

/// Who is at the other end of the connection; goes with every request from where it is accepted.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The address of who sent a request that passes that many proxies of ours. Where a proxy is missing,
/// or wrote what is no address, it is the connection's.
#[must_use]
pub fn address(extensions: &Extensions, headers: &HeaderMap, trusted_proxies: usize) -> IpAddr {
    let peer = extensions
        .get::<Peer>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0);
    let forwarded = trusted_proxies
        .checked_sub(1)
        .and_then(|before| entry_from_the_end(headers, before));
    forwarded.unwrap_or(peer).to_canonical()
}

/// An address as one customer of a provider counts: IPv6 by its network.
#[must_use]
pub fn customer(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(whole) => {
            let network = whole.to_bits() & (u128::MAX << (u128::BITS - CUSTOMER_BITS));
            Ipv6Addr::from_bits(network).into()
        }
    }
}

fn entry_from_the_end(headers: &HeaderMap, before: usize) -> Option<IpAddr> {
    let lines: Vec<_> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .map(|line| line.to_str().ok())
        .collect::<Option<_>>()?;
    let entry = lines
        .iter()
        .rev()
        .flat_map(|line| line.rsplit(','))
        .nth(before)?;
    parse(entry.trim())
}

/// With or without a port; IPv6 with or without brackets.
fn parse(entry: &str) -> Option<IpAddr> {
    let bare = entry
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let alone = bare.unwrap_or(entry).parse().ok();
    alone.or_else(|| entry.parse().ok().map(|addr: SocketAddr| addr.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn seen(trusted_proxies: usize, lines: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(Peer(PROXY.parse().expect("an address")));
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().expect("a header value"));
        }
        address(&extensions, &headers, trusted_proxies).to_string()
    }

    #[test]
    fn without_proxies_of_ours_the_header_is_the_clients_own_word() {
        assert_eq!(seen(0, &["203.0.113.9"]), PROXY);
        assert_eq!(seen(0, &[]), PROXY);
    }

    #[test]
    fn the_outermost_proxy_of_ours_is_believed_and_nobody_before_it() {
        let forged = "198.51.100.1, 203.0.113.9";
        assert_eq!(seen(1, &[forged]), "203.0.113.9");
        assert_eq!(seen(2, &[forged, "10.0.0.2"]), "203.0.113.9");
        assert_eq!(
            seen(2, &["198.51.100.1", "203.0.113.9,10.0.0.2"]),
            "203.0.113.9"
        );
    }

    #[test]
    fn what_came_past_a_proxy_or_is_no_address_counts_as_its_connection() {
        assert_eq!(seen(1, &[]), PROXY);
        assert_eq!(seen(3, &["203.0.113.9, 10.0.0.2"]), PROXY);
        for nonsense in ["unknown", "", "203.0.113.9,", "_hidden", "[::1", "1.2.3"] {
            assert_eq!(seen(1, &[nonsense]), PROXY, "{nonsense}");
        }
    }

    #[test]
    fn ports_brackets_and_mapped_addresses_do_not_hide_an_address() {
        for entry in [
            "203.0.113.9:4711",
            "::ffff:203.0.113.9",
            "[::ffff:203.0.113.9]:80",
        ] {
            assert_eq!(seen(1, &[entry]), "203.0.113.9", "{entry}");
        }
        assert_eq!(seen(1, &["[2001:db8::7]"]), "2001:db8::7");
    }

    #[test]
    fn the_addresses_of_one_ipv6_customer_count_together() {
        let of = |text: &str| customer(text.parse().expect("an address")).to_string();
        assert_eq!(of("2001:db8:1:2:aaaa::1"), of("2001:db8:1:2:ffff::2"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("203.0.113.9"), "203.0.113.9");
    }
}
