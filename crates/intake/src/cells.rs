//! The cells of the row being read.

use leleka_domain::Cell;

/// Empties the cells and keeps their allocation for the next row: collecting an emptied vector into one of the
/// same layout happens in place.
pub(crate) fn recycled(mut cells: Vec<Cell<'_>>) -> Vec<Cell<'static>> {
    cells.clear();
    cells.into_iter().map(|_| Cell::ABSENT).collect()
}

/// Whether a text has more characters than allowed. Counts only where bytes leave a doubt.
pub(crate) fn is_too_long(text: &str, most_characters: usize) -> bool {
    text.len() > most_characters && text.chars().nth(most_characters).is_some()
}
