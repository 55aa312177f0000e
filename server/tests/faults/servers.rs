//! Processes that are killed, paused, or have another idea of the time.

use crate::{cluster::Cluster, workload::survives};
use rustix::process::Signal;
use std::time::Duration;
use tokio::time::sleep;

/// Beyond the lease of 20 s, so that another dispatcher has taken the runs.
const PAUSE: Duration = Duration::from_secs(24);

#[tokio::test(flavor = "multi_thread")]
async fn nothing_failing_is_the_control() {
    let mut cluster = Cluster::start().await;
    survives(&mut cluster, async |_| {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispatcher_is_killed() {
    let mut cluster = Cluster::start().await;
    survives(&mut cluster, async |cluster| {
        cluster.dispatchers[0] = None;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_is_killed() {
    let mut cluster = Cluster::start().await;
    survives(&mut cluster, async |cluster| cluster.workers[0].kill()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_server_is_killed() {
    let mut cluster = Cluster::start().await;
    survives(&mut cluster, async |cluster| {
        cluster.webs[0] = None;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispatcher_stands_still_beyond_its_lease_and_goes_on() {
    let mut cluster = Cluster::start().await;
    survives(&mut cluster, async |cluster| {
        let dispatcher = cluster.dispatchers[0].as_ref().expect("it runs");
        dispatcher.signal(Signal::STOP);
        sleep(PAUSE).await;
        dispatcher.signal(Signal::CONT);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_stands_still_beyond_the_lease_and_goes_on() {
    let mut cluster = Cluster::start().await;
    survives(&mut cluster, async |cluster| {
        cluster.workers[0].signal(Signal::STOP);
        sleep(PAUSE).await;
        cluster.workers[0].signal(Signal::CONT);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clocks_of_the_servers_differ_by_minutes() {
    const CLOCKS: [&str; 4] = ["+120s", "-120s", "+120s", "-120s"];
    let mut cluster = Cluster::start_with(|n, command| {
        command
            .env(
                "LD_PRELOAD",
                "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
            )
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("FAKETIME", CLOCKS[n]);
    })
    .await;
    survives(&mut cluster, async |cluster| {
        cluster.dispatchers[0] = None;
    })
    .await;
}
