//! REST, as far as a rehearsal needs it: opening it with the operator's key, and joining by its links.
//! A server that says "slow down" is asked again when it says so, a few times.

use crate::identity::Key;
use anyhow::{Context, Result, anyhow, bail};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(20);
/// Requests are repeated so often, and no longer apart than this.
const TRIES: u32 = 5;
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A server, and the key to its rehearsals.
#[derive(Clone)]
pub struct Api {
    client: Client,
    /// `https://mediation.example`, without a slash at its end.
    pub base: String,
    secret: String,
    /// `version`, `hash` and `lang` of what everyone who joins accepts.
    rules: Value,
}

/// A device that joined: its cookie and its key.
pub struct Device {
    pub id: String,
    pub person: String,
    pub cookie: String,
    pub key: Key,
}

/// A rehearsal that has begun.
pub struct Rehearsal {
    pub mediator: Device,
    /// The tokens of the parties' links.
    pub links: [String; 2],
}

impl Api {
    pub async fn new(base: &str, secret: &str) -> Result<Self> {
        let client = Client::builder().timeout(TIMEOUT).build().context("an HTTP client")?;
        let base = base.trim_end_matches('/').to_owned();
        let mut api = Self { client, base, secret: secret.to_owned(), rules: Value::Null };
        let rules = api.client.get(api.address("/ground-rules?lang=zh"));
        let rules = json_of(asked(rules).await.context("the ground rules")?).await?;
        api.rules = json!({ "version": rules["version"], "hash": rules["hash"], "lang": "zh" });
        Ok(api)
    }

    fn address(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.base)
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.client.post(self.address(path)).header("x-hejie", "1").json(body)
    }

    /// A session on a made-up case, this device its mediator. The server ends it after `minutes`.
    pub async fn rehearse(&self, minutes: u32) -> Result<Rehearsal> {
        let key = fresh_key();
        let body = json!({ "jwk": key.jwk(), "language": "zh", "minutes": minutes });
        let request = self.post("/operator/rehearsals", &body).bearer_auth(&self.secret);
        let (mediator, answer) = device(asked(request).await.context("opening a rehearsal")?, key).await?;
        let token = |who: &str| {
            let link = answer[who].as_str().and_then(|link| link.split_once('#'));
            link.map(|(_, token)| token.to_owned()).ok_or_else(|| anyhow!("no link for the {who}"))
        };
        Ok(Rehearsal { mediator, links: [token("consumer")?, token("merchant")?] })
    }

    /// Knocks with a link.
    pub async fn join(&self, token: &str) -> Result<Device> {
        let key = fresh_key();
        let body = json!({
            "token": token, "jwk": key.jwk(), "ground_rules": self.rules, "publication_consent": false,
            "language": "zh", "browser": "hejie-load",
        });
        let answer = asked(self.post("/invitations/join", &body)).await.context("joining by a link")?;
        Ok(device(answer, key).await?.0)
    }
}

fn fresh_key() -> Key {
    loop {
        // All but one in 2^32 draws are below the curve's order.
        if let Some(key) = Key::from_seed(&rand::random()) {
            return key;
        }
    }
}

async fn device(answer: Response, key: Key) -> Result<(Device, Value)> {
    let cookie = answer.headers().get("set-cookie").and_then(|cookie| cookie.to_str().ok());
    let cookie = cookie.and_then(|cookie| cookie.split(';').next()).context("no cookie")?.to_owned();
    let body = json_of(answer).await?;
    let text = |name: &str| body[name].as_str().map(str::to_owned).ok_or_else(|| anyhow!("no {name}"));
    let device = Device { id: text("device")?, person: text("person")?, cookie, key };
    Ok((device, body))
}

async fn json_of(answer: Response) -> Result<Value> {
    answer.json().await.context("the answer is not JSON")
}

/// The answer, if it is a success; what went wrong, if not.
async fn asked(request: RequestBuilder) -> Result<Response> {
    for attempt in 1.. {
        let this = request.try_clone().context("a plain body")?;
        let answer = this.send().await?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let busy = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
        if !busy || attempt >= TRIES {
            let problem: Value = answer.json().await.unwrap_or_default();
            bail!("{} {}", status.as_u16(), problem["code"].as_str().unwrap_or("without a code"));
        }
        let wait = answer.headers().get("retry-after").and_then(|s| s.to_str().ok()?.parse().ok());
        tokio::time::sleep(Duration::from_secs(wait.unwrap_or(1)).min(LONGEST_WAIT)).await;
    }
    unreachable!("the last attempt returns")
}
