//! What a refusal other than a wrong signature usually means, and what to do about it.

use crate::error::{ErrorCode, Family, Fault};

/// A cause and a remedy, each a sentence without its full stop.
#[derive(Clone, Copy)]
pub(super) struct Advice {
    pub(super) cause: &'static str,
    pub(super) remedy: &'static str,
}

impl Advice {
    const fn new(cause: &'static str, remedy: &'static str) -> Self {
        Self { cause, remedy }
    }

    /// The usual cause of a documented code.
    pub(super) fn on(code: ErrorCode) -> Self {
        credentials(code)
            .or_else(|| shape(code))
            .or_else(|| tokens(code))
            .or_else(|| routing(code))
            .unwrap_or_else(|| general(code))
    }
}

/// Who calls, and whether the request is fresh.
fn credentials(code: ErrorCode) -> Option<Advice> {
    Some(match code {
        ErrorCode::A403IS => Advice::new(
            "the signature is wrong, and this answer does not show the server's string",
            "ask for the whole X-Ca-Error-Message: some clients and proxies cut it or drop it",
        ),
        ErrorCode::A400IK => Advice::new(
            "the server knows no such AppKey",
            "check X-Ca-Key, and that this is the environment the app was made in",
        ),
        ErrorCode::A401AC => {
            Advice::new("the server knows no such AppCode", "send `Authorization: APPCODE <code>`")
        }
        ErrorCode::A400MA => Advice::new(
            "no credential arrived",
            "send X-Ca-Key and X-Ca-Signature; look for a proxy that drops them, or a redirect",
        ),
        ErrorCode::A403EP => Advice::new(
            "the credential is right, but the app's authorization has expired",
            "ask the service to renew it",
        ),
        ErrorCode::A403PR => Advice::new(
            "the credential is right, but the app is disabled or not authorized for this API",
            "ask the service to authorize it",
        ),
        ErrorCode::S403TE => Advice::new(
            "the timestamp is outside the server's window (15 minutes), or from before its restart",
            "stamp with milliseconds since 1970 by a synchronised clock, and sign anew",
        ),
        ErrorCode::S403NU => Advice::new(
            "the nonce was used: the request is sent again as it is, or by a retry of the HTTP stack",
            "make nonce, timestamp and signature anew for every attempt",
        ),
        ErrorCode::I400NC => {
            Advice::new("the request has no nonce", "send X-Ca-Nonce, a fresh UUID, and sign it")
        }
        _ => return None,
    })
}

/// What the request looks like.
fn shape(code: ErrorCode) -> Option<Advice> {
    Some(match code {
        ErrorCode::I400HD => Advice::new(
            "a header is malformed, sent twice, or not among the signed ones: the message names it",
            "send it once, well-formed, and list it in X-Ca-Signature-Headers if it must be signed",
        ),
        ErrorCode::I400MH => Advice::new(
            "a header is missing: the message names it",
            "send it: Content-MD5 with every body that is no form, timestamp and signature always",
        ),
        ErrorCode::I400I5 => Advice::new(
            "Content-MD5 is not the base64 of the body's MD5",
            "digest the bytes that are sent, after compression and encoding; base64 of 16 bytes",
        ),
        ErrorCode::I400IP => Advice::new(
            "a parameter occurs twice, in the query, the form or both: only one would be signed",
            "send each name once, and no `&` or `=` in names",
        ),
        ErrorCode::I400BD => Advice::new(
            "the body could not be read to its end",
            "look for a wrong Content-Length, a broken connection, or a body that comes too slowly",
        ),
        ErrorCode::I413RL => Advice::new("the body is too long", "send less at once"),
        ErrorCode::I413UL => Advice::new("the URL is too long", "send parameters in the body"),
        ErrorCode::I400RU | ErrorCode::I400PA => {
            Advice::new("the request target is malformed", "send a path that starts with a slash")
        }
        ErrorCode::I400MP => Advice::new(
            "a parameter that the API asks for is missing: the message names it",
            "send it; the signature is not the problem",
        ),
        _ => return None,
    })
}

fn tokens(code: ErrorCode) -> Option<Advice> {
    Some(match code {
        ErrorCode::I400JR => Advice::new(
            "no JSON Web Token arrived",
            "send it where the API expects it, e.g. `Authorization: Bearer <token>`",
        ),
        ErrorCode::I400JD => {
            Advice::new("the token cannot be read", "send one token, whole, and no other scheme")
        }
        ErrorCode::A403JT | ErrorCode::A403JK => Advice::new(
            "the token's signature, key or claims are wrong",
            "check the issuer's key, `iss`, `aud`, `nbf`, and the environment",
        ),
        ErrorCode::A403JE => Advice::new("the token has expired", "get a new one; check the clock"),
        ErrorCode::A403SV | ErrorCode::S403JI => Advice::new(
            "the token may be used once: its `jti` was used, or is missing",
            "get a new token for each request",
        ),
        _ => return None,
    })
}

/// What a gateway answers before it looks at the signature.
fn routing(code: ErrorCode) -> Option<Advice> {
    Some(match code {
        ErrorCode::I404NF => Advice::new(
            "no API has this method and path in this stage",
            "check path, method and X-Ca-Stage, and that the API is published",
        ),
        ErrorCode::I404DO => Advice::new(
            "the gateway does not know the host name",
            "call the group's domain, with its name in Host; an IP address is none",
        ),
        ErrorCode::I400SG => {
            Advice::new("X-Ca-Stage is none of the stages", "send RELEASE, PRE or TEST")
        }
        _ => return None,
    })
}

fn general(code: ErrorCode) -> Advice {
    match (code.family(), code.fault()) {
        (Family::Throttling, _) => {
            Advice::new("too many requests", "send fewer, and wait before the next")
        }
        (Family::Access, Fault::Client) => Advice::new(
            "the caller may not do this; the signature is not the problem",
            "ask the service what it allows",
        ),
        (_, Fault::Client) => {
            Advice::new("the request is refused for what the message says", "change it accordingly")
        }
        (_, Fault::Server) => Advice::new(
            "the service or what is behind it failed; the signature is not the problem",
            "try again later with a new signature, and tell the service",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_advice_of_a_line() {
        for code in ErrorCode::ALL {
            let Advice { cause, remedy } = Advice::on(*code);
            for text in [cause, remedy] {
                assert!((10..110).contains(&text.len()), "{code}: {text}");
                assert!(!text.ends_with('.') && !text.contains('\n'), "{code}: {text}");
            }
        }
    }
}
