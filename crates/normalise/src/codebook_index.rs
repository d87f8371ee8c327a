//! The indexes behind a codebook: each list's codes, labels and schemes, and what lies below a territory.
//!
//! Built once for each version of the catalogue.

use crate::codebook::TERRITORY_LIST;
use crate::labels::{CodeIndex, LabelIndex};
use crate::name_forms::NameForms;
use leleka_domain::{Catalogue, CodeEntry};
use rustc_hash::FxHashMap;

/// One list, indexed.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListBook {
    pub(crate) list: Option<usize>,
    pub(crate) open: bool,
    pub(crate) entries: Vec<CodeIndex>,
    pub(crate) codes: FxHashMap<Box<str>, CodeIndex>,
    pub(crate) labels: LabelIndex,
    pub(crate) schemes: FxHashMap<Box<str>, LabelIndex>,
    pub(crate) forms: NameForms,
}

pub(crate) fn index_number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

pub(crate) fn by_code<'a>(codes: impl Iterator<Item = &'a String>) -> FxHashMap<Box<str>, usize> {
    codes
        .enumerate()
        .map(|(index, code)| (code.as_str().into(), index))
        .collect()
}

pub(crate) fn list_books(catalogue: &Catalogue) -> FxHashMap<Box<str>, ListBook> {
    let mut lists: FxHashMap<Box<str>, ListBook> = FxHashMap::default();
    for (index, list) in catalogue.code_lists.iter().enumerate() {
        let book = lists.entry(list.code.as_str().into()).or_default();
        book.list = Some(index);
        book.open = list.open;
    }
    for (index, entry) in catalogue.codes.iter().enumerate() {
        let index = CodeIndex(index_number(index));
        let book = lists.entry(entry.list.as_str().into()).or_default();
        book.entries.push(index);
        book.codes.insert(entry.code.as_str().into(), index);
        book.labels.add_entry(entry, index);
        book.forms.add(entry, index);
        for (scheme, code) in &entry.other_codes {
            let labels = book.schemes.entry(scheme.as_str().into()).or_default();
            labels.add(code, index);
            if scheme == "koatuu" {
                labels.add_koatuu_without_zero(code, index);
            }
        }
        if entry.list == TERRITORY_LIST
            && let Some(pcode) = pcode_of(entry)
        {
            book.labels.add(pcode, index);
            let labels = book.schemes.entry("pcode".into()).or_default();
            labels.add(pcode, index);
        }
    }
    for (index, entry) in catalogue.codes.iter().enumerate() {
        if let Some(book) = lists.get_mut(entry.list.as_str()) {
            book.labels.add_code(entry, CodeIndex(index_number(index)));
        }
    }
    lists
}

/// The P-code of a region, raion or hromada: the first 4, 6 or 9 characters of its KATOTTH code.
fn pcode_of(entry: &CodeEntry) -> Option<&str> {
    let length = match entry.level {
        1 => 4,
        2 => 6,
        3 => 9,
        _ => return None,
    };
    (entry.code.len() == 19)
        .then(|| entry.code.get(..length))
        .flatten()
}

pub(crate) fn territories_below(
    catalogue: &Catalogue,
    book: Option<&ListBook>,
) -> FxHashMap<CodeIndex, Vec<CodeIndex>> {
    let mut below: FxHashMap<CodeIndex, Vec<CodeIndex>> = FxHashMap::default();
    let Some(book) = book else {
        return below;
    };
    for index in &book.entries {
        let entry = catalogue.codes.get(index.0 as usize);
        let parent = entry.and_then(|entry| entry.parent.as_deref());
        if let Some(parent) = parent.and_then(|parent| book.codes.get(parent)) {
            below.entry(*parent).or_default().push(*index);
        }
    }
    below
}
