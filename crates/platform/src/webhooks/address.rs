//! Which addresses webhooks reach: whoever makes a webhook has this server send requests, and must
//! not get at what only this machine, its network or its cloud can see.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use thiserror::Error;

const THIS_MACHINE: &str = "this machine";
const PRIVATE_NETWORK: &str = "in a private network";
const METADATA: &str = "the metadata service of a cloud";
const LINK_LOCAL: &str = "link-local";
const MULTICAST: &str = "for many receivers at once";
const UNSPECIFIED: &str = "no address of a machine";
const RESERVED: &str = "reserved";

/// Why an address is not reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum Forbidden {
    #[error(
        "{0} is {1}, which webhooks do not reach. Give an address on the internet; who runs this \
         server can allow private ones with MECAPY_WEBHOOK_PRIVATE=1."
    )]
    Private(IpAddr, &'static str),
    #[error("{0} is {1}, which webhooks never reach. Give another address.")]
    Never(IpAddr, &'static str),
}

/// What may be reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach {
    /// This machine and private networks too.
    pub private: bool,
}

impl Reach {
    pub(super) fn check(self, ip: IpAddr) -> Result<(), Forbidden> {
        match kind(ip) {
            Kind::Public => Ok(()),
            Kind::Private(_) if self.private => Ok(()),
            Kind::Private(what) => Err(Forbidden::Private(ip, what)),
            Kind::Never(what) => Err(Forbidden::Never(ip, what)),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Public,
    Private(&'static str),
    Never(&'static str),
}

fn kind(ip: IpAddr) -> Kind {
    match ip {
        IpAddr::V4(ip) => kind_v4(ip),
        IpAddr::V6(ip) => match embedded(ip) {
            Some(inner) => kind_v4(inner),
            None => kind_v6(ip),
        },
    }
}

/// By IANA's registry of special-purpose addresses, and the clouds' own documentation.
fn kind_v4(ip: Ipv4Addr) -> Kind {
    match ip.octets() {
        [0, ..] => Kind::Never(UNSPECIFIED),
        [127, ..] => Kind::Private(THIS_MACHINE),
        // AWS and most others; Azure; Oracle; Alibaba.
        [169, 254, 169, 254] | [168, 63, 129, 16] | [192, 0, 0, 192] | [100, 100, 100, 200] => {
            Kind::Never(METADATA)
        }
        [169, 254, ..] => Kind::Never(LINK_LOCAL),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => {
            Kind::Private(PRIVATE_NETWORK)
        }
        [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18..=19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [240..=255, ..] => Kind::Never(RESERVED),
        [224..=239, ..] => Kind::Never(MULTICAST),
        _ => Kind::Public,
    }
}

/// Only what is given out as global unicast is public.
fn kind_v6(ip: Ipv6Addr) -> Kind {
    match ip.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Kind::Never(UNSPECIFIED),
        [0, 0, 0, 0, 0, 0, 0, 1] => Kind::Private(THIS_MACHINE),
        [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254] => Kind::Never(METADATA),
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Kind::Private(PRIVATE_NETWORK),
        [0xfe80..=0xfebf, ..] => Kind::Never(LINK_LOCAL),
        [0xff00..=0xffff, ..] => Kind::Never(MULTICAST),
        // Protocol assignments with Teredo among them, and documentation.
        [0x2001, 0..=0x01ff | 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] => Kind::Never(RESERVED),
        [0x2000..=0x3fff, ..] => Kind::Public,
        _ => Kind::Never(RESERVED),
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped, translated, NAT64 or 6to4.
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let (high, low) = match ip.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x0064, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => (high, low),
        _ => return None,
    };
    Some(Ipv4Addr::from_bits(
        (u32::from(high) << 16) | u32::from(low),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: &[&str] = &[
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "223.255.255.255",
        "2606:4700::1111",
        "2a01:4f8::1",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
        "2002:101:101::1",
    ];
    const PRIVATE: &[&str] = &[
        "127.0.0.1",
        "127.255.255.254",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "100.127.255.255",
        "::1",
        "fc00::1",
        "fd12:3456::1",
        "fec0::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:192.168.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::10.1.2.3",
        "2002:7f00:1::",
    ];
    const NEVER: &[&str] = &[
        "0.0.0.0",
        "0.1.2.3",
        "169.254.0.1",
        "169.254.169.254",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::7f00:1",
        "fe80::1",
        "febf::1",
        "ff02::1",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "::ffff:0.0.0.0",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "4000::1",
    ];

    fn refused(private: bool, ip: &str) -> Option<Forbidden> {
        let ip = ip.parse().expect("an address");
        Reach { private }.check(ip).err()
    }

    #[test]
    fn only_public_addresses_are_reached() {
        for ip in PUBLIC {
            assert_eq!(refused(false, ip), None, "control: {ip}");
        }
        for ip in PRIVATE.iter().chain(NEVER) {
            assert!(refused(false, ip).is_some(), "{ip}");
        }
    }

    #[test]
    fn where_it_is_meant_private_addresses_are_reached_and_no_others() {
        for ip in PUBLIC.iter().chain(PRIVATE) {
            assert_eq!(refused(true, ip), None, "{ip}");
        }
        for ip in NEVER {
            let refused = refused(true, ip);
            assert!(matches!(refused, Some(Forbidden::Never(..))), "{ip}");
        }
    }
}
