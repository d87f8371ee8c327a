//! The strict wire: what passes, and each finding at its exact place.

use super::world::{Told, codebook, csv, day, feed_csv, feed_json, json, settings, tell};
use crate::NormaliserSettings;
use leleka_domain::{Code, ConfStatus, Finding, ObsStatus, RowFormat};

const HEADER: &str = "indicator,period,territory,citizenship,sex,age,value,obs_status";

fn one_row(row: &str) -> Told {
    csv(&format!("{HEADER}\n{row}"))
}

#[test]
fn a_good_file_becomes_observations_and_nothing_is_said() {
    let told = csv(&format!(
        "{HEADER},obs_flags,conf_status,route\n\
         ASY_APPL,2026-01,UA05000000000010236,SY,F,Y_LT18,1204,P,BE,N,WBLK\n\
         ASY_APPL,2026-01,,,,,0,,,,\n\
         ASY_RATE,2025,_Z,,,,6.75,,,,\n\
         ASY_APPL,2018-01/2018-05,UA,_T,M,Y15T64,,Q,,C,_T\n\
         ASY_NET,2026-02,UA,,,,-12,,,,"
    ));
    assert_eq!(told.codes(), Vec::<String>::new());
    assert_eq!(
        (told.outcome.rows, told.outcome.rows_refused, told.rows.len()),
        (5, 0, 5)
    );
    let mut keys: Vec<_> = told.series.iter().map(ToString::to_string).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "ASY_APPL|M|DMS|UA05000000000010236|SY|F|Y_LT18|route=WBLK",
            "ASY_APPL|M|DMS|UA|_T|_T|_T|route=_T",
            "ASY_APPL|_O/P5M|DMS|UA|_T|M|Y15T64|route=_T",
            "ASY_NET|M|DMS|UA|_Z|_Z|_Z|",
            "ASY_RATE|A|DMS|_Z|_Z|_Z|_Z|",
        ]
    );
    let of_row = |row| told.rows.iter().find(|one| one.row == row).unwrap();
    let first = of_row(1);
    assert_eq!(
        (first.value, first.status, first.confidentiality),
        (Some(1204.0), ObsStatus::Break, ConfStatus::Internal)
    );
    assert_eq!(
        first.flags.iter().map(ObsStatus::letter).collect::<String>(),
        "PE"
    );
    assert_eq!(of_row(2).value.map(f64::to_bits), Some(0.0_f64.to_bits()));
    assert_eq!((of_row(4).value, of_row(4).status), (None, ObsStatus::Suppressed));
    assert_eq!(of_row(4).period_start, day("2018-01-01"));
    assert_eq!(of_row(5).value, Some(-12.0));
    assert!(told.rows.is_sorted_by_key(|one| (one.series, one.period_start)));
    let named: Vec<_> = told.outcome.indicators.iter().map(String::as_str).collect();
    assert_eq!(named, ["ASY_APPL", "ASY_NET", "ASY_RATE"]);
}

#[test]
fn json_and_csv_give_the_same_observations() {
    let rows = [
        r#"{"indicator":"ASY_APPL","period":"2026-01","citizenship":"SY","value":3,"dimensions":{"route":"WBLK"}}"#,
        r#"{"indicator":"ASY_APPL","period":"2026-02","value":null,"obs_status":"O"}"#,
    ];
    let from_json = json(&rows);
    let from_csv = csv("indicator,period,citizenship,value,obs_status,route\n\
                        ASY_APPL,2026-01,SY,3,,WBLK\nASY_APPL,2026-02,,,O,");
    assert_eq!(from_json.pointers(), Vec::<String>::new());
    assert_eq!(from_json.rows, from_csv.rows);
    assert_eq!(from_json.series, from_csv.series);
}

#[test]
fn every_fault_of_a_cell_is_found_in_its_column() {
    for (row, expected) in [
        ("NOPE,2026-01,UA,SY,M,_T,1,A", "indicator.unknown@1:indicator"),
        (",2026-01,UA,SY,M,_T,1,A", "field.missing@1:indicator"),
        ("ASY_APPL,,UA,SY,M,_T,1,A", "field.missing@1:period"),
        ("ASY_APPL,2026M01,UA,SY,M,_T,1,A", "period.syntax@1:period"),
        (
            "ASY_APPL,2019-W53,UA,SY,M,_T,1,A",
            "period.not_in_calendar@1:period",
        ),
        ("ASY_APPL,1815,UA,SY,M,_T,1,A", "period.out_of_range@1:period"),
        ("ASY_APPL,2026-11,UA,SY,M,_T,1,A", "period.not_ended@1:period"),
        ("ASY_APPL,2026-11,UA,SY,M,_T,,O", "period.not_ended@1:period"),
        (
            "ASY_APPL,2026-10-01,UA,SY,M,_T,1,A",
            "indicator.not_agreed@1:indicator",
        ),
        (
            "BRD_REFUSED,2026-10,,,,,1,A",
            "indicator.other_dataflow@1:indicator",
        ),
        (
            "ASY_APPL,2026-10,Львівська,SY,M,_T,1,A",
            "code.unknown@1:territory",
        ),
        ("ASY_APPL,2026-10,_T,SY,M,_T,1,A", "code.unknown@1:territory"),
        ("ASY_APPL,2026-10,UA,Syria,M,_T,1,A", "code.unknown@1:citizenship"),
        ("ASY_APPL,2026-10,UA,SY,m,_T,1,A", "code.unknown@1:sex"),
        ("ASY_APPL,2026-10,UA,SY,_Z,_T,1,A", "code.unknown@1:sex"),
        ("ASY_APPL,2026-10,UA,SY,M,Y15-64,1,A", "code.unknown@1:age"),
        (
            "ASY_APPL,2026-10,UA,S\u{1}Y,M,_T,1,A",
            "text.control_character@1:citizenship",
        ),
        ("ASY_RATE,2025,UA,,,,1,A", "dimension.not_allowed@1:territory"),
        ("ASY_RATE,2025,,,_T,,1,A", "dimension.not_allowed@1:sex"),
        ("ASY_APPL,2026-10,UA,SY,M,_T,,", "value.missing@1:value"),
        (
            "ASY_APPL,2026-10,UA,SY,M,_T,\u{7},A",
            "text.control_character@1:value",
        ),
        ("ASY_APPL,2026-10,UA,SY,M,_T,,P", "value.missing@1:value"),
        ("ASY_APPL,2026-10,UA,SY,M,_T,5,O", "value.unexpected@1:value"),
        ("ASY_APPL,2026-10,UA,SY,M,_T,1 204,A", "value.not_number@1:value"),
        ("ASY_APPL,2026-10,UA,SY,M,_T,12.0,A", "value.not_integer@1:value"),
        (
            "ASY_APPL,2026-10,UA,SY,M,_T,1234567890123456,A",
            "value.too_precise@1:value",
        ),
        ("ASY_RATE,2025,,,,,1.234,A", "value.too_many_decimals@1:value"),
        ("ASY_APPL,2026-10,UA,SY,M,_T,-1,A", "value.negative@1:value"),
        ("ASY_APPL,2026-10,UA,SY,M,_T,1,X", "status.unknown@1:obs_status"),
    ] {
        let told = one_row(row);
        assert_eq!(told.codes(), [expected], "{row}");
        assert!(told.rows.is_empty(), "{row} is refused");
        assert_eq!(told.outcome.rows_refused, 1);
        assert_eq!(told.findings[0].line, Some(2));
        let column = told.findings[0].column.as_ref().unwrap();
        let place = HEADER.split(',').position(|name| name == column.name).unwrap();
        assert_eq!(column.index as usize, place + 1);
    }
}

#[test]
fn a_finding_says_what_was_found_and_what_would_be_right() {
    let told = one_row("ASY_APL,2026-10,Лвівська,SY,M,_T,5,Q");
    let said: Vec<_> = told
        .findings
        .iter()
        .map(|finding| {
            (
                finding.field.as_deref(),
                finding.value.as_deref(),
                finding.expected.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            (
                Some("indicator"),
                Some("ASY_APL"),
                Some("→ ASY_APPL (Показник ASY_APPL / Indicator ASY_APPL)?")
            ),
            (
                Some("territory"),
                Some("Лвівська"),
                Some("→ UA46000000000026241 (Львівська область / Lvivska oblast)?")
            ),
            (Some("value"), Some("5"), Some("Q")),
        ]
    );
}

#[test]
fn no_error_hides_another() {
    let told = csv(&format!(
        "{HEADER}\nNOPE,2026-13,nowhere,XX,Z,old,many,Y\n\
         ASY_APPL,2026-10,UA,SY,M,_T,1,A\nASY_RATE,2026-11,UA,,,,-1.234,A"
    ));
    assert_eq!(
        told.codes(),
        [
            "indicator.unknown@1:indicator",
            "period.not_in_calendar@1:period",
            "code.unknown@1:territory",
            "code.unknown@1:citizenship",
            "code.unknown@1:sex",
            "code.unknown@1:age",
            "value.not_number@1:value",
            "status.unknown@1:obs_status",
            "period.not_ended@3:period",
            "dimension.not_allowed@3:territory",
            "value.too_many_decimals@3:value",
        ]
    );
    assert_eq!((told.rows.len(), told.outcome.rows_refused), (1, 2));
}

#[test]
fn figures_of_a_running_period_are_provisional_and_a_stock_may_be_of_today() {
    for (row, accepted) in [
        ("ASY_APPL,2026-W47,UA,,,,1,A", false),
        ("ASY_APPL,2026-W47,UA,,,,1,P", true),
        ("ASY_APPL,2026-W46,UA,,,,1,A", true),
        ("ASY_STOCK,2026-11-22,UA,,,,1,A", true),
        ("ASY_STOCK,2026-11-23,UA,,,,1,A", false),
        ("ASY_STOCK,2026-11-23,UA,,,,1,F", true),
    ] {
        assert_eq!(one_row(row).rows.len() == 1, accepted, "{row}");
    }
}

#[test]
fn a_territorial_office_answers_for_its_territory_only() {
    let codebook = codebook();
    let settings = NormaliserSettings {
        territory_scope: Some("UA05000000000010236"),
        ..settings(&codebook, RowFormat::Csv)
    };
    let file = format!(
        "{HEADER}\nASY_APPL,2026-10,UA05020000000026686,,,,1,A\nASY_APPL,2026-10,UA46000000000026241,,,,1,A\n\
         ASY_APPL,2026-09,,,,,1,A\nASY_RATE,2026-09,,,,,1,A"
    );
    let told = tell(settings, None, |sink| feed_csv(sink, &file, ','));
    assert_eq!(
        told.codes(),
        [
            "territory.outside_scope@2:territory",
            "territory.outside_scope@3:territory"
        ]
    );
    assert_eq!(
        told.findings[1].value.as_deref(),
        Some("UA"),
        "an empty territory means the whole country"
    );
}

#[test]
fn a_csv_header_is_judged_once() {
    let told = csv("indicator,perod,value\nASY_APPL,2026-10,1\nASY_APPL,2026-09,2");
    assert_eq!(told.codes(), ["csv.column_missing", "csv.column_unknown:perod"]);
    assert_eq!(told.findings[1].line, Some(1));
    assert_eq!(told.findings[1].value.as_deref(), Some("perod"));
    assert_eq!(told.outcome.rows_refused, 2);
    let told = csv("indicator,period,value,period\nASY_APPL,2026-10,1,2026-09");
    assert_eq!(told.codes(), ["csv.column_duplicate:period"]);
    let told = csv("indicator,period\nASY_APPL,2026-10");
    assert_eq!(told.codes(), ["csv.column_missing"]);
    assert_eq!(told.findings[0].expected.as_deref(), Some("value"));
}

#[test]
fn json_places_are_pointers() {
    let told = json(&[
        r#"{"indicator":"ASY_APPL","period":"2026-10","value":1}"#,
        r#"{"indicator":"ASY_APPL","period":"2026-09","value":"12","sex":1,"teritory/x":"UA","dimensions":{"route":"?","sex":"M"}}"#,
        r#"{"period":"2026-10","value":true,"dimensions":"none","obs_status":7}"#,
    ]);
    let mut pointers = told.pointers();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        [
            "code.unknown /observations/1/dimensions/route",
            "field.missing /observations/2/indicator",
            "json.member_unknown /observations/1/dimensions/sex",
            "json.member_unknown /observations/1/teritory~1x",
            "json.type /observations/1/sex",
            "json.type /observations/1/value",
            "json.type /observations/2/dimensions",
            "json.type /observations/2/obs_status",
            "json.type /observations/2/value",
        ]
    );
    assert_eq!((told.rows.len(), told.outcome.rows_refused), (1, 2));
    let codebook = codebook();
    let lines = tell(settings(&codebook, RowFormat::Ndjson), None, |sink| {
        feed_json(
            sink,
            &[r#"{"indicator":"ASY_APPL","period":"2026-10","value":1,"sex":"X"}"#],
        );
    });
    assert_eq!(lines.pointers(), ["code.unknown /sex"]);
}

#[test]
fn a_dataflow_told_at_the_end_is_compared_then() {
    let codebook = codebook();
    let later = NormaliserSettings {
        dataflow: None,
        ..settings(&codebook, RowFormat::Json)
    };
    let rows = [
        r#"{"indicator":"ASY_APPL","period":"2026-10","value":1}"#,
        r#"{"indicator":"BRD_REFUSED","period":"2026-10","value":1}"#,
        r#"{"indicator":"BRD_REFUSED","period":"2026-09","value":1}"#,
    ];
    let told = tell(later, Some("ASYLUM"), |sink| feed_json(sink, &rows));
    assert_eq!(
        told.pointers(),
        ["indicator.other_dataflow /observations/1/indicator"]
    );
    assert_eq!(told.findings[0].expected.as_deref(), Some("BORDER"));
    assert!(told.outcome.rest.errors_so_far);
    let told = tell(later, None, |sink| feed_json(sink, &rows));
    assert!(
        told.findings.is_empty(),
        "a dataflow that nobody knows is told elsewhere"
    );
}

#[test]
fn every_row_with_a_repeated_key_is_told_and_names_the_others() {
    let told = csv(
        "indicator,period,territory,value\nASY_APPL,2026-10,UA,1\nASY_APPL,2026-09,UA,2\n\
         ASY_APPL,2026-10,,3\nASY_APPL,2026-10,UA,1",
    );
    assert_eq!(
        told.codes(),
        [
            "row.duplicate_key@1",
            "row.duplicate_key@3",
            "row.duplicate_key@4"
        ]
    );
    let others: Vec<_> = told
        .findings
        .iter()
        .map(|finding| finding.expected.as_deref().unwrap())
        .collect();
    assert_eq!(others, ["3, 4", "1, 4", "1, 3"]);
    assert_eq!(told.findings[1].line, Some(4));
    assert_eq!((told.rows.len(), told.outcome.rows_refused), (1, 3));
}

#[test]
fn chunks_are_delivered_on_the_way_and_each_series_is_new_once() {
    let codebook = codebook();
    let small = NormaliserSettings {
        chunk_rows: 4,
        ..settings(&codebook, RowFormat::Csv)
    };
    let mut file = "indicator,period,sex,value\n".to_owned();
    for month in 1..=9 {
        file += &format!(
            "ASY_APPL,2025-0{month},{},7\n",
            if month % 2 == 0 { "M" } else { "F" }
        );
    }
    let told = tell(small, None, |sink| feed_csv(sink, &file, ','));
    assert_eq!(told.chunks, [4, 4]);
    assert_eq!(
        (told.rows.len(), told.outcome.rest.rows.len(), told.series.len()),
        (9, 1, 2)
    );
}

#[test]
fn a_submission_without_rows_is_empty_unless_it_could_not_be_read() {
    assert_eq!(csv(HEADER).codes(), ["submission.empty"]);
    let codebook = codebook();
    let unread = tell(settings(&codebook, RowFormat::Json), None, |sink| {
        sink.finding(Finding::error(Code::JsonSyntax));
    });
    assert_eq!(unread.codes(), ["json.syntax"]);
}

#[test]
fn a_row_that_the_reader_found_wrong_gives_no_observation() {
    let codebook = codebook();
    let told = tell(settings(&codebook, RowFormat::Csv), None, |sink| {
        sink.finding(Finding::error(Code::CsvRowWidth).at(2, 3));
        feed_csv(
            sink,
            "indicator,period,value\nASY_APPL,2026-10,1\nASY_APPL,2026-09,2",
            ',',
        );
    });
    assert_eq!((told.rows.len(), told.outcome.rows_refused), (1, 1));
}

#[test]
fn findings_are_counted_beyond_those_that_are_kept() {
    let codebook = codebook();
    let few = NormaliserSettings {
        findings_kept: 3,
        ..settings(&codebook, RowFormat::Csv)
    };
    let file = format!("{HEADER}\n{}", "ASY_APPL,2026-10,UA,XX,M,_T,1,A\n".repeat(50));
    let told = tell(few, None, |sink| feed_csv(sink, &file, ','));
    assert_eq!(
        (told.findings.len(), told.outcome.findings.counts().errors),
        (3, 50)
    );
}
