//! The catalogue in memory, indexed: codes, labels, indicators, agreements, territories, each found at once.
//!
//! Never changes after it was built: a new version of the catalogue is a new codebook. Holds no data of any
//! submission. Territory codes are KATOTTH; P-codes are their first 4, 6 or 9 characters.

use crate::codebook_index::{ListBook, by_code, index_number, list_books, territories_below};
use crate::labels::{CodeIndex, LabelIndex, Resolution};
use crate::{age_from_eurostat, collapsed, is_age_code};
use chrono::NaiveDate;
use leleka_domain::{
    Agreement, Body, Catalogue, CodeEntry, CodeList, Dataflow, Dimension, Frequency, Indicator,
};
use rustc_hash::FxHashMap;

/// The list of territories.
pub const TERRITORY_LIST: &str = "territory";
/// The list of citizenships and countries.
pub const CITIZENSHIP_LIST: &str = "citizenship";
/// The list of sexes.
pub const SEX_LIST: &str = "sex";
/// The list of age bands, open by its grammar.
pub const AGE_LIST: &str = "age";

/// Parents above a code that are followed before the hierarchy counts as broken.
const DEEPEST: usize = 16;

/// The indexed catalogue. Shared and read by every submission.
#[derive(Clone, Debug)]
pub struct Codebook {
    catalogue: Catalogue,
    lists: FxHashMap<Box<str>, ListBook>,
    bodies: FxHashMap<Box<str>, usize>,
    dataflows: FxHashMap<Box<str>, usize>,
    indicators: FxHashMap<Box<str>, usize>,
    dimensions: FxHashMap<Box<str>, usize>,
    agreements: FxHashMap<Box<str>, FxHashMap<Box<str>, Vec<usize>>>,
    indicator_labels: LabelIndex,
    below: FxHashMap<CodeIndex, Vec<CodeIndex>>,
}

impl Codebook {
    /// Indexes a catalogue.
    #[must_use]
    pub fn new(catalogue: &Catalogue) -> Self {
        let catalogue = catalogue.clone();
        let lists = list_books(&catalogue);
        let below = territories_below(&catalogue, lists.get(TERRITORY_LIST));
        let mut agreements: FxHashMap<Box<str>, FxHashMap<Box<str>, Vec<usize>>> = FxHashMap::default();
        for (index, agreement) in catalogue.agreements.iter().enumerate() {
            let of_body = agreements.entry(agreement.body.as_str().into()).or_default();
            let of_indicator = of_body.entry(agreement.indicator.as_str().into()).or_default();
            of_indicator.push(index);
        }
        let mut indicator_labels = LabelIndex::default();
        for (index, indicator) in catalogue.indicators.iter().enumerate() {
            for label in [&indicator.code, &indicator.name_uk, &indicator.name_en] {
                indicator_labels.add(label, CodeIndex(index_number(index)));
            }
        }
        Self {
            bodies: by_code(catalogue.bodies.iter().map(|body| &body.code)),
            dataflows: by_code(catalogue.dataflows.iter().map(|flow| &flow.code)),
            indicators: by_code(catalogue.indicators.iter().map(|indicator| &indicator.code)),
            dimensions: by_code(catalogue.dimensions.iter().map(|dimension| &dimension.code)),
            lists,
            agreements,
            indicator_labels,
            below,
            catalogue,
        }
    }

    /// The records behind the indexes, for listing.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Version of the catalogue.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.catalogue.version
    }

    /// A body by its code.
    #[must_use]
    pub fn body(&self, code: &str) -> Option<&Body> {
        self.catalogue.bodies.get(*self.bodies.get(code)?)
    }

    /// A dataflow by its code.
    #[must_use]
    pub fn dataflow(&self, code: &str) -> Option<&Dataflow> {
        self.catalogue.dataflows.get(*self.dataflows.get(code)?)
    }

    /// An indicator by its code.
    #[must_use]
    pub fn indicator(&self, code: &str) -> Option<&Indicator> {
        self.catalogue.indicators.get(*self.indicators.get(code)?)
    }

    /// A dimension by its name.
    #[must_use]
    pub fn dimension(&self, name: &str) -> Option<&Dimension> {
        self.catalogue.dimensions.get(*self.dimensions.get(name)?)
    }

    /// A code list by its name.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&CodeList> {
        self.catalogue.code_lists.get(self.lists.get(name)?.list?)
    }

    /// The codes of a list, in the order of the catalogue.
    pub fn codes(&self, list: &str) -> impl Iterator<Item = &CodeEntry> {
        let entries = self.lists.get(list).map(|book| book.entries.as_slice());
        entries
            .unwrap_or(&[])
            .iter()
            .filter_map(|index| self.entry(*index))
    }

    /// One listed code.
    #[must_use]
    pub fn code(&self, list: &str, code: &str) -> Option<&CodeEntry> {
        self.entry(*self.lists.get(list)?.codes.get(code)?)
    }

    /// The agreement by which a body delivers an indicator at a frequency and that is in force on a day.
    ///
    /// Only agreements of state `agreed` count; both kinds of range are agreed as `_O`.
    #[must_use]
    pub fn agreement(
        &self,
        body: &str,
        indicator: &str,
        frequency: Frequency,
        day: NaiveDate,
    ) -> Option<&Agreement> {
        self.agreements
            .get(body)?
            .get(indicator)?
            .iter()
            .filter_map(|index| self.catalogue.agreements.get(*index))
            .find(|agreement| {
                agreement.state == "agreed"
                    && agreement.valid_from.is_none_or(|from| from <= day)
                    && agreement.valid_to.is_none_or(|to| day <= to)
                    && agreement
                        .frequencies
                        .iter()
                        .any(|letter| letter == frequency.sdmx())
            })
    }

    /// The code that a text is, exactly: listed, of the age grammar, or any legal id where the list is open.
    #[must_use]
    pub fn resolve_code<'a>(&'a self, list: &str, text: &'a str) -> Option<&'a str> {
        let book = self.lists.get(list)?;
        let listed = book.codes.get(text).and_then(|index| self.entry(*index));
        if let Some(entry) = listed {
            return Some(&entry.code);
        }
        // The age list is open too, but only by its grammar.
        let legal = match list {
            AGE_LIST => is_age_code(text),
            _ => book.open && is_sdmx_id(text),
        };
        legal.then_some(text)
    }

    /// The code that a text means: an exact code, a name, an alias, a code of another scheme.
    #[must_use]
    pub fn resolve_label(&self, list: &str, text: &str) -> Resolution {
        match self.resolve_known(list, text) {
            Resolution::Unknown { .. } => Resolution::Unknown {
                suggestions: self.suggestions(list, text),
            },
            found @ (Resolution::One { .. } | Resolution::Ambiguous { .. }) => found,
        }
    }

    /// [`Codebook::resolve_label`] without looking for suggestions.
    pub(crate) fn resolve_known(&self, list: &str, text: &str) -> Resolution {
        let text = collapsed(text);
        let Some(book) = self.lists.get(list) else {
            return nothing();
        };
        if let Some(index) = book.codes.get(&*text) {
            return self.among(&[*index]);
        }
        let found = book.labels.find(&text);
        if !found.is_empty() {
            return self.among(found);
        }
        if list == AGE_LIST
            && let Some(code) = age_from_eurostat(&text)
        {
            return Resolution::One { code };
        }
        self.resolve_code(list, &text)
            .map_or_else(nothing, |code| Resolution::One {
                code: code.to_owned(),
            })
    }

    /// The code that has this code in one other scheme, such as `alpha3` or `unhcr`, and in no other.
    #[must_use]
    pub fn resolve_in_scheme(&self, list: &str, scheme: &str, text: &str) -> Resolution {
        let found = self
            .lists
            .get(list)
            .and_then(|book| book.schemes.get(scheme))
            .map_or(&[][..], |labels| labels.find(text));
        self.among(found)
    }

    /// Whether some code of the list has a code in this other scheme.
    #[must_use]
    pub fn has_scheme(&self, list: &str, scheme: &str) -> bool {
        self.lists
            .get(list)
            .is_some_and(|book| book.schemes.contains_key(scheme))
    }

    /// At most three codes of a list with a name near the text. Costs a walk over the whole list.
    #[must_use]
    pub fn suggestions(&self, list: &str, text: &str) -> Vec<String> {
        let Some(book) = self.lists.get(list) else {
            return Vec::new();
        };
        let near = book.labels.near(text);
        near.into_iter()
            .filter_map(|index| Some(self.entry(index)?.code.clone()))
            .collect()
    }

    /// The indicator that a text means: its code, or exactly its name in either language.
    #[must_use]
    pub fn resolve_indicator(&self, text: &str) -> Option<&Indicator> {
        self.indicator(text).or_else(|| {
            let [only] = self.indicator_labels.find(text) else {
                return None;
            };
            self.catalogue.indicators.get(only.0 as usize)
        })
    }

    /// At most three indicators with a code or name near the text.
    #[must_use]
    pub fn indicator_suggestions(&self, text: &str) -> Vec<&Indicator> {
        let near = self.indicator_labels.near(text);
        near.into_iter()
            .filter_map(|index| self.catalogue.indicators.get(index.0 as usize))
            .collect()
    }

    /// A territory and everything below it, itself first.
    #[must_use]
    pub fn descendants(&self, code: &str) -> Vec<&str> {
        let top = self
            .lists
            .get(TERRITORY_LIST)
            .and_then(|book| book.codes.get(code));
        let Some(top) = top else {
            return Vec::new();
        };
        let mut found = vec![*top];
        let mut next = 0;
        // A broken hierarchy with a loop ends here: no more codes than there are.
        while let Some(index) = found.get(next).copied()
            && found.len() <= self.catalogue.codes.len()
        {
            found.extend(self.below.get(&index).into_iter().flatten());
            next += 1;
        }
        found
            .into_iter()
            .filter_map(|index| Some(self.entry(index)?.code.as_str()))
            .collect()
    }

    /// Whether a territory is another one or lies in it.
    #[must_use]
    pub fn is_within(&self, code: &str, ancestor: &str) -> bool {
        let mut current = self.code(TERRITORY_LIST, code);
        for _ in 0..DEEPEST {
            let Some(entry) = current else {
                return false;
            };
            if entry.code == ancestor {
                return true;
            }
            let parent = entry.parent.as_deref();
            current = parent.and_then(|parent| self.code(TERRITORY_LIST, parent));
        }
        false
    }

    pub(crate) fn list_book(&self, list: &str) -> Option<&ListBook> {
        self.lists.get(list)
    }

    pub(crate) fn entry(&self, index: CodeIndex) -> Option<&CodeEntry> {
        self.catalogue.codes.get(index.0 as usize)
    }

    pub(crate) fn among(&self, found: &[CodeIndex]) -> Resolution {
        let mut codes: Vec<String> = found
            .iter()
            .filter_map(|index| Some(self.entry(*index)?.code.clone()))
            .collect();
        codes.sort_unstable();
        match codes.len() {
            0 => nothing(),
            1 => codes.pop().map_or_else(nothing, |code| Resolution::One { code }),
            _ => Resolution::Ambiguous { codes },
        }
    }
}

fn nothing() -> Resolution {
    Resolution::Unknown {
        suggestions: Vec::new(),
    }
}

/// A legal SDMX id, at most 64 characters.
pub(crate) fn is_sdmx_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@' | b'$' | b'-'))
}
