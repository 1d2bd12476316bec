//! Many bodies at once: every byte of each, both ways.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use countersign::clock::{Clock, SystemClock};
use http::{HeaderValue, Request, Response, Version};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Either, Empty, Full, StreamBody};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

use crate::example_server::{APP_CODE, KEY, SECRET};
use crate::proxy::Proxy;
use crate::support::Call;

/// Bytes that look random and are the same for the same seed.
struct Noise {
    state: u64,
    left: usize,
    /// Whether its length is told before.
    told: bool,
}

impl Noise {
    fn new(seed: u64, length: usize, told: bool) -> Self {
        Self { state: seed | 1, left: length, told }
    }

    fn next(&mut self, most: usize) -> Bytes {
        let length = self.left.min(most);
        self.left -= length;
        let mut bytes = Vec::with_capacity(length + 8);
        while bytes.len() < length {
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            bytes.extend(self.state.to_le_bytes());
        }
        bytes.truncate(length);
        bytes.into()
    }
}

impl Body for Noise {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        // Whole words, so that pieces of any size are the same bytes.
        let most = 8 * (1 + usize::try_from(self.state % 2048).unwrap());
        Poll::Ready((self.left > 0).then(|| Ok(Frame::data(self.next(most)))))
    }

    fn is_end_stream(&self) -> bool {
        self.told && self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        match self.told {
            true => SizeHint::with_exact(self.left as u64),
            false => SizeHint::default(),
        }
    }
}

/// A service that sends back what it is sent, as it comes.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = service_fn(async |request: Request<Incoming>| {
                let version = HeaderValue::from_str(&format!("{:?}", request.version())).unwrap();
                let mut response = Response::new(request.into_body());
                response.headers_mut().insert("x-version", version);
                response.headers_mut().insert("trailer", HeaderValue::from_static("x-sum"));
                Ok::<_, Infallible>(response)
            });
            tokio::spawn(async move {
                let server = auto::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    address
}

type Caller<B> = Client<HttpConnector, B>;

fn caller<
    B: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>> + Send + 'static,
>(
    version: Version,
) -> Caller<B>
where
    B::Data: Send,
{
    Client::builder(TokioExecutor::new()).http2_only(version == Version::HTTP_2).build_http()
}

/// The answer's body is the one that was sent.
async fn same(mut answer: Response<Incoming>, seed: u64, length: usize) {
    assert_eq!(answer.status(), 200, "{:?}", answer.headers());
    let mut sent = Noise::new(seed, length, true);
    let (mut expected, mut at) = (Bytes::new(), 0);
    while let Some(frame) = answer.body_mut().frame().await {
        let mut data = frame.unwrap().into_data().unwrap();
        while !data.is_empty() {
            if expected.is_empty() {
                expected = sent.next(1 << 16);
            }
            let shared = data.len().min(expected.len());
            assert!(shared > 0, "more than {length} bytes came back");
            assert!(data.split_to(shared) == expected.split_to(shared), "near {at} of {length}");
            at += shared;
        }
    }
    assert_eq!(at, length);
}

const LENGTHS: [usize; 12] =
    [0, 1, 7, 1023, 16_384, 65_535, 65_537, 300_001, 1 << 20, (1 << 20) + 1, 5_000_003, 8 << 20];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the reverse proxy: run scripts/test"]
async fn every_byte_of_many_bodies_at_once_goes_both_ways() {
    let service = echo().await;
    let proxy = Proxy::before(&format!("http://{service}"));
    let old = caller::<Noise>(Version::HTTP_11);
    let new = caller::<Noise>(Version::HTTP_2);
    let mut running = tokio::task::JoinSet::new();
    for number in 0..72 {
        let caller = if number % 3 == 0 { new.clone() } else { old.clone() };
        let url = format!("{}/{number}", proxy.server.url);
        running.spawn(async move {
            for round in 0..3 {
                let length = LENGTHS[(number + 5 * round) % LENGTHS.len()];
                let seed = (number * 1000 + round) as u64 + 77;
                let body = Noise::new(seed, length, (number + round) % 2 == 0);
                let request = Request::post(&url)
                    .header("authorization", format!("APPCODE {APP_CODE}"))
                    .body(body)
                    .unwrap();
                same(caller.request(request).await.unwrap(), seed, length).await;
            }
        });
    }
    let mut done = 0;
    while let Some(result) = running.join_next().await {
        result.unwrap();
        done += 1;
    }
    assert_eq!(done, 72);
    let counted = proxy.counted("reverse_proxy_answers_total");
    assert_eq!(counted, [r#"reverse_proxy_answers_total{status="200"} 216"#]);
    let in_flight = proxy.counted("reverse_proxy_requests_in_flight");
    assert_eq!(in_flight, ["reverse_proxy_requests_in_flight 0"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the reverse proxy: run scripts/test"]
async fn every_byte_of_signed_bodies_goes_both_ways() {
    let service = echo().await;
    let proxy = Proxy::before(&format!("http://{service}"));
    let caller = caller::<Either<Full<Bytes>, Noise>>(Version::HTTP_11);
    let mut running = tokio::task::JoinSet::new();
    for (number, length) in LENGTHS.into_iter().cycle().take(50).enumerate() {
        let length = length.min(1 << 20);
        let (caller, url, seed) = (caller.clone(), proxy.server.url.clone(), number as u64 + 9);
        running.spawn(async move {
            let body = Noise::new(seed, length, true).next(length);
            let call = Call::post("/a?b=c").key(KEY, SECRET).timestamp(SystemClock.wall());
            let wire =
                call.header("content-type", "application/octet-stream").digested(&body).sign();
            let mut request = Request::post(format!("{url}/a?b=c"));
            request.headers_mut().unwrap().extend(wire.headers.clone());
            let body = match number % 2 {
                0 => Either::Left(Full::new(body)),
                _ => Either::Right(Noise::new(seed, length, false)),
            };
            same(caller.request(request.body(body).unwrap()).await.unwrap(), seed, length).await;
        });
    }
    while let Some(result) = running.join_next().await {
        result.unwrap();
    }
}

#[tokio::test]
#[ignore = "needs the reverse proxy: run scripts/test"]
async fn http_2_is_spoken_on_either_side_or_both_with_trailers() {
    let service = format!("http://{}", echo().await);
    let old = Proxy::before(&service);
    let new = Proxy::with(&service, &["--upstream-http2"]);
    for (proxy, spoken) in [(&old, "HTTP/1.1"), (&new, "HTTP/2.0")] {
        for version in [Version::HTTP_11, Version::HTTP_2] {
            let mut sums = http::HeaderMap::new();
            sums.insert("x-sum", HeaderValue::from_static("1"));
            sums.insert("x-authenticated-app-id", HeaderValue::from_static("root"));
            let frames =
                [Ok::<_, Infallible>(Frame::data(Bytes::from("abc"))), Ok(Frame::trailers(sums))];
            let body = StreamBody::new(futures_util::stream::iter(frames));
            let request = Request::post(format!("{}/", proxy.server.url))
                .version(version)
                .header("authorization", format!("APPCODE {APP_CODE}"))
                .header("te", "trailers")
                .header("trailer", "x-sum, x-authenticated-app-id")
                .body(body)
                .unwrap();
            let answer = caller(version).request(request).await.unwrap();
            assert_eq!((answer.status().as_u16(), answer.version()), (200, version));
            assert_eq!(answer.headers()["x-version"], spoken);
            let collected = answer.into_body().collect().await.unwrap();
            let trailers = collected.trailers().unwrap();
            assert_eq!((trailers.len(), &trailers["x-sum"]), (1, &HeaderValue::from_static("1")));
            assert_eq!(collected.to_bytes(), "abc");
        }
        let request = Request::get(format!("{}/", proxy.server.url))
            .header("authorization", format!("APPCODE {APP_CODE}"))
            .body(Empty::<Bytes>::new())
            .unwrap();
        let answer = caller(Version::HTTP_2).request(request).await.unwrap();
        assert_eq!(answer.status(), 200);
    }
}
