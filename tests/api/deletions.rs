//! Rows that say what they do: the column `action` of a CSV file, with `D` for what is to go.

use crate::api::deliveries::{applicants, figures, moment, told, weekly};
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::{Value, json};

const WEEK: &str = "indicator=ASY_APPL&from=2024-W45&to=2024-W45";
const HEADER: &str = "action,indicator,period,citizenship,value\n";

/// Sends rows as a correction, made from the state that the tag names.
fn corrected(caller: &TestCaller, of: &Value, tag: &Value, query: &str, rows: &str) -> Response {
    let key = leleka_domain::IdSource.next().to_string();
    let path = format!(
        "/v1/submissions?dataflow=ASYLUM_WEEKLY&kind=correction&reasonCode=error_fix&supersedes={}{query}",
        of["id"].as_str().unwrap()
    );
    let headers = [
        ("content-type", "text/csv"),
        ("idempotency-key", key.as_str()),
        ("if-match", tag.as_str().unwrap()),
    ];
    let body = format!("{HEADER}{rows}");
    caller.request("POST", &path, &headers, Some(body.as_bytes()))
}

#[test]
fn a_file_deletes_single_figures_and_leaves_the_others() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let first = dms
        .submit_json(&weekly(&[
            applicants("2024-W45", "SY", 12),
            applicants("2024-W45", "AF", 4),
            applicants("2024-W45", "IQ", 1),
        ]))
        .expect(201)
        .json();
    let rows = "D,ASY_APPL,2024-W45,SY,\nM,ASY_APPL,2024-W45,AF,5\nI,ASY_APPL,2024-W45,PL,2\n\
                R,ASY_APPL,2024-W45,GE,3\nD,ASY_APPL,2024-W45,MD,\n";
    let answer = corrected(&dms, &first, &first["slice_etag"], "", rows).expect(201);
    let done = answer.json();
    let counts = &done["counts"];
    // Nothing was there for Moldova: to delete it is no error, and nothing happens.
    let of = ["new", "revised", "unchanged", "retracted", "errors"].map(|name| &counts[name]);
    assert_eq!(of, [2, 1, 0, 1, 0]);
    assert_eq!(
        (&done["mode"], &done["state"]),
        (&json!("merge"), &json!("accepted"))
    );
    let now = figures(&dms, WEEK);
    assert_eq!(
        now,
        [
            "2024-W45 UA AF _T _T = 5 A",
            "2024-W45 UA GE _T _T = 3 A",
            "2024-W45 UA IQ _T _T = 1 A",
            "2024-W45 UA PL _T _T = 2 A"
        ]
    );
    assert_eq!(figures(&dms, &format!("{WEEK}&asOf={}", moment(&first))).len(), 3);
    let path = format!("/v1/observations?{WEEK}&citizenship=SY&includeHistory=true");
    let history = dms.get(&path).expect(200).json();
    let last = &history["items"][0]["observations"][1];
    assert_eq!((&last["retracted"], &last["row"]), (&json!(true), &json!(1)));
    // Deleting it again changes nothing, and to send it again makes it new.
    let again = corrected(&dms, &first, &done["slice_etag"], "", "D,ASY_APPL,2024-W45,SY,\n").expect(201);
    assert_eq!(again.json()["counts"]["retracted"], 0);
    let back = corrected(
        &dms,
        &first,
        &again.json()["slice_etag"],
        "",
        "M,ASY_APPL,2024-W45,SY,12\n",
    );
    assert_eq!(back.expect(201).json()["counts"]["new"], 1);
}

#[test]
fn actions_belong_to_corrections_of_single_figures() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let first = dms
        .submit_json(&weekly(&[applicants("2024-W45", "SY", 12)]))
        .expect(201)
        .json();
    let before = app.database.sql("select count(*) from observation");
    let tag = &first["slice_etag"];
    let whole = corrected(
        &dms,
        &first,
        tag,
        "&mode=replace_slice",
        "D,ASY_APPL,2024-W45,SY,\n",
    );
    assert_eq!(told(&whole.expect(422)), ["action.not_allowed -:- -"]);
    let query = "?dataflow=ASYLUM_WEEKLY";
    let ordinary = dms.submit(query, "text/csv", &format!("{HEADER}D,ASY_APPL,2024-W45,SY,\n"));
    assert_eq!(told(&ordinary.expect(422)), ["action.not_allowed -:- -"]);
    let rows = "D,ASY_APPL,2024-W45,SY,12\nX,ASY_APPL,2024-W45,AF,1\nD,ASY_APPL,2024-W45,IQ,\nM,ASY_APPL,2024-W45,IQ,1\n";
    assert_eq!(
        told(&corrected(&dms, &first, tag, "", rows).expect(422)),
        [
            "value.unexpected 1:2 value",
            "action.unknown 2:3 action",
            "row.duplicate_key 3:4 -",
            "row.duplicate_key 4:5 -"
        ]
    );
    assert_eq!(app.database.sql("select count(*) from observation"), before);
    // An ordinary file may have the column as long as it deletes nothing.
    let plain = format!("{HEADER}I,ASY_APPL,2024-W46,SY,9\n,ASY_APPL,2024-W46,AF,1\n");
    let plain = dms.submit(query, "text/csv", &plain).expect(201).json();
    assert_eq!(plain["counts"]["new"], 2);
}
