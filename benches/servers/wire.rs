//! Requests as bytes: whoever sends them has nothing to compute.

use http::header::CONTENT_LENGTH;

use crate::request::Signed;

pub(crate) fn encode(mut request: Signed) -> Vec<u8> {
    if !request.body.is_empty() {
        request.headers.insert(CONTENT_LENGTH, request.body.len().into());
    }
    let mut bytes = format!("{} {} HTTP/1.1\r\n", request.method, request.target).into_bytes();
    for (name, value) in &request.headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(&request.body);
    bytes
}

/// The length of the answer that begins with these bytes, if its head is whole.
pub(crate) fn answer_len(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).unwrap().to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:")).unwrap();
    Some(head + length.trim().parse::<usize>().unwrap())
}
