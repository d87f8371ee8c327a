//! The words of Leleka, shared by every room of the house.
//!
//! Never does I/O, never reads the system clock outside [`Clock`], and knows nothing of HTTP or SQL.
//!
//! | word | Ukrainian | meaning |
//! |---|---|---|
//! | body | орган | an organisation that supplies or uses data |
//! | indicator | показник | what is counted, with unit, frequency and dimensions |
//! | dataflow | потік даних | indicators that are delivered together |
//! | agreement | угода | which body supplies which indicator, by consent of both |
//! | obligation | що потрібно подати | one body's dataflow in one period: due, received, late, closed |
//! | submission | подання | one delivery by one body, kept with its raw bytes |
//! | finding | зауваження | one problem in one submission, at its place |
//! | series | ряд | indicator, source body and all dimension codes |
//! | observation | спостереження | series, period, value and status in one vintage |
//! | vintage | стан даних на момент | what was known at a moment |
//! | risk metric | ризик-показник | a versioned definition computed over observations |

mod agreement;
mod calendar;
mod catalogue;
mod clock;
mod codes;
mod deadline;
mod definition_state;
mod finding;
mod json_compare;
mod json_document;
mod json_shape;
mod obligation;
mod observation;
mod period;
mod profile;
mod rows;
mod series;
mod status;
mod submission;

pub use agreement::{AgreementId, AgreementParty, AgreementState, AgreementStep};
pub use calendar::{DayTransfer, Holiday, HolidayDay, HolidaySuspension, WorkCalendar};
pub use catalogue::{Agreement, Body, Catalogue, CodeEntry, CodeList, Dataflow, Dimension, Indicator};
pub use clock::{Clock, IdSource};
pub use codes::{Code, ProblemClass};
pub use deadline::{Deadline, DeadlineRule, DeadlineTable, Schedule, kyiv_day, kyiv_instant};
pub use definition_state::DefinitionState;
pub use finding::{
    Finding, FindingColumn, FindingCounts, FindingRelated, FindingTexts, Findings, Severity,
    printable_excerpt,
};
pub use json_compare::{json_fault, json_step};
pub use json_document::json_document_read;
pub use json_shape::{JsonMember, JsonShape, JsonVariant, json_may, json_must};
pub use obligation::{ObligationDecision, ObligationId, ObligationStatus};
pub use observation::{ObservationRow, ValueFault, value_from_text, value_to_text};
pub use period::{Frequency, Period, PeriodFault};
pub use profile::ProfileState;
pub use rows::{Cell, CellKind, Column, ColumnOrigin, Row, RowFormat, RowSink};
pub use series::{SeriesId, SeriesKey};
pub use status::{ConfStatus, ObsFlags, ObsStatus, RETRACTED};
pub use submission::{
    Acceptance, BodyScope, Explanation, ReasonCode, RequestId, SubmissionCounts, SubmissionId,
    SubmissionKind, SubmissionMode, SubmissionState,
};
