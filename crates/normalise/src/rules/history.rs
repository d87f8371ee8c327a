//! A figure against its own history: how far from the median, in median absolute deviations, on a logarithmic scale.
//!
//! Only what earlier submissions said is history: a delivery of years at once is not held against itself. Robust: a
//! few odd weeks move neither median nor deviation (Iglewicz and Hoaglin, 1993).

use crate::rules::definition::{Jump, Rule};
use crate::rules::figures::{KnownFigures, SentFigure};
use crate::rules::judging::{Judging, finding_at, number};
use crate::rules::rulebook::Need;
use leleka_domain::{Code, Period, SeriesKey};

/// Makes a median absolute deviation comparable with a standard deviation.
const DEVIATIONS: f64 = 1.4826;

/// The middle of some numbers; `None` of none.
fn median(numbers: &mut [f64]) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    let upper = *numbers.get(middle)?;
    if numbers.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *numbers.get(middle.checked_sub(1)?)?;
    Some(f64::midpoint(lower, upper))
}

impl Jump {
    pub(crate) fn needs(&self, key: &SeriesKey, period: Period, needs: &mut Vec<Need>) {
        let (Some(first), Some(last)) = (period.shift(-self.history), period.shift(-1)) else {
            return;
        };
        needs.push(Need {
            series: key.id(),
            from: first.start(),
            to: last.start(),
        });
    }

    /// The ordinary range of a figure after this history, when this figure is far outside it.
    pub(crate) fn ordinary_range(&self, value: f64, history: &[f64]) -> Option<(f64, f64)> {
        if history.len() < self.least_history || value < 0.0 || history.iter().any(|number| *number < 0.0) {
            return None;
        }
        let mut logarithms: Vec<f64> = history.iter().map(|number| number.ln_1p()).collect();
        let middle = median(&mut logarithms)?;
        let mut distances: Vec<f64> = logarithms.iter().map(|it| (it - middle).abs()).collect();
        let deviation = (DEVIATIONS * median(&mut distances)?).max(self.least_deviation);
        if value.max(middle.exp_m1()) < self.least_size {
            return None;
        }
        let distance = (value.ln_1p() - middle).abs();
        let reach = (self.threshold * deviation).max(self.least_factor.ln());
        (distance > reach).then(|| {
            let low = (middle - reach).exp_m1().max(0.0).ceil();
            (low, (middle + reach).exp_m1().floor())
        })
    }
}

impl Judging<'_> {
    pub(crate) fn jump(
        &mut self,
        rule: &Rule,
        jump: &Jump,
        (key, figure): (&SeriesKey, SentFigure),
        known: &KnownFigures,
    ) {
        let period = Period::containing(key.frequency, figure.period);
        let first = period.and_then(|period| period.shift(-jump.history));
        let (Some(first), Some(value)) = (first, figure.value) else {
            return;
        };
        let history = known.earlier(key.id(), first.start(), figure.period);
        if let Some((low, high)) = jump.ordinary_range(value, &history) {
            let finding = finding_at(rule, Code::ValueOutlier, figure);
            let range = format!("{}–{}", number(low), number(high));
            self.tell(finding.value(&number(value)).expected(range), std::iter::empty());
        }
    }
}
