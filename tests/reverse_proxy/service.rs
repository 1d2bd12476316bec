//! Services behind the proxy that do as a test tells them, byte by byte.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::Duration;

/// A service. Each connection is played on a thread of its own; what it received is told.
pub(crate) struct Service {
    pub(crate) url: String,
    received: Receiver<Received>,
}

/// A request as the service got it.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// The head, with its empty line.
    pub(crate) head: String,
    /// The body as it stood on the wire: chunks are not decoded.
    pub(crate) body: Vec<u8>,
}

impl Received {
    pub(crate) fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines
            .filter(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let all = self.all(name);
        assert!(all.len() < 2, "{name}: {all:?}");
        all.first().copied()
    }

    /// The names of its headers, as they stand there.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.head.lines().skip(1).filter_map(|line| Some(line.split_once(": ")?.0)).collect()
    }
}

/// A connection from the proxy.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    /// The next head; `None` when the proxy closes.
    pub(crate) fn head(&mut self) -> Option<String> {
        let mut head = String::new();
        loop {
            match self.0.read_line(&mut head) {
                Ok(0) | Err(_) => return None,
                Ok(_) if head.ends_with("\r\n\r\n") => return Some(head),
                Ok(_) => {}
            }
        }
    }

    /// The next request, read by its framing alone.
    pub(crate) fn request(&mut self) -> Option<Received> {
        let mut received = Received { head: self.head()?, body: Vec::new() };
        if received.header("transfer-encoding").is_some() {
            self.chunks(&mut received.body)?;
        } else if let Some(length) = received.header("content-length") {
            received.body = vec![0; length.parse().unwrap()];
            self.0.read_exact(&mut received.body).ok()?;
        }
        Some(received)
    }

    fn chunks(&mut self, body: &mut Vec<u8>) -> Option<()> {
        loop {
            let start = body.len();
            self.0.read_until(b'\n', body).ok().filter(|read| *read > 0)?;
            let size = std::str::from_utf8(&body[start..]).unwrap().trim();
            let size = usize::from_str_radix(size, 16).unwrap();
            if size == 0 {
                break;
            }
            let start = body.len();
            body.resize(start + size + 2, 0);
            self.0.read_exact(&mut body[start..]).ok()?;
        }
        loop {
            let start = body.len();
            self.0.read_until(b'\n', body).ok().filter(|read| *read > 0)?;
            if &body[start..] == b"\r\n" {
                return Some(());
            }
        }
    }

    pub(crate) fn read_exact(&mut self, bytes: &mut [u8]) {
        self.0.read_exact(bytes).unwrap();
    }

    /// `false` if the proxy takes no more.
    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.get_mut().write_all(bytes.as_ref()).is_ok()
    }

    pub(crate) fn close(&mut self) {
        self.0.get_mut().shutdown(Shutdown::Both).unwrap();
    }

    /// Waits until the proxy closes.
    pub(crate) fn wait_for_end(&mut self) {
        let mut rest = Vec::new();
        let _ = self.0.read_to_end(&mut rest);
    }
}

impl Service {
    /// A service that plays every connection like this.
    pub(crate) fn playing(
        play: impl Fn(&mut Connection, &dyn Fn(Received)) + Clone + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, received) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (play, sender) = (play.clone(), sender.clone());
                std::thread::spawn(move || {
                    stream.set_nodelay(true).unwrap();
                    let tell = |received| drop(sender.send(received));
                    play(&mut Connection(BufReader::new(stream)), &tell);
                });
            }
        });
        Self { url, received }
    }

    /// A service that answers every request with these bytes.
    pub(crate) fn answering(answer: &'static str) -> Self {
        Self::playing(move |connection, tell| {
            while let Some(received) = connection.request() {
                tell(received);
                connection.write(answer);
            }
        })
    }

    /// A service that has nothing to say.
    pub(crate) fn ok() -> Self {
        Self::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    }

    /// The next request that it got.
    pub(crate) fn received(&self) -> Received {
        self.received.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    /// A request that it has got already.
    pub(crate) fn try_received(&self) -> Result<Received, TryRecvError> {
        self.received.try_recv()
    }

    #[track_caller]
    pub(crate) fn assert_nothing_received(&self) {
        let received: Vec<_> = self.received.try_iter().collect();
        assert!(received.is_empty(), "{received:?}");
    }
}
