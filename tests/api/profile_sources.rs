//! Versions of mapping profiles beside the catalogue's files and other servers.

use crate::api::profile_versions::{SAMPLE, change, deliver, draft, profile};
use leleka_access::Role;
use leleka_domain::IdSource;
use leleka_testkit::TestApp;

#[test]
fn another_server_sees_an_approval_within_two_seconds() {
    let app = TestApp::start();
    let dms = app.submitter("DMS");
    let _done = draft(&dms, &profile()).expect(201);
    // As another server would write it: this one only looks at the database.
    app.database
        .execute(
            "insert into mapping_profile_event (code, version, number, from_state, to_state, comment) \
             values ('DMS_WEEK', 1, 2, 'draft', 'approved', '')",
        )
        .unwrap();
    let until = std::time::Instant::now() + std::time::Duration::from_secs(5);
    while deliver(&dms, "DMS_WEEK", SAMPLE).status != 201 {
        assert!(std::time::Instant::now() < until, "the approval was never seen");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

#[test]
fn a_version_that_somebody_drafted_is_not_the_catalogues_to_change_or_retire() {
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
    let _done = change(
        &keeper,
        "/v1/mapping-profiles/EUROSTAT_EIRFS/versions/1",
        "retirement",
        "ні",
    )
    .expect(200);
    let mut migrator = leleka_store::Migrator::connect(&app.database.url).unwrap();
    let mut files = leleka_exchange::shipped_catalogue().unwrap();
    leleka_exchange::catalogue_load(&mut migrator, &IdSource, &files).unwrap();
    let state = |code: &str| {
        dms.get(&format!("/v1/mapping-profiles/{code}/versions/1"))
            .expect(200)
            .json()["state"]
            .clone()
    };
    assert_eq!(state("DMS_WEEK"), "approved");
    assert_eq!(
        state("EUROSTAT_EIRFS"),
        "retired",
        "what a person retired stays retired"
    );
    // A file that leaves the catalogue retires its profile; coming back it is approved again.
    let gone = files
        .profiles
        .iter()
        .position(|it| it.code == "UNHCR_ODP_DAILY")
        .unwrap();
    let gone = files.profiles.remove(gone);
    leleka_exchange::catalogue_load(&mut migrator, &IdSource, &files).unwrap();
    assert_eq!(state("UNHCR_ODP_DAILY"), "retired");
    files.profiles.push(gone);
    leleka_exchange::catalogue_load(&mut migrator, &IdSource, &files).unwrap();
    assert_eq!(state("UNHCR_ODP_DAILY"), "approved");
    // The files cannot take a number that somebody drafted.
    let mut taken = files.profiles[0].clone();
    taken.code = "DMS_WEEK".to_owned();
    files.profiles.push(taken);
    assert!(leleka_exchange::catalogue_load(&mut migrator, &IdSource, &files).is_err());
}
