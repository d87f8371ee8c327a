//! What a declaration says about slices: how a correction treats what it does not hold, and reports of nothing.
//!
//! Every fault goes to the caller's `fault`: code, field, what was found, what would be right.

use crate::Caller;
use crate::centre::Book;
use crate::submission::declared::SentRows;
use leleka_domain::{Code, Frequency, Period, PeriodFault, SubmissionKind, SubmissionMode};

/// The mode of a submission. A correction replaces its slices unless it says otherwise or its rows do; anything
/// else leaves alone what it does not hold (`docs/decisions/0007-revision-without-correction.md`).
pub(crate) fn mode_check(
    sent: &SentRows,
    kind: Option<SubmissionKind>,
    word: Option<&str>,
    fault: &mut impl FnMut(Code, &'static str, &str, &str),
) -> SubmissionMode {
    let correction = kind == Some(SubmissionKind::Correction);
    if sent.deletes && !correction {
        fault(
            Code::ActionNotAllowed,
            "kind",
            kind.map_or("", SubmissionKind::word),
            "correction",
        );
    }
    let Some(word) = word else {
        return if correction && !sent.actions {
            SubmissionMode::ReplaceSlice
        } else {
            SubmissionMode::Merge
        };
    };
    let Ok(mode) = word.parse() else {
        fault(Code::JsonType, "mode", word, "replace_slice | merge");
        return SubmissionMode::Merge;
    };
    if mode == SubmissionMode::ReplaceSlice && sent.actions {
        fault(Code::ActionNotAllowed, "mode", word, "merge");
    }
    if correction { mode } else { SubmissionMode::Merge }
}

/// Whether and for which period a sender says that there is nothing to report.
pub(crate) struct NilReport<'a> {
    pub(crate) declared: bool,
    pub(crate) dataflow: Option<&'a str>,
    pub(crate) period: Option<&'a str>,
}

impl NilReport<'_> {
    /// The canonical period; none when nothing was declared, or something stands against it.
    pub(crate) fn check(
        &self,
        book: &Book,
        caller: &Caller,
        sent: &SentRows,
        fault: &mut impl FnMut(Code, &'static str, &str, &str),
    ) -> Vec<String> {
        if !self.declared {
            if let Some(period) = self.period {
                fault(Code::NilReportUnexpected, "period", period, "");
            }
            return Vec::new();
        }
        if sent.rows > 0 {
            fault(Code::NilReportUnexpected, "nil_report", "true", "");
        }
        let Some(text) = self.period else {
            fault(Code::FieldMissing, "period", "", "");
            return Vec::new();
        };
        let period: Period = match text.parse() {
            Ok(period) => period,
            Err(read) => {
                let code = match read {
                    PeriodFault::Syntax => Code::PeriodSyntax,
                    PeriodFault::NotInCalendar => Code::PeriodNotInCalendar,
                    PeriodFault::OutOfRange => Code::PeriodOutOfRange,
                };
                fault(code, "period", text, "2026-W45");
                return Vec::new();
            }
        };
        if !has_ended(period, sent) {
            fault(Code::PeriodNotEnded, "period", text, "");
        }
        let known = self
            .dataflow
            .filter(|code| book.codebook.dataflow(code).is_some());
        if let Some(dataflow) = known
            && !is_reported(book, &caller.body, dataflow, period.frequency(), sent)
        {
            let value = format!("{dataflow}, {}", period.frequency().sdmx());
            fault(Code::IndicatorNotAgreed, "dataflow", &value, "");
        }
        vec![period.to_string()]
    }
}

/// Whether nothing can happen in the period any more. A day is complete on that day, as it is for figures.
fn has_ended(period: Period, sent: &SentRows) -> bool {
    let end = period.end();
    end < sent.today || (end == sent.today && period.frequency() == Frequency::Daily)
}

/// Whether the body delivers anything of the dataflow at this frequency.
fn is_reported(book: &Book, body: &str, dataflow: &str, frequency: Frequency, sent: &SentRows) -> bool {
    let agreed = |indicator: &&str| {
        book.codebook
            .agreement(body, indicator, frequency, sent.today)
            .is_some()
    };
    book.indicators_of(dataflow).iter().any(agreed)
}
