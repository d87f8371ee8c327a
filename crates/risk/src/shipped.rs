//! The definitions that come with the server: the first catalogue of risk metrics.
//!
//! Each is a file of the folder `definitions`, so that a reader can see and a reviewer compare it. Never read at run time.

const SHIPPED: &[(&str, &str)] = &[
    (
        "rm_asy_week.json",
        include_str!("../definitions/rm_asy_week.json"),
    ),
    ("rm_det_occ.json", include_str!("../definitions/rm_det_occ.json")),
    (
        "rm_eu_recognition.json",
        include_str!("../definitions/rm_eu_recognition.json"),
    ),
    (
        "rm_ibc_week.json",
        include_str!("../definitions/rm_ibc_week.json"),
    ),
    (
        "rm_idp_burden.json",
        include_str!("../definitions/rm_idp_burden.json"),
    ),
    ("rm_idp_new.json", include_str!("../definitions/rm_idp_new.json")),
    (
        "rm_irr_week.json",
        include_str!("../definitions/rm_irr_week.json"),
    ),
    (
        "rm_recept_occ.json",
        include_str!("../definitions/rm_recept_occ.json"),
    ),
    (
        "rm_refusal_rate.json",
        include_str!("../definitions/rm_refusal_rate.json"),
    ),
    (
        "rm_return_effect.json",
        include_str!("../definitions/rm_return_effect.json"),
    ),
    ("rm_vsm_asy.json", include_str!("../definitions/rm_vsm_asy.json")),
    ("rm_vsm_ibc.json", include_str!("../definitions/rm_vsm_ibc.json")),
    (
        "rm_vsm_illstay.json",
        include_str!("../definitions/rm_vsm_illstay.json"),
    ),
    (
        "rm_vsm_refused.json",
        include_str!("../definitions/rm_vsm_refused.json"),
    ),
];

/// File name and JSON of every shipped definition, by name.
#[must_use]
pub fn shipped_definitions() -> &'static [(&'static str, &'static str)] {
    SHIPPED
}
