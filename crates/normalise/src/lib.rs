//! Rows to observations and findings: mapping profiles, code lists, periods, numbers, rules.
//!
//! Pure: values in, values out; never does I/O, never reads a clock, never guesses. The tolerant readings are
//! those that a mapping profile declares; without one only codes and canonical texts pass.
//!
//! | file | holds |
//! |---|---|
//! | `codebook`, `codebook_index` | the catalogue, resident and indexed |
//! | `folding`, `labels`, `suggestions`, `ages` | from a sender's text to a code |
//! | `numbers`, `periods` | grammars of numbers and periods under a declared dialect |
//! | `profile`, `profile_check`, `profile_plan` | mapping profiles: how one sender's file is to be read |
//! | `binding`, `reading` | columns bound to their meaning, cells read by it |
//! | `drafts`, `judgement`, `series` | one observation before its rules, under them, and its series |
//! | `vocabulary`, `places` | the words of one submission, and where a finding stands |
//! | `duplicates` | repeated keys inside one submission |
//! | `strict`, `profiled` | a row of the strict wire, a row of a described file |
//! | `normaliser` | the sink that ties them together |

mod ages;
mod binding;
mod codebook;
mod codebook_index;
mod drafts;
mod duplicates;
mod folding;
mod judgement;
mod labels;
mod normaliser;
mod numbers;
mod periods;
mod places;
mod profile;
mod profile_check;
mod profile_plan;
mod profiled;
mod reading;
mod series;
mod strict;
mod suggestions;
mod vocabulary;

#[cfg(test)]
mod tests;

pub use ages::{age_from_eurostat, is_age_code};
pub use codebook::{AGE_LIST, CITIZENSHIP_LIST, Codebook, SEX_LIST, TERRITORY_LIST};
pub use folding::{collapsed, folded};
pub use labels::{CodeIndex, Resolution};
pub use normaliser::{Chunk, Normaliser, NormaliserSettings, Outcome};
pub use numbers::{NumberDialect, NumberFault, canonical_number};
pub use periods::{PeriodFormat, period_from_text};
pub use profile::{
    Dialect, Header, MappingProfile, ProfileColumn, SECTION_ROWS, Sections, SkipRule, Wide, WideColumn,
};
