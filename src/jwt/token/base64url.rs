//! base64url without padding (RFC 7515 §2), in its one spelling.

use base64::Engine as _;
use base64::engine::general_purpose::NO_PAD;

/// By the processor's vectors where it has them; what decodes is the same without.
#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
static BASE64_URL: std::sync::LazyLock<base64::engine::Simd> =
    std::sync::LazyLock::new(|| base64::engine::Simd::url_safe(NO_PAD));
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
static BASE64_URL: base64::engine::GeneralPurpose =
    base64::engine::GeneralPurpose::new(&base64::alphabet::URL_SAFE, NO_PAD);

/// The bytes that `part` stands for, in the place of what is in `room`.
pub(super) fn decode<'r>(part: &[u8], room: &'r mut Vec<u8>) -> Option<&'r [u8]> {
    room.clear();
    BASE64_URL.decode_vec(part, room).ok()?;
    Some(room)
}
