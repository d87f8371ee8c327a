//! A name as people write it, read to its code: cases, words around it, abbreviations, footnotes, parents.
//!
//! Each step looks a key up; nothing is searched and nothing near is taken. A step that finds two codes ends the
//! reading as ambiguous. Codes of ISO 3166-2 are read only where a scheme declares them: their numbers look like
//! those of KATOTTH and mean other regions. A raion before the reform of 2020 is not a raion of today.

use crate::codebook::{AGE_LIST, CITIZENSHIP_LIST, TERRITORY_LIST};
use crate::codebook_index::ListBook;
use crate::inflection::Gender;
use crate::labels::CodeIndex;
use crate::name_forms::{PlaceKind, PlaceText, kind_of_entry, parts_of_place, variants};
use crate::notes::{ReadingNote, Rule};
use crate::repair::repaired;
use crate::{Codebook, Resolution, age_from_words, collapsed, folded};
use chrono::NaiveDate;

/// What a name means, and how it was put right to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameReading {
    /// The code, the codes that it could be, or names near it.
    pub resolution: Resolution,
    /// What was repaired; empty when nothing was found.
    pub notes: Vec<ReadingNote>,
}

/// The first day of the raions of today: Resolution of the Verkhovna Rada No 807-IX of 17.07.2020.
fn raion_reform() -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2020, 7, 19)
}

/// Words before the name of a country, folded.
const BEFORE_COUNTRY: [&str; 60] = [
    "громадянин",
    "громадянина",
    "громадянину",
    "громадянином",
    "громадянка",
    "громадянки",
    "громадянку",
    "громадяни",
    "громадян",
    "громадянам",
    "громадянами",
    "громадянство",
    "громадянства",
    "громадянством",
    "гр",
    "піддані",
    "підданих",
    "підданий",
    "вихідці",
    "вихідців",
    "уродженці",
    "уродженців",
    "уродженець",
    "мешканці",
    "у",
    "в",
    "з",
    "із",
    "зі",
    "до",
    "від",
    "на",
    "за",
    "країна",
    "держава",
    "держави",
    "державі",
    "республіка",
    "республіки",
    "республіці",
    "республікою",
    "республіку",
    "королівство",
    "королівства",
    "королівстві",
    "князівство",
    "князівства",
    "the",
    "citizens",
    "citizen",
    "nationals",
    "national",
    "of",
    "from",
    "in",
    "to",
    "republic",
    "kingdom",
    "state",
    "principality",
];
/// Words of one name that stand before it at most.
const MOST_BEFORE: usize = 5;

impl Codebook {
    /// What a name, an alias or a code means in a list, as people write it. Territories are those of a day: a
    /// raion of a day before the reform of 2020 is refused; without a day it is one of today.
    #[must_use]
    pub fn read_name(&self, list: &str, text: &str, day: Option<NaiveDate>) -> NameReading {
        match self.read_known_name(list, text) {
            Some(read) => NameReading {
                resolution: self.of_day(read.resolution, day),
                notes: read.notes,
            },
            None => NameReading {
                resolution: Resolution::Unknown {
                    suggestions: self.near_name(list, text),
                },
                notes: Vec::new(),
            },
        }
    }

    /// [`Codebook::read_name`] of today and without suggestions; `None` when nothing fits.
    pub(crate) fn read_known_name(&self, list: &str, text: &str) -> Option<NameReading> {
        let Some((found, rule)) = self.known_name(list, text) else {
            let code = (list == AGE_LIST)
                .then(|| age_from_words(&folded(text)))
                .flatten()?;
            return Some(NameReading {
                notes: notes_of(text, &code, Some(Rule::NameForm)),
                resolution: Resolution::One { code },
            });
        };
        let resolution = self.among(&found);
        let notes = match &resolution {
            Resolution::One { code } => notes_of(text, code, rule),
            Resolution::Ambiguous { .. } | Resolution::Unknown { .. } => Vec::new(),
        };
        Some(NameReading { resolution, notes })
    }

    /// The codes behind a name, and whether it stood in the list as it is.
    fn known_name(&self, list: &str, text: &str) -> Option<(Vec<CodeIndex>, Option<Rule>)> {
        let book = self.list_book(list)?;
        let text = collapsed(text);
        if list == TERRITORY_LIST && is_iso_region(&text) {
            return None;
        }
        if let Some(index) = book.codes.get(&*text) {
            return Some((vec![*index], None));
        }
        let named = book.labels.find(&text);
        if !named.is_empty() {
            return Some((named.to_vec(), None));
        }
        let key = folded(&text);
        let variants = variants(&key);
        for key in std::iter::once(&key).chain(&variants) {
            let found = match list {
                TERRITORY_LIST => self.place(book, key),
                CITIZENSHIP_LIST => country(book, key),
                _ => book.labels.find(key).to_vec(),
            };
            if !found.is_empty() {
                return Some((found, Some(Rule::NameForm)));
            }
        }
        None
    }

    fn place(&self, book: &ListBook, key: &str) -> Vec<CodeIndex> {
        let found = self.one_place(book, key);
        if found.is_empty() {
            self.place_in_place(book, key)
        } else {
            found
        }
    }

    fn one_place(&self, book: &ListBook, key: &str) -> Vec<CodeIndex> {
        let named = book.labels.find(key);
        if !named.is_empty() {
            return named.to_vec();
        }
        let place = PlaceText::of(key);
        if place.name.is_empty() {
            return Vec::new();
        }
        let all = self.places_of(book, &place);
        let (stems, gender) = book.forms.by_stem(&place.name);
        match place.kind {
            // «Київський район» is one of a city where no raion has the name.
            Some(PlaceKind::Raion) => self.first_of(&all, &[PlaceKind::Raion, PlaceKind::District]),
            Some(_) => all,
            // A noun in another case: «Києва» is the city as well as the region.
            None if stems.is_empty() => all,
            None => {
                let order: &[PlaceKind] = match gender {
                    Gender::Feminine => &[PlaceKind::Region, PlaceKind::Hromada],
                    Gender::Masculine => &[PlaceKind::Raion, PlaceKind::District],
                    Gender::Any => &[
                        PlaceKind::Country,
                        PlaceKind::Region,
                        PlaceKind::Raion,
                        PlaceKind::Hromada,
                        PlaceKind::District,
                    ],
                };
                self.first_of(stems, order)
            }
        }
    }

    /// Every place of the name; of the kind that the text names, when it names one.
    fn places_of(&self, book: &ListBook, place: &PlaceText) -> Vec<CodeIndex> {
        let mut all: Vec<CodeIndex> = book.forms.by_stem(&place.name).0.to_vec();
        for more in [book.labels.find(&place.name), book.forms.in_case(&place.name)] {
            for index in more {
                if !all.contains(index) {
                    all.push(*index);
                }
            }
        }
        let is_wanted = |index: &CodeIndex| {
            let Some(entry) = self.entry(*index) else {
                return false;
            };
            let kind = kind_of_entry(entry);
            let kind_fits = match place.kind {
                None => true,
                Some(PlaceKind::Raion) => matches!(kind, PlaceKind::Raion | PlaceKind::District),
                Some(wanted) => wanted == kind,
            };
            kind_fits && place.seat.is_none_or(|seat| entry.name_uk.contains(seat))
        };
        all.retain(is_wanted);
        all
    }

    fn first_of(&self, all: &[CodeIndex], order: &[PlaceKind]) -> Vec<CodeIndex> {
        for wanted in order {
            let is_kind = |index: &&CodeIndex| {
                self.entry(**index)
                    .is_some_and(|entry| kind_of_entry(entry) == *wanted)
            };
            let found: Vec<CodeIndex> = all.iter().filter(is_kind).copied().collect();
            if !found.is_empty() {
                return found;
            }
        }
        all.to_vec()
    }

    /// «Андріївська громада, Бердянський район»: the one place that lies in all the others.
    fn place_in_place(&self, book: &ListBook, key: &str) -> Vec<CodeIndex> {
        let parts = parts_of_place(key);
        if !(2..=4).contains(&parts.len()) {
            return Vec::new();
        }
        // «Київ, м.»: a part without a name says the kind of the other.
        if let [name, kind] = parts.as_slice()
            && PlaceText::of(kind).name.is_empty()
        {
            return self.one_place(book, &format!("{kind} {name}"));
        }
        let read: Vec<Vec<CodeIndex>> = parts.iter().map(|part| self.any_place(book, part)).collect();
        if read.iter().any(Vec::is_empty) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (index, candidates) in read.iter().enumerate() {
            for candidate in candidates {
                let others = read.iter().enumerate().filter(|(other, _)| *other != index);
                let mut others = others.map(|(_, places)| places);
                if others.all(|places| places.iter().any(|place| self.lies_in(*candidate, *place)))
                    && !found.contains(candidate)
                {
                    found.push(*candidate);
                }
            }
        }
        found
    }

    fn any_place(&self, book: &ListBook, part: &str) -> Vec<CodeIndex> {
        let mut all = self.places_of(book, &PlaceText::of(part));
        for index in book.labels.find(part) {
            if !all.contains(index) {
                all.push(*index);
            }
        }
        all
    }

    fn lies_in(&self, inner: CodeIndex, outer: CodeIndex) -> bool {
        let (Some(inside), Some(around)) = (self.entry(inner), self.entry(outer)) else {
            return false;
        };
        inner != outer && self.is_within(&inside.code, &around.code)
    }

    fn of_day(&self, resolution: Resolution, day: Option<NaiveDate>) -> Resolution {
        let Resolution::One { code } = &resolution else {
            return resolution;
        };
        let entry = self.code(TERRITORY_LIST, code).filter(|entry| entry.level == 2);
        match (entry, day, raion_reform()) {
            (Some(entry), Some(day), Some(reform)) if day < reform => Resolution::Unknown {
                suggestions: entry.parent.iter().cloned().collect(),
            },
            _ => resolution,
        }
    }

    fn near_name(&self, list: &str, text: &str) -> Vec<String> {
        if list == TERRITORY_LIST && is_iso_region(text.trim()) {
            return match self.resolve_in_scheme(list, "iso_3166_2", text.trim()) {
                Resolution::One { code } => vec![code],
                Resolution::Ambiguous { codes } => codes,
                Resolution::Unknown { .. } => Vec::new(),
            };
        }
        self.suggestions(list, text)
    }
}

/// `UA-09`: a region in ISO 3166-2.
fn is_iso_region(text: &str) -> bool {
    let number = text
        .get(..3)
        .filter(|head| head.eq_ignore_ascii_case("ua-"))
        .and_then(|_| text.get(3..));
    number.is_some_and(|number| number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn country(book: &ListBook, key: &str) -> Vec<CodeIndex> {
    let (found, rest) = country_after_words(book, key);
    if !found.is_empty() {
        return found;
    }
    // "Iran (Islamic Republic of)", «Корея, Республіка»: the words behind belong in front.
    let inverted = rest
        .split_once([',', '('])
        .map(|(name, before)| format!("{} {}", before.trim_end_matches(')').trim(), name.trim()));
    inverted.map_or_else(Vec::new, |name| country_after_words(book, &name).0)
}

/// The country of a key as it is, or after the words that may stand before its name; and what is left of the key.
fn country_after_words<'k>(book: &ListBook, key: &'k str) -> (Vec<CodeIndex>, &'k str) {
    let mut rest = key.trim_matches(['«', '»', '"', '“', '”', '„', '.', ':', ',', ' ']);
    for _ in 0..=MOST_BEFORE {
        let named = book.labels.find(rest);
        let found = if named.is_empty() {
            book.forms.in_case(rest)
        } else {
            named
        };
        if !found.is_empty() {
            return (found.to_vec(), rest);
        }
        let Some((word, after)) = rest.split_once([' ', '.']) else {
            break;
        };
        if !BEFORE_COUNTRY.contains(&word) {
            break;
        }
        rest = after.trim_start();
    }
    (Vec::new(), rest)
}

fn notes_of(text: &str, code: &str, rule: Option<Rule>) -> Vec<ReadingNote> {
    let mut notes = repaired(text).notes;
    let trimmed = text.trim();
    let marked = crate::folding::without_footnote(trimmed).len() < trimmed.len();
    let digit = trimmed.ends_with(|letter: char| letter.is_ascii_digit())
        && trimmed.chars().filter(char::is_ascii_digit).count() == 1;
    if marked || digit {
        notes.push(ReadingNote::new(Rule::Footnote, text, code));
    }
    notes.extend(rule.map(|rule| ReadingNote::new(rule, text, code)));
    notes
}
