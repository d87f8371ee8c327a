//! How the engine judges itself: bands of shares, calibration, verdicts, revisions.

use crate::{
    AlertCourse, AlertStep, Level, LevelRevision, PeriodLevel, Proportion, Verdict, VerdictCounts,
    calibration, level_revisions,
};
use proptest::prelude::*;

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 5e-7, "{found} ≠ {expected}");
}

#[test]
fn the_band_is_that_of_wilson() {
    // prop.test(x, n, correct = FALSE)$conf.int of R 4.2.
    for (count, of, low, high) in [
        (1, 10, 0.017_876_213, 0.404_150_027),
        (0, 20, 0.0, 0.161_125_158),
        (50, 100, 0.403_831_530, 0.596_168_470),
    ] {
        let found = Proportion::of(count, of);
        near(found.low, low);
        near(found.high, high);
    }
    let nothing = Proportion::of(0, 0);
    assert_eq!((nothing.share, nothing.low, nothing.high), (None, 0.0, 1.0));
}

#[test]
fn p_values_that_promise_too_much_are_out_of_band() {
    let honest: Vec<f64> = (1..=1000).map(|rank| f64::from(rank) / 1000.0).collect();
    assert!(calibration(&honest).iter().all(|point| point.in_band));
    let bold: Vec<f64> = honest.iter().map(|p| p * p).collect();
    assert!(calibration(&bold).iter().all(|point| !point.in_band));
    assert_eq!(calibration(&[f64::NAN, 2.0])[0].found.of, 0);
}

#[test]
fn a_known_event_was_no_false_alarm() {
    let mut verdicts = VerdictCounts::default();
    Verdict::ALL
        .into_iter()
        .chain([Verdict::Real])
        .for_each(|verdict| verdicts.add(verdict));
    let right = verdicts.positive_predictive_value();
    assert_eq!((right.count, right.of), (3, 5));
}

#[test]
fn unknown_is_no_step_below_low() {
    let moved = [
        (Level::Low, Level::High),
        (Level::Critical, Level::High),
        (Level::Low, Level::Low),
        (Level::Unknown, Level::Low),
        (Level::High, Level::Unknown),
        (Level::Unknown, Level::Unknown),
    ];
    let found = level_revisions(moved.map(|(first, newest)| LevelRevision { first, newest }));
    assert_eq!((found.changed.count, found.changed.of), (2, 3));
    assert_eq!((found.raised, found.lowered), (1, 1));
    assert_eq!((found.became_known, found.became_unknown), (1, 1));
    near(found.mean_steps.unwrap(), 4.0 / 3.0);
}

fn period() -> impl Strategy<Value = PeriodLevel> {
    let level = prop::sample::select(Level::ALL.to_vec());
    (level, any::<bool>(), prop::option::of(0.0..1.0)).prop_map(|(level, complete, q)| PeriodLevel {
        level,
        complete,
        q,
    })
}

proptest! {
    #[test]
    fn a_share_lies_in_its_band(count in 0_u64..5000, more in 0_u64..5000) {
        let found = Proportion::of(count, count + more);
        prop_assert!(0.0 <= found.low && found.low <= found.high && found.high <= 1.0);
        prop_assert!(found.share.is_none_or(|share| found.admits(share)));
    }

    #[test]
    fn a_course_walked_in_parts_is_the_same_course(
        periods in prop::collection::vec(period(), 0..40), at in 0_usize..40,
    ) {
        let (first, rest) = periods.split_at(at.min(periods.len()));
        let (whole, turns) = AlertCourse::default().walk(&periods);
        let (middle, before) = AlertCourse::default().walk(first);
        let (end, after) = middle.walk(rest);
        prop_assert_eq!(whole, end);
        prop_assert_eq!(turns.len(), before.len() + after.len());
        // Opened and closed take turns, and unknown does neither.
        let mut open = false;
        for turn in &turns {
            prop_assert!(turn.level != Level::Unknown);
            match turn.step {
                AlertStep::Opened => prop_assert!(!std::mem::replace(&mut open, true)),
                AlertStep::Closed => prop_assert!(std::mem::replace(&mut open, false)),
                AlertStep::Escalated => prop_assert!(open && turn.peak_before < Some(turn.level)),
                AlertStep::Unchanged => prop_assert!(false),
            }
        }
    }
}
