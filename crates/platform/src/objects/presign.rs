//! Presigned URLs of the disk store: HMAC-SHA256 over method, key, expiry and size. The key is made
//! anew at each start, because no URL outlives the attempt it was made for.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::Timestamp;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;

/// The query of a presigned `/objects/{key}` URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedQuery {
    /// `GET` or `PUT`.
    pub method: String,
    /// End of validity, milliseconds since the Unix epoch.
    pub exp: i64,
    /// Largest body, bytes.
    pub max: u64,
    /// The signature, base64url.
    pub sig: String,
}

impl SignedQuery {
    /// As it stands after the question mark; nothing in it needs escaping.
    pub(super) fn to_query(&self) -> String {
        let Self {
            method,
            exp,
            max,
            sig,
        } = self;
        format!("method={method}&exp={exp}&max={max}&sig={sig}")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Put,
}

impl Method {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
        }
    }
}

/// What a valid signature allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub max_bytes: u64,
}

#[derive(Clone)]
pub(crate) struct Signer(Hmac<Sha256>);

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// A signer with a key of its own.
    pub(crate) fn random() -> Self {
        let key = crate::auth::random::<32>();
        Self(Hmac::new_from_slice(&key).expect("HMAC takes keys of any length"))
    }

    pub(crate) fn sign(
        &self,
        method: Method,
        key: &str,
        max_bytes: u64,
        expires: Timestamp,
    ) -> SignedQuery {
        let mac = self.mac(method, key, max_bytes, expires);
        SignedQuery {
            method: method.as_str().to_owned(),
            exp: expires.millis(),
            max: max_bytes,
            sig: URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()),
        }
    }

    /// What the query allows for this method and key now; `None` when nothing.
    pub(crate) fn verify(
        &self,
        method: Method,
        key: &str,
        query: &SignedQuery,
        now: Timestamp,
    ) -> Option<Grant> {
        let expires = Timestamp::from_millis(query.exp);
        let signature = URL_SAFE_NO_PAD.decode(&query.sig).ok()?;
        let mac = self.mac(method, key, query.max, expires);
        mac.verify_slice(&signature).ok()?;
        (query.method == method.as_str() && now < expires).then_some(Grant {
            max_bytes: query.max,
        })
    }

    fn mac(&self, method: Method, key: &str, max: u64, expires: Timestamp) -> Hmac<Sha256> {
        let method = method.as_str();
        let expires = expires.millis();
        // Neither methods nor numbers contain a newline, so the parts cannot run into each other.
        let signed = format!("{method}\n{expires}\n{max}\n{key}");
        self.0.clone().chain_update(signed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "runs/a/1/result";
    const NOW: Timestamp = Timestamp::from_millis(1_000);
    const LATER: Timestamp = Timestamp::from_millis(2_000);

    #[test]
    fn a_signature_allows_exactly_what_was_signed() {
        let signer = Signer::random();
        let query = signer.sign(Method::Put, KEY, 10, LATER);
        let allowed = |method, key, query: &SignedQuery, now| {
            signer
                .verify(method, key, query, now)
                .map(|grant| grant.max_bytes)
        };
        assert_eq!(allowed(Method::Put, KEY, &query, NOW), Some(10), "control");
        assert_eq!(allowed(Method::Get, KEY, &query, NOW), None, "method");
        assert_eq!(
            allowed(Method::Put, "runs/a/2/result", &query, NOW),
            None,
            "key"
        );
        assert_eq!(allowed(Method::Put, KEY, &query, LATER), None, "time");
        let larger = SignedQuery {
            max: 11,
            ..query.clone()
        };
        assert_eq!(allowed(Method::Put, KEY, &larger, NOW), None, "size");
        let longer = SignedQuery {
            exp: 3_000,
            ..query.clone()
        };
        assert_eq!(allowed(Method::Put, KEY, &longer, NOW), None, "expiry");
        let unsigned = SignedQuery {
            sig: String::new(),
            ..query.clone()
        };
        assert_eq!(
            allowed(Method::Put, KEY, &unsigned, NOW),
            None,
            "no signature"
        );
        assert_eq!(
            Signer::random().verify(Method::Put, KEY, &query, NOW),
            None,
            "another key"
        );
    }
}
