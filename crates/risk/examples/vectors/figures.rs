//! Vector cases over plain figures: detection by season, tests at once, decomposition, accuracy, delays.

use crate::cases::{listed, period, values};
use chrono::{Days, NaiveDate};
use leleka_domain::Period;
use leleka_risk::forecast as ahead;
use leleka_risk::{Cuts, Delivery, FarringtonSettings, LISTED_Q, farrington_years, q_values, score_of_p};
use serde_json::{Map, Value, json};

fn numbers(value: Option<&Value>) -> Option<Vec<f64>> {
    listed(value, Value::as_f64)
}

pub(crate) fn farrington(input: &Value, params: &Value) -> Option<Value> {
    let number = |name: &str| u16::try_from(params.get(name)?.as_u64()?).ok();
    let settings = FarringtonSettings {
        w: number("w")?,
        seasons: number("no_periods")?,
        past_excluded: number("past_excluded")?,
        weights_threshold: params.get("weights_threshold")?.as_f64()?,
        alpha: params.get("alpha")?.as_f64()?,
    };
    let first: NaiveDate = input.get("start_monday")?.as_str()?.parse().ok()?;
    let values = values(input)?;
    let judged = |week: &Period| {
        let place = usize::try_from((week.start() - first).num_days() / 7).ok()?;
        let monday = first.checked_add_days(Days::new(7 * u64::try_from(place).ok()?))?;
        let now = (*values.get(place)?)?;
        let found = farrington_years(values.get(..place)?, now, monday, number("b")?, &settings)?;
        Some((found, now))
    };
    let weeks = listed(input.get("evaluate"), period)?;
    let found: Vec<_> = weeks.iter().map(judged).collect::<Option<_>>()?;
    let scores: Vec<f64> = found.iter().map(|(found, _)| score_of_p(found.p.0)).collect();
    let of = |part: fn(&leleka_risk::Farrington) -> Value| -> Vec<Value> {
        found.iter().map(|(found, _)| part(found)).collect()
    };
    Some(json!({
        "weeks": weeks, "mu": of(|found| json!(found.mean)), "phi": of(|found| json!(found.dispersion)),
        "trend_used": of(|found| json!(found.trend)), "upper": of(|found| json!(found.upper)),
        "p": of(|found| json!(found.p.0)), "p_low": of(|found| json!(found.p.1)),
        "n_baseline": of(|found| json!(found.weights.len())),
        "alarm": found.iter().map(|(found, now)| *now > found.upper).collect::<Vec<_>>(),
        "level": scores.iter().map(|score| Cuts::default().level(Some(*score)).code()).collect::<Vec<_>>(),
        "score": scores,
    }))
}

pub(crate) fn false_discovery(input: &Value, params: &Value) -> Option<Value> {
    let p = listed(input.get("p"), |p| Some(p.as_f64()))?;
    let alpha = params.get("alpha").and_then(Value::as_f64).unwrap_or(LISTED_Q);
    let q = q_values(&p);
    let listed: Vec<bool> = q.iter().map(|q| q.is_some_and(|q| q <= alpha)).collect();
    Some(json!({ "q": q, "listed": listed }))
}

pub(crate) fn stl(input: &Value, params: &Value) -> Option<Value> {
    let period = usize::try_from(params.get("period")?.as_u64()?).ok()?;
    let robust = params.get("robust")?.as_bool()?;
    let found = ahead::decompose(&numbers(input.get("values"))?, period, robust)?;
    Some(json!({
        "robust_z_over_3_5": ahead::outliers(&found, 3.5),
        "seasonal": found.seasonal, "trend": found.trend, "remainder": found.remainder,
    }))
}

pub(crate) fn accuracy(input: &Value, params: &Value) -> Option<Value> {
    let of = |name: &str| numbers(input.get(name));
    let (past, actual, point) = (of("train")?, of("actual")?, of("forecast")?);
    let (lo80, hi80, lo95, hi95) = (of("lo80")?, of("hi80")?, of("lo95")?, of("hi95")?);
    let forecasted = ahead::Forecasted {
        actual: &actual,
        point: &point,
        at80: (&lo80, &hi80),
        at95: (&lo95, &hi95),
    };
    let season = usize::try_from(params.get("m")?.as_u64()?).ok()?;
    let found = ahead::accuracy(&past, season, &forecasted);
    Some(json!({
        "mase": found.mase, "rmsse": found.rmsse, "smape_percent": found.smape_percent,
        "coverage80": found.coverage80, "coverage95": found.coverage95, "msis95": found.msis95,
        "bias": found.bias,
    }))
}

pub(crate) fn conformal(input: &Value, params: &Value) -> Option<Value> {
    let errors = numbers(input.get("abs_errors"))?;
    let mut widths = Map::new();
    for level in numbers(params.get("levels"))? {
        let width = ahead::conformal_half_width(&errors, level / 100.0);
        widths.insert(level.to_string(), json!(width));
    }
    Some(json!({ "half_width": widths }))
}

pub(crate) fn nowcast(input: &Value, params: &Value) -> Option<Value> {
    let row = |row: &Value| listed(Some(row), |value| Some(value.as_f64()));
    let triangle = listed(input.get("triangle"), row)?;
    let delay = usize::try_from(params.get("max_delay")?.as_u64()?).ok()?;
    let found = leleka_risk::nowcast(&triangle, delay);
    Some(json!({
        "factors": found.factors, "completeness": found.completeness, "estimate": found.estimate,
    }))
}

pub(crate) fn quality(input: &Value, params: &Value) -> Option<Value> {
    let delivery = |row: &Value| {
        Some(Delivery {
            series: row.get("territory")?.as_str()?.to_owned(),
            period: period(row.get("period")?)?,
            received: row.get("received")?.as_str()?.parse().ok()?,
            value: row.get("value")?.as_f64(),
        })
    };
    let deliveries = listed(input.get("submissions"), delivery)?;
    let expected = usize::try_from(params.get("expected")?.as_u64()?).ok()?;
    let found = leleka_risk::quality(&deliveries, expected, params.get("due_days")?.as_i64()?);
    Some(json!({
        "completeness": found.completeness, "timeliness_median_days": found.timeliness_median_days,
        "timeliness_mean_days": found.timeliness_mean_days, "punctuality": found.punctuality,
        "punctuality_of_expected": found.punctuality_of_expected, "revised_share": found.revised_share,
        "mar": found.mar, "rmar": found.rmar, "mr": found.mr,
        "revisions_upward_share": found.revisions_upward_share,
    }))
}
