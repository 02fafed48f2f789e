//! What Compose makes of services that are nodes.

pub(super) mod dependency_deadlock;
pub(super) mod replicated_identity;
