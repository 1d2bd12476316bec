//! The `kid`s that were looked for in vain, so that nobody makes us look again and again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A bounded memory of `kid`s that one generation of the key set does not have.
#[derive(Debug, Default)]
pub(super) struct AbsentKids(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    generation: u64,
    since: HashMap<String, Instant>,
}

impl AbsentKids {
    /// The most `kid`s that are remembered. When it is full, others are not: the pause between
    /// fetches protects the endpoint all the same.
    pub(super) const MAX: usize = 1024;
    /// The longest `kid` that is looked for, in bytes. A thumbprint has 43.
    pub(super) const MAX_KID: usize = 256;

    /// Whether `kid` need not be looked for.
    pub(super) fn contains(&self, kid: &str, generation: u64, life: Duration) -> bool {
        kid.len() > Self::MAX_KID
            || self.with(generation, |since| since.get(kid).is_some_and(|at| at.elapsed() < life))
    }

    /// Remembers that the fetch that ended `at` that time did not bring `kid`.
    pub(super) fn insert(&self, kid: &str, generation: u64, at: Instant, life: Duration) {
        self.with(generation, |since| {
            if since.len() >= Self::MAX {
                since.retain(|_, at| at.elapsed() < life);
            }
            if since.len() < Self::MAX {
                since.insert(kid.to_owned(), at);
            }
        });
    }

    /// Another key set may have what this one has not.
    fn with<T>(&self, generation: u64, f: impl FnOnce(&mut HashMap<String, Instant>) -> T) -> T {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.generation != generation {
            *memory = Memory { generation, since: HashMap::new() };
        }
        f(&mut memory.since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = Duration::from_secs(300);

    #[tokio::test(start_paused = true)]
    async fn a_kid_is_absent_for_a_while_and_in_one_generation() {
        let absent = AbsentKids::default();
        absent.insert("a", 1, Instant::now(), LIFE);
        assert!(absent.contains("a", 1, LIFE));
        assert!(!absent.contains("b", 1, LIFE));
        tokio::time::advance(LIFE).await;
        assert!(!absent.contains("a", 1, LIFE));
        absent.insert("a", 1, Instant::now(), LIFE);
        assert!(!absent.contains("a", 2, LIFE));
        assert!(!absent.contains("a", 1, LIFE), "it was forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_remembered_is_bounded() {
        let absent = AbsentKids::default();
        for n in 0..=AbsentKids::MAX {
            absent.insert(&n.to_string(), 1, Instant::now(), LIFE);
        }
        assert!(absent.contains("0", 1, LIFE));
        assert!(!absent.contains(&AbsentKids::MAX.to_string(), 1, LIFE));
        tokio::time::advance(LIFE).await;
        absent.insert("later", 1, Instant::now(), LIFE);
        assert_eq!(absent.0.lock().unwrap().since.len(), 1, "what is over makes room");
        assert!(absent.contains(&"k".repeat(AbsentKids::MAX_KID + 1), 1, LIFE));
    }
}
