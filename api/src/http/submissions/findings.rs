//! GET /v1/submissions/{submission_id}/findings: every kept finding, as JSON pages or one CSV.
//!
//! A submission of another body is "not found".

use crate::http::caller::{Authorised, SubmissionRead};
use crate::http::csv_text::CsvText;
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond::{self, Format};
use crate::http::submissions::SubmissionPath;
use crate::service::Service;
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::FindingPage;
use leleka_domain::{Code, Finding, SubmissionId};
use leleka_exchange::{ActError, submission_view};
use leleka_store::finding_page;
use utoipa::IntoParams;

/// Most findings of one CSV answer; no submission keeps more.
const CSV_FINDINGS: i64 = 100_000;

/// Which findings.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(crate) struct FindingListQuery {
    /// Size of a JSON page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: i64,
    /// Where the page begins.
    #[param(max_length = 512)]
    cursor: Option<String>,
    /// `json` or `csv`, in place of `Accept`.
    #[param(max_length = 4)]
    format: Option<String>,
}

impl QueryModel for FindingListQuery {
    fn read(query: &mut QueryReader) -> Self {
        Self {
            limit: query.number("limit", 1..=200, 50),
            cursor: query.text("cursor", 512),
            format: query.words("format", &Format::WORDS).into_iter().next(),
        }
    }
}

/// List the findings of a submission
///
/// By line, row, column and code: the same file always gives the same report.
#[utoipa::path(
    operation_id = "finding_list", tag = "submissions", params(SubmissionPath, FindingListQuery),
    responses((status = 200, description = "The findings.", content((FindingPage = "application/json"), (String = "text/csv")))),
    security(("leleka_oauth2" = ["submission:read"])),
)]
#[get("/v1/submissions/{submission_id}/findings")]
pub(crate) async fn finding_list(
    request: HttpRequest,
    authorised: Authorised<SubmissionRead>,
    path: Path<SubmissionPath>,
    query: Params<FindingListQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let (scope, id, query) = (authorised.scope()?, SubmissionId(path.submission_id), query.0);
    let format = Format::negotiate(&request, query.format.as_deref(), &[Format::Json, Format::Csv])?;
    let bound_to = query_without_cursor(request.path(), request.query_string());
    let after = service.cursors.read::<i32>(&bound_to, query.cursor.as_deref())?;
    let limit = if format == Format::Csv {
        CSV_FINDINGS
    } else {
        query.limit
    };
    let stored = service.clone();
    let found = web::block(move || {
        if submission_view(&stored.centre, &scope, id)?.is_none() {
            return Ok::<_, ActError>(None);
        }
        let mut reader = stored.centre.store.reader()?;
        Ok(Some(finding_page(
            &mut reader,
            id,
            after.unwrap_or(0),
            limit + 1,
        )?))
    });
    let mut found = found
        .await??
        .ok_or_else(|| Failure::new(Code::ResourceNotFound))?;
    if format == Format::Csv {
        let bytes = findings_csv(found.iter().map(|(_, finding)| finding));
        return Ok(respond::with_etag(
            &respond::etag_of(&[&bytes]),
            format.media_type(),
            bytes,
        ));
    }
    let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let last = found.last().map(|(number, _)| *number).filter(|_| more);
    let next = last.map(|number| next_page(&bound_to, &service.cursors.make(&bound_to, &number)));
    let items = found.into_iter().map(|(_, finding)| finding.into()).collect();
    respond::json(&request, &FindingPage { items, next })
}

fn findings_csv<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<u8> {
    let header = [
        "row",
        "line",
        "column",
        "column_name",
        "pointer",
        "field",
        "severity",
        "code",
        "value",
        "expected",
    ];
    let mut text =
        CsvText::new(
            header
                .into_iter()
                .chain(["explanation", "message_uk", "message_en", "rule_id"]),
        );
    for finding in findings {
        let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let (uk, en) = (finding.message_uk(), finding.message_en());
        let column = finding.column.as_ref();
        text.row([
            number(finding.row).as_str(),
            number(finding.line).as_str(),
            number(column.map(|column| u64::from(column.index))).as_str(),
            column.map_or("", |column| column.name.as_str()),
            finding.pointer.as_deref().unwrap_or(""),
            finding.field.as_deref().unwrap_or(""),
            finding.severity.word(),
            finding.code.as_str(),
            finding.value.as_deref().unwrap_or(""),
            finding.expected.as_deref().unwrap_or(""),
            finding.explanation.as_deref().unwrap_or(""),
            uk.as_str(),
            en.as_str(),
            finding.rule_id.as_deref().unwrap_or(""),
        ]);
    }
    text.into_bytes()
}
