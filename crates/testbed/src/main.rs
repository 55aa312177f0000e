//! Starts PostgreSQL, Redis and S3, says by which settings a server finds them, and ends them when
//! its own input ends: `eval` what it prints, or read it in a script.

use std::io::{Read, stdin};
use testbed::{S3, Testbed};

#[tokio::main]
async fn main() {
    let testbed = Testbed::start().await;
    println!("DATABASE_URL={}", testbed.postgres.url());
    println!("REDIS_URL={}", testbed.redis.url());
    println!("S3_BUCKET={}", S3::BUCKET);
    println!("S3_ENDPOINT={}", testbed.s3.endpoint());
    println!("AWS_REGION={}", S3::REGION);
    println!("AWS_ACCESS_KEY_ID={}", S3::ACCESS_KEY_ID);
    println!("AWS_SECRET_ACCESS_KEY={}", S3::SECRET_ACCESS_KEY);
    println!("ready");
    let end = tokio::task::spawn_blocking(|| stdin().read_to_end(&mut Vec::new()));
    let _ = end.await;
}
