//! Agreements as the catalogue's files have them.
//!
//! The files bring new agreements and change those that nobody has decided on. What people decided by the API
//! (`decided`) is neither changed nor retired by a load: the files may be older than the decision.

use crate::StoreError;
use crate::catalogue::CatalogueLoadReport;
use crate::connections::Tx;
use crate::statement::{Bind, Statement};
use diesel::sql_types::Bool;
use diesel::{QueryableByName, RunQueryDsl};
use leleka_domain::Agreement;

#[derive(QueryableByName)]
struct Upserted {
    #[diesel(sql_type = Bool)]
    inserted: bool,
}

/// Brings agreements that are still the files' own to the content of the files. A changed state is a step of the
/// agreement's history.
///
/// # Errors
/// [`StoreError::Constraint`] when an entry refers to something that is not there.
pub(crate) fn agreement_load(
    tx: &mut Tx<'_>,
    agreements: &[Agreement],
    version: &str,
) -> Result<CatalogueLoadReport, StoreError> {
    let document =
        serde_json::to_value(agreements).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Statement::new(
        "insert into agreement_event (id, body, indicator, version, occurred_at, from_state, decision, to_state, \
         terms, comment) select gen_random_uuid(), t.body, t.indicator, t.version + 1, clock_timestamp(), t.state, \
         f.state, f.state, jsonb_build_object('frequencies', f.frequencies, 'valid_from', f.valid_from, 'valid_to', \
         f.valid_to, 'note', f.note), 'catalogue ' || ? from agreement t \
         join jsonb_populate_recordset(null::agreement, ?) f using (body, indicator) \
         where not t.decided and t.state <> f.state",
        vec![Bind::Text(version), Bind::Json(&document)],
    )
    .execute(tx.0)?;
    let upserted: Vec<Upserted> = Statement::new(
        "insert into agreement as t (body, indicator, frequencies, state, valid_from, valid_to, note) \
         select body, indicator, frequencies, state, valid_from, valid_to, note \
         from jsonb_populate_recordset(null::agreement, ?) on conflict (body, indicator) do update set \
         frequencies = excluded.frequencies, state = excluded.state, valid_from = excluded.valid_from, \
         valid_to = excluded.valid_to, note = excluded.note, retired_in = null, \
         version = t.version + (t.state <> excluded.state)::int where not t.decided \
         and (t.frequencies, t.state, t.valid_from, t.valid_to, t.note, t.retired_in) is distinct from \
         (excluded.frequencies, excluded.state, excluded.valid_from, excluded.valid_to, excluded.note, null) \
         returning (xmax = 0) as inserted",
        vec![Bind::Json(&document)],
    )
    .load(tx.0)?;
    let retired = Statement::new(
        "update agreement t set retired_in = ? where retired_in is null and not decided and not exists \
         (select from jsonb_populate_recordset(null::agreement, ?) f where f.body = t.body \
         and f.indicator = t.indicator)",
        vec![Bind::Text(version), Bind::Json(&document)],
    )
    .execute(tx.0)?;
    let added = upserted.iter().filter(|row| row.inserted).count();
    Ok(CatalogueLoadReport {
        table: "agreement",
        added: added as u64,
        changed: (upserted.len() - added) as u64,
        retired: retired as u64,
    })
}
