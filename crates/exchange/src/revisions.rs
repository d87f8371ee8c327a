//! Revisions of figures by source body and indicator, and what newest periods will hold. From the ledger alone; no rule
//! of its own.

use crate::{ActError, Centre};
use chrono::{DateTime, NaiveDate, Utc};
use leleka_domain::{BodyScope, Code, Period, SeriesId};
use leleka_risk::{FigureHistory, Reporting, RevisionStatistics, reporting, revision_statistics};
use leleka_store::{
    ObservationQuery, ObservationVersion, SeriesFilter, StoredSeries, observation_page, series_find,
    series_list, vintage_settled,
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Most series of one answer.
const SERIES: i64 = 5_000;
/// Most versions that are looked at for one answer.
const VERSIONS: i64 = 100_000;

/// Which revisions.
#[derive(Clone, Debug)]
pub struct RevisionQuery {
    /// Of these series.
    pub filter: SeriesFilter,
    /// Of this one alone, with its figures.
    pub series: Option<SeriesId>,
    /// First day of the first period.
    pub from: NaiveDate,
    /// First day of the last period at the latest.
    pub to: NaiveDate,
    /// As known at this moment; now when empty.
    pub as_of: Option<DateTime<Utc>>,
}

/// One figure with its versions and the submissions that brought them.
#[derive(Clone, Debug, PartialEq)]
pub struct RevisedFigure {
    /// Its versions and delay.
    pub history: FigureHistory,
    /// The submission of each version.
    pub submissions: Vec<Uuid>,
}

/// Revisions of one indicator as one body reports it at one frequency.
#[derive(Clone, Debug, PartialEq)]
pub struct RevisionGroup {
    /// One of its series.
    pub series: StoredSeries,
    /// How many series there are.
    pub series_count: usize,
    /// Statistics.
    pub statistics: RevisionStatistics,
    /// Completeness by delay, and estimates.
    pub reporting: Reporting,
    /// The figures.
    pub figures: Vec<RevisedFigure>,
}

/// What was found, and the vintage.
#[derive(Clone, Debug, PartialEq)]
pub struct Revisions {
    /// The vintage.
    pub data_as_of: DateTime<Utc>,
    /// By body, indicator and frequency.
    pub groups: Vec<RevisionGroup>,
}

/// Reads revisions.
///
/// # Errors
/// A refusal when the series asked for is not in the scope, or more would have to be read than one answer may cost.
pub fn revision_list(
    centre: &Centre,
    scope: &BodyScope,
    query: &RevisionQuery,
) -> Result<Revisions, ActError> {
    let mut reader = centre.store.reader()?;
    let settled = vintage_settled(&mut reader)?;
    let data_as_of = query.as_of.map_or(settled, |moment| moment.min(settled));
    let series = match query.series {
        Some(id) => {
            let found = series_find(&mut reader, scope, id)?;
            vec![found.ok_or_else(|| ActError::refused(Code::ResourceNotFound))?]
        }
        None => series_list(&mut reader, scope, &query.filter, SERIES + 1)?,
    };
    let asked = ObservationQuery {
        series: series.iter().map(|series| series.id).collect(),
        from: query.from,
        to: query.to,
        as_of: Some(data_as_of),
        updated_after: None,
        include_history: true,
        with_lineage: true,
        after: None,
        limit: VERSIONS + 1,
    };
    if reaches(series.len(), SERIES) {
        return Err(too_much(SERIES, "series"));
    }
    let versions = observation_page(&mut reader, &asked)?;
    if reaches(versions.len(), VERSIONS) {
        return Err(too_much(VERSIONS, "versions"));
    }
    drop(reader);
    // Delays are counted up to the moment asked about, or to today.
    let today = query.as_of.unwrap_or_else(|| centre.clock.now()).date_naive();
    Ok(Revisions {
        data_as_of,
        groups: groups(&series, &versions, today),
    })
}

fn reaches(count: usize, most: i64) -> bool {
    i64::try_from(count).unwrap_or(i64::MAX) > most
}

fn too_much(most: i64, what: &str) -> ActError {
    ActError::refused_because(
        Code::ParameterInvalid,
        format!("> {most} {what}: indicator, body, from, to"),
    )
}

/// A series with its figures.
type Member<'a> = (&'a StoredSeries, Vec<RevisedFigure>);

fn groups(series: &[StoredSeries], versions: &[ObservationVersion], today: NaiveDate) -> Vec<RevisionGroup> {
    let mut found: BTreeMap<(&str, &str, String), Vec<Member<'_>>> = BTreeMap::new();
    for of_series in versions.chunk_by(|left, right| left.series_number == right.series_number) {
        let place = of_series
            .first()
            .and_then(|version| usize::try_from(version.series_number - 1).ok());
        let Some(own) = place.and_then(|place| series.get(place)) else {
            continue;
        };
        let cells = of_series.chunk_by(|left, right| left.period == right.period);
        let figures = cells.filter_map(|cell| figure(own, cell)).collect();
        let key = &own.key;
        found
            .entry((&key.body, &key.indicator, key.frequency.to_string()))
            .or_default()
            .push((own, figures));
    }
    let of_group = |members: Vec<Member<'_>>| {
        let series = members.first()?.0.clone();
        let series_count = members.len();
        let figures: Vec<RevisedFigure> = members.into_iter().flat_map(|(_, figures)| figures).collect();
        let histories: Vec<FigureHistory> = figures.iter().map(|it| it.history.clone()).collect();
        Some(RevisionGroup {
            statistics: revision_statistics(&histories),
            reporting: reporting(&histories, series.key.frequency, today),
            series,
            series_count,
            figures,
        })
    };
    found.into_values().filter_map(of_group).collect()
}

fn figure(series: &StoredSeries, versions: &[ObservationVersion]) -> Option<RevisedFigure> {
    let period = Period::containing(series.key.frequency, versions.first()?.period)?;
    let known = versions.iter().filter_map(|version| {
        let value = version.value.filter(|value| value.is_finite());
        Some(((version.recorded_at?, value), version.submission_id?))
    });
    let (versions, submissions) = known.unzip();
    Some(RevisedFigure {
        history: FigureHistory { period, versions },
        submissions,
    })
}
