//! Reading a query string strictly: every unknown, repeated or wrong parameter is told in one answer.

use crate::http::problem::Failure;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_contract::v1::ParameterFault;
use leleka_domain::{Code, Period};
use std::future::{Ready, ready};
use std::ops::RangeInclusive;

/// The parameters of one operation, documented by `IntoParams` and read by this.
pub(crate) trait QueryModel: Sized {
    /// Takes every parameter it knows.
    fn read(query: &mut QueryReader) -> Self;
}

/// Extracts the parameters of an operation.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: QueryModel> FromRequest for Params<T> {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let mut reader = QueryReader::new(request.query_string());
        let model = T::read(&mut reader);
        ready(reader.finish().map(|()| Self(model)))
    }
}

/// An operation without parameters.
pub(crate) struct NoParameters;

impl QueryModel for NoParameters {
    fn read(_query: &mut QueryReader) -> Self {
        Self
    }
}

/// The pairs of a query string that are not taken yet, and what was wrong so far.
pub(crate) struct QueryReader {
    pairs: Vec<(String, String)>,
    faults: Vec<ParameterFault>,
}

/// Parameters that the data exchange bus adds; they mean nothing here.
const BUS_PARAMETERS: [&str; 2] = ["queryId", "userId"];
const FAULTS_TOLD: usize = 100;
/// Most values of a parameter that may be repeated; it stands in the contract.
pub(crate) const MANY_VALUES: usize = 500;
/// Longest value of such a parameter, in characters; it stands in the contract.
pub(crate) const MANY_VALUE_CHARS: usize = 200;

impl QueryReader {
    fn new(query: &str) -> Self {
        let pairs = serde_urlencoded::from_str(query).unwrap_or_default();
        Self {
            pairs,
            faults: Vec::new(),
        }
    }

    pub(crate) fn fault(&mut self, name: &str, expected: impl Into<String>) {
        self.faults.push(ParameterFault {
            name: name.to_owned(),
            code: Code::ParameterInvalid.as_str().to_owned(),
            expected: Some(expected.into()),
        });
    }

    /// Every value of a parameter that may be repeated.
    pub(crate) fn many(&mut self, name: &str) -> Vec<String> {
        let values = self.taken(name);
        if values.len() > MANY_VALUES {
            self.fault(name, format!("at most {MANY_VALUES} values"));
        }
        if values
            .iter()
            .any(|value| value.chars().count() > MANY_VALUE_CHARS)
        {
            self.fault(name, format!("at most {MANY_VALUE_CHARS} characters"));
        }
        values
    }

    fn taken(&mut self, name: &str) -> Vec<String> {
        let (taken, left) = std::mem::take(&mut self.pairs)
            .into_iter()
            .partition(|(key, _)| key == name);
        self.pairs = left;
        let taken: Vec<(String, String)> = taken;
        // PostgreSQL cannot even be asked about a text with U+0000; U+FFFD stands where bytes were no UTF-8.
        let unreadable = |character: char| character.is_control() || character == '\u{FFFD}';
        if taken.iter().any(|(_, value)| value.chars().any(unreadable)) {
            self.fault(name, "UTF-8, no control characters");
        }
        taken.into_iter().map(|(_, value)| value).collect()
    }

    /// The value of a parameter that stands at most once.
    pub(crate) fn one(&mut self, name: &str) -> Option<String> {
        let mut values = self.taken(name);
        if values.len() > 1 {
            self.fault(name, "one value");
        }
        (!values.is_empty()).then(|| values.swap_remove(0))
    }

    pub(crate) fn flag(&mut self, name: &str, default: bool) -> bool {
        match self.one(name).as_deref() {
            None => default,
            Some("true") => true,
            Some("false") => false,
            Some(_) => {
                self.fault(name, "true | false");
                default
            }
        }
    }

    pub(crate) fn number(&mut self, name: &str, range: RangeInclusive<i64>, default: i64) -> i64 {
        let Some(text) = self.one(name) else {
            return default;
        };
        match text.parse() {
            Ok(number) if range.contains(&number) => number,
            _ => {
                self.fault(name, format!("{} … {}", range.start(), range.end()));
                default
            }
        }
    }

    pub(crate) fn instant(&mut self, name: &str) -> Option<DateTime<Utc>> {
        let text = self.one(name)?;
        // In a query string `+` may stand for a blank: a zone of `+02:00` arrives as ` 02:00`.
        let instant = DateTime::parse_from_rfc3339(&text.replace(' ', "+")).map(|at| at.with_timezone(&Utc));
        instant
            .map_err(|_| self.fault(name, "RFC 3339, 2026-11-22T08:00:00Z"))
            .ok()
    }

    /// A moment that has passed: what lies ahead cannot be answered the same way twice.
    pub(crate) fn past_check(moment: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), Failure> {
        // Clocks differ by seconds.
        if moment.is_some_and(|moment| moment > now + chrono::Duration::seconds(5)) {
            return Err(Failure::new(Code::ParameterInvalid).detail("asOf > now"));
        }
        Ok(())
    }

    /// The first day of a period given as the beginning of a range.
    pub(crate) fn first_day(&mut self, name: &str) -> NaiveDate {
        self.period(name).map_or(
            NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default(),
            |period| period.start(),
        )
    }

    /// The last day of a period given as the end of a range.
    pub(crate) fn last_day(&mut self, name: &str) -> NaiveDate {
        self.period(name).map_or(
            NaiveDate::from_ymd_opt(2199, 12, 31).unwrap_or_default(),
            |period| period.end(),
        )
    }

    pub(crate) fn period(&mut self, name: &str) -> Option<Period> {
        let text = self.one(name)?;
        text.parse()
            .map_err(|_| self.fault(name, "2015 | 2015-S1 | 2015-Q3 | 2015-07 | 2015-W30 | 2015-07-23"))
            .ok()
    }

    /// Words of a closed list.
    pub(crate) fn words(&mut self, name: &str, known: &[&str]) -> Vec<String> {
        let words = self.many(name);
        if words.iter().any(|word| !known.contains(&word.as_str())) {
            self.fault(name, known.join(" | "));
        }
        words
    }

    /// An identifier.
    pub(crate) fn text(&mut self, name: &str, most: usize) -> Option<String> {
        let text = self.one(name)?;
        if text.chars().count() > most {
            self.fault(name, format!("at most {most} characters"));
        }
        Some(text)
    }

    fn finish(mut self) -> Result<(), Failure> {
        for (name, _) in self
            .pairs
            .iter()
            .filter(|(name, _)| !BUS_PARAMETERS.contains(&name.as_str()))
        {
            let name = leleka_domain::printable_excerpt(name);
            let code = Code::ParameterUnknown.as_str().to_owned();
            self.faults.push(ParameterFault {
                name,
                code,
                expected: None,
            });
        }
        self.faults.truncate(FAULTS_TOLD);
        let Some(first) = self.faults.first() else {
            return Ok(());
        };
        let code = Code::from_code(&first.code).unwrap_or(Code::ParameterInvalid);
        Err(Failure::parameters(code, self.faults))
    }
}
