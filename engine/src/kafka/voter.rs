//! `controller.quorum.voters` and `controller.quorum.bootstrap.servers`.
//!
//! Source: `QuorumConfig.parseVoterConnections` (3.8 and later) and `RaftConfig` (before): a LIST of `id@host:port`.

use super::address::{self, HostPort};
use super::list;
use crate::text::{Extent, Slice, Text};

/// One entry of the voter list that every release can read (perhaps by skipping a part of the host).
#[derive(Debug, Clone, Copy)]
pub struct Voter<'t> {
    /// The whole entry.
    pub entry: Slice<'t>,
    /// The part before `@`.
    pub id_text: Slice<'t>,
    /// The id; `None` when it is unknown.
    pub id: Option<i32>,
    /// Host and port.
    pub address: HostPort<'t>,
}

impl<'t> Voter<'t> {
    /// The host, when it is known.
    #[must_use]
    pub fn host(&self) -> Option<&'t str> {
        self.address.host.known()
    }

    /// The port, when it is known.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.address.port()
    }
}

/// Entries that are looked at.
const MOST: usize = 500;

/// Why an entry is no voter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing between two commas, or after the last one.
    Empty,
    /// Not exactly one `@`.
    NoAt,
    /// What stands before `@` is no whole number.
    Id,
    /// What stands after `@` is not `host:port`.
    Address,
    /// The port is above 65535.
    Port,
}

/// What a voter list holds, kept beside its text: many rules ask for it.
#[derive(Debug)]
pub struct ReadVoters {
    voters: Vec<ReadVoter>,
    faults: Vec<(Extent, Fault)>,
    open: bool,
}

#[derive(Debug)]
struct ReadVoter {
    entry: Extent,
    id_text: Extent,
    id: Option<i32>,
    host: Extent,
    port: Extent,
    skipped: Option<Extent>,
}

impl ReadVoters {
    /// Reads a voter list.
    #[must_use]
    pub fn of(value: &Text) -> ReadVoters {
        let mut out = ReadVoters { voters: Vec::new(), faults: Vec::new(), open: false };
        for (n, entry) in list::elements(value.slice()).enumerate() {
            // No quorum has so many voters; what is compared pair by pair must end.
            if n >= MOST {
                out.open = true;
                break;
            }
            if entry.is_all_hole() {
                out.open = true;
                continue;
            }
            match voter(entry) {
                Ok(voter) => out.voters.push(voter),
                // A hole may hold what is missing.
                Err(_) if entry.has_hole() => out.open = true,
                Err(fault) => out.faults.push((entry.extent(), fault)),
            }
        }
        out
    }

    /// The list; `text` is what it was read from.
    #[must_use]
    pub fn over<'t>(&'t self, text: &'t Text) -> Voters<'t> {
        Voters { text, voters: &self.voters, faults: &self.faults, open: self.open }
    }
}

/// A voter list.
#[derive(Debug, Clone, Copy)]
pub struct Voters<'t> {
    text: &'t Text,
    voters: &'t [ReadVoter],
    faults: &'t [(Extent, Fault)],
    /// True when an unknown part may hold further entries.
    pub open: bool,
}

impl<'t> Voters<'t> {
    /// The entries that can be read, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Voter<'t>> + ExactSizeIterator + Clone + use<'t> {
        let text = self.text;
        self.voters.iter().map(move |v| Voter {
            entry: text.part(v.entry),
            id_text: text.part(v.id_text),
            id: v.id,
            address: HostPort {
                host: text.part(v.host),
                port: text.part(v.port),
                skipped: v.skipped.map(|s| text.part(s)),
            },
        })
    }

    /// How many entries can be read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.voters.len()
    }

    /// True when no entry can be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.voters.is_empty()
    }

    /// The entries that no release takes.
    pub fn faults(&self) -> impl ExactSizeIterator<Item = (Slice<'t>, Fault)> + use<'t> {
        let text = self.text;
        self.faults.iter().map(move |(entry, fault)| (text.part(*entry), *fault))
    }

    /// The entry for `id`; Kafka keeps the last one of several (a `HashMap` put).
    #[must_use]
    pub fn get(&self, id: i32) -> Option<Voter<'t>> {
        self.iter().rev().find(|v| v.id == Some(id))
    }
}

fn voter(entry: Slice<'_>) -> Result<ReadVoter, Fault> {
    if entry.is_empty() {
        return Err(Fault::Empty);
    }
    let (id_text, rest) = entry.split_once(b'@').ok_or(Fault::NoAt)?;
    if rest.as_str().contains('@') {
        return Err(Fault::NoAt);
    }
    let id = match id_text.known() {
        Some(text) => Some(text.parse::<i32>().map_err(|_| Fault::Id)?),
        None => None,
    };
    let address = address::host_port(rest).ok_or(Fault::Address)?;
    if address.port.known().is_some_and(|p| p.parse::<u16>().is_err()) {
        return Err(Fault::Port);
    }
    Ok(ReadVoter {
        entry: entry.extent(),
        id_text: id_text.extent(),
        id,
        host: address.host.extent(),
        port: address.port.extent(),
        skipped: address.skipped.map(Slice::extent),
    })
}

/// One bootstrap server.
#[derive(Debug, Clone, Copy)]
pub struct Server<'t> {
    /// The whole entry.
    pub entry: Slice<'t>,
    /// Host and port; `None` when it cannot be read.
    pub address: Option<HostPort<'t>>,
}

/// Reads a list of `host:port`, of the quorum or of a client.
#[must_use]
pub fn bootstrap_servers(value: Slice<'_>) -> Vec<Server<'_>> {
    list::filled(value).map(|entry| Server { entry, address: address::host_port(entry) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};
    use crate::text::{Encoding, Text};

    fn text(s: &str) -> Text {
        Text::literal(s, Span { file: FileId(0), start: 0, end: s.len() as u32 }, Encoding::default())
    }

    #[test]
    fn reads_what_kafka_reads() {
        let t = text(" 1@a:9093 , 2@b_c:9094,3@[::1]:9095,4@P://h:1,5@:9");
        let read = ReadVoters::of(&t);
        let v = read.over(&t);
        let got: Vec<_> = v.iter().map(|v| (v.id, v.host(), v.port(), v.address.skipped.is_some())).collect();
        assert_eq!(
            got,
            [
                (Some(1), Some("a"), Some(9093), false),
                (Some(2), Some("b_c"), Some(9094), false),
                (Some(3), Some("::1"), Some(9095), false),
                (Some(4), Some("h"), Some(1), false),
                (Some(5), Some(""), Some(9), false),
            ]
        );
        assert!(v.faults().next().is_none());
    }

    #[test]
    fn skips_what_lax_releases_skip() {
        let t = text("4@hado op104:9093,1@kafka~1:9");
        let read = ReadVoters::of(&t);
        let v = read.over(&t);
        let v: Vec<_> = v.iter().collect();
        assert_eq!(v[0].host(), Some("op104"));
        assert_eq!(v[0].address.skipped.unwrap().as_str(), "hado ");
        assert_eq!(v[1].host(), Some("1"));
    }

    #[test]
    fn names_the_fault() {
        let t = text("a:1,x@h:1,1@h,1@h:99999,1@2@h:1,");
        let faults: Vec<_> = ReadVoters::of(&t).faults.iter().map(|f| f.1).collect();
        assert_eq!(faults, [Fault::NoAt, Fault::Id, Fault::Address, Fault::Port, Fault::NoAt, Fault::Empty]);
    }
}
