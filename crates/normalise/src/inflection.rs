//! Ukrainian names in the other cases: from a folded nominative to the forms that stand in a sentence.
//!
//! A form made here only ever finds the name that it was made from: two names with one form are ambiguous. More
//! forms are made than the language has (`Іраку` and `Ірака`); a form that nobody writes costs nothing.

/// Genitive, dative, accusative, instrumental, locative.
const CASES: usize = 5;
/// Forms of one name in one case; longer names have few free words.
const MOST_FORMS: usize = 16;

/// Every form of a folded Ukrainian name that differs from the name itself.
pub(crate) fn inflected(name: &str) -> Vec<String> {
    let words: Vec<&str> = name.split(' ').collect();
    let cyrillic = name.chars().filter(|letter| letter.is_alphabetic());
    if !cyrillic.clone().all(crate::repair::is_cyrillic) || cyrillic.count() < 3 || words.len() > 5 {
        return Vec::new();
    }
    let mut found = Vec::new();
    for case in 0..CASES {
        let mut forms = vec![String::new()];
        let mut head_passed = false;
        for (index, word) in words.iter().enumerate() {
            let last = index + 1 == words.len();
            let adjective = !last && is_adjective(word);
            let mut options = if adjective {
                adjective_forms(word, case)
            } else {
                noun_forms(word, case)
            };
            // What follows the head of a name often keeps its form: «Республіки Молдова», «Штатів Америки».
            if head_passed || options.is_empty() {
                options.push((*word).to_owned());
            }
            head_passed |= !adjective;
            forms = forms
                .iter()
                .flat_map(|before| options.iter().map(move |word| joined(before, word)))
                .take(MOST_FORMS)
                .collect();
        }
        for form in forms {
            if form != name && !found.contains(&form) {
                found.push(form);
            }
        }
    }
    found
}

fn joined(before: &str, word: &str) -> String {
    if before.is_empty() {
        word.to_owned()
    } else {
        format!("{before} {word}")
    }
}

fn is_adjective(word: &str) -> bool {
    let noun = ["україна", "країна", "держава"].contains(&word);
    !noun
        && [
            "на",
            "ська",
            "цька",
            "зька",
            "ва",
            "ий",
            "ій",
            "не",
            "ське",
            "ке",
            "ені",
            "ські",
            "цькі",
            "ні",
            "ові",
            "ика",
            "яна",
            "лена",
            "елика",
        ]
        .iter()
        .any(|ending| word.ends_with(ending))
}

fn adjective_forms(word: &str, case: usize) -> Vec<String> {
    let table: [(&str, [&[&str]; CASES]); 4] = [
        ("а", [&["ої"], &["ій"], &["у"], &["ою"], &["ій"]]),
        (
            "ий",
            [&["ого"], &["ому"], &["ий", "ого"], &["им"], &["ому", "ім"]],
        ),
        ("е", [&["ого"], &["ому"], &["е"], &["им"], &["ому", "ім"]]),
        ("і", [&["их"], &["им"], &["і", "их"], &["ими"], &["их"]]),
    ];
    replaced(word, &table, case)
}

fn noun_forms(word: &str, case: usize) -> Vec<String> {
    // Only the last part of a hyphenated name changes, or the first when the last cannot.
    if let Some((first, last)) = word.rsplit_once('-') {
        let of_last: Vec<String> = noun_forms(last, case);
        if !of_last.is_empty() {
            return of_last
                .into_iter()
                .map(|form| format!("{first}-{form}"))
                .collect();
        }
        return noun_forms(first, case)
            .into_iter()
            .map(|form| format!("{form}-{last}"))
            .collect();
    }
    if let Some(forms) = irregular(word, case) {
        return forms;
    }
    if word.ends_with(['у', 'е', 'є', 'ю', 'ї'])
        || word.ends_with("уа")
        || word.ends_with("оа")
        || word.chars().count() < 3
    {
        return Vec::new();
    }
    if let Some(stem) = word.strip_suffix('а') {
        return feminine(stem, case);
    }
    let table: [(&str, [&[&str]; CASES]); 11] = [
        ("ія", [&["ії"], &["ії"], &["ію"], &["ією"], &["ії"]]),
        ("ея", [&["еї"], &["еї"], &["ею"], &["еєю"], &["еї"]]),
        ("тя", [&["тя"], &["тю"], &["тя"], &["тям"], &["ті"]]),
        ("жя", [&["жя"], &["жю"], &["жя"], &["жям"], &["жі"]]),
        (
            "я",
            [&["і", "ї"], &["і", "ї"], &["ю"], &["ею", "єю"], &["і", "ї"]],
        ),
        ("ство", [&["ства"], &["ству"], &["ство"], &["ством"], &["стві"]]),
        ("ово", [&["ова"], &["ову"], &["ово"], &["овом"], &["ові"]]),
        (
            "ь",
            [
                &["ю", "я", "і"],
                &["ю", "і", "еві"],
                &["ь"],
                &["ем", "лю", "ю"],
                &["і", "ю"],
            ],
        ),
        ("й", [&["ю", "я"], &["ю", "єві"], &["й"], &["єм"], &["ї", "ю"]]),
        ("и", [&["ів", ""], &["ам"], &["и"], &["ами"], &["ах"]]),
        (
            "і",
            [
                &["ів", "їв"],
                &["ам", "ям"],
                &["і"],
                &["ами", "ями"],
                &["ах", "ях"],
            ],
        ),
    ];
    let found = replaced(word, &table, case);
    if !found.is_empty() || word.ends_with('о') {
        return found;
    }
    masculine(word, case)
}

fn irregular(word: &str, case: usize) -> Option<Vec<String>> {
    let forms: [&[&str]; CASES] = match word {
        "і" | "та" | "й" | "на" | "в" | "у" | "з" | "із" | "від" | "до" | "по" | "без" =>
        {
            return Some(vec![word.to_owned()]);
        }
        "острови" => [
            &["островів"],
            &["островам"],
            &["острови"],
            &["островами"],
            &["островах"],
        ],
        "острів" => [
            &["острова"],
            &["острову"],
            &["острів"],
            &["островом"],
            &["острові"],
        ],
        "єгипет" => [&["єгипту"], &["єгипту"], &["єгипет"], &["єгиптом"], &["єгипті"]],
        "конго" | "чилі" | "малі" | "фіджі" | "сомалі" | "кірибаті" | "есватіні" | "малаві" | "джерсі"
        | "гернсі" | "джибуті" | "гаїті" => {
            return Some(Vec::new());
        }
        "білорусь" => [
            &["білорусі"],
            &["білорусі"],
            &["білорусь"],
            &["білоруссю"],
            &["білорусі"],
        ],
        "волинь" => [&["волині"], &["волині"], &["волинь"], &["волинню"], &["волині"]],
        "київ" => [&["києва"], &["києву"], &["київ"], &["києвом"], &["києві"]],
        _ => return None,
    };
    let of_case = forms.get(case).copied().unwrap_or(&[]);
    Some(of_case.iter().map(|form| (*form).to_owned()).collect())
}

/// Feminine nouns in `-а`, with the consonants that soften before `-і`.
fn feminine(stem: &str, case: usize) -> Vec<String> {
    let hushing = stem.ends_with(['ж', 'ч', 'ш', 'щ']);
    let soft = softened(stem);
    match case {
        0 if hushing => vec![format!("{stem}і")],
        0 => vec![format!("{stem}и")],
        1 | 4 => vec![format!("{soft}і")],
        2 => vec![format!("{stem}у")],
        _ if hushing => vec![format!("{stem}ею")],
        _ => vec![format!("{stem}ою")],
    }
}

fn masculine(word: &str, case: usize) -> Vec<String> {
    match case {
        0 => vec![format!("{word}у"), format!("{word}а")],
        1 => vec![format!("{word}у"), format!("{word}ові")],
        2 => vec![word.to_owned()],
        3 => vec![format!("{word}ом")],
        _ => vec![
            format!("{}і", softened(word)),
            format!("{word}у"),
            format!("{word}ові"),
        ],
    }
}

fn softened(stem: &str) -> String {
    for (hard, soft) in [('г', 'з'), ('ґ', 'з'), ('к', 'ц'), ('х', 'с')] {
        if let Some(rest) = stem.strip_suffix(hard) {
            return format!("{rest}{soft}");
        }
    }
    stem.to_owned()
}

fn replaced(word: &str, table: &[(&str, [&[&str]; CASES])], case: usize) -> Vec<String> {
    for (ending, forms) in table {
        if let Some(stem) = word.strip_suffix(ending) {
            let of_case = forms.get(case).copied().unwrap_or(&[]);
            return of_case.iter().map(|form| format!("{stem}{form}")).collect();
        }
    }
    Vec::new()
}

/// The stem of an adjective in any case, and whether the ending is feminine; `None` for what has no such ending.
pub(crate) fn adjective_stem(word: &str) -> Option<(&str, Gender)> {
    const ENDINGS: [(&str, Gender); 14] = [
        ("ого", Gender::Masculine),
        ("ому", Gender::Masculine),
        ("ими", Gender::Any),
        ("ий", Gender::Masculine),
        ("им", Gender::Masculine),
        ("ім", Gender::Masculine),
        ("ої", Gender::Feminine),
        ("ій", Gender::Feminine),
        ("ою", Gender::Feminine),
        ("их", Gender::Any),
        ("а", Gender::Feminine),
        ("у", Gender::Feminine),
        ("і", Gender::Any),
        ("е", Gender::Any),
    ];
    let (ending, gender) = ENDINGS.iter().find(|(ending, _)| word.ends_with(ending))?;
    let stem = word.strip_suffix(ending)?;
    (stem.chars().count() >= 3).then_some((stem, *gender))
}

/// What an adjective's ending says about the noun that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gender {
    /// «область», «громада»
    Feminine,
    /// «район»
    Masculine,
    /// Plural and neuter endings say nothing.
    Any,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_the_cases_in_which_reports_use_them() {
        for (name, forms) in [
            ("польща", &["польщі", "польщу", "польщею"][..]),
            ("сирія", &["сирії", "сирію", "сирією"]),
            ("азербайджан", &["азербайджану", "азербайджаном", "азербайджані"]),
            ("україна", &["україни", "україні", "україною"]),
            ("китай", &["китаю", "китаєм", "китаї"]),
            ("ізраїль", &["ізраїлю", "ізраїлем", "ізраїлі"]),
            ("білорусь", &["білорусі", "білоруссю"]),
            ("нідерланди", &["нідерландів", "нідерландах"]),
            ("філіппіни", &["філіппін", "філіппінах"]),
            (
                "республіка молдова",
                &["республіки молдова", "республіки молдови", "республіці молдова"],
            ),
            (
                "російська федерація",
                &["російської федерації", "російською федерацією"],
            ),
            (
                "об'єднані арабські емірати",
                &["об'єднаних арабських еміратів", "об'єднаних арабських еміратах"],
            ),
            (
                "північна македонія",
                &["північної македонії", "північній македонії"],
            ),
            ("південний судан", &["південного судану", "південному судані"]),
            (
                "сполучені штати америки",
                &["сполучених штатів америки", "сполучених штатах америки"],
            ),
            ("папуа нова гвінея", &["папуа нової гвінеї"]),
            ("шрі-ланка", &["шрі-ланки", "шрі-ланці"]),
            ("гвінея-бісау", &["гвінеї-бісау"]),
            (
                "коморські острови",
                &["коморських островів", "коморських островах"],
            ),
            ("люксембург", &["люксембургу", "люксембурзі"]),
            ("вінниччина", &["вінниччини", "вінниччині"]),
            ("закарпаття", &["закарпаттю", "закарпатті"]),
        ] {
            let made = inflected(name);
            for form in forms {
                assert!(made.iter().any(|one| one == form), "{name}: {form} in {made:?}");
            }
        }
        assert_eq!(inflected("марокко"), Vec::<String>::new());
        assert_eq!(inflected("poland"), Vec::<String>::new());
    }

    #[test]
    fn an_adjective_keeps_its_stem_in_every_case() {
        for word in [
            "вінницька",
            "вінницької",
            "вінницькій",
            "вінницьку",
            "вінницькою",
            "вінницький",
            "вінницькому",
        ] {
            assert_eq!(
                adjective_stem(word).map(|(stem, _)| stem),
                Some("вінницьк"),
                "{word}"
            );
        }
        assert_eq!(adjective_stem("крим"), None);
    }
}
