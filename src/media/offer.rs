//! What an acceptable offer is: exactly the shape this server answers, within bounds. `mod` checks
//! every offer before the library parses it.
//!
//! Pure, over the text. Sections in order: microphone, camera and screen to send; then seven audio
//! and eight video slots to receive. Candidates are cut out: we are ICE-lite and learn the client's
//! addresses from its checks, and a `.local` one would send the library looking by multicast.

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
    /// The text without candidates.
    pub sdp: String,
    /// Of the three sending sections, by [`Track::ALL`].
    pub track_mids: Vec<String>,
    /// Of the receiving sections, by [`Slot::all`].
    pub slot_mids: Vec<String>,
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

    let mut mids: Vec<String> = Vec::with_capacity(sections.len());
    for (at, section) in sections.iter().enumerate() {
        let mid = check_section(at, session, section)?;
        if mids.iter().any(|known| known == mid) {
            return Err(BadOffer::Mid { section: at });
        }
        mids.push(mid.to_owned());
    }
    check_bundle(session, &mids)?;

    let slot_mids = mids.split_off(Track::ALL.len());
    let sdp = lines
        .iter()
        .filter(|line| !line.starts_with("a=candidate:") && !line.starts_with("a=remote-candidates:"))
        .flat_map(|line| [*line, "\r\n"])
        .collect();
    Ok(Offer { sdp, track_mids: mids, slot_mids })
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

fn check_section<'a>(at: usize, session: &[&'a str], section: &[&'a str]) -> Result<&'a str, BadOffer> {
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
    let codec = if media == "m=audio " { " opus/48000/2" } else { " vp8/90000" };
    let speaks = |line: &&str| line.starts_with("a=rtpmap:") && line.to_ascii_lowercase().ends_with(codec);
    if !section.iter().any(speaks) {
        return Err(lacks(if media == "m=audio " { "opus" } else { "VP8" }));
    }
    if direction == "sendonly" && !section.iter().any(|line| line.starts_with("a=ssrc:")) {
        return Err(lacks("a=ssrc"));
    }
    section
        .iter()
        .find_map(|line| line.strip_prefix("a=mid:"))
        .filter(|mid| (1..=16).contains(&mid.len()) && mid.bytes().all(|b| b.is_ascii_graphic()))
        .ok_or(BadOffer::Mid { section: at })
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
    if count("a=rid:") > 0 || count("a=simulcast:") > 0 {
        return Err(too_many("simulcast layers"));
    }
    Ok(())
}

fn check_bundle(session: &[&str], mids: &[String]) -> Result<(), BadOffer> {
    let bundle = session
        .iter()
        .find_map(|line| line.strip_prefix("a=group:BUNDLE "))
        .ok_or(BadOffer::Session("a BUNDLE group"))?;
    if bundle.split(' ').ne(mids.iter().map(String::as_str)) {
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
    fn the_agreed_shape_passes_without_its_candidates() {
        let checked = check(&offer()).expect("a good offer");
        assert_eq!(checked.track_mids, ["0", "1", "2"]);
        assert_eq!(checked.slot_mids.len(), SLOTS);
        assert_eq!((checked.slot_mids[0].as_str(), checked.slot_mids[14].as_str()), ("3", "17"));
        assert!(!checked.sdp.contains("candidate"));
        assert_eq!(checked.sdp.lines().count(), offer().lines().count() - 18);
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
        let layers = good.replacen("a=mid:1\r\n", "a=mid:1\r\na=rid:h send\r\n", 1);
        assert_eq!(refused(layers), BadOffer::TooMany { section: 1, what: "simulcast layers" });
        let extensions =
            good.replacen("a=mid:1\r\n", &("a=mid:1\r\n".to_owned() + &"a=extmap:1 x\r\n".repeat(33)), 1);
        assert_eq!(refused(extensions), BadOffer::TooMany { section: 1, what: "header extensions" });
    }
}
