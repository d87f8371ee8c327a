//! Periods as a mapping profile declares them, read to the domain's canonical periods.
//!
//! Never assumes an order of day and month: only dots mean day first, and slashes are refused. Month names are
//! read in Ukrainian (nominative, genitive, locative) and English.

use crate::{PeriodContext, PeriodRefusal, folded, period_from_words};
use leleka_domain::{Frequency, Period, PeriodFault};
use std::str::FromStr;

/// The form in which a column writes periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodFormat {
    /// Canonical, as on the strict wire: `2015-07`, `2015-W30`, `2018-01/2018-05`.
    Iso,
    /// Eurostat's codes: `2008M01`, `2015`, `2015Q1`, `2015S1`, `2015W05`.
    Eurostat,
    /// A year.
    Year,
    /// A month: `2015-07`, `07.2015`, `липень 2015 р.`, `June-2022`.
    Month,
    /// A day: `2022-02-24`, `24.02.2022`, `24 лютого 2022 року`, `February 24, 2022`.
    Date,
    /// Any of these and the words of people: `III квартал 2015`, `січень–травень 2013 року`, `Q3 2015`.
    Words,
}

impl PeriodFormat {
    /// A text of this form, to show what is expected.
    #[must_use]
    pub fn example(self) -> &'static str {
        match self {
            Self::Iso | Self::Words => {
                "2015, 2015-S1, 2015-Q3, 2015-07, 2015-W30, 2015-07-23, 2018-01/2018-05"
            }
            Self::Eurostat => "2008M01, 2015, 2015Q1, 2015S1, 2015W05",
            Self::Year => "2015",
            Self::Month => "2015-07",
            Self::Date => "2022-02-24",
        }
    }
}

impl FromStr for PeriodFormat {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Ok(match word {
            "iso" => Self::Iso,
            "eurostat" => Self::Eurostat,
            "year" => Self::Year,
            "month" => Self::Month,
            "date" => Self::Date,
            "words" => Self::Words,
            _ => return Err(()),
        })
    }
}

/// Reads a period in a declared form.
///
/// # Errors
/// [`PeriodFault`] says whether the form, the calendar or the years are at fault.
pub fn period_from_text(text: &str, format: PeriodFormat) -> Result<Period, PeriodFault> {
    match format {
        PeriodFormat::Iso => text.parse(),
        PeriodFormat::Eurostat => eurostat(text),
        PeriodFormat::Year => of_frequency(text.parse()?, Frequency::Annual),
        PeriodFormat::Month => match text.parse() {
            Ok(period) => of_frequency(period, Frequency::Monthly),
            Err(PeriodFault::Syntax) => month(text),
            Err(fault) => Err(fault),
        },
        PeriodFormat::Date => match text.parse() {
            Ok(period) => of_frequency(period, Frequency::Daily),
            Err(PeriodFault::Syntax) => date(text),
            Err(fault) => Err(fault),
        },
        PeriodFormat::Words => one_in_words(text),
    }
}

/// Whatever keeps words from being one period is a fault of the form.
fn one_in_words(text: &str) -> Result<Period, PeriodFault> {
    match period_from_words(text, PeriodContext::default()) {
        Ok(read) => match *read.periods.as_slice() {
            [period] => Ok(period),
            _ => Err(PeriodFault::Syntax),
        },
        Err(PeriodRefusal::Fault(fault)) => Err(fault),
        Err(PeriodRefusal::Ambiguous(_) | PeriodRefusal::NeedsContext) => Err(PeriodFault::Syntax),
    }
}

fn of_frequency(period: Period, frequency: Frequency) -> Result<Period, PeriodFault> {
    if period.frequency() == frequency {
        Ok(period)
    } else {
        Err(PeriodFault::Syntax)
    }
}

fn eurostat(text: &str) -> Result<Period, PeriodFault> {
    let (year, rest) = text.split_at_checked(4).ok_or(PeriodFault::Syntax)?;
    if rest.is_empty() {
        return of_frequency(year.parse()?, Frequency::Annual);
    }
    match rest.strip_prefix('M') {
        Some(month) => of_frequency(format!("{year}-{month}").parse()?, Frequency::Monthly),
        None if rest.starts_with(['Q', 'S', 'W']) => format!("{year}-{rest}").parse(),
        None => Err(PeriodFault::Syntax),
    }
}

fn month(text: &str) -> Result<Period, PeriodFault> {
    if let Some((month, year)) = text.split_once('.')
        && let (Some(month), Some(year)) = (number(month, 2), number(year, 4))
    {
        return format!("{year:04}-{month:02}").parse();
    }
    let key = without_year_word(&folded(text)).replace('-', " ");
    let mut words = key.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some(name), Some(year), None) => {
            let (month, year) = (month_number(name)?, number(year, 4).ok_or(PeriodFault::Syntax)?);
            format!("{year:04}-{month:02}").parse()
        }
        _ => Err(PeriodFault::Syntax),
    }
}

fn date(text: &str) -> Result<Period, PeriodFault> {
    let key = folded(text);
    let key = ["станом на ", "на ", "as of "]
        .iter()
        .find_map(|before| key.strip_prefix(before))
        .unwrap_or(&key);
    let key = without_year_word(key);
    let mut parts = key.split('.');
    if let (Some(day), Some(month), Some(year), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    {
        return day_of(number(day, 2), number(month, 2), number(year, 4));
    }
    let words: Vec<&str> = key.split_whitespace().collect();
    match *words.as_slice() {
        [day, name, year] if number(day, 2).is_some() => {
            day_of(number(day, 2), Some(month_number(name)?), number(year, 4))
        }
        [name, day, year] => {
            let day = day.strip_suffix(',').ok_or(PeriodFault::Syntax)?;
            day_of(number(day, 2), Some(month_number(name)?), number(year, 4))
        }
        _ => Err(PeriodFault::Syntax),
    }
}

fn day_of(day: Option<u32>, month: Option<u32>, year: Option<u32>) -> Result<Period, PeriodFault> {
    match (day, month, year) {
        (Some(day), Some(month), Some(year)) => format!("{year:04}-{month:02}-{day:02}").parse(),
        _ => Err(PeriodFault::Syntax),
    }
}

fn without_year_word(key: &str) -> &str {
    [" року", " рік", " р.", " р"]
        .iter()
        .find_map(|word| key.strip_suffix(word))
        .unwrap_or(key)
}

/// A number of at most so many digits; years have exactly four.
fn number(text: &str, digits: usize) -> Option<u32> {
    let fits = if digits == 4 {
        text.len() == 4
    } else {
        (1..=digits).contains(&text.len())
    };
    (fits && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

/// Stems of the Ukrainian names, and the English names.
const MONTHS: [(&str, &str); 12] = [
    ("січ", "january"),
    ("лют", "february"),
    ("берез", "march"),
    ("квіт", "april"),
    ("трав", "may"),
    ("черв", "june"),
    ("лип", "july"),
    ("серп", "august"),
    ("верес", "september"),
    ("жовт", "october"),
    ("листопад", "november"),
    ("груд", "december"),
];

fn month_number(word: &str) -> Result<u32, PeriodFault> {
    let is_named = |(stem, english): &(&str, &str)| {
        let endings: &[&str] = match *stem {
            "лют" => &["ий", "ого", "ому"],
            "листопад" => &["", "а", "і"],
            _ => &["ень", "ня", "ні"],
        };
        let ukrainian = word
            .strip_prefix(stem)
            .is_some_and(|ending| endings.contains(&ending));
        ukrainian || word == *english || (word.len() == 3 && english.starts_with(word))
    };
    let index = MONTHS.iter().position(is_named).ok_or(PeriodFault::Syntax)?;
    u32::try_from(index + 1).map_err(|_| PeriodFault::Syntax)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_declared_form_is_read_to_its_canonical_period() {
        for (text, format, expected) in [
            ("2024-W05", PeriodFormat::Iso, "2024-W05"),
            ("2018-01/2018-05", PeriodFormat::Iso, "2018-01/2018-05"),
            ("2008M01", PeriodFormat::Eurostat, "2008-01"),
            ("2015", PeriodFormat::Eurostat, "2015"),
            ("2015Q1", PeriodFormat::Eurostat, "2015-Q1"),
            ("2015S2", PeriodFormat::Eurostat, "2015-S2"),
            ("2015W05", PeriodFormat::Eurostat, "2015-W05"),
            ("2007", PeriodFormat::Year, "2007"),
            ("липень 2015", PeriodFormat::Month, "2015-07"),
            ("липень 2015 р.", PeriodFormat::Month, "2015-07"),
            ("листопаді 2015 року", PeriodFormat::Month, "2015-11"),
            ("June-2022", PeriodFormat::Month, "2022-06"),
            ("7.2015", PeriodFormat::Month, "2015-07"),
            ("2009-01", PeriodFormat::Month, "2009-01"),
            ("29 квiтня 2021", PeriodFormat::Date, "2021-04-29"),
            ("на 1 січня 2022 року", PeriodFormat::Date, "2022-01-01"),
            ("станом на 01.10.2020", PeriodFormat::Date, "2020-10-01"),
            ("February 24, 2022", PeriodFormat::Date, "2022-02-24"),
            ("03 October 2022", PeriodFormat::Date, "2022-10-03"),
            ("2022-02-24", PeriodFormat::Date, "2022-02-24"),
        ] {
            let read = period_from_text(text, format).map(|period| period.to_string());
            assert_eq!(read.as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn nothing_is_guessed() {
        for (text, format, fault) in [
            ("02/03/2022", PeriodFormat::Date, PeriodFault::Syntax),
            ("23 липня ц.р.", PeriodFormat::Date, PeriodFault::Syntax),
            ("31.02.2022", PeriodFormat::Date, PeriodFault::NotInCalendar),
            ("2016W53", PeriodFormat::Eurostat, PeriodFault::NotInCalendar),
            ("2008M13", PeriodFormat::Eurostat, PeriodFault::NotInCalendar),
            ("2008-01", PeriodFormat::Eurostat, PeriodFault::Syntax),
            ("200801", PeriodFormat::Eurostat, PeriodFault::Syntax),
            ("2008M01-02", PeriodFormat::Eurostat, PeriodFault::Syntax),
            ("2015-07", PeriodFormat::Year, PeriodFault::Syntax),
            ("2015", PeriodFormat::Month, PeriodFault::Syntax),
            ("липа 2015", PeriodFormat::Month, PeriodFault::Syntax),
            ("1815", PeriodFormat::Year, PeriodFault::OutOfRange),
            ("2015M07", PeriodFormat::Iso, PeriodFault::Syntax),
        ] {
            assert_eq!(period_from_text(text, format), Err(fault), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,16}|[0-9MQSW./ -]{0,12}|[0-9]{1,2} [а-яі]{0,9} [0-9]{4}") {
            for format in [PeriodFormat::Iso, PeriodFormat::Eurostat, PeriodFormat::Year, PeriodFormat::Month, PeriodFormat::Date, PeriodFormat::Words] {
                let _ = period_from_text(&text, format);
            }
        }
    }
}
