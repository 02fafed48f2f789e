//! Ports and addresses between nodes.

pub(super) mod controller_port_not_exposed;
