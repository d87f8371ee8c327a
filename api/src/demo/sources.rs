//! What each body of the demonstration delivers: dataflow by dataflow, period by period.
//!
//! Chosen so that every shipped risk metric has its inputs.

use crate::demo::figures::{Curve, Figures};
use crate::demo::foreign_sources::{
    eurostat_asylum, eurostat_enforcement, frontex, iom_return, iom_survey, unhcr,
};
use crate::demo::places::{APPLICANTS, FOREIGNERS, NEWCOMERS, OFFICE_REGION, REGIONS, Region, TRAVELLERS};
use crate::demo::rows::{Page, Row, country};
use leleka_domain::{Frequency, Period};

/// One body delivering in one dataflow.
pub(super) struct Source {
    /// The client that delivers.
    pub(super) client: &'static str,
    /// Its dataflow.
    pub(super) dataflow: &'static str,
    /// How often.
    pub(super) frequency: Frequency,
    rows: fn(&mut Page),
}

impl Source {
    /// The rows of one period.
    pub(super) fn rows(&self, figures: Figures, period: Period) -> Vec<Row> {
        let mut page = Page {
            figures,
            period,
            rows: Vec::new(),
        };
        (self.rows)(&mut page);
        page.rows
    }
}

const fn source(
    client: &'static str,
    dataflow: &'static str,
    frequency: Frequency,
    rows: fn(&mut Page),
) -> Source {
    Source {
        client,
        dataflow,
        frequency,
        rows,
    }
}

use Frequency::{Annual, Monthly, Quarterly, Weekly};

/// Capacities and populations first: what is divided by them then needs no second computation.
pub(super) const SOURCES: &[Source] = &[
    source("demo-sssu", "POPULATION_ANNUAL", Annual, population),
    source("demo-dms-detent", "CUSTODY_MONTHLY", Monthly, |page| {
        page.add("DET_CAP", 566, |row| row.with("facility", "PTPI"));
    }),
    source("demo-dms-recept", "RECEPTION_MONTHLY", Monthly, |page| {
        page.add("ASY_RECEPT_CAP", 421, |row| row.with("facility", "PTRB"));
    }),
    source("demo-eurostat", "EU_ENFORCEMENT", Annual, eurostat_enforcement),
    source("demo-eurostat", "EU_ASYLUM", Monthly, eurostat_asylum),
    source("demo-eurostat", "EU_ASYLUM", Quarterly, eurostat_asylum),
    source("demo-frontex", "EU_BORDER", Monthly, frontex),
    source("demo-unhcr", "UNHCR_UKRAINE", Monthly, unhcr),
    source("demo-iom", "RETURN_ASSISTED_MONTHLY", Monthly, iom_return),
    source("demo-iom", "DISPLACEMENT_SURVEY", Quarterly, iom_survey),
    source("demo-sssu", "MIGRATION_MONTHLY", Monthly, migration),
    source("demo-mfa", "VISA_MONTHLY", Monthly, visas),
    source("demo-mes", "EDUCATION_MONTHLY", Monthly, education),
    source("demo-ses", "EMPLOYMENT_MONTHLY", Monthly, employment),
    source("demo-npu", "POLICE_MONTHLY", Monthly, police),
    source("demo-opg", "CRIME_MONTHLY", Monthly, prosecution),
    source("demo-sbu", "SECURITY_MONTHLY", Monthly, security),
    source("demo-sbgs", "BORDER_WEEKLY", Weekly, border),
    source("demo-dms", "ASYLUM_WEEKLY", Weekly, asylum),
    source("demo-dms", "IRREGULAR_WEEKLY", Weekly, irregular),
    source("demo-dms-to-46", "ASYLUM_WEEKLY", Weekly, office_asylum),
    source("demo-dms-to-46", "IRREGULAR_WEEKLY", Weekly, office_irregular),
    source("demo-dms-recept", "RECEPTION_WEEKLY", Weekly, reception),
    source("demo-dms-detent", "CUSTODY_WEEKLY", Weekly, custody),
    source("demo-msp", "DISPLACEMENT_WEEKLY", Weekly, displacement),
];

/// A curve without a trend of its own.
pub(super) const fn steady(level: f64, season: f64, peak_day: f64, scatter: f64) -> Curve {
    Curve {
        level,
        growth: 0.0,
        season,
        peak_day,
        scatter,
    }
}

/// A curve with a trend.
pub(super) const fn growing(curve: Curve, growth: f64) -> Curve {
    Curve { growth, ..curve }
}

const APPLICATIONS: Curve = growing(steady(130.0, 0.15, 260.0, 0.06), 0.08);
const DETECTED: Curve = growing(steady(420.0, 0.2, 150.0, 0.05), 0.05);

fn foreigners(region: &Region) -> f64 {
    region.foreigners
}

fn inhabitants(region: &Region) -> f64 {
    region.population / 421.0
}

fn population(page: &mut Page) {
    page.by_region("POP_PRESENT", |page, region| {
        let years = (page.period.start() - page.figures.first_day).num_days() as f64 / 365.25;
        (region.population * 1_000.0 * (1.0 - 0.006 * years)) as u64
    });
}

fn asylum(page: &mut Page) {
    let counts = page.spread("ASY_APPL", APPLICATIONS, foreigners);
    page.by_citizenship("ASY_APPL", country(&counts), APPLICANTS, |row| {
        row.territory("UA")
    });
}

fn irregular(page: &mut Page) {
    let detected = page.spread("IRR_DETECTED", DETECTED, foreigners);
    let total = country(&detected);
    page.by_citizenship("IRR_DETECTED", total, FOREIGNERS, |row| row.territory("UA"));
    let returns = page.following("RTN_DEC", &detected, |_| 0.55);
    page.following("RTN_DEC_EXEC", &returns, |region| region.effect);
    let expulsions = page.following("EXP_DEC", &detected, |_| 0.07);
    page.following("EXP_EXEC", &expulsions, |region| region.effect * 0.9);
}

/// The territorial office delivers the details of its own region, the headquarters the totals.
fn office_details(page: &mut Page, indicator: &'static str, curve: Curve, shares: &[(&'static str, f64)]) {
    let weight = REGIONS
        .iter()
        .find(|region| region.code == OFFICE_REGION)
        .map_or(0.0, foreigners);
    let total = page.count(indicator, OFFICE_REGION, curve, weight / 100.0);
    page.by_citizenship(indicator, total, shares, |row| row.territory(OFFICE_REGION));
}

fn office_asylum(page: &mut Page) {
    office_details(page, "ASY_APPL", APPLICATIONS, APPLICANTS);
}

fn office_irregular(page: &mut Page) {
    office_details(page, "IRR_DETECTED", DETECTED, FOREIGNERS);
}

fn border(page: &mut Page) {
    let crossings = steady(560_000.0, 0.22, 205.0, 0.03);
    for indicator in ["BRD_ENTRY", "BRD_EXIT"] {
        let total = page.by_section(indicator, crossings, |section| section.1, |row| row);
        page.by_citizenship(indicator, total, TRAVELLERS, |row| row);
    }
    let refused = steady(310.0, 0.15, 200.0, 0.06);
    let total = page.by_section("BRD_REFUSED", refused, |section| section.1, |row| row);
    let shares = TRAVELLERS
        .split_first()
        .map_or(TRAVELLERS, |(_own, others)| others);
    page.by_citizenship("BRD_REFUSED", total, shares, |row| row);
    let detections = growing(steady(430.0, 0.3, 190.0, 0.08), 0.06);
    for (movement, share) in [("IN", 0.08), ("OUT", 0.92)] {
        let mark = |row: Row| row.with("movement", movement);
        page.by_section("BRD_IBC_BCP_BTW", detections, |section| section.2 * share, mark);
    }
}

fn reception(page: &mut Page) {
    let occupied = growing(steady(290.0, 0.06, 20.0, 0.02), 0.12);
    let total = page.count("ASY_RECEPT_OCC", "PTRB", occupied, 1.0).min(460);
    page.add("ASY_RECEPT_OCC", total, |row| row.with("facility", "PTRB"));
    page.by_citizenship("ASY_RECEPT_OCC", total, APPLICANTS, |row| {
        row.with("facility", "PTRB")
    });
}

fn custody(page: &mut Page) {
    let held = growing(steady(430.0, 0.05, 250.0, 0.02), 0.05);
    let total = page.count("DET_STOCK", "PTPI", held, 1.0).min(640);
    page.add("DET_STOCK", total, |row| row.with("facility", "PTPI"));
    page.by_citizenship("DET_STOCK", total, FOREIGNERS, |row| row.with("facility", "PTPI"));
    let placed = page.count("DET_PLACED", "PTPI", steady(38.0, 0.1, 250.0, 0.05), 1.0);
    page.add("DET_PLACED", placed, |row| row.with("facility", "PTPI"));
}

fn displacement(page: &mut Page) {
    page.spread(
        "IDP_REG_NEW",
        growing(steady(6_200.0, 0.15, 140.0, 0.1), -0.1),
        |region| inhabitants(region) * region.displaced / 110.0,
    );
    let years = (page.period.start() - page.figures.first_day).num_days() as f64 / 365.25;
    page.by_region("IDP_REG_STOCK", |_, region| {
        (region.population * region.displaced * (1.0 + 0.015 * years)) as u64
    });
}

fn migration(page: &mut Page) {
    page.spread("MIG_ARR", steady(31_000.0, 0.2, 260.0, 0.03), inhabitants);
    page.spread("MIG_DEP", steady(32_500.0, 0.2, 255.0, 0.03), inhabitants);
}

fn visas(page: &mut Page) {
    for (visa_type, level) in [("C", 1_900.0), ("D", 2_400.0)] {
        let total = page.count("VIS_ISSUED", visa_type, steady(level, 0.25, 240.0, 0.05), 1.0);
        page.by_citizenship("VIS_ISSUED", total, NEWCOMERS, |row| {
            row.with("visa_type", visa_type)
        });
    }
}

fn education(page: &mut Page) {
    let total = page.count("EDU_FS_INVITE", "UA", steady(1_300.0, 0.7, 230.0, 0.06), 1.0);
    page.add("EDU_FS_INVITE", total, |row| row);
    page.by_citizenship("EDU_FS_INVITE", total, NEWCOMERS, |row| row);
}

fn employment(page: &mut Page) {
    let counts = page.spread("LAB_WP_ISSUED", steady(720.0, 0.1, 120.0, 0.06), foreigners);
    page.by_citizenship("LAB_WP_ISSUED", country(&counts), NEWCOMERS, |row| {
        row.territory("UA")
    });
}

fn police(page: &mut Page) {
    page.spread("CRM_BY_FOR", steady(160.0, 0.1, 190.0, 0.05), foreigners);
}

fn prosecution(page: &mut Page) {
    page.spread(
        "CRM_SMUGGL",
        growing(steady(95.0, 0.1, 190.0, 0.06), 0.2),
        foreigners,
    );
    page.spread("CRM_TRAFFICK", steady(12.0, 0.1, 150.0, 0.05), inhabitants);
}

fn security(page: &mut Page) {
    page.spread(
        "CRM_OCG_SMUGGL",
        growing(steady(14.0, 0.1, 200.0, 0.05), 0.1),
        foreigners,
    );
}
