//! Sets of bytes, looked up in a table.

pub(super) struct ByteSet([bool; 256]);

impl ByteSet {
    pub(super) const fn of(bytes: &[u8]) -> Self {
        let mut set = [false; 256];
        let mut at = 0;
        while at < bytes.len() {
            #[allow(clippy::indexing_slicing, reason = "it is computed by the compiler")]
            {
                set[bytes[at] as usize] = true;
            }
            at += 1;
        }
        Self(set)
    }

    pub(super) fn has(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).copied().unwrap_or_default()
    }
}
