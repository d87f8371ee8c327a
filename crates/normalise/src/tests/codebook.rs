//! Names, codes and territories.

use super::world::{codebook, day};
use crate::{Codebook, Resolution};
use leleka_domain::{Agreement, Frequency};

fn resolved(codebook: &Codebook, list: &str, text: &str) -> String {
    match codebook.resolve_label(list, text) {
        Resolution::One { code } => code,
        Resolution::Ambiguous { codes } => format!("? {}", codes.join(" ")),
        Resolution::Unknown { suggestions } => format!("! {}", suggestions.join(" ")).trim_end().to_owned(),
    }
}

#[test]
fn a_territory_is_known_by_every_name_and_code_that_senders_use() {
    let codebook = codebook();
    for (text, expected) in [
        ("Вінницька", "UA05000000000010236"),
        ("Вінницька                               ", "UA05000000000010236"),
        ("Івано–Франківська", "UA26000000000069363"),
        ("Івано-Франкiвська", "UA26000000000069363"),
        ("м.Київ ", "UA80000000000093317"),
        ("Київ", "? UA32000000000030281 UA80000000000093317"),
        ("Kyiv", "? UA32000000000030281 UA80000000000093317"),
        ("Temp03", "!"),
        ("UA09", "!"),
        ("UA-09", "UA44000000000018893"),
        ("UA44", "UA44000000000018893"),
        ("UA2102001", "UA21020010000055068"),
        ("UA0502", "UA05020000000026686"),
        ("0500000000", "UA05000000000010236"),
        ("500000000", "UA05000000000010236"),
        ("Новомосковський район", "UA12100000000039307"),
        ("Residence location unknown (in Ukraine)**", "UA_U"),
        ("Україна", "UA"),
        ("області", "!"),
        ("Луганська2", "UA44000000000018893"),
        ("Лвівська", "! UA46000000000026241"),
        ("ua05000000000010236", "UA05000000000010236"),
    ] {
        assert_eq!(resolved(&codebook, "territory", text), expected, "{text}");
    }
}

#[test]
fn a_citizenship_is_known_by_names_cases_and_foreign_codes() {
    let codebook = codebook();
    for (text, expected) in [
        ("Сирійська Арабська Республіка", "SY"),
        ("громадяни Сирії", "SY"),
        ("РФ", "RU"),
        ("російської федерації", "RU"),
        ("В'єтнам", "VN"),
        ("Вʼєтнам", "VN"),
        ("Соціалістична Республіка В`єтнам", "VN"),
        ("Russian Federation***", "RU"),
        ("EL", "GR"),
        ("UK", "GB"),
        ("SYR", "SY"),
        ("Türkiye", "TR"),
        ("Корея", "? KP KR"),
        ("AUS", "? AT AU"),
        ("ОБГ", "STLS"),
        ("Усього", "_T"),
        ("Атлантида", "!"),
    ] {
        assert_eq!(resolved(&codebook, "citizenship", text), expected, "{text}");
    }
    let in_scheme = |scheme| codebook.resolve_in_scheme("citizenship", scheme, "AUS");
    assert_eq!(in_scheme("alpha3"), Resolution::One { code: "AU".into() });
    assert_eq!(in_scheme("unhcr"), Resolution::One { code: "AT".into() });
}

#[test]
fn exact_codes_follow_the_list_its_grammar_or_its_openness() {
    let codebook = codebook();
    for (list, text, legal) in [
        ("age", "Y15T64", true),
        ("age", "Y15-64", false),
        ("age", "дорослі", false),
        ("age", "ADULTS", false),
        ("route", "WBLK-2", true),
        ("route", "не код", false),
        ("sex", "M", true),
        ("sex", "m", false),
        ("nothing", "M", false),
    ] {
        assert_eq!(
            codebook.resolve_code(list, text).is_some(),
            legal,
            "{list} {text}"
        );
    }
    assert_eq!(resolved(&codebook, "age", "Y15-64"), "Y15T64");
    assert_eq!(resolved(&codebook, "age", "TOTAL"), "_T");
    assert_eq!(resolved(&codebook, "route", "WBLK"), "WBLK");
}

#[test]
fn territories_know_what_lies_in_them() {
    let codebook = codebook();
    assert_eq!(
        codebook.descendants("UA05000000000010236"),
        ["UA05000000000010236", "UA05020000000026686"]
    );
    assert_eq!(
        codebook.descendants("UA").len(),
        codebook.codes("territory").count()
    );
    assert!(codebook.descendants("nowhere").is_empty());
    assert!(codebook.is_within("UA21020010000055068", "UA21000000000011690"));
    assert!(codebook.is_within("UA", "UA"));
    assert!(!codebook.is_within("UA21000000000011690", "UA05000000000010236"));
    assert!(!codebook.is_within("nowhere", "UA"));
}

#[test]
fn a_hierarchy_that_bites_its_tail_still_ends() {
    let mut catalogue = super::world::catalogue();
    for entry in &mut catalogue.codes {
        if entry.code == "UA" {
            entry.parent = Some("UA05000000000010236".into());
        }
    }
    let codebook = Codebook::new(&catalogue);
    assert!(!codebook.is_within("UA", "UA21000000000011690"));
    assert!(codebook.descendants("UA").len() > 2);
}

#[test]
fn an_agreement_holds_for_its_body_frequency_state_and_days() {
    let mut catalogue = super::world::catalogue();
    let suspended = Agreement {
        indicator: "ASY_RATE".into(),
        frequencies: vec!["W".into()],
        state: "suspended".into(),
        ..catalogue.agreements[0].clone()
    };
    catalogue.agreements.push(suspended);
    let codebook = Codebook::new(&catalogue);
    let agreed = |body, indicator, frequency, on: &str| {
        codebook.agreement(body, indicator, frequency, day(on)).is_some()
    };
    assert!(agreed("DMS", "ASY_APPL", Frequency::Monthly, "2026-01-01"));
    assert!(agreed("DMS", "ASY_APPL", Frequency::SpanMonths(5), "2026-01-01"));
    assert!(agreed("DMS", "ASY_APPL", Frequency::SpanDays(5), "2026-01-01"));
    assert!(!agreed("DMS", "ASY_APPL", Frequency::Daily, "2026-01-01"));
    assert!(!agreed("DMS", "ASY_APPL", Frequency::Monthly, "2019-12-31"));
    assert!(!agreed("SBGS", "ASY_APPL", Frequency::Monthly, "2026-01-01"));
    assert!(!agreed("DMS", "ASY_RATE", Frequency::Weekly, "2026-01-01"));
}
