//! The answer to a checked offer: what the client may send, where it receives, and where we are.
//! `mod` writes one per connection, and one more for each ICE restart.
//!
//! Pure. What always holds: the answer has the offer's sections in the offer's order, and agrees to
//! nothing that the offer didn't contain.

use super::ice::Credentials;
use super::offer::{Offer, Section};
use super::table::{Slot, Track};
use std::fmt::Write;
use std::net::SocketAddr;

/// Our side of a connection.
pub struct Terms<'a> {
    pub credentials: &'a Credentials,
    /// Of our certificate, SHA-256.
    pub fingerprint: &'a str,
    pub udp: &'a [SocketAddr],
    /// Where we accept ICE over TCP.
    pub tcp: &'a [SocketAddr],
    /// By [`Slot::all`]: SSRC, and that of the retransmissions.
    pub streams: &'a [(u32, u32)],
}

pub fn write(offer: &Offer, terms: &Terms<'_>) -> String {
    let mut text = String::with_capacity(8 * 1024);
    let mids: Vec<&str> =
        offer.tracks.iter().chain(&offer.slots).map(|section| section.mid.as_str()).collect();
    // Writing to a String can't fail.
    let _ = write!(
        text,
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {}\r\na=ice-lite\r\n\
         a=msid-semantic: WMS *\r\n",
        mids.join(" ")
    );
    for (at, (track, section)) in Track::ALL.iter().zip(&offer.tracks).enumerate() {
        head(&mut text, section, track.is_audio(), "recvonly", terms);
        if at == 0 {
            candidates(&mut text, terms);
        }
        for rid in &section.rids {
            let _ = write!(text, "a=rid:{rid} recv\r\n");
        }
        if !section.rids.is_empty() {
            let _ = write!(text, "a=simulcast:recv {}\r\n", section.rids.join(";"));
        }
    }
    for ((slot, section), (ssrc, rtx)) in Slot::all().zip(&offer.slots).zip(terms.streams) {
        head(&mut text, section, slot.is_audio(), "sendonly", terms);
        let (kind, number) = match slot {
            Slot::Audio(n) => ("audio", n),
            Slot::Video(n) => ("video", n),
        };
        // A person's sound and picture are in slots of one number: one stream, so that a browser
        // plays them in step.
        let _ = write!(text, "a=msid:seat-{number} {kind}-{number}\r\n");
        let repaired = section.rtx.is_some();
        if repaired {
            let _ = write!(text, "a=ssrc-group:FID {ssrc} {rtx}\r\n");
        }
        let _ = write!(text, "a=ssrc:{ssrc} cname:hejie-{number}\r\n");
        if repaired {
            let _ = write!(text, "a=ssrc:{rtx} cname:hejie-{number}\r\n");
        }
    }
    text
}

fn head(text: &mut String, section: &Section, audio: bool, direction: &str, terms: &Terms<'_>) {
    let media = if audio { "audio" } else { "video" };
    // What stands first is what the client sends: redundant sound where it can.
    let numbers = [section.red, Some(section.codec), section.rtx];
    let numbers: Vec<String> = numbers.into_iter().flatten().map(|number| number.to_string()).collect();
    let codec = section.codec;
    let _ = write!(
        text,
        "m={media} 9 UDP/TLS/RTP/SAVPF {}\r\nc=IN IP4 0.0.0.0\r\na=mid:{}\r\na={direction}\r\n\
         a=rtcp-mux\r\na=rtcp-rsize\r\na=setup:passive\r\na=ice-ufrag:{}\r\na=ice-pwd:{}\r\n\
         a=fingerprint:sha-256 {}\r\n",
        numbers.join(" "),
        section.mid,
        terms.credentials.ufrag,
        terms.credentials.password,
        terms.fingerprint,
    );
    for (id, uri) in section.extensions() {
        let _ = write!(text, "a=extmap:{id} {uri}\r\n");
    }
    if audio {
        let _ = write!(
            text,
            "a=rtpmap:{codec} opus/48000/2\r\na=fmtp:{codec} minptime=10;useinbandfec=1;usedtx=1\r\n"
        );
        if let Some(red) = section.red {
            let _ = write!(text, "a=rtpmap:{red} red/48000/2\r\na=fmtp:{red} {codec}/{codec}\r\n");
        }
    } else {
        let _ = write!(
            text,
            "a=rtpmap:{codec} VP8/90000\r\na=rtcp-fb:{codec} ccm fir\r\na=rtcp-fb:{codec} nack\r\n\
             a=rtcp-fb:{codec} nack pli\r\n"
        );
        if let Some(rtx) = section.rtx {
            let _ = write!(text, "a=rtpmap:{rtx} rtx/90000\r\na=fmtp:{rtx} apt={codec}\r\n");
        }
    }
    if section.transport_id.is_some() {
        for number in &numbers[..numbers.len() - usize::from(section.rtx.is_some())] {
            let _ = write!(text, "a=rtcp-fb:{number} transport-cc\r\n");
        }
    }
}

/// Host candidates: UDP before TCP, the first addresses first.
fn candidates(text: &mut String, terms: &Terms<'_>) {
    let udp = terms.udp.iter().map(|address| (address, "udp", 126, ""));
    let tcp = terms.tcp.iter().map(|address| (address, "tcp", 90, " tcptype passive"));
    for (at, (address, transport, preference, more)) in udp.chain(tcp).enumerate() {
        let local = 65_535u32.saturating_sub(at as u32);
        let priority = (preference << 24) | (local << 8) | 255;
        let (ip, port) = (address.ip(), address.port());
        let _ =
            write!(text, "a=candidate:{} 1 {transport} {priority} {ip} {port} typ host{more}\r\n", at + 1);
    }
    text.push_str("a=end-of-candidates\r\n");
}
