//! Randomness, passed in: the operating system's in production, a seed in tests.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::sync::{Arc, Mutex};

/// A source of random bytes, cheap to clone. Every secret, salt and id comes from it.
#[derive(Clone)]
pub struct Random(Arc<Mutex<StdRng>>);

impl Random {
    /// A cryptographic generator seeded by the operating system.
    pub fn os() -> Self {
        let mut seed = [0; 32];
        rand::rngs::SysRng.try_fill_bytes_or_abort(&mut seed);
        Self(Arc::new(Mutex::new(StdRng::from_seed(seed))))
    }

    /// The same bytes for the same seed. For tests and published vectors only.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().expect("no panic while drawing").fill_bytes(&mut bytes);
        bytes
    }
}

trait FillOrAbort {
    fn try_fill_bytes_or_abort(&mut self, to: &mut [u8]);
}

impl FillOrAbort for rand::rngs::SysRng {
    fn try_fill_bytes_or_abort(&mut self, to: &mut [u8]) {
        use rand::TryRng;
        self.try_fill_bytes(to).expect("the operating system gives randomness");
    }
}
