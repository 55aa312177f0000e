//! The events of one run over a WebSocket. A lost connection is opened again and goes on after the
//! last event that came; the final event ends it.

use domain::{RunId, event::RunEvent};
use leptos::prelude::*;
use std::{cell::RefCell, rc::Rc, time::Duration};
use wasm_bindgen::{JsCast, prelude::*};
use web_sys::{MessageEvent, WebSocket};

const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Stops when dropped.
#[derive(Clone)]
#[allow(missing_debug_implementations)] // An open socket has nothing to show.
pub struct EventStream(Rc<Inner>);

struct Inner {
    run: RunId,
    state: RefCell<State>,
    on_event: Box<dyn Fn(RunEvent)>,
    /// Called with true when the connection is lost, and with false when it is back.
    on_lost: Box<dyn Fn(bool)>,
}

#[derive(Default)]
struct State {
    last_seq: u64,
    wait: Duration,
    ended: bool,
    socket: Option<Socket>,
}

/// An open socket with the closures it calls.
struct Socket {
    socket: WebSocket,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_open: Closure<dyn Fn()>,
    _on_close: Closure<dyn Fn()>,
}

impl EventStream {
    /// Follows a run from its first event.
    pub fn open(
        run: RunId,
        on_event: impl Fn(RunEvent) + 'static,
        on_lost: impl Fn(bool) + 'static,
    ) -> Self {
        let inner = Rc::new(Inner {
            run,
            state: RefCell::default(),
            on_event: Box::new(on_event),
            on_lost: Box::new(on_lost),
        });
        connect(&inner);
        Self(inner)
    }

    /// Ends the stream; no event comes any more.
    pub fn close(&self) {
        let socket = {
            let mut state = self.0.state.borrow_mut();
            state.ended = true;
            state.socket.take()
        };
        if let Some(socket) = socket {
            socket.detach();
        }
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        if Rc::strong_count(&self.0) == 1 {
            self.close();
        }
    }
}

impl Socket {
    fn detach(&self) {
        self.socket.set_onmessage(None);
        self.socket.set_onopen(None);
        self.socket.set_onclose(None);
        // Closing a socket that is closed already changes nothing.
        drop(self.socket.close());
    }
}

fn connect(inner: &Rc<Inner>) {
    let after = inner.state.borrow().last_seq;
    let Ok(socket) = WebSocket::new(&address(inner.run, after)) else {
        return retry(inner);
    };
    // The handlers hold the stream weakly: dropping it must not wait for its socket.
    let weak = Rc::downgrade(inner);
    let on_message = Closure::<dyn Fn(MessageEvent)>::new({
        let weak = weak.clone();
        move |message: MessageEvent| {
            if let (Some(inner), Some(text)) = (weak.upgrade(), message.data().as_string()) {
                receive(&inner, &text);
            }
        }
    });
    let on_open = Closure::<dyn Fn()>::new({
        let weak = weak.clone();
        move || {
            if let Some(inner) = weak.upgrade() {
                inner.state.borrow_mut().wait = FIRST_WAIT;
                (inner.on_lost)(false);
            }
        }
    });
    let on_close = Closure::<dyn Fn()>::new(move || {
        if let Some(inner) = weak.upgrade()
            && !inner.state.borrow().ended
        {
            (inner.on_lost)(true);
            retry(&inner);
        }
    });
    socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
    socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
    inner.state.borrow_mut().socket = Some(Socket {
        socket,
        _on_message: on_message,
        _on_open: on_open,
        _on_close: on_close,
    });
}

fn receive(inner: &Rc<Inner>, text: &str) {
    let Ok(event) = serde_json::from_str::<RunEvent>(text) else {
        return;
    };
    {
        let mut state = inner.state.borrow_mut();
        if state.ended {
            return;
        }
        state.last_seq = state.last_seq.max(event.seq);
        state.ended = event.kind.is_final();
    }
    (inner.on_event)(event);
}

fn retry(inner: &Rc<Inner>) {
    let wait = {
        let mut state = inner.state.borrow_mut();
        let wait = state.wait.max(FIRST_WAIT);
        state.wait = (wait * 2).min(LONGEST_WAIT);
        wait
    };
    let weak = Rc::downgrade(inner);
    set_timeout(
        move || {
            if let Some(inner) = weak.upgrade()
                && !inner.state.borrow().ended
            {
                connect(&inner);
            }
        },
        wait,
    );
}

fn address(run: RunId, after: u64) -> String {
    let location = window().location();
    let scheme = match location.protocol().as_deref() {
        Ok("https:") => "wss",
        _ => "ws",
    };
    let host = location.host().unwrap_or_default();
    format!("{scheme}://{host}/api/runs/{run}/events?after={after}")
}
