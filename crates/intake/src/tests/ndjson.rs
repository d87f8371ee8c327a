//! Lines of JSON objects.

use super::{Event, read, read_with};
use crate::{ReaderKind, ReaderLimits};
use leleka_domain::{CellKind, Code, ColumnOrigin};

#[test]
fn members_become_columns_as_they_are_first_seen() {
    let recording = read(
        ReaderKind::Ndjson,
        "{\"indicator\":\"A\",\"value\":7}\n{\"value\":8,\"sex\":\"F\"}\n{\"sex\":null}",
    );
    assert_eq!(recording.columns(), ["indicator", "value", "sex"]);
    assert_eq!(recording.rows(), ["1:1 \"A\"|7", "2:2 -|8|\"F\"", "3:3 -|-|null"]);
    assert!(recording.findings().is_empty());
}

#[test]
fn a_column_is_announced_before_the_row_that_brings_it() {
    let recording = read(ReaderKind::Ndjson, "{\"a\":1}\n{\"b\":2}");
    let order: Vec<_> = recording
        .events
        .iter()
        .map(|event| match event {
            Event::Column(index, name, _) => format!("column {index} {name}"),
            Event::Row(number, ..) => format!("row {number}"),
            Event::Finding(finding) => finding.code.to_string(),
        })
        .collect();
    assert_eq!(order, ["column 0 a", "row 1", "column 1 b", "row 2"]);
}

#[test]
fn dimensions_are_columns_of_their_own_even_under_the_same_name() {
    let recording = read(
        ReaderKind::Ndjson,
        r#"{"dimensions":{"sex":"F","unit":"PS"},"sex":"M","value":1}"#,
    );
    let columns: Vec<_> = recording
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Column(index, name, origin) => Some((*index, name.as_str(), *origin)),
            Event::Row(..) | Event::Finding(_) => None,
        })
        .collect();
    assert_eq!(
        columns,
        [
            (0, "sex", ColumnOrigin::Member),
            (1, "value", ColumnOrigin::Member),
            (2, "sex", ColumnOrigin::Dimension),
            (3, "unit", ColumnOrigin::Dimension),
        ]
    );
    assert_eq!(recording.rows(), ["1:1 \"M\"|1|\"F\"|\"PS\""]);
}

#[test]
fn dimensions_that_are_no_object_are_an_ordinary_cell() {
    let recording = read(ReaderKind::Ndjson, "{\"dimensions\":[1]}\n{\"dimensions\":null}");
    assert_eq!(recording.columns(), ["dimensions"]);
    assert_eq!(recording.rows(), ["1:1 ?[1]", "2:2 null"]);
}

#[test]
fn a_number_keeps_its_text_and_other_kinds_are_told_apart() {
    for (sent, text, kind) in [
        ("12.0", "12.0", CellKind::Number),
        ("1e3", "1e3", CellKind::Number),
        ("-0", "-0", CellKind::Number),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567890",
            CellKind::Number,
        ),
        ("null", "", CellKind::Null),
        ("true", "true", CellKind::Other),
        ("[ 1, {} ]", "[ 1, {} ]", CellKind::Other),
        ("\"\"", "", CellKind::Text),
        ("\" x \"", " x ", CellKind::Text),
        (r#""\u041a\u0438\u0457\u0432""#, "Київ", CellKind::Text),
        (r#""a\"b\\""#, "a\"b\\", CellKind::Text),
        (r#""\ud83d\ude00""#, "😀", CellKind::Text),
        (r#""\u0000""#, "\0", CellKind::Text),
    ] {
        let recording = read(ReaderKind::Ndjson, format!("{{\"v\": {sent} }}"));
        assert_eq!(
            recording.events.last(),
            Some(&Event::Row(1, 1, vec![(text.to_owned(), kind)])),
            "{sent}"
        );
    }
}

#[test]
fn lines_may_end_in_crlf_and_blank_ones_are_only_lines() {
    let recording = read(
        ReaderKind::Ndjson,
        "\u{feff}\r\n{\"v\":1}\r\n \t\r\n\n{\"v\":2}\r\n\r\n",
    );
    assert_eq!(recording.rows(), ["1:2 1", "2:5 2"]);
    assert!(recording.findings().is_empty());
}

#[test]
fn a_faulty_line_says_where_and_what_and_reading_goes_on() {
    for (line, code, expected) in [
        (r#"{"v":1"#, Code::JsonSyntax, "byte 6: `,` | `}`"),
        (r#"{"v" 1}"#, Code::JsonSyntax, "byte 6: `:`"),
        (r#"{"v":1,}"#, Code::JsonSyntax, "byte 8: `\"`"),
        (r#"{v:1}"#, Code::JsonSyntax, "byte 2: `\"`"),
        (r#"{"v":01}"#, Code::JsonSyntax, "byte 7: 0-9"),
        (r#"{"v":NaN}"#, Code::JsonSyntax, "byte 6: `\"…\"` | 0-9 | `null`"),
        (r#"{"v":1} x"#, Code::JsonSyntax, "byte 9: `\\n`"),
        (r#"{"v":"\ud800"}"#, Code::JsonSyntax, "byte 13: `\\uXXXX\\uXXXX`"),
        (
            r#"{"dimensions":{"d":"\q"}}"#,
            Code::JsonSyntax,
            "byte 22: `\\\\` | `\\\"` | `\\n` | `\\uXXXX`",
        ),
        ("{\"v\":\"a\tb\"}", Code::JsonSyntax, "byte 8: `\\u00XX`"),
        ("[1]", Code::JsonType, "object"),
        ("17", Code::JsonType, "object"),
    ] {
        let recording = read(ReaderKind::Ndjson, format!("{{\"w\":0}}\n{line}\n{{\"w\":2}}\n"));
        assert_eq!(recording.rows(), ["1:1 0", "3:3 2"], "{line}");
        assert_eq!(
            recording.columns(),
            ["w"],
            "a refused line leaves no column: {line}"
        );
        let findings = recording.findings();
        assert_eq!(findings.len(), 1, "{line}");
        assert_eq!(
            (findings[0].code, findings[0].row, findings[0].line),
            (code, Some(2), Some(2)),
            "{line}"
        );
        assert_eq!(findings[0].expected.as_deref(), Some(expected), "{line}");
    }
}

#[test]
fn bytes_that_are_not_utf8_are_told_per_line() {
    let recording = read(
        ReaderKind::Ndjson,
        b"{\"v\":\"\xff\"}\n{\"v\":1}\n{\"v\":\"\xd0\"}",
    );
    assert_eq!(
        recording.told(),
        ["encoding.invalid 1:1 -", "encoding.invalid 3:3 -"]
    );
    assert_eq!(recording.rows(), ["2:2 1"]);
}

#[test]
fn a_repeated_member_is_told_and_the_first_counts() {
    let recording = read(
        ReaderKind::Ndjson,
        r#"{"a/b":1,"a/b":2,"dimensions":{"x":"p","x":"q"},"dimensions":{"y":"r"}}"#,
    );
    assert_eq!(
        recording.told(),
        [
            "json.duplicate_member 1:1 /a~1b",
            "json.duplicate_member 1:1 /dimensions",
            "json.duplicate_member 1:1 /dimensions/x",
        ]
    );
    assert_eq!(recording.rows(), ["1:1 1|\"p\""]);
}

#[test]
fn limits_are_told_and_the_rest_is_read() {
    let limits = ReaderLimits {
        row_bytes: 20,
        cell_characters: 3,
        json_depth: 3,
        ..ReaderLimits::default()
    };
    let sent =
        "{\"v\":\"four\"}\n{\"v\":\"іїє\"}\n{\"v\":\"longer than twenty\"}\n{\"v\":[[1]]}\n{\"v\":[[[]]]}\n";
    let (recording, outcome) = read_with(ReaderKind::Ndjson, limits, &[sent.as_bytes()]);
    assert_eq!(
        recording.told(),
        [
            "text.too_long 1:1 /v",
            "row.too_long 3:3 -",
            "text.too_long 4:4 /v",
            "json.syntax 5:5 /v"
        ]
    );
    assert_eq!(recording.rows(), ["1:1 \"four\"", "2:2 \"іїє\"", "4:4 ?[[1]]"]);
    assert_eq!(outcome.rows, 5);
}

#[test]
fn surplus_rows_are_told_once() {
    let limits = ReaderLimits {
        rows: 2,
        ..ReaderLimits::default()
    };
    let (recording, outcome) = read_with(ReaderKind::Ndjson, limits, &[b"{}\n\n{}\n{}\n", b"{}\n{}"]);
    assert_eq!(recording.told(), ["row.too_many 3:4 -"]);
    assert_eq!(recording.findings()[0].expected.as_deref(), Some("2"));
    assert_eq!((recording.rows().len(), outcome.rows), (2, 2));
}

#[test]
fn ever_new_member_names_do_not_make_ever_more_columns() {
    let lines: String = (0..400)
        .map(|number| format!("{{\"member{number}\":1}}\n"))
        .collect();
    let recording = read(ReaderKind::Ndjson, lines);
    assert_eq!(recording.columns().len(), 256);
    assert_eq!(recording.told()[0], "json.member_unknown 257:257 /member256");
    let long = read(
        ReaderKind::Ndjson,
        format!("{{\"dimensions\":{{\"{}\":1}}}}", "x".repeat(500)),
    );
    assert_eq!(long.told(), ["json.member_unknown 1:1 /dimensions"]);
}
