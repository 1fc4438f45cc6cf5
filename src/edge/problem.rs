//! What went wrong, for clients: RFC 9457. The only place that knows which error is which status.
//!
//! Clients switch on `code`; `title` and `detail` are for developers. What is our own fault is
//! logged in full and told as `internal` with nothing more.

use crate::complaint::{ComplaintError, FieldError};
use crate::log::LogError;
use crate::media::MediaError;
use crate::rehearsal::RehearsalError;
use crate::session::event::Refusal;
use crate::session::records::RecordError;
use crate::session::registry::SessionError;
use crate::session::step::Refused;
use crate::signing::records::OutcomeError;
use crate::staff::StaffError;
use crate::store::StoreError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::any::Any;

/// An answer that isn't a success.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: Option<String>,
    fields: Vec<FieldError>,
    retry_after_ms: Option<i64>,
}

/// A problem as it is sent.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    #[serde(rename = "type")]
    #[schema(example = "https://hejie.example/problems/invalid")]
    kind: String,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// What to switch on.
    #[schema(example = "invalid")]
    code: &'static str,
    /// What is wrong with which field of the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldError>,
}

impl Problem {
    /// A problem of a handler's own. `code` is snake_case and part of the protocol.
    pub fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self { status, code, title, detail: None, fields: Vec::new(), retry_after_ms: None }
    }

    /// Says more about this occurrence. Never secrets, names or terms.
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn code(&self) -> &'static str {
        self.code
    }

    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", "The request is not of the expected form")
            .detail(detail)
    }

    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "Some fields are not right");
        problem.fields = fields;
        problem
    }

    /// One field that is not right.
    pub fn invalid_field(field: &str, code: &str, message: &str) -> Self {
        Self::invalid(vec![FieldError { field: field.into(), code: code.into(), message: message.into() }])
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is no such thing here")
    }

    pub fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "Sign in first")
    }

    pub fn not_an_operator() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_an_operator", "An operator's key is missing or not good")
    }

    pub fn not_your_right() -> Self {
        Self::new(StatusCode::FORBIDDEN, "not_your_right", "Your role may not do that")
    }

    pub fn foreign_origin() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "foreign_origin",
            "Requests that change something come from our own pages",
        )
    }

    pub fn conflict(code: &'static str, title: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, code, title)
    }

    /// Try again after `ms` milliseconds.
    pub fn too_many(ms: i64) -> Self {
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Slow down");
        problem.retry_after_ms = Some(ms);
        problem
    }

    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "The request's body is too large")
    }

    /// Nothing was changed; the same request may be sent again.
    pub fn unavailable() -> Self {
        let mut problem =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not possible at the moment");
        problem.retry_after_ms = Some(1_000);
        problem
    }

    /// Our fault. The caller logs what happened.
    pub fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something broke on our side")
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %error, "the store failed a request");
        match error {
            StoreError::Unavailable(_) => Self::unavailable(),
            StoreError::Taken(_) => Self::conflict("taken", "There is one like this already"),
            StoreError::Broken(_) | StoreError::Migration(_) | StoreError::UnknownUrl => Self::internal(),
        }
    }
}

impl From<ComplaintError> for Problem {
    fn from(error: ComplaintError) -> Self {
        match error {
            ComplaintError::Invalid(fields) => Self::invalid(fields),
            ComplaintError::NumberTaken => {
                Self::conflict("number_taken", "Another record has this registration number")
            }
            ComplaintError::Store(error) => error.into(),
        }
    }
}

impl From<StaffError> for Problem {
    fn from(error: StaffError) -> Self {
        match error {
            StaffError::WrongCredentials => {
                Self::new(StatusCode::UNAUTHORIZED, "wrong_credentials", "Name or password is wrong")
            }
            StaffError::LinkClosed => {
                Self::new(StatusCode::GONE, "link_closed", "This link was used or has expired")
            }
            StaffError::TooMany(ms) => Self::too_many(ms),
            StaffError::NoAccount => Self::not_found(),
            StaffError::NameTaken => Self::conflict("name_taken", "There is an account of that name"),
            StaffError::BadName => Self::invalid_field("name", "format", &error.to_string()),
            StaffError::BadDisplayName => Self::invalid_field("display_name", "format", &error.to_string()),
            StaffError::BadPassword(_) => Self::invalid_field("password", "format", &error.to_string()),
            StaffError::Store(error) => error.into(),
        }
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Unknown => Self::not_found(),
            SessionError::Busy => Self::unavailable(),
            SessionError::Refused(refused) => refused.into(),
            SessionError::Records(error) => error.into(),
        }
    }
}

impl From<RehearsalError> for Problem {
    fn from(error: RehearsalError) -> Self {
        match error {
            RehearsalError::Full => Self::conflict("too_many_rehearsals", "Too many rehearsals are open"),
            RehearsalError::Complaint(error) => error.into(),
            RehearsalError::Session(error) => error.into(),
            RehearsalError::Store(error) => error.into(),
        }
    }
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Store(error) => error.into(),
            RecordError::Stale => Self::unavailable(),
            RecordError::State(_) | RecordError::Incomplete => {
                tracing::error!(%error, "a session's records");
                Self::internal()
            }
        }
    }
}

impl From<Refused> for Problem {
    fn from(Refused { error, detail }: Refused) -> Self {
        match (error, detail.as_str()) {
            (Refusal::Closed, "used") => Self::conflict("invitation_used", "This link was used"),
            (Refusal::Closed, "locked") => Self::conflict("invitation_locked", "Nobody new may knock now"),
            (Refusal::Closed, "over") => Self::conflict("session_over", "The session has ended"),
            (Refusal::Closed, "expired") => {
                Self::new(StatusCode::GONE, "invitation_expired", "This link has expired")
            }
            (Refusal::Closed, _) => {
                Self::new(StatusCode::GONE, "invitation_revoked", "This link was withdrawn")
            }
            (Refusal::Unknown, _) => Self::not_found(),
            (Refusal::Full, _) => Self::conflict("full", "There is no more room").detail(detail),
            (Refusal::TooFast, _) => Self::too_many(1_000),
            (Refusal::Unavailable, _) => Self::unavailable(),
            (Refusal::NotNow | Refusal::Stale, _) => {
                Self::conflict("not_now", "Not as things stand").detail(detail)
            }
            (Refusal::NotYourRight | Refusal::NotAdmitted, _) => Self::not_your_right(),
            (Refusal::Malformed | Refusal::Invalid | Refusal::BadSignature, _) => {
                let (field, message) = detail.split_once(": ").unwrap_or(("", &detail));
                Self::invalid_field(field, "value", message)
            }
        }
    }
}

impl From<MediaError> for Problem {
    fn from(error: MediaError) -> Self {
        match error {
            MediaError::Offer(bad) => Self::invalid_field("sdp", "offer", &bad.to_string()),
            MediaError::Full | MediaError::Stopped => Self::unavailable(),
            MediaError::Unknown => Self::not_found(),
            MediaError::Listen { .. }
            | MediaError::Ports
            | MediaError::Identity(_)
            | MediaError::Route(_)
            | MediaError::Exists => {
                tracing::error!(%error, "the media server");
                Self::internal()
            }
        }
    }
}

impl From<OutcomeError> for Problem {
    fn from(error: OutcomeError) -> Self {
        tracing::error!(%error, "an outcome could not be read");
        match error {
            OutcomeError::Log(LogError::Store(error)) => error.into(),
            OutcomeError::Log(_) | OutcomeError::AnotherIssuer(_) => Self::internal(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            kind: format!("https://hejie.example/problems/{}", self.code),
            title: self.title,
            status: self.status.as_u16(),
            detail: self.detail,
            code: self.code,
            fields: self.fields,
        };
        let text = serde_json::to_string(&body).expect("a problem is plain data");
        let mut response = (self.status, text).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(ms) = self.retry_after_ms {
            headers.insert(header::RETRY_AFTER, HeaderValue::from((ms.max(1) + 999) / 1_000));
        }
        response
    }
}

/// A panic is our bug: the request fails, the server goes on.
pub(super) fn from_panic(cause: Box<dyn Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("no text");
    tracing::error!(panic = text, "a handler panicked");
    Problem::internal().into_response()
}
