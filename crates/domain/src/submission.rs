//! A submission: one delivery by one body, its kinds, states and counts.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The identifier of a submission (`UUIDv7`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SubmissionId(pub Uuid);

impl fmt::Display for SubmissionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The identifier of a request; a client's own UUID is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub Uuid);

macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $word:literal $doc:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $(#[doc = $doc] #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire and in the store.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($word => Ok(Self::$variant),)+ _ => Err(()) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.word()) }
        }
    };
}

words! {
    /// Whether a submission delivers figures for the first time or corrects earlier ones.
    SubmissionKind {
        Original "original" "Figures delivered in the ordinary way.",
        Correction "correction" "Figures that replace an earlier submission's, with a reason.",
        Retraction "retraction" "An earlier submission's figures are taken back, with a reason.",
    }
}

words! {
    /// What a correction does with figures of its slices that it does not send again.
    SubmissionMode {
        Merge "merge" "They stay: only what is sent changes.",
        ReplaceSlice "replace_slice" "They are retracted: the slice is delivered whole.",
    }
}

words! {
    /// What happens to the sound rows of a submission that has faulty ones.
    Acceptance {
        AllOrNothing "all_or_nothing" "One faulty row refuses the whole submission.",
        AcceptValid "accept_valid" "Sound rows are stored, where the dataflow allows it.",
    }
}

words! {
    /// Why figures were corrected.
    ReasonCode {
        LateData "late_data" "Data came in late.",
        ErrorFix "error_fix" "An error was mended.",
        MethodChange "method_change" "The method changed.",
        Reclassification "reclassification" "Figures moved between categories.",
        Deduplication "deduplication" "Double counts were removed.",
        Legal "legal" "A legal act required it.",
        Other "other" "Another reason, told in words.",
    }
}

words! {
    /// What became of a submission.
    SubmissionState {
        Received "received" "Its bytes are kept; reading has not begun.",
        Validating "validating" "It is being read and checked.",
        Accepted "accepted" "Every row is stored.",
        AcceptedWithWarnings "accepted_with_warnings" "Every row is stored; there are warnings to read.",
        AcceptedPartial "accepted_partial" "The sound rows are stored; the faulty ones are listed.",
        Rejected "rejected" "No row is stored; every finding is listed.",
        Failed "failed" "Our fault; it is being tried again.",
    }
}

/// What a sender says about implausible figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explanation {
    /// Code of the findings that it explains.
    pub code: String,
    /// The one finding, by its pointer; all of the code when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The explanation.
    pub text: String,
}

/// How many rows a submission had and what became of them.
///
/// `rows = new + revised + unchanged + refused + ignored` for a tall file; a wide file's row gives several
/// observations, so `observations = new + revised + unchanged` and rows are counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmissionCounts {
    /// Data rows read.
    pub rows: u64,
    /// Rows that the profile declares to be no data, with a reason for each kind.
    pub rows_ignored: u64,
    /// Rows with at least one error.
    pub rows_refused: u64,
    /// Observations read from the rows.
    pub observations: u64,
    /// Observations of a series and period not known before.
    pub new: u64,
    /// Observations that replace an earlier version, which stays readable.
    pub revised: u64,
    /// Observations equal to what is known already.
    pub unchanged: u64,
    /// Observations taken back: sent earlier, not sent again, or retracted.
    #[serde(default)]
    pub retracted: u64,
    /// Findings of severity `fatal` or `error`.
    pub errors: u64,
    /// Findings of severity `soft`.
    #[serde(default)]
    pub soft: u64,
    /// Findings of severity `warning`.
    pub warnings: u64,
}

/// Whose submissions and observations a caller may see. The first data argument of every query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyScope {
    /// Only what this body submitted.
    One(String),
    /// Everything in the centre.
    WholeCentre,
}
