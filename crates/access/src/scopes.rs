//! Rights, as they stand in a token's `scope`: their names and what they allow.
//!
//! Never says who has which; that is the table of roles.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A sentence in both languages of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Description {
    /// Ukrainian.
    pub uk: &'static str,
    /// English.
    pub en: &'static str,
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

/// A scope's name that is not in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("no such scope")]
pub struct ScopeUnknown;

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

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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
