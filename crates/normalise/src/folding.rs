//! The key under which texts are compared: what people write differently and mean alike becomes equal.
//!
//! For matching only: never stored, never shown. Which characters differ was counted in published files:
//! four apostrophes, five dashes, Latin letters inside Cyrillic words, footnote marks, hard and thin spaces.

/// Letters that look alike, lower case: Latin, Cyrillic.
const LOOK_ALIKE: &[(char, char)] = &[
    ('a', 'а'),
    ('b', 'в'),
    ('c', 'с'),
    ('e', 'е'),
    ('h', 'н'),
    ('i', 'і'),
    ('k', 'к'),
    ('m', 'м'),
    ('o', 'о'),
    ('p', 'р'),
    ('t', 'т'),
    ('x', 'х'),
    ('y', 'у'),
    ('ï', 'ї'),
    ('ë', 'ё'),
];

/// Trimmed, and every run of spaces of any kind made one plain space; line breaks count as spaces.
#[must_use]
pub fn collapsed(text: &str) -> std::borrow::Cow<'_, str> {
    let bytes = text.as_bytes();
    let plain = bytes.iter().all(|byte| *byte > b' ' && *byte < 0x80);
    if plain {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    if out == text { text.into() } else { out.into() }
}

/// The folded key of a text. Folding a key again gives the key.
#[must_use]
pub fn folded(text: &str) -> String {
    let mut key = folded_with_marks(text);
    let kept = key.trim_end_matches(is_footnote_mark).len();
    key.truncate(kept);
    without_look_alikes(&key)
}

/// The folded key of a text with the footnote marks behind it.
#[must_use]
pub(crate) fn folded_with_marks(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for letter in text.chars() {
        for small in letter.to_lowercase() {
            push_folded(&mut key, small);
        }
    }
    let kept = key.trim_end().len();
    key.truncate(kept);
    without_look_alikes(&key)
}

/// A text without the footnote marks behind it: stars and superscripts.
#[must_use]
pub(crate) fn without_footnote(text: &str) -> &str {
    text.trim_end_matches(is_footnote_mark)
}

fn is_footnote_mark(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '*' | '¹' | '²' | '³' | '⁰' | '⁴'..='⁹' | '⁽' | '⁾')
}

fn push_folded(key: &mut String, letter: char) {
    match letter {
        // Soft hyphen, zero-width characters, byte order mark, word joiner.
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{2060}' => {}
        '’' | 'ʼ' | '‘' | '`' | '´' | '′' => key.push('\''),
        '–' | '—' | '−' | '‑' | '‐' | '―' => key.push('-'),
        // File systems decompose these three letters.
        '\u{306}' if key.ends_with('и') => replace_last(key, 'й'),
        '\u{308}' if key.ends_with(['і', 'i']) => replace_last(key, 'ї'),
        '\u{308}' if key.ends_with(['е', 'e']) => replace_last(key, 'ё'),
        space if space.is_whitespace() => {
            if !(key.is_empty() || key.ends_with([' ', '.'])) {
                key.push(' ');
            }
        }
        other => key.push(other),
    }
}

fn replace_last(key: &mut String, letter: char) {
    key.pop();
    key.push(letter);
}

fn without_look_alikes(key: &str) -> String {
    if key.is_ascii() {
        return key.to_owned();
    }
    let mut out = String::with_capacity(key.len());
    let mut word = String::new();
    for letter in key.chars() {
        if letter.is_alphabetic() || letter == '\'' {
            word.push(letter);
        } else {
            push_in_one_script(&mut out, &word);
            word.clear();
            out.push(letter);
        }
    }
    push_in_one_script(&mut out, &word);
    out
}

fn push_in_one_script(out: &mut String, word: &str) {
    let cyrillic = word.chars().filter(|letter| is_cyrillic(*letter)).count();
    let latin = word.chars().filter(|letter| is_latin(*letter)).count();
    if cyrillic == 0 || latin == 0 || cyrillic == latin {
        out.push_str(word);
        return;
    }
    out.extend(word.chars().map(|letter| {
        let found = LOOK_ALIKE.iter().find(|(roman, slavic)| {
            if cyrillic > latin {
                *roman == letter
            } else {
                *slavic == letter
            }
        });
        found.map_or(
            letter,
            |(roman, slavic)| {
                if cyrillic > latin { *slavic } else { *roman }
            },
        )
    }));
}

fn is_cyrillic(letter: char) -> bool {
    ('\u{400}'..='\u{52f}').contains(&letter)
}

fn is_latin(letter: char) -> bool {
    letter.is_ascii_alphabetic() || ('\u{c0}'..='\u{24f}').contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_write_differently_becomes_equal() {
        for (one, other) in [
            ("Івано–Франківська", "Івано-Франківська"),
            ("Івано-Франкiвська", "Івано-Франківська"),
            ("Короcтишів", "Коростишів"),
            ("рresent", "present"),
            ("Кyiv", "Kyiv"),
            ("В'єтнам", "Вʼєтнам"),
            ("В’єтнам", "В`єтнам"),
            ("адміні\u{ad}стративно", "адміністративно"),
            ("м.Київ ", "м. Київ"),
            (
                "Автономна                 Республіка\u{a0}Крим",
                "Автономна Республіка Крим",
            ),
            ("Russian Federation***", "russian federation"),
            ("Донецька²", "донецька"),
            ("Краи\u{306}", "край"),
            ("Львів\u{feff}", "ЛЬВІВ"),
            ("Украi\u{308}на", "україна"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} and {other}");
        }
    }

    #[test]
    fn what_differs_stays_different() {
        for (one, other) in [
            ("UA-09", "UA09"),
            ("м", "m"),
            ("Іран", "Ірак"),
            ("Донецька2", "Донецька"),
        ] {
            assert_ne!(folded(one), folded(other), "{one} and {other}");
        }
        assert_eq!(folded("ХХІV"), "ххіv", "Roman numerals are left alone");
    }

    #[test]
    fn spaces_collapse_and_nothing_else() {
        assert_eq!(collapsed("  a\u{a0}\u{2009} b\n"), "a b");
        assert_eq!(collapsed("Львів"), "Львів");
    }

    proptest! {
        #[test]
        fn folding_a_key_again_gives_the_key(text in "[\\PC\u{308}\u{306}иіi*² .abcабвЕЁё'’-]{0,24}") {
            let key = folded(&text);
            prop_assert_eq!(folded(&key), key);
        }
    }
}
