//! Repeated keys of one chunk: found by sorting, every offending row told.
//!
//! A chunk leaves sorted by series and period and without repetitions. Repetitions across chunks are for the
//! writer, who sees them all.

use crate::judgement::Judge;
use crate::places::{NO_COLUMN, row_pointer, spreadsheet_column};
use leleka_domain::{Code, Finding, ObservationRow, RowFormat};
use rustc_hash::FxHashSet;

/// Other rows that one finding names at most.
const NAMED_ROWS: usize = 10;

/// An observation and where it was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pending {
    pub(crate) observation: ObservationRow,
    pub(crate) line: u64,
    pub(crate) column: u32,
}

impl Pending {
    fn is_same_key(&self, other: &Self) -> bool {
        self.observation.series == other.observation.series
            && self.observation.period_start == other.observation.period_start
    }
}

impl Judge<'_> {
    /// Takes the pending observations, sorted; rows with a repeated key are told and dropped whole.
    ///
    /// Gives the observations and the number of rows refused here.
    pub(crate) fn take_sorted(&mut self) -> (Vec<ObservationRow>, u64) {
        // Given back below: a chunk is as large as the one before, and growing anew doubles its memory.
        let mut pending = std::mem::take(&mut self.pending);
        pending.sort_unstable_by_key(|one| {
            let seen = &one.observation;
            (seen.series, seen.period_start, seen.row, one.column)
        });
        let mut refused: FxHashSet<u32> = FxHashSet::default();
        for group in pending.chunk_by(Pending::is_same_key) {
            if group.len() > 1 {
                for (place, one) in group.iter().enumerate() {
                    refused.insert(one.observation.row);
                    let finding = self.repeated(one, &other_rows(group, place));
                    self.findings.push(finding);
                }
            }
        }
        let mut kept = Vec::with_capacity(pending.len());
        kept.extend(
            pending
                .drain(..)
                .map(|one| one.observation)
                .filter(|seen| refused.is_empty() || !refused.contains(&seen.row)),
        );
        self.pending = pending;
        (kept, refused.len() as u64)
    }

    fn repeated(&self, one: &Pending, others: &str) -> Finding {
        let (format, row) = (self.settings.format, u64::from(one.observation.row));
        let mut finding = Finding::error(Code::RowDuplicateKey)
            .at(row, one.line)
            .expected(others);
        match format {
            RowFormat::Csv | RowFormat::Xlsx | RowFormat::SdmxCsv => {
                let wide = self
                    .settings
                    .profile
                    .is_some_and(|profile| profile.wide.is_some());
                let head = self.heads.get(one.column as usize);
                finding.column = head
                    .filter(|_| wide && one.column != NO_COLUMN)
                    .map(|head| spreadsheet_column(one.column, head));
            }
            RowFormat::Json | RowFormat::Ndjson => finding.pointer = Some(row_pointer(format, row)),
        }
        finding
    }
}

fn other_rows(group: &[Pending], place: usize) -> String {
    let others = group.iter().enumerate().filter(|(other, _)| *other != place);
    let mut named: Vec<String> = others
        .take(NAMED_ROWS)
        .map(|(_, one)| one.observation.row.to_string())
        .collect();
    if group.len() > NAMED_ROWS + 1 {
        named.push("…".to_owned());
    }
    named.join(", ")
}
