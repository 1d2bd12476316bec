//! A cache in front of a slow credential store.
