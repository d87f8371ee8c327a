//! Corrections of whole slices and of single figures: what is not sent again goes, what others changed is seen.

use crate::api::deliveries::{
    applicants, correction, figures, lines, merging, moment, submission_now, told, weekly,
};
use leleka_domain::IdSource;
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::{Value, json};

const WEEKS: &str = "indicator=ASY_APPL&from=2024-W44&to=2024-W46";

fn delivered(caller: &TestCaller, document: &Value) -> Value {
    caller.submit_json(document).expect(201).json()
}

fn counts(submission: &Value) -> [u64; 4] {
    ["new", "revised", "unchanged", "retracted"].map(|name| submission["counts"][name].as_u64().unwrap())
}

/// Sends a document with `If-Match`.
fn matching(caller: &TestCaller, document: &Value, tag: &str, key: &str) -> Response {
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", key),
        ("if-match", tag),
    ];
    let body = document.to_string();
    caller.request("POST", "/v1/submissions", &headers, Some(body.as_bytes()))
}

fn original(caller: &TestCaller) -> Value {
    delivered(
        caller,
        &weekly(&[
            applicants("2024-W44", "SY", 5),
            applicants("2024-W45", "SY", 12),
            applicants("2024-W45", "AF", 4),
            applicants("2024-W45", "IQ", 0),
        ]),
    )
}

#[test]
fn a_correction_delivers_its_slice_whole_and_what_it_does_not_hold_is_retracted() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let first = original(&dms);
    let rows = [applicants("2024-W45", "SY", 21), applicants("2024-W45", "AF", 4)];
    let answer = dms
        .submit_json(&correction(&first["id"], "error_fix", &rows))
        .expect(201);
    let corrected = answer.json();
    assert_eq!(corrected["mode"], "replace_slice");
    assert_eq!(counts(&corrected), [0, 1, 1, 1]);
    assert_eq!(corrected["state"], "accepted_with_warnings");
    assert_eq!(told(&answer), ["observation.retracted -:- -"]);
    assert_eq!(corrected["findings"][0]["value"], "1");
    // The other week of the corrected submission is another slice.
    let now = [
        "2024-W45 UA AF _T _T = 4 A",
        "2024-W44 UA SY _T _T = 5 A",
        "2024-W45 UA SY _T _T = 21 A",
    ];
    assert_eq!(figures(&dms, WEEKS), now);
    let before = figures(&dms, &format!("{WEEKS}&asOf={}", moment(&first)));
    assert_eq!(before.len(), 4);
    assert!(before.contains(&"2024-W45 UA IQ _T _T = 0 A".to_owned()));
    assert_eq!(
        figures(&dms, &format!("{WEEKS}&asOf={}", moment(&corrected))),
        now
    );

    let iraq = format!("{WEEKS}&citizenship=IQ");
    let path = format!("/v1/observations?{iraq}&includeHistory=true");
    let history = dms.get(&path).expect(200).json();
    let versions = history["items"][0]["observations"].as_array().unwrap().clone();
    let story: Vec<_> = versions
        .iter()
        .map(|it| (&it["value"], &it["retracted"], &it["submission_id"], &it["row"]))
        .collect();
    assert_eq!(
        story,
        [
            (&json!(0), &Value::Null, &first["id"], &json!(4)),
            (&Value::Null, &json!(true), &corrected["id"], &Value::Null)
        ]
    );
    // A client that follows changes learns what went; one that asks for the current state sees nothing.
    let changes = dms
        .get(&format!(
            "/v1/observations?{iraq}&updatedAfter={}",
            moment(&first)
        ))
        .expect(200)
        .json();
    assert_eq!(changes["items"][0]["observations"][0]["retracted"], true);
    let nothing: [&str; 0] = [];
    assert_eq!(figures(&dms, &iraq), nothing);
    let table = dms.get(&format!("{path}&format=csv")).expect(200).text();
    let (header, last) = (table.lines().next().unwrap(), table.lines().last().unwrap());
    assert!(
        header.ends_with(",retracted") && last.ends_with(",true"),
        "{table}"
    );

    // What comes again is new.
    let again = delivered(&dms, &weekly(&[applicants("2024-W45", "IQ", 0)]));
    assert_eq!(counts(&again), [1, 0, 0, 0]);
    assert_eq!(figures(&dms, &iraq), ["2024-W45 UA IQ _T _T = 0 A"]);
}

#[test]
fn an_original_retracts_nothing_and_says_no_mode() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let first = original(&dms);
    let partial = delivered(&dms, &weekly(&[applicants("2024-W45", "SY", 13)]));
    assert_eq!(
        (&first["mode"], &partial["mode"]),
        (&json!("merge"), &json!("merge"))
    );
    assert_eq!(counts(&partial), [0, 1, 0, 0]);
    assert_eq!(figures(&dms, WEEKS).len(), 4);
    let mut moded = weekly(&[applicants("2024-W45", "SY", 14)]);
    moded["mode"] = json!("replace_slice");
    assert_eq!(
        told(&dms.submit_json(&moded).expect(422)),
        ["submission.correction_fields_unexpected -:- /kind"]
    );
    let query = "?dataflow=ASYLUM_WEEKLY&mode=merge";
    let row = lines(&[applicants("2024-W45", "SY", 14)]);
    assert_eq!(
        told(&dms.submit(query, "application/x-ndjson", &row).expect(422)),
        ["submission.correction_fields_unexpected -:- -"]
    );
}

#[test]
fn a_correction_of_single_figures_needs_the_state_that_it_was_made_from() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let first = original(&dms);
    let single = |value: u64| correction(&first["id"], "error_fix", &[applicants("2024-W45", "SY", value)]);
    let mut blind = single(21);
    blind["mode"] = json!("merge");
    let untouched = app.database.data_fingerprint();
    let refused = dms.submit_json(&blind).expect(428);
    assert_eq!(refused.json()["code"], "precondition.missing");
    let refused = dms
        .submit_json(&merging(single(21), &json!("\"s0\"")))
        .expect(412);
    assert_eq!(refused.json()["code"], "precondition.failed");
    for wrong in ["*", "W/\"s1\"", "\"1\"", "s1, s2"] {
        let answer = matching(&dms, &blind, wrong, &IdSource.next().to_string()).expect(400);
        assert_eq!(answer.json()["code"], "header.invalid", "{wrong}");
    }
    assert_eq!(app.database.data_fingerprint(), untouched);

    let tag = first["slice_etag"].as_str().unwrap();
    let key = IdSource.next().to_string();
    let corrected = matching(&dms, &blind, tag, &key).expect(201);
    assert_eq!(counts(&corrected.json()), [0, 1, 0, 0]);
    assert_eq!(figures(&dms, WEEKS).len(), 4);
    // Its own repetition is a repetition, though the state has moved on by it.
    let again = matching(&dms, &blind, tag, &key).expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(again.json(), corrected.json());
    // Whoever read the state before gets nothing overwritten, whatever the mode.
    let stale = matching(&dms, &single(22), tag, &IdSource.next().to_string()).expect(412);
    assert_eq!(stale.json()["code"], "precondition.failed");
    assert!(figures(&dms, WEEKS).contains(&"2024-W45 UA SY _T _T = 21 A".to_owned()));
}

#[test]
fn a_slice_is_replaced_only_by_a_whole_delivery() {
    let app = TestApp::start();
    let eurostat = app.submitter("EUROSTAT");
    let found = |state: &str, value: u64| {
        json!({"indicator": "EU_ILLSTAY", "period": "2014", "citizenship": "UA", "value": value,
               "dimensions": {"reporting_state": state}})
    };
    let rows = ["PL", "DE", "HU", "CZ", "IT"].map(|state| found(state, 5));
    let first = json!({"dataflow": "EU_ENFORCEMENT", "acceptance": "accept_valid", "observations": rows});
    let first = delivered(&eurostat, &first);
    // A faulty row cannot say which figure it meant: accepted without it, the correction would retract that one.
    let mut whole = correction(&first["id"], "error_fix", &rows);
    whole["dataflow"] = json!("EU_ENFORCEMENT");
    whole["acceptance"] = json!("accept_valid");
    let refused = eurostat.submit_json(&whole).expect(422);
    assert_eq!(told(&refused), ["submission.partial_not_allowed -:- /acceptance"]);
    whole["observations"][4] = found("NOWHERE", 5);
    let merged = delivered(&eurostat, &merging(whole, &first["slice_etag"]));
    assert_eq!(merged["state"], "accepted_partial");
    assert_eq!(counts(&merged), [0, 0, 4, 0]);
}

#[test]
fn the_entity_tag_is_that_of_exactly_the_slices_of_a_body() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let tag_of = |rows: &[Value]| {
        let body = weekly(rows).to_string();
        let tried = dms.validate("", "application/json", &body).expect(200).json();
        tried["slice_etag"].clone()
    };
    let (monday, tuesday) = (applicants("2024-W45", "SY", 1), applicants("2024-W46", "SY", 1));
    assert_eq!(tag_of(std::slice::from_ref(&monday)), "\"s0\"");
    let first = delivered(&dms, &weekly(std::slice::from_ref(&monday)));
    let second = delivered(&dms, &weekly(std::slice::from_ref(&tuesday)));
    let other = |value| applicants("2024-W45", "AF", value);
    assert_eq!(tag_of(&[other(9)]), first["slice_etag"]);
    assert_eq!(tag_of(&[other(9), tuesday]), second["slice_etag"]);
    assert_eq!(tag_of(&[applicants("2024-W44", "SY", 1)]), "\"s0\"");
    assert_ne!(first["slice_etag"], second["slice_etag"]);
    // A delivery that changes nothing is a delivery of the slice too.
    let mut same = weekly(&[monday]);
    same["comment"] = json!("звірено");
    let third = delivered(&dms, &same);
    assert_eq!(submission_now(&dms, &first)["slice_etag"], third["slice_etag"]);
    assert_eq!(submission_now(&dms, &second)["slice_etag"], second["slice_etag"]);
}

#[test]
fn parallel_corrections_of_single_figures_lose_nothing() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let first = original(&dms);
    let _token = dms.token();
    let codes = ["PL", "GE", "MD", "UZ", "TR", "IN"];
    let first = &first;
    let rounds: Vec<usize> = std::thread::scope(|scope| {
        let senders: Vec<_> = codes
            .iter()
            .map(|code| scope.spawn(|| merged_at_last(&dms, first, code)))
            .collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    let now = figures(&dms, WEEKS);
    for code in codes {
        assert!(
            now.contains(&format!("2024-W45 UA {code} _T _T = 7 A")),
            "{code}: {now:?} {rounds:?}"
        );
    }
    assert_eq!(now.len(), 4 + codes.len());
}

/// Reads the state, merges one figure into it, and does both again when somebody was faster. Gives the rounds.
fn merged_at_last(caller: &TestCaller, first: &Value, code: &str) -> usize {
    for round in 1..=100 {
        let tag = submission_now(caller, first)["slice_etag"].clone();
        let single = correction(&first["id"], "late_data", &[applicants("2024-W45", code, 7)]);
        let answer = caller.submit_json(&merging(single, &tag));
        match answer.status {
            201 => return round,
            412 => {}
            status => panic!("{status}: {}", answer.text()),
        }
    }
    panic!("{code} never came in");
}

#[test]
fn two_corrections_made_from_one_state_cannot_both_be_accepted() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let first = original(&dms);
    let _token = dms.token();
    let tag = first["slice_etag"].as_str().unwrap();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let senders: Vec<_> = (30..36)
            .map(|value| {
                let document = correction(&first["id"], "error_fix", &[applicants("2024-W45", "SY", value)]);
                let dms = &dms;
                scope.spawn(move || matching(dms, &document, tag, &IdSource.next().to_string()).status)
            })
            .collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    let of = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((of(201), of(412)), (1, 5), "{statuses:?}");
}

#[test]
fn a_document_that_tells_at_its_end_that_it_corrects_keeps_what_it_sends_unchanged() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let first = original(&dms);
    // `kind` stands behind the rows: nobody knows while they arrive that this is a correction.
    let rows = [
        applicants("2024-W45", "AF", 4),
        applicants("2024-W45", "SY", 12),
        applicants("2024-W45", "PL", 1),
        applicants("2024-W45", "GE", 2),
        applicants("2024-W45", "MD", 3),
    ];
    let body = format!(
        "{{\"observations\":{},\"dataflow\":\"ASYLUM_WEEKLY\",\"kind\":\"correction\",\"supersedes\":{},\"reason_code\":\"error_fix\"}}",
        json!(rows),
        first["id"]
    );
    let corrected = dms.submit("", "application/json", &body).expect(201).json();
    assert_eq!(counts(&corrected), [3, 0, 2, 1]);
    assert_eq!(figures(&dms, WEEKS).len(), 6);
}
