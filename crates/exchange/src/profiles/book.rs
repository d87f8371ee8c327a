//! The versions of mapping profiles as submissions see them: `CODE` is the newest approved version, `CODE@3` that one.
//!
//! Never gives a version that is not approved, nor one of another body.

use leleka_domain::{Code, Finding, ProfileState};
use leleka_normalise::MappingProfile;
use leleka_store::{ProfileVersion, StoreError};
use std::collections::BTreeMap;

#[derive(Debug)]
struct BookVersion {
    version: i32,
    state: ProfileState,
    body: String,
    /// Read only where it may be used.
    mapping: Option<MappingProfile>,
}

/// Every version of every profile, by code, newest last.
#[derive(Debug, Default)]
pub struct ProfileBook(BTreeMap<String, Vec<BookVersion>>);

impl ProfileBook {
    /// Reads what is stored.
    pub(crate) fn read(stored: Vec<ProfileVersion>) -> Result<Self, StoreError> {
        let mut book = Self::default();
        for ProfileVersion { profile, state, .. } in stored {
            let corrupt = |error| StoreError::Corrupt(format!("mapping profile {}: {error}", profile.code));
            let mapping = (state == ProfileState::Approved)
                .then(|| serde_json::from_value(profile.content))
                .transpose()
                .map_err(corrupt)?;
            book.0.entry(profile.code).or_default().push(BookVersion {
                version: profile.version,
                state,
                body: profile.body,
                mapping,
            });
        }
        Ok(book)
    }

    fn versions<'a>(&'a self, reference: &str, body: &str) -> Vec<&'a BookVersion> {
        let (code, version) = parted(reference);
        let of_code = self.0.get(code).into_iter().flatten();
        of_code
            .filter(|it| it.body == body && version.is_none_or(|version| version == Some(it.version)))
            .collect()
    }

    /// The approved version that a reference means, if it is this body's.
    pub(crate) fn find(&self, reference: &str, body: &str) -> Option<(i32, &MappingProfile)> {
        let versions = self.versions(reference, body);
        let mut newest_first = versions.into_iter().rev();
        newest_first.find_map(|it| Some((it.version, it.mapping.as_ref()?)))
    }

    /// Why a reference means no version that may be used.
    pub(crate) fn missing(&self, reference: &str, body: &str) -> Finding {
        let versions = self.versions(reference, body);
        let has = |state| versions.iter().any(|it| it.state == state);
        let code = if has(ProfileState::Retired) {
            Code::ProfileRetired
        } else if has(ProfileState::Draft) {
            Code::ProfileNotApproved
        } else {
            Code::ProfileUnknown
        };
        let finding = Finding::error(code).field("profile").value(reference);
        let (name, _) = parted(reference);
        match self.find(name, body) {
            Some((version, _)) if code != Code::ProfileUnknown => {
                finding.expected(format!("profile={name}@{version}"))
            }
            _ => finding,
        }
    }
}

/// The code of a reference and the version it names: `None` for none, `Some(None)` for one that is no number.
fn parted(reference: &str) -> (&str, Option<Option<i32>>) {
    match reference.split_once('@') {
        None => (reference, None),
        Some((code, version)) => (code, Some(version.parse().ok())),
    }
}
