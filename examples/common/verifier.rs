//! What the arguments protect the service with: app authentication, a token, or both; or the signatures
//! of OpenAPI clients.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use countersign::jwt::{JwtVerifier, Plugin};
use countersign::middleware::{AppAuthLayer, JwtAppAuthLayer, JwtAuthLayer, OpenApiLayer};
use countersign::verify::openapi::{OpenApiPolicy, OpenApiVerifier};
use countersign::verify::{Limits, Policy, RestartRule, Verifier, Window};
use tower::util::Either;

use super::Problem;
use super::apps::Credentials;
use super::args::{Args, Family, PolicyName};
use super::replay::Replay;

/// The layer of both servers.
pub(crate) type Protection = Either<
    Either<AppAuthLayer<Credentials, Replay>, OpenApiLayer<Credentials, Replay>>,
    Either<JwtAuthLayer<Replay>, JwtAppAuthLayer<Replay, Credentials, Replay>>,
>;

/// Apps without a plug-in: app authentication. A plug-in without apps: a token. Both: both, or
/// either if the plug-in says so.
pub(crate) fn protection(
    args: &Args,
    apps: Option<Credentials>,
    plugin: Option<Plugin>,
    replay: Replay,
) -> Result<Protection, Problem> {
    let tokens = plugin.map(|plugin| tokens(args, plugin, Arc::clone(&replay))).transpose()?;
    if let (Family::OpenApi, Some(apps)) = (args.family, &apps) {
        let verifier = OpenApiVerifier::new(Arc::clone(apps), replay);
        let layer = OpenApiLayer::new(verifier.with_policy(openapi_policy(args)));
        return Ok(Either::Left(Either::Right(layer)));
    }
    let apps = apps.map(|apps| Verifier::new(apps, replay).with_policy(policy(args)));
    Ok(match (apps, tokens) {
        (Some(apps), Some(tokens)) => {
            Either::Right(Either::Right(JwtAppAuthLayer::new(tokens, apps)))
        }
        (None, Some(tokens)) => {
            let max_body = args.max_body.unwrap_or(Limits::default().max_body);
            Either::Right(Either::Left(JwtAuthLayer::new(tokens).with_max_body(max_body)))
        }
        (Some(apps), None) => Either::Left(Either::Left(AppAuthLayer::new(apps))),
        (None, None) => return Err(Problem("there is nothing to protect the service with".into())),
    })
}

/// Reads a plug-in document.
pub(crate) fn load_plugin(path: &Path) -> Result<Plugin, Problem> {
    let name = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| Problem(format!("cannot read {name}: {error}")))?;
    Plugin::parse(&text).map_err(|error| Problem(format!("{name}: {error}")))
}

fn tokens(args: &Args, plugin: Plugin, replay: Replay) -> Result<JwtVerifier<Replay>, Problem> {
    let rule = args.restart_rule.unwrap_or(match args.policy {
        PolicyName::Strict => RestartRule::Refuse,
        PolicyName::Gateway => RestartRule::Accept,
    });
    let plugin = plugin.map_policy(|policy| policy.with_restart_rule(rule));
    JwtVerifier::from_plugin(plugin, replay).map_err(|error| Problem(error.to_string()))
}

fn policy(args: &Args) -> Policy {
    let mut policy = match args.policy {
        PolicyName::Strict => Policy::strict(),
        PolicyName::Gateway => Policy::gateway_compatible(),
    };
    if let Some(window) = args.window {
        policy = policy.with_window(Window::symmetric(window));
    }
    if let Some(bytes) = args.max_body {
        policy = policy.with_limits(Limits::default().with_max_body(bytes));
    }
    if let Some(rule) = args.restart_rule {
        policy = policy.with_restart_rule(rule);
    }
    policy
}

fn openapi_policy(args: &Args) -> OpenApiPolicy {
    let mut policy = match args.policy {
        PolicyName::Strict => OpenApiPolicy::strict(),
        PolicyName::Gateway => OpenApiPolicy::compatible(),
    };
    if let Some(window) = args.window {
        policy = policy.with_window(Window::symmetric(window));
    }
    if let Some(bytes) = args.max_body {
        policy = policy.with_limits(Limits::default().with_max_body(bytes));
    }
    if let Some(rule) = args.restart_rule {
        policy = policy.with_restart_rule(rule);
    }
    policy
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_restart_rule_follows_the_policy_unless_given() {
        let gateway = Args { policy: PolicyName::Gateway, ..Args::default() };
        assert_eq!(policy(&Args::default()), Policy::strict());
        assert_eq!(policy(&gateway), Policy::gateway_compatible());

        let refusing = Args { restart_rule: Some(RestartRule::Refuse), ..gateway };
        let expected = Policy::gateway_compatible().with_restart_rule(RestartRule::Refuse);
        assert_eq!(policy(&refusing), expected);

        assert_eq!(openapi_policy(&Args::default()), OpenApiPolicy::strict());
        let expected = OpenApiPolicy::compatible().with_restart_rule(RestartRule::Refuse);
        assert_eq!(openapi_policy(&refusing), expected);
    }

    #[test]
    fn the_window_has_two_sides_and_the_body_has_a_limit() {
        let longest = Duration::from_secs(u64::MAX);
        let args = Args { window: Some(longest), max_body: Some(7), ..Args::default() };
        let expected = Policy::strict()
            .with_window(Window::symmetric(longest))
            .with_limits(Limits::default().with_max_body(7));
        assert_eq!(policy(&args), expected);
        let expected = OpenApiPolicy::strict()
            .with_window(Window::symmetric(longest))
            .with_limits(Limits::default().with_max_body(7));
        assert_eq!(openapi_policy(&args), expected);
    }
}
