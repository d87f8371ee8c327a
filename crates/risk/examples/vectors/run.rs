//! Reading vector files and comparing results with what they expect.
//!
//! A number passes when |x − e| ≤ abs + rel·|e|; everything else must be equal.

use crate::cases::case_answer;
use crate::forecasts::forecast_judged;
use serde_json::Value;
use std::fmt;
use std::path::Path;

/// What became of the cases of one kind.
#[derive(Debug)]
pub(crate) struct KindReport {
    /// The kind.
    pub(crate) kind: String,
    /// Cases in the file.
    pub(crate) cases: usize,
    /// Cases that pass.
    pub(crate) passes: usize,
    /// Cases that need what the engine does not have.
    pub(crate) not_implemented: usize,
    /// Largest |x − e| over all numbers compared.
    pub(crate) worst: f64,
    /// One line for each case that fails.
    pub(crate) failures: Vec<String>,
}

impl fmt::Display for KindReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind, cases, passes, ..
        } = self;
        write!(
            f,
            "{kind:<14} {cases:>3} cases  {passes:>3} pass  worst deviation {:.1e}",
            self.worst
        )?;
        if self.not_implemented > 0 {
            write!(f, "  {} not implemented", self.not_implemented)?;
        }
        Ok(())
    }
}

/// Runs every `*.json` file of a folder, by name.
///
/// # Errors
/// The folder or a file cannot be read, or a file is not JSON.
pub(crate) fn run_folder(folder: &Path) -> std::io::Result<Vec<KindReport>> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            let file: Value = serde_json::from_slice(&std::fs::read(path)?)?;
            Ok(run_file(&file))
        })
        .collect()
}

fn run_file(file: &Value) -> KindReport {
    let kind = file.get("kind").and_then(Value::as_str).unwrap_or("?");
    let cases = file.get("cases").and_then(Value::as_array);
    let cases = cases.map(Vec::as_slice).unwrap_or_default();
    let mut report = KindReport {
        kind: kind.to_owned(),
        cases: cases.len(),
        passes: 0,
        not_implemented: 0,
        worst: 0.0,
        failures: Vec::new(),
    };
    for case in cases {
        let id = case.get("id").and_then(Value::as_str).unwrap_or("?");
        if kind == "forecast" {
            match forecast_judged(case) {
                Some((worst, differences)) if differences.is_empty() => {
                    report.passes += 1;
                    report.worst = report.worst.max(worst);
                }
                Some((_, differences)) => report.failures.push(format!("{id}: {}", differences.join("; "))),
                None => report.failures.push(format!("{id}: the case cannot be read")),
            }
            continue;
        }
        let got = match case_answer(kind, case, file.get("datasets")) {
            Ok(got) => got,
            Err(false) => {
                report.not_implemented += 1;
                continue;
            }
            Err(true) => {
                report.failures.push(format!("{id}: the case cannot be read"));
                continue;
            }
        };
        let tolerance = |name: &str| {
            case.pointer(&format!("/tolerance/{name}"))
                .and_then(Value::as_f64)
                .unwrap_or(0.0)
        };
        let mut comparison = Comparison {
            abs: tolerance("abs"),
            rel: tolerance("rel"),
            worst: 0.0,
            differences: Vec::new(),
        };
        comparison.compare("", &got, case.get("expected").unwrap_or(&Value::Null));
        match comparison.differences.first() {
            None => {
                report.passes += 1;
                report.worst = report.worst.max(comparison.worst);
            }
            Some(first) => {
                let more = comparison.differences.len();
                report.failures.push(format!("{id}: {first} ({more} in all)"));
            }
        }
    }
    report
}

struct Comparison {
    abs: f64,
    rel: f64,
    worst: f64,
    differences: Vec<String>,
}

impl Comparison {
    fn compare(&mut self, place: &str, got: &Value, expected: &Value) {
        match (got, expected) {
            (Value::Object(got), Value::Object(expected)) => {
                for (name, expected) in expected {
                    let got = got.get(name).unwrap_or(&Value::Null);
                    self.compare(&format!("{place}/{name}"), got, expected);
                }
            }
            (Value::Array(got), Value::Array(expected)) if got.len() == expected.len() => {
                for (at, (got, expected)) in got.iter().zip(expected).enumerate() {
                    self.compare(&format!("{place}/{at}"), got, expected);
                }
            }
            (Value::Number(left), Value::Number(right)) => {
                let (left, right) = (left.as_f64(), right.as_f64());
                let (left, right) = (left.unwrap_or(f64::NAN), right.unwrap_or(f64::NAN));
                let distance = (left - right).abs();
                if distance <= self.abs + self.rel * right.abs() {
                    self.worst = self.worst.max(distance);
                } else {
                    self.differences
                        .push(format!("{place}: {left} instead of {right}"));
                }
            }
            _ if got == expected => {}
            _ => self
                .differences
                .push(format!("{place}: {got} instead of {expected}")),
        }
    }
}
