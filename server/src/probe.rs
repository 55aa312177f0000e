//! `probe`: one request to the server on this machine. Images have no other program that could make it.

use crate::{
    config::{self, ConfigError},
    environment::{Environment, EnvironmentError},
};
use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

/// A server that takes longer than this to say that it is alive is not.
const ANSWER_WITHIN: Duration = Duration::from_secs(4);
/// Bytes of an answer that are read: enough for its first line.
const FIRST_LINE: u64 = 64;

#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("Nothing answers on {addr}: {source}. Start the server, or correct MECAPY_ADDR.")]
    Silent { addr: SocketAddr, source: io::Error },
    #[error("What listens on {addr} does not answer as a server that is alive: {answer}")]
    Unwell { addr: SocketAddr, answer: String },
}

/// Asks `/healthz` of the address in `MECAPY_ADDR`.
///
/// # Errors
/// A setting is wrong, nothing answers in time, or the answer is not 200.
pub fn probe() -> Result<(), ProbeError> {
    let addr = reachable(config::listen_address(&Environment::read()?)?);
    let answer = ask(addr).map_err(|source| ProbeError::Silent { addr, source })?;
    if answer.starts_with("HTTP/1.1 200 ") {
        Ok(())
    } else {
        let answer = answer.lines().next().unwrap_or_default().to_owned();
        Err(ProbeError::Unwell { addr, answer })
    }
}

/// A server that listens everywhere is asked on loopback.
fn reachable(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, addr.port())
}

fn ask(addr: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&addr, ANSWER_WITHIN)?;
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    stream.set_write_timeout(Some(ANSWER_WITHIN))?;
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(FIRST_LINE).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{net::TcpListener, thread};

    fn answered_with(answer: &'static str) -> io::Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let addr = listener.local_addr()?;
        let server = thread::spawn(move || -> io::Result<String> {
            let (mut stream, _) = listener.accept()?;
            let mut request = [0; 256];
            let read = stream.read(&mut request)?;
            stream.write_all(answer.as_bytes())?;
            Ok(String::from_utf8_lossy(&request[..read]).into_owned())
        });
        let got = ask(addr)?;
        let request = server.join().expect("the server thread ends")?;
        assert!(request.starts_with("GET /healthz HTTP/1.1\r\n"));
        Ok(got)
    }

    #[test]
    fn the_first_line_of_an_answer_is_read() {
        let answer = answered_with("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok\n");
        assert!(answer.expect("an answer").starts_with("HTTP/1.1 200 "));
    }

    #[test]
    fn a_closed_port_is_an_error() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let addr = listener.local_addr().expect("its address");
        drop(listener);
        assert_eq!(
            ask(addr).expect_err("nobody listens").kind(),
            io::ErrorKind::ConnectionRefused
        );
    }

    #[test]
    fn a_server_on_every_address_is_asked_on_loopback() {
        let on = |text: &str| reachable(text.parse().expect("an address")).to_string();
        assert_eq!(on("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(on("[::]:8080"), "[::1]:8080");
        assert_eq!(on("192.0.2.7:80"), "192.0.2.7:80");
    }
}
