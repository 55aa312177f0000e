//! Arithmetic on large values, away from the threads that answer everybody.
//!
//! Reading or writing a large result anew takes seconds and several times its size in memory. So it
//! has threads of its own, of which a few work at the same time, and few more requests may wait.

use crate::{
    Error, Services,
    error::{Internal, problem},
};
use domain::ProblemCode;
use std::{num::NonZeroUsize, sync::Arc, thread};
use tokio::{sync::Semaphore, task::spawn_blocking};

/// Values up to this size take a millisecond or two and are worked on where they are, bytes.
const SMALL_BYTES: usize = 64 * 1024;
/// Large values that are worked on at the same time at most.
const MOST_AT_ONCE: usize = 4;
/// Requests that may wait for their turn; each holds its value in memory.
const MAX_WAITING: usize = 32;

/// Turns for work on large values.
#[derive(Debug)]
pub(crate) struct Offload {
    turns: Arc<Semaphore>,
    /// For those who have a turn and those who wait for one.
    places: Arc<Semaphore>,
}

impl Offload {
    /// For requests: when too many wait, the next is refused.
    pub(crate) fn for_requests() -> Self {
        let turns = turns();
        Self {
            turns: Arc::new(Semaphore::new(turns)),
            places: Arc::new(Semaphore::new(turns + MAX_WAITING)),
        }
    }

    /// For what must be done in any case, however long it has to wait.
    pub(crate) fn for_outcomes() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(turns())),
            places: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
        }
    }

    /// What `work` makes of values of `bytes` together.
    pub(crate) async fn run<T, F>(&self, bytes: usize, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        if bytes <= SMALL_BYTES {
            return Ok(work());
        }
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            return Err(problem(
                ProblemCode::Unavailable,
                "The server is busy with other large values. Try again in a few seconds.",
            ));
        };
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        // Both go with the work: it cannot be stopped when who asked for it goes away.
        let done = spawn_blocking(move || {
            let _held = (place, turn);
            work()
        });
        Ok(done.await.map_err(|_| Internal::Panicked)?)
    }
}

fn turns() -> usize {
    thread::available_parallelism()
        .map_or(1, NonZeroUsize::get)
        .min(MOST_AT_ONCE)
}

impl Services {
    /// Does arithmetic on values of `bytes` together: small ones at once, large ones on a thread of
    /// their own when it is their turn.
    ///
    /// # Errors
    /// Too many large values wait, or the work panicked.
    pub async fn offload<T, F>(&self, bytes: usize, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.0.offload.run(bytes, work).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Problem;
    use std::sync::mpsc;

    #[tokio::test]
    async fn large_work_leaves_the_thread_and_only_so_much_of_it_waits() {
        let offload = Arc::new(Offload::for_requests());
        let here = thread::current().id();
        let of = |bytes| offload.run(bytes, || thread::current().id());
        assert_eq!(of(SMALL_BYTES).await.expect("done"), here);
        assert_ne!(of(SMALL_BYTES + 1).await.expect("done"), here);

        let mut going_on = Vec::new();
        let mut ends = Vec::new();
        for _ in 0..turns() + MAX_WAITING {
            let (end, ended) = mpsc::channel::<()>();
            ends.push(end);
            let offload = Arc::clone(&offload);
            going_on.push(tokio::spawn(async move {
                offload.run(usize::MAX, move || ended.recv().is_err()).await
            }));
        }
        while offload.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let problem = Problem::from(of(usize::MAX).await.expect_err("refused"));
        assert_eq!(problem.code, ProblemCode::Unavailable);
        assert_eq!(of(1).await.expect("small work has no turns"), here);
        drop(ends);
        for one in going_on {
            assert!(one.await.expect("no panic").expect("done"));
        }
        assert_ne!(of(usize::MAX).await.expect("there is room again"), here);
    }

    #[tokio::test]
    async fn a_panic_is_a_defect_and_gives_its_turn_back() {
        let offload = Offload::for_requests();
        for _ in 0..2 * (turns() + MAX_WAITING) {
            let panicked = offload.run(usize::MAX, || panic!("on purpose")).await;
            let panicked: Result<(), _> = panicked;
            assert!(matches!(panicked, Err(Error::Internal(Internal::Panicked))));
        }
    }
}
