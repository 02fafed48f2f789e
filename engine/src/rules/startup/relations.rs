//! KL404: two settings that Kafka compares at start.
//!
//! One table, each row a comparison. Sources: `KafkaConfig.validateValues`, `GroupCoordinatorConfig`, `ShareGroupConfig`,
//! `LogConfig`, with the real classes run on 3.0 … 4.4.

use crate::cluster::{Node, Setting};
use crate::diagnostic::{Code, Diagnostic, RefusedBy};
use crate::kafka::catalog::{self, Scope};
use crate::kafka::list;
use crate::kafka::version::{Release, VersionSet};
use crate::rules::{Context, Sink, refusal};

use super::values::unsound;

/// What must hold between the numbers of two keys.
struct Relation {
    key: &'static str,
    other: &'static str,
    /// How the first must stand to the other.
    must: Must,
    /// From this release on.
    since: (u32, u32, u32),
    /// Up to before this release.
    before: (u32, u32, u32),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Must {
    /// `a <= b`
    NoMore,
    /// `a < b`
    Less,
    /// `a >= b`
    NoLess,
    /// `a >= b`, unless `a` is not positive
    NoLessIfPositive,
    /// `a < b`, unless `b` is negative
    LessIfSet,
    /// `a / b > 1 MiB`
    BufferPerThread,
}

const EVER: (u32, u32, u32) = (3, 0, 0);
const END: (u32, u32, u32) = (u32::MAX, 0, 0);

const fn row(key: &'static str, must: Must, other: &'static str, since: (u32, u32, u32)) -> Relation {
    Relation { key, other, must, since, before: END }
}

/// In the order in which Kafka asks.
const RELATIONS: [Relation; 49] = [
    row("log.cleaner.dedupe.buffer.size", Must::BufferPerThread, "log.cleaner.threads", EVER),
    row("replica.fetch.wait.max.ms", Must::NoMore, "replica.socket.timeout.ms", EVER),
    row("replica.fetch.wait.max.ms", Must::NoMore, "replica.lag.time.max.ms", EVER),
    Relation {
        before: (4, 0, 0),
        ..row("offsets.commit.required.acks", Must::NoMore, "offsets.topic.replication.factor", EVER)
    },
    row("queued.max.request.bytes", Must::NoLessIfPositive, "socket.request.max.bytes", EVER),
    row("connection.failed.authentication.delay.ms", Must::LessIfSet, "connections.max.idle.ms", EVER),
    row(
        "group.consumer.max.heartbeat.interval.ms",
        Must::NoLess,
        "group.consumer.min.heartbeat.interval.ms",
        (3, 5, 0),
    ),
    row(
        "group.consumer.heartbeat.interval.ms",
        Must::NoLess,
        "group.consumer.min.heartbeat.interval.ms",
        (3, 5, 0),
    ),
    row(
        "group.consumer.heartbeat.interval.ms",
        Must::NoMore,
        "group.consumer.max.heartbeat.interval.ms",
        (3, 5, 0),
    ),
    row(
        "group.consumer.max.session.timeout.ms",
        Must::NoLess,
        "group.consumer.min.session.timeout.ms",
        (3, 5, 0),
    ),
    row(
        "group.consumer.session.timeout.ms",
        Must::NoLess,
        "group.consumer.min.session.timeout.ms",
        (3, 5, 0),
    ),
    row(
        "group.consumer.session.timeout.ms",
        Must::NoMore,
        "group.consumer.max.session.timeout.ms",
        (3, 5, 0),
    ),
    row("group.consumer.heartbeat.interval.ms", Must::Less, "group.consumer.session.timeout.ms", (4, 0, 0)),
    row(
        "group.share.max.heartbeat.interval.ms",
        Must::NoLess,
        "group.share.min.heartbeat.interval.ms",
        (3, 9, 0),
    ),
    row(
        "group.share.heartbeat.interval.ms",
        Must::NoLess,
        "group.share.min.heartbeat.interval.ms",
        (3, 9, 0),
    ),
    row(
        "group.share.heartbeat.interval.ms",
        Must::NoMore,
        "group.share.max.heartbeat.interval.ms",
        (3, 9, 0),
    ),
    row("group.share.max.session.timeout.ms", Must::NoLess, "group.share.min.session.timeout.ms", (3, 9, 0)),
    row("group.share.session.timeout.ms", Must::NoLess, "group.share.min.session.timeout.ms", (3, 9, 0)),
    row("group.share.session.timeout.ms", Must::NoMore, "group.share.max.session.timeout.ms", (3, 9, 0)),
    row("group.share.heartbeat.interval.ms", Must::Less, "group.share.session.timeout.ms", (4, 0, 0)),
    row(
        "group.share.record.lock.duration.ms",
        Must::NoLess,
        "group.share.min.record.lock.duration.ms",
        (3, 9, 0),
    ),
    row(
        "group.share.record.lock.duration.ms",
        Must::NoMore,
        "group.share.max.record.lock.duration.ms",
        (3, 9, 0),
    ),
    row(
        "group.share.max.record.lock.duration.ms",
        Must::NoLess,
        "group.share.min.record.lock.duration.ms",
        (3, 9, 0),
    ),
    row("group.share.max.share.sessions", Must::NoLess, "group.share.max.size", (4, 1, 0)),
    row("group.share.delivery.count.limit", Must::NoLess, "group.share.min.delivery.count.limit", (4, 3, 0)),
    row("group.share.delivery.count.limit", Must::NoMore, "group.share.max.delivery.count.limit", (4, 3, 0)),
    row(
        "group.share.max.delivery.count.limit",
        Must::NoLess,
        "group.share.min.delivery.count.limit",
        (4, 3, 0),
    ),
    row(
        "group.share.partition.max.record.locks",
        Must::NoLess,
        "group.share.min.partition.max.record.locks",
        (4, 3, 0),
    ),
    row(
        "group.share.partition.max.record.locks",
        Must::NoMore,
        "group.share.max.partition.max.record.locks",
        (4, 3, 0),
    ),
    row(
        "group.share.max.partition.max.record.locks",
        Must::NoLess,
        "group.share.min.partition.max.record.locks",
        (4, 3, 0),
    ),
    row(
        "group.streams.max.heartbeat.interval.ms",
        Must::NoLess,
        "group.streams.min.heartbeat.interval.ms",
        (4, 1, 0),
    ),
    row(
        "group.streams.heartbeat.interval.ms",
        Must::NoLess,
        "group.streams.min.heartbeat.interval.ms",
        (4, 1, 0),
    ),
    row(
        "group.streams.heartbeat.interval.ms",
        Must::NoMore,
        "group.streams.max.heartbeat.interval.ms",
        (4, 1, 0),
    ),
    row(
        "group.streams.max.session.timeout.ms",
        Must::NoLess,
        "group.streams.min.session.timeout.ms",
        (4, 1, 0),
    ),
    row("group.streams.session.timeout.ms", Must::NoLess, "group.streams.min.session.timeout.ms", (4, 1, 0)),
    row("group.streams.session.timeout.ms", Must::NoMore, "group.streams.max.session.timeout.ms", (4, 1, 0)),
    row("group.streams.heartbeat.interval.ms", Must::Less, "group.streams.session.timeout.ms", (4, 1, 0)),
    row("group.streams.num.standby.replicas", Must::NoMore, "group.streams.max.standby.replicas", (4, 1, 0)),
    row(
        "group.consumer.assignment.interval.ms",
        Must::NoLess,
        "group.consumer.min.assignment.interval.ms",
        (4, 3, 0),
    ),
    row(
        "group.consumer.assignment.interval.ms",
        Must::NoMore,
        "group.consumer.max.assignment.interval.ms",
        (4, 3, 0),
    ),
    row(
        "group.share.assignment.interval.ms",
        Must::NoLess,
        "group.share.min.assignment.interval.ms",
        (4, 3, 0),
    ),
    row(
        "group.share.assignment.interval.ms",
        Must::NoMore,
        "group.share.max.assignment.interval.ms",
        (4, 3, 0),
    ),
    row(
        "group.consumer.max.assignment.interval.ms",
        Must::NoLess,
        "group.consumer.min.assignment.interval.ms",
        (4, 3, 0),
    ),
    row(
        "group.share.max.assignment.interval.ms",
        Must::NoLess,
        "group.share.min.assignment.interval.ms",
        (4, 3, 0),
    ),
    row(
        "group.streams.max.assignment.interval.ms",
        Must::NoLess,
        "group.streams.min.assignment.interval.ms",
        (4, 3, 0),
    ),
    row(
        "group.streams.assignment.interval.ms",
        Must::NoLess,
        "group.streams.min.assignment.interval.ms",
        (4, 3, 0),
    ),
    row(
        "group.streams.assignment.interval.ms",
        Must::NoMore,
        "group.streams.max.assignment.interval.ms",
        (4, 3, 0),
    ),
    row(
        "group.streams.task.offset.interval.ms",
        Must::NoLess,
        "group.streams.min.task.offset.interval.ms",
        (4, 4, 0),
    ),
    row("group.streams.num.warmup.replicas", Must::NoMore, "group.streams.max.warmup.replicas", (4, 4, 0)),
];

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster).filter(|(_, n)| n.is_whole()) {
            // Hardly any node sets more than one of these keys.
            let keys: Vec<&str> = node.settings.iter().map(|s| s.key()).filter(|k| is_compared(k)).collect();
            let relations = if keys.is_empty() { &[] } else { &RELATIONS[..] };
            for relation in relations.iter().filter(|r| keys.contains(&r.key) || keys.contains(&r.other)) {
                out.extend(judge(node, relation).map(|f| f.cluster(c)));
            }
            let bounds = [retention(node), roll(node), jitter(node), acks(node), connections(node)];
            out.extend(bounds.into_iter().flatten().map(|f| f.cluster(c)));
        }
    }
}

/// May `key` stand in the table?
fn is_compared(key: &str) -> bool {
    const STARTS: [&str; 7] =
        ["group.", "queued.", "connection", "log.cleaner.", "replica.", "socket.request", "offsets."];
    STARTS.iter().any(|start| key.starts_with(start))
        && RELATIONS.iter().any(|r| r.key == key || r.other == key)
}

fn judge(node: &Node, relation: &Relation) -> Option<Diagnostic> {
    let (first, second) = (node.settings.get(relation.key), node.settings.get(relation.other));
    // Kafka's own defaults fit each other.
    if first.is_none() && second.is_none() {
        return None;
    }
    let asked = VersionSet::since(relation.since).and(VersionSet::before(relation.before)).and(node.versions);
    let asked = asked.without(unsound(node, relation.key)).without(unsound(node, relation.other));
    let mut refusing = VersionSet::NONE;
    let mut numbers = None;
    for release in asked.iter() {
        let (Some(a), Some(b)) =
            (number(first, relation.key, release), number(second, relation.other, release))
        else {
            continue;
        };
        if !relation.must.holds(a, b) {
            refusing = refusing.or(VersionSet::from_bits(1 << release.index()));
            numbers = Some((a, b));
        }
    }
    let (a, b) = numbers?;
    let (key, other) = (relation.key, relation.other);
    let message = match relation.must {
        Must::BufferPerThread => {
            format!("{key} is {a} for {b} threads, and each needs more than 1048576 bytes")
        }
        must => format!("{key} is {a}, but must be {} {other}, which is {b}", must.name()),
    };
    // The value that is written is the one to change.
    let (place, mate) = match (first, second) {
        (Some(first), mate) => (first, mate),
        (None, Some(second)) => (second, None),
        (None, None) => return None,
    };
    let mut finding = Diagnostic::at(Code::KL404, place.value.slice().trim(), message)
        .label(if place.key() == key { format!("{a}") } else { format!("{b}; {key} is {a} by default") })
        .help("Kafka compares the two at start, and refuses. Change one of them.")
        .key(place.key())
        .key(if place.key() == key { other } else { key });
    if let Some(mate) = mate {
        finding = finding.related_value(mate.value.slice().trim(), format!("{b}"));
    }
    refusal(node, refusing, RefusedBy::Config, finding)
}

/// `log.retention.ms`, else `.minutes`, else `.hours`: what counts must not be 0 (`KafkaConfig.getLogRetentionTimeMillis`).
fn retention(node: &Node) -> Option<Diagnostic> {
    const KEYS: [&str; 3] = ["log.retention.ms", "log.retention.minutes", "log.retention.hours"];
    let key = KEYS.into_iter().find(|key| node.settings.get(key).is_some())?;
    let help = "Kafka wants at least 1 millisecond here, or -1 to keep messages for ever, and refuses to start with 0.";
    let found = bound(node, key, |n| n != 0, VersionSet::all(), ["no time at all", help])?;
    // Kafka names this one, whichever is set.
    Some(if key == "log.retention.ms" { found } else { found.key("log.retention.ms") })
}

/// `log.roll.ms` must be at least 1; `log.roll.hours` has a range of its own (`KafkaConfig.logRollTimeMillis`).
fn roll(node: &Node) -> Option<Diagnostic> {
    let help = "A segment must be open for at least 1 millisecond; Kafka refuses to start with less.";
    bound(node, "log.roll.ms", |n| n >= 1, VersionSet::all(), ["no time at all", help])
}

/// `log.roll.jitter.ms` must not be negative; `log.roll.jitter.hours` has a range of its own.
fn jitter(node: &Node) -> Option<Diagnostic> {
    let help = "Segments are rolled up to so much earlier than log.roll.ms says; Kafka refuses to start with less than 0.";
    bound(node, "log.roll.jitter.ms", |n| n >= 0, VersionSet::all(), ["less than 0", help])
}

/// `max.connections.per.ip` may be 0 where `max.connections.per.ip.overrides` allows some hosts more.
fn connections(node: &Node) -> Option<Diagnostic> {
    const OVERRIDES: &str = "max.connections.per.ip.overrides";
    // Commas alone are an empty map (`CoreUtils.parseCsvMap`).
    if node.settings.get(OVERRIDES).is_some_and(|s| list::filled(s.value.slice()).next().is_some()) {
        return None;
    }
    let help = "0 lets nobody in. Kafka takes it only where max.connections.per.ip.overrides names hosts that may connect.";
    let found =
        bound(node, "max.connections.per.ip", |n| n != 0, VersionSet::all(), ["nobody may connect", help])?;
    Some(found.key(OVERRIDES))
}

/// `offsets.commit.required.acks` must be at least -1 (up to 3.9).
fn acks(node: &Node) -> Option<Diagnostic> {
    let help = "It must lie between -1 (all) and offsets.topic.replication.factor.";
    let until = VersionSet::before((4, 0, 0));
    bound(node, "offsets.commit.required.acks", |n| n >= -1, until, ["less than -1", help])
}

/// A number that Kafka looks at beside its range.
fn bound(
    node: &Node,
    key: &str,
    holds: fn(i64) -> bool,
    refusing: VersionSet,
    [label, help]: [&'static str; 2],
) -> Option<Diagnostic> {
    let setting = node.settings.get(key)?;
    let number: i64 = setting.value.known()?.trim().parse().ok()?;
    if holds(number) {
        return None;
    }
    let finding = Diagnostic::at(Code::KL404, setting.value.slice().trim(), format!("{key} is {number}"))
        .label(label)
        .help(help)
        .key(key);
    refusal(node, refusing, RefusedBy::Config, finding)
}

impl Must {
    fn holds(self, a: i64, b: i64) -> bool {
        match self {
            Must::NoMore => a <= b,
            Must::Less => a < b,
            Must::NoLess => a >= b,
            Must::NoLessIfPositive => a <= 0 || a >= b,
            Must::LessIfSet => b < 0 || a < b,
            // No thread at all is a division by zero.
            Must::BufferPerThread => a.checked_div(b).is_some_and(|each| each > 1_048_576),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Must::NoMore => "no more than",
            Must::Less | Must::LessIfSet => "less than",
            Must::NoLess | Must::NoLessIfPositive | Must::BufferPerThread => "at least",
        }
    }
}

/// The number of a key in one release: what is set, else the default. `None` when the release does not know the key, or the
/// value is not known.
fn number(setting: Option<&Setting>, key: &str, release: Release) -> Option<i64> {
    let def = catalog::def_at(Scope::Server, key, release.index())?;
    match setting {
        Some(setting) => setting.value.known()?.trim().parse().ok(),
        None => def.default.value()?.parse().ok(),
    }
}
