//! The definitions that come with the server: the first catalogue of risk metrics.
//!
//! Each is a file of the folder `definitions`, so that a reader can see and a reviewer compare it. Never read at run time.

use crate::library::{Library, UnreadDefinition};

const SHIPPED: &[(&str, &str)] = &[
    (
        "rm_asy_backlog.json",
        include_str!("../definitions/rm_asy_backlog.json"),
    ),
    (
        "rm_asy_filter.json",
        include_str!("../definitions/rm_asy_filter.json"),
    ),
    (
        "rm_asy_pressure.json",
        include_str!("../definitions/rm_asy_pressure.json"),
    ),
    (
        "rm_asy_protection.json",
        include_str!("../definitions/rm_asy_protection.json"),
    ),
    (
        "rm_asy_week.json",
        include_str!("../definitions/rm_asy_week.json"),
    ),
    (
        "rm_ciram_border.json",
        include_str!("../definitions/rm_ciram_border.json"),
    ),
    (
        "rm_ciram_region.json",
        include_str!("../definitions/rm_ciram_region.json"),
    ),
    (
        "rm_clandestine.json",
        include_str!("../definitions/rm_clandestine.json"),
    ),
    ("rm_det_occ.json", include_str!("../definitions/rm_det_occ.json")),
    (
        "rm_docforge.json",
        include_str!("../definitions/rm_docforge.json"),
    ),
    (
        "rm_docfraud.json",
        include_str!("../definitions/rm_docfraud.json"),
    ),
    (
        "rm_dq_complete.json",
        include_str!("../definitions/rm_dq_complete.json"),
    ),
    (
        "rm_dq_ontime.json",
        include_str!("../definitions/rm_dq_ontime.json"),
    ),
    (
        "rm_edu_abuse.json",
        include_str!("../definitions/rm_edu_abuse.json"),
    ),
    (
        "rm_emerging.json",
        include_str!("../definitions/rm_emerging.json"),
    ),
    (
        "rm_eu_asy_month.json",
        include_str!("../definitions/rm_eu_asy_month.json"),
    ),
    (
        "rm_eu_ibc_conc.json",
        include_str!("../definitions/rm_eu_ibc_conc.json"),
    ),
    (
        "rm_eu_ibc_month.json",
        include_str!("../definitions/rm_eu_ibc_month.json"),
    ),
    (
        "rm_eu_ibc_route.json",
        include_str!("../definitions/rm_eu_ibc_route.json"),
    ),
    (
        "rm_eu_recognition.json",
        include_str!("../definitions/rm_eu_recognition.json"),
    ),
    (
        "rm_eu_return.json",
        include_str!("../definitions/rm_eu_return.json"),
    ),
    (
        "rm_exit_illegal.json",
        include_str!("../definitions/rm_exit_illegal.json"),
    ),
    ("rm_facil.json", include_str!("../definitions/rm_facil.json")),
    (
        "rm_ibc_anomaly.json",
        include_str!("../definitions/rm_ibc_anomaly.json"),
    ),
    (
        "rm_ibc_conc.json",
        include_str!("../definitions/rm_ibc_conc.json"),
    ),
    (
        "rm_ibc_week.json",
        include_str!("../definitions/rm_ibc_week.json"),
    ),
    (
        "rm_idn_backlog.json",
        include_str!("../definitions/rm_idn_backlog.json"),
    ),
    (
        "rm_idp_burden.json",
        include_str!("../definitions/rm_idp_burden.json"),
    ),
    ("rm_idp_gap.json", include_str!("../definitions/rm_idp_gap.json")),
    ("rm_idp_new.json", include_str!("../definitions/rm_idp_new.json")),
    (
        "rm_irr_conc.json",
        include_str!("../definitions/rm_irr_conc.json"),
    ),
    (
        "rm_irr_week.json",
        include_str!("../definitions/rm_irr_week.json"),
    ),
    (
        "rm_lab_illegal.json",
        include_str!("../definitions/rm_lab_illegal.json"),
    ),
    (
        "rm_net_outflow.json",
        include_str!("../definitions/rm_net_outflow.json"),
    ),
    (
        "rm_net_outflow_rate.json",
        include_str!("../definitions/rm_net_outflow_rate.json"),
    ),
    (
        "rm_overstay.json",
        include_str!("../definitions/rm_overstay.json"),
    ),
    (
        "rm_pas_intl.json",
        include_str!("../definitions/rm_pas_intl.json"),
    ),
    (
        "rm_pressure.json",
        include_str!("../definitions/rm_pressure.json"),
    ),
    (
        "rm_readm_refusal.json",
        include_str!("../definitions/rm_readm_refusal.json"),
    ),
    (
        "rm_recept_occ.json",
        include_str!("../definitions/rm_recept_occ.json"),
    ),
    (
        "rm_refusal_cit.json",
        include_str!("../definitions/rm_refusal_cit.json"),
    ),
    (
        "rm_refusal_rate.json",
        include_str!("../definitions/rm_refusal_rate.json"),
    ),
    ("rm_refused.json", include_str!("../definitions/rm_refused.json")),
    (
        "rm_return_effect.json",
        include_str!("../definitions/rm_return_effect.json"),
    ),
    ("rm_smuggl.json", include_str!("../definitions/rm_smuggl.json")),
    ("rm_uam.json", include_str!("../definitions/rm_uam.json")),
    ("rm_unemp.json", include_str!("../definitions/rm_unemp.json")),
    (
        "rm_unh_protection.json",
        include_str!("../definitions/rm_unh_protection.json"),
    ),
    (
        "rm_unh_recognition.json",
        include_str!("../definitions/rm_unh_recognition.json"),
    ),
    (
        "rm_visa_misuse.json",
        include_str!("../definitions/rm_visa_misuse.json"),
    ),
    (
        "rm_visa_refusal.json",
        include_str!("../definitions/rm_visa_refusal.json"),
    ),
    ("rm_vsm_asy.json", include_str!("../definitions/rm_vsm_asy.json")),
    (
        "rm_vsm_crime.json",
        include_str!("../definitions/rm_vsm_crime.json"),
    ),
    (
        "rm_vsm_flag_b.json",
        include_str!("../definitions/rm_vsm_flag_b.json"),
    ),
    ("rm_vsm_ibc.json", include_str!("../definitions/rm_vsm_ibc.json")),
    (
        "rm_vsm_illstay.json",
        include_str!("../definitions/rm_vsm_illstay.json"),
    ),
    (
        "rm_vsm_refused.json",
        include_str!("../definitions/rm_vsm_refused.json"),
    ),
    (
        "rm_vsm_watch.json",
        include_str!("../definitions/rm_vsm_watch.json"),
    ),
    ("rm_wait.json", include_str!("../definitions/rm_wait.json")),
];

/// File name and JSON of every shipped definition, by name.
#[must_use]
pub fn shipped_definitions() -> &'static [(&'static str, &'static str)] {
    SHIPPED
}

/// Every shipped definition, read; they may refer to one another. Faults beside it are mistakes of ours.
#[must_use]
pub fn shipped_library() -> (Library, Vec<UnreadDefinition>) {
    let texts: Vec<&str> = SHIPPED.iter().map(|(_, json)| *json).collect();
    Library::read(&texts)
}
