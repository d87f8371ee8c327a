//! The state of one version of a mapping profile: draft → approved → retired, never back.

use std::fmt;

/// What may be done with a version of a mapping profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProfileState {
    /// Written down; may be tried, may not be used.
    Draft,
    /// May be used by submissions.
    Approved,
    /// May not be used any more; what was read with it stays.
    Retired,
}

impl ProfileState {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Draft, Self::Approved, Self::Retired];

    /// The word on the wire and in the store.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Approved => "approved",
            Self::Retired => "retired",
        }
    }

    /// The state behind a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether a version of this state may get that one.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Draft, Self::Approved | Self::Retired) | (Self::Approved, Self::Retired)
        )
    }
}

impl fmt::Display for ProfileState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
