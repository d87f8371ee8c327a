//! The table of what became of each delivery: for people on the screen, for scripts in a file.
//!
//! Counts are the service's own; that they add up is checked here, that they are right by the scripts beside this
//! file, which read the published files themselves.

use crate::deliveries::Delivery;
use leleka_testkit::Response;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What one delivery cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// From the first byte sent to the final state.
    pub(crate) seconds: f64,
    /// Greatest resident memory of the service meanwhile, in MiB; the service runs in this process.
    pub(crate) peak_mib: u64,
}

/// The table while it grows.
pub(crate) struct Table {
    lines: String,
    all_balanced: bool,
    sums: [u64; 5],
}

impl Table {
    /// Prints the head.
    pub(crate) fn begin() -> Self {
        println!(
            "{:<62} {:<36} {:>6} {:>6} {:>7} {:>7} {:>7} {:>7} {:>7} {:>6} {:>4}  ignored rows by rule, findings",
            "file",
            "profile",
            "rows",
            "stored",
            "refused",
            "ignored",
            "observ.",
            "revised",
            "unchg.",
            "s",
            "MiB"
        );
        Self {
            lines: "file\tsheet\tprofile\tsubmission\trecorded_at\tobservations\tunchanged\n".to_owned(),
            all_balanced: true,
            sums: [0; 5],
        }
    }

    /// A file that is not there.
    pub(crate) fn skipped(&mut self, delivery: &Delivery) {
        println!("{:<62} SKIPPED: not in the folder", delivery.name());
        self.all_balanced = false;
    }

    /// A delivery and its answer.
    pub(crate) fn row(&mut self, delivery: &Delivery, answer: &Response, cost: Cost) {
        let json = answer.json();
        let counts = &json["counts"];
        let count = |name: &str| counts[name].as_u64().unwrap_or(0);
        let (rows, refused, ignored) = (count("rows"), count("rows_refused"), count("rows_ignored"));
        let is_accepted = json["state"]
            .as_str()
            .is_some_and(|state| state.starts_with("accepted"));
        let stored = if is_accepted { rows - refused - ignored } else { 0 };
        let mut findings: BTreeMap<String, usize> = BTreeMap::new();
        for finding in answer.findings() {
            *findings.entry(finding.code).or_default() += 1;
        }
        let codes: Vec<String> = findings
            .iter()
            .map(|(code, times)| format!("{code} {times}"))
            .collect();
        println!(
            "{:<62} {:<36} {rows:>6} {stored:>6} {refused:>7} {ignored:>7} {:>7} {:>7} {:>7} {:>6.2} {:>4}  {} {}",
            delivery.name(),
            delivery.profile,
            count("observations"),
            count("revised"),
            count("unchanged"),
            cost.seconds,
            cost.peak_mib,
            json["ignored_by_reason"],
            codes.join(", ")
        );
        if !is_accepted {
            let told: String = answer.text().chars().take(1500).collect();
            println!("    NOT ACCEPTED ({}): {told}", answer.status);
        }
        self.all_balanced &= is_accepted && rows == stored + refused + ignored;
        let more = [rows, stored, refused, ignored, count("observations")];
        for (sum, one) in self.sums.iter_mut().zip(more) {
            *sum += one;
        }
        self.line(delivery, &json);
    }

    fn line(&mut self, delivery: &Delivery, json: &Value) {
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        let _written = writeln!(
            self.lines,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}",
            delivery.file,
            delivery.sheet,
            delivery.profile,
            text("id"),
            text("recorded_at"),
            json["counts"]["observations"],
            json["counts"]["unchanged"]
        );
    }

    /// Prints the sums; gives the lines for scripts, and whether every file was there and every row accounted for.
    pub(crate) fn end(self) -> (String, bool) {
        let [rows, stored, refused, ignored, observations] = self.sums;
        println!(
            "rows {rows} = stored {stored} + refused {refused} + ignored {ignored}; observations {observations}"
        );
        (self.lines, self.all_balanced)
    }
}
