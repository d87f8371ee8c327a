//! Taking a delivery back before it is read: nothing vanishes, nothing is stored, and it is too late afterwards.

use crate::api::deferred::{app, taking_app, three};
use crate::api::deliveries::{applicants, stored_figures, told, weekly};
use leleka_domain::IdSource;

#[test]
fn what_is_not_read_yet_can_be_cancelled_and_stays_to_be_seen() {
    let app = taking_app();
    let (dms, sbgs) = (app.submitter("DMS"), app.submitter("SBGS"));
    let (key, body) = (IdSource.next().to_string(), weekly(&three()).to_string());
    let taken = dms
        .submit_with_key("", "application/json", &body, &key)
        .expect(202);
    let path = taken.header("location").unwrap();
    let _hidden = sbgs.request("DELETE", path, &[], None).expect(404);
    let request_id = IdSource.next().to_string();
    let headers = [("x-request-id", request_id.as_str())];
    let _cancelled = dms.request("DELETE", path, &headers, None).expect(204);
    let seen = dms.get(path).expect(200);
    assert_eq!(seen.json()["state"], "rejected");
    assert_eq!(told(&seen), ["submission.cancelled -:- -"]);
    assert_eq!(seen.json()["received_at"], taken.json()["received_at"]);
    assert_eq!(
        dms.get(&format!("{path}/content")).expect(200).body,
        body.as_bytes()
    );
    let logged = format!(
        "select count(*) from log_entry where action = 'submission.cancel' and outcome = 'allowed' \
         and request_id = '{request_id}' and client_id = '{}' and object_id = '{}'",
        dms.id,
        taken.json()["id"].as_str().unwrap()
    );
    assert_eq!(app.database.sql(&logged).unwrap(), "1");
    // Once more changes nothing; a repetition of the delivery is told that it was cancelled.
    let untouched = app.database.data_fingerprint();
    let _again = dms.request("DELETE", path, &[], None).expect(204);
    let repeated = dms
        .submit_with_key("", "application/json", &body, &key)
        .expect(202);
    assert_eq!(repeated.json()["state"], "rejected");
    assert_eq!(app.database.data_fingerprint(), untouched);
    assert_eq!(stored_figures(&app), "0/0");
    let running = "select count(*) from job where kind = 'submission' and state <> 'done'";
    assert_eq!(app.database.sql(running).unwrap(), "0");
}

#[test]
fn what_was_read_can_be_corrected_but_not_cancelled() {
    let app = app();
    let dms = app.submitter("DMS");
    let taken = dms.submit_json(&weekly(&three())).expect(202);
    let read_later = dms.follow(taken.header("location").unwrap()).json();
    let read_at_once = dms
        .submit_json(&weekly(&[applicants("2024-W40", "AF", 1)]))
        .expect(201)
        .json();
    let untouched = app.database.data_fingerprint();
    for record in [read_later, read_at_once] {
        let path = format!("/v1/submissions/{}", record["id"].as_str().unwrap());
        let refused = dms.request("DELETE", &path, &[], None).expect(409);
        assert_eq!(refused.json()["code"], "submission.not_cancellable");
    }
    let nowhere = format!("/v1/submissions/{}", IdSource.next());
    let _unknown = dms.request("DELETE", &nowhere, &[], None).expect(404);
    assert_eq!(app.database.data_fingerprint(), untouched);
}

#[test]
fn what_is_being_tried_again_cannot_be_cancelled() {
    let app = taking_app();
    let dms = app.submitter("DMS");
    let taken = dms.submit_json(&weekly(&three())).expect(202);
    let path = taken.header("location").unwrap();
    for (change, state) in [
        (
            "state = 'running', attempts = 1, lease_until = now() + interval '1 hour'",
            "validating",
        ),
        (
            "state = 'queued', lease_until = null, last_error = 'server.error'",
            "failed",
        ),
        ("state = 'dead', ended_at = now(), attempts = 8", "failed"),
    ] {
        let set = format!("update job set {change} where kind = 'submission'");
        app.database.execute(&set).unwrap();
        let seen = dms.get(path).expect(200);
        assert_eq!(seen.json()["state"], state);
        assert_eq!(
            seen.header("retry-after").is_none(),
            change.contains("dead"),
            "{change}"
        );
        let refused = dms.request("DELETE", path, &[], None).expect(409);
        assert_eq!(refused.json()["code"], "submission.not_cancellable");
    }
}
