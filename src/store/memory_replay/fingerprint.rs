//! Keys and apps as 64-bit fingerprints under a secret key.

use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::io;

use siphasher::sip::SipHasher13;

use super::shard::Entry;
use super::state::codec::{In, Out};
use crate::random;
use crate::store::Claim;

/// A keyed hash: evenly distributed, and nobody outside can choose it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Fingerprint(u64);

impl Fingerprint {
    pub(super) const fn new(bits: u64) -> Self {
        Self(bits)
    }

    pub(super) const fn bits(self) -> u64 {
        self.0
    }

    /// Bits that choose a shard. The tables inside a shard use the lowest bits (the place) and the
    /// highest seven (the tag); these are neither.
    pub(super) const fn shard_bits(self) -> usize {
        (self.0 >> 40) as usize & 0xffff
    }
}

/// The secret under which one store takes fingerprints, so that no caller can prepare collisions.
#[derive(Clone, Copy)]
pub(super) struct FingerprintKey(u64, u64);

impl FingerprintKey {
    /// A key of this store's own.
    pub(super) fn random() -> Self {
        Self(random::hash_key(), random::hash_key())
    }

    /// For a snapshot, which is of no use without it.
    pub(super) fn save(&self, out: &mut Out<'_>) -> io::Result<()> {
        out.u64(self.0)?;
        out.u64(self.1)
    }

    pub(super) fn load(from: &mut In<'_>) -> Option<Self> {
        Some(Self(from.u64()?, from.u64()?))
    }

    /// The fingerprints of a claim.
    ///
    /// Each field is preceded by its length, so different triples are different messages; an app is
    /// two fields and a key is three, so an app's message is never a key's.
    pub(super) fn entry(&self, claim: &Claim<'_>) -> Entry {
        let mut hasher = SipHasher13::new_with_keys(self.0, self.1);
        write_field(&mut hasher, claim.scope.as_bytes());
        let scope = Fingerprint(hasher.finish());
        write_field(&mut hasher, claim.app_key.as_bytes());
        let app = Fingerprint(hasher.finish());
        write_field(&mut hasher, claim.nonce);
        let key = Fingerprint(hasher.finish());
        Entry { key, app, scope, until: claim.until, signed_at: claim.signed_at }
    }
}

/// The length and then the bytes, in whole words. The last one is filled up with zeros; which those
/// are, the length tells. Inlined, the compiler knows that the hasher has no bytes left over: that is
/// a tenth of a claim.
#[inline(always)]
fn write_field(hasher: &mut SipHasher13, field: &[u8]) {
    hasher.write_u64(field.len() as u64);
    let (words, rest) = field.as_chunks();
    for word in words {
        hasher.write_u64(u64::from_le_bytes(*word));
    }
    if !rest.is_empty() {
        let last = rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        hasher.write_u64(last);
    }
}

/// For tables of fingerprints: they are hashes already.
pub(super) type BuildIdentity = BuildHasherDefault<Identity>;

/// Hands the fingerprint through.
#[derive(Default)]
pub(super) struct Identity(u64);

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, bits: u64) {
        self.0 = bits;
    }

    /// A fingerprint writes itself as a `u64`; this is here because the trait wants it.
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FingerprintKey;
    use crate::clock::UnixMillis;
    use crate::store::Claim;

    fn claim<'a>(scope: &'a str, app_key: &'a str, nonce: &'a str) -> Claim<'a> {
        Claim::new(scope, app_key, nonce.as_bytes(), UnixMillis::ZERO)
    }

    #[test]
    fn moving_a_byte_between_fields_changes_the_fingerprint() {
        let key = FingerprintKey::random();
        let triples = [
            ("ab", "c", "d"),
            ("a", "bc", "d"),
            ("abc", "", "d"),
            ("", "abc", "d"),
            ("ab", "", "cd"),
            ("ab", "cd", ""),
            ("", "", "abcd"),
            ("ab", "c", "d\0"),
            ("abcdefgh", "", ""),
            ("abcdefgh\0", "", ""),
            ("", "abcdefgh", ""),
            ("abcdefg", "h", ""),
        ];
        for (i, a) in triples.iter().enumerate() {
            for b in triples.iter().skip(i + 1) {
                let (a, b) = (claim(a.0, a.1, a.2), claim(b.0, b.1, b.2));
                assert!(key.entry(&a).key != key.entry(&b).key, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn an_app_and_its_empty_nonce_have_different_fingerprints() {
        let entry = FingerprintKey::random().entry(&claim("s", "k", ""));
        assert!(entry.app != entry.key);
    }

    #[test]
    fn two_stores_have_two_keys() {
        let claim = claim("s", "k", "n");
        assert!(
            FingerprintKey::random().entry(&claim).key
                != FingerprintKey::random().entry(&claim).key
        );
    }
}
