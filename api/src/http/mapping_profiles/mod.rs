//! Mapping profiles: list, read, draft, try, approve, retire.

pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod schema;
pub(crate) mod states;
pub(crate) mod test_runs;
pub(crate) mod view;

use crate::http::problem::Failure;
use crate::service::Service;
use leleka_contract::v1::{MappingProfile, MappingProfileDetail, MappingProfileEvent, MappingProfileVersion};
use leleka_exchange::content_sha256;
use leleka_store::{ProfileFilter, ProfileVersion, profile_event_list, profile_page};
use serde::Deserialize;
use utoipa::IntoParams;

/// Most versions that are listed beside one, and most events of it.
const MOST: usize = 1_000;

/// Which profile.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct ProfilePath {
    /// Its code.
    #[param(max_length = 64)]
    pub(crate) code: String,
}

/// Which version.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct VersionPath {
    /// Code of the profile.
    #[param(max_length = 64)]
    pub(crate) code: String,
    /// Its version.
    #[param(minimum = 1)]
    pub(crate) version: i32,
}

/// The wire form of a version without its content.
fn profile_wire(stored: &ProfileVersion) -> MappingProfile {
    let profile = &stored.profile;
    let text = |name| profile.content.get(name).and_then(serde_json::Value::as_str);
    MappingProfile {
        href: version_href(stored),
        code: profile.code.clone(),
        version: profile.version,
        state: stored.state.into(),
        body: profile.body.clone(),
        dataflow: profile.dataflow.clone(),
        note_uk: text("note_uk").unwrap_or_default().to_owned(),
        note_en: text("note_en").unwrap_or_default().to_owned(),
        created_at: stored.created_at,
    }
}

fn version_href(stored: &ProfileVersion) -> String {
    let profile = &stored.profile;
    format!(
        "/v1/mapping-profiles/{}/versions/{}",
        profile.code, profile.version
    )
}

/// A version with its content, its history and the versions beside it; reads the database.
fn detail_read(service: &Service, stored: ProfileVersion) -> Result<MappingProfileDetail, Failure> {
    let (code, version) = (&stored.profile.code, stored.profile.version);
    let mut reader = service.centre.store.reader()?;
    let mut history = profile_event_list(&mut reader, code, version)?;
    // The newest ones, should there ever be more.
    history.drain(..history.len().saturating_sub(MOST));
    let filter = ProfileFilter {
        codes: vec![code.clone()],
        every_version: true,
        ..ProfileFilter::default()
    };
    let versions = profile_page(&mut reader, &filter, i64::try_from(MOST).unwrap_or(i64::MAX))?;
    let event = |event: leleka_store::ProfileEvent| MappingProfileEvent {
        occurred_at: event.occurred_at,
        from: event.from.map(Into::into),
        to: event.to.into(),
        client_id: event.client_id,
        body: event.body,
        comment: event.comment,
    };
    let beside = |it: ProfileVersion| MappingProfileVersion {
        version: it.profile.version,
        state: it.state.into(),
    };
    Ok(MappingProfileDetail {
        profile: profile_wire(&stored),
        sha256: content_sha256(&stored.profile.content),
        history: history.into_iter().map(event).collect(),
        versions: versions.into_iter().map(beside).collect(),
        content: stored.profile.content,
    })
}
