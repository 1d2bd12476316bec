//! What both example servers share: everything but the service itself.
//!
//! [`run`] is the whole of their `main`: arguments, apps, verifier, listener, announcement, serving.
//! Whatever is wrong before the first request is one line on stderr and exit code 2.

pub(crate) mod answer;
pub(crate) mod apps;
pub(crate) mod args;
pub(crate) mod demo;
pub(crate) mod serve;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod verifier;

use std::convert::Infallible;
use std::io::{self, Write};
use std::process::ExitCode;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tower::Service;

use self::apps::load_apps;
use self::args::{Args, Command};
use self::demo::Demo;
use self::verifier::AppVerifier;

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What the server cannot start with, as one line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem(pub(crate) String);

/// Runs the server called `name` around the service that `app` makes.
pub(crate) fn run<S, B>(name: &str, app: impl FnOnce(AppVerifier) -> S) -> ExitCode
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    const REFUSED: u8 = 2;
    let outcome = match Args::parse(std::env::args_os()) {
        Ok(Command::Help) => print(&args::usage(name)),
        Ok(Command::Serve(args)) => start(args, app),
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Problem(line)) => {
            // There is nobody to tell if stderr is closed.
            let _ = writeln!(io::stderr(), "{name}: {line}");
            ExitCode::from(REFUSED)
        }
    }
}

#[tokio::main]
async fn start<S, B>(args: Args, app: impl FnOnce(AppVerifier) -> S) -> Result<(), Problem>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let demo = args.apps.is_none().then(Demo::random).transpose()?;
    let apps = match (&demo, &args.apps) {
        (Some(demo), _) => vec![demo.app()?],
        (None, Some(path)) => load_apps(path)?,
        (None, None) => Vec::new(),
    };
    let count = apps.len();
    let service = app(verifier::verifier(&args, apps)?);

    let stop = serve::stop_signal()?;
    let cannot_listen = |error: io::Error| {
        Problem(format!("cannot listen on {} (host:port): {error}", args.listen))
    };
    let listener = TcpListener::bind(&args.listen).await.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    // The first line tells scripts that connections are accepted from now on.
    print(&format!("listening on http://{address}\n"))?;
    print(&match &demo {
        // Signed now: a strict replay store refuses what was signed before it started.
        Some(demo) => demo.announcement(address)?,
        None => format!("{count} app(s), {} policy\n", args.policy),
    })?;
    serve::serve(listener, service, stop).await;
    Ok(())
}

fn print(text: &str) -> Result<(), Problem> {
    let mut stdout = io::stdout();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| Problem(format!("cannot write to stdout: {error}")))
}
