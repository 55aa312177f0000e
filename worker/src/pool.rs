//! Processes ready to run, made ahead of time, and the zygotes they come from.
//!
//! One task owns all of it and hears everything as a message, so there is no lock and no race: who
//! takes a process leaves the making of the next one behind. The first zygote imports what most runs
//! need and is there soon; one that has imported everything takes its place. A zygote that dies is
//! replaced with a growing pause; one that has made enough processes is replaced without a gap,
//! because all its children share one memory layout.
//!
//! Where runs share a user with the zygotes, none starts while a run goes on, which could reach for
//! its memory before step G1 hides it: there the first imports everything, and the next one waits for
//! the end of the one before.

use crate::{
    interpreter::Environment,
    zygote::{Process, Scope, Zygote, ZygoteError},
};
use protocol::zygote::Interpreter;
use std::{collections::VecDeque, sync::Arc, time::Duration};
use tokio::{
    sync::{
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        oneshot, watch,
    },
    time::{sleep, timeout},
};

/// Processes made by one zygote before another takes its place.
const RECYCLE_AFTER: u32 = 2_000;
/// Processes kept ready: as many as there are slots, within these.
const READY: std::ops::RangeInclusive<usize> = 2..=16;
/// Processes in the making at a time; a zygote makes one after the other anyway.
const MAKING: usize = 2;
/// Longest time that a run with a slot waits for its process.
const TAKE_WITHIN: Duration = Duration::from_secs(10);
/// Pause before a zygote that failed is replaced, doubled up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What the pool looks like from outside.
#[derive(Clone, Debug, Default)]
pub struct PoolState {
    /// What runs there, once a zygote is up.
    pub interpreter: Option<Interpreter>,
    pub ready: usize,
    /// Processes in the making.
    pub making: usize,
    /// Zygotes started so far.
    pub zygotes: u32,
    /// Why there is no zygote now.
    pub trouble: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Pool {
    sender: UnboundedSender<Message>,
    state: watch::Receiver<PoolState>,
}

#[derive(Debug)]
enum Message {
    Take(oneshot::Sender<Process>),
    /// A run is over: a good moment to make up for the process it used.
    Refill,
    Started(u32, Result<Arc<Zygote>, ZygoteError>),
    Ended(u32),
    Made(u32, Box<Result<Process, ZygoteError>>),
}

/// No process could be had in time.
#[derive(Debug, thiserror::Error)]
#[error("no process is ready")]
pub struct NoProcess;

impl Pool {
    /// Begins to start a zygote and to make `slots` processes.
    pub fn start(environment: Environment, slots: usize) -> Self {
        let (sender, receiver) = unbounded_channel();
        let (state_sender, state) = watch::channel(PoolState::default());
        let keeper = Keeper {
            shared_user: !environment.jail.layers.namespaces,
            environment: Arc::new(environment),
            target: slots.clamp(*READY.start(), *READY.end()),
            sender: sender.downgrade(),
            state: state_sender,
            current: None,
            starting: false,
            generation: 0,
            pause: FIRST_PAUSE,
            ready: VecDeque::new(),
            waiting: VecDeque::new(),
            making: 0,
        };
        tokio::spawn(keeper.keep(receiver));
        Self { sender, state }
    }

    /// A process of its own for one run.
    pub async fn take(&self) -> Result<Process, NoProcess> {
        let (sender, process) = oneshot::channel();
        let _ = self.sender.send(Message::Take(sender));
        match timeout(TAKE_WITHIN, process).await {
            Ok(Ok(process)) => Ok(process),
            _ => Err(NoProcess),
        }
    }

    /// Says that a run is over.
    pub fn refill(&self) {
        let _ = self.sender.send(Message::Refill);
    }

    pub fn state(&self) -> PoolState {
        self.state.borrow().clone()
    }
}

struct Current {
    zygote: Arc<Zygote>,
    generation: u32,
    made: u32,
}

struct Keeper {
    environment: Arc<Environment>,
    /// Runs have no namespaces around them.
    shared_user: bool,
    target: usize,
    /// Weak, so that the pool ends when the last handle of it does.
    sender: tokio::sync::mpsc::WeakUnboundedSender<Message>,
    state: watch::Sender<PoolState>,
    current: Option<Current>,
    starting: bool,
    /// Number of the newest zygote.
    generation: u32,
    pause: Duration,
    ready: VecDeque<Process>,
    waiting: VecDeque<oneshot::Sender<Process>>,
    making: usize,
}

impl Keeper {
    async fn keep(mut self, mut messages: UnboundedReceiver<Message>) {
        self.start_zygote(Duration::ZERO);
        while let Some(message) = messages.recv().await {
            match message {
                Message::Take(who) => {
                    self.waiting.push_back(who);
                    self.serve();
                }
                Message::Refill => self.refill(),
                Message::Started(generation, started) => self.started(generation, started),
                Message::Ended(generation) => self.ended(generation),
                Message::Made(generation, made) => self.made(generation, *made),
            }
            // Processes in the making will do; otherwise whoever waits must not.
            if self.ready.len() + self.making == 0 || self.waiting.len() > self.making {
                self.refill();
            }
            self.publish(|_| {});
        }
    }

    fn serve(&mut self) {
        while let Some(who) = self.waiting.pop_front() {
            if who.is_closed() {
                continue;
            }
            let Some(process) = self.next() else {
                self.waiting.push_front(who);
                return;
            };
            if let Err(process) = who.send(process) {
                self.ready.push_front(process);
            }
        }
    }

    /// The process that has waited longest, unless it died: its run would take the blame.
    fn next(&mut self) -> Option<Process> {
        while let Some(process) = self.ready.pop_front() {
            if process.is_alive() {
                return Some(process);
            }
            tracing::warn!("a process ended while it waited for a run");
        }
        None
    }

    /// Whether its zygote has imported less than the one that took its place.
    fn is_stale(&self, process: &Process) -> bool {
        self.current
            .as_ref()
            .is_some_and(|current| current.zygote.scope != process.zygote.scope)
    }

    fn refill(&mut self) {
        let Some(current) = &mut self.current else {
            return;
        };
        let scope = current.zygote.scope;
        let have = self
            .ready
            .iter()
            .filter(|process| process.zygote.scope == scope);
        let have = have.count();
        let wanted = self.target + self.waiting.len();
        // Under load the rehearsal would only keep the processor from the runs.
        let warm = self.waiting.is_empty();
        while have + self.making < wanted && self.making < MAKING {
            self.making += 1;
            current.made += 1;
            let (zygote, generation) = (Arc::clone(&current.zygote), current.generation);
            let sender = self.sender.clone();
            tokio::spawn(async move {
                let made = zygote.fork(warm).await;
                if let Some(sender) = sender.upgrade() {
                    let _ = sender.send(Message::Made(generation, Box::new(made)));
                }
            });
        }
        if current.made >= RECYCLE_AFTER {
            if self.shared_user {
                // It ends with the last of its processes; then another one starts.
                self.current = None;
                self.ready.clear();
            } else {
                self.start_zygote(Duration::ZERO);
            }
        }
    }

    fn made(&mut self, generation: u32, made: Result<Process, ZygoteError>) {
        self.making -= 1;
        let is_current = self.is_current(generation);
        match made {
            // One of a zygote that has been replaced is dropped, and so ends.
            Ok(process) if is_current => {
                self.pause = FIRST_PAUSE;
                let is_partial = process.zygote.scope == Scope::Essential;
                self.ready.push_back(process);
                self.serve();
                if is_partial {
                    self.start_zygote(Duration::ZERO);
                }
                if let Some(stale) = self.ready.iter().position(|one| self.is_stale(one)) {
                    self.ready.remove(stale);
                }
            }
            Ok(_) => {}
            Err(ZygoteError::Process(error)) if is_current && is_shortage(&error) => {
                tracing::error!(%error, "no process can be made now");
                self.publish(|state| state.trouble = Some(error.to_string()));
                self.refill_later();
                return;
            }
            Err(error) if is_current => {
                tracing::error!(%error, "no process can be made; the zygote is replaced");
                if let Some(current) = &self.current
                    && self.shared_user
                {
                    current.zygote.kill();
                }
                self.ended(generation);
                self.publish(|state| state.trouble = Some(error.to_string()));
            }
            Err(_) => {}
        }
        self.refill();
    }

    fn refill_later(&self) {
        let sender = self.sender.clone();
        tokio::spawn(async move {
            sleep(FIRST_PAUSE).await;
            if let Some(sender) = sender.upgrade() {
                let _ = sender.send(Message::Refill);
            }
        });
    }

    /// Unless one is starting already.
    fn start_zygote(&mut self, pause: Duration) {
        if self.starting {
            return;
        }
        self.starting = true;
        self.generation += 1;
        let generation = self.generation;
        let scope = if generation == 1 && !self.shared_user {
            Scope::Essential
        } else {
            Scope::Everything
        };
        let (environment, sender) = (Arc::clone(&self.environment), self.sender.clone());
        tokio::spawn(async move {
            sleep(pause).await;
            let say = sender.clone();
            let ended = move || {
                if let Some(sender) = say.upgrade() {
                    let _ = sender.send(Message::Ended(generation));
                }
            };
            let started = Zygote::start(&environment, scope, ended).await;
            if let Some(sender) = sender.upgrade() {
                let _ = sender.send(Message::Started(generation, started));
            }
        });
    }

    fn started(&mut self, generation: u32, started: Result<Arc<Zygote>, ZygoteError>) {
        self.starting = false;
        match started {
            Ok(zygote) => {
                tracing::info!(
                    generation,
                    scope = zygote.scope.as_str(),
                    python = zygote.interpreter.python,
                    "zygote ready"
                );
                // Those of the one before are used up first; it ends with the last of them.
                let interpreter = zygote.interpreter.clone();
                self.current = Some(Current {
                    zygote,
                    generation,
                    made: 0,
                });
                self.publish(|state| {
                    state.interpreter = Some(interpreter);
                    state.zygotes = generation;
                    state.trouble = None;
                });
                self.refill();
            }
            Err(error) => {
                tracing::error!(%error, "the zygote cannot be started");
                self.publish(|state| state.trouble = Some(error.to_string()));
                self.start_later();
            }
        }
    }

    /// A zygote is gone, and with it all it made.
    fn ended(&mut self, generation: u32) {
        if self.is_current(generation) {
            self.current = None;
            self.ready.clear();
            self.publish(|state| state.trouble = Some("the zygote has ended".to_owned()));
            self.start_later();
        } else if self.current.is_none() {
            self.start_zygote(Duration::ZERO);
        }
    }

    fn start_later(&mut self) {
        self.start_zygote(self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    fn is_current(&self, generation: u32) -> bool {
        self.current
            .as_ref()
            .is_some_and(|current| current.generation == generation)
    }

    fn publish(&self, change: impl FnOnce(&mut PoolState)) {
        let (ready, making) = (self.ready.len(), self.making);
        self.state.send_modify(|state| {
            state.ready = ready;
            state.making = making;
            change(state);
        });
    }
}

/// Whether the worker itself is out of descriptors, which another zygote would not help.
fn is_shortage(error: &std::io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM)
    )
}
