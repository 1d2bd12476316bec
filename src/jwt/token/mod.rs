//! Step 2: the token's form, before anything of it is believed.

mod base64url;
mod compact;
mod header;
mod unique;

pub(super) use compact::{Compact, unparsable};
pub(super) use header::Header;
pub(super) use unique::present;
