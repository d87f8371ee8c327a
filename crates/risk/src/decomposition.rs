//! A change, split into parts that add up to it exactly.
//!
//! Sums are split by differences, ratios and products by the logarithmic mean Divisia index (LMDI-I, Ang 2005).
//! Where a logarithm does not exist (a zero or a negative number) there is no split, and none is made up.

/// A change and its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// After minus before.
    pub delta: f64,
    /// What each part adds; they add up to the change.
    pub parts: Vec<f64>,
}

/// The logarithmic mean of two positive numbers.
fn logarithmic_mean(left: f64, right: f64) -> f64 {
    if (left - right).abs() <= 1e-12 * left.abs().max(1.0) {
        left
    } else {
        (left - right) / (left / right).ln()
    }
}

/// The change of a product of powers, Π xᵢ^eᵢ, by factor.
pub(crate) fn product_change(before: &[f64], after: &[f64], powers: &[f64]) -> Option<Change> {
    if before.len() != after.len() || before.len() != powers.len() {
        return None;
    }
    let positive = |numbers: &[f64]| numbers.iter().all(|number| number.is_finite() && *number > 0.0);
    if !positive(before) || !positive(after) {
        return None;
    }
    let whole = |numbers: &[f64]| {
        let logs = numbers
            .iter()
            .zip(powers)
            .map(|(number, power)| power * number.ln());
        logs.sum::<f64>().exp()
    };
    let (first, last) = (whole(before), whole(after));
    let weight = logarithmic_mean(last, first);
    let parts = before.iter().zip(after).zip(powers);
    let parts: Vec<f64> = parts
        .map(|((before, after), power)| weight * power * (after / before).ln())
        .collect();
    let finite = parts
        .iter()
        .chain([&first, &last])
        .all(|number| number.is_finite());
    finite.then_some(Change {
        delta: last - first,
        parts,
    })
}

/// The change of numerator / denominator: what the numerator adds, what the denominator adds.
#[must_use]
pub fn ratio_change(numerator: (f64, f64), denominator: (f64, f64)) -> Option<Change> {
    let mut change = product_change(
        &[numerator.0, denominator.0],
        &[numerator.1, denominator.1],
        &[1.0, -1.0],
    )?;
    change.delta = numerator.1 / denominator.1 - numerator.0 / denominator.0;
    Some(change)
}

/// The change of a weighted product of scores (the strict geometric form), by component.
#[must_use]
pub fn geometric_change(before: &[f64], after: &[f64], weights: &[f64]) -> Option<Change> {
    let all: f64 = weights.iter().sum();
    if all <= 0.0 || !all.is_finite() {
        return None;
    }
    let powers: Vec<f64> = weights.iter().map(|weight| weight / all).collect();
    product_change(before, after, &powers)
}

/// The change of a sum, by member; members must be the same before and after.
#[must_use]
pub fn sum_change(before: &[f64], after: &[f64]) -> Option<Change> {
    if before.len() != after.len() {
        return None;
    }
    let parts: Vec<f64> = before
        .iter()
        .zip(after)
        .map(|(before, after)| after - before)
        .collect();
    Some(Change {
        delta: parts.iter().sum(),
        parts,
    })
}
