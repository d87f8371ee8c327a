//! What European and international sources of the demonstration deliver.

use crate::demo::places::{EU_STATES, FOREIGNERS, REGIONS};
use crate::demo::rows::Page;
use crate::demo::sources::{growing, steady};
use leleka_domain::Frequency;

const EU: &str = "EU27_2020";

/// Citizenships of the countries that the visa suspension mechanism watches, with applications in a month and
/// the shares of decisions that grant refugee status and subsidiary protection.
const WATCHED: [(&str, f64, f64, f64); 3] = [
    ("UA", 2_400.0, 0.02, 0.16),
    ("GE", 1_900.0, 0.03, 0.02),
    ("MD", 480.0, 0.01, 0.01),
];

/// A count by state, and for the Union with the states that are not listed.
fn by_state(page: &mut Page, indicator: &'static str, citizenship: &'static str, level: f64, growth: f64) {
    let total = page.count(
        indicator,
        citizenship,
        growing(steady(level, 0.1, 270.0, 0.03), growth),
        1.0,
    );
    let listed: f64 = EU_STATES.iter().map(|(_, share)| share).sum();
    let mut shares = EU_STATES.to_vec();
    shares.push(("", 1.0 - listed));
    let day = page.period.start();
    for (state, count) in page.figures.split(indicator, citizenship, total, &shares, day) {
        if !state.is_empty() {
            page.add(indicator, count, |row| {
                row.citizenship(citizenship).with("reporting_state", state)
            });
        }
    }
    page.add(indicator, total, |row| {
        row.citizenship(citizenship).with("reporting_state", EU)
    });
}

pub(super) fn eurostat_asylum(page: &mut Page) {
    for (citizenship, level, refugees, subsidiary) in WATCHED {
        if page.period.frequency() == Frequency::Monthly {
            by_state(page, "EU_ASY_APPL", citizenship, level, 0.04);
            continue;
        }
        let decided = page.count(
            "EU_ASY_DEC",
            citizenship,
            steady(level * 2.7, 0.05, 300.0, 0.04),
            1.0,
        );
        let eu = |row: crate::demo::rows::Row| row.citizenship(citizenship).with("reporting_state", EU);
        page.add("EU_ASY_DEC", decided, eu);
        for (decision, rate) in [("GENCONV", refugees), ("SUB_PROT", subsidiary)] {
            let granted = page.cases_of(decision, citizenship, decided, rate);
            page.add("EU_ASY_POS", granted, |row| eu(row).with("decision", decision));
        }
    }
}

pub(super) fn eurostat_enforcement(page: &mut Page) {
    for (citizenship, level, ..) in WATCHED {
        by_state(page, "EU_REFUSED", citizenship, level * 11.0, 0.12);
        by_state(page, "EU_ILLSTAY", citizenship, level * 14.0, 0.22);
    }
}

pub(super) fn frontex(page: &mut Page) {
    let flows = [
        ("UA", "EASTERN_BORDERS", 420.0),
        ("SY", "EASTERN_BORDERS", 160.0),
        ("AF", "EASTERN_BORDERS", 110.0),
        ("MD", "EASTERN_BORDERS", 60.0),
        ("SY", "WESTERN_BALKAN", 650.0),
        ("TR", "WESTERN_BALKAN", 380.0),
        ("BD", "CENTRAL_MED", 1_150.0),
        ("SY", "EASTERN_MED", 820.0),
    ];
    for (citizenship, route, level) in flows {
        let curve = growing(steady(level, 0.3, 225.0, 0.05), -0.04);
        let count = page.count("EU_IBC", citizenship, curve, 1.0);
        page.add("EU_IBC", count, |row| {
            row.citizenship(citizenship).with("route", route)
        });
    }
}

pub(super) fn unhcr(page: &mut Page) {
    for (state, share) in EU_STATES {
        let curve = growing(steady(3_900_000.0, 0.01, 60.0, 0.0), 0.02);
        let count = page.count("UNH_REF_UA", state, curve, share);
        page.add("UNH_REF_UA", count, |row| row.with("reporting_state", state));
    }
}

pub(super) fn iom_return(page: &mut Page) {
    let total = page.count("RTN_VOL", "UA", steady(34.0, 0.2, 170.0, 0.05), 1.0);
    page.add("RTN_VOL", total, |row| row);
    page.by_citizenship("RTN_VOL", total, FOREIGNERS, |row| row);
}

pub(super) fn iom_survey(page: &mut Page) {
    let surveyed = REGIONS.iter().filter(|region| region.reports);
    for region in surveyed {
        let curve = steady(region.population * region.displaced, 0.02, 100.0, 0.06);
        let estimate = page.count("IDP_EST", region.code, curve, 0.85);
        // A survey does not know single persons.
        page.add("IDP_EST", estimate / 1_000 * 1_000, |row| {
            row.territory(region.code)
        });
    }
}
