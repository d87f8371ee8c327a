//! What a load of the catalogue does to mapping profiles: which versions it may not touch, and the states it gives.
//!
//! Never overwrites what was used or what somebody drafted.

use crate::StoreError;
use crate::connections::Tx;
use crate::profiles::StoredProfile;
use crate::statement::{Bind, Statement};
use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl};

/// What a submission was read with must stay readable as it was, and what somebody drafted is not the files' to
/// change: such a version is never overwritten by a load.
pub(crate) fn used_profiles_unchanged(tx: &mut Tx<'_>, profiles: &[StoredProfile]) -> Result<(), StoreError> {
    #[derive(QueryableByName)]
    struct Changed {
        #[diesel(sql_type = Text)]
        version: String,
    }
    let document = serde_json::to_value(profiles).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let changed: Vec<Changed> = Statement::new(
        "select t.code || ' ' || t.version as version from mapping_profile t \
         join jsonb_populate_recordset(null::mapping_profile, ?) f using (code, version) \
         where t.content <> f.content and (t.author_client is not null or exists (select from submission s \
         where s.profile_code = t.code and s.profile_version = t.version))",
        vec![Bind::Json(&document)],
    )
    .load(tx.0)?;
    match changed.first() {
        None => Ok(()),
        Some(profile) => Err(StoreError::Corrupt(format!(
            "the mapping profile {} was used and cannot change: give it a new version",
            profile.version
        ))),
    }
}

/// After a load: what the files hold is approved, what they gave up is retired. A state that a person gave stays,
/// except that nothing stays approved that left the catalogue.
pub(crate) fn profile_states_load(tx: &mut Tx<'_>, catalogue_version: &str) -> Result<(), StoreError> {
    Statement::new(
        "insert into mapping_profile_event (code, version, number, from_state, to_state, comment) \
         select p.code, p.version, coalesce(e.number, 0) + 1, e.to_state, w.wanted, 'catalogue ' || ? \
         from mapping_profile p left join lateral (select number, to_state, client_id from mapping_profile_event e \
         where e.code = p.code and e.version = p.version order by number desc limit 1) e on true \
         cross join lateral (select case when p.retired_in is null then 'approved' else 'retired' end as wanted) w \
         where p.author_client is null and e.to_state is distinct from w.wanted \
         and (e.client_id is null or w.wanted = 'retired')",
        vec![Bind::Text(catalogue_version)],
    )
    .execute(tx.0)?;
    Ok(())
}
