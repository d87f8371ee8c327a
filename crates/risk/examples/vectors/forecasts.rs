//! Forecast cases, judged by the rule of the vectors, since optimisers differ.
//!
//! Theta and ARIMA of the same order: means within 2 % of a reference. A form of exponential smoothing: means
//! within 2 % of a reference, or an AICc that is no worse than the reference's (by 1 for a given form, by 2 for
//! an automatic choice). 95 % widths within 15 % of a reference, unless the fit has a lower AICc than the
//! reference: then the reference did not reach the top of the likelihood, and its widths belong to another place.

use crate::cases::listed;
use leleka_risk::forecast::{Arima, ArimaOrder, Ets, EtsError, EtsForm, EtsSeason, EtsTrend, theta};
use serde_json::Value;

const MEAN: f64 = 0.02;
const WIDTH: f64 = 0.15;

type Ahead = Vec<(f64, f64)>;

/// What is compared: the next values, and the criterion if the method has one.
struct Answer {
    ahead: Ahead,
    aicc: Option<f64>,
}

/// The worst relative deviation of a mean that had to agree, and what does not pass; `None` when the case cannot
/// be read.
pub(crate) fn forecast_judged(case: &Value) -> Option<(f64, Vec<String>)> {
    let values = listed(case.pointer("/input/values"), Value::as_f64)?;
    let period = usize::try_from(case.pointer("/params/period")?.as_u64()?).ok()?;
    let horizon = usize::try_from(case.pointer("/params/h")?.as_u64()?).ok()?;
    let (mut worst, mut differences) = (0.0_f64, Vec::new());
    for (name, reference) in case.pointer("/expected/r_forecast")?.as_object()? {
        let Some(answer) = answer(name, reference, &values, period, horizon) else {
            differences.push(format!("{name}: no forecast"));
            continue;
        };
        let other = match name.as_str() {
            "theta" => "autotheta",
            "arima" => "autoarima",
            _ => "autoets",
        };
        let automatic = name.contains('Z');
        // Another automatic choice is no reference for a given form.
        let second = case.pointer(&format!("/expected/statsforecast/{other}"));
        let second = second.filter(|_| automatic || !name.starts_with("ets"));
        let found: Vec<(f64, f64)> = [Some(reference), second]
            .into_iter()
            .flatten()
            .filter_map(|reference| deviations(&answer.ahead, reference))
            .collect();
        let best = found
            .iter()
            .copied()
            .min_by(|left, right| left.0.total_cmp(&right.0))?;
        let allowed = if automatic { 2.0 } else { 1.0 };
        let fits = reference.get("aicc").and_then(Value::as_f64).zip(answer.aicc);
        let fits = fits.is_some_and(|(reference, own)| own <= reference + allowed);
        let fits = fits && name.starts_with("ets");
        if best.0 <= MEAN {
            worst = worst.max(best.0);
        } else if !fits {
            let own = answer.aicc.map_or(f64::NAN, |aicc| aicc);
            differences.push(format!("{name}: mean off by {:.3}, AICc {own:.3}", best.0));
            continue;
        }
        let narrowest = found.iter().map(|found| found.1).fold(f64::INFINITY, f64::min);
        let better = name.starts_with("ets")
            && reference
                .get("aicc")
                .and_then(Value::as_f64)
                .zip(answer.aicc)
                .is_some_and(|(reference, own)| own < reference);
        if narrowest > WIDTH && !better {
            differences.push(format!("{name}: width off by {narrowest:.3}"));
        }
    }
    Some((worst, differences))
}

/// Largest relative deviation of the means, and of the 95 % widths.
fn deviations(ahead: &Ahead, reference: &Value) -> Option<(f64, f64)> {
    let of = |name: &str| listed(reference.get(name), Value::as_f64);
    let (mean, lower, upper) = (of("mean")?, of("lo95")?, of("hi95")?);
    let means = ahead
        .iter()
        .zip(&mean)
        .map(|(own, mean)| (own.0 - mean).abs() / mean.abs());
    let widths = ahead
        .iter()
        .zip(lower.iter().zip(&upper))
        .map(|(own, (lower, upper))| {
            let width = 2.0 * 1.959_963_984_540_054 * own.1.sqrt();
            (width - (upper - lower)).abs() / (upper - lower)
        });
    let largest = |left: f64, right: f64| {
        if right.is_nan() {
            f64::INFINITY
        } else {
            left.max(right)
        }
    };
    Some((means.fold(0.0, largest), widths.fold(0.0, largest)))
}

fn answer(name: &str, reference: &Value, values: &[f64], period: usize, horizon: usize) -> Option<Answer> {
    if name == "theta" {
        let ahead = theta(values, period, horizon)?;
        return Some(Answer { ahead, aicc: None });
    }
    if name == "arima" {
        let order = order(reference.get("order")?, period)?;
        let with = Arima::fit(values, order, true);
        let without = Arima::fit(values, order, false);
        // The reference does not tell whether its model has a constant; its search leaves out models at the edge.
        let model = with.into_iter().chain(without).min_by(|left, right| {
            let edges = left.is_at_the_edge().cmp(&right.is_at_the_edge());
            edges.then(left.aicc.total_cmp(&right.aicc))
        })?;
        return Some(Answer {
            ahead: model.forecast(horizon),
            aicc: Some(model.aicc),
        });
    }
    let letters = name.strip_prefix("ets:")?;
    let model = if letters.contains('Z') {
        Ets::automatic(values, period)?
    } else {
        Ets::fit(values, period, form(letters)?)?
    };
    Some(Answer {
        ahead: model.forecast(horizon),
        aicc: Some(model.aicc),
    })
}

fn order(value: &Value, period: usize) -> Option<ArimaOrder> {
    let numbers = listed(Some(value), |number| u8::try_from(number.as_f64()? as i64).ok())?;
    let at = |place: usize| numbers.get(place).copied().unwrap_or(0);
    Some(ArimaOrder {
        p: at(0),
        d: at(1),
        q: at(2),
        seasonal_p: at(3),
        seasonal_d: at(4),
        seasonal_q: at(5),
        period: u16::try_from(period).ok()?,
    })
}

fn form(letters: &str) -> Option<EtsForm> {
    let mut all = letters.chars();
    let error = match all.next()? {
        'A' => EtsError::Additive,
        _ => EtsError::Multiplicative,
    };
    let trend = match (all.next()?, letters.ends_with('d')) {
        ('N', _) => EtsTrend::None,
        (_, false) => EtsTrend::Additive,
        (_, true) => EtsTrend::Damped,
    };
    let season = match all.next()? {
        'N' => EtsSeason::None,
        'A' => EtsSeason::Additive,
        _ => EtsSeason::Multiplicative,
    };
    Some(EtsForm { error, trend, season })
}
