//! Every limit of the product, by name. The documentation and the error messages quote these.

use serde::{Deserialize, Serialize};

/// Longest time a run may take by default, seconds.
pub const DEFAULT_WALL_S: u32 = 600;
/// Longest time a run may ask for, seconds.
pub const MAX_WALL_S: u32 = 900;
/// Memory a run may use above the worker's baseline, MB.
pub const DEFAULT_MEMORY_MB: u32 = 2048;
/// Largest memory a run may ask for, MB.
pub const MAX_MEMORY_MB: u32 = 2048;
/// Longest code of a task, bytes of UTF-8.
pub const MAX_CODE_BYTES: usize = 256 * 1024;
/// Largest inputs of a run, bytes of JSON.
pub const MAX_INPUTS_BYTES: usize = 10 * 1024 * 1024;
/// Files among the inputs of a run.
pub const MAX_INPUT_FILES: usize = 16;
/// All input files of a run together, bytes: half of what its own file system holds.
pub const MAX_INPUT_FILES_BYTES: u64 = 32 * 1024 * 1024;
/// Longest name of an input file, bytes of UTF-8.
pub const MAX_FILE_NAME_BYTES: usize = 200;
/// Largest encoded result of a run, bytes of JSON.
pub const MAX_RESULT_BYTES: u64 = 32 * 1024 * 1024;
/// Printed output kept for a run, bytes. More is cut with a marker; the run goes on.
pub const MAX_LOG_BYTES: u64 = 1024 * 1024;
/// Output a run may print in all, kept or not, bytes. More ends the run.
pub const MAX_PRINTED_BYTES: u64 = 256 * 1024 * 1024;
/// Figures a result may hold.
pub const MAX_FIGURES: usize = 16;
/// Largest single figure, bytes of SVG or PNG.
pub const MAX_FIGURE_BYTES: u64 = 8 * 1024 * 1024;
/// Largest body of a request, bytes: the largest inputs and code, and what JSON needs around them.
pub const MAX_BODY_BYTES: usize = MAX_INPUTS_BYTES + 2 * 1024 * 1024;
/// The same for a page's request, which carries inputs and code as JSON strings: an escape can double
/// them, as a list of short texts shows.
pub const MAX_PAGE_BODY_BYTES: usize = 2 * MAX_BODY_BYTES;
/// The same for a request that brings input files.
pub const MAX_FILES_BODY_BYTES: usize = MAX_BODY_BYTES + MAX_INPUT_FILES_BYTES as usize;
/// Longest time a request may ask to wait for its run, seconds.
pub const MAX_WAIT_S: u32 = 60;
/// Runs one user may have waiting.
pub const MAX_QUEUED_RUNS: u32 = 1000;
/// Inputs and results up to this size are stored with the run (`MECAPY_INLINE_BYTES`), bytes.
pub const DEFAULT_INLINE_BYTES: usize = 64 * 1024;
/// Longest name of a task, characters.
pub const MAX_NAME_CHARS: usize = 200;
/// Longest description of a task, characters.
pub const MAX_DESCRIPTION_CHARS: usize = 2000;
/// Columns of a result that is sent as a table (Arrow, Parquet).
pub const MAX_TABLE_COLUMNS: usize = 4096;
/// Cells without a value that such a table may be filled up with.
pub const MAX_TABLE_FILLED: usize = 1024 * 1024;
/// Deepest nesting of inputs and results.
pub const MAX_DEPTH: usize = 64;
/// Deepest nesting of brackets in an encoded result: `$type` objects nest a few levels below the
/// values they carry. Whoever takes a result in and whoever reads it later must agree on this.
pub const MAX_ENCODED_DEPTH: usize = MAX_DEPTH + 8;
/// API tokens of one user that are neither revoked nor over.
pub const MAX_TOKENS: u32 = 50;
/// Longest name of an API token, characters.
pub const MAX_TOKEN_NAME_CHARS: usize = 100;
/// How long an API token lives when nothing else is asked for, seconds: 90 days.
pub const DEFAULT_TOKEN_LIFE_S: u64 = 90 * 24 * 60 * 60;
/// Longest life of an API token, seconds: 366 days.
pub const MAX_TOKEN_LIFE_S: u64 = 366 * 24 * 60 * 60;
/// Attempts a run gets when the infrastructure fails under it.
pub const MAX_ATTEMPTS: u32 = 3;
/// Longest text that lists are searched for, characters.
pub const MAX_QUERY_CHARS: usize = 200;
/// Rows in one page of a list.
pub const PAGE_ROWS: usize = 50;
/// Rows a client may ask for in one page.
pub const MAX_PAGE_ROWS: usize = 200;
/// Webhooks one user may have.
pub const MAX_WEBHOOKS: usize = 20;
/// Longest address of a webhook, characters.
pub const MAX_WEBHOOK_URL_CHARS: usize = 2000;
/// Tries a delivery to a webhook gets before it counts as failed.
pub const WEBHOOK_TRIES: u32 = 8;
/// Longest time the receiver of a webhook may take for its answer, seconds.
pub const WEBHOOK_ANSWER_S: u32 = 10;
/// What is read of the receiver's answer, bytes; the rest is left unread.
pub const WEBHOOK_ANSWER_BYTES: usize = 64 * 1024;
/// How long a line of a webhook's log is kept, days.
pub const WEBHOOK_LOG_DAYS: u32 = 30;
/// Requests that one address may send a minute, where other machines reach the server; many people of
/// one office may share it.
pub const REQUESTS_PER_ADDRESS: u32 = 6000;
/// Requests that one user may send a minute, from all addresses together.
pub const REQUESTS_PER_USER: u32 = 3000;
/// The same for either, where only programs of its own machine reach the server.
pub const REQUESTS_ON_ONE_MACHINE: u32 = 60_000;

/// What one run may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Limits {
    /// Wall-clock time, seconds.
    pub wall_s: u32,
    /// Processor time, seconds.
    pub cpu_s: u32,
    /// Memory above the worker's baseline, MB.
    pub memory_mb: u32,
    /// Encoded result, bytes.
    pub output_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall_s: DEFAULT_WALL_S,
            cpu_s: DEFAULT_WALL_S,
            memory_mb: DEFAULT_MEMORY_MB,
            output_bytes: MAX_RESULT_BYTES,
        }
    }
}
/// Days a deleted task can be restored before `prune` removes it for good.
pub const KEEP_DELETED_DAYS: u32 = 30;
/// Seconds before an object that no run names is taken for left over: longer than any attempt.
pub const PRUNE_OBJECTS_AFTER_S: u64 = 24 * 60 * 60;
