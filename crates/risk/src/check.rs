//! The type checker: units, frequencies, keys and limits of a definition that was read.
//!
//! After it, evaluation cannot fail. Never looks at data.

use crate::definition::{Definition, Direction, Input, Kind};
use crate::definition_fault::DefinitionFault;
use crate::detect::Transform;
use crate::detector::Detector;
use crate::expression::{Op, WINDOW_LIMIT};
use crate::farrington::FarringtonSettings;
use crate::types::infer;
use leleka_domain::Frequency;
use std::collections::BTreeSet;

/// Most periods before the one judged that an expression may read, windows within windows added up.
pub const REACH_LIMIT: u32 = 1_040;

pub(crate) fn check(definition: &Definition, faults: &mut Vec<DefinitionFault>) {
    check_names(definition, faults);
    for (name, input) in &definition.inputs {
        check_input(
            input,
            &format!("/inputs/{}", crate::members::escaped(name)),
            faults,
        );
    }
    check_expression(definition, faults);
    match definition.kind {
        Kind::Signal => check_signal(definition, faults),
        Kind::Level => check_level(definition, faults),
        Kind::Composite => check_composite(definition, faults),
    }
    let rising = definition.cuts.0.iter().zip(definition.cuts.0.iter().skip(1));
    let within = definition.cuts.0.iter().all(|cut| (0.0..=10.0).contains(cut));
    if !within || !rising.into_iter().all(|(low, high)| low < high) {
        faults.push(DefinitionFault::new(
            "/cuts",
            "Межі рівнів мають зростати і лежати між 0 і 10.",
            "The cuts must rise and lie between 0 and 10.",
        ));
    }
}

fn check_names(definition: &Definition, faults: &mut Vec<DefinitionFault>) {
    let code = definition.code.strip_prefix("RM_").unwrap_or_default();
    let letters = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
    };
    if code.is_empty() || definition.code.len() > 40 || !letters(code) {
        faults.push(DefinitionFault::new(
            "/code",
            "Код має вигляд RM_…: великі латинські літери, цифри, «_», до 40 знаків.",
            "A code reads RM_…: capital letters, digits, \"_\", at most 40 characters.",
        ));
    }
    if definition.version == 0 {
        faults.push(DefinitionFault::new(
            "/version",
            "Версії рахують від 1.",
            "Versions count from 1.",
        ));
    }
    if definition.decimals > 10 {
        faults.push(DefinitionFault::new(
            "/decimals",
            "Не більше 10 десяткових знаків.",
            "At most 10 decimals.",
        ));
    }
    if definition.family.is_empty() || definition.family.len() > 64 {
        faults.push(DefinitionFault::new(
            "/family",
            "Назва родини має від 1 до 64 знаків.",
            "The name of a family has 1 to 64 characters.",
        ));
    }
    if matches!(
        definition.frequency,
        Frequency::SpanMonths(_) | Frequency::SpanDays(_)
    ) {
        faults.push(DefinitionFault::new(
            "/freq",
            "Показник рахують за звичайними періодами: A, S, Q, M, W або D.",
            "A metric is computed for ordinary periods: A, S, Q, M, W or D.",
        ));
    }
    for (language, text) in [("uk", &definition.text.uk), ("en", &definition.text.en)] {
        for (member, words, most) in [
            ("name", &text.name, 200),
            ("explanation", &text.explanation, 2000),
        ] {
            if words.trim().is_empty() || words.chars().count() > most {
                faults.push(DefinitionFault::new(
                    &format!("/text/{language}/{member}"),
                    &format!("Тут має бути текст до {most} знаків."),
                    &format!("A text of at most {most} characters belongs here."),
                ));
            }
        }
    }
}

fn check_input(input: &Input, pointer: &str, faults: &mut Vec<DefinitionFault>) {
    if !(0.0..=1.0).contains(&input.min_coverage) {
        faults.push(DefinitionFault::new(
            &format!("{pointer}/min_coverage"),
            "Частка від 0 до 1.",
            "A share from 0 to 1.",
        ));
    }
    for (dimension, codes) in &input.filter {
        if codes.is_empty() {
            faults.push(DefinitionFault::new(
                &format!("{pointer}/filter/{}", crate::members::escaped(dimension)),
                "Перелік кодів порожній: нічого не буде знайдено.",
                "The list of codes is empty: nothing would be found.",
            ));
        }
    }
    let mut seen = BTreeSet::new();
    let parts = input
        .by
        .iter()
        .enumerate()
        .map(|(at, name)| (format!("by/{at}"), name));
    let parts = parts.chain(
        input
            .over
            .iter()
            .enumerate()
            .map(|(at, name)| (format!("over/{at}"), name)),
    );
    for (member, dimension) in parts {
        if !seen.insert(dimension) || input.filter.contains_key(dimension) && member.starts_with("over") {
            faults.push(DefinitionFault::new(
                &format!("{pointer}/{member}"),
                "Розріз виконує одну роль: ключ, відбір або підсумок.",
                "A dimension plays one part: key, filter or sum.",
            ));
        }
    }
}

fn check_expression(definition: &Definition, faults: &mut Vec<DefinitionFault>) {
    let before = faults.len();
    let found = infer(&definition.expression, definition, faults);
    if faults.len() > before {
        return;
    }
    if found.unit.as_ref() != Some(&definition.unit) {
        let has = found.unit.map_or_else(|| "—".to_owned(), |unit| unit.to_string());
        faults.push(DefinitionFault::new(
            "/unit",
            &format!("Вираз має одиницю {has}, а опис — {}.", definition.unit),
            &format!(
                "The expression has the unit {has}, the definition {}.",
                definition.unit
            ),
        ));
    }
    if found.frequency != Some(definition.frequency) {
        let has = found
            .frequency
            .map_or_else(|| "—".to_owned(), |frequency| frequency.to_string());
        faults.push(DefinitionFault::new(
            "/freq",
            &format!("Вираз має частоту {has}, а опис — {}.", definition.frequency),
            &format!(
                "The expression has the frequency {has}, the definition {}.",
                definition.frequency
            ),
        ));
    }
    let by: BTreeSet<String> = definition.by.iter().cloned().collect();
    if by.len() != definition.by.len() || found.keys.unwrap_or_default() != by {
        faults.push(DefinitionFault::new(
            "/by",
            "Ключ опису має збігатися з ключем виразу, без повторів.",
            "The key of the definition must equal the key of the expression, without repetitions.",
        ));
    }
    if found.reach > REACH_LIMIT {
        faults.push(DefinitionFault::new(
            "/expr",
            &format!("Разом вікна й зсуви сягають далі ніж на {REACH_LIMIT} періодів."),
            &format!("Windows and lags together reach further back than {REACH_LIMIT} periods."),
        ));
    }
}

fn check_signal(definition: &Definition, faults: &mut Vec<DefinitionFault>) {
    if definition.detectors.is_empty() || definition.detectors.len() > 8 {
        faults.push(DefinitionFault::new(
            "/detectors",
            "Сигнал потребує від 1 до 8 детекторів.",
            "A signal needs 1 to 8 detectors.",
        ));
    }
    if !definition.scale.0.is_empty() {
        faults.push(DefinitionFault::new(
            "/breakpoints",
            "Сигнал не має шкали значень: його рівень дає ймовірність.",
            "A signal has no scale of values: its level comes from a probability.",
        ));
    }
    for (at, detector) in definition.detectors.iter().enumerate() {
        if !(1..=WINDOW_LIMIT).contains(&detector.reach()) {
            faults.push(DefinitionFault::new(
                &format!("/detectors/{at}/window"),
                &format!("Вікно від 1 до {WINDOW_LIMIT} періодів."),
                &format!("A window of 1 to {WINDOW_LIMIT} periods."),
            ));
        }
        if let Some((member, uk, en)) = detector.unsound() {
            faults.push(DefinitionFault::new(&format!("/detectors/{at}{member}"), uk, en));
        }
        if let Detector::Farrington(settings) = detector {
            check_farrington(definition, settings, &format!("/detectors/{at}"), faults);
        } else if detector.transform() == Some(Transform::Anscombe) && !definition.unit.is_count() {
            faults.push(DefinitionFault::new(
                &format!("/detectors/{at}/transform"),
                "Перетворення anscombe придатне лише для лічби.",
                "The anscombe transform fits counts only.",
            ));
        }
    }
    let ranges = definition.baseline.exclude.iter().enumerate();
    for (at, range) in ranges.filter(|(_, range)| range.to.start() < range.from.start()) {
        faults.push(DefinitionFault::new(
            &format!("/baseline/exclude/{at}"),
            &format!("Проміжок закінчується ({}) раніше, ніж починається.", range.to),
            &format!("The range ends ({}) before it begins.", range.to),
        ));
    }
}

fn check_farrington(
    definition: &Definition,
    settings: &FarringtonSettings,
    pointer: &str,
    faults: &mut Vec<DefinitionFault>,
) {
    if !definition.unit.is_count() || definition.frequency != Frequency::Weekly {
        faults.push(DefinitionFault::new(
            pointer,
            "Метод Фаррінгтона придатний лише для лічби за тижнями.",
            "The method of Farrington fits weekly counts only.",
        ));
    }
    let sound = (1..=10).contains(&settings.w)
        && (1..=20).contains(&settings.seasons)
        && (1..=52).contains(&settings.past_excluded)
        && (0.5..=10.0).contains(&settings.weights_threshold)
        && (1e-6..=0.2).contains(&settings.alpha);
    if !sound {
        faults.push(DefinitionFault::new(
            pointer,
            "Налаштування поза межами: w 1…10, seasons 1…20, past_excluded 1…52, weights_threshold 0,5…10, alpha 0,000001…0,2.",
            "A setting is out of bounds: w 1 to 10, seasons 1 to 20, past_excluded 1 to 52, weights_threshold 0.5 to 10, alpha 0.000001 to 0.2.",
        ));
    }
}

fn check_level(definition: &Definition, faults: &mut Vec<DefinitionFault>) {
    if !definition.detectors.is_empty() || definition.baseline != crate::definition::Baseline::default() {
        faults.push(DefinitionFault::new(
            "/detectors",
            "Показник рівня не має детекторів і бази: його рівень дає шкала.",
            "A level metric has neither detectors nor a baseline: its level comes from the scale.",
        ));
    }
    if definition.direction == Direction::Both {
        faults.push(DefinitionFault::new(
            "/direction",
            "Шкала рівня має один напрям: up або down.",
            "The scale of a level has one direction: up or down.",
        ));
    }
    let mut days = BTreeSet::new();
    let sound = definition.scale.0.iter().all(|dated| {
        let rising = dated.points.iter().zip(dated.points.iter().skip(1));
        days.insert(dated.valid_from)
            && dated.points.len() >= 2
            && rising.into_iter().all(|(low, high)| low.0 < high.0)
            && dated.points.iter().all(|point| (0.0..=10.0).contains(&point.1))
    });
    if definition.scale.0.is_empty() || !sound {
        faults.push(DefinitionFault::new(
            "/breakpoints",
            "Шкала потребує щонайменше двох точок за зростанням значення, бали від 0 до 10, кожен день чинності один раз.",
            "A scale needs at least two points by rising value, scores from 0 to 10, each day of validity once.",
        ));
    }
}

fn check_composite(definition: &Definition, faults: &mut Vec<DefinitionFault>) {
    if !definition.detectors.is_empty() || definition.baseline != crate::definition::Baseline::default() {
        faults.push(DefinitionFault::new(
            "/detectors",
            "Складений показник не має детекторів і бази.",
            "A composite has neither detectors nor a baseline.",
        ));
    }
    if !definition.scale.0.is_empty() {
        faults.push(DefinitionFault::new(
            "/breakpoints",
            "Складений показник не має шкали: його значення вже є балом від 0 до 10.",
            "A composite has no scale: its value already is a score of 0 to 10.",
        ));
    }
    if definition.direction != Direction::Up {
        faults.push(DefinitionFault::new(
            "/direction",
            "Бал зростає разом із ризиком: напрям up.",
            "A score rises with risk: the direction is up.",
        ));
    }
    if !matches!(&definition.expression.op, Op::Composite { .. }) {
        faults.push(DefinitionFault::new(
            "/expr",
            "Вираз складеного показника починається з дії composite.",
            "The expression of a composite begins with the operation composite.",
        ));
    }
}
