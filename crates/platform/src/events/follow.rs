//! One run's story as a stream: what is stored, then what comes, until the final event.

use super::Notifier;
use crate::{db::Store, error::Error};
use domain::{RunId, event::RunEvent, run::RunStatus};
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// Events read at once.
const PAGE: usize = 500;

struct Follower {
    store: Arc<dyn Store>,
    news: watch::Receiver<u64>,
    run: RunId,
    after: u64,
    ended: bool,
    /// How long a lost notification can go unnoticed.
    look_again: Duration,
}

/// Every event of `run` after number `after`.
pub(crate) fn follow(
    store: Arc<dyn Store>,
    notifier: &dyn Notifier,
    run: RunId,
    after: u64,
    look_again: Duration,
) -> BoxStream<'static, Result<RunEvent, Error>> {
    let follower = Follower {
        store,
        // Subscribed before anything is read, so that nothing falls between.
        news: notifier.subscribe(run),
        run,
        after,
        ended: false,
        look_again,
    };
    stream::try_unfold(follower, |mut follower| async move {
        let page = follower.next_page().await?;
        Ok::<_, Error>(page.map(|page| (page, follower)))
    })
    .map_ok(|page| stream::iter(page.into_iter().map(Ok)))
    .try_flatten()
    .boxed()
}

impl Follower {
    /// The next events, at least one; `None` after the final event, also for who has seen it.
    async fn next_page(&mut self) -> Result<Option<Vec<RunEvent>>, Error> {
        let mut over = false;
        while !self.ended {
            self.news.borrow_and_update();
            let page = self.store.events(self.run, self.after, PAGE).await?;
            if let Some(last) = page.last() {
                self.after = last.seq;
                self.ended = last.kind.is_final();
                return Ok(Some(page));
            }
            if over {
                break;
            }
            // The final event is stored with the final state: one more look finds what is left.
            over = self.is_over().await?;
            if over {
                continue;
            }
            // Both the news and the pause lead to the same look into the store.
            let _ = tokio::time::timeout(self.look_again, self.news.changed()).await;
        }
        Ok(None)
    }

    async fn is_over(&self) -> Result<bool, Error> {
        let state = self.store.state(self.run).await?;
        Ok(state.is_none_or(RunStatus::is_final))
    }
}
