//! Delimited files.

use super::{PLAIN, Recording, read, read_with};
use crate::{CsvLayout, RaggedWidth, ReaderKind, ReaderLimits};
use leleka_domain::Severity;

fn read_plain(sent: &str) -> Recording {
    read(ReaderKind::Csv(PLAIN), sent)
}

#[test]
fn header_and_rows_with_every_line_end() {
    for line_end in ["\n", "\r\n", "\r"] {
        let sent = [
            "\u{feff} period\u{a0},value",
            "2024-01,1",
            "",
            "2024-02,",
            " , ",
            "2024-03,3",
        ]
        .join(line_end);
        let recording = read_plain(&sent);
        assert_eq!(recording.columns(), ["period", "value"]);
        assert_eq!(
            recording.records(),
            ["1:2 2024-01|1", "2:4 2024-02|", "3:6 2024-03|3"],
            "{line_end:?}"
        );
        assert!(recording.findings().is_empty());
    }
}

#[test]
fn quotation_marks_hold_delimiters_quotes_and_line_breaks() {
    let recording = read_plain("a,b\r\n\"x,\"\"y\"\"\",\"1\r\n2\r3\n4\"\r\nz,5\r\n");
    assert_eq!(
        recording.rows(),
        ["1:2 \"x,\"y\"\"|\"1\r\n2\r3\n4\"", "2:6 \"z\"|\"5\""]
    );
}

#[test]
fn other_delimiters_need_no_quoting_of_commas() {
    for delimiter in [b';', b'\t'] {
        let sent = format!("name{0}value\nКиїв{0}1,5\n", char::from(delimiter));
        let recording = read(ReaderKind::Csv(CsvLayout { delimiter, ..PLAIN }), sent);
        assert_eq!(recording.records(), ["1:2 Київ|1,5"]);
    }
}

#[test]
fn empty_tails_are_dropped_and_filled_ones_told() {
    let sent = "a,b,,\n1,2\n3,4,,,,\n5,6,7\n8,9,,\" \"\n0\n";
    let recording = read_plain(sent);
    assert_eq!(recording.columns(), ["a", "b"]);
    assert_eq!(recording.told(), ["csv.row_width 3:4 -"]);
    assert_eq!(
        recording.findings()[0].message_en(),
        "The row has more cells than the header: 3 instead of 2"
    );
    assert_eq!(recording.records(), ["1:2 1|2", "2:3 3|4", "4:5 8|9", "5:6 0"]);

    let cut = read(
        ReaderKind::Csv(CsvLayout {
            width: RaggedWidth::Cut,
            ..PLAIN
        }),
        sent,
    );
    assert_eq!(cut.findings()[0].severity, Severity::Warning);
    assert_eq!(cut.records()[2], "3:4 5|6");
}

#[test]
fn a_preamble_is_skipped_by_physical_records() {
    let layout = CsvLayout {
        skip_rows: 3,
        ..PLAIN
    };
    let recording = read(
        ReaderKind::Csv(layout),
        "Extracted 2014\n\n\"United Nations\nHigh Commissioner\"\na,b\n1,2\n",
    );
    assert_eq!(recording.columns(), ["a", "b"]);
    assert_eq!(recording.records(), ["1:6 1|2"]);
}

#[test]
fn header_rows_are_merged_into_one_name_for_each_column() {
    let layout = CsvLayout {
        header_rows: 2,
        delimiter: b';',
        ..PLAIN
    };
    let recording = read(
        ReaderKind::Csv(layout),
        ";;;;\nТериторія;Прибуло;;Вибуло;;\n;2023;2024;2023;2024;\nКиїв;1;2;3;4\n",
    );
    assert_eq!(
        recording.columns(),
        [
            "Територія",
            "Прибуло / 2023",
            "Прибуло / 2024",
            "Вибуло / 2023",
            "Вибуло / 2024"
        ]
    );
    assert_eq!(recording.records(), ["1:4 Київ|1|2|3|4"]);
    let last_stands_alone = read(
        ReaderKind::Csv(layout),
        ";Осіб;;Коефіцієнт\n;прибуло;вибуло;\nКиїв;1;2;3,5\n",
    );
    assert_eq!(
        last_stands_alone.columns(),
        ["", "Осіб / прибуло", "Осіб / вибуло", "Коефіцієнт"]
    );
    let one = read(ReaderKind::Csv(PLAIN), "a,,b\n1,2,3\n");
    assert_eq!(
        one.columns(),
        ["a", "", "b"],
        "a single header row is taken as it is"
    );
}

#[test]
fn a_name_that_stands_twice_is_told_and_still_announced() {
    let recording = read_plain("a,b, a ,,\"\",c\n1,2,3,4,5,6");
    assert_eq!(recording.columns(), ["a", "b", "a", "", "", "c"]);
    assert_eq!(recording.told(), ["csv.column_duplicate -:1 -"]);
    let column = recording.findings()[0].column.clone().unwrap();
    assert_eq!((column.index, column.name.as_str()), (3, "a"));
}

#[test]
fn a_file_without_header_says_so() {
    for sent in ["", "\n\r\n", ",,\n ,\n", "\u{feff}"] {
        let recording = read_plain(sent);
        assert_eq!(recording.told(), ["csv.header_missing -:1 -"], "{sent:?}");
    }
    let layout = CsvLayout {
        skip_rows: 2,
        header_rows: 2,
        ..PLAIN
    };
    let recording = read(ReaderKind::Csv(layout), "title\n\na,b\n");
    assert_eq!(recording.told(), ["csv.header_missing -:3 -"]);
}

#[test]
fn an_unclosed_quotation_mark_is_told_where_its_row_begins() {
    let recording = read_plain("a,b\n1,2\n3,\"4\n5,6\n7,8\n");
    assert_eq!(recording.records(), ["1:2 1|2"]);
    assert_eq!(recording.told(), ["csv.quote_unclosed 2:3 -"]);
    assert_eq!(read_plain("\"a,b\n1,2\n").told(), ["csv.quote_unclosed -:1 -"]);
    assert!(read_plain("a,b\n1,\"2\"").findings().is_empty());
    assert!(read_plain("a,b\n1,2\"").findings().is_empty());
}

#[test]
fn limits_are_told_and_the_rest_is_read() {
    let limits = ReaderLimits {
        row_bytes: 10,
        cell_characters: 4,
        rows: 4,
        ..ReaderLimits::default()
    };
    let sent = "a,b\n12345,їїї\n1234567890,1\n,,,,,,,,,,,,,1\n1,2\n3,4\n5,6\n";
    let (recording, outcome) = read_with(ReaderKind::Csv(PLAIN), limits, &[sent.as_bytes()]);
    assert_eq!(
        recording.told(),
        [
            "row.too_long 1:2 -",
            "row.too_long 2:3 -",
            "row.too_long 3:4 -",
            "row.too_many 5:6 -"
        ]
    );
    assert_eq!(recording.records(), ["4:5 1|2"]);
    assert_eq!(outcome.rows, 4);

    let limits = ReaderLimits {
        cell_characters: 4,
        ..ReaderLimits::default()
    };
    let (recording, _) = read_with(ReaderKind::Csv(PLAIN), limits, &[b"a,b\n1,12345\n"]);
    let finding = recording.findings()[0].clone();
    assert_eq!(finding.column.as_ref().map(|column| column.index), Some(2));
    assert_eq!(finding.message_en(), "b: the text is longer than 4 characters");
    assert_eq!(recording.records(), ["1:2 1|12345"]);

    let long_header = format!("{}\n1\n", "h".repeat(70_000));
    assert_eq!(read_plain(&long_header).told(), ["row.too_long -:1 -"]);
}

#[test]
fn a_long_row_holds_no_more_than_the_limit_and_ends_where_it_ends() {
    let sent = format!("a,b\n\"{}\n\",1\n2,3\n", "x\r\n".repeat(100_000));
    let recording = read_plain(&sent);
    assert_eq!(recording.told(), ["row.too_long 1:2 -"]);
    assert_eq!(recording.records(), ["2:100004 2|3"]);
}

#[test]
fn described_columns_beyond_the_header_take_stray_cells() {
    let layout = CsvLayout {
        delimiter: b';',
        columns: 3,
        ..PLAIN
    };
    let recording = read(ReaderKind::Csv(layout), b"a;b\n1;2;3\n4;5\n");
    assert_eq!(recording.columns(), ["a", "b", ""]);
    assert_eq!(recording.codes(), []);
}
