//! An RTP packet, read where it lies and written where it goes (RFC 3550 §5.1, RFC 8285). The
//! forwarding path reads every packet with it; nothing is copied.
//!
//! Pure. What always holds: whatever [`parse`] accepts lies within the datagram.

use std::ops::Range;

/// The fixed header, and where the rest is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    pub padded: bool,
    /// Octets before the payload.
    pub length: usize,
    extension: Option<(u16, Range<usize>)>,
}

/// RTCP shares the port; its packet types are 192 to 223 (RFC 5761 §4).
pub fn is_rtcp(datagram: &[u8]) -> bool {
    datagram.get(1).is_some_and(|kind| (192..=223).contains(kind))
}

/// Reads the header; the payload may still be encrypted.
pub fn parse(datagram: &[u8]) -> Option<Header> {
    let fixed = datagram.get(..12)?;
    if fixed[0] >> 6 != 2 {
        return None;
    }
    let mut length = 12 + usize::from(fixed[0] & 0x0f) * 4;
    let extension = if fixed[0] & 0x10 != 0 {
        let [p0, p1, w0, w1] = *datagram.get(length..)?.first_chunk::<4>()?;
        let start = length + 4;
        length = start + usize::from(u16::from_be_bytes([w0, w1])) * 4;
        Some((u16::from_be_bytes([p0, p1]), start..length))
    } else {
        None
    };
    (length <= datagram.len()).then(|| Header {
        marker: fixed[1] & 0x80 != 0,
        payload_type: fixed[1] & 0x7f,
        sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
        timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
        ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
        padded: fixed[0] & 0x20 != 0,
        length,
        extension,
    })
}

impl Header {
    /// The payload of a decrypted packet, without padding.
    pub fn payload(&self, packet: &[u8]) -> Option<Range<usize>> {
        let padding = if self.padded { usize::from(*packet.last()?) } else { 0 };
        let end = packet.len().checked_sub(padding).filter(|end| *end >= self.length)?;
        Some(self.length..end)
    }

    /// The header extensions, in the one-byte or the two-byte form.
    pub fn extensions<'a>(&self, packet: &'a [u8]) -> Extensions<'a> {
        match &self.extension {
            Some((0xbede, range)) => Extensions { rest: &packet[range.clone()], wide: false },
            Some((profile, range)) if profile & 0xfff0 == 0x1000 => {
                Extensions { rest: &packet[range.clone()], wide: true }
            }
            _ => Extensions { rest: &[], wide: false },
        }
    }
}

/// Id and value of each header extension.
pub struct Extensions<'a> {
    rest: &'a [u8],
    wide: bool,
}

impl<'a> Iterator for Extensions<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (&first, after) = self.rest.split_first()?;
            if first == 0 {
                self.rest = after; // padding between them
                continue;
            }
            let (id, length, after) = if self.wide {
                let (&length, after) = after.split_first()?;
                (first, usize::from(length), after)
            } else if first >> 4 == 15 {
                return None; // RFC 8285 §4.2: stop here
            } else {
                (first >> 4, usize::from(first & 0x0f) + 1, after)
            };
            let (value, rest) = after.split_at_checked(length)?;
            self.rest = rest;
            return Some((id, value));
        }
    }
}

/// What a packet we send says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outgoing {
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    /// The transport-wide number and its extension id.
    pub transport: Option<(u8, u16)>,
    /// The audio level and its extension id.
    pub level: Option<(u8, u8)>,
}

/// The longest header that [`write`] writes.
pub const MAX_HEADER: usize = 12 + 4 + 8;

/// Appends the header. Ids are of the one-byte form: 1 to 14.
pub fn write(out: &mut Vec<u8>, header: &Outgoing) {
    let extended = header.transport.is_some() || header.level.is_some();
    out.extend([0x80 | u8::from(extended) << 4, u8::from(header.marker) << 7 | header.payload_type & 0x7f]);
    out.extend(header.sequence.to_be_bytes());
    out.extend(header.timestamp.to_be_bytes());
    out.extend(header.ssrc.to_be_bytes());
    if !extended {
        return;
    }
    let octets = header.transport.map_or(0, |_| 3) + header.level.map_or(0, |_| 2);
    let words = usize::div_ceil(octets, 4);
    out.extend([0xbe, 0xde, 0, words as u8]);
    let start = out.len();
    if let Some((id, number)) = header.transport {
        let [high, low] = number.to_be_bytes();
        out.extend([id << 4 | 1, high, low]);
    }
    if let Some((id, level)) = header.level {
        out.extend([id << 4, level]);
    }
    out.resize(start + words * 4, 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outgoing() -> Outgoing {
        Outgoing {
            marker: true,
            payload_type: 96,
            sequence: 0xfffe,
            timestamp: 7,
            ssrc: 0xdead_beef,
            transport: Some((5, 0x1234)),
            level: Some((1, 0x85)),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut packet = vec![];
        write(&mut packet, &outgoing());
        assert!(packet.len() <= MAX_HEADER);
        packet.extend(b"payload");
        let header = parse(&packet).expect("RTP");
        assert_eq!((header.marker, header.payload_type, header.sequence), (true, 96, 0xfffe));
        assert_eq!((header.timestamp, header.ssrc), (7, 0xdead_beef));
        assert_eq!(&packet[header.payload(&packet).expect("a payload")], b"payload");
        let read: Vec<_> = header.extensions(&packet).collect();
        assert_eq!(read, [(5, &[0x12, 0x34][..]), (1, &[0x85][..])]);
    }

    #[test]
    fn without_extensions_the_header_is_short() {
        let mut packet = vec![];
        write(&mut packet, &Outgoing { transport: None, level: None, ..outgoing() });
        assert_eq!(packet.len(), 12);
        assert_eq!(parse(&packet).expect("RTP").extensions(&packet).next(), None);
    }

    #[test]
    fn the_two_byte_form_is_read_too() {
        let mut packet = vec![0x90, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0x10, 0, 0, 2];
        packet.extend([7, 1, 0xaa, 0, 9, 0, 0, 0]);
        let header = parse(&packet).expect("RTP");
        assert_eq!(header.extensions(&packet).collect::<Vec<_>>(), [(7, &[0xaa][..]), (9, &[][..])]);
    }

    #[test]
    fn padding_is_no_payload() {
        let mut packet = vec![0xa0, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        packet.extend([1, 2, 0, 0, 3]);
        let header = parse(&packet).expect("RTP");
        assert_eq!(header.payload(&packet), Some(12..14));
        packet[16] = 9;
        assert_eq!(header.payload(&packet), None, "more padding than packet");
    }

    proptest::proptest! {
        #[test]
        fn any_octets_can_be_read(packet in proptest::collection::vec(0u8.., 0..80)) {
            if let Some(header) = parse(&packet) {
                let _ = header.payload(&packet).map(|range| packet[range].len());
                proptest::prop_assert!(header.extensions(&packet).count() <= packet.len());
            }
        }
    }
}
