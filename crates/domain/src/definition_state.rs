//! The state of one version of a risk metric's definition: draft → published → retired, never back.

use std::fmt;

/// What may be done with a version of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DefinitionState {
    /// Written down; may be tried, computes nothing.
    Draft,
    /// Computes; one version of each code.
    Published,
    /// Computes nothing any more; what it said stays said.
    Retired,
}

impl DefinitionState {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Draft, Self::Published, Self::Retired];

    /// The word on the wire and in the store.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
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
            (Self::Draft, Self::Published | Self::Retired) | (Self::Published, Self::Retired)
        )
    }
}

impl fmt::Display for DefinitionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
