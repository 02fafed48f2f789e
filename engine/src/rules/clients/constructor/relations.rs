//! Settings that a constructor compares with each other.

use super::{Answer, At, Check, Fault, Known, Unknown, fault_if};
use crate::diagnostic::Code;
use crate::kafka::catalog::Scope;

const PRODUCER: &[Scope] = &[Scope::Producer];
const CONSUMER: &[Scope] = &[Scope::Consumer];
const ADMIN: &[Scope] = &[Scope::Admin];

pub(super) const CHECKS: &[Check] = &[
    Check {
        code: Code::KL804,
        keys: &["delivery.timeout.ms", "linger.ms", "request.timeout.ms"],
        clients: PRODUCER,
        ask: delivery,
        help: "A message needs time to linger and to be sent once. Raise delivery.timeout.ms, or leave it out.",
    },
    Check {
        code: Code::KL804,
        keys: &["retries", "enable.idempotence", "transactional.id"],
        clients: PRODUCER,
        ask: |at| {
            fault_if(
                idempotent(at)? && at.number("retries")? == 0,
                "an idempotent producer must be allowed to retry",
            )
        },
        help: "Leave retries out, or set enable.idempotence=false.",
    },
    Check {
        code: Code::KL804,
        keys: &["acks", "enable.idempotence", "transactional.id"],
        clients: PRODUCER,
        ask: |at| fault_if(idempotent(at)? && !all_acks(at)?, "an idempotent producer needs acks=all"),
        help: "Set acks=all, or enable.idempotence=false.",
    },
    Check {
        code: Code::KL804,
        keys: &["max.in.flight.requests.per.connection", "enable.idempotence", "transactional.id"],
        clients: PRODUCER,
        ask: in_flight,
        help: "Set it to at most 5, or enable.idempotence=false. From Kafka 4.0 on idempotence counts as wanted unless it is switched off.",
    },
    Check {
        code: Code::KL804,
        keys: &[
            "transactional.id",
            "enable.idempotence",
            "acks",
            "retries",
            "max.in.flight.requests.per.connection",
        ],
        clients: PRODUCER,
        ask: transactional,
        help: "Transactions need an idempotent producer: enable.idempotence not false, acks=all, retries above 0, at most 5 requests in flight.",
    },
    Check {
        code: Code::KL804,
        keys: &["transaction.timeout.ms", "transaction.two.phase.commit.enable"],
        clients: PRODUCER,
        ask: |at| {
            let both =
                at.flag("transaction.two.phase.commit.enable")? && at.is_written("transaction.timeout.ms");
            fault_if(
                both,
                "transaction.timeout.ms cannot be set with transaction.two.phase.commit.enable=true",
            )
        },
        help: "With two-phase commit a transaction does not expire. Leave the timeout out.",
    },
    Check {
        code: Code::KL804,
        keys: &["partitioner.rack.aware", "client.rack"],
        clients: PRODUCER,
        ask: |at| {
            let no_rack = at.text("client.rack")?.is_none_or(str::is_empty);
            fault_if(
                at.flag("partitioner.rack.aware")? && no_rack,
                "partitioner.rack.aware=true needs client.rack",
            )
        },
        help: "Say in which rack the producer is, or leave partitioner.rack.aware out.",
    },
    Check {
        code: Code::KL505,
        keys: &["compression.type"],
        clients: PRODUCER,
        ask: |at| {
            // A validator only from 3.3 on.
            let known = ["none", "gzip", "snappy", "lz4", "zstd"];
            let wrong =
                !at.since((3, 3, 0)) && at.text("compression.type")?.is_some_and(|t| !known.contains(&t));
            fault_if(wrong, "the value of compression.type must be one of none, gzip, snappy, lz4, zstd")
        },
        help: "`uncompressed` and `producer` are words of a broker; a producer says none.",
    },
    Check {
        code: Code::KL804,
        keys: &["enable.auto.commit", "group.id"],
        clients: CONSUMER,
        ask: |at| {
            let alone = at.text("group.id")?.is_none();
            let wanted = at.is_written("enable.auto.commit") && at.flag("enable.auto.commit")?;
            fault_if(alone && wanted, "enable.auto.commit=true needs a group.id")
        },
        help: "Without a group there is nowhere to commit to. Set group.id, or leave enable.auto.commit out.",
    },
    Check {
        code: Code::KL804,
        keys: &["group.id"],
        clients: CONSUMER,
        ask: |at| {
            let empty = at.text("group.id")? == Some("");
            let since = if at.is("group.protocol", "consumer")? { (3, 7, 0) } else { (4, 0, 0) };
            fault_if(empty && at.since(since), "group.id is empty")
        },
        help: "Name the group, or leave group.id out: then the consumer has none.",
    },
    Check {
        code: Code::KL505,
        keys: &["group.instance.id"],
        clients: CONSUMER,
        ask: instance_id,
        help: "Kafka takes 1 to 249 of the characters a–z, A–Z, 0–9, '.', '_' and '-' here.",
    },
    Check {
        code: Code::KL804,
        keys: &["heartbeat.interval.ms", "session.timeout.ms"],
        clients: CONSUMER,
        ask: |at| {
            let counts = at.text("group.id")?.is_some() && !at.is("group.protocol", "consumer")?;
            if !counts {
                return Ok(None);
            }
            let (heartbeat, session) =
                (at.number("heartbeat.interval.ms")?, at.number("session.timeout.ms")?);
            // A timer takes no negative time.
            if heartbeat < 0 || session < 0 {
                return fault_if(true, "heartbeat.interval.ms and session.timeout.ms must not be negative");
            }
            fault_if(heartbeat >= session, "heartbeat.interval.ms must be lower than session.timeout.ms")
        },
        help: "A third of the session timeout is usual.",
    },
    Check {
        code: Code::KL804,
        keys: &["default.api.timeout.ms", "group.protocol"],
        clients: CONSUMER,
        ask: |at| {
            // The constructor waits that long for its own thread, and refuses without it. Whether it comes in time hangs on the machine.
            let waits = at.since((4, 2, 0)) && at.is("group.protocol", "consumer")?;
            let short = waits && (0..=20).contains(&at.number("default.api.timeout.ms")?);
            if short { Err(Unknown) } else { Ok(None) }
        },
        help: "",
    },
    Check {
        code: Code::KL804,
        keys: &[
            "session.timeout.ms",
            "heartbeat.interval.ms",
            "partition.assignment.strategy",
            "group.remote.assignor",
            "share.acknowledgement.mode",
            "share.acquire.mode",
            "group.protocol",
        ],
        clients: CONSUMER,
        ask: protocol,
        help: "With group.protocol=consumer the brokers decide about sessions and assignment; group.remote.assignor is for that protocol \
               alone, and share.… for share consumers. Leave out what does not belong to the protocol.",
    },
    Check {
        code: Code::KL804,
        keys: &["default.api.timeout.ms", "request.timeout.ms"],
        clients: ADMIN,
        ask: |at| {
            let written = at.is_written("default.api.timeout.ms");
            let short = written && at.number("default.api.timeout.ms")? < at.number("request.timeout.ms")?;
            fault_if(short, "default.api.timeout.ms must not be lower than request.timeout.ms")
        },
        help: "A call lasts at least as long as one request of it. Raise default.api.timeout.ms, or leave it out.",
    },
];

/// `KafkaProducer.configureDeliveryTimeout`
fn delivery<'c>(at: &At<'c>) -> Answer<'c> {
    if !at.is_written("delivery.timeout.ms") {
        return Ok(None);
    }
    let most = i64::from(i32::MAX);
    let (linger, request) = (at.number("linger.ms")?.min(most), at.number("request.timeout.ms")?);
    let (delivery, least) = (at.number("delivery.timeout.ms")?, linger.saturating_add(request).min(most));
    Ok((delivery < least).then(|| {
        Fault::new(format!(
            "delivery.timeout.ms is {delivery}, less than linger.ms ({linger}) and request.timeout.ms ({request}) together"
        ))
    }))
}

/// Up to 3.1.0, but not in 3.0.1 and 3.0.2: idempotence comes with transactions, and only if it is written (KAFKA-13598).
fn is_old(at: &At<'_>) -> bool {
    matches!(at.release.parts(), (3, 0, 0) | (3, 1, 0))
}

/// Whether the producer is idempotent because the file says so: then what does not fit is refused, not switched off.
fn idempotent(at: &At<'_>) -> Known<bool> {
    let wanted = at.is_written("enable.idempotence") && at.flag("enable.idempotence")?;
    Ok(wanted || is_old(at) && at.is_written("transactional.id"))
}

fn all_acks(at: &At<'_>) -> Known<bool> {
    Ok(!at.is_written("acks") || at.text("acks")?.is_some_and(|acks| acks == "all" || acks == "-1"))
}

fn in_flight<'c>(at: &At<'c>) -> Answer<'c> {
    let many = at.number("max.in.flight.requests.per.connection")? > 5;
    let wanted = if at.since((4, 0, 0)) { at.flag("enable.idempotence")? } else { idempotent(at)? };
    fault_if(
        many && wanted,
        "max.in.flight.requests.per.connection must be at most 5 in an idempotent producer",
    )
}

fn transactional<'c>(at: &At<'c>) -> Answer<'c> {
    if !at.is_written("transactional.id") {
        return Ok(None);
    }
    let disabled = !at.flag("enable.idempotence")?;
    // Where idempotence is not wanted in words, what does not fit switches it off.
    let fits = is_old(at)
        || all_acks(at)?
            && at.number("retries")? != 0
            && at.number("max.in.flight.requests.per.connection")? <= 5;
    fault_if(disabled || !fits, "transactional.id needs an idempotent producer")
}

/// `JoinGroupRequest.validateGroupInstanceId`
fn instance_id<'c>(at: &At<'c>) -> Answer<'c> {
    let Some(id) = at.text("group.instance.id")? else { return Ok(None) };
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let wrong = id.is_empty() || id == "." || id == ".." || id.len() > 249 || !id.chars().all(legal);
    fault_if(wrong, "the value of group.instance.id is no legal name")
}

/// `ConsumerConfig.checkUnsupportedConfigs`
fn protocol<'c>(at: &At<'c>) -> Answer<'c> {
    let is_consumer = at.is("group.protocol", "consumer")?;
    if !is_consumer && !at.is("group.protocol", "classic")? {
        return Ok(None);
    }
    let unfit: &[(&str, (u32, u32, u32))] = if is_consumer {
        &[
            ("session.timeout.ms", (4, 0, 0)),
            ("heartbeat.interval.ms", (4, 0, 0)),
            ("partition.assignment.strategy", (4, 0, 0)),
            ("share.acknowledgement.mode", (4, 1, 0)),
            ("share.acquire.mode", (4, 2, 0)),
        ]
    } else {
        &[
            ("group.remote.assignor", (3, 9, 0)),
            ("share.acknowledgement.mode", (4, 1, 0)),
            ("share.acquire.mode", (4, 2, 0)),
        ]
    };
    for (key, since) in unfit {
        if at.since(*since) && at.text(key)?.is_some_and(|t| !t.is_empty()) && at.is_written(key) {
            let word = if is_consumer { "consumer" } else { "classic" };
            let place = at.setting(key).map(|s| s.value.slice().trim());
            let message = format!("{key} cannot be set with group.protocol={word}");
            return Ok(Some(Fault { place, ..Fault::new(message) }));
        }
    }
    Ok(None)
}
