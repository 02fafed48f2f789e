//! Kafka's own checks of one node at start, in Kafka's order, a file per theme.

pub(super) mod authorizer;
mod channels;
pub(super) mod endpoints;
pub(super) mod identity;
pub(super) mod listeners;
pub(super) mod logins;
pub(super) mod relations;
pub(super) mod security;
pub(super) mod storage;
pub(super) mod stores;
pub(super) mod values;
pub(super) mod voters;
pub(super) mod zookeeper;
