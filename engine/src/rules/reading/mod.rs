//! The files themselves: what could not be read, and what does not say what it seems to say.

pub(super) mod missing_reference;
pub(super) mod partly_seen;
pub(super) mod problems;
pub(super) mod properties;
pub(super) mod values;
