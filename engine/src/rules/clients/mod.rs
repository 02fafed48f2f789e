//! Clients against the brokers they meet.

pub(super) mod bootstrap;
pub(super) mod constructor;
