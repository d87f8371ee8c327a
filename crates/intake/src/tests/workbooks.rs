//! Workbooks as people fill them in.

use super::packages::{text_cell, workbook};
use super::{Recording, read_with};
use crate::{RaggedWidth, ReaderKind, ReaderLimits, ReaderOutcome, SheetChoice, SheetLayout};
use leleka_domain::{CellKind, Code, Severity};
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};

fn read_as(layout: SheetLayout, bytes: &[u8]) -> (Recording, ReaderOutcome) {
    read_with(ReaderKind::Xlsx(layout), ReaderLimits::default(), &[bytes])
}

fn read(bytes: &[u8]) -> (Recording, ReaderOutcome) {
    read_as(SheetLayout::default(), bytes)
}

fn saved(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet());
    workbook.save_to_buffer().unwrap()
}

fn named(name: &str) -> SheetLayout {
    SheetLayout {
        sheet: SheetChoice::Named(name.to_owned()),
        ..SheetLayout::default()
    }
}

#[test]
fn numbers_are_taken_as_stored_and_dates_as_iso() {
    let bytes = saved(|sheet| {
        let short = Format::new().set_num_format("0.0");
        let date = Format::new().set_num_format("dd.mm.yyyy");
        let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm");
        sheet
            .write_row(0, 0, ["period", "territory", "value", "final", "moment"])
            .unwrap();
        sheet
            .write_with_format(1, 0, ExcelDateTime::from_ymd(2026, 11, 16).unwrap(), &date)
            .unwrap();
        sheet.write(1, 1, "м.Київ ").unwrap();
        sheet.write_with_format(1, 2, 98.8937278432685, &short).unwrap();
        sheet.write(1, 3, true).unwrap();
        let noon = ExcelDateTime::from_ymd(2026, 11, 16)
            .unwrap()
            .and_hms(12, 30, 0)
            .unwrap();
        sheet.write_with_format(1, 4, noon, &moment).unwrap();
        sheet.write(2, 0, 2026).unwrap();
        sheet.write(2, 2, -0.1).unwrap();
        sheet.write(4, 2, 533_278).unwrap();
    });
    let (recording, outcome) = read(&bytes);
    assert_eq!(
        recording.columns(),
        ["period", "territory", "value", "final", "moment"]
    );
    assert_eq!(
        recording.rows(),
        [
            "1:2 \"2026-11-16\"|\"м.Київ \"|98.8937278432685|\"true\"|\"2026-11-16T12:30:00\"",
            "2:3 2026|-|-0.1",
            "3:5 -|-|533278"
        ]
    );
    assert!(recording.findings().is_empty());
    let sheet = outcome.sheet.unwrap();
    assert_eq!((sheet.sheet.as_str(), sheet.header_line), ("Sheet1", Some(1)));
}

#[test]
fn a_formula_counts_as_its_stored_value_and_is_told_once() {
    let bytes = saved(|sheet| {
        sheet.write_row(0, 0, ["territory", "value"]).unwrap();
        for row in 1..4 {
            sheet.write(row, 0, "UA").unwrap();
            sheet
                .write_formula(row, 1, Formula::new("=SUM(C1:C9)").set_result("1204"))
                .unwrap();
        }
    });
    let (recording, outcome) = read(&bytes);
    assert_eq!(recording.records()[2], "3:4 UA|1204");
    assert_eq!(recording.codes(), [Code::CellFormulaRead]);
    let finding = recording.findings()[0];
    assert_eq!(finding.severity, Severity::Info);
    assert_eq!(
        (finding.value.as_deref(), finding.expected.as_deref()),
        (Some("3"), Some("B2"))
    );
    assert_eq!(outcome.sheet.unwrap().formulas, 3);
}

#[test]
fn a_formula_without_a_stored_value_is_an_error_at_its_cell() {
    let head = format!(
        "<row r=\"1\">{}{}</row>",
        text_cell("A1", "territory"),
        text_cell("B1", "value")
    );
    for formula in [
        "<f>SUM(C1:C9)</f>",
        "<f>SUM(C1:C9)</f><v/>",
        "<f t=\"shared\" si=\"0\"/>",
        "<f>[1]Sheet1!A1</f><v></v>",
    ] {
        let sheet = format!(
            "{head}<row r=\"7\">{}<c r=\"B7\">{formula}</c></row>",
            text_cell("A7", "UA")
        );
        let (recording, _) = read(&workbook(&sheet));
        assert_eq!(
            recording.told(),
            ["cell.formula_without_value 1:7 -"],
            "{formula}"
        );
        let finding = recording.findings()[0];
        let column = finding.column.as_ref().unwrap();
        assert_eq!((column.index, column.name.as_str()), (2, "value"));
        assert!(finding.message_uk().starts_with("value: перерахуйте"));
        assert_eq!(recording.records(), ["1:7 UA"]);
    }
}

#[test]
fn errors_of_excel_are_counted_and_handed_on_as_what_they_show() {
    let head = format!("<row r=\"1\">{}</row>", text_cell("A1", "value"));
    let sheet = format!(
        "{head}<row r=\"2\"><c r=\"A2\" t=\"e\"><v>#N/A</v></c></row><row r=\"3\"><c r=\"A3\" t=\"e\"><f>B1</f><v>#REF!</v></c></row>"
    );
    let (recording, outcome) = read(&workbook(&sheet));
    assert_eq!(recording.rows(), ["1:2 \"#N/A\"", "2:3 \"#REF!\""]);
    assert_eq!(recording.codes(), [Code::CellFormulaRead, Code::CellExcelError]);
    assert_eq!(recording.findings()[1].expected.as_deref(), Some("A2"));
    assert_eq!(outcome.sheet.unwrap().excel_errors, 2);
}

#[test]
fn the_first_visible_sheet_with_data_is_read_or_the_one_that_is_named() {
    let mut workbook = Workbook::new();
    let hidden = workbook.add_worksheet().set_name("Довідник").unwrap();
    hidden.write(0, 0, "code").unwrap();
    hidden.set_hidden(true);
    workbook
        .add_worksheet()
        .set_name("Порожній")
        .unwrap()
        .set_active(true);
    for (name, value) in [(" 7", 1), ("Київи\u{306}", 2), ("Про дані", 3)] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        sheet.write(0, 0, "value").unwrap();
        sheet.write(1, 0, value).unwrap();
    }
    let bytes = workbook.save_to_buffer().unwrap();
    for (layout, row) in [
        (SheetLayout::default(), "1:2 1"),
        (named("7"), "1:2 1"),
        (named("київй "), "1:2 2"),
        (named("ПРО ДАНІ"), "1:2 3"),
        (
            SheetLayout {
                sheet: SheetChoice::Number(3),
                ..SheetLayout::default()
            },
            "1:2 2",
        ),
    ] {
        assert_eq!(read_as(layout.clone(), &bytes).0.records(), [row], "{layout:?}");
    }
    let (recording, outcome) = read_as(named("Довідник"), &bytes);
    assert_eq!(recording.codes(), [Code::FileSheetMissing]);
    assert_eq!(
        recording.findings()[0].value.as_deref(),
        Some("Порожній, 7, Київи\u{306}, Про дані")
    );
    assert!(outcome.sheet.is_none());
}

#[test]
fn merged_headers_become_paths_within_their_merge_only() {
    let bytes = saved(|sheet| {
        let centre = Format::new();
        sheet.write(0, 0, "Міграційний рух населення").unwrap();
        sheet.merge_range(2, 0, 3, 0, "Регіон", &centre).unwrap();
        sheet
            .merge_range(2, 1, 2, 2, "Зовнішня міграція", &centre)
            .unwrap();
        sheet
            .write_row(3, 1, ["кількість прибулих", "кількість вибулих", "Коефіцієнт"])
            .unwrap();
        sheet.write(4, 0, "Україна").unwrap();
        sheet.write_row(4, 1, [4_648, 1_302]).unwrap();
        sheet.write(4, 3, 6.7).unwrap();
    });
    let layout = SheetLayout {
        skip_rows: 1,
        header_rows: 2,
        ..SheetLayout::default()
    };
    let (recording, outcome) = read_as(layout, &bytes);
    assert_eq!(
        recording.columns(),
        [
            "Регіон",
            "Зовнішня міграція / кількість прибулих",
            "Зовнішня міграція / кількість вибулих",
            "Коефіцієнт"
        ]
    );
    assert_eq!(recording.records(), ["1:5 Україна|4648|1302|6.7"]);
    assert_eq!(outcome.sheet.unwrap().header_line, Some(3));
}

#[test]
fn blank_tails_are_left_out_and_places_are_those_of_the_sheet() {
    let bytes = saved(|sheet| {
        let bold = Format::new().set_bold();
        sheet.write_row(2, 1, ["#adm1+name", "value"]).unwrap();
        sheet.write_row(2, 1, ["territory", "value"]).unwrap();
        sheet.write_row(3, 1, ["#adm1+code", "#affected+idps"]).unwrap();
        sheet.write_row(4, 1, ["UA46", "7"]).unwrap();
        sheet.write_row(6, 1, ["UA18", "1,2 тис."]).unwrap();
        sheet.write(7, 4, "примітка").unwrap();
        for row in 8..200 {
            sheet.write_blank(row, 7, &bold).unwrap();
        }
    });
    let (recording, outcome) = read(&bytes);
    assert_eq!(
        recording.columns(),
        ["territory", "value"],
        "an empty column has no name"
    );
    assert_eq!(recording.records(), ["1:5 -|UA46|7", "2:7 -|UA18|1,2 тис."]);
    assert_eq!(
        recording.told(),
        ["file.tag_row_skipped -:4 -", "csv.row_width 3:8 -"]
    );
    let sheet = outcome.sheet.unwrap();
    assert!(sheet.tag_row);
    assert_eq!(sheet.header_line, Some(3));
    let cut = SheetLayout {
        width: RaggedWidth::Cut,
        ..SheetLayout::default()
    };
    assert_eq!(read_as(cut, &bytes).0.findings()[1].severity, Severity::Warning);
}

#[test]
fn data_under_an_empty_header_are_told_once() {
    let bytes = saved(|sheet| {
        sheet.write(0, 0, "territory").unwrap();
        sheet.write(0, 2, "value").unwrap();
        for row in 1..3 {
            sheet.write_row(row, 0, ["UA", "щось", "7"]).unwrap();
        }
    });
    let (recording, _) = read(&bytes);
    assert_eq!(recording.told(), ["file.column_unnamed 1:2 -"]);
    assert_eq!(recording.findings()[0].expected.as_deref(), Some("B"));
    assert_eq!(recording.records().len(), 2);
}

#[test]
fn limits_are_told_and_the_rest_is_read() {
    let limits = ReaderLimits {
        row_bytes: 20,
        cell_characters: 4,
        rows: 3,
        ..ReaderLimits::default()
    };
    let bytes = saved(|sheet| {
        sheet.write_row(0, 0, ["a", "b"]).unwrap();
        sheet.write_row(1, 0, ["12345", "їїї"]).unwrap();
        sheet.write(2, 0, "x".repeat(30)).unwrap();
        sheet.write_row(3, 0, ["1", "2"]).unwrap();
        sheet.write_row(4, 0, ["1", "2"]).unwrap();
        sheet.write_row(5, 0, ["1", "2"]).unwrap();
    });
    let (recording, outcome) = read_with(ReaderKind::Xlsx(SheetLayout::default()), limits, &[&bytes]);
    assert_eq!(
        recording.told(),
        ["text.too_long 1:2 -", "row.too_long 2:3 -", "row.too_many 4:5 -"]
    );
    assert_eq!((recording.records().len(), outcome.rows), (2, 3));
}

#[test]
fn a_sheet_without_a_header_says_so() {
    let layout = SheetLayout {
        skip_rows: 5,
        ..SheetLayout::default()
    };
    let bytes = saved(|sheet| {
        sheet.write(0, 0, "title").unwrap();
    });
    assert_eq!(read_as(layout, &bytes).0.told(), ["csv.header_missing -:6 -"]);
    let blank = Workbook::new().save_to_buffer().unwrap();
    assert_eq!(read(&blank).0.codes(), [Code::FileSheetMissing]);
}

#[test]
fn rich_and_shared_texts_come_out_whole() {
    let bytes = saved(|sheet| {
        let (bold, plain) = (Format::new().set_bold(), Format::new());
        sheet.write_row(0, 0, ["name", "name too"]).unwrap();
        sheet
            .write_rich_string(1, 0, &[(&bold, "Івано–"), (&plain, "Франківська & «2»")])
            .unwrap();
        sheet.write(1, 1, " В’єтнам\nі <Лаос>").unwrap();
    });
    let (recording, _) = read(&bytes);
    assert_eq!(
        recording.records(),
        ["1:2 Івано–Франківська & «2»| В’єтнам\nі <Лаос>"]
    );
    assert!(recording.rows()[0].contains('"'));
    let kinds = recording
        .events
        .iter()
        .any(|event| matches!(event, super::Event::Row(_, _, cells) if cells[0].1 == CellKind::Text));
    assert!(kinds);
}

#[test]
fn described_columns_are_delivered_whether_or_not_the_header_names_them() {
    let bytes = saved(|sheet| {
        sheet.write(0, 1, "усього").unwrap();
        sheet.write(1, 0, "Україна").unwrap();
        sheet.write(1, 1, 41_167_335).unwrap();
        sheet.write(1, 2, "Ukraine").unwrap();
    });
    let described = SheetLayout {
        columns: 3,
        ..SheetLayout::default()
    };
    let (recording, _) = read_as(described, &bytes);
    assert_eq!(recording.columns(), ["", "усього", ""]);
    assert_eq!(recording.codes(), []);
    assert_eq!(recording.records(), ["1:2 Україна|41167335|Ukraine"]);
    let (recording, _) = read_as(SheetLayout::default(), &bytes);
    assert!(recording.codes().contains(&Code::CsvRowWidth));
}
