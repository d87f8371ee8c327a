//! Published figures of several sources: UNHCR and AIDA on protection, comparators of visa-free states, net migration.
//!
//! The second set: what the first left open, and what happens where two honest sources differ.

use super::builders::{definition, from_body, only, row, shipped};
use super::known_figures::{close, months};
use crate::{InputObservation, Reason};
use serde_json::json;

#[test]
fn recognition_of_other_visa_free_citizens_in_2023_is_the_known_one() {
    let metric = shipped("rm_eu_recognition.json");
    for (citizenship, recognised, other, rejected, expected) in [
        ("GE", 649.0, 588.0, 25_696.0, 0.0459),
        ("MD", 15.0, 31.0, 3374.0, 0.0135),
        ("MK", 15.0, 25.0, 4390.0, 0.0090),
        ("RS", 184.0, 186.0, 5315.0, 0.0651),
        ("AL", 202.0, 599.0, 8497.0, 0.0861),
        ("CO", 1108.0, 697.0, 20_446.0, 0.0811),
        ("VE", 562.0, 41_892.0, 3432.0, 0.9252),
    ] {
        let own = [("citizenship", citizenship)];
        let of = |decision| [own[0], ("decision", decision)];
        let mut rows = Vec::new();
        for (at, whole) in [
            ("2023-Q1", 0.0),
            ("2023-Q2", 0.0),
            ("2023-Q3", 0.0),
            ("2023-Q4", 1.0),
        ] {
            rows.push(row("EU_ASY_POS", &of("GENCONV"), at, recognised * whole));
            rows.push(row("EU_ASY_POS", &of("SUB_PROT"), at, other * whole));
            rows.push(row(
                "EU_ASY_DEC",
                &own,
                at,
                (recognised + other + rejected) * whole,
            ));
        }
        let found = only(&metric, &rows, &own, "2023-Q4");
        close(&found, expected, 4);
        let interval = found.interval.unwrap();
        assert_eq!(
            interval.method, "wilson",
            "positive decisions are among all decisions"
        );
        assert!(interval.low < expected && expected < interval.high && interval.high < 1.0);
    }
}

/// Decisions of a year, told in its last month by one source.
fn protection(body: &str, year: u32, counts: [f64; 3]) -> Vec<InputObservation> {
    let all = [("citizenship", "_T")];
    let months = months(&format!("{year}-01")).take(12).enumerate();
    let rows = months.flat_map(|(at, month)| {
        let of = move |count: f64| if at == 11 { count } else { 0.0 };
        ["ASY_DEC_REF", "ASY_DEC_COMP", "ASY_DEC_REJ"]
            .into_iter()
            .zip(counts)
            .map(move |(indicator, count)| from_body(body, indicator, &all, &month.to_string(), of(count)))
            .collect::<Vec<_>>()
    });
    rows.collect()
}

#[test]
fn two_honest_sources_on_protection_in_ukraine_differ_and_are_never_mixed() {
    let metric = shipped("rm_asy_protection.json");
    let all = [("citizenship", "_T")];
    for (source, year, counts, expected) in [
        ("UNHCR", 2021, [109.0, 80.0, 338.0], 0.3586),
        ("UNHCR", 2023, [5.0, 49.0, 146.0], 0.2700),
        ("UNHCR", 2024, [0.0, 56.0, 192.0], 0.2258),
        ("UNHCR", 2025, [0.0, 5.0, 162.0], 0.0299),
        ("AIDA", 2025, [0.0, 10.0, 118.0], 0.0781),
        ("AIDA", 2024, [20.0, 33.0, 163.0], 0.2454),
    ] {
        let found = only(
            &metric,
            &protection(source, year, counts),
            &all,
            &format!("{year}-12"),
        );
        close(&found, expected, 4);
        assert_eq!(found.interval.unwrap().method, "wilson");
    }
    let both = [
        protection("UNHCR", 2025, [0.0, 5.0, 162.0]),
        protection("AIDA", 2025, [0.0, 10.0, 118.0]),
    ];
    let found = only(&metric, &both.concat(), &all, "2025-12");
    // No month of it can be read, so the year cannot be summed.
    assert_eq!((found.value, found.reason), (None, Some(Reason::ShortHistory)));
}

#[test]
fn the_preliminary_filter_of_2025_is_the_known_one() {
    let country = [("territory", "UA")];
    let rows = months("2025-01").take(12).enumerate().flat_map(|(at, month)| {
        let of = |count: f64| if at == 11 { count } else { 0.0 };
        [
            row("ASY_PRELIM_NEG", &country, &month.to_string(), of(11.0)),
            row("ASY_PRELIM_POS", &country, &month.to_string(), of(47.0)),
        ]
    });
    let rows: Vec<InputObservation> = rows.collect();
    close(
        &only(&shipped("rm_asy_filter.json"), &rows, &country, "2025-12"),
        0.190,
        3,
    );
}

/// Net migration of the regions of Ukraine in 2021, as the State Statistics Service published it.
const NET_MIGRATION: [(&str, f64); 25] = [
    ("UA05", -2458.0),
    ("UA07", -400.0),
    ("UA12", -283.0),
    ("UA14", -5288.0),
    ("UA18", -1328.0),
    ("UA21", 164.0),
    ("UA23", -1907.0),
    ("UA26", 758.0),
    ("UA32", 30_094.0),
    ("UA35", -2944.0),
    ("UA44", -3377.0),
    ("UA46", 833.0),
    ("UA48", -2214.0),
    ("UA51", 6427.0),
    ("UA53", 289.0),
    ("UA56", -1335.0),
    ("UA59", -2301.0),
    ("UA61", 717.0),
    ("UA63", 4701.0),
    ("UA65", -2073.0),
    ("UA68", -133.0),
    ("UA71", -1396.0),
    ("UA73", 431.0),
    ("UA74", -1449.0),
    ("UA80", 5733.0),
];

#[test]
fn net_migration_of_2021_is_the_sum_of_the_regions() {
    let metric = definition(&json!({
        "freq": "A", "inputs": { "a": { "indicator": "POP_NET", "by": ["territory"] } },
        "expr": { "op": "sum_over", "a": { "op": "in", "name": "a" }, "over": ["territory"] },
    }));
    let rows = NET_MIGRATION
        .iter()
        .map(|(region, net)| row("POP_NET", &[("territory", region)], "2021", *net));
    let rows: Vec<InputObservation> = rows.collect();
    let found = only(&metric, &rows, &[], "2021");
    assert_eq!((found.value, found.n_inputs), (Some(21_261.0), 25));
    assert_eq!(found.interval, None, "a balance is no count");
    let members = &found.explanation.unwrap().value.parts;
    let kyiv = members
        .iter()
        .find(|part| part.key["territory"] == "UA32")
        .unwrap();
    assert_eq!(kyiv.contribution, Some(30_094.0));
}
