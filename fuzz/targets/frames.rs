//! What comes out of a run's frame pipe: read by the worker, believed by nobody.
#![no_main]

#[path = "../../worker/src/zygote/frames.rs"]
#[allow(dead_code, reason = "the worker uses all of it")]
mod frames;

use frames::Frames;
use libfuzzer_sys::fuzz_target;
use std::{cell::LazyCell, io::Write, os::fd::OwnedFd};
use tokio::{net::unix::pipe, runtime::Runtime};

/// What a pipe holds, bytes.
const PIPE: usize = 60 * 1024;
/// The result limit of the run.
const RESULT_BYTES: u64 = 4096;

thread_local! {
    static RUNTIME: LazyCell<Runtime> = LazyCell::new(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        runtime.expect("a runtime")
    });
}

fuzz_target!(|data: &[u8]| {
    let data = &data[..data.len().min(PIPE)];
    RUNTIME.with(|runtime| runtime.block_on(read(data)));
});

async fn read(data: &[u8]) {
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    writer.write_all(data).expect("it fits the pipe");
    drop(writer);
    let pipe = pipe::Receiver::from_owned_fd(OwnedFd::from(reader)).expect("a pipe");
    let mut frames = Frames::new(pipe);
    let mut taken = 0;
    while let Ok(Some(frame)) = frames.next(RESULT_BYTES).await {
        let length = frame.body.len() as u64;
        assert!(length <= frame.kind.bound(RESULT_BYTES), "a bound was passed");
        taken += frame.body.len();
    }
    assert!(taken <= data.len());
}
