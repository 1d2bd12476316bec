//! Events (`tracing` feature) and a counter (`metrics` feature) for each load. Without a feature its
//! part is empty.

use std::path::Path;

use super::error::AppsFileError;

pub(super) fn loaded(file: &Path, apps: usize, warnings: &[String]) {
    #[cfg(feature = "tracing")]
    {
        tracing::info!(file = %file.display(), apps, "apps file loaded");
        for warning in warnings {
            tracing::warn!("apps file: {warning}");
        }
    }
    count("loaded");
    let _ = (file, apps, warnings);
}

pub(super) fn refused(error: &AppsFileError) {
    #[cfg(feature = "tracing")]
    tracing::warn!(%error, "apps file refused: the apps from before are served");
    count("refused");
    let _ = error;
}

/// At the level of what it ends: whoever was told of the one is told of the other.
pub(super) fn mended(apps: usize) {
    #[cfg(feature = "tracing")]
    tracing::warn!(apps, "apps file read again: what it says is served");
    let _ = apps;
}

fn count(outcome: &'static str) {
    #[cfg(feature = "metrics")]
    metrics::counter!("countersign_apps_file_loads_total", "outcome" => outcome).increment(1);
    let _ = outcome;
}
