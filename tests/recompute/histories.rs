//! Random histories: after each part of one, what is stored and fresh is what a computation of everything gives, and
//! what was said at an earlier moment stays said.
//!
//! `LELEKA_HISTORY_SECONDS=600` tells histories for so long; `LELEKA_HISTORY_SEED=7` tells one of them again.

use super::definitions::read_all;
use super::oracle::{Said, computed, everything};
use super::world::{Draws, World};
use chrono::{DateTime, Utc};
use leleka_domain::Period;
use leleka_exchange::{
    MetricCheck, MetricCheckAt, metric_check, metric_value_read, metrics_are_due, metrics_recompute,
};
use leleka_risk::{Definition, Key};
use leleka_store::{MetricValueFilter, vintage_settled};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Histories of an everyday run.
const HISTORIES: u64 = 30;

type Cells = BTreeMap<(String, Key, Period), Said>;

fn filter(code: &str, as_of: Option<DateTime<Utc>>) -> MetricValueFilter {
    let day = |text: &str| text.parse().unwrap();
    MetricValueFilter {
        withheld: (Vec::new(), Vec::new()),
        code: code.to_owned(),
        dimensions: Vec::new(),
        from: day("1950-01-01"),
        to: day("2100-01-01"),
        levels: Vec::new(),
        as_of,
        include_history: false,
        after: None,
        limit: 100_000,
    }
}

/// What is said now, or was by a moment; of what is said now only what is fresh.
fn fresh(world: &World, definitions: &[Definition], as_of: Option<DateTime<Utc>>) -> (Cells, usize) {
    let (mut cells, mut stale) = (Cells::new(), 0);
    for definition in definitions {
        for read in metric_value_read(&world.centre, &filter(&definition.code, as_of)).unwrap() {
            if read.stale {
                stale += 1;
                continue;
            }
            let key: Key = serde_json::from_value(read.stored.dimensions.clone()).unwrap();
            let period = Period::containing(definition.frequency, read.stored.period).unwrap();
            cells.insert((definition.code.clone(), key, period), Said::from(&read.stored));
        }
    }
    (cells, stale)
}

/// Recomputes until nothing is left, or until it is stopped at some moment.
fn recompute(world: &World, draws: &mut Draws) -> usize {
    let mut interrupted = 0;
    let stops = draws.below(4);
    for _ in 0..stops {
        let (stop, waits) = (AtomicBool::new(false), Duration::from_micros(draws.below(60_000)));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(waits);
                stop.store(true, Ordering::Relaxed);
            });
            while metrics_recompute(&world.centre, &stop).unwrap().is_some() {}
        });
        interrupted += usize::from(metrics_are_due(&world.centre).unwrap());
    }
    if draws.below(3) > 0 {
        let never = AtomicBool::new(false);
        while metrics_recompute(&world.centre, &never).unwrap().is_some() {}
    }
    interrupted
}

/// Holds what is fresh against a computation of everything that is known; when nothing is dirty, both ways.
fn compare(world: &World, definitions: &[Definition], seed: u64) -> (Cells, usize) {
    let mut reader = world.centre.store.reader().unwrap();
    let vintage = vintage_settled(&mut reader).unwrap();
    let set = everything(&mut reader, vintage);
    drop(reader);
    let (cells, stale) = fresh(world, definitions, None);
    let settled = !metrics_are_due(&world.centre).unwrap();
    assert!(
        !settled || stale == 0,
        "seed {seed}: {stale} values are stale and nothing is dirty"
    );
    for definition in definitions {
        let own = cells.iter().filter(|((code, _, _), _)| *code == definition.code);
        let own: BTreeMap<(Key, Period), &Said> = own
            .map(|((_, key, period), said)| ((key.clone(), *period), said))
            .collect();
        let computed = computed(definition, &set, &own.keys().cloned().collect::<BTreeSet<_>>());
        for (cell, said) in &own {
            let (expected, _) = &computed[cell];
            assert_eq!(
                *said,
                expected,
                "seed {seed}: {} {cell:?}\n{}",
                definition.code,
                world.story.join("\n")
            );
        }
        let last = own.keys().map(|(_, period)| *period).max();
        for (cell, (expected, has_value)) in computed {
            assert!(
                !settled || !has_value || Some(cell.1) > last || own.contains_key(&cell),
                "seed {seed}: {} {cell:?} was never said: {expected:?}\n{}",
                definition.code,
                world.story.join("\n")
            );
        }
    }
    (cells, stale)
}

/// One history; how many values were compared, how often work was interrupted, how many deliveries were accepted.
fn history(seed: u64, definitions: &[Definition]) -> (usize, usize, usize) {
    let (mut world, mut draws) = (World::new(), Draws::new(seed));
    let (mut compared, mut interrupted) = (0, 0);
    let mut moments: Vec<(DateTime<Utc>, Cells)> = Vec::new();
    for _ in 0..5 + draws.below(4) {
        for _ in 0..1 + draws.below(4) {
            world.step(&mut draws);
        }
        interrupted += recompute(&world, &mut draws);
        let (cells, _) = compare(&world, definitions, seed);
        compared += cells.len();
        moments.push((world.now(), cells));
    }
    let never = AtomicBool::new(false);
    while metrics_recompute(&world.centre, &never).unwrap().is_some() {}
    compared += compare(&world, definitions, seed).0.len();
    for (moment, cells) in moments {
        let (then, _) = fresh(&world, definitions, Some(moment));
        for (cell, said) in cells {
            assert_eq!(
                then.get(&cell),
                Some(&said),
                "seed {seed}: {cell:?} as of {moment}"
            );
        }
    }
    for definition in definitions {
        for at in [MetricCheckAt::Own, MetricCheckAt::Newest] {
            let filter = filter(&definition.code, None);
            let checked = metric_check(&world.centre, &MetricCheck { filter, at }).unwrap();
            assert!(
                checked.different.is_empty(),
                "seed {seed}: {at:?} {:#?}",
                checked.different
            );
            assert_eq!(checked.stale, 0, "seed {seed}");
        }
    }
    (compared, interrupted, world.accepted())
}

#[test]
fn what_is_computed_piece_by_piece_is_what_a_computation_of_everything_gives() {
    let definitions = read_all();
    let told = std::env::var("LELEKA_HISTORY_SEED")
        .ok()
        .map(|text| text.parse::<u64>().unwrap());
    let seconds = std::env::var("LELEKA_HISTORY_SECONDS")
        .ok()
        .map(|text| text.parse::<u64>().unwrap());
    let begun = Instant::now();
    let (mut histories, mut compared, mut interrupted, mut accepted) = (0, 0, 0, 0);
    let first = told.unwrap_or(1);
    for seed in first.. {
        let enough = match (told, seconds) {
            (Some(_), _) => histories == 1,
            (None, Some(seconds)) => begun.elapsed() >= Duration::from_secs(seconds),
            (None, None) => histories == HISTORIES,
        };
        if enough {
            break;
        }
        let (values, stops, deliveries) = history(seed, &definitions);
        (compared, interrupted, accepted) = (compared + values, interrupted + stops, accepted + deliveries);
        histories += 1;
    }
    println!(
        "{histories} histories, {accepted} deliveries, {compared} values compared, {interrupted} interruptions"
    );
    assert!(told.is_some() || (compared > 10_000 && interrupted > 5 && accepted > 100));
}
