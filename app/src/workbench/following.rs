//! Keeps the page with its run: events in, then the finished run with its result.

use super::Bench;
use crate::{
    run::{Live, log::Log, stream::EventStream},
    server_fns::runs::{ShownRun, list_runs, show_run},
};
use domain::{
    RunId,
    event::RunEvent,
    run::{RunDetail, RunStatus, RunSummary},
};
use leptos::{prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;
use std::time::Duration;

/// The open stream, which ends with the page.
pub type StreamSlot = StoredValue<Option<SendWrapper<EventStream>>>;

/// Takes up a run that was under way when the page came.
pub fn resume(bench: Bench) {
    Effect::new(move || {
        let under_way = bench
            .live
            .with_untracked(|live| live.as_ref().map(|live| live.run.summary.id));
        if let Some(run) = under_way {
            follow(bench, run);
        }
    });
    on_cleanup(move || {
        // The page is gone: whatever the stream still brings has nobody to tell.
        let _ = bench.stream.try_update_value(|stream| drop(stream.take()));
    });
}

/// Shows a run that was just submitted, and follows it.
pub fn start(bench: Bench, run: RunDetail) {
    let id = run.summary.id;
    bench.ask();
    bench.total_runs.set(u64::from(run.summary.number));
    bench.runs.update(|runs| {
        runs.retain(|known| known.id != id);
        runs.insert(0, run.summary.clone());
    });
    bench.live.set(None);
    take_up(bench, run);
}

fn follow(bench: Bench, run: RunId) {
    let on_event = move |event: RunEvent| take_in(bench, run, &event);
    let on_lost = move |lost: bool| {
        let _ = bench.lost.try_set(lost);
    };
    let stream = EventStream::open(run, on_event, on_lost);
    bench.stream.set_value(Some(SendWrapper::new(stream)));
}

fn take_in(bench: Bench, run: RunId, event: &RunEvent) {
    if bench.live.is_disposed() {
        return;
    }
    let mut finished = false;
    bench.live.update(|live| {
        if let Some(live) = live.as_mut().filter(|live| live.run.summary.id == run) {
            bench.log.update(|log| live.apply(event, log));
            finished = live.finished;
        }
    });
    let summary = bench
        .live
        .with_untracked(|live| live.as_ref().map(|live| live.run.summary.clone()));
    if let Some(summary) = summary {
        bench.runs.update(|runs| {
            if let Some(known) = runs.iter_mut().find(|known| known.id == run) {
                known.status = summary.status;
            }
        });
    }
    if finished {
        spawn_local(finish(bench, run));
    }
}

/// Fetches what the run came to. The events said already that it is over.
async fn finish(bench: Bench, run: RunId) {
    let task = bench.task.with_untracked(|task| task.id);
    let shown = loop {
        match show_run(run).await {
            Ok(shown) => break shown,
            Err(failure) if failure.problem().is_some() => {
                let _ = bench.problem.try_set(Some(failure));
                let _ = bench.live.try_set(None);
                return;
            }
            // No connection: the result is safe where it is.
            Err(_) => pause(Duration::from_secs(2)).await,
        }
        if bench.live.is_disposed() {
            return;
        }
    };
    if bench.live.is_disposed() {
        return;
    }
    bench.ask();
    put_on_show(bench, shown);
    // The lines that were followed know their times; the stored log does not.
    let followed = bench.log.get_untracked();
    if !followed.lines().is_empty() {
        bench.shown_log.set(followed);
    }
    if let Ok(page) = list_runs(Some(task), None, None, None).await {
        let _ = bench.total_runs.try_set(page.total);
        let _ = bench
            .runs
            .try_update(|runs| *runs = newest_and_known(page.items, runs));
    }
}

/// The newest runs as the server lists them, then the older ones that the page knows already.
fn newest_and_known(newest: Vec<RunSummary>, known: &[RunSummary]) -> Vec<RunSummary> {
    let Some(last) = newest.last().map(|run| run.number) else {
        return newest;
    };
    let older = known.iter().filter(|run| run.number < last).cloned();
    newest.into_iter().chain(older).collect()
}

/// Puts a run on show: one that is over with what it came to, one that is under way as it goes on.
pub fn put_on_show(bench: Bench, shown: ShownRun) {
    if bench.live.is_disposed() {
        return;
    }
    if !shown.detail.summary.status.is_final() {
        take_up(bench, shown.detail);
        return;
    }
    let id = shown.detail.summary.id;
    let was_live = bench
        .live
        .with_untracked(|live| live.as_ref().is_some_and(|live| live.run.summary.id == id));
    if was_live {
        bench.live.set(None);
        // The closures of the stream may be the ones that are running now.
        set_timeout(
            move || drop(bench.stream.try_update_value(Option::take)),
            Duration::ZERO,
        );
    } else {
        bench.peek.set(true);
    }
    bench.shown_log.set(Log::complete(&shown.log));
    if shown.detail.summary.status == RunStatus::Completed {
        bench.last_good.set(Some(shown.clone()));
    }
    bench.runs.update(|runs| {
        if let Some(known) = runs.iter_mut().find(|known| known.id == id) {
            *known = shown.detail.summary.clone();
        }
    });
    bench.shown.set(Some(shown));
}

/// Follows a run that was started elsewhere, unless this page follows one already.
fn take_up(bench: Bench, run: RunDetail) {
    if bench.live.with_untracked(Option::is_some) {
        return;
    }
    let id = run.summary.id;
    bench.peek.set(false);
    bench.lost.set(false);
    bench.log.set(Log::default());
    bench.live.set(Some(Live::new(run)));
    follow(bench, id);
}

async fn pause(time: Duration) {
    let (sender, receiver) = futures::channel::oneshot::channel();
    set_timeout(
        move || {
            let _ = sender.send(());
        },
        time,
    );
    let _ = receiver.await;
}
