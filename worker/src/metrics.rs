//! Counters for Prometheus, and the page that shows them.

use crate::state::App;
use domain::run::ErrorKind;
use protocol::execute::Finished;
use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

#[derive(Debug, Default)]
pub struct Metrics {
    refused: AtomicU64,
    runs: Mutex<BTreeMap<(&'static str, String), Totals>>,
}

#[derive(Debug, Default)]
struct Totals {
    runs: u64,
    wall_ms: f64,
    cpu_ms: f64,
}

impl Metrics {
    /// A caller found no free slot.
    pub fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub fn count(&self, finished: &Finished) {
        let kind = finished
            .error
            .as_ref()
            .map_or(String::new(), |error| name(error.kind));
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let totals = runs.entry((finished.status.as_str(), kind)).or_default();
        totals.runs += 1;
        totals.wall_ms += finished.usage.wall_ms;
        totals.cpu_ms += finished.usage.cpu_ms;
    }

    /// The text format of Prometheus.
    pub fn page(app: &App) -> String {
        let pool = app.pool.state();
        let mut page = String::new();
        let mut gauge = |name: &str, help: &str, kind: &str, value: u64| {
            let _ = write!(
                page,
                "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n"
            );
        };
        gauge(
            "mecapy_worker_slots",
            "Runs at the same time at most.",
            "gauge",
            app.slots as u64,
        );
        gauge(
            "mecapy_worker_running",
            "Runs now.",
            "gauge",
            app.running() as u64,
        );
        gauge(
            "mecapy_worker_ready",
            "Processes ready for a run.",
            "gauge",
            pool.ready as u64,
        );
        gauge(
            "mecapy_worker_zygotes_total",
            "Zygotes started.",
            "counter",
            pool.zygotes.into(),
        );
        gauge(
            "mecapy_worker_refused_total",
            "Callers that found no free slot.",
            "counter",
            app.metrics.refused.load(Ordering::Relaxed),
        );
        app.metrics.write_runs(&mut page);
        page
    }

    fn write_runs(&self, page: &mut String) {
        type Read = fn(&Totals) -> f64;
        let families: [(&str, &str, Read); 3] = [
            ("mecapy_worker_runs_total", "Runs finished.", |t| {
                t.runs as f64
            }),
            (
                "mecapy_worker_wall_seconds_total",
                "Wall time of runs.",
                |t| t.wall_ms / 1000.0,
            ),
            (
                "mecapy_worker_cpu_seconds_total",
                "CPU time of runs.",
                |t| t.cpu_ms / 1000.0,
            ),
        ];
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, help, read) in families {
            let _ = write!(page, "# HELP {name} {help}\n# TYPE {name} counter\n");
            for ((status, kind), totals) in runs.iter() {
                let value = read(totals);
                let _ = writeln!(
                    page,
                    "{name}{{status=\"{status}\",kind=\"{kind}\"}} {value}"
                );
            }
        }
    }
}

fn name(kind: ErrorKind) -> String {
    serde_json::to_value(kind)
        .ok()
        .and_then(|value| value.as_str().map(ToOwned::to_owned))
        .unwrap_or_default()
}
