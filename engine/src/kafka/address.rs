//! Hosts and `host:port`.
//!
//! `Utils.HOST_PORT_PATTERN` decides what voters and bootstrap servers may be. It has two forms: a lax one that skips
//! any prefix (`a b:9093` is the host `b`), and a strict one (KAFKA-18171 went back and forth between them).

use crate::kafka::version::VersionSet;
use crate::text::{HOLE, Slice};

/// Releases whose host pattern skips what it does not understand: up to 3.7, and 3.9.1 with its successors of 3.9.
#[must_use]
pub fn lax_releases() -> VersionSet {
    let late = VersionSet::since((3, 9, 1)).and(VersionSet::before((4, 0, 0)));
    VersionSet::before((3, 8, 0)).or(late)
}

/// `host:port` as Kafka takes it.
#[derive(Debug, Clone, Copy)]
pub struct HostPort<'t> {
    /// The host, without brackets. May be empty.
    pub host: Slice<'t>,
    /// The port's digits, or a hole.
    pub port: Slice<'t>,
    /// What stands before the host and is silently skipped by [`lax_releases`]; refused by the others.
    pub skipped: Option<Slice<'t>>,
}

impl HostPort<'_> {
    /// The port as a number; `None` when it is unknown or above 65535.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port.known()?.parse().ok()
    }
}

/// True for what a host may hold; a hole may be anything.
#[must_use]
#[inline]
pub fn is_host_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '%' | '.' | '_' | ':') || c == HOLE
}

/// Reads `host:port`. `None` when no release takes it.
#[must_use]
pub fn host_port(text: Slice<'_>) -> Option<HostPort<'_>> {
    let (before, port) = text.rsplit_once(b':')?;
    let digits = port.as_str();
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit() || c == HOLE) {
        return None;
    }
    let s = before.as_str();
    let inner = s.strip_suffix(']').unwrap_or(s);
    let start = inner.char_indices().rfind(|(_, c)| !is_host_char(*c)).map_or(0, |(i, c)| i + c.len_utf8());
    let host = before.range(start..inner.len());
    let prefix = before.range(0..start);
    // `[` belongs to the address; a scheme is allowed by both forms.
    let rest = prefix.as_str().strip_suffix('[').unwrap_or(prefix.as_str());
    let scheme = rest.strip_suffix("://").is_some_and(|s| s.chars().all(|c| is_host_char(c) && c != ':'));
    let skipped = (!rest.is_empty() && !scheme).then_some(prefix);
    Some(HostPort { host, port, skipped })
}

/// True for the addresses by which every machine means itself: `localhost`, 127.0.0.1, `::1`, and 127.0.1.1, which
/// Debian gives a machine's own name. Other addresses of 127.0.0.0/8 are written by those who play several hosts on one.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || matches!(host, "127.0.0.1" | "127.0.1.1" | "::1")
}

/// True for an IPv4 or IPv6 literal.
#[must_use]
pub fn is_ip(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_ok()
}

/// True for an address that means every interface.
#[must_use]
pub fn is_wildcard(host: &str) -> bool {
    host.is_empty() || host == "0.0.0.0" || host == "::" || host == "0"
}
