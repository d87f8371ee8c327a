//! Current figures around those of a submission: each series in a range of its own, in one statement.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use chrono::NaiveDate;
use diesel::RunQueryDsl;
use diesel::pg::PgConnection;
use diesel::sql_types::{BigInt, Date, Double, Integer};

/// A current figure: series, first day of its period, ledger position, value, row of its submission.
pub type CurrentFigure = (i64, NaiveDate, i64, f64, i32);

/// A series and the first and last day of the periods wanted.
pub type FigureRange = (i64, NaiveDate, NaiveDate);

/// The current figures of these series in these ranges; what carries no number is left out. Rows of this very
/// transaction are seen.
///
/// # Errors
/// When the database refuses.
pub fn figure_current_in_tx(
    tx: &mut Tx<'_>,
    ranges: &[FigureRange],
) -> Result<Vec<CurrentFigure>, StoreError> {
    figures_read(tx.0, ranges)
}

/// The same for a reader.
///
/// # Errors
/// When the database refuses, or the statement takes too long.
pub fn figure_current(reader: &mut Reader, ranges: &[FigureRange]) -> Result<Vec<CurrentFigure>, StoreError> {
    figures_read(&mut reader.0, ranges)
}

fn figures_read(
    connection: &mut PgConnection,
    ranges: &[FigureRange],
) -> Result<Vec<CurrentFigure>, StoreError> {
    if ranges.is_empty() {
        return Ok(Vec::new());
    }
    let series: Vec<i64> = ranges.iter().map(|(series, _, _)| *series).collect();
    let from: Vec<NaiveDate> = ranges.iter().map(|(_, from, _)| *from).collect();
    let to: Vec<NaiveDate> = ranges.iter().map(|(_, _, to)| *to).collect();
    let statement = Statement::new(
        "select u.id, o.period, o.position, o.value, o.row_number from unnest(?, ?, ?) u(id, first, last) \
         cross join lateral (select distinct on (period) period, position, value, row_number from observation \
         where series_id = u.id and period between u.first and u.last order by period, position desc) o \
         where o.value is not null order by u.id, o.period",
        vec![Bind::BigInts(&series), Bind::Days(&from), Bind::Days(&to)],
    );
    Ok(statement
        .typed::<(BigInt, Date, BigInt, Double, Integer)>()
        .load(connection)?)
}
