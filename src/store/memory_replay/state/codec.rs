//! How both files are written: a name, a version, little-endian numbers, a seal over all of it.

use std::io::{self, Write};
use std::time::Duration;

use super::error::Unusable;
use super::seal::{Seal, Sealed, Sealing};
use crate::clock::UnixMillis;

/// What a file begins with.
pub(super) type Magic = [u8; 16];

/// A file of another version is not read: whoever wrote it may have meant more, or by a fingerprint
/// something else.
const VERSION: u32 = 2;

/// Writes and seals in pieces: a snapshot of millions of keys is never in memory as a whole.
pub(in super::super) struct Out<'a> {
    to: &'a mut dyn Write,
    sealing: Sealing,
    piece: Vec<u8>,
}

impl<'a> Out<'a> {
    const PIECE: usize = 64 * 1024;

    pub(super) fn start(to: &'a mut dyn Write, magic: &Magic, seal: &Seal) -> io::Result<Self> {
        let mut out = Self { to, sealing: seal.start(), piece: magic.to_vec() };
        out.u32(VERSION)?;
        Ok(out)
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.pass_on()?;
        self.to.write_all(&self.sealing.finish())
    }

    pub(in super::super) fn u32(&mut self, number: u32) -> io::Result<()> {
        self.bytes(&number.to_le_bytes())
    }

    pub(in super::super) fn u64(&mut self, number: u64) -> io::Result<()> {
        self.bytes(&number.to_le_bytes())
    }

    pub(in super::super) fn u128(&mut self, number: u128) -> io::Result<()> {
        self.bytes(&number.to_le_bytes())
    }

    pub(in super::super) fn len(&mut self, len: usize) -> io::Result<()> {
        self.u64(len as u64)
    }

    pub(in super::super) fn time(&mut self, time: UnixMillis) -> io::Result<()> {
        self.u64(time.get())
    }

    pub(in super::super) fn maybe_time(&mut self, time: Option<UnixMillis>) -> io::Result<()> {
        self.u32(time.is_some().into())?;
        self.time(time.unwrap_or_default())
    }

    /// In milliseconds, rounded up.
    pub(in super::super) fn span(&mut self, span: Duration) -> io::Result<()> {
        self.u64(u64::try_from(span.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX))
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= Self::PIECE { self.pass_on() } else { Ok(()) }
    }

    fn pass_on(&mut self) -> io::Result<()> {
        self.sealing.update(&self.piece);
        self.to.write_all(&self.piece)?;
        self.piece.clear();
        Ok(())
    }
}

/// Reads what [`Out`] wrote. `None` is an end that comes too early.
pub(in super::super) struct In<'a>(&'a [u8]);

impl<'a> In<'a> {
    /// Only a file that is whole is looked into.
    pub(super) fn start(bytes: &'a [u8], magic: &Magic, seal: &Seal) -> Result<Self, Unusable> {
        let (sealed, of) =
            bytes.split_last_chunk::<{ size_of::<Sealed>() }>().ok_or(Unusable::Foreign)?;
        let rest = sealed.strip_prefix(magic).ok_or(Unusable::Foreign)?;
        let mut rest = In(rest);
        if rest.u32().ok_or(Unusable::Foreign)? != VERSION {
            return Err(Unusable::Version);
        }
        if !seal.holds(sealed, of) {
            return Err(Unusable::Seal);
        }
        Ok(rest)
    }

    pub(in super::super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    pub(in super::super) fn u32(&mut self) -> Option<u32> {
        self.chunk().map(u32::from_le_bytes)
    }

    pub(in super::super) fn u64(&mut self) -> Option<u64> {
        self.chunk().map(u64::from_le_bytes)
    }

    pub(in super::super) fn u128(&mut self) -> Option<u128> {
        self.chunk().map(u128::from_le_bytes)
    }

    pub(in super::super) fn time(&mut self) -> Option<UnixMillis> {
        self.u64().map(UnixMillis::new)
    }

    pub(in super::super) fn maybe_time(&mut self) -> Option<Option<UnixMillis>> {
        let is_some = self.u32()? != 0;
        let time = self.time()?;
        Some(is_some.then_some(time))
    }

    pub(in super::super) fn span(&mut self) -> Option<Duration> {
        self.u64().map(Duration::from_millis)
    }

    /// The length of a list whose items take `item` bytes or more, if there is room for so many:
    /// so nothing is allocated that the file does not fill.
    pub(in super::super) fn len(&mut self, item: usize) -> Option<usize> {
        let len = usize::try_from(self.u64()?).ok()?;
        (len <= self.0.len() / item.max(1)).then_some(len)
    }

    fn chunk<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (chunk, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*chunk)
    }
}
