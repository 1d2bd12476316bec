//! What callers were answered: how often a nonce was accepted, and how often each code was heard.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Mutex;

use countersign::clock::UnixMillis;

use super::Sent;
use super::connection::Answer;

/// In the place of a code.
pub(crate) const ACCEPTED: &str = "200";
/// In the place of a code: no answer.
const BROKEN: &str = "broken";

/// A request that was accepted: when it was signed, and in which life of the server it was accepted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acceptance {
    pub(crate) signed: UnixMillis,
    pub(crate) life: usize,
}

#[derive(Default)]
pub(crate) struct Ledger {
    accepted: Mutex<HashMap<Vec<u8>, Vec<Acceptance>>>,
    answers: Mutex<BTreeMap<(usize, String), usize>>,
}

impl Ledger {
    pub(super) fn note(&self, sent: &Sent, server: usize, answer: Option<Answer>) {
        let code = match &answer {
            Some(Answer { code: Some(code), .. }) => code,
            Some(_) => ACCEPTED,
            None => BROKEN,
        };
        *self.answers.lock().unwrap().entry((server, code.to_owned())).or_default() += 1;
        let Some(Answer { life, code, retry_after }) = answer else { return };
        match code.as_deref() {
            None => {
                let acceptance = Acceptance { signed: sent.signed, life };
                let nonce = sent.wire.header("x-ca-nonce").to_vec();
                self.accepted.lock().unwrap().entry(nonce).or_default().push(acceptance);
            }
            Some("X503BZ") => assert!(retry_after, "whoever is turned away is told for how long"),
            Some("S403NU" | "S403TE") => {}
            Some(code) => panic!("a signed request is answered {code}"),
        }
    }

    /// How often a server has answered so.
    pub(crate) fn answers(&self, server: usize, code: &str) -> usize {
        self.answers.lock().unwrap().get(&(server, code.to_owned())).copied().unwrap_or_default()
    }

    /// How many requests were accepted.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.lock().unwrap().len()
    }

    pub(crate) fn acceptances(&self) -> Vec<Acceptance> {
        self.accepted.lock().unwrap().values().flatten().copied().collect()
    }

    #[track_caller]
    pub(crate) fn assert_none_twice(&self) {
        let accepted = self.accepted.lock().unwrap();
        let twice: Vec<_> = accepted.iter().filter(|(_, times)| times.len() > 1).collect();
        assert!(twice.is_empty(), "{twice:?} of {} that were accepted", accepted.len());
    }
}

/// How often each code was heard, for what is told of a failure.
impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.answers.lock().unwrap().fmt(f)
    }
}
