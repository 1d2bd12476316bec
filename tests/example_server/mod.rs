//! The example servers as processes, for tests over real sockets.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::panic,
    clippy::unwrap_used,
    reason = "test support, and no test binary uses all of it"
)]

pub mod client;
pub mod driver;

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::OnceLock;

/// Both of them: they take the same options and give the same answers.
pub const SERVERS: [&str; 2] = ["axum_server", "hyper_server"];

pub const KEY: &str = "60022326";
pub const SECRET: &str = "s3cret/你好";
pub const APP_CODE: &str = "0123abcd";

/// A running example server. It is killed on drop.
pub struct ExampleServer {
    process: Child,
    stdout: BufReader<ChildStdout>,
    /// What it printed first: where it listens.
    pub url: String,
}

/// An example server that is not started yet.
pub fn command(name: &str) -> Command {
    let path = binary(name);
    assert!(path.exists(), "{} is not built: run scripts/test", path.display());
    let mut command = Command::new(path);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// `scripts/test` tells where the binaries are; without it, where cargo puts them next to this one.
fn binary(name: &str) -> PathBuf {
    let folder = env::var_os("COUNTERSIGN_EXAMPLES").map_or_else(
        || env::current_exe().unwrap().parent().unwrap().with_file_name("examples"),
        PathBuf::from,
    );
    folder.join(format!("{name}{}", env::consts::EXE_SUFFIX))
}

/// An apps file with one app, whose appId is `client`.
pub fn apps_file() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let name = format!("apps-{}.yaml", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let app = format!("appId: client\n    appKey: '{KEY}'\n    appSecret: {SECRET}");
        fs::write(&path, format!("apps:\n  - {app}\n    appCode: {APP_CODE}\n")).unwrap();
        keep_to_the_owner(&path);
        path
    })
}

/// A file with secrets that others may read is warned of.
pub fn keep_to_the_owner(path: &Path) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let _ = path;
}

impl ExampleServer {
    /// Starts a server on a free port.
    pub fn start(name: &str, args: &[&str]) -> Self {
        let mut process = command(name)
            .args(["--listen", "127.0.0.1:0"])
            .args(args)
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut first = String::new();
        stdout.read_line(&mut first).unwrap();
        let Some(url) = first.trim_end().strip_prefix("listening on ") else {
            panic!("{name} {args:?} does not listen: {first:?}");
        };
        Self { process, stdout, url: url.to_owned() }
    }

    /// Starts a server that knows the app of [`apps_file`].
    pub fn with_apps(name: &str, args: &[&str]) -> Self {
        let file = apps_file();
        Self::start(name, &[&["--apps", file.to_str().unwrap()], args].concat())
    }

    /// The host and port it listens on.
    pub fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }

    /// The next line it prints that begins with `start`.
    pub fn line(&mut self, start: &str) -> String {
        loop {
            let mut line = String::new();
            let read = self.stdout.read_line(&mut line).unwrap();
            assert_ne!(read, 0, "it prints no line that begins with {start:?}");
            if line.starts_with(start) {
                return line;
            }
        }
    }

    /// Asks it to stop.
    #[cfg(unix)]
    pub fn terminate(&self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Waits for its end: its exit code, and what it printed until then.
    pub fn wait(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        (self.process.wait().unwrap().code(), rest)
    }
}

impl Drop for ExampleServer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs a command line as a user who pastes it.
pub fn shell(line: &str) -> Output {
    Command::new("sh").args(["-c", line]).stdin(Stdio::null()).output().unwrap()
}

/// The standard output of a command that succeeds.
pub fn stdout_of(output: Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {stderr}", output.status);
    String::from_utf8(output.stdout).unwrap()
}
