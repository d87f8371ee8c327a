//! A number as somebody typed it, without a declared dialect: decided only when one reading exists.
//!
//! Never takes a unit away: `13 км` is an error. A multiplier (`тис.`, `млн`) is applied and told, since such a
//! figure is an estimate of the count. A spreadsheet's exponent is expanded. Two readings are refused with both.

use crate::notes::{ReadingNote, Rule};

/// A number that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberReading {
    /// Canonical text, `-?digits[.digits]`.
    pub canonical: String,
    /// Power of ten that the text was multiplied by; SDMX `UNIT_MULT`. Above 0 the status is `E`.
    pub unit_mult: u8,
    /// What was repaired.
    pub notes: Vec<ReadingNote>,
}

/// Why a text is not one number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberRefusal {
    /// No number.
    #[error("the text is not a number")]
    NotNumber,
    /// Two numbers.
    #[error("the text can be read two ways: {0}")]
    Ambiguous(String),
}

/// Words that multiply, folded, and their power of ten.
const MULTIPLIERS: [(&str, u8); 16] = [
    ("тис.", 3),
    ("тис", 3),
    ("тисяч", 3),
    ("тисячі", 3),
    ("тисяча", 3),
    ("thousand", 3),
    ("ths", 3),
    ("млн.", 6),
    ("млн", 6),
    ("мільйонів", 6),
    ("мільйони", 6),
    ("мільйон", 6),
    ("million", 6),
    ("mln", 6),
    ("млрд", 9),
    ("млрд.", 9),
];

/// Longer texts are no number of a table.
const LONGEST: usize = 64;
/// The largest exponent that is expanded.
const LARGEST_EXPONENT: u8 = 15;

/// Reads a number in whichever of the known dialects has exactly one reading for it.
///
/// # Errors
/// [`NumberRefusal`] says whether there is no reading or there are two.
pub fn number_from_text(text: &str) -> Result<NumberReading, NumberRefusal> {
    let trimmed = crate::folding::without_footnote(text.trim());
    if trimmed.len() > LONGEST {
        return Err(NumberRefusal::NotNumber);
    }
    let (negative, unsigned) = signed(trimmed)?;
    let (body, unit_mult) = without_multiplier(unsigned);
    let (mantissa, exponent) = without_exponent(body)?;
    let parts = Parts::of(mantissa)?;
    let mut rule = Rule::NumberAsText;
    let (whole, fraction) = match parts {
        Parts::Plain(whole, fraction) => (whole, fraction),
        Parts::Either { mark, left, right } => {
            let sure = mark == ',' && unit_mult == 0 && exponent == 0 && is_rounded_count(&left, &right);
            if !sure {
                return Err(NumberRefusal::Ambiguous(format!(
                    "{left}{right} / {left}.{right}"
                )));
            }
            rule = Rule::NumberByRounding;
            (format!("{left}{right}"), String::new())
        }
    };
    let (whole, fraction) = shifted(whole, fraction, unit_mult + exponent);
    let sign = if negative && (whole.bytes().chain(fraction.bytes())).any(|digit| digit != b'0') {
        "-"
    } else {
        ""
    };
    let canonical = if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    };
    let mut notes = Vec::new();
    if trimmed.len() < text.trim().len() {
        notes.push(ReadingNote::new(Rule::Footnote, text, canonical.clone()));
    }
    if unit_mult > 0 {
        notes.push(ReadingNote::new(Rule::NumberMultiplied, text, canonical.clone()));
    } else if canonical != trimmed {
        notes.push(ReadingNote::new(rule, text, canonical.clone()));
    }
    Ok(NumberReading {
        canonical,
        unit_mult,
        notes,
    })
}

/// A comma before exactly three digits is a thousands comma of Eurostat or a decimal comma of Ukraine: `22,925`
/// or `95,475` hectares. No rule tells the two apart in general; both were found in published files. Eurostat
/// rounds its counts to 5, and coefficients with three decimals stay below ten, so that only a lone figure of at
/// least 10,000 that ends in 0 or 5 is read as a count, with a note of its own. The rows of a submission
/// are not read by this rule: there the profile declares the dialect, or the cell is refused.
fn is_rounded_count(left: &str, right: &str) -> bool {
    left.len() >= 2 && right.ends_with(['0', '5'])
}

fn signed(text: &str) -> Result<(bool, &str), NumberRefusal> {
    let (negative, rest) = match text.strip_prefix(['-', '–', '−', '‑', '‐', '—']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    // A sign stands directly before its number.
    if rest.starts_with(|letter: char| letter.is_ascii_digit()) {
        Ok((negative, rest))
    } else {
        Err(NumberRefusal::NotNumber)
    }
}

fn without_multiplier(text: &str) -> (&str, u8) {
    let end = text.find(|letter: char| letter.is_alphabetic());
    let Some((number, word)) = end.and_then(|at| text.split_at_checked(at)) else {
        return (text, 0);
    };
    let word = crate::folded(word);
    match MULTIPLIERS.iter().find(|(known, _)| *known == word) {
        Some((_, power)) => (number.trim_end(), *power),
        None => (text, 0),
    }
}

/// `1E+05`, as a spreadsheet shows a long number. A negative exponent is no count and no rate that anybody types.
fn without_exponent(text: &str) -> Result<(&str, u8), NumberRefusal> {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e', 'Е', 'е']) else {
        return Ok((text, 0));
    };
    let digits = exponent.strip_prefix('+').unwrap_or(exponent);
    let sound = (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let power = digits
        .parse::<u8>()
        .ok()
        .filter(|power| *power <= LARGEST_EXPONENT);
    match power {
        Some(power) if sound => Ok((mantissa, power)),
        Some(_) | None => Err(NumberRefusal::NotNumber),
    }
}

/// The digits of a number, or the two readings of its only mark.
enum Parts {
    Plain(String, String),
    Either { mark: char, left: String, right: String },
}

impl Parts {
    fn of(text: &str) -> Result<Self, NumberRefusal> {
        let mut plain = String::with_capacity(text.len());
        for letter in text.chars() {
            plain.push(if is_space(letter) { ' ' } else { letter });
        }
        let marks: Vec<char> = plain.chars().filter(|letter| !letter.is_ascii_digit()).collect();
        let known = marks.iter().all(|mark| matches!(mark, ' ' | ',' | '.'));
        if !known || !plain.ends_with(|letter: char| letter.is_ascii_digit()) {
            return Err(NumberRefusal::NotNumber);
        }
        let Some(last) = marks.last().copied() else {
            return Ok(Self::Plain(plain, String::new()));
        };
        let first_is_last = marks.first() == Some(&last);
        match marks.len() {
            1 if last != ' ' => Self::one_mark(&plain, last),
            // One mark for every group: thousands.
            _ if first_is_last => grouped(&plain, last).map(|whole| Self::Plain(whole, String::new())),
            // Another mark last, and once only: decimals.
            _ if last != ' ' && marks.iter().filter(|mark| **mark == last).count() == 1 => {
                let (whole, fraction) = plain.split_once(last).ok_or(NumberRefusal::NotNumber)?;
                let mark = marks.first().copied().unwrap_or(' ');
                grouped(whole, mark).map(|whole| Self::Plain(whole, fraction.to_owned()))
            }
            _ => Err(NumberRefusal::NotNumber),
        }
    }

    fn one_mark(text: &str, mark: char) -> Result<Self, NumberRefusal> {
        let (left, right) = text.split_once(mark).ok_or(NumberRefusal::NotNumber)?;
        let like_a_group = (1..=3).contains(&left.len()) && right.len() == 3 && !left.starts_with('0');
        Ok(if like_a_group {
            Self::Either {
                mark,
                left: left.to_owned(),
                right: right.to_owned(),
            }
        } else {
            Self::Plain(left.to_owned(), right.to_owned())
        })
    }
}

/// The digits of groups of three, parted by one mark.
fn grouped(text: &str, mark: char) -> Result<String, NumberRefusal> {
    let mut groups = text.split(mark);
    let first = groups.next().unwrap_or("");
    let mut digits = first.to_owned();
    let mut sound = (1..=3).contains(&first.len()) && !first.starts_with('0');
    for group in groups {
        sound &= group.len() == 3;
        digits.push_str(group);
    }
    sound &= digits.bytes().all(|byte| byte.is_ascii_digit());
    if sound {
        Ok(digits)
    } else {
        Err(NumberRefusal::NotNumber)
    }
}

/// Multiplied by a power of ten, with no zeros left over in front or behind.
fn shifted(whole: String, fraction: String, power: u8) -> (String, String) {
    if power == 0 {
        return (whole, fraction);
    }
    let mut digits: String = whole;
    let mut rest = fraction.chars();
    for _ in 0..power {
        digits.push(rest.next().unwrap_or('0'));
    }
    let kept = digits.trim_start_matches('0');
    let whole = if kept.is_empty() { "0" } else { kept };
    (whole.to_owned(), rest.as_str().trim_end_matches('0').to_owned())
}

fn is_space(letter: char) -> bool {
    matches!(
        letter,
        ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{2007}' | '\u{2002}'..='\u{2006}' | '\u{200a}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> String {
        match number_from_text(text) {
            Ok(reading) => reading.canonical,
            Err(NumberRefusal::NotNumber) => "ERROR".to_owned(),
            Err(NumberRefusal::Ambiguous(_)) => "AMBIGUOUS".to_owned(),
        }
    }

    #[test]
    fn the_one_reading_is_found_and_two_are_refused() {
        for (text, expected) in [
            ("4 194", "4194"),
            ("1\u{a0}234\u{a0}567,9", "1234567.9"),
            ("1\u{202f}234", "1234"),
            ("498,300,775", "498300775"),
            ("1.234.567", "1234567"),
            ("1.234.567,89", "1234567.89"),
            ("0,123", "0.123"),
            ("1234,567", "1234.567"),
            ("1 234,567", "1234.567"),
            ("98.8937278432685", "98.8937278432685"),
            ("1.234", "AMBIGUOUS"),
            ("1,234", "AMBIGUOUS"),
            ("-1,204", "AMBIGUOUS"),
            ("1,234 тис.", "AMBIGUOUS"),
            ("22,925 млн", "AMBIGUOUS"),
            ("1,2 млн", "1200000"),
            ("0,5 тис", "500"),
            ("12,3456 тис.", "12345.6"),
            ("2.5E+3", "2500"),
            ("−5", "-5"),
            ("+12", "12"),
            ("57 671*", "57671"),
            ("4194²", "4194"),
            ("-0", "0"),
            ("12 %", "ERROR"),
            ("5 осіб", "ERROR"),
            ("12 тис. осіб", "ERROR"),
            ("1 23", "ERROR"),
            ("1234 567", "ERROR"),
            ("1,23,456", "ERROR"),
            ("- 5", "ERROR"),
            ("5.", "ERROR"),
            (".5", "ERROR"),
            ("1E99", "ERROR"),
            ("١٢", "ERROR"),
            ("", "ERROR"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_figure_in_thousands_says_so() {
        let reading = number_from_text("12,3 тис.").unwrap();
        assert_eq!(
            (reading.unit_mult, reading.notes[0].rule),
            (3, Rule::NumberMultiplied)
        );
        assert!(number_from_text("12").unwrap().notes.is_empty());
    }

    proptest! {
        #[test]
        fn a_printed_number_reads_back(value in -9_999_999_999_i64..10_000_000_000, decimals in 0_u32..3, mark in "[ \u{a0}\u{202f}]") {
            let digits = value.unsigned_abs().to_string();
            let mut grouped = String::new();
            for (index, digit) in digits.chars().enumerate() {
                if index > 0 && (digits.len() - index) % 3 == 0 {
                    grouped.push_str(&mark);
                }
                grouped.push(digit);
            }
            let fraction = "57".get(..decimals as usize).unwrap();
            let sign = if value < 0 { "−" } else { "" };
            let (comma, point) = if decimals == 0 { ("", "") } else { (",", ".") };
            let canonical = format!("{}{digits}{point}{fraction}", if value < 0 { "-" } else { "" });
            prop_assert_eq!(read(&format!("{sign}{grouped}{comma}{fraction}")), canonical.clone());
            // With a point and three decimals a plain number would be ambiguous; with fewer it is itself.
            prop_assert_eq!(read(&canonical), canonical);
        }

        #[test]
        fn no_text_panics_and_what_passes_is_canonical(text in "\\PC{0,16}|[-–−+0-9., \u{a0}eEтисмлн]{0,16}") {
            if let Ok(reading) = number_from_text(&text) {
                prop_assert!(reading.canonical.parse::<f64>().is_ok(), "{}", reading.canonical);
                let again = number_from_text(&reading.canonical).map(|again| again.canonical);
                prop_assert!(again == Ok(reading.canonical.clone()) || matches!(again, Err(NumberRefusal::Ambiguous(_))));
            }
        }
    }
}
