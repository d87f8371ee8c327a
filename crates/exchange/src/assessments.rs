//! The act of an analyst's judgement about a metric or a component of CIRAM. It lies beside the computed level.
//!
//! Never changes a level; a newer judgement of the same supersedes it, and nothing is removed.

use crate::keyed_request::{KeyedAct, member_invalid, text_check};
use crate::metric_dirty::key_text;
use crate::{ActError, Caller, Centre, KeyedRequest};
use chrono::{DateTime, Utc};
use leleka_domain::{Code, Period};
use leleka_store::{AssessmentFilter, StoredAssessment, assessment_insert_in_tx, assessment_page};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssessmentSubject {
    /// A metric, by its code.
    Metric(String),
    /// A component of CIRAM.
    Component(String),
}

/// A judgement to be kept.
#[derive(Clone, Debug)]
pub struct AssessmentRequest {
    /// Of what.
    pub subject: AssessmentSubject,
    /// For which dimensions; of a metric, every one that it is computed by.
    pub dimensions: BTreeMap<String, String>,
    /// For which period, when one is meant.
    pub period: Option<Period>,
    /// Level.
    pub level: &'static str,
    /// How sure.
    pub confidence: &'static str,
    /// In Ukrainian.
    pub text_uk: String,
    /// In English.
    pub text_en: Option<String>,
    /// Holds until then.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Keeps a judgement. Returns it, and whether the request was a repetition.
///
/// # Errors
/// A refusal when the metric, its dimensions, the period, the texts or the end cannot be.
pub fn assessment_create(
    centre: &Centre,
    caller: &Caller,
    request: &KeyedRequest,
    new: &AssessmentRequest,
) -> Result<(StoredAssessment, bool), ActError> {
    assessment_check(centre, new)?;
    let made = centre.ids.next();
    let act = KeyedAct {
        operation: "risk_assessment_create",
        action: "risk_assessment.create",
        object_type: "risk_assessment",
        object_id: made.to_string(),
        caller,
        request,
    };
    let (code, component) = match &new.subject {
        AssessmentSubject::Metric(code) => (Some(code.clone()), None),
        AssessmentSubject::Component(component) => (None, Some(component.clone())),
    };
    let pairs = new.dimensions.iter();
    let key = code
        .is_some()
        .then(|| key_text(pairs.map(|(name, code)| (name.as_str(), code.as_str()))));
    let stored = StoredAssessment {
        number: 0,
        id: made,
        code,
        key,
        dimensions: serde_json::json!(new.dimensions),
        frequency: new.period.map(|period| period.frequency().to_string()),
        period: new.period.map(|period| period.start()),
        component,
        level: new.level.to_owned(),
        confidence: new.confidence.to_owned(),
        text_uk: new.text_uk.clone(),
        text_en: new.text_en.clone(),
        expires_at: new.expires_at,
        client_id: caller.client_id.clone(),
        body: caller.body.clone(),
        occurred_at: DateTime::default(),
        superseded: false,
    };
    let (made, repeated) = act.once_made(centre, made, |tx| Ok(assessment_insert_in_tx(tx, &stored)?))?;
    let found = assessment_find(centre, made)?;
    Ok((
        found.ok_or_else(|| ActError::refused(Code::ResourceNotFound))?,
        repeated,
    ))
}

fn assessment_find(centre: &Centre, id: Uuid) -> Result<Option<StoredAssessment>, ActError> {
    let filter = AssessmentFilter {
        id: Some(id),
        include_history: true,
        limit: 1,
        ..AssessmentFilter::default()
    };
    Ok(assessment_page(&mut centre.store.reader()?, &filter)?
        .into_iter()
        .next())
}

fn assessment_check(centre: &Centre, new: &AssessmentRequest) -> Result<(), ActError> {
    text_check("text_uk", Some(&new.text_uk))?;
    text_check("text_en", new.text_en.as_deref())?;
    if new.expires_at.is_some_and(|end| end <= centre.clock.now()) {
        return Err(member_invalid("expires_at", "> now"));
    }
    let plain = |text: &String| {
        (1..=64).contains(&text.chars().count())
            && !text.chars().any(|it| it.is_control() || it == ';' || it == '=')
    };
    if new.dimensions.len() > 16
        || !new
            .dimensions
            .iter()
            .all(|(name, code)| plain(name) && plain(code))
    {
        return Err(member_invalid("dimensions", "name: CODE, ≤ 16"));
    }
    let AssessmentSubject::Metric(code) = &new.subject else {
        return Ok(());
    };
    let book = centre.book();
    let definition = book.definitions.iter().find(|it| it.code == *code);
    let definition = definition.ok_or_else(|| member_invalid("metric", "GET /v1/risk-metrics"))?;
    let mut by = definition.by.clone();
    by.sort_unstable();
    if !by.iter().eq(new.dimensions.keys()) {
        return Err(member_invalid("dimensions", &by.join(", ")));
    }
    if new
        .period
        .is_some_and(|period| period.frequency() != definition.frequency)
    {
        return Err(member_invalid("period", definition.frequency.sdmx()));
    }
    Ok(())
}
