//! The proxy under test, and what comes back from it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::example_server::{APP_CODE, ExampleServer};

/// A running proxy in front of a service.
pub(crate) struct Proxy {
    pub(crate) server: ExampleServer,
    admin: String,
}

impl Proxy {
    pub(crate) fn before(upstream: &str) -> Self {
        Self::with(upstream, &[])
    }

    pub(crate) fn with(upstream: &str, args: &[&str]) -> Self {
        let all = [&["--upstream", upstream, "--admin", "127.0.0.1:0"], args].concat();
        let mut server = ExampleServer::with_apps("reverse_proxy", &all);
        let admin = server.line("admin on http://");
        let admin = admin.trim_end().trim_start_matches("admin on http://").to_owned();
        Self { server, admin }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        connect(self.server.address())
    }

    /// What comes back for these bytes until the proxy closes.
    pub(crate) fn send(&self, request: impl AsRef<[u8]>) -> Answer {
        let mut stream = self.connect();
        stream.write_all(request.as_ref()).unwrap();
        Answer::rest_of(&mut stream)
    }

    /// A GET of this target with these header lines, on a connection of its own.
    pub(crate) fn get(&self, target: &str, lines: &str) -> Answer {
        self.send(request("GET", target, &format!("{lines}Connection: close\r\n")))
    }

    /// What the operator's address answers.
    pub(crate) fn admin(&self, path: &str) -> Answer {
        let mut stream = connect(&self.admin);
        let request = format!("GET {path} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        Answer::rest_of(&mut stream)
    }

    /// The lines of `/metrics` with this beginning, sorted.
    pub(crate) fn counted(&self, start: &str) -> Vec<String> {
        let text = self.admin("/metrics").body();
        let lines = text.lines().filter(|line| line.starts_with(start));
        let mut lines: Vec<_> = lines.map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    }
}

/// A connection that fails a test instead of waiting for ever.
pub(crate) fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// The head of a request with an AppCode.
pub(crate) fn request(method: &str, target: &str, lines: &str) -> String {
    format!(
        "{method} {target} HTTP/1.1\r\nHost: api.example\r\nAuthorization: APPCODE {APP_CODE}\r\n\
         {lines}\r\n"
    )
}

/// What came back, as it stood on the wire.
#[derive(Debug)]
pub(crate) struct Answer(pub(crate) Vec<u8>);

impl Answer {
    /// All that comes until the connection ends, by whichever end.
    pub(crate) fn rest_of(stream: &mut TcpStream) -> Self {
        let mut all = Vec::new();
        match stream.read_to_end(&mut all) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            Err(error) => panic!("{error}: {}", String::from_utf8_lossy(&all)),
        }
        Self(all)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }

    pub(crate) fn status(&self) -> String {
        self.text().split(' ').nth(1).unwrap_or_default().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let text = self.text();
        let head = text.split("\r\n\r\n").next().unwrap();
        head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }

    pub(crate) fn body(&self) -> String {
        self.text().split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
    }

    pub(crate) fn code(&self) -> String {
        self.header("x-ca-error-code").unwrap_or_default()
    }

    /// How many answers came on the connection.
    pub(crate) fn count(&self) -> usize {
        self.text().matches("HTTP/1.1 ").count()
    }

    #[track_caller]
    pub(crate) fn assert_refused(&self, status: &str, code: &str, message: &str) {
        assert_eq!(
            (self.status().as_str(), self.code().as_str()),
            (status, code),
            "{}",
            self.text()
        );
        assert_eq!(self.header("x-ca-error-message").as_deref(), Some(message));
        let id = self.header("x-ca-request-id").unwrap();
        assert!(id.len() == 36 && id.to_uppercase() == id, "{id}");
    }
}
