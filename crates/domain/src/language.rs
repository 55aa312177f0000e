//! The two languages of the interface. A page's language comes from the cookie `mecapy_lang`, else
//! from `Accept-Language`; code outside a page takes it as a value.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    En,
    Fr,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::En, Self::Fr];

    /// The code of ISO 639, as in `<html lang>`, the cookie and the names of the locale files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The first language of an `Accept-Language` header that we speak, by its weights; English
    /// when there is none.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Self {
        let mut best = (0.0, Self::default());
        for entry in header.split(',') {
            let (range, weight) = entry.split_once(";q=").unwrap_or((entry, "1"));
            let primary = range.trim().split('-').next().unwrap_or_default();
            let weight = weight.trim().parse::<f32>().unwrap_or(0.0);
            if let Some(language) = Self::parse(&primary.to_ascii_lowercase())
                && weight > best.0
            {
                best = (weight, language);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{self, En, Fr};

    #[test]
    fn accept_language_follows_the_weights() {
        for (header, expected) in [
            ("", En),
            ("de, es;q=0.5", En),
            ("fr-FR,fr;q=0.9,en;q=0.8", Fr),
            ("en;q=0.3, FR-ca;q=0.7", Fr),
            ("fr;q=0, en", En),
        ] {
            assert_eq!(Language::from_accept_language(header), expected, "{header}");
        }
    }
}
