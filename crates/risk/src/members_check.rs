//! Members of operations that are no operands: numbers in their range, bounds and weights that can be used.

use crate::expression::{Node, Op, WINDOW_LIMIT};
use crate::operands::Weighted;
use crate::types::{Faults, Sentence, fault};

const BOUNDS: Sentence = (
    "Нижня межа вища за верхню.",
    "The lower bound is above the upper one.",
);
const EMPTY: Sentence = ("Перелік порожній.", "The list is empty.");
const LEAST: Sentence = (
    "Найменша кількість — від 1 до довжини вікна.",
    "The least number is from 1 to the length of the window.",
);
const BOUND: Sentence = (
    "Межа має бути числом, для кожного дня чинності одним.",
    "A bound is a number, one for each day of validity.",
);
const COMPONENTS: Sentence = (
    "Складений показник має від 2 до 16 складників.",
    "A composite has 2 to 16 components.",
);
const WEIGHT: Sentence = ("Вага більша за нуль.", "A weight is above zero.");
const NORMALISE: Sentence = (
    "Шкалою складника не можна скористатися: межі за зростанням, розкид більший за нуль, бали від 0 до 10.",
    "The scale of the component cannot be used: bounds that rise, a spread above zero, scores from 0 to 10.",
);
const COVERAGE: Sentence = ("Частка від 0 до 1.", "A share from 0 to 1.");

/// Members that are plain numbers: each in its range.
pub(crate) fn check_members(node: &Node, faults: &mut Faults) {
    if let Op::Ratio { scale, .. } | Op::PerCapita { scale, .. } = &node.op {
        positive(node, "/scale", Some(*scale), faults);
    }
    if let Op::Ratio { min_base, .. } | Op::PctChange { min_base, .. } | Op::Yoy { min_base, .. } = &node.op {
        positive(node, "/min_base", *min_base, faults);
    }
    if let Op::PerCapita { max_age_months, .. } | Op::Latest { max_age_months, .. } = &node.op {
        steps(node, "/max_age_months", *max_age_months, faults);
    }
    if let Op::Lag { k, .. } | Op::Diff { k, .. } | Op::PctChange { k, .. } = &node.op {
        steps(node, "/k", *k, faults);
    }
    if let Op::Clamp { lo, hi, .. } = &node.op
        && lo > hi
    {
        fault(node, "/lo", BOUNDS, faults);
    }
    if let Op::AtLeast { bound, .. } | Op::Below { bound, .. } = &node.op
        && !bound.is_sound()
    {
        fault(node, "/bound", BOUND, faults);
    }
    if let Op::RobustZ {
        window, min_obs, gap, ..
    } = &node.op
    {
        steps(node, "/window", *window, faults);
        steps(node, "/gap", gap.saturating_add(1), faults);
        if !(2..=*window).contains(min_obs) {
            fault(node, "/min_obs", LEAST, faults);
        }
    }
    if let Op::Composite {
        components,
        min_weight_coverage,
        ..
    } = &node.op
    {
        check_composite(node, components, *min_weight_coverage, faults);
    }
    if let Op::Coalesce { args } | Op::All { args } | Op::Any { args } = &node.op
        && args.is_empty()
    {
        fault(node, "/args", EMPTY, faults);
    }
    if let Op::Roll {
        n, offset, min_obs, ..
    } = &node.op
    {
        steps(node, "/n", *n, faults);
        steps(node, "/offset", offset.saturating_add(1), faults);
        if !(1..=*n).contains(&min_obs.unwrap_or(*n)) {
            fault(node, "/min_obs", LEAST, faults);
        }
    }
}

fn check_composite(node: &Node, parts: &[Weighted<Box<Node>>], coverage: f64, faults: &mut Faults) {
    if !(2..=16).contains(&parts.len()) {
        fault(node, "/components", COMPONENTS, faults);
    }
    if !(0.0..=1.0).contains(&coverage) {
        fault(node, "/min_weight_coverage", COVERAGE, faults);
    }
    for (at, part) in parts.iter().enumerate() {
        if !part.weight.is_finite() || part.weight <= 0.0 {
            fault(node, &format!("/components/{at}/weight"), WEIGHT, faults);
        }
        if !part.normalise.is_sound() {
            fault(node, &format!("/components/{at}/normalise"), NORMALISE, faults);
        }
    }
}

fn positive(node: &Node, member: &str, number: Option<f64>, faults: &mut Faults) {
    if number.is_some_and(|number| number <= 0.0 || !number.is_finite()) {
        fault(
            node,
            member,
            (
                "Число має бути більшим за нуль.",
                "The number must be above zero.",
            ),
            faults,
        );
    }
}

fn steps(node: &Node, member: &str, number: u16, faults: &mut Faults) {
    if !(1..=WINDOW_LIMIT).contains(&number) {
        fault(
            node,
            member,
            ("Число від 1 до 520.", "A number from 1 to 520."),
            faults,
        );
    }
}
