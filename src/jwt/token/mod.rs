//! Step 2: the token's form, before anything of it is believed.

mod compact;
mod header;
mod unique;

pub(super) use compact::{Compact, unparsable, unparsable_before};
pub(super) use header::Header;
