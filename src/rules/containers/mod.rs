//! What Compose makes of services that are nodes.

pub(super) mod replicated_identity;
