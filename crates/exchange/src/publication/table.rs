//! A table of counts by keys and periods, with the totals and sums that a reader knows of.
//!
//! A total that the source reported stays what it is; what it holds beyond its parts is taken as known. One that was
//! not reported is the sum of what is there. Groupings of states overlap, so they stand apart.

use crate::centre::Book;
use leleka_domain::Period;
use leleka_risk::{Key, ReleaseCell, ReleaseSum, ReleaseTable, Told, is_total};
use std::collections::{BTreeMap, BTreeSet};

/// Where a cell of the table stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// Codes by dimension.
    pub(super) key: Key,
    /// The period, or the month that its weeks add up to.
    pub(super) period: String,
    /// Whether it was computed here from its parts.
    pub(super) computed: bool,
}

/// A count of the metric itself.
#[derive(Clone, Debug)]
pub(super) struct Count {
    pub(super) key: Key,
    pub(super) period: Period,
    pub(super) count: i64,
    pub(super) confidential: bool,
}

/// How a table is completed.
#[derive(Clone, Copy)]
pub(super) struct Completion<'b> {
    pub(super) book: &'b Book,
    pub(super) by: &'b [String],
    /// The month whose weeks or days are to be added up, when they can be.
    pub(super) month: Option<Period>,
    /// From which count on totals are not told but taken as known from elsewhere.
    pub(super) totals_known_from: Option<i64>,
}

/// Cells by key and period.
type Cells = BTreeMap<(Key, String), usize>;

/// The table under completion.
struct Draft {
    table: ReleaseTable,
    places: Vec<Place>,
    cells: Cells,
}

/// The table of these counts with its totals, and where each cell stands.
pub(super) fn table_of(counts: Vec<Count>, completion: Completion<'_>) -> (ReleaseTable, Vec<Place>) {
    let mut draft = Draft {
        table: ReleaseTable::default(),
        places: Vec::new(),
        cells: BTreeMap::new(),
    };
    let periods: BTreeSet<Period> = counts.iter().map(|it| it.period).collect();
    for it in counts {
        draft.add(
            (it.key, it.period.to_string()),
            (it.count, it.confidential),
            (false, false),
        );
    }
    for dimension in completion.by {
        totals_add(&mut draft, dimension, completion);
    }
    for dimension in completion.by {
        sums_add(&mut draft, dimension, completion.book);
    }
    if let Some(month) = completion.month {
        month_add(&mut draft, month, &periods);
    }
    (draft.table, draft.places)
}

impl Draft {
    fn add(
        &mut self,
        at: (Key, String),
        (count, confidential): (i64, bool),
        (computed, known): (bool, bool),
    ) {
        let next = self.table.cells.len();
        let text =
            crate::metric_dirty::key_text(at.0.iter().map(|(name, code)| (name.as_str(), code.as_str())));
        self.table.cells.push(ReleaseCell {
            label: format!("{text}@{}", at.1),
            count,
            confidential,
            known,
            told: Told::Nothing,
        });
        self.places.push(Place {
            key: at.0.clone(),
            period: at.1.clone(),
            computed,
        });
        self.cells.insert(at, next);
    }

    fn count(&self, place: usize) -> i64 {
        self.table.cells.get(place).map_or(0, |cell| cell.count)
    }

    /// Codes of a dimension by everything else: the other dimensions and the period.
    fn lines(&self, dimension: &str) -> BTreeMap<(Key, String), BTreeMap<String, usize>> {
        let mut lines: BTreeMap<(Key, String), BTreeMap<String, usize>> = BTreeMap::new();
        for ((key, period), place) in &self.cells {
            let mut rest = key.clone();
            if let Some(code) = rest.remove(dimension) {
                lines
                    .entry((rest, period.clone()))
                    .or_default()
                    .insert(code, *place);
            }
        }
        lines
    }
}

/// Adds the totals over a dimension that the source did not report, where there is more than one part.
fn totals_add(draft: &mut Draft, dimension: &str, completion: Completion<'_>) {
    for ((rest, period), codes) in draft.lines(dimension) {
        if codes.keys().any(|code| is_total(dimension, code)) {
            continue;
        }
        let top = parts_of(completion.book, dimension, &codes, None);
        if top.len() < 2 {
            continue;
        }
        let mut key = rest;
        key.insert(dimension.to_owned(), total_code(dimension).to_owned());
        let count: i64 = top.iter().map(|place| draft.count(*place)).sum();
        // What is too small to be told is not taken as known either.
        let known = completion.totals_known_from.is_some_and(|from| count >= from);
        draft.add((key, period), (count, false), (true, known));
    }
}

/// Adds the sums along a dimension: every code that has others below it, and the total.
fn sums_add(draft: &mut Draft, dimension: &str, book: &Book) {
    let mut sums = Vec::new();
    for (_, codes) in draft.lines(dimension) {
        for (code, total) in &codes {
            let above = (!is_total(dimension, code)).then_some(code.as_str());
            let parts = parts_of(book, dimension, &codes, above);
            if !parts.is_empty() {
                let of_parts: i64 = parts.iter().map(|place| draft.count(*place)).sum();
                let rest = draft.count(*total).saturating_sub(of_parts);
                sums.push(ReleaseSum {
                    total: *total,
                    parts,
                    rest,
                });
            }
        }
    }
    draft.table.sums.extend(sums);
}

/// Adds the sum over a month of every key that has a count for each of its periods.
fn month_add(draft: &mut Draft, month: Period, periods: &BTreeSet<Period>) {
    let mut of_key: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for ((key, _), place) in &draft.cells {
        of_key.entry(key.clone()).or_default().push(*place);
    }
    for (key, parts) in of_key {
        if parts.len() == periods.len() {
            let cells = parts.iter().filter_map(|place| draft.table.cells.get(*place));
            let (known, count) = cells.fold((true, 0), |(known, sum), cell| {
                (known && cell.known, sum + cell.count)
            });
            let total = draft.table.cells.len();
            draft.add((key, month.to_string()), (count, false), (true, known));
            draft.table.sums.push(ReleaseSum {
                total,
                parts,
                rest: 0,
            });
        }
    }
}

/// The parts of a code among others, or of the total: those right below it, no code between.
fn parts_of(book: &Book, dimension: &str, codes: &BTreeMap<String, usize>, of: Option<&str>) -> Vec<usize> {
    let present: BTreeSet<&str> = codes.keys().map(String::as_str).collect();
    codes
        .iter()
        .filter(|(code, _)| !is_total(dimension, code) && above(book, dimension, code, &present) == of)
        .map(|(_, place)| *place)
        .collect()
}

/// The nearest code above another that is among the present ones; `None` is the total.
fn above<'p>(book: &Book, dimension: &str, code: &str, present: &BTreeSet<&'p str>) -> Option<&'p str> {
    let list = book.codebook.dimension(dimension)?.list.as_str();
    let mut next = book.codebook.code(list, code)?.parent.clone();
    // A hierarchy with a loop ends here.
    for _ in 0..8 {
        let parent = next?;
        if let Some(found) = present.get(parent.as_str()) {
            return (!is_total(dimension, found)).then_some(*found);
        }
        next = book.codebook.code(list, &parent)?.parent.clone();
    }
    None
}

fn total_code(dimension: &str) -> &'static str {
    if is_total(dimension, "UA") { "UA" } else { "_T" }
}

/// Whether a code is a grouping of states, which overlaps with others.
pub(super) fn is_grouping(book: &Book, dimension: &str, code: &str) -> bool {
    let Some(dimension) = book.codebook.dimension(dimension) else {
        return false;
    };
    let single = ["STLS", "_U", "OTH", "RNC", "REF_1951", "REF_OTHER", "TIB", "_T"];
    dimension.list == "citizenship" && code.len() > 2 && !single.contains(&code)
}
