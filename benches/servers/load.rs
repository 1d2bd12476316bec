//! The load: requests that were signed before, over connections that stay, each with one request at a
//! time. It only writes and counts, so that its thread keeps up with a server on another one.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::wire::answer_len;

/// Larger than any answer.
const BUFFER: usize = 16 << 10;

pub(crate) struct Load {
    poll: Poll,
    events: Events,
    connections: Vec<Connection>,
}

struct Connection {
    stream: TcpStream,
    asked: Instant,
    /// How much of an answer is here, and how long it will be.
    read: usize,
    length: Option<usize>,
    head: Vec<u8>,
}

impl Load {
    pub(crate) fn connect(address: SocketAddr, connections: usize) -> Self {
        let (poll, events) = (Poll::new().unwrap(), Events::with_capacity(connections));
        let connect = |number| {
            let stream = std::net::TcpStream::connect(address).unwrap();
            stream.set_nodelay(true).unwrap();
            stream.set_nonblocking(true).unwrap();
            let mut stream = TcpStream::from_std(stream);
            poll.registry().register(&mut stream, Token(number), Interest::READABLE).unwrap();
            let (asked, head) = (Instant::now(), Vec::new());
            Connection { stream, asked, read: 0, length: None, head }
        };
        let connections = (0..connections).map(connect).collect();
        Self { poll, events, connections }
    }

    /// Sends the requests while `go_on` says so, and tells how long each answer took. All must be 200.
    pub(crate) fn send(&mut self, requests: &[Vec<u8>], go_on: impl Fn() -> bool) -> Vec<Duration> {
        let mut unsent = requests.iter();
        let mut times = Vec::with_capacity(requests.len());
        let mut open = 0;
        for connection in &mut self.connections {
            open += usize::from(connection.ask(unsent.next()));
        }
        let mut buffer = [0; BUFFER];
        while open > 0 {
            self.poll.poll(&mut self.events, None).unwrap();
            let more = go_on();
            for event in &self.events {
                let connection = &mut self.connections[event.token().0];
                if let Some(time) = connection.read(&mut buffer) {
                    times.push(time);
                    let next = if more { unsent.next() } else { None };
                    open -= usize::from(!connection.ask(next));
                }
            }
        }
        times
    }
}

impl Connection {
    fn ask(&mut self, request: Option<&Vec<u8>>) -> bool {
        let Some(request) = request else { return false };
        self.asked = Instant::now();
        // The socket's buffer is empty, and larger.
        assert_eq!(self.stream.write(request).unwrap(), request.len());
        true
    }

    /// Reads what there is; the time if that is all.
    fn read(&mut self, buffer: &mut [u8]) -> Option<Duration> {
        let len = match self.stream.read(buffer) {
            Ok(len) => len,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return None,
            Err(error) => panic!("{error}"),
        };
        let bytes = &buffer[..len];
        assert!(
            self.read > 0 || bytes.starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(bytes)
        );
        self.read += len;
        if self.length.is_none() {
            // All answers are as long as the first.
            self.head.extend_from_slice(bytes);
            self.length = answer_len(&self.head);
        }
        if self.length != Some(self.read) {
            return None;
        }
        self.read = 0;
        Some(self.asked.elapsed())
    }
}

/// The status of the answer to one request on a connection of its own.
pub(crate) fn status(address: SocketAddr, request: &[u8]) -> u16 {
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    stream.write_all(request).unwrap();
    let mut line = [0; 12];
    stream.read_exact(&mut line).unwrap();
    std::str::from_utf8(&line[9..]).unwrap().parse().unwrap()
}
