//! KL804, and the KL505 that `ConfigDef` does not see: what the constructors of producer, consumer and admin client refuse beyond
//! the form of single values (for that see `startup/values.rs`).
//!
//! Rows of data: which keys bring a check up, and a function that answers for one release. Sources: `KafkaProducer`,
//! `KafkaConsumer`, `KafkaAdminClient` and their configuration classes, run in all releases (`oracle/kafka/clients.py`).
//! Not for what a client meets when it connects.

mod addresses;
mod plugins;
mod relations;
mod sasl;
mod ssl;
mod unsecured;

use std::borrow::Cow;

use crate::cluster::{Client, ClientKind, Setting};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::kafka::catalog::{self, Scope, Verdict};
use crate::kafka::version::{Release, VersionSet};
use crate::rules::{Context, Sink, refusal_of_client};
use crate::text::{HOLE, Slice};

/// Something that decides is not known.
struct Unknown;

type Known<T> = Result<T, Unknown>;

/// What a release does not like.
struct Fault<'c> {
    /// The part that is underlined; without it the value of the first key of the check that is written.
    place: Option<Slice<'c>>,
    message: Cow<'static, str>,
    /// Less than an error where what is missing may come from elsewhere.
    severity: Severity,
}

impl<'c> Fault<'c> {
    fn new(message: impl Into<Cow<'static, str>>) -> Fault<'c> {
        Fault { place: None, message: message.into(), severity: Severity::Error }
    }

    fn at(place: Slice<'c>, message: impl Into<Cow<'static, str>>) -> Fault<'c> {
        Fault { place: Some(place), ..Fault::new(message) }
    }
}

type Answer<'c> = Known<Option<Fault<'c>>>;

/// `Some` fault when it is one.
fn fault_if<'c>(refused: bool, message: &'static str) -> Answer<'c> {
    Ok(refused.then(|| Fault::new(message)))
}

/// One thing that a constructor looks at.
struct Check {
    code: Code,
    /// It is asked where one of them is written; the first of them is the place.
    keys: &'static [&'static str],
    /// Who looks at it.
    clients: &'static [Scope],
    ask: for<'c> fn(&At<'c>) -> Answer<'c>,
    help: &'static str,
}

const ALL: &[Scope] = &[Scope::Producer, Scope::Consumer, Scope::Admin];

/// A client's configuration as one release reads it.
struct At<'c> {
    client: &'c Client,
    scope: Scope,
    release: Release,
    /// A configuration provider may make anything of a variable.
    providers: bool,
}

impl<'c> At<'c> {
    /// The setting, if this release knows its key.
    fn setting(&self, key: &str) -> Option<&'c Setting> {
        let setting = self.client.settings.get(key)?;
        catalog::def_at(self.scope, key, self.release.index()).map(|_| setting)
    }

    /// Whether the key is written, be it known or not: `AbstractConfig.originals().containsKey`.
    fn is_written(&self, key: &str) -> bool {
        self.client.settings.get(key).is_some()
    }

    /// The value of a key, written or default; `None` is null.
    fn text(&self, key: &str) -> Known<Option<&'c str>> {
        let Some(def) = catalog::def_at(self.scope, key, self.release.index()) else { return Ok(None) };
        match self.client.settings.get(key) {
            Some(setting) => self.read(setting.value.as_str()).map(Some),
            None => Ok(def.default.value()),
        }
    }

    fn read(&self, text: &'c str) -> Known<&'c str> {
        let is_open = text.contains(HOLE) || self.providers && text.contains("${");
        if is_open { Err(Unknown) } else { Ok(trim(text)) }
    }

    /// As [`At::text`]; a malformed number is told elsewhere.
    fn number(&self, key: &str) -> Known<i64> {
        self.text(key)?.and_then(|text| text.parse().ok()).ok_or(Unknown)
    }

    fn flag(&self, key: &str) -> Known<bool> {
        Ok(self.text(key)?.is_some_and(|text| text.eq_ignore_ascii_case("true")))
    }

    fn is(&self, key: &str, word: &str) -> Known<bool> {
        Ok(self.text(key)?.is_some_and(|text| text.eq_ignore_ascii_case(word)))
    }

    /// Whether the constructor makes the connection. Up to 4.1 the new consumer left that to a thread of its own, whose errors nobody
    /// saw (KAFKA-18608).
    fn connects(&self) -> Known<bool> {
        let new = self.scope == Scope::Consumer && self.is("group.protocol", "consumer")?;
        Ok(!new || self.since((4, 2, 0)))
    }

    fn since(&self, release: (u32, u32, u32)) -> bool {
        self.release.parts() >= release
    }

    /// The elements of a list that is written.
    fn elements(&self, key: &str) -> Known<Vec<Slice<'c>>> {
        let Some(setting) = self.setting(key) else { return Ok(Vec::new()) };
        self.read(setting.value.as_str())?;
        Ok(crate::kafka::list::elements(setting.value.slice()).collect())
    }
}

/// `String.trim`.
fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c <= ' ')
}

/// What the constructors say of a client.
pub(in crate::rules) struct Judged {
    /// What is refused, and where.
    found: Vec<(VersionSet, Diagnostic)>,
    /// Releases for which something that decides is not known.
    pub(in crate::rules) unknown: VersionSet,
}

fn scope(client: &Client) -> Option<Scope> {
    match client.kind {
        ClientKind::Producer => Some(Scope::Producer),
        ClientKind::Consumer => Some(Scope::Consumer),
        ClientKind::Admin => Some(Scope::Admin),
        ClientKind::Service => None,
    }
}

/// What the constructor of each candidate release says of `client`.
pub(in crate::rules) fn judge(client: &Client) -> Judged {
    let mut judged = Judged { found: Vec::new(), unknown: VersionSet::NONE };
    let scope = scope(client);
    if scope.is_none() || client.open.is_some() {
        judged.unknown = client.versions;
    }
    let Some(scope) = scope else { return judged };
    let providers = has_providers(client);
    let tables = [relations::CHECKS, addresses::CHECKS, plugins::CHECKS, sasl::CHECKS, ssl::CHECKS];
    for check in tables.into_iter().flatten() {
        let first = check.keys.iter().find_map(|key| client.settings.get(key));
        // Without bootstrap servers no client starts.
        let always = check.keys.first() == Some(&"bootstrap.servers");
        if !check.clients.contains(&scope) || first.is_none() && !always {
            continue;
        }
        let mut refusing = VersionSet::NONE;
        let mut fault = None;
        for release in client.versions.iter() {
            let one = VersionSet::from_bits(1 << release.index());
            match (check.ask)(&At { client, scope, release, providers }) {
                Ok(None) => {}
                Ok(Some(found)) => {
                    refusing = refusing.or(one);
                    fault = Some(found);
                }
                Err(Unknown) => judged.unknown = judged.unknown.or(one),
            }
        }
        if let Some(fault) = fault {
            judged.found.push((refusing, diagnostic(client, check, first, fault)));
        }
    }
    judged.unknown = judged.unknown.or(open_values(client, scope, providers));
    judged
}

fn diagnostic(client: &Client, check: &Check, first: Option<&Setting>, fault: Fault<'_>) -> Diagnostic {
    let written = check.keys.iter().filter_map(|key| client.settings.get(key));
    let severity = fault.severity;
    let mut finding = match (fault.place, first) {
        (Some(place), _) if !place.is_empty() => {
            Diagnostic::at(check.code, place, fault.message).label("refused")
        }
        (_, Some(first)) => Diagnostic::at(check.code, first.place(), fault.message).label("refused"),
        (_, None) => Diagnostic::new(check.code, client.anchor, fault.message).label("the client"),
    };
    for setting in written {
        finding = finding.key(setting.key());
        if first.is_some_and(|f| f.key() != setting.key()) {
            finding = finding.related_value(setting.place(), "has to fit this");
        }
    }
    finding.help(check.help).severity(severity)
}

/// Is there a configuration provider that may make anything of a variable? A name without a class is none.
pub(in crate::rules) fn has_providers(client: &Client) -> bool {
    let named = client.settings.get("config.providers").map_or("", |s| s.value.as_str());
    named.split(',').any(|name| client.settings.get(&format!("config.providers.{name}.class")).is_some())
}

/// Releases in which the form of a value cannot be judged.
fn open_values(client: &Client, scope: Scope, providers: bool) -> VersionSet {
    let mut unknown = VersionSet::NONE;
    for setting in client.settings.iter() {
        let value = setting.value.as_str();
        let is_open = value.contains(HOLE) || providers && value.contains("${");
        for def in catalog::defs(scope, setting.key()) {
            // Classes have checks of their own.
            let is_class = def.ty == catalog::Type::Class;
            if is_open || !is_class && catalog::accepts(def, value) == Verdict::Unknown {
                unknown = unknown.or(VersionSet::from_bits(def.releases));
            }
        }
    }
    unknown.and(client.versions)
}

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.all_clusters() {
        for i in &cluster.clients {
            let Some(client) = cx.model.clients.get(*i) else { continue };
            if scope(client).is_none() {
                continue;
            }
            for (refusing, finding) in judge(client).found {
                out.extend(refusal_of_client(*i, client, refusing, finding.cluster(c)));
            }
        }
    }
}
