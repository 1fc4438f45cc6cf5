//! Three small stages in the library's packet chain, which mend what it leaves out. `peer` builds
//! the chain.
//!
//! - [`Unwrap`], near the wire: turns retransmissions back into the packets they repeat before the
//!   NACK generator looks, which otherwise asks for ever.
//! - [`PrimaryOnly`]: keeps the retransmission streams out of an inner stage that would count the
//!   unwrapped packets as lost there.
//! - [`Feedback`], near the application: lets requests for key frames through to it, and no other
//!   RTCP, which the chain has dealt with already.

use rtc::interceptor::{Attribute, Interceptor, Packet, StreamInfo, TaggedPacket};
use rtc::rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::sansio::Protocol;
use rtc::shared::error::Error;
use std::collections::{HashSet, VecDeque};
use std::time::Instant;

/// A pass-through queue, which every stage of the chain needs in both directions.
#[derive(Default)]
struct Queues {
    read: VecDeque<TaggedPacket>,
    write: VecDeque<TaggedPacket>,
}

/// What a retransmission stream repeats.
struct Repair {
    ssrc: u32,
    primary: u32,
    primary_payload_type: u8,
}

/// RFC 4588 §4: payload `[original sequence number][original payload]` on an SSRC of its own.
#[derive(Default)]
pub struct Unwrap {
    queues: Queues,
    repairs: Vec<Repair>,
}

impl Unwrap {
    /// The header extensions stay, so that transport-wide feedback still counts the arrival.
    /// Probes, which carry no packet, stay what they are, for the same reason.
    fn unwrap(&self, packet: &mut rtc::rtp::Packet) {
        let Some(repair) = self.repairs.iter().find(|repair| repair.ssrc == packet.header.ssrc) else {
            return;
        };
        if packet.payload.len() <= 2 {
            return;
        }
        packet.header.sequence_number = u16::from_be_bytes([packet.payload[0], packet.payload[1]]);
        packet.header.ssrc = repair.primary;
        packet.header.payload_type = repair.primary_payload_type;
        packet.payload = packet.payload.slice(2..);
    }
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for Unwrap {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, mut message: TaggedPacket) -> Result<(), Error> {
        if let Packet::Rtp(packet) = &mut message.message.packet {
            self.unwrap(packet);
        }
        self.queues.read.push_back(message);
        Ok(())
    }
    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.queues.read.pop_front()
    }
    fn handle_write(&mut self, message: TaggedPacket) -> Result<(), Error> {
        self.queues.write.push_back(message);
        Ok(())
    }
    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.queues.write.pop_front()
    }
    fn handle_timeout(&mut self, _: Instant) -> Result<(), Error> {
        Ok(())
    }
    fn poll_timeout(&mut self) -> Option<Instant> {
        None
    }
}

impl Interceptor for Unwrap {
    fn bind_local_stream(&mut self, _: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _: &StreamInfo) {}
    fn bind_remote_stream(&mut self, info: &StreamInfo) {
        if let Some(ssrc) = info.ssrc_rtx {
            self.repairs.retain(|repair| repair.ssrc != ssrc);
            let (primary, primary_payload_type) = (info.ssrc, info.payload_type);
            self.repairs.push(Repair { ssrc, primary, primary_payload_type });
        }
    }
    fn unbind_remote_stream(&mut self, info: &StreamInfo) {
        self.repairs.retain(|repair| repair.primary != info.ssrc);
    }
}

/// Wraps a stage that must not be told of retransmission streams.
pub struct PrimaryOnly<I> {
    inner: I,
    /// The library binds a primary stream before its repair stream, and names it there.
    repairs: HashSet<u32>,
}

impl<I> PrimaryOnly<I> {
    pub fn new(inner: I) -> Self {
        Self { inner, repairs: HashSet::new() }
    }
}

impl<I: Interceptor> Protocol<TaggedPacket, TaggedPacket, ()> for PrimaryOnly<I> {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, message: TaggedPacket) -> Result<(), Error> {
        self.inner.handle_read(message)
    }
    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.inner.poll_read()
    }
    fn handle_write(&mut self, message: TaggedPacket) -> Result<(), Error> {
        self.inner.handle_write(message)
    }
    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.inner.poll_write()
    }
    fn handle_timeout(&mut self, now: Instant) -> Result<(), Error> {
        self.inner.handle_timeout(now)
    }
    fn poll_timeout(&mut self) -> Option<Instant> {
        self.inner.poll_timeout()
    }
    fn close(&mut self) -> Result<(), Error> {
        self.inner.close()
    }
}

impl<I: Interceptor> Interceptor for PrimaryOnly<I> {
    fn bind_local_stream(&mut self, info: &StreamInfo) {
        self.inner.bind_local_stream(info);
    }
    fn unbind_local_stream(&mut self, info: &StreamInfo) {
        self.inner.unbind_local_stream(info);
    }
    fn bind_remote_stream(&mut self, info: &StreamInfo) {
        self.repairs.extend(info.ssrc_rtx);
        if !self.repairs.contains(&info.ssrc) {
            self.inner.bind_remote_stream(info);
        }
    }
    fn unbind_remote_stream(&mut self, info: &StreamInfo) {
        if !self.repairs.contains(&info.ssrc) {
            self.inner.unbind_remote_stream(info);
        }
    }
}

/// Marks requests for key frames for delivery. The chain's last stage drops unmarked RTCP.
#[derive(Default)]
pub struct Feedback {
    queues: Queues,
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for Feedback {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, mut message: TaggedPacket) -> Result<(), Error> {
        if let Packet::Rtcp(packets) = &mut message.message.packet {
            // A compound packet is delivered by its first part, so only the requests stay in it.
            packets.retain(|packet| {
                packet.as_any().is::<PictureLossIndication>() || packet.as_any().is::<FullIntraRequest>()
            });
            if packets.is_empty() {
                return Ok(());
            }
            message.message.add(Attribute::DeliverToApplication);
        }
        self.queues.read.push_back(message);
        Ok(())
    }
    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.queues.read.pop_front()
    }
    fn handle_write(&mut self, message: TaggedPacket) -> Result<(), Error> {
        self.queues.write.push_back(message);
        Ok(())
    }
    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.queues.write.pop_front()
    }
    fn handle_timeout(&mut self, _: Instant) -> Result<(), Error> {
        Ok(())
    }
    fn poll_timeout(&mut self) -> Option<Instant> {
        None
    }
}

impl Interceptor for Feedback {
    fn bind_local_stream(&mut self, _: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _: &StreamInfo) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use rtc::interceptor::AttributedPacket;
    use rtc::rtcp::receiver_report::ReceiverReport;
    use rtc::shared::TransportContext;

    fn tagged(packet: Packet) -> TaggedPacket {
        TaggedPacket {
            now: Instant::now(),
            transport: TransportContext::default(),
            message: AttributedPacket::new(packet),
        }
    }

    fn rtp(ssrc: u32, sequence_number: u16, payload: &'static [u8]) -> TaggedPacket {
        let header = rtc::rtp::Header { version: 2, ssrc, sequence_number, ..Default::default() };
        tagged(Packet::Rtp(rtc::rtp::Packet { header, payload: Bytes::from_static(payload) }))
    }

    fn video() -> StreamInfo {
        StreamInfo { ssrc: 7, ssrc_rtx: Some(8), payload_type: 96, ..StreamInfo::default() }
    }

    fn through(stage: &mut impl Interceptor, message: TaggedPacket) -> Option<Packet> {
        stage.handle_read(message).unwrap();
        stage.poll_read().map(|message| message.message.packet)
    }

    #[test]
    fn a_retransmission_becomes_the_packet_it_repeats() {
        let mut stage = Unwrap::default();
        stage.bind_remote_stream(&video());
        let Some(Packet::Rtp(packet)) = through(&mut stage, rtp(8, 99, &[1, 2, 0xaa, 0xbb])) else {
            panic!("an RTP packet")
        };
        assert_eq!((packet.header.ssrc, packet.header.sequence_number), (7, 0x0102));
        assert_eq!((packet.header.payload_type, &packet.payload[..]), (96, &[0xaa, 0xbb][..]));
    }

    #[test]
    fn probes_and_other_streams_stay_what_they_are() {
        let mut stage = Unwrap::default();
        stage.bind_remote_stream(&video());
        for (ssrc, payload) in [(8, &[][..]), (8, &[1, 2][..]), (7, &[1, 2, 3][..]), (9, &[1, 2, 3][..])] {
            let Some(Packet::Rtp(packet)) = through(&mut stage, rtp(ssrc, 99, payload)) else {
                panic!("an RTP packet")
            };
            assert_eq!((packet.header.ssrc, packet.header.sequence_number), (ssrc, 99));
        }
    }

    #[test]
    fn only_requests_for_key_frames_are_delivered() {
        let mut stage = Feedback::default();
        assert_eq!(
            through(&mut stage, tagged(Packet::Rtcp(vec![Box::new(ReceiverReport::default())]))),
            None
        );
        let pli = PictureLossIndication { sender_ssrc: 1, media_ssrc: 7 };
        let compound: Vec<Box<dyn rtc::rtcp::Packet>> =
            vec![Box::new(ReceiverReport::default()), Box::new(pli.clone())];
        stage.handle_read(tagged(Packet::Rtcp(compound))).unwrap();
        let message = stage.poll_read().expect("delivered").message;
        assert!(message.has(&Attribute::DeliverToApplication));
        assert_eq!(message.packet, Packet::Rtcp(vec![Box::new(pli)]));
    }

    /// Remembers what it was told of.
    #[derive(Default)]
    struct Inner {
        bound: Vec<u32>,
        queues: Queues,
    }

    impl Protocol<TaggedPacket, TaggedPacket, ()> for Inner {
        type Rout = TaggedPacket;
        type Wout = TaggedPacket;
        type Eout = ();
        type Error = Error;
        type Time = Instant;
        fn handle_read(&mut self, message: TaggedPacket) -> Result<(), Error> {
            self.queues.read.push_back(message);
            Ok(())
        }
        fn poll_read(&mut self) -> Option<TaggedPacket> {
            self.queues.read.pop_front()
        }
        fn handle_write(&mut self, message: TaggedPacket) -> Result<(), Error> {
            self.queues.write.push_back(message);
            Ok(())
        }
        fn poll_write(&mut self) -> Option<TaggedPacket> {
            self.queues.write.pop_front()
        }
        fn handle_timeout(&mut self, _: Instant) -> Result<(), Error> {
            Ok(())
        }
        fn poll_timeout(&mut self) -> Option<Instant> {
            None
        }
    }

    impl Interceptor for Inner {
        fn bind_local_stream(&mut self, _: &StreamInfo) {}
        fn unbind_local_stream(&mut self, _: &StreamInfo) {}
        fn bind_remote_stream(&mut self, info: &StreamInfo) {
            self.bound.push(info.ssrc);
        }
        fn unbind_remote_stream(&mut self, _: &StreamInfo) {}
    }

    #[test]
    fn repair_streams_are_kept_from_the_inner_stage() {
        let mut stage = PrimaryOnly::new(Inner::default());
        stage.bind_remote_stream(&video());
        stage.bind_remote_stream(&StreamInfo { ssrc: 8, payload_type: 97, ..StreamInfo::default() });
        stage.bind_remote_stream(&StreamInfo { ssrc: 9, payload_type: 111, ..StreamInfo::default() });
        assert_eq!(stage.inner.bound, [7, 9]);
    }
}
