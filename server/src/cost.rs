//! `cost`: what runs cost on serverless containers, and the phase tables of the reference document
//! worked out again from the prices it names itself.
//!
//! A container is paid by the second that it serves requests, for its memory and for its processors.
//! Nothing here asks a provider: the prices are the document's, and a different price list is a
//! change of these constants.

use clap::Args;
use std::fmt::Write;

/// Price of one gigabyte of memory for one second.
const MEMORY_EUR_PER_GB_S: f64 = 0.000_01;
/// Price of one virtual processor for one second.
const VCPU_EUR_PER_VCPU_S: f64 = 0.000_012;
const S_PER_H: f64 = 3_600.0;
/// An average month.
const H_PER_MONTH: f64 = 730.0;
/// What the document's tables give a container, as its example does.
const CONTAINER_MEMORY_GB: f64 = 2.0;
const CONTAINER_VCPU: f64 = 1.0;
/// The dispatcher as deploy/scaleway sizes it; it is awake all month.
const DISPATCHER_MEMORY_GB: f64 = 0.512;
const DISPATCHER_VCPU: f64 = 0.28;

/// Runs, as `mecapy-server cost` is asked about them. The defaults are the document's example.
#[derive(Clone, Copy, Debug, PartialEq, Args)]
pub struct Load {
    /// Number of runs.
    #[arg(long, default_value_t = 1_000)]
    pub runs: u64,
    /// What one run takes on average, seconds.
    #[arg(long, default_value_t = 30.0, value_parser = amount, allow_negative_numbers = true)]
    pub seconds: f64,
    /// Memory of the container, GB.
    #[arg(long, default_value_t = CONTAINER_MEMORY_GB, value_parser = amount, allow_negative_numbers = true)]
    pub memory_gb: f64,
    /// Virtual processors of the container.
    #[arg(long, default_value_t = CONTAINER_VCPU, value_parser = amount, allow_negative_numbers = true)]
    pub vcpu: f64,
    /// Runs that one container executes at the same time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub slots: u32,
}

/// A finite number that is not negative.
fn amount(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() && number >= 0.0 => Ok(number),
        _ => Err("a number that is not negative is expected, such as 30 or 0.5".to_owned()),
    }
}

/// What containers cost, EUR.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    pub memory_eur: f64,
    pub vcpu_eur: f64,
}

impl Cost {
    /// Of one container of that size for that long.
    #[must_use]
    pub fn of(container_s: f64, memory_gb: f64, vcpu: f64) -> Self {
        Self {
            memory_eur: container_s * memory_gb * MEMORY_EUR_PER_GB_S,
            vcpu_eur: container_s * vcpu * VCPU_EUR_PER_VCPU_S,
        }
    }

    #[must_use]
    pub fn total_eur(self) -> f64 {
        self.memory_eur + self.vcpu_eur
    }
}

impl Load {
    /// Seconds that containers serve these runs: where slots are always full, a container's second
    /// is shared by all of them.
    #[must_use]
    pub fn container_s(&self) -> f64 {
        self.runs as f64 * self.seconds / f64::from(self.slots)
    }

    #[must_use]
    pub fn cost(&self) -> Cost {
        Cost::of(self.container_s(), self.memory_gb, self.vcpu)
    }
}

/// An amount a month as the document states it, EUR: from, to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range(pub f64, pub f64);

impl Range {
    const fn exactly(eur: f64) -> Self {
        Self(eur, eur)
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 + other.0, self.1 + other.1)
    }

    fn holds(self, eur: f64) -> bool {
        (self.0..=self.1).contains(&eur)
    }
}

/// One row of a phase's table.
#[derive(Clone, Copy, Debug)]
struct Item {
    name: &'static str,
    /// What the document says.
    stated: Range,
    /// Hours a month that containers serve runs, where the price list decides.
    container_h: Option<f64>,
}

impl Item {
    const fn fixed(name: &'static str, stated: Range) -> Self {
        Self {
            name,
            stated,
            container_h: None,
        }
    }

    const fn containers(name: &'static str, container_h: f64, stated: Range) -> Self {
        Self {
            name,
            stated,
            container_h: Some(container_h),
        }
    }

    /// From the price list where it decides, else what is stated.
    fn computed(&self) -> Range {
        self.container_h.map_or(self.stated, |hours| {
            let cost = Cost::of(hours * S_PER_H, CONTAINER_MEMORY_GB, CONTAINER_VCPU);
            Range::exactly(cost.total_eur())
        })
    }
}

/// One of the document's phases.
#[derive(Clone, Copy, Debug)]
struct Phase {
    title: &'static str,
    items: &'static [Item],
    stated_total: Range,
}

impl Phase {
    fn computed_total(&self) -> Range {
        self.items
            .iter()
            .map(Item::computed)
            .fold(Range::exactly(0.0), Range::and)
    }
}

const PHASES: [Phase; 2] = [
    Phase {
        title: "Phase 1, up to 1,000 runs a day",
        items: &[
            Item::fixed("Server (Clever Cloud, nano)", Range(7.0, 10.0)),
            Item::fixed("PostgreSQL, 1 GB", Range::exactly(18.0)),
            Item::fixed("Redis, 256 MB", Range::exactly(10.0)),
            Item::fixed("Object storage, 10 GB", Range::exactly(0.2)),
            Item::containers("Containers, 100 h a month", 100.0, Range(5.0, 15.0)),
            Item::fixed("Registry", Range::exactly(0.0)),
        ],
        stated_total: Range(40.0, 55.0),
    },
    Phase {
        title: "Phase 2, 1,000 to 10,000 runs a day",
        items: &[
            Item::fixed("Server, PostgreSQL and Redis", Range::exactly(35.0)),
            Item::containers("Containers, 1,000 h a month", 1_000.0, Range(50.0, 80.0)),
            Item::fixed("Object storage, 100 GB", Range::exactly(2.0)),
        ],
        stated_total: Range(90.0, 120.0),
    },
];

/// What the command prints.
#[must_use]
pub fn report(load: &Load) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_load(&mut text, load);
    for phase in &PHASES {
        let _ = write_phase(&mut text, phase);
    }
    let dispatcher = Cost::of(H_PER_MONTH * S_PER_H, DISPATCHER_MEMORY_GB, DISPATCHER_VCPU);
    let _ = write!(
        text,
        "\nNot in the document: the dispatcher of deploy/scaleway never sleeps ({DISPATCHER_MEMORY_GB} GB, {DISPATCHER_VCPU} vCPU):\n\
         {} a month.",
        euros(dispatcher.total_eur())
    );
    text
}

fn write_load(text: &mut String, load: &Load) -> std::fmt::Result {
    let Load {
        runs,
        seconds,
        memory_gb,
        vcpu,
        slots,
    } = load;
    let cost = load.cost();
    writeln!(
        text,
        "{runs} runs × {seconds} s, {memory_gb} GB and {vcpu} vCPU a container, runs at once in it: {slots}"
    )?;
    writeln!(text, "  memory {:>12}", euros(cost.memory_eur))?;
    writeln!(text, "  vCPU   {:>12}", euros(cost.vcpu_eur))?;
    writeln!(text, "  total  {:>12}", euros(cost.total_eur()))
}

fn write_phase(text: &mut String, phase: &Phase) -> std::fmt::Result {
    writeln!(
        text,
        "\n{:<36}{:>18}{:>18}",
        phase.title, "document", "computed"
    )?;
    for item in phase.items {
        write_row(text, item.name, item.stated, item.computed())?;
    }
    write_row(
        text,
        "Total a month",
        phase.stated_total,
        phase.computed_total(),
    )
}

/// Marks what the document states and its own prices do not give.
fn write_row(text: &mut String, name: &str, stated: Range, computed: Range) -> std::fmt::Result {
    let agrees = stated.holds(computed.0) && stated.holds(computed.1);
    let mark = if agrees { "" } else { "  differs" };
    writeln!(
        text,
        "  {name:<34}{:>18}{:>18}{mark}",
        span(stated),
        span(computed)
    )
}

fn span(range: Range) -> String {
    if range.0 == range.1 {
        euros(range.0)
    } else {
        format!("{}–{:.2}", euros(range.0), range.1)
    }
}

/// To the cent.
fn euros(amount: f64) -> String {
    format!("€{amount:.2}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        load: Load,
    }

    fn load(arguments: &[&str]) -> Load {
        Command::try_parse_from([&["cost"], arguments].concat())
            .expect("the arguments are right")
            .load
    }

    #[test]
    fn the_documents_example_is_sixty_cents_of_memory_and_thirty_six_of_a_processor() {
        let cost = load(&[]).cost();
        assert_eq!(euros(cost.memory_eur), "€0.60");
        assert_eq!(euros(cost.vcpu_eur), "€0.36");
        assert_eq!(euros(cost.total_eur()), "€0.96");
    }

    #[test]
    fn every_option_counts() {
        let of = |arguments: &[&str]| load(arguments).cost().total_eur();
        let example = of(&[]);
        assert_eq!(of(&["--runs", "2000"]), 2.0 * example);
        assert_eq!(of(&["--seconds", "15"]), example / 2.0);
        assert_eq!(of(&["--slots", "2"]), example / 2.0);
        assert_eq!(euros(of(&["--memory-gb", "0"])), "€0.36");
        assert_eq!(euros(of(&["--vcpu", "0"])), "€0.60");
        assert_eq!(euros(of(&["--memory-gb", "4", "--vcpu", "2"])), "€1.92");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for wrong in ["-1", "NaN", "inf", "thirty"] {
            let error = Command::try_parse_from(["cost", "--seconds", wrong])
                .err()
                .expect("it is no amount")
                .to_string();
            assert!(error.contains("that is not negative"), "{error}");
        }
        assert!(Command::try_parse_from(["cost", "--slots", "0"]).is_err());
    }

    #[test]
    fn the_first_phase_holds_at_the_documents_prices() {
        let [first, _] = PHASES;
        assert_eq!(euros(first.items[4].computed().0), "€11.52");
        assert_eq!(span(first.computed_total()), "€46.72–49.72");
        assert!(first.stated_total.holds(first.computed_total().1));
    }

    #[test]
    fn the_second_phase_costs_more_than_the_document_says() {
        let [_, second] = PHASES;
        assert_eq!(euros(second.items[1].computed().0), "€115.20");
        assert_eq!(span(second.computed_total()), "€152.20");
        assert!(!second.stated_total.holds(second.computed_total().0));
    }

    #[test]
    fn the_report_marks_what_differs() {
        let report = report(&load(&[]));
        let differing: Vec<_> = report
            .lines()
            .filter(|line| line.ends_with("differs"))
            .map(|line| line.trim().split("  ").next().unwrap_or_default())
            .collect();
        assert_eq!(differing, ["Containers, 1,000 h a month", "Total a month"]);
        assert!(report.contains("€22.29 a month"), "{report}");
    }
}
