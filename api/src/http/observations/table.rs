//! Observations as JSON and as CSV, written straight from the rows of the store.

use crate::http::csv_text::CsvText;
use crate::http::problem::Failure;
use crate::http::series::series_wire;
use crate::service::Service;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use leleka_contract::v1::{Observation, Series};
use leleka_domain::{
    Code, ConfStatus, Frequency, ObsFlags, ObsStatus, ObservationRow, Period, RETRACTED, value_to_text,
};
use leleka_store::{ObservationVersion, StoredSeries};
use std::collections::{BTreeSet, HashMap};

/// The wire form of one version.
pub(crate) fn observation_wire(series: &StoredSeries, version: &ObservationVersion) -> Observation {
    wire_with(period_text(series, version), version)
}

/// The wire form of an observation that was read and is not stored.
pub(crate) fn observation_read_wire(series: &StoredSeries, read: &ObservationRow) -> Observation {
    Observation {
        period: Period::containing(series.key.frequency, read.period_start)
            .map_or_else(String::new, |period| period.to_string()),
        value: read.value,
        obs_status: read.status.letter(),
        obs_flags: read.flags.iter().map(ObsStatus::letter).collect(),
        conf_status: (read.confidentiality != ConfStatus::Free).then(|| read.confidentiality.letter()),
        submission_id: None,
        row: None,
        recorded_at: None,
        retracted: false,
    }
}

fn wire_with(period: String, version: &ObservationVersion) -> Observation {
    let confidentiality = ConfStatus::from_number(version.confidentiality).unwrap_or(ConfStatus::Internal);
    let retracted = version.status == RETRACTED;
    let status = if retracted {
        // No letter says it; who does not know `retracted` reads that there is no figure.
        ObsStatus::Missing
    } else {
        ObsStatus::from_number(version.status).unwrap_or(ObsStatus::Unvalidated)
    };
    Observation {
        period,
        value: version.value,
        retracted,
        obs_status: status.letter(),
        obs_flags: ObsFlags::from_bits(version.flags)
            .iter()
            .map(ObsStatus::letter)
            .collect(),
        conf_status: (confidentiality != ConfStatus::Free).then(|| confidentiality.letter()),
        submission_id: version.submission_id,
        row: version
            .submission_id
            .map(|_| version.row_number)
            .filter(|row| *row > 0),
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
    let mut json = Vec::with_capacity(versions.len() * OBSERVATION_BYTES + series.len() * SERIES_BYTES);
    let mut texts = PeriodTexts::default();
    let items =
        grouped(series, versions).map(|(series, group)| (series_wire(service, series), (series, group)));
    let wire = |series: &StoredSeries, version: &ObservationVersion| texts.wire(series, version);
    page_write(&mut json, data_as_of, items, wire, next).map_err(|_| Failure::new(Code::ServerError))?;
    Ok(json)
}

/// Ordinary sizes, so that the text seldom has to be moved while it grows.
const OBSERVATION_BYTES: usize = 64;
const SERIES_BYTES: usize = 320;

/// Writes what serialising an [`ObservationPage`](leleka_contract::v1::ObservationPage) would, one observation
/// after the other: the page is never whole in memory beside its text.
fn page_write<'a>(
    json: &mut Vec<u8>,
    data_as_of: Option<DateTime<Utc>>,
    items: impl Iterator<Item = (Series, (&'a StoredSeries, &'a [ObservationVersion]))>,
    mut wire: impl FnMut(&StoredSeries, &ObservationVersion) -> Observation,
    next: Option<&str>,
) -> Result<(), serde_json::Error> {
    json.push(b'{');
    if let Some(moment) = data_as_of {
        json.extend_from_slice(b"\"data_as_of\":");
        serde_json::to_writer(&mut *json, &moment)?;
        json.push(b',');
    }
    json.extend_from_slice(b"\"items\":[");
    for (number, (head, (series, versions))) in items.enumerate() {
        json.extend_from_slice(if number == 0 {
            b"{\"series\":"
        } else {
            b",{\"series\":"
        });
        serde_json::to_writer(&mut *json, &head)?;
        json.extend_from_slice(b",\"observations\":");
        for (number, version) in versions.iter().enumerate() {
            json.push(if number == 0 { b'[' } else { b',' });
            serde_json::to_writer(&mut *json, &wire(series, version))?;
        }
        json.extend_from_slice(b"]}");
    }
    json.push(b']');
    if let Some(next) = next {
        json.extend_from_slice(b",\"next\":");
        serde_json::to_writer(&mut *json, next)?;
    }
    json.push(b'}');
    Ok(())
}

/// The page as CSV: one column for each dimension that occurs, and one for retractions where they can occur.
pub(crate) fn observations_csv(
    service: &Service,
    series: &[StoredSeries],
    versions: &[ObservationVersion],
    with_history: bool,
    with_retractions: bool,
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
    if with_retractions {
        header.push("retracted");
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
                cells.push(observation.row.map(|row| row.to_string()).unwrap_or_default());
                let at = observation
                    .recorded_at
                    .map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true));
                cells.push(at.unwrap_or_default());
            }
            if with_retractions {
                cells.push(observation.retracted.to_string());
            }
            text.row(cells.iter().map(String::as_str));
        }
    }
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use leleka_contract::v1::{ObservationPage, SeriesObservations};
    use leleka_domain::{SeriesId, SeriesKey};

    fn stored(number: i64) -> StoredSeries {
        let key = SeriesKey {
            indicator: "ASY_APPL".into(),
            frequency: Frequency::Weekly,
            body: "DMS".into(),
            territory: "UA".into(),
            citizenship: "SY".into(),
            sex: "_T".into(),
            age: "_Z".into(),
            extra: "applicant_type=FRST".into(),
        };
        StoredSeries {
            id: SeriesId(number),
            key,
        }
    }

    fn head(series: &StoredSeries) -> Series {
        Series {
            id: format!("{:016x}", series.id.0),
            indicator: series.key.indicator.clone(),
            frequency: "W".into(),
            body: series.key.body.clone(),
            territory: Some("UA".into()),
            citizenship: Some("SY".into()),
            sex: None,
            age: None,
            dimensions: [("applicant_type".to_owned(), "FRST".to_owned())].into(),
            unit: "persons".into(),
        }
    }

    fn version(series_number: i64, day: u32, value: Option<f64>) -> ObservationVersion {
        ObservationVersion {
            series_number,
            period: NaiveDate::from_ymd_opt(2026, 11, day).unwrap(),
            value,
            status: 0,
            flags: 0,
            confidentiality: 0,
            position: 7,
            row_number: 3,
            submission_id: None,
            recorded_at: None,
        }
    }

    #[test]
    fn a_page_is_written_as_its_contract_type_would_be() {
        let series = [stored(1), stored(2)];
        let versions = [
            version(1, 2, Some(12.0)),
            version(1, 9, Some(0.5)),
            version(2, 2, None),
        ];
        let moment = DateTime::from_timestamp_millis(1_795_000_000_123);
        for (versions, data_as_of, next) in [
            (&versions[..], moment, Some("/v1/observations?cursor=\"")),
            (&versions[..1], None, None),
            (&versions[..0], moment, None),
        ] {
            let page = ObservationPage {
                data_as_of,
                items: grouped(&series, versions)
                    .map(|(series, group)| SeriesObservations {
                        series: head(series),
                        observations: group.iter().map(|it| observation_wire(series, it)).collect(),
                    })
                    .collect(),
                next: next.map(str::to_owned),
            };
            let mut written = Vec::new();
            let items = grouped(&series, versions).map(|(series, group)| (head(series), (series, group)));
            page_write(&mut written, data_as_of, items, observation_wire, next).unwrap();
            assert_eq!(
                String::from_utf8(written).unwrap(),
                serde_json::to_string(&page).unwrap()
            );
        }
    }
}
