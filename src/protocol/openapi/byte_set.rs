//! Sets of bytes, looked up in a table.

pub(super) struct ByteSet([bool; 256]);

impl ByteSet {
    /// A set of these bytes, and of all ASCII letters in lower case and digits.
    pub(super) const fn with_lower_alphanumeric(others: &[u8]) -> Self {
        let mut set = [false; 256];
        let mut byte = 0;
        while byte < set.len() {
            #[allow(clippy::indexing_slicing, reason = "it is computed by the compiler")]
            {
                set[byte] = matches!(byte, 0x30..=0x39 | 0x61..=0x7a);
            }
            byte += 1;
        }
        Self(set).with(others)
    }

    /// With these bytes, too.
    pub(super) const fn with(mut self, bytes: &[u8]) -> Self {
        let mut at = 0;
        while at < bytes.len() {
            #[allow(clippy::indexing_slicing, reason = "it is computed by the compiler")]
            {
                self.0[bytes[at] as usize] = true;
            }
            at += 1;
        }
        self
    }

    pub(super) fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).copied().unwrap_or_default()
    }
}
