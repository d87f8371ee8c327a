//! Numbers on the wire: a count prints as a whole number, `1204`, never as `1204.0`.

use serde::Serializer;

/// The largest whole number that a double holds exactly to the last digit.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Prints a value as it was sent.
#[expect(
    clippy::cast_possible_truncation,
    reason = "only whole numbers below 2^53 are cast"
)]
pub(crate) fn value<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        None => serializer.serialize_none(),
        Some(number) if number.fract().abs() < f64::MIN_POSITIVE && number.abs() < EXACT => {
            serializer.serialize_i64(*number as i64)
        }
        Some(number) => serializer.serialize_f64(*number),
    }
}
