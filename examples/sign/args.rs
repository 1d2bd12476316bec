//! Which flags there are, and that none is ignored.

use std::ffi::OsString;

use countersign::sign::Stage;
use http::{HeaderName, HeaderValue, Method, Uri};
use lexopt::{Arg, Parser, ValueExt};

use crate::Problem;
use crate::input::{Secret, Text};
use crate::values::{against, field, header, stage, target, timestamp};

pub(crate) const USAGE: &str = "\
Usage: sign [METHOD] URL [OPTIONS]
       sign [METHOD URL] --explain ANSWER [OPTIONS]

Prints the string to sign of a call, its headers, and a curl command that works once.

  -H, --header 'NAME: VALUE'   a header; with X-Ca-Signature the call is taken as it is
  -d, --data TEXT              the body as it is; @FILE reads a file, @- the standard input
      --form NAME=VALUE        a field of a form body; may be given again
      --key KEY                the AppKey
      --secret SECRET          the AppSecret; others on this machine may see it while this
                               runs, and the shell remembers it. Better:
      --secret-file FILE       the AppSecret in a file; a line end at its end is no part of it
      COUNTERSIGN_SECRET       the AppSecret in the environment
      --sign-header NAME       sign this header, too; may be given again
      --stage STAGE            release, pre or test
      --accept TEXT            the Accept header [*/*; with --explain, the server's]; '' is none
      --sha1                   sign with HmacSHA1
      --raw-path               sign the path as it is on the wire
      --timestamp MILLIS       X-Ca-Timestamp [now]
      --nonce TEXT             X-Ca-Nonce [a random UUID]

Why a call was refused:

      --explain ANSWER         the answer's X-Ca-Error-Message, or all of its head; @FILE, @-
      --string TEXT            what the client signed, if it is another program, byte for byte;
                               @FILE, @-
      --against URL            send the call to this server, and explain its answer; a path
                               of its own replaces the signed one
  -h, --help                   print this

What --explain is not told of the call (nonce, timestamp, which headers are signed, Accept), it takes
from the server's string; Content-Type and the like must be given. With --string it needs nothing
else. It judges the secret, too, if it is given the whole call: every header with -H, X-Ca-Signature
among them, and the AppSecret.

Exit code 0: printed, or accepted. 1: refused and explained. 2: neither could be done.
";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Run(Box<Args>),
}

/// A call, and what to do with it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Args {
    pub(crate) task: Task,
    /// `None`: `GET`, or `POST` if there is a body.
    pub(crate) method: Option<Method>,
    pub(crate) url: Option<Uri>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) data: Option<Text>,
    pub(crate) form: Vec<(String, String)>,
    pub(crate) key: Option<String>,
    pub(crate) secret: Option<Secret>,
    pub(crate) signed_headers: Vec<HeaderName>,
    pub(crate) stage: Option<Stage>,
    pub(crate) accept: Option<String>,
    pub(crate) sha1: bool,
    pub(crate) raw_path: bool,
    pub(crate) timestamp: Option<u64>,
    pub(crate) nonce: Option<String>,
    pub(crate) string: Option<Text>,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) enum Task {
    #[default]
    Print,
    Explain(Text),
    Against(Uri),
}

impl Args {
    /// Reads a command line; its first word is the program.
    pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Command, Problem> {
        let mut args = Self::default();
        let mut places = Vec::new();
        let mut given = Vec::new();
        let mut parser = Parser::from_iter(words);
        while let Some(arg) = parser.next()? {
            let flag = match arg {
                Arg::Short('h') | Arg::Long("help") => return Ok(Command::Help),
                Arg::Short('H') => "header".to_owned(),
                Arg::Short('d') => "data".to_owned(),
                Arg::Long(flag) => flag.to_owned(),
                Arg::Value(word) => {
                    places.push(word.string()?);
                    continue;
                }
                other => return Err(other.unexpected().into()),
            };
            args.take(&flag, &mut parser)?;
            let may_be_repeated = ["header", "form", "sign-header"].contains(&flag.as_str());
            if given.contains(&flag) && !may_be_repeated {
                return Err(Problem(format!("--{flag} is given twice")));
            }
            given.push(flag);
        }
        args.take_places(places)?;
        args.check(&given)?;
        Ok(Command::Run(Box::new(args)))
    }

    fn take(&mut self, flag: &str, parser: &mut Parser) -> Result<(), Problem> {
        let mut word = || parser.value()?.string();
        match flag {
            "header" => self.headers.push(header(&word()?)?),
            "data" => self.data = Some(Text::parse(word()?)),
            "form" => self.form.push(field(&word()?)?),
            "key" => self.key = Some(word()?),
            "secret" => self.secret = Some(Secret(word()?)),
            "secret-file" => self.secret = Some(Secret::of_file(word()?.into())?),
            "sign-header" => self.signed_headers.push(word()?.parse()?),
            "stage" => self.stage = Some(stage(&word()?)?),
            "accept" => self.accept = Some(word()?),
            "sha1" => self.sha1 = true,
            "raw-path" => self.raw_path = true,
            "timestamp" => self.timestamp = Some(timestamp(&word()?)?),
            "nonce" => self.nonce = Some(word()?),
            "string" => self.string = Some(Text::parse(word()?)),
            "explain" => self.task = Task::Explain(Text::parse(word()?)),
            "against" => self.task = Task::Against(against(&word()?)?),
            _ => return Err(Arg::Long(flag).unexpected().into()),
        }
        Ok(())
    }

    fn take_places(&mut self, places: Vec<String>) -> Result<(), Problem> {
        let mut places = places.into_iter();
        let (first, second) = (places.next(), places.next());
        if let Some(other) = places.next() {
            return Err(Problem(format!("{other:?} is neither METHOD nor URL")));
        }
        let url = match (first, second) {
            (Some(method), Some(url)) => {
                let parsed = Method::from_bytes(method.as_bytes());
                self.method =
                    Some(parsed.map_err(|_| Problem(format!("{method:?} is no method")))?);
                Some(url)
            }
            (url, _) => url,
        };
        self.url = url.as_deref().map(target).transpose()?;
        Ok(())
    }

    fn check(&self, given: &[String]) -> Result<(), Problem> {
        let has = |flag: &str| given.iter().any(|other| other == flag);
        for (one, other) in [("data", "form"), ("secret", "secret-file"), ("explain", "against")] {
            if has(one) && has(other) {
                return Err(Problem(format!("--{one} and --{other} exclude each other")));
            }
        }
        let explains = matches!(self.task, Task::Explain(_));
        if self.string.is_some() && self.task == Task::Print {
            return Err(Problem("--string takes --explain or --against".to_owned()));
        }
        if self.url.is_none() && !(explains && self.string.is_some()) {
            return Err(Problem("there is no URL (--help lists the options)".to_owned()));
        }
        let inputs = [&self.data, &self.string];
        let explained = match &self.task {
            Task::Explain(text) => Some(text),
            _ => None,
        };
        let inputs = inputs.into_iter().flatten().chain(explained);
        if inputs.filter(|input| **input == Text::StandardInput).count() > 1 {
            return Err(Problem("the standard input can be read once".to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Args, Problem> {
        let words = std::iter::once("sign").chain(words.iter().copied());
        match Args::parse(words.map(OsString::from))? {
            Command::Run(args) => Ok(*args),
            Command::Help => Err(Problem("help".to_owned())),
        }
    }

    #[test]
    fn every_flag_is_understood() {
        let line = "PUT http://h/a?b=c -H X-A:b:c --header=x-b: -d {} --key k --secret s \
                    --sign-header x-a --stage test --accept a/b --sha1 --raw-path --timestamp 7 \
                    --nonce n --string @- --explain x";
        let header = |name: &'static str, value: &'static str| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let expected = Args {
            task: Task::Explain(Text::Itself("x".to_owned())),
            method: Some(Method::PUT),
            url: Some(Uri::from_static("http://h/a?b=c")),
            headers: vec![header("x-a", "b:c"), header("x-b", "")],
            data: Some(Text::Itself("{}".to_owned())),
            form: Vec::new(),
            key: Some("k".to_owned()),
            secret: Some(Secret("s".to_owned())),
            signed_headers: vec![HeaderName::from_static("x-a")],
            stage: Some(Stage::Test),
            accept: Some("a/b".to_owned()),
            sha1: true,
            raw_path: true,
            timestamp: Some(7),
            nonce: Some("n".to_owned()),
            string: Some(Text::StandardInput),
        };
        assert_eq!(parse(&line.split_whitespace().collect::<Vec<_>>()), Ok(expected));
        let form = parse(&["/a", "--form", "a=b=c", "--form", "d="]).unwrap().form;
        assert_eq!(form, [("a".to_owned(), "b=c".to_owned()), ("d".to_owned(), String::new())]);
        let bare = parse(&["--string", "@s", "--explain", "x"]).unwrap();
        assert_eq!((bare.url, bare.string), (None, Some(Text::File("s".into()))));
        for help in ["-h", "--help"] {
            assert_eq!(parse(&["/", help]), Err(Problem("help".to_owned())));
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_with_one_line_that_names_it() {
        for (words, named) in [
            (&[][..], "there is no URL"),
            (&["--explain", "x"], "there is no URL"),
            (&["GET", "/", "more"], "\"more\""),
            (&["G T", "/"], "\"G T\""),
            (&["hello"], "neither a URL nor a path"),
            (&["ftp://h/"], "ftp"),
            (&["/a b"], "/a b"),
            (&["/你"], "escape what is not ASCII"),
            (&["/a#b"], "fragment"),
            (&["/", "--verbose"], "--verbose"),
            (&["/", "-x"], "-x"),
            (&["/", "-H", "no header"], "no header"),
            (&["/", "-H", "Authorization : hush\u{7f}"], "Authorization"),
            (&["/", "--form", "a"], "NAME=VALUE"),
            (&["/", "--stage", "beta"], "beta"),
            (&["/", "--timestamp", "now"], "milliseconds"),
            (&["/", "--against", "/path"], "--against takes http://"),
            (&["/", "--key", "a", "--key", "b"], "--key is given twice"),
            (&["/", "-d", "a", "--data", "b"], "--data is given twice"),
            (&["/", "-d", "a", "--form", "b=c"], "exclude each other"),
            (&["/", "--explain", "x", "--against", "http://h"], "exclude each other"),
            (&["/", "--string", "x"], "--string takes --explain or --against"),
            (&["/", "-d", "@-", "--string", "@-", "--explain", "x"], "can be read once"),
            (&["/", "--secret-file", "no/such"], "cannot read no/such"),
        ] {
            let Err(Problem(problem)) = parse(words) else { panic!("{words:?} is accepted") };
            assert!(problem.contains(named) && !problem.contains("hush"), "{words:?}: {problem}");
            assert_eq!(problem.lines().count(), 1, "{words:?}: {problem}");
        }
    }
}
