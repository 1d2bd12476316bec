//! What stands in the file of the mark.

use std::io;

use super::codec::{In, Magic, Out};
use super::error::Unusable;
use super::seal::Seal;
use crate::clock::UnixMillis;
use crate::random;

const MAGIC: Magic = *b"countersign/mark";

/// The life of one store, from its opening to its end. Random, so that no two are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run(pub(super) u128);

impl Run {
    pub(super) fn random() -> Self {
        Self(random::token())
    }
}

/// The mark, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) run: Run,
    pub(super) mark: UnixMillis,
}

impl Record {
    /// Magic, version, run, mark, seal.
    const LEN: usize = 16 + 4 + 16 + 8 + 32;

    /// Twice the same, so that a damaged byte leaves one of them whole.
    pub(super) fn encode(self, seal: &Seal) -> io::Result<Vec<u8>> {
        let mut once = Vec::with_capacity(Self::LEN);
        let mut out = Out::start(&mut once, &MAGIC, seal)?;
        out.u128(self.run.0)?;
        out.time(self.mark)?;
        out.finish()?;
        Ok(once.repeat(2))
    }

    pub(super) fn decode(bytes: &[u8], seal: &Seal) -> Result<Self, Unusable> {
        let (first, second) = bytes.split_at_checked(Self::LEN).unwrap_or((bytes, &[]));
        Self::decode_one(first, seal)
            .or_else(|reason| Self::decode_one(second, seal).map_err(|_| reason))
    }

    fn decode_one(bytes: &[u8], seal: &Seal) -> Result<Self, Unusable> {
        let mut from = In::start(bytes, &MAGIC, seal)?;
        let run = from.u128().map(Run).ok_or(Unusable::Foreign)?;
        let mark = from.time().ok_or(Unusable::Foreign)?;
        if from.is_at_end() { Ok(Self { run, mark }) } else { Err(Unusable::Foreign) }
    }
}
