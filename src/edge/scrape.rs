//! What the sessions and the SFU count themselves, copied into metrics when somebody asks.

use super::Shared;
use crate::media::MediaStats;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

/// A registry of this moment.
pub(super) async fn now(state: &Shared) -> Registry {
    let mut registry = Registry::with_prefix("hejie");
    gauge(&mut registry, "sessions", "Sessions in memory", state.sessions.running() as u64);
    media(registry.sub_registry_with_prefix("media"), &state.sessions.setting.media.stats().await);
    registry
}

fn media(registry: &mut Registry, stats: &MediaStats) {
    gauge(registry, "peers", "Connections", stats.peers);
    gauge(registry, "connected", "Connections that are up", stats.connected);
    gauge(registry, "routes", "Routes from a sender's track to a receiver", stats.routes);
    for (name, help, value) in [
        ("packets_in", "Datagrams received", stats.packets_in),
        ("octets_in", "Octets received", stats.octets_in),
        ("packets_out", "Datagrams sent", stats.packets_out),
        ("octets_out", "Octets sent", stats.octets_out),
        ("sends", "System calls that sent datagrams", stats.sends),
        ("resent", "Media packets sent to a receiver once more", stats.resent),
        ("forwarded", "Media packets written to a receiver", stats.forwarded),
        ("key_frames_requested", "Key frames asked of senders", stats.key_frames_requested),
        ("peers_ever", "Connections ever made", stats.peers_total),
        ("panics", "Connections ended by a panic on their packet", stats.panics),
    ] {
        registry.register(name, help, ConstCounter::new(value));
    }
    let dropped = Family::<Reason, Counter>::default();
    let counts = &stats.dropped;
    for (reason, count) in [
        ("malformed", counts.malformed),
        ("unknown_ufrag", counts.unknown_ufrag),
        ("unvalidated", counts.unvalidated),
        ("forged", counts.forged),
        ("unexpected", counts.unexpected),
        ("repeated", counts.repeated),
        ("unrouted", counts.unrouted),
        ("late", counts.late),
        ("before_key_frame", counts.before_key_frame),
        ("other_layer", counts.other_layer),
        ("paused", counts.paused),
        ("too_much", counts.too_much),
        ("socket_full", counts.socket_full),
        ("events", counts.events),
    ] {
        dropped.get_or_create(&Reason { reason }).inc_by(count);
    }
    registry.register("dropped", "Packets that went nowhere", dropped);
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: u64) {
    registry.register(name, help, ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX)));
}
