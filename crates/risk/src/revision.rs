//! How figures are revised, and what newest periods will hold: statistics over vintages, completeness by delay, and
//! the chain ladder's estimate with its error.
//!
//! The chain ladder and its standard error: Mack 1993. Only periods whose first figure came within the longest delay
//! tell anything of delays; what was loaded from an archive does not. Reads no clock: the moment is given.

use crate::detect::median;
use crate::nowcast::{nowcast, triangle};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_domain::{Frequency, Period};
use std::collections::BTreeMap;

/// One figure with its versions, oldest first; `None` where a version carries no number.
#[derive(Clone, Debug, PartialEq)]
pub struct FigureHistory {
    /// Period.
    pub period: Period,
    /// When each version became known, and its number.
    pub versions: Vec<(DateTime<Utc>, Option<f64>)>,
}

/// Statistics of revisions, from the first figure to the newest.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RevisionStatistics {
    /// Figures that were delivered.
    pub figures: usize,
    /// Those that were delivered again with another value.
    pub revised: usize,
    /// Mean revision over all.
    pub mean: Option<f64>,
    /// Mean absolute revision over all.
    pub mean_absolute: Option<f64>,
    /// Sum of absolute revisions over the sum of absolute newest figures.
    pub relative_mean_absolute: Option<f64>,
    /// Median absolute revision of the revised.
    pub median_absolute: Option<f64>,
    /// Absolute revision that nine tenths of the revised do not exceed.
    pub p90_absolute: Option<f64>,
    /// Share of the revised that went up.
    pub upward_share: Option<f64>,
    /// Median days from the end of a period to its first figure.
    pub delay_days_median: Option<f64>,
}

/// One delay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delay {
    /// Growth from the delay before; absent for the first.
    pub factor: Option<f64>,
    /// Periods that the factor rests on.
    pub periods: usize,
    /// Share of the final figure that is there.
    pub completeness: Option<f64>,
}

/// A period that may still grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeriodNowcast {
    /// The period.
    pub period: Period,
    /// What was reported.
    pub reported: f64,
    /// What it will be.
    pub estimate: f64,
    /// Share of the estimate that is there.
    pub completeness: Option<f64>,
    /// Mack's 95 % interval; absent where too few periods tell.
    pub interval95: Option<(f64, f64)>,
    /// The fewest periods that one of its factors rests on.
    pub periods: usize,
}

/// Completeness by delay, and estimates for the newest periods, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reporting {
    /// By delay in whole periods.
    pub delays: Vec<Delay>,
    /// Estimates.
    pub nowcasts: Vec<PeriodNowcast>,
}

impl FigureHistory {
    fn numbers(&self) -> impl DoubleEndedIterator<Item = (DateTime<Utc>, f64)> + '_ {
        let numbers = self.versions.iter();
        numbers.filter_map(|(known, value)| Some((*known, value.filter(|value| value.is_finite())?)))
    }

    /// Days from the end of the period to its first figure.
    #[must_use]
    pub fn delay_days(&self) -> Option<i64> {
        let (first, _) = self.numbers().next()?;
        Some((first.date_naive() - self.period.end()).num_days())
    }

    /// The figure at the end of a day; `None` while there is none, or when it was taken back.
    fn on(&self, day: NaiveDate) -> Option<f64> {
        let mut known = self.versions.iter().rev();
        known.find(|(moment, _)| moment.date_naive() <= day)?.1
    }
}

/// The statistics of figures; a measure is absent where nothing was delivered that it could be taken from.
#[must_use]
pub fn revision_statistics(figures: &[FigureHistory]) -> RevisionStatistics {
    let mut found = RevisionStatistics::default();
    let (mut changes, mut sizes, mut finals, mut delays) = (Vec::new(), Vec::new(), 0.0, Vec::new());
    let mut upward = 0;
    for figure in figures {
        let (Some((_, first)), Some((_, last))) = (figure.numbers().next(), figure.numbers().next_back())
        else {
            continue;
        };
        found.figures += 1;
        changes.push(last - first);
        finals += last.abs();
        delays.extend(figure.delay_days().map(|days| days as f64));
        let differs = figure.numbers().any(|(_, value)| (value - first).abs() > 0.0);
        if differs {
            found.revised += 1;
            sizes.push((last - first).abs());
            upward += usize::from(last > first);
        }
    }
    let mean = |sum: f64| (found.figures > 0).then(|| sum / found.figures as f64);
    let absolute: f64 = changes.iter().map(|change| change.abs()).sum();
    sizes.sort_by(f64::total_cmp);
    let rank = (0.9 * sizes.len() as f64 - 1e-9).ceil() as usize;
    RevisionStatistics {
        mean: mean(changes.iter().sum()),
        mean_absolute: mean(absolute),
        relative_mean_absolute: (finals > 0.0).then(|| absolute / finals),
        median_absolute: median(&sizes),
        p90_absolute: rank.checked_sub(1).and_then(|at| sizes.get(at).copied()),
        upward_share: (found.revised > 0).then(|| f64::from(upward as u32) / found.revised as f64),
        delay_days_median: median(&delays),
        ..found
    }
}

/// Fewest periods that a factor rests on.
const FEWEST: usize = 2;

/// The longest delay that is looked at, in periods.
#[must_use]
pub fn longest_delay(frequency: Frequency) -> usize {
    match frequency {
        Frequency::Daily => 14,
        Frequency::Weekly => 8,
        Frequency::Monthly => 6,
        Frequency::Quarterly => 4,
        _ => 3,
    }
}

/// A period of the triangle: sums over its figures.
struct Row {
    period: Period,
    /// Known at the end of each delay that has passed; at least of the first.
    known: Vec<Option<f64>>,
    /// Known now.
    now: f64,
}

/// Completeness and estimates of figures of one frequency that may be added up, as known on a day.
#[must_use]
pub fn reporting(figures: &[FigureHistory], frequency: Frequency, today: NaiveDate) -> Reporting {
    let longest = longest_delay(frequency);
    let mut by_period: BTreeMap<NaiveDate, Vec<&FigureHistory>> = BTreeMap::new();
    for figure in figures {
        let first = figure.numbers().next().map(|(known, _)| known.date_naive());
        let last_day = day_of(&figure.period, longest);
        if first.zip(last_day).is_some_and(|(first, last)| first <= last) {
            by_period.entry(figure.period.start()).or_default().push(figure);
        }
    }
    let rows: Vec<Row> = by_period
        .values()
        .filter_map(|figures| row(figures, longest, today))
        .collect();
    let known: Vec<Vec<Option<f64>>> = rows.iter().map(|row| row.known.clone()).collect();
    let resting = |delay: usize| known.iter().filter(|row| both(row, delay).is_some()).count();
    let rest: Vec<usize> = (1..=longest)
        .map(resting)
        .take_while(|periods| *periods >= FEWEST)
        .collect();
    // How figures grow after the last delay that enough periods have seen, nobody knows yet.
    let longest = rest.len();
    if longest == 0 {
        return Reporting::default();
    }
    let found = nowcast(&triangle(&known), longest);
    let mut delays = Vec::with_capacity(longest + 1);
    for delay in 0..=longest {
        let growth: Option<f64> = found.factors.iter().skip(delay).copied().product();
        let before = delay.checked_sub(1);
        delays.push(Delay {
            factor: before.and_then(|at| found.factors.get(at).copied().flatten()),
            periods: before.and_then(|at| rest.get(at).copied()).unwrap_or(0),
            completeness: growth
                .map(|growth| 1.0 / growth)
                .filter(|share| share.is_finite()),
        });
    }
    let newest = rows.iter().zip(&found.completeness).filter_map(|(row, share)| {
        let reached = row.known.len().checked_sub(1)?;
        if reached >= longest {
            return None;
        }
        let estimate = row.now / (*share)?;
        let error = mack_error(&known, &found.factors, reached, row.now);
        Some(PeriodNowcast {
            period: row.period,
            reported: row.now,
            estimate,
            completeness: *share,
            interval95: error.map(|error| ((estimate - 1.96 * error).max(0.0), estimate + 1.96 * error)),
            periods: rest.iter().skip(reached).copied().min().unwrap_or(0),
        })
    });
    Reporting {
        nowcasts: newest.filter(|it| it.estimate.is_finite()).collect(),
        delays,
    }
}

/// The last day of a delay: that of the period so many after the one that follows.
fn day_of(period: &Period, delay: usize) -> Option<NaiveDate> {
    Some(period.shift(i32::try_from(delay).ok()?.checked_add(1)?)?.end())
}

fn row(figures: &[&FigureHistory], longest: usize, today: NaiveDate) -> Option<Row> {
    let period = figures.first()?.period;
    let sum = |day: NaiveDate| {
        let known: Vec<f64> = figures.iter().filter_map(|figure| figure.on(day)).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>())
    };
    let now = sum(today)?;
    let passed = (0..=longest).map_while(|delay| day_of(&period, delay).filter(|day| *day < today));
    let mut known: Vec<Option<f64>> = passed.map(sum).collect();
    if known.is_empty() {
        known.push(Some(now));
    }
    // Before its first figure a period held nothing.
    let known = known.into_iter().map(|figure| Some(figure.unwrap_or(0.0)));
    Some(Row {
        period,
        known: known.collect(),
        now,
    })
}

/// What a row held at the delay before and at this one.
fn both(row: &[Option<f64>], delay: usize) -> Option<(f64, f64)> {
    let before = row.get(delay.checked_sub(1)?).copied().flatten()?;
    Some((before, row.get(delay).copied().flatten()?))
}

/// Mack's standard error of the estimate of a row that has reached a delay.
fn mack_error(known: &[Vec<Option<f64>>], factors: &[Option<f64>], reached: usize, now: f64) -> Option<f64> {
    let (mut expected, mut sum) = (now, 0.0);
    for (at, factor) in factors.iter().enumerate().skip(reached) {
        let factor = (*factor)?;
        let pairs: Vec<(f64, f64)> = known.iter().filter_map(|row| both(row, at + 1)).collect();
        let positive = pairs.iter().filter(|(before, _)| *before > 0.0);
        let n = positive.clone().count();
        if n < 2 || expected <= 0.0 || factor <= 0.0 {
            return None;
        }
        let spread: f64 = positive
            .map(|(before, after)| before * (after / before - factor).powi(2))
            .sum::<f64>()
            / (n - 1) as f64;
        let weight: f64 = pairs.iter().map(|(before, _)| before).sum();
        sum += spread / (factor * factor) * (1.0 / expected + 1.0 / weight);
        expected *= factor;
    }
    let error = expected * sum.sqrt();
    error.is_finite().then_some(error)
}
