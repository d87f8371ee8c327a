//! Revisions and nowcasts against figures worked out by hand.

use crate::{FigureHistory, reporting, revision_statistics};
use chrono::{DateTime, Utc};
use leleka_domain::Frequency;

fn at(day: &str) -> DateTime<Utc> {
    format!("{day}T09:00:00Z").parse().unwrap()
}

fn figure(period: &str, versions: &[(&str, Option<f64>)]) -> FigureHistory {
    FigureHistory {
        period: period.parse().unwrap(),
        versions: versions.iter().map(|(day, value)| (at(day), *value)).collect(),
    }
}

/// Three months; the first two grew from 100 to 110 and from 200 to 230 in their second month after.
fn months() -> Vec<FigureHistory> {
    vec![
        figure(
            "2026-01",
            &[("2026-02-05", Some(100.0)), ("2026-03-10", Some(110.0))],
        ),
        figure(
            "2026-02",
            &[("2026-03-05", Some(200.0)), ("2026-04-10", Some(230.0))],
        ),
        figure("2026-04", &[("2026-05-05", Some(300.0))]),
    ]
}

#[test]
fn statistics_count_from_the_first_figure_to_the_newest() {
    let mut figures = months();
    figures.push(figure(
        "2026-03",
        &[("2026-04-03", Some(50.0)), ("2026-04-20", Some(40.0))],
    ));
    figures.push(figure("2026-05", &[("2026-06-03", None)]));
    let found = revision_statistics(&figures);
    assert_eq!((found.figures, found.revised), (4, 3));
    assert_eq!(found.mean, Some((10.0 + 30.0 - 10.0) / 4.0));
    assert_eq!(found.mean_absolute, Some(12.5));
    assert_eq!(found.relative_mean_absolute, Some(50.0 / 680.0));
    assert_eq!(found.median_absolute, Some(10.0));
    assert_eq!(found.p90_absolute, Some(30.0));
    assert_eq!(found.upward_share, Some(2.0 / 3.0));
    // 5, 5, 5 and 3 days after the end of the month.
    assert_eq!(found.delay_days_median, Some(5.0));
}

#[test]
fn the_newest_period_is_estimated_by_the_growth_of_earlier_ones() {
    let found = reporting(&months(), Frequency::Monthly, "2026-05-20".parse().unwrap());
    // (110 + 230) / (100 + 200), from two periods; the delay after that only January has seen.
    let growth = 340.0 / 300.0;
    let [at_first, first] = found.delays.as_slice() else {
        panic!("{found:?}")
    };
    assert!((first.factor.unwrap() - growth).abs() < 1e-12);
    assert_eq!((first.periods, first.completeness), (2, Some(1.0)));
    assert!((at_first.completeness.unwrap() - 1.0 / growth).abs() < 1e-12);
    let [april] = found.nowcasts.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (april.period, april.reported),
        ("2026-04".parse().unwrap(), 300.0)
    );
    assert!((april.estimate - 340.0).abs() < 1e-9, "{april:?}");
}

#[test]
fn an_estimate_has_an_interval_where_periods_differ() {
    let grown = [(100.0, 110.0), (200.0, 230.0), (400.0, 440.0)];
    let mut figures: Vec<FigureHistory> = grown
        .iter()
        .zip(["2020", "2021", "2022"])
        .map(|((first, last), year)| {
            let next: i32 = year.parse::<i32>().unwrap() + 1;
            let (early, late) = (format!("{next}-03-01"), format!("{}-03-01", next + 1));
            figure(year, &[(&early, Some(*first)), (&late, Some(*last))])
        })
        .collect();
    figures.push(figure("2029", &[("2030-03-01", Some(500.0))]));
    let found = reporting(&figures, Frequency::Annual, "2030-05-01".parse().unwrap());
    let newest = found.nowcasts.last().unwrap();
    let factor = 780.0 / 700.0;
    assert!((newest.estimate - 500.0 * factor).abs() < 1e-9);
    assert_eq!((newest.reported, newest.periods), (500.0, 3));
    // Mack: σ² = Σ C (F − f)² / 2, mse = (500 f)² · σ² / f² · (1/500 + 1/700).
    let spread: f64 = grown
        .iter()
        .map(|(before, after)| before * (after / before - factor).powi(2))
        .sum::<f64>()
        / 2.0;
    let error = 500.0 * (spread * (1.0 / 500.0 + 1.0 / 700.0)).sqrt();
    let (low, high) = newest.interval95.unwrap();
    assert!((high - newest.estimate - 1.96 * error).abs() < 1e-9, "{high}");
    assert!((newest.estimate - low - 1.96 * error).abs() < 1e-9, "{low}");
}

#[test]
fn what_was_loaded_from_an_archive_tells_nothing_of_delays() {
    let figures = [figure(
        "2015-03",
        &[("2026-01-05", Some(10.0)), ("2026-01-09", Some(12.0))],
    )];
    let found = reporting(&figures, Frequency::Monthly, "2026-05-20".parse().unwrap());
    assert!(found.delays.iter().all(|delay| delay.factor.is_none()));
    assert_eq!(found.nowcasts, []);
}
