//! Redundant sound (RFC 2198): a packet that carries the ones before it again. `downlink` passes it
//! on to clients that agreed to it and takes the newest block out for the others.
//!
//! Pure.

use std::ops::Range;

/// Blocks in one packet; browsers send one to three.
const MAX_BLOCKS: usize = 8;

/// Where the newest block lies in a payload. `None` if the payload isn't what it says.
pub fn primary(payload: &[u8]) -> Option<Range<usize>> {
    let (mut at, mut older) = (0, 0);
    for _ in 0..MAX_BLOCKS {
        let header = payload.get(at..)?;
        if header.first()? & 0x80 == 0 {
            let start = at + 1 + older;
            return (start < payload.len()).then_some(start..payload.len());
        }
        let [_, _, high, low] = *header.first_chunk::<4>()?;
        older += usize::from(high & 0x03) << 8 | usize::from(low);
        at += 4;
    }
    None
}

/// Puts this payload type on every block of a payload that [`primary`] accepted.
pub fn rename(payload: &mut [u8], codec: u8) {
    let mut at = 0;
    while let Some(octet) = payload.get_mut(at) {
        let more = *octet & 0x80;
        *octet = more | codec;
        if more == 0 {
            return;
        }
        at += 4;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One older block of three octets, then the newest.
    const PACKET: [u8; 10] = [0x80 | 111, 0x0f, 0x00, 3, 111, b'o', b'l', b'd', b'n', b'w'];

    #[test]
    fn the_newest_block_is_found() {
        assert_eq!(primary(&PACKET), Some(8..10));
        assert_eq!(primary(&[111, 7, 7]), Some(1..3));
        for length in 0..9 {
            assert_eq!(primary(&PACKET[..length]), None, "{length} octets");
        }
        assert_eq!(primary(&[0xff; 64]), None, "no end of blocks");
    }

    #[test]
    fn every_block_is_renamed() {
        let mut packet = PACKET;
        rename(&mut packet, 96);
        assert_eq!((packet[0], packet[4]), (0x80 | 96, 96));
        assert_eq!(packet[5..], PACKET[5..]);
    }

    proptest::proptest! {
        #[test]
        fn any_octets_can_be_read(mut payload in proptest::collection::vec(0u8.., 0..40)) {
            if let Some(range) = primary(&payload) {
                proptest::prop_assert!(range.start < range.end && range.end == payload.len());
                rename(&mut payload, 100);
                proptest::prop_assert_eq!(primary(&payload), Some(range));
            }
        }
    }
}
