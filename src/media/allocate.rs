//! Which layer of each picture one receiver gets, within what its way down carries. The
//! forwarding path asks several times a second, and whenever a slot or its shown height changes.
//!
//! In this order, as far as it fits: sound (it is sent whatever the target), shared screens up to
//! what is shown of them, the smallest layer of every face, and then larger layers, the tallest
//! faces first. A picture that doesn't fit is passed over for smaller ones after it.
//!
//! What always holds: the choice fits, or is none; a hidden slot is paused; nobody gets a larger
//! layer than the shown height needs. Down at once; up only when it fits with a fifth to spare for
//! a second, except for what was newly asked for.
use super::table::{Slot, VIDEO_SLOTS};
use std::time::{Duration, Instant};

/// Sound varies; this factor is kept for it.
const AUDIO_MARGIN: f64 = 1.1;
/// Going up needs this much of what it costs, for [`LASTING`].
const HEADROOM: f64 = 1.2;
const LASTING: Duration = Duration::from_secs(1);
/// What a probe is to show: a little more than going up needs.
const PROBED: f64 = 1.3;
/// A layer may be enlarged so much: 360 lines will do for 450.
const ENLARGED: f32 = 0.8;

pub const LAYERS: usize = 3;

/// What a receiver would have in a video slot.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    pub slot: Slot,
    /// As shown, in device pixels; 0 is hidden.
    pub height: u16,
    pub screen: bool,
    /// Bits per second that each layer sends, smoothed over a second or so; 0 is absent.
    pub layers: [u32; LAYERS],
    /// Of each layer's picture; 0 is unknown.
    pub heights: [u16; LAYERS],
    /// What the slot is sent now.
    pub now: Option<u8>,
}

/// What it gets; `None` is paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub slot: Slot,
    pub layer: Option<u8>,
}

/// One per receiver.
#[derive(Debug, Default)]
pub struct Allocator {
    /// Since when more would fit with headroom.
    roomy: Option<Instant>,
    /// What each slot needed the last time.
    needed: [Option<u8>; VIDEO_SLOTS as usize],
}

impl Allocator {
    /// The choice for every wish, in their order. `target` and `audio` are bits per second;
    /// without bits of sound known, 0. A slot is to be wished for once.
    pub fn allocate(&mut self, now: Instant, target: u32, audio: u32, wishes: &[Wish]) -> Vec<Choice> {
        let budget = (f64::from(target) - f64::from(audio) * AUDIO_MARGIN).max(0.0);
        let order = order(wishes);
        let calm = fit(budget / HEADROOM, &order, wishes);
        let mut chosen: Vec<_> = wishes.iter().map(Wish::kept).collect();
        for (at, new) in self.newly_asked(wishes) {
            if new {
                chosen[at] = chosen[at].max(calm[at]);
            }
        }
        if cost(&chosen, wishes) > budget {
            let most = fit(budget, &order, wishes);
            chosen.iter_mut().zip(most).for_each(|(layer, most)| *layer = (*layer).min(most));
        }
        if self.lasting(now, better(&calm, &chosen, &order)) {
            let merged: Vec<_> = chosen.iter().zip(&calm).map(|(one, other)| (*one).max(*other)).collect();
            chosen = if cost(&merged, wishes) * HEADROOM <= budget { merged } else { calm };
        }
        wishes.iter().zip(chosen).map(|(wish, layer)| Choice { slot: wish.slot, layer }).collect()
    }

    /// Whether a wish needs more than the last time: a new face, one that was pinned.
    fn newly_asked(&mut self, wishes: &[Wish]) -> Vec<(usize, bool)> {
        let before = std::mem::take(&mut self.needed);
        let mut newly = Vec::with_capacity(wishes.len());
        for (at, wish) in wishes.iter().enumerate() {
            let Slot::Video(slot) = wish.slot else { continue };
            let Some(needed) = self.needed.get_mut(usize::from(slot)) else { continue };
            *needed = wish.needed();
            newly.push((at, *needed > before[usize::from(slot)]));
        }
        newly
    }

    fn lasting(&mut self, now: Instant, roomy: bool) -> bool {
        if !roomy {
            self.roomy = None;
            return false;
        }
        let since = *self.roomy.get_or_insert(now);
        let lasting = now.saturating_duration_since(since) >= LASTING;
        if lasting {
            self.roomy = None;
        }
        lasting
    }
}

/// The bits per second in all that would let every picture that lacks a layer have its next one:
/// what to probe for. `None` when nothing is missing.
pub fn wanted(audio: u32, wishes: &[Wish]) -> Option<u32> {
    let now: Vec<_> = wishes.iter().map(Wish::kept).collect();
    let next: Vec<_> = wishes.iter().zip(&now).map(|(wish, layer)| wish.after(*layer)).collect();
    let need = cost(&next, wishes) * PROBED + f64::from(audio) * AUDIO_MARGIN;
    (next != now).then_some(need as u32)
}

impl Wish {
    /// The smallest present layer that is tall enough for what is shown, else the largest.
    pub fn needed(&self) -> Option<u8> {
        let tall =
            |layer: &u8| f32::from(self.heights[usize::from(*layer)]) >= f32::from(self.height) * ENLARGED;
        if self.height == 0 {
            return None;
        }
        self.present().find(tall).or(self.present().last())
    }

    fn present(&self) -> impl Iterator<Item = u8> {
        (0..LAYERS as u8).filter(|layer| self.layers[usize::from(*layer)] > 0)
    }

    /// What it has, as far as that is there and needed.
    fn kept(&self) -> Option<u8> {
        let most = self.needed().min(self.now)?;
        self.present().take_while(|layer| *layer <= most).last()
    }

    /// The layer after this one, up to what is needed.
    fn after(&self, layer: Option<u8>) -> Option<u8> {
        let needed = self.needed();
        self.present().find(|next| Some(*next) > layer && Some(*next) <= needed).or(layer)
    }

    /// A larger layer is never taken for cheaper: what is measured now may be a quiet moment.
    fn cost(&self, layer: Option<u8>) -> f64 {
        let upto = layer.map_or(0, |layer| usize::from(layer) + 1);
        f64::from(self.layers[..upto].iter().copied().max().unwrap_or(0))
    }
}

/// The steps up, the most important first: which wish, and to which layer.
fn order(wishes: &[Wish]) -> Vec<(usize, u8)> {
    let mut steps: Vec<_> = (0..wishes.len())
        .flat_map(|at| {
            let needed = wishes[at].needed();
            wishes[at].present().filter(move |layer| Some(*layer) <= needed).map(move |layer| (at, layer))
        })
        .collect();
    steps.sort_by_key(|&(at, layer)| {
        let wish = &wishes[at];
        let (round, face) = if wish.screen { (0, layer) } else { (1 + layer, 0) };
        (round, face, std::cmp::Reverse(wish.height), wish.slot)
    });
    steps
}

/// Takes every step that fits, in order. With more to spend, the first step that is decided
/// differently is one more taken.
fn fit(budget: f64, order: &[(usize, u8)], wishes: &[Wish]) -> Vec<Option<u8>> {
    let mut chosen = vec![None; wishes.len()];
    let mut spent = 0.0;
    for &(at, layer) in order {
        let more = wishes[at].cost(Some(layer)) - wishes[at].cost(chosen[at]);
        if spent + more <= budget {
            spent += more;
            chosen[at] = Some(layer);
        }
    }
    chosen
}

/// Whether `one` takes the first step that only either takes.
fn better(one: &[Option<u8>], other: &[Option<u8>], order: &[(usize, u8)]) -> bool {
    let taken = |choice: &[Option<u8>], (at, layer): (usize, u8)| choice[at] >= Some(layer);
    order.iter().find(|step| taken(one, **step) != taken(other, **step)).is_some_and(|step| taken(one, *step))
}

fn cost(chosen: &[Option<u8>], wishes: &[Wish]) -> f64 {
    wishes.iter().zip(chosen).map(|(wish, layer)| wish.cost(*layer)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CAMERA: [u32; LAYERS] = [120_000, 350_000, 1_000_000];

    fn face(slot: u8, height: u16, now: Option<u8>) -> Wish {
        Wish { slot: Slot::Video(slot), height, screen: false, layers: CAMERA, heights: [180, 360, 720], now }
    }

    fn screen(slot: u8, rate: u32, now: Option<u8>) -> Wish {
        Wish { screen: true, layers: [rate, 0, 0], heights: [1_080, 0, 0], ..face(slot, 1_080, now) }
    }

    fn layers(choices: &[Choice]) -> Vec<Option<u8>> {
        choices.iter().map(|choice| choice.layer).collect()
    }

    /// What an allocator says that never saw these wishes.
    fn at_once(target: u32, wishes: &[Wish]) -> Vec<Option<u8>> {
        layers(&Allocator::default().allocate(Instant::now(), target, 40_000, wishes))
    }

    #[test]
    fn the_shown_height_says_which_layer() {
        let needed = |height| at_once(5_000_000, &[face(0, height, None)])[0];
        assert_eq!(
            [0, 90, 225, 226, 450, 451, 2_000].map(needed),
            [None, Some(0), Some(0), Some(1), Some(1), Some(2), Some(2)]
        );
    }

    #[test]
    fn an_absent_layer_is_not_chosen() {
        let mut wish = face(0, 300, None);
        wish.layers = [120_000, 0, 1_000_000];
        assert_eq!(at_once(5_000_000, &[wish.clone()]), [Some(2)]);
        wish.layers = [120_000, 0, 0];
        assert_eq!(at_once(5_000_000, &[wish.clone()]), [Some(0)]);
        wish.layers = [0; LAYERS];
        assert_eq!(at_once(5_000_000, &[wish]), [None]);
    }

    #[test]
    fn the_screen_goes_before_faces_and_faces_share() {
        let wishes = [face(0, 720, None), face(1, 300, None), screen(2, 600_000, None)];
        assert_eq!(at_once(800_000, &wishes), [None, None, Some(0)]);
        assert_eq!(at_once(1_100_000, &wishes), [Some(0), Some(0), Some(0)]);
        assert_eq!(at_once(1_400_000, &wishes), [Some(1), Some(0), Some(0)]);
        assert_eq!(at_once(1_700_000, &wishes), [Some(1), Some(1), Some(0)]);
        assert_eq!(at_once(5_000_000, &wishes), [Some(2), Some(1), Some(0)]);
    }

    #[test]
    fn a_screen_that_does_not_fit_leaves_its_room_to_faces() {
        assert_eq!(at_once(400_000, &[screen(0, 900_000, None), face(1, 720, None)]), [None, Some(0)]);
    }

    #[test]
    fn down_is_at_once_and_up_takes_a_lasting_second() {
        let start = Instant::now();
        let mut allocator = Allocator::default();
        let mut now = Some(2);
        let mut at = |milliseconds: u64, target: u32| {
            let wish = face(0, 720, now);
            let at = start + Duration::from_millis(milliseconds);
            now = allocator.allocate(at, target, 40_000, &[wish])[0].layer;
            now
        };
        assert_eq!(at(0, 1_050_000), Some(2), "it fits, without headroom");
        assert_eq!(at(100, 1_000_000), Some(1));
        assert_eq!(at(200, 1_100_000), Some(1), "too little headroom");
        assert_eq!(at(2_000, 1_100_000), Some(1));
        assert_eq!(at(2_100, 1_300_000), Some(1));
        assert_eq!(at(2_900, 1_300_000), Some(1));
        assert_eq!(at(3_000, 1_100_000), Some(1), "a dip begins the second anew");
        assert_eq!(at(3_100, 1_300_000), Some(1));
        assert_eq!(at(4_000, 1_300_000), Some(1));
        assert_eq!(at(4_100, 1_300_000), Some(2));
    }

    #[test]
    fn what_is_newly_shown_does_not_wait() {
        let start = Instant::now();
        let mut allocator = Allocator::default();
        allocator.allocate(start, 3_000_000, 40_000, &[face(0, 0, None), face(1, 180, None)]);
        let wishes = [face(0, 180, None), face(1, 720, Some(0))];
        let choices = allocator.allocate(start, 3_000_000, 40_000, &wishes);
        assert_eq!(layers(&choices), [Some(0), Some(2)]);
    }

    #[test]
    fn wanted_is_the_next_layer_of_whoever_lacks_one() {
        assert_eq!(wanted(40_000, &[face(0, 720, Some(2)), face(1, 0, None)]), None);
        assert_eq!(wanted(0, &[face(0, 720, Some(0)), face(1, 180, None)]), Some(611_000));
    }

    fn wishes() -> impl Strategy<Value = Vec<Wish>> {
        let rate = prop_oneof![Just(0_u32), 50_000..2_000_000_u32];
        let height = prop_oneof![Just(0_u16), 1..2_200_u16];
        let now = proptest::option::of(0_u8..3);
        let one = (height, any::<bool>(), proptest::array::uniform3(rate), now);
        proptest::collection::vec(one, 0..8).prop_map(|all| {
            let wish = |(slot, (height, screen, layers, now)): (usize, _)| Wish {
                slot: Slot::Video(slot as u8),
                height,
                screen,
                layers,
                heights: [180, 360, 720],
                now,
            };
            all.into_iter().enumerate().map(wish).collect()
        })
    }

    fn sum(wishes: &[Wish], chosen: &[Option<u8>]) -> u64 {
        let rate =
            |(wish, layer): (&Wish, &Option<u8>)| layer.map_or(0, |layer| wish.layers[usize::from(layer)]);
        wishes.iter().zip(chosen).map(rate).map(u64::from).sum()
    }

    proptest! {
        /// Over any course of targets and wishes: what is chosen is there, needed, and fits beside
        /// the sound, or nothing is.
        #[test]
        fn the_choice_always_fits(
            course in proptest::collection::vec((0_u32..8_000_000, 0_u32..300_000, wishes()), 1..8),
            step in 0_u64..1_500,
        ) {
            let start = Instant::now();
            let mut allocator = Allocator::default();
            for (n, (target, audio, wishes)) in course.iter().enumerate() {
                let at = start + Duration::from_millis(n as u64 * step);
                let choices = allocator.allocate(at, *target, *audio, wishes);
                let chosen = layers(&choices);
                prop_assert!(choices.iter().map(|choice| choice.slot).eq(wishes.iter().map(|wish| wish.slot)));
                let spent = sum(wishes, &chosen);
                prop_assert!(spent == 0 || spent + u64::from(*audio) <= u64::from(*target));
                for (wish, layer) in wishes.iter().zip(&chosen) {
                    prop_assert!(wish.height > 0 || layer.is_none());
                    prop_assert!(layer.is_none_or(|layer| wish.layers[usize::from(layer)] > 0));
                    prop_assert!(*layer <= wish.needed());
                }
            }
        }

        /// More to spend never takes a more important step back.
        #[test]
        fn more_is_never_worse(wishes in wishes(), less in 0_u32..8_000_000, more in 0_u32..8_000_000) {
            let wishes: Vec<_> = wishes.into_iter().map(|wish| Wish { now: None, ..wish }).collect();
            let (less, more) = (less.min(more), less.max(more));
            let order = order(&wishes);
            prop_assert!(!better(&at_once(less, &wishes), &at_once(more, &wishes), &order));
        }

        /// No face is sent while a screen that would fit alone is not.
        #[test]
        fn screens_come_first(wishes in wishes(), target in 0_u32..8_000_000) {
            let wishes: Vec<_> = wishes.into_iter().map(|wish| Wish { now: None, ..wish }).collect();
            let chosen = at_once(target, &wishes);
            let screens: Vec<_> = wishes.iter().filter(|wish| wish.screen).cloned().collect();
            let alone = at_once(target, &screens);
            let among: Vec<_> =
                wishes.iter().zip(chosen).filter(|(wish, _)| wish.screen).map(|(_, layer)| layer).collect();
            prop_assert_eq!(among, alone);
        }

        /// A steady target and steady wishes settle within two calls a second apart, and stay.
        #[test]
        fn it_settles(wishes in wishes(), target in 0_u32..8_000_000) {
            let start = Instant::now();
            let mut allocator = Allocator::default();
            let mut wishes = wishes;
            let mut last = Vec::new();
            for n in 0..12_u64 {
                let choices = allocator.allocate(start + Duration::from_millis(n * 500), target, 40_000, &wishes);
                let chosen = layers(&choices);
                prop_assert!(n < 6 || chosen == last, "{:?} {:?}", chosen, last);
                wishes.iter_mut().zip(&chosen).for_each(|(wish, layer)| wish.now = *layer);
                last = chosen;
            }
        }
    }
}
