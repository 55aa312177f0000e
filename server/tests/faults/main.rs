//! Whatever fails, no run is lost: real PostgreSQL, Redis and S3, two web servers, two dispatchers and
//! three workers behind a proxy that takes turns. Each test lets something fail while two hundred
//! runs are unfinished and every slot is busy; at the end every run has exactly one, right outcome.

#[path = "../server/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the other suite uses all of it")]
mod support;

mod cluster;
mod proxy;
mod servers;
mod services;
mod story;
mod workload;
