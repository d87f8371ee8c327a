//! Findings of submissions: written once, read by page.

use crate::StoreError;
use crate::connections::{Reader, Tx};
use crate::statement::{Bind, Statement};
use diesel::sql_types::{BigInt, Integer, Jsonb, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl};
use leleka_domain::{Code, Finding, FindingColumn, Severity, SubmissionId};

/// So many findings go into one statement.
const BATCH: usize = 1_000;

#[derive(QueryableByName)]
struct FindingRow {
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    severity: String,
    #[diesel(sql_type = Nullable<Text>)]
    pointer: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    row_number: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    line_number: Option<i64>,
    #[diesel(sql_type = Nullable<Integer>)]
    column_index: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    column_name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    field: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    value: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    expected: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    explanation: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    rule_id: Option<String>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    related: Option<serde_json::Value>,
}

/// Writes the report of a submission, in its order.
///
/// # Errors
/// When the database refuses.
pub fn finding_insert_in_tx(
    tx: &mut Tx<'_>,
    submission_id: SubmissionId,
    findings: &[Finding],
) -> Result<(), StoreError> {
    for (batch, findings) in findings.chunks(BATCH).enumerate() {
        // One JSON array instead of eleven SQL arrays: half of the columns are empty in most findings.
        let rows: Vec<serde_json::Value> = findings
            .iter()
            .enumerate()
            .map(|(index, finding)| {
                serde_json::json!({
                    "submission_id": submission_id,
                    "number": batch * BATCH + index + 1,
                    "code": finding.code,
                    "severity": finding.severity,
                    "pointer": finding.pointer,
                    "row_number": finding.row,
                    "line_number": finding.line,
                    "column_index": finding.column.as_ref().map(|column| column.index),
                    "column_name": finding.column.as_ref().map(|column| &column.name),
                    "field": finding.field,
                    "value": finding.value,
                    "expected": finding.expected,
                    "explanation": finding.explanation,
                    "rule_id": finding.rule_id,
                    "related": (!finding.related.is_empty()).then_some(&finding.related),
                })
            })
            .collect();
        Statement::new(
            "insert into finding select * from jsonb_populate_recordset(null::finding, ?)",
            vec![Bind::Json(&serde_json::Value::Array(rows))],
        )
        .execute(tx.0)?;
    }
    Ok(())
}

/// Findings after a number, with their numbers; at most `limit`.
///
/// The caller has shown already that the submission is its own.
///
/// # Errors
/// When the database refuses, or a stored code is unknown.
pub fn finding_page(
    reader: &mut Reader,
    submission_id: SubmissionId,
    after: i32,
    limit: i64,
) -> Result<Vec<(i32, Finding)>, StoreError> {
    let rows: Vec<FindingRow> = Statement::new(
        "select number, code, severity, pointer, row_number, line_number, column_index, column_name, field, value, \
         expected, explanation, rule_id, related from finding where submission_id = ? and number > ? order by number limit ?",
        vec![Bind::Uuid(submission_id.0), Bind::Int(after), Bind::BigInt(limit)],
    )
    .load(&mut reader.0)?;
    rows.into_iter()
        .map(|row| {
            let corrupt = || StoreError::Corrupt(format!("finding {} of {submission_id}", row.number));
            let column = row.column_index.zip(row.column_name);
            let finding = Finding {
                code: Code::from_code(&row.code).ok_or_else(corrupt)?,
                severity: Severity::from_word(&row.severity).ok_or_else(corrupt)?,
                pointer: row.pointer,
                row: row.row_number.map(i64::unsigned_abs),
                line: row.line_number.map(i64::unsigned_abs),
                column: column.map(|(index, name)| FindingColumn {
                    index: index.unsigned_abs(),
                    name,
                }),
                field: row.field,
                value: row.value,
                expected: row.expected,
                explanation: row.explanation,
                rule_id: row.rule_id,
                related: match row.related {
                    None => Vec::new(),
                    Some(related) => serde_json::from_value(related).map_err(|_| corrupt())?,
                },
                texts: None,
            };
            Ok((row.number, finding))
        })
        .collect()
}
