//! Every member of a mapping profile: its form, its limits, and what it says. A new member of the Rust type gets its line
//! here; a test compares the two.

use crate::profile_shape::PROFILE_CODE;
use leleka_domain::{JsonMember as Member, JsonShape as Shape, json_may as may, json_must as must};

const LABEL: Shape = Shape::Text(500);
const NOTE: Shape = Shape::Text(2_000);
const CODES: Shape = Shape::Names(&Shape::Text(64), 64);
const LABELS: Shape = Shape::List(&LABEL, 2_000);
/// Words of `dialect.encoding`.
pub(crate) const ENCODINGS: &[&str] = &[
    "utf-8",
    "windows-1251",
    "koi8-u",
    "ibm866",
    "iso-8859-1",
    "utf-16",
];
/// Words of `dialect.decimal_mark`.
const DECIMAL_MARKS: &[&str] = &[".", ","];

const DIALECT: &[Member] = &[
    may(
        "encoding",
        Shape::Word(ENCODINGS),
        "Encoding of the file; a byte order mark outranks it.",
    ),
    may(
        "delimiter",
        Shape::Letter,
        "Between cells, an ASCII character; the comma when absent.",
    ),
    may(
        "decimal_mark",
        Shape::Word(DECIMAL_MARKS),
        "Between whole part and fraction; the point when absent.",
    ),
    may(
        "thousands",
        Shape::OrNull(&Shape::Text(8)),
        "Marks between groups of three digits, each of them allowed; a plain space stands for every space.",
    ),
    may(
        "numbers",
        Shape::Word(NUMBERS),
        "declared: by these marks, as when absent; auto: each number in whichever way has one reading.",
    ),
];
/// Words of `dialect.numbers`.
const NUMBERS: &[&str] = &["declared", "auto"];

const HEADER: &[Member] = &[
    may("rows", Shape::Count(1, 4), "Rows of the header; 1 when absent."),
    may(
        "skip_rows",
        Shape::Count(0, 1_000),
        "Rows before it; 0 when absent.",
    ),
    may(
        "first_columns",
        LABELS,
        "How the header begins, from the left: a file of another kind is refused at once.",
    ),
];
const COLUMN: &[Member] = &[
    must(
        "name",
        LABEL,
        "Its header; the empty text is a column without one.",
    ),
    may(
        "index",
        Shape::OrNull(&Shape::Count(0, 1_023)),
        "Which column, counted from 0, where the header does not tell.",
    ),
    must(
        "as",
        Shape::Text(64),
        "period, value, flags, indicator, obs_status, conf_status, expect, ignore, or a dimension.",
    ),
    may(
        "format",
        Shape::OrNull(&Shape::Text(32)),
        "Of a period: iso, eurostat, year, month, date, words; of a dimension the scheme of its codes.",
    ),
    may(
        "labels",
        Shape::Flag,
        "Whether names and aliases are read as well as codes.",
    ),
    may(
        "values",
        Shape::Names(&Shape::Text(64), 2_000),
        "Texts of the sender and the code that each means; looked at first.",
    ),
    may(
        "equals",
        LABELS,
        "For expect: the only texts that may stand there.",
    ),
    may(
        "reason_uk",
        Shape::OrNull(&NOTE),
        "Why it is ignored or expected, in Ukrainian.",
    ),
    may(
        "reason_en",
        Shape::OrNull(&NOTE),
        "Why it is ignored or expected, in English.",
    ),
];
const WIDE_COLUMN: &[Member] = &[
    must("index", Shape::Count(0, 9_999), "Which column, counted from 0."),
    may(
        "indicator",
        Shape::OrNull(&Shape::Text(64)),
        "Its indicator, when the columns differ in it.",
    ),
    may(
        "period",
        Shape::OrNull(&Shape::Text(32)),
        "Its canonical period, when the columns differ in it.",
    ),
    may("dimensions", CODES, "Its dimension codes."),
];
const WIDE: &[Member] = &[must(
    "columns",
    Shape::List(&Shape::Object(WIDE_COLUMN), 1_000),
    "The columns that hold values.",
)];
const SKIP_RULE: &[Member] = &[
    must("column", LABEL, "Header of the column that is looked at."),
    may("equals", LABELS, "The cell is one of these."),
    may("starts_with", LABELS, "The cell starts with one of these."),
    may("contains", LABELS, "The cell contains one of these."),
    may("empty", Shape::Flag, "The cell is empty."),
    must(
        "code",
        Shape::Text(64),
        "Under which the skipped rows are counted.",
    ),
    may("reason_uk", NOTE, "Why they are no data, in Ukrainian."),
    may("reason_en", NOTE, "Why they are no data, in English."),
];
const SECTIONS: &[Member] = &[
    must("column", LABEL, "Header of the column that holds the labels."),
    must(
        "values",
        Shape::Names(&CODES, 500),
        "Labels and the codes of each, by dimension or indicator.",
    ),
];
pub(crate) const PROFILE: &[Member] = &[
    must("code", PROFILE_CODE, "Stable code, for profile=CODE."),
    may(
        "version",
        Shape::Count(1, 2_147_483_647),
        "Version; the service gives it, whatever is sent.",
    ),
    must("body", Shape::Text(32), "The body whose files these are."),
    must("dataflow", Shape::Text(64), "The dataflow that they deliver."),
    may("note_uk", NOTE, "What the profile is for, in Ukrainian."),
    may("note_en", NOTE, "What the profile is for, in English."),
    may(
        "dialect",
        Shape::Object(DIALECT),
        "Bytes, separators and numbers.",
    ),
    may(
        "header",
        Shape::Object(HEADER),
        "Where the header is and how it begins.",
    ),
    may(
        "sheets",
        Shape::Names(&CODES, 200),
        "Sheets of a workbook that the profile reads, each with the codes that hold for it beside the constants.",
    ),
    may(
        "constants",
        CODES,
        "Codes that hold for the whole file, by dimension, indicator or frequency.",
    ),
    may(
        "columns",
        Shape::List(&Shape::Object(COLUMN), 1_000),
        "Every column, by its header.",
    ),
    may(
        "wide",
        Shape::OrNull(&Shape::Object(WIDE)),
        "Columns that each hold a series of values; absent for tall files.",
    ),
    may(
        "missing",
        Shape::Names(&Shape::Text(1), 200),
        "Texts in place of a number, and the status letter that each means; the empty text is an empty cell.",
    ),
    may("zero", LABELS, "Texts that mean a true zero."),
    may(
        "flags",
        Shape::Names(&Shape::Text(1), 200),
        "Flag marks and the status letter of each; an empty letter says nothing.",
    ),
    may(
        "skip_rows_when",
        Shape::List(&Shape::Object(SKIP_RULE), 200),
        "Rows that are no data; each is counted under its rule's code.",
    ),
    may(
        "sections",
        Shape::OrNull(&Shape::Object(SECTIONS)),
        "Label rows whose meaning holds for the rows below.",
    ),
    may(
        "footnote_marks",
        Shape::Flag,
        "Whether headers, numbers and periods may carry footnote stars and superscripts.",
    ),
];
