//! Vector cases over several figures at once: composites, changes in parts, tables with small counts.

use crate::cases::listed;
use leleka_risk::{
    Combination, Component, Cuts, DisclosureRules, Normalisation, Side, Table, composite as composed,
    geometric_change, minmax_among, ratio_change, rounded, sum_change, zscores_among,
};
use serde_json::{Value, json};

fn component(value: &Value, normalisation: &str, weight: f64) -> Option<Component> {
    let number = |name: &str| value.get(name).and_then(Value::as_f64);
    let side = if value.get("dir")?.as_i64()? < 0 {
        Side::Down
    } else {
        Side::Up
    };
    Some(Component {
        value: value.get("x")?.as_f64(),
        weight,
        normalisation: match normalisation {
            "minmax" => Normalisation::Minmax {
                lo: number("lo")?,
                hi: number("hi")?,
                side,
            },
            _ => Normalisation::Zscore {
                mean: number("mean")?,
                sd: number("sd")?,
                side,
            },
        },
    })
}

pub(crate) fn composite(input: &Value, params: &Value) -> Option<Value> {
    if let Some(method) = params.get("method").and_then(Value::as_str) {
        let values = listed(input.get("x"), |x| Some(x.as_f64()))?;
        return Some(match method {
            "minmax_units" => json!({ "x": minmax_among(&values) }),
            _ => json!({ "x": zscores_among(&values) }),
        });
    }
    let normalisation = params.get("normalisation")?.as_str()?;
    let how: Combination = serde_json::from_value(params.get("aggregation")?.clone()).ok()?;
    let weights = listed(params.get("weights"), Value::as_f64)?;
    let components = input.get("components")?.as_array()?.iter().zip(weights);
    let components: Option<Vec<Component>> = components
        .map(|(value, weight)| component(value, normalisation, weight))
        .collect();
    let found = composed(&components?, how, params.get("min_weight_coverage")?.as_f64()?);
    // The vectors hold no scores without one component for these two forms.
    let stated = matches!(how, Combination::Arithmetic | Combination::Geometric);
    let without: Vec<Option<f64>> = found
        .leave_one_out
        .iter()
        .map(|score| score.filter(|_| stated))
        .collect();
    Some(json!({
        "normalised": found.normalised, "weight_coverage": found.weight_coverage,
        "score": found.score.ok(), "reason": found.score.err(), "contributions": found.contributions,
        "leave_one_out": without, "level": Cuts::default().level(found.score.ok()).code(),
    }))
}

pub(crate) fn decomposition(input: &Value, params: &Value) -> Option<Value> {
    let numbers = |name: &str| listed(input.get(name), Value::as_f64);
    let pair = |name: &str| {
        let numbers = numbers(name)?;
        Some((*numbers.first()?, *numbers.get(1)?))
    };
    match params.get("op")?.as_str()? {
        "ratio" => {
            let found = ratio_change(pair("num")?, pair("den")?)?;
            Some(json!({ "delta": found.delta, "num": found.parts.first(), "den": found.parts.get(1) }))
        }
        "geometric_strict" => {
            let weights = listed(params.get("weights"), Value::as_f64)?;
            let found = geometric_change(&numbers("before")?, &numbers("after")?, &weights)?;
            Some(json!({ "delta": found.delta, "parts": found.parts }))
        }
        _ => {
            let found = sum_change(&numbers("before")?, &numbers("after")?)?;
            Some(json!({ "delta": found.delta, "parts": found.parts }))
        }
    }
}

pub(crate) fn disclosure(input: &Value, params: &Value) -> Option<Value> {
    if let Some(base) = params.get("base") {
        let base = u32::try_from(base.as_u64()?).ok()?;
        let counts = |name: &str| listed(input.get(name), Value::as_i64);
        if let Some(x) = counts("x") {
            return Some(json!({ "x": x.iter().map(|x| rounded(*x, base)).collect::<Vec<_>>() }));
        }
        let parts: Vec<i64> = counts("parts")?.iter().map(|part| rounded(*part, base)).collect();
        return Some(json!({ "parts": parts, "total": rounded(input.get("total")?.as_i64()?, base) }));
    }
    let rows = listed(input.get("table"), |row| listed(Some(row), Value::as_i64))?;
    let width = rows.first()?.len();
    let table = Table::with_margins(&rows)?;
    let rules = DisclosureRules {
        threshold: params.get("threshold")?.as_i64()?,
        totals_published: params.get("margins_published")?.as_bool()?,
    };
    let found = table.suppress(rules);
    let places =
        |cells: &[usize]| -> Vec<[usize; 2]> { cells.iter().map(|at| [at / width, at % width]).collect() };
    let sum = |cells: &[usize]| -> i64 { cells.iter().filter_map(|at| table.cells.get(*at)).sum() };
    let secondary = found.secondary.as_deref();
    // Whatever was chosen must hold when it is looked at again as a reader would.
    let hidden = found
        .primary
        .iter()
        .chain(secondary.unwrap_or_default())
        .copied()
        .collect();
    if secondary.is_some() && !table.exposed(&found.primary, &hidden, rules).is_empty() {
        return None;
    }
    Some(json!({
        "primary": places(&found.primary), "exposed_without_secondary": places(&found.exposed),
        "min_secondary_count": secondary.map(<[usize]>::len), "min_secondary_sum": secondary.map(sum),
        "one_solution": secondary.map(places),
    }))
}
