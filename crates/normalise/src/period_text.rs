//! A period as people write it, in Ukrainian or English, read to canonical periods without a declared form.
//!
//! Never takes the number of a spreadsheet's day for a date unless that was declared, and never adds a year that
//! the text does not name. Two dates in one cell stay two. A cumulative figure keeps its whole range.

use crate::notes::{ReadingNote, Rule};
use crate::period_grammar::period_of;
use crate::period_tokens::tokens_of;
use crate::repair::repaired;
use crate::{PeriodFormat, period_from_text};
use chrono::{Days, NaiveDate};
use leleka_domain::{Frequency, Period, PeriodFault};

/// What is known about a text from elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeriodContext {
    /// The year of the document, for «ц.р.» and for texts that name no year.
    pub year: Option<u32>,
    /// Whether whole numbers are days of a spreadsheet, counted from 30.12.1899.
    pub excel_serials: bool,
}

/// What kind of figure the words announce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodKind {
    /// Over the period.
    Flow,
    /// At a day: «станом на», «на 1 січня».
    StockDate,
    /// From January on: «січень–травень», «9 місяців».
    Cumulative,
}

/// What a text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodReading {
    /// The periods, in the order of the text; more than one when the cell holds several dates.
    pub periods: Vec<Period>,
    /// What the words announce.
    pub kind: PeriodKind,
    /// What was repaired.
    pub notes: Vec<ReadingNote>,
}

/// Why a text is not a period.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodRefusal {
    /// The form or the calendar is at fault.
    #[error("{0}")]
    Fault(#[from] PeriodFault),
    /// Day and month can be read either way.
    #[error("the text can be read two ways: {0}")]
    Ambiguous(String),
    /// The year stands elsewhere in the document.
    #[error("the text names no year")]
    NeedsContext,
}

/// Longer texts name no period.
const LONGEST: usize = 160;
/// Days of a spreadsheet between 1954 and 2119.
const SERIALS: std::ops::RangeInclusive<u64> = 20_000..=80_000;

/// Reads a period.
///
/// # Errors
/// [`PeriodRefusal`] says what is missing or at fault.
pub fn period_from_words(text: &str, context: PeriodContext) -> Result<PeriodReading, PeriodRefusal> {
    if text.len() > LONGEST {
        return Err(PeriodFault::Syntax.into());
    }
    let trimmed = text.trim();
    let pieces: Vec<&str> = pieces_of(trimmed);
    let mut periods = Vec::with_capacity(pieces.len());
    let mut kind = PeriodKind::Flow;
    for piece in pieces {
        let (period, announced) = one(piece, context)?;
        periods.push(period);
        kind = announced;
    }
    Ok(PeriodReading {
        notes: notes_of(text, &periods),
        periods,
        kind,
    })
}

/// The parts of a cell that holds several dates: on lines of their own, or parted by a bar or a semicolon.
fn pieces_of(text: &str) -> Vec<&str> {
    let parts = |marks: &[char]| -> Vec<&str> {
        let parts = text.split(marks).map(str::trim);
        parts.filter(|part| !part.is_empty()).collect()
    };
    let lines = parts(&['\n', '\r', '|', ';']);
    // Two dates on one line have nothing else between them.
    let words: Vec<&str> = text
        .split([' ', ',', '\u{a0}'])
        .filter(|word| !word.is_empty())
        .collect();
    let is_date = |word: &&str| period_from_text(word, PeriodFormat::Date).is_ok();
    if lines.len() == 1 && words.len() > 1 && words.iter().all(is_date) {
        return words;
    }
    if lines.is_empty() { vec![text] } else { lines }
}

fn one(text: &str, context: PeriodContext) -> Result<(Period, PeriodKind), PeriodRefusal> {
    for read in [
        text.parse::<Period>(),
        period_from_text(text, PeriodFormat::Eurostat),
    ] {
        match read {
            Ok(period) => return Ok((period, kind_of(period, false))),
            // A right form with a wrong calendar is not another form.
            Err(fault @ (PeriodFault::NotInCalendar | PeriodFault::OutOfRange)) => return Err(fault.into()),
            Err(PeriodFault::Syntax) => {}
        }
    }
    if context.excel_serials
        && let Some(period) = spreadsheet_day(text)
    {
        return Ok((period, PeriodKind::Flow));
    }
    let day = without_midnight(text);
    if let Some(period) = compact_day(day) {
        return Ok((period?, PeriodKind::Flow));
    }
    let tokens = tokens_of(day).ok_or(PeriodFault::Syntax)?;
    let period = period_of(&tokens, context.year)?;
    Ok((period, kind_of(period, tokens.stock)))
}

fn kind_of(period: Period, stock: bool) -> PeriodKind {
    match period.frequency() {
        Frequency::Daily if stock => PeriodKind::StockDate,
        Frequency::SpanMonths(_) if period.start().format("%m").to_string() == "01" => PeriodKind::Cumulative,
        Frequency::Annual
        | Frequency::HalfYearly
        | Frequency::Quarterly
        | Frequency::Monthly
        | Frequency::Weekly
        | Frequency::Daily
        | Frequency::SpanMonths(_)
        | Frequency::SpanDays(_) => PeriodKind::Flow,
    }
}

/// A spreadsheet's day as text carries a time of nothing.
fn without_midnight(text: &str) -> &str {
    let text = text
        .strip_suffix('Z')
        .filter(|rest| rest.ends_with(":00"))
        .unwrap_or(text);
    [
        " 00:00:00.000",
        "T00:00:00.000",
        " 00:00:00",
        "T00:00:00",
        " 0:00:00",
        " 00:00",
        " 0:00",
    ]
    .iter()
    .find_map(|midnight| text.strip_suffix(midnight))
    .unwrap_or(text)
}

fn spreadsheet_day(text: &str) -> Option<Period> {
    let serial: u64 = text.strip_suffix(".0").unwrap_or(text).parse().ok()?;
    let first = NaiveDate::from_ymd_opt(1899, 12, 30)?;
    let day = first.checked_add_days(Days::new(serial))?;
    SERIALS
        .contains(&serial)
        .then(|| Period::containing(Frequency::Daily, day))
        .flatten()
}

/// ISO 8601 without hyphens: `20220224`.
fn compact_day(text: &str) -> Option<Result<Period, PeriodFault>> {
    let plain = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let (year, rest) = text.split_at_checked(4).filter(|_| plain)?;
    let (month, day) = rest.split_at_checked(2)?;
    Some(format!("{year}-{month}-{day}").parse())
}

fn notes_of(text: &str, periods: &[Period]) -> Vec<ReadingNote> {
    let canonical: Vec<String> = periods.iter().map(Period::to_string).collect();
    let canonical = canonical.join("|");
    let mut notes = Vec::new();
    if canonical != text {
        notes.extend(
            repaired(text)
                .notes
                .into_iter()
                .filter(|note| note.rule == Rule::LookAlike),
        );
        notes.push(ReadingNote::new(Rule::PeriodWords, text, canonical));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, context: PeriodContext) -> Result<String, PeriodRefusal> {
        let read = period_from_words(text, context)?;
        let periods: Vec<String> = read.periods.iter().map(Period::to_string).collect();
        Ok(periods.join("|"))
    }

    #[test]
    fn the_year_of_the_document_completes_what_lacks_one() {
        let of_2025 = PeriodContext {
            year: Some(2025),
            excel_serials: false,
        };
        for (text, expected) in [
            ("23 липня ц.р.", "2025-07-23"),
            ("III квартал", "2025-Q3"),
            ("січень-травень", "2025-01/2025-05"),
            ("липень минулого року", "2024-07"),
            ("липень 2019", "2019-07"),
        ] {
            assert_eq!(read(text, of_2025).as_deref(), Ok(expected), "{text}");
            let alone = read(text, PeriodContext::default());
            assert!(
                text.contains("2019") || alone == Err(PeriodRefusal::NeedsContext),
                "{text}"
            );
        }
    }

    #[test]
    fn a_spreadsheets_day_is_a_day_only_where_that_is_declared() {
        let serials = PeriodContext {
            year: None,
            excel_serials: true,
        };
        assert_eq!(read("44927", serials).as_deref(), Ok("2023-01-01"));
        assert_eq!(
            read("44927", PeriodContext::default()),
            Err(PeriodRefusal::Fault(PeriodFault::Syntax))
        );
        assert_eq!(read("2023", serials).as_deref(), Ok("2023"));
    }

    #[test]
    fn stock_dates_and_cumulative_ranges_are_told_from_flows() {
        let kind = |text: &str| period_from_words(text, PeriodContext::default()).unwrap().kind;
        assert_eq!(kind("станом на 01.10.2020"), PeriodKind::StockDate);
        assert_eq!(kind("на 1 січня 2022 року"), PeriodKind::StockDate);
        assert_eq!(kind("9 місяців 2018 року"), PeriodKind::Cumulative);
        assert_eq!(kind("січень–травень 2018"), PeriodKind::Cumulative);
        assert_eq!(kind("01.10.2020"), PeriodKind::Flow);
        assert_eq!(kind("квітень–травень 2018"), PeriodKind::Flow);
    }

    #[test]
    fn a_slash_never_tells_the_american_order() {
        let refused = read("02/03/2022", PeriodContext::default());
        assert_eq!(
            refused,
            Err(PeriodRefusal::Ambiguous("2022-03-02 / 2022-02-03".into()))
        );
        assert_eq!(
            read("02/24/2022", PeriodContext::default()),
            Err(PeriodRefusal::Fault(PeriodFault::Syntax))
        );
    }

    fn any_period() -> impl Strategy<Value = Period> {
        let day = (1990_i32..2100, 1_u32..=366).prop_filter_map("a day of the year", |(year, day)| {
            NaiveDate::from_yo_opt(year, day)
        });
        let frequency = prop_oneof![
            Just(Frequency::Annual),
            Just(Frequency::HalfYearly),
            Just(Frequency::Quarterly),
            Just(Frequency::Monthly),
            Just(Frequency::Weekly),
            Just(Frequency::Daily),
            (2_u16..30).prop_map(Frequency::SpanMonths),
            (2_u16..400).prop_map(Frequency::SpanDays),
        ];
        (day, frequency).prop_filter_map("in the calendar", |(day, frequency)| {
            Period::containing(frequency, day)
        })
    }

    proptest! {
        #[test]
        fn a_printed_period_reads_back_without_a_note(period in any_period()) {
            let text = period.to_string();
            let back = period_from_words(&text, PeriodContext::default()).unwrap();
            prop_assert_eq!(back.periods, vec![period]);
            prop_assert_eq!(back.notes, Vec::new());
        }

        #[test]
        fn a_day_with_points_reads_back(period in any_period()) {
            let text = period.start().format("%d.%m.%Y").to_string();
            prop_assert_eq!(read(&text, PeriodContext::default()), Ok(period.start().to_string()));
        }
    }
}
