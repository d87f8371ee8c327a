//! Tables that nobody described, and the lenient readings that a profile may declare.

use super::world::{Told, codebook, feed_csv, profiled, settings, tell};
use crate::NormaliserSettings;
use leleka_domain::{ObsStatus, RowFormat, Severity};

fn table(file: &str) -> Told {
    let codebook = codebook();
    let settings = NormaliserSettings {
        lenient: true,
        ..settings(&codebook, RowFormat::Csv)
    };
    tell(settings, None, |sink| feed_csv(sink, file, ';'))
}

fn told(told: &Told) -> Vec<String> {
    let of = |finding: &leleka_domain::Finding| {
        format!(
            "{} {} → {}",
            finding.code,
            finding.value.as_deref().unwrap_or(""),
            finding.expected.as_deref().unwrap_or("")
        )
    };
    told.findings.iter().map(of).collect()
}

#[test]
fn a_table_of_an_office_is_read_and_every_repair_is_told_once() {
    let read = table(
        "Показник;Звітний період;Область;Громадянство;Стать;Вік;Значення\n\
         ASY_APPL;січень 2025 р.;у Вiнницькій області;громадяни Сирії;чол.;до 18 років;1 204\n\
         ASY_APPL;лютий 2025 р.;Вінницька обл.;РФ;жін.;Усього;–\n\
         ASY_APPL;березень 2025 р.;Вінницька;Сирія;Усього;Усього;12,3 тис.\n\
         ASY_APPL;квітень 2025 р.;Вінницька;Сирія;Усього;Усього;…\n\
         ;;;;;;\n\
         у тому числі:;;;;;;\n",
    );
    let mut rows = read.rows.clone();
    rows.sort_by_key(|one| one.row);
    let values: Vec<_> = rows.iter().map(|one| (one.value, one.status.letter())).collect();
    assert_eq!(
        values,
        [
            (Some(1204.0), "A"),
            (Some(0.0), "A"),
            (Some(12_300.0), "E"),
            (None, "O")
        ]
    );
    assert!(
        read.findings.iter().all(|one| one.severity != Severity::Error),
        "{:?}",
        told(&read)
    );
    let told = told(&read);
    for expected in [
        "reading.header Область → territory (×1)",
        "reading.look_alike у Вiнницькій області → у Вінницькій області (×1)",
        "reading.name_form у Вiнницькій області → UA05000000000010236 (×1)",
        "reading.period_words січень 2025 р. → 2025-01 (×4)",
        "reading.number_as_text 1 204 → 1204 (×1)",
        "reading.missing_mark – → 0 (×2)",
        "reading.number_multiplied 12,3 тис. → 12300 (×1)",
    ] {
        assert!(told.iter().any(|one| one == expected), "{expected} in {told:#?}");
    }
    let outcome = &read.outcome;
    assert_eq!(
        (outcome.rows, outcome.rows_ignored, outcome.rows_refused),
        (6, 2, 0)
    );
    assert_eq!(outcome.ignored_by_reason["label_row"], 1);
    let warnings = read
        .findings
        .iter()
        .filter(|one| one.severity == Severity::Warning);
    let warned: Vec<_> = warnings.map(|one| one.code.as_str()).collect();
    assert_eq!(warned, ["reading.look_alike", "reading.number_multiplied"]);
}

#[test]
fn what_has_two_readings_is_an_error_in_its_cell() {
    let read = table(
        "indicator;period;territory;value;\n\
         ASY_APPL;02/03/2025;Київ;1,204;\n\
         ASY_APPL;23 липня ц.р.;UA-09;22,925;\n\
         ASY_APPL;31.05.2023|01.12.2024;Атлантида;13 км;\n\
         ASY_APPL;2025-13;;5;note\n",
    );
    assert_eq!(
        read.codes(),
        [
            "period.ambiguous@1:period",
            "code.ambiguous@1:territory",
            "value.ambiguous@1:value",
            "period.needs_year@2:period",
            "code.unknown@2:territory",
            "value.ambiguous@2:value",
            "period.several@3:period",
            "code.unknown@3:territory",
            "value.not_number@3:value",
            "period.not_in_calendar@4:period",
            "field.missing@4:territory",
            "cell.unexpected@4:",
        ]
    );
    assert_eq!((read.rows.len(), read.outcome.rows_refused), (0, 4));
}

#[test]
fn a_header_that_is_no_known_word_is_told() {
    let read = table("Показник;Період;Настрій;Значення\nASY_APPL;2025-01;добрий;5");
    assert!(
        read.codes().contains(&"csv.column_unknown:Настрій".to_owned()),
        "{:?}",
        read.codes()
    );
    let twice = table("Показник;Рік;Місяць;Значення\nASY_APPL;2025;січень;5");
    assert!(
        twice.codes().contains(&"csv.column_duplicate:Місяць".to_owned()),
        "{:?}",
        twice.codes()
    );
}

#[test]
fn the_strict_wire_reads_none_of_it() {
    let codebook = codebook();
    let file = "indicator;period;territory;value\nASY_APPL;січень 2025;Вінницька;1 204";
    let read = tell(settings(&codebook, RowFormat::Csv), None, |sink| {
        feed_csv(sink, file, ';')
    });
    assert_eq!(
        read.codes(),
        [
            "period.syntax@1:period",
            "code.unknown@1:territory",
            "value.not_number@1:value"
        ]
    );
}

const WORDS: &str = r#"{"code":"office_words","version":1,"body":"DMS","dataflow":"ASYLUM",
  "dialect":{"delimiter":";","numbers":"auto"},
  "constants":{"indicator":"ASY_APPL"},
  "columns":[
    {"name":"Період","as":"period","format":"words"},
    {"name":"Область","as":"territory","labels":true},
    {"name":"Країна","as":"citizenship","labels":true},
    {"name":"Осіб","as":"value"}],
  "missing":{"…":"O"}}"#;

#[test]
fn a_profile_may_declare_periods_in_words_and_numbers_by_themselves() {
    let read = profiled(
        WORDS,
        ';',
        "Період;Область;Країна;Осіб\n\
         січень-травень 2025 року;у Львівській області;Сирія;1 204\n\
         січень-травень 2025 року;Вінницька;громадян Сирії;1.234.567\n\
         січень-травень 2024 року;Вінницька;Сирія;…\n\
         січень-травень 2024 року;Львівська;Сирія;2 тис.",
    );
    assert_eq!(
        read.codes(),
        [
            "reading.period_words@1:Період",
            "reading.name_form@1:Область",
            "reading.number_as_text@1:Осіб",
            "reading.name_form@2:Країна",
            "reading.number_multiplied@4:Осіб",
        ]
    );
    let estimated = read.rows.iter().filter(|one| one.status == ObsStatus::Estimated);
    assert_eq!(estimated.count(), 1);
}
