//! The forms of names in sentences, indexed: countries and regions in other cases, places by the stem of their
//! adjective.
//!
//! Built once for each version of the catalogue. Looked into only when no name or code of the list fits as it is.

use crate::codebook::{CITIZENSHIP_LIST, TERRITORY_LIST};
use crate::folded;
use crate::inflection::{Gender, adjective_stem, inflected};
use crate::labels::CodeIndex;
use crate::repair::{is_cyrillic, is_latin, swapped};
use leleka_domain::CodeEntry;
use rustc_hash::FxHashMap;

type Forms = FxHashMap<Box<str>, Vec<CodeIndex>>;

/// Forms of the names of one list.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameForms {
    cases: Forms,
    stems: Forms,
}

/// What kind of place a word names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlaceKind {
    Country,
    Region,
    City,
    Raion,
    Hromada,
    District,
}

/// A text about a place: the words of its name, and what its other words say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PlaceText {
    pub(crate) name: String,
    pub(crate) kind: Option<PlaceKind>,
    /// «міська», «селищна» or «сільська» громада, by its stem.
    pub(crate) seat: Option<&'static str>,
}

impl NameForms {
    pub(crate) fn add(&mut self, entry: &CodeEntry, index: CodeIndex) {
        let names = [&entry.name_uk, &entry.name_en].into_iter().chain(&entry.aliases);
        let country = entry.list == CITIZENSHIP_LIST;
        if !country && entry.list != TERRITORY_LIST {
            return;
        }
        for name in names {
            let key = folded(name);
            if country || entry.level <= 1 {
                for form in inflected(&key) {
                    put(&mut self.cases, form, index);
                }
            }
            if !country {
                let place = PlaceText::of(&key);
                put(&mut self.stems, stem_of(&place.name).0.to_owned(), index);
            }
        }
    }

    /// Codes with a name that has this form in another case.
    pub(crate) fn in_case(&self, key: &str) -> &[CodeIndex] {
        self.cases.get(key).map_or(&[], Vec::as_slice)
    }

    /// Codes of places whose adjective has this stem, and what the ending says about the noun.
    pub(crate) fn by_stem(&self, name: &str) -> (&[CodeIndex], Gender) {
        let (stem, gender) = stem_of(name);
        (self.stems.get(stem).map_or(&[], Vec::as_slice), gender)
    }
}

fn put(forms: &mut Forms, key: String, index: CodeIndex) {
    if !key.is_empty() {
        let codes = forms.entry(key.into_boxed_str()).or_default();
        if !codes.contains(&index) {
            codes.push(index);
        }
    }
}

/// Ukrainian adjectives by their stem; everything else by itself.
fn stem_of(name: &str) -> (&str, Gender) {
    let cyrillic = name.chars().any(is_cyrillic);
    match adjective_stem(name).filter(|_| cyrillic && !name.contains(' ')) {
        // A noun such as «Прикарпаття» keeps its ending by chance; only adjectives of places end so.
        Some((stem, gender))
            if stem.ends_with([
                'к', 'н', 'в', 'л', 'р', 'т', 'м', 'з', 'ч', 'ш', 'щ', 'д', 'г', 'х', 'б', 'п', 'с', 'ж', 'ц',
            ]) =>
        {
            (stem, gender)
        }
        Some(_) | None => (name, Gender::Any),
    }
}

impl PlaceText {
    /// Parts a folded text into the name and the words around it.
    pub(crate) fn of(key: &str) -> Self {
        let words: Vec<&str> = key
            .split([' ', '.', '«', '»', '"', '“', '”', '„', '(', ')'])
            .filter(|word| !word.is_empty())
            .collect();
        let hromada = words.iter().any(|word| is_hromada(word));
        let mut found = Self::default();
        for (index, word) in words.iter().enumerate() {
            let seat = ["міськ", "селищн", "сільськ"]
                .into_iter()
                .find(|stem| hromada && word.starts_with(stem));
            if let Some(seat) = seat {
                found.seat = Some(seat);
            } else if let Some(kind) = kind_of_word(word) {
                // «Шевченківський район (у місті)», "city district": the nearer kind wins over the city around it.
                let inner = matches!(
                    (found.kind, kind),
                    (Some(PlaceKind::Raion), PlaceKind::City) | (Some(PlaceKind::City), PlaceKind::Raion)
                );
                found.kind = Some(if inner { PlaceKind::District } else { kind });
            } else if !is_filler(word, index == 0) {
                if !found.name.is_empty() {
                    found.name.push(' ');
                }
                found.name.push_str(word);
            }
        }
        found
    }
}

fn is_hromada(word: &str) -> bool {
    matches!(
        word,
        "громада"
            | "громади"
            | "громаді"
            | "громаду"
            | "громадою"
            | "тг"
            | "отг"
            | "мтг"
            | "стг"
    )
}

fn kind_of_word(word: &str) -> Option<PlaceKind> {
    Some(match word {
        "область" | "області" | "областю" | "обл" | "oblast" | "oblast'" | "region" | "obl" | "province" => {
            PlaceKind::Region
        }
        "район" | "району" | "районі" | "районом" | "р-н" | "р-ну" | "р-ні" | "raion" | "rayon"
        | "district" => PlaceKind::Raion,
        "м" | "місто" | "міста" | "місті" | "місту" | "містом" | "city" => {
            PlaceKind::City
        }
        "hromada" | "community" | "municipality" => PlaceKind::Hromada,
        hromada if is_hromada(hromada) => PlaceKind::Hromada,
        _ => return None,
    })
}

fn is_filler(word: &str, first: bool) -> bool {
    let anywhere = matches!(
        word,
        "у" | "в"
            | "територія"
            | "території"
            | "територіальна"
            | "територіальної"
            | "територіальній"
            | "територіальну"
            | "територіальною"
            | "об'єднана"
            | "об'єднаної"
            | "об'єднаній"
            | "territorial"
            | "of"
            | "the"
    );
    let in_front = matches!(
        word,
        "на" | "по" | "з" | "із" | "зі" | "до" | "від" | "для" | "за" | "in" | "from" | "to"
    );
    anywhere || (first && in_front)
}

/// What kind of place an entry is.
pub(crate) fn kind_of_entry(entry: &CodeEntry) -> PlaceKind {
    match entry.level {
        0 => PlaceKind::Country,
        1 if entry.name_uk.contains("область") || entry.name_uk.contains("еспубліка") => {
            PlaceKind::Region
        }
        1 => PlaceKind::City,
        2 => PlaceKind::Raion,
        3 => PlaceKind::Hromada,
        _ => PlaceKind::District,
    }
}

/// The places that a folded text names one inside the other: parted by marks, or each ended by its kind, as in
/// «Самарівський район Дніпропетровської області».
pub(crate) fn parts_of_place(key: &str) -> Vec<String> {
    let marked: Vec<String> = key
        .split([',', ';', '/', '(', ')'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    if marked.len() != 1 {
        return marked;
    }
    let mut parts: Vec<String> = vec![String::new()];
    for word in key.split([' ', '.']).filter(|word| !word.is_empty()) {
        if let Some(part) = parts.last_mut() {
            if !part.is_empty() {
                part.push(' ');
            }
            part.push_str(word);
        }
        // «місто» stands before its name and ends nothing.
        if kind_of_word(word).is_some_and(|kind| kind != PlaceKind::City) {
            parts.push(String::new());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// A key in one alphabet where its words have as many letters of one as of the other, without the marks of a soft
/// sign (`L'vivs'ka`), with a hyphen for a space or a space for a hyphen: the list decides.
pub(crate) fn variants(key: &str) -> Vec<String> {
    let (cyrillic, latin) = (key.chars().any(is_cyrillic), key.chars().any(is_latin));
    let in_one = |to_cyrillic: bool| key.chars().map(|letter| swapped(letter, to_cyrillic)).collect();
    match (cyrillic, latin) {
        (true, true) => vec![in_one(true), in_one(false)],
        (false, true) if key.contains('\'') => vec![key.replace('\'', "")],
        _ if key.contains(' ') => {
            let spaces = key.match_indices(' ').take(3);
            let joined = spaces.filter_map(|(at, _)| {
                let (before, after) = key.split_at_checked(at)?;
                Some(format!("{before}-{}", after.trim_start()))
            });
            joined.collect()
        }
        _ if key.contains('-') => vec![key.replace('-', " ")],
        _ => Vec::new(),
    }
}
