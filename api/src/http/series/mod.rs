//! Series: what data there are.

pub(crate) mod list;

use crate::http::query::QueryReader;
use crate::service::Service;
use leleka_contract::v1::Series;
use leleka_domain::Frequency;
use leleka_exchange::Book;
use leleka_store::{SeriesFilter, StoredSeries};

/// Reads the filters that series and observations share; every code is checked against the catalogue later.
pub(crate) fn series_filter_read(query: &mut QueryReader) -> (SeriesFilter, bool) {
    let filter = SeriesFilter {
        indicators: query.many("indicator"),
        bodies: query.many("body"),
        territories: query.many("territory"),
        citizenships: query.many("citizenship"),
        sexes: query.many("sex"),
        ages: query.many("age"),
        frequencies: query.words("frequency", &["A", "S", "Q", "M", "W", "D", "_O"]),
        extras: query.many("dimension"),
        key: None,
        after_key: None,
    };
    for extra in &filter.extras {
        if extra
            .split_once('=')
            .is_none_or(|(name, code)| name.is_empty() || code.is_empty())
        {
            query.fault("dimension", "name=CODE");
        }
    }
    (filter, query.flag("descendants", false))
}

/// Adds the territories below those named, when asked for.
pub(crate) fn descendants_add(book: &Book, filter: &mut SeriesFilter) {
    let named = std::mem::take(&mut filter.territories);
    for code in named {
        let below = book.codebook.descendants(&code);
        if below.is_empty() {
            filter.territories.push(code);
        } else {
            filter
                .territories
                .extend(below.iter().map(|code| (*code).to_owned()));
        }
    }
}

/// The wire form of a series.
pub(crate) fn series_wire(service: &Service, stored: &StoredSeries) -> Series {
    let key = &stored.key;
    let typed = |code: &str| (code != "_Z").then(|| code.to_owned());
    let book = service.centre.book();
    Series {
        id: format!("{:016x}", stored.id.0),
        indicator: key.indicator.clone(),
        frequency: match key.frequency {
            Frequency::SpanMonths(_) | Frequency::SpanDays(_) => "_O".to_owned(),
            other => other.to_string(),
        },
        body: key.body.clone(),
        territory: typed(&key.territory),
        citizenship: typed(&key.citizenship),
        sex: typed(&key.sex),
        age: typed(&key.age),
        dimensions: key
            .extra_dimensions()
            .map(|(name, code)| (name.to_owned(), code.to_owned()))
            .collect(),
        unit: book
            .codebook
            .indicator(&key.indicator)
            .map_or_else(String::new, |indicator| indicator.unit.clone()),
    }
}
