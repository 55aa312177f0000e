//! apalis over Redis, for servers that share a database. apalis delivers; claim, retry, timeout and
//! outcome are the database's.
//!
//! Redis may be slow, away or emptied at any time: a ring that fails is told to the dispatchers
//! directly, and the consumer is started again until Redis answers.

use super::{Consumer, Doorbell, Heard, MAX_DEPTH, QueueError, supervise, wake::OnRing};
use crate::events::Notifier;
use ::apalis_redis::{Config, ConnectionManager, RedisStorage, queries::push_tasks};
use apalis::prelude::{BackendExt, BoxDynError, TaskBuilder, WorkerBuilder};
use apalis_core::backend::Vacuum;
use async_trait::async_trait;
use domain::RunId;
use futures::StreamExt;
use redis::{Client, aio::ConnectionManagerConfig};
use secrecy::{ExposeSecret, SecretString};
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const QUEUE: &str = "{mecapy}:runs";
/// A request waits no longer than this for its ring; the dispatchers are told otherwise then.
const RING_WITHIN: Duration = Duration::from_millis(500);
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// How long after its ring a message is late.
const LATE: Duration = Duration::from_millis(50);
/// How often a consumer says that it is there. Its messages go to another after a few are missed.
const HEARTBEAT: Duration = Duration::from_secs(5);

pub(crate) struct RedisDoorbell {
    connection: ConnectionManager,
    notifier: Arc<dyn Notifier>,
    /// Between two looks into the queue without a ring.
    look_again: Duration,
}

impl fmt::Debug for RedisDoorbell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisDoorbell").finish_non_exhaustive()
    }
}

impl RedisDoorbell {
    /// Connects when it is first used: a server starts without Redis too.
    pub(crate) fn open(
        url: &SecretString,
        notifier: Arc<dyn Notifier>,
        look_again: Duration,
    ) -> Result<Self, QueueError> {
        let client = Client::open(url.expose_secret())?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT_WITHIN))
            .set_response_timeout(Some(CONNECT_WITHIN))
            .set_number_of_retries(1);
        Ok(Self {
            connection: ConnectionManager::new_lazy_with_config(client, config)?,
            notifier,
            look_again,
        })
    }

    async fn push(&self, run: RunId) -> Result<(), QueueError> {
        let mut connection = self.connection.clone();
        let config = config();
        let (scheduled, active): (usize, usize) = redis::pipe()
            .zcard(config.scheduled_jobs_set())
            .llen(config.active_jobs_list())
            .query_async(&mut connection)
            .await?;
        if scheduled + active < MAX_DEPTH {
            let message = TaskBuilder::new(format!("\"{run}\"").into_bytes()).build();
            push_tasks(&mut connection, &config, &[message]).await?;
        }
        Ok(())
    }

    /// A message is not delivered before the time of whoever sent it, by the clock of whoever listens.
    /// Where the two differ it may come minutes after its ring, and the ring counts alone.
    async fn hear_late_ones(&self, heard: &Heard, count: &AtomicU64) {
        let mut rings = self.notifier.rings();
        while rings.changed().await.is_ok() {
            let before = count.load(Ordering::Relaxed);
            sleep(LATE).await;
            if count.load(Ordering::Relaxed) == before {
                heard("late");
            }
        }
        std::future::pending::<()>().await;
    }

    fn consumer(&self, heard: Heard) -> Consumer {
        let rings = OnRing::new(self.notifier.rings(), self.look_again);
        let backend = RedisStorage::<String>::new(self.connection.clone())
            .with_config(config())
            .poll_with_strategy(rings);
        // A name that was used before is refused while its last heartbeat is fresh.
        let name = format!("dispatcher-{}", Uuid::now_v7());
        let consumer =
            WorkerBuilder::new(name.as_str())
                .backend(backend)
                .build(move |run: String| {
                    let heard = Arc::clone(&heard);
                    async move {
                        heard(&run);
                        Ok::<_, BoxDynError>(())
                    }
                });
        consumer.stream().boxed()
    }
}

fn config() -> Config {
    Config::default()
        .queue(QUEUE)
        .batch_size(1)
        .heartbeat_interval(HEARTBEAT)
}

#[async_trait]
impl Doorbell for RedisDoorbell {
    async fn ring(&self, run: RunId) -> Result<(), QueueError> {
        let pushed = timeout(RING_WITHIN, self.push(run)).await;
        pushed.map_err(|_| QueueError::Slow)??;
        self.notifier.announce_ring();
        Ok(())
    }

    async fn listen(&self, heard: Heard, stop: CancellationToken) {
        let count = Arc::new(AtomicU64::new(0));
        let counting: Heard = {
            let (heard, count) = (Arc::clone(&heard), Arc::clone(&count));
            Arc::new(move |run| {
                count.fetch_add(1, Ordering::Relaxed);
                heard(run);
            })
        };
        tokio::select! {
            () = supervise(|| self.consumer(Arc::clone(&counting)), stop) => {}
            () = self.hear_late_ones(&heard, &count) => {}
        }
    }

    async fn clean_up(&self) -> Result<(), QueueError> {
        let mut backend =
            RedisStorage::<String>::new(self.connection.clone()).with_config(config());
        backend.vacuum().await?;
        Ok(())
    }
}
