//! Numbers as a declared dialect writes them, made canonical for the one strict grammar of the domain.
//!
//! Never decides between two readings: a mark that the dialect does not declare is refused. Units, percent
//! signs and exponents are errors. Minus is a hyphen, an en dash or U+2212 directly before a digit.

use std::borrow::Cow;

/// How a column writes numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberDialect {
    /// Between whole part and fraction.
    pub decimal_mark: char,
    /// Between groups of three digits; a plain space stands for every kind of space.
    pub thousands: Vec<char>,
}

/// Why a text is not a number of the dialect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberFault {
    /// Not a number.
    #[error("not a number of the declared dialect")]
    NotNumber,
    /// The mark in it is not declared, and both readings are numbers.
    #[error("the mark can be read two ways: {0}")]
    Ambiguous(String),
}

/// The canonical text, `-?digits[.digits]`, of a number in a dialect.
///
/// Precision, decimals and leading zeros are judged later, by `leleka_domain::value_from_text`.
///
/// # Errors
/// [`NumberFault`] says whether the text is no number or can be read two ways.
pub fn canonical_number<'a>(text: &'a str, dialect: &NumberDialect) -> Result<Cow<'a, str>, NumberFault> {
    let (negative, unsigned) = match text.strip_prefix(['-', '–', '−']) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if all_digits(unsigned) {
        return Ok(match (negative, text.starts_with('-')) {
            (true, false) => format!("-{unsigned}").into(),
            (true, true) | (false, _) => text.into(),
        });
    }
    let (whole, fraction) = match unsigned.split_once(dialect.decimal_mark) {
        None => (unsigned, None),
        Some((whole, fraction)) => (whole, Some(fraction)),
    };
    let digits = ungrouped(whole, &dialect.thousands);
    let (Some(digits), true) = (digits, fraction.is_none_or(all_digits)) else {
        return Err(two_readings(unsigned, dialect).unwrap_or(NumberFault::NotNumber));
    };
    let sign = if negative { "-" } else { "" };
    Ok(match fraction {
        None => format!("{sign}{digits}"),
        Some(fraction) => format!("{sign}{digits}.{fraction}"),
    }
    .into())
}

/// The digits of a whole part; groups after the first have exactly three, and one mark parts them all.
fn ungrouped(whole: &str, thousands: &[char]) -> Option<String> {
    if all_digits(whole) {
        return Some(whole.to_owned());
    }
    let mark = whole.chars().find(|letter| !letter.is_ascii_digit())?;
    let declared = thousands
        .iter()
        .any(|known| *known == mark || (*known == ' ' && is_space(mark)));
    if !declared {
        return None;
    }
    let mut groups = whole.split(mark);
    let first = groups.next()?;
    let sound = (1..=3).contains(&first.len()) && all_digits(first);
    let rest: Vec<&str> = groups.collect();
    let all_threes = rest.iter().all(|group| group.len() == 3 && all_digits(group));
    (sound && all_threes).then(|| format!("{first}{}", rest.concat()))
}

/// `1,234` where the comma is not declared: 1234 or 1.234.
fn two_readings(unsigned: &str, dialect: &NumberDialect) -> Option<NumberFault> {
    let mark = [',', '.']
        .into_iter()
        .find(|mark| *mark != dialect.decimal_mark && !dialect.thousands.contains(mark))?;
    let (whole, fraction) = unsigned.split_once(mark)?;
    let like_both =
        (1..=3).contains(&whole.len()) && all_digits(whole) && fraction.len() == 3 && all_digits(fraction);
    like_both.then(|| NumberFault::Ambiguous(format!("{whole}{fraction} / {whole}.{fraction}")))
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{2007}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dialect(decimal_mark: char, thousands: &str) -> NumberDialect {
        NumberDialect {
            decimal_mark,
            thousands: thousands.chars().collect(),
        }
    }

    #[test]
    fn each_published_way_of_writing_is_read_by_its_own_dialect() {
        for (text, marks, expected) in [
            ("22,925", ('.', ","), "22925"),
            ("498,300,775", ('.', ","), "498300775"),
            ("533 278", (',', " "), "533278"),
            ("533\u{a0}278", (',', " "), "533278"),
            ("533\u{202f}278", (',', " "), "533278"),
            ("6,7", (',', " "), "6.7"),
            ("-24,3", (',', ""), "-24.3"),
            ("–1337", ('.', ""), "-1337"),
            ("−5", ('.', ""), "-5"),
            ("-229", ('.', ""), "-229"),
            ("139821,4", (',', ""), "139821.4"),
            ("1.234,5", (',', "."), "1234.5"),
            ("1,234.5", ('.', ","), "1234.5"),
            ("1,234", (',', " "), "1.234"),
        ] {
            let read = canonical_number(text, &dialect(marks.0, marks.1));
            assert_eq!(read.as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn an_undeclared_mark_is_refused_and_both_readings_are_named() {
        let plain = dialect('.', "");
        assert_eq!(
            canonical_number("1,234", &plain),
            Err(NumberFault::Ambiguous("1234 / 1.234".into()))
        );
        for text in [
            "",
            "-",
            "- 5",
            "--5",
            "13 км",
            "1/0,01",
            "12,3 тис.",
            "12 %",
            "1E+05",
            "1,23",
            "1,2,3",
            "١٢",
            "1..2",
            "+7",
            ".5",
            "5.",
        ] {
            assert_eq!(
                canonical_number(text, &plain),
                Err(NumberFault::NotNumber),
                "{text}"
            );
        }
        for text in ["1 23", "1234 567", "1 234,567 8", " 1"] {
            let spaced = dialect(',', " ");
            assert_eq!(
                canonical_number(text, &spaced),
                Err(NumberFault::NotNumber),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_number_grouped_by_any_mark_reads_back(value in -999_999_999_i64..1_000_000_000, mark in "[ .\u{a0}\u{2009}]") {
            let digits = value.abs().to_string();
            let mut grouped = String::new();
            for (index, digit) in digits.chars().enumerate() {
                if index > 0 && (digits.len() - index) % 3 == 0 {
                    grouped.push_str(&mark);
                }
                grouped.push(digit);
            }
            let text = if value < 0 { format!("−{grouped}") } else { grouped };
            let read = canonical_number(&text, &dialect(',', ". ")).map(Cow::into_owned);
            prop_assert_eq!(read, Ok(value.to_string()));
        }

        #[test]
        fn no_text_panics_and_what_passes_is_canonical(text in "[-–−0-9., \u{a0}a]{0,12}", mark in "[.,]") {
            let dialect = dialect(mark.chars().next().unwrap(), " ");
            if let Ok(read) = canonical_number(&text, &dialect) {
                prop_assert!(read.parse::<f64>().is_ok(), "{}", read);
                prop_assert!(read.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-'));
            }
        }
    }
}
