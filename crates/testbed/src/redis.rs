//! Redis.

use crate::process::{Process, free_address};
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
};

/// A server that keeps nothing on disk.
#[derive(Debug)]
pub struct Redis {
    process: Option<Process>,
    addr: SocketAddr,
}

impl Redis {
    /// # Panics
    /// It is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        let mut redis = Self {
            process: None,
            addr: free_address(),
        };
        redis.start_again();
        redis
    }

    /// For `REDIS_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://{}", self.addr)
    }

    /// What it held is gone.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// # Panics
    /// It does not start.
    pub fn start_again(&mut self) {
        let arguments = [
            "--bind",
            &self.addr.ip().to_string(),
            "--port",
            &self.addr.port().to_string(),
            "--save",
            "",
            "--appendonly",
            "no",
            "--loglevel",
            "warning",
        ];
        let arguments = arguments.map(str::to_owned);
        let program = Path::new("redis-server");
        self.process = Some(Process::start(program, &arguments, self.addr));
    }

    /// Forgets everything.
    ///
    /// # Panics
    /// It does not answer.
    pub fn flush(&self) {
        let answer = self.ask("FLUSHALL\r\n");
        assert!(answer.starts_with("+OK"), "{answer}");
    }

    fn ask(&self, command: &str) -> String {
        let mut stream = TcpStream::connect(self.addr).expect("it listens");
        stream.write_all(command.as_bytes()).expect("it reads");
        let mut answer = [0; 512];
        let read = stream.read(&mut answer).expect("it answers");
        String::from_utf8_lossy(&answer[..read]).into_owned()
    }
}
