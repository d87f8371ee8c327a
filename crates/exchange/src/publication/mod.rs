//! The act of telling a risk metric's table to the public: whole spans, made safe against everything told before.
//!
//! Every answer is kept with the figures that it was judged by; the same figures get the same answer for ever. Never
//! makes a table of what a caller chose: a table is every key of a whole span, and is cut only after it is safe.

mod answer;
mod measures;
mod pinned;
mod table;

pub use answer::{TableCell, TableCellStatus, cell_is_within};
pub use pinned::{publication_pin, publication_pinned};

use crate::centre::Book;
use crate::{ActError, Centre};
use answer::answer_of;
use chrono::{Days, NaiveDate};
use leleka_domain::{Code, Frequency, Period};
use leleka_risk::{Definition, ReleaseMethod, ReleaseRules, ReleaseTable, canonical_json, sha256_hex};
use leleka_store::{
    StoredMetricValue, ToldTable, disclosure_read, metric_value_table, told_table_insert_in_tx,
    told_table_lock_in_tx,
};
use measures::{Measures, measures_of};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub use leleka_risk::ReleaseMethod as PublicationHow;

/// Most spans of one answer.
pub const SPANS: usize = 60;

/// The thresholds of disclosure control, as the catalogue writes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisclosureFile {
    /// Version.
    pub version: String,
    /// Counts above zero and below this are not told.
    pub threshold: i64,
    /// Counts are rounded to multiples of this.
    pub rounding_base: u32,
    /// A confidential count must stay uncertain by so many percent either way.
    pub confidential_percent: u32,
    /// Where the numbers come from.
    pub source: String,
}

impl Default for DisclosureFile {
    fn default() -> Self {
        let rules = ReleaseRules::default();
        Self {
            version: String::new(),
            threshold: rules.threshold,
            rounding_base: rules.rounding_base,
            confidential_percent: rules.confidential_percent,
            source: String::new(),
        }
    }
}

impl DisclosureFile {
    /// Whether the numbers can protect anything; else what is wrong.
    pub(crate) fn check(&self) -> Result<(), String> {
        let fits = (2..=1_000).contains(&self.threshold)
            && (2..=1_000).contains(&self.rounding_base)
            && (1..=1_000).contains(&self.confidential_percent);
        if fits {
            Ok(())
        } else {
            Err("threshold and rounding_base: 2 … 1000; confidential_percent: 1 … 1000".to_owned())
        }
    }

    fn rules(&self) -> ReleaseRules {
        ReleaseRules {
            threshold: self.threshold,
            rounding_base: self.rounding_base,
            confidential_percent: self.confidential_percent,
        }
    }
}

/// The true tables behind an answer, by what they count; a metric that is itself a count has one, with no name.
pub(crate) type Figures = BTreeMap<String, ReleaseTable>;

/// The tables of a metric for every span that these days touch, each as told, the oldest first; spans without any
/// value are left out.
///
/// # Errors
/// Not found when there is no such metric; a refusal when a span was told by another method, or a metric that is no
/// count is to be rounded, or the days reach over too many spans.
pub fn publication_tables(
    centre: &Centre,
    code: &str,
    (from, to): (NaiveDate, NaiveDate),
    method: ReleaseMethod,
) -> Result<Vec<ToldTable>, ActError> {
    let book = centre.book();
    let found = book.definitions.iter().find(|definition| definition.code == code);
    let definition = found.ok_or_else(|| ActError::refused(Code::ResourceNotFound))?;
    let mut tables = Vec::new();
    for span in spans(definition.frequency, from, to)? {
        tables.extend(span_tell(centre, &book, definition, span, method)?);
    }
    Ok(tables)
}

/// The period that a table is whole for: the month for weeks (that of their Thursday) and days, else the period.
pub(crate) fn span_of(period: Period) -> Option<Period> {
    match period.frequency() {
        Frequency::Weekly => {
            let thursday = period.start().checked_add_days(Days::new(3))?;
            Period::containing(Frequency::Monthly, thursday)
        }
        Frequency::Daily => Period::containing(Frequency::Monthly, period.start()),
        _ => Some(period),
    }
}

fn spans(frequency: Frequency, from: NaiveDate, to: NaiveDate) -> Result<Vec<Period>, ActError> {
    let of = match frequency {
        Frequency::Weekly | Frequency::Daily => Frequency::Monthly,
        other => other,
    };
    let too_many =
        || ActError::refused_because(Code::ParameterInvalid, format!("from … to: at most {SPANS}"));
    let mut spans = Vec::new();
    let mut next = Period::containing(of, from);
    while let Some(span) = next.filter(|span| span.start() <= to) {
        if spans.len() == SPANS {
            return Err(too_many());
        }
        spans.push(span);
        next = span.shift(1);
    }
    Ok(spans)
}

fn span_tell(
    centre: &Centre,
    book: &Book,
    definition: &Definition,
    span: Period,
    method: ReleaseMethod,
) -> Result<Option<ToldTable>, ActError> {
    let (name, word) = (span.to_string(), method_word(method));
    centre.store.submit(|tx| {
        let past = told_table_lock_in_tx(tx, &definition.code, &name)?;
        let mut reader = centre.store.reader()?;
        // Read under the lock: the newest figures are judged after all that was told of older ones.
        let values = values_read(&mut reader, definition, span)?;
        let Some(data_as_of) = values.iter().map(|value| value.data_as_of).max() else {
            return Ok(None);
        };
        let disclosure = disclosure_read(&mut reader)?;
        let rules = disclosure
            .and_then(|content| serde_json::from_value::<DisclosureFile>(content).ok())
            .unwrap_or_default()
            .rules();
        let Measures {
            by_name,
            places,
            overlapping,
        } = measures_of(centre, book, definition, &values, (span, rules.threshold))?;
        method_check(&by_name, &past, method)?;
        let sha256 = figures_digest(&by_name, &values, rules);
        if let Some(told) = past.iter().find(|told| told.figures_sha256 == sha256) {
            return Ok(Some(told.clone()));
        }
        let figures = figures_told(by_name, &past, method, rules)?;
        let answer = answer_of(definition, &values, &figures, (&places, &overlapping), rules);
        let unreadable = |error: serde_json::Error| ActError::Definition(format!("{name}: {error}"));
        let table = ToldTable {
            number: 0,
            id: centre.ids.next(),
            code: definition.code.clone(),
            version: i32::try_from(definition.version).unwrap_or(i32::MAX),
            span: name.clone(),
            method: word.to_owned(),
            figures_sha256: sha256,
            rules: serde_json::to_value(rules).map_err(unreadable)?,
            figures: serde_json::to_value(&figures).map_err(unreadable)?,
            answer: serde_json::to_value(&answer).map_err(unreadable)?,
            data_as_of,
            recorded_at: chrono::DateTime::default(),
        };
        Ok(Some(told_table_insert_in_tx(tx, &table)?))
    })
}

fn values_read(
    reader: &mut leleka_store::Reader,
    definition: &Definition,
    span: Period,
) -> Result<Vec<StoredMetricValue>, ActError> {
    let first = span
        .start()
        .checked_sub_days(Days::new(6))
        .unwrap_or(span.start());
    let mut values = metric_value_table(reader, &definition.code, first, span.end())?;
    values.retain(|value| {
        let period = Period::containing(definition.frequency, value.period);
        period.and_then(span_of) == Some(span) && value.frequency == definition.frequency.to_string()
    });
    Ok(values)
}

/// One span is told by one method: a rounded figure and an exact total around it may prove a small count together.
fn method_check(figures: &Figures, past: &[ToldTable], method: ReleaseMethod) -> Result<(), ActError> {
    let refused = |detail: &str| ActError::refused_because(Code::PublicationMethodUnfit, detail);
    if let Some(other) = past.iter().find(|told| told.method != method_word(method)) {
        return Err(refused(&format!("method={}", other.method)));
    }
    let is_count = figures.contains_key("");
    if method == ReleaseMethod::Round && !is_count {
        return Err(refused("method=suppress"));
    }
    Ok(())
}

pub(crate) fn method_word(method: ReleaseMethod) -> &'static str {
    match method {
        ReleaseMethod::Suppress => "suppress",
        ReleaseMethod::Round => "round",
    }
}

/// SHA-256 over everything that decides the answer beside what was told before.
fn figures_digest(figures: &Figures, values: &[StoredMetricValue], rules: ReleaseRules) -> Vec<u8> {
    let shown: Vec<_> = values
        .iter()
        .map(|it| {
            serde_json::json!([
                it.version, it.key, it.period, it.value, it.level, it.score, it.reason, it.flags
            ])
        })
        .collect();
    let all = serde_json::json!({"figures": figures, "values": shown, "rules": rules});
    let digest = sha256_hex(canonical_json(&all).as_bytes());
    crate::metric_record::digest_bytes(&digest).unwrap_or_default()
}

fn figures_told(
    figures: Figures,
    past: &[ToldTable],
    method: ReleaseMethod,
    rules: ReleaseRules,
) -> Result<Figures, ActError> {
    let mut before: BTreeMap<String, Vec<ReleaseTable>> = BTreeMap::new();
    for told in past {
        let corrupt = |_error| ActError::Definition(format!("{}/{}", told.code, told.id));
        let earlier: Figures = serde_json::from_value(told.figures.clone()).map_err(corrupt)?;
        for (name, table) in earlier {
            before.entry(name).or_default().push(table);
        }
    }
    let tell = |(name, table): (String, ReleaseTable)| {
        let past = before.get(&name).map_or(&[][..], Vec::as_slice);
        let told = table.release(method, rules, past);
        (name, table.told(&told))
    };
    Ok(figures.into_iter().map(tell).collect())
}
