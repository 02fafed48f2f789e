//! `security.protocol`, the SASL mechanism and `sasl.jaas.config`: a constructor logs in before it connects.

use super::{ALL, Answer, At, Check, Fault, Known, Unknown, fault_if};
use crate::diagnostic::Code;
use crate::kafka::class::{self, Found};
use crate::kafka::jaas::{self, Entry};
use crate::text::Slice;

pub(super) const CHECKS: &[Check] = &[
    Check {
        code: Code::KL505,
        keys: &["security.protocol"],
        clients: ALL,
        ask: |at| {
            // A validator only from 3.3 on.
            let known = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"];
            let word = at.text("security.protocol")?;
            let wrong = !at.since((3, 3, 0)) && word.is_some_and(|w| !known.contains(&w.to_uppercase().as_str()));
            fault_if(wrong, "the value of security.protocol must be one of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL")
        },
        help: "Kafka refuses any other word.",
    },
    Check {
        code: Code::KL804,
        keys: &["sasl.mechanism", "security.protocol"],
        clients: ALL,
        ask: |at| {
            let empty = at.since((3, 3, 0)) && at.text("sasl.mechanism")? == Some("");
            fault_if(is_used(at)? && empty, "sasl.mechanism is empty, though security.protocol asks for SASL")
        },
        help: "Name the mechanism that the listener takes: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI.",
    },
    Check {
        code: Code::KL804,
        keys: &["sasl.jaas.config", "security.protocol", "sasl.mechanism"],
        clients: ALL,
        ask: login,
        help: "Write one login module: sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"…\" \
               password=\"…\"; with the semicolon. Only a program that is started with -Djava.security.auth.login.config needs none.",
    },
];

/// Does the client log in by SASL?
pub(super) fn is_used(at: &At<'_>) -> Known<bool> {
    Ok(at.is("security.protocol", "SASL_PLAINTEXT")? || at.is("security.protocol", "SASL_SSL")?)
}

const OAUTHBEARER: &str = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";

fn login<'c>(at: &At<'c>) -> Answer<'c> {
    if !is_used(at)? {
        return Ok(None);
    }
    let Some(setting) = at.setting("sasl.jaas.config") else {
        return fault_if(true, "security.protocol asks for SASL, but sasl.jaas.config says no login");
    };
    let text = at.read(setting.value.as_str())?;
    let place: Slice<'c> = setting.value.slice().trim();
    let entry = match jaas::parse(text) {
        Ok(entry) => entry,
        Err(fault) => return Ok(Some(Fault::at(place, format!("sasl.jaas.config {fault}")))),
    };
    let fault = |message: &'static str| Ok(Some(Fault::at(place, message)));
    let is_disallowed = match entry.module.trim() {
        "com.sun.security.auth.module.JndiLoginModule" => at.since((3, 4, 0)),
        "com.sun.security.auth.module.LdapLoginModule" => at.since((3, 9, 1)),
        _ => false,
    };
    if is_disallowed {
        return fault("sasl.jaas.config names a login module that Kafka does not allow");
    }
    match class::find(&entry.module, "LoginModule", at.release) {
        Found::Fits => {}
        Found::Unknown => return Err(Unknown),
        Found::Other | Found::Not | Found::NoName => {
            return fault("sasl.jaas.config names a login module that does not exist");
        }
    }
    modules(at, &entry, place)
}

/// Whether the module fits the mechanism, as far as a login shows it.
fn modules<'c>(at: &At<'c>, entry: &Entry, place: Slice<'c>) -> Answer<'c> {
    let mechanism = at.text("sasl.mechanism")?.unwrap_or("");
    // With handlers of one's own anything may happen.
    let own = ["sasl.login.class", "sasl.login.callback.handler.class", "sasl.client.callback.handler.class"];
    if own.iter().any(|key| at.setting(key).is_some()) {
        return Err(Unknown);
    }
    let is_bearer = entry.module == OAUTHBEARER;
    let fault = |message: &'static str| Ok(Some(Fault::at(place, message)));
    match mechanism {
        "OAUTHBEARER" => Ok(None),
        "GSSAPI" => {
            let service = at.text("sasl.kerberos.service.name")?.is_some() || entry.option("serviceName").is_some();
            if service { Err(Unknown) } else { fault("GSSAPI needs sasl.kerberos.service.name") }
        }
        _ if is_bearer => fault("the login module of OAUTHBEARER does not serve another mechanism"),
        _ => Ok(None),
    }
}
