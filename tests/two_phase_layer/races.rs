//! Many at once, and callers who go away at any point.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use axum::body::Body;
use countersign::middleware::{Release, RequestBody};
use http::{Request, Response};
use proptest::prelude::*;
use tower::{Layer, ServiceExt, service_fn};

use crate::service::{Bench, Broken, Does, Handler, request, send};
use crate::stores::Place;
use crate::support::Call;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lesson_27_of_many_retries_at_once_exactly_one_passes() {
    for place in [Place::Here, Place::There] {
        for outcome in [Does::Answer(200), Does::Answer(500), Does::Fail] {
            let bench = Bench::new(place);
            let handler = Handler::that([Does::Answer(500), outcome, Does::Answer(200)]);
            let service = bench.releasing(Release::OnServerError).layer(handler.clone());
            let call = Arc::new(Call::get("/").sign());
            assert_eq!(send(&service, &call).await, "500");
            let retries: Vec<_> = (0..64)
                .map(|_| {
                    let (service, call) = (service.clone(), Arc::clone(&call));
                    tokio::spawn(async move { send(&service, &call).await })
                })
                .collect();
            let mut codes = Vec::new();
            for retry in retries {
                codes.push(retry.await.unwrap());
            }
            assert_eq!(codes.iter().filter(|code| *code == "S403NU").count(), 63, "{codes:?}");
            assert_eq!(handler.started(), 2);
        }
    }
}

/// What the handler did, in the order in which it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Started,
    Succeeded,
    Failed,
    /// The caller went away while it ran.
    Abandoned,
}

/// Notes how a run of the handler ended, or that it never did.
struct Run {
    log: Arc<Mutex<Vec<Event>>>,
    end: Event,
}

impl Run {
    fn start(log: &Arc<Mutex<Vec<Event>>>) -> Self {
        log.lock().unwrap().push(Event::Started);
        Self { log: Arc::clone(log), end: Event::Abandoned }
    }

    fn end(mut self, end: Event) {
        self.end = end;
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.log.lock().unwrap().push(self.end);
    }
}

async fn steps(count: u8) {
    for _ in 0..count {
        let mut is_first = true;
        std::future::poll_fn(|_| match std::mem::take(&mut is_first) {
            true => Poll::Pending,
            false => Poll::Ready(()),
        })
        .await;
    }
}

/// What a caller does next.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Waits,
    GoesAway,
}

/// One of some callers, and what it does.
fn turns() -> impl Strategy<Value = Vec<(usize, Turn)>> {
    let turn = prop_oneof![6 => Just(Turn::Waits), 1 => Just(Turn::GoesAway)];
    prop::collection::vec((0..CALLERS, turn), 0..120)
}

const CALLERS: usize = 6;

/// Sends one request from several callers, polls and drops them as told, and tells what the handler
/// did.
fn play(
    place: Place,
    release: Release,
    script: &[(u8, bool)],
    turns: &[(usize, Turn)],
) -> Vec<Event> {
    // For what a dropped future leaves to the runtime.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let _entered = runtime.enter();
    let log = Arc::new(Mutex::new(Vec::new()));
    let script: Arc<Mutex<VecDeque<_>>> = Arc::new(Mutex::new(script.iter().copied().collect()));
    let handler = {
        let log = Arc::clone(&log);
        service_fn(move |_: Request<RequestBody<Body>>| {
            let (run, script) = (Run::start(&log), Arc::clone(&script));
            async move {
                let (length, succeeds) = script.lock().unwrap().pop_front().unwrap_or((0, true));
                steps(length).await;
                run.end(if succeeds { Event::Succeeded } else { Event::Failed });
                let status = if succeeds { 200 } else { 500 };
                Ok::<_, Broken>(Response::builder().status(status).body(Body::empty()).unwrap())
            }
        })
    };
    let service = Bench::new(place).releasing(release).layer(handler);
    let call = Call::get("/").sign();
    let send = || -> Pin<Box<dyn Future<Output = ()>>> {
        let sent = service.clone().oneshot(request(&call));
        Box::pin(async { drop(sent.await) })
    };
    let mut callers: Vec<_> = (0..CALLERS).map(|_| send()).collect();
    let mut context = Context::from_waker(Waker::noop());
    for (caller, turn) in turns {
        // Whoever has an answer, or has gone away, comes again.
        match turn {
            Turn::GoesAway => callers[*caller] = send(),
            Turn::Waits if callers[*caller].as_mut().poll(&mut context).is_ready() => {
                callers[*caller] = send();
            }
            Turn::Waits => {}
        }
        runtime.block_on(tokio::task::yield_now());
    }
    drop(callers);
    let log = log.lock().unwrap();
    log.clone()
}

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![Just(Place::Here), Just(Place::There)]
}

fn script() -> impl Strategy<Value = Vec<(u8, bool)>> {
    prop::collection::vec((0..4_u8, any::<bool>()), 2..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn lesson_27_a_request_is_handled_again_only_after_it_failed(
        place in place(), script in script(), turns in turns(),
    ) {
        let events = play(place, Release::OnServerError, &script, &turns);
        let is_lawful = matches!(
            events[..],
            [] | [Event::Started, _]
                | [Event::Started, Event::Failed, Event::Started, _]
        );
        prop_assert!(is_lawful, "{:?}", events);
    }

    #[test]
    fn lesson_27_never_means_once(place in place(), script in script(), turns in turns()) {
        let events = play(place, Release::Never, &script, &turns);
        prop_assert!(matches!(events[..], [] | [Event::Started, _]), "{:?}", events);
    }

    #[test]
    fn lesson_27_the_dangerous_option_too_handles_a_request_at_most_twice_and_not_after_a_success(
        place in place(), script in script(), turns in turns(),
    ) {
        let events = play(place, Release::DangerouslyOnCancellation, &script, &turns);
        let is_lawful = matches!(
            events[..],
            [] | [Event::Started, _]
                | [Event::Started, Event::Failed | Event::Abandoned, Event::Started, _]
        );
        prop_assert!(is_lawful, "{:?}", events);
    }
}
