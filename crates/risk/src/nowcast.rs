//! What a period will hold once everything is reported: the chain ladder on the reporting triangle.
//!
//! Mack 1993, on first vintages. Its result stands beside what was reported, flagged as an estimate, and never
//! in place of it; detectors read what was reported.

/// Factors and estimates of a triangle.
#[derive(Clone, Debug, PartialEq)]
pub struct Nowcast {
    /// Growth from one delay to the next; `None` where no period tells.
    pub factors: Vec<Option<f64>>,
    /// Share of the final figure that each period holds now, 0 to 1.
    pub completeness: Vec<Option<f64>>,
    /// Estimate of the final figure of each period.
    pub estimate: Vec<Option<f64>>,
}

/// The estimates of a triangle: a row for each period, oldest first, with what arrived at each delay.
///
/// `None` marks delays that are still to come; what follows a gap is not used.
#[must_use]
pub fn nowcast(triangle: &[Vec<Option<f64>>], max_delay: usize) -> Nowcast {
    let sums: Vec<Vec<f64>> = triangle.iter().map(|row| cumulative(row, max_delay)).collect();
    let factor = |delay: usize| {
        let known = sums
            .iter()
            .filter_map(|row| Some((*row.get(delay)?, *row.get(delay.checked_sub(1)?)?)));
        let (after, before) = known.fold((0.0, 0.0), |sum, row| (sum.0 + row.0, sum.1 + row.1));
        let factor = after / before;
        (before > 0.0 && factor.is_finite()).then_some(factor)
    };
    let factors: Vec<Option<f64>> = (1..=max_delay).map(factor).collect();
    let growth = |row: &Vec<f64>| -> Option<f64> {
        let reached = row.len().checked_sub(1)?;
        factors.iter().skip(reached).copied().product::<Option<f64>>()
    };
    let growths: Vec<Option<f64>> = sums.iter().map(growth).collect();
    let estimate = sums.iter().zip(&growths);
    Nowcast {
        completeness: growths
            .iter()
            .map(|growth| {
                growth
                    .map(|growth| 1.0 / growth)
                    .filter(|share| share.is_finite())
            })
            .collect(),
        estimate: estimate
            .map(|(row, growth)| Some(row.last()? * (*growth)?))
            .collect(),
        factors,
    }
}

fn cumulative(row: &[Option<f64>], max_delay: usize) -> Vec<f64> {
    let known = row
        .iter()
        .take(max_delay.saturating_add(1))
        .map_while(|value| *value);
    let sums = known.scan(0.0, |sum, value| {
        *sum += value;
        Some(*sum)
    });
    sums.collect()
}

/// The triangle of vintages: for each period the figure known at each delay, turned into what each delay added.
///
/// A delay at which nothing was said keeps the figure before it; one before the first figure holds nothing yet.
#[must_use]
pub fn triangle(known: &[Vec<Option<f64>>]) -> Vec<Vec<Option<f64>>> {
    let of_row = |row: &Vec<Option<f64>>| {
        let mut last = 0.0;
        let end = row.iter().rposition(Option::is_some).map_or(0, |at| at + 1);
        let added = row.iter().enumerate().map(|(at, figure)| {
            if at >= end {
                return None;
            }
            let added = figure.map_or(0.0, |figure| figure - last);
            last = figure.unwrap_or(last);
            Some(added)
        });
        added.collect()
    };
    known.iter().map(of_row).collect()
}
