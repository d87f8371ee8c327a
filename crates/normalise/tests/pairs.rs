//! Texts as people write them, beside their right readings, over the shipped catalogue.
//!
//! `pairs.csv` holds what was seen in published files and letters: countries in the genitive, regions in their
//! cases, months, quarters, ranges, codes, numbers, marks. The example `cases` runs the same on any file.

#[path = "../examples/cases/pairs.rs"]
mod pairs;
#[path = "../examples/cases/shipped.rs"]
mod shipped;

use leleka_normalise::{
    CITIZENSHIP_LIST, Codebook, PeriodContext, Resolution, Rule, TERRITORY_LIST, missing_mark,
    number_from_text, period_from_words, repaired, row_label,
};
use proptest::prelude::*;
use std::sync::OnceLock;

#[expect(
    clippy::unwrap_used,
    reason = "without the shipped lists no test here can run"
)]
fn codebook() -> &'static Codebook {
    static CODEBOOK: OnceLock<Codebook> = OnceLock::new();
    CODEBOOK.get_or_init(|| shipped::codebook().unwrap())
}

#[test]
fn every_pair_is_read_as_expected() {
    let outcome = pairs::outcome(include_str!("pairs.csv"), codebook()).unwrap();
    assert_eq!(outcome.misses, Vec::<String>::new());
    assert!(outcome.pairs > 900, "{}", outcome.pairs);
}

#[test]
fn a_wrong_reading_and_an_unknown_kind_are_misses() {
    let outcome = pairs::outcome("number,5,6\nmood,glad,GLAD\nnumber,7,7.0\n", codebook()).unwrap();
    assert_eq!(
        outcome.misses,
        [
            "number \"5\": expected 6, read 5",
            "the kind \"mood\" is not known"
        ]
    );
    assert_eq!(outcome.pairs, 3);
}

#[test]
fn every_code_of_the_catalogue_reads_back_as_itself() {
    let codebook = codebook();
    for list in [TERRITORY_LIST, CITIZENSHIP_LIST] {
        for entry in codebook.codes(list) {
            let read = codebook.read_name(list, &entry.code, None);
            assert_eq!(
                read.resolution,
                Resolution::One {
                    code: entry.code.clone()
                }
            );
            assert_eq!(read.notes, Vec::new(), "{}", entry.code);
        }
    }
}

#[test]
fn every_name_of_the_catalogue_finds_its_code_or_is_ambiguous() {
    let codebook = codebook();
    for list in [TERRITORY_LIST, CITIZENSHIP_LIST] {
        for entry in codebook.codes(list) {
            for name in [&entry.name_uk, &entry.name_en].into_iter().chain(&entry.aliases) {
                let found = match codebook.read_name(list, name, None).resolution {
                    Resolution::One { code } => vec![code],
                    Resolution::Ambiguous { codes } => codes,
                    Resolution::Unknown { .. } => Vec::new(),
                };
                assert!(found.contains(&entry.code), "{name}: {found:?}");
            }
        }
    }
}

#[test]
fn what_was_repaired_is_told_with_the_corrected_form() {
    let read = codebook().read_name(TERRITORY_LIST, "у Вiнницькій  області*", None);
    let told: Vec<(Rule, &str)> = read
        .notes
        .iter()
        .map(|note| (note.rule, note.read.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (Rule::Typography, "у Вiнницькій області*"),
            (Rule::LookAlike, "у Вінницькій області*"),
            (Rule::Footnote, "UA05000000000010236"),
            (Rule::NameForm, "UA05000000000010236"),
        ]
    );
}

#[test]
fn an_unknown_name_gets_at_most_three_suggestions() {
    let read = codebook().read_name(TERRITORY_LIST, "Kharkivskat", None);
    let Resolution::Unknown { suggestions } = read.resolution else {
        panic!("{read:?}");
    };
    assert!(
        suggestions.len() <= 3 && suggestions.contains(&"UA63000000000041885".to_owned()),
        "{suggestions:?}"
    );
}

#[test]
fn a_raion_of_a_day_before_the_reform_is_left_at_its_oblast() {
    let on = |day: &str| {
        codebook()
            .read_name(TERRITORY_LIST, "Вінницький район", day.parse().ok())
            .resolution
    };
    let oblast = "UA05000000000010236".to_owned();
    assert_eq!(
        on("2019-12-31"),
        Resolution::Unknown {
            suggestions: vec![oblast]
        }
    );
    assert_eq!(
        on("2021-01-01"),
        Resolution::One {
            code: "UA05020000000026686".into()
        }
    );
}

#[test]
fn codes_of_a_scheme_that_contradicts_another_need_its_declaration() {
    let codebook = codebook();
    let iso = codebook.read_name(TERRITORY_LIST, "UA-09", None).resolution;
    let luhansk = "UA44000000000018893".to_owned();
    assert_eq!(
        iso,
        Resolution::Unknown {
            suggestions: vec![luhansk.clone()]
        }
    );
    let declared = codebook.resolve_in_scheme(TERRITORY_LIST, "iso_3166_2", "UA-09");
    assert_eq!(declared, Resolution::One { code: luhansk });
    for (text, unhcr, iso) in [("AUS", "AT", "AU"), ("ARE", "EG", "AE"), ("MAR", "MQ", "MA")] {
        let of = |scheme| codebook.resolve_in_scheme(CITIZENSHIP_LIST, scheme, text);
        assert_eq!(of("unhcr"), Resolution::One { code: unhcr.into() });
        assert_eq!(of("alpha3"), Resolution::One { code: iso.into() });
        let bare = codebook.read_name(CITIZENSHIP_LIST, text, None).resolution;
        assert!(matches!(bare, Resolution::Ambiguous { .. }), "{text}: {bare:?}");
    }
}

proptest! {
    #[test]
    fn no_reader_panics_on_any_text(text in "\\PC{0,24}|[а-яіїєґa-zIVXХІ0-9 .,/()«»'’*\u{ad}\n-]{0,40}") {
        for kind in ["number", "missing", "period", "country", "territory", "row", "text"] {
            prop_assert!(pairs::reading(kind, &text, codebook()).is_some());
        }
        let _ = (missing_mark(&text), row_label(&text), repaired(&text), number_from_text(&text));
        for context in [PeriodContext { year: Some(2025), excel_serials: true }, PeriodContext::default()] {
            let _ = period_from_words(&text, context);
        }
    }

    #[test]
    fn a_longer_text_of_known_words_never_panics(words in proptest::collection::vec("з|по|січень|травень|2015|31|\\.|-|–|/|III|квартал|року|на|тиждень|місяців|область|район|м\\.|Київ|Республіка|громадяни|Молдова|,|\\(|\\)", 0..12)) {
        let text = words.join(" ");
        for kind in ["period", "country", "territory", "row", "text"] {
            prop_assert!(pairs::reading(kind, &text, codebook()).is_some());
        }
    }
}
