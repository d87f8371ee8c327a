//! Rules over several figures: totals against parts, indicators against each other, a figure against its own
//! history, a cumulative figure against shorter ranges, one body's report against another's.
//!
//! A rule is data of the catalogue (`rules.json`); nothing here names an indicator or a body. Pure: the figures of
//! the submission and those around them go in, findings come out. Never changes a figure, never refuses by itself:
//! how bad a finding is stands in its rule.
//!
//! | file | holds |
//! |---|---|
//! | `definition` | a rule as it is written |
//! | `check` | what is wrong with a set of rules |
//! | `rulebook` | the rules, indexed by indicator, and what a figure needs to be judged |
//! | `figures` | the figures that are judged, and those that are known |
//! | `totals`, `comparison`, `history`, `cumulative`, `mirror` | one kind of rule each |
//! | `judging` | all kinds over one submission |

mod check;
mod comparison;
mod cumulative;
mod definition;
mod figures;
mod history;
mod judging;
mod mirror;
mod rulebook;
#[cfg(test)]
mod tests;
mod totals;

pub use definition::{
    Check, Comparison, Cumulative, Jump, Mirror, MirrorSide, Parts, Relation, Rule, RuleSet, Term, Totals,
};
pub use figures::{KnownFigure, KnownFigures, SentFigure};
pub use judging::Judging;
pub use mirror::{MirrorPair, differs_by};
pub use rulebook::{Need, RuleBook};
