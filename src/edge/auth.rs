//! Cookies, and who is behind them.

use super::peer::Peer;
use super::{Problem, Shared};
use crate::rehearsal::key::{self, OperatorKey};
use crate::staff::{self, Staff};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};

/// Staff's cookie; its path is `/api/v1`.
pub const STAFF_COOKIE: &str = "hejie_staff";
pub const STAFF_PATH: &str = "/api/v1";

/// A handler that takes this is for staff only: 401 `not_signed_in` for everybody else.
pub struct SignedIn(pub Staff);

impl FromRequestParts<Shared> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, Problem> {
        let token = cookie(&parts.headers, STAFF_COOKIE).ok_or_else(Problem::not_signed_in)?;
        let mut tx = state.store.read().await?;
        let staff = staff::signed_in(&mut tx, state.clock.now(), token).await?;
        staff.map(Self).ok_or_else(Problem::not_signed_in)
    }
}

/// As [`SignedIn`], for those who preside: 403 `not_your_right` for other staff.
pub struct Mediator(pub Staff);

impl FromRequestParts<Shared> for Mediator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, Problem> {
        let SignedIn(staff) = SignedIn::from_request_parts(parts, state).await?;
        if staff.role.mediates() { Ok(Self(staff)) } else { Err(Problem::not_your_right()) }
    }
}

/// A handler that takes this is for holders of an operator's key: 401 `not_an_operator` for everybody
/// else, whatever is wrong with theirs.
pub struct Operator(pub OperatorKey);

impl FromRequestParts<Shared> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Result<Self, Problem> {
        let now = state.clock.now();
        let peer = Peer::from_request_parts(parts, state).await?;
        state.gates.operator(&peer, now)?;
        let secret = bearer(&parts.headers).ok_or_else(Problem::not_an_operator)?;
        let mut tx = state.store.read().await?;
        let holder = key::holder(&mut tx, now, secret).await?;
        holder.map(Self).ok_or_else(Problem::not_an_operator)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(secret.trim())
}

/// The value of the request's first cookie of that name.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// `Set-Cookie` for a secret that scripts can't read and other sites can't send. `value` is a token;
/// `max_age_s` 0 deletes the cookie.
pub fn set_cookie(peer: &Peer, name: &str, value: &str, path: &str, max_age_s: i64) -> HeaderValue {
    let secure = if peer.https { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path={path}; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&text).expect("tokens and paths are plain ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_cookie_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=1; hejie_staff=x-y_z; b=2".parse().unwrap());
        assert_eq!(cookie(&headers, "hejie_staff"), Some("x-y_z"));
        assert_eq!(cookie(&headers, "staff"), None);
    }
}
