//! Started wrongly: the reason in plain words, code 1, and nothing left running.

use super::program::Place;
use crate::operations::repository;

#[test]
fn a_second_service_on_the_same_directory_is_told_who_holds_it() {
    let place = Place::new();
    let running = place.serve();
    let told = place.refused(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(told.contains("in use by another running service"), "{told}");
    assert!(told.contains(&format!("process {}", running.pid())), "{told}");
    let told = place.refused(&["admin", "catalogue", "load"]);
    assert!(told.contains(&format!("process {}", running.pid())), "{told}");
    // The first one did not notice.
    let served = leleka_testkit::Response::send(&running.base_url, "GET", "/v1/openapi.json", &[], None);
    assert_eq!(served.status, 200);
}

#[test]
fn a_taken_port_is_named_and_the_database_is_stopped_again() {
    let place = Place::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let told = place.refused(&["serve", "--listen", &address]);
    assert!(
        told.contains(&format!("cannot listen on {address}")) && told.contains("--listen"),
        "{told}"
    );
    assert_eq!(place.postgres_processes(), Vec::<u32>::new());
    let told = place.refused(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--operations-listen",
        &address,
    ]);
    assert!(told.contains(&format!("cannot listen on {address}")), "{told}");
    assert_eq!(place.postgres_processes(), Vec::<u32>::new());
}

#[test]
fn a_directory_that_is_somebody_elses_is_left_untouched() {
    let place = Place::new();
    let postgres = place.path().join("postgres");
    std::fs::create_dir_all(&postgres).unwrap();
    let own = postgres.join("own.txt");
    std::fs::write(&own, "mine").unwrap();
    let told = place.refused(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(
        told.contains("was not made by this service") && told.contains("choose another data directory"),
        "{told}"
    );
    assert_eq!(std::fs::read_to_string(&own).unwrap(), "mine");
    assert_eq!(std::fs::read_dir(&postgres).unwrap().count(), 1);
}

#[test]
fn a_database_that_is_not_there_or_not_migrated_is_told_in_words() {
    let place = Place::new();
    let nowhere = "postgresql://nobody:geheim@127.0.0.1:1/none?connect_timeout=2";
    let told = place.refused(&["serve", "--listen", "127.0.0.1:0", "--database-url", nowhere]);
    assert!(told.contains("database"), "{told}");
    assert!(!told.contains("geheim"), "the password was printed: {told}");
    let empty = leleka_testkit::Cluster::shared().empty_database();
    let told = place.refused(&["serve", "--listen", "127.0.0.1:0", "--database-url", &empty.url]);
    assert!(told.contains("leleka-server migrate"), "{told}");
}

#[test]
fn settings_that_cannot_be_read_are_named() {
    let place = Place::new();
    let told = place.refused(&["serve", "--config", "/nonexistent/leleka.toml"]);
    assert!(told.contains("/nonexistent/leleka.toml"), "{told}");
    let wrong = place.run(&["serve", "--listen", "nonsense"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("--listen"));
}

#[test]
fn the_program_holds_its_contract_against_the_committed_one() {
    let place = Place::new();
    let file = repository().join("openapi/leleka-v1.json");
    let said = place.done(&["openapi", "--check", "--file", &file.to_string_lossy()]);
    assert!(said.contains("is the contract of this program"), "{said}");
    let other = place.path().with_file_name("other.json");
    let changed = std::fs::read_to_string(&file)
        .unwrap()
        .replacen("3.1.0", "3.1.1", 1);
    std::fs::write(&other, changed).unwrap();
    let told = place.refused(&["openapi", "--check", "--file", &other.to_string_lossy()]);
    assert!(told.contains("differs from this program at line"), "{told}");
    let written = place.path().with_file_name("written.json");
    place.done(&["openapi", "--file", &written.to_string_lossy()]);
    assert_eq!(std::fs::read(&written).unwrap(), std::fs::read(&file).unwrap());
}
