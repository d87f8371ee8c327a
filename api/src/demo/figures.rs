//! Figures of the demonstration: a curve, an ordinary scatter, and a few shocks that risk metrics should notice.
//!
//! Invented, and always the same for the same series and period, however often and in whatever order they are
//! asked for. Says nothing about the real world.

use chrono::{Datelike, NaiveDate};
use std::f64::consts::TAU;

/// How a count moves through time, before it is shared out among regions, sections or citizenships.
#[derive(Clone, Copy, Debug)]
pub(super) struct Curve {
    /// Mean of a period at the beginning, for the whole country.
    pub(super) level: f64,
    /// Relative growth in a year.
    pub(super) growth: f64,
    /// Relative height of the season.
    pub(super) season: f64,
    /// Day of the year on which the season is highest.
    pub(super) peak_day: f64,
    /// Relative scatter beside that of counting itself.
    pub(super) scatter: f64,
}

/// What happens in a part of the country for some weeks.
struct Shock {
    indicator: &'static str,
    part: &'static str,
    /// First week, counted from the first of the demonstration.
    week: i64,
    weeks: i64,
    factor: f64,
}

const fn shock(indicator: &'static str, part: &'static str, week: i64, weeks: i64, factor: f64) -> Shock {
    Shock {
        indicator,
        part,
        week,
        weeks,
        factor,
    }
}

/// Weeks 148 to 155 are the newest ones when the demonstration is started for the first time.
const SHOCKS: &[Shock] = &[
    shock("ASY_APPL", "UA51000000000030770", 154, 2, 6.0),
    shock("ASY_APPL", "UA21000000000011690", 120, 4, 4.0),
    shock("IRR_DETECTED", "UA46000000000026241", 153, 3, 2.6),
    shock("IRR_DETECTED", "UA80000000000093317", 110, 2, 1.9),
    shock("IDP_REG_NEW", "UA59000000000057109", 155, 1, 5.0),
    shock("IDP_REG_NEW", "UA63000000000041885", 128, 5, 4.5),
    shock("IDP_REG_NEW", "UA14000000000091971", 150, 4, 2.2),
    shock("BRD_IBC_BCP_BTW", "MD", 153, 3, 3.6),
    shock("BRD_IBC_BCP_BTW", "RO", 132, 6, 1.8),
    shock("BRD_REFUSED", "PL", 155, 1, 2.5),
    shock("BRD_REFUSED", "HU", 141, 2, 2.0),
    shock("DET_STOCK", "PTPI", 149, 7, 1.12),
    shock("EU_ASY_APPL", "UA", 143, 30, 1.5),
    shock("EU_IBC", "UA", 144, 30, 1.7),
    shock("EU_IBC", "SY", 100, 10, 0.6),
];

/// The source of every figure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figures {
    /// First day of the first week.
    pub(super) first_day: NaiveDate,
}

impl Figures {
    /// How many there are in one part of the country in the period that begins on this day.
    pub(super) fn count(&self, indicator: &str, part: &str, curve: Curve, share: f64, day: NaiveDate) -> u64 {
        let years = (day - self.first_day).num_days() as f64 / 365.25;
        let season = (TAU * (f64::from(day.ordinal()) - curve.peak_day) / 365.25).cos();
        let mean = curve.level
            * share
            * (1.0 + curve.growth * years).max(0.1)
            * (1.0 + curve.season * season)
            * self.shock_factor(indicator, part, day);
        let mut draw = Draw::of(&[indicator, part], day);
        let deviation = (mean + (curve.scatter * mean).powi(2)).sqrt();
        whole(mean + deviation * draw.bell())
    }

    /// How many of these cases went this way, case by case.
    pub(super) fn cases_of(&self, indicator: &str, part: &str, of: u64, rate: f64, day: NaiveDate) -> u64 {
        let mut draw = Draw::of(&[indicator, part], day);
        if of > 400 {
            let mean = of as f64 * rate;
            return whole(mean + (mean * (1.0 - rate)).sqrt() * draw.bell()).min(of);
        }
        (0..of).filter(|_| draw.unit() < rate).count() as u64
    }

    /// A total taken apart by codes; the parts make the total exactly.
    pub(super) fn split(
        &self,
        indicator: &str,
        part: &str,
        total: u64,
        shares: &[(&'static str, f64)],
        day: NaiveDate,
    ) -> Vec<(&'static str, u64)> {
        let (mut left, mut share_left) = (total, shares.iter().map(|(_, share)| share).sum::<f64>());
        let parts = shares.iter().map(|(code, share)| {
            let rate = if share_left > *share {
                share / share_left
            } else {
                1.0
            };
            let taken = self.cases_of(indicator, &format!("{part}/{code}"), left, rate, day);
            left -= taken;
            share_left -= share;
            (*code, taken)
        });
        parts.collect()
    }

    fn shock_factor(&self, indicator: &str, part: &str, day: NaiveDate) -> f64 {
        let week = (day - self.first_day).num_days().div_euclid(7);
        let named = SHOCKS.iter().filter(|shock| {
            shock.indicator == indicator
                && shock.part == part
                && (shock.week..shock.week + shock.weeks).contains(&week)
        });
        let factor: f64 = named.map(|shock| shock.factor).product();
        // Life is restless elsewhere too: about one period in two hundred stands out.
        let mut draw = Draw::of(&[indicator, part, "restless"], day);
        if draw.unit() < 0.005 {
            factor * (1.3 + draw.unit())
        } else {
            factor
        }
    }
}

fn whole(number: f64) -> u64 {
    // Never negative here, and far below the range of the integer.
    number.round().max(0.0) as u64
}

/// Splitmix64 (Steele, Lea, Flood 2014), begun from a text and a day.
struct Draw(u64);

impl Draw {
    fn of(words: &[&str], day: NaiveDate) -> Self {
        // FNV-1a; only has to tell series and periods apart.
        let day = day.num_days_from_ce().to_le_bytes();
        let bytes = words.iter().flat_map(|word| word.bytes().chain([0])).chain(day);
        Self(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// At least 0, below 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Nearly normal: mean 0, deviation 1, never beyond 3.5.
    fn bell(&mut self) -> f64 {
        (0..4)
            .map(|_| self.unit())
            .sum::<f64>()
            .mul_add(3.0_f64.sqrt(), -2.0 * 3.0_f64.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CURVE: Curve = Curve {
        level: 1_000.0,
        growth: 0.1,
        season: 0.2,
        peak_day: 200.0,
        scatter: 0.05,
    };

    fn figures() -> Figures {
        Figures {
            first_day: "2023-11-27".parse().unwrap(),
        }
    }

    #[test]
    fn a_figure_is_the_same_whenever_it_is_asked_for() {
        let day = "2025-03-03".parse().unwrap();
        let once = figures().count("IRR_DETECTED", "UA46000000000026241", CURVE, 0.1, day);
        assert_eq!(
            once,
            figures().count("IRR_DETECTED", "UA46000000000026241", CURVE, 0.1, day)
        );
        assert!((50..300).contains(&once), "{once}");
    }

    #[test]
    fn parts_make_the_total() {
        let day = "2025-03-03".parse().unwrap();
        for total in [0, 1, 17, 5_000, 1_234_567] {
            let parts = figures().split("X", "UA", total, &[("SY", 0.5), ("AF", 0.3), ("OTH", 0.2)], day);
            assert_eq!(parts.iter().map(|(_, count)| count).sum::<u64>(), total);
        }
    }

    #[test]
    fn a_shock_lifts_its_own_weeks_only() {
        let figures = figures();
        let day = |week: i64| figures.first_day + chrono::Days::new(u64::try_from(week * 7).unwrap());
        let of = |week| figures.count("BRD_IBC_BCP_BTW", "MD", CURVE, 1.0, day(week));
        assert!(
            of(153) > 2 * of(152).min(of(151)) * 9 / 10,
            "{} {}",
            of(153),
            of(152)
        );
    }
}
