//! The least that a client can do: it writes commands that were made before, as many as may be in
//! flight, and counts answers.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use countersign::clock::{Clock, SystemClock};

use crate::server::Server;

const SCRIPT: &str = concat!(
    include_str!("../../src/store/redis_replay/lua/memory.lua"),
    include_str!("../../src/store/redis_replay/lua/claim.lua")
);

#[derive(Clone, Copy)]
pub(crate) enum Command {
    /// What the store sends.
    Script,
    /// What it would send if there were nothing to check.
    Set,
}

pub(crate) struct Client {
    socket: UnixStream,
    command: Command,
    digest: String,
    memory: String,
    sent: u64,
}

impl Client {
    /// To a server to which a store has connected: that has begun the memory.
    pub(crate) fn connect(server: &Server, command: Command) -> Self {
        let mut socket = UnixStream::connect(server.socket()).unwrap();
        let digest = ask(&mut socket, &["SCRIPT", "LOAD", SCRIPT]);
        let memory = ask(&mut socket, &["HGET", "{countersign}:memory", "id"]);
        Self { socket, command, digest, memory, sent: 0 }
    }

    pub(crate) fn claim(&mut self, claims: usize, in_flight: usize) -> Vec<Duration> {
        let commands: Vec<_> = (0..claims).map(|_| self.next()).collect();
        let answer: &[u8] = match self.command {
            Command::Script => b"*3\r\n:1\r\n:1700000000000\r\n:0\r\n",
            Command::Set => b"+OK\r\n",
        };
        let mut unsent = commands.iter();
        let mut asked = VecDeque::with_capacity(in_flight);
        let mut times = Vec::with_capacity(claims);
        let mut output = Vec::new();
        let mut input = [0; 64 * 1_024];
        let mut pending = 0;
        while times.len() < claims {
            output.clear();
            for command in unsent.by_ref().take(in_flight - asked.len()) {
                output.extend_from_slice(command);
                asked.push_back(Instant::now());
            }
            self.socket.write_all(&output).unwrap();
            pending += self.socket.read(&mut input[pending..]).unwrap();
            let whole = pending / answer.len() * answer.len();
            for found in input[..whole].chunks_exact(answer.len()) {
                // As long as this; the time in it is its own.
                assert_eq!(found[..4], answer[..4]);
                times.push(asked.pop_front().unwrap().elapsed());
            }
            input.copy_within(whole..pending, 0);
            pending -= whole;
        }
        times
    }

    fn next(&mut self) -> Vec<u8> {
        self.sent += 1;
        let now = SystemClock.wall().get();
        let millis = |ahead: u64| (now + ahead).to_string();
        match self.command {
            Command::Script => encode(&[
                "EVALSHA",
                &self.digest,
                "2",
                &format!("{{countersign}}:{:043}", self.sent),
                "{countersign}:memory",
                &millis(900_000),
                &millis(960_000),
                &millis(0),
                "60000",
                "60000",
                &format!("{:016}", self.sent),
                &self.memory,
                &millis(0),
            ]),
            Command::Set => encode(&[
                "SET",
                &format!("{{countersign}}:S{:042}", self.sent),
                &format!("{:017}", self.sent),
                "NX",
                "PXAT",
                &millis(960_000),
            ]),
        }
    }
}

fn encode(words: &[&str]) -> Vec<u8> {
    let mut encoded = format!("*{}\r\n", words.len());
    for word in words {
        encoded += &format!("${}\r\n{word}\r\n", word.len());
    }
    encoded.into_bytes()
}

/// The bytes that Redis has in use.
pub(crate) fn memory(server: &Server) -> f64 {
    let mut socket = UnixStream::connect(server.socket()).unwrap();
    socket.write_all(&encode(&["INFO", "memory"])).unwrap();
    let mut answer = [0; 8_192];
    let len = socket.read(&mut answer).unwrap();
    let mut lines = std::str::from_utf8(&answer[..len]).unwrap().lines();
    lines.find_map(|line| line.strip_prefix("used_memory:")).unwrap().parse().unwrap()
}

/// The answer to a command that is answered with a text.
fn ask(socket: &mut UnixStream, words: &[&str]) -> String {
    socket.write_all(&encode(words)).unwrap();
    let mut answer = [0; 1_024];
    let len = socket.read(&mut answer).unwrap();
    let text = std::str::from_utf8(&answer[..len]).unwrap();
    text.split("\r\n").nth(1).unwrap_or_else(|| panic!("{text}")).to_owned()
}
