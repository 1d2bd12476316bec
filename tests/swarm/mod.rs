//! Many callers over sockets: clients sign new requests, and replayers send all of them again and
//! again, at once and later, to every server.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails a test"
)]

mod connection;
mod ledger;
mod places;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::clock::{Clock, UnixMillis};
use futures_util::future::join_all;
use tokio::task::JoinSet;

use crate::support::{Call, Wire, comes_true, scattered};
use connection::Connection;
pub(crate) use ledger::{ACCEPTED, Ledger};
pub(crate) use places::Places;

/// How long a caller rests between two requests, so that no server is asked more than it can answer
/// in a debug build.
const REST: Duration = Duration::from_millis(50);

/// How many requests are sent once more in the end, at most.
const SWEPT: usize = 4_000;

/// A request that was sent at least once.
pub(crate) struct Sent {
    pub(crate) wire: Wire,
    pub(crate) signed: UnixMillis,
}

/// Who calls.
pub(crate) struct Swarm {
    /// Key and secret.
    app: (&'static str, &'static str),
    clock: Arc<dyn Clock>,
    places: Arc<Places>,
    sent: Mutex<Vec<Arc<Sent>>>,
    pub(crate) ledger: Ledger,
    over: AtomicBool,
    callers: Mutex<JoinSet<()>>,
}

impl Swarm {
    /// Lets so many clients and replayers loose on all servers.
    pub(crate) fn start(
        app: (&'static str, &'static str),
        clock: Arc<dyn Clock>,
        places: Arc<Places>,
        (clients, replayers): (usize, usize),
    ) -> Arc<Self> {
        let swarm = Arc::new(Self {
            app,
            clock,
            places,
            sent: Mutex::default(),
            ledger: Ledger::default(),
            over: AtomicBool::new(false),
            callers: Mutex::default(),
        });
        let mut callers = JoinSet::new();
        for number in 0..clients {
            callers.spawn(Arc::clone(&swarm).sign_and_send(number));
        }
        for number in 0..replayers {
            callers.spawn(Arc::clone(&swarm).replay(number));
        }
        *swarm.callers.lock().unwrap() = callers;
        swarm
    }

    /// Waits until each server has accepted more: the service is there.
    pub(crate) async fn flows(&self) {
        self.answered(ACCEPTED, 50).await;
    }

    /// Waits until each server has answered with this code as often again.
    pub(crate) async fn answered(&self, code: &str, times: usize) {
        let count = |server| self.ledger.answers(server, code);
        let before: Vec<_> = (0..self.places.len()).map(count).collect();
        let all = || before.iter().enumerate().all(|(at, before)| count(at) >= before + times);
        assert!(comes_true(all).await, "each is to answer {code} {times} times: {:?}", self.ledger);
    }

    /// Ends the calls, and then sends requests of all ages once more to every server.
    pub(crate) async fn stop(&self) {
        self.over.store(true, Ordering::SeqCst);
        let mut callers = std::mem::take(&mut *self.callers.lock().unwrap());
        while let Some(done) = callers.join_next().await {
            done.unwrap();
        }
        let all = std::mem::take(&mut *self.sent.lock().unwrap());
        let step = all.len() / SWEPT + 1;
        let some: Vec<_> = all.into_iter().rev().step_by(step).collect();
        let sweep = async |part: &[Arc<Sent>]| {
            let mut connections = self.connections();
            for sent in part {
                for connection in &mut connections {
                    self.send(connection, sent).await;
                }
            }
        };
        join_all(some.chunks(SWEPT / 16 + 1).map(sweep)).await;
    }

    async fn sign_and_send(self: Arc<Self>, number: usize) {
        let mut connection = Connection::to(&self.places, number % self.places.len());
        while !self.over.load(Ordering::SeqCst) {
            let signed = self.clock.wall();
            let (key, secret) = self.app;
            let wire = Call::get("/orders").key(key, secret).timestamp(signed).sign();
            let sent = Arc::new(Sent { wire, signed });
            self.sent.lock().unwrap().push(Arc::clone(&sent));
            self.send(&mut connection, &sent).await;
            tokio::time::sleep(REST).await;
        }
    }

    async fn replay(self: Arc<Self>, number: usize) {
        let mut connections = self.connections();
        for turn in number.. {
            if self.over.load(Ordering::SeqCst) {
                return;
            }
            if let Some(sent) = self.recorded(turn) {
                let server = turn % connections.len();
                self.send(&mut connections[server], &sent).await;
            }
            tokio::time::sleep(REST).await;
        }
    }

    fn connections(&self) -> Vec<Connection> {
        (0..self.places.len()).map(|server| Connection::to(&self.places, server)).collect()
    }

    /// In turn one of the newest, whose first answer may not be there yet, and one of any age.
    fn recorded(&self, turn: usize) -> Option<Arc<Sent>> {
        let sent = self.sent.lock().unwrap();
        let among = match turn % 4 {
            0 | 1 => sent.len().min(64),
            _ => sent.len(),
        };
        sent.iter().rev().nth(scattered(turn, among.max(1))).cloned()
    }

    async fn send(&self, connection: &mut Connection, sent: &Sent) {
        let answer = connection.ask(&sent.wire).await;
        self.ledger.note(sent, connection.server(), answer);
    }
}
