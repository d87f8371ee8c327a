//! The rules of one observation, the same for every format and every profile.
//!
//! Every rule speaks: a broken rule never keeps another from being looked at. A row with any error gives no
//! observation.

use crate::drafts::{Draft, Sent, SentValue, Slot, number_example};
use crate::duplicates::Pending;
use crate::normaliser::NormaliserSettings;
use crate::places::{Head, NO_COLUMN, Place};
use crate::series::SeriesBook;
use crate::vocabulary::{COUNTRY, NOT_APPLICABLE, TERRITORY, TYPED_DIMENSIONS, Vocabulary, agreed_kind};
use chrono::NaiveDate;
use leleka_domain::{
    Code, Finding, Findings, Frequency, ObsFlags, ObsStatus, ObservationRow, ValueFault, value_from_text,
};
use rustc_hash::FxHashMap;

/// Where a cell stands: its pointer, or the number of its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CellPlace(Option<String>, Option<u32>);

impl CellPlace {
    pub(crate) fn of(finding: &Finding) -> Self {
        let column = finding.column.as_ref().map(|column| column.index);
        Self(finding.pointer.clone(), column)
    }
}

/// Judges observations and keeps what came of them.
pub(crate) struct Judge<'a> {
    pub(crate) settings: NormaliserSettings<'a>,
    pub(crate) vocabulary: Vocabulary<'a>,
    pub(crate) findings: Findings,
    pub(crate) heads: Vec<Head>,
    /// Dimensions that some column or declaration fills.
    pub(crate) filled: Vec<usize>,
    /// The header lacks a column, which was told once: its absence is not told again in each row.
    pub(crate) header_incomplete: bool,
    pub(crate) row: u64,
    pub(crate) line: u64,
    pub(crate) row_refused: bool,
    told: Vec<(Code, u32, Box<str>)>,
    /// Row and place of cells that the reader could not give whole: what they mean is not judged.
    pub(crate) unread: Vec<(u64, CellPlace)>,
    pub(crate) series: SeriesBook,
    in_scope: FxHashMap<u32, bool>,
    pub(crate) pending: Vec<Pending>,
    /// Whether some row deletes its observation.
    pub(crate) deletes: bool,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(settings: NormaliserSettings<'a>) -> Self {
        Self {
            settings,
            vocabulary: Vocabulary::new(settings.codebook),
            findings: Findings::keeping(settings.findings_kept),
            heads: Vec::new(),
            filled: Vec::new(),
            header_incomplete: false,
            row: 0,
            line: 0,
            row_refused: false,
            told: Vec::new(),
            unread: Vec::new(),
            series: SeriesBook::empty(),
            in_scope: FxHashMap::default(),
            pending: Vec::new(),
            deletes: false,
        }
    }

    pub(crate) fn begin_row(&mut self, row: u64, line: u64) {
        self.row = row;
        self.line = line;
        self.row_refused = false;
        self.told.clear();
    }

    /// Tells an error of this row, once for each code and cell.
    pub(crate) fn tell(
        &mut self,
        code: Code,
        column: u32,
        field: &str,
        value: Option<&str>,
        expected: Option<&str>,
    ) {
        self.row_refused = true;
        let again = self
            .told
            .iter()
            .any(|(told, at, word)| *told == code && *at == column && **word == *field);
        if again {
            return;
        }
        self.told.push((code, column, field.into()));
        let place = self.place(self.row, self.line, column, field);
        let mut finding = place.mark(Finding::error(code));
        if self.unread.contains(&(self.row, CellPlace::of(&finding))) {
            return;
        }
        if let Some(value) = value {
            finding = finding.value(value);
        }
        finding.expected = expected.map(str::to_owned);
        self.findings.push(finding);
    }

    pub(crate) fn place<'t>(&'t self, row: u64, line: u64, column: u32, field: &'t str) -> Place<'t> {
        let number = self.vocabulary.dimension_number(field);
        Place {
            format: self.settings.format,
            row,
            line,
            column,
            head: self.heads.get(column as usize),
            field,
            nested: number.is_some_and(|number| number >= TYPED_DIMENSIONS.len()),
        }
    }

    /// Judges one observation and keeps it when nothing stands against its row so far.
    pub(crate) fn judge(&mut self, draft: &Draft, value: &SentValue<'_>) {
        let indicator = self.required(draft.indicator, "indicator");
        let period = self.required(draft.period, "period");
        let (status, flags) = ObsFlags::split(&draft.statuses);
        let number = if draft.deletes {
            self.deletion_rule(value);
            None
        } else {
            self.number(indicator, value)
        };
        if !draft.status_wrong && !draft.deletes {
            self.value_and_status(status, value, number);
        }
        if let Some((indicator, column)) = indicator {
            self.dataflow_rule(indicator, column);
            self.dimension_rules(indicator, draft);
        }
        if let Some((period, column)) = period {
            if let Some((indicator, at)) = indicator {
                self.agreement_rule(indicator, at, period);
            }
            if !draft.status_wrong && !draft.deletes && !draft.says_it_may_change() {
                self.ended_rule(indicator, period, column);
            }
        }
        let (Some((indicator, _)), Some((period, _)), false) = (indicator, period, self.row_refused) else {
            self.row_refused = true;
            return;
        };
        let Some(entry) = self.vocabulary.period(period) else {
            return;
        };
        let series = self.series_of(indicator, entry.frequency_key, entry.period.frequency(), draft);
        self.pending.push(Pending {
            observation: ObservationRow {
                series,
                period_start: entry.period.start(),
                row: u32::try_from(self.row).unwrap_or(u32::MAX),
                value: number,
                status,
                flags,
                confidentiality: draft.confidentiality,
                retracts: draft.deletes,
            },
            line: self.line,
            column: value.column,
        });
    }

    /// What is deleted is named by its key alone; a number beside it would be lost silently.
    fn deletion_rule(&mut self, value: &SentValue<'_>) {
        self.deletes = true;
        if let Sent::Text(_) = value.sent {
            self.tell(
                Code::ValueUnexpected,
                value.column,
                "value",
                Some(value.raw),
                Some("D"),
            );
        }
    }

    fn required(&mut self, slot: Slot, field: &str) -> Option<(u32, u32)> {
        match slot {
            Slot::Known(number, column) => return Some((number, column)),
            Slot::Blank(NO_COLUMN) if self.header_incomplete => {}
            Slot::Blank(column) => self.tell(Code::FieldMissing, column, field, None, None),
            Slot::Wrong => {}
        }
        self.row_refused = true;
        None
    }

    fn number(&mut self, indicator: Option<(u32, u32)>, value: &SentValue<'_>) -> Option<f64> {
        let Sent::Text(text) = &value.sent else {
            return None;
        };
        let entry = indicator.and_then(|(number, _)| self.vocabulary.indicator(number));
        // Without an indicator only the grammar can be judged.
        let decimals = entry.map_or(15, |entry| entry.record.decimals);
        let whole_only = entry.is_none_or(|entry| !entry.record.may_be_negative());
        let read = value_from_text(text, decimals);
        let code = match read {
            Ok(number) if number < 0.0 && entry.is_some() && whole_only => Code::ValueNegative,
            Ok(number) => return Some(number),
            Err(ValueFault::NotNumber) if value.raw.contains(char::is_control) => Code::TextControlCharacter,
            Err(ValueFault::NotNumber) => Code::ValueNotNumber,
            Err(ValueFault::NotInteger) => Code::ValueNotInteger,
            Err(ValueFault::TooPrecise) => Code::ValueTooPrecise,
            Err(ValueFault::TooManyDecimals) => Code::ValueTooManyDecimals,
        };
        let expected = if code == Code::ValueNotNumber {
            Some(number_example(decimals, value.decimal_mark))
        } else {
            (code == Code::ValueTooManyDecimals).then(|| decimals.to_string())
        };
        self.tell(code, value.column, "value", Some(value.raw), expected.as_deref());
        None
    }

    fn value_and_status(&mut self, status: ObsStatus, value: &SentValue<'_>, number: Option<f64>) {
        match &value.sent {
            Sent::Nothing if status.carries_value() => {
                if !(value.column == NO_COLUMN && self.header_incomplete) {
                    self.tell(Code::ValueMissing, value.column, "value", None, None);
                }
                self.row_refused = true;
            }
            Sent::Text(_) if number.is_some() && !status.carries_value() => {
                let letter = Some(status.letter());
                self.tell(
                    Code::ValueUnexpected,
                    value.column,
                    "value",
                    Some(value.raw),
                    letter,
                );
            }
            Sent::Nothing | Sent::Wrong | Sent::Text(_) => {}
        }
    }

    fn dataflow_rule(&mut self, indicator: u32, column: u32) {
        let here = (self.row, self.line, column);
        let Some(entry) = self.vocabulary.indicators.get_mut(indicator as usize) else {
            return;
        };
        if entry.first.is_none() {
            entry.first = Some(here);
        }
        let record = entry.record;
        if self
            .settings
            .dataflow
            .is_some_and(|dataflow| dataflow != record.dataflow)
        {
            let expected = Some(record.dataflow.as_str());
            self.tell(
                Code::IndicatorOtherDataflow,
                column,
                "indicator",
                Some(&record.code),
                expected,
            );
        }
    }

    fn agreement_rule(&mut self, indicator: u32, column: u32, period: u32) {
        let Some(frequency) = self
            .vocabulary
            .period(period)
            .map(|entry| entry.period.frequency())
        else {
            return;
        };
        let (settings, kind) = (self.settings, agreed_kind(frequency));
        let Some(entry) = self.vocabulary.indicators.get_mut(indicator as usize) else {
            return;
        };
        let code = entry.record.code.as_str();
        let Some(known) = entry.agreed.get_mut(kind) else {
            return;
        };
        let agreed = *known.get_or_insert_with(|| {
            let (body, today) = (settings.body, settings.today);
            settings
                .codebook
                .agreement(body, code, frequency, today)
                .is_some()
        });
        if !agreed {
            let value = format!("{code}, {}", frequency.sdmx());
            self.tell(Code::IndicatorNotAgreed, column, "indicator", Some(&value), None);
        }
    }

    /// Figures of a period that still runs are provisional, estimated or forecast. A day, or a stock counted
    /// on a day, is complete on that day.
    fn ended_rule(&mut self, indicator: Option<(u32, u32)>, period: u32, column: u32) {
        let Some(entry) = self.vocabulary.period(period) else {
            return;
        };
        let today: NaiveDate = self.settings.today;
        if entry.end < today {
            return;
        }
        let stock = indicator
            .and_then(|(number, _)| self.vocabulary.indicator(number))
            .is_some_and(|entry| entry.record.measure == "stock");
        let counted_on_a_day = stock || entry.period.frequency() == Frequency::Daily;
        if entry.end > today || !counted_on_a_day {
            let value = entry.period.to_string();
            self.tell(Code::PeriodNotEnded, column, "period", Some(&value), None);
        }
    }

    fn dimension_rules(&mut self, indicator: u32, draft: &Draft) {
        let filled = std::mem::take(&mut self.filled);
        for number in &filled {
            let slot = draft.dimension(*number);
            let Slot::Known(token, column) = slot else {
                self.row_refused |= slot == Slot::Wrong;
                continue;
            };
            let entry = self.vocabulary.indicator(indicator);
            let allowed = entry.and_then(|entry| entry.allowed.get(*number)).copied();
            if token == NOT_APPLICABLE {
                if allowed == Some(true) {
                    self.not_applicable_rule(*number, column);
                }
            } else if allowed != Some(true) && !self.is_declared(column) {
                let (name, code) = self.words(*number, token);
                self.tell(Code::DimensionNotAllowed, column, &name, Some(&code), None);
            }
        }
        self.filled = filled;
        self.scope_rule(indicator, draft.dimension(TERRITORY));
    }

    /// A code that a profile gives to every row counts only where the indicator has the dimension.
    fn is_declared(&self, column: u32) -> bool {
        column == NO_COLUMN && self.settings.profile.is_some()
    }

    /// `_Z` for a dimension that the indicator has needs a place in the list.
    fn not_applicable_rule(&mut self, dimension: usize, column: u32) {
        let entry = self.vocabulary.dimension(dimension);
        if self.settings.codebook.resolve_code(entry.list, "_Z").is_none() {
            self.tell(Code::CodeUnknown, column, entry.name, Some("_Z"), None);
        }
    }

    fn scope_rule(&mut self, indicator: u32, slot: Slot) {
        let Some(scope) = self.settings.territory_scope else {
            return;
        };
        let entry = self.vocabulary.indicator(indicator);
        let has_territory = entry.is_some_and(|entry| entry.allowed.first() == Some(&true));
        let (token, column) = match slot {
            Slot::Known(token, column) => (token, column),
            Slot::Blank(column) => (COUNTRY, column),
            Slot::Wrong => return,
        };
        if !has_territory || token == NOT_APPLICABLE {
            return;
        }
        let (codebook, vocabulary) = (self.settings.codebook, &self.vocabulary);
        let within = *self
            .in_scope
            .entry(token)
            .or_insert_with(|| codebook.is_within(vocabulary.text(token), scope));
        if !within {
            let (name, code) = self.words(TERRITORY, token);
            self.tell(
                Code::TerritoryOutsideScope,
                column,
                &name,
                Some(&code),
                Some(scope),
            );
        }
    }

    fn words(&self, dimension: usize, token: u32) -> (String, String) {
        let name = self.vocabulary.dimension(dimension).name.to_owned();
        (name, self.vocabulary.text(token).to_owned())
    }
}
