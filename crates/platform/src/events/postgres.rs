//! News across processes by Postgres' LISTEN and NOTIFY.
//!
//! A process hears its own news at once and tells the others through one connection; what piles up
//! while a notification is sent goes into the next. One more connection listens. When it was lost,
//! whoever waits for something in this process looks for it in the database.

use super::{InProcess, Notifier, StopRequest};
use crate::error::Internal;
use async_trait::async_trait;
use domain::RunId;
use sqlx::{PgPool, postgres::PgListener};
use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, broadcast, mpsc, watch},
    task::JoinSet,
    time::sleep,
};
use uuid::Uuid;

const CHANNEL: &str = "mecapy";
const NOTIFY: &str = "SELECT 1 FROM (SELECT pg_notify('mecapy', $1)) AS told";
/// Postgres takes less than 8,000 bytes in one notification.
const MAX_PAYLOAD: usize = 7_900;
/// News that may wait to be sent; while the database is away, more are found by looking.
const BACKLOG: usize = 16_384;
/// Pause before a lost connection is made again.
const PAUSE: Duration = Duration::from_millis(500);

/// One piece of news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    /// The last sequence number of a run.
    Seq(RunId, u64),
    Stop(RunId),
    Ring,
    Waiting,
    Delivery,
}

impl News {
    fn write(self, text: &mut String) {
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Seq(run, seq) => write!(text, " s{run}:{seq}"),
            Self::Stop(run) => write!(text, " x{run}"),
            Self::Ring => write!(text, " r"),
            Self::Waiting => write!(text, " w"),
            Self::Delivery => write!(text, " d"),
        };
    }

    fn read(word: &str) -> Option<Self> {
        let (kind, rest) = word.split_at_checked(1)?;
        Some(match kind {
            "s" => {
                let (run, seq) = rest.split_once(':')?;
                Self::Seq(run.parse().ok()?, seq.parse().ok()?)
            }
            "x" => Self::Stop(rest.parse().ok()?),
            "r" => Self::Ring,
            "w" => Self::Waiting,
            "d" => Self::Delivery,
            // Of a newer server.
            _ => return None,
        })
    }

    fn tell(self, local: &InProcess) {
        match self {
            Self::Seq(run, seq) => local.publish(run, seq),
            Self::Stop(run) => local.ask_to_stop(run),
            Self::Ring => local.announce_ring(),
            Self::Waiting => local.announce_waiting(),
            Self::Delivery => local.announce_delivery(),
        }
    }
}

#[derive(Debug)]
pub(crate) struct PostgresNotifier {
    local: Arc<InProcess>,
    outbox: mpsc::Sender<News>,
    tasks: Mutex<JoinSet<()>>,
}

impl PostgresNotifier {
    /// Listens once this returns.
    pub(crate) async fn start(pool: PgPool) -> Result<Self, sqlx::Error> {
        let listener = listen(&pool).await?;
        let local = Arc::new(InProcess::new());
        let (outbox, news) = mpsc::channel(BACKLOG);
        // What tells a process its own words.
        let own = Uuid::now_v7().simple().to_string();
        let mut tasks = JoinSet::new();
        tasks.spawn(send(pool.clone(), own.clone(), news));
        tasks.spawn(receive(pool, own, listener, Arc::clone(&local)));
        Ok(Self {
            local,
            outbox,
            tasks: Mutex::new(tasks),
        })
    }

    fn tell(&self, news: News) {
        news.tell(&self.local);
        if self.outbox.try_send(news).is_err() {
            tracing::debug!("news for the other servers are left out; they look for them later");
        }
    }
}

#[async_trait]
impl Notifier for PostgresNotifier {
    fn publish(&self, run: RunId, seq: u64) {
        self.tell(News::Seq(run, seq));
    }

    fn subscribe(&self, run: RunId) -> watch::Receiver<u64> {
        self.local.subscribe(run)
    }

    fn ask_to_stop(&self, run: RunId) {
        self.tell(News::Stop(run));
    }

    fn stop_requests(&self) -> broadcast::Receiver<StopRequest> {
        self.local.stop_requests()
    }

    fn announce_ring(&self) {
        self.tell(News::Ring);
    }

    fn rings(&self) -> watch::Receiver<u64> {
        self.local.rings()
    }

    fn announce_waiting(&self) {
        self.tell(News::Waiting);
    }

    fn waiting(&self) -> Arc<Notify> {
        self.local.waiting()
    }

    fn announce_delivery(&self) {
        self.tell(News::Delivery);
    }

    fn deliveries(&self) -> Arc<Notify> {
        self.local.deliveries()
    }

    async fn stop(&self) {
        let mut tasks =
            std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.shutdown().await;
    }
}

async fn listen(pool: &PgPool) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    // A pool that is closed must not wait for the listener.
    listener.ignore_pool_close_event(true);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

async fn send(pool: PgPool, own: String, mut news: mpsc::Receiver<News>) {
    let mut batch = Vec::new();
    while news.recv_many(&mut batch, BACKLOG).await > 0 {
        for payload in payloads(&own, batch.drain(..)) {
            let told: Result<_, Internal> = sqlx::query(NOTIFY)
                .bind(payload)
                .execute(&pool)
                .await
                .map_err(Internal::from);
            if let Err(error) = told {
                tracing::warn!(%error, "the other servers are not told; they look for the news later");
                sleep(PAUSE).await;
            }
        }
    }
}

/// The news in as few notifications as hold them; of a run, the last number alone.
fn payloads(own: &str, news: impl Iterator<Item = News>) -> Vec<String> {
    let mut last = HashMap::new();
    let mut others = Vec::new();
    for one in news {
        match one {
            News::Seq(run, seq) => {
                last.insert(run, seq);
            }
            other if others.contains(&other) => {}
            other => others.push(other),
        }
    }
    let all = others
        .into_iter()
        .chain(last.into_iter().map(|(run, seq)| News::Seq(run, seq)));
    let mut payloads: Vec<String> = Vec::new();
    let mut word = String::new();
    for one in all {
        word.clear();
        one.write(&mut word);
        match payloads.last_mut() {
            Some(payload) if payload.len() + word.len() <= MAX_PAYLOAD => payload.push_str(&word),
            _ => payloads.push(format!("{own}{word}")),
        }
    }
    payloads
}

async fn receive(pool: PgPool, own: String, listener: PgListener, local: Arc<InProcess>) {
    let mut listener = Some(listener);
    loop {
        let Some(listening) = &mut listener else {
            match listen(&pool).await {
                Ok(new) => {
                    listener = Some(new);
                    local.look_again();
                }
                Err(error) => {
                    tracing::warn!(%error, "news of the other servers cannot be heard");
                    sleep(PAUSE).await;
                }
            }
            continue;
        };
        match listening.try_recv().await {
            Ok(Some(notification)) => {
                let mut words = notification.payload().split(' ');
                if words.next() != Some(&own) {
                    words
                        .filter_map(News::read)
                        .for_each(|news| news.tell(&local));
                }
            }
            // The connection was lost: a new one hears nothing of what was said in between.
            Ok(None) | Err(_) => listener = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_are_read_as_they_were_written_and_fit_a_notification() {
        let runs: Vec<_> = (0..1_000).map(|_| RunId(Uuid::now_v7())).collect();
        let news = runs.iter().flat_map(|&run| {
            [
                News::Seq(run, 1),
                News::Ring,
                News::Seq(run, 7),
                News::Stop(run),
            ]
        });
        let payloads = payloads("own", news.chain([News::Waiting, News::Delivery]));
        assert!(payloads.len() > 1);
        assert!(payloads.iter().all(|payload| payload.len() < 8_000));
        let read: Vec<_> = payloads
            .iter()
            .flat_map(|payload| payload.split(' ').skip(1))
            .map(|word| News::read(word).expect("a word of ours"))
            .collect();
        assert_eq!(read.len(), 2 * runs.len() + 3, "each once");
        assert!(runs.iter().all(|&run| read.contains(&News::Seq(run, 7))));
        assert_eq!(News::read("y of a newer server"), None);
    }
}
