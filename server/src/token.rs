//! `token`: makes, lists and revokes API tokens, whether the server runs or not.

use crate::{
    config::{self, ConfigError, StorageConfig},
    environment::{Environment, EnvironmentError},
    terminal,
};
use clap::Subcommand;
use domain::{
    TokenId,
    limits::DEFAULT_TOKEN_LIFE_S,
    token::{Scope, TokenSummary},
};
use platform::{OpenError, config::DataDir, offline::Offline, tokens::CreateToken};
use std::time::Duration;

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it; it is shown this once.
    Create {
        /// What it is for.
        #[arg(long)]
        name: String,
        /// read, run or write; each includes those before it.
        #[arg(long)]
        scope: Scope,
        /// How long it works, for example 12h, 90d or 4w.
        #[arg(long, value_name = "TIME", value_parser = length_of_time)]
        expires: Option<Duration>,
    },
    /// List the tokens that are not revoked.
    List,
    /// Revoke a token at once.
    Revoke {
        /// Its id, as `token list` shows it.
        id: TokenId,
    },
}

#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("The stored data could not be opened: {0}.")]
    Open(#[from] OpenError),
    #[error(transparent)]
    Refused(#[from] platform::Error),
}

/// Carries the command out; only a new token goes to stdout, so that a script can take it.
///
/// # Errors
/// There are no data, or the platform refuses.
pub async fn run(command: TokenCommand) -> Result<(), TokenError> {
    let environment = Environment::read()?;
    let data = DataDir(config::data_dir(&environment));
    let storage = StorageConfig::from_environment(&environment)?;
    let offline = Offline::open(&data, &storage.database).await?;
    match command {
        TokenCommand::Create {
            name,
            scope,
            expires,
        } => {
            let new = CreateToken {
                name,
                scope,
                expires_in: expires,
            };
            let made = offline.create_token(new).await?;
            terminal::say(&made.token);
            let TokenSummary {
                name, expires_at, ..
            } = made.summary;
            eprintln!("“{name}”, scope {scope}, until {expires_at}. It is shown this once.");
        }
        TokenCommand::List => {
            for token in offline.tokens().await? {
                terminal::say(&line(&token));
            }
        }
        TokenCommand::Revoke { id } => {
            offline.revoke_token(id).await?;
            eprintln!("Revoked.");
        }
    }
    Ok(())
}

fn line(token: &TokenSummary) -> String {
    let used = token
        .last_used_at
        .map_or_else(|| "never used".to_owned(), |at| format!("last used {at}"));
    let TokenSummary {
        id,
        name,
        scope,
        start,
        expires_at,
        ..
    } = token;
    format!("{id}  {start}…  {scope:5}  until {expires_at}  {used}  {name}")
}

/// Reads `90d`.
fn length_of_time(text: &str) -> Result<Duration, String> {
    let seconds = text.char_indices().last().and_then(|(end, unit)| {
        let unit = match unit {
            's' => 1,
            'm' => 60,
            'h' => 60 * 60,
            'd' => 24 * 60 * 60,
            'w' => 7 * 24 * 60 * 60,
            _ => return None,
        };
        text[..end].parse::<u64>().ok()?.checked_mul(unit)
    });
    let days = DEFAULT_TOKEN_LIFE_S / (24 * 60 * 60);
    seconds.map(Duration::from_secs).ok_or_else(|| {
        format!(
            "write a number and a unit: 90m, 12h, 7d, 4w; without it the token works {days} days"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_a_unit() {
        assert_eq!(length_of_time("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(length_of_time("2d"), Ok(Duration::from_secs(172_800)));
        for wrong in [
            "",
            "d",
            "90",
            "1.5h",
            "-1d",
            "1y",
            "5é",
            "99999999999999999999d",
        ] {
            assert!(length_of_time(wrong).is_err(), "{wrong}");
        }
    }
}
