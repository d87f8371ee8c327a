//! Rows to observations and findings: mapping profiles, code lists, periods, numbers, rules.
//!
//! Pure: values in, values out; never does I/O, never reads a clock, never guesses. The strict wire takes only
//! codes and canonical texts. A mapping profile declares tolerant readings; the lenient reading of a table takes
//! what people write where it has one meaning, and tells every repair.
//!
//! | file | holds |
//! |---|---|
//! | `codebook`, `codebook_index` | the catalogue, resident and indexed |
//! | `folding`, `labels`, `suggestions`, `ages` | from a sender's text to a code |
//! | `numbers`, `periods` | grammars of numbers and periods under a declared dialect |
//! | `notes`, `repair`, `hyphenation` | what was repaired in a text, and repairs that any text may need |
//! | `number_text`, `missing_marks`, `row_labels` | numbers, marks in place of numbers and row labels as people write them |
//! | `period_text`, `period_tokens`, `period_grammar` | periods in words |
//! | `name_reading`, `name_forms`, `inflection` | names in their cases, with the words around them |
//! | `profile`, `profile_sheets`, `profile_plan` | mapping profiles: how one sender's file is to be read |
//! | `profile_document`, `profile_shape`, `profile_members`, `profile_check` | a profile as it was written: its faults of form and of meaning, its JSON Schema |
//! | `binding`, `reading` | columns bound to their meaning, cells read by it |
//! | `drafts`, `judgement`, `series` | one observation before its rules, under them, and its series |
//! | `vocabulary`, `places` | the words of one submission, and where a finding stands |
//! | `duplicates` | repeated keys inside one submission |
//! | `strict`, `profiled` | a row of the strict wire, a row of a described file |
//! | `lenient`, `lenient_header` | a row and the header of a table that nobody described |
//! | `normaliser` | the sink that ties them together |
//! | `rules` | rules over several figures, which are data of the catalogue |

mod ages;
mod binding;
mod codebook;
mod codebook_index;
mod drafts;
mod duplicates;
mod folding;
mod hyphenation;
mod inflection;
mod judgement;
mod labels;
mod lenient;
mod lenient_header;
mod missing_marks;
mod name_forms;
mod name_reading;
mod normaliser;
mod notes;
mod number_text;
mod numbers;
mod period_grammar;
mod period_text;
mod period_tokens;
mod periods;
mod places;
mod profile;
mod profile_check;
mod profile_document;
mod profile_members;
mod profile_plan;
mod profile_shape;
mod profile_sheets;
mod profiled;
mod reading;
mod repair;
mod row_labels;
pub mod rules;
mod series;
mod strict;
mod suggestions;
mod vocabulary;

#[cfg(test)]
mod tests;

pub use ages::{age_from_eurostat, age_from_words, is_age_code};
pub use codebook::{AGE_LIST, CITIZENSHIP_LIST, Codebook, SEX_LIST, TERRITORY_LIST};
pub use folding::{collapsed, folded};
pub use labels::{CodeIndex, Resolution};
pub use missing_marks::{MissingMark, missing_mark};
pub use name_reading::NameReading;
pub use normaliser::{Chunk, Normaliser, NormaliserSettings, Outcome};
pub use notes::{ReadingNote, Rule};
pub use number_text::{NumberReading, NumberRefusal, number_from_text};
pub use numbers::{NumberDialect, NumberFault, canonical_number};
pub use period_text::{PeriodContext, PeriodKind, PeriodReading, PeriodRefusal, period_from_words};
pub use periods::{PeriodFormat, period_from_text};
pub use profile::{
    Dialect, Header, MappingProfile, Numbers, ProfileColumn, SECTION_ROWS, Sections, SkipRule, Wide,
    WideColumn,
};
pub use profile_document::{ProfileDocument, profile_read};
pub use profile_shape::profile_schema;
pub use repair::{Repaired, repaired};
pub use row_labels::{RowLabel, row_label};
