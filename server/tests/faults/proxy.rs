//! The one address of several workers, as a platform gives it: connections go to the workers in
//! turn, past those that are not there.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

pub struct Proxy {
    pub addr: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Proxy {
    pub async fn start(workers: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("bound");
        let turn = Arc::new(AtomicUsize::new(0));
        let accepting = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (workers, turn) = (workers.clone(), Arc::clone(&turn));
                tokio::spawn(async move {
                    for _ in 0..workers.len() {
                        let next = turn.fetch_add(1, Ordering::Relaxed) % workers.len();
                        if let Ok(mut worker) = TcpStream::connect(workers[next]).await {
                            // Either side closing closes the other, which is how runs are stopped.
                            let _ = copy_bidirectional(&mut client, &mut worker).await;
                            return;
                        }
                    }
                });
            }
        });
        Self { addr, accepting }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
