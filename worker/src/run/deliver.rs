//! After the calculation: what it used, how it ended, and its result on its way.

use super::{
    Run, every,
    judge::{self, Ending, Stop},
    transfer::TransferError,
};
use crate::zygote::Account;
use bytes::Bytes;
use domain::run::RunStatus;
use protocol::execute::{ALIVE_EVERY_S, ExecuteEvent, Finished, Usage};
use serde_json::value::RawValue;
use std::time::Duration;

impl Run {
    pub(super) async fn finish(
        &mut self,
        wall: Duration,
        stopping: impl Future<Output = ()>,
    ) -> Finished {
        for event in [self.stdout.rest(), self.stderr.rest()]
            .into_iter()
            .flatten()
        {
            self.say(event);
        }
        let exit = self.exit.unwrap_or_default();
        let Account { cpu_us, peak_kb } = self.account.unwrap_or(Account {
            cpu_us: exit.cpu_us,
            peak_kb: exit.peak_kb,
        });
        let usage = Usage {
            cpu_ms: cpu_us.saturating_sub(self.process.warming_us) as f64 / 1000.0,
            wall_ms: wall.as_micros() as f64 / 1000.0,
            memory_peak_mb: peak_kb.saturating_sub(self.process.baseline_kb) as f64 / 1024.0,
        };
        let stop = self.stop.take().unwrap_or(Stop::None);
        let ending = std::mem::replace(&mut self.ending, Ending::Nothing);
        let finished = match judge::judge(stop, ending, &exit, &self.job.limits, usage) {
            Ok(result) => self.deliver(result, usage, stopping).await,
            Err(finished) => return *finished,
        };
        finished.unwrap_or_else(|error| judge::not_delivered(&error, usage))
    }

    /// Brings the result where it belongs, while the caller keeps hearing that we are alive.
    async fn deliver(
        &mut self,
        result: Box<RawValue>,
        usage: Usage,
        stopping: impl Future<Output = ()>,
    ) -> Result<Finished, TransferError> {
        let bytes = result.get().len() as u64;
        let slot = self
            .job
            .uploads
            .as_ref()
            .map(|uploads| uploads.result.clone());
        let slot = slot.filter(|_| bytes > self.job.inline_bytes);
        let mut finished = Finished {
            status: RunStatus::Completed,
            result: None,
            result_key: None,
            result_bytes: Some(bytes),
            error: None,
            given_back: false,
            usage,
        };
        match slot {
            None => finished.result = Some(result),
            Some(slot) => {
                finished.result_key = Some(slot.key.clone());
                let body = Bytes::from(String::from(Box::<str>::from(result)).into_bytes());
                self.transfers.put(slot, "application/json", body);
            }
        }
        if !self.transfers.are_done() {
            self.process.kill();
        }
        let mut alive = every(Duration::from_secs(ALIVE_EVERY_S));
        let events = self.events.clone();
        tokio::pin!(stopping);
        loop {
            tokio::select! {
                done = self.transfers.join() => return done.map(|()| finished),
                _ = alive.tick() => self.say(ExecuteEvent::Alive),
                () = events.closed() => return Ok(judge::interrupted(&Stop::Cancelled, usage)),
                () = &mut stopping => return Ok(judge::interrupted(&Stop::Shutdown, usage)),
            }
        }
    }
}
