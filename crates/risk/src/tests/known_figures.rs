//! Published figures through the shipped definitions: what the formulas must give on real data.
//!
//! Frontex monthly detections on the Eastern Borders route, Eurostat refusals and persons found illegally present,
//! UNHCR decisions on Ukrainians in the European Union, Norway and Switzerland.

use super::builders::{key, only, period, row, shipped};
use crate::{Detail, InputObservation, Key, Level, MetricValue, ObservationSet, Reason, evaluate_metric};
use leleka_domain::Period;

const ROUTE: &[(&str, &str)] = &[("citizenship", "UA"), ("route", "EASTERN_BORDERS")];

/// Detections of Ukrainians, January 2021 to April 2025.
const DETECTIONS: [u32; 52] = [
    0, 2, 4, 1, 7, 3, 6, 10, 8, 10, 7, 1, 3, 92, 1035, 265, 234, 368, 598, 794, 532, 492, 419, 298, 567, 287,
    363, 227, 268, 288, 407, 468, 602, 559, 294, 236, 340, 495, 623, 985, 1888, 1609, 2035, 1536, 1580, 1663,
    1096, 640, 517, 455, 524, 537,
];

pub(super) fn months(first: &str) -> impl Iterator<Item = Period> + use<> {
    std::iter::successors(Some(period(first)), |month| month.shift(1))
}

pub(super) fn close(found: &MetricValue, expected: f64, digits: i32) {
    let value = found.value.unwrap_or_else(|| panic!("{found:?}"));
    assert!(
        (value - expected).abs() <= 0.5 * 10_f64.powi(-digits) + 1e-12,
        "{}: {value} instead of {expected}",
        found.period
    );
}

fn detections(values: &[u32]) -> Vec<InputObservation> {
    let land = [ROUTE, &[("border_type", "LAND")]].concat();
    let rows = months("2021-01").zip(values);
    rows.map(|(month, value)| row("EU_IBC", &land, &month.to_string(), f64::from(*value)))
        .collect()
}

#[test]
fn the_two_month_increase_on_the_eastern_borders_is_the_known_one() {
    let metric = shipped("rm_vsm_ibc.json");
    let rows = detections(&DETECTIONS);
    for (month, expected) in [
        ("2024-02", -0.022),
        ("2024-03", 0.720),
        ("2024-05", 4.804),
        ("2024-06", 5.290),
        ("2024-12", 2.275),
        ("2025-01", 1.009),
        ("2025-02", 0.164),
        ("2025-04", -0.340),
    ] {
        let found = only(&metric, &rows, ROUTE, month);
        close(&found, expected, 3);
        assert_eq!(found.n_inputs, 4, "two months against two months");
    }
}

#[test]
fn a_tiny_base_gives_no_conclusion_and_alarms_fall_in_the_known_months() {
    let metric = shipped("rm_vsm_ibc.json");
    let set = ObservationSet::new(detections(&DETECTIONS), Vec::new());
    let asked: Vec<Period> = months("2022-02").take(39).collect();
    let found = evaluate_metric(&metric, &set, Some(&[key(ROUTE)]), &asked, Detail::Values);
    let tiny: Vec<&MetricValue> = found
        .iter()
        .filter(|found| found.reason == Some(Reason::SmallBase))
        .collect();
    assert!(
        tiny.iter().any(|found| found.period == period("2022-12")),
        "base 8"
    );
    assert!(
        tiny.iter().any(|found| found.period == period("2023-01")),
        "base 4"
    );
    let alarms = found.iter().filter(|found| found.level >= Level::High);
    let alarms: Vec<String> = alarms.map(|found| found.period.to_string()).collect();
    let mut expected = vec!["2023-02".to_owned()];
    expected.extend(months("2024-03").take(11).map(|month| month.to_string()));
    assert_eq!(alarms, expected);
}

#[test]
fn thresholds_that_the_law_changed_keep_their_past() {
    let metric = shipped("rm_vsm_asy.json");
    let ua = [("citizenship", "UA"), ("reporting_state", "EU28")];
    let rows: Vec<InputObservation> = months("2024-11")
        .take(15)
        .map(|month| {
            let value = if month < period("2025-11") { 1000.0 } else { 1400.0 };
            row("EU_ASY_APPL", &ua, &month.to_string(), value)
        })
        .collect();
    let old = only(&metric, &rows, &ua, "2025-12");
    let new = only(&metric, &rows, &ua, "2026-01");
    close(&old, 0.4, 9);
    close(&new, 0.4, 9);
    assert_eq!((old.level, new.level), (Level::Guarded, Level::High));
}

#[test]
fn refusals_and_illegal_stay_of_2015_are_the_known_ones() {
    let ua = [("citizenship", "UA"), ("reporting_state", "EU28")];
    let yearly = |indicator: &str, values: [f64; 3]| -> Vec<InputObservation> {
        let years = ["2014", "2015", "2016"].into_iter().zip(values);
        years
            .map(|(year, value)| row(indicator, &ua, year, value))
            .collect()
    };
    let refused = yearly("EU_REFUSED", [16_160.0, 24_490.0, 22_925.0]);
    let metric = shipped("rm_vsm_refused.json");
    let found = only(&metric, &refused, &ua, "2015");
    close(&found, 0.515, 3);
    assert_eq!(found.level, Level::High, "over the 50 % of that time");
    let next = only(&metric, &refused, &ua, "2016");
    close(&next, -0.064, 3);
    assert_eq!(next.level, Level::Low);
    let illegal = yearly("EU_ILLSTAY", [16_840.0, 23_920.0, 30_000.0]);
    let found = only(&shipped("rm_vsm_illstay.json"), &illegal, &ua, "2015");
    close(&found, 0.420, 3);
    assert_eq!(found.level, Level::Elevated, "under 50 %, near it");
}

#[test]
fn the_recognition_rate_of_ukrainians_is_the_known_one() {
    let metric = shipped("rm_eu_recognition.json");
    let ua = [("citizenship", "UA")];
    for (year, recognised, other, rejected, expected) in [
        (2018, 295.0, 1330.0, 9007.0, 0.1528),
        (2019, 318.0, 637.0, 9982.0, 0.0873),
        (2020, 240.0, 702.0, 7904.0, 0.1065),
        (2021, 548.0, 882.0, 8404.0, 0.1454),
        (2022, 306.0, 8030.0, 1118.0, 0.8817),
        (2023, 369.0, 9305.0, 869.0, 0.9176),
        (2024, 357.0, 13_351.0, 2176.0, 0.8630),
        (2025, 450.0, 16_551.0, 7456.0, 0.6951),
    ] {
        let mut rows = Vec::new();
        for quarter in 1..=4 {
            let at = format!("{year}-Q{quarter}");
            // The year in its last quarter: the metric sums four.
            let of = |value: f64| if quarter == 4 { value } else { 0.0 };
            let genconv = [ua[0], ("decision", "GENCONV")];
            let subsidiary = [ua[0], ("decision", "SUB_PROT")];
            rows.push(row("EU_ASY_POS", &genconv, &at, of(recognised)));
            rows.push(row("EU_ASY_POS", &subsidiary, &at, of(other)));
            rows.push(row("EU_ASY_DEC", &ua, &at, of(recognised + other + rejected)));
        }
        let found = only(&metric, &rows, &ua, &format!("{year}-Q4"));
        close(&found, expected, 4);
        assert_eq!(
            found.level > Level::Low,
            expected < 0.1,
            "low was 3 to 4 % at that time"
        );
    }
}

#[test]
fn return_effectiveness_sums_a_year_of_weeks_and_explains_it() {
    let metric = shipped("rm_return_effect.json");
    let ua = [("territory", "UA")];
    let weeks = std::iter::successors(Some(period("2025-W01")), |week| week.shift(1)).take(52);
    let mut rows = Vec::new();
    for (at, week) in weeks.enumerate() {
        let week = week.to_string();
        let extra = |total: u32| f64::from(total / 52 + u32::from(at < (total % 52) as usize));
        rows.push(row("RTN_DEC_EXEC", &ua, &week, extra(9180)));
        rows.push(row("EXP_EXEC", &ua, &week, extra(1000)));
        rows.push(row("RTN_DEC", &ua, &week, extra(11_475)));
        rows.push(row("EXP_DEC", &ua, &week, extra(1000)));
    }
    let found = only(&metric, &rows, &ua, "2025-W52");
    close(&found, 0.816, 3);
    assert_eq!((found.n_inputs, found.level), (208, Level::Low));
    let root = &found.explanation.as_ref().unwrap().value;
    assert_eq!((root.op, root.parts.len()), ("ratio", 2));
    let windows: Vec<f64> = root.parts.iter().map(|part| part.value.unwrap()).collect();
    assert_eq!(windows, [10_180.0, 12_475.0]);
    for window in &root.parts {
        let sum: f64 = window.parts.iter().map(|part| part.value.unwrap()).sum();
        assert_eq!(Some(sum), window.value, "parts add up");
        assert!(window.parts.iter().all(|part| part.observations.len() == 2));
    }
    let short = only(&metric, &rows[4..], &ua, "2025-W52");
    assert_eq!(
        (short.level, short.reason),
        (Level::Unknown, Some(Reason::ShortHistory))
    );
}

#[test]
fn occupancy_takes_the_newest_closed_month_of_capacity() {
    let metric = shipped("rm_recept_occ.json");
    let total = [("facility", "_T")];
    let rows = [
        row("ASY_RECEPT_OCC", &total, "2024-W52", 2.0),
        row("ASY_RECEPT_CAP", &total, "2024-11", 421.0),
        row("ASY_RECEPT_CAP", &total, "2024-12", 500.0),
    ];
    let found = only(&metric, &rows, &total, "2024-W52");
    close(&found, 2.0 / 421.0, 9);
    assert_eq!(found.level, Level::Low);
    assert_eq!(
        only(&metric, &rows[..1], &total, "2024-W52").reason,
        Some(Reason::MissingInput)
    );
    let keys: Vec<Key> = vec![key(&total)];
    assert_eq!(
        crate::metric_keys(&metric, &ObservationSet::new(rows.to_vec(), Vec::new()), &[]),
        keys
    );
}

#[test]
fn protection_and_the_preliminary_filter_in_ukraine_are_the_known_ones() {
    let year = |indicator: &str, dimensions: &[(&str, &str)], count: f64| -> Vec<InputObservation> {
        let months = months("2024-01").take(12).enumerate();
        months
            .map(|(at, month)| {
                let value = if at == 11 { count } else { 0.0 };
                row(indicator, dimensions, &month.to_string(), value)
            })
            .collect()
    };
    let all = [("citizenship", "_T")];
    let rows = [
        year("ASY_DEC_REF", &all, 20.0),
        year("ASY_DEC_COMP", &all, 33.0),
        year("ASY_DEC_REJ", &all, 163.0),
    ];
    let found = only(
        &shipped("rm_asy_protection.json"),
        &rows.concat(),
        &all,
        "2024-12",
    );
    close(&found, 53.0 / 216.0, 9);
    let country = [("territory", "UA")];
    let rows = [
        year("ASY_PRELIM_NEG", &country, 17.0),
        year("ASY_PRELIM_POS", &country, 69.0),
    ];
    close(
        &only(
            &shipped("rm_asy_filter.json"),
            &rows.concat(),
            &country,
            "2024-12",
        ),
        0.198,
        3,
    );
}

#[test]
fn the_burden_of_displaced_persons_takes_the_population_of_2022() {
    let metric = shipped("rm_idp_burden.json");
    for (territory, population, per_thousand, level) in [
        ("UA12000000000090473", 3_096_485.0, 189.9, Level::Critical),
        ("UA63000000000041885", 2_598_961.0, 178.1, Level::High),
        ("UA32000000000030281", 1_795_079.0, 161.0, Level::High),
        ("UA59000000000057109", 1_035_772.0, 125.5, Level::High),
        ("UA48000000000039575", 1_091_821.0, 120.0, Level::High),
        ("UA53000000000028050", 1_352_283.0, 131.6, Level::High),
    ] {
        let place = [("territory", territory)];
        let rows = [
            row("POP_PRESENT", &place, "2022", population),
            row(
                "IDP_REG_STOCK",
                &place,
                "2025-W20",
                (population * per_thousand / 1000.0_f64).round(),
            ),
        ];
        let found = only(&metric, &rows, &place, "2025-W20");
        close(&found, per_thousand, 1);
        assert_eq!(found.level, level, "{territory}");
    }
}

#[test]
fn orders_to_leave_the_union_carried_out_are_the_known_ones() {
    let metric = shipped("rm_eu_return.json");
    let ua = [("citizenship", "UA"), ("reporting_state", "EU28")];
    for (year, returned, ordered, expected) in [
        (2014, 10_180.0, 12_475.0, 0.816),
        (2015, 15_950.0, 19_495.0, 0.818),
        (2016, 23_245.0, 27_010.0, 0.861),
    ] {
        let quarters = (1..=4).flat_map(|quarter| {
            let at = format!("{year}-Q{quarter}");
            let whole = if quarter == 4 { 1.0 } else { 0.0 };
            [
                row("EU_RETURNED", &ua, &at, returned * whole),
                row("EU_ORDLEAVE", &ua, &at, ordered * whole),
            ]
        });
        let rows: Vec<InputObservation> = quarters.collect();
        close(&only(&metric, &rows, &ua, &format!("{year}-Q4")), expected, 3);
    }
}
