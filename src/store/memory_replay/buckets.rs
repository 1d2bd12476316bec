//! The buckets of a shard.

use super::bucket::{Bucket, Slot};

/// The latest has a place of its own, beside the lock of its shard: most keys are written into it,
/// and who has just taken the lock has the line of memory that the lock is in.
#[derive(Default)]
#[repr(C)]
pub(super) struct Buckets {
    latest: Option<Bucket>,
    earlier: Vec<Bucket>,
}

impl Buckets {
    pub(super) fn len(&self) -> usize {
        self.iter().count()
    }

    /// The latest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Bucket> {
        self.latest.iter().chain(&self.earlier)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Bucket> {
        self.latest.iter_mut().chain(&mut self.earlier)
    }

    /// Whether one `is`. Mostly the latest is asked, and few others.
    pub(super) fn any(&self, is: impl Fn(&Bucket) -> bool) -> bool {
        self.latest.as_ref().is_some_and(&is) || self.earlier.iter().any(is)
    }

    /// How many keys they hold together.
    pub(super) fn keys(&self) -> usize {
        let earlier: usize = self.earlier.iter().map(Bucket::len).sum();
        earlier + self.latest.as_ref().map_or(0, Bucket::len)
    }

    pub(super) fn of(&mut self, slot: Slot) -> Option<&mut Bucket> {
        match &mut self.latest {
            Some(latest) if latest.slot() == slot => Some(latest),
            _ => self.earlier.iter_mut().find(|bucket| bucket.slot() == slot),
        }
    }

    pub(super) fn push(&mut self, bucket: Bucket) {
        self.earlier.extend(self.latest.replace(bucket));
    }

    /// Takes out those that `is_over` says.
    pub(super) fn extract(&mut self, is_over: impl Fn(&Bucket) -> bool) -> Vec<Bucket> {
        let latest = self.latest.take_if(|latest| is_over(latest));
        latest.into_iter().chain(self.earlier.extract_if(.., |bucket| is_over(bucket))).collect()
    }
}
