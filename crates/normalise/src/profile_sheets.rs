//! The sheets of a workbook that one mapping profile reads.
//!
//! Tables of one form stand on many sheets, and what tells them apart stands only in the title: the profile says
//! it for each. Never opens a workbook.

use crate::MappingProfile;
use std::borrow::Cow;

impl MappingProfile {
    /// The sheet to be read and the profile as it holds for that sheet. `None` when the profile lists its sheets
    /// and the one that was asked for is not among them, or nobody said which of several is meant.
    #[must_use]
    pub fn for_sheet(&self, asked: Option<&str>) -> Option<(Option<String>, Cow<'_, Self>)> {
        if self.sheets.is_empty() {
            return Some((asked.map(str::to_owned), Cow::Borrowed(self)));
        }
        let mut listed = self.sheets.iter();
        let (name, codes) = match asked {
            Some(asked) => listed.find(|(name, _)| name.trim() == asked.trim())?,
            None => listed.next().filter(|_| self.sheets.len() == 1)?,
        };
        let mut own = self.clone();
        let codes = codes.iter().map(|(name, code)| (name.clone(), code.clone()));
        own.constants.extend(codes);
        Some((Some(name.clone()), Cow::Owned(own)))
    }

    /// Columns that the profile describes by their place, whether or not a header names them.
    #[must_use]
    pub fn described_columns(&self) -> u32 {
        let places = self.columns.iter().filter_map(|column| column.index);
        places.max().map_or(0, |last| last.saturating_add(1))
    }
}
