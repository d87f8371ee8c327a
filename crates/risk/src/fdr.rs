//! Many tests at once: the share of false alarms among those that are listed, kept in check.
//!
//! Benjamini and Hochberg 1995. One family and one period belong together; a test without a p is no test.

/// The smallest q at which a bulletin lists a signal.
pub const LISTED_Q: f64 = 0.10;

/// The q-value of each p: the false-discovery rate of a list that ends with it; `None` stays `None`.
///
/// A p outside 0 to 1 or not a number counts as no test.
#[must_use]
pub fn q_values(p: &[Option<f64>]) -> Vec<Option<f64>> {
    let tests = p.iter().enumerate();
    let tests = tests.filter_map(|(at, p)| Some((at, p.filter(|p| (0.0..=1.0).contains(p))?)));
    let mut tests: Vec<(usize, f64)> = tests.collect();
    tests.sort_by(|left, right| left.1.total_cmp(&right.1));
    let mut q = vec![None; p.len()];
    let mut least = 1.0_f64;
    let all = tests.len() as f64;
    for (rank, (at, p)) in tests.iter().enumerate().rev() {
        least = least.min(p * all / (rank as f64 + 1.0));
        if let Some(q) = q.get_mut(*at) {
            *q = Some(least);
        }
    }
    q
}
