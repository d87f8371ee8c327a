//! Start, stop and sudden death: what was acknowledged is still there, and nothing is left running.

use super::program::{Place, Running, until};
use crate::operations::week;
use leleka_access::SigningKey;
use leleka_testkit::Response;

/// Delivers a figure and returns the submission's id.
fn delivered(running: &Running, key: &SigningKey, period: &str, value: u32) -> String {
    let accepted = running
        .caller(key)
        .submit_json(&week(period, value))
        .expect(201)
        .json();
    accepted["id"].as_str().unwrap().to_owned()
}

fn figure(running: &Running, key: &SigningKey, period: &str) -> serde_json::Value {
    let path = format!("/v1/observations?indicator=ASY_APPL&from={period}&to={period}&lineage=true");
    let read = running.caller(key).get(&path).expect(200).json();
    read["items"][0]["observations"][0].clone()
}

#[test]
fn told_to_stop_it_ends_cleanly_and_finds_everything_again() {
    let place = Place::new();
    let key = place.client();
    for signal in ["TERM", "INT"] {
        let running = place.serve();
        assert!(!place.postgres_processes().is_empty(), "the scan sees nothing");
        let period = if signal == "TERM" { "2026-W40" } else { "2026-W41" };
        delivered(&running, &key, period, 17);
        running.signal(signal);
        let status = running.ended();
        assert_eq!(status.code(), Some(0), "{signal}: {status}");
        assert_eq!(place.postgres_processes(), Vec::<u32>::new(), "after {signal}");
    }
    let running = place.serve();
    for period in ["2026-W40", "2026-W41"] {
        assert_eq!(figure(&running, &key, period)["value"], 17, "{period}");
    }
    running.signal("TERM");
    assert!(running.ended().success());
}

#[test]
fn killed_it_leaves_no_orphan_and_keeps_what_it_acknowledged() {
    let place = Place::new();
    let key = place.client();
    let running = place.serve();
    let id = delivered(&running, &key, "2026-W40", 23);
    running.signal("KILL");
    assert!(!running.ended().success());
    until("PostgreSQL follows the killed service", || {
        place.postgres_processes().is_empty()
    });
    let running = place.serve();
    let figure = figure(&running, &key, "2026-W40");
    assert_eq!(
        (&figure["value"], &figure["submission_id"]),
        (&23.into(), &id.into())
    );
    // And it goes on.
    delivered(&running, &key, "2026-W41", 24);
    running.signal("TERM");
    assert!(running.ended().success());
    assert_eq!(place.postgres_processes(), Vec::<u32>::new());
}

#[test]
fn a_service_started_at_once_after_a_kill_waits_for_the_old_database_and_runs() {
    let place = Place::new();
    let running = place.serve();
    running.signal("KILL");
    assert!(!running.ended().success());
    let running = place.serve();
    let served = Response::send(&running.base_url, "GET", "/v1/openapi.json", &[], None);
    assert_eq!(served.status, 200);
    running.signal("TERM");
    assert!(running.ended().success());
}

#[test]
fn it_is_ready_when_it_says_so_and_health_asks_it() {
    let place = Place::new();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let operations = free.local_addr().unwrap().to_string();
    drop(free);
    let url = format!("http://{operations}");
    let told = place.refused(&["health", "--url", &url]);
    assert!(told.starts_with("leleka-server: "), "{told}");
    let running = place.serve_with(&["--listen", "127.0.0.1:0", "--operations-listen", &operations]);
    place.done(&["health", "--url", &url]);
    let ready = Response::send(&url, "GET", "/health/ready", &[], None)
        .expect(200)
        .json();
    assert_eq!(ready["status"], "pass");
    assert_eq!(Response::send(&url, "GET", "/health/live", &[], None).status, 200);
    // The operations listener is for the operator: nothing of the contract is on it.
    assert_eq!(Response::send(&url, "GET", "/docs/", &[], None).status, 404);
    running.signal("TERM");
    assert!(running.ended().success());
}

#[test]
fn its_private_keys_are_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let running = place.serve();
    let keys = place.path().join("keys");
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&keys), 0o700);
    let mut seen = 0;
    for entry in std::fs::read_dir(&keys).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 2);
    let jwks = |running: &Running| {
        Response::send(&running.base_url, "GET", "/.well-known/jwks.json", &[], None).json()
    };
    let before = jwks(&running);
    running.signal("TERM");
    assert!(running.ended().success());
    let running = place.serve();
    assert_eq!(
        jwks(&running),
        before,
        "a restart made a new key, so every token was lost"
    );
}
