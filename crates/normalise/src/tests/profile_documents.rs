//! Profiles as people write them: every fault at its place, and one form in the Rust type, the table of shapes and
//! the published JSON Schema.

use super::world::codebook;
use crate::profile_shape::PROFILE_SHAPE;
use crate::{MappingProfile, profile_read, profile_schema};
use leleka_domain::{Finding, JsonMember as Member, JsonShape as Shape};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Every member of a profile is here at least once.
fn whole() -> Value {
    json!({
        "code": "BORDER_WEEK", "version": 3, "body": "DMS", "dataflow": "ASYLUM", "note_uk": "а", "note_en": "a",
        "dialect": {"encoding": "utf-8", "delimiter": ";", "decimal_mark": ",", "thousands": " ", "numbers": "auto"},
        "header": {"rows": 1, "skip_rows": 0, "first_columns": ["p"]},
        "sheets": {"36-44": {"territory": "UA"}}, "constants": {"indicator": "ASY_APPL"},
        "columns": [{"name": "p", "index": 0, "as": "period", "format": "iso", "labels": false, "values": {"x": "2015"},
                     "equals": [], "reason_uk": null, "reason_en": "a"}],
        "wide": {"columns": [{"index": 1, "indicator": "ASY_APPL", "period": null, "dimensions": {"sex": "M"}}]},
        "missing": {"-": "O"}, "zero": ["0,0"], "flags": {"b": "B"},
        "skip_rows_when": [{"column": "p", "equals": ["x"], "starts_with": [], "contains": [], "empty": true,
                            "code": "sum", "reason_uk": "", "reason_en": ""}],
        "sections": {"column": "p", "values": {"M": {"sex": "M"}}}, "footnote_marks": true,
    })
}

fn told(findings: &[Finding]) -> Vec<String> {
    let place = |finding: &Finding| finding.pointer.clone().unwrap_or_default();
    findings
        .iter()
        .map(|finding| format!("{} {}", finding.code, place(finding)))
        .collect()
}

fn faults_of(text: &str) -> Vec<String> {
    told(&profile_read(text.as_bytes(), 1, &codebook()).unwrap_err())
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn validator() -> &'static jsonschema::Validator {
    static VALIDATOR: OnceLock<jsonschema::Validator> = OnceLock::new();
    VALIDATOR.get_or_init(|| {
        let schema = serde_json::from_str(&profile_schema()).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    })
}

#[test]
fn every_fault_is_told_at_its_place_in_one_answer() {
    let faults = faults_of(
        r#"{"code":"lower case","body":"NOBODY","dataflow":"ASYLUM","colour":"red","code":"BORDER_WEEK",
            "dialect":{"delimiter":";;"},"columns":[{"name":"p"},{"name":7,"as":"period"}],"missing":{"a/b":"OO"}}"#,
    );
    assert_eq!(
        faults,
        [
            "json.duplicate_member /code",
            "json.member_unknown /colour",
            "field.missing /columns/0/as",
            "json.type /columns/1/name",
            "json.type /dialect/delimiter",
            "text.too_long /missing/a~1b",
        ]
    );
}

#[test]
fn what_means_nothing_is_told_beside_what_has_no_form() {
    let faults = faults_of(
        r#"{"code":"x","body":"NOBODY","dataflow":"ASYLUM","constants":{"indicator":"ASY_NONE","sex":"X9"},
            "columns":[{"name":"p","as":"perod"},{"name":"n","as":"value","equals":["1"]}]}"#,
    );
    assert_eq!(
        faults,
        [
            "json.type /code",
            "body.unknown /body",
            "profile.incomplete /columns",
            "indicator.unknown /constants/indicator",
            "code.unknown /constants/sex",
            "profile.meaning_unknown /columns/0/as",
            "profile.contradictory /columns/1/equals",
        ]
    );
}

#[test]
fn what_is_no_json_is_told_with_its_line() {
    let findings = profile_read(b"{\n  \"code\": \"A\",\n}", 1, &codebook()).unwrap_err();
    assert_eq!(
        (told(&findings), findings[0].line),
        (vec!["json.syntax ".to_owned()], Some(3))
    );
    assert_eq!(faults_of("[]"), ["json.type "]);
    assert_eq!(faults_of("{} {}"), ["json.syntax "]);
}

#[test]
fn every_fault_speaks_both_languages() {
    let findings = profile_read(br#"{"code":"x","columns":5}"#, 1, &codebook()).unwrap_err();
    for finding in findings {
        assert!(finding.message_uk() != finding.message_en(), "{finding:?}");
        assert!(
            !finding.message_uk().contains('{') || finding.expected.is_some(),
            "{finding:?}"
        );
    }
}

#[test]
fn the_version_is_given_whatever_is_written() {
    let text = r#"{"code":"BORDER_WEEK","version":1,"body":"DMS","dataflow":"ASYLUM","constants":{"indicator":"ASY_APPL"},
                   "columns":[{"name":"p","as":"period"},{"name":"n","as":"value"}]}"#;
    let read = profile_read(text.as_bytes(), 7, &codebook()).unwrap();
    assert_eq!((read.profile.version, &read.content["version"]), (7, &json!(7)));
    assert_eq!(
        read.content.get("zero"),
        None,
        "what was written is kept, not what is understood"
    );
}

/// Names of the members that a value has, and of those that the table describes, level by level.
fn compared(shape: &Shape, value: &Value, place: &str) {
    match (shape, value) {
        (Shape::Object(described), Value::Object(members)) => {
            let mut known: Vec<&str> = described.iter().map(|member: &Member| member.name).collect();
            let written: Vec<&String> = members.keys().collect();
            known.sort_unstable();
            assert_eq!(
                known, written,
                "{place}: the table of shapes and the Rust type differ"
            );
            for member in *described {
                compared(
                    &member.shape,
                    &members[member.name],
                    &format!("{place}/{}", member.name),
                );
            }
        }
        (Shape::OrNull(shape), value) => compared(shape, value, place),
        (Shape::List(shape, _), Value::Array(items)) => {
            items.iter().for_each(|item| compared(shape, item, place));
        }
        (Shape::Names(shape, _), Value::Object(members)) => {
            members.values().for_each(|member| compared(shape, member, place));
        }
        _ => {}
    }
}

#[test]
fn the_table_of_shapes_has_exactly_the_members_of_the_rust_type() {
    let profile: MappingProfile = serde_json::from_value(whole()).unwrap();
    let written = serde_json::to_value(&profile).unwrap();
    compared(&PROFILE_SHAPE, &written, "");
    assert_eq!(written, whole(), "the whole profile lacks a member");
}

#[test]
fn the_committed_schema_is_the_programs_byte_for_byte() {
    let committed = std::fs::read_to_string(repository().join("openapi/mapping-profile-v1.schema.json"));
    assert!(
        committed.unwrap_or_default() == profile_schema(),
        "openapi/mapping-profile-v1.schema.json differs: run `cargo run -p leleka-server -- openapi`"
    );
}

#[test]
fn every_shipped_profile_fits_the_published_schema() {
    let folder = repository().join("crates/exchange/catalogue/profiles");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let profile: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let errors: Vec<String> = validator()
                .iter_errors(&profile)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(errors.is_empty(), "{}: {errors:?}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 10);
}

/// Pointers of every value in a document.
fn pointers(value: &Value, place: &str, found: &mut Vec<String>) {
    found.push(place.to_owned());
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                pointers(member, &format!("{place}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &format!("{place}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        Just(json!(-1)),
        Just(json!(1.5)),
        Just(json!(4_294_967_296_u64)),
        Just(json!([])),
        Just(json!({})),
        Just(json!(["x", 7])),
        Just(json!({"name": "x"})),
        Just(json!({"unknown": 1})),
        Just(json!("a\u{0}b")),
        Just(json!("")),
        (0_u32..20_000).prop_map(|number| json!(number)),
        "[A-Z_]{0,70}".prop_map(Value::from),
    ]
}

proptest! {
    #[test]
    fn what_the_type_refuses_the_schema_refuses_and_the_findings_say_the_same(
        at in any::<prop::sample::Index>(), odd in odd_value(), act in 0_u8..3,
    ) {
        let mut document = whole();
        let mut places = Vec::new();
        pointers(&document, "", &mut places);
        let place = at.get(&places).clone();
        match (act, place.rsplit_once('/')) {
            (0, Some((parent, name))) => match document.pointer_mut(parent).unwrap() {
                Value::Object(members) => drop(members.remove(name)),
                other => *other = odd,
            },
            (1, _) => match document.pointer_mut(&place).unwrap() {
                Value::Object(members) => drop(members.insert("further".to_owned(), odd)),
                other => *other = odd,
            },
            _ => *document.pointer_mut(&place).unwrap() = odd,
        }
        let fits = validator().is_valid(&document);
        let mut findings = Vec::new();
        PROFILE_SHAPE.compare(&document, "", &mut findings);
        prop_assert_eq!(fits, findings.is_empty(), "{:?}\n{}", told(&findings), document);
        if let Some(members) = document.as_object_mut() {
            // The one member that a writer may leave out and the service gives.
            members.entry("version").or_insert(json!(1));
        }
        let read = serde_json::from_value::<MappingProfile>(document.clone());
        prop_assert!(read.is_ok() || !fits, "{read:?}\n{document}");
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = profile_read(&bytes, 1, &codebook());
    }
}
