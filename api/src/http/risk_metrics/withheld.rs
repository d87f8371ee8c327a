//! A value of a risk metric without the figures that its reader may not see.
//!
//! The row is always there. Which figures they are is told by `leleka_exchange::Withheld`.

use crate::http::caller::{Authorised, Right};
use leleka_access::Scope;
use leleka_contract::v1::{RiskMetricLevel, RiskMetricValue};
use leleka_exchange::{CONFIDENTIAL, Extent};

/// Whether a caller may see everything.
pub(crate) fn sees_confidential<R: Right>(authorised: &Authorised<R>) -> bool {
    authorised.caller.may(Scope::RiskMetricConfidential)
}

/// Takes out of the wire form what is withheld.
pub(crate) fn withhold(extent: Extent, mut wire: RiskMetricValue) -> RiskMetricValue {
    if extent != Extent::Nothing {
        (wire.baseline, wire.baseline_lower, wire.baseline_upper) = (None, None, None);
        (wire.p, wire.score) = (None, None);
    }
    if extent == Extent::Figures {
        wire.value = None;
        (wire.interval, wire.sensitivity, wire.method) = (None, None, None);
        wire.provisional_share = None;
        wire.level = RiskMetricLevel::Unknown;
        wire.reason = Some(CONFIDENTIAL.to_owned());
        // Which observations stand behind it could be tried out against the digest.
        wire.input_digest = "0".repeat(64);
    }
    wire
}
