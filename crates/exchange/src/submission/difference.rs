//! What a chunk changes against what is current: a pure merge of two sorted lists.

use chrono::NaiveDate;
use leleka_domain::{ConfStatus, ObsFlags, ObsStatus, ObservationRow, RETRACTED};
use leleka_store::CurrentObservation;

/// The result of one comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Not known before, or retracted.
    pub(crate) new: u64,
    /// Known with another value or status.
    pub(crate) revised: u64,
    /// Known and equal.
    pub(crate) unchanged: u64,
    /// Known and taken back by a row that says so.
    pub(crate) retracted: u64,
    /// Series and periods that are known and equal, when they are asked for.
    pub(crate) unchanged_keys: Vec<(i64, NaiveDate)>,
    /// Rows of this submission that an earlier chunk of it holds already: `(row, earlier row)`.
    pub(crate) duplicates: Vec<(u32, u32)>,
}

/// Keeps in `rows` what is new, revised or retracted. To retract what is not there is nothing. Both lists are sorted by series and period; `own_position` marks
/// what this very submission wrote with an earlier chunk.
pub(crate) fn difference_keep(
    rows: &mut Vec<ObservationRow>,
    current: &[CurrentObservation],
    own_position: i64,
    keys_wanted: bool,
) -> Difference {
    let mut difference = Difference::default();
    let mut current = current.iter().peekable();
    rows.retain(|row| {
        let here = (row.series.0, row.period_start);
        while current
            .next_if(|known| (known.series_id, known.period) < here)
            .is_some()
        {}
        let known = current.next_if(|known| (known.series_id, known.period) == here);
        let own = known.filter(|known| known.position == own_position);
        let Some(known) = known.filter(|known| own.is_some() || known.status != RETRACTED) else {
            difference.new += u64::from(!row.retracts);
            return !row.retracts;
        };
        if own.is_some() {
            difference
                .duplicates
                .push((row.row, known.row_number.unsigned_abs()));
            return false;
        }
        if row.retracts {
            difference.retracted += 1;
            return true;
        }
        if same(row, known) {
            difference.unchanged += 1;
            if keys_wanted {
                difference.unchanged_keys.push(here);
            }
            false
        } else {
            difference.revised += 1;
            true
        }
    });
    difference
}

fn same(row: &ObservationRow, known: &CurrentObservation) -> bool {
    let (Some(status), Some(confidentiality)) = (
        ObsStatus::from_number(known.status),
        ConfStatus::from_number(known.confidentiality),
    ) else {
        return false;
    };
    row.says_the_same(
        known.value,
        status,
        ObsFlags::from_bits(known.flags),
        confidentiality,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;
    use leleka_domain::SeriesId;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, number).unwrap()
    }

    fn row(series: i64, period: u32, value: f64, number: u32) -> ObservationRow {
        ObservationRow {
            series: SeriesId(series),
            period_start: day(period),
            row: number,
            value: Some(value),
            status: ObsStatus::Normal,
            flags: ObsFlags::default(),
            confidentiality: ConfStatus::Free,
            retracts: false,
        }
    }

    fn known(series: i64, period: u32, value: f64, position: i64, row_number: i32) -> CurrentObservation {
        CurrentObservation {
            series_id: series,
            period: day(period),
            position,
            value: Some(value),
            row_number,
            flags: 0,
            status: 0,
            confidentiality: 0,
        }
    }

    #[test]
    fn new_revised_unchanged_and_repeated_rows_are_told_apart() {
        let mut rows = vec![
            row(1, 1, 5.0, 1),
            row(1, 2, 6.0, 2),
            row(1, 3, 7.0, 3),
            row(2, 1, 8.0, 4),
        ];
        let current = [
            known(1, 1, 5.0, 40, 9),
            known(1, 2, 1.0, 40, 9),
            known(2, 1, 8.0, 77, 3),
        ];
        let difference = difference_keep(&mut rows, &current, 77, true);
        assert_eq!(
            difference,
            Difference {
                new: 1,
                revised: 1,
                unchanged: 1,
                retracted: 0,
                unchanged_keys: vec![(1, day(1))],
                duplicates: vec![(4, 3)]
            }
        );
        assert_eq!(rows.iter().map(|row| row.row).collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn what_was_retracted_is_new_again_and_to_retract_it_once_more_is_nothing() {
        let gone = CurrentObservation {
            value: None,
            status: RETRACTED,
            ..known(1, 1, 5.0, 40, 0)
        };
        let mut rows = vec![row(1, 1, 5.0, 1)];
        assert_eq!(difference_keep(&mut rows, &[gone], 77, false).new, 1);
        assert_eq!(rows.len(), 1);
        let deletion = |period: u32| ObservationRow {
            value: None,
            retracts: true,
            ..row(1, period, 5.0, 1)
        };
        let mut rows = vec![deletion(1), deletion(2), deletion(3)];
        let difference = difference_keep(&mut rows, &[gone, known(1, 3, 5.0, 40, 0)], 77, true);
        assert_eq!((difference.new, difference.retracted), (0, 1));
        assert_eq!(rows, [deletion(3)]);
    }

    #[test]
    fn a_row_beside_its_own_deletion_is_a_repetition() {
        let gone = CurrentObservation {
            value: None,
            status: RETRACTED,
            ..known(1, 1, 5.0, 77, 4)
        };
        let mut rows = vec![row(1, 1, 5.0, 9)];
        let difference = difference_keep(&mut rows, &[gone], 77, false);
        assert_eq!(difference.duplicates, [(9, 4)]);
    }

    #[test]
    fn a_change_of_status_alone_is_a_revision() {
        let mut rows = vec![ObservationRow {
            status: ObsStatus::Provisional,
            ..row(1, 1, 5.0, 1)
        }];
        assert_eq!(
            difference_keep(&mut rows, &[known(1, 1, 5.0, 4, 1)], 9, false).revised,
            1
        );
    }
}
