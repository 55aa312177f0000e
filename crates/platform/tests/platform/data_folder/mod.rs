//! What holds for a server that has its data in a folder, and so to itself.

mod locked;
mod restart;
