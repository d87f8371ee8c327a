//! What a chunk changes against what is current: a pure merge of two sorted lists.

use leleka_domain::{ConfStatus, ObsFlags, ObsStatus, ObservationRow};
use leleka_store::CurrentObservation;

/// The result of one comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Not known before.
    pub(crate) new: u64,
    /// Known with another value or status.
    pub(crate) revised: u64,
    /// Known and equal.
    pub(crate) unchanged: u64,
    /// Rows of this submission that an earlier chunk of it holds already: `(row, earlier row)`.
    pub(crate) duplicates: Vec<(u32, u32)>,
}

/// Keeps in `rows` what is new or revised. Both lists are sorted by series and period; `own_position` marks
/// what this very submission wrote with an earlier chunk.
pub(crate) fn difference_keep(
    rows: &mut Vec<ObservationRow>,
    current: &[CurrentObservation],
    own_position: i64,
) -> Difference {
    let mut difference = Difference::default();
    let mut current = current.iter().peekable();
    rows.retain(|row| {
        let here = (row.series.0, row.period_start);
        while current
            .next_if(|known| (known.series_id, known.period) < here)
            .is_some()
        {}
        let Some(known) = current.next_if(|known| (known.series_id, known.period) == here) else {
            difference.new += 1;
            return true;
        };
        if known.position == own_position {
            difference
                .duplicates
                .push((row.row, known.row_number.unsigned_abs()));
            return false;
        }
        if same(row, known) {
            difference.unchanged += 1;
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
        let difference = difference_keep(&mut rows, &current, 77);
        assert_eq!(
            difference,
            Difference {
                new: 1,
                revised: 1,
                unchanged: 1,
                duplicates: vec![(4, 3)]
            }
        );
        assert_eq!(rows.iter().map(|row| row.row).collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn a_change_of_status_alone_is_a_revision() {
        let mut rows = vec![ObservationRow {
            status: ObsStatus::Provisional,
            ..row(1, 1, 5.0, 1)
        }];
        assert_eq!(
            difference_keep(&mut rows, &[known(1, 1, 5.0, 4, 1)], 9).revised,
            1
        );
    }
}
