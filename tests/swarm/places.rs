//! Where servers are. A server may die, and live again elsewhere.

use std::net::SocketAddr;
use std::sync::RwLock;

/// A server in one of its lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) address: SocketAddr,
    /// 0, until it moves.
    pub(crate) life: usize,
}

pub(crate) struct Places(RwLock<Vec<Place>>);

impl Places {
    pub(crate) fn of(addresses: impl IntoIterator<Item = SocketAddr>) -> Self {
        let place = |address| Place { address, life: 0 };
        Self(RwLock::new(addresses.into_iter().map(place).collect()))
    }

    /// How many servers there are.
    pub(crate) fn len(&self) -> usize {
        self.0.read().unwrap().len()
    }

    /// A server lives again.
    pub(crate) fn move_to(&self, server: usize, address: SocketAddr) {
        let place = &mut self.0.write().unwrap()[server];
        *place = Place { address, life: place.life + 1 };
    }

    pub(super) fn get(&self, server: usize) -> Place {
        self.0.read().unwrap()[server]
    }
}
