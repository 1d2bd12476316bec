//! A Redis that speaks TLS, and who vouches for it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Server, free_port};

/// A certificate authority, and a certificate for servers on this machine.
pub(crate) struct Authority {
    folder: PathBuf,
}

impl Authority {
    /// Its files are in a folder of the target directory that nobody else uses.
    pub(crate) fn new(folder: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let openssl = |arguments: &str| {
            let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
            let line = format!("req -x509 {key} {arguments}");
            let run = Command::new("openssl").args(line.split(' ')).current_dir(&folder).output();
            let run = run.expect("openssl is installed: run scripts/test");
            assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        };
        openssl("-subj /CN=authority -keyout authority.key -out authority.crt");
        openssl(
            "-subj /CN=server -keyout server.key -out server.crt -CA authority.crt \
             -CAkey authority.key -addext subjectAltName=IP:127.0.0.1 \
             -addext basicConstraints=critical,CA:FALSE",
        );
        Self { folder }
    }

    pub(crate) fn certificate(&self) -> PathBuf {
        self.folder.join("authority.crt")
    }

    /// A server, and the port on which it speaks TLS.
    pub(crate) fn server(&self, args: &[&str]) -> (Server, u16) {
        let file = |name: &str| self.folder.join(name).to_str().unwrap().to_owned();
        let (certificate, key) = (file("server.crt"), file("server.key"));
        let (authority, port) = (file("authority.crt"), free_port());
        let server = Server::with(
            &[
                &["--tls-port", &port.to_string(), "--tls-auth-clients", "no"],
                &["--tls-cert-file", &certificate, "--tls-key-file", &key][..],
                &["--tls-ca-cert-file", &authority],
                args,
            ]
            .concat(),
        );
        (server, port)
    }
}
