//! Observations as JSON and as CSV, written straight from the rows of the store.

use crate::http::csv_text::CsvText;
use crate::http::problem::Failure;
use crate::http::respond::json_bytes;
use crate::http::series::series_wire;
use crate::service::Service;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use leleka_contract::v1::{Observation, ObservationPage, SeriesObservations};
use leleka_domain::{ConfStatus, Frequency, ObsFlags, ObsStatus, Period, value_to_text};
use leleka_store::{ObservationVersion, StoredSeries};
use std::collections::{BTreeSet, HashMap};

/// The wire form of one version.
pub(crate) fn observation_wire(series: &StoredSeries, version: &ObservationVersion) -> Observation {
    wire_with(period_text(series, version), version)
}

fn wire_with(period: String, version: &ObservationVersion) -> Observation {
    let confidentiality = ConfStatus::from_number(version.confidentiality).unwrap_or(ConfStatus::Internal);
    Observation {
        period,
        value: version.value,
        obs_status: ObsStatus::from_number(version.status)
            .unwrap_or(ObsStatus::Unvalidated)
            .letter(),
        obs_flags: ObsFlags::from_bits(version.flags)
            .iter()
            .map(ObsStatus::letter)
            .collect(),
        conf_status: (confidentiality != ConfStatus::Free).then(|| confidentiality.letter()),
        submission_id: version.submission_id,
        row: version.submission_id.map(|_| version.row_number),
        recorded_at: version.recorded_at,
    }
}

fn period_text(series: &StoredSeries, version: &ObservationVersion) -> String {
    Period::containing(series.key.frequency, version.period)
        .map_or_else(String::new, |period| period.to_string())
}

/// Texts of periods: a page names the same few in every series.
#[derive(Default)]
struct PeriodTexts(HashMap<(Frequency, NaiveDate), String>);

impl PeriodTexts {
    fn wire(&mut self, series: &StoredSeries, version: &ObservationVersion) -> Observation {
        let key = (series.key.frequency, version.period);
        let text = self.0.entry(key).or_insert_with(|| period_text(series, version));
        wire_with(text.clone(), version)
    }
}

fn index_of(version: &ObservationVersion) -> usize {
    usize::try_from(version.series_number - 1).unwrap_or(usize::MAX)
}

/// Groups versions by series, in their order.
fn grouped<'a>(
    series: &'a [StoredSeries],
    versions: &'a [ObservationVersion],
) -> impl Iterator<Item = (&'a StoredSeries, &'a [ObservationVersion])> {
    versions
        .chunk_by(|left, right| left.series_number == right.series_number)
        .filter_map(|group| Some((series.get(index_of(group.first()?))?, group)))
}

/// The page as JSON.
pub(crate) fn observations_json(
    service: &Service,
    series: &[StoredSeries],
    versions: &[ObservationVersion],
    data_as_of: Option<DateTime<Utc>>,
    next: Option<&str>,
) -> Result<Vec<u8>, Failure> {
    let mut texts = PeriodTexts::default();
    let items = grouped(series, versions).map(|(series, group)| SeriesObservations {
        series: series_wire(service, series),
        observations: group.iter().map(|version| texts.wire(series, version)).collect(),
    });
    json_bytes(&ObservationPage {
        data_as_of,
        items: items.collect(),
        next: next.map(str::to_owned),
    })
}

/// The page as CSV: one column for each dimension that occurs.
pub(crate) fn observations_csv(
    service: &Service,
    series: &[StoredSeries],
    versions: &[ObservationVersion],
    with_history: bool,
) -> Vec<u8> {
    let names: BTreeSet<&str> = series
        .iter()
        .flat_map(|series| series.key.extra_dimensions().map(|(name, _)| name))
        .collect();
    let lineage = with_history
        || versions
            .first()
            .is_some_and(|version| version.submission_id.is_some());
    let fixed = [
        "indicator",
        "frequency",
        "period",
        "body",
        "territory",
        "citizenship",
        "sex",
        "age",
    ];
    let mut header: Vec<&str> = fixed.into_iter().chain(names.iter().copied()).collect();
    header.extend(["value", "obs_status", "obs_flags", "conf_status", "unit"]);
    if lineage {
        header.extend(["submission_id", "row", "recorded_at"]);
    }
    let (mut text, mut texts) = (CsvText::new(header), PeriodTexts::default());
    for (series, group) in grouped(series, versions) {
        let wire = series_wire(service, series);
        for version in group {
            let observation = texts.wire(series, version);
            let value = observation.value.map(value_to_text).unwrap_or_default();
            let flags = observation.obs_flags.concat();
            let of = |code: &'_ Option<String>| code.clone().unwrap_or_default();
            let mut cells = vec![
                wire.indicator.clone(),
                wire.frequency.clone(),
                observation.period,
                wire.body.clone(),
                of(&wire.territory),
                of(&wire.citizenship),
                of(&wire.sex),
                of(&wire.age),
            ];
            cells.extend(
                names
                    .iter()
                    .map(|name| wire.dimensions.get(*name).cloned().unwrap_or_default()),
            );
            let conf_status = observation.conf_status.unwrap_or("F").to_owned();
            cells.extend([
                value,
                observation.obs_status.to_owned(),
                flags,
                conf_status,
                wire.unit.clone(),
            ]);
            if lineage {
                cells.push(
                    observation
                        .submission_id
                        .map(|id| id.to_string())
                        .unwrap_or_default(),
                );
                cells.push(version.row_number.to_string());
                let at = observation
                    .recorded_at
                    .map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true));
                cells.push(at.unwrap_or_default());
            }
            text.row(cells.iter().map(String::as_str));
        }
    }
    text.into_bytes()
}
