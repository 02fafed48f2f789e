//! Kafka's own checks of one node at start, in Kafka's order, a file per theme.

pub(super) mod listeners;
pub(super) mod voters;
