//! Rows of a sheet that are no data, by their label: section heads, page heads, tags, totals.
//!
//! Says only what the label says. Whether a total is kept is for the reader of the rows: totals are data.

use crate::folding::folded_with_marks;

/// What a label says about its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowLabel {
    /// «у тому числі»: the rows below are parts of the row above.
    Subheader,
    /// A page head, a unit, a word for what stands below: nothing to read.
    Skip,
    /// Tags of the Humanitarian Exchange Language: a second header.
    HxlTags,
    /// A sum over the rows around it.
    Total,
}

const SUBHEADERS: [&str; 24] = [
    "у тому числі",
    "в тому числі",
    "у т.ч.",
    "в т.ч.",
    "у т.ч",
    "в т.ч",
    "зокрема",
    "із них",
    "з них",
    "iз них",
    "у томі числі",
    "including",
    "of which",
    "of them",
    "out of which",
    "incl.",
    "of whom",
    "among them",
    "у тому числі за",
    "у тому числі по",
    "в тому числі по",
    "з яких",
    "із яких",
    "у розрізі",
];
const TOTALS: [&str; 20] = [
    "усього",
    "всього",
    "разом",
    "загалом",
    "підсумок",
    "підсумки",
    "total",
    "grand total",
    "sum",
    "разом по області",
    "усього по області",
    "всього по області",
    "усього по україні",
    "всього по україні",
    "разом по україні",
    "україна",
    "ukraine",
    "усього осіб",
    "всього осіб",
    "overall",
];
const UNITS: [&str; 29] = [
    "район",
    "громада",
    "територія",
    "осіб",
    "особи",
    "(осіб)",
    "(особи)",
    "тис.осіб",
    "(тис.осіб)",
    "тис. осіб",
    "persons",
    "(persons)",
    "thousand persons",
    "одиниць",
    "(одиниць)",
    "відсотків",
    "(відсотків)",
    "%",
    "області",
    "область",
    "регіони",
    "regions",
    "oblasts",
    "райони",
    "країни",
    "countries",
    "місто",
    "а",
    "б",
];
const PAGE_HEADS: [&str; 16] = [
    "продовження табл",
    "продовження таблиці",
    "закінчення табл",
    "закінчення таблиці",
    "продовження додатка",
    "continued table",
    "continuation of table",
    "table continued",
    "джерело:",
    "source:",
    "примітка",
    "note:",
    "notes:",
    "* ",
    "таблиця ",
    "table ",
];

/// What a label says about its row; `None` for every other text.
#[must_use]
pub fn row_label(text: &str) -> Option<RowLabel> {
    let key = folded_with_marks(text);
    if key.starts_with('#')
        && key
            .get(1..)
            .is_some_and(|tag| tag.starts_with(|letter: char| letter.is_ascii_alphabetic()))
        && !is_fault(&key)
    {
        return Some(RowLabel::HxlTags);
    }
    if PAGE_HEADS.iter().any(|head| key.starts_with(head)) {
        return Some(RowLabel::Skip);
    }
    if UNITS.contains(&key.as_str()) {
        return Some(RowLabel::Skip);
    }
    let bare = key
        .trim_end_matches([':', ',', ';', '-', '*', ' '])
        .trim_start_matches(['-', ' ']);
    if SUBHEADERS.contains(&bare) {
        return Some(RowLabel::Subheader);
    }
    let without_point = bare.trim_end_matches('.');
    let numbers_follow = TOTALS.iter().any(|total| {
        *total == without_point
            || without_point
                .strip_prefix(total)
                .is_some_and(|rest| rest.starts_with([' ', ',']))
    });
    numbers_follow.then_some(RowLabel::Total)
}

/// `#n/a`, `#ref!`: a spreadsheet's fault, not a tag.
fn is_fault(key: &str) -> bool {
    key.ends_with(['!', '?']) || key == "#n/a"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_published_sheets_are_told_apart() {
        for (text, expected) in [
            ("у тому числі", Some(RowLabel::Subheader)),
            ("в тому числі:", Some(RowLabel::Subheader)),
            ("  із них:", Some(RowLabel::Subheader)),
            ("в т. ч.", Some(RowLabel::Subheader)),
            ("Продовження табл. 3 / Continued table 3", Some(RowLabel::Skip)),
            ("Закінчення табл. 3", Some(RowLabel::Skip)),
            ("області", Some(RowLabel::Skip)),
            ("Осіб", Some(RowLabel::Skip)),
            ("#adm1+code", Some(RowLabel::HxlTags)),
            ("#country+name", Some(RowLabel::HxlTags)),
            ("#N/A", None),
            ("#REF!", None),
            ("Усього", Some(RowLabel::Total)),
            ("Всього національних природних парків", Some(RowLabel::Total)),
            ("Разом:", Some(RowLabel::Total)),
            ("Вінницька", None),
            ("", None),
        ] {
            assert_eq!(row_label(text), expected, "{text}");
        }
    }
}
