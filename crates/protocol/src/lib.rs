//! What our processes say to each other: the dispatcher and the worker over HTTP, the worker and
//! its zygote over a socket. The whole of both protocols is here.
//!
//! Architecture invariant: a message carries no credential beyond presigned URLs, because whatever
//! the worker knows an escaped run could know.

pub mod execute;
pub mod zygote;
