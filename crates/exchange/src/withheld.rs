//! What of risk metrics is withheld from a caller who may not see figures that rest on confidential observations.
//!
//! Never only the figure itself: with it goes everything from which it could be worked out, the values whose key lies
//! above, below or across it in the same period, and what later values were compared with.

use crate::{Book, Centre};
use chrono::NaiveDate;
use leleka_store::{Reader, StoreError, StoredMetricValue, metric_confidential_list, metric_key_list};
use std::collections::{BTreeMap, BTreeSet};

/// The flag of a value that rests on confidential observations, and the reason that a withheld value tells.
pub const CONFIDENTIAL: &str = "confidential";

/// Keys and periods of a metric that a caller is not to see.
#[derive(Debug, Default)]
pub struct Withheld {
    values: BTreeSet<(String, NaiveDate)>,
    /// From which period on the comparison of a key rests on what is withheld.
    comparisons: BTreeMap<String, NaiveDate>,
}

/// How much of a value is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Nothing.
    Nothing,
    /// What it was compared with.
    Comparison,
    /// Every figure.
    Figures,
}

impl Withheld {
    /// What is withheld of a metric; `past` when the answer shows what was said before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn read(centre: &Centre, reader: &mut Reader, code: &str, past: bool) -> Result<Self, StoreError> {
        let marks = metric_confidential_list(reader, code, past)?;
        if marks.is_empty() {
            return Ok(Self::default());
        }
        let book = centre.book();
        let keys: Vec<(String, BTreeMap<String, String>)> = metric_key_list(reader, code)?
            .into_iter()
            .map(|key| (key.clone(), key_read(&key)))
            .collect();
        let mut withheld = Self::default();
        for mark in marks {
            let own = key_read(&mark.key);
            for (text, _) in keys.iter().filter(|(_, key)| touches(&book, key, &own)) {
                withheld.values.insert((text.clone(), mark.period));
                let first = withheld.comparisons.entry(text.clone()).or_insert(mark.period);
                *first = (*first).min(mark.period);
            }
        }
        Ok(withheld)
    }

    /// The keys and periods whose level is not to be asked for either.
    #[must_use]
    pub fn pairs(&self) -> (Vec<String>, Vec<NaiveDate>) {
        self.values.iter().cloned().unzip()
    }

    /// How much of a value is withheld.
    #[must_use]
    pub fn extent(&self, value: &StoredMetricValue) -> Extent {
        self.extent_at(&value.key, value.period, &value.flags)
    }

    /// The same for a place of the metric and the flags that stand there.
    #[must_use]
    pub fn extent_at(&self, key: &str, period: NaiveDate, flags: &[String]) -> Extent {
        let own = flags.iter().any(|flag| flag == CONFIDENTIAL);
        if own || self.values.contains(&(key.to_owned(), period)) {
            Extent::Figures
        } else if self.comparisons.get(key).is_some_and(|first| *first < period) {
            Extent::Comparison
        } else {
            Extent::Nothing
        }
    }
}

fn key_read(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, code)| (name.to_owned(), code.to_owned()))
        .collect()
}

/// Whether two keys share a part in every dimension: the same code, one above the other, or a grouping of states.
fn touches(book: &Book, left: &BTreeMap<String, String>, right: &BTreeMap<String, String>) -> bool {
    left.iter().all(|(name, code)| {
        right.get(name).is_none_or(|other| {
            code == other || holds(book, name, code, other) || holds(book, name, other, code)
        })
    })
}

fn holds(book: &Book, dimension: &str, upper: &str, lower: &str) -> bool {
    let Some(list) = book.codebook.dimension(dimension).map(|it| it.list.as_str()) else {
        return true;
    };
    if upper == "_T" || (list == "territory" && upper == "UA") {
        return true;
    }
    if list == "citizenship" {
        // A grouping has no list of members here, so it may hold any state.
        return upper.len() > 2
            && book
                .codebook
                .code(list, upper)
                .is_some_and(|it| !it.other_codes.contains_key("alpha3"));
    }
    let mut next = book.codebook.code(list, lower).and_then(|it| it.parent.clone());
    // A hierarchy with a loop ends here.
    for _ in 0..8 {
        let Some(parent) = next else { return false };
        if parent == upper {
            return true;
        }
        next = book.codebook.code(list, &parent).and_then(|it| it.parent.clone());
    }
    false
}
