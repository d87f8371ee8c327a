//! Every member of a definition beside its expression: its form, its limits, and what it says.
//!
//! The published JSON Schema and the faults of form come from this table. What the members mean together is judged by
//! `check`; a new member needs its line here, else no document may have it.

use crate::definition::INPUT_LIMIT;
use crate::operation_members::{EXPRESSION, POINTS, SETTINGS, SHARE, TRANSFORMS, VALID_FROM};
use crate::units::Unit;
use leleka_domain::{
    Frequency, JsonMember as Member, JsonShape as Shape, JsonVariant as Variant, Period, json_may as may,
    json_must as must,
};

/// Where the published schema says it is.
const SCHEMA_ID: &str = "urn:leleka:schema:risk-metric:1";
const ABOUT: &str = "What a risk metric measures, against what, and how it is judged. The form only: units, frequencies and keys are checked by the service.";
const NOTE: Shape = Shape::Text(2_000);
pub(crate) const DIMENSION: Shape = Shape::Text(64);
pub(crate) const CODE: Shape = Shape::Form("^RM_[A-Z0-9_]{1,37}$", 40, is_code);
const PERIOD: Shape = Shape::Form("^[0-9]{4}.{0,17}$", 21, is_period);
const UNIT: Shape = Shape::Form("^([A-Za-z_]{1,32}|per_[0-9]{1,19})$", 32, is_unit);
pub(crate) const FREQUENCY: Shape = Shape::Form("^([ASQMWD]|_O/P[0-9]{1,5}[MD])$", 10, is_frequency);
const FREQUENCIES: &[&str] = &["A", "S", "Q", "M", "W", "D"];
const KINDS: &[&str] = &["signal", "level", "composite"];
const DIRECTIONS: &[&str] = &["up", "down", "both"];
const COMPONENTS: &[&str] = &["threat.magnitude", "threat.likelihood", "vulnerability", "impact"];
const AGGREGATIONS: &[&str] = &["sum", "mean", "min", "max"];
const INPUT_MOST: u32 = INPUT_LIMIT as u32;

const INPUT: &[Member] = &[
    must("indicator", Shape::Text(64), "Code of the indicator."),
    may("body", Shape::Text(32), "Whose figures; absent: any body's."),
    may(
        "frequency",
        FREQUENCY,
        "Frequency of the series; the metric's own when absent.",
    ),
    may("unit", UNIT, "Unit of the indicator; persons when absent."),
    may(
        "filter",
        Shape::Names(&Shape::Several(&DIMENSION, 1, 500), 16),
        "Dimensions that must have one of the codes; each code is expected.",
    ),
    may("by", Shape::List(&DIMENSION, 16), "Dimensions of the key."),
    may(
        "over",
        Shape::List(&DIMENSION, 16),
        "Dimensions whose details are put together, unless their total was reported.",
    ),
    may(
        "agg",
        Shape::Word(AGGREGATIONS),
        "How observations of one cell are put together; sum when absent.",
    ),
    may(
        "min_coverage",
        SHARE,
        "Least share of the expected series that must be present; 1 when absent.",
    ),
];
const EXCLUDED: &[Member] = &[
    must("from", PERIOD, "First period."),
    must("to", PERIOD, "Last period."),
    must(
        "reason",
        Shape::Text(500),
        "Why; shown with every result that it touches.",
    ),
];
const BASELINE: &[Member] = &[
    may("start", PERIOD, "First period that may be compared with."),
    may(
        "exclude",
        Shape::List(&Shape::Object(EXCLUDED), 100),
        "Ranges that are part of no baseline.",
    ),
];
const MIN_OBS: &str = "Least values in the window.";
const TRANSFORM: &str = "The axis; absent: anscombe for counts, none for the rest.";
const DETECTORS: &[Variant] = &[
    Variant {
        word: "farrington",
        about: "Seasonal quasi-Poisson regression on three to five years of weekly counts.",
        members: &[
            may(
                "w",
                Shape::Count(1, 10),
                "Weeks on each side of a reference week; 3.",
            ),
            may("seasons", Shape::Count(1, 20), "Season levels; 10."),
            may(
                "past_excluded",
                Shape::Count(1, 52),
                "Weeks just before now that are left out; 26.",
            ),
            may(
                "weights_threshold",
                Shape::Number(Some(0.5), Some(10.0)),
                "Residual above which a past week counts less; 2.58.",
            ),
            may(
                "alpha",
                Shape::Number(Some(0.000_001), Some(0.2)),
                "Probability at which the upper bound is drawn; 0.01.",
            ),
        ],
    },
    Variant {
        word: "robust_z",
        about: "Median and spread of a window of the past.",
        members: &[
            may("window", SETTINGS.window, "Periods of the past; 52."),
            may("min_obs", SETTINGS.window, MIN_OBS),
            may("gap", SETTINGS.gap, "Periods left out just before now; 0."),
            may("transform", Shape::Word(TRANSFORMS), TRANSFORM),
        ],
    },
    Variant {
        word: "ears_c2",
        about: "Mean and spread of seven periods, with two left out just before now.",
        members: &[
            may("min_obs", Shape::Count(1, 7), MIN_OBS),
            may("transform", Shape::Word(TRANSFORMS), TRANSFORM),
        ],
    },
    Variant {
        word: "forecast",
        about: "The one-step distribution of the pool of forecasting methods; dear, a tenth of a second for each value.",
        members: &[
            may("window", SETTINGS.window, "Periods of the past; 156."),
            may(
                "min_obs",
                SETTINGS.window,
                "Least values in the window, at least 24; 24.",
            ),
        ],
    },
    Variant {
        word: "cusum",
        about: "Sums of what the last periods exceed their usual value by; it has no p.",
        members: &[
            may("window", SETTINGS.window, "Periods that say what is usual; 52."),
            may("min_obs", SETTINGS.window, MIN_OBS),
            may("run", SETTINGS.window, "Periods that are summed; 8."),
            may(
                "k",
                Shape::Number(Some(0.0), None),
                "Spreads by which each is discounted; 0.5.",
            ),
            may("h", Shape::Positive, "The sum from which it is an alarm; 4."),
            may("transform", Shape::Word(TRANSFORMS), TRANSFORM),
        ],
    },
];
const DATED_POINTS: &[Member] = &[
    may("valid_from", VALID_FROM, "First day; absent: from the beginning."),
    must("points", POINTS, "Value and score, by rising value."),
];
const SCALES: &[Shape] = &[POINTS, Shape::Several(&Shape::Object(DATED_POINTS), 1, 100)];
const TEXT: &[Member] = &[
    must("name", Shape::Text(200), "Short name."),
    must(
        "explanation",
        Shape::Text(2_000),
        "What it measures, against what, and how to read it.",
    ),
];
const TEXTS: &[Member] = &[
    must("uk", Shape::Object(TEXT), "Ukrainian."),
    must("en", Shape::Object(TEXT), "English."),
];
const DEFINITION: &[Member] = &[
    must("code", CODE, "Stable code."),
    may(
        "version",
        Shape::Count(1, 2_147_483_647),
        "The service gives it; where it is written it must be the next one.",
    ),
    may(
        "note_uk",
        NOTE,
        "What this version changes, in Ukrainian; needed from version 2 on.",
    ),
    may(
        "note_en",
        NOTE,
        "What this version changes, in English; needed from version 2 on.",
    ),
    must(
        "kind",
        Shape::Word(KINDS),
        "signal: is this unusual? level: where on a scale? composite: several on one scale.",
    ),
    must("freq", Shape::Word(FREQUENCIES), "Frequency of the result."),
    must(
        "unit",
        UNIT,
        "Unit of the result: of the catalogue, ratio, percent, per_N or index.",
    ),
    must("decimals", Shape::Count(0, 10), "Decimals that are shown."),
    must("direction", Shape::Word(DIRECTIONS), "Which side is risk."),
    must(
        "ciram",
        Shape::Word(COMPONENTS),
        "Component of CIRAM that it speaks of.",
    ),
    must("family", Shape::Text(64), "Tests that are judged together."),
    must(
        "by",
        Shape::List(&DIMENSION, 16),
        "Dimensions of the key of a result.",
    ),
    must(
        "inputs",
        Shape::Names(&Shape::Object(INPUT), INPUT_MOST),
        "Inputs by name.",
    ),
    must("expr", EXPRESSION, "What is computed."),
    may(
        "baseline",
        Shape::Object(BASELINE),
        "What of the past may serve; signals only.",
    ),
    may(
        "detectors",
        Shape::List(&Shape::Tagged("method", DETECTORS), 8),
        "In order of preference; signals only.",
    ),
    may(
        "breakpoints",
        Shape::Either(SCALES),
        "Value and score, possibly by day; levels only.",
    ),
    may(
        "cuts",
        Shape::Several(&Shape::Number(Some(0.0), Some(10.0)), 4, 4),
        "Scores from which a level is guarded, elevated, high, critical; 2, 4, 6, 8.",
    ),
    must(
        "text",
        Shape::Object(TEXTS),
        "Name and explanation in both languages.",
    ),
];

/// The form of a whole definition.
pub(crate) const DEFINITION_SHAPE: Shape = Shape::Object(DEFINITION);

/// The published JSON Schema of definitions of risk metrics: the same bytes every time.
#[must_use]
pub fn definition_schema() -> String {
    DEFINITION_SHAPE.document_schema(
        SCHEMA_ID,
        "Definition of a risk metric of Leleka, version 1",
        ABOUT,
    )
}

fn is_code(text: &str) -> bool {
    let letters = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    let name = text.strip_prefix("RM_").unwrap_or_default();
    (1..=37).contains(&name.len()) && letters(name)
}

fn is_period(text: &str) -> bool {
    text.parse::<Period>().is_ok()
}

fn is_unit(text: &str) -> bool {
    text.parse::<Unit>().is_ok()
}

fn is_frequency(text: &str) -> bool {
    text.parse::<Frequency>().is_ok()
}
