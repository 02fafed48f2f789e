//! Settings that name classes.

use super::{ALL, Answer, At, Check, Fault, Known, Unknown, sasl, ssl};
use crate::diagnostic::Code;
use crate::kafka::catalog::Scope;
use crate::kafka::class::{self, Found};
use crate::text::Slice;

const HELP: &str = "Write the full name of a class that this release of Kafka has, and that is made for this. A class of your own must be \
                    on the class path of the client.";

const fn row(
    keys: &'static [&'static str],
    clients: &'static [Scope],
    ask: for<'c> fn(&At<'c>) -> Answer<'c>,
) -> Check {
    Check { code: Code::KL804, keys, clients, ask, help: HELP }
}

const PRODUCER: &[Scope] = &[Scope::Producer];
const CONSUMER: &[Scope] = &[Scope::Consumer];

pub(super) const CHECKS: &[Check] = &[
    row(&["key.serializer"], PRODUCER, |at| serializer(at, "key.serializer", "serializer")),
    row(&["value.serializer"], PRODUCER, |at| serializer(at, "value.serializer", "serializer")),
    row(&["key.deserializer"], CONSUMER, |at| serializer(at, "key.deserializer", "deserializer")),
    row(&["value.deserializer"], CONSUMER, |at| serializer(at, "value.deserializer", "deserializer")),
    row(&["partitioner.class"], PRODUCER, |at| class(at, "partitioner.class", "partitioner", true)),
    row(&["interceptor.classes"], PRODUCER, |at| classes(at, "interceptor.classes", "producer-interceptor")),
    row(&["interceptor.classes"], CONSUMER, |at| classes(at, "interceptor.classes", "consumer-interceptor")),
    row(&["metric.reporters"], ALL, |at| classes(at, "metric.reporters", "metrics-reporter")),
    row(&["partition.assignment.strategy"], CONSUMER, assignors),
    row(&["ssl.engine.factory.class"], ALL, |at| {
        class(at, "ssl.engine.factory.class", "ssl-engine-factory", ssl::is_used(at)?)
    }),
    row(&["sasl.login.class"], ALL, |at| class(at, "sasl.login.class", "login", sasl::is_used(at)?)),
    row(&["sasl.login.callback.handler.class"], ALL, |at| {
        class(at, "sasl.login.callback.handler.class", "callback-handler", sasl::is_used(at)?)
    }),
    row(&["sasl.client.callback.handler.class"], ALL, |at| {
        class(at, "sasl.client.callback.handler.class", "callback-handler", sasl::is_used(at)?)
    }),
    row(&["sasl.oauthbearer.jwt.retriever.class"], ALL, |at| {
        class(at, "sasl.oauthbearer.jwt.retriever.class", "jwt-retriever", false)
    }),
    row(&["sasl.oauthbearer.jwt.validator.class"], ALL, |at| {
        class(at, "sasl.oauthbearer.jwt.validator.class", "jwt-validator", false)
    }),
    row(&["config.providers"], ALL, providers),
    row(&["metrics.jmx.include"], ALL, |at| filter(at, "metrics.jmx.include")),
    row(&["metrics.jmx.exclude"], ALL, |at| filter(at, "metrics.jmx.exclude")),
];

/// What is wrong with a class; `used` tells whether it is made, not only loaded.
fn judge<'c>(at: &At<'c>, key: &str, name: Slice<'c>, kind: &str, used: bool) -> Answer<'c> {
    let what = match (class::find(name.as_str(), kind, at.release), used) {
        (Found::Fits, _) | (Found::Other, false) => return Ok(None),
        (Found::Unknown, _) => return Err(Unknown),
        // It is there or not: only plugins are known.
        (Found::NoPlugin, false) if !class::is_misspelt(name.as_str()) => return Err(Unknown),
        (Found::Other, true) => format!("{} of {key} is no {}", name.as_str(), kind.replace('-', " ")),
        (Found::Not | Found::NoPlugin, _) => {
            format!("Kafka has no {} called {}", kind.replace('-', " "), name.as_str())
        }
        (Found::NoName, _) => format!("`{}` of {key} is not the full name of a class", name.as_str()),
    };
    Ok(Some(Fault::at(name, what)))
}

fn class<'c>(at: &At<'c>, key: &str, kind: &str, used: bool) -> Answer<'c> {
    let Some(setting) = at.setting(key) else { return Ok(None) };
    let name = at.read(setting.value.as_str())?;
    // What cannot be loaded at all is a value of the wrong form (KL505).
    let is_told = matches!(class::find(name, kind, at.release), Found::Not | Found::NoName);
    if is_told { Ok(None) } else { judge(at, key, setting.value.slice().trim(), kind, used) }
}

/// As [`class`]; the serializers of lists want to know of what.
fn serializer<'c>(at: &At<'c>, key: &str, kind: &str) -> Answer<'c> {
    let fault = class(at, key, kind, true)?;
    let is_list = at
        .text(key)?
        .is_some_and(|name| name.ends_with(".ListSerializer") || name.ends_with(".ListDeserializer"));
    if fault.is_none() && is_list {
        let side = key.split('.').next().unwrap_or("key");
        let needed = [format!("default.list.{side}.serde.inner"), format!("default.list.{side}.serde.type")];
        let first = if kind == "serializer" { &needed[..1] } else { &needed[..] };
        if first.iter().all(|key| at.is_written(key)) {
            return Err(Unknown);
        }
        return Ok(Some(Fault::new(format!("the class of {key} needs {}", first.join(" and ")))));
    }
    Ok(fault)
}

fn classes<'c>(at: &At<'c>, key: &str, kind: &str) -> Answer<'c> {
    let mut unknown = false;
    for name in at.elements(key)? {
        match judge(at, key, name, kind, true) {
            Ok(None) => {}
            Err(Unknown) => unknown = true,
            fault => return fault,
        }
    }
    if unknown { Err(Unknown) } else { Ok(None) }
}

/// `ConsumerPartitionAssignor.getAssignorInstances`
fn assignors<'c>(at: &At<'c>) -> Answer<'c> {
    let key = "partition.assignment.strategy";
    // The new consumer leaves assignment to the brokers; in 3.7 it made the assignors all the same.
    if at.is("group.protocol", "consumer")? && at.since((3, 8, 0)) {
        return Ok(None);
    }
    let names = at.elements(key)?;
    let twice = names
        .iter()
        .enumerate()
        .find(|(i, name)| names.iter().take(*i).any(|before| before.as_str() == name.as_str()));
    if let Some((_, name)) = twice.filter(|_| at.since((3, 1, 0)) && !at.since((4, 2, 0))) {
        return Ok(Some(Fault::at(*name, format!("{} stands twice in {key}", name.as_str()))));
    }
    classes(at, key, "assignor")
}

/// A regular expression of `JmxReporter`, which is told nothing of beyond the plain ones.
fn filter<'c>(at: &At<'c>, key: &str) -> Answer<'c> {
    let text = at.client.settings.get(key).map_or("", |setting| setting.value.as_str());
    let is_plain =
        |c: char| c.is_alphanumeric() || matches!(c, '.' | ',' | ':' | '=' | '-' | '_' | '|' | ' ');
    if text.replace(".*", "").chars().all(is_plain) { Ok(None) } else { Err(Unknown) }
}

/// `AbstractConfig.instantiateConfigProviders`
fn providers<'c>(at: &At<'c>) -> Answer<'c> {
    let Some(setting) = at.client.settings.get("config.providers") else { return Ok(None) };
    let mut answer: Known<()> = Ok(());
    for name in setting.value.as_str().split(',') {
        let Some(class) = at.client.settings.get(&format!("config.providers.{name}.class")) else { continue };
        match judge(at, class.key(), class.value.slice(), "config-provider", true) {
            Ok(None) => {}
            Err(Unknown) => answer = Err(Unknown),
            fault => return fault,
        }
    }
    answer.map(|()| None)
}
