//! The names of keys in Redis.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::store::Claim;

/// What the names of one store's keys begin with. The braces make it the hash tag of a cluster: all
/// of a store's keys are in one slot, so that one script may touch a claim and the memory's record.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    tag: String,
    memory: String,
}

impl Keys {
    pub(super) fn new(prefix: &str) -> Self {
        let tag = format!("{{{prefix}}}:");
        let memory = format!("{tag}memory");
        Self { tag, memory }
    }

    /// The record of the memory itself. No claim has this name: theirs are longer.
    pub(super) fn memory(&self) -> &str {
        &self.memory
    }

    /// A claim's name, of the same length whatever the caller chose.
    ///
    /// Each field is preceded by its length, so different triples are different messages.
    pub(super) fn claim(&self, claim: &Claim<'_>) -> String {
        let mut digest = Sha256::new();
        for field in [claim.scope.as_bytes(), claim.app_key.as_bytes(), claim.nonce] {
            digest.update((field.len() as u64).to_be_bytes());
            digest.update(field);
        }
        let mut name = String::with_capacity(self.tag.len() + 43);
        name.push_str(&self.tag);
        URL_SAFE_NO_PAD.encode_string(digest.finalize(), &mut name);
        name
    }
}

#[cfg(test)]
mod tests {
    use super::Keys;
    use crate::clock::UnixMillis;
    use crate::store::Claim;

    #[test]
    fn a_claim_is_named_after_the_digest_of_its_three_fields() {
        let keys = Keys::new("countersign");
        let claim = Claim::new("orders", "203710001", b"a3c5", UnixMillis::ZERO);
        let other = Claim { until: UnixMillis::MAX, ..claim };
        // printf '\0\0\0\0\0\0\0\6orders\0\0\0\0\0\0\0\t203710001\0\0\0\0\0\0\0\4a3c5' | sha256sum
        assert_eq!(keys.claim(&claim), "{countersign}:JS9UMSUVeksKbxT7VSYqzTL8Ii5ikcFrvvahL6sxHaw");
        assert_eq!(keys.claim(&claim), keys.claim(&other));
        assert_eq!(keys.memory(), "{countersign}:memory");
    }
}
