//! Redis, PostgreSQL and S3 that fail.

use crate::{cluster::Cluster, workload::survives};
use std::time::Duration;
use testbed::Behaviour;
use tokio::time::sleep;

/// How long a service is away.
const AWAY: Duration = Duration::from_secs(3);
/// Longer than one try of the S3 client.
const HANGS: Duration = Duration::from_secs(8);

#[tokio::test(flavor = "multi_thread")]
async fn redis_is_away_and_comes_back_empty() {
    let mut cluster = Cluster::start().await;
    survives(&mut cluster, async |cluster| {
        cluster.testbed.redis.stop();
        sleep(AWAY).await;
        cluster.testbed.redis.start_again();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_forgets_everything() {
    let mut cluster = Cluster::start().await;
    survives(&mut cluster, async |cluster| cluster.testbed.redis.flush()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_is_restarted() {
    let mut cluster = Cluster::start().await;
    survives(&mut cluster, async |cluster| {
        cluster.testbed.postgres.stop();
        sleep(AWAY).await;
        cluster.testbed.postgres.start_again();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_object_store_fails() {
    let mut cluster = Cluster::start().await;
    survives(&mut cluster, async |cluster| {
        cluster.testbed.s3.behave(Behaviour::Fails);
        sleep(AWAY).await;
        cluster.testbed.s3.behave(Behaviour::Serves);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_object_store_hangs() {
    let mut cluster = Cluster::start().await;
    survives(&mut cluster, async |cluster| {
        cluster.testbed.s3.behave(Behaviour::Hangs);
        sleep(HANGS).await;
        cluster.testbed.s3.behave(Behaviour::Serves);
    })
    .await;
}
