//! Every token with every app's credential, under both rules: which code answers, and what it costs.
//!
//! `Besides`: the app's checks, then the token's, then the nonce's claim, then the `jti`'s.
//! `Instead`: a token decides if it is there; else the app's credential does.

use countersign::jwt::{AppAuthRule, EmptyToken, TokenCarrier};
use countersign::verify::{AppCodeCarriers, Policy};

use crate::backend::{send, whole};
use crate::service::{Both, plain, single_use};
use crate::support::{APP_CODE, Call, KEY, WINDOW_MILLIS, Wire};
use crate::token::Token;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presents {
    Absent,
    /// An AppCode stands in `Authorization`.
    AppCodeInAuthorization,
    Malformed,
    WrongSignature,
    Expired,
    UsedJti,
    Valid,
}

impl Presents {
    const ALL: [Self; 7] = [
        Self::Absent,
        Self::AppCodeInAuthorization,
        Self::Malformed,
        Self::WrongSignature,
        Self::Expired,
        Self::UsedJti,
        Self::Valid,
    ];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AppPresents {
    Absent,
    WrongSignature,
    Stale,
    UsedNonce,
    /// An AppCode stands in the query, so that `Authorization` is free for a token.
    AppCode,
    Valid,
}

impl AppPresents {
    const ALL: [Self; 6] = [
        Self::Absent,
        Self::WrongSignature,
        Self::Stale,
        Self::UsedNonce,
        Self::AppCode,
        Self::Valid,
    ];

    /// The signed request, if there is one.
    fn call(self) -> Wire {
        let call = Call::get("/a?x=1");
        match self {
            Self::Absent => plain("GET", "/a?x=1"),
            Self::AppCode => plain("GET", &format!("/a?x=1&appCode={APP_CODE}")),
            Self::WrongSignature => call.key(KEY, "wrong").sign(),
            Self::Stale => call.timestamp(crate::support::NOW - WINDOW_MILLIS - 1).sign(),
            Self::UsedNonce | Self::Valid => call.sign(),
        }
    }
}

/// Where tokens stand: beside AppCodes, or in a header of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Authorization,
    XToken,
}

#[derive(Clone, Copy, Debug)]
struct Case {
    token: Presents,
    app: AppPresents,
    rule: AppAuthRule,
    empty: EmptyToken,
    place: Place,
}

impl Case {
    fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for place in [Place::Authorization, Place::XToken] {
            for rule in [AppAuthRule::Besides, AppAuthRule::Instead] {
                for empty in [EmptyToken::Refuse, EmptyToken::Bypass] {
                    for token in Presents::ALL {
                        for app in AppPresents::ALL {
                            all.push(Self { token, app, rule, empty, place });
                        }
                    }
                }
            }
        }
        all
    }

    /// The documented answer.
    fn code(self) -> &'static str {
        match self.rule {
            AppAuthRule::Besides => self.besides(),
            AppAuthRule::Instead => self.instead(),
        }
    }

    fn besides(self) -> &'static str {
        let checks = [self.app_checks(), self.token_checks(), self.nonce_claim(), self.jti_claim()];
        checks.into_iter().flatten().next().unwrap_or("200")
    }

    fn instead(self) -> &'static str {
        match self.token {
            // Neither of the two is a token.
            Presents::Absent | Presents::AppCodeInAuthorization => {
                let without = match (self.presents_an_app(), self.empty) {
                    (true, _) => self.app_checks().or(self.nonce_claim()),
                    (false, EmptyToken::Bypass) => None,
                    (false, EmptyToken::Refuse) => Some("I400JR"),
                };
                without.unwrap_or("200")
            }
            _ => self.token_checks().or(self.jti_claim()).unwrap_or("200"),
        }
    }

    fn presents_an_app(self) -> bool {
        self.app != AppPresents::Absent || self.token == Presents::AppCodeInAuthorization
    }

    fn app_checks(self) -> Option<&'static str> {
        match self.app {
            AppPresents::Absent if !self.presents_an_app() => Some("A400MA"),
            AppPresents::WrongSignature => Some("A403IS"),
            AppPresents::Stale => Some("S403TE"),
            _ => None,
        }
    }

    fn token_checks(self) -> Option<&'static str> {
        let absent = match self.empty {
            EmptyToken::Refuse => Some("I400JR"),
            EmptyToken::Bypass => None,
        };
        match (self.token, self.place) {
            (Presents::Absent, _) | (Presents::AppCodeInAuthorization, Place::XToken) => absent,
            // Where a token is asked for besides, another scheme in its place is a mistake.
            (Presents::AppCodeInAuthorization, Place::Authorization) => Some("I400JD"),
            (Presents::Malformed, _) => Some("I400JD"),
            (Presents::WrongSignature, _) => Some("A403JT"),
            (Presents::Expired, _) => Some("A403JE"),
            (Presents::UsedJti | Presents::Valid, _) => None,
        }
    }

    fn nonce_claim(self) -> Option<&'static str> {
        (self.app == AppPresents::UsedNonce).then_some("S403NU")
    }

    fn jti_claim(self) -> Option<&'static str> {
        (self.token == Presents::UsedJti).then_some("A403SV")
    }

    fn service(self) -> Both {
        let carrier = match self.place {
            Place::Authorization => TokenCarrier::authorization(),
            Place::XToken => TokenCarrier::header("x-token").unwrap(),
        };
        let tokens = single_use().with_app_auth_rule(self.rule).with_empty_token(self.empty);
        let apps = Policy::strict().with_app_code(AppCodeCarriers::HeaderAndQuery);
        Both::new(tokens.with_carrier(carrier), apps)
    }

    fn with_token(self, wire: Wire, token: &str) -> Wire {
        match self.place {
            Place::Authorization => wire.with("authorization", format!("Bearer {token}")),
            Place::XToken => wire.with("x-token", token),
        }
    }

    fn with_what_it_presents(self, wire: Wire, token: &Token) -> Wire {
        match self.token {
            Presents::Absent => wire,
            Presents::AppCodeInAuthorization => {
                wire.with("authorization", format!("APPCODE {APP_CODE}"))
            }
            Presents::Malformed => self.with_token(wire, "nonsense"),
            Presents::WrongSignature => {
                let forged = token.sign_with("another secret of thirty-two bytes or more");
                self.with_token(wire, &forged)
            }
            Presents::Expired => self.with_token(wire, &token.clone().expired().sign()),
            Presents::UsedJti | Presents::Valid => self.with_token(wire, &token.sign()),
        }
    }
}

/// Spends the `jti` of a token, and nothing else.
async fn spend_token(case: Case, both: &Both, token: &Token) {
    let request = case.with_token(plain("GET", "/"), &token.sign());
    assert_eq!(send(&both.tokens.app(), whole(&request)).await.code(), "200");
}

/// Spends the nonce of a request, and nothing else.
fn spend_nonce(both: &Both, call: &Wire) {
    both.apps.verify(call).map(drop).expect("a valid request");
}

/// Sends what a case presents; returns the signed part and the token of it with the code.
async fn sent(case: Case, both: &Both) -> (Wire, Token, String) {
    let (call, token) = (case.app.call(), Token::new());
    if case.token == Presents::UsedJti {
        spend_token(case, both, &token).await;
    }
    if case.app == AppPresents::UsedNonce {
        spend_nonce(both, &call);
    }
    let request = case.with_what_it_presents(call.clone(), &token);
    let code = send(&both.app(), whole(&request)).await.code();
    (call, token, code)
}

#[tokio::test]
async fn every_token_beside_every_app_gets_the_code_of_the_first_check_that_fails() {
    for case in Case::all() {
        let both = case.service();
        let (_, _, code) = sent(case, &both).await;
        assert_eq!(code, case.code(), "{case:?}");
        let handled = usize::from(code == "200") + usize::from(case.token == Presents::UsedJti);
        assert_eq!(both.tokens.seen.count(), handled, "{case:?}");
    }
}

#[tokio::test]
async fn the_handler_learns_of_what_was_proven_and_of_nothing_else() {
    for case in Case::all().into_iter().filter(|case| case.code() == "200") {
        let both = case.service();
        sent(case, &both).await;
        let seen = both.tokens.seen.last();
        let token = (case.token == Presents::Valid).then_some("alice");
        assert_eq!(seen.subject.as_deref(), token, "{case:?}");
        // Under `Instead`, who has a token needs no app, and none is looked for.
        let looked_for = case.rule == AppAuthRule::Besides || token.is_none();
        let app = (looked_for && case.presents_an_app()).then_some("demo");
        assert_eq!(seen.app.as_deref(), app, "{case:?}");
    }
}

#[tokio::test]
async fn a_refused_request_spends_neither_nonce_nor_jti() {
    for case in Case::all().into_iter().filter(|case| case.code() != "200") {
        let both = case.service();
        let used = (
            usize::from(case.app == AppPresents::UsedNonce),
            usize::from(case.token == Presents::UsedJti),
        );
        let (call, token, _) = sent(case, &both).await;

        // One refusal comes when the nonce is spent: the `jti` is claimed after it.
        let signed = matches!(case.app, AppPresents::Valid);
        if case.code() == "A403SV" && case.rule == AppAuthRule::Besides && signed {
            assert_eq!(both.spent(), (1, 1), "{case:?}");
            let mended = case.with_token(call, &Token::new().sign());
            assert_eq!(send(&both.app(), whole(&mended)).await.code(), "S403NU", "{case:?}");
            continue;
        }
        assert_eq!(both.spent(), used, "{case:?}");

        // With the app's fault mended the same token passes, and the other way round.
        if case.token == Presents::Valid {
            let mended = case.with_token(AppPresents::Valid.call(), &token.sign());
            assert_eq!(send(&both.app(), whole(&mended)).await.code(), "200", "{case:?}");
        }
        if signed {
            let mended = case.with_token(call, &Token::new().sign());
            assert_eq!(send(&both.app(), whole(&mended)).await.code(), "200", "{case:?}");
        }
    }
}

#[tokio::test]
async fn an_accepted_request_spends_what_it_was_accepted_for() {
    for case in Case::all().into_iter().filter(|case| case.code() == "200") {
        let both = case.service();
        let used_nonce = usize::from(case.app == AppPresents::UsedNonce);
        let (call, token, _) = sent(case, &both).await;
        let looked_for = case.rule == AppAuthRule::Besides || case.token != Presents::Valid;
        let nonce = case.app == AppPresents::Valid && looked_for;
        let jti = case.token == Presents::Valid;
        assert_eq!(both.spent(), (used_nonce + usize::from(nonce), usize::from(jti)), "{case:?}");

        if nonce {
            let again = match case.rule {
                AppAuthRule::Besides => case.with_token(call, &Token::new().sign()),
                AppAuthRule::Instead => call,
            };
            assert_eq!(send(&both.app(), whole(&again)).await.code(), "S403NU", "{case:?}");
        }
        if jti {
            let again = case.with_token(AppPresents::Valid.call(), &token.sign());
            assert_eq!(send(&both.app(), whole(&again)).await.code(), "A403SV", "{case:?}");
        }
    }
}
