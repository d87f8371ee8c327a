//! Detectors over a benchmark of weekly counts: `cargo run -p leleka-risk --example detect -- SERIES OUT [CHAIN]`.
//!
//! SERIES has the columns `series,first_week,values`: values parted by spaces, NA for a missing one. OUT gets
//! `series,week,alarm,p` for the last 49 weeks of each series; an empty alarm means that nothing can be said. An
//! alarm is p ≤ 0.01. A series whose name ends with `down` is tested on its lower side; one whose name begins
//! with `B` is compared only with weeks since 2022-W27. CHAIN is `chain` (what shipped definitions use), or one
//! of `farrington`, `robust_z`, `ears_c2`.

use chrono::{Days, NaiveDate};
use leleka_domain::{Frequency, Period};
use leleka_risk::{Detector, Evidence, Past, detect, weekly_counts_chain};
use std::fmt::Write;
use std::process::ExitCode;

const JUDGED: usize = 49;
const ALARM: f64 = 0.01;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(series), Some(out)) = (arguments.first(), arguments.get(1)) else {
        eprintln!("usage: detect SERIES OUT [chain|farrington|robust_z|ears_c2]");
        return ExitCode::from(2);
    };
    let wanted = arguments.get(2).map_or("chain", String::as_str);
    let chain: Vec<Detector> = weekly_counts_chain()
        .into_iter()
        .filter(|detector| wanted == "chain" || detector.method() == wanted)
        .collect();
    let written = std::fs::read_to_string(series)
        .map_err(|error| format!("{series}: {error}"))
        .and_then(|text| judged(&text, &chain))
        .and_then(|rows| std::fs::write(out, rows).map_err(|error| format!("{out}: {error}")));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn judged(text: &str, chain: &[Detector]) -> Result<String, String> {
    let mut rows = String::from("series,week,alarm,p\n");
    for (number, line) in text
        .lines()
        .enumerate()
        .skip(1)
        .filter(|(_, line)| !line.is_empty())
    {
        let unread = || format!("line {}: series,first_week,values belong here", number + 1);
        one_series(line, chain, &mut rows).ok_or_else(unread)?;
    }
    Ok(rows)
}

fn one_series(line: &str, chain: &[Detector], rows: &mut String) -> Option<()> {
    let mut columns = line.splitn(3, ',');
    let (name, first) = (columns.next()?, columns.next()?);
    let first: Period = first.trim().parse().ok()?;
    let values = columns.next()?.trim().trim_matches('"').split_whitespace();
    let values: Vec<Option<f64>> = values
        .map(|value| {
            if value == "NA" {
                Some(None)
            } else {
                value.parse().ok().map(Some)
            }
        })
        .collect::<Option<_>>()?;
    let start = NaiveDate::from_isoywd_opt(2022, 27, chrono::Weekday::Mon).filter(|_| name.starts_with('B'));
    let monday = |place: usize| first.start().checked_add_days(Days::new(7 * place as u64));
    let admitted: Vec<Option<f64>> = values
        .iter()
        .enumerate()
        .map(|(place, value)| {
            value.filter(|_| start.is_none_or(|start| monday(place).is_some_and(|day| start <= day)))
        })
        .collect();
    for place in values.len().saturating_sub(JUDGED)..values.len() {
        let period = Period::containing(Frequency::Weekly, monday(place)?)?;
        let past = Past {
            values: admitted.get(..place)?,
            begun: 0,
            period,
            counts: true,
        };
        let found = values
            .get(place)
            .copied()
            .flatten()
            .and_then(|now| detect(&past, now, chain).ok());
        let p = found.and_then(|found| match found.evidence {
            Evidence::P { up, down } => Some(if name.ends_with("down") { down } else { up }),
            Evidence::Score { .. } => None,
        });
        let alarm = p.map_or_else(String::new, |p| u8::from(p <= ALARM).to_string());
        let p = p.map_or_else(String::new, |p| p.to_string());
        writeln!(rows, "{name},{period},{alarm},{p}").ok()?;
    }
    Some(())
}
