//! Requests to the example servers, each on a connection of its own.

#![allow(dead_code, reason = "every test file uses a part of it")]

use std::io::{Read, Write};
use std::net::TcpStream;

use countersign::clock::{Clock, SystemClock};

use crate::example_server::{ExampleServer, KEY, SECRET};
use crate::support::{Call, Wire};

/// A request that the app of [`apps_file`](crate::example_server::apps_file) signs now.
pub(crate) fn signed_now() -> Wire {
    Call::get("/hello").key(KEY, SECRET).timestamp(SystemClock.wall()).sign()
}

/// What came back, as it stood on the wire.
pub(crate) struct Answer(String);

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.0.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

pub(crate) fn ask(server: &ExampleServer, wire: &Wire) -> Answer {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(wire.http1_head("connection: close\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    Answer(answer)
}

/// The answer's code: `None` if it is accepted.
pub(crate) fn code_of(server: &ExampleServer, wire: &Wire) -> Option<String> {
    let answer = ask(server, wire);
    let code = answer.header("X-Ca-Error-Code").map(str::to_owned);
    assert_eq!(code.is_none(), answer.0.starts_with("HTTP/1.1 200 "), "{}", answer.0);
    code
}
