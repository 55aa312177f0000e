//! What a user has used, and the limits that apply.

use crate::{
    Timestamp,
    limits::{
        MAX_CODE_BYTES, MAX_FIGURES, MAX_INPUTS_BYTES, MAX_LOG_BYTES, MAX_MEMORY_MB,
        MAX_QUEUED_RUNS, MAX_RESULT_BYTES, MAX_TOKENS, MAX_WALL_S,
    },
};
use serde::{Deserialize, Serialize};

/// What one user has used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// The moment it was counted.
    pub at: Timestamp,
    pub today: PeriodUsage,
    pub this_month: PeriodUsage,
    /// Runs that wait.
    pub queue_length: u32,
    /// Runs under way.
    pub running: u32,
    /// Tasks that are not deleted.
    pub tasks: u32,
    /// Code and inputs of all versions, inputs and results of all runs.
    pub stored_bytes: u64,
    pub limits: UsageLimits,
}

/// What the runs that ended within a day or month, UTC, have used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PeriodUsage {
    /// Its first moment.
    pub since: Timestamp,
    pub runs: EndedRuns,
    /// Processor time, seconds.
    pub cpu_s: f64,
    /// Peak memory above the worker's baseline times duration, summed; GB (1,024 MB) times seconds.
    pub memory_gb_s: f64,
}

/// How many runs ended in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndedRuns {
    pub completed: u32,
    pub failed: u32,
    pub cancelled: u32,
}

/// The limits of one user and of each of their runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageLimits {
    /// Runs that may wait.
    pub queued_runs: u32,
    /// Tokens that are neither revoked nor over.
    pub tokens: u32,
    pub code_bytes: u64,
    pub inputs_bytes: u64,
    pub wall_s: u32,
    pub cpu_s: u32,
    pub memory_mb: u32,
    pub result_bytes: u64,
    pub log_bytes: u64,
    pub figures: u32,
}

impl Default for UsageLimits {
    fn default() -> Self {
        Self {
            queued_runs: MAX_QUEUED_RUNS,
            tokens: MAX_TOKENS,
            code_bytes: MAX_CODE_BYTES as u64,
            inputs_bytes: MAX_INPUTS_BYTES as u64,
            wall_s: MAX_WALL_S,
            cpu_s: MAX_WALL_S,
            memory_mb: MAX_MEMORY_MB,
            result_bytes: MAX_RESULT_BYTES,
            log_bytes: MAX_LOG_BYTES,
            figures: MAX_FIGURES as u32,
        }
    }
}
