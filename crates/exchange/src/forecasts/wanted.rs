//! Which series are forecast without being asked: those of `forecasts.json`, totals in every dimension but those named.
//! Any other one is kept up to date once somebody has asked for it.

use crate::submission::TouchedSeries;
use leleka_domain::{SeriesId, SeriesKey};
use leleka_store::{StoreError, Tx, forecast_dirty_mark_in_tx};
use serde::Deserialize;
use std::sync::LazyLock;

/// The shipped list.
const FILE: &str = include_str!("../../forecasts.json");

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Indicators whose totals are forecast.
    totals_of: Vec<String>,
    /// Further codes of one dimension, the others being totals.
    also: Vec<Further>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Further {
    indicator: String,
    dimension: String,
    codes: Vec<String>,
}

/// A test reads it too; a faulty list would be an empty one.
static WANTED: LazyLock<Wanted> = LazyLock::new(|| serde_json::from_str(FILE).unwrap_or_default());

/// Codes that stand for the whole of a dimension, or for there being none.
fn is_whole(code: &str) -> bool {
    matches!(code, "_T" | "_Z" | "UA" | "TOTAL")
}

/// Names and codes of every dimension that is not a total.
fn parts(key: &SeriesKey) -> Vec<(&str, &str)> {
    let typed = [
        ("territory", key.territory.as_str()),
        ("citizenship", key.citizenship.as_str()),
        ("sex", key.sex.as_str()),
        ("age", key.age.as_str()),
    ];
    let all = typed.into_iter().chain(key.extra_dimensions());
    // The whole country is the whole of territories, and one citizenship among others.
    all.filter(|(name, code)| !is_whole(code) || (*name != "territory" && *code == "UA"))
        .collect()
}

impl Wanted {
    fn holds(&self, key: &SeriesKey) -> bool {
        match parts(key).as_slice() {
            [] => self.totals_of.contains(&key.indicator),
            [(name, code)] => self.also.iter().any(|further| {
                further.indicator == key.indicator
                    && further.dimension == *name
                    && further.codes.iter().any(|wanted| wanted == code)
            }),
            _ => false,
        }
    }
}

/// Marks what a submission changed, in its own transaction.
pub(crate) fn forecasts_mark(
    tx: &mut Tx<'_>,
    position: i64,
    series: &TouchedSeries,
) -> Result<(), StoreError> {
    let changed = series.iter().filter(|(_, (_, range))| range.is_some());
    let (mut wanted, mut touched) = (Vec::new(), Vec::new());
    for (id, (key, _)) in changed {
        let SeriesId(id) = *id;
        touched.push(id);
        if WANTED.holds(key) {
            wanted.push(id);
        }
    }
    if touched.is_empty() {
        return Ok(());
    }
    forecast_dirty_mark_in_tx(tx, position, &wanted, &touched)
}

#[cfg(test)]
mod tests {
    use super::*;
    use leleka_domain::Frequency;

    fn key(indicator: &str, citizenship: &str, extra: &str) -> SeriesKey {
        SeriesKey {
            indicator: indicator.into(),
            frequency: Frequency::Weekly,
            body: "DMS".into(),
            territory: "UA".into(),
            citizenship: citizenship.into(),
            sex: "_T".into(),
            age: "_Z".into(),
            extra: extra.into(),
        }
    }

    #[test]
    fn the_list_is_read_and_names_indicators_of_the_catalogue() {
        let read: Wanted = serde_json::from_str(FILE).unwrap();
        let catalogue = crate::shipped_catalogue().unwrap();
        let named = read.also.iter().map(|further| &further.indicator);
        for code in read.totals_of.iter().chain(named) {
            let known = catalogue.catalogue.indicators.iter().any(|it| it.code == *code);
            assert!(known, "{code}");
        }
    }

    #[test]
    fn totals_and_the_codes_named_are_wanted_and_nothing_else() {
        let wanted = |indicator, citizenship, extra| WANTED.holds(&key(indicator, citizenship, extra));
        assert!(wanted("ASY_APPL", "_T", "applicant_type=_T"));
        assert!(wanted("ASY_APPL", "SY", ""));
        assert!(!wanted("ASY_APPL", "SY", "applicant_type=FRST"));
        assert!(
            !wanted("ASY_APPL", "UA", ""),
            "a citizenship, not the whole country"
        );
        assert!(wanted("EU_IBC", "UA", ""));
        assert!(!wanted("PAS_INTL", "_T", ""));
    }
}
