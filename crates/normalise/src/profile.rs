//! A mapping profile: how the files of one sender are to be read, as data.
//!
//! A profile declares; it never contains code, and nothing in code names a particular body or file. A member
//! that is not described here is refused, so that a typing error in a profile cannot pass.

use crate::folded;
use crate::folding::folded_with_marks;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How one kind of file becomes observations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappingProfile {
    /// Stable code.
    pub code: String,
    /// Version, from 1; a used version is never changed.
    pub version: u32,
    /// The body whose files these are.
    pub body: String,
    /// The dataflow that they deliver.
    pub dataflow: String,
    /// What the profile is for, in Ukrainian.
    #[serde(default)]
    pub note_uk: String,
    /// What the profile is for, in English.
    #[serde(default)]
    pub note_en: String,
    /// Bytes, separators and numbers.
    #[serde(default)]
    pub dialect: Dialect,
    /// Where the header is and how it begins.
    #[serde(default)]
    pub header: Header,
    /// Sheets of a workbook that the profile reads, each with the codes that hold for it beside the constants.
    /// Empty: the sheet that the sender names, otherwise the first one with data.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sheets: BTreeMap<String, BTreeMap<String, String>>,
    /// Codes that hold for the whole file, by dimension, `indicator` or `frequency`. A dimension counts only
    /// where the indicator of the row has it.
    #[serde(default)]
    pub constants: BTreeMap<String, String>,
    /// Every column, by its header.
    #[serde(default)]
    pub columns: Vec<ProfileColumn>,
    /// Columns that each hold a series of values; absent for tall files.
    #[serde(default)]
    pub wide: Option<Wide>,
    /// Texts in place of a number, and the status letter that each means; the empty text is an empty cell.
    #[serde(default)]
    pub missing: BTreeMap<String, String>,
    /// Texts that mean a true zero.
    #[serde(default)]
    pub zero: Vec<String>,
    /// Flag marks and the status letter of each; several marks combine, an empty letter says nothing.
    #[serde(default)]
    pub flags: BTreeMap<String, String>,
    /// Rows that are no data; each is counted under its rule's code.
    #[serde(default)]
    pub skip_rows_when: Vec<SkipRule>,
    /// Label rows whose meaning holds for the rows below.
    #[serde(default)]
    pub sections: Option<Sections>,
    /// Whether headers, numbers and periods may carry footnote stars and superscripts.
    #[serde(default)]
    pub footnote_marks: bool,
}

/// Bytes, separators and numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Dialect {
    /// `utf-8`, `windows-1251`, `koi8-u`, `ibm866`, `iso-8859-1` or `utf-16`.
    pub encoding: String,
    /// Between cells.
    pub delimiter: char,
    /// Between whole part and fraction.
    pub decimal_mark: char,
    /// Marks between groups of three digits, each of them allowed; a plain space stands for every space.
    pub thousands: Option<String>,
    /// Whether the two marks hold, or each number is read by itself.
    #[serde(skip_serializing_if = "Numbers::is_declared")]
    pub numbers: Numbers,
}

/// How the numbers of a file are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbers {
    /// By the declared marks.
    #[default]
    Declared,
    /// Each in whichever way has one reading; two readings are refused.
    Auto,
}

impl Numbers {
    fn is_declared(&self) -> bool {
        *self == Self::Declared
    }
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            encoding: "utf-8".into(),
            delimiter: ',',
            decimal_mark: '.',
            thousands: None,
            numbers: Numbers::Declared,
        }
    }
}

/// Where the header is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Header {
    /// Rows of the header.
    pub rows: u32,
    /// Rows before it.
    pub skip_rows: u32,
    /// How the header begins: a file of another kind is refused at once.
    pub first_columns: Vec<String>,
}

impl Default for Header {
    fn default() -> Self {
        Self {
            rows: 1,
            skip_rows: 0,
            first_columns: Vec::new(),
        }
    }
}

/// One column of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileColumn {
    /// Its header.
    pub name: String,
    /// Which column, counted from 0, where the header does not tell: it has no text, or stands beyond the header
    /// rows of a sheet. Otherwise the column is found by its header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u32>,
    /// `period`, `value`, `flags`, `indicator`, `obs_status`, `conf_status`, `expect`, `ignore`, or a dimension.
    #[serde(rename = "as")]
    pub meaning: String,
    /// For a period its form; for a dimension the scheme of its codes, such as `alpha3`.
    #[serde(default)]
    pub format: Option<String>,
    /// Whether names and aliases are read as well as codes.
    #[serde(default)]
    pub labels: bool,
    /// Texts of the sender and the code that each means; looked at first, compared folded.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// For `expect`: the only texts that may stand there.
    #[serde(default)]
    pub equals: Vec<String>,
    /// Why it is ignored or expected, in Ukrainian.
    #[serde(default)]
    pub reason_uk: Option<String>,
    /// Why it is ignored or expected, in English.
    #[serde(default)]
    pub reason_en: Option<String>,
}

impl ProfileColumn {
    /// The code that the column's `values` give to a text.
    pub(crate) fn mapped(&self, text: &str, footnote_marks: bool) -> Option<&str> {
        if self.values.is_empty() {
            return None;
        }
        if let Some(code) = self.values.get(text) {
            return Some(code);
        }
        let wanted = folded_label(text, footnote_marks, |key| {
            self.values.keys().any(|label| folded_with_marks(label) == key)
        })?;
        let mut pairs = self.values.iter();
        pairs.find_map(|(label, code)| (folded_with_marks(label) == wanted).then_some(code.as_str()))
    }
}

/// The folded key of a label that is known: whole, or without its footnote where footnotes are declared.
pub(crate) fn folded_label(
    text: &str,
    footnote_marks: bool,
    is_known: impl Fn(&str) -> bool,
) -> Option<String> {
    let whole = folded_with_marks(text);
    if is_known(&whole) {
        return Some(whole);
    }
    if !footnote_marks {
        return None;
    }
    let mut key = folded(text);
    if !is_known(&key) && key.ends_with(|letter: char| letter.is_ascii_digit()) {
        key.pop();
    }
    is_known(&key).then_some(key)
}

/// A file whose columns are series.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wide {
    /// The columns that hold values.
    pub columns: Vec<WideColumn>,
}

/// One column of values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WideColumn {
    /// Which column, counted from 0.
    pub index: u32,
    /// Its indicator, when the columns differ in it.
    #[serde(default)]
    pub indicator: Option<String>,
    /// Its canonical period, when the columns differ in it.
    #[serde(default)]
    pub period: Option<String>,
    /// Its dimension codes.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
}

/// Rows that are no data. A row is skipped when any of the conditions holds; texts are compared folded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SkipRule {
    /// Header of the column that is looked at.
    pub column: String,
    /// The cell is one of these.
    #[serde(default)]
    pub equals: Vec<String>,
    /// The cell starts with one of these.
    #[serde(default)]
    pub starts_with: Vec<String>,
    /// The cell contains one of these.
    #[serde(default)]
    pub contains: Vec<String>,
    /// The cell is empty.
    #[serde(default)]
    pub empty: bool,
    /// Under which the skipped rows are counted.
    pub code: String,
    /// Why they are no data, in Ukrainian.
    #[serde(default)]
    pub reason_uk: String,
    /// Why they are no data, in English.
    #[serde(default)]
    pub reason_en: String,
}

/// Label rows: the codes hold for the rows below, until the next label.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sections {
    /// Header of the column that holds the labels.
    pub column: String,
    /// Labels and the codes of each, by dimension or `indicator`.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
}

/// Under which label rows are counted.
pub const SECTION_ROWS: &str = "section";
