//! Statuses of an observation: SDMX `CL_OBS_STATUS` 2.2 and `CL_CONF_STATUS` 1.2.
//!
//! One main status by a fixed order, the others kept as flags. Never merges zero, missing, not applicable and
//! suppressed: they are different facts.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! letters {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $letter:literal $number:literal $doc:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name { $(#[doc = $doc] $variant = $number),+ }

        impl $name {
            /// Every status, in the order of the numbers that the store keeps.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The official letter.
            #[must_use]
            pub fn letter(self) -> &'static str {
                match self { $(Self::$variant => $letter),+ }
            }

            /// The number that the store keeps; never re-used for another meaning.
            #[must_use]
            pub fn number(self) -> i16 {
                match self { $(Self::$variant => $number),+ }
            }

            /// The status behind a stored number.
            #[must_use]
            pub fn from_number(number: i16) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)+ _ => None }
            }
        }

        impl FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($letter => Ok(Self::$variant),)+ _ => Err(()) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.letter()) }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.letter())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(|()| serde::de::Error::custom("unknown status letter"))
            }
        }
    };
}

letters! {
    /// What kind of figure an observation is.
    ObsStatus {
        Normal "A" 0 "A normal figure.",
        Provisional "P" 1 "Provisional.",
        Estimated "E" 2 "Estimated.",
        Imputed "I" 3 "Imputed or estimated by the receiver.",
        Forecast "F" 4 "A forecast.",
        Break "B" 5 "A break in the series.",
        DefinitionDiffers "D" 6 "Another definition than the indicator's.",
        LowReliability "U" 7 "Low reliability.",
        NotSignificant "N" 8 "Not significant.",
        Unvalidated "V" 9 "Not validated yet.",
        IncludesAnother "W" 10 "Includes another category.",
        Derogation "J" 11 "Derogation.",
        Holiday "H" 12 "Period with holidays.",
        Strike "S" 13 "Period with strikes.",
        Experimental "G" 14 "Experimental.",
        Missing "O" 15 "Missing, no reason given.",
        NotCollected "L" 16 "Exists, but is not collected.",
        NotApplicable "M" 17 "Cannot exist.",
        Suppressed "Q" 18 "Suppressed by the source.",
        IncludedElsewhere "K" 19 "Included in another category.",
    }
}

letters! {
    /// How widely an observation may be shown.
    ConfStatus {
        Free "F" 0 "Free for publication.",
        Internal "N" 1 "Not for publication, internal use only.",
        Confidential "C" 2 "Confidential.",
        SmallCounts "A" 3 "Primary confidentiality by small counts.",
        SecondarySender "D" 4 "Secondary confidentiality, set by the sender.",
        SecondaryReceiver "S" 5 "Secondary confidentiality, set by the receiver.",
        Embargo "E" 6 "Under embargo until a time, then free.",
    }
}

/// The status number of a version that takes an observation back. Only the ledger has it: it is no letter of
/// `CL_OBS_STATUS`, and far from the numbers that further letters will get.
pub const RETRACTED: i16 = 100;

impl ObsStatus {
    /// Whether an observation of this status carries a number.
    #[must_use]
    pub fn carries_value(self) -> bool {
        match self {
            Self::Missing
            | Self::NotCollected
            | Self::NotApplicable
            | Self::Suppressed
            | Self::IncludedElsewhere => false,
            Self::Normal
            | Self::Provisional
            | Self::Estimated
            | Self::Imputed
            | Self::Forecast
            | Self::Break
            | Self::DefinitionDiffers
            | Self::LowReliability
            | Self::NotSignificant
            | Self::Unvalidated
            | Self::IncludesAnother
            | Self::Derogation
            | Self::Holiday
            | Self::Strike
            | Self::Experimental => true,
        }
    }

    /// The order in which one of several statuses becomes the main one: what says that there is no number
    /// first, then what weakens the number.
    fn rank(self) -> u8 {
        match self {
            Self::Suppressed => 0,
            Self::NotCollected => 1,
            Self::NotApplicable => 2,
            Self::Missing => 3,
            Self::IncludedElsewhere => 4,
            Self::Break => 5,
            Self::Estimated => 6,
            Self::Forecast => 7,
            Self::Imputed => 8,
            Self::Provisional => 9,
            Self::LowReliability => 10,
            Self::NotSignificant => 11,
            Self::DefinitionDiffers => 12,
            Self::IncludesAnother => 13,
            Self::Derogation => 14,
            Self::Holiday => 15,
            Self::Strike => 16,
            Self::Experimental => 17,
            Self::Unvalidated => 18,
            Self::Normal => 19,
        }
    }
}

/// The statuses of an observation beside its main one, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObsFlags(u32);

impl ObsFlags {
    /// Adds a status to the set.
    #[must_use]
    pub fn with(self, status: ObsStatus) -> Self {
        Self(self.0 | 1 << status.number())
    }

    /// The main status of a set of statuses and the flags that remain beside it.
    #[must_use]
    pub fn split(statuses: &[ObsStatus]) -> (ObsStatus, Self) {
        let main = statuses
            .iter()
            .copied()
            .min_by_key(|status| status.rank())
            .unwrap_or(ObsStatus::Normal);
        let rest = statuses
            .iter()
            .filter(|status| **status != main && **status != ObsStatus::Normal);
        (
            main,
            rest.fold(Self::default(), |flags, status| flags.with(*status)),
        )
    }

    /// The statuses in the set, by number.
    pub fn iter(self) -> impl Iterator<Item = ObsStatus> {
        ObsStatus::ALL
            .iter()
            .copied()
            .filter(move |status| self.0 & (1 << status.number()) != 0)
    }

    /// As the store keeps it: one bit for each status number.
    #[must_use]
    pub fn bits(self) -> i32 {
        self.0.cast_signed()
    }

    /// Back from the store.
    #[must_use]
    pub fn from_bits(bits: i32) -> Self {
        Self(bits.cast_unsigned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combined_eurostat_flags_keep_one_main_status_and_the_rest() {
        let (main, flags) =
            ObsFlags::split(&[ObsStatus::Provisional, ObsStatus::Break, ObsStatus::Estimated]);
        assert_eq!(main, ObsStatus::Break);
        assert_eq!(flags.iter().map(ObsStatus::letter).collect::<String>(), "PE");
        assert_eq!(ObsFlags::from_bits(flags.bits()), flags);
    }

    #[test]
    fn letters_and_numbers_lead_back() {
        for status in ObsStatus::ALL {
            assert_eq!(status.letter().parse(), Ok(*status));
            assert_eq!(ObsStatus::from_number(status.number()), Some(*status));
        }
        assert_eq!(ObsStatus::from_number(RETRACTED), None);
        for status in ConfStatus::ALL {
            assert_eq!(status.letter().parse(), Ok(*status));
            assert_eq!(ConfStatus::from_number(status.number()), Some(*status));
        }
    }
}
