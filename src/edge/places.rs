//! How many connections of a kind one address holds: a place is taken on connecting, given back at the end.

use super::Problem;
use super::peer::Peer;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

type Taken = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// The places of all addresses. Only addresses that hold one are remembered.
pub struct Places {
    most: usize,
    taken: Taken,
}

/// One place, until it is dropped.
pub struct Place {
    network: IpAddr,
    taken: Taken,
}

impl Places {
    /// `most` for each address.
    pub fn new(most: usize) -> Self {
        Self { most, taken: Taken::default() }
    }

    pub fn take(&self, peer: &Peer) -> Result<Place, Problem> {
        let network = peer.network();
        let mut taken = self.taken.lock().expect("no panic while counting");
        let count = taken.entry(network).or_default();
        if *count >= self.most {
            return Err(Problem::too_many(5_000).detail("too many connections from this address"));
        }
        *count += 1;
        Ok(Place { network, taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().expect("no panic while counting");
        if let Some(count) = taken.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_given_back_is_free_again() {
        let peer = |address: &str| Peer { address: address.parse().unwrap(), https: true };
        let (shop, phone) = (peer("192.0.2.1"), peer("192.0.2.2"));
        let places = Places::new(2);
        let first = places.take(&shop).unwrap();
        let _second = places.take(&shop).unwrap();
        assert!(places.take(&shop).is_err());
        let _other = places.take(&phone).unwrap();
        drop(first);
        assert!(places.take(&shop).is_ok());
        assert_eq!(places.taken.lock().unwrap().len(), 2);
    }
}
