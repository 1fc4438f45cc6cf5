//! What an acceptable offer is: exactly the shape this server answers, within bounds, read into an
//! [`Offer`]. `mod` checks every offer; `answer` writes what follows from one.
//!
//! Pure, over the text. Sections in order: microphone, camera and screen to send; then seven audio
//! and eight video slots to receive. The camera alone may come in up to three layers (simulcast).
//! Candidates are ignored: we are ICE-lite and learn the client's addresses from its checks.

use super::table::{SLOTS, Slot, Track};

/// SDP in octets. A Chromium offer of this shape has about 17 KiB.
pub const MAX_OFFER: usize = 32 * 1024;
const MAX_LINE: usize = 1024;
const MAX_LINES: usize = 1_500;
const MAX_EXTENSIONS: usize = 32;
const MAX_PAYLOAD_TYPES: usize = 64;

/// Why an offer is refused. `section` counts m-lines from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadOffer {
    #[error("the offer has {0} octets, more than {MAX_OFFER}")]
    TooLarge(usize),
    #[error("line {0} is not SDP")]
    NotSdp(usize),
    #[error("too many or too long lines")]
    TooManyLines,
    #[error("{0} media sections instead of {expected}", expected = 3 + SLOTS)]
    Sections(usize),
    #[error("media section {section} is not {wanted}")]
    Section { section: usize, wanted: &'static str },
    #[error("media section {section} lacks {lacks}")]
    Lacks { section: usize, lacks: &'static str },
    #[error("media section {section}: too many {what}")]
    TooMany { section: usize, what: &'static str },
    #[error("media section {section}: its mid is used twice or malformed")]
    Mid { section: usize },
    #[error("the offer lacks {0}")]
    Session(&'static str),
    /// The library couldn't make sense of it.
    #[error("the offer can't be answered: {0}")]
    Unanswerable(String),
}

/// An offer of the right shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Of the client's certificate, SHA-256.
    pub fingerprint: String,
    /// By [`Track::ALL`].
    pub tracks: Vec<Section>,
    /// By [`Slot::all`].
    pub slots: Vec<Section>,
}

/// What one media section agrees to, in the client's own numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    pub mid: String,
    /// Opus or VP8.
    pub codec: u8,
    /// Redundant sound (RFC 2198) of that codec.
    pub red: Option<u8>,
    /// Retransmissions of that codec.
    pub rtx: Option<u8>,
    /// Header extension ids of the one-byte form.
    pub mid_id: Option<u8>,
    pub rid_id: Option<u8>,
    pub repaired_rid_id: Option<u8>,
    pub level_id: Option<u8>,
    pub transport_id: Option<u8>,
    /// SSRC, and that of its retransmissions.
    pub stream: Option<(u32, Option<u32>)>,
    /// The layers' names, smallest first; empty without simulcast.
    pub rids: Vec<String>,
}

pub fn check(text: &str) -> Result<Offer, BadOffer> {
    if text.len() > MAX_OFFER {
        return Err(BadOffer::TooLarge(text.len()));
    }
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() > MAX_LINES || lines.iter().any(|line| line.len() > MAX_LINE) {
        return Err(BadOffer::TooManyLines);
    }
    if let Some(at) = lines.iter().position(|line| !is_sdp(line)) {
        return Err(BadOffer::NotSdp(at + 1));
    }
    let starts: Vec<usize> = (0..lines.len()).filter(|&at| lines[at].starts_with("m=")).collect();
    if starts.len() != Track::ALL.len() + SLOTS {
        return Err(BadOffer::Sections(starts.len()));
    }
    let session = &lines[..starts[0]];
    let sections: Vec<&[&str]> = starts
        .iter()
        .zip(starts.iter().skip(1).chain([&lines.len()]))
        .map(|(&start, &end)| &lines[start..end])
        .collect();

    let mut read: Vec<Section> = Vec::with_capacity(sections.len());
    for (at, section) in sections.iter().enumerate() {
        let section = check_section(at, session, section)?;
        if read.iter().any(|known| known.mid == section.mid) {
            return Err(BadOffer::Mid { section: at });
        }
        read.push(section);
    }
    check_bundle(session, &read)?;
    // One connection carries all sections, so one certificate stands behind them.
    let all = || lines.iter().filter_map(|line| line.strip_prefix("a=fingerprint:"));
    let fingerprint = all().find_map(|value| value.strip_prefix("sha-256 ")).unwrap_or_default().to_owned();
    if all().any(|value| value.strip_prefix("sha-256 ") != Some(&fingerprint)) {
        return Err(BadOffer::Session("one certificate"));
    }
    let slots = read.split_off(Track::ALL.len());
    Ok(Offer { fingerprint, tracks: read, slots })
}

fn is_sdp(line: &str) -> bool {
    let mut octets = line.bytes();
    octets.next().is_some_and(|kind| kind.is_ascii_lowercase())
        && octets.next() == Some(b'=')
        && !line.bytes().any(|octet| octet < 0x20)
}

/// What the section at this place must be.
fn wanted(section: usize) -> (&'static str, &'static str, &'static str) {
    let sends = ("sendonly", "a sending section in the agreed place");
    let receives = ("recvonly", "a receiving section in the agreed place");
    let (audio, (direction, name)) = match Track::ALL.get(section) {
        Some(track) => (track.is_audio(), sends),
        None => {
            let slot = Slot::all().nth(section - Track::ALL.len());
            (slot.is_some_and(Slot::is_audio), receives)
        }
    };
    (if audio { "m=audio " } else { "m=video " }, direction, name)
}

fn check_section(at: usize, session: &[&str], section: &[&str]) -> Result<Section, BadOffer> {
    let (media, direction, name) = wanted(at);
    let wrong = BadOffer::Section { section: at, wanted: name };
    if !section[0].starts_with(media) {
        return Err(wrong);
    }
    let directions = ["sendrecv", "sendonly", "recvonly", "inactive"];
    let given = section.iter().filter_map(|line| line.strip_prefix("a=")).filter(|a| directions.contains(a));
    if given.ne([direction]) {
        return Err(wrong);
    }
    check_bounds(at, section)?;

    let lacks = |lacks| BadOffer::Lacks { section: at, lacks };
    let anywhere = |prefix: &str| session.iter().chain(section).find_map(|line| line.strip_prefix(prefix));
    anywhere("a=ice-ufrag:").filter(|v| (4..=256).contains(&v.len())).ok_or(lacks("an ice-ufrag"))?;
    anywhere("a=ice-pwd:").filter(|v| (22..=256).contains(&v.len())).ok_or(lacks("an ice-pwd"))?;
    anywhere("a=fingerprint:sha-256 ").filter(|v| v.len() == 95).ok_or(lacks("a SHA-256 fingerprint"))?;
    anywhere("a=setup:").filter(|v| ["actpass", "active"].contains(v)).ok_or(lacks("a=setup:actpass"))?;
    if !section.contains(&"a=rtcp-mux") {
        return Err(lacks("rtcp-mux"));
    }
    let audio = media == "m=audio ";
    let mut read = read_codecs(section, audio).ok_or(lacks(if audio { "opus" } else { "VP8" }))?;
    read_extensions(section, &mut read);
    if direction == "sendonly" {
        read.rids = layers(at, section)?;
        if read.rids.is_empty() {
            read.stream = Some(stream(section).ok_or(lacks("a=ssrc"))?);
        }
    }
    read.mid = section
        .iter()
        .find_map(|line| line.strip_prefix("a=mid:"))
        .filter(|mid| (1..=16).contains(&mid.len()) && mid.bytes().all(|b| b.is_ascii_graphic()))
        .ok_or(BadOffer::Mid { section: at })?
        .to_owned();
    Ok(read)
}

/// The payload types of the codec, its redundancy and its retransmissions.
fn read_codecs(section: &[&str], audio: bool) -> Option<Section> {
    let named = |name: &str| -> Vec<u8> {
        let maps = section.iter().filter_map(|line| line.strip_prefix("a=rtpmap:")?.split_once(' '));
        let numbers =
            maps.filter(|(_, codec)| codec.eq_ignore_ascii_case(name)).map(|(number, _)| number.parse());
        numbers.flatten().filter(|number| *number < 128).collect()
    };
    let parameters = |number: u8| {
        let prefix = format!("a=fmtp:{number} ");
        section.iter().find_map(move |line| line.strip_prefix(prefix.as_str()))
    };
    let codec = *named(if audio { "opus/48000/2" } else { "VP8/90000" }).first()?;
    let apt = format!("apt={codec}");
    let redundant = format!("{codec}/{codec}");
    let repairs = |n: &u8| parameters(*n).is_some_and(|p| p.split(';').any(|p| p.trim() == apt));
    let rtx = named("rtx/90000").into_iter().find(repairs);
    let red = named("red/48000/2").into_iter().find(|n| parameters(*n) == Some(&redundant));
    Some(Section { codec, rtx: rtx.filter(|_| !audio), red: red.filter(|_| audio), ..Section::default() })
}

const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
const REPAIRED_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
const LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
const TRANSPORT: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

impl Section {
    /// The header extensions in use, for the answer.
    pub fn extensions(&self) -> impl Iterator<Item = (u8, &'static str)> {
        let all = [
            (self.mid_id, MID),
            (self.rid_id, RID),
            (self.repaired_rid_id, REPAIRED_RID),
            (self.level_id, LEVEL),
            (self.transport_id, TRANSPORT),
        ];
        all.into_iter().filter_map(|(id, uri)| Some((id?, uri)))
    }
}

fn read_extensions(section: &[&str], read: &mut Section) {
    for (id, uri) in section.iter().filter_map(|line| line.strip_prefix("a=extmap:")?.split_once(' ')) {
        let id = id.split('/').next().and_then(|id| id.parse().ok()).filter(|id| (1..=14).contains(id));
        match uri.split(' ').next() {
            Some(MID) => read.mid_id = id,
            Some(RID) => read.rid_id = id,
            Some(REPAIRED_RID) => read.repaired_rid_id = id,
            Some(LEVEL) => read.level_id = id,
            Some(TRANSPORT) => read.transport_id = id,
            _ => {}
        }
    }
}

/// The first SSRC, and the one that repairs it.
fn stream(section: &[&str]) -> Option<(u32, Option<u32>)> {
    let group = section.iter().find_map(|line| line.strip_prefix("a=ssrc-group:FID "));
    if let Some((primary, repair)) = group.and_then(|group| group.split_once(' ')) {
        return Some((primary.parse().ok()?, Some(repair.parse().ok()?)));
    }
    let first = section.iter().find_map(|line| line.strip_prefix("a=ssrc:"))?;
    Some((first.split(' ').next()?.parse().ok()?, None))
}

/// Encodings of one camera.
pub const MAX_LAYERS: usize = 3;

/// The names of the layers that a section sends, in the order of its `a=simulcast`.
fn layers(at: usize, section: &[&str]) -> Result<Vec<String>, BadOffer> {
    let many = BadOffer::TooMany { section: at, what: "simulcast layers" };
    let Some(list) = section.iter().find_map(|line| line.strip_prefix("a=simulcast:")) else {
        return if section.iter().any(|line| line.starts_with("a=rid:")) { Err(many) } else { Ok(vec![]) };
    };
    let names: Vec<&str> = list.strip_prefix("send ").ok_or(many.clone())?.split(';').collect();
    let named = |name: &&str| {
        (1..=16).contains(&name.len())
            && name.bytes().all(|octet| octet.is_ascii_alphanumeric())
            && section.iter().any(|line| line.strip_prefix("a=rid:") == Some(&format!("{name} send")))
    };
    let distinct = names.iter().enumerate().all(|(at, name)| !names[..at].contains(name));
    let is_camera = Track::ALL.get(at) == Some(&Track::Camera);
    if !is_camera || names.len() > MAX_LAYERS || !names.iter().all(named) || !distinct {
        return Err(many);
    }
    Ok(names.into_iter().map(str::to_owned).collect())
}

fn check_bounds(at: usize, section: &[&str]) -> Result<(), BadOffer> {
    let too_many = |what| BadOffer::TooMany { section: at, what };
    let count = |prefix: &str| section.iter().filter(|line| line.starts_with(prefix)).count();
    if count("a=extmap:") > MAX_EXTENSIONS {
        return Err(too_many("header extensions"));
    }
    if count("a=rtpmap:") > MAX_PAYLOAD_TYPES || section[0].split(' ').count() > 3 + MAX_PAYLOAD_TYPES {
        return Err(too_many("payload types"));
    }
    if count("a=ssrc:") > 16 || count("a=ssrc-group:") > 4 {
        return Err(too_many("sources"));
    }
    Ok(())
}

fn check_bundle(session: &[&str], sections: &[Section]) -> Result<(), BadOffer> {
    let bundle = session
        .iter()
        .find_map(|line| line.strip_prefix("a=group:BUNDLE "))
        .ok_or(BadOffer::Session("a BUNDLE group"))?;
    if bundle.split(' ').ne(sections.iter().map(|section| section.mid.as_str())) {
        return Err(BadOffer::Session("a BUNDLE group of all sections"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(at: usize, media: &str, direction: &str, codec: &str) -> String {
        let ssrc =
            if direction == "sendonly" { format!("a=ssrc:{}1 cname:x\r\n", at + 1) } else { String::new() };
        format!(
            "m={media} 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=candidate:1 1 udp 1 a.local 9 typ host\r\n\
             a=mid:{at}\r\na={direction}\r\na=rtcp-mux\r\na=rtpmap:96 {codec}\r\n{ssrc}"
        )
    }

    fn offer() -> String {
        let mut text = format!(
            "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {}\r\na=ice-ufrag:abcd\r\n\
             a=ice-pwd:{}\r\na=fingerprint:sha-256 {}\r\na=setup:actpass\r\n",
            (0..18).map(|mid| mid.to_string()).collect::<Vec<_>>().join(" "),
            "p".repeat(24),
            ["AB"; 32].join(":"),
        );
        for at in 0..18 {
            let (media, direction, _) = wanted(at);
            let audio = media == "m=audio ";
            let (media, codec) = if audio { ("audio", "opus/48000/2") } else { ("video", "VP8/90000") };
            text += &section(at, media, direction, codec);
        }
        text
    }

    #[test]
    fn the_agreed_shape_passes() {
        let checked = check(&offer()).expect("a good offer");
        let mids = |sections: &[Section]| sections.iter().map(|s| s.mid.clone()).collect::<Vec<_>>();
        assert_eq!(mids(&checked.tracks), ["0", "1", "2"]);
        assert_eq!(mids(&checked.slots), (3..18).map(|mid| mid.to_string()).collect::<Vec<_>>());
        assert_eq!(checked.fingerprint, ["AB"; 32].join(":"));
        assert_eq!(checked.tracks[1].stream, Some((21, None)));
    }

    #[test]
    fn codecs_extensions_and_repair_are_read_in_the_clients_numbers() {
        let lines = "a=rtpmap:98 VP9/90000\r\na=rtpmap:100 VP8/90000\r\na=rtpmap:99 rtx/90000\r\n\
                     a=fmtp:99 apt=98\r\na=rtpmap:101 rtx/90000\r\na=fmtp:101 apt=100\r\n\
                     a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n\
                     a=extmap:15 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n\
                     a=extmap:3/sendrecv http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n\
                     a=ssrc-group:FID 21 22\r\n";
        let text = offer().replacen("a=rtpmap:96 VP8/90000\r\n", lines, 1);
        let camera = check(&text).expect("a good offer").tracks.remove(1);
        assert_eq!((camera.codec, camera.rtx, camera.red), (100, Some(101), None));
        assert_eq!((camera.mid_id, camera.transport_id, camera.level_id), (Some(4), Some(3), None));
        assert_eq!(camera.stream, Some((21, Some(22))));
        let lines = "a=rtpmap:63 red/48000/2\r\na=fmtp:63 96/96\r\na=rtpmap:96 opus/48000/2\r\n";
        let text = offer().replacen("a=rtpmap:96 opus/48000/2\r\n", lines, 1);
        assert_eq!(check(&text).expect("a good offer").tracks[0].red, Some(63));
    }

    #[test]
    fn a_camera_may_come_in_layers_and_nothing_else() {
        let layers = "a=rid:q send\r\na=rid:h send\r\na=simulcast:send q;h\r\n";
        let with = |at: usize, layers: &str| {
            check(&offer().replacen(&format!("a=mid:{at}\r\n"), &format!("a=mid:{at}\r\n{layers}"), 1))
        };
        let camera = with(1, layers).expect("a good offer").tracks.remove(1);
        assert_eq!((camera.rids, camera.stream), (vec!["q".to_owned(), "h".to_owned()], None));
        let many = |at| Err(BadOffer::TooMany { section: at, what: "simulcast layers" });
        assert_eq!(with(0, layers), many(0));
        assert_eq!(with(2, layers), many(2));
        for bad in [
            "a=rid:q send\r\n",
            "a=simulcast:send q;h\r\n",
            "a=rid:q send\r\na=simulcast:recv q\r\n",
            "a=rid:q send\r\na=simulcast:send q;q\r\n",
            "a=rid:a send\r\na=rid:b send\r\na=rid:c send\r\na=rid:d send\r\na=simulcast:send a;b;c;d\r\n",
        ] {
            assert_eq!(with(1, bad), many(1), "{bad}");
        }
    }

    #[test]
    fn other_shapes_are_refused_with_their_reason() {
        let good = offer();
        let refused = |text: String| check(&text).expect_err("refused");
        let without = |what: &str| {
            good.split_inclusive("\r\n").filter(|line| !line.starts_with(what)).collect::<String>()
        };
        assert_eq!(refused("a".repeat(40_000)), BadOffer::TooLarge(40_000));
        assert_eq!(refused("hello".into()), BadOffer::NotSdp(1));
        assert_eq!(refused(String::new()), BadOffer::Sections(0));
        assert_eq!(refused(good.replace("s=-", "s=\u{1}")), BadOffer::NotSdp(3));
        assert_eq!(
            refused(good.clone() + &section(18, "video", "recvonly", "VP8/90000")),
            BadOffer::Sections(19)
        );
        assert_eq!(
            refused(good.replacen("a=sendonly", "a=sendrecv", 1)),
            BadOffer::Section { section: 0, wanted: "a sending section in the agreed place" }
        );
        assert_eq!(
            refused(good.replacen("m=audio", "m=application", 1)),
            BadOffer::Section { section: 0, wanted: "a sending section in the agreed place" }
        );
        assert_eq!(
            refused(good.replacen("a=recvonly", "a=recvonly\r\na=inactive", 1)),
            BadOffer::Section { section: 3, wanted: "a receiving section in the agreed place" }
        );
        assert_eq!(refused(good.replace("a=mid:5\r\n", "a=mid:4\r\n")), BadOffer::Mid { section: 5 });
        assert_eq!(refused(without("a=group")), BadOffer::Session("a BUNDLE group"));
        assert_eq!(
            refused(good.replace("BUNDLE 0 ", "BUNDLE ")),
            BadOffer::Session("a BUNDLE group of all sections")
        );
        let lacks = |lacks| BadOffer::Lacks { section: 0, lacks };
        assert_eq!(refused(without("a=ice-ufrag")), lacks("an ice-ufrag"));
        assert_eq!(refused(without("a=ice-pwd")), lacks("an ice-pwd"));
        assert_eq!(refused(without("a=fingerprint")), lacks("a SHA-256 fingerprint"));
        assert_eq!(refused(without("a=setup")), lacks("a=setup:actpass"));
        assert_eq!(refused(without("a=rtcp-mux")), lacks("rtcp-mux"));
        assert_eq!(refused(without("a=ssrc")), lacks("a=ssrc"));
        assert_eq!(refused(good.replace("opus", "pcmu")), lacks("opus"));
        assert_eq!(refused(good.replace("VP8", "VP9")), BadOffer::Lacks { section: 1, lacks: "VP8" });
        assert_eq!(
            refused(good.replacen(
                "a=mid:1\r\n",
                &format!("a=mid:1\r\na=fingerprint:sha-256 {}\r\n", ["CD"; 32].join(":")),
                1
            )),
            BadOffer::Session("one certificate")
        );
        let extensions =
            good.replacen("a=mid:1\r\n", &("a=mid:1\r\n".to_owned() + &"a=extmap:1 x\r\n".repeat(33)), 1);
        assert_eq!(refused(extensions), BadOffer::TooMany { section: 1, what: "header extensions" });
    }
}
