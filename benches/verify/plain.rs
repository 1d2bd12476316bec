//! The same rules as most would write them first: maps, strings and sorting, and a key that is hashed
//! anew for each request. It checks what the strict policy checks of these requests, no more.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::clock::{Clock, SystemClock};
use countersign::protocol::RequestHead;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderValue;
use md5::{Digest, Md5};
use percent_encoding::percent_decode_str;
use sha2::Sha256;

use crate::request::{app_key, secret_text};

pub(crate) struct Verifier {
    secrets: HashMap<String, String>,
    used: Mutex<HashSet<String>>,
}

impl Verifier {
    pub(crate) fn new(apps: usize) -> Self {
        let secrets = (0..apps).map(|app| (app_key(app), secret_text(app))).collect();
        Self { secrets, used: Mutex::default() }
    }

    pub(crate) fn accepts(&self, head: RequestHead<'_>, body: &[u8]) -> bool {
        let header = |name: &str| {
            let value = head.headers().get(name).map_or(&b""[..], HeaderValue::as_bytes);
            String::from_utf8_lossy(value).trim().to_owned()
        };
        let key = header("x-ca-key");
        let Some(secret) = self.secrets.get(&key) else { return false };
        let at: u64 = header("x-ca-timestamp").parse().unwrap_or(0);
        if SystemClock.wall().get().abs_diff(at) > 900_000 {
            return false;
        }
        let declared = header("x-ca-signature-headers");
        let names: Vec<_> = declared.split(',').map(str::trim).collect();
        if !["x-ca-key", "x-ca-timestamp", "x-ca-nonce"].iter().all(|name| names.contains(name)) {
            return false;
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(string_to_sign(head, body, &names, header).as_bytes());
        let Ok(signature) = STANDARD.decode(header("x-ca-signature")) else { return false };
        if mac.verify_slice(&signature).is_err() {
            return false;
        }
        let digest = header("content-md5");
        if !digest.is_empty() && digest != STANDARD.encode(Md5::digest(body)) {
            return false;
        }
        self.used.lock().unwrap().insert(format!("{key}:{}", header("x-ca-nonce")))
    }
}

fn string_to_sign(
    head: RequestHead<'_>,
    body: &[u8],
    names: &[&str],
    header: impl Fn(&str) -> String,
) -> String {
    let mut string = format!(
        "{}\n{}\n{}\n{}\n{}\n",
        head.method(),
        header("accept"),
        header("content-md5"),
        header("content-type"),
        header("date")
    );
    let signed: BTreeMap<_, _> = names.iter().map(|name| (*name, header(name))).collect();
    for (name, value) in signed {
        string.push_str(&format!("{name}:{value}\n"));
    }
    string.push_str(&percent_decode_str(head.path()).decode_utf8_lossy());
    let mut params = BTreeMap::new();
    let form = header("content-type").contains("form-urlencoded");
    let body = if form { String::from_utf8_lossy(body).into_owned() } else { String::new() };
    for pair in head.query().split('&').chain(body.split('&')) {
        if pair.is_empty() {
            continue;
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |text: &str| {
            percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
        };
        params.entry(decode(name)).or_insert_with(|| decode(value));
    }
    let params: Vec<_> = params
        .into_iter()
        .map(|(name, value)| if value.is_empty() { name } else { format!("{name}={value}") })
        .collect();
    if !params.is_empty() {
        string.push_str(&format!("?{}", params.join("&")));
    }
    string
}
