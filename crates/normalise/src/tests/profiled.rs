//! Files that a mapping profile describes.

use super::world::{codebook, profiled};
use crate::MappingProfile;
use leleka_domain::{Finding, ObsStatus};

const EUROSTAT: &str = r#"{"code":"eurostat_asylum","version":1,"body":"DMS","dataflow":"ASYLUM",
  "dialect":{"encoding":"iso-8859-1","delimiter":",","decimal_mark":".","thousands":","},
  "header":{"first_columns":["TIME","GEO"]},
  "constants":{"indicator":"ASY_APPL","territory":"UA"},
  "columns":[
    {"name":"TIME","as":"period","format":"eurostat"},
    {"name":"GEO","as":"expect","equals":["Ukraine"],"reason_en":"only our rows","reason_uk":"лише наші"},
    {"name":"CITIZEN","as":"citizenship","labels":true,"values":{"Burma":"_U"}},
    {"name":"SEX","as":"sex","labels":true},
    {"name":"UNIT","as":"ignore"},
    {"name":"Value","as":"value"},
    {"name":"Flags","as":"flags"}],
  "missing":{":":"O","":"L"},"zero":["–"],
  "flags":{"b":"B","e":"E","p":"P","c":"Q","r":""},
  "skip_rows_when":[
    {"column":"GEO","starts_with":["European Union"],"code":"aggregate","reason_uk":"сума","reason_en":"a sum"},
    {"column":"CITIZEN","equals":["Extra-EU"],"empty":true,"code":"grouping"}]}"#;

#[test]
fn a_tall_file_is_translated_as_declared() {
    let told = profiled(
        EUROSTAT,
        ';',
        "TIME;GEO;CITIZEN;SEX;UNIT;Value;Flags\n\
         2015M01;Ukraine;Syria;Total;Person;22,925;bep\n\
         2015M02;Ukraine;Сирія;Males;Person;:;\n\
         2015M03;Ukraine;Syria;Total;Person;:;c\n\
         2015M04;Ukraine;Syria;Total;Person;–;r\n\
         2015M05;Ukraine;Syria;Total;Person;;\n\
         2015M06;European Union (28 countries);Syria;Total;Person;1;\n\
         2015M06;Ukraine;Extra-EU;Total;Person;1;\n\
         2015M06;Ukraine;;Total;Person;1;\n\
         2015M06;Ukraine;Burma;Females;Person;1;",
    );
    assert_eq!(told.codes(), Vec::<String>::new());
    let mut rows = told.rows.clone();
    rows.sort_by_key(|one| one.row);
    let said: Vec<_> = rows
        .iter()
        .map(|one| {
            (
                one.row,
                one.value,
                one.status.letter(),
                one.flags.iter().map(ObsStatus::letter).collect::<String>(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            (1, Some(22_925.0), "B", "PE".to_owned()),
            (2, None, "O", String::new()),
            (3, None, "Q", String::new()),
            (4, Some(0.0), "A", String::new()),
            (5, None, "L", String::new()),
            (9, Some(1.0), "A", String::new()),
        ]
    );
    let outcome = &told.outcome;
    assert_eq!(
        (outcome.rows, outcome.rows_ignored, outcome.rows_refused),
        (9, 3, 0)
    );
    assert_eq!(outcome.ignored_by_reason["aggregate"], 1);
    assert_eq!(outcome.ignored_by_reason["grouping"], 2);
    assert!(
        told.series
            .iter()
            .any(|key| key.to_string() == "ASY_APPL|M|DMS|UA|SY|M|_T|route=_T")
    );
}

#[test]
fn what_the_profile_does_not_cover_is_an_error_in_its_cell() {
    let told = profiled(
        EUROSTAT,
        ';',
        "TIME;GEO;CITIZEN;SEX;UNIT;Value;Flags\n\
         2015M13;Poland;Корея;;Person;13 км;q\n\
         2015M01;Ukraine;Атлантида;Total;Person;6.7;\n\
         2015M01;Ukraine;Syria;Total;Person;5;c",
    );
    assert_eq!(
        told.codes(),
        [
            "period.not_in_calendar@1:TIME",
            "cell.unexpected@1:GEO",
            "code.ambiguous@1:CITIZEN",
            "field.missing@1:SEX",
            "value.not_number@1:Value",
            "status.unknown@1:Flags",
            "code.unknown@2:CITIZEN",
            "value.not_integer@2:Value",
            "value.unexpected@3:Value",
        ]
    );
    assert_eq!(told.findings[1].expected.as_deref(), Some("Ukraine"));
    assert_eq!(told.findings[5].expected.as_deref(), Some("b, c, e, p, r"));
    assert_eq!((told.rows.len(), told.outcome.rows_refused), (0, 3));
}

#[test]
fn a_file_of_another_kind_is_recognised_by_its_header() {
    let told = profiled(
        EUROSTAT,
        ';',
        "GEO;TIME;CITIZEN;SEX;Value;Flags;Note\nUkraine;2015M01;Syria;Total;5;;x",
    );
    assert_eq!(
        told.codes(),
        [
            "csv.column_missing",
            "csv.header_unexpected:GEO",
            "csv.header_unexpected:TIME",
            "csv.column_unknown:Note",
        ]
    );
    assert_eq!(told.findings[0].expected.as_deref(), Some("UNIT"));
    assert_eq!(told.findings[1].expected.as_deref(), Some("TIME"));
}

const WIDE: &str = r#"{"code":"regions","version": 1,"body":"DMS","dataflow":"ASYLUM","footnote_marks":true,
  "dialect":{"encoding":"windows-1251","delimiter":";","decimal_mark":",","thousands":" "},
  "columns":[{"name":"Регіон","as":"territory","labels":true}],
  "wide":{"columns":[
    {"index":1,"indicator":"ASY_APPL","period":"2015-01","dimensions":{"sex":"M"}},
    {"index":2,"indicator":"ASY_APPL","period":"2015-01","dimensions":{"sex":"F"}},
    {"index":3,"indicator":"ASY_NET","period":"2015-01"}]},
  "missing":{"…":"O","х":"M"},"zero":["–"],
  "skip_rows_when":[{"column":"Регіон","contains":["табл."],"code":"page_header"}],
  "sections":{"column":"Регіон","values":{"Уперше":{"route":"NEW"},"Повторно":{"route":"AGAIN"}}}}"#;

#[test]
fn a_wide_file_gives_an_observation_for_each_column_and_keeps_its_sections() {
    let told = profiled(
        WIDE,
        ';',
        "РЕГІОН;чоловіки;жінки;сальдо2\n\
         УПЕРШЕ1;;;\n\
         Вінницька;1 204;–;–24\n\
         Продовження табл. 3;;;\n\
         Повторно;;;\n\
         Луганська2;…;15*;х",
    );
    assert_eq!(told.codes(), Vec::<String>::new());
    let outcome = &told.outcome;
    assert_eq!(
        (outcome.rows, outcome.rows_ignored, outcome.observations),
        (5, 3, 6)
    );
    assert_eq!(outcome.ignored_by_reason["section"], 2);
    let found = |key: &str| {
        let series = told
            .series
            .iter()
            .find(|series| series.to_string() == key)
            .expect(key)
            .id();
        let row = told.rows.iter().find(|row| row.series == series).unwrap();
        (row.value, row.status.letter())
    };
    let vinnytsia = "DMS|UA05000000000010236";
    let luhansk = "DMS|UA44000000000018893";
    assert_eq!(
        found(&format!("ASY_APPL|M|{vinnytsia}|_T|M|_T|route=NEW")),
        (Some(1204.0), "A")
    );
    assert_eq!(
        found(&format!("ASY_APPL|M|{vinnytsia}|_T|F|_T|route=NEW")),
        (Some(0.0), "A")
    );
    assert_eq!(
        found(&format!("ASY_APPL|M|{luhansk}|_T|F|_T|route=AGAIN")),
        (Some(15.0), "A")
    );
    assert_eq!(
        found(&format!("ASY_APPL|M|{luhansk}|_T|M|_T|route=AGAIN")),
        (None, "O")
    );
}

#[test]
fn a_declared_code_counts_only_where_the_indicator_has_the_dimension() {
    let told = profiled(
        WIDE,
        ';',
        "Регіон;чоловіки;жінки;сальдо\nУперше;;;\nВінницька;1;2;3",
    );
    assert_eq!(told.codes(), Vec::<String>::new());
    let balance = told.series.iter().find(|key| key.indicator == "ASY_NET").unwrap();
    assert_eq!(balance.extra, "");
}

#[test]
fn one_wrong_cell_refuses_the_whole_wide_row_and_only_that_cell_is_told() {
    let told = profiled(
        WIDE,
        ';',
        "Регіон;чоловіки;жінки;сальдо\nВінницька;1,234.5;2;3\nКиїв;1;2;3\nЛуганська;1;2;3\nЛуганська;4;5;6",
    );
    assert_eq!(
        told.codes(),
        [
            "value.not_number@1:чоловіки",
            "code.ambiguous@2:Регіон",
            "row.duplicate_key@3:чоловіки",
            "row.duplicate_key@3:жінки",
            "row.duplicate_key@3:сальдо",
            "row.duplicate_key@4:чоловіки",
            "row.duplicate_key@4:жінки",
            "row.duplicate_key@4:сальдо",
        ]
    );
    assert_eq!((told.rows.len(), told.outcome.rows_refused), (0, 4));
}

#[test]
fn an_undeclared_comma_is_read_neither_way() {
    let plain = EUROSTAT.replace(r#","thousands":",""#, "");
    let told = profiled(
        &plain,
        ';',
        "TIME;GEO;CITIZEN;SEX;UNIT;Value;Flags\n2015M01;Ukraine;Syria;Total;Person;1,234;",
    );
    assert_eq!(told.codes(), ["value.ambiguous@1:Value"]);
    assert_eq!(told.findings[0].expected.as_deref(), Some("1234 / 1.234"));
}

#[test]
fn codes_of_a_declared_scheme_and_days_of_a_declared_frequency_are_read() {
    let told = profiled(
        r#"{"code":"daily","version":1,"body":"DMS","dataflow":"ASYLUM",
            "constants":{"indicator":"ASY_APPL","frequency":"W"},
            "columns":[{"name":"day","as":"period","format":"date"},{"name":"n","as":"value"},
                       {"name":"iso","as":"citizenship","format":"alpha3"}]}"#,
        ';',
        "day;n;iso\n\"24.02.2022\";1;AUS\nFebruary 24, 2022;1;SYR"
            .replace('"', "")
            .as_str(),
    );
    assert_eq!(told.codes(), Vec::<String>::new());
    let mut keys: Vec<_> = told.series.iter().map(ToString::to_string).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "ASY_APPL|W|DMS|UA|AU|_T|_T|route=_T",
            "ASY_APPL|W|DMS|UA|SY|_T|_T|route=_T"
        ]
    );
    assert_eq!(told.rows[0].period_start.to_string(), "2022-02-21");
}

#[test]
fn words_for_statuses_are_translated_as_declared() {
    let told = profiled(
        r#"{"code":"words","version":1,"body":"DMS","dataflow":"ASYLUM","constants":{"indicator":"ASY_STOCK"},
            "columns":[{"name":"p","as":"period"},{"name":"n","as":"value"},
                       {"name":"s","as":"obs_status","values":{"попередні":"P","":"A"}},
                       {"name":"c","as":"conf_status","values":{"ДСК":"N"}}]}"#,
        ';',
        "p;n;s;c\n2026-09;5;Попередні;дск\n2026-08;5;;\n2026-07;5;остаточні;таємно",
    );
    assert_eq!(told.codes(), ["status.unknown@3:s", "status.unknown@3:c"]);
    let mut rows = told.rows.clone();
    rows.sort_by_key(|one| one.row);
    let said: Vec<_> = rows
        .iter()
        .map(|one| (one.row, one.status.letter(), one.confidentiality.letter()))
        .collect();
    assert_eq!(said, [(1, "P", "N"), (2, "A", "F")]);
}

#[test]
fn a_profile_with_a_typing_error_is_refused_or_told() {
    let misspelt = EUROSTAT.replace("\"missing\"", "\"mising\"");
    assert!(serde_json::from_str::<MappingProfile>(&misspelt).is_err());
    let codebook = codebook();
    for (from, to, problem) in [
        (
            r#""dataflow":"ASYLUM""#,
            r#""dataflow":"NOPE""#,
            "dataflow.unknown /dataflow NOPE",
        ),
        (
            r#""as":"sex""#,
            r#""as":"gender""#,
            "profile.meaning_unknown /columns/3/as gender",
        ),
        (
            r#""territory":"UA""#,
            r#""territory":"UA99""#,
            "code.unknown /constants/territory UA99",
        ),
        (
            r#"{"Burma":"_U"}"#,
            r#"{"Burma":"MM"}"#,
            "code.unknown /columns/2/values/Burma MM",
        ),
        (
            r#""format":"eurostat""#,
            r#""format":"oracle""#,
            "json.type /columns/0/format oracle",
        ),
        (r#"{":":"O""#, r#"{":":"P""#, "status.unknown /missing/: P"),
        (r#""b":"B""#, r#""b":"?""#, "status.unknown /flags/b ?"),
        (
            r#""column":"CITIZEN""#,
            r#""column":"CIT""#,
            "profile.column_undescribed /skip_rows_when/1/column CIT",
        ),
        (
            r#""thousands":",""#,
            r#""thousands":".""#,
            "profile.contradictory /dialect/thousands .",
        ),
        (
            r#""as":"value""#,
            r#""as":"ignore""#,
            "profile.incomplete /columns ",
        ),
        ("iso-8859-1", "koi8-r", "json.type /dialect/encoding koi8-r"),
    ] {
        let profile: MappingProfile = serde_json::from_str(&EUROSTAT.replacen(from, to, 1)).unwrap();
        let problems: Vec<String> = profile.check(&codebook).iter().map(told_at).collect();
        assert!(
            problems.iter().any(|found| found == problem),
            "{problem}: {problems:?}"
        );
    }
}

/// Code, pointer and value of a finding.
fn told_at(finding: &Finding) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    format!(
        "{} {} {}",
        finding.code,
        text(&finding.pointer),
        text(&finding.value)
    )
}

#[test]
fn a_profile_reads_back_as_it_was_written() {
    let profile: MappingProfile = serde_json::from_str(EUROSTAT).unwrap();
    let written = serde_json::to_string(&profile).unwrap();
    assert_eq!(serde_json::from_str::<MappingProfile>(&written).unwrap(), profile);
}
