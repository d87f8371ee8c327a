//! From a sender's text to the codes that it names, by folded key.
//!
//! A text that names two codes is ambiguous and stays so: no nearest match, no preference by level.

use crate::suggestions::{Near, letter_mask};
use crate::{collapsed, folded};
use leleka_domain::CodeEntry;
use rustc_hash::FxHashMap;

/// A code of the catalogue: its place among all codes of all lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CodeIndex(pub(crate) u32);

/// What a text means in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// Exactly one code.
    One {
        /// The code.
        code: String,
    },
    /// Several codes go by this name.
    Ambiguous {
        /// All of them, sorted.
        codes: Vec<String>,
    },
    /// No code.
    Unknown {
        /// At most three codes with a similar name, the nearest first.
        suggestions: Vec<String>,
    },
}

/// Keys of one list and the codes behind each.
#[derive(Clone, Debug, Default)]
pub(crate) struct LabelIndex {
    keys: FxHashMap<Box<str>, LabelTarget>,
}

#[derive(Clone, Debug)]
struct LabelTarget {
    codes: Vec<CodeIndex>,
    mask: u64,
}

impl LabelIndex {
    pub(crate) fn add(&mut self, label: &str, code: CodeIndex) {
        let key = folded(label);
        if key.is_empty() {
            return;
        }
        let mask = letter_mask(&key);
        let target = self.keys.entry(key.into_boxed_str()).or_insert(LabelTarget {
            codes: Vec::new(),
            mask,
        });
        if !target.codes.contains(&code) {
            target.codes.push(code);
        }
    }

    /// Every name of an entry, and its codes in other schemes.
    pub(crate) fn add_entry(&mut self, entry: &CodeEntry, code: CodeIndex) {
        self.add(&entry.name_uk, code);
        self.add(&entry.name_en, code);
        for label in entry.aliases.iter().chain(entry.other_codes.values()) {
            self.add(label, code);
        }
        if let Some(koatuu) = entry.other_codes.get("koatuu") {
            self.add_koatuu_without_zero(koatuu, code);
        }
    }

    /// A spreadsheet drops the zero before a ten-digit KOATUU code.
    pub(crate) fn add_koatuu_without_zero(&mut self, koatuu: &str, code: CodeIndex) {
        if koatuu.len() == 10
            && let Some(short) = koatuu.strip_prefix('0')
        {
            self.add(short, code);
        }
    }

    /// The code itself, written in other letter case, unless the key is a name already.
    pub(crate) fn add_code(&mut self, entry: &CodeEntry, code: CodeIndex) {
        if !self.keys.contains_key(folded(&entry.code).as_str()) {
            self.add(&entry.code, code);
        }
    }

    /// The codes behind a text; a footnote digit is dropped only when the whole means nothing.
    pub(crate) fn find(&self, text: &str) -> &[CodeIndex] {
        let key = folded(text);
        if let Some(target) = self.keys.get(key.as_str()) {
            return &target.codes;
        }
        key.strip_suffix(|letter: char| letter.is_ascii_digit())
            .filter(|rest| rest.ends_with(char::is_alphabetic))
            .and_then(|rest| self.keys.get(rest))
            .map_or(&[], |target| &target.codes)
    }

    /// At most three codes whose keys are near the text, the nearest first.
    pub(crate) fn near(&self, text: &str) -> Vec<CodeIndex> {
        let Some(near) = Near::new(&folded(&collapsed(text))) else {
            return Vec::new();
        };
        let mut found: Vec<(usize, CodeIndex)> = self
            .keys
            .iter()
            .filter_map(|(key, target)| Some((near.distance(key, target.mask)?, target)))
            .flat_map(|(distance, target)| target.codes.iter().map(move |code| (distance, *code)))
            .collect();
        found.sort_unstable();
        let mut codes: Vec<CodeIndex> = Vec::new();
        for (_, code) in found {
            if !codes.contains(&code) && codes.len() < 3 {
                codes.push(code);
            }
        }
        codes
    }
}
