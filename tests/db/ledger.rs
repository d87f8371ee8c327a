//! The ledger: two series are never merged, whatever their numbers.

use crate::operations::week;
use leleka_testkit::TestApp;

/// The number and the key that a series of this submission gets, from a server of its own.
fn derived_series() -> (String, String) {
    let app = TestApp::start();
    let _accepted = app.submitter("DMS").submit_json(&week("2026-W43", 5)).expect(201);
    let one = |column: &str| app.database.sql(&format!("select {column} from series")).unwrap();
    (one("id"), one("key"))
}

#[test]
fn two_series_with_one_number_are_refused_and_never_merged() {
    let (id, key) = derived_series();
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let stranger = format!(
        "insert into series (id, key, indicator, frequency, body, territory, citizenship, sex, age, extra) \
         values ({id}, 'another key', 'ASY_APPL', 'W', 'DMS', 'UA', 'AF', '_Z', '_Z', '')"
    );
    app.database.execute(&stranger).unwrap();
    let before = app.database.data_fingerprint();
    let answer = dms.submit_json(&week("2026-W43", 5));
    assert_eq!(answer.status, 500, "{}", answer.text());
    assert_eq!(answer.json()["code"], "server.error");
    assert!(!answer.text().contains(&key), "the cause was told to the caller");
    assert_eq!(app.database.data_fingerprint(), before);
    // What has nothing to do with it goes on.
    let mut other = week("2026-W43", 5);
    other["observations"][0]["citizenship"] = "IQ".into();
    assert_eq!(dms.submit_json(&other).status, 201);
}

#[test]
fn what_a_series_is_follows_from_its_key_alone() {
    let (one, other) = (derived_series(), derived_series());
    assert_eq!(
        one, other,
        "the same key has another number on another installation"
    );
    let id: u64 = one.0.parse().unwrap();
    assert!(id < 1 << 63);
}
