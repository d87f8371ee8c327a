//! Roles, scopes, and whose data a role reaches.
//!
//! Never grants by pattern: every cell of the table is written out, and `openapi/roles.json` is its
//! machine-readable copy, compared by a test. One client has one role.

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

/// One right, as it stands in a token's `scope`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Deliver and retract.
    SubmissionWrite,
    /// Read submissions with their findings and receipts.
    SubmissionRead,
    /// Read what is due, late and missing.
    ObligationRead,
    /// Read series and observations.
    ObservationRead,
    /// Read risk metrics, levels and forecasts.
    RiskMetricRead,
    /// See figures of risk metrics that rest on confidential observations.
    RiskMetricConfidential,
    /// Propose definitions of risk metrics and try them on history.
    RiskMetricPropose,
    /// Publish and retire definitions of risk metrics.
    RiskMetricPublish,
    /// Acknowledge, assess and close alerts.
    AlertDecide,
    /// Read indicators, dataflows, code lists and bodies.
    CatalogueRead,
    /// Change indicators, dataflows and code lists.
    CatalogueWrite,
    /// Draft mapping profiles and try them.
    MappingProfileDraft,
    /// Read agreements.
    AgreementRead,
    /// Propose and change agreements.
    AgreementWrite,
    /// Decide on agreements, each party what is its own.
    AgreementDecide,
    /// Waive an obligation or open a closed period again.
    ObligationDecide,
    /// Read and verify the log.
    AuditRead,
    /// Register and suspend clients and their keys.
    ClientManage,
    /// Read the state of the service.
    OperationsRead,
    /// Draft a release.
    ReleaseDraft,
    /// Publish a release.
    ReleasePublish,
}

/// A sentence in both languages of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Description {
    /// Ukrainian.
    pub uk: &'static str,
    /// English.
    pub en: &'static str,
}

/// A role's name that is not in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no such role")]
pub struct RoleUnknown;

/// A scope's name that is not in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no such scope")]
pub struct ScopeUnknown;

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

impl Scope {
    /// Every scope, in the table's order.
    pub const ALL: [Self; 21] = [
        Self::SubmissionWrite,
        Self::SubmissionRead,
        Self::ObligationRead,
        Self::ObservationRead,
        Self::RiskMetricRead,
        Self::RiskMetricConfidential,
        Self::RiskMetricPropose,
        Self::RiskMetricPublish,
        Self::AlertDecide,
        Self::CatalogueRead,
        Self::CatalogueWrite,
        Self::MappingProfileDraft,
        Self::AgreementRead,
        Self::AgreementWrite,
        Self::AgreementDecide,
        Self::ObligationDecide,
        Self::AuditRead,
        Self::ClientManage,
        Self::OperationsRead,
        Self::ReleaseDraft,
        Self::ReleasePublish,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SubmissionWrite => "submission:write",
            Self::SubmissionRead => "submission:read",
            Self::ObligationRead => "obligation:read",
            Self::ObservationRead => "observation:read",
            Self::RiskMetricRead => "risk-metric:read",
            Self::RiskMetricConfidential => "risk-metric:confidential",
            Self::RiskMetricPropose => "risk-metric:propose",
            Self::RiskMetricPublish => "risk-metric:publish",
            Self::AlertDecide => "alert:decide",
            Self::CatalogueRead => "catalogue:read",
            Self::CatalogueWrite => "catalogue:write",
            Self::MappingProfileDraft => "mapping-profile:draft",
            Self::AgreementRead => "agreement:read",
            Self::AgreementWrite => "agreement:write",
            Self::AgreementDecide => "agreement:decide",
            Self::ObligationDecide => "obligation:decide",
            Self::AuditRead => "audit:read",
            Self::ClientManage => "client:manage",
            Self::OperationsRead => "operations:read",
            Self::ReleaseDraft => "release:draft",
            Self::ReleasePublish => "release:publish",
        }
    }

    /// What the scope allows, in a sentence for people.
    #[must_use]
    pub const fn description(self) -> Description {
        let (uk, en) = match self {
            Self::SubmissionWrite => (
                "Надсилати й відкликати подання свого органу",
                "Send and retract submissions of one's own body",
            ),
            Self::SubmissionRead => (
                "Читати подання, зауваження до них і квитанції",
                "Read submissions, their findings and receipts",
            ),
            Self::ObligationRead => (
                "Бачити, які подання очікуються, запізнюються або відсутні",
                "See which submissions are due, late or missing",
            ),
            Self::ObservationRead => ("Читати ряди та спостереження", "Read series and observations"),
            Self::RiskMetricRead => (
                "Читати ризик-показники, їх рівні та прогнози",
                "Read risk metrics, their levels and forecasts",
            ),
            Self::RiskMetricConfidential => (
                "Бачити значення ризик-показників, що спираються на конфіденційні дані",
                "See figures of risk metrics that rest on confidential observations",
            ),
            Self::RiskMetricPropose => (
                "Пропонувати описи ризик-показників і випробовувати їх на минулому",
                "Propose definitions of risk metrics and try them on history",
            ),
            Self::RiskMetricPublish => (
                "Оприлюднювати й вилучати описи ризик-показників",
                "Publish and retire definitions of risk metrics",
            ),
            Self::AlertDecide => (
                "Приймати, оцінювати й закривати сигнали",
                "Acknowledge, assess and close alerts",
            ),
            Self::CatalogueRead => (
                "Читати показники, потоки даних, довідники та перелік органів",
                "Read indicators, dataflows, code lists and the list of bodies",
            ),
            Self::CatalogueWrite => (
                "Змінювати показники, потоки даних і довідники, затверджувати описи файлів",
                "Change indicators, dataflows and code lists, approve mapping profiles",
            ),
            Self::MappingProfileDraft => (
                "Готувати описи файлів і випробовувати їх",
                "Draft mapping profiles and try them",
            ),
            Self::AgreementRead => (
                "Читати угоди про надання даних",
                "Read agreements on supplying data",
            ),
            Self::AgreementWrite => (
                "Пропонувати та змінювати угоди про надання даних",
                "Propose and change agreements on supplying data",
            ),
            Self::AgreementDecide => (
                "Погоджувати угоди або просити змін від імені свого органу; центр — пропонувати знову, зупиняти й поновлювати",
                "Agree or ask for changes for one's own body; the centre: propose again, suspend and resume",
            ),
            Self::ObligationDecide => (
                "Звільняти від подання за період і відкривати закриті періоди",
                "Waive what is due for a period and open closed periods again",
            ),
            Self::AuditRead => (
                "Читати й перевіряти журнал дій",
                "Read and verify the log of acts",
            ),
            Self::ClientManage => (
                "Реєструвати й зупиняти клієнтів та їхні ключі",
                "Register and suspend clients and their keys",
            ),
            Self::OperationsRead => ("Бачити стан роботи сервісу", "See how the service is running"),
            Self::ReleaseDraft => ("Готувати проєкти випусків", "Draft releases"),
            Self::ReleasePublish => ("Оприлюднювати випуски", "Publish releases"),
        };
        Description { uk, en }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Scope {
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

impl FromStr for Scope {
    type Err = ScopeUnknown;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == name)
            .ok_or(ScopeUnknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn table_of_the_code() -> Value {
        let scopes: Vec<Value> = Scope::ALL
            .iter()
            .map(|scope| {
                let Description { uk, en } = scope.description();
                json!({"scope": scope.as_str(), "description": {"uk": uk, "en": en}})
            })
            .collect();
        let roles: Vec<Value> = Role::ALL
            .iter()
            .map(|role| {
                let scopes: Vec<&str> = role.scopes().iter().map(|scope| scope.as_str()).collect();
                json!({"role": role.as_str(), "reach": role.reach().as_str(), "scopes": scopes})
            })
            .collect();
        json!({"scopes": scopes, "roles": roles})
    }

    #[test]
    fn the_published_table_says_what_the_code_does() {
        let published: Value = serde_json::from_str(include_str!("../../../openapi/roles.json")).unwrap();
        let code = table_of_the_code();
        assert_eq!(published, code, "openapi/roles.json should be:\n{code:#}");
    }

    #[test]
    fn every_name_reads_back_as_itself_and_no_other_name_does() {
        assert!(Role::ALL.iter().all(|role| role.to_string().parse() == Ok(*role)));
        assert!(
            Scope::ALL
                .iter()
                .all(|scope| scope.to_string().parse() == Ok(*scope))
        );
        assert_eq!("Analyst".parse::<Role>(), Err(RoleUnknown));
        assert_eq!("submission:*".parse::<Scope>(), Err(ScopeUnknown));
    }

    #[test]
    fn nobody_holds_both_halves_of_a_separated_duty() {
        for role in Role::ALL {
            let holds = |scope| role.scopes().contains(&scope);
            assert!(
                !(holds(Scope::ReleaseDraft) && holds(Scope::ReleasePublish)),
                "{role}"
            );
            assert!(
                !(holds(Scope::SubmissionWrite) && holds(Scope::AuditRead)),
                "{role}"
            );
            assert!(
                !(holds(Scope::ClientManage) && holds(Scope::ObservationRead)),
                "{role}"
            );
        }
    }

    #[test]
    fn a_role_that_reaches_no_data_holds_no_scope_that_reads_it() {
        for role in Role::ALL.into_iter().filter(|role| role.reach() == Reach::None) {
            for scope in [
                Scope::SubmissionRead,
                Scope::ObservationRead,
                Scope::SubmissionWrite,
            ] {
                assert!(!role.scopes().contains(&scope), "{role} {scope}");
            }
        }
    }

    #[test]
    fn an_auditor_can_write_nothing() {
        for scope in Role::Auditor.scopes() {
            let reads = scope.as_str().ends_with(":read") || *scope == Scope::RiskMetricConfidential;
            assert!(reads, "{scope}");
        }
    }

    #[test]
    fn a_list_of_scopes_is_granted_only_within_the_role() {
        let granted = Role::Analyst.scopes_named("observation:read release:draft observation:read");
        assert_eq!(granted, Ok(vec![Scope::ObservationRead, Scope::ReleaseDraft]));
        assert_eq!(
            Role::Analyst.scopes_named("observation:read release:publish"),
            Err(ScopeFault::OutsideRole(Scope::ReleasePublish))
        );
        assert_eq!(
            Role::Analyst.scopes_named("observation:read admin"),
            Err(ScopeFault::Unknown)
        );
        assert_eq!(Role::Analyst.scopes_named("  "), Err(ScopeFault::Empty));
    }
}
