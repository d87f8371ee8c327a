//! Which published file is sent by which body under which mapping profile, in the order in which they are sent.
//!
//! The list is a table beside this file. Its order matters: a later file of a publisher revises an earlier one, and
//! the snapshots of one portal follow each other by their dates. Holds no figure of any file.

/// One file, or one sheet of a workbook, under one profile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    /// Path below the folder of published files.
    pub(crate) file: &'static str,
    /// Sheet to name; empty when the profile reads one sheet, and for text.
    pub(crate) sheet: &'static str,
    /// Who sends it.
    pub(crate) body: &'static str,
    /// Under which mapping profile.
    pub(crate) profile: &'static str,
}

impl Delivery {
    /// Type of the content, by the ending of the file's name.
    pub(crate) fn content_type(&self) -> &'static str {
        if self.file.ends_with(".xlsx") {
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        } else {
            "text/csv"
        }
    }

    /// The query of the submission.
    pub(crate) fn query(&self) -> String {
        let sheet = if self.sheet.is_empty() {
            String::new()
        } else {
            format!("&sheet={}", self.sheet)
        };
        format!("/v1/submissions?profile={}{sheet}", self.profile)
    }

    /// The file, and the sheet behind it.
    pub(crate) fn name(&self) -> String {
        if self.sheet.is_empty() {
            self.file.to_owned()
        } else {
            format!("{} [{}]", self.file, self.sheet)
        }
    }
}

/// All deliveries, in their order.
pub(crate) fn deliveries() -> Vec<Delivery> {
    let lines = include_str!("deliveries.tsv").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut cells = line.split('\t');
            let mut next = || cells.next().expect("four cells a line");
            Delivery {
                file: next(),
                sheet: next(),
                body: next(),
                profile: next(),
            }
        })
        .collect()
}
