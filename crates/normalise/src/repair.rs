//! A sender's text put right for reading by people: one alphabet in each word, no invisible characters, no
//! hyphens of a former line break.
//!
//! Never touches Roman numerals, codes, addresses, words of one letter, and words with as many letters of one
//! alphabet as of the other. What was counted in published files decides which letters count as look-alikes.

use crate::hyphenation::without_hyphenation;
use crate::notes::{ReadingNote, Rule};

/// Letters that look alike: Latin, Cyrillic.
const LOOK_ALIKE: [(char, char); 27] = [
    ('a', 'а'),
    ('c', 'с'),
    ('e', 'е'),
    ('i', 'і'),
    ('o', 'о'),
    ('p', 'р'),
    ('x', 'х'),
    ('y', 'у'),
    ('k', 'к'),
    ('m', 'м'),
    ('t', 'т'),
    ('b', 'в'),
    ('h', 'н'),
    ('ï', 'ї'),
    ('A', 'А'),
    ('C', 'С'),
    ('E', 'Е'),
    ('I', 'І'),
    ('O', 'О'),
    ('P', 'Р'),
    ('X', 'Х'),
    ('Y', 'У'),
    ('K', 'К'),
    ('M', 'М'),
    ('T', 'Т'),
    ('B', 'В'),
    ('H', 'Н'),
];

/// A text in good order, and what was done to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// The text.
    pub text: String,
    /// What was repaired, at most one note for each rule.
    pub notes: Vec<ReadingNote>,
}

/// Puts a text right. A text without faults comes back as it is, without notes.
#[must_use]
pub fn repaired(text: &str) -> Repaired {
    let mut notes = Vec::new();
    let typed = without_typography(text);
    let joined = without_hyphenation(&typed);
    if joined != text {
        notes.push(ReadingNote::new(
            Rule::Typography,
            text,
            with_apostrophes(&joined),
        ));
    }
    let plain = in_one_script(&joined);
    let (joined, plain) = (with_apostrophes(&joined), with_apostrophes(&plain));
    if plain != joined {
        notes.push(ReadingNote::new(Rule::LookAlike, text, plain.clone()));
    }
    Repaired { text: plain, notes }
}

/// Invisible characters dropped, decomposed letters composed, spaces made plain, single and trimmed.
fn without_typography(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let before = out.chars().next_back();
        match (letter, before) {
            ('\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{2060}', _) => {}
            ('\u{306}', Some('и')) => replace_last(&mut out, 'й'),
            ('\u{306}', Some('И')) => replace_last(&mut out, 'Й'),
            ('\u{308}', Some('і' | 'i')) => replace_last(&mut out, 'ї'),
            ('\u{308}', Some('І' | 'I')) => replace_last(&mut out, 'Ї'),
            (space, None | Some(' ')) if space.is_whitespace() => {}
            // A line break after a hyphen parts one word.
            ('\n' | '\r', Some('-')) => {}
            (space, _) if space.is_whitespace() => out.push(' '),
            (other, _) => out.push(other),
        }
    }
    let kept = out.trim_end().len();
    out.truncate(kept);
    out
}

/// The apostrophe of Ukrainian spelling between Cyrillic letters. All its substitutes are so usual that writing it
/// otherwise is not told.
fn with_apostrophes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let inside = out.ends_with(is_cyrillic) && letters.peek().is_some_and(|next| is_cyrillic(*next));
        out.push(if inside && is_apostrophe(letter) {
            '’'
        } else {
            letter
        });
    }
    out
}

fn replace_last(text: &mut String, letter: char) {
    text.pop();
    text.push(letter);
}

/// Every word in one alphabet, where most of its letters say which.
pub(crate) fn in_one_script(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for (index, chunk) in text.split(' ').enumerate() {
        if index > 0 {
            out.push(' ');
        }
        if is_code(chunk) {
            out.push_str(chunk);
            continue;
        }
        let mut word = String::new();
        for letter in chunk.chars() {
            if letter.is_alphabetic() || is_apostrophe(letter) {
                word.push(letter);
            } else {
                push_word(&mut out, &word);
                word.clear();
                out.push(letter);
            }
        }
        push_word(&mut out, &word);
    }
    out
}

/// Codes, addresses and file names: letters stand beside digits or signs on purpose.
fn is_code(chunk: &str) -> bool {
    let sign = chunk.contains(['@', '_', '\\']) || chunk.contains("//");
    let mut digit_before = false;
    let letter_after_digit = chunk.chars().any(|letter| {
        let found = digit_before && letter.is_alphabetic();
        digit_before = letter.is_ascii_digit();
        found
    });
    sign || letter_after_digit
}

fn push_word(out: &mut String, word: &str) {
    let cyrillic = word.chars().filter(|letter| is_cyrillic(*letter)).count();
    let latin = word.chars().filter(|letter| is_latin(*letter)).count();
    if cyrillic == 0 || latin == 0 || cyrillic == latin || is_roman(word) {
        out.push_str(word);
        return;
    }
    let to_cyrillic = cyrillic > latin;
    out.extend(word.chars().map(|letter| swapped(letter, to_cyrillic)));
}

pub(crate) fn swapped(letter: char, to_cyrillic: bool) -> char {
    let found = LOOK_ALIKE.iter().find(|(latin, cyrillic)| {
        let from = if to_cyrillic { latin } else { cyrillic };
        *from == letter
    });
    match found {
        Some((latin, cyrillic)) => *if to_cyrillic { cyrillic } else { latin },
        None => letter,
    }
}

/// A numeral typed in whichever alphabet: `ХХІV`.
fn is_roman(word: &str) -> bool {
    word.chars().all(|letter| {
        matches!(
            letter,
            'I' | 'V' | 'X' | 'L' | 'C' | 'D' | 'M' | 'І' | 'Х' | 'С' | 'М'
        )
    })
}

fn is_apostrophe(letter: char) -> bool {
    matches!(letter, '\'' | '’' | 'ʼ' | '‘' | '`' | '´' | '′')
}

pub(crate) fn is_cyrillic(letter: char) -> bool {
    ('\u{400}'..='\u{52f}').contains(&letter)
}

pub(crate) fn is_latin(letter: char) -> bool {
    letter.is_ascii_alphabetic() || ('\u{c0}'..='\u{24f}').contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_of_two_alphabets_are_put_into_the_one_that_most_letters_have() {
        for (text, expected) in [
            ("рresent", "present"),
            ("Sevastopоl", "Sevastopol"),
            ("tablе", "table"),
            ("Тotal", "Total"),
            ("Mіське", "Міське"),
            ("Короcтишів", "Коростишів"),
            ("29 квiтня 2021", "29 квітня 2021"),
            ("Вiйтовецька громада", "Війтовецька громада"),
            ("Кryva Balka", "Kryva Balka"),
        ] {
            let read = repaired(text);
            assert_eq!(read.text, expected);
            assert_eq!(read.notes[0].rule, Rule::LookAlike, "{text}");
        }
    }

    #[test]
    fn numerals_codes_and_undecided_words_stay() {
        for text in [
            "ХХІV",
            "VІ",
            "ІІІ квартал",
            "UА",
            "м",
            "пошта@dmsu.gov.ua",
            "5а-2б",
            "Івано-Франківська",
            "північно-східний",
            "січень-грудень 2017",
            "країна-член",
            "non-EU",
        ] {
            assert_eq!(repaired(text).text, text);
            assert_eq!(repaired(text).notes, Vec::new(), "{text}");
        }
    }

    #[test]
    fn hyphens_of_a_narrow_column_and_invisible_characters_go() {
        for (text, expected) in [
            ("адміні-стративно", "адміністративно"),
            ("адміні-\nстративно", "адміністративно"),
            ("адміні\u{ad}стративно", "адміністративно"),
            ("насе-лення за регіо-нами", "населення за регіо-нами"),
            ("міжрегіо-нальна міграція", "міжрегіональна міграція"),
            ("терито-ріальних органів", "територіальних органів"),
            (
                "Автономна                 Республіка\u{a0}Крим ",
                "Автономна Республіка Крим",
            ),
            ("Украi\u{308}на", "Україна"),
        ] {
            assert_eq!(repaired(text).text, expected);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_repairing_again_changes_nothing(text in "[\\PC\u{308}\u{306}\n\u{ad}иіiаaсc -]{0,24}") {
            let once = repaired(&text).text;
            let twice = repaired(&once).text;
            // A letter put right may make the next word whole: one more turn settles it.
            prop_assert_eq!(repaired(&twice).text, twice);
        }
    }
}
