//! Processes that are killed while they accept requests, and started again.
//!
//! The process is this test binary, running one test that is ignored otherwise.

use std::collections::HashSet;
use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use countersign::clock::{ManualClock, UnixMillis};
use countersign::store::memory_replay::{StartedFrom, StateFile};
use countersign::store::{Claimed, MemoryReplayStore};

use crate::bench::{Folder, START, WINDOW, claim};

const FILE: &str = "COUNTERSIGN_TEST_STATE_FILE";
const NOW: &str = "COUNTERSIGN_TEST_NOW";
const THREADS: u64 = 4;
/// What begins a line about a claim; the test runner prints others.
const FRESH: &str = "fresh ";

fn open(path: &std::path::Path, now: UnixMillis) -> MemoryReplayStore {
    let clock = Arc::new(ManualClock::at(now));
    let builder = MemoryReplayStore::builder().with_capacity(2_000_000).with_clock(clock);
    builder.open(StateFile::new(path)).unwrap()
}

/// When a nonce was signed: some a little earlier than `now`, some up to a window ahead.
fn signed_at(nonce: u64, now: UnixMillis) -> UnixMillis {
    match nonce % 16 {
        0 => now.saturating_add(WINDOW.mul_f64((nonce % 1_000) as f64 / 1_000.0)),
        _ => now.saturating_add(Duration::from_millis(nonce / 32)),
    }
}

#[test]
#[ignore = "a process of the test below"]
fn child() {
    let Some(path) = env::var_os(FILE) else { return };
    let now = UnixMillis::new(env::var(NOW).unwrap().parse().unwrap());
    let store = Arc::new(open(path.as_ref(), now));
    let out = Arc::new(Mutex::new(std::io::stdout()));
    for thread in 0..THREADS {
        let (store, out) = (Arc::clone(&store), Arc::clone(&out));
        thread::spawn(move || {
            for nonce in (0..).map(|n| now.get() * 1_000_000 + n * THREADS + thread) {
                let at = signed_at(nonce % 1_000_000, now);
                if matches!(
                    store.claim_now(super::bench::strict(&nonce.to_be_bytes(), at)),
                    Ok(Claimed::Fresh)
                ) {
                    // As a service answers: after the claim.
                    let mut out = out.lock().unwrap();
                    let line = format!("{FRESH}{nonce} {at}\n");
                    if out.write_all(line.as_bytes()).and_then(|()| out.flush()).is_err() {
                        return;
                    }
                }
            }
        });
    }
    // Until its standard input ends, which asks it to stop.
    std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
    store.close().unwrap();
}

struct Service {
    process: Child,
    lines: BufReader<ChildStdout>,
}

impl Service {
    fn start(folder: &Folder, now: UnixMillis) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .args(["--ignored", "--exact", "killed::child", "--nocapture"])
            .env(FILE, folder.mark())
            .env(NOW, now.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        Self { process, lines }
    }

    /// What it says to have accepted, until it ends or `most` is reached.
    fn accepted(&mut self, most: usize) -> Vec<(u64, UnixMillis)> {
        let mut accepted = Vec::new();
        while accepted.len() < most {
            let mut line = String::new();
            // The last line of a process that was killed may lack its end.
            if self.lines.read_line(&mut line).unwrap() == 0 || !line.ends_with('\n') {
                break;
            }
            // The test runner begins a line of its own without ending it.
            if let Some((_, claim)) = line.split_once(FRESH) {
                let (nonce, at) = claim.trim_end().split_once(' ').unwrap();
                accepted.push((nonce.parse().unwrap(), UnixMillis::new(at.parse().unwrap())));
            }
        }
        accepted
    }

    /// `kill -9`, while it accepts.
    fn kill(mut self) -> Vec<(u64, UnixMillis)> {
        let mut accepted = self.accepted(3_000);
        self.process.kill().unwrap();
        accepted.extend(self.accepted(usize::MAX));
        self.process.wait().unwrap();
        accepted
    }

    fn stop(mut self) -> Vec<(u64, UnixMillis)> {
        let mut accepted = self.accepted(3_000);
        drop(self.process.stdin.take());
        accepted.extend(self.accepted(usize::MAX));
        assert!(self.process.wait().unwrap().success());
        accepted
    }
}

#[test]
fn lesson_25_no_nonce_is_accepted_twice_by_processes_that_are_killed_and_started_again() {
    let folder = Folder::new();
    let mut accepted = HashSet::new();
    let mut now = START;
    for round in 0..8 {
        let service = Service::start(&folder, now);
        let (news, from) = match round % 2 {
            0 => (service.kill(), StartedFrom::Mark),
            _ => (service.stop(), StartedFrom::Snapshot),
        };
        assert!(news.len() >= 3_000, "it was under load: {}", news.len());
        for claim in news {
            assert!(accepted.insert(claim), "accepted twice: {claim:?}");
        }
        // Everything is sent again, to a process that is started a second later.
        now = now.saturating_add(Duration::from_secs(1));
        let store = open(&folder.mark(), now);
        assert_eq!(store.started_from(), from);
        for (nonce, at) in &accepted {
            assert_ne!(claim(&store, &nonce.to_be_bytes(), *at), Claimed::Fresh, "{nonce} {at}");
        }
        if from == StartedFrom::Snapshot {
            store.close().unwrap();
        }
        drop(store);
        // Past the mark, so that the next process accepts something.
        now = now.saturating_add(WINDOW + StateFile::DEFAULT_STEP * 2);
    }
}
