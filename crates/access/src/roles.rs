//! Roles, scopes, and whose data a role reaches.
//!
//! Never grants by pattern: every cell of the table is written out, and `openapi/roles.json` is its
//! machine-readable copy, compared by a test. One client has one role.

use crate::scopes::{Scope, ScopeUnknown};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// What a client was registered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// A partner body's system that delivers data.
    AgencySubmitter,
    /// A territorial office that delivers data.
    TerritorialOffice,
    /// Reads everything, drafts releases.
    Analyst,
    /// Reads everything, publishes releases.
    Publisher,
    /// Keeps code lists, dataflows and agreements.
    CatalogueAdmin,
    /// Reads everything and the log; writes nothing.
    Auditor,
    /// Runs the service and its clients; reads no data.
    Operator,
}

/// Whose submissions and observations a role reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Only those of the client's own body.
    OwnBody,
    /// Those of every body.
    WholeCentre,
    /// None at all.
    None,
}

/// A role's name that is not in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no such role")]
pub struct RoleUnknown;

/// Why a list of scopes cannot be granted; the token endpoint answers `invalid_scope`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ScopeFault {
    /// The list names nothing.
    #[error("the list of scopes is empty")]
    Empty,
    /// The list names a scope that does not exist.
    #[error("the list names a scope that does not exist")]
    Unknown,
    /// The list names a scope that the role does not have.
    #[error("the role does not have the scope {0}")]
    OutsideRole(Scope),
}

const DELIVERING: &[Scope] = &[
    Scope::SubmissionWrite,
    Scope::SubmissionRead,
    Scope::ObligationRead,
    Scope::ObservationRead,
    Scope::RiskMetricRead,
    Scope::CatalogueRead,
    Scope::MappingProfileDraft,
    Scope::AgreementRead,
    Scope::AgreementDecide,
];
const ANALYSING: &[Scope] = &[
    Scope::SubmissionRead,
    Scope::ObligationRead,
    Scope::ObservationRead,
    Scope::RiskMetricRead,
    Scope::RiskMetricConfidential,
    Scope::RiskMetricPropose,
    Scope::AlertDecide,
    Scope::CatalogueRead,
    Scope::AgreementRead,
    Scope::ReleaseDraft,
];
const PUBLISHING: &[Scope] = &[
    Scope::SubmissionRead,
    Scope::ObligationRead,
    Scope::ObservationRead,
    Scope::RiskMetricRead,
    Scope::RiskMetricConfidential,
    Scope::RiskMetricPublish,
    Scope::AlertDecide,
    Scope::CatalogueRead,
    Scope::AgreementRead,
    Scope::ReleasePublish,
];
const KEEPING_CATALOGUE: &[Scope] = &[
    Scope::ObligationRead,
    Scope::CatalogueRead,
    Scope::CatalogueWrite,
    Scope::MappingProfileDraft,
    Scope::AgreementRead,
    Scope::AgreementWrite,
    Scope::AgreementDecide,
    Scope::ObligationDecide,
];
const AUDITING: &[Scope] = &[
    Scope::SubmissionRead,
    Scope::ObligationRead,
    Scope::ObservationRead,
    Scope::RiskMetricRead,
    Scope::RiskMetricConfidential,
    Scope::CatalogueRead,
    Scope::AgreementRead,
    Scope::AuditRead,
    Scope::OperationsRead,
];
const OPERATING: &[Scope] = &[Scope::CatalogueRead, Scope::ClientManage, Scope::OperationsRead];

impl Role {
    /// Every role, in the table's order.
    pub const ALL: [Self; 7] = [
        Self::AgencySubmitter,
        Self::TerritorialOffice,
        Self::Analyst,
        Self::Publisher,
        Self::CatalogueAdmin,
        Self::Auditor,
        Self::Operator,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AgencySubmitter => "agency-submitter",
            Self::TerritorialOffice => "territorial-office",
            Self::Analyst => "analyst",
            Self::Publisher => "publisher",
            Self::CatalogueAdmin => "catalogue-admin",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
        }
    }

    /// Every scope that a client of this role may hold.
    #[must_use]
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::AgencySubmitter | Self::TerritorialOffice => DELIVERING,
            Self::Analyst => ANALYSING,
            Self::Publisher => PUBLISHING,
            Self::CatalogueAdmin => KEEPING_CATALOGUE,
            Self::Auditor => AUDITING,
            Self::Operator => OPERATING,
        }
    }

    /// Whose submissions and observations the role reaches.
    #[must_use]
    pub const fn reach(self) -> Reach {
        match self {
            Self::AgencySubmitter | Self::TerritorialOffice => Reach::OwnBody,
            Self::Analyst | Self::Publisher | Self::Auditor => Reach::WholeCentre,
            Self::CatalogueAdmin | Self::Operator => Reach::None,
        }
    }

    /// Reads a space-separated list (RFC 6749 § 3.3) and checks that the role has every scope of it.
    ///
    /// A scope named twice is granted once.
    ///
    /// # Errors
    /// [`ScopeFault`]: nothing named, an unknown scope, or one that the role does not have.
    pub fn scopes_named(self, list: &str) -> Result<Vec<Scope>, ScopeFault> {
        let mut named = Vec::new();
        for name in list.split(' ').filter(|name| !name.is_empty()) {
            let scope: Scope = name.parse().map_err(|ScopeUnknown| ScopeFault::Unknown)?;
            if !self.scopes().contains(&scope) {
                return Err(ScopeFault::OutsideRole(scope));
            }
            if !named.contains(&scope) {
                named.push(scope);
            }
        }
        if named.is_empty() {
            Err(ScopeFault::Empty)
        } else {
            Ok(named)
        }
    }
}

impl Reach {
    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OwnBody => "own-body",
            Self::WholeCentre => "whole-centre",
            Self::None => "none",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = RoleUnknown;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == name)
            .ok_or(RoleUnknown)
    }
}

#[cfg(test)]
mod tests;
