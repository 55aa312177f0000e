//! Where a webhook sends: an address that was checked, and the resolver that lets connections go
//! nowhere else.

use super::address::{Forbidden, Reach};
use domain::limits::MAX_WEBHOOK_URL_CHARS;
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};
use std::{
    fmt,
    io::{self, ErrorKind},
    net::IpAddr,
};
use thiserror::Error;
use tokio::net::lookup_host;

/// Why an address is not one of a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum Unfit {
    #[error(
        "The address has more than {MAX_WEBHOOK_URL_CHARS} characters, which is the limit. Give a \
         shorter one."
    )]
    TooLong,
    #[error("This is no address ({0}). Write it as https://example.eu/path.")]
    NotAUrl(String),
    #[error("An address that begins with {0}: is not reached. Give one that begins with https:.")]
    Scheme(String),
    #[error(
        "The address contains a user name or a password, which are not sent. Leave them out: the \
         signature shows who sends."
    )]
    Credentials,
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
}

/// An address whose host, where it is an IP address, may be reached. Names are checked when they
/// are resolved.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Target(Url);

impl Target {
    pub(super) fn parse(text: &str, reach: Reach) -> Result<Self, Unfit> {
        if text.chars().nth(MAX_WEBHOOK_URL_CHARS).is_some() {
            return Err(Unfit::TooLong);
        }
        let mut url = Url::parse(text).map_err(|error| Unfit::NotAUrl(error.to_string()))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(Unfit::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Unfit::Credentials);
        }
        // Whatever way an IP address was written, the parser has made it the usual one.
        let host = url.host_str().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(ip) = bare.parse::<IpAddr>() {
            reach.check(ip)?;
        }
        url.set_fragment(None);
        Ok(Self(url))
    }

    pub(super) fn url(&self) -> Url {
        self.0.clone()
    }

    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// Without path and query, which may hold secrets of the receiver.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0.host_str().unwrap_or_default();
        match self.0.port() {
            Some(port) => write!(f, "{host}:{port}"),
            None => f.write_str(host),
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self})")
    }
}

/// A name that leads nowhere but to addresses that are not reached.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("The name {name} leads to an address that is not reached: {why}")]
pub(super) struct ForbiddenName {
    name: String,
    why: Forbidden,
}

/// Gives the HTTP client only addresses that may be reached. The client connects to what it is
/// given, so that a name cannot change its meaning between the check and the connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct CheckedResolver(pub(super) Reach);

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let Self(reach) = *self;
        Box::pin(async move {
            let found = lookup_host((name.as_str(), 0)).await?;
            let mut allowed = Vec::new();
            let mut refused = None;
            for address in found {
                match reach.check(address.ip()) {
                    Ok(()) => allowed.push(address),
                    Err(why) => refused = refused.or(Some(why)),
                }
            }
            match refused {
                _ if !allowed.is_empty() => Ok(Box::new(allowed.into_iter()) as Addrs),
                Some(why) => {
                    let name = name.as_str().to_owned();
                    Err(ForbiddenName { name, why }.into())
                }
                None => Err(io::Error::new(ErrorKind::NotFound, "the name has no address").into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: Reach = Reach { private: false };

    #[test]
    fn odd_ways_to_write_a_private_address_are_seen_through() {
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://0x7f.1/",
            "http://0x7f000001:80/",
            "http://2130706433/",
            "http://0177.0.0.1/",
            "http://127.0.0.1./",
            "http://１２７.0.0.1/",
            "http://127。0。0。1/",
            "http:127.0.0.1",
            "http:\\\\127.0.0.1\\",
            "http://[::1]:8080/",
            "http://[::ffff:127.0.0.1]/",
            "http://[0:0:0:0:0:ffff:7f00:1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://169.254.169.254/latest/meta-data/",
            "http://0/",
            "HTTP://10.0.0.1",
        ] {
            let refused = Target::parse(url, PUBLIC);
            assert!(matches!(refused, Err(Unfit::Forbidden(_))), "{url}");
        }
        for url in ["http://1.1.1.1/", "https://example.eu:8443/a?b=c"] {
            assert!(Target::parse(url, PUBLIC).is_ok(), "control: {url}");
        }
    }

    #[test]
    fn what_is_no_address_of_a_receiver_is_refused() {
        let refused = |url: &str| Target::parse(url, PUBLIC).expect_err(url);
        assert!(matches!(refused("example.eu/hook"), Unfit::NotAUrl(_)));
        assert!(matches!(refused("http://"), Unfit::NotAUrl(_)));
        assert!(matches!(refused("http://[::1%25lo]/"), Unfit::NotAUrl(_)));
        assert!(matches!(refused("file:///etc/passwd"), Unfit::Scheme(_)));
        assert_eq!(refused("https://a:b@example.eu/"), Unfit::Credentials);
        assert_eq!(refused("https://a@example.eu/"), Unfit::Credentials);
        let long = format!("https://example.eu/{}", "x".repeat(MAX_WEBHOOK_URL_CHARS));
        assert_eq!(refused(&long), Unfit::TooLong);
    }

    #[test]
    fn a_target_is_told_without_its_path_and_query() {
        let target = Target::parse("https://example.eu:8443/token?key=1#top", PUBLIC);
        let target = target.expect("an address");
        assert_eq!(target.to_string(), "example.eu:8443");
        assert_eq!(format!("{target:?}"), "Target(example.eu:8443)");
        assert_eq!(target.as_str(), "https://example.eu:8443/token?key=1");
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_refused() {
        let name = || "localhost".parse::<Name>().expect("a name");
        let refused = CheckedResolver(PUBLIC).resolve(name()).await;
        let refused = refused.err().expect("refused");
        assert!(refused.is::<ForbiddenName>(), "{refused}");
        let control = CheckedResolver(Reach { private: true }).resolve(name());
        let mut control = control.await.expect("control: it has an address");
        assert!(control.all(|address| address.ip().is_loopback()));
    }
}
