//! Published files, read as they were published. Runs over the folder named by `LELEKA_REAL_DATA`.

use super::{Recording, read_with};
use crate::{Encoding, ReaderKind, ReaderLimits, ReaderOutcome, SheetChoice, SheetLayout};
use leleka_domain::Severity;
use std::path::{Path, PathBuf};

/// The folder, or a word that the test is skipped.
fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("LELEKA_REAL_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: LELEKA_REAL_DATA names no folder of published files");
    }
    folder
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(path: &Path, kind: ReaderKind) -> (Recording, ReaderOutcome) {
    read_with(kind, ReaderLimits::default(), &[&std::fs::read(path).unwrap()])
}

fn errors(recording: &Recording) -> usize {
    let findings = recording.findings();
    findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count()
}

#[test]
fn every_delimited_file_is_read_with_its_letters_and_its_header() {
    let Some(folder) = folder() else { return };
    let mut old = 0;
    for path in files(&folder, "csv").iter().chain(&files(&folder, "tsv")) {
        let (recording, outcome) = read(path, ReaderKind::CsvDetected);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let detected = outcome
            .detected
            .unwrap_or_else(|| panic!("{name}: {:?}", recording.told()));
        eprintln!(
            "{name}: {} rows, {} columns, {} errors, {detected:?}",
            outcome.rows,
            recording.columns().len(),
            errors(&recording)
        );
        let cyrillic = path
            .parent()
            .is_some_and(|parent| parent.ends_with("datagovua_cp1251"));
        if cyrillic {
            old += 1;
            assert_eq!(
                (detected.encoding, detected.delimiter),
                (Encoding::Windows1251, ';'),
                "{name}"
            );
            let header = recording.columns().join("|");
            assert!(
                header.contains("Назва території чи об’єкта ПЗФ"),
                "{name}: {header}"
            );
        }
        if name.starts_with("eurostat") {
            assert!(
                matches!(detected.encoding, Encoding::Iso8859_1 | Encoding::Utf8),
                "{name}"
            );
            assert_eq!(errors(&recording), 0, "{name}");
        }
        if name.starts_with("unhcr_popstats") {
            assert_eq!(detected.header_line, 4);
        }
        assert!(outcome.rows > 10, "{name}");
    }
    assert!(old >= 9, "files in windows-1251: {old}");
}

#[test]
fn every_workbook_is_read_as_calculation_programs_show_it() {
    let Some(folder) = folder() else { return };
    let workbooks = files(&folder, "xlsx");
    assert!(workbooks.len() >= 4);
    for path in workbooks {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (recording, outcome) = read(&path, ReaderKind::Xlsx(SheetLayout::default()));
        let sheet = outcome
            .sheet
            .unwrap_or_else(|| panic!("{name}: {:?}", recording.told()));
        eprintln!(
            "{name}: {} rows, {} errors, {sheet:?}",
            outcome.rows,
            errors(&recording)
        );
        if name.starts_with("katottg") {
            assert!(
                outcome.rows > 31_000 && recording.records().len() > 31_000,
                "{name}"
            );
        }
        if name.starts_with("iom_idp_estimates") {
            assert!(sheet.tag_row, "{name}");
        }
    }
    let yearbook = folder.join("ukrstat_population_2022-01-01.xlsx");
    let layout = SheetLayout {
        sheet: SheetChoice::Named("7".to_owned()),
        ..SheetLayout::default()
    };
    let (recording, outcome) = read(&yearbook, ReaderKind::Xlsx(layout));
    let told = recording.told();
    assert!(
        outcome.sheet.is_some_and(|sheet| sheet.sheet.trim() == "7"),
        "{told:?}"
    );
}
