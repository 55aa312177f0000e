//! apalis over a SQLite file of its own, `queue.db`, for a data folder that one process has to
//! itself. apalis delivers; claim, retry, timeout and outcome are the database's.
//!
//! The file is made anew at each start: its messages are worth nothing once the dispatcher has
//! looked into the database, and a damaged file cannot stop the server.

use super::{Consumer, Doorbell, Heard, MAX_DEPTH, QueueError, supervise, wake::OnRing};
use ::apalis_sqlite::{Config, SqliteStorage, SqliteTask, queries::push_tasks};
use apalis::prelude::{BackendExt, BoxDynError, TaskBuilder, WorkerBuilder};
use async_trait::async_trait;
use domain::RunId;
use futures::StreamExt;
use sqlx::{
    SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const QUEUE: &str = "runs";

#[derive(Debug)]
pub(crate) struct SqliteDoorbell {
    pool: SqlitePool,
    rings: watch::Sender<u64>,
    waiting: Arc<AtomicUsize>,
    /// Between two looks into the queue without a ring.
    look_again: Duration,
}

impl SqliteDoorbell {
    pub(crate) async fn open(file: &Path, look_again: Duration) -> Result<Self, QueueError> {
        remove(file)?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A message lost with the power is rung again.
            .synchronous(SqliteSynchronous::Normal);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options)
            .await?;
        SqliteStorage::migrations().run(&pool).await?;
        Ok(Self {
            pool,
            rings: watch::Sender::new(0),
            waiting: Arc::new(AtomicUsize::new(0)),
            look_again,
        })
    }

    async fn push(&self, message: SqliteTask) -> Result<(), QueueError> {
        let mut tx = self.pool.begin().await?;
        push_tasks(&mut *tx, QUEUE, &[message]).await?;
        Ok(tx.commit().await?)
    }

    /// A consumer as a stream of what happens to it. It works while it is polled; dropping it stops
    /// it, which loses nothing of worth.
    fn consumer(&self, heard: Heard) -> Consumer {
        let config = Config::default().queue(QUEUE).batch_size(1);
        let backend = SqliteStorage::<String>::new(&self.pool)
            .with_config(config)
            .poll_with_strategy(OnRing::new(self.rings.subscribe(), self.look_again));
        // A name that was used before is refused while its last heartbeat is fresh.
        let name = format!("dispatcher-{}", Uuid::now_v7());
        let waiting = Arc::clone(&self.waiting);
        let consumer =
            WorkerBuilder::new(name.as_str())
                .backend(backend)
                .build(move |run: String| {
                    let (heard, waiting) = (Arc::clone(&heard), Arc::clone(&waiting));
                    async move {
                        one_less(&waiting);
                        heard(&run);
                        Ok::<_, BoxDynError>(())
                    }
                });
        consumer.stream().boxed()
    }
}

#[async_trait]
impl Doorbell for SqliteDoorbell {
    async fn ring(&self, run: RunId) -> Result<(), QueueError> {
        if self.waiting.load(Ordering::Relaxed) < MAX_DEPTH {
            let message = TaskBuilder::new(format!("\"{run}\"").into_bytes()).build();
            // Counted first: a consumer that is quicker than this task must find it counted.
            self.waiting.fetch_add(1, Ordering::Relaxed);
            if let Err(error) = self.push(message).await {
                one_less(&self.waiting);
                return Err(error);
            }
        }
        self.rings.send_modify(|rings| *rings += 1);
        Ok(())
    }

    async fn listen(&self, heard: Heard, stop: CancellationToken) {
        supervise(|| self.consumer(Arc::clone(&heard)), stop).await;
    }

    async fn clean_up(&self) -> Result<(), QueueError> {
        const ANSWERED: &str = "DELETE FROM Jobs WHERE status IN ('Done', 'Killed')
            OR (status = 'Failed' AND attempts >= max_attempts)";
        sqlx::query(ANSWERED).execute(&self.pool).await?;
        Ok(())
    }
}

/// Saturates: a message may be delivered twice.
fn one_less(waiting: &AtomicUsize) {
    let _ = waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
        Some(n.saturating_sub(1))
    });
}

/// Removes a database with the files SQLite keeps beside it.
fn remove(file: &Path) -> io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut path = file.as_os_str().to_owned();
        path.push(suffix);
        match std::fs::remove_file(PathBuf::from(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use tokio::{sync::mpsc, time::timeout};

    /// So that only the ring itself can wake the consumer.
    const NEVER: Duration = Duration::from_secs(3600);
    const SOON: Duration = Duration::from_secs(30);

    #[tokio::test]
    async fn every_ring_is_heard() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("queue.db");
        let doorbell = SqliteDoorbell::open(&file, NEVER).await.expect("it opens");
        let (sender, mut heard) = mpsc::unbounded_channel();
        let sender = Mutex::new(sender);
        let stop = CancellationToken::new();
        let listening = doorbell.listen(
            Arc::new(move |run| {
                let sender = sender.lock().expect("not poisoned");
                sender.send(run.to_owned()).expect("the test listens");
            }),
            stop.clone(),
        );
        let ringing = async {
            for _ in 0..20 {
                let run = RunId(Uuid::now_v7());
                doorbell.ring(run).await.expect("it rings");
                let rang = timeout(SOON, heard.recv()).await.expect("heard");
                assert_eq!(rang, Some(run.to_string()));
            }
            stop.cancel();
        };
        tokio::join!(listening, ringing);
        doorbell.clean_up().await.expect("it cleans up");
    }
}
