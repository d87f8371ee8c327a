//! Properties of the methods: they hold for every input, not only for the one that was thought of.

use crate::forecast::{ForecastSettings, backtest, decompose, forecast, pool_forecast};
use crate::{
    AlertCourse, AlertStep, CiramScores, Combination, Component, Cuts, Delivery, DisclosureRules, Evidence,
    FarringtonSettings, Level, Normalisation, Past, PeriodLevel, Reason, Side, Table, ciram_risk, composite,
    detect, farrington, geometric_change, nowcast, q_values, quality, ratio_change, rounded, sensitivity,
    triangle, weekly_counts_chain,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn series(most: f64, length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Option<f64>>> {
    let value =
        prop_oneof![8 => (0.0..most).prop_map(|x| Some(x.floor())), 1 => Just(None), 1 => Just(Some(0.0))];
    prop::collection::vec(value, length)
}

fn component() -> impl Strategy<Value = Component> {
    let value = prop::option::weighted(0.8, -50.0..250.0);
    let side = prop_oneof![Just(Side::Up), Just(Side::Down)];
    (value, 0.1..5.0, 0.0..50.0, 1.0..100.0, side).prop_map(|(value, weight, lo, range, side)| Component {
        value,
        weight,
        normalisation: Normalisation::Minmax {
            lo,
            hi: lo + range,
            side,
        },
    })
}

const FORMS: [Combination; 4] = [
    Combination::Arithmetic,
    Combination::Geometric,
    Combination::GeometricInverse,
    Combination::GeometricStrict,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_chain_of_detectors_is_total_and_gives_probabilities(values in series(400.0, 0..330), now in 0.0..900.0_f64) {
        let past = Past { values: &values, begun: 0, period: "2026-W47".parse().unwrap(), counts: true };
        match detect(&past, now.floor(), &weekly_counts_chain()) {
            Ok(found) => {
                let Evidence::P { up, down } = found.evidence else { panic!("{found:?}") };
                prop_assert!((0.0..=1.0).contains(&up) && (0.0..=1.0).contains(&down), "{found:?}");
                prop_assert!(found.baseline.is_finite() && found.upper.is_none_or(|upper| upper.is_finite()));
                prop_assert!(found.used.iter().all(|(place, _)| values[*place].is_some()));
                // More is never less unusual upwards.
                let more = detect(&past, now.floor() + 50.0, &weekly_counts_chain()).unwrap();
                let Evidence::P { up: more_up, .. } = more.evidence else { panic!("{more:?}") };
                prop_assert!(found.low_counts || more_up <= up + 1e-9);
                prop_assert!(found.lower.zip(found.upper).is_none_or(|(lower, upper)| lower <= upper));
            }
            Err(reason) => prop_assert!(matches!(reason, Reason::ShortHistory | Reason::ZeroScale), "{reason:?}"),
        }
    }

    #[test]
    fn a_composite_stays_on_its_scale_and_adds_up(parts in prop::collection::vec(component(), 1..8)) {
        for how in FORMS {
            let found = composite(&parts, how, 0.5);
            let Ok(score) = found.score else {
                prop_assert!(found.weight_coverage < 0.5 || parts.iter().all(|part| part.value.is_none()));
                continue;
            };
            let scores: Vec<f64> = found.normalised.iter().flatten().copied().collect();
            let (low, high) = scores.iter().fold((10.0_f64, 0.0_f64), |b, x| (b.0.min(*x), b.1.max(*x)));
            prop_assert!(low - 1e-9 <= score && score <= high + 1e-9, "{score} outside {low}..{high}");
            let parts: Vec<f64> = found.contributions.iter().flatten().copied().collect();
            if !parts.is_empty() {
                prop_assert!((parts.iter().sum::<f64>() - score).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_sensitivity(parts in prop::collection::vec(component(), 2..5)) {
        let draw = |seed: &[u8]| sensitivity(&parts, Combination::Arithmetic, 0.0, &Cuts::default(), (seed, 60));
        prop_assert_eq!(draw(b"one"), draw(b"one"));
        if let Some(found) = draw(b"one") {
            prop_assert!(found.p05 <= found.p95 && (0.0..=1.0).contains(&found.same_level));
        }
    }

    #[test]
    fn parts_of_a_change_add_up(numbers in prop::collection::vec(0.5..9000.0, 8), weights in prop::collection::vec(0.1..5.0, 4)) {
        let ratio = ratio_change((numbers[0], numbers[1]), (numbers[2], numbers[3])).unwrap();
        prop_assert!((ratio.parts.iter().sum::<f64>() - ratio.delta).abs() <= 1e-9 * ratio.delta.abs().max(1.0));
        let product = geometric_change(&numbers[..4], &numbers[4..], &weights).unwrap();
        prop_assert!((product.parts.iter().sum::<f64>() - product.delta).abs() <= 1e-8 * product.delta.abs().max(1.0));
    }

    #[test]
    fn q_values_are_no_smaller_than_p_and_keep_their_order(p in prop::collection::vec(prop::option::of(0.0..1.0), 0..60)) {
        let q = q_values(&p);
        for (p, q) in p.iter().zip(&q) {
            prop_assert_eq!(p.is_some(), q.is_some());
            prop_assert!(p.zip(*q).is_none_or(|(p, q)| p <= q + 1e-12 && q <= 1.0));
        }
        let mut pairs: Vec<(f64, f64)> = p.iter().zip(&q).filter_map(|(p, q)| (*p).zip(*q)).collect();
        pairs.sort_by(|left, right| left.0.total_cmp(&right.0));
        prop_assert!(pairs.windows(2).all(|two| two[0].1 <= two[1].1 + 1e-12));
    }

    #[test]
    fn what_is_published_never_betrays_a_small_count(rows in prop::collection::vec(prop::collection::vec(0_i64..14, 3), 2..4)) {
        let mut rows: Vec<Vec<i64>> = rows.into_iter().map(|row| { let sum = row.iter().sum(); [row, vec![sum]].concat() }).collect();
        rows.push((0..4).map(|at| rows.iter().map(|row| row[at]).sum()).collect());
        let table = Table::with_margins(&rows).unwrap();
        let rules = DisclosureRules::default();
        let found = table.suppress(rules);
        if let Some(secondary) = found.secondary {
            let hidden: BTreeSet<usize> = found.primary.iter().chain(&secondary).copied().collect();
            for cell in &found.primary {
                let (least, most) = table.interval(*cell, &hidden);
                prop_assert!(least < 1.0 && most >= 5.0 - 1e-6, "{cell}: {least}..{most} in {rows:?}");
            }
        }
    }

    #[test]
    fn rounding_moves_by_half_the_base_at_most(count in -100_000_i64..100_000, base in 1_u32..50) {
        let round = rounded(count, base);
        prop_assert_eq!(round % i64::from(base), 0);
        prop_assert!(2 * (round - count).abs() <= i64::from(base));
    }

    #[test]
    fn an_estimate_is_no_less_than_what_was_reported(rows in prop::collection::vec(prop::collection::vec(0.0..200.0, 5), 6..14)) {
        let end = rows.len();
        let triangle: Vec<Vec<Option<f64>>> = rows.iter().enumerate()
            .map(|(week, row)| row.iter().enumerate().map(|(delay, value)| (week + delay < end).then_some(*value)).collect())
            .collect();
        let found = nowcast(&triangle, 4);
        for (row, (estimate, share)) in triangle.iter().zip(found.estimate.iter().zip(&found.completeness)) {
            let reported: f64 = row.iter().flatten().sum();
            prop_assert!(estimate.is_none_or(|estimate| estimate >= reported - 1e-9));
            prop_assert!(share.is_none_or(|share| (0.0..=1.0 + 1e-12).contains(&share)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_forecast_is_total_finite_and_ordered(values in series(300.0, 0..70), period in prop::sample::select(vec![1_usize, 4, 12])) {
        let settings = ForecastSettings { period, horizon: 4, counts: true };
        if let Ok(found) = pool_forecast(&values, settings) {
            prop_assert_eq!(found.points.len(), 4);
            for point in &found.points {
                let bounds = [point.lo95, point.lo80, point.point, point.hi80, point.hi95];
                prop_assert!(bounds.iter().all(|bound| bound.is_finite() && *bound >= 0.0), "{point:?}");
                prop_assert!(bounds.windows(2).all(|two| two[0] <= two[1] + 1e-9), "{point:?}");
            }
        }
    }

    #[test]
    fn season_trend_and_remainder_add_up(values in prop::collection::vec(0.0..500.0, 30..90)) {
        let parts = decompose(&values, 12, true).unwrap();
        for (at, value) in values.iter().enumerate() {
            let sum = parts.seasonal[at] + parts.trend[at] + parts.remainder[at];
            prop_assert!((sum - value).abs() < 1e-6);
        }
    }
}

#[test]
fn a_seasonal_series_is_forecast_better_than_by_its_last_value() {
    let wave =
        |at: usize| 200.0 + 80.0 * (at as f64 * std::f64::consts::TAU / 12.0).sin() + (at * 7 % 11) as f64;
    let values: Vec<Option<f64>> = (0..54).map(|at| Some(wave(at).round())).collect();
    let settings = ForecastSettings {
        period: 12,
        horizon: 2,
        counts: true,
    };
    let found = forecast(&values, settings, 8, None).unwrap();
    let test = found.backtest.as_ref().unwrap();
    assert_eq!(test.origins, 8);
    assert!(test.pool.mase < test.naive_mase, "{test:?}");
    let known_then = |origin: usize| (origin > 49).then(|| values[..origin].to_vec());
    assert!(
        backtest(&values, settings, 8, Some(&known_then)).is_none(),
        "three vintages are not eight"
    );
    let (point, actual) = (found.forecast.points[0].point, wave(54));
    assert!((point - actual).abs() < 25.0, "{point} for {actual}");
}

#[test]
fn short_and_gappy_series_say_so() {
    let settings = ForecastSettings {
        period: 12,
        horizon: 2,
        counts: true,
    };
    assert_eq!(
        pool_forecast(&[None, None], settings).unwrap_err(),
        Reason::MissingInput
    );
    assert_eq!(
        pool_forecast(&[Some(1.0)], settings).unwrap_err(),
        Reason::ShortHistory
    );
    let short = pool_forecast(&[Some(4.0), Some(6.0), Some(5.0), None], settings).unwrap();
    assert!(short.short && short.members == ["naive_drift"]);
    assert_eq!(short.begins, 3, "the first period that is not known");
    let gappy: Vec<Option<f64>> = (0..40).map(|at| (at % 3 != 1).then_some(9.0)).collect();
    assert_eq!(
        pool_forecast(&gappy, settings).unwrap_err(),
        Reason::InsufficientCoverage
    );
}

#[test]
fn five_years_are_asked_first_then_fewer() {
    let monday = chrono::NaiveDate::from_ymd_opt(2026, 11, 16).unwrap();
    let weeks =
        |count: usize| -> Vec<Option<f64>> { (0..count).map(|at| Some((20 + at * 5 % 7) as f64)).collect() };
    let years = |count: usize| {
        farrington(&weeks(count), 24.0, monday, &FarringtonSettings::default()).map(|it| it.years)
    };
    assert_eq!(
        [years(270), years(230), years(170), years(150)],
        [Some(5), Some(4), Some(3), None]
    );
    let surge = farrington(&weeks(270), 90.0, monday, &FarringtonSettings::default()).unwrap();
    assert!(surge.p.0 < 1e-6 && surge.upper < 90.0 && !surge.low_counts);
}

#[test]
fn an_alert_opens_escalates_and_closes_after_two_calm_periods() {
    let mut course = AlertCourse::default();
    let mut step = |level: Level, complete: bool, q: Option<f64>| {
        let (next, step) = course.after(&PeriodLevel { level, complete, q });
        course = next;
        step
    };
    assert_eq!(step(Level::Guarded, true, None), AlertStep::Unchanged);
    assert_eq!(
        step(Level::Guarded, true, Some(0.08)),
        AlertStep::Opened,
        "its family lists it"
    );
    assert_eq!(step(Level::High, false, None), AlertStep::Escalated);
    assert_eq!(step(Level::Low, true, None), AlertStep::Unchanged);
    assert_eq!(
        step(Level::Unknown, false, None),
        AlertStep::Unchanged,
        "unknown proves nothing"
    );
    assert_eq!(step(Level::Low, true, None), AlertStep::Closed);
    assert_eq!(step(Level::Unknown, true, Some(0.01)), AlertStep::Unchanged);
    assert_eq!(step(Level::Elevated, true, None), AlertStep::Opened);
}

#[test]
fn without_a_threat_there_is_no_risk() {
    let scores = CiramScores {
        magnitude: Some(0.0),
        likelihood: Some(9.0),
        vulnerability: Some(8.0),
        impact: Some(6.0),
    };
    assert_eq!(ciram_risk(&scores), Ok(0.0));
    let equal = CiramScores {
        magnitude: Some(4.0),
        likelihood: None,
        vulnerability: Some(4.0),
        impact: Some(4.0),
    };
    assert!((ciram_risk(&equal).unwrap() - 4.0).abs() < 1e-12);
    let blind = CiramScores {
        impact: None,
        ..equal
    };
    assert_eq!(ciram_risk(&blind), Err(Reason::InsufficientCoverage));
}

#[test]
fn a_body_that_delivers_late_and_corrects_itself_is_measured() {
    let day = |text: &str| text.parse().unwrap();
    let delivery = |series: &str, received: &str, value: f64| Delivery {
        series: series.to_owned(),
        period: "2026-01".parse().unwrap(),
        received: day(received),
        value: Some(value),
    };
    let rows = [
        delivery("UA46", "2026-02-03", 100.0),
        delivery("UA46", "2026-02-20", 110.0),
        delivery("UA51", "2026-02-09", 50.0),
    ];
    let found = quality(&rows, 4, 5);
    assert_eq!(
        (
            found.completeness,
            found.punctuality,
            found.punctuality_of_expected
        ),
        (Some(0.5), Some(0.5), Some(0.25))
    );
    assert_eq!((found.timeliness_median_days, found.mr), (Some(6.0), Some(5.0)));
    assert_eq!(
        (found.revised_share, found.revisions_upward_share),
        (Some(0.5), Some(1.0))
    );
    assert_eq!(quality(&[], 0, 5).completeness, None);
}

#[test]
fn vintages_become_what_each_delay_added() {
    let known = [
        vec![Some(10.0), Some(14.0), Some(15.0)],
        vec![None, Some(9.0), None],
    ];
    assert_eq!(
        triangle(&known),
        [
            vec![Some(10.0), Some(4.0), Some(1.0)],
            vec![Some(0.0), Some(9.0), None]
        ]
    );
}
