//! Random input, and what must hold for it; the targets are in `fuzz_targets.rs`.
//!
//! In the ordinary run a few hundred cases each, always the same. With `LELEKA_FUZZ_SECONDS` as many as fit into so
//! many seconds for each target, from another seed every time:
//! `LELEKA_FUZZ_SECONDS=120 cargo test -p leleka-intake fuzz -- --nocapture`.
//! A failing input is printed as a byte string, to be pasted into a test or saved in `corpus`.

use super::{Event, Recording, read_with};
use crate::{PackageLimits, ReaderKind, ReaderLimits, ReaderOutcome};
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

const CASES: u64 = 300;
const MOST_BYTES: usize = 64 * 1024;

/// A stream of random numbers that needs nothing: xorshift64*.
pub(super) struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(super) fn below(&mut self, most: usize) -> usize {
        (self.roll() >> 11) as usize % most.max(1)
    }
}

/// Real-looking inputs, the corpus, and pieces that formats are made of.
pub(super) struct Seeds {
    pub(super) inputs: Vec<Vec<u8>>,
    pub(super) pieces: &'static [&'static [u8]],
}

impl Seeds {
    /// An input, changed in a few places.
    fn mutated(&self, dice: &mut Dice) -> Vec<u8> {
        let mut bytes = self.inputs[dice.below(self.inputs.len())].clone();
        for _ in 0..=dice.below(8) {
            let at = dice.below(bytes.len() + 1);
            match dice.below(7) {
                0 if at < bytes.len() => bytes[at] = dice.roll() as u8,
                1 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
                2 => bytes.truncate(at),
                3 => {
                    let end = (at + dice.below(64)).min(bytes.len());
                    bytes.drain(at..end);
                }
                4 => {
                    let end = (at + dice.below(256)).min(bytes.len());
                    let copy = bytes[at..end].to_vec();
                    let to = dice.below(bytes.len() + 1);
                    bytes.splice(to..to, copy);
                }
                5 => {
                    let other = &self.inputs[dice.below(self.inputs.len())];
                    let from = dice.below(other.len() + 1);
                    let end = (from + dice.below(512)).min(other.len());
                    bytes.splice(at..at, other[from..end].iter().copied());
                }
                _ => {
                    let piece = self.pieces[dice.below(self.pieces.len())];
                    bytes.splice(at..at, piece.iter().copied());
                }
            }
        }
        bytes.truncate(MOST_BYTES);
        bytes
    }
}

/// Runs a target on mutated inputs until its cases or its time are used up.
pub(super) fn fuzz(name: &str, seeds: &Seeds, target: impl Fn(&[u8], &mut Dice)) {
    let seconds = std::env::var("LELEKA_FUZZ_SECONDS").ok();
    let seconds = seconds.map(|text| text.parse().expect("LELEKA_FUZZ_SECONDS is a number"));
    let seed = match seconds {
        None => 0x4c45_4c45_4b41,
        Some(_) => RandomState::new().build_hasher().finish() | 1,
    };
    let mut dice = Dice(seed);
    let started = Instant::now();
    let mut cases = 0;
    loop {
        let go_on = match seconds {
            None => cases < CASES,
            Some(seconds) => started.elapsed() < Duration::from_secs(seconds),
        };
        if !go_on {
            break;
        }
        let input = if (cases as usize) < seeds.inputs.len() {
            seeds.inputs[cases as usize].clone()
        } else {
            seeds.mutated(&mut dice)
        };
        let ran = catch_unwind(AssertUnwindSafe(|| target(&input, &mut dice)));
        assert!(
            ran.is_ok(),
            "{name}: case {cases} of seed {seed} failed on b\"{}\"",
            input.escape_ascii()
        );
        cases += 1;
    }
    eprintln!("{name}: {cases} cases, {:?}", started.elapsed());
}

fn limits(dice: &mut Dice) -> ReaderLimits {
    let full = ReaderLimits {
        package: PackageLimits {
            inflated_bytes: 4 * 1024 * 1024,
            ..PackageLimits::default()
        },
        ..ReaderLimits::default()
    };
    if dice.below(3) > 0 {
        return full;
    }
    ReaderLimits {
        row_bytes: 1 + dice.below(80),
        cell_characters: 1 + dice.below(12),
        rows: dice.below(6) as u64,
        json_depth: dice.below(6) as u8,
        ..full
    }
}

/// Reads in one piece and in random pieces: both must give the same, and what they give must hold together.
pub(super) fn read_and_check(kind: &ReaderKind, input: &[u8], dice: &mut Dice) {
    let limits = limits(dice);
    let whole = read_with(kind.clone(), limits, &[input]);
    let mut chunks = Vec::new();
    let mut rest = input;
    while !rest.is_empty() {
        let (now, next) = rest.split_at(1 + dice.below(rest.len().min(40)));
        chunks.push(now);
        rest = next;
    }
    assert_eq!(
        read_with(kind.clone(), limits, &chunks),
        whole,
        "cut otherwise, read otherwise"
    );
    holds_together(&whole, limits, input);
}

fn holds_together((recording, outcome): &(Recording, ReaderOutcome), limits: ReaderLimits, input: &[u8]) {
    assert!(outcome.rows <= limits.rows);
    assert!(recording.rows().len() as u64 <= outcome.rows);
    let in_sheet = outcome.sheet.is_some();
    let lines = input.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64 + 2;
    let mut columns = 0;
    for event in &recording.events {
        match event {
            Event::Column(index, name, _) => {
                columns = columns.max(index + 1);
                assert!(name.len() <= input.len().max(64 * 1024) + 64);
            }
            Event::Row(number, line, _) => {
                assert!(*number >= 1 && *number <= outcome.rows && *line >= 1);
                assert!(in_sheet || *line <= lines);
            }
            Event::Finding(finding) => {
                let line = finding.line.unwrap_or(1);
                let skipped = finding.code == leleka_domain::Code::CsvHeaderMissing;
                assert!(line >= 1 && (in_sheet || skipped || line <= lines), "{finding:?}");
                assert!(
                    finding.row.is_none_or(|row| row >= 1 && row <= limits.rows + 1),
                    "{finding:?}"
                );
                assert!(
                    finding
                        .value
                        .as_ref()
                        .is_none_or(|value| value.chars().count() <= 64 * 8)
                );
            }
        }
    }
    if outcome.rows > 0 && !recording.rows().is_empty() {
        assert!(columns > 0 || recording.rows().iter().all(|row| row.ends_with(' ')));
    }
}

/// Inputs saved for a target: `corpus/<target>-<what>.<ending>`.
pub(super) fn saved(target: &str) -> Vec<Vec<u8>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(target))
        })
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "no inputs saved for {target}");
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}
