//! The series of an observation: its tuple of numbers, its key and its number, each computed once.
//!
//! A dimension that the row leaves out is a total; one that the indicator lacks is `_Z`, or absent from `extra`.

use crate::drafts::{Draft, Slot};
use crate::judgement::Judge;
use crate::vocabulary::{COUNTRY, NOT_APPLICABLE, TERRITORY, TOTAL, TYPED_DIMENSIONS};
use leleka_domain::{Frequency, SeriesId, SeriesKey};
use rustc_hash::FxHashMap;

/// The series of one submission.
#[derive(Debug)]
pub(crate) struct SeriesBook {
    known: FxHashMap<Box<[u32]>, SeriesId>,
    key: Vec<u32>,
    last: (Vec<u32>, SeriesId),
    /// Seen for the first time and not delivered yet.
    pub(crate) new: Vec<(SeriesId, SeriesKey)>,
}

impl SeriesBook {
    pub(crate) fn empty() -> Self {
        Self {
            known: FxHashMap::default(),
            key: Vec::new(),
            last: (Vec::new(), SeriesId(0)),
            new: Vec::new(),
        }
    }
}

impl Judge<'_> {
    /// The series of an observation; its number is computed once for each series of the submission.
    pub(crate) fn series_of(
        &mut self,
        indicator: u32,
        frequency_key: u32,
        frequency: Frequency,
        draft: &Draft,
    ) -> SeriesId {
        self.series.key.clear();
        self.series.key.extend([indicator, frequency_key]);
        if let Some(entry) = self.vocabulary.indicator(indicator) {
            for number in 0..TYPED_DIMENSIONS.len() {
                let allowed = entry.allowed.get(number) == Some(&true);
                self.series.key.push(match draft.dimension(number) {
                    _ if !allowed => NOT_APPLICABLE,
                    Slot::Known(token, _) => token,
                    Slot::Blank(_) | Slot::Wrong if number == TERRITORY => COUNTRY,
                    Slot::Blank(_) | Slot::Wrong => TOTAL,
                });
            }
            for number in &entry.extra {
                self.series.key.push(match draft.dimension(*number) {
                    Slot::Known(token, _) => token,
                    Slot::Blank(_) | Slot::Wrong => TOTAL,
                });
            }
        }
        if self.series.last.0 == self.series.key {
            return self.series.last.1;
        }
        let series = match self.series.known.get(self.series.key.as_slice()) {
            Some(series) => *series,
            None => self.add_series(indicator, frequency),
        };
        self.series.last.0.clone_from(&self.series.key);
        self.series.last.1 = series;
        series
    }

    fn add_series(&mut self, indicator: u32, frequency: Frequency) -> SeriesId {
        let words = |place: usize| {
            let token = self.series.key.get(place).copied().unwrap_or(NOT_APPLICABLE);
            self.vocabulary.text(token).to_owned()
        };
        let entry = self.vocabulary.indicator(indicator);
        let extra: Vec<String> = entry
            .map_or(&[][..], |entry| &entry.extra)
            .iter()
            .enumerate()
            .map(|(place, number)| {
                format!("{}={}", self.vocabulary.dimension(*number).name, words(place + 6))
            })
            .collect();
        let key = SeriesKey {
            indicator: entry.map_or_else(String::new, |entry| entry.record.code.clone()),
            frequency,
            body: self.settings.body.to_owned(),
            territory: words(2),
            citizenship: words(3),
            sex: words(4),
            age: words(5),
            extra: extra.join(";"),
        };
        let id = key.id();
        self.series.known.insert(self.series.key.as_slice().into(), id);
        self.series.new.push((id, key));
        id
    }
}
