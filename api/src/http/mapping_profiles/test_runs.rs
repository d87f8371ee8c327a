//! POST …/test-runs: what a version of a mapping profile, draft or not, makes of a sample.

use crate::http::body::{body_head, with_body};
use crate::http::caller::{Authorised, MappingProfileDraft};
use crate::http::mapping_profiles::VersionPath;
use crate::http::observations::table::observation_read_wire;
use crate::http::problem::{Failure, hexadecimal};
use crate::http::query::{NoParameters, Params};
use crate::http::respond::json_with_status;
use crate::http::series::series_wire;
use crate::http::submissions::{SubmissionParameters, submission_request};
use crate::service::Service;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use leleka_contract::v1::{MappingProfileObservation, MappingProfileTestRun, Problem};
use leleka_domain::{Code, RowFormat};
use leleka_exchange::{ProfileTestRun, ReadObservation, profile_test_run};
use leleka_store::StoredSeries;

/// Try a version of a mapping profile on a sample
///
/// The file is read as a submission with exactly this version would be, draft or not, for the body of the profile. The
/// report has the findings of a validation and the first 20 observations, so that its author sees what the columns became.
/// Nothing is stored, and nothing is compared with stored figures.
#[utoipa::path(
    operation_id = "mapping_profile_test_run_create", tag = "mapping profiles", params(VersionPath),
    request_body(description = "The sample, as it would be sent.", content((String = "text/csv", example = "TIME,GEO,REASON,CITIZEN,INDIC_MG,UNIT,Value,Flag and Footnotes\n2015,Poland,Total,Ukraine,Persons refused entry,Person,\"24,490\",e"), (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses(
        (status = 200, description = "What would become of it.", body = MappingProfileTestRun),
        (status = 422, description = "The version no longer fits the catalogue.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("leleka_oauth2" = ["mapping-profile:draft"])),
)]
#[post("/v1/mapping-profiles/{code}/versions/{version}/test-runs")]
pub(crate) async fn mapping_profile_test_run_create(
    request: HttpRequest,
    authorised: Authorised<MappingProfileDraft>,
    path: Path<VersionPath>,
    _none: Params<NoParameters>,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let head = body_head(&request, service.centre.settings.body_bytes)?;
    if !matches!(head.format, RowFormat::Csv | RowFormat::Xlsx) {
        return Err(Failure::new(Code::ContentTypeUnsupported).detail("text/csv | XLSX"));
    }
    let VersionPath { code, version } = path.into_inner();
    if code.contains('\0') {
        return Err(Failure::new(Code::ResourceNotFound));
    }
    let parameters = SubmissionParameters::default();
    let asked = submission_request(&request, head, parameters, None, service.centre.clock.now())?;
    let _permit = service.bulk_permit(request.headers().get(CONTENT_LENGTH)).await;
    let ran = with_body(&request, payload, service.body_deadline, {
        let service = service.clone();
        move |body| {
            profile_test_run(
                &service.centre,
                &authorised.caller,
                &asked,
                (&code, version),
                body,
            )
        }
    });
    let ran: ProfileTestRun = ran.await??;
    let shown = |read: ReadObservation| {
        let series = StoredSeries {
            id: read.id,
            key: read.series,
        };
        MappingProfileObservation {
            row: read.observation.row,
            observation: observation_read_wire(&series, &read.observation),
            series: series_wire(&service, &series),
        }
    };
    json_with_status(
        StatusCode::OK,
        &MappingProfileTestRun {
            code: ran.version.profile.code,
            version: ran.version.profile.version,
            state: ran.version.state.into(),
            would_be: ran.would_be.into(),
            counts: ran.counts.into(),
            ignored_by_reason: ran.ignored_by_reason,
            content_sha256: hexadecimal(&ran.content_sha256),
            ruleset_version: ran.ruleset_version,
            findings: ran.findings.into_iter().map(Into::into).collect(),
            truncated: ran.truncated,
            observations: ran.observations.into_iter().map(shown).collect(),
        },
    )
}
