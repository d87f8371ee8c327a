//! The columns of JSON rows: members in the order in which they were first seen.
//!
//! Bounded, because names come from outside: a catalogue has far fewer dimensions than the limit here.

use leleka_domain::{Column, ColumnOrigin, RowSink};

/// Most columns that a submission's members can make; the next is answered as unknown.
const MOST_COLUMNS: usize = 256;

/// Longest member name, in bytes; a longer one is answered as unknown.
pub(crate) const NAME_BYTES: usize = 128;

#[derive(Debug)]
struct MemberColumn {
    name: String,
    origin: ColumnOrigin,
}

/// Members seen so far.
#[derive(Debug, Default)]
pub(crate) struct MemberColumns {
    columns: Vec<MemberColumn>,
    announced: usize,
}

impl MemberColumns {
    /// The index of a member's column, made if new; `None` where no more can be made. Rows resemble each
    /// other, so the column after the previous member's is tried first.
    pub(crate) fn index_of(&mut self, likely: usize, origin: ColumnOrigin, name: &str) -> Option<usize> {
        let is_it = |column: &MemberColumn| column.name == name && column.origin == origin;
        if self.columns.get(likely).is_some_and(is_it) {
            return Some(likely);
        }
        let found = self.columns.iter().position(is_it);
        if found.is_some() || self.columns.len() >= MOST_COLUMNS || name.len() > NAME_BYTES {
            return found;
        }
        self.columns.push(MemberColumn {
            name: name.to_owned(),
            origin,
        });
        Some(self.columns.len() - 1)
    }

    /// Name of a column, and whether it stands in `dimensions`.
    pub(crate) fn name(&self, index: usize) -> (&str, bool) {
        self.columns.get(index).map_or(("", false), |column| {
            (&column.name, column.origin == ColumnOrigin::Dimension)
        })
    }

    /// Forgets the columns that only a refused row had.
    pub(crate) fn roll_back(&mut self) {
        self.columns.truncate(self.announced);
    }

    /// Tells the sink of columns that it does not know yet.
    pub(crate) fn announce<S: RowSink>(&mut self, sink: &mut S) {
        for (index, column) in self.columns.iter().enumerate().skip(self.announced) {
            sink.column(Column {
                index,
                name: &column.name,
                origin: column.origin,
            });
        }
        self.announced = self.columns.len();
    }
}
