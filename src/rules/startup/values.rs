//! KL202, KL505: values that `ConfigDef` does not take: their type, their range, their words.
//!
//! Sources: `ConfigDef.parseType` and the validators, as `rules/catalog` has them of every release. Values of keys with a rule of
//! their own are left to it.

use crate::cluster::{Client, ClientKind, Node, Setting};
use crate::diagnostic::{Code, Diagnostic, RefusedBy};
use crate::kafka::catalog::{self, Scope, Type, Verdict};
use crate::kafka::list;
use crate::kafka::version::VersionSet;
use crate::rules::clients::constructor::has_providers;
use crate::rules::{Context, Sink, refusal, refusal_of_client};
use crate::text::HOLE;

/// Keys whose values other rules judge.
const JUDGED_ELSEWHERE: [&str; 4] = ["broker.id", "controller.quorum.voters", "node.id", "process.roles"];

/// Lists that other rules judge when nothing is in them.
const EMPTY_ELSEWHERE: [&str; 2] = ["controller.listener.names", "log.dirs"];

/// A longer value is cut in a message.
const LONGEST_SHOWN: usize = 60;

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.all_clusters() {
        for (_, node) in cx.nodes(cluster) {
            let providers = node.settings.get("config.providers").is_some();
            for setting in node.settings.iter() {
                let found = judge(Scope::Server, node.versions, setting, providers);
                if let Some((refusing, finding)) = found.or_else(|| special(setting)) {
                    out.extend(refusal(node, refusing, RefusedBy::Config, finding.cluster(c)));
                }
            }
        }
        for i in &cluster.clients {
            let Some(client) = cx.model.clients.get(*i) else { continue };
            let scope = match client.kind {
                ClientKind::Producer => Scope::Producer,
                ClientKind::Consumer => Scope::Consumer,
                ClientKind::Admin => Scope::Admin,
                ClientKind::Service => continue,
            };
            of_client(c, *i, client, scope, out);
        }
    }
}

fn of_client(c: usize, index: usize, client: &Client, scope: Scope, out: &mut Sink) {
    let providers = has_providers(client);
    for setting in client.settings.iter() {
        if let Some((refusing, finding)) = judge(scope, client.versions, setting, providers) {
            out.extend(refusal_of_client(index, client, refusing, finding.cluster(c)));
        }
    }
}

/// What is wrong with a value, and the releases that say so. The releases may differ in what they do not like.
fn judge(
    scope: Scope,
    versions: VersionSet,
    setting: &Setting,
    providers: bool,
) -> Option<(VersionSet, Diagnostic)> {
    let (key, value) = (setting.key(), setting.value.as_str());
    // A provider may make anything of it.
    let is_open = value.contains(HOLE) || providers && value.contains("${");
    if is_open || JUDGED_ELSEWHERE.contains(&key) {
        return None;
    }
    let mut refusing = VersionSet::NONE;
    let mut why = None;
    for def in catalog::defs(scope, key) {
        let releases = VersionSet::from_bits(def.releases).and(versions);
        if releases.is_empty() {
            continue;
        }
        if let Verdict::No(reason) = catalog::accepts(def, value) {
            refusing = refusing.or(releases);
            why = Some((def, reason));
        }
    }
    let (def, reason) = why?;
    if value.trim().is_empty() && EMPTY_ELSEWHERE.contains(&key) {
        return None;
    }
    let slice = setting.value.slice().trim();
    let place = setting.place();
    if def.ty == Type::List && list::elements(slice).any(|e| e.is_empty()) {
        // The element that is missing is shown by the comma beside it.
        let text = slice.as_str();
        let comma =
            if text.ends_with(',') { text.rfind(',') } else { text.find(",,").or_else(|| text.find(',')) };
        let place = comma.map_or(place, |at| slice.range(at..at + 1));
        let finding = Diagnostic::at(Code::KL202, place, format!("the list {key} has an empty element"))
            .label("nothing stands beside this comma")
            .help(if refusing.within(VersionSet::since((4, 2, 0))) {
                "From Kafka 4.2 on an empty element of a list is refused; earlier releases drop it. Take the comma away."
            } else {
                "Kafka takes certain words in this list only, and nothing is none of them. Take the comma away."
            })
            .key(key);
        return Some((refusing, finding));
    }
    let shown: String = value.trim().chars().take(LONGEST_SHOWN).collect();
    let message = if shown.is_empty() {
        format!("{key} {reason}")
    } else {
        format!("the value `{shown}` of {key} {reason}")
    };
    let default = def.default.value().filter(|d| !d.is_empty());
    let default = default.map_or_else(String::new, |d| format!(" Without the setting it is {d}."));
    let help = format!("{}{default}", form(def.ty, def.validator.get()));
    let finding = Diagnostic::at(Code::KL505, place, message).label("not taken").help(help).key(key);
    Some((refusing, finding))
}

/// Values that a validator takes and Kafka's own classes then refuse.
fn special(setting: &Setting) -> Option<(VersionSet, Diagnostic)> {
    let value = setting.value.slice();
    let text = setting.value.known()?.trim();
    let elements = || list::filled(value).map(|e| e.as_str().to_owned()).collect::<Vec<_>>();
    let (refusing, why, help) = match setting.key() {
        // GroupCoordinatorConfig.
        "group.coordinator.rebalance.protocols" if !elements().iter().any(|e| e == "classic") => (
            VersionSet::since((3, 7, 0)),
            "lacks classic".to_owned(),
            "The classic protocol cannot be switched off. Add it to the list.",
        ),
        // ShareGroupConfig.
        "group.share.assignors" if elements().len() != 1 => (
            VersionSet::since((4, 1, 0)),
            format!("names {} assignors", elements().len()),
            "Exactly one is allowed.",
        ),
        // OffsetConfig: an id of CompressionType.
        "offsets.topic.compression.codec" if text.parse::<i32>().is_ok_and(|n| !(0..=4).contains(&n)) => {
            (VersionSet::all(), "is no compression".to_owned(), "0 is none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.")
        }
        // BrokerCompressionType.isValid, a validator only from 3.3 on.
        "compression.type" if !COMPRESSIONS.contains(&text.to_ascii_lowercase().as_str()) => (
            VersionSet::before((3, 3, 0)),
            format!("must be one of {}", COMPRESSIONS.join(", ")),
            "`none` is a producer's word; a broker says uncompressed.",
        ),
        _ => return None,
    };
    let place = setting.place();
    let message = format!("the value `{text}` of {} {why}", setting.key());
    let finding =
        Diagnostic::at(Code::KL505, place, message).label("not taken").help(help).key(setting.key());
    Some((refusing, finding))
}

const COMPRESSIONS: [&str; 6] = ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"];

/// What Kafka takes, in a sentence.
fn form(ty: Type, validator: &str) -> String {
    let kind = match ty {
        Type::Boolean => return "Kafka takes true or false here.".to_owned(),
        Type::Int | Type::Short | Type::Long => "a whole number, without unit and separators",
        Type::Double => "a number",
        Type::List => "a list, separated by commas",
        Type::String | Type::Class | Type::Password => "a text",
    };
    let range = validator.strip_suffix("(no empty elements)").unwrap_or(validator).trim();
    if range.starts_with("[0.8.0, ") {
        return "Kafka takes the name of a release that it knows, as 3.9.".to_owned();
    }
    if range.is_empty() || range.starts_with('(') || range.starts_with("non-") {
        format!("Kafka takes {kind} here, and refuses to start with anything else.")
    } else {
        format!("Kafka takes {kind} here, of {range}, and refuses to start with anything else.")
    }
}

/// Of a node, whether any value is refused by its form: relations between values are then not asked.
pub(super) fn is_sound(node: &Node, key: &str) -> bool {
    let Some(setting) = node.settings.get(key) else { return true };
    judge(Scope::Server, node.versions, setting, false).is_none()
}
