//! The board's cells and summary on the wire, and as CSV.

use crate::http::alerts::{state_wire, verdict_wire};
use crate::http::csv_text::CsvText;
use crate::http::respond::word;
use crate::http::risk_assessments::{assessment_wire, component_wire};
use crate::http::risk_metrics::{level_wire, period_text, value_wire};
use chrono::{DateTime, SecondsFormat, Utc};
use leleka_contract::v1::{
    CiramComponent, PeriodText, RiskBoardAlert, RiskBoardBefore, RiskBoardItem, RiskBoardNewer,
    RiskBoardSummary, RiskComponentCounts, RiskLevelChange, RiskLevelCounts,
};
use leleka_domain::value_to_text;
use leleka_exchange::{Board, BoardCell, Level, LevelChange};
use leleka_store::StoredAlert;
use std::collections::BTreeMap;

/// The wire form of a cell.
pub(crate) fn item_wire(cell: BoardCell) -> RiskBoardItem {
    let listed = cell.listed();
    let row = cell.row;
    let stored = &row.value;
    let period = |day| PeriodText(period_text(&stored.frequency, day));
    let before = row.previous_period.zip(row.previous_level.as_deref());
    RiskBoardItem {
        value: value_wire(stored, cell.stale),
        name_uk: cell.facet.name_uk,
        name_en: cell.facet.name_en,
        component: component_wire(&cell.facet.component),
        family: cell.facet.family,
        q: cell.q,
        listed,
        change: match cell.change {
            LevelChange::Up => RiskLevelChange::Up,
            LevelChange::Down => RiskLevelChange::Down,
            LevelChange::Same => RiskLevelChange::Same,
            LevelChange::New => RiskLevelChange::New,
            LevelChange::BecameKnown => RiskLevelChange::BecameKnown,
            LevelChange::BecameUnknown => RiskLevelChange::BecameUnknown,
        },
        change_steps: cell.steps,
        before: before.map(|(day, level)| RiskBoardBefore {
            period: period(day),
            value: row.previous_value,
            level: level_wire(level),
        }),
        newer: (row.newest_period > stored.period).then(|| RiskBoardNewer {
            period: period(row.newest_period),
            reason: row.newest_reason.clone(),
        }),
        alert: cell.alert.as_ref().map(alert_beside),
        assessment: cell.assessment.map(assessment_wire),
    }
}

fn alert_beside(alert: &StoredAlert) -> RiskBoardAlert {
    RiskBoardAlert {
        id: alert.id,
        state: state_wire(&alert.state),
        level: level_wire(&alert.peak),
        opened_period: PeriodText(period_text(&alert.frequency, alert.opened_period)),
        verdict: alert.verdict.as_deref().and_then(verdict_wire),
    }
}

/// The board in numbers.
pub(crate) fn summary_wire(board: &Board) -> RiskBoardSummary {
    let count =
        |fits: &dyn Fn(&BoardCell) -> bool| board.cells.iter().filter(|cell| fits(cell)).count() as u64;
    let mut levels = RiskLevelCounts::default();
    let mut components: BTreeMap<CiramComponent, RiskLevelCounts> = BTreeMap::new();
    for cell in &board.cells {
        level_count(&mut levels, cell.level());
        let own = components
            .entry(component_wire(&cell.facet.component))
            .or_default();
        level_count(own, cell.level());
    }
    RiskBoardSummary {
        cells: board.cells.len() as u64,
        levels,
        components: components
            .into_iter()
            .map(|(component, levels)| RiskComponentCounts { component, levels })
            .collect(),
        listed: count(&BoardCell::listed),
        raised: count(&|cell| cell.change == LevelChange::Up),
        alerts: count(&|cell| cell.alert.is_some()),
        withheld: board.withheld as u64,
        data_as_of: board.cells.iter().map(|cell| cell.row.value.data_as_of).max(),
    }
}

fn level_count(counts: &mut RiskLevelCounts, level: Level) {
    *match level {
        Level::Unknown => &mut counts.unknown,
        Level::Low => &mut counts.low,
        Level::Guarded => &mut counts.guarded,
        Level::Elevated => &mut counts.elevated,
        Level::High => &mut counts.high,
        Level::Critical => &mut counts.critical,
    } += 1;
}

const HEADER: [&str; 27] = [
    "metric",
    "version",
    "name_uk",
    "name_en",
    "component",
    "family",
    "dimensions",
    "period",
    "value",
    "unit",
    "level",
    "score",
    "p",
    "q",
    "listed",
    "change",
    "change_steps",
    "period_before",
    "value_before",
    "level_before",
    "alert_id",
    "alert_state",
    "assessed_level",
    "reason",
    "flags",
    "coverage",
    "data_as_of",
];

/// The cells as CSV.
pub(crate) fn board_csv(items: &[RiskBoardItem]) -> Vec<u8> {
    let mut text = CsvText::new(HEADER);
    let number = |number: Option<f64>| number.map(value_to_text).unwrap_or_default();
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    for item in items {
        let (value, before) = (&item.value, item.before.as_ref());
        let pairs = value
            .dimensions
            .iter()
            .map(|(name, code)| format!("{name}={code}"));
        let cells = [
            value.code.clone(),
            value.version.to_string(),
            item.name_uk.clone(),
            item.name_en.clone(),
            word(&item.component),
            item.family.clone(),
            pairs.collect::<Vec<_>>().join(";"),
            value.period.clone(),
            number(value.value),
            value.unit.clone(),
            word(&value.level),
            number(value.score),
            number(value.p),
            number(item.q),
            item.listed.to_string(),
            word(&item.change),
            item.change_steps.to_string(),
            before.map(|it| it.period.0.clone()).unwrap_or_default(),
            number(before.and_then(|it| it.value)),
            before.map(|it| word(&it.level)).unwrap_or_default(),
            item.alert
                .as_ref()
                .map(|it| it.id.to_string())
                .unwrap_or_default(),
            item.alert.as_ref().map(|it| word(&it.state)).unwrap_or_default(),
            item.assessment
                .as_ref()
                .map(|it| word(&it.level))
                .unwrap_or_default(),
            value.reason.clone().unwrap_or_default(),
            value.flags.join(" "),
            value_to_text(value.coverage),
            instant(value.data_as_of),
        ];
        text.row(cells.iter().map(String::as_str));
    }
    text.into_bytes()
}
