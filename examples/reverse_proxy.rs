//! A reverse proxy that lets authentic requests through to a service in any language.
//!
//! `cargo run --release --example reverse_proxy -- --upstream http://127.0.0.1:9000 --apps apps.yaml`
//! takes the options of `axum_server`, and its own; `-- --help` lists them. `docs/REVERSE_PROXY.md`
//! shows a service behind it, and says what crosses the proxy and what does not.

mod common;
mod proxy;

use std::process::ExitCode;

use hyper::body::Incoming;

use common::serve::Serving;
use common::server::Server;
use proxy::admin::{self, Health};
use proxy::args::Flags;

fn main() -> ExitCode {
    common::run("reverse_proxy", Flags::default(), |flags, protection, tokens| {
        let health = Health::default();
        let admin = match &flags.admin {
            Some(address) => Some(admin::start(address, health.clone())?),
            None => None,
        };
        let announcement = admin.map(|address| format!("admin on http://{address}\n"));
        let service = proxy::app::<Incoming>(&flags, protection, tokens.as_ref())?;
        let before_stop = async move {
            health.drain();
            tokio::time::sleep(flags.drain_delay).await;
        };
        Ok(Server {
            service,
            serving: Serving {
                head: flags.head,
                pause: flags.patience.pause,
                max_head: flags.max_head,
                grace: flags.drain,
            },
            announcement: announcement.unwrap_or_default(),
            before_stop: Box::pin(before_stop),
        })
    })
}
