//! What each case of each SDK must answer under both policies.

use crate::sdk::{Expected, Sdk};

use Expected::{Accepted, Refused, Translated};

#[derive(Clone, Copy)]
pub(crate) struct Case {
    name: &'static str,
    pub(crate) strict: Expected,
    pub(crate) compatible: Expected,
}

/// Both policies answer alike.
const fn both(name: &'static str, expected: Expected) -> Case {
    Case { name, strict: expected, compatible: expected }
}

/// They do not.
const fn differ(name: &'static str, strict: Expected, compatible: Expected) -> Case {
    Case { name, strict, compatible }
}

const fn ok(method: &'static str, path: &'static str, bytes: u64) -> Expected {
    Accepted(method, path, Some(bytes))
}

pub(crate) const EXPIRED: Expected =
    Refused("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.");
pub(crate) const USED: Expected =
    Refused("SignatureNonceUsed", "Specified signature nonce was used already.");
pub(crate) const NO_NONCE: Expected =
    Refused("MissingSignatureNonce", "SignatureNonce is mandatory for this action.");
const NO_DIGEST: Expected =
    Refused("MissingContent-MD5", "Content-MD5 is mandatory for this action.");
const NO_FORM: Expected =
    Refused("InvalidContent-Type", "Specified parameter Content-Type is not valid.");
const NO_TOKEN: Expected =
    Refused("MissingSecurityToken", "SecurityToken is mandatory for this action.");
const INACTIVE: Expected =
    Refused("InvalidAccessKeyId.Inactive", "Specified access key is disabled.");
const UNKNOWN: Expected =
    Refused("InvalidAccessKeyId.NotFound", "Specified access key is not found.");
const WRONG: Expected = Refused(
    "SignatureDoesNotMatch",
    "Specified signature is not matched with our calculation. server string to sign is:",
);
const WRONG_GET: Expected = Refused(
    "SignatureDoesNotMatch",
    "Specified signature is not matched with our calculation. server string to sign is:GET",
);

const UNICODE: &str = "/apis/%E4%BD%A0%20%E5%A5%BD";
const UNICODE_STAR: &str = "/apis/%E4%BD%A0%20%E5%A5%BD%2A~";

const CORE: &[Case] = &[
    both("rpc_get", ok("GET", "/", 0)),
    both("rpc_get_list", ok("GET", "/", 0)),
    both("rpc_post_query", ok("POST", "/", 0)),
    both("rpc_post_form", ok("POST", "/", 172)),
    both("rpc_put_form", ok("PUT", "/", 172)),
    // One of the two is unsigned.
    both("rpc_post_clash", Refused("InvalidA", "Specified parameter A is not valid.")),
    // It signs the members of the JSON as parameters, which nobody verifies.
    differ("rpc_post_json", NO_FORM, WRONG),
    differ("rpc_post_raw", NO_FORM, ok("POST", "/", 2)),
    both("rpc_sts", ok("GET", "/", 0)),
    both("rpc_without_token", NO_TOKEN),
    both("rpc_inactive", INACTIVE),
    both("rpc_wrong_key", UNKNOWN),
    both("rpc_wrong_secret", WRONG_GET),
    both("rpc_generated", ok("GET", "/", 0)),
    both("rpc_generated_wrong_secret", INCORRECT),
    // The token is masked: the string is not the one that was signed.
    both("rpc_generated_wrong_sts_secret", WRONG_GET),
    both("rpc_nonce_first", ok("GET", "/", 0)),
    both("rpc_nonce_again", USED),
    differ("roa_get", NO_NONCE, ok("GET", "/apis/1", 0)),
    differ("roa_get_unicode_path", NO_NONCE, ok("GET", UNICODE, 0)),
    differ("roa_post_json", NO_NONCE, ok("POST", "/apis", 30)),
    differ("roa_put_form", NO_NONCE, ok("PUT", "/apis/1", 172)),
    differ("roa_delete", NO_NONCE, ok("DELETE", "/apis/1", 0)),
    differ("roa_sts", NO_NONCE, ok("GET", "/apis", 0)),
    both("roa_get_with_nonce", ok("GET", UNICODE, 0)),
    both("roa_post_with_nonce", ok("POST", "/apis", 30)),
    differ("roa_inactive", NO_NONCE, INACTIVE),
    differ("roa_wrong_key", NO_NONCE, UNKNOWN),
    differ("roa_wrong_secret", NO_NONCE, WRONG_GET),
    differ("roa_same_first", NO_NONCE, ok("GET", "/once", 0)),
    differ("roa_same_again", NO_NONCE, USED),
];

/// What this SDK says when the server's string to sign is its own.
pub(crate) const INCORRECT: Expected = Translated(
    "InvalidAccessKeySecret",
    "The AccessKeySecret is incorrect. Please check your AccessKeyId and AccessKeySecret.",
);

const POP: &[Case] = &[
    both("rpc_get", ok("GET", "/", 0)),
    both("rpc_get_list", ok("GET", "/", 0)),
    both("rpc_get_wide_names", ok("GET", "/", 0)),
    both("rpc_post_form", Accepted("POST", "/", None)),
    both("roa_get", ok("GET", "/apis/1", 0)),
    both("roa_get_unicode_path", ok("GET", "/apis/%E4%BD%A0%20%E5%A5%BD*~", 0)),
    // It signs a list as one value, and sends several.
    both("roa_get_list", Refused("Invalida", "Specified parameter a is not valid.")),
    both("roa_get_tab", WRONG_GET),
    both("roa_post_json", ok("POST", "/apis", 52)),
    both("roa_put_json", ok("PUT", "/apis/1", 52)),
    both("roa_delete", ok("DELETE", "/apis/1", 0)),
];

/// What both newer SDKs call alike.
const TEA: &[Case] = &[
    both("rpc_get", ok("GET", "/", 0)),
    both("rpc_get_list", ok("GET", "/", 0)),
    both("rpc_post_form", ok("POST", "/", 68)),
    both("roa_get", ok("GET", "/apis/1", 0)),
    differ("roa_post_json", NO_DIGEST, ok("POST", "/apis", 52)),
    both("roa_post_with_digest", ok("POST", "/apis", 52)),
    differ("roa_put_form", NO_DIGEST, ok("PUT", "/apis/1", 68)),
    both("roa_delete", ok("DELETE", "/apis/1", 0)),
    both("v3_get", ok("GET", "/", 0)),
    both("v3_get_list", ok("GET", "/", 0)),
    both("v3_get_reserved_names", ok("GET", "/", 0)),
    both("v3_get_ambiguous_names", WRONG_GET),
    both("v3_post_form", ok("POST", "/", 68)),
    both("v3_post_json", ok("POST", "/", 52)),
    both("v3_post_bytes", ok("POST", "/", 2)),
    both("v3_sm3", ok("POST", "/", 52)),
    both("v3_roa_post_json", ok("POST", "/apis", 52)),
    both("v3_roa_delete", ok("DELETE", "/apis/1", 0)),
];

const TEA_PY: &[Case] = &[
    both("roa_get_unicode_path", ok("GET", UNICODE_STAR, 0)),
    both("roa_get_unencoded_path", ok("GET", "/apis/%E4%BD%A0", 0)),
    both("v3_roa_get", ok("GET", UNICODE_STAR, 0)),
    both("v3_roa_get_unencoded_path", ok("GET", "/apis/%E4%BD%A0", 0)),
    both("v3_roa_put_form", ok("PUT", UNICODE_STAR, 68)),
];

const TEA_JS: &[Case] = &[
    both("roa_get_unicode_path", ok("GET", UNICODE, 0)),
    both("v3_roa_get", ok("GET", UNICODE, 0)),
    both("v3_roa_get_rewritten_path", ok("GET", "/apis/a*b~c", 0)),
    both("v3_roa_get_plus_path", WRONG_GET),
    both("v3_roa_get_escaped_plus_path", ok("GET", "/apis/a%2Bb", 0)),
    both("v3_roa_put_form", ok("PUT", UNICODE, 68)),
];

const UTIL_PY: &[Case] = &[
    both("rpc_get", ok("GET", "/", 0)),
    both("rpc_get_list", ok("GET", "/", 0)),
    both("rpc_post_form", ok("POST", "/", 172)),
    both("roa_get", ok("GET", "/apis/1", 0)),
    both("roa_get_unicode_path", ok("GET", UNICODE_STAR, 0)),
    both("v3_get", ok("GET", "/", 0)),
    both("v3_get_reserved_names", ok("GET", "/", 0)),
    both("v3_post_json", ok("POST", "/", 30)),
    both("v3_roa_put_json", ok("PUT", UNICODE_STAR, 30)),
];

/// What every scheme of an SDK answers alike: `{scheme}_{name}`.
const fn alike(path: &'static str) -> [Case; 7] {
    [
        both("sts", ok("GET", path, 0)),
        both("without_token", NO_TOKEN),
        both("inactive", INACTIVE),
        both("wrong_key", UNKNOWN),
        both("wrong_secret", WRONG_GET),
        both("nonce_first", ok("GET", path, 0)),
        both("nonce_again", USED),
    ]
}

/// All cases of an SDK.
pub(crate) fn of(sdk: Sdk) -> Vec<(String, Case)> {
    let (own, schemes): (&[&[Case]], &[&str]) = match sdk {
        Sdk::Core => (&[CORE], &[]),
        Sdk::UtilPy => (&[UTIL_PY], &[]),
        Sdk::Pop => (&[POP], &["rpc", "roa"]),
        Sdk::TeaPy => (&[TEA, TEA_PY], &["rpc", "roa", "v3", "v3_roa"]),
        Sdk::TeaJs => (&[TEA, TEA_JS], &["rpc", "roa", "v3", "v3_roa"]),
    };
    let own = own.iter().copied().flatten().map(|case| (case.name.to_owned(), *case));
    let shared = schemes.iter().flat_map(|scheme| {
        let path = if scheme.ends_with("roa") { "/apis" } else { "/" };
        alike(path).map(|case| (format!("{scheme}_{}", case.name), case))
    });
    own.chain(shared).collect()
}
