//! What every packet carries at its end: who sent it, in which part of the play, as which of its track,
//! and when. Sender and receiver are one process, so that the difference is the way between them.

use std::sync::LazyLock;
use std::time::Instant;

/// Octets at the end of a payload.
pub const LENGTH: usize = 24;
const MAGIC: [u8; 4] = *b"HjL1";

/// Sound or pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Sound,
    Pictures,
}

pub const KINDS: [Kind; 2] = [Kind::Sound, Kind::Pictures];

/// Which part of the play a packet belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Era {
    /// Before, between and after.
    Other,
    /// The window that is measured.
    Measured,
    /// Sent when the caucus had begun.
    Caucus,
    /// Sent when all were together again.
    Together,
}

impl Era {
    pub fn of(number: u8) -> Self {
        match number {
            1 => Self::Measured,
            2 => Self::Caucus,
            3 => Self::Together,
            _ => Self::Other,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    pub room: u16,
    /// 0 mediator, 1 consumer, 2 merchant.
    pub person: u8,
    pub kind: Kind,
    pub era: Era,
    /// Counts the track's packets.
    pub number: u32,
    /// By [`now`].
    pub sent: u64,
}

/// Nanoseconds since this process first asked.
pub fn now() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

impl Stamp {
    pub fn write(&self, payload: &mut [u8]) {
        let at = payload.len() - LENGTH;
        let tail = &mut payload[at..];
        tail[..4].copy_from_slice(&MAGIC);
        tail[4..6].copy_from_slice(&self.room.to_be_bytes());
        tail[6] = self.person;
        tail[7] = self.kind as u8;
        tail[8] = self.era as u8;
        tail[12..16].copy_from_slice(&self.number.to_be_bytes());
        tail[16..].copy_from_slice(&self.sent.to_be_bytes());
    }

    /// The stamp of a payload, if it is one of ours.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let tail = payload.last_chunk::<LENGTH>()?;
        let [a, b, c, d, room0, room1, person, kind, era, _, _, _, rest @ ..] = *tail;
        let (number, sent) = (rest.first_chunk::<4>()?, rest.last_chunk::<8>()?);
        let kind = if kind == Kind::Sound as u8 { Kind::Sound } else { Kind::Pictures };
        ([a, b, c, d] == MAGIC).then_some(Self {
            room: u16::from_be_bytes([room0, room1]),
            person,
            kind,
            era: Era::of(era),
            number: u32::from_be_bytes(*number),
            sent: u64::from_be_bytes(*sent),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let stamp = Stamp {
            room: 258,
            person: 2,
            kind: Kind::Pictures,
            era: Era::Caucus,
            number: 70_000,
            sent: 1 << 40,
        };
        let mut payload = vec![9; 100];
        stamp.write(&mut payload);
        assert_eq!(Stamp::read(&payload), Some(stamp));
        assert_eq!(Stamp::read(&payload[..99]), None);
        assert_eq!(Stamp::read(&[0; 10]), None);
    }
}
