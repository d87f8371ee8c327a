//! The states of an agreement and who may take it from one to the next.
//!
//! The centre proposes, suspends and resumes; the body agrees or asks for changes. Nobody decides for the other.

use std::fmt;
use std::str::FromStr;

/// How far a body and the centre are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AgreementState {
    /// The centre has proposed terms.
    Proposed,
    /// The body wants other terms.
    ChangesRequested,
    /// In force: figures are accepted.
    Agreed,
    /// Stopped by the centre for a time.
    Suspended,
}

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgreementParty {
    /// A client of the body.
    Body,
    /// The catalogue's administrator.
    Centre,
}

/// What a decision leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgreementStep {
    /// The state after it.
    pub to: AgreementState,
    /// Whether the pending terms take the place of those in force.
    pub takes_proposal: bool,
}

impl AgreementState {
    /// Every state.
    pub const ALL: [Self; 4] = [
        Self::Proposed,
        Self::ChangesRequested,
        Self::Agreed,
        Self::Suspended,
    ];

    /// The word on the wire and in the store.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::ChangesRequested => "changes_requested",
            Self::Agreed => "agreed",
            Self::Suspended => "suspended",
        }
    }

    /// What a decision leads to, or `None` where it is not for this party in this state.
    ///
    /// `pending`: new terms are proposed while the old ones are in force; until the body agrees, nothing changes
    /// for its deliveries.
    #[must_use]
    pub fn decided(self, pending: bool, party: AgreementParty, decision: Self) -> Option<AgreementStep> {
        let step = |to, takes_proposal| Some(AgreementStep { to, takes_proposal });
        match (party, self, decision) {
            (AgreementParty::Body, Self::Proposed | Self::ChangesRequested, Self::Agreed) => {
                step(Self::Agreed, false)
            }
            (AgreementParty::Body, Self::Proposed, Self::ChangesRequested) => {
                step(Self::ChangesRequested, false)
            }
            (AgreementParty::Body, Self::Agreed, Self::Agreed) if pending => step(Self::Agreed, true),
            // The old terms stay in force.
            (AgreementParty::Body, Self::Agreed, Self::ChangesRequested) if pending => {
                step(Self::Agreed, false)
            }
            (AgreementParty::Centre, Self::ChangesRequested, Self::Proposed) => step(Self::Proposed, false),
            (AgreementParty::Centre, Self::Agreed, Self::Suspended) => step(Self::Suspended, false),
            (AgreementParty::Centre, Self::Suspended, Self::Agreed) => step(Self::Agreed, false),
            (AgreementParty::Body | AgreementParty::Centre, _, _) => None,
        }
    }
}

impl FromStr for AgreementState {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.word() == word).ok_or(())
    }
}

/// Body and indicator: what an agreement is known by, written `BODY:INDICATOR`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AgreementId {
    /// Who supplies.
    pub body: String,
    /// What.
    pub indicator: String,
}

impl fmt::Display for AgreementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.body, self.indicator)
    }
}

impl FromStr for AgreementId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (body, indicator) = text.split_once(':').ok_or(())?;
        if is_catalogue_code(body) && is_catalogue_code(indicator) {
            Ok(Self {
                body: body.to_owned(),
                indicator: indicator.to_owned(),
            })
        } else {
            Err(())
        }
    }
}

/// A code as the catalogue writes it: capital letters, digits and underscores, at most 64.
pub(crate) fn is_catalogue_code(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    (2..=64).contains(&text.len())
        && text.bytes().all(legal)
        && text
            .bytes()
            .next()
            .is_some_and(|first| first.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_party_decides_only_what_is_its_own() {
        let mut allowed = Vec::new();
        for party in [AgreementParty::Body, AgreementParty::Centre] {
            for from in AgreementState::ALL {
                for pending in [false, true] {
                    for decision in AgreementState::ALL {
                        if let Some(step) = from.decided(pending, party, decision) {
                            let waits = if pending { "+" } else { "" };
                            allowed.push(format!(
                                "{party:?}: {}{waits}, {} → {}{}",
                                from.word(),
                                decision.word(),
                                step.to.word(),
                                if step.takes_proposal {
                                    " with the new terms"
                                } else {
                                    ""
                                }
                            ));
                        }
                    }
                }
            }
        }
        allowed.retain(|line| !line.contains('+') || line.contains("agreed+"));
        assert_eq!(
            allowed,
            [
                "Body: proposed, changes_requested → changes_requested",
                "Body: proposed, agreed → agreed",
                "Body: changes_requested, agreed → agreed",
                "Body: agreed+, changes_requested → agreed",
                "Body: agreed+, agreed → agreed with the new terms",
                "Centre: changes_requested, proposed → proposed",
                "Centre: agreed, suspended → suspended",
                "Centre: agreed+, suspended → suspended",
                "Centre: suspended, agreed → agreed",
            ]
        );
    }

    #[test]
    fn an_id_is_two_codes_and_nothing_else() {
        let id: AgreementId = "DMS_TO_46:ASY_APPL".parse().unwrap();
        assert_eq!(
            (id.body.as_str(), id.to_string().as_str()),
            ("DMS_TO_46", "DMS_TO_46:ASY_APPL")
        );
        for text in [
            "DMS",
            "DMS:",
            ":X",
            "dms:ASY_APPL",
            "DMS:ASY:APPL",
            "DMS:ASY APPL",
            "DMS/ASY_APPL",
            "",
        ] {
            assert!(text.parse::<AgreementId>().is_err(), "{text}");
        }
    }
}
