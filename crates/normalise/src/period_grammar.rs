//! From the words of a period to the calendar: one period, or a range of two of one kind.
//!
//! Never assumes that a month stands before a day: with slashes and hyphens a day is read only where the first
//! number cannot be a month, or both readings are one day. A period without a year waits for its document.

use crate::period_text::PeriodRefusal;
use crate::period_tokens::{Token, Tokens};
use leleka_domain::{Frequency, Period, PeriodFault};

/// A period that may lack its year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    unit: Unit,
    year: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Year,
    Half(u32),
    Quarter(u32),
    Month(u32),
    /// The first months of a year.
    Months(u32),
    Week(u32),
    /// Month and day.
    Day(u32, u32),
    /// A day whose month stands at the other end of the range.
    DayOnly(u32),
    /// A numeral whose kind stands at the other end of the range.
    Numeral(u32),
}

/// Reads the tokens of a whole text.
pub(crate) fn period_of(tokens: &Tokens, year: Option<u32>) -> Result<Period, PeriodRefusal> {
    let missing_year = match (tokens.this_year, tokens.last_year) {
        (false, false) => None,
        (true, _) => Some(year.ok_or(PeriodRefusal::NeedsContext)?),
        (false, true) => Some(year.ok_or(PeriodRefusal::NeedsContext)?.saturating_sub(1)),
    };
    let list = match tokens.list.as_slice() {
        // «1 січня 2022 р.»: the last point belongs to the abbreviation.
        [rest @ .., Token::Dot] => rest,
        // "the first nine months"
        [Token::Numeral(1), rest @ ..] if rest.get(1) == Some(&Token::Months) => rest,
        all => all,
    };
    let fallback = missing_year.or(year);
    if list.is_empty() && missing_year.is_some() {
        return written(Unit::Year, fallback);
    }
    if let [edge @ (Token::Beginning | Token::End), rest @ ..] = list {
        let whole = match rest {
            [] => written(Unit::Year, fallback)?,
            rest => one_of(rest, fallback)?,
        };
        let first = *edge == Token::Beginning;
        let day = if first { whole.start() } else { whole.end() };
        return Ok(day.to_string().parse()?);
    }
    one_of(list, fallback)
}

/// One period or a range.
fn one_of(list: &[Token], fallback: Option<u32>) -> Result<Period, PeriodRefusal> {
    if let Some(part) = part_of(list)? {
        return written(part.unit, part.year.or(fallback));
    }
    range_of(list, fallback)
}

/// One period of every known form; `None` when the tokens are none.
fn part_of(list: &[Token]) -> Result<Option<Part>, PeriodRefusal> {
    use Token::{Dash, Dot, Month, Number, Slash};
    let known = |unit, year| {
        Ok(Some(Part {
            unit,
            year: Some(year),
        }))
    };
    let lacking = |unit| Ok(Some(Part { unit, year: None }));
    match *list {
        [Number(year, 4)] => known(Unit::Year, year),
        // The year and the mark of a footnote: 20151.
        [Number(marked, 5)] if (1900..2200).contains(&(marked / 10)) => known(Unit::Year, marked / 10),
        [
            Number(day, 1 | 2),
            Dot,
            Number(month, 1 | 2),
            Dot,
            Number(year, 4),
        ] => known(Unit::Day(month, day), year),
        [Number(day, 1 | 2), Dot, Number(month, 1 | 2)] => lacking(Unit::Day(month, day)),
        [
            Number(year, 4),
            Slash,
            Number(month, 1 | 2),
            Slash,
            Number(day, 1 | 2),
        ]
        | [
            Number(year, 4),
            Dot,
            Number(month, 1 | 2),
            Dot,
            Number(day, 1 | 2),
        ]
        | [
            Number(year, 4),
            Dash,
            Number(month, 1 | 2),
            Dash,
            Number(day, 1 | 2),
        ] => known(Unit::Day(month, day), year),
        [
            Number(one, 1 | 2),
            Slash,
            Number(two, 1 | 2),
            Slash,
            Number(year, 4),
        ]
        | [
            Number(one, 1 | 2),
            Dash,
            Number(two, 1 | 2),
            Dash,
            Number(year, 4),
        ] => day_first(one, two, year).map(Some),
        [Number(month, 1 | 2), Dot | Slash | Dash, Number(year, 4)]
        | [Number(year, 4), Dot | Slash | Dash, Number(month, 1 | 2)] => known(Unit::Month(month), year),
        [Month(month), Number(year, 4)]
        | [Month(month), Dash | Dot | Slash, Number(year, 4)]
        | [Number(year, 4), Month(month)]
        | [Number(year, 4), Dash | Slash, Month(month)] => known(Unit::Month(month), year),
        [Month(month)] => lacking(Unit::Month(month)),
        [Number(day, 1 | 2), Month(month), Number(year, 4)]
        | [
            Number(day, 1 | 2),
            Dash | Dot,
            Month(month),
            Dash | Dot,
            Number(year, 4),
        ]
        | [Month(month), Number(day, 1 | 2), Number(year, 4)] => known(Unit::Day(month, day), year),
        [Number(day, 1 | 2), Month(month)] | [Month(month), Number(day, 1 | 2)] => {
            lacking(Unit::Day(month, day))
        }
        [Number(day, 1 | 2)] => lacking(Unit::DayOnly(day)),
        [Token::Numeral(number)] => lacking(Unit::Numeral(number)),
        _ => Ok(counted(list)),
    }
}

/// A numbered quarter, half-year, week, or a number of months.
fn counted(list: &[Token]) -> Option<Part> {
    let mut plain: Vec<Token> = Vec::with_capacity(list.len());
    for token in list {
        if !matches!(token, Token::Dash | Token::Slash) {
            plain.push(*token);
        }
    }
    let marks = list.len() - plain.len();
    let numbered = |kind: Token, number: u32| match kind {
        Token::Quarter => Some(Unit::Quarter(number)),
        Token::Half => Some(Unit::Half(number)),
        Token::Week => Some(Unit::Week(number)),
        Token::Months => Some(Unit::Months(number)),
        _ => None,
    };
    let (unit, year) = match *plain.as_slice() {
        [
            Token::Number(number, 1 | 2) | Token::Numeral(number),
            kind,
            Token::Number(year, 4),
        ]
        | [
            kind,
            Token::Number(number, 1 | 2) | Token::Numeral(number),
            Token::Number(year, 4),
        ]
        | [
            Token::Number(year, 4),
            Token::Number(number, 1 | 2) | Token::Numeral(number),
            kind,
        ]
        | [
            Token::Number(year, 4),
            kind,
            Token::Number(number, 1 | 2) | Token::Numeral(number),
        ] => (numbered(kind, number)?, Some(year)),
        [Token::Number(number, 1 | 2) | Token::Numeral(number), kind]
        | [kind, Token::Number(number, 1 | 2) | Token::Numeral(number)] => (numbered(kind, number)?, None),
        _ => return None,
    };
    // A mark may stand between the year and the rest, and nowhere else.
    (marks <= 1).then_some(Part { unit, year })
}

/// Day and month in the order of the reader's country, which a file does not tell.
fn day_first(one: u32, two: u32, year: u32) -> Result<Part, PeriodRefusal> {
    let part = |day, month| Part {
        unit: Unit::Day(month, day),
        year: Some(year),
    };
    match (one > 12, two > 12) {
        (true, false) => Ok(part(one, two)),
        // Only the American order is left, and that is never assumed.
        (false, true) | (true, true) => Err(PeriodRefusal::Fault(PeriodFault::Syntax)),
        (false, false) if one == two => Ok(part(one, two)),
        (false, false) => Err(PeriodRefusal::Ambiguous(format!(
            "{year:04}-{two:02}-{one:02} / {year:04}-{one:02}-{two:02}"
        ))),
    }
}

/// Two ends of one kind, parted by a dash or a word.
fn range_of(list: &[Token], year: Option<u32>) -> Result<Period, PeriodRefusal> {
    let list = match list {
        [Token::From, rest @ ..] => rest,
        all => all,
    };
    for (at, token) in list.iter().enumerate() {
        if !matches!(token, Token::Dash | Token::To) {
            continue;
        }
        let (left, right) = (list.get(..at), list.get(at + 1..));
        let (Some(left), Some(right)) = (left, right) else {
            continue;
        };
        let left = match left {
            [rest @ .., Token::Dot] => rest,
            all => all,
        };
        let (Ok(Some(from)), Ok(Some(to))) = (part_of(left), part_of(right)) else {
            continue;
        };
        if let Some(found) = joined(from, to, year) {
            return found;
        }
    }
    Err(PeriodRefusal::Fault(PeriodFault::Syntax))
}

/// The range between two ends; `None` when they are of different kinds.
fn joined(from: Part, to: Part, year: Option<u32>) -> Option<Result<Period, PeriodRefusal>> {
    let from_unit = match (from.unit, to.unit) {
        (Unit::Numeral(number) | Unit::DayOnly(number), Unit::Quarter(_)) => Unit::Quarter(number),
        (Unit::Numeral(number) | Unit::DayOnly(number), Unit::Half(_)) => Unit::Half(number),
        (Unit::Numeral(number) | Unit::DayOnly(number), Unit::Week(_)) => Unit::Week(number),
        (Unit::DayOnly(day), Unit::Day(month, _)) => Unit::Day(month, day),
        (unit, _) => unit,
    };
    let alike = matches!(
        (from_unit, to.unit),
        (Unit::Year, Unit::Year)
            | (Unit::Half(_), Unit::Half(_))
            | (Unit::Quarter(_), Unit::Quarter(_))
            | (Unit::Month(_), Unit::Month(_))
            | (Unit::Week(_), Unit::Week(_))
            | (Unit::Day(..), Unit::Day(..))
    );
    if !alike {
        return None;
    }
    let last_year = to.year.or(year);
    let first_year = from.year.or(last_year);
    Some(
        written(from_unit, first_year)
            .and_then(|first| Ok((first, written(to.unit, last_year)?)))
            .and_then(|(first, last)| spanned(first, last)),
    )
}

/// From the first day of one period to the last day of another: in months where both have months.
fn spanned(first: Period, last: Period) -> Result<Period, PeriodRefusal> {
    let in_days = matches!(first.frequency(), Frequency::Daily | Frequency::Weekly);
    let shape = if in_days { "%Y-%m-%d" } else { "%Y-%m" };
    let (from, to) = (
        first.start().format(shape).to_string(),
        last.end().format(shape).to_string(),
    );
    let text = if from == to { from } else { format!("{from}/{to}") };
    Ok(text.parse()?)
}

/// The canonical period of a unit in a year.
fn written(unit: Unit, year: Option<u32>) -> Result<Period, PeriodRefusal> {
    if matches!(unit, Unit::DayOnly(_) | Unit::Numeral(_)) {
        return Err(PeriodRefusal::Fault(PeriodFault::Syntax));
    }
    let Some(year) = year else {
        // A month 13 is wrong in every year.
        written(unit, Some(2024))?;
        return Err(PeriodRefusal::NeedsContext);
    };
    let text = match unit {
        Unit::Year | Unit::DayOnly(_) | Unit::Numeral(_) => format!("{year:04}"),
        Unit::Half(half @ 0..=9) => format!("{year:04}-S{half}"),
        Unit::Quarter(quarter @ 0..=9) => format!("{year:04}-Q{quarter}"),
        Unit::Half(_) | Unit::Quarter(_) => return Err(PeriodRefusal::Fault(PeriodFault::NotInCalendar)),
        Unit::Month(month) | Unit::Months(month @ 1) => format!("{year:04}-{month:02}"),
        Unit::Months(months) => format!("{year:04}-01/{year:04}-{months:02}"),
        Unit::Week(week) => format!("{year:04}-W{week:02}"),
        Unit::Day(month, day) => format!("{year:04}-{month:02}-{day:02}"),
    };
    Ok(text.parse()?)
}
