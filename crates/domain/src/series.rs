//! A series: indicator, frequency, source body and every dimension code; its key is its identity.

use sha2::{Digest, Sha256};
use std::fmt;

/// The number of a series: 63 bits of the SHA-256 of its key, so that a writer needs no sequence.
///
/// Two keys with one number are found at insert and refused, never merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesId(pub i64);

/// The codes that make a series. Absent typed dimensions are `_Z`; `_T` is a total, which is data.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesKey {
    /// Indicator code.
    pub indicator: String,
    /// Frequency, with the length of a range.
    pub frequency: crate::Frequency,
    /// Source body: two bodies may report one indicator, and both stay readable.
    pub body: String,
    /// KATOTTH code, `UA`, or `_Z`.
    pub territory: String,
    /// Code of the citizenship list, or `_Z`.
    pub citizenship: String,
    /// SDMX `CL_SEX`, or `_Z`.
    pub sex: String,
    /// SDMX age grammar, or `_Z`.
    pub age: String,
    /// Every other dimension, `name=CODE` sorted by name and joined by `;`.
    pub extra: String,
}

impl SeriesKey {
    /// The number of this key.
    #[must_use]
    pub fn id(&self) -> SeriesId {
        let digest = Sha256::digest(self.to_string().as_bytes());
        let first = digest
            .iter()
            .take(8)
            .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        SeriesId((first >> 1).cast_signed())
    }

    /// The other dimensions, one by one.
    pub fn extra_dimensions(&self) -> impl Iterator<Item = (&str, &str)> {
        self.extra.split(';').filter_map(|pair| pair.split_once('='))
    }

    /// The code of a dimension by its name; `None` when the series does not have it.
    #[must_use]
    pub fn dimension(&self, name: &str) -> Option<&str> {
        let code = match name {
            "territory" => self.territory.as_str(),
            "citizenship" => self.citizenship.as_str(),
            "sex" => self.sex.as_str(),
            "age" => self.age.as_str(),
            _ => {
                return self
                    .extra_dimensions()
                    .find(|(key, _)| *key == name)
                    .map(|(_, code)| code);
            }
        };
        (code != "_Z").then_some(code)
    }

    /// The key with another code in one dimension; the same key when the series does not have the dimension.
    #[must_use]
    pub fn with_dimension(&self, name: &str, code: &str) -> Self {
        let mut key = self.clone();
        if self.dimension(name).is_none() {
            return key;
        }
        match name {
            "territory" => code.clone_into(&mut key.territory),
            "citizenship" => code.clone_into(&mut key.citizenship),
            "sex" => code.clone_into(&mut key.sex),
            "age" => code.clone_into(&mut key.age),
            _ => {
                let pairs: Vec<String> = self
                    .extra_dimensions()
                    .map(|(own, kept)| format!("{own}={}", if own == name { code } else { kept }))
                    .collect();
                key.extra = pairs.join(";");
            }
        }
        key
    }
}

/// The canonical key, which is hashed to the number and shown to people.
impl fmt::Display for SeriesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            indicator,
            frequency,
            body,
            territory,
            citizenship,
            sex,
            age,
            extra,
        } = self;
        write!(
            f,
            "{indicator}|{frequency}|{body}|{territory}|{citizenship}|{sex}|{age}|{extra}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_key_never_changes() {
        let key = SeriesKey {
            indicator: "ASY_APPL".into(),
            frequency: crate::Frequency::Weekly,
            body: "DMS".into(),
            territory: "UA05000000000010236".into(),
            citizenship: "SY".into(),
            sex: "_T".into(),
            age: "_T".into(),
            extra: "applicant_type=FRST".into(),
        };
        assert_eq!(
            key.to_string(),
            "ASY_APPL|W|DMS|UA05000000000010236|SY|_T|_T|applicant_type=FRST"
        );
        assert_eq!(
            key.id(),
            SeriesId(8_942_738_440_119_240_225),
            "stored data would be orphaned"
        );
        assert_eq!(key.dimension("applicant_type"), Some("FRST"));
        let total = key
            .with_dimension("applicant_type", "_T")
            .with_dimension("sex", "F");
        assert_eq!(
            (total.extra.as_str(), total.sex.as_str()),
            ("applicant_type=_T", "F")
        );
        assert_eq!(key.with_dimension("route", "_T"), key);
        assert_eq!(key.dimension("route"), None);
    }
}
