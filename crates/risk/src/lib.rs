//! Observations to risk metrics and levels: versioned definitions, pure functions.
//!
//! Never does I/O, reads no clock, keeps no global state and runs in one thread, so that one definition over one
//! vintage gives the same bytes on every machine. A metric that cannot say what it measured, against what and
//! from which rows says `unknown` and why.

mod access;
mod calendar;
mod canonical;
mod cell;
mod check;
mod definition;
mod detect;
mod evaluate;
mod explanation;
mod expression;
mod gather;
mod level;
mod members;
mod metric;
mod observations;
mod operations;
mod shipped;
mod signal;
mod types;
mod units;

#[cfg(test)]
mod tests;

pub use access::{DirtyPeriods, InputNeed, PopulationSupply, dirty_periods, input_needs};
pub use calendar::{ended_by, parts, reference_monday, window, year_base};
pub use canonical::{canonical_json, sha256_hex};
pub use cell::{Flag, Flags, Reason};
pub use check::REACH_LIMIT;
pub use definition::{
    Aggregation, Baseline, Ciram, DOCUMENT_LIMIT, Definition, DefinitionFault, Direction, ExcludedRange,
    INPUT_LIMIT, Input, Kind, Text, Texts,
};
pub use detect::{
    Detector, EARS_GUARD, EARS_WINDOW, Ears, EarsMethod, RobustZ, ScaleMethod, Transform, cusum, ears,
    ears_point, mean_and_sd, median, robust_z,
};
pub use explanation::{ComparisonExplanation, Explanation, ExplanationNode};
pub use expression::{DEPTH_LIMIT, NODE_LIMIT, Node, Op, Resampling, WINDOW_LIMIT, WindowFunction};
pub use level::{Cuts, DatedPoints, Level, Scale, score_of_p, score_on};
pub use metric::{Detail, MetricValue, evaluate_metric, metric_keys};
pub use observations::{ExpectedSeries, InputObservation, Key, ObservationId, ObservationSet, is_total};
pub use shipped::shipped_definitions;
pub use units::Unit;
