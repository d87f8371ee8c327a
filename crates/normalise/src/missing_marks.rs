//! What stands in a cell instead of a number: no data, not applicable, suppressed, a true zero, nothing.
//!
//! Never merges them. The marks are those of the State Statistics Service, Eurostat, UNHCR and IOM. An empty
//! cell means nothing by itself: only a profile can say what it stands for. A spreadsheet's fault (`#N/A`) is
//! no mark.

use crate::folding::folded_with_marks;
use leleka_domain::ObsStatus;

/// What a cell says instead of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingMark {
    /// Nothing at all: its meaning has to be asked.
    Empty,
    /// The thing did not occur.
    Zero,
    /// Why there is no number.
    Status(ObsStatus),
}

/// Marks, folded. A letter of the other alphabet folds to itself, so that both are named.
const MARKS: [(&str, ObsStatus); 35] = [
    (":", ObsStatus::Missing),
    ("…", ObsStatus::Missing),
    ("...", ObsStatus::Missing),
    ("..", ObsStatus::Missing),
    ("n/a", ObsStatus::Missing),
    ("na", ObsStatus::Missing),
    ("n.a.", ObsStatus::Missing),
    ("null", ObsStatus::Missing),
    ("data not available", ObsStatus::Missing),
    ("not available", ObsStatus::Missing),
    ("no data", ObsStatus::Missing),
    ("н/д", ObsStatus::Missing),
    ("н.д.", ObsStatus::Missing),
    ("нд", ObsStatus::Missing),
    ("немає даних", ObsStatus::Missing),
    ("нема даних", ObsStatus::Missing),
    ("даних немає", ObsStatus::Missing),
    ("дані відсутні", ObsStatus::Missing),
    ("дані не надано", ObsStatus::Missing),
    ("x", ObsStatus::NotApplicable),
    ("х", ObsStatus::NotApplicable),
    ("z", ObsStatus::NotApplicable),
    ("not applicable", ObsStatus::NotApplicable),
    ("не застосовується", ObsStatus::NotApplicable),
    ("*", ObsStatus::Suppressed),
    ("c", ObsStatus::Suppressed),
    ("с", ObsStatus::Suppressed),
    ("k", ObsStatus::Suppressed),
    ("к", ObsStatus::Suppressed),
    ("конфіденційно", ObsStatus::Suppressed),
    ("confidential", ObsStatus::Suppressed),
    ("suppressed", ObsStatus::Suppressed),
    ("not collected", ObsStatus::NotCollected),
    ("дані не збираються", ObsStatus::NotCollected),
    ("l", ObsStatus::NotCollected),
];

/// What a cell says instead of a number; `None` when it says none of the known things.
#[must_use]
pub fn missing_mark(text: &str) -> Option<MissingMark> {
    let key = folded_with_marks(text);
    if key.is_empty() {
        return Some(MissingMark::Empty);
    }
    // Every dash folds to a hyphen.
    if key == "-" {
        return Some(MissingMark::Zero);
    }
    let found = MARKS.iter().find(|(mark, _)| *mark == key);
    found.map(|(_, status)| MissingMark::Status(*status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_of_nothing_are_told_apart() {
        for (text, expected) in [
            ("…", Some(MissingMark::Status(ObsStatus::Missing))),
            (" … ", Some(MissingMark::Status(ObsStatus::Missing))),
            ("N/A", Some(MissingMark::Status(ObsStatus::Missing))),
            ("Х", Some(MissingMark::Status(ObsStatus::NotApplicable))),
            ("X", Some(MissingMark::Status(ObsStatus::NotApplicable))),
            (
                "Not applicable",
                Some(MissingMark::Status(ObsStatus::NotApplicable)),
            ),
            ("К", Some(MissingMark::Status(ObsStatus::Suppressed))),
            ("–", Some(MissingMark::Zero)),
            ("—", Some(MissingMark::Zero)),
            ("", Some(MissingMark::Empty)),
            ("\u{a0}", Some(MissingMark::Empty)),
            ("#N/A", None),
            ("#REF!", None),
            ("0", None),
            ("--", None),
        ] {
            assert_eq!(missing_mark(text), expected, "{text}");
        }
    }
}
