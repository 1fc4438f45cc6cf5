//! Which packets came and which did not, packed for feedback
//! (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1.2 to 3.1.4). `arrivals` calls it.
//!
//! Pure. What always holds: a chunk that says nothing of a packet that came is a run.

use rtc::rtcp::transport_feedbacks::transport_layer_cc::{
    PacketStatusChunk, RunLengthChunk, StatusChunkTypeTcc, StatusVectorChunk, SymbolSizeTypeTcc,
    SymbolTypeTcc,
};
use std::collections::VecDeque;

/// Statuses that one chunk holds.
const RUN: usize = 0x1fff;
const ONE_BIT: usize = 14;
const TWO_BIT: usize = 7;

/// Statuses of packets one after the other, alike ones together.
#[derive(Debug, Default)]
pub struct Runs(VecDeque<(SymbolTypeTcc, usize)>);

impl Runs {
    pub fn add(&mut self, status: SymbolTypeTcc, count: usize) {
        match self.0.back_mut() {
            _ if count == 0 => {}
            Some((last, run)) if *last == status => *run += count,
            _ => self.0.push_back((status, count)),
        }
    }

    /// Alike ones as a run, others as lists of one bit each, or two where a delta is large.
    pub fn chunks(mut self) -> Vec<PacketStatusChunk> {
        let mut chunks = Vec::new();
        while let Some(&(status, run)) = self.0.front() {
            let ahead: Vec<_> = self.statuses().take(ONE_BIT).collect();
            let one_bit = !ahead.contains(&SymbolTypeTcc::PacketReceivedLargeDelta);
            let (symbol_size, most) = match one_bit {
                true => (SymbolSizeTypeTcc::OneBit, ONE_BIT),
                false => (SymbolSizeTypeTcc::TwoBit, TWO_BIT),
            };
            let list = &ahead[..ahead.len().min(most)];
            // A run says at least as much as a list of the like.
            if run >= list.len() {
                let run = run.min(RUN);
                chunks.push(PacketStatusChunk::RunLengthChunk(RunLengthChunk {
                    type_tcc: StatusChunkTypeTcc::RunLengthChunk,
                    packet_status_symbol: status,
                    run_length: run as u16,
                }));
                self.skip(run);
            } else {
                chunks.push(PacketStatusChunk::StatusVectorChunk(StatusVectorChunk {
                    type_tcc: StatusChunkTypeTcc::StatusVectorChunk,
                    symbol_size,
                    symbol_list: list.to_vec(),
                }));
                self.skip(list.len());
            }
        }
        chunks
    }

    fn statuses(&self) -> impl Iterator<Item = SymbolTypeTcc> {
        self.0.iter().flat_map(|&(status, run)| std::iter::repeat_n(status, run))
    }

    fn skip(&mut self, mut count: usize) {
        while let Some((_, run)) = self.0.front_mut() {
            if *run > count {
                *run -= count;
                return;
            }
            count -= *run;
            self.0.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Any statuses come back from their chunks as they went in.
        #[test]
        fn chunks_say_what_was_put_in(
            runs in prop::collection::vec((0u16..3, prop_oneof![1usize..4, 1usize..30, 8_000usize..20_000]), 1..60),
        ) {
            let mut statuses = Runs::default();
            runs.iter().for_each(|&(status, run)| statuses.add(status.into(), run));
            let expected: Vec<SymbolTypeTcc> = statuses.statuses().collect();
            let mut said = Vec::new();
            for chunk in statuses.chunks() {
                match chunk {
                    PacketStatusChunk::RunLengthChunk(chunk) => {
                        prop_assert!(usize::from(chunk.run_length) <= RUN);
                        said.extend(std::iter::repeat_n(chunk.packet_status_symbol, chunk.run_length.into()));
                    }
                    PacketStatusChunk::StatusVectorChunk(chunk) => {
                        let one_bit = chunk.symbol_size == SymbolSizeTypeTcc::OneBit;
                        let most = if one_bit { ONE_BIT } else { TWO_BIT };
                        prop_assert!(chunk.symbol_list.len() <= most);
                        let large = chunk.symbol_list.contains(&SymbolTypeTcc::PacketReceivedLargeDelta);
                        prop_assert!(!(one_bit && large));
                        let came = |status: &SymbolTypeTcc| *status != SymbolTypeTcc::PacketNotReceived;
                        prop_assert!(chunk.symbol_list.iter().any(came));
                        said.extend(chunk.symbol_list);
                    }
                }
            }
            prop_assert!(said == expected);
        }
    }
}
