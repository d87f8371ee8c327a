//! The deliveries of the demonstration, in the order in which they are sent.
//!
//! History in one large submission for each body and dataflow, the newest periods one by one as they would come
//! in, then what is corrected, faulty or late. Each says in its comment that it is a demonstration.

use crate::demo::DEMONSTRATION;
use crate::demo::figures::Figures;
use crate::demo::places::OFFICE_REGION;
use crate::demo::rows::Row;
use crate::demo::sources::{SOURCES, Source};
use crate::http::hexadecimal;
use chrono::{Datelike, Days, NaiveDate};
use leleka_domain::{Frequency, Period};
use sha2::{Digest, Sha256};

/// Weeks of the history; what ended later is delivered period by period.
const HISTORY_WEEKS: u64 = 148;
/// Years of annual figures before the first week.
const EARLIER_YEARS: i32 = 2;

/// One submission to be sent.
pub(super) struct Delivery {
    pub(super) client: &'static str,
    pub(super) dataflow: &'static str,
    pub(super) content_type: &'static str,
    pub(super) body: String,
    pub(super) rows: usize,
    /// What progress is told of.
    pub(super) chapter: String,
    /// Query parameters; a JSON document says the same itself.
    pub(super) declared: Vec<(&'static str, String)>,
    /// SHA-256 of the body that it corrects.
    pub(super) corrects: Option<String>,
    /// Whether the service is meant to reject it.
    pub(super) is_faulty: bool,
}

impl Delivery {
    /// SHA-256 of the body, in hexadecimal, as the service tells it.
    pub(super) fn sha256(&self) -> String {
        hexadecimal(&Sha256::digest(&self.body))
    }

    /// The same for the same content, so that nothing is ever counted twice.
    pub(super) fn idempotency_key(&self) -> String {
        let digest = Sha256::new()
            .chain_update(self.client)
            .chain_update(self.dataflow)
            .chain_update(&self.body);
        format!("demo-{}", hexadecimal(&digest.finalize()))
    }
}

/// A figure that was delivered wrong at first, and is corrected later.
struct Mistake {
    client: &'static str,
    dataflow: &'static str,
    /// Week, counted from the first.
    week: u64,
    indicator: &'static str,
    /// Codes of the part in which it is wrong; its total is wrong with it.
    part: &'static str,
    surplus: u64,
    reason_code: &'static str,
    reason_text: &'static str,
}

const MISTAKES: &[Mistake] = &[
    Mistake {
        client: "demo-dms",
        dataflow: "ASYLUM_WEEKLY",
        week: 151,
        indicator: "ASY_APPL",
        part: "UA51000000000030770",
        surplus: 14,
        reason_code: "deduplication",
        reason_text: "Заяви однієї родини враховано двічі. / Applications of one family were counted twice.",
    },
    Mistake {
        client: "demo-sbgs",
        dataflow: "BORDER_WEEKLY",
        week: 152,
        indicator: "BRD_REFUSED",
        part: "SK",
        surplus: 90,
        reason_code: "error_fix",
        reason_text: "Помилка введення: зайвий нуль. / Typing error: one zero too many.",
    },
];

impl Mistake {
    fn concerns(&self, row: &Row) -> bool {
        let section = row.dimensions.get("border_section").copied();
        let place = row.territory.or(section);
        row.indicator == self.indicator
            && row.citizenship.is_none()
            && place.is_none_or(|code| code == self.part || code == "UA")
    }
}

/// What comes in after everything else.
const LATE: &[(&str, u64)] = &[("demo-msp", 153), ("demo-dms-recept", 154)];

/// Everything, in order.
pub(super) fn deliveries(first_day: NaiveDate, today: NaiveDate) -> Vec<Delivery> {
    let figures = Figures { first_day };
    let history_end = first_day
        .checked_add_days(Days::new(7 * HISTORY_WEEKS))
        .unwrap_or(first_day);
    let (mut all, mut newest, mut last) = (Vec::new(), Vec::new(), Vec::new());
    for source in SOURCES {
        let (old, new): (Vec<Period>, Vec<Period>) = periods(source.frequency, first_day, today)
            .into_iter()
            .partition(|period| period.end() < history_end);
        all.push(history(source, figures, &old));
        for period in new {
            let week = (period.start() - first_day)
                .num_days()
                .div_euclid(7)
                .unsigned_abs();
            let is_weekly = source.frequency == Frequency::Weekly;
            let mut rows = source.rows(figures, period);
            let mistake = MISTAKES.iter().find(|it| {
                is_weekly && it.client == source.client && it.dataflow == source.dataflow && it.week == week
            });
            let right = rows.clone();
            if let Some(mistake) = mistake {
                mistake_make(mistake, &mut rows);
            }
            let is_late = is_weekly && LATE.contains(&(source.client, week));
            let delivery = newest_period(source, period, &rows, is_late);
            if let Some(mistake) = mistake {
                last.push(correction(mistake, &delivery, &right));
            }
            if is_late {
                last.push(delivery);
            } else {
                newest.push((period.end(), delivery));
            }
        }
    }
    newest.sort_by_key(|(end, _)| *end);
    all.extend(newest.into_iter().map(|(_, delivery)| delivery));
    all.extend(last);
    all.extend(faulty(newest_week(first_day, today)));
    all
}

/// The last week that has ended.
pub(super) fn newest_week(first_day: NaiveDate, today: NaiveDate) -> Option<Period> {
    periods(Frequency::Weekly, first_day, today).last().copied()
}

/// The week so many weeks after the first.
pub(super) fn week(first_day: NaiveDate, number: u64) -> Option<Period> {
    Period::containing(
        Frequency::Weekly,
        first_day.checked_add_days(Days::new(7 * number))?,
    )
}

fn periods(frequency: Frequency, first_day: NaiveDate, today: NaiveDate) -> Vec<Period> {
    let from = if frequency == Frequency::Annual {
        NaiveDate::from_ymd_opt(first_day.year() - EARLIER_YEARS, 1, 1).unwrap_or(first_day)
    } else {
        first_day
    };
    let first = Period::containing(frequency, from);
    std::iter::successors(first, |period| period.shift(1))
        .skip_while(|period| period.start() < from)
        .take_while(|period| period.end() < today)
        .collect()
}

fn mistake_make(mistake: &Mistake, rows: &mut [Row]) {
    for row in rows.iter_mut().filter(|row| mistake.concerns(row)) {
        row.value = row.value.map(|value| value + mistake.surplus);
    }
}

fn history(source: &Source, figures: Figures, periods: &[Period]) -> Delivery {
    let rows: Vec<Row> = periods
        .iter()
        .flat_map(|period| source.rows(figures, *period))
        .collect();
    let (from, to) = (periods.first(), periods.last());
    let span = from
        .zip(to)
        .map_or(String::new(), |(from, to)| format!("{from} … {to}"));
    Delivery {
        client: source.client,
        dataflow: source.dataflow,
        content_type: "application/x-ndjson",
        body: ndjson(&rows),
        rows: rows.len(),
        chapter: format!("{} {span}", source.dataflow),
        declared: declared(source.dataflow, "історія / history"),
        corrects: None,
        is_faulty: false,
    }
}

fn newest_period(source: &Source, period: Period, rows: &[Row], is_late: bool) -> Delivery {
    let remark = if is_late {
        "подано із запізненням / delivered late"
    } else {
        "чергове подання / regular delivery"
    };
    let document = serde_json::json!({
        "dataflow": source.dataflow,
        "comment": comment(remark),
        "observations": rows,
    });
    Delivery {
        client: source.client,
        dataflow: source.dataflow,
        content_type: "application/json",
        body: document.to_string(),
        rows: rows.len(),
        chapter: if is_late {
            format!("{} {period}, late", source.dataflow)
        } else {
            format!("{period}")
        },
        declared: Vec::new(),
        corrects: None,
        is_faulty: false,
    }
}

/// A correction delivers its week whole: what it did not hold would be retracted.
fn correction(mistake: &Mistake, wrong: &Delivery, right: &[Row]) -> Delivery {
    let mut declared = declared(wrong.dataflow, "виправлення / correction");
    declared.extend([
        ("kind", "correction".to_owned()),
        ("reasonCode", mistake.reason_code.to_owned()),
        ("reasonText", mistake.reason_text.to_owned()),
    ]);
    Delivery {
        client: wrong.client,
        dataflow: wrong.dataflow,
        content_type: "application/x-ndjson",
        body: ndjson(right),
        rows: right.len(),
        chapter: format!("{} {}, corrected", wrong.dataflow, wrong.chapter),
        declared,
        corrects: Some(wrong.sha256()),
        is_faulty: false,
    }
}

/// Files with several faults each, as they happen: labels in place of codes, decimal commas, foreign territory.
fn faulty(newest: Option<Period>) -> Vec<Delivery> {
    let Some(week) = newest else { return Vec::new() };
    let month = Period::containing(Frequency::Monthly, week.start());
    let month = month.and_then(|month| month.shift(-1)).unwrap_or(week);
    let police = format!(
        "indicator,period,territory,citizenship,value\n\
         CRM_BY_FOR,{month},UA80000000000093317,TR,12.5\n\
         CRM_BY_FOR,{month},UA99000000000000000,_T,7\n\
         CRM_BY_FOR,2026-13,UA51000000000030770,_T,3\n\
         CRM_BY_FOR,{month},UA51000000000030770,Туреччина,-4\n\
         CRM_BY_FOR,{month},UA63000000000041885,_T,\n\
         CRM_BY_FOR,{month},UA12000000000090473,_T,\"1,5\"\n\
         IRR_DETECTED,{month},UA12000000000090473,_T,9\n"
    );
    let office = format!(
        "indicator,period,territory,citizenship,value\n\
         ASY_APPL,{week},UA80000000000093317,SY,3\n\
         ASY_APPL,{week},{OFFICE_REGION},Сирія,2\n\
         ASY_APPL,{week},{OFFICE_REGION},AF,-1\n"
    );
    [
        ("demo-npu", "POLICE_MONTHLY", police, 7),
        ("demo-dms-to-46", "ASYLUM_WEEKLY", office, 3),
    ]
    .map(|(client, dataflow, body, rows)| Delivery {
        client,
        dataflow,
        content_type: "text/csv",
        body,
        rows,
        chapter: format!("{dataflow}, faulty"),
        declared: declared(dataflow, "подання з помилками / faulty delivery"),
        corrects: None,
        is_faulty: true,
    })
    .into()
}

fn declared(dataflow: &str, remark: &str) -> Vec<(&'static str, String)> {
    vec![("dataflow", dataflow.to_owned()), ("comment", comment(remark))]
}

fn comment(remark: &str) -> String {
    format!("{DEMONSTRATION}: {remark}")
}

fn ndjson(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        text.push_str(&serde_json::to_string(row).unwrap_or_default());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn made(first_day: &str, today: &str) -> Vec<Delivery> {
        deliveries(first_day.parse().unwrap(), today.parse().unwrap())
    }

    #[test]
    fn a_later_start_makes_the_same_deliveries_and_adds_the_weeks_since() {
        let first = made("2023-11-20", "2026-11-22");
        let later = made("2023-11-20", "2026-12-14");
        let of = |all: &[Delivery]| -> BTreeSet<String> {
            let kept = all.iter().filter(|delivery| !delivery.is_faulty);
            kept.map(Delivery::idempotency_key).collect()
        };
        let (first, later) = (of(&first), of(&later));
        assert!(first.is_subset(&later));
        assert_eq!(later.len() - first.len(), 4 * 8 + 13, "four weeks and a month");
    }

    #[test]
    fn deliveries_stay_within_the_limits_and_are_labelled() {
        let all = made("2023-11-20", "2026-11-22");
        let bodies: BTreeSet<_> = all.iter().map(|delivery| delivery.client).collect();
        assert!(bodies.len() >= 12);
        for delivery in &all {
            assert!(delivery.rows <= 200_000 && delivery.body.len() < 64 << 20);
            let label = delivery
                .declared
                .iter()
                .any(|(_, text)| text.starts_with(DEMONSTRATION));
            assert!(
                label || delivery.body.contains(DEMONSTRATION),
                "{}",
                delivery.chapter
            );
        }
        assert_eq!(
            all.iter().filter(|delivery| delivery.corrects.is_some()).count(),
            2
        );
        let rows: usize = all.iter().map(|delivery| delivery.rows).sum();
        assert!((40_000..150_000).contains(&rows), "{rows}");
    }

    #[test]
    fn a_correction_replaces_exactly_what_was_wrong() {
        let all = made("2023-11-20", "2026-11-22");
        for correction in all.iter().filter(|delivery| delivery.corrects.is_some()) {
            let wrong = all
                .iter()
                .find(|delivery| Some(delivery.sha256()) == correction.corrects)
                .unwrap();
            let rows = correction.body.lines();
            let rows = rows.map(|row| serde_json::from_str::<serde_json::Value>(row).unwrap());
            let differing = rows.filter(|row| !wrong.body.contains(&row.to_string()));
            assert_eq!(differing.count(), 2);
            assert_eq!(correction.rows, wrong.rows);
        }
    }
}
