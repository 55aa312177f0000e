//! The one writer of events: it commits what all runs have to say in one transaction per tick, and
//! an ending at once, together with everything its attempt said before and whatever else waits.
//!
//! A tick comes [`LINGER`] after the first event of a quiet time and every [`TICK`] while events
//! keep coming. A calculation shorter than that costs a single commit for its whole story.

use super::Notifier;
use crate::{
    clock,
    db::{Batch, BatchResult, Ending, Store},
    error::Internal,
};
use domain::{
    RunId, Timestamp,
    event::{LogStream, RunEventKind},
};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep, timeout_at},
};

/// Between two commits while events keep coming.
const TICK: Duration = Duration::from_millis(100);
/// From the first event of a quiet time to its commit.
const LINGER: Duration = Duration::from_millis(15);
/// Messages that wait for the writer before who sends must wait too.
const BACKLOG: usize = 4096;
/// Log text that is gathered into one event, bytes.
const LOG_EVENT_BYTES: usize = 32 * 1024;
/// Pause after a failed commit.
const RETRY_PAUSE: Duration = Duration::from_millis(200);

type Key = (RunId, u32);
type Reply = oneshot::Sender<Result<BatchResult, Internal>>;

enum Message {
    Event(Key, Timestamp, RunEventKind),
    Ending(Key, Ending, Reply),
    /// Everything sent before is written.
    Flush(oneshot::Sender<()>),
}

/// The handle every attempt of this dispatcher writes through.
#[derive(Clone, Debug)]
pub(crate) struct EventWriter(mpsc::Sender<Message>);

impl EventWriter {
    /// Starts the writer for attempts that `dispatcher` holds. It ends when all handles are gone.
    pub(crate) fn start(
        store: Arc<dyn Store>,
        notifier: Arc<dyn Notifier>,
        dispatcher: String,
    ) -> Self {
        let (sender, messages) = mpsc::channel(BACKLOG);
        let writer = Writer {
            store,
            notifier,
            dispatcher,
            pending: Pending::default(),
        };
        tokio::spawn(writer.run(messages));
        Self(sender)
    }

    /// Adds an event; it is written with the next tick, if the attempt still holds the run then.
    pub(crate) async fn event(&self, run: RunId, attempt: u32, kind: RunEventKind) {
        let event = Message::Event((run, attempt), clock::now(), kind);
        if self.0.send(event).await.is_err() {
            tracing::error!(%run, "the writer of run events has stopped");
        }
    }

    /// Ends the attempt and tells what was written.
    pub(crate) async fn end(
        &self,
        run: RunId,
        attempt: u32,
        ending: Ending,
    ) -> Result<BatchResult, Internal> {
        let (reply, answer) = oneshot::channel();
        let ending = Message::Ending((run, attempt), ending, reply);
        let sent = self.0.send(ending).await;
        sent.map_err(|_| Internal::WriterStopped)?;
        answer.await.map_err(|_| Internal::WriterStopped)?
    }

    /// Waits until everything sent before is written.
    pub(crate) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.0.send(Message::Flush(done)).await.is_ok() {
            let _ = written.await;
        }
    }
}

/// What waits for the next commit, in the order in which attempts first spoke.
#[derive(Default)]
struct Pending {
    batches: Vec<Batch>,
    index: HashMap<Key, usize>,
    replies: HashMap<usize, Reply>,
    flushes: Vec<oneshot::Sender<()>>,
}

struct Writer {
    store: Arc<dyn Store>,
    notifier: Arc<dyn Notifier>,
    dispatcher: String,
    pending: Pending,
}

impl Writer {
    async fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        let mut last_commit = Instant::now();
        while !messages.is_closed() || !messages.is_empty() {
            // What a failed commit left waits for nobody.
            if self.pending.is_empty() {
                match messages.recv().await {
                    Some(message) => self.pending.add(message),
                    None => return,
                }
            }
            let tick = (last_commit + TICK).max(Instant::now() + LINGER);
            self.gather(&mut messages, tick).await;
            self.commit().await;
            last_commit = Instant::now();
        }
    }

    /// Takes messages until the tick, or until one wants to be written at once.
    async fn gather(&mut self, messages: &mut mpsc::Receiver<Message>, tick: Instant) {
        while !self.pending.is_urgent() {
            match timeout_at(tick, messages.recv()).await {
                Ok(Some(message)) => self.pending.add(message),
                Ok(None) | Err(_) => return,
            }
        }
        // Whatever has been said by now shares the commit.
        while let Ok(message) = messages.try_recv() {
            self.pending.add(message);
        }
    }

    async fn commit(&mut self) {
        let Pending {
            batches,
            mut replies,
            flushes,
            ..
        } = std::mem::take(&mut self.pending);
        match self.store.write(&self.dispatcher, &batches).await {
            Ok(results) => {
                for (position, (batch, result)) in batches.iter().zip(results).enumerate() {
                    if let BatchResult::Written { seq, status } = result {
                        self.notifier.publish(batch.run, seq);
                        if status.is_final() {
                            self.notifier.announce_delivery();
                        }
                    }
                    if let Some(reply) = replies.remove(&position) {
                        let _ = reply.send(Ok(result));
                    }
                }
            }
            Err(error) => {
                tracing::error!(%error, "run events could not be written; they are kept");
                self.keep(batches, replies, error);
                self.pending.flushes = flushes;
                sleep(RETRY_PAUSE).await;
                return;
            }
        }
        for done in flushes {
            let _ = done.send(());
        }
    }

    /// After a failed commit: the events stay for the next one, who waits for an ending is told.
    fn keep(&mut self, batches: Vec<Batch>, mut replies: HashMap<usize, Reply>, error: Internal) {
        let mut error = Some(error);
        for (position, mut batch) in batches.into_iter().enumerate() {
            if let Some(reply) = replies.remove(&position) {
                let error = error.take().unwrap_or(Internal::CommitShared);
                let _ = reply.send(Err(error));
                batch.ending = None;
            }
            let key = (batch.run, batch.attempt);
            self.pending.index.insert(key, self.pending.batches.len());
            self.pending.batches.push(batch);
        }
    }
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.batches.is_empty() && self.flushes.is_empty()
    }

    fn is_urgent(&self) -> bool {
        !self.replies.is_empty() || !self.flushes.is_empty()
    }

    fn add(&mut self, message: Message) {
        match message {
            Message::Event(key, at, kind) => {
                let position = self.position(key);
                push(&mut self.batches[position].events, at, kind);
            }
            Message::Ending(key, ending, reply) => {
                let position = self.position(key);
                self.batches[position].ending = Some(ending);
                self.replies.insert(position, reply);
            }
            Message::Flush(done) => self.flushes.push(done),
        }
    }

    fn position(&mut self, key: Key) -> usize {
        *self.index.entry(key).or_insert_with(|| {
            self.batches.push(Batch {
                run: key.0,
                attempt: key.1,
                events: Vec::new(),
                ending: None,
            });
            self.batches.len() - 1
        })
    }
}

/// Adds an event, gathering log text of one stream and keeping only the newest progress.
fn push(events: &mut Vec<(Timestamp, RunEventKind)>, at: Timestamp, kind: RunEventKind) {
    match (events.last_mut(), kind) {
        (
            Some((_, RunEventKind::Log { stream, text })),
            RunEventKind::Log {
                stream: next_stream,
                text: next,
            },
        ) if *stream == next_stream
            && *stream != LogStream::System
            && text.len() + next.len() <= LOG_EVENT_BYTES =>
        {
            text.push_str(&next);
        }
        (
            Some((last_at, last @ RunEventKind::Progress { .. })),
            kind @ RunEventKind::Progress { .. },
        ) => {
            *last_at = at;
            *last = kind;
        }
        (_, kind) => events.push((at, kind)),
    }
}
