//! What is wrong with a set of rules, all of it at once: unknown indicators, codes, bodies, senseless numbers.

use crate::rules::definition::{
    Check, Comparison, Jump, Mirror, MirrorSide, Parts, Relation, Rule, RuleSet, Totals,
};
use leleka_domain::{Catalogue, Severity};

/// Every fault; empty when the set can be used.
pub(crate) fn faults(set: &RuleSet, catalogue: &Catalogue) -> Vec<String> {
    let mut faults = Vec::new();
    if set.version.is_empty() || set.version.len() > 32 {
        faults.push("version: from 1 to 32 characters".to_owned());
    }
    for (place, rule) in set.rules.iter().enumerate() {
        let mut fault = |what: String| faults.push(format!("{}: {what}", rule.id));
        if set.rules.iter().skip(place + 1).any(|other| other.id == rule.id) {
            fault("the identifier stands twice".to_owned());
        }
        rule_faults(rule, catalogue, &mut fault);
    }
    faults
}

fn rule_faults(rule: &Rule, catalogue: &Catalogue, fault: &mut impl FnMut(String)) {
    let legal = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    if !rule.id.starts_with("R-") || rule.id.len() > 64 || !rule.id.bytes().all(legal) {
        fault("an identifier is R- and capital letters, digits, hyphens".to_owned());
    }
    if rule.text_uk.trim().is_empty() || rule.text_en.trim().is_empty() {
        fault("both texts are needed".to_owned());
    }
    if !matches!(
        rule.severity,
        Severity::Error | Severity::Soft | Severity::Warning | Severity::Info
    ) {
        fault("a rule is never fatal".to_owned());
    }
    let named = rule.check.indicators();
    if named.is_empty() {
        fault("it concerns no indicator".to_owned());
    }
    for code in named {
        if !catalogue.indicators.iter().any(|it| it.code == code) {
            fault(format!("the indicator {code} is not in the catalogue"));
        }
    }
    match &rule.check {
        Check::TotalsDetails(it) => totals_faults(it, catalogue, fault),
        Check::CrossIndicator(it) => comparison_faults(it, fault),
        Check::Jump(it) => jump_faults(it, fault),
        Check::CumulativeMonotonic(_) => {}
        Check::Mirror(it) => mirror_faults(it, catalogue, fault),
    }
}

fn totals_faults(it: &Totals, catalogue: &Catalogue, fault: &mut impl FnMut(String)) {
    let Some(dimension) = catalogue.dimensions.iter().find(|one| one.code == it.dimension) else {
        fault(format!("the dimension {} is not in the catalogue", it.dimension));
        return;
    };
    for code in &it.indicators {
        let record = catalogue.indicators.iter().find(|one| one.code == *code);
        if record.is_some_and(|one| !one.dimensions.contains(&it.dimension)) {
            fault(format!("{code} is not broken down by {}", it.dimension));
        }
    }
    let named = match &it.parts {
        Parts::Codes(codes) => codes.as_slice(),
        Parts::Level(_) | Parts::Scheme(_) => &[],
    };
    let open = catalogue
        .code_lists
        .iter()
        .any(|list| list.code == dimension.list && list.open);
    for code in named.iter().chain(&it.exhaustive_with).chain([&it.total]) {
        let there = catalogue
            .codes
            .iter()
            .any(|entry| entry.list == dimension.list && entry.code == *code);
        if !there && !open {
            fault(format!("{} has no code {code}", dimension.list));
        }
    }
    if matches!(&it.parts, Parts::Codes(codes) if codes.is_empty() || codes.contains(&it.total)) {
        fault("the parts are empty, or the total is one of them".to_owned());
    }
    step_fault(it.rounding_step, fault);
}

fn comparison_faults(it: &Comparison, fault: &mut impl FnMut(String)) {
    if it.left.is_empty() || it.right.is_empty() {
        fault("both sides need a term".to_owned());
    }
    for term in it.left.iter().chain(&it.right) {
        if !term.times.is_finite() || term.times == 0.0 || !(0..=60).contains(&term.lag) {
            fault(format!("{}: times is not 0, lag is from 0 to 60", term.indicator));
        }
        let negative = term.times < 0.0;
        if negative && it.relation == Relation::AtMost {
            fault(format!(
                "{}: move a negative term to the other side",
                term.indicator
            ));
        }
    }
    step_fault(it.rounding_step, fault);
}

fn jump_faults(it: &Jump, fault: &mut impl FnMut(String)) {
    let positive = [it.least_size, it.threshold, it.least_deviation];
    if positive
        .iter()
        .any(|number| !number.is_finite() || *number <= 0.0)
    {
        fault("least_size, threshold and least_deviation are above 0".to_owned());
    }
    if !it.least_factor.is_finite() || it.least_factor < 1.0 {
        fault("least_factor is at least 1".to_owned());
    }
    let most = usize::try_from(it.history).unwrap_or(0);
    if !(1..=400).contains(&it.history) || it.least_history == 0 || it.least_history > most {
        fault("history is from 1 to 400 periods, least_history from 1 to history".to_owned());
    }
}

fn mirror_faults(it: &Mirror, catalogue: &Catalogue, fault: &mut impl FnMut(String)) {
    for side in [&it.left, &it.right] {
        side_faults(side, catalogue, fault);
    }
    if it.left == it.right {
        fault("both sides are the same".to_owned());
    }
    if it.left.body_kind.is_some() && it.right.body_kind.is_some() {
        fault("at least one side is one body".to_owned());
    }
    if !(0.0..=1.0).contains(&it.share) || !it.least.is_finite() || it.least < 0.0 {
        fault("share is from 0 to 1, least is not negative".to_owned());
    }
}

fn side_faults(side: &MirrorSide, catalogue: &Catalogue, fault: &mut impl FnMut(String)) {
    let known = match (&side.body, &side.body_kind) {
        (Some(body), None) => catalogue.bodies.iter().any(|it| it.code == *body),
        (None, Some(kind)) => catalogue.bodies.iter().any(|it| it.kind == *kind),
        _ => false,
    };
    if !known {
        fault("a side names one body, or one kind of bodies, of the catalogue".to_owned());
    }
    for (dimension, code) in &side.fixed {
        let list = catalogue.dimensions.iter().find(|it| it.code == *dimension);
        let there = list.is_some_and(|it| {
            let mut codes = catalogue.codes.iter();
            codes.any(|entry| entry.list == it.list && entry.code == *code)
        });
        if !there {
            fault(format!("{dimension} has no code {code}"));
        }
    }
}

fn step_fault(step: f64, fault: &mut impl FnMut(String)) {
    if !step.is_finite() || step < 0.0 {
        fault("rounding_step is not negative".to_owned());
    }
}
