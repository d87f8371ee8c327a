//! GET /v1/mapping-profiles: how files of bodies become rows.

use crate::http::caller::{Authorised, CatalogueRead};
use crate::http::cursor::{next_page, query_without_cursor};
use crate::http::mapping_profiles::profile_wire;
use crate::http::problem::Failure;
use crate::http::query::{Params, QueryModel, QueryReader};
use crate::http::respond;
use crate::service::Service;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse, get};
use leleka_contract::v1::MappingProfilePage;
use leleka_domain::ProfileState;
use leleka_store::{ProfileFilter, profile_page};
use utoipa::IntoParams;

/// Which versions.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[expect(
    dead_code,
    reason = "the names document the parameters; the filter holds their values"
)]
pub(crate) struct ProfileListQuery {
    /// Codes.
    code: Vec<String>,
    /// Whose files.
    body: Vec<String>,
    /// Dataflows.
    dataflow: Vec<String>,
    /// `draft`, `approved`, `retired`.
    #[param(example = json!(["approved"]))]
    state: Vec<String>,
    /// `newest`: of each code the newest version that matches; `all`: every one.
    #[param(max_length = 6, default = "newest")]
    version: Option<String>,
    /// Size of a page.
    #[param(minimum = 1, maximum = 200, default = 200)]
    limit: i64,
    /// Where the page begins.
    #[param(max_length = 512)]
    cursor: Option<String>,
    #[param(ignore)]
    filter: ProfileFilter,
}

impl QueryModel for ProfileListQuery {
    fn read(query: &mut QueryReader) -> Self {
        let version = query.words("version", &["newest", "all"]);
        Self {
            filter: ProfileFilter {
                codes: query.many("code"),
                bodies: query.many("body"),
                dataflows: query.many("dataflow"),
                states: query.words("state", &ProfileState::ALL.map(ProfileState::word)),
                every_version: version.iter().any(|word| word == "all"),
                after: None,
            },
            code: Vec::new(),
            body: Vec::new(),
            dataflow: Vec::new(),
            state: Vec::new(),
            version: None,
            limit: query.number("limit", 1..=200, 200),
            cursor: query.text("cursor", 512),
        }
    }
}

/// List mapping profiles
///
/// By code and version, without their content. A stored version is never changed.
#[utoipa::path(
    operation_id = "mapping_profile_list", tag = "mapping profiles", params(ProfileListQuery),
    responses((status = 200, description = "A page.", body = MappingProfilePage)),
    security(("leleka_oauth2" = ["catalogue:read"])),
)]
#[get("/v1/mapping-profiles")]
pub(crate) async fn mapping_profile_list(
    request: HttpRequest,
    _authorised: Authorised<CatalogueRead>,
    query: Params<ProfileListQuery>,
    service: Data<Service>,
) -> Result<HttpResponse, Failure> {
    let ProfileListQuery {
        limit,
        cursor,
        mut filter,
        ..
    } = query.0;
    let bound_to = query_without_cursor(request.path(), request.query_string());
    filter.after = service.cursors.read(&bound_to, cursor.as_deref())?;
    let stored = service.clone();
    let found = web::block(move || profile_page(&mut stored.centre.store.reader()?, &filter, limit + 1));
    let mut found = found.await??;
    let more = i64::try_from(found.len()).unwrap_or(i64::MAX) > limit;
    found.truncate(usize::try_from(limit).unwrap_or(0));
    let last = found.last().filter(|_| more);
    let next = last.map(|last| {
        let place = (&last.profile.code, last.profile.version);
        next_page(&bound_to, &service.cursors.make(&bound_to, &place))
    });
    let items = found.iter().map(profile_wire).collect();
    respond::json(&request, &MappingProfilePage { items, next })
}
