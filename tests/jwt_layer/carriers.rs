//! Where the token stands, on real sockets.

use countersign::jwt::{JwtPolicy, TokenCarrier};

use crate::backend::whole;
use crate::client::{Client, Version, serve};
use crate::service::{Service, plain, single_use};
use crate::support::Wire;
use crate::token::Token;

/// A request, made of a token and another one.
type Present = fn(Wire, &str, &str) -> Wire;

/// Sends each of these over HTTP/1 and HTTP/2, always with fresh tokens.
async fn run(policy: fn() -> JwtPolicy, cases: &[(&str, Present, &str)]) {
    for version in [Version::Http1, Version::Http2] {
        let service = Service::new(policy());
        let address = serve(service.app()).await;
        for (what, present, code) in cases {
            let (token, other) = (Token::new().sign(), Token::new().sign());
            let wire = present(plain("GET", "/a"), &token, &other);
            let (before, spent) = (service.seen.count(), service.replay.written());
            let mut client = Client::connect(address, version).await;
            let answer = client.send(whole(&wire)).await;
            assert_eq!(answer.code(), *code, "{what} {version:?}");
            let accepted = usize::from(*code == "200");
            assert_eq!(service.seen.count() - before, accepted, "{what} {version:?}");
            assert_eq!(service.replay.written() - spent, accepted, "{what} {version:?}");
        }
    }
}

#[tokio::test]
async fn a_token_stands_in_authorization_behind_bearer_in_any_case_or_alone() {
    const AUTHORIZATION: &str = "authorization";
    run(
        single_use,
        &[
            ("Bearer", |w, t, _| w.with(AUTHORIZATION, format!("Bearer {t}")), "200"),
            ("bearer", |w, t, _| w.with(AUTHORIZATION, format!("bearer {t}")), "200"),
            ("bEARER", |w, t, _| w.with(AUTHORIZATION, format!("bEARER \t {t}")), "200"),
            ("bare", |w, t, _| w.with(AUTHORIZATION, t), "200"),
            ("nothing", |w, _, _| w, "I400JR"),
            ("Bearer alone", |w, _, _| w.with(AUTHORIZATION, "Bearer"), "I400JR"),
            ("an empty line", |w, _, _| w.with(AUTHORIZATION, ""), "I400JR"),
            ("glued", |w, t, _| w.with(AUTHORIZATION, format!("Bearer{t}")), "I400JD"),
            ("Basic", |w, t, _| w.with(AUTHORIZATION, format!("Basic {t}")), "I400JD"),
            ("APPCODE", |w, t, _| w.with(AUTHORIZATION, format!("APPCODE {t}")), "I400JD"),
            ("two", |w, t, u| w.with(AUTHORIZATION, format!("Bearer {t}, Bearer {u}")), "I400JD"),
            ("elsewhere", |w, t, _| w.with("x-token", t), "I400JR"),
            ("proxy", |w, t, _| w.with("proxy-authorization", format!("Bearer {t}")), "I400JR"),
        ],
    )
    .await;
}

#[tokio::test]
async fn lesson_15_two_authorization_lines_carry_one_token_or_none() {
    const AUTHORIZATION: &str = "authorization";
    run(
        single_use,
        &[
            (
                "twice the same",
                |w, t, _| {
                    w.with(AUTHORIZATION, format!("Bearer {t}"))
                        .and(AUTHORIZATION, format!("bearer  {t}"))
                },
                "200",
            ),
            (
                "with and without a scheme",
                |w, t, _| w.with(AUTHORIZATION, format!("Bearer {t}")).and(AUTHORIZATION, t),
                "200",
            ),
            (
                "and an empty one",
                |w, t, _| w.with(AUTHORIZATION, "Bearer").and(AUTHORIZATION, format!("Bearer {t}")),
                "200",
            ),
            (
                "two",
                |w, t, u| {
                    w.with(AUTHORIZATION, format!("Bearer {t}"))
                        .and(AUTHORIZATION, format!("Bearer {u}"))
                },
                "I400JD",
            ),
            (
                "and nonsense",
                |w, t, _| w.with(AUTHORIZATION, format!("Bearer {t}")).and(AUTHORIZATION, "x"),
                "I400JD",
            ),
            (
                "another scheme first",
                |w, t, _| {
                    w.with(AUTHORIZATION, "Basic eDp5").and(AUTHORIZATION, format!("Bearer {t}"))
                },
                "I400JD",
            ),
            (
                "another scheme behind",
                |w, t, _| {
                    w.with(AUTHORIZATION, format!("Bearer {t}")).and(AUTHORIZATION, "Basic eDp5")
                },
                "I400JD",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_token_stands_in_a_header_of_its_own_as_it_is() {
    run(
        || single_use().with_carrier(TokenCarrier::header("X-Token").unwrap()),
        &[
            ("alone", |w, t, _| w.with("x-token", t), "200"),
            (
                "beside a credential",
                |w, t, _| w.with("x-token", t).with("authorization", "Basic eDp5"),
                "200",
            ),
            ("twice the same", |w, t, _| w.with("x-token", t).and("x-token", t), "200"),
            ("two", |w, t, u| w.with("x-token", t).and("x-token", u), "I400JD"),
            ("Bearer", |w, t, _| w.with("x-token", format!("Bearer {t}")), "I400JD"),
            ("empty", |w, _, _| w.with("x-token", ""), "I400JR"),
            ("underscore", |w, t, _| w.with("x_token", t), "I400JR"),
            ("elsewhere", |w, t, _| w.with("authorization", format!("Bearer {t}")), "I400JR"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_token_stands_in_a_query_parameter_whose_name_is_compared_decoded() {
    run(
        || single_use().with_carrier(TokenCarrier::Query("access token".to_owned())),
        &[
            ("plus", |w, t, _| w.to(&format!("/a?x=1&access+token={t}&y")), "200"),
            ("escaped", |w, t, _| w.to(&format!("/a?%61ccess%20token={t}")), "200"),
            (
                "value escaped",
                |w, t, _| w.to(&format!("/a?access+token={}", t.replace('.', "%2e"))),
                "200",
            ),
            (
                "twice the same",
                |w, t, _| w.to(&format!("/a?access+token={t}&access%20token={t}")),
                "200",
            ),
            ("two", |w, t, u| w.to(&format!("/a?access+token={t}&access+token={u}")), "I400JD"),
            (
                "two, one escaped",
                |w, t, u| w.to(&format!("/a?access+token={t}&acces%73+token={u}")),
                "I400JD",
            ),
            ("another case", |w, t, _| w.to(&format!("/a?Access+Token={t}")), "I400JR"),
            ("empty", |w, _, _| w.to("/a?access+token="), "I400JR"),
            ("bare", |w, _, _| w.to("/a?access+token"), "I400JR"),
            ("Bearer", |w, t, _| w.to(&format!("/a?access+token=Bearer%20{t}")), "I400JD"),
            ("elsewhere", |w, t, _| w.with("authorization", format!("Bearer {t}")), "I400JR"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_token_stands_in_a_cookie_in_whichever_of_the_cookie_lines() {
    run(
        || single_use().with_carrier(TokenCarrier::Cookie("sid".to_owned())),
        &[
            ("alone", |w, t, _| w.with("cookie", format!("sid={t}")), "200"),
            ("among others", |w, t, _| w.with("cookie", format!("a=1;sid={t}; b=2")), "200"),
            ("quoted", |w, t, _| w.with("cookie", format!("sid=\"{t}\"")), "200"),
            (
                "in the second line",
                |w, t, _| {
                    w.with("cookie", "a=1").and("cookie", format!("sid={t}")).and("cookie", "b=2")
                },
                "200",
            ),
            (
                "twice the same",
                |w, t, _| w.with("cookie", format!("sid={t}")).and("cookie", format!("sid={t}")),
                "200",
            ),
            ("two in one line", |w, t, u| w.with("cookie", format!("sid={t}; sid={u}")), "I400JD"),
            (
                "two in two lines",
                |w, t, u| w.with("cookie", format!("sid={t}")).and("cookie", format!("sid={u}")),
                "I400JD",
            ),
            ("another case", |w, t, _| w.with("cookie", format!("SID={t}")), "I400JR"),
            ("a longer name", |w, t, _| w.with("cookie", format!("xsid={t}; sidx={t}")), "I400JR"),
            ("no value", |w, _, _| w.with("cookie", "sid; sid="), "I400JR"),
            ("elsewhere", |w, t, _| w.with("authorization", format!("Bearer {t}")), "I400JR"),
        ],
    )
    .await;
}
