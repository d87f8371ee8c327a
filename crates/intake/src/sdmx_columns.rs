//! Columns of SDMX-CSV and what our rows call them.
//!
//! Never decides which dimensions an indicator has: that is the catalogue's word, checked later.

use crate::header::spreadsheet_column;
use leleka_domain::{Cell, CellKind, FindingColumn};
use std::borrow::Cow;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The dataflow of 1.0.
    Dataflow,
    /// The kind of structure of 2.x.
    Structure,
    /// The identifier of the structure of 2.x.
    StructureId,
    Action,
    /// The frequency, which our periods say themselves.
    Frequency,
    Dimension,
    Period,
    Value,
    Status,
    /// Other attributes that our rows have.
    Attribute,
    /// The power of ten that values would have to be multiplied by.
    Multiplier,
    /// Known, and without a place in our series.
    Unused,
    /// Known as nothing.
    Unknown,
}

impl Part {
    /// Whether it says something about an observation, beside which one it is.
    pub(crate) fn is_content(self) -> bool {
        match self {
            Self::Value | Self::Status | Self::Attribute | Self::Multiplier | Self::Unused => true,
            Self::Dataflow
            | Self::Structure
            | Self::StructureId
            | Self::Action
            | Self::Frequency
            | Self::Dimension
            | Self::Period
            | Self::Unknown => false,
        }
    }

    /// Whether it is part of the key of an observation.
    pub(crate) fn is_dimension(self) -> bool {
        matches!(self, Self::Frequency | Self::Dimension | Self::Period)
    }
}

/// A column of the file.
#[derive(Debug)]
pub(crate) struct SdmxColumn {
    /// As the header writes it.
    pub(crate) name: String,
    pub(crate) part: Part,
    /// Its name in our rows.
    pub(crate) ours: Option<String>,
}

impl SdmxColumn {
    /// What a column is by its identifier.
    pub(crate) fn new(id: &str, name: &str, dimensions: &[String]) -> Self {
        let (part, ours) = match id {
            "DATAFLOW" => (Part::Dataflow, None),
            "STRUCTURE" => (Part::Structure, None),
            "STRUCTURE_ID" => (Part::StructureId, None),
            "ACTION" => (Part::Action, Some("action")),
            "FREQ" => (Part::Frequency, None),
            "INDICATOR" => (Part::Dimension, Some("indicator")),
            "REF_AREA" => (Part::Dimension, Some("territory")),
            "CITIZENSHIP" => (Part::Dimension, Some("citizenship")),
            "SEX" => (Part::Dimension, Some("sex")),
            "AGE" => (Part::Dimension, Some("age")),
            "TIME_PERIOD" => (Part::Period, Some("period")),
            "OBS_VALUE" => (Part::Value, Some("value")),
            "OBS_STATUS" => (Part::Status, Some("obs_status")),
            "CONF_STATUS" => (Part::Attribute, Some("conf_status")),
            "OBS_FLAGS" => (Part::Attribute, Some("obs_flags")),
            "UNIT_MULT" => (Part::Multiplier, None),
            "UNIT_MEASURE" | "DECIMALS" | "COMMENT" | "COMMENT_OBS" | "OBS_COMMENT" | "COMMENT_TS"
            | "TITLE" => (Part::Unused, None),
            // Names and keys of what other columns say already.
            "STRUCTURE_NAME" | "SERIES_KEY" | "OBS_KEY" | "VALID_FROM" | "VALID_TO" => (Part::Unused, None),
            _ => {
                let other = dimensions.iter().find(|name| name.to_uppercase() == id);
                let part = other.map_or(Part::Unknown, |_| Part::Dimension);
                (part, other.map(String::as_str))
            }
        };
        Self {
            name: name.to_owned(),
            part,
            ours: ours.map(str::to_owned),
        }
    }

    /// The column of a finding.
    pub(crate) fn place(&self, index: usize) -> FindingColumn {
        spreadsheet_column(index, &self.name)
    }

    /// The cell as our rows have it: without a label, and without the mark of an attribute that is missing.
    pub(crate) fn cell<'c>(&self, sent: &'c Cell<'_>, labels: bool) -> Cell<'c> {
        let mut text: &str = &sent.text;
        if labels && (self.part.is_dimension() || matches!(self.part, Part::Status | Part::Attribute)) {
            text = cut_label(text);
        }
        let missing = text == "#N/A" && matches!(self.part, Part::Status | Part::Attribute);
        if missing || (self.ours.is_none() && self.part != Part::Multiplier) || sent.kind == CellKind::Absent
        {
            return Cell::ABSENT;
        }
        Cell {
            text: Cow::Borrowed(text),
            kind: sent.kind,
        }
    }
}

/// The identifier in front of a label: `AF` of `AF: Afghanistan`.
pub(crate) fn cut_label(text: &str) -> &str {
    text.split_once(": ").map_or(text, |(id, _)| id)
}

/// A reporting period of a calendar year as our rows write it: `2015-M07` is `2015-07`, `2015-A1` is `2015`.
pub(crate) fn period_canonical(text: &str) -> Option<String> {
    let (year, rest) = text.trim().split_once('-')?;
    match rest.strip_prefix('M') {
        Some(month) if month.len() == 2 => Some(format!("{year}-{month}")),
        _ => (rest == "A1").then(|| year.to_owned()),
    }
}

/// The frequency that the form of a period says; `None` for a form that says none.
pub(crate) fn period_frequency(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let Some((_, rest)) = text.split_once('-') else {
        let year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        return year.then_some("A");
    };
    match (rest.as_bytes(), rest.len()) {
        ([b'W', ..], 3) => Some("W"),
        ([b'Q', ..], 2) => Some("Q"),
        ([b'S', ..], 2) => Some("S"),
        ([b'0'..=b'9', b'0'..=b'9'], 2) => Some("M"),
        ([_, _, b'-', ..], 5) => Some("D"),
        _ => None,
    }
}
