//! What a hostile calculation tries, one file per promise. Every denial is asserted for a worker
//! that runs as whoever runs the tests and for one that runs as an ordinary user; every attack has
//! a control that shows it works where the layer is not. `levels` tries them again where layers are
//! missing on purpose.

#[path = "../harness/mod.rs"]
mod harness;

mod channel;
mod crashes;
mod disk;
mod files;
mod levels;
mod memory;
mod network;
mod next_run;
mod output;
mod privileges;
mod processes;
mod secrets;
mod system_calls;
mod time;
