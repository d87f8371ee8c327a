//! The acts of forecasting: one that a person asks for, and those that the service makes by itself when a series
//! changed.
//!
//! Computed outside of any transaction; the mark of a series goes with the forecast that answers it, so a service that
//! is killed makes it again.

use crate::forecasts::compute::{forecast_compute, forecast_settings};
use crate::keyed_request::{KeyedAct, member_invalid};
use crate::{ActError, Caller, Centre, KeyedRequest};
use chrono::NaiveDate;
use leleka_domain::{BodyScope, Code, SeriesId};
use leleka_store::{
    DirtyForecast, LogEntry, LogOutcome, ObservationQuery, StoredForecast, StoredSeries,
    forecast_dirty_clear_in_tx, forecast_dirty_next, forecast_find, forecast_insert_in_tx,
    log_entry_insert_in_tx, observation_page, series_find, vintage_settled,
};
use std::time::{Duration, Instant};

/// So long the service works on one series by itself.
const OWN_LIMIT: Duration = Duration::from_secs(60);
/// So long somebody waits; afterwards the forecast is given without a back-test.
const ASKED_LIMIT: Duration = Duration::from_secs(20);
/// Versions of one series that are read: ten years of weeks, each sent a hundred times.
const VERSIONS: i64 = 50_000;

/// A forecast that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct ForecastMade {
    /// Its series.
    pub series: StoredSeries,
    /// The forecast.
    pub forecast: StoredForecast,
}

/// Forecasts a series now, because somebody asks; from then on it is kept up to date. `true` when the request was a
/// repetition.
///
/// # Errors
/// A refusal when there is no such series in the caller's scope, or its frequency is not forecast.
pub fn forecast_make(
    centre: &Centre,
    caller: &Caller,
    request: &KeyedRequest,
    series: SeriesId,
) -> Result<(ForecastMade, bool), ActError> {
    let not_found = || ActError::refused(Code::ResourceNotFound);
    let scope = caller.body_scope().ok_or_else(not_found)?;
    let act = KeyedAct {
        operation: "forecast_create",
        action: "forecast.make",
        object_type: "series",
        object_id: format!("{:016x}", series.0),
        caller,
        request,
    };
    let found = series_find(&mut centre.store.reader()?, &scope, series)?;
    let Some(found) = found else {
        act.refusal_log(centre, &not_found())?;
        return Err(not_found());
    };
    let mut replayed = act.is_repeated(centre)?;
    if !replayed {
        let until = Instant::now() + ASKED_LIMIT;
        let forecast = computed(centre, &found, &|| Instant::now() > until)?;
        let forecast = forecast.ok_or_else(|| member_invalid("series_id", "frequency W | M | Q | A"))?;
        replayed = act.once(centre, centre.ids.next(), |tx| {
            Ok(forecast_insert_in_tx(tx, &forecast)?)
        })?;
    }
    let forecast = forecast_find(&mut centre.store.reader()?, series, None)?.ok_or_else(not_found)?;
    Ok((
        ForecastMade {
            series: found,
            forecast,
        },
        replayed,
    ))
}

/// Whether a series is to be forecast anew.
///
/// # Errors
/// When the database does not answer.
pub fn forecasts_are_due(centre: &Centre) -> Result<bool, ActError> {
    Ok(forecast_dirty_next(&mut centre.store.reader()?)?.is_some())
}

/// Answers the mark of the series that waits longest; `false` when none does, or when `is_ending` said so meanwhile.
///
/// # Errors
/// When the database does not answer; the mark stays.
pub fn forecasts_refresh(centre: &Centre, is_ending: &dyn Fn() -> bool) -> Result<bool, ActError> {
    let mark = forecast_dirty_next(&mut centre.store.reader()?)?;
    let Some(mark) = mark else { return Ok(false) };
    let series = series_find(
        &mut centre.store.reader()?,
        &BodyScope::WholeCentre,
        SeriesId(mark.series_id),
    )?;
    let Some(series) = series else {
        return clear(centre, mark).map(|()| true);
    };
    let until = Instant::now() + OWN_LIMIT;
    let forecast = computed(centre, &series, &|| is_ending() || Instant::now() > until)?;
    if is_ending() {
        return Ok(false);
    }
    let Some(forecast) = forecast else {
        return clear(centre, mark).map(|()| true);
    };
    centre.store.submit(|tx| {
        forecast_dirty_clear_in_tx(tx, mark)?;
        forecast_insert_in_tx(tx, &forecast)?;
        log_entry_insert_in_tx(tx, &log_entry(centre, &series))?;
        Ok::<(), ActError>(())
    })?;
    Ok(true)
}

fn clear(centre: &Centre, mark: DirtyForecast) -> Result<(), ActError> {
    centre
        .store
        .submit(|tx| Ok::<(), ActError>(forecast_dirty_clear_in_tx(tx, mark)?))
}

/// The forecast of a series from the newest settled vintage; `None` where its frequency is not forecast.
fn computed(
    centre: &Centre,
    series: &StoredSeries,
    is_over: &dyn Fn() -> bool,
) -> Result<Option<StoredForecast>, ActError> {
    let book = centre.book();
    let indicator = book.codebook.indicator(&series.key.indicator);
    let Some(settings) = indicator.and_then(|it| forecast_settings(series.key.frequency, it)) else {
        return Ok(None);
    };
    let mut reader = centre.store.reader()?;
    let vintage = vintage_settled(&mut reader)?;
    let query = ObservationQuery {
        series: vec![series.id],
        from: NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default(),
        to: NaiveDate::from_ymd_opt(2199, 12, 31).unwrap_or_default(),
        as_of: Some(vintage),
        updated_after: None,
        include_history: true,
        with_lineage: true,
        after: None,
        limit: VERSIONS,
    };
    let versions = observation_page(&mut reader, &query)?;
    drop(reader);
    Ok(Some(forecast_compute(
        series, &versions, settings, vintage, is_over,
    )))
}

fn log_entry<'a>(centre: &Centre, series: &StoredSeries) -> LogEntry<'a> {
    LogEntry {
        id: centre.ids.next(),
        client_id: None,
        body: None,
        role: None,
        action: "forecast.make",
        object_type: Some("series"),
        object_id: Some(format!("{:016x}", series.id.0)),
        outcome: LogOutcome::Allowed,
        reason_code: None,
        request_id: None,
        payload_sha256: None,
    }
}
