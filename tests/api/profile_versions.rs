//! The story of an integrator: a profile is drafted with faults, mended, tried on a sample, approved by another person,
//! used; a new version comes, the old one is retired.

use crate::api::deliveries::told;
use leleka_access::Role;
use leleka_domain::IdSource;
use leleka_testkit::{Response, TestApp, TestCaller};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) const SAMPLE: &str =
    "Тиждень;Громадянство;Заяв\n2026-W44;Сирія;1 204\n2026-W44;Афганістан;-\n2026-W44;Еритрея;3\n";

pub(super) fn profile() -> Value {
    json!({
        "code": "DMS_WEEK", "body": "DMS", "dataflow": "ASYLUM_WEEKLY",
        "dialect": {"delimiter": ";", "decimal_mark": ",", "thousands": " "},
        "constants": {"indicator": "ASY_APPL", "territory": "UA46000000000026241"},
        "columns": [
            {"name": "Тиждень", "as": "period"},
            {"name": "Громадянство", "as": "citizenship", "labels": true},
            {"name": "Заяв", "as": "value"}
        ],
        "missing": {"-": "O"}
    })
}

fn post(caller: &TestCaller, path: &str, media_type: &str, body: &str) -> Response {
    let headers = [("content-type", media_type)];
    caller.request("POST", path, &headers, Some(body.as_bytes()))
}

pub(super) fn draft(caller: &TestCaller, profile: &Value) -> Response {
    post(
        caller,
        "/v1/mapping-profiles",
        "application/json",
        &profile.to_string(),
    )
}

pub(super) fn change(caller: &TestCaller, href: &str, what: &str, comment: &str) -> Response {
    let body = json!({ "comment": comment }).to_string();
    post(caller, &format!("{href}/{what}"), "application/json", &body)
}

/// The same rows in other bytes: the very same bytes would be told as such.
fn again_from(file: &str, times: usize) -> String {
    format!("{file}{}", "\n".repeat(times))
}

pub(super) fn deliver(caller: &TestCaller, reference: &str, file: &str) -> Response {
    let key = IdSource.next().to_string();
    let headers = [("content-type", "text/csv"), ("idempotency-key", key.as_str())];
    let path = format!("/v1/submissions?profile={reference}");
    caller.request("POST", &path, &headers, Some(file.as_bytes()))
}

/// Code and pointer of each finding.
fn faults(answer: &Response) -> BTreeSet<String> {
    let answer = answer.json();
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let findings = answer["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| format!("{} {}", text(&finding["code"]), text(&finding["pointer"])))
        .collect()
}

fn states(detail: &Value) -> Vec<(u64, &str)> {
    let versions = detail["versions"].as_array().unwrap().iter();
    versions
        .map(|it| (it["version"].as_u64().unwrap(), it["state"].as_str().unwrap()))
        .collect()
}

#[test]
fn from_a_draft_with_faults_to_a_second_version_in_use() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let keeper = app.caller("DMS_CENTRE", Role::CatalogueAdmin);

    // Faulty: every fault in one answer, in both languages, and nothing is there afterwards.
    let mut faulty = profile();
    faulty["columns"][1]["as"] = json!("nationality");
    faulty["constants"]["territory"] = json!("UA99");
    faulty["colour"] = json!("red");
    faulty["dialect"]["delimiter"] = json!(";;");
    let answer = draft(&dms, &faulty).expect(422);
    assert_eq!(answer.json()["code"], "profile.invalid");
    assert_eq!(
        faults(&answer),
        BTreeSet::from([
            "json.member_unknown /colour".to_owned(),
            "json.type /dialect/delimiter".to_owned()
        ])
    );
    faulty.as_object_mut().unwrap().remove("colour");
    faulty["dialect"]["delimiter"] = json!(";");
    let answer = draft(&dms, &faulty).expect(422);
    assert_eq!(
        faults(&answer),
        BTreeSet::from([
            "code.unknown /constants/territory".to_owned(),
            "profile.meaning_unknown /columns/1/as".to_owned()
        ])
    );
    let message = &answer.json()["findings"][0]["message"];
    assert_ne!(message["uk"], message["en"]);
    assert_eq!(dms.get("/v1/mapping-profiles/DMS_WEEK").expect(404).status, 404);

    // Mended: version 1, a draft. Sent again it is the same draft.
    let drafted = draft(&dms, &profile()).expect(201);
    let href = "/v1/mapping-profiles/DMS_WEEK/versions/1";
    assert_eq!(drafted.header("location"), Some(href));
    let drafted = drafted.json();
    assert_eq!(
        (&drafted["version"], &drafted["state"]),
        (&json!(1), &json!("draft"))
    );
    assert_eq!(drafted["content"]["version"], 1);
    assert_eq!(draft(&dms, &profile()).expect(200).json()["version"], 1);

    // Tried before anybody approved it: the author sees what the columns became, and nothing is stored.
    let tried = post(&dms, &format!("{href}/test-runs"), "text/csv", SAMPLE)
        .expect(200)
        .json();
    assert_eq!(tried["state"], "draft");
    assert_eq!(tried["would_be"], "accepted", "{tried:#}");
    assert_eq!(tried["counts"]["observations"], 3);
    let read: Vec<String> = tried["observations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let (series, observation) = (&it["series"], &it["observation"]);
            format!(
                "{} {} {} {} {} {}",
                it["row"],
                series["indicator"],
                series["citizenship"],
                observation["period"],
                observation["value"],
                observation["obs_status"]
            )
            .replace('"', "")
        })
        .collect();
    assert_eq!(
        read,
        [
            "1 ASY_APPL SY 2026-W44 1204 A",
            "2 ASY_APPL AF 2026-W44 null O",
            "3 ASY_APPL ER 2026-W44 3 A"
        ]
    );
    assert_eq!(
        app.database.sql("select count(*) from submission").as_deref(),
        Some("0")
    );
    let refused = deliver(&dms, "DMS_WEEK", SAMPLE).expect(422);
    assert_eq!(told(&refused), ["profile.not_approved -:- -"]);

    // Approved by another, who says why.
    let approved = change(&keeper, href, "approval", "Перевірено на файлі за жовтень")
        .expect(200)
        .json();
    assert_eq!(approved["state"], "approved");
    let history: Vec<_> = approved["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (&it["to"], &it["body"], &it["comment"]))
        .collect();
    assert_eq!(
        history,
        [
            (&json!("draft"), &json!("DMS"), &json!("")),
            (
                &json!("approved"),
                &json!("DMS_CENTRE"),
                &json!("Перевірено на файлі за жовтень")
            )
        ]
    );
    let again = change(&keeper, href, "approval", "ще раз").expect(200).json();
    assert_eq!(again, approved, "the same again is the same answer");
    let used = deliver(&dms, "DMS_WEEK", SAMPLE).expect(201).json();
    assert_eq!(
        (&used["profile"], &used["profile_version"]),
        (&json!("DMS_WEEK"), &json!(1))
    );

    // A new version while the old one stays in use.
    let mut second = profile();
    second["columns"][2]["name"] = json!("Кількість");
    let renamed = SAMPLE.replace("Заяв", "Кількість");
    assert_eq!(draft(&dms, &second).expect(201).json()["version"], 2);
    assert_eq!(
        deliver(&dms, "DMS_WEEK", &again_from(SAMPLE, 1))
            .expect(201)
            .json()["profile_version"],
        1
    );
    let next = "/v1/mapping-profiles/DMS_WEEK/versions/2";
    let _done = change(&keeper, next, "approval", "нова назва стовпця").expect(200);
    assert_eq!(
        deliver(&dms, "DMS_WEEK", &renamed).expect(201).json()["profile_version"],
        2
    );
    assert_eq!(
        deliver(&dms, "DMS_WEEK@1", &again_from(SAMPLE, 2))
            .expect(201)
            .json()["profile_version"],
        1
    );

    // Retired: refused by name, with what to use instead.
    let _done = change(&keeper, href, "retirement", "стовпець перейменовано").expect(200);
    let refused = deliver(&dms, "DMS_WEEK@1", SAMPLE).expect(422);
    assert_eq!(told(&refused), ["profile.retired -:- -"]);
    assert_eq!(refused.json()["findings"][0]["expected"], "profile=DMS_WEEK@2");
    let refused = change(&keeper, href, "approval", "назад").expect(409);
    assert_eq!(refused.json()["code"], "profile.state_conflict");
    let detail = dms.get("/v1/mapping-profiles/DMS_WEEK").expect(200).json();
    assert_eq!(detail["version"], 2);
    assert_eq!(states(&detail), [(1, "retired"), (2, "approved")]);
    let logged = "select string_agg(action || ' ' || outcome, ',' order by id) from log_entry \
                  where object_id like 'DMS_WEEK@%'";
    assert_eq!(
        app.database.sql(logged).as_deref(),
        Some(
            "mapping_profile.create allowed,mapping_profile.test allowed,mapping_profile.approve allowed,\
             mapping_profile.create allowed,mapping_profile.approve allowed,mapping_profile.retire allowed,\
             mapping_profile.approve denied"
        )
    );
}

#[test]
fn nobody_approves_their_own_draft_and_nobody_drafts_for_another_body() {
    let app = TestApp::start();
    let (dms, eurostat) = (app.submitter("DMS"), app.submitter("EUROSTAT"));
    let (keeper, colleague) = (
        app.caller("DMS_CENTRE", Role::CatalogueAdmin),
        app.caller("DMS_CENTRE", Role::CatalogueAdmin),
    );
    let answer = draft(&eurostat, &profile()).expect(422);
    assert_eq!(
        faults(&answer),
        BTreeSet::from(["body.outside_scope /body".to_owned()])
    );
    // Who keeps the catalogue drafts for any body, but approves nothing of their own.
    let _done = draft(&keeper, &profile()).expect(201);
    let href = "/v1/mapping-profiles/DMS_WEEK/versions/1";
    let refused = change(&keeper, href, "approval", "сам").expect(409);
    assert_eq!(refused.json()["code"], "profile.second_person");
    assert_eq!(change(&dms, href, "approval", "сам").expect(403).status, 403);
    assert_eq!(
        change(&colleague, href, "approval", "так").expect(200).json()["state"],
        "approved"
    );
    // A code stays its body's: another body cannot put itself under it.
    let mut taken = profile();
    taken["code"] = json!("EUROSTAT_EIRFS");
    let answer = draft(&dms, &taken).expect(422);
    assert_eq!(faults(&answer), BTreeSet::from(["json.type /body".to_owned()]));
    assert_eq!(answer.json()["findings"][0]["expected"], "EUROSTAT");
    for body in [
        "{}",
        r#"{"comment": ""}"#,
        r#"{"comment": "a", "force": true}"#,
        "no json",
    ] {
        let path = format!("{href}/retirement");
        assert_eq!(
            post(&keeper, &path, "application/json", body).expect(400).json()["code"],
            "request.malformed"
        );
    }
    let _done = change(
        &keeper,
        "/v1/mapping-profiles/DMS_WEEK/versions/9",
        "approval",
        "?",
    )
    .expect(404);
}

#[test]
fn a_sample_is_never_compared_with_stored_figures() {
    let app = TestApp::start();
    let eurostat = app.submitter("EUROSTAT");
    let keeper = app.caller("DMS_CENTRE", Role::CatalogueAdmin);
    let file = "TIME,GEO,REASON,CITIZEN,INDIC_MG,UNIT,Value,Flag and Footnotes\n\
                2015,Poland,Total,Ukraine,Persons refused entry,Person,\"24,490\",e\n";
    let _done = deliver(&eurostat, "EUROSTAT_EIRFS", file).expect(201);
    let path = "/v1/mapping-profiles/EUROSTAT_EIRFS/versions/1/test-runs";
    let tried = post(&keeper, path, "text/csv", file).expect(200).json();
    let counts = &tried["counts"];
    assert_eq!(
        (&counts["unchanged"], &counts["observations"]),
        (&json!(0), &json!(1))
    );
    let faulty = file.replace("Poland", "Atlantis");
    let tried = post(&keeper, path, "text/csv", &faulty).expect(200).json();
    assert_eq!(tried["would_be"], "rejected");
    assert_eq!(tried["findings"][0]["code"], "code.unknown");
    assert_eq!(tried["observations"], json!([]));
    assert_eq!(
        post(&keeper, path, "application/json", "{}").expect(415).status,
        415
    );
}

#[test]
fn profiles_are_listed_by_body_state_and_version_page_by_page() {
    let app = TestApp::start();
    let (dms, keeper) = (
        app.submitter("DMS"),
        app.caller("DMS_CENTRE", Role::CatalogueAdmin),
    );
    let _done = draft(&dms, &profile()).expect(201);
    let _done = change(
        &keeper,
        "/v1/mapping-profiles/DMS_WEEK/versions/1",
        "approval",
        "так",
    )
    .expect(200);
    let mut second = profile();
    second["note_en"] = json!("second");
    let _done = draft(&dms, &second).expect(201);
    let listed = |query: &str| -> Vec<String> {
        let (mut found, mut path) = (Vec::new(), format!("/v1/mapping-profiles{query}"));
        loop {
            let page = dms.get(&path).expect(200).json();
            for it in page["items"].as_array().unwrap() {
                assert_eq!(it.get("content"), None);
                found.push(format!("{}@{}", it["code"].as_str().unwrap(), it["version"]));
            }
            match page["next"].as_str() {
                Some(next) => path = next.to_owned(),
                None => return found,
            }
        }
    };
    assert_eq!(listed("?code=DMS_WEEK"), ["DMS_WEEK@2"]);
    assert_eq!(listed("?code=DMS_WEEK&state=approved"), ["DMS_WEEK@1"]);
    assert_eq!(listed("?code=DMS_WEEK&version=all"), ["DMS_WEEK@1", "DMS_WEEK@2"]);
    assert_eq!(listed("?state=draft"), ["DMS_WEEK@2"]);
    let whole = listed("?version=all");
    assert!(whole.len() > 10 && whole.is_sorted(), "{whole:?}");
    assert_eq!(listed("?version=all&limit=3"), whole);
    assert_eq!(listed("?limit=3"), listed(""));
    let _done = dms.get("/v1/mapping-profiles?state=good").expect(400);

    let first = dms.get("/v1/mapping-profiles/DMS_WEEK/versions/1").expect(200);
    let tag = first.header("etag").unwrap().to_owned();
    let same = [("if-none-match", tag.as_str())];
    let _done = dms
        .request("GET", "/v1/mapping-profiles/DMS_WEEK/versions/1", &same, None)
        .expect(304);
    let content = first.json()["content"].to_string();
    let digest = app.database.sql(&format!(
        "encode(sha256(convert_to($it${content}$it$, 'utf8')), 'hex')"
    ));
    assert_eq!(
        first.json()["sha256"].as_str(),
        digest.as_deref(),
        "sorted members, no blanks"
    );
    let schema = dms.get("/v1/mapping-profiles/schema").expect(200);
    assert_eq!(
        schema.text(),
        crate::operations::repository_file("openapi/mapping-profile-v1.schema.json")
    );
}
