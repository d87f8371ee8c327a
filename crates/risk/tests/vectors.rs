//! The engine against figures that other software computed: those beside this file, and a folder that
//! `LELEKA_VECTORS` names.
//!
//! Says aloud when that folder is skipped.
#![cfg(test)]

use std::path::Path;

#[path = "../examples/vectors/cases.rs"]
mod cases;
#[path = "../examples/vectors/cells.rs"]
mod cells;
#[path = "../examples/vectors/figures.rs"]
mod figures;
#[path = "../examples/vectors/forecasts.rs"]
mod forecasts;
#[path = "../examples/vectors/run.rs"]
mod run;
#[path = "../examples/vectors/tables.rs"]
mod tables;

#[test]
fn every_committed_figure_is_met() {
    every_case_passes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference"));
}

#[test]
fn every_figure_of_another_folder_is_met() {
    let Some(folder) = std::env::var_os("LELEKA_VECTORS") else {
        println!("SKIPPED: LELEKA_VECTORS names no folder of test vectors");
        return;
    };
    every_case_passes(Path::new(&folder));
}

fn every_case_passes(folder: &Path) {
    let reports = run::run_folder(folder).expect("the folder of vectors can be read");
    assert!(!reports.is_empty(), "the folder holds no vectors");
    for report in &reports {
        println!("{report}");
        assert!(report.failures.is_empty(), "{:#?}", report.failures);
        assert_eq!(report.not_implemented, 0, "{}", report.kind);
    }
    let passes: usize = reports.iter().map(|report| report.passes).sum();
    assert!(passes > 0, "no kind of vector is implemented");
}
