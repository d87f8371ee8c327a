//! The service is killed at random moments while figures are delivered: what was acknowledged is there once, what
//! was not can be sent again with the same key, and nothing is ever there twice.
//!
//! `LELEKA_KILLS=50` kills it more often than the everyday run does.

use super::program::{Place, Running};
use crate::operations::week;
use leleka_access::SigningKey;
use leleka_testkit::Response;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Kills of an everyday run.
const KILLS: u32 = 4;
/// A delivery takes a few milliseconds: the moments spread over some dozens of them.
const LONGEST_LIFE: Duration = Duration::from_millis(400);

fn kills() -> u32 {
    let asked = std::env::var("LELEKA_KILLS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(KILLS)
}

fn key_of(number: u32) -> String {
    format!("delivery-number-{number:06}")
}

/// Each delivery is one figure of its own week and year: `2001-W01`, `2001-W02` and so on.
fn body_of(number: u32) -> String {
    week(&format!("{}-W{:02}", 1950 + number / 50, number % 50 + 1), number).to_string()
}

/// Sends a delivery; the id of its submission when it was acknowledged, nothing when the connection broke.
fn send(base_url: &str, token: &str, number: u32) -> Option<String> {
    let (bearer, key) = (format!("Bearer {token}"), key_of(number));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", key.as_str()),
    ];
    let body = body_of(number);
    let answer = Response::attempt(
        base_url,
        "POST",
        "/v1/submissions",
        &headers,
        Some(body.as_bytes()),
    )
    .ok()?;
    Some(answer.expect(201).json()["id"].as_str().unwrap().to_owned())
}

/// Delivers without end until the service dies; what was acknowledged goes into the list.
fn life(running: Running, key: &SigningKey, next: &AtomicU32, lives_for: Duration) -> BTreeMap<u32, String> {
    let token = running.caller(key).token().to_owned();
    let base_url = running.base_url.clone();
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut acknowledged = BTreeMap::new();
                    loop {
                        let number = next.fetch_add(1, Ordering::SeqCst);
                        match send(&base_url, &token, number) {
                            Some(id) => acknowledged.insert(number, id),
                            None => return acknowledged,
                        };
                    }
                })
            })
            .collect();
        std::thread::sleep(lives_for);
        running.signal("KILL");
        let mut acknowledged = BTreeMap::new();
        for sender in senders {
            acknowledged.append(&mut sender.join().unwrap());
        }
        acknowledged
    })
}

#[test]
fn killed_at_any_moment_it_loses_nothing_and_counts_nothing_twice() {
    let place = Place::new();
    let key = place.client();
    let next = AtomicU32::new(0);
    let mut submissions: BTreeMap<u32, String> = BTreeMap::new();
    let mut acknowledged_at_once = 0;
    for kill in 0..kills() {
        let begun = next.load(Ordering::SeqCst);
        let fraction = f64::from(kill.wrapping_mul(2_654_435_761)) / f64::from(u32::MAX);
        let acknowledged = life(place.serve(), &key, &next, LONGEST_LIFE.mul_f64(fraction));
        acknowledged_at_once += acknowledged.len();
        let running = place.serve();
        let token = running.caller(&key).token().to_owned();
        for number in begun..next.load(Ordering::SeqCst) {
            let id = send(&running.base_url, &token, number).expect("the service runs");
            if let Some(first) = acknowledged.get(&number) {
                assert_eq!(&id, first, "the same key, the same submission");
            }
            assert!(submissions.insert(number, id).is_none());
        }
        running.signal("TERM");
        assert!(running.ended().success());
    }
    let running = place.serve();
    let caller = running.caller(&key);
    let mut stored = BTreeSet::new();
    let mut page = Some("/v1/submissions?limit=200".to_owned());
    while let Some(path) = page {
        let list = caller.get(&path).expect(200).json();
        for item in list["items"].as_array().unwrap() {
            assert!(stored.insert(item["id"].as_str().unwrap().to_owned()));
            assert_eq!(item["counts"]["new"], 1, "{item}");
        }
        page = list["next"].as_str().map(str::to_owned);
    }
    let expected: BTreeSet<String> = submissions.values().cloned().collect();
    assert_eq!(expected.len(), submissions.len(), "two keys, one submission");
    assert_eq!(stored, expected);
    println!(
        "{} kills, {} deliveries, {acknowledged_at_once} acknowledged before a kill: each stored once",
        kills(),
        submissions.len()
    );
}
