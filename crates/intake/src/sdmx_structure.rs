//! What the rows of an SDMX-CSV file are about, as the file names it.
//!
//! Never asks whether such a structure exists: it knows the way it is written, `LELEKA:ASY(1.0.0)`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The version of the format, by its header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SdmxVersion {
    /// SDMX-CSV 1.0: a column DATAFLOW.
    #[serde(rename = "1.0")]
    V1,
    /// SDMX-CSV 2.0 and 2.1: columns STRUCTURE and `STRUCTURE_ID`.
    #[serde(rename = "2.0")]
    V2,
}

/// What kind of structure a file names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SdmxStructureKind {
    /// A dataflow.
    Dataflow,
    /// A data structure definition, which several dataflows may share.
    DataStructure,
    /// An agreement of one body to supply one dataflow.
    DataProvision,
}

impl SdmxStructureKind {
    fn word(self) -> &'static str {
        match self {
            Self::Dataflow => "dataflow",
            Self::DataStructure => "datastructure",
            Self::DataProvision => "dataprovision",
        }
    }
}

/// The structure that a file names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SdmxStructure {
    /// Its kind.
    pub kind: SdmxStructureKind,
    /// Who maintains it.
    pub agency: String,
    /// Its identifier.
    pub id: String,
    /// Its version; `None` when it is not named, or named `~`.
    pub version: Option<String>,
    /// The cells as the first row wrote them, for a quick comparison.
    #[serde(skip)]
    written: (Option<String>, String),
}

/// What an SDMX-CSV file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SdmxDataset {
    /// Version of the format.
    pub version: SdmxVersion,
    /// What its rows are about.
    pub structure: SdmxStructure,
    /// Whether each row says what to do with it.
    pub with_actions: bool,
}

impl SdmxStructure {
    /// Reads the cells of a row. An error says whether the kind is what cannot be read.
    pub(crate) fn read(kind: Option<&str>, text: &str) -> Result<Self, bool> {
        let all = [
            SdmxStructureKind::Dataflow,
            SdmxStructureKind::DataStructure,
            SdmxStructureKind::DataProvision,
        ];
        let kind = match kind {
            None => SdmxStructureKind::Dataflow,
            Some(word) => all.into_iter().find(|kind| kind.word() == word).ok_or(true)?,
        };
        let (agency, rest) = text.split_once(':').ok_or(false)?;
        let (id, version) = match rest.split_once('(') {
            None => (rest, None),
            Some((id, version)) => (id, Some(version.strip_suffix(')').ok_or(false)?)),
        };
        let version = version.filter(|version| !matches!(*version, "" | "~"));
        let legal = |part: &str, more: &[u8]| {
            let fits =
                |byte: u8| byte.is_ascii_alphanumeric() || b"_-@$".contains(&byte) || more.contains(&byte);
            !part.is_empty() && part.len() <= 128 && part.bytes().all(fits)
        };
        if !legal(agency, b".") || !legal(id, b"") || version.is_some_and(|version| !legal(version, b".+*")) {
            return Err(false);
        }
        Ok(Self {
            kind,
            agency: agency.to_owned(),
            id: id.to_owned(),
            version: version.map(str::to_owned),
            written: (None, String::new()),
        })
    }

    /// Remembers how it was written.
    pub(crate) fn written(self, kind: Option<&str>, text: &str) -> Self {
        Self {
            written: (kind.map(str::to_owned), text.to_owned()),
            ..self
        }
    }

    /// Whether the cells are the ones remembered.
    pub(crate) fn is_written(&self, kind: Option<&str>, text: &str) -> bool {
        self.written.0.as_deref() == kind && self.written.1 == text
    }

    /// Whether both name the same structure.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (self.kind, &self.agency, &self.id, &self.version)
            == (other.kind, &other.agency, &other.id, &other.version)
    }
}

impl fmt::Display for SdmxStructure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.agency, self.id)?;
        match &self.version {
            Some(version) => write!(f, "({version})"),
            None => Ok(()),
        }
    }
}
