//! The VP8 payload descriptor (RFC 7741 §4.2), and numbering that goes on across a switch of
//! source. `rewrite` calls it.
//!
//! A decoder that sees PictureID or TL0PICIDX jump at a switch waits for frames that never come;
//! so each slot counts on by itself, whoever is in it.

/// What the descriptor of one packet says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Descriptor {
    /// The packet begins a key frame: a decoder can start here.
    pub starts_key_frame: bool,
    /// Offset and value; `wide` is the 15-bit form.
    pub picture: Option<Picture>,
    /// Offset and value of TL0PICIDX.
    pub tl0: Option<(usize, u8)>,
    /// Octets before the frame itself.
    pub length: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    pub at: usize,
    pub wide: bool,
    pub id: u16,
}

/// `None` when the payload is too short for what it announces.
pub fn parse(payload: &[u8]) -> Option<Descriptor> {
    let first = *payload.first()?;
    let starts_frame = first & 0x10 != 0 && first & 0x07 == 0;
    let mut at = 1;
    let mut picture = None;
    let mut tl0 = None;
    if first & 0x80 != 0 {
        let has = *payload.get(at)?;
        at += 1;
        if has & 0x80 != 0 {
            let high = *payload.get(at)?;
            let wide = high & 0x80 != 0;
            let id = if wide {
                u16::from(high & 0x7f) << 8 | u16::from(*payload.get(at + 1)?)
            } else {
                u16::from(high)
            };
            picture = Some(Picture { at, wide, id });
            at += if wide { 2 } else { 1 };
        }
        if has & 0x40 != 0 {
            tl0 = Some((at, *payload.get(at)?));
            at += 1;
        }
        if has & 0x30 != 0 {
            at += 1;
        }
    }
    // RFC 7741 §4.3: the lowest bit of the first payload octet is 0 for a key frame.
    let frame = *payload.get(at)?;
    Some(Descriptor { starts_key_frame: starts_frame && frame & 0x01 == 0, picture, tl0, length: at })
}

/// The height of the picture whose key frame begins in this payload (RFC 6386 §9.1).
pub fn height(payload: &[u8]) -> Option<u16> {
    let descriptor = parse(payload).filter(|descriptor| descriptor.starts_key_frame)?;
    let frame = payload.get(descriptor.length..)?;
    let [_, _, _, 0x9d, 0x01, 0x2a, _, _, low, high] = *frame.first_chunk::<10>()? else { return None };
    Some(u16::from_le_bytes([low, high]) & 0x3fff)
}

/// One slot's own count of pictures.
#[derive(Debug, Default)]
pub struct Numbering {
    last_picture: u16,
    last_tl0: u8,
    picture_offset: u16,
    tl0_offset: u8,
    fresh: bool,
}

impl Numbering {
    pub fn new() -> Self {
        Self { fresh: true, ..Self::default() }
    }

    /// The next packet comes from another source.
    pub fn switch(&mut self) {
        self.fresh = true;
    }

    /// Puts this slot's numbers into `payload`, which `descriptor` was read from.
    pub fn rewrite(&mut self, descriptor: &Descriptor, payload: &mut [u8]) {
        if self.fresh {
            self.fresh = false;
            if let Some(picture) = descriptor.picture {
                self.picture_offset = self.last_picture.wrapping_add(1).wrapping_sub(picture.id);
            }
            if let Some((_, tl0)) = descriptor.tl0 {
                self.tl0_offset = self.last_tl0.wrapping_add(1).wrapping_sub(tl0);
            }
        }
        if let Some(Picture { at, wide, id }) = descriptor.picture {
            let width = if wide { 15 } else { 7 };
            let mask = (1u16 << width) - 1;
            let id = id.wrapping_add(self.picture_offset) & mask;
            if wide {
                payload[at] = 0x80 | (id >> 8) as u8;
                payload[at + 1] = id as u8;
            } else {
                payload[at] = id as u8;
            }
            if id.wrapping_sub(self.last_picture) & mask < 1 << (width - 1) {
                self.last_picture = id;
            }
        }
        if let Some((at, tl0)) = descriptor.tl0 {
            let tl0 = tl0.wrapping_add(self.tl0_offset);
            payload[at] = tl0;
            if tl0.wrapping_sub(self.last_tl0) < 0x80 {
                self.last_tl0 = tl0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// X, S; I, L, T; 15-bit picture id; TL0PICIDX; TID; then the frame's first octet.
    fn packet(id: u16, tl0: u8, key: bool) -> Vec<u8> {
        vec![0x90, 0xe0, 0x80 | (id >> 8) as u8, id as u8, tl0, 0x20, u8::from(!key), 0xaa]
    }

    #[test]
    fn reads_every_form_of_the_descriptor() {
        assert_eq!(
            parse(&packet(0x1234, 7, true)),
            Some(Descriptor {
                starts_key_frame: true,
                picture: Some(Picture { at: 2, wide: true, id: 0x1234 }),
                tl0: Some((4, 7)),
                length: 6,
            })
        );
        assert_eq!(
            parse(&[0x90, 0x80, 0x15, 0x00]),
            Some(Descriptor {
                starts_key_frame: true,
                picture: Some(Picture { at: 2, wide: false, id: 0x15 }),
                tl0: None,
                length: 3,
            })
        );
        let bare = Descriptor { starts_key_frame: true, picture: None, tl0: None, length: 1 };
        assert_eq!(parse(&[0x10, 0x00]), Some(bare));
        assert!(!parse(&[0x10, 0x01]).unwrap().starts_key_frame, "an inter frame");
        assert!(!parse(&[0x00, 0x00]).unwrap().starts_key_frame, "the middle of a frame");
        assert!(!parse(&[0x11, 0x00]).unwrap().starts_key_frame, "a later partition");
    }

    #[test]
    fn a_key_frame_tells_its_height() {
        let mut key = packet(1, 1, true);
        key.truncate(6);
        key.extend([0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x40]);
        assert_eq!(height(&key), Some(240));
        assert_eq!(height(&key[..15]), None);
        assert_eq!(height(&packet(1, 1, false)), None);
    }

    #[test]
    fn a_cut_descriptor_is_none() {
        let whole = packet(0x1234, 7, true);
        for length in 0..7 {
            assert_eq!(parse(&whole[..length]), None, "{length} octets");
        }
    }

    proptest::proptest! {
        /// Whatever a client sends: read or refused, and renumbered within its bounds.
        #[test]
        fn any_octets_can_be_read(mut payload in proptest::collection::vec(0u8.., 0..12)) {
            if let Some(descriptor) = parse(&payload) {
                Numbering::new().rewrite(&descriptor, &mut payload);
            }
        }
    }

    #[test]
    fn numbers_go_on_across_a_switch_and_wrap() {
        let mut numbering = Numbering::new();
        let out = |numbering: &mut Numbering, id, tl0| {
            let mut payload = packet(id, tl0, true);
            numbering.rewrite(&parse(&payload).unwrap(), &mut payload);
            let after = parse(&payload).unwrap();
            (after.picture.unwrap().id, after.tl0.unwrap().1)
        };
        assert_eq!(out(&mut numbering, 32_766, 254), (1, 1));
        assert_eq!(out(&mut numbering, 32_767, 255), (2, 2));
        assert_eq!(out(&mut numbering, 0, 0), (3, 3));
        numbering.switch();
        assert_eq!(out(&mut numbering, 9_000, 40), (4, 4));
        assert_eq!(out(&mut numbering, 9_002, 41), (6, 5));
        assert_eq!(out(&mut numbering, 9_001, 41), (5, 5), "out of order stays in its place");
        numbering.switch();
        assert_eq!(out(&mut numbering, 5, 5), (7, 6));
    }
}
