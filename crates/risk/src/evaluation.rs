//! How well the engine judges: are its p-values what they say, are its alarms true, do its levels last.
//!
//! Plain arithmetic over what was stored; reads nothing itself. A share always comes with the band in which the true
//! one lies: Wilson 1927, as Brown, Cai and DasGupta 2001 recommend it for small numbers.

use crate::level::Level;

/// The normal quantile of a two-sided band of 95 %.
const Z95: f64 = 1.959_963_984_540_054;

/// The p-values at which calibration is measured.
pub const CALIBRATION_POINTS: [f64; 3] = [0.1, 0.01, 0.001];

/// A share of a count, with its 95 % band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proportion {
    /// How many.
    pub count: u64,
    /// Out of how many.
    pub of: u64,
    /// The share; absent where there is nothing to take it of.
    pub share: Option<f64>,
    /// Lower end of the band, 0 to 1.
    pub low: f64,
    /// Upper end of the band, 0 to 1.
    pub high: f64,
}

impl Proportion {
    /// So many out of so many; more than all counts as all.
    #[must_use]
    pub fn of(count: u64, of: u64) -> Self {
        let count = count.min(of);
        if of == 0 {
            return Self {
                count,
                of,
                share: None,
                low: 0.0,
                high: 1.0,
            };
        }
        let (part, all) = (count as f64, of as f64);
        let (share, z2) = (part / all, Z95 * Z95);
        let middle = (share + z2 / (2.0 * all)) / (1.0 + z2 / all);
        let half = Z95 / (1.0 + z2 / all) * (share * (1.0 - share) / all + z2 / (4.0 * all * all)).sqrt();
        Self {
            count,
            of,
            share: Some(share),
            low: (middle - half).clamp(0.0, share),
            high: (middle + half).clamp(share, 1.0),
        }
    }

    /// Whether a share that was promised lies in the band.
    #[must_use]
    pub fn admits(&self, promised: f64) -> bool {
        self.low <= promised && promised <= self.high
    }
}

/// How often p is at most this, and whether that is as often as promised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    /// The promised share.
    pub p: f64,
    /// The share that was found.
    pub found: Proportion,
    /// Whether the band holds the promised share.
    pub in_band: bool,
}

/// Calibration at each of [`CALIBRATION_POINTS`] over p-values of quiet periods; what is no probability counts as none.
#[must_use]
pub fn calibration(p: &[f64]) -> Vec<Calibration> {
    let tests: Vec<f64> = p.iter().copied().filter(|p| (0.0..=1.0).contains(p)).collect();
    let measured = CALIBRATION_POINTS.iter().map(|point| {
        let found = tests.iter().filter(|p| *p <= point).count();
        let found = Proportion::of(found as u64, tests.len() as u64);
        Calibration {
            p: *point,
            found,
            in_band: found.admits(*point),
        }
    });
    measured.collect()
}

/// What an analyst found an alert to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Something happened.
    Real,
    /// Something that was known to come happened.
    KnownEvent,
    /// The figures were wrong.
    DataError,
    /// Nothing happened.
    False,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 4] = [Self::Real, Self::KnownEvent, Self::DataError, Self::False];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::KnownEvent => "known_event",
            Self::DataError => "data_error",
            Self::False => "false",
        }
    }

    /// Whether the alarm was right about the figures: something did happen.
    #[must_use]
    pub fn is_true(self) -> bool {
        matches!(self, Self::Real | Self::KnownEvent)
    }
}

/// Verdicts counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VerdictCounts {
    /// Real.
    pub real: u64,
    /// Known events.
    pub known_event: u64,
    /// Errors of data.
    pub data_error: u64,
    /// False.
    pub r#false: u64,
}

impl VerdictCounts {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Real => self.real += 1,
            Verdict::KnownEvent => self.known_event += 1,
            Verdict::DataError => self.data_error += 1,
            Verdict::False => self.r#false += 1,
        }
    }

    /// The share of assessed alerts behind which something did happen: the positive predictive value.
    #[must_use]
    pub fn positive_predictive_value(&self) -> Proportion {
        let right = self.real + self.known_event;
        Proportion::of(right, right + self.data_error + self.r#false)
    }
}

/// The level first said about a period and the one said now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelRevision {
    /// First.
    pub first: Level,
    /// Now.
    pub newest: Level,
}

/// How far levels moved after they were first said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelRevisions {
    /// Periods where both levels are known: how many of them changed.
    pub changed: Proportion,
    /// Of them, how many rose.
    pub raised: u64,
    /// How many fell.
    pub lowered: u64,
    /// Mean number of steps, over all that are compared.
    pub mean_steps: Option<f64>,
    /// Periods that were unknown at first and are known now.
    pub became_known: u64,
    /// Periods that were known at first and are unknown now.
    pub became_unknown: u64,
}

/// Counts revisions; a level that is unknown is no step below another.
#[must_use]
pub fn level_revisions(revisions: impl IntoIterator<Item = LevelRevision>) -> LevelRevisions {
    let (mut compared, mut raised, mut lowered, mut steps) = (0_u64, 0_u64, 0_u64, 0_u64);
    let (mut became_known, mut became_unknown) = (0, 0);
    for LevelRevision { first, newest } in revisions {
        match (first, newest) {
            (Level::Unknown, Level::Unknown) => {}
            (Level::Unknown, _) => became_known += 1,
            (_, Level::Unknown) => became_unknown += 1,
            _ => {
                compared += 1;
                steps += u64::from((newest as u8).abs_diff(first as u8));
                raised += u64::from(newest > first);
                lowered += u64::from(newest < first);
            }
        }
    }
    LevelRevisions {
        changed: Proportion::of(raised + lowered, compared),
        raised,
        lowered,
        mean_steps: (compared > 0).then(|| steps as f64 / compared as f64),
        became_known,
        became_unknown,
    }
}
