//! Assessments: an analyst's judgement beside a computed level. Only added to; a newer one supersedes.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{BigInt, Bool, Date, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl};
use uuid::Uuid;

/// One judgement.
#[derive(Clone, Debug, PartialEq, QueryableByName)]
pub struct StoredAssessment {
    /// Order of recording; given by the store.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// Identifier.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Which metric.
    #[diesel(sql_type = Nullable<Text>)]
    pub code: Option<String>,
    /// Which key of it.
    #[diesel(sql_type = Nullable<Text>)]
    pub key: Option<String>,
    /// The dimensions judged.
    #[diesel(sql_type = Jsonb)]
    pub dimensions: serde_json::Value,
    /// Frequency of the period.
    #[diesel(sql_type = Nullable<Text>)]
    pub frequency: Option<String>,
    /// First day of the period.
    #[diesel(sql_type = Nullable<Date>)]
    pub period: Option<NaiveDate>,
    /// Component of CIRAM, when no metric is judged.
    #[diesel(sql_type = Nullable<Text>)]
    pub component: Option<String>,
    /// Level.
    #[diesel(sql_type = Text)]
    pub level: String,
    /// How sure.
    #[diesel(sql_type = Text)]
    pub confidence: String,
    /// In Ukrainian.
    #[diesel(sql_type = Text)]
    pub text_uk: String,
    /// In English.
    #[diesel(sql_type = Nullable<Text>)]
    pub text_en: Option<String>,
    /// Holds until then.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub expires_at: Option<DateTime<Utc>>,
    /// Who.
    #[diesel(sql_type = Text)]
    pub client_id: String,
    /// For which body.
    #[diesel(sql_type = Text)]
    pub body: String,
    /// When; given by the store.
    #[diesel(sql_type = Timestamptz)]
    pub occurred_at: DateTime<Utc>,
    /// Whether a newer one judges the same; given by the store.
    #[diesel(sql_type = Bool)]
    pub superseded: bool,
}

/// Which judgements.
#[derive(Clone, Debug, Default)]
pub struct AssessmentFilter {
    /// This one.
    pub id: Option<Uuid>,
    /// Of these metrics; every one when empty.
    pub codes: Vec<String>,
    /// Dimensions that must match, `name` and codes of which one must match.
    pub dimensions: Vec<(String, Vec<String>)>,
    /// Of these components; every one when empty.
    pub components: Vec<String>,
    /// Superseded ones too.
    pub include_history: bool,
    /// Made by this moment, and superseded by then.
    pub as_of: Option<DateTime<Utc>>,
    /// Keyset: before this number, newest first.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// Judgements, newest first. What is judged is a metric and key, or a component with dimensions.
///
/// # Errors
/// When the database refuses.
pub fn assessment_page(
    reader: &mut Reader,
    filter: &AssessmentFilter,
) -> Result<Vec<StoredAssessment>, StoreError> {
    let then = filter.as_of;
    let mut sql = String::from(
        "select * from (select a.*, exists (select from risk_assessment n where n.number > a.number \
         and n.code is not distinct from a.code and n.component is not distinct from a.component \
         and n.dimensions = a.dimensions and (?::timestamptz is null or n.occurred_at <= ?)) as superseded \
         from risk_assessment a where (?::timestamptz is null or a.occurred_at <= ?)",
    );
    let mut binds: Vec<Bind<'_>> = (0..4).map(|_| Bind::MaybeInstant(then)).collect();
    if let Some(id) = filter.id {
        sql.push_str(" and id = ?");
        binds.push(Bind::Uuid(id));
    }
    for (column, words) in [("code", &filter.codes), ("component", &filter.components)] {
        if !words.is_empty() {
            sql.push_str(&format!(" and {column} = any(?)"));
            binds.push(Bind::OwnedTexts(words));
        }
    }
    for (name, codes) in &filter.dimensions {
        sql.push_str(" and dimensions ->> ? = any(?)");
        binds.extend([Bind::Text(name), Bind::OwnedTexts(codes)]);
    }
    if let Some(number) = filter.before {
        sql.push_str(" and number < ?");
        binds.push(Bind::BigInt(number));
    }
    sql.push_str(") s where (? or not superseded) order by number desc limit ?");
    binds.extend([Bind::Flag(filter.include_history), Bind::BigInt(filter.limit)]);
    Ok(Statement::new(sql, binds).load(&mut reader.0)?)
}

/// Adds a judgement.
///
/// # Errors
/// When the database refuses.
pub fn assessment_insert_in_tx(tx: &mut Tx<'_>, new: &StoredAssessment) -> Result<(), StoreError> {
    let value = serde_json::json!({
        "id": new.id, "code": new.code, "key": new.key, "dimensions": new.dimensions, "frequency": new.frequency,
        "period": new.period, "component": new.component, "level": new.level, "confidence": new.confidence,
        "text_uk": new.text_uk, "text_en": new.text_en, "expires_at": new.expires_at, "client_id": new.client_id,
        "body": new.body,
    });
    Statement::new(
        "insert into risk_assessment (id, code, key, dimensions, frequency, period, component, level, confidence, text_uk, \
         text_en, expires_at, client_id, body) select id, code, key, dimensions, frequency, period, component, level, \
         confidence, text_uk, text_en, expires_at, client_id, body from jsonb_populate_record(null::risk_assessment, ?)",
        vec![Bind::Json(&value)],
    )
    .execute(tx.0)?;
    Ok(())
}
