//! The call that the command line describes, and its signature.

use std::fmt;

use countersign::clock::UnixMillis;
use countersign::credential::{AppKey, AppSecret};
use countersign::header;
use countersign::protocol::{BodyLength, PathForm, RequestHead, SignatureMethod, is_form};
use countersign::sign::{
    AcceptPolicy, FormBody, SignError, SignableBody, SignableRequest, Signer, SigningInstructions,
    Stamp,
};
use http::{HeaderMap, HeaderValue, Method, Uri};

use crate::args::Args;
use crate::input::Text;
use crate::print::{Headers, StringLines};
use crate::{Problem, curl};

/// A request that is not signed yet.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) target: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    /// The file that the body is in, for whoever cannot be given it on a command line.
    body_file: Option<String>,
    string_to_sign: Vec<u8>,
}

impl Call {
    /// The request as the command line describes it.
    pub(crate) fn described(args: &Args) -> Result<Self, Problem> {
        let target = args.url.clone().ok_or_else(|| Problem("there is no URL".to_owned()))?;
        let mut headers = HeaderMap::new();
        for (name, value) in &args.headers {
            headers.append(name.clone(), value.clone());
        }
        let form = FormBody::new(args.form.iter().map(|(name, value)| (name, value)));
        let body = match &args.data {
            Some(data) => data.bytes()?,
            None => form.into_bytes(),
        };
        if !args.form.is_empty() && !headers.contains_key(header::CONTENT_TYPE) {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(header::CONTENT_TYPE, form);
        }
        let body_file = match &args.data {
            Some(Text::File(path)) => path.to_str().map(|path| format!("@{path}")),
            _ => None,
        };
        let usual = if body.is_empty() { Method::GET } else { Method::POST };
        let method = args.method.clone().unwrap_or(usual);
        Ok(Self { body_file, ..Self::new(method, target, headers, body) })
    }

    pub(crate) const fn new(
        method: Method,
        target: Uri,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Self {
        Self { method, target, headers, body, body_file: None, string_to_sign: Vec::new() }
    }

    /// The request with what signing adds. One with a signature of its own stays as it is.
    pub(crate) fn signed(mut self, args: &Args) -> Result<Self, Problem> {
        let key = args.key.clone().or_else(|| self.text(&header::KEY));
        let key = key.ok_or_else(|| Problem("--key is missing".to_owned()))?;
        let secret = args.secret.as_ref().map(|secret| secret.0.as_str());
        let is_signed = self.headers.contains_key(header::SIGNATURE);
        let secret = match (secret, is_signed) {
            (Some(secret), _) => secret,
            (None, true) => UNUSED_SECRET,
            (None, false) => {
                let missing =
                    "the AppSecret is missing: COUNTERSIGN_SECRET, --secret-file or --secret";
                return Err(Problem(missing.to_owned()));
            }
        };
        let signer = signer(args, &key, secret)?;
        let declares = self.headers.contains_key(header::SIGNATURE_HEADERS);
        let instructions = match is_signed || declares {
            true => self.as_declared(&signer)?,
            false => {
                let stamp = self.stamp(args, &signer)?;
                signer.sign_stamped(&self.signable(), &stamp).map_err(unsignable)?
            }
        };
        self.string_to_sign = instructions.string_to_sign().to_vec();
        if !is_signed {
            instructions.apply_to(&mut self.headers)?;
        }
        Ok(self)
    }

    /// Makes the string to sign as the request's own headers say, for comparing it with what a server
    /// has seen. The signature is thrown away.
    pub(crate) fn sign_for_comparison(&mut self, args: &Args) -> Result<(), Problem> {
        let signer = signer(args, "unused", UNUSED_SECRET)?;
        self.string_to_sign = self.as_declared(&signer)?.string_to_sign().to_vec();
        Ok(())
    }

    fn as_declared(&self, signer: &Signer) -> Result<SigningInstructions, Problem> {
        signer.sign_as_declared(&self.signable()).map_err(unsignable)
    }

    fn signable(&self) -> SignableRequest<'_> {
        let body = SignableBody::Bytes(&self.body);
        SignableRequest::new(&self.method, &self.target, &self.headers, body)
    }

    /// What is not on the command line is in the headers, or new.
    fn stamp(&self, args: &Args, signer: &Signer) -> Result<Stamp, Problem> {
        let fresh = Stamp::fresh(signer.now())?;
        let at = self.text(&header::TIMESTAMP).and_then(|text| text.parse().ok());
        let at = args.timestamp.or(at).map_or(fresh.at(), UnixMillis::new);
        let nonce = args.nonce.clone().or_else(|| self.text(&header::NONCE));
        let nonce = nonce.map_or(fresh.nonce().to_vec(), String::into_bytes);
        Ok(Stamp::new(at, nonce)?)
    }

    fn text(&self, name: &http::HeaderName) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(str::to_owned)
    }

    pub(crate) fn head(&self) -> RequestHead<'_> {
        let length = u64::try_from(self.body.len()).unwrap_or(u64::MAX);
        RequestHead::new(&self.method, &self.target, &self.headers, BodyLength::Known(length))
    }

    pub(crate) fn string_to_sign(&self) -> &[u8] {
        &self.string_to_sign
    }

    pub(crate) fn is_form(&self) -> bool {
        let content_type = self.headers.get(header::CONTENT_TYPE);
        content_type.is_some_and(|value| is_form(value.as_bytes()))
    }

    /// What to paste into a shell.
    pub(crate) fn curl(&self) -> String {
        match (self.target.scheme(), curl::line(self, self.body_file.as_deref())) {
            (None, _) => "A whole URL gives a curl command, too.\n".to_owned(),
            (_, Err(Problem(reason))) => format!("There is no curl command: {reason}.\n"),
            (_, Ok(line)) => format!(
                "It works once, and while its timestamp is fresh: sign every call anew.\n\n{line}\n"
            ),
        }
    }
}

/// For strings alone: what is signed with it is thrown away.
const UNUSED_SECRET: &str = "unused";

fn unsignable(error: SignError) -> Problem {
    Problem(format!("this call cannot be signed: {error}"))
}

fn signer(args: &Args, key: &str, secret: &str) -> Result<Signer, Problem> {
    let mut signer = Signer::new(AppKey::new(key)?, AppSecret::new(secret)?)?
        .with_signed_headers(args.signed_headers.iter().cloned())?;
    if args.sha1 {
        signer = signer.with_signature_method(SignatureMethod::HmacSha1);
    }
    if args.raw_path {
        signer = signer.with_path_form(PathForm::Raw);
    }
    if let Some(stage) = args.stage {
        signer = signer.with_stage(stage);
    }
    if let Some(accept) = &args.accept {
        signer = signer.with_accept(match accept.as_str() {
            "" => AcceptPolicy::AsSent,
            text => AcceptPolicy::IfAbsent(HeaderValue::from_str(text)?),
        });
    }
    Ok(signer)
}

/// The string to sign line by line, and the headers.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = StringLines(&self.string_to_sign);
        write!(f, "string to sign\n{lines}\nheaders\n{}", Headers(&self.headers))
    }
}
