//! Who supplies what: proposed by the centre, agreed by the body, every step kept and in force at once.

mod refused;

use self::refused::refusal;
use crate::api::deliveries::{applicants, told, weekly};
use leleka_access::Role;
use leleka_domain::{AgreementState, Clock, IdSource, RequestId};
use leleka_exchange::{
    AgreementDecision, Caller, Centre, CentreSettings, KeyedRequest, agreement_decide, catalogue_load,
    shipped_catalogue,
};
use leleka_store::{Migrator, Store, StoreOptions};
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// An agreement that the shipped catalogue does not have.
const NEW: &str = "/v1/agreements/SBGS:ASY_APPL";
/// One that it has.
const SHIPPED: &str = "/v1/agreements/DMS:ASY_APPL";

fn keeper(app: &TestApp) -> TestCaller {
    app.caller("DMS_CENTRE", Role::CatalogueAdmin)
}

fn post_with_key(caller: &TestCaller, path: &str, document: &Value, key: &str) -> Response {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    caller.request("POST", path, &headers, Some(document.to_string().as_bytes()))
}

fn post(caller: &TestCaller, path: &str, document: &Value) -> Response {
    post_with_key(caller, path, document, &IdSource.next().to_string())
}

fn propose(keeper: &TestCaller, terms: &Value, expected_version: Option<u32>) -> Response {
    let mut document = json!({"body": "SBGS", "indicator": "ASY_APPL", "terms": terms});
    if let Some(version) = expected_version {
        document["expected_version"] = json!(version);
    }
    post(keeper, "/v1/agreements", &document)
}

fn decide(caller: &TestCaller, path: &str, state: &str, version: u32) -> Response {
    let document =
        json!({"state": state, "comment": format!("{state}, бо так"), "expected_version": version});
    post(caller, &format!("{path}/decisions"), &document)
}

/// `decision: from → to` of every step.
fn steps(detail: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let history = detail["history"].as_array().unwrap();
    let line = |step: &Value| {
        format!(
            "{}: {} → {}",
            word(&step["decision"]),
            word(&step["from"]),
            word(&step["to"])
        )
    };
    history.iter().map(line).collect()
}

#[test]
fn a_body_asks_for_changes_the_centre_proposes_again_and_figures_are_accepted_once_it_agrees() {
    let app = TestApp::start();
    let (sbgs, keeper) = (app.submitter("SBGS"), keeper(&app));
    let rows = weekly(&[applicants("2024-W45", "SY", 1)]);
    let monthly = json!({"frequencies": ["M"], "note": "наказ 12"});

    let proposed = propose(&keeper, &monthly, None).expect(201);
    assert_eq!(proposed.header("location"), Some(NEW));
    assert_eq!(proposed.json()["agreement"]["state"], "proposed");
    assert_eq!(
        told(&sbgs.submit_json(&rows).expect(422)),
        ["indicator.not_agreed 1:1 /observations/0/indicator"]
    );

    let asked = decide(&sbgs, NEW, "changes_requested", 1).expect(201).json();
    assert_eq!(asked["agreement"]["version"], 2);
    let weekly_terms = json!({"frequencies": ["W"], "valid_from": "2020-01-01"});
    let again = propose(&keeper, &weekly_terms, Some(2)).expect(201).json();
    assert_eq!(
        (&again["agreement"]["state"], &again["agreement"]["terms"]),
        (&json!("proposed"), &weekly_terms)
    );
    assert_eq!(sbgs.submit_json(&rows).status, 422, "nobody has agreed yet");

    let agreed = decide(&sbgs, NEW, "agreed", 3).expect(201).json();
    assert_eq!(
        steps(&agreed),
        [
            "proposed: - → proposed",
            "changes_requested: proposed → changes_requested",
            "proposed: changes_requested → proposed",
            "agreed: proposed → agreed",
        ]
    );
    let asked = &agreed["history"][1];
    assert_eq!(
        (&asked["client_id"], &asked["client_body"]),
        (&json!(sbgs.id), &json!("SBGS"))
    );
    assert_eq!(asked["comment"], "changes_requested, бо так");
    assert_eq!(asked["terms"], monthly, "what was refused stays readable");
    let accepted = sbgs.submit_json(&rows);
    assert_eq!(
        accepted.status,
        201,
        "at once, without a restart: {}",
        accepted.text()
    );
    assert_eq!(sbgs.get(NEW).expect(200).json(), agreed);
    let logged = app.database.sql(
        "select string_agg(action || ' ' || object_id, ', ' order by id) from log_entry where object_type = 'agreement' and outcome = 'allowed'",
    );
    let expected = "agreement.propose SBGS:ASY_APPL, agreement.decide SBGS:ASY_APPL";
    assert_eq!(logged.unwrap(), format!("{expected}, {expected}"));
}

#[test]
fn a_suspended_agreement_refuses_figures_until_it_is_resumed() {
    let app = TestApp::start();
    let (dms, keeper) = (app.submitter("DMS"), keeper(&app));
    let rows = weekly(&[applicants("2024-W45", "SY", 1)]);
    assert_eq!(
        dms.get(SHIPPED).expect(200).json()["history"],
        json!([]),
        "as the files have it"
    );
    let _done = decide(&keeper, SHIPPED, "suspended", 1).expect(201);
    assert_eq!(
        told(&dms.submit_json(&rows).expect(422)),
        ["indicator.not_agreed 1:1 /observations/0/indicator"]
    );
    refusal(
        &decide(&dms, SHIPPED, "agreed", 2),
        409,
        "agreement.decision_not_allowed",
    );
    let _done = decide(&keeper, SHIPPED, "agreed", 2).expect(201);
    assert_eq!(dms.submit_json(&rows).status, 201);
}

#[test]
fn new_terms_wait_for_the_body_and_the_old_ones_stay_in_force() {
    let app = TestApp::start();
    let (dms, keeper) = (app.submitter("DMS"), keeper(&app));
    let proposal = |version: u32| json!({"body": "DMS", "indicator": "ASY_APPL", "terms": {"frequencies": ["M"]}, "expected_version": version});
    let week = weekly(&[applicants("2024-W45", "SY", 1)]);
    let month = weekly(&[applicants("2024-10", "SY", 1)]);
    let waiting = post(&keeper, "/v1/agreements", &proposal(1)).expect(201).json();
    assert_eq!(waiting["agreement"]["state"], "agreed");
    assert_eq!(waiting["agreement"]["proposal"]["frequencies"], json!(["M"]));
    assert_eq!(dms.submit_json(&week).status, 201, "a proposal stops nothing");
    let kept = decide(&dms, SHIPPED, "changes_requested", 2).expect(201).json();
    assert_eq!(kept["agreement"]["terms"]["frequencies"], json!(["A", "W", "_O"]));
    assert!(kept["agreement"].get("proposal").is_none());
    let _done = post(&keeper, "/v1/agreements", &proposal(3)).expect(201);
    let taken = decide(&dms, SHIPPED, "agreed", 4).expect(201).json();
    assert_eq!(taken["agreement"]["terms"]["frequencies"], json!(["M"]));
    assert_eq!(
        steps(&taken),
        [
            "proposed: agreed → agreed",
            "changes_requested: agreed → agreed",
            "proposed: agreed → agreed",
            "agreed: agreed → agreed",
        ]
    );
    assert_eq!(dms.submit_json(&month).status, 201);
    assert_eq!(dms.submit_json(&week).status, 422);
}

#[test]
fn each_body_sees_its_own_agreements_and_the_centre_all() {
    let app = TestApp::start();
    let (sbgs, analyst) = (app.submitter("SBGS"), app.analyst());
    let ids = |caller: &TestCaller, query: &str| -> Vec<String> {
        let (mut ids, mut path) = (Vec::new(), format!("/v1/agreements{query}"));
        loop {
            let page = caller.get(&path).expect(200).json();
            let items = page["items"].as_array().unwrap();
            ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => path = next.to_owned(),
                None => return ids,
            }
        }
    };
    let own = ids(&sbgs, "?limit=7");
    assert_eq!(own.len(), 19);
    assert!(
        own.is_sorted() && own.iter().all(|id| id.starts_with("SBGS:")),
        "{own:?}"
    );
    assert_eq!(ids(&analyst, "?body=SBGS"), own);
    assert!(ids(&analyst, "?limit=500").len() > 1_000);
    assert_eq!(ids(&analyst, "?body=SBGS&dataflow=BORDER_WEEKLY").len(), 9);
    assert_eq!(
        ids(&analyst, "?indicator=ASY_APPL&body=DMS&state=agreed"),
        ["DMS:ASY_APPL"]
    );
    assert!(ids(&analyst, "?state=suspended").is_empty());
    assert_eq!(sbgs.get(SHIPPED).status, 404, "another body's");
    assert_eq!(analyst.get(SHIPPED).status, 200);
    for bad in [
        "DMS",
        "DMS:",
        "dms:asy",
        "%00",
        "DMS:ASY_APPL:X",
        "NO_SUCH:NO_SUCH",
    ] {
        assert_eq!(analyst.get(&format!("/v1/agreements/{bad}")).status, 404, "{bad}");
    }
}

#[test]
fn files_bring_agreements_and_change_those_that_nobody_has_decided_on() {
    let app = TestApp::start();
    let (keeper, analyst) = (keeper(&app), app.analyst());
    let _done = decide(&keeper, SHIPPED, "suspended", 1).expect(201);
    let _done = propose(&keeper, &json!({"frequencies": ["W"]}), None).expect(201);
    let mut files = shipped_catalogue().unwrap();
    let withdrawn = files
        .catalogue
        .agreements
        .iter_mut()
        .find(|it| it.body == "SBGS" && it.indicator == "BRD_ENTRY");
    withdrawn.unwrap().state = "proposed".to_owned();
    files
        .catalogue
        .agreements
        .retain(|it| !(it.body == "SBGS" && it.indicator == "BRD_EXIT"));
    files.catalogue.version = "2099.1.1".to_owned();
    let mut migrator = Migrator::connect(&app.database.url).unwrap();
    catalogue_load(&mut migrator, &IdSource, &files).unwrap();
    let state = |path: &str| analyst.get(path).expect(200).json()["agreement"]["state"].clone();
    assert_eq!(
        state(SHIPPED),
        "suspended",
        "the files say agreed; people said otherwise"
    );
    assert_eq!(
        state(NEW),
        "proposed",
        "not in the files, and not retired by them"
    );
    let changed = analyst.get("/v1/agreements/SBGS:BRD_ENTRY").expect(200).json();
    assert_eq!(steps(&changed), ["proposed: agreed → proposed"]);
    assert_eq!(changed["history"][0]["comment"], "catalogue 2099.1.1");
    assert!(changed["history"][0].get("client_id").is_none());
    assert_eq!(
        analyst.get("/v1/agreements/SBGS:BRD_EXIT").status,
        404,
        "retired by the files"
    );
}

#[test]
fn what_another_process_decided_is_in_force_within_two_seconds() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let rows = weekly(&[applicants("2024-W45", "SY", 1)]).to_string();
    let would_be = || dms.validate("", "application/json", &rows).expect(200).json()["would_be"].clone();
    assert_eq!(would_be(), "accepted");
    let options = StoreOptions {
        url: app.database.url.clone(),
        writers: 1,
        readers: 1,
        reader_statement_ms: 5_000,
        writer_lock_ms: 15_000,
    };
    let settings = CentreSettings::ordinary(std::env::temp_dir());
    let other = Centre::open(Store::open(&options).unwrap(), Clock::system(), settings).unwrap();
    let caller = Caller {
        client_id: "another-process".to_owned(),
        body: "DMS_CENTRE".to_owned(),
        role: Role::CatalogueAdmin,
        scopes: Vec::new(),
        territory: None,
    };
    let request = KeyedRequest {
        key: "another-process-key".to_owned(),
        fingerprint: [1; 32],
        payload_sha256: [2; 32],
        request_id: RequestId(IdSource.next()),
    };
    let decision = AgreementDecision {
        id: "DMS:ASY_APPL".parse().unwrap(),
        decision: AgreementState::Suspended,
        comment: Some("перевірка".to_owned()),
        expected_version: 1,
    };
    agreement_decide(&other, &caller, &request, &decision).unwrap();
    let decided = Instant::now();
    while would_be() != "rejected" {
        assert!(
            decided.elapsed() < Duration::from_secs(4),
            "not in force after two seconds and a slow machine"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}
