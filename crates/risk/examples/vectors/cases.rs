//! One vector case through the public API: how each kind of vector is put to the engine.
//!
//! Never looks at what a case expects.

use crate::cells::{dirty, expressions, metrics};
use crate::figures::{accuracy, conformal, false_discovery, farrington, nowcast, quality, stl};
use crate::tables::{composite, decomposition, disclosure};
use chrono::NaiveDate;
use leleka_domain::{Frequency, Period};
use leleka_risk::{
    Cuts, EarsMethod, Transform, cusum, ears, reference_monday, robust_z, score_of_p, score_on, year_base,
};
use serde_json::{Value, json};

/// What the engine answers to one case, in the form of the expected part.
///
/// `Err(false)`: nothing of this kind is implemented; `Err(true)`: the case has another form than is known here.
pub(crate) fn case_answer(kind: &str, case: &Value, datasets: Option<&Value>) -> Result<Value, bool> {
    let (Some(input), Some(params)) = (case.get("input"), case.get("params")) else {
        return Err(true);
    };
    let answer = match kind {
        "periods" => periods(input, params),
        "levels" => levels(input, params),
        "robust_z" => robust(input, params),
        "ears" => early(input, params),
        "cusum" => sums(input, params),
        "farrington" => farrington(input, params),
        "fdr" => false_discovery(input, params),
        "stl" => stl(input, params),
        "accuracy" => accuracy(input, params),
        "conformal" => conformal(input, params),
        "nowcast" => nowcast(input, params),
        "quality" => quality(input, params),
        "composite" => composite(input, params),
        "decomposition" => decomposition(input, params),
        "disclosure" => disclosure(input, params),
        "expressions" => expressions(input, datasets),
        "dirty" => dirty(input),
        "metrics" => metrics(input),
        _ => return Err(false),
    };
    answer.ok_or(true)
}

pub(crate) fn period(value: &Value) -> Option<Period> {
    value.as_str()?.parse().ok()
}

pub(crate) fn listed<T>(value: Option<&Value>, read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    value?.as_array()?.iter().map(read).collect()
}

pub(crate) fn values(input: &Value) -> Option<Vec<Option<f64>>> {
    listed(input.get("values"), |value| Some(value.as_f64()))
}

fn periods(input: &Value, params: &Value) -> Option<Value> {
    let day = |value: &Value| value.as_str()?.parse::<NaiveDate>().ok();
    if let Some(days) = listed(input.get("dates"), day) {
        let weeks = days.iter().map(|day| Period::containing(Frequency::Weekly, *day));
        let weeks: Option<Vec<_>> = weeks.map(|week| Some(week?.to_string())).collect();
        return Some(json!({ "weeks": weeks? }));
    }
    if let Some(years) = listed(input.get("years"), Value::as_i64) {
        let long = |year: &i64| format!("{year}-W53").parse::<Period>().is_ok();
        let weeks: Vec<i32> = years.iter().map(|year| 52 + i32::from(long(year))).collect();
        return Some(json!({ "weeks": weeks }));
    }
    if let Some(pairs) = listed(input.get("pairs"), |pair| {
        Some((period(pair.get(0)?)?, pair.get(1)?.as_i64()?))
    }) {
        let moved = pairs
            .iter()
            .map(|(from, steps)| from.shift(i32::try_from(*steps).ok()?));
        let moved: Option<Vec<_>> = moved.map(|to| Some(to?.to_string())).collect();
        return Some(json!({ "result": moved? }));
    }
    if let Some(mondays) = listed(input.get("mondays"), day) {
        let most = u16::try_from(params.get("b")?.as_u64()?).ok()?;
        let of = |monday: &NaiveDate| (1..=most).map(|back| reference_monday(*monday, back)).collect();
        let references: Option<Vec<Vec<NaiveDate>>> = mondays.iter().map(of).collect();
        return Some(json!({ "references": references? }));
    }
    let periods = listed(input.get("periods"), period)?;
    let bases: Option<Vec<_>> = periods.iter().map(|period| year_base(*period)).collect();
    let bases = bases?;
    Some(json!({
        "base": bases.iter().map(|(base, _)| *base).collect::<Vec<_>>(),
        "iso_w53": bases.iter().map(|(_, substituted)| *substituted).collect::<Vec<_>>(),
        "end": periods.iter().map(Period::end).collect::<Vec<_>>(),
    }))
}

fn levels(input: &Value, params: &Value) -> Option<Value> {
    let scores: Vec<Option<f64>> = match input.get("p") {
        Some(p) => listed(Some(p), |p| p.as_f64().map(|p| Some(score_of_p(p))))?,
        None => {
            let pair = |pair: &Value| Some((pair.get(0)?.as_f64()?, pair.get(1)?.as_f64()?));
            let points = listed(params.get("breakpoints"), pair)?;
            let score = |x: &Value| Some(x.as_f64().and_then(|x| score_on(&points, x)));
            listed(input.get("x"), score)?
        }
    };
    let levels: Vec<&str> = scores
        .iter()
        .map(|score| Cuts::default().level(*score).code())
        .collect();
    Some(json!({ "score": scores, "level": levels }))
}

fn robust(input: &Value, params: &Value) -> Option<Value> {
    let values = values(input)?;
    let number = |name: &str| u16::try_from(params.get(name)?.as_u64()?).ok();
    let (window, gap, min_obs) = (number("window")?, number("gap")?, number("min_obs")?);
    let transform = if params.get("transform")? == "anscombe" {
        Transform::Anscombe
    } else {
        Transform::None
    };
    let (mut z, mut median, mut scale, mut p, mut n, mut method) = (
        Vec::new(),
        Vec::new(),
        Vec::new(),
        Vec::new(),
        Vec::new(),
        Vec::new(),
    );
    for (at, now) in values.iter().enumerate() {
        let end = at.saturating_sub(usize::from(gap));
        let from = end.saturating_sub(usize::from(window));
        let past: Vec<f64> = values.get(from..end)?.iter().copied().flatten().collect();
        let found = now.and_then(|now| robust_z(&past, now, min_obs, transform));
        z.push(found.and_then(|found| found.z));
        median.push(found.map(|found| found.median));
        scale.push(found.map(|found| found.scale));
        p.push(found.and_then(|found| found.p).map(|(up, _)| up));
        n.push(past.len());
        method.push(found.map_or("", |found| found.scale_method.code()));
    }
    Some(json!({ "z": z, "median": median, "scale": scale, "p": p, "n": n, "scale_method": method }))
}

fn early(input: &Value, params: &Value) -> Option<Value> {
    let number = |name: &str| u16::try_from(params.get(name)?.as_u64()?).ok();
    let float = |name: &str| params.get(name)?.as_f64();
    let method = match params.get("method")?.as_str()? {
        "C1" => EarsMethod::C1,
        "C2" => EarsMethod::C2,
        _ => EarsMethod::C3,
    };
    let (floor, threshold) = (float("min_sigma")?, float("threshold")?);
    let found = ears(
        &values(input)?,
        method,
        number("baseline")?,
        floor,
        number("min_obs")?,
    );
    let upper = found
        .iter()
        .map(|point| Some(point.mean? + threshold * point.sd?));
    Some(json!({
        "statistic": found.iter().map(|point| point.statistic).collect::<Vec<_>>(),
        "mean": found.iter().map(|point| point.mean).collect::<Vec<_>>(),
        "sd": found.iter().map(|point| point.sd).collect::<Vec<_>>(),
        "n_baseline": found.iter().map(|point| point.n).collect::<Vec<_>>(),
        "alarm": found.iter().map(|point| Some(point.statistic? > threshold)).collect::<Vec<_>>(),
        "p": found.iter().map(|point| Some(point.p?.0)).collect::<Vec<_>>(),
        "upper": upper.collect::<Vec<_>>(),
    }))
}

fn sums(input: &Value, params: &Value) -> Option<Value> {
    let float = |name: &str| params.get(name)?.as_f64();
    let reset = params.get("reset_after_alarm")?.as_bool()?;
    let found = cusum(
        &values(input)?,
        (float("mu")?, float("sigma")?),
        (float("k")?, float("h")?),
        reset,
    );
    Some(json!({
        "c": found.iter().map(|point| Some(point.as_ref()?.0)).collect::<Vec<_>>(),
        "alarm": found.iter().map(|point| Some(point.as_ref()?.1)).collect::<Vec<_>>(),
    }))
}
