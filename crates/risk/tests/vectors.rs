//! The engine against a folder of test vectors that `LELEKA_VECTORS` names.
//!
//! Says aloud when it is skipped.
#![cfg(test)]

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
fn every_case_passes() {
    let Some(folder) = std::env::var_os("LELEKA_VECTORS") else {
        println!("SKIPPED: LELEKA_VECTORS names no folder of test vectors");
        return;
    };
    let reports = run::run_folder(folder.as_ref()).expect("the folder of vectors can be read");
    assert!(!reports.is_empty(), "the folder holds no vectors");
    for report in &reports {
        println!("{report}");
        assert!(report.failures.is_empty(), "{:#?}", report.failures);
        assert_eq!(report.not_implemented, 0, "{}", report.kind);
    }
    let passes: usize = reports.iter().map(|report| report.passes).sum();
    assert!(passes > 0, "no kind of vector is implemented");
}
