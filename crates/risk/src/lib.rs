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
mod changes;
mod changes_split;
mod check;
mod composite;
mod decomposition;
mod definition;
mod definition_fault;
mod definition_members;
mod definition_read;
mod detect;
mod detection;
mod detection_runs;
mod detector;
mod disclosure;
mod evaluate;
mod evaluate_parts;
mod evaluation;
mod explanation;
mod expression;
mod expression_parse;
mod farrington;
mod fdr;
mod feed;
pub mod forecast;
mod gather;
mod interval;
mod level;
mod library;
mod linear;
mod members;
mod members_check;
mod metric;
mod nowcast;
mod observations;
mod operands;
mod operation_members;
mod operations;
mod poisson_fit;
mod quality;
mod release;
mod revision;
mod robustness;
mod sensitivity;
mod shipped;
mod signal;
mod tail;
mod types;
mod units;
mod verdict;

#[cfg(test)]
mod tests;

pub use access::{DirtyPeriods, InputNeed, PopulationSupply, dirty_periods, explained_since, input_needs};
pub use alert::{AlertCourse, AlertStep, AlertTurn, CALM_PERIODS, PeriodLevel};
pub use calendar::{ended_by, parts, reference_monday, window, year_base};
pub use canonical::{canonical_json, sha256_hex};
pub use cell::{Flag, Flags, Reason};
pub use changes::{ChangeExplanation, ChangePart, ChangePlace};
pub use check::REACH_LIMIT;
pub use composite::{
    CiramScores, Combination, Component, Composite, MIN_WEIGHT_COVERAGE, Normalisation, Side, TOP,
    ciram_risk, composite, minmax_among, zscores_among,
};
pub use decomposition::{Change, geometric_change, ratio_change, sum_change};
pub use definition::{
    Aggregation, Baseline, Ciram, DOCUMENT_LIMIT, Definition, Direction, ExcludedRange, INPUT_LIMIT, Input,
    Kind, Text, Texts,
};
pub use definition_fault::DefinitionFault;
pub use definition_members::definition_schema;
pub use detect::{
    EARS_GUARD, EARS_WINDOW, Ears, EarsMethod, RobustZ, ScaleMethod, Transform, cusum, ears, ears_point,
    mean_and_sd, median, robust_z,
};
pub use detection::{Detection, Evidence, Past, detect};
pub use detector::{Detector, weekly_counts_chain};
pub use disclosure::{DisclosureRules, Suppression, THRESHOLD, Table, TableSum, rounded};
pub use evaluation::{
    CALIBRATION_POINTS, Calibration, LevelRevision, LevelRevisions, Proportion, Verdict, VerdictCounts,
    calibration, level_revisions,
};
pub use explanation::{ComparisonExplanation, Explanation, ExplanationNode};
pub use expression::{DEPTH_LIMIT, NODE_LIMIT, Node, Op, Resampling, Take, WINDOW_LIMIT, WindowFunction};
pub use farrington::{Farrington, FarringtonSettings, farrington, farrington_years};
pub use fdr::{LISTED_Q, q_values};
pub use feed::input_codes;
pub use interval::{Interval, poisson_interval, wilson_interval};
pub use level::{Cuts, DatedPoints, Level, Scale, score_of_p, score_on};
pub use library::{ALL_INPUT_LIMIT, Library, UnreadDefinition};
pub use metric::{Detail, MetricValue, evaluate_each, evaluate_metric, metric_keys};
pub use nowcast::{Nowcast, nowcast, triangle};
pub use observations::{
    ExpectedSeries, InputObservation, InputSeries, Key, ObservationId, ObservationSet, is_total,
};
pub use operands::{Bound, DatedBound, Weighted};
pub use quality::{Delivery, Quality, quality};
pub use release::{ReleaseCell, ReleaseMethod, ReleaseRules, ReleaseSum, ReleaseTable, Told};
pub use revision::{
    Delay, FigureHistory, PeriodNowcast, Reporting, RevisionStatistics, longest_delay, reporting,
    revision_statistics,
};
pub use robustness::{LeftOut, Robustness};
pub use sensitivity::{DRAWS, FRAGILE, Sensitivity, sensitivity};
pub use shipped::{shipped_definitions, shipped_library};
pub use units::Unit;
