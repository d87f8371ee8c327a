//! One JSON document.

use super::{Recording, read, read_with};
use crate::{Envelope, ReaderKind, ReaderLimits, ReaderOutcome};
use leleka_domain::Code;

fn read_whole(sent: &str) -> (Recording, ReaderOutcome) {
    read_with(ReaderKind::Json, ReaderLimits::default(), &[sent.as_bytes()])
}

#[test]
fn rows_and_envelope_come_whatever_the_order_of_members() {
    let rows = r#""observations":[{"v":1,"s":"]}"},{"v":2.50,"dimensions":{"d":"x"}}]"#;
    let head = r#""dataflow":"D\u0031","kind":"correction","supersedes":"s","reason_code":"late_data""#;
    let tail = r#""reason_text":"t","submission_ref":"r","comment":"c""#;
    for sent in [
        format!("{{{head},{tail},{rows}}}"),
        format!("{{{rows},{head},{tail}}}"),
        format!("{{{head},{rows},{tail}}}"),
        format!("\u{feff} {{ {head} ,\n{rows} , {tail} }} \r\n"),
    ] {
        let (recording, outcome) = read_whole(&sent);
        let line = if sent.starts_with('{') { 1 } else { 2 };
        assert_eq!(
            recording.rows(),
            [format!("1:{line} 1|\"]}}\""), format!("2:{line} 2.50|-|\"x\"")]
        );
        assert!(recording.findings().is_empty(), "{:?}", recording.told());
        let word = |text: &str| Some(text.to_owned());
        let envelope = Envelope {
            dataflow: word("D1"),
            kind: word("correction"),
            supersedes: word("s"),
            reason_code: word("late_data"),
            reason_text: word("t"),
            submission_ref: word("r"),
            comment: word("c"),
            ..Envelope::default()
        };
        assert_eq!(
            outcome,
            ReaderOutcome {
                rows: 2,
                envelope: Some(envelope),
                ..ReaderOutcome::default()
            }
        );
    }
}

#[test]
fn an_escaped_name_is_the_same_name() {
    let (recording, _) = read_whole(r#"{"observ\u0061tions":[{"v":1}]}"#);
    assert_eq!(recording.rows(), ["1:1 1"]);
    assert!(recording.findings().is_empty());
}

#[test]
fn lines_and_pointers_lead_to_the_element() {
    let sent = "{\n \"observations\": [\n  {\"v\": 1},\n  {\n   \"v\": 2,\n   \"v\": 3,\n   \"dimensions\": {\"d\":1,\"d\":2}},\n  7,\n  {\"v\" 5},\n {\"v\":6}]}";
    let (recording, outcome) = read_whole(sent);
    assert_eq!(
        recording.told(),
        [
            "json.duplicate_member 2:4 /observations/1/v",
            "json.duplicate_member 2:4 /observations/1/dimensions/d",
            "json.type 3:8 /observations/2",
            "json.syntax 4:9 /observations/3",
        ]
    );
    assert_eq!(recording.findings()[3].expected.as_deref(), Some("byte 8: `:`"));
    assert_eq!(recording.rows(), ["1:3 1", "2:4 2|1", "5:10 6"]);
    assert_eq!(outcome.rows, 5);
    assert!(outcome.envelope.is_some());
}

#[test]
fn commas_between_elements_are_checked_and_reading_goes_on() {
    for (elements, column) in [
        ("{\"v\":1} {\"v\":2}", "byte 26: `,` | `]`"),
        ("{\"v\":1},,,{\"v\":2}", "byte 26: `{`"),
        ("{\"v\":1},{\"v\":2},", "byte 34: `{`"),
        (",{\"v\":1},{\"v\":2}", "byte 18: `{` | `]`"),
    ] {
        let (recording, outcome) = read_whole(&format!("{{\"observations\":[{elements}]}}"));
        assert_eq!(recording.told(), ["json.syntax -:1 -"], "{elements}");
        assert_eq!(
            recording.findings()[0].expected.as_deref(),
            Some(column),
            "{elements}"
        );
        assert_eq!(recording.rows(), ["1:1 1", "2:1 2"], "{elements}");
        assert!(outcome.envelope.is_some());
    }
}

#[test]
fn a_document_that_is_no_document_says_where_it_breaks() {
    for (sent, line, expected) in [
        ("", 1, "byte 1: `{`"),
        (" [1]", 1, "byte 2: `{`"),
        ("null", 1, "byte 1: `{`"),
        ("{", 1, "byte 2: `\"` | `}`"),
        ("{\"kind", 1, "byte 7: `\"`"),
        ("{\"kind\"\n", 2, "byte 1: `:`"),
        ("{\"kind\":", 1, "byte 9: `\"…\"` | `[`"),
        ("{\"kind\":,", 1, "byte 9: `\"…\"` | `[`"),
        ("{\"kind\":\"x\" 1}", 1, "byte 13: `,` | `}`"),
        ("{\"kind\":\"x\",}", 1, "byte 13: `\"`"),
        (
            "{\"observations\":[],\"kind\":trux}",
            1,
            "byte 30: `true` | `false` | `null`",
        ),
        ("{\"observations\":[\n{\"v\":1}\n", 3, "byte 1: `,` | `]`"),
        ("{\"observations\":[{\"v\":1}", 1, "byte 25: `,` | `]`"),
        ("{\"observations\":[{\"v\":", 1, "byte 23: `,` | `]`"),
        ("{\"observations\":[}", 1, "byte 18: `{` | `]`"),
        ("{\"observations\":[]", 1, "byte 19: `,` | `}`"),
        ("{\"observations\":[]}\n {}", 2, "byte 2: ∅"),
    ] {
        let (recording, outcome) = read_whole(sent);
        assert_eq!(recording.codes(), [Code::JsonSyntax], "{sent}");
        let finding = recording.findings()[0].clone();
        assert_eq!(
            (finding.line, finding.expected.as_deref()),
            (Some(line), Some(expected)),
            "{sent}"
        );
        assert_eq!(outcome.envelope, None, "{sent}");
    }
}

#[test]
fn rows_before_the_break_are_delivered() {
    let (recording, outcome) = read_whole("{\"observations\":[{\"v\":1},{\"v\":2}");
    assert_eq!(recording.rows(), ["1:1 1", "2:1 2"]);
    assert_eq!(outcome.rows, 2);
}

#[test]
fn members_are_known_given_once_and_strings() {
    let sent = r#"{"kind":"a","kind":"b","dataflow":7,"comment":null,"typo":{"a":[1]},"observations":[],"reason_text":["x"]}"#;
    let (recording, outcome) = read_whole(sent);
    assert_eq!(
        recording.told(),
        [
            "json.duplicate_member -:1 /kind",
            "json.type -:1 /dataflow",
            "json.type -:1 /comment",
            "json.member_unknown -:1 /typo",
            "json.type -:1 /reason_text",
        ]
    );
    assert_eq!(recording.findings()[1].value.as_deref(), Some("7"));
    let envelope = outcome.envelope.unwrap();
    assert_eq!(
        envelope,
        Envelope {
            kind: Some("a".into()),
            ..Envelope::default()
        }
    );
}

#[test]
fn observations_are_there_an_array_and_given_once() {
    let (missing, outcome) = read_whole("{\"kind\":\"original\"}");
    assert_eq!(missing.told(), ["field.missing -:1 /observations"]);
    assert!(outcome.envelope.is_some());
    for value in ["{\"v\":1}", "\"x\"", "null", "7"] {
        let (recording, outcome) = read_whole(&format!("{{\"observations\":{value}}}"));
        assert_eq!(recording.told(), ["json.type -:1 /observations"], "{value}");
        assert_eq!(
            recording.findings()[0].expected.as_deref(),
            Some("array"),
            "{value}"
        );
        assert!(outcome.envelope.is_some(), "{value}");
    }
    let (twice, _) = read_whole("{\"observations\":[{\"v\":1}],\"observations\":[{\"v\":2}]}");
    assert_eq!(twice.told(), ["json.duplicate_member -:1 /observations"]);
    assert_eq!(twice.rows(), ["1:1 1"]);
}

#[test]
fn limits_are_told_at_their_element_and_the_rest_is_read() {
    let limits = ReaderLimits {
        row_bytes: 24,
        rows: 4,
        json_depth: 4,
        cell_characters: 4,
        ..ReaderLimits::default()
    };
    let sent = concat!(
        r#"{"observations":[{"v":[1]},{"v":[[1]]},{"v":"a very long text here"},{"v":"fifth"},"#,
        r#"{"v":5},{"v":6},,7],"kind":"original"}"#
    );
    let (recording, outcome) = read_with(ReaderKind::Json, limits, &[sent.as_bytes()]);
    assert_eq!(
        recording.told(),
        [
            "json.syntax 2:1 /observations/1/v",
            "row.too_long 3:1 /observations/2",
            "text.too_long 4:1 /observations/3/v",
            "row.too_many 5:1 -",
        ]
    );
    assert_eq!(recording.rows(), ["1:1 ?[1]", "4:1 \"fifth\""]);
    assert_eq!(outcome.rows, 4);
    assert_eq!(outcome.envelope.unwrap().kind.as_deref(), Some("original"));
}

#[test]
fn what_stands_beside_the_observations_is_bounded() {
    let long = "x".repeat(70_000);
    let (value, outcome) = read_whole(&format!(
        "{{\"comment\":\"{long}\",\"observations\":[{{\"v\":1}}]}}"
    ));
    assert_eq!(value.told(), ["text.too_long -:1 /comment"]);
    assert_eq!((value.rows().len(), outcome.envelope), (1, None));
    let (name, outcome) = read_whole(&format!("{{\"{long}\":1,\"observations\":[{{\"v\":1}}]}}"));
    assert_eq!((name.codes(), outcome.envelope), (vec![Code::TextTooLong], None));
    let (unknown, outcome) = read_whole(&format!("{{\"x\":[\"{long}\"],\"observations\":[{{\"v\":1}}]}}"));
    assert_eq!(unknown.told(), ["json.member_unknown -:1 /x"]);
    assert_eq!((unknown.rows().len(), outcome.envelope.is_some()), (1, true));
}

#[test]
fn deep_nesting_is_refused_without_depth_of_our_own() {
    let deep = "[".repeat(50_000);
    for sent in [
        format!("{{\"observations\":[{{\"v\":{deep}"),
        format!("{{\"observations\":{{\"v\":{deep}"),
        format!("{{\"observations\":[{{\"v\":{deep}{}}}]}}", "]".repeat(50_000)),
    ] {
        let recording = read(ReaderKind::Json, sent);
        assert!(recording.rows().is_empty());
        assert_eq!(recording.findings().len(), 1);
    }
}

#[test]
fn bytes_that_are_not_utf8_are_told_at_their_place() {
    let recording = read(
        ReaderKind::Json,
        b"{\"observations\":[{\"v\":\"\xff\"},{\"v\":2}],\"kind\":\"\xd0\"}",
    );
    assert_eq!(
        recording.told(),
        [
            "encoding.invalid 1:1 /observations/0",
            "encoding.invalid -:1 /kind"
        ]
    );
    assert_eq!(recording.rows(), ["2:1 2"]);
}
