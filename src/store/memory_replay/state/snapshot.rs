//! What stands in the file of the snapshot: all that the store remembers.

use std::io::{self, Write};

use super::codec::{In, Magic, Out};
use super::error::Unusable;
use super::record::Run;
use super::seal::Seal;
use crate::clock::UnixMillis;
use crate::store::memory_replay::fingerprint::FingerprintKey;
use crate::store::memory_replay::reading::Reading;
use crate::store::memory_replay::shards::Shards;

pub(super) const MAGIC: Magic = *b"countersign/keys";

/// A snapshot without the keys.
pub(in super::super) struct Header {
    /// Whose memory it is.
    pub(super) run: Run,
    /// When it was taken.
    pub(super) time: UnixMillis,
    /// Through when it does not know what was accepted.
    pub(super) unknown_through: Option<UnixMillis>,
    pub(super) mark: UnixMillis,
    pub(super) fingerprints: FingerprintKey,
}

impl Header {
    /// Reads as far as the keys, which [`Shards::load`] reads.
    pub(super) fn decode<'a>(bytes: &'a [u8], seal: &Seal) -> Result<(Self, In<'a>), Unusable> {
        let mut from = In::start(bytes, &MAGIC, seal)?;
        let header = Self::load(&mut from).ok_or(Unusable::Foreign)?;
        Ok((header, from))
    }

    fn load(from: &mut In<'_>) -> Option<Self> {
        Some(Self {
            run: Run(from.u128()?),
            time: from.time()?,
            unknown_through: from.maybe_time()?,
            mark: from.time()?,
            fingerprints: FingerprintKey::load(from)?,
        })
    }

    /// Writes it with the keys. `now` is the time of the snapshot on both clocks.
    pub(super) fn write(
        &self,
        shards: &Shards,
        now: Reading,
        seal: &Seal,
        to: &mut dyn Write,
    ) -> io::Result<()> {
        let mut out = Out::start(to, &MAGIC, seal)?;
        out.u128(self.run.0)?;
        out.time(self.time)?;
        out.maybe_time(self.unknown_through)?;
        out.time(self.mark)?;
        self.fingerprints.save(&mut out)?;
        shards.save(&mut out, now)?;
        out.finish()
    }
}
