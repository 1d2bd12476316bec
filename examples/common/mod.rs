//! What the example servers share: everything but the service itself.
//!
//! [`run`] is the whole of their `main`: arguments, protection, listener, announcement, serving.
//! Whatever is wrong before the first request is one line on stderr and exit code 2.

pub(crate) mod apps;
pub(crate) mod args;
pub(crate) mod demo;
pub(crate) mod prompt;
pub(crate) mod redis;
pub(crate) mod replay;
pub(crate) mod serve;
pub(crate) mod server;
pub(crate) mod shell;
pub(crate) mod state;
pub(crate) mod told;
pub(crate) mod verifier;

use std::convert::Infallible;
use std::io::{self, Write};
use std::process::ExitCode;

use bytes::Bytes;
use countersign::jwt::{AppAuthRule, JwtPolicy, Plugin, TokenCarrier};
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tower::Service;

use self::apps::Apps;
use self::args::{Args, Command, Family, OwnFlags};
use self::demo::Demo;
use self::replay::Store;
use self::server::Server;
use self::verifier::{Protection, load_plugin, protection};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What the server cannot start with, as one line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem(pub(crate) String);

/// Runs the server called `name`, made of its own flags, the layer, and the policy for tokens, if any
/// are asked for.
pub(crate) fn run<O, S, B>(
    name: &str,
    mut own: O,
    server: impl FnOnce(O, Protection, Option<JwtPolicy>) -> Result<Server<S>, Problem>,
) -> ExitCode
where
    O: OwnFlags,
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    const REFUSED: u8 = 2;
    let outcome = match Args::parse(std::env::args_os(), &mut own) {
        Ok(Command::Help) => print(&args::usage::<O>(name)),
        Ok(Command::Serve(args)) => {
            start(name, args, |protection, tokens| server(own, protection, tokens))
        }
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
async fn start<S, B>(
    name: &str,
    args: Args,
    server: impl FnOnce(Protection, Option<JwtPolicy>) -> Result<Server<S>, Problem>,
) -> Result<(), Problem>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    told::install(name);
    // A service that asks for a token only needs no app.
    let demo = (args.apps.is_none() && args.jwt.is_none()).then(Demo::random).transpose()?;
    let apps = match (&demo, &args.apps) {
        (Some(demo), _) => Some(Apps::one(demo.app()?)?),
        (None, path) => path.as_deref().map(Apps::watched).transpose()?,
    };
    let plugin = args.jwt.as_deref().map(load_plugin).transpose()?;
    for warning in plugin.iter().flat_map(Plugin::warnings) {
        warn(name, warning);
    }
    let either = plugin
        .as_ref()
        .is_some_and(|plugin| plugin.policy().app_auth_rule() == AppAuthRule::Instead);
    if either && apps.is_none() {
        warn(name, "orAppAuth has no effect without --apps");
    }
    let summary = summary(&args, apps.as_ref(), plugin.as_ref());
    let tokens = plugin.as_ref().map(|plugin| plugin.policy().clone());
    let store = Store::open(name, &args.memory).await?;
    let credentials = apps.map(|apps| apps.credentials);
    let server = protection(&args, credentials, plugin, store.replay())
        .and_then(|protection| server(protection, tokens));
    let served = match server {
        Ok(server) => listen(&args, server, demo.as_ref(), &summary).await,
        Err(problem) => Err(problem),
    };
    // Whatever ended it: nothing is accepted any more, and what was is kept.
    served.and(store.close())
}

/// Listens, says so, and serves until it is to stop.
async fn listen<S, B>(
    args: &Args,
    server: Server<S>,
    demo: Option<&Demo>,
    summary: &str,
) -> Result<(), Problem>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    if args.jwt.is_some() || args.family == Family::OpenApi {
        // `iat`, and the time of OpenAPI, is whole seconds: one of this second may be from before the
        // replay store.
        tokio::time::sleep(serve::until_next_second()).await;
    }

    let stop = serve::stop_signal()?;
    let cannot_listen = |error: io::Error| {
        Problem(format!("cannot listen on {} (host:port): {error}", args.listen))
    };
    let listener = TcpListener::bind(&args.listen).await.map_err(cannot_listen)?;
    let address = listener.local_addr().map_err(cannot_listen)?;
    // The first line tells scripts that connections are accepted from now on.
    print(&format!("listening on http://{address}\n{}", server.announcement))?;
    match demo {
        // Signed now: a strict replay store refuses what was signed before it started.
        Some(demo) => print(&demo.announcement(address)?)?,
        None => print(summary)?,
    }
    let stop = async {
        stop.await;
        server.before_stop.await;
    };
    serve::serve(listener, server.service, stop, &server.serving).await;
    Ok(())
}

/// What protects the service, in a line.
fn summary(args: &Args, apps: Option<&Apps>, plugin: Option<&Plugin>) -> String {
    let whose = match args.family {
        Family::Gateway => "",
        Family::OpenApi => "OpenAPI clients: ",
    };
    let apps = apps.map(|apps| format!("{whose}{} app(s), {} policy", apps.count, args.policy));
    let token = plugin.map(|plugin| match plugin.policy().carrier() {
        TokenCarrier::Header(name) => format!("token in header {name}"),
        TokenCarrier::Query(name) => format!("token in query parameter {name}"),
        TokenCarrier::Cookie(name) => format!("token in cookie {name}"),
    });
    let word = match plugin.map(|plugin| plugin.policy().app_auth_rule()) {
        Some(AppAuthRule::Instead) => " or ",
        _ => " and ",
    };
    let parts: Vec<_> = apps.into_iter().chain(token).collect();
    format!("{}\n", parts.join(word))
}

fn warn(name: &str, warning: impl std::fmt::Display) {
    // There is nobody to warn if stderr is closed.
    let _ = writeln!(io::stderr(), "{name}: warning: {warning}");
}

fn print(text: &str) -> Result<(), Problem> {
    let mut stdout = io::stdout();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|error| Problem(format!("cannot write to stdout: {error}")))
}
