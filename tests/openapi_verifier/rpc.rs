use countersign::credential::OpenApiScheme;

use super::bench::*;

#[test]
fn a_signed_request_tells_who_asks_for_what() {
    let verified = Bench::strict().verify(&rpc("GET", RPC)).unwrap();
    assert_eq!((verified.app_id(), verified.access_key_id()), ("billing", KEY));
    assert_eq!(verified.scheme(), OpenApiScheme::Rpc);
    assert_eq!((verified.action(), verified.version()), (Some("DescribeApis"), Some("2016-07-14")));
    assert_eq!(verified.nonce(), Some(&b"an-rpc-nonce"[..]));
    assert_eq!(verified.timestamp().get(), NOW);
    assert!(verified.strict_findings().is_empty() && verified.covers_body());
}

#[test]
fn parameters_may_stand_in_the_query_in_the_form_or_in_both() {
    for (query, form) in [("", RPC), (RPC, "RegionId=cn%2Dx&Empty="), ("RegionId=cn+x", RPC)] {
        assert_eq!(Bench::strict().code(&rpc_form(query, form)), "", "{query} {form}");
    }
}

#[test]
fn every_parameter_is_signed() {
    let request = rpc("GET", RPC);
    let target = request.target.to_string();
    for changed in [
        target.replace("DescribeApis", "DeleteApi"),
        target.replace("2016-07-14", "2016-07-15"),
        format!("{target}&RegionId="),
        target.replace("an-rpc", "another"),
    ] {
        let request = request.clone().target(&changed);
        assert_eq!(Bench::strict().code(&request), "SignatureDoesNotMatch", "{changed}");
    }
    let mut posted = request;
    posted.method = http::Method::POST;
    assert_eq!(Bench::strict().code(&posted), "SignatureDoesNotMatch");
}

#[test]
fn a_name_stands_once_under_both_policies() {
    let bare = rpc("GET", RPC);
    let twice = bare.clone().target(&format!("{}&%41ction=DeleteApi", bare.target));
    let across = rpc_form(RPC, "Action=DescribeApis");
    for bench in [Bench::strict(), Bench::compatible()] {
        assert_eq!(bench.code(&twice), "InvalidAction");
        assert_eq!(bench.code(&across), "InvalidAction");
    }
}

#[test]
fn the_path_is_not_signed_so_only_the_root_is_there() {
    let request = rpc("GET", RPC);
    let moved = request.clone().target(&request.target.to_string().replace("/?", "/admin?"));
    assert_eq!(Bench::compatible().code(&moved), "InvalidApi.NotFound");
}

#[test]
fn what_is_not_named_is_missing() {
    for (absent, code) in [
        ("Action=DescribeApis&", "MissingAction"),
        ("&Version=2016-07-14", "MissingVersion"),
        ("&AccessKeyId=LTAI5tExample", "MissingAccessKeyId"),
        ("&SignatureMethod=HMAC-SHA1", "MissingSignatureMethod"),
        ("&SignatureVersion=1.0", "MissingSignatureVersion"),
        ("&SignatureNonce=an-rpc-nonce", "MissingSignatureNonce"),
        ("&Timestamp=2023-10-26T10%3A22%3A32Z", "MissingTimestamp"),
    ] {
        let query = RPC.replace(absent, "");
        assert_ne!(query, RPC);
        assert_eq!(Bench::strict().code(&rpc("GET", &query)), code);
    }
    let unnamed =
        RPC.replace("&SignatureMethod=HMAC-SHA1", "").replace("&SignatureVersion=1.0", "");
    assert_eq!(Bench::compatible().code(&rpc("GET", &unnamed)), "");
}

#[test]
fn what_is_named_is_one_of_few() {
    for (from, to, code) in [
        ("=HMAC-SHA1", "=HMAC-MD5", "InvalidSignatureMethod"),
        ("=1.0", "=2.0", "InvalidSignatureVersion"),
        ("10%3A22%3A32Z", "10%3A22%3A32%2B00%3A00", "InvalidTimeStamp.Format"),
        ("Action=", "Format=YAML&Action=", "InvalidParameter.Format"),
        ("=LTAI5tExample", "=LTAI5tOther", "InvalidAccessKeyId.NotFound"),
    ] {
        for bench in [Bench::strict(), Bench::compatible()] {
            assert_eq!(bench.code(&rpc("GET", &RPC.replace(from, to))), code, "{to}");
        }
    }
}

#[test]
fn parameters_that_not_everyone_decodes_alike_are_refused_strictly() {
    let query = format!("{RPC}&Name=%FF");
    assert_eq!(Bench::strict().code(&rpc("GET", &query)), "InvalidName");
    let verified = Bench::compatible().verify(&rpc("GET", &query)).unwrap();
    let rows: Vec<_> = verified.strict_findings().iter().map(|row| row.as_str()).collect();
    assert_eq!(rows, ["malformed_parameter"]);
}

#[test]
fn a_form_in_another_charset_is_none() {
    let signature = rpc_signed("POST", RPC, "a=1");
    let with = |parameters: &str| {
        let content_type = format!("application/x-www-form-urlencoded{parameters}");
        let request = Sent::new("POST", &format!("/?{RPC}&Signature={signature}"));
        Bench::strict().code(&request.header("content-type", &content_type).body("a=1"))
    };
    for parameters in ["", ";charset=UTF-8", "; Charset=\"utf-8\"", "; a=b"] {
        assert_eq!(with(parameters), "", "{parameters}");
    }
    for parameters in [";charset=utf-16", "; a=b; Charset = IBM037", ";charset=utf-8;charset=x"] {
        assert_eq!(with(parameters), "InvalidContent-Type", "{parameters}");
    }
}
