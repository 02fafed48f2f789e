//! `bootstrap.servers` and `bootstrap.controllers`.

use super::{ALL, Answer, At, Check, Fault, fault_if};
use crate::diagnostic::{Code, Severity};
use crate::kafka::address::{self, HostPort};
use crate::kafka::catalog::Scope;
use crate::kafka::version::VersionSet;
use crate::source::path;
use crate::text::Slice;

pub(super) const CHECKS: &[Check] = &[
    Check {
        code: Code::KL804,
        keys: &["bootstrap.servers", "bootstrap.controllers"],
        clients: ALL,
        ask: servers,
        help: "Name one or more brokers as host:port, separated by commas.",
    },
    Check {
        code: Code::KL804,
        keys: &["bootstrap.controllers"],
        clients: &[Scope::Admin],
        ask: |at| match at.setting("bootstrap.controllers") {
            Some(_) if !at.elements("bootstrap.controllers")?.is_empty() => {
                entries(at, "bootstrap.controllers")
            }
            _ => Ok(None),
        },
        help: "Name one or more controllers as host:port, separated by commas.",
    },
];

fn servers<'c>(at: &At<'c>) -> Answer<'c> {
    let key = "bootstrap.servers";
    let written = !at.elements(key)?.is_empty();
    if at.scope == Scope::Admin && at.setting("bootstrap.controllers").is_some() {
        let controllers = !at.elements("bootstrap.controllers")?.is_empty();
        if controllers && written {
            return fault_if(true, "bootstrap.servers and bootstrap.controllers cannot both be set");
        }
        if controllers {
            return Ok(None);
        }
    }
    if !at.is_written(key) {
        // A file with the name that Kafka's own have is judged as a whole configuration. But Kafka's tools are often given such a
        // file beside --bootstrap-server.
        if path::file_name(&at.client.name) != at.client.kind.name() {
            return Err(super::Unknown);
        }
        let message = "the file alone makes no client: it names no bootstrap.servers";
        return Ok(Some(Fault { severity: Severity::Info, ..Fault::new(message) }));
    }
    if !written {
        return fault_if(true, "bootstrap.servers names no server");
    }
    entries(at, key)
}

/// `ClientUtils.parseAndValidateAddresses`
fn entries<'c>(at: &At<'c>, key: &str) -> Answer<'c> {
    // An admin client looks at one of the two.
    let lax = VersionSet::from_bits(1 << at.release.index()).within(address::lax_releases());
    let canonical = at.is("client.dns.lookup", "resolve_canonical_bootstrap_servers_only")?;
    let mut nowhere = None;
    let mut somewhere = false;
    for entry in at.elements(key)? {
        if entry.is_empty() {
            continue;
        }
        let found = address::host_port(entry).filter(|a| lax || a.skipped.is_none());
        let Some(found) = found else {
            return Ok(Some(Fault::at(entry, format!("`{}` is not host:port", entry.as_str()))));
        };
        if found.port().is_none() {
            return Ok(Some(Fault::at(found.port, format!("{} is no port", found.port.as_str()))));
        }
        if resolves_never(found) {
            nowhere = Some(found.host);
            if canonical {
                break;
            }
        } else {
            somewhere = true;
        }
    }
    // Later a name may still come to be known.
    let waits =
        at.text("bootstrap.resolve.timeout.ms")?.is_some() && at.number("bootstrap.resolve.timeout.ms")? > 0;
    match nowhere {
        Some(host) if (canonical || !somewhere) && !waits => Ok(Some(nobody(host))),
        _ => fault_if(nowhere.is_none() && !somewhere, "bootstrap.servers names no server"),
    }
}

fn nobody(host: Slice<'_>) -> Fault<'_> {
    Fault::at(host, format!("no machine can be called `{}`", host.as_str()))
}

/// Hosts that no network knows: names below `.invalid` (RFC 2606), and what is neither a name nor an address. Whether any other
/// name is known nobody can tell from here.
fn resolves_never(found: HostPort<'_>) -> bool {
    let host = found.host.as_str();
    let last = host.rsplit('.').next().unwrap_or(host);
    if host.contains(':') {
        // The zone of an address is the machine's own matter.
        let plain = host.split('%').next().unwrap_or(host);
        return plain.parse::<std::net::Ipv6Addr>().is_err();
    }
    let numeric = !host.is_empty() && host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    last.eq_ignore_ascii_case("invalid") || numeric && !is_ipv4(host)
}

/// `a`, `a.b`, `a.b.c` and `a.b.c.d`, as `InetAddress` reads them: the last number fills what is left.
fn is_ipv4(host: &str) -> bool {
    let parts: Vec<Option<u64>> = host.split('.').map(|part| part.parse().ok()).collect();
    let Some((last, first)) = parts.split_last() else { return false };
    let room = match first.len() {
        0 => u64::from(u32::MAX),
        1 => 0xff_ffff,
        2 => 0xffff,
        3 => 0xff,
        _ => return false,
    };
    first.iter().all(|n| n.is_some_and(|n| n <= 0xff)) && last.is_some_and(|n| n <= room)
}
