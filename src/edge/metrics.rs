//! What the server counts, for Prometheus. `health` serves it, on the admin listener only.

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::Mutex;
use std::time::Duration;

/// What the server counts. Others register their own at the start, by [`Metrics::register`].
pub struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<RequestLabels, Counter>,
    seconds: Histogram,
    logins: Family<LoginLabels, Counter>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: String,
    /// The route's pattern, so that there are few.
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LoginLabels {
    right: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("hejie");
        let requests = Family::default();
        let seconds = Histogram::new([0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0]);
        let logins = Family::default();
        registry.register("http_requests", "Requests answered", requests.clone());
        registry.register("http_request_seconds", "How long answers took", seconds.clone());
        registry.register("staff_logins", "Attempts of staff to sign in", logins.clone());
        Self { registry: Mutex::new(registry), requests, seconds, logins }
    }
}

impl Metrics {
    /// Lets a part of the server register what it counts.
    pub fn register(&self, add: impl FnOnce(&mut Registry)) {
        add(&mut self.registry.lock().expect("no panic while registering"));
    }

    pub(super) fn request(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let method = match *method {
            Method::GET | Method::POST | Method::HEAD | Method::PUT | Method::DELETE => method.as_str(),
            _ => "other",
        };
        let labels = RequestLabels { method: method.into(), route: route.into(), status: status.as_u16() };
        self.requests.get_or_create(&labels).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    pub(super) fn login(&self, right: bool) {
        self.logins.get_or_create(&LoginLabels { right: if right { "yes" } else { "no" } }).inc();
    }

    /// The text format, with what `others` count.
    pub(super) fn text(&self, others: &Registry) -> String {
        let mut out = String::new();
        let own = self.registry.lock().expect("no panic while registering");
        text::encode_registry(&mut out, &own)
            .and_then(|()| text::encode_registry(&mut out, others))
            .and_then(|()| text::encode_eof(&mut out))
            .expect("writing to memory does not fail");
        out
    }
}
