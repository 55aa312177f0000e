//! How a receiver knows that a delivery comes from here: the convention of
//! [Standard Webhooks](https://www.standardwebhooks.com), HMAC-SHA256 over id, time and body.

use crate::auth;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::DeliveryId;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// What a secret begins with, so that it is known for one wherever it turns up.
const PREFIX: &str = "whsec_";
/// Bytes of randomness in a secret.
const SECRET_BYTES: usize = 32;

pub(super) fn new_secret() -> SecretString {
    let key = auth::random::<SECRET_BYTES>();
    format!("{PREFIX}{}", STANDARD.encode(key)).into()
}

/// The header `webhook-signature`; `None` when the secret is not one of ours.
pub(super) fn sign(
    secret: &SecretString,
    id: DeliveryId,
    timestamp: i64,
    body: &[u8],
) -> Option<String> {
    signed(secret.expose_secret(), &id.to_string(), timestamp, body)
}

fn signed(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    Some(format!(
        "v1,{}",
        STANDARD.encode(mac.finalize().into_bytes())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_convention_is_signed_as_it_says() {
        let signed = signed(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            b"{\"test\": 2432232314}",
        );
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signed.as_deref(), Some(expected));
    }

    #[test]
    fn secrets_differ_and_can_be_signed_with() {
        let (one, other) = (new_secret(), new_secret());
        assert_ne!(one.expose_secret(), other.expose_secret());
        let id = DeliveryId(uuid::Uuid::now_v7());
        let of = |secret| sign(secret, id, 1, b"{}").expect("signed");
        assert_ne!(of(&one), of(&other));
    }
}
