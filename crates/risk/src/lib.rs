//! Observations to risk metrics and levels: versioned definitions, pure functions.
//!
//! Never does I/O, reads no clock, keeps no global state and runs in one thread, so that one definition over one
//! vintage gives the same bytes on every machine. A metric that cannot say what it measured, against what and
//! from which rows says `unknown` and why.

mod access;
mod alert;
mod calendar;
mod canonical;
mod catalogue_check;
mod cell;
mod check;
mod composite;
mod decomposition;
mod definition;
mod detect;
mod detection;
mod detector;
mod disclosure;
mod evaluate;
mod evaluate_parts;
mod explanation;
mod expression;
mod expression_parse;
mod farrington;
mod fdr;
pub mod forecast;
mod gather;
mod level;
mod linear;
mod members;
mod members_check;
mod metric;
mod nowcast;
mod observations;
mod operands;
mod operations;
mod poisson_fit;
mod quality;
mod revision;
mod sensitivity;
mod shipped;
mod signal;
mod tail;
mod types;
mod units;

#[cfg(test)]
mod tests;

pub use access::{DirtyPeriods, InputNeed, PopulationSupply, dirty_periods, input_needs};
pub use alert::{AlertCourse, AlertStep, CALM_PERIODS, PeriodLevel};
pub use calendar::{ended_by, parts, reference_monday, window, year_base};
pub use canonical::{canonical_json, sha256_hex};
pub use cell::{Flag, Flags, Reason};
pub use check::REACH_LIMIT;
pub use composite::{
    CiramScores, Combination, Component, Composite, MIN_WEIGHT_COVERAGE, Normalisation, Side, TOP,
    ciram_risk, composite, minmax_among, zscores_among,
};
pub use decomposition::{Change, geometric_change, ratio_change, sum_change};
pub use definition::{
    Aggregation, Baseline, Ciram, DOCUMENT_LIMIT, Definition, DefinitionFault, Direction, ExcludedRange,
    INPUT_LIMIT, Input, Kind, Text, Texts,
};
pub use detect::{
    EARS_GUARD, EARS_WINDOW, Ears, EarsMethod, RobustZ, ScaleMethod, Transform, cusum, ears, ears_point,
    mean_and_sd, median, robust_z,
};
pub use detection::{Detection, Past, detect};
pub use detector::{Detector, weekly_counts_chain};
pub use disclosure::{DisclosureRules, Suppression, THRESHOLD, Table, TableSum, rounded};
pub use explanation::{ComparisonExplanation, Explanation, ExplanationNode};
pub use expression::{DEPTH_LIMIT, NODE_LIMIT, Node, Op, Resampling, WINDOW_LIMIT, WindowFunction};
pub use farrington::{Farrington, FarringtonSettings, farrington, farrington_years};
pub use fdr::{LISTED_Q, q_values};
pub use level::{Cuts, DatedPoints, Level, Scale, score_of_p, score_on};
pub use metric::{Detail, MetricValue, evaluate_metric, metric_keys};
pub use nowcast::{Nowcast, nowcast, triangle};
pub use observations::{
    ExpectedSeries, InputObservation, InputSeries, Key, ObservationId, ObservationSet, is_total,
};
pub use operands::{Bound, DatedBound, Weighted};
pub use quality::{Delivery, Quality, quality};
pub use revision::{
    Delay, FigureHistory, PeriodNowcast, Reporting, RevisionStatistics, longest_delay, reporting,
    revision_statistics,
};
pub use sensitivity::{DRAWS, FRAGILE, Sensitivity, sensitivity};
pub use shipped::shipped_definitions;
pub use units::Unit;
