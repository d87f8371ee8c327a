//! Farrington's detector for weekly counts: a seasonal quasi-Poisson regression on up to five years of past.
//!
//! Farrington 1996 with the flexible form of Noufaily 2013: all weeks of the baseline with season levels, past
//! outbreaks weighted down by Anscombe residuals, a negative binomial in place of a normal threshold. Reads only
//! weeks before the one judged, and leaves out the newest 26.

use crate::calendar::reference_monday;
use crate::poisson_fit::{PoissonFit, poisson_fit};
use crate::tail::CountTail;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// Least share of the weeks of a baseline that must be present.
const PRESENT: f64 = 0.7;
/// Fewest events of a baseline.
const EVENTS: f64 = 5.0;
/// Weeks whose events decide whether there are enough of them now.
const RECENT: usize = 4;

/// The settings of the method.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct FarringtonSettings {
    /// Weeks on each side of a reference week that belong to the season of now.
    pub w: u16,
    /// Season levels, the one of now included.
    pub seasons: u16,
    /// Weeks just before now that are left out.
    pub past_excluded: u16,
    /// Standardised residual above which a past week is weighted down.
    pub weights_threshold: f64,
    /// The probability at which the upper bound is drawn.
    pub alpha: f64,
}

impl Default for FarringtonSettings {
    fn default() -> Self {
        Self {
            w: 3,
            seasons: 10,
            past_excluded: 26,
            weights_threshold: 2.58,
            alpha: 0.01,
        }
    }
}

/// One week against its expectation.
#[derive(Clone, Debug, PartialEq)]
pub struct Farrington {
    /// Years of the past.
    pub years: u16,
    /// Expected count.
    pub mean: f64,
    /// Dispersion: variance over mean, at least 1.
    pub dispersion: f64,
    /// Whether a trend was kept.
    pub trend: bool,
    /// The smallest count whose upper probability is below alpha is one more than this.
    pub upper: f64,
    /// The smallest count whose lower probability is not below alpha.
    pub lower: f64,
    /// Probability of a count this high, and this low.
    pub p: (f64, f64),
    /// Whether the last four weeks hold too few events for an alarm upwards.
    pub low_counts: bool,
    /// Places in the past of the weeks that were used, with their weights.
    pub weights: Vec<(usize, f64)>,
}

/// Judges a count; `past` are the weeks just before `monday`, oldest first, the last of them one week before.
///
/// Takes the most years, five to three, for which the past reaches back far enough and is full enough; `None`
/// when no number of years will do, or the regression has no solution.
#[must_use]
pub fn farrington(
    past: &[Option<f64>],
    now: f64,
    monday: NaiveDate,
    settings: &FarringtonSettings,
) -> Option<Farrington> {
    (3..=5_u16)
        .rev()
        .filter(|years| reaches(past, monday, *years, settings))
        .find_map(|years| farrington_years(past, now, monday, years, settings))
}

/// Whether the past begins early enough for so many years, is full enough and holds enough events.
fn reaches(past: &[Option<f64>], monday: NaiveDate, years: u16, settings: &FarringtonSettings) -> bool {
    let Some(first) =
        place_of(past.len(), monday, years).and_then(|place| place.checked_sub(usize::from(settings.w)))
    else {
        return false;
    };
    let begun = past.iter().position(Option::is_some);
    let end = past.len().saturating_sub(usize::from(settings.past_excluded));
    let Some(weeks) = past.get(first..end).filter(|weeks| !weeks.is_empty()) else {
        return false;
    };
    let present = weeks.iter().flatten().count() as f64;
    begun.is_some_and(|begun| begun <= first)
        && present / weeks.len() as f64 >= PRESENT
        && weeks.iter().flatten().sum::<f64>() >= EVENTS
}

/// The place in the past of the reference week so many years before.
fn place_of(now: usize, monday: NaiveDate, years: u16) -> Option<usize> {
    if years == 0 {
        return Some(now);
    }
    let days = (monday - reference_monday(monday, years)?).num_days();
    now.checked_sub(usize::try_from(days / 7).ok()?)
}

/// The season level of each week; 0 for weeks before the baseline.
fn season_levels(
    now: usize,
    monday: NaiveDate,
    years: u16,
    settings: &FarringtonSettings,
) -> Option<Vec<u16>> {
    let (w, top) = (usize::from(settings.w), settings.seasons.max(1));
    let places: Option<Vec<usize>> = (0..=years).map(|year| place_of(now, monday, year)).collect();
    let places = places?;
    let mut levels = vec![0_u16; now];
    let mut mark = |from: usize, length: usize, level: u16| {
        levels
            .iter_mut()
            .skip(from)
            .take(length)
            .for_each(|mark| *mark = level);
    };
    mark(now.saturating_sub(w), w, top);
    for (later, earlier) in places.iter().zip(places.iter().skip(1)) {
        let first = earlier.saturating_sub(w);
        mark(first, earlier + w + 1 - first, top);
        let blocks = usize::from(top) - 1;
        if blocks == 0 {
            continue;
        }
        let gap = later.checked_sub(2 * w + 1 + earlier)?;
        let mut from = earlier + w + 1;
        for block in 1..top {
            let length = gap / blocks + usize::from(usize::from(block) <= gap % blocks);
            mark(from, length, block);
            from += length;
        }
    }
    Some(levels)
}

/// The weeks of a baseline that go into the regression.
struct Baseline {
    places: Vec<usize>,
    counts: Vec<f64>,
    /// Season level by week, and the levels that have a factor of their own.
    levels: Vec<u16>,
    factors: Vec<u16>,
}

impl Baseline {
    fn of(past: &[Option<f64>], levels: &[u16], settings: &FarringtonSettings) -> Self {
        let top = settings.seasons.max(1);
        let end = past.len().saturating_sub(usize::from(settings.past_excluded));
        let weeks = past.iter().zip(levels).enumerate().take(end);
        let mut weeks: Vec<(usize, f64, u16)> = weeks
            .filter(|(_, (_, level))| **level > 0)
            .filter_map(|(place, (count, level))| Some((place, (*count)?, *level)))
            .collect();
        let events = |weeks: &[(usize, f64, u16)], level: u16| -> f64 {
            let of_level = weeks.iter().filter(|week| week.2 == level);
            of_level.map(|week| week.1).sum()
        };
        // The season of now was always empty: a factor would put its mean at zero.
        if events(&weeks, top) <= 0.0 {
            weeks.iter_mut().for_each(|week| week.2 = top);
        }
        // Another season without any event says nothing about the season of now.
        let empty: Vec<u16> = (1..top).filter(|level| events(&weeks, *level) <= 0.0).collect();
        weeks.retain(|week| !empty.contains(&week.2));
        let mut factors: Vec<u16> = weeks
            .iter()
            .map(|week| week.2)
            .filter(|level| *level != top)
            .collect();
        factors.sort_unstable();
        factors.dedup();
        Self {
            places: weeks.iter().map(|week| week.0).collect(),
            counts: weeks.iter().map(|week| week.1).collect(),
            levels: weeks.iter().map(|week| week.2).collect(),
            factors,
        }
    }

    /// The row of a week; time runs from 0 at the first week of the baseline to 1 now.
    fn row(&self, place: usize, level: u16, now: usize, trend: bool) -> Vec<f64> {
        let first = self.places.first().copied().unwrap_or(0);
        let mut row = vec![1.0];
        if trend {
            row.push(place.saturating_sub(first) as f64 / now.saturating_sub(first).max(1) as f64);
        }
        row.extend(
            self.factors
                .iter()
                .map(|factor| if *factor == level { 1.0 } else { 0.0 }),
        );
        row
    }
}

/// Judges a count against exactly so many years, whether or not the past is full enough.
#[must_use]
pub fn farrington_years(
    past: &[Option<f64>],
    now: f64,
    monday: NaiveDate,
    years: u16,
    settings: &FarringtonSettings,
) -> Option<Farrington> {
    if past
        .iter()
        .flatten()
        .chain([&now])
        .any(|count| !count.is_finite() || *count < 0.0)
    {
        return None;
    }
    let levels = season_levels(past.len(), monday, years, settings)?;
    let baseline = Baseline::of(past, &levels, settings);
    let expect = |trend: bool| -> Option<(f64, PoissonFit, Vec<f64>)> {
        let rows = baseline.places.iter().zip(&baseline.levels);
        let rows: Vec<Vec<f64>> = rows
            .map(|(place, level)| baseline.row(*place, *level, past.len(), trend))
            .collect();
        let (fit, weights) = reweighted(&rows, &baseline.counts, settings.weights_threshold)?;
        let row = baseline.row(past.len(), settings.seasons.max(1), past.len(), trend);
        Some((crate::linear::dot(&row, &fit.coefficients).exp(), fit, weights))
    };
    let most = baseline.counts.iter().copied().fold(0.0, f64::max);
    let with_trend = expect(true).filter(|found| years >= 3 && found.0 <= most);
    let trend = with_trend.is_some();
    let (mean, fit, weights) = match with_trend {
        Some(found) => found,
        None => expect(false)?,
    };
    let tail = CountTail::new(mean, fit.dispersion)?;
    let recent = past.iter().rev().take(RECENT - 1).flatten().sum::<f64>() + now;
    Some(Farrington {
        years,
        mean,
        dispersion: fit.dispersion,
        trend,
        upper: tail.quantile(1.0 - settings.alpha),
        lower: tail.quantile(settings.alpha),
        p: (tail.at_least(now), tail.at_most(now)),
        low_counts: recent < EVENTS,
        weights: baseline.places.iter().copied().zip(weights).collect(),
    })
}

/// The regression, and again with past outbreaks weighted down.
fn reweighted(rows: &[Vec<f64>], counts: &[f64], threshold: f64) -> Option<(PoissonFit, Vec<f64>)> {
    let equal = vec![1.0; counts.len()];
    let first = poisson_fit(rows, counts, &equal)?;
    let weighed = counts.iter().zip(&first.means).zip(&first.leverages);
    let weights: Vec<f64> = weighed
        .map(|((count, mean), leverage)| {
            let raw = 1.5 * (count.powf(2.0 / 3.0) * mean.powf(-1.0 / 6.0) - mean.sqrt());
            let residual = raw / (first.dispersion * (1.0 - leverage)).sqrt();
            if residual > threshold {
                residual.powi(-2)
            } else {
                1.0
            }
        })
        .collect();
    let sum: f64 = weights.iter().sum();
    let scale = weights.len() as f64 / sum;
    let weights: Vec<f64> = weights.iter().map(|weight| weight * scale).collect();
    Some((poisson_fit(rows, counts, &weights)?, weights))
}
