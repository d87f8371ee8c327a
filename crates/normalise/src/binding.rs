//! Columns bound to their meaning, once; after that a row is read by column number alone.
//!
//! On the strict wire a column is one of our words or it is unknown. Under a profile it is what the profile says.

use crate::PeriodFormat;
use crate::folding::folded_with_marks;
use crate::notes::Tally;
use crate::places::Head;
use crate::profile::{MappingProfile, ProfileColumn};
use crate::reading::{Reading, Remembered};
use crate::vocabulary::{TYPED_DIMENSIONS, Vocabulary};
use leleka_domain::{Column, ColumnOrigin};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Indicator,
    Period,
    Value,
    Status,
    Flags,
    Confidentiality,
    /// Whether the row merges, replaces or deletes its observation.
    Action,
    Dimension(usize),
    /// Only the texts that the profile lists may stand here.
    Expect,
    /// The profile says that it holds nothing for us.
    Ignore,
    /// The member `dimensions` itself, when it is no object.
    DimensionsObject,
    /// Values of a wide file, by number of the wide column.
    Wide(usize),
    /// Nobody described it.
    Unknown,
}

/// A column and what it meant so far.
#[derive(Debug)]
pub(crate) struct BoundColumn<'a> {
    pub(crate) role: Role,
    pub(crate) reading: Reading<'a>,
    pub(crate) remembered: Remembered,
    /// Lenient readings of its cells.
    pub(crate) tally: Tally,
}

impl<'a> BoundColumn<'a> {
    pub(crate) fn new(role: Role, reading: Reading<'a>) -> Self {
        Self {
            role,
            reading,
            remembered: Remembered::default(),
            tally: Tally::default(),
        }
    }
}

/// The word of our schema that a role fills.
pub(crate) fn field_of<'a>(role: Role, head: &'a Head, vocabulary: &'a Vocabulary<'_>) -> &'a str {
    match role {
        Role::Indicator => "indicator",
        Role::Period => "period",
        Role::Value | Role::Wide(_) => "value",
        Role::Status => "obs_status",
        Role::Flags => "obs_flags",
        Role::Confidentiality => "conf_status",
        Role::Action => "action",
        Role::Dimension(number) => vocabulary.dimension(number).name,
        Role::DimensionsObject => "dimensions",
        Role::Expect | Role::Ignore | Role::Unknown => &head.name,
    }
}

/// The role of a column of the strict wire.
pub(crate) fn strict_role(column: Column<'_>, vocabulary: &Vocabulary<'_>) -> Role {
    let dimension = vocabulary.dimension_number(column.name);
    let typed = dimension.filter(|number| *number < TYPED_DIMENSIONS.len());
    let as_dimension = match column.origin {
        ColumnOrigin::Header { .. } => dimension,
        ColumnOrigin::Member => typed,
        ColumnOrigin::Dimension => {
            let other = dimension.filter(|number| *number >= TYPED_DIMENSIONS.len());
            return other.map_or(Role::Unknown, Role::Dimension);
        }
    };
    match column.name {
        "indicator" => Role::Indicator,
        "period" => Role::Period,
        "value" => Role::Value,
        "obs_status" => Role::Status,
        "obs_flags" => Role::Flags,
        "conf_status" => Role::Confidentiality,
        "action" if matches!(column.origin, ColumnOrigin::Header { .. }) => Role::Action,
        "dimensions" if column.origin == ColumnOrigin::Member => Role::DimensionsObject,
        _ => as_dimension.map_or(Role::Unknown, Role::Dimension),
    }
}

/// The key under which headers are compared.
pub(crate) fn header_key(name: &str) -> String {
    folded_with_marks(name)
}

/// A column of a file that a profile describes.
pub(crate) fn profiled_column<'a>(
    column: Column<'_>,
    profile: &'a MappingProfile,
    vocabulary: &Vocabulary<'_>,
) -> BoundColumn<'a> {
    let wide = profile.wide.as_ref().and_then(|wide| {
        wide.columns
            .iter()
            .position(|one| one.index as usize == column.index)
    });
    if let Some(number) = wide {
        return BoundColumn::new(Role::Wide(number), Reading::STRICT);
    }
    let name = header_key(column.name);
    let named = |rule: &&ProfileColumn| header_key(&rule.name) == name;
    let at = |rule: &&ProfileColumn| rule.index.is_some_and(|index| index as usize == column.index);
    let mut rules = profile.columns.iter();
    let rule = rules.clone().find(|rule| at(rule) && named(rule));
    let rule = rule.or_else(|| rules.find(|rule| rule.index.is_none() && named(rule)));
    let Some(rule) = rule else {
        return BoundColumn::new(Role::Unknown, Reading::STRICT);
    };
    let role = match rule.meaning.as_str() {
        "indicator" => Role::Indicator,
        "period" => Role::Period,
        "value" => Role::Value,
        "obs_status" => Role::Status,
        "flags" => Role::Flags,
        "conf_status" => Role::Confidentiality,
        "expect" => Role::Expect,
        "ignore" => Role::Ignore,
        dimension => vocabulary
            .dimension_number(dimension)
            .map_or(Role::Unknown, Role::Dimension),
    };
    let period_format = rule.format.as_deref().and_then(|word| word.parse().ok());
    let reading = Reading {
        rule: Some(rule),
        period_format: period_format.unwrap_or(PeriodFormat::Iso),
        footnote_marks: profile.footnote_marks,
        frequency: profile.constants.get("frequency").map(String::as_str),
        lenient: false,
    };
    BoundColumn::new(role, reading)
}
