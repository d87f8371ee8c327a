//! One observation before it is judged: what its row, its profile and its column say, by number.
//!
//! Never judges. A slot that is wrong was told already, at its cell.

use crate::binding::Role;
use crate::places::NO_COLUMN;
use leleka_domain::{ConfStatus, ObsStatus};
use std::borrow::Cow;

/// What stands for one dimension, the indicator or the period of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// Not there, or empty, in this column.
    Blank(u32),
    /// There and wrong; told already.
    Wrong,
    /// Number of the token, indicator or period, and its column.
    Known(u32, u32),
}

/// One observation before it is judged.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) indicator: Slot,
    pub(crate) period: Slot,
    pub(crate) dimensions: Vec<Slot>,
    pub(crate) statuses: Vec<ObsStatus>,
    pub(crate) status_wrong: bool,
    pub(crate) confidentiality: ConfStatus,
    /// The row deletes its observation.
    pub(crate) deletes: bool,
}

impl Draft {
    pub(crate) fn empty(dimensions: usize) -> Self {
        Self {
            indicator: Slot::Blank(NO_COLUMN),
            period: Slot::Blank(NO_COLUMN),
            dimensions: vec![Slot::Blank(NO_COLUMN); dimensions],
            statuses: Vec::new(),
            status_wrong: false,
            confidentiality: ConfStatus::Free,
            deletes: false,
        }
    }

    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.indicator = other.indicator;
        self.period = other.period;
        self.dimensions.clone_from(&other.dimensions);
        self.statuses.clone_from(&other.statuses);
        self.status_wrong = other.status_wrong;
        self.confidentiality = other.confidentiality;
        self.deletes = other.deletes;
    }

    /// Puts what stands for the indicator, the period or a dimension; other roles hold no code.
    pub(crate) fn put(&mut self, role: Role, slot: Slot) {
        match role {
            Role::Indicator => self.indicator = slot,
            Role::Period => self.period = slot,
            Role::Dimension(number) => {
                if let Some(place) = self.dimensions.get_mut(number) {
                    *place = slot;
                }
            }
            Role::Value
            | Role::Status
            | Role::Flags
            | Role::Confidentiality
            | Role::Action
            | Role::Expect
            | Role::Ignore
            | Role::DimensionsObject
            | Role::Wide(_)
            | Role::Unknown => {}
        }
    }

    pub(crate) fn dimension(&self, number: usize) -> Slot {
        self.dimensions
            .get(number)
            .copied()
            .unwrap_or(Slot::Blank(NO_COLUMN))
    }

    pub(crate) fn says_it_may_change(&self) -> bool {
        self.statuses.iter().any(|status| {
            matches!(
                status,
                ObsStatus::Provisional | ObsStatus::Estimated | ObsStatus::Forecast
            )
        })
    }
}

/// The number of an observation as it was sent.
#[derive(Clone, Debug)]
pub(crate) enum Sent<'t> {
    /// None was sent.
    Nothing,
    /// Something that is no number; told already.
    Wrong,
    /// A text of the strict grammar, still to be judged.
    Text(Cow<'t, str>),
}

/// A number, the text it was written as, and its column.
#[derive(Clone, Debug)]
pub(crate) struct SentValue<'t> {
    pub(crate) sent: Sent<'t>,
    pub(crate) raw: &'t str,
    pub(crate) column: u32,
    /// How a right number looks in this file.
    pub(crate) decimal_mark: char,
}

/// How a right number looks.
pub(crate) fn number_example(decimals: u8, decimal_mark: char) -> String {
    if decimals == 0 {
        "1204".to_owned()
    } else {
        format!("6{decimal_mark}7")
    }
}
