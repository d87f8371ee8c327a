//! Hyphens left over from a narrow column: `адміні-стративно`.
//!
//! Without a dictionary only two signs are sure: the hyphen parts a known stem, or what follows is an ending that is
//! no word. Every other hyphen stays: compounds, names, ranges of months.

use crate::repair::is_cyrillic;

/// Stems of words of official tables: a hyphen inside one of them is left over from a narrow column.
const STEMS: [&str; 78] = [
    "адміністратив",
    "автономн",
    "біженц",
    "видворен",
    "вибул",
    "визнан",
    "виявлен",
    "відмов",
    "відомост",
    "відповідальн",
    "внутрішньо",
    "володін",
    "господар",
    "громадян",
    "громад",
    "державн",
    "добровільн",
    "додатков",
    "дозвол",
    "документ",
    "допомог",
    "загальн",
    "затриман",
    "захист",
    "зареєстрован",
    "зайнят",
    "землекористувач",
    "інвалідн",
    "іноземц",
    "категорі",
    "квартал",
    "кількіст",
    "кордон",
    "користувач",
    "місцевост",
    "міграці",
    "міграційн",
    "міждержавн",
    "міжнародн",
    "міжрегіональн",
    "населен",
    "наявн",
    "незаконн",
    "нелегальн",
    "неповнолітн",
    "області",
    "область",
    "організаці",
    "оформлен",
    "переміщен",
    "перебуван",
    "перетин",
    "підприємств",
    "показник",
    "порушен",
    "посвідк",
    "поселен",
    "посвідчен",
    "постійн",
    "прибул",
    "природн",
    "прирост",
    "приріст",
    "проживан",
    "працевлаштуван",
    "реєстраці",
    "республік",
    "розташуван",
    "рішен",
    "середньорічн",
    "скорочен",
    "сільськ",
    "співробітництв",
    "статистичн",
    "територіальн",
    "територі",
    "тимчасов",
    "установ",
];

/// Endings that are no words: a hyphen before one of them parts no compound.
const ENDINGS: [&str; 40] = [
    "ня",
    "ння",
    "ття",
    "ення",
    "вання",
    "лення",
    "чення",
    "шення",
    "дження",
    "нальна",
    "нальний",
    "нальне",
    "нальні",
    "нального",
    "нальної",
    "нальних",
    "тивна",
    "тивний",
    "тивне",
    "тивні",
    "тивно",
    "ського",
    "ської",
    "ських",
    "ський",
    "ська",
    "ційна",
    "ційний",
    "ційних",
    "ційної",
    "ності",
    "ність",
    "ції",
    "ція",
    "цій",
    "цію",
    "лих",
    "них",
    "ться",
    "ваний",
];

pub(crate) fn without_hyphenation(text: &str) -> String {
    if !text.contains('-') {
        return text.to_owned();
    }
    let words: Vec<String> = text.split(' ').map(word_joined).collect();
    words.join(" ")
}

/// `адміні-стративно` to `адміністративно`: the hyphen parts a known stem, or stands before a bare ending.
fn word_joined(word: &str) -> String {
    let Some((left, right)) = word.split_once('-') else {
        return word.to_owned();
    };
    let small = |part: &str| {
        part.chars()
            .all(|letter| is_cyrillic(letter) && letter.is_lowercase())
    };
    let bare = right.trim_end_matches([',', '.', ';', ':', ')']);
    if left.chars().count() < 2 || bare.is_empty() || !small(bare) || !left.chars().all(is_cyrillic) {
        return word.to_owned();
    }
    let key: String = format!("{left}{bare}").to_lowercase();
    let inside = |stem: &&str| key.starts_with(*stem) && stem.len() > left.len();
    let first_is_known = STEMS.iter().any(|stem| left.to_lowercase().starts_with(stem));
    let parted = STEMS.iter().any(inside) && !first_is_known;
    if parted || ENDINGS.contains(&bare) {
        format!("{left}{right}")
    } else {
        word.to_owned()
    }
}
