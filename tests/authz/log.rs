//! The log: refusals are in it, and every act once.

use super::{keyholder, log_count};
use crate::operations::week;
use leleka_access::Role;
use leleka_domain::IdSource;
use leleka_testkit::{Response, TestApp};

#[test]
fn a_call_without_the_scope_leaves_one_denied_entry_of_that_client() {
    let app = TestApp::start();
    let operator = app.caller("DMS_CENTRE", Role::Operator);
    let request_id = IdSource.next().to_string();
    let answer = operator.request("GET", "/v1/observations", &[("x-request-id", &request_id)], None);
    assert_eq!(answer.status, 403);
    let entry = format!(
        "request_id = '{request_id}' and outcome = 'denied' and action = 'access.check' and client_id = '{}' \
         and body = 'DMS_CENTRE' and role = 'operator' and reason_code = 'auth.insufficient_scope' \
         and object_id = '/v1/observations'",
        operator.id
    );
    assert_eq!(log_count(&app, &entry), 1);
    assert_eq!(log_count(&app, &format!("request_id = '{request_id}'")), 1);
}

#[test]
fn a_worthless_token_leaves_one_denied_entry_of_nobody() {
    let app = TestApp::start();
    let request_id = IdSource.next().to_string();
    let headers = [
        ("x-request-id", request_id.as_str()),
        ("authorization", "Bearer x.y.z"),
    ];
    assert_eq!(
        Response::send(&app.base_url, "GET", "/v1/bodies", &headers, None).status,
        401
    );
    let entry = format!(
        "request_id = '{request_id}' and outcome = 'denied' and client_id is null \
         and reason_code = 'auth.unauthenticated'"
    );
    assert_eq!(log_count(&app, &entry), 1);
}

#[test]
fn every_refusal_of_a_token_leaves_one_denied_entry() {
    let app = TestApp::start();
    let client = keyholder(&app);
    let denied = format!(
        "action = 'token.issue' and outcome = 'denied' and client_id = '{}'",
        client.id
    );
    let before = log_count(&app, &denied);
    let assertion = client.caller.assertion();
    assert_eq!(client.caller.token_request(&assertion, None).status, 200);
    assert_eq!(
        log_count(&app, &denied),
        before,
        "a granted token is not a refusal"
    );
    assert_eq!(client.caller.token_request(&assertion, None).status, 401);
    assert_eq!(
        log_count(&app, &denied),
        before + 1,
        "the repeated assertion is not in the log"
    );
    let more = client
        .caller
        .token_request(&client.caller.assertion(), Some("audit:read"));
    assert_eq!(more.status, 400);
    assert_eq!(
        log_count(&app, &denied),
        before + 2,
        "the scope that the role lacks is not in the log"
    );
}

#[test]
fn every_submission_is_in_the_log_once_however_often_it_is_repeated() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let key = IdSource.next().to_string();
    let body = week("2026-W43", 7).to_string();
    let first = dms
        .submit_with_key("", "application/json", &body, &key)
        .expect(201)
        .json();
    let again = dms
        .submit_with_key("", "application/json", &body, &key)
        .expect(201)
        .json();
    assert_eq!(first["id"], again["id"]);
    let rejected = dms
        .submit("", "application/json", &week("2026-W99", 7).to_string())
        .expect(422);
    let rejected = rejected.json();
    for (id, outcome) in [(&first["id"], "allowed"), (&rejected["submission_id"], "denied")] {
        let id = id.as_str().unwrap();
        let entries = format!("object_type = 'submission' and object_id = '{id}'");
        assert_eq!(log_count(&app, &entries), 1);
        let whole = format!(
            "{entries} and outcome = '{outcome}' and client_id = '{}' and body = 'DMS' and action = 'submission.create' \
             and payload_sha256 = (select content_sha256 from submission where id = '{id}')",
            dms.id
        );
        assert_eq!(log_count(&app, &whole), 1, "{outcome}");
    }
    let unlogged = "select count(*) from submission s where 1 <> (select count(*) from log_entry l \
                    where l.object_id = s.id::text and l.action = 'submission.create')";
    assert_eq!(app.database.sql(unlogged).as_deref(), Some("0"));
}

#[test]
fn the_log_never_holds_a_token() {
    let app = TestApp::start();
    let client = keyholder(&app);
    let token = client.caller.token().to_owned();
    assert_eq!(client.caller.get("/v1/observations").status, 200);
    let query = format!("/v1/bodies?access_token={token}");
    assert_eq!(app.anonymous("GET", &query).status, 401);
    let signature = token.rsplit('.').next().unwrap();
    let found = format!("select count(*) from log_entry l where l::text like '%{signature}%'");
    assert_eq!(app.database.sql(&found).as_deref(), Some("0"));
}
