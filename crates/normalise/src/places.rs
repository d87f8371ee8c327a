//! Where a finding stands: row, line, column, pointer.
//!
//! A column of a delimited file is counted from 1; a member of JSON is an RFC 6901 pointer, into the document
//! for JSON and into the object of the line for NDJSON.

use leleka_domain::{ColumnOrigin, Finding, FindingColumn, RowFormat};

/// No column: the code was declared, or the member is not there.
pub(crate) const NO_COLUMN: u32 = u32::MAX;

/// A column as its sender named it.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) name: String,
    pub(crate) origin: ColumnOrigin,
}

/// The place of one cell.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) format: RowFormat,
    pub(crate) row: u64,
    pub(crate) line: u64,
    pub(crate) column: u32,
    pub(crate) head: Option<&'a Head>,
    pub(crate) field: &'a str,
    /// Whether the field belongs into the nested object `dimensions`.
    pub(crate) nested: bool,
}

impl Place<'_> {
    /// Puts a finding at this place.
    pub(crate) fn mark(self, finding: Finding) -> Finding {
        let mut finding = finding.at(self.row, self.line).field(self.field);
        match self.format {
            RowFormat::Csv | RowFormat::Xlsx | RowFormat::SdmxCsv => {
                finding.column = self.head.map(|head| spreadsheet_column(self.column, head));
            }
            RowFormat::Json => {
                let before = row_pointer(self.format, self.row);
                finding.pointer = Some(format!("{before}{}", self.member()));
            }
            RowFormat::Ndjson => finding.pointer = Some(self.member()),
        }
        finding
    }

    fn member(self) -> String {
        let (name, nested) = match self.head {
            Some(head) => (head.name.as_str(), head.origin == ColumnOrigin::Dimension),
            None => (self.field, self.nested),
        };
        let escaped = name.replace('~', "~0").replace('/', "~1");
        if nested {
            format!("/dimensions/{escaped}")
        } else {
            format!("/{escaped}")
        }
    }
}

/// The pointer to a whole row.
pub(crate) fn row_pointer(format: RowFormat, row: u64) -> String {
    match format {
        RowFormat::Json => format!("/observations/{}", row.saturating_sub(1)),
        RowFormat::Ndjson | RowFormat::Csv | RowFormat::Xlsx | RowFormat::SdmxCsv => String::new(),
    }
}

/// The column of a delimited file, counted from 1.
pub(crate) fn spreadsheet_column(index: u32, head: &Head) -> FindingColumn {
    FindingColumn {
        index: index.saturating_add(1),
        name: head.name.clone(),
    }
}
