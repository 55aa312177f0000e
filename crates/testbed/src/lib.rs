//! The services of a production server, for tests: each started on a port of its own and ended with
//! the value that stands for it. PostgreSQL and Redis are the real programs, the S3 server is a real
//! one in this process. Each can be stopped, started again and made to fail.

mod postgres;
mod process;
mod redis;
mod s3;

pub use postgres::Postgres;
pub use redis::Redis;
pub use s3::{Behaviour, S3};

/// All three.
#[derive(Debug)]
pub struct Testbed {
    pub postgres: Postgres,
    pub redis: Redis,
    pub s3: S3,
}

impl Testbed {
    /// # Panics
    /// One of them does not start.
    pub async fn start() -> Self {
        let s3 = S3::start().await;
        // Both are programs whose start is waited for.
        let started = tokio::task::spawn_blocking(|| (Postgres::start(), Redis::start()));
        let (postgres, redis) = started.await.expect("both start");
        Self {
            postgres,
            redis,
            s3,
        }
    }
}
