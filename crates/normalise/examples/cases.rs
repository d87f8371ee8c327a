//! Runs a file of texts and their right readings: `cargo run --example cases -- FILE.csv`.
//!
//! Columns `kind,raw,expected[,note]`; a `\n` in `raw` is a line break. Prints every miss and a count; ends with 1
//! on a miss, a kind that is not known, or a file that cannot be read. Reads with the shipped catalogue.

#[path = "cases/pairs.rs"]
mod pairs;
#[path = "cases/shipped.rs"]
mod shipped;

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        return ended("say which file: cases FILE.csv");
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => return ended(&format!("{path}: {error}")),
    };
    let outcome = shipped::codebook().and_then(|codebook| pairs::outcome(&text, &codebook));
    match outcome {
        Ok(outcome) => {
            let mut lines = outcome.misses;
            let missed = lines.len();
            lines.push(format!(
                "{} of {} read as expected",
                outcome.pairs - missed,
                outcome.pairs
            ));
            let printed = writeln!(std::io::stdout(), "{}", lines.join("\n"));
            if missed == 0 && outcome.pairs > 0 && printed.is_ok() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => ended(&format!("{path}: {error}")),
    }
}

fn ended(why: &str) -> ExitCode {
    // Nobody is left to tell when even this cannot be written.
    let _ = writeln!(std::io::stderr(), "{why}");
    ExitCode::FAILURE
}
