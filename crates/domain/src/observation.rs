//! An observation on its way from a row of a file to the ledger, and the one number grammar of the strict wire.

use crate::{ConfStatus, ObsFlags, ObsStatus, RETRACTED, SeriesId};
use chrono::NaiveDate;

/// One observation of a submission, resolved: what the ledger stores, and the row of the file it came from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ObservationRow {
    /// Which series.
    pub series: SeriesId,
    /// First day of the period; its length is the series' frequency.
    pub period_start: NaiveDate,
    /// Data row of the submission, counted from 1.
    pub row: u32,
    /// The number; `None` exactly when the status carries none.
    pub value: Option<f64>,
    /// Main status.
    pub status: ObsStatus,
    /// Other statuses.
    pub flags: ObsFlags,
    /// How widely it may be shown.
    pub confidentiality: ConfStatus,
    /// Whether the row takes the observation back instead of giving it a number; value and status then say nothing.
    pub retracts: bool,
}

impl ObservationRow {
    /// The number of its status in the ledger, that of a retraction among them.
    #[must_use]
    pub fn ledger_status(&self) -> i16 {
        if self.retracts {
            RETRACTED
        } else {
            self.status.number()
        }
    }

    /// Whether another version says the same: value, statuses and confidentiality, not the row it came from.
    #[must_use]
    pub fn says_the_same(
        &self,
        value: Option<f64>,
        status: ObsStatus,
        flags: ObsFlags,
        conf: ConfStatus,
    ) -> bool {
        self.value.map(f64::to_bits) == value.map(f64::to_bits)
            && self.status == status
            && self.flags == flags
            && self.confidentiality == conf
    }
}

/// Why a text is not a number that can be kept exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueFault {
    /// Not a number of the strict grammar.
    #[error("not a number")]
    NotNumber,
    /// A whole number is required: no point, no exponent.
    #[error("not a whole number")]
    NotInteger,
    /// More than 15 significant digits, which a double cannot give back.
    #[error("more than 15 significant digits")]
    TooPrecise,
    /// More decimals than the indicator keeps.
    #[error("more decimals than the indicator keeps")]
    TooManyDecimals,
}

/// Reads a number of the strict grammar: `-?digits[.digits]`, no exponent, no separators, no leading zeros,
/// at most 15 significant digits. Counts (`decimals` = 0) take no point at all, not even `12.0`.
///
/// # Errors
/// [`ValueFault`] names what is wrong.
pub fn value_from_text(text: &str, decimals: u8) -> Result<f64, ValueFault> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        None => (unsigned, None),
        Some((whole, fraction)) => (whole, Some(fraction)),
    };
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || fraction.is_some_and(|part| !all_digits(part)) {
        let exponent = unsigned
            .bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'e' | b'E' | b'+' | b'-' | b'.'));
        let starts = unsigned.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        return Err(if decimals == 0 && exponent && starts {
            ValueFault::NotInteger
        } else {
            ValueFault::NotNumber
        });
    }
    if whole.len() > 1 && whole.starts_with('0') {
        return Err(ValueFault::NotNumber);
    }
    match fraction {
        Some(_) if decimals == 0 => return Err(ValueFault::NotInteger),
        Some(part) if part.trim_end_matches('0').len() > usize::from(decimals) => {
            return Err(ValueFault::TooManyDecimals);
        }
        _ => {}
    }
    let fraction = fraction.unwrap_or("").trim_end_matches('0');
    let significant = if whole == "0" {
        fraction.trim_start_matches('0').len()
    } else {
        whole.len() + fraction.len()
    };
    if significant > 15 {
        return Err(ValueFault::TooPrecise);
    }
    let value: f64 = text.parse().map_err(|_| ValueFault::NotNumber)?;
    // A negative zero would print as "-0": it is zero.
    Ok(if value == 0.0 { 0.0 } else { value })
}

/// Prints a stored number as it was sent: the shortest text that reads back to the same number.
#[must_use]
pub fn value_to_text(value: f64) -> String {
    format!("{value}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_are_whole_numbers_and_nothing_else() {
        assert_eq!(value_from_text("0", 0), Ok(0.0));
        assert_eq!(value_from_text("-0", 0).map(f64::to_bits), Ok(0.0_f64.to_bits()));
        assert_eq!(value_from_text("999999999999999", 0), Ok(999_999_999_999_999.0));
        for text in ["12.0", "1e3", "1E+05", "3.7"] {
            assert_eq!(value_from_text(text, 0), Err(ValueFault::NotInteger), "{text}");
        }
        for text in [
            "", "-", "1 204", "1,204", "NaN", "inf", "+5", "012", "0x10", "١٢", "12 ", "--1",
        ] {
            assert_eq!(value_from_text(text, 0), Err(ValueFault::NotNumber), "{text}");
        }
        assert_eq!(
            value_from_text("9999999999999999", 0),
            Err(ValueFault::TooPrecise)
        );
    }

    #[test]
    fn decimals_are_bounded_by_the_indicator() {
        assert_eq!(value_from_text("6.7", 2), Ok(6.7));
        assert_eq!(value_from_text("6.700", 1), Ok(6.7));
        assert_eq!(value_from_text("6.705", 2), Err(ValueFault::TooManyDecimals));
        assert_eq!(value_from_text("0.0000000000000001", 20), Ok(1e-16));
        assert_eq!(
            value_from_text("1234567890.123456", 8),
            Err(ValueFault::TooPrecise)
        );
    }

    proptest! {
        #[test]
        fn fifteen_digits_come_back_as_sent(whole in 0_u64..1_000_000_000, cents in 0_u32..1_000_000) {
            let text = format!("{whole}.{cents:06}");
            let kept = value_from_text(&text, 6).unwrap();
            let printed = value_to_text(kept);
            let shortest = text.trim_end_matches('0').trim_end_matches('.');
            prop_assert_eq!(printed, shortest);
        }

        #[test]
        fn no_text_panics(text in ".{0,40}", decimals in 0_u8..20) {
            let _ = value_from_text(&text, decimals);
        }
    }
}
