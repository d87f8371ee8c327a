//! Runs a folder of test vectors against the engine: `cargo run -p leleka-risk --example vectors -- FOLDER`.
//!
//! Prints a line for each kind with cases, passes and the worst deviation. Ends with 1 when a case fails or a
//! kind is not implemented, and with 2 when the folder cannot be read. Never changes the folder.

mod cases;
mod cells;
mod figures;
mod forecasts;
mod run;
mod tables;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("usage: vectors FOLDER");
        return ExitCode::from(2);
    };
    let reports = match run::run_folder(Path::new(&folder)) {
        Ok(reports) => reports,
        Err(error) => {
            eprintln!("{folder}: {error}");
            return ExitCode::from(2);
        }
    };
    for report in &reports {
        println!("{report}");
        for failure in &report.failures {
            println!("    {failure}");
        }
    }
    let whole = reports
        .iter()
        .all(|report| report.failures.is_empty() && report.not_implemented == 0);
    ExitCode::from(u8::from(!whole))
}
