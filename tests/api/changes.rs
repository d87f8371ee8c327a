//! The feed of changes: each event once, in an order that never changes, and nobody else's.

use crate::api::deliveries::{applicants, correction, weekly};
use crate::operations::week;
use leleka_testkit::{TestApp, TestCaller};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One page after a cursor.
fn page(caller: &TestCaller, after: Option<&str>, rest: &str) -> Value {
    let after = after.map_or(String::new(), |cursor| format!("&after={cursor}"));
    caller
        .get(&format!("/v1/changes?limit=500{rest}{after}"))
        .expect(200)
        .json()
}

/// `kind object` of the events of a page.
fn lines(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|it| {
            format!(
                "{} {}",
                it["kind"].as_str().unwrap(),
                it["object_id"].as_str().unwrap()
            )
        })
        .collect()
}

#[test]
fn a_body_follows_its_own_submissions_and_what_concerns_everybody() {
    let app = TestApp::start();
    let (dms, sbgs, analyst) = (app.submitter("DMS"), app.submitter("SBGS"), app.analyst());
    let begin = page(&dms, None, "");
    let loaded = &begin["items"][0];
    assert_eq!(
        (&loaded["kind"], &loaded["body"]),
        (&"catalogue.loaded".into(), &Value::Null)
    );
    let cursor = begin["cursor"].as_str().unwrap();

    let accepted = dms
        .submit_json(&weekly(&[applicants("2024-W45", "SY", 12)]))
        .expect(201)
        .json();
    let corrected = correction(&accepted["id"], "error_fix", &[applicants("2024-W45", "SY", 13)]);
    let corrected = dms.submit_json(&corrected).expect(201).json();
    let rejected = dms
        .submit_json(&weekly(&[applicants("2019-W53", "SY", 1)]))
        .expect(422)
        .json();
    let _dry = dms
        .validate("", "application/json", &week("2024-W44", 3).to_string())
        .expect(200);
    let followed = page(&dms, Some(cursor), "");
    let id = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
    assert_eq!(
        lines(&followed),
        [
            format!("submission.accepted {}", id(&accepted, "id")),
            format!("submission.corrected {}", id(&corrected, "id")),
            format!("submission.rejected {}", id(&rejected, "submission_id")),
        ]
    );
    let first = &followed["items"][0];
    assert_eq!(first["recorded_at"], accepted["recorded_at"]);
    assert_eq!(
        (&first["body"], &first["dataflow"]),
        (&"DMS".into(), &"ASYLUM_WEEKLY".into())
    );
    assert_eq!(
        dms.get(first["href"].as_str().unwrap()).expect(200).json()["state"],
        "accepted"
    );

    // Another body sees none of it; the centre sees all.
    assert!(lines(&page(&sbgs, Some(cursor), "")).is_empty());
    assert_eq!(lines(&page(&analyst, Some(cursor), "")).len(), 3);
    let only = page(&analyst, Some(cursor), "&kind=submission.rejected");
    assert_eq!(lines(&only).len(), 1);
}

#[test]
fn an_empty_page_keeps_its_place_and_says_when_to_ask_again() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let begin = page(&dms, None, "");
    let cursor = begin["cursor"].as_str().unwrap();
    let answer = dms.get(&format!("/v1/changes?after={cursor}")).expect(200);
    assert_eq!(answer.header("retry-after"), Some("5"));
    let empty = answer.json();
    assert_eq!(
        (&empty["cursor"], &empty["more"]),
        (&begin["cursor"], &false.into())
    );
    assert!(lines(&empty).is_empty());
    let _delivered = dms.submit_json(&week("2024-W45", 1)).expect(201);
    let _delivered = dms.submit_json(&week("2024-W46", 1)).expect(201);
    let answer = dms
        .get(&format!("/v1/changes?limit=1&after={cursor}"))
        .expect(200);
    assert_eq!(answer.header("retry-after"), Some("0"));
    assert_eq!(answer.json()["more"], true);
    let next = answer.json()["cursor"].as_str().unwrap().to_owned();
    assert_eq!(lines(&page(&dms, Some(&next), "")).len(), 1);
    // A cursor that was not made here is refused, as everywhere.
    let _forged = dms.get("/v1/changes?after=AAAA").expect(400);
}

#[test]
fn whoever_polls_during_many_parallel_submissions_sees_each_of_them_once() {
    const SENDERS: usize = 8;
    const EACH: usize = 25;
    let app = TestApp::start();
    // Different dataflows do not queue behind each other: their commits overlap.
    let flows = [
        ("ASYLUM_WEEKLY", "ASY_APPL"),
        ("IRREGULAR_WEEKLY", "IRR_DETECTED"),
        ("PASSPORT_WEEKLY", "PAS_INTL"),
        ("CUSTODY_WEEKLY", "DET_PLACED"),
    ];
    let (dms, analyst) = (app.submitter("DMS"), app.analyst());
    let mut place = page(&analyst, None, "")["cursor"].as_str().unwrap().to_owned();
    let (_, _) = (dms.token(), analyst.token());
    let sending = AtomicUsize::new(SENDERS);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut sent: Vec<String> = Vec::new();
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let (dms, sending) = (&dms, &sending);
                scope.spawn(move || {
                    let (dataflow, indicator) = flows[sender % flows.len()];
                    let ids = (0..EACH).map(|number| {
                        let week = sender / flows.len() * EACH + number + 1;
                        let document = serde_json::json!({"dataflow": dataflow, "observations": [
                            {"indicator": indicator, "period": format!("2024-W{week:02}"), "value": number}]});
                        let answer = dms.submit_json(&document).expect(201).json();
                        answer["id"].as_str().unwrap().to_owned()
                    });
                    let ids: Vec<String> = ids.collect();
                    sending.fetch_sub(1, Ordering::SeqCst);
                    ids
                })
            })
            .collect();
        loop {
            // Read before the page: what was committed before this page was asked for is in it or before it.
            let ended = sending.load(Ordering::SeqCst) == 0;
            let followed = page(&analyst, Some(&place), "");
            for item in followed["items"].as_array().unwrap() {
                let id = item["object_id"].as_str().unwrap().to_owned();
                *seen.entry(id).or_default() += 1;
            }
            followed["cursor"].as_str().unwrap().clone_into(&mut place);
            if ended && followed["more"] == false {
                break;
            }
        }
        for sender in senders {
            sent.extend(sender.join().unwrap());
        }
    });
    assert_eq!(sent.len(), SENDERS * EACH);
    assert_eq!(seen.len(), sent.len());
    assert!(sent.iter().all(|id| seen.get(id) == Some(&1)), "{seen:?}");
}
