//! A `redis-server` of the benchmark's own: on a socket in a folder that goes with it.

use std::io::{BufRead, BufReader, ErrorKind};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// It is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
    folder: PathBuf,
}

impl Server {
    /// `None` if there is none to start. It writes nothing to disk.
    pub(crate) fn start() -> Option<Self> {
        let folder = std::env::temp_dir().join(format!("bench-redis-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let spawned = Command::new("redis-server")
            .args(["--port", "0", "--unixsocket", "socket", "--save", "", "--appendonly", "no"])
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            Err(error) => panic!("redis-server: {error}"),
        };
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.by_ref().map_while(Result::ok).any(|line| line.contains("eady to accept")));
        thread::spawn(move || lines.for_each(drop));
        Some(Self { child, folder })
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }

    /// The processor time of its main thread; nothing where the system does not tell.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/schedstat", self.child.id()));
        let nanos = stat.ok().and_then(|stat| stat.split(' ').next()?.parse().ok());
        Duration::from_nanos(nanos.unwrap_or_default())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
