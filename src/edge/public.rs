//! What anybody may ask: what this server is, and the ground rules.

use super::extract::Query;
use super::{Problem, Shared};
use crate::complaint::ground_rules;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(about)).routes(routes!(rules))
}

#[derive(Serialize, ToSchema)]
struct About {
    /// The mediation body.
    name: String,
    /// This server shows made-up cases.
    sample: bool,
    /// IANA name.
    time_zone: String,
    languages: [&'static str; 2],
}

/// What this server is.
#[utoipa::path(get, path = "/about", tag = "public", responses((status = 200, body = About)))]
async fn about(State(state): State<Shared>) -> Json<About> {
    let agency = &state.config.agency;
    Json(About {
        name: agency.name.clone(),
        sample: state.sample,
        time_zone: agency.time_zone.clone(),
        languages: ["zh", "en"],
    })
}

#[derive(Deserialize, IntoParams)]
struct Lang {
    /// `zh` or `en`.
    lang: String,
}

#[derive(Serialize, ToSchema)]
struct Rules {
    version: &'static str,
    lang: &'static str,
    /// Plain paragraphs, separated by empty lines.
    text: &'static str,
    /// SHA-256 of `text`, base64url.
    hash: String,
}

/// The ground rules that everybody accepts on joining.
#[utoipa::path(
    get, path = "/ground-rules", tag = "public", params(Lang),
    responses((status = 200, body = Rules), (status = 400, body = super::problem::ProblemBody, description = "no such language")),
)]
async fn rules(Query(Lang { lang }): Query<Lang>) -> Result<Json<Rules>, Problem> {
    let rules = ground_rules::in_language(&lang).ok_or_else(|| Problem::malformed("lang is zh or en"))?;
    Ok(Json(Rules { version: rules.version, lang: rules.lang, text: rules.text, hash: rules.hash() }))
}
