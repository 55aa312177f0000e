//! The real server with its real worker, asked over HTTP. Each server of these tests has its own
//! port and data folder. Names say who asks and what they get.
//!
//! The worker is the `mecapy-worker` beside the server (or `MECAPY_WORKER_BIN`), its Python the one
//! of `.venv/worker` at the root of the project (or `MECAPY_WORKER_PYTHON`); without them these tests
//! fail.

mod bad_input;
mod conditions;
mod cors;
mod events;
mod executing;
mod guards;
mod hardly_http;
mod input_files;
mod logging;
mod metrics;
mod moving;
mod objects;
mod pages;
mod rates;
mod recovery;
mod results;
mod shares;
mod spans;
mod starting;
mod stopping;
mod support;
mod tasks;
mod tokens;
mod traces;
mod waiting;
mod webhooks;
