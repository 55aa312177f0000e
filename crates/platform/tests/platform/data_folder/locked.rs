//! A database that takes nothing new: said by readiness, and no reason to stop for ever.

use crate::harness::*;
use domain::event::RunEventKind;
use platform::{Config, services::READY_WITHIN};
use sqlx::{ConnectOptions, SqliteConnection, sqlite::SqliteConnectOptions};
use std::time::{Duration, Instant};

/// Holds the database's write lock until it is dropped.
async fn lock(platform: &Platform) -> SqliteConnection {
    let file = platform.data.folder.path().join("mecapy.db");
    let options = SqliteConnectOptions::new().filename(file);
    let mut database = options.connect().await.expect("it opens");
    let begun = sqlx::query("BEGIN IMMEDIATE").execute(&mut database).await;
    begun.expect("locked");
    database
}

#[tokio::test]
async fn a_platform_that_cannot_write_is_not_ready() {
    let platform = Platform::open().await;
    platform.services.ready().await.expect("control");
    let lock = lock(&platform).await;
    let asked = Instant::now();
    assert!(platform.services.ready().await.is_err());
    assert!(asked.elapsed() < 2 * READY_WITHIN, "{:?}", asked.elapsed());
    drop(lock);
}

#[tokio::test]
async fn a_platform_without_its_object_folder_is_not_ready() {
    let platform = Platform::open().await;
    let objects = platform.data.folder.path().join("objects");
    std::fs::remove_dir_all(&objects).expect("removed");
    std::fs::write(&objects, "not a folder").expect("written");
    assert!(platform.services.ready().await.is_err());
}

#[tokio::test]
async fn stopping_does_not_wait_for_what_cannot_be_written() {
    const STOP_WITHIN: Duration = Duration::from_millis(300);
    let script = vec![started(), Step::AliveUntilClosed];
    let worker = FakeWorker::always(Answer::Script(script)).await;
    let quick = |config: &mut Config| config.dispatch.stop_within = STOP_WITHIN;
    let platform = Platform::open_with(quick).await;
    platform.dispatch_to(&worker).await;
    let run = platform.run().await;
    platform
        .until(run, |kind| matches!(kind, RunEventKind::Started { .. }))
        .await;
    let lock = lock(&platform).await;
    let begun = Instant::now();
    platform.services.shutdown().await;
    assert!(
        begun.elapsed() < Duration::from_secs(9),
        "{:?}",
        begun.elapsed()
    );
    drop(lock);
}
