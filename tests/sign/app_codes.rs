//! The AppCode, as a caller presents it.

use countersign::error::{ConfigError, ErrorCode};
use countersign::sign::AppCodeHeader;

use super::signing::get;
use crate::support::{APP_CODE, Server, assert_accepted, assert_code};

#[test]
fn a_request_with_the_header_is_accepted() {
    let mut wire = get("/").and("authorization", "a").and("authorization", "b");
    AppCodeHeader::new(APP_CODE).unwrap().apply_to(&mut wire.headers);
    assert_accepted(Server::strict().verify(&wire));
    assert_accepted(Server::gateway().verify(&wire));

    let mut wire = get("/");
    AppCodeHeader::new("another").unwrap().apply_to(&mut wire.headers);
    assert_code(Server::strict().verify(&wire), ErrorCode::A401AC);
}

#[test]
fn a_code_that_no_header_can_carry_is_refused() {
    let refused = |code: &str| AppCodeHeader::new(code).unwrap_err();
    assert_eq!(refused(""), ConfigError::Empty("the AppCode"));
    for code in [" a", "a\n", "a\nb", "a\0"] {
        assert_eq!(refused(code), ConfigError::NoHeaderValue("the AppCode"), "{code:?}");
    }
}
