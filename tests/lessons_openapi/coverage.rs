//! What a signature covers, and that it covers nothing else.

use super::*;

const WRONG: &str = "SignatureDoesNotMatch";

#[test]
fn lesson_06_what_a_query_says_is_signed_and_how_it_is_written_is_not() {
    const SIGNED: &str = "a=1&b=x%20y&c=%2Fz&d=&e=f%3Dg";
    let rpc = rpc("GET", &format!("{RPC}&{SIGNED}"));
    let roa = roa("GET", &format!("/?{SIGNED}"), b"").signed_by_roa();
    let v3 = v3("GET", &format!("/?{SIGNED}"), b"").v3();
    for request in [rpc, roa, v3] {
        for same in [
            "e=f%3Dg&d=&c=%2Fz&b=x%20y&a=1",
            "a=1&b=x+y&c=%2fz&d=&e=f=g",
            "a=1&b=x%20y&c=/z&d&e=f%3dg",
            "%61=1&b=x%20y&c=%2Fz&d=&e=f%3Dg",
        ] {
            accepted(&replaced(&request, SIGNED, same));
        }
        for other in [
            "a=1&b=x%2By&c=%2Fz&d=&e=f%3Dg",
            "a=1&b=x%2520y&c=%2Fz&d=&e=f%3Dg",
            "a=1&b=x%20y&c=%2Fz&e=f%3Dg",
            "A=1&b=x%20y&c=%2Fz&d=&e=f%3Dg",
            "a=1&b=x%20y&c=%2Fz&d=&e=f%3Dg&f=",
            "a=2&b=x%20y&c=%2Fz&d=&e=f%3Dg",
        ] {
            refused(&replaced(&request, SIGNED, other), WRONG);
        }
    }
}

#[test]
fn lesson_07_a_listed_header_that_was_absent_cannot_be_added() {
    let list = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;\
                x-acs-version;x-tenant";
    let signed = v3("GET", "/", b"").signed_by_v3(list);
    accepted(&signed);
    refused(&signed.header("x-tenant", "root"), WRONG);
    // ROA has no list: the line would be there.
    refused(&roa("GET", "/", b"").signed_by_roa().header("x-acs-tenant", ""), WRONG);
    refused(&roa("GET", "/", b"").signed_by_roa().header("content-type", "text/plain"), WRONG);
}

#[test]
fn lesson_07a_a_parameter_that_is_said_twice_is_refused() {
    for twice in ["a=1&a=evil", "a=evil&a=1", "a=1&a=1", "a=1&%61=evil", "a&a=1"] {
        refused(&rpc("GET", &format!("{RPC}&{twice}")), "Invalida");
        refused(&roa("GET", &format!("/?{twice}"), b"").signed_by_roa(), "Invalida");
        refused(&v3("GET", &format!("/?{twice}"), b"").v3(), "Invalida");
    }
    // Nor across query and form, where clients sign the one and a handler may read the other.
    refused(&rpc_form("a=evil", &format!("{RPC}&a=1")), "Invalida");
}

#[test]
fn lesson_07b_a_signature_opens_one_resource_whether_it_signs_the_path_decoded_or_raw() {
    // What is signed, as it is or decoded, and the other resources with a path that decodes to it, or
    // to which it decodes.
    for (signed, others) in [
        ("/files/100%25", &["/files/100%2525", "/files/100%252525"][..]),
        ("/files/100%2525", &["/files/100%25", "/files/100%252525"]),
        ("/a%3Fb=1", &["/a?b=1", "/a%253Fb=1"]),
        ("/a?b=1", &["/a%3Fb=1"]),
        ("/a%0Ab", &["/a%250Ab"]),
        ("/a+b", &["/a%20b"]),
        ("/a%20b", &["/a+b", "/a%2520b"]),
    ] {
        let roa = roa("GET", signed, b"").signed_by_roa();
        let v3 = v3("GET", signed, b"").v3();
        for request in [roa, v3] {
            accepted(&request);
            for other in others {
                refused(&request.clone().target(other), WRONG);
            }
        }
    }
}

#[test]
fn lesson_07b_a_line_cannot_be_moved_into_its_neighbour() {
    // ROA's lines have no names: what leaves one may not come back in the next.
    let signed = roa("GET", "/", b"").header("content-type", "text/plain").signed_by_roa();
    let moved =
        signed.clone().without("content-type").header("accept", "application/json text/plain");
    refused(&moved, WRONG);
    refused(
        &signed.clone().without("content-type").header("content-md5", "text/plain"),
        "InvalidContent-MD5",
    );
    // A list of headers ends where the digest begins.
    let signed = v3("GET", "/", b"").v3();
    for list in
        ["host;x-acs-action;", ";host", "host;/x", "host;x acs", "host;X-Acs-Date", "host;é"]
    {
        let value = signed.headers["authorization"].to_str().unwrap();
        let (before, rest) = value.split_once("SignedHeaders=").unwrap();
        let (_, after) = rest.split_once(',').unwrap();
        let value = format!("{before}SignedHeaders={list},{after}");
        let code = Bench::compatible().code(&signed.clone().header("authorization", &value));
        assert!(code == "InvalidSignedHeaders" || code == "InvalidAuthorization", "{list}: {code}");
    }
}

#[test]
fn lesson_07b_a_name_with_a_separator_does_not_imitate_other_parameters() {
    refused(&roa("GET", "/?a%3D1%26b=2", b"").signed_by_roa(), "Invalida1b");
    let signed = roa("GET", "/?a=1&b=2", b"").signed_by_roa();
    refused(&signed.target("/?a%3D1%26b=2"), "Invalida1b");
    // RPC and V3 encode: nothing can be confused.
    refused(&v3("GET", "/?a=1&b=2", b"").v3().target("/?a%3D1%26b=2"), WRONG);
    let signed = rpc("GET", &format!("{RPC}&a=1&b=2"));
    refused(&replaced(&signed, "a=1&b=2", "a%3D1%26b=2"), WRONG);
}

#[test]
fn lesson_07c_a_form_cannot_be_declared_something_else() {
    // RPC does not sign the header that says what its body is.
    let form = rpc_form(RPC, "a=1");
    for other in ["application/json", "text/plain; a=application/x-www-form-urlencoded", ""] {
        let code = Bench::compatible().code(&form.clone().header("content-type", other));
        assert_ne!(code, "", "{other}: its signature stands in the body");
        let head = rpc("POST", RPC).header("content-type", other).body("a=1");
        assert_eq!(Bench::strict().code(&head), "InvalidContent-Type", "{other}");
    }
    let added = v3("POST", "/", b"{}").v3().header("content-type", "text/plain");
    assert_eq!(Bench::strict().code(&added), "InvalidSignedHeaders");
}

#[test]
fn lesson_07d_a_second_value_of_a_signed_header_is_refused() {
    let tenant = |request: Sent| request.header("x-acs-tenant", "a");
    refused(
        &tenant(roa("GET", "/", b"")).signed_by_roa().also("x-acs-tenant", "root"),
        "Invalidx-acs-tenant",
    );
    refused(&tenant(v3("GET", "/", b"")).v3().also("x-acs-tenant", "root"), "Invalidx-acs-tenant");
    let listed = v3("GET", "/", b"").header("x-tenant", "a").v3().also("x-tenant", "root");
    refused(&listed, "Invalidx-tenant");
}

#[test]
fn lesson_08_an_unknown_signature_method_is_an_error() {
    for name in ["HMAC-MD5", "HMAC-SHA256", "hmac-sha1", "none", "HMAC-SHA1,HMAC-SHA1"] {
        let method = format!("SignatureMethod={name}");
        let query = RPC.replace("SignatureMethod=HMAC-SHA1", &method);
        refused(&rpc("GET", &query), "InvalidSignatureMethod");
        let request = roa("GET", "/", b"").header("x-acs-signature-method", name).signed_by_roa();
        refused(&request, "InvalidSignatureMethod");
    }
    for name in ["ACS3-HMAC-MD5", "ACS3-HMAC-SHA1", "ACS3-NONE", "acs3-hmac-sha256"] {
        let request = replaced(&v3("GET", "/", b"").v3(), "ACS3-HMAC-SHA256", name);
        refused(&request, "InvalidSignatureMethod");
    }
}
