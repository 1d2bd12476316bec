//! Waiting for what happens elsewhere.

use std::time::Duration;

/// Waits until a condition holds, which it must.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    assert!(comes_true(condition).await, "it never holds");
}

/// Waits until a condition holds; false if it does not for half a minute.
pub(crate) async fn comes_true(condition: impl Fn() -> bool) -> bool {
    let waiting = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), waiting).await.is_ok()
}
