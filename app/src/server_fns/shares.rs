//! Shares: unguessable read-only links to a run.

use super::Failure;
#[cfg(feature = "ssr")]
use super::context::{caller, services};
use domain::{
    RunId, ShareId,
    share::{NewShare, ShareSummary, SharedRun},
};
use leptos::{prelude::*, server_fn::codec::Json};

/// `expires_in_s` counts from now; without it the link never ends by itself.
#[server(prefix = "/fn", endpoint = "shares/create", input = Json)]
pub async fn create_share(run: RunId, expires_in_s: Option<u64>) -> Result<NewShare, Failure> {
    let (services, caller) = caller()?;
    let expires_in = expires_in_s.map(std::time::Duration::from_secs);
    Ok(platform::shares::create(&services, &caller, run, expires_in).await?)
}

#[server(prefix = "/fn", endpoint = "shares/list", input = Json)]
pub async fn list_shares(run: RunId) -> Result<Vec<ShareSummary>, Failure> {
    let (services, caller) = caller()?;
    Ok(platform::shares::list(&services, &caller, run).await?)
}

#[server(prefix = "/fn", endpoint = "shares/revoke", input = Json)]
pub async fn revoke_share(share: ShareId) -> Result<(), Failure> {
    let (services, caller) = caller()?;
    Ok(platform::shares::revoke(&services, &caller, share).await?)
}

/// What a shared page shows; asks for no caller, because the token is the permission.
#[server(prefix = "/fn", endpoint = "shares/open", input = Json)]
pub async fn open_share(token: String) -> Result<SharedRun, Failure> {
    let services = services()?;
    Ok(platform::shares::open(&services, &token).await?)
}
