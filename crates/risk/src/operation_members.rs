//! Every operation of the expression language: its members, their limits, and what it computes.
//!
//! Beside `Op`, which is what they become; a test holds the two against each other, so that neither can grow alone.

use crate::definition_members::{CODE, DIMENSION, FREQUENCY};
use crate::expression::{NODE_LIMIT, WINDOW_LIMIT};
use chrono::NaiveDate;
use leleka_domain::{
    JsonMember as Member, JsonShape as Shape, JsonVariant as Variant, json_may as may, json_must as must,
};

const MOST: u32 = WINDOW_LIMIT as u32;
const NODES: u32 = NODE_LIMIT as u32;
const NUMBER: Shape = Shape::Number(None, None);
/// A share from 0 to 1.
pub(crate) const SHARE: Shape = Shape::Number(Some(0.0), Some(1.0));
/// Words of `transform`.
pub(crate) const TRANSFORMS: &[&str] = &["anscombe", "none"];
/// A day, or null for the beginning.
pub(crate) const VALID_FROM: Shape = Shape::OrNull(&DAY);
const DAY: Shape = Shape::Form("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", 10, is_day);
/// Value and score.
pub(crate) const POINTS: Shape = Shape::Several(&Shape::Several(&NUMBER, 2, 2), 2, 100);
const PERIODS: Shape = Shape::Count(1, MOST);
const LEFT_OUT: Shape = Shape::Count(0, MOST - 1);
const OVER: Shape = Shape::Several(&DIMENSION, 1, 16);
const SIDES: &[&str] = &["up", "down"];
const COMBINATIONS: &[&str] = &["arithmetic", "geometric", "geometric_inverse", "geometric_strict"];
const FUNCTIONS: &[&str] = &["mean", "median", "sum", "min", "max", "sd"];
const TAKES: &[&str] = &["score", "value"];
const RESAMPLINGS: &[&str] = &["sum", "mean", "last"];

/// An expression; operands are expressions too.
pub(crate) const EXPRESSION: Shape = Shape::Named("expression", node);

/// A window of the past, in periods.
pub(crate) struct Settings {
    pub(crate) window: Shape,
    pub(crate) gap: Shape,
}

/// Limits that operations and detectors share.
pub(crate) const SETTINGS: Settings = Settings {
    window: PERIODS,
    gap: LEFT_OUT,
};

const DATED_BOUND: &[Member] = &[
    may("valid_from", VALID_FROM, "First day; absent: from the beginning."),
    must("value", NUMBER, "The bound."),
];
const BOUND: Shape = Shape::Either(&[NUMBER, Shape::Several(&Shape::Object(DATED_BOUND), 1, 100)]);
const SIDE: Member = may("side", Shape::Word(SIDES), "Which side is risk; up.");
const NORMALISATIONS: &[Variant] = &[
    Variant {
        word: "minmax",
        about: "Linear between fixed goalposts, cut at them.",
        members: &[
            must("lo", NUMBER, "One goalpost."),
            must("hi", NUMBER, "The other."),
            SIDE,
        ],
    },
    Variant {
        word: "zscore",
        about: "5 at a stored mean, 2 more for each stored standard deviation.",
        members: &[
            must("mean", NUMBER, "Mean."),
            must("sd", Shape::Positive, "Standard deviation."),
            SIDE,
        ],
    },
    Variant {
        word: "points",
        about: "A piecewise-linear scale.",
        members: &[must("points", POINTS, "Value and score, by rising value.")],
    },
    Variant {
        word: "score",
        about: "Already a score of 0 to 10.",
        members: &[],
    },
];
const COMPONENT: &[Member] = &[
    must("a", EXPRESSION, "What is measured."),
    must(
        "normalise",
        Shape::Tagged("by", NORMALISATIONS),
        "How it comes to the scale of 0 to 10.",
    ),
    may("weight", Shape::Positive, "Its weight; 1."),
];

const A: Member = must("a", EXPRESSION, "The operand.");
const B: Member = must("b", EXPRESSION, "The second operand.");
const K: Member = may("k", PERIODS, "So many periods before; 1.");
const MIN_BASE: Member = may("min_base", Shape::Positive, "No value on a base below it.");
const SCALE: Member = may("scale", Shape::Positive, "Times this.");
const AGE: Member = may(
    "max_age_months",
    PERIODS,
    "How old a figure may be, in months; 24.",
);
const DIMENSIONS: Member = must("over", OVER, "Dimensions of the key.");
const ARGS: Member = must("args", Shape::Several(&EXPRESSION, 1, NODES), "The operands.");
const BOUND_OF: Member = must("bound", BOUND, "The bound, possibly by day.");

const fn operation(word: &'static str, members: &'static [Member], about: &'static str) -> Variant {
    Variant { word, members, about }
}

/// Every operation, as documents write it.
pub(crate) static OPERATIONS: [Variant; 31] = [
    operation(
        "in",
        &[must("name", Shape::Text(500), "Name of the input.")],
        "An input.",
    ),
    operation("const", &[must("value", NUMBER, "The number.")], "A number."),
    operation("neg", &[A], "−a."),
    operation("add", &[A, B], "a + b."),
    operation("sub", &[A, B], "a − b."),
    operation("mul", &[A, B], "a · b."),
    operation("min", &[A, B], "The smaller."),
    operation("max", &[A, B], "The larger."),
    operation(
        "clamp",
        &[
            A,
            must("lo", NUMBER, "Lower bound."),
            must("hi", NUMBER, "Upper bound."),
        ],
        "a, moved into lo to hi.",
    ),
    operation("div", &[A, B], "a / b."),
    operation(
        "ratio",
        &[
            must("num", EXPRESSION, "Numerator."),
            must("den", EXPRESSION, "Denominator."),
            SCALE,
            MIN_BASE,
        ],
        "num / den · scale.",
    ),
    operation(
        "share",
        &[A, DIMENSIONS],
        "a / Σ a over the members of dimensions.",
    ),
    operation(
        "per_capita",
        &[
            A,
            must(
                "population",
                Shape::Text(500),
                "Name of the input of the population.",
            ),
            SCALE,
            AGE,
        ],
        "a / newest population · scale; scale 100000 when absent.",
    ),
    operation(
        "lag",
        &[A, must("k", PERIODS, "So many periods before.")],
        "a, k periods before.",
    ),
    operation("diff", &[A, K], "a − (a, k periods before)."),
    operation("pct_change", &[A, K, MIN_BASE], "a / (a, k periods before) − 1."),
    operation("yoy", &[A, MIN_BASE], "a / (a, same label a year before) − 1."),
    operation(
        "roll",
        &[
            must("fn", Shape::Word(FUNCTIONS), "What the window is reduced to."),
            A,
            must("n", PERIODS, "Length of the window."),
            may("min_obs", PERIODS, "Least values in it; n."),
            may("offset", LEFT_OUT, "Periods left out before now; 0."),
        ],
        "A window of the past, reduced.",
    ),
    operation(
        "sum_over",
        &[A, DIMENSIONS],
        "Σ a over the members of dimensions.",
    ),
    operation("coalesce", &[ARGS], "The first that has a value."),
    operation("ln1p", &[A], "ln(1 + a)."),
    operation(
        "resample",
        &[
            A,
            may(
                "how",
                Shape::Word(RESAMPLINGS),
                "Months to a quarter: sum, mean or last.",
            ),
        ],
        "Weeks to a month, months to a quarter.",
    ),
    operation(
        "latest",
        &[
            A,
            must("from", FREQUENCY, "Frequency of a."),
            must("to", FREQUENCY, "Frequency of the result."),
            AGE,
        ],
        "The newest a of another frequency.",
    ),
    operation(
        "at_least",
        &[A, BOUND_OF],
        "1 when a is at least the bound, otherwise 0.",
    ),
    operation(
        "below",
        &[A, BOUND_OF],
        "1 when a is below the bound, otherwise 0.",
    ),
    operation("all", &[ARGS], "1 when every condition holds."),
    operation("any", &[ARGS], "1 when a condition holds."),
    operation(
        "robust_z",
        &[
            A,
            may("window", PERIODS, "Periods of the past; 52."),
            may("min_obs", Shape::Count(2, MOST), "Least values in it; 13."),
            may("gap", LEFT_OUT, "Periods left out just before now; 0."),
            may("transform", Shape::Word(TRANSFORMS), "The axis; none."),
        ],
        "Distance of a from the median of its own past, in robust spreads.",
    ),
    operation(
        "concentration",
        &[A, DIMENSIONS],
        "Σ of the squared shares of the members of dimensions.",
    ),
    operation(
        "metric",
        &[
            must("code", CODE, "Code of the other metric."),
            must("version", Shape::Count(1, 2_147_483_647), "Its version."),
            may(
                "take",
                Shape::Word(TAKES),
                "Its score, an index, or its value; score.",
            ),
        ],
        "Another metric of the same key and frequency, published once.",
    ),
    operation(
        "composite",
        &[
            must(
                "components",
                Shape::Several(&Shape::Object(COMPONENT), 2, 16),
                "The components.",
            ),
            must("combine", Shape::Word(COMBINATIONS), "How they are put together."),
            may(
                "min_weight_coverage",
                SHARE,
                "Least share of the weight that must be present; 0.75.",
            ),
        ],
        "Components on one scale of 0 to 10, put together with weights.",
    ),
];

fn node() -> Shape {
    Shape::Tagged("op", &OPERATIONS)
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && text.parse::<NaiveDate>().is_ok()
}
