//! Which flags there are, and that none is ignored: what is unknown, malformed, given twice or not
//! built yet is refused.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use countersign::verify::RestartRule;
use lexopt::{Arg, Parser, ValueExt};

use super::Problem;

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Serve(Args),
}

/// How to serve.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Args {
    pub(crate) listen: String,
    /// `None`: a demo app.
    pub(crate) apps: Option<PathBuf>,
    pub(crate) family: Family,
    pub(crate) policy: PolicyName,
    /// `None`: the policy's own.
    pub(crate) window: Option<Duration>,
    pub(crate) max_body: Option<u64>,
    pub(crate) restart_rule: Option<RestartRule>,
    /// The JWT plug-in's document. `None`: no token is asked for.
    pub(crate) jwt: Option<PathBuf>,
    pub(crate) memory: Memory,
}

/// Where it is remembered what was accepted: in one place.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Memory {
    /// Until this process ends.
    #[default]
    Process,
    /// Across restarts.
    File(PathBuf),
    /// For all servers that ask this Redis.
    Redis(RedisUrl),
}

/// Not shown: there may be a password in it.
#[derive(PartialEq, Eq)]
pub(crate) struct RedisUrl(String);

impl RedisUrl {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisUrl(…)")
    }
}

/// Whose signatures are verified.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Family {
    /// Those of the gateway's clients.
    #[default]
    Gateway,
    /// Those of OpenAPI clients.
    OpenApi,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PolicyName {
    #[default]
    Strict,
    Gateway,
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Strict => "strict",
            Self::Gateway => "gateway",
        })
    }
}

/// The flags that one server has and the others have not.
pub(crate) trait OwnFlags {
    /// What the server does with an authentic request.
    const ABOUT: &'static str;
    /// Its flags, as its usage lists them.
    const USAGE: &'static str;
    /// Whose signatures it may be asked to verify.
    const FAMILIES: &'static [Family];

    /// Takes the value of a flag of its own. `false`: it has no such flag.
    fn take(&mut self, flag: &str, parser: &mut Parser) -> Result<bool, Problem>;

    /// What is missing, or does not go together, once all are taken.
    fn check(&self) -> Result<(), Problem>;
}

pub(crate) fn usage<O: OwnFlags>(name: &str) -> String {
    let (about, own) = (O::ABOUT, O::USAGE);
    format!(
        "\
Usage: {name} [OPTIONS]

{about} Without --apps and --jwt it makes up a demo app.

  --listen ADDRESS        where to listen [127.0.0.1:8080]; port 0 takes a free one
  --apps FILE.yaml        the apps that may call; it is read again when it changes
  --policy POLICY         strict: the safe part of what the gateway accepts
                          gateway: all of it [strict]
  --window-secs SECONDS   how old, and how far ahead, a timestamp may be [900]
  --max-body BYTES        the longest body [8388608]; a form has at most 1048576
  --restart-rule RULE     refuse or accept what was signed before the start
                          [refuse if strict, else accept]
  --jwt PLUGIN.yaml       the gateway's JWT plug-in document: asks for a token; with
                          --apps, too, for both, or with `orAppAuth: true` for either;
                          it listens from the next whole second on, because tokens are
                          dated in seconds, and older ones may have been used before
  --state FILE            what was accepted before a restart is remembered in FILE and
                          beside it; without it, what was signed before is refused
  --redis URL             what was accepted is remembered in this Redis or Valkey, for all
                          servers that use it: redis://[[USER]:PASSWORD@]HOST[:PORT][/DB]
                          or rediss://, for TLS; not with --state
{own}  -h, --help              print this

An apps file:

  apps:
    - appId: demo
      appKey: \"203710001\"
      appSecret: \"...\"                    # or {{env: NAME}}, or {{file: PATH}}
      appCode: \"...\"                      # optional; the same three
      enabled: true                       # optional
      expiresAt: 2027-01-01T00:00:00Z     # optional
      accessKeys:                         # optional: what OpenAPI clients sign with
        - accessKeyId: LTAI5tExample
          accessKeySecret: \"...\"          # or {{env: NAME}}, or {{file: PATH}}
"
    )
}

impl Default for Args {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            apps: None,
            family: Family::default(),
            policy: PolicyName::default(),
            window: None,
            max_body: None,
            restart_rule: None,
            jwt: None,
            memory: Memory::default(),
        }
    }
}

impl Args {
    /// Reads a command line; its first word is the program.
    pub(crate) fn parse<O: OwnFlags>(
        words: impl IntoIterator<Item = OsString>,
        own: &mut O,
    ) -> Result<Command, Problem> {
        let mut args = Self::default();
        let mut given = Vec::new();
        let mut parser = Parser::from_iter(words);
        while let Some(arg) = parser.next()? {
            let flag = match arg {
                Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
                Arg::Long(flag) => flag.to_owned(),
                other => return Err(other.unexpected().into()),
            };
            match flag.as_str() {
                "listen" => args.listen = parser.value()?.string()?,
                "apps" => args.apps = Some(parser.value()?.into()),
                "openapi" if O::FAMILIES.contains(&Family::OpenApi) => {
                    args.family = Family::OpenApi;
                }
                "policy" => args.policy = choice(&mut parser, &flag, &POLICIES)?,
                "window-secs" => {
                    args.window = Some(Duration::from_secs(number(&mut parser, &flag)?));
                }
                "max-body" => args.max_body = Some(number(&mut parser, &flag)?),
                "restart-rule" => {
                    args.restart_rule = Some(choice(&mut parser, &flag, &RESTART_RULES)?);
                }
                "jwt" => args.jwt = Some(parser.value()?.into()),
                "state" => args.memory = Memory::File(parser.value()?.into()),
                "redis" => args.memory = Memory::Redis(redis_url(&mut parser)?),
                _ if own.take(&flag, &mut parser)? => {}
                _ => return Err(Arg::Long(&flag).unexpected().into()),
            }
            if given.contains(&flag) {
                return Err(Problem(format!("--{flag} is given twice")));
            }
            given.push(flag);
        }
        if ["state", "redis"].iter().all(|flag| given.iter().any(|given| given == flag)) {
            return Err(Problem("--state and --redis: it is remembered in one place".into()));
        }
        if args.family == Family::OpenApi {
            if args.jwt.is_some() {
                return Err(Problem("--openapi and --jwt: OpenAPI clients send no token".into()));
            }
            if args.apps.is_none() {
                return Err(Problem(
                    "--openapi needs --apps: the demo app has no AccessKey".into(),
                ));
            }
        }
        own.check()?;
        Ok(Command::Serve(args))
    }
}

const POLICIES: [(&str, PolicyName); 2] =
    [("strict", PolicyName::Strict), ("gateway", PolicyName::Gateway)];
const RESTART_RULES: [(&str, RestartRule); 2] =
    [("refuse", RestartRule::Refuse), ("accept", RestartRule::Accept)];

fn choice<T: Copy>(
    parser: &mut Parser,
    flag: &str,
    choices: &[(&str, T); 2],
) -> Result<T, Problem> {
    let word = parser.value()?.string()?;
    let found = choices.iter().find(|(name, _)| *name == word);
    found.map(|(_, choice)| *choice).ok_or_else(|| {
        let [(first, _), (second, _)] = choices;
        Problem(format!("--{flag} is {first} or {second}, not {word:?}"))
    })
}

pub(crate) fn number(parser: &mut Parser, flag: &str) -> Result<u64, Problem> {
    let word = parser.value()?.string()?;
    word.parse().map_err(|_| {
        Problem(format!("--{flag} is a whole number from 0 to {}, not {word:?}", u64::MAX))
    })
}

fn redis_url(parser: &mut Parser) -> Result<RedisUrl, Problem> {
    let word = parser.value()?;
    word.into_string().map(RedisUrl).map_err(|_| Problem("--redis is not UTF-8".into()))
}

impl From<lexopt::Error> for Problem {
    fn from(error: lexopt::Error) -> Self {
        Self(format!("{error} (--help lists the options)"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server without flags of its own.
    struct NoFlags;

    impl OwnFlags for NoFlags {
        const ABOUT: &'static str = "";
        const USAGE: &'static str = "";
        const FAMILIES: &'static [Family] = &[Family::Gateway];

        fn take(&mut self, _: &str, _: &mut Parser) -> Result<bool, Problem> {
            Ok(false)
        }

        fn check(&self) -> Result<(), Problem> {
            Ok(())
        }
    }

    fn parse(line: &str) -> Result<Command, Problem> {
        parse_for(NoFlags, line)
    }

    fn parse_for(mut own: impl OwnFlags, line: &str) -> Result<Command, Problem> {
        let words = std::iter::once("server").chain(line.split_whitespace());
        Args::parse(words.map(OsString::from), &mut own)
    }

    /// A server that takes OpenAPI clients, too.
    struct Both;

    impl OwnFlags for Both {
        const ABOUT: &'static str = "";
        const USAGE: &'static str = "";
        const FAMILIES: &'static [Family] = &[Family::Gateway, Family::OpenApi];

        fn take(&mut self, _: &str, _: &mut Parser) -> Result<bool, Problem> {
            Ok(false)
        }

        fn check(&self) -> Result<(), Problem> {
            Ok(())
        }
    }

    #[test]
    fn openapi_needs_apps_and_takes_no_token() {
        let apps = Some("a.yaml".into());
        let expected = Args { apps, family: Family::OpenApi, ..Args::default() };
        assert_eq!(parse_for(Both, "--openapi --apps a.yaml"), Ok(Command::Serve(expected)));
        for (line, named) in [
            ("--openapi", "--openapi needs --apps"),
            ("--openapi --apps a --jwt b", "--openapi and --jwt: "),
            ("--openapi --openapi --apps a", "--openapi is given twice"),
            ("--openapi=yes --apps a", "yes"),
        ] {
            let Err(Problem(problem)) = parse_for(Both, line) else { panic!("{line} is accepted") };
            assert!(problem.contains(named), "{line}: {problem}");
        }
        let Err(Problem(problem)) = parse("--openapi --apps a") else { panic!("it is accepted") };
        assert!(problem.contains("--openapi"), "{problem}");
    }

    #[test]
    fn every_flag_is_understood() {
        let all = "--listen [::1]:0 --apps a.yaml --policy=gateway --window-secs 20 --max-body 30 \
                   --restart-rule refuse --jwt plugin.yaml --state state";
        let expected = Args {
            listen: "[::1]:0".to_owned(),
            apps: Some("a.yaml".into()),
            family: Family::Gateway,
            policy: PolicyName::Gateway,
            window: Some(Duration::from_secs(20)),
            max_body: Some(30),
            restart_rule: Some(RestartRule::Refuse),
            jwt: Some("plugin.yaml".into()),
            memory: Memory::File("state".into()),
        };
        assert_eq!(parse(all), Ok(Command::Serve(expected)));
        assert_eq!(parse(""), Ok(Command::Serve(Args::default())));
        for help in ["-h", "--help", "--listen x --help"] {
            assert_eq!(parse(help), Ok(Command::Help), "{help}");
        }
        let memory = Memory::Redis(RedisUrl("rediss://:pw@h:1/2".to_owned()));
        assert!(!format!("{memory:?}").contains("pw"));
        let shared = Args { memory, ..Args::default() };
        assert_eq!(parse("--redis rediss://:pw@h:1/2"), Ok(Command::Serve(shared)));
        let longest = Args { window: Some(Duration::from_secs(u64::MAX)), ..Args::default() };
        assert_eq!(parse(&format!("--window-secs {}", u64::MAX)), Ok(Command::Serve(longest)));
    }

    #[test]
    fn what_is_not_understood_is_refused_with_one_line_that_names_it() {
        for (line, named) in [
            ("--verbose", "--verbose"),
            ("-v", "-v"),
            ("here", "here"),
            ("--listen", "--listen"),
            ("--policy lax", "lax"),
            ("--window-secs -1", "-1"),
            ("--window-secs 15m", "15m"),
            ("--window-secs 18446744073709551616", "18446744073709551616"),
            ("--max-body 8MiB", "8MiB"),
            ("--restart-rule maybe", "maybe"),
            ("--policy strict --policy gateway", "--policy is given twice"),
            ("--jwt", "--jwt"),
            ("--redis", "--redis"),
            ("--redis redis://a --redis redis://b", "--redis is given twice"),
            ("--redis redis://a --state b", "--state and --redis: "),
            ("--state b --redis redis://a", "--state and --redis: "),
            ("--state", "--state"),
            ("--state a --state b", "--state is given twice"),
        ] {
            let Err(Problem(problem)) = parse(line) else { panic!("{line} is accepted") };
            assert!(problem.contains(named), "{line}: {problem}");
            assert_eq!(problem.lines().count(), 1, "{line}: {problem}");
        }
    }
}
