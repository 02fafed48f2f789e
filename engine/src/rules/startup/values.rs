//! KL202, KL505: values that `ConfigDef` does not take: their type, their range, their words.
//!
//! Sources: `ConfigDef.parseType` and the validators, as `rules/catalog` has them of every release. Values of keys with a rule of
//! their own are left to it.

use crate::cluster::{Client, ClientKind, Node, Setting};
use crate::diagnostic::{Code, Diagnostic, RefusedBy};
use crate::kafka::address::is_host_char;
use crate::kafka::catalog::{self, Def, Scope, Type, Verdict};
use crate::kafka::class;
use crate::kafka::list;
use crate::kafka::listener::{PROTOCOLS, ReadProtocolMap};
use crate::kafka::version::VersionSet;
use crate::rules::clients::constructor::has_providers;
use crate::rules::{Context, Sink, refusal, refusal_of_client};
use crate::text::{HOLE, Slice, Text};

/// Keys whose values other rules judge.
const JUDGED_ELSEWHERE: [&str; 5] = [
    "broker.id",
    "controller.quorum.bootstrap.servers",
    "controller.quorum.voters",
    "node.id",
    "process.roles",
];

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
                let judged = found.as_ref().map_or(VersionSet::NONE, |(refusing, _)| *refusing);
                let special = special(setting).into_iter().map(|s| {
                    let text = setting.value.as_str().trim();
                    let message = format!("the value `{text}` of {} {}", setting.key(), s.why);
                    let finding = Diagnostic::at(Code::KL505, setting.place(), message);
                    let finding = finding.label("not taken").help(s.help).key(setting.key());
                    // What the validator says of the other releases is said already.
                    (s.refusing.without(judged), finding)
                });
                let provider = provider(node, setting);
                for (refusing, finding) in found.into_iter().chain(special).chain(provider) {
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

/// What `ConfigDef` makes of a value, release by release.
#[derive(Default)]
struct Judgement {
    /// The releases that refuse it.
    refusing: VersionSet,
    /// Why, as the last of the definitions says.
    why: Option<(&'static Def, String)>,
    /// The releases of which it cannot be told.
    open: VersionSet,
}

fn weigh(scope: Scope, versions: VersionSet, key: &str, value: &str) -> Judgement {
    let mut judgement = Judgement::default();
    for def in catalog::defs(scope, key) {
        let releases = VersionSet::from_bits(def.releases).and(versions);
        if releases.is_empty() {
            continue;
        }
        match catalog::accepts(def, value) {
            Verdict::Yes => {}
            Verdict::No(reason) => {
                judgement.refusing = judgement.refusing.or(releases);
                judgement.why = Some((def, reason));
            }
            Verdict::Unknown => match catalog::class(value.trim()).filter(|_| def.ty == Type::Class) {
                Some(class) => {
                    let lacking = releases.without(VersionSet::from_bits(class.releases));
                    if !lacking.is_empty() {
                        judgement.refusing = judgement.refusing.or(lacking);
                        judgement.why = Some((def, "is a class that this release does not have".to_owned()));
                    }
                }
                None if def.ty == Type::Class && !class::is_name(value.trim()) => {
                    judgement.refusing = judgement.refusing.or(releases);
                    judgement.why = Some((def, "is no name of a class".to_owned()));
                }
                None => judgement.open = judgement.open.or(releases),
            },
        }
    }
    judgement
}

/// The releases of which nobody can say whether `KafkaConfig` takes the node's settings: something is not seen, a variable has no
/// value, a class is a plugin's.
pub(in crate::rules) fn undecided(node: &Node) -> VersionSet {
    if !node.is_whole() {
        return VersionSet::all();
    }
    let providers = node.settings.get("config.providers").is_some();
    let mut open = VersionSet::NONE;
    for setting in node.settings.iter() {
        let (key, value) = (setting.key(), setting.value.as_str());
        if key.contains(HOLE) || providers && value.contains("${") {
            return VersionSet::all();
        }
        if value.contains(HOLE) {
            let releases = VersionSet::from_bits(catalog::known_in(Scope::Server, key));
            open = open.or(if key.starts_with("listener.name.") { VersionSet::all() } else { releases });
        } else if !JUDGED_ELSEWHERE.contains(&key) {
            open = open.or(weigh(Scope::Server, node.versions, key, value).open);
            if let Some(instances) = Instances::of(key) {
                let unknown = |name: Slice<'_>| instances.judge(name.as_str()).1.and(instances.asked());
                open = instances.names_in(setting.value.slice()).map(unknown).fold(open, VersionSet::or);
            }
        }
    }
    open
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
    let Judgement { refusing, why, .. } = weigh(scope, versions, key, value);
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

/// A provider of `config.providers` whose class this release does not have (`AbstractConfig.instantiateConfigProviders`).
fn provider(node: &Node, setting: &Setting) -> Option<(VersionSet, Diagnostic)> {
    let name = setting.key().strip_prefix("config.providers.")?.strip_suffix(".class")?;
    let providers = node.settings.get("config.providers")?;
    list::filled(providers.value.slice()).find(|p| p.as_str() == name)?;
    let text = setting.value.known()?.trim();
    let class = catalog::class(text)?;
    let having =
        if class.is("config-provider") { VersionSet::from_bits(class.releases) } else { VersionSet::NONE };
    let message = format!("the value `{text}` of {} is no provider that this release has", setting.key());
    let finding = Diagnostic::at(Code::KL505, setting.place(), message)
        .label("not taken")
        .related_value(providers.place(), "asked for here")
        .help("Kafka loads every provider that config.providers names when it starts. EnvVarConfigProvider came with 3.5.")
        .key(setting.key());
    Some((VersionSet::all().without(having), finding))
}

/// A value that a validator takes, or has no validator, and that Kafka's own classes then refuse.
struct Special {
    refusing: VersionSet,
    /// To stand behind "the value".
    why: String,
    help: &'static str,
}

fn special(setting: &Setting) -> Vec<Special> {
    let value = setting.value.slice();
    let Some(text) = setting.value.known().map(str::trim) else { return Vec::new() };
    let elements = || list::filled(value).map(|e| e.as_str().to_owned()).collect::<Vec<_>>();
    let mut out = Vec::new();
    let mut say = |refusing, why: String, help| out.push(Special { refusing, why, help });
    match setting.key() {
        // KafkaConfig.groupCoordinatorRebalanceProtocols.
        "group.coordinator.rebalance.protocols" if !elements().iter().any(|e| e == "classic") => say(
            VersionSet::since((3, 7, 0)),
            "lacks classic".to_owned(),
            "The classic protocol cannot be switched off. Add it to the list.",
        ),
        "group.share.assignors" => {
            let all = elements();
            let distinct =
                all.iter().enumerate().filter(|(i, e)| !all.iter().take(*i).any(|other| other == *e)).count();
            let first = VersionSet::since((4, 1, 0)).and(VersionSet::before((4, 2, 0)));
            // From 4.2 on a list has each element once.
            let refusing = match (all.len(), distinct) {
                (1, _) => VersionSet::NONE,
                (_, 1) => first,
                _ => VersionSet::since((4, 1, 0)),
            };
            say(refusing, format!("names {} assignors", all.len()), "Exactly one is allowed.");
        }
        // OffsetConfig: an id of CompressionType.
        "offsets.topic.compression.codec" if text.parse::<i32>().is_ok_and(|n| !(0..=4).contains(&n)) => {
            let why = "is no compression".to_owned();
            say(VersionSet::all(), why, "0 is none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.");
        }
        // ShareCoordinatorConfig.
        "share.coordinator.state.topic.compression.codec"
            if text.parse::<i32>().is_ok_and(|n| !(0..=4).contains(&n)) =>
        {
            let why = "is no compression".to_owned();
            say(VersionSet::since((4, 0, 0)), why, "0 is none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.");
        }
        // BrokerCompressionType.isValid, a validator only from 3.3 on.
        "compression.type" if !COMPRESSIONS.contains(&text.to_ascii_lowercase().as_str()) => say(
            VersionSet::before((3, 3, 0)),
            format!("must be one of {}", COMPRESSIONS.join(", ")),
            "`none` is a producer's word; a broker says uncompressed.",
        ),
        // SecurityProtocol.forName, a validator only from 3.3 on.
        "security.inter.broker.protocol" if !PROTOCOLS.iter().any(|p| p.eq_ignore_ascii_case(text)) => say(
            VersionSet::before((3, 3, 0)),
            format!("must be one of {}", PROTOCOLS.join(", ")),
            "Brokers speak one of these with each other.",
        ),
        // ShareCoordinatorConfig; a validator from 4.3 on.
        "share.coordinator.snapshot.update.records.per.snapshot"
            if text.parse::<i32>().is_ok_and(|n| n > 500) =>
        {
            let refusing = VersionSet::since((4, 0, 0)).and(VersionSet::before((4, 3, 0)));
            say(refusing, "must be no more than 500".to_owned(), "Kafka takes 0 to 500 here.");
        }
        "max.connections.per.ip.overrides" => {
            if let Some(why) = connection_overrides(&setting.value) {
                say(
                    VersionSet::all(),
                    why,
                    "It is a list of host:number: 10.20.0.7:50,client.example.com:20.",
                );
            }
        }
        "group.streams.rack.aware.assignment.tags" => {
            let tags = elements();
            if let Some((_, tag)) =
                tags.iter().enumerate().find(|(i, t)| tags.iter().take(*i).any(|u| u == *t))
            {
                let refusing = VersionSet::since((4, 4, 0));
                say(refusing, format!("has `{tag}` twice"), "Name each tag once.");
            }
        }
        "principal.builder.class" => {
            // A class of Java's own is found, and is none.
            let own = text.starts_with("java.");
            let serde = !own && catalog::class(text).is_none_or(|class| class.is("principal-serde"));
            if !serde {
                let why = "is a class that implements no KafkaPrincipalSerde".to_owned();
                say(VersionSet::all(), why, "In KRaft mode brokers send principals to controllers.");
            }
        }
        _ => {}
    }
    if let Some(instances) = Instances::of(setting.key()) {
        for name in instances.names_in(value).filter_map(Slice::known) {
            let (taking, open) = instances.judge(name);
            out.push(Special {
                refusing: instances.asked().without(taking).without(open),
                why: format!("has `{name}`, which is nothing that this release could take here"),
                help: "Name what this Kafka has, or the whole name of a class on its class path.",
            });
        }
    }
    out
}

/// What `max.connections.per.ip.overrides` must be: `CoreUtils.parseCsvMap`, `Integer.parseInt`, `Utils.validHostPattern`.
fn connection_overrides(value: &Text) -> Option<String> {
    let map = ReadProtocolMap::of(value);
    let map = map.over(value);
    if map.open {
        return None;
    }
    if let Some(fault) = map.faults.iter().next() {
        return Some(format!("has an entry without a colon: `{}`", fault.as_str()));
    }
    let host_of = |entry: Slice<'_>| {
        entry.rsplit_once(b':').map_or(String::new(), |(host, _)| host.trim().as_str().to_owned())
    };
    for (i, entry) in map.iter().enumerate() {
        let (host, number) = entry.entry.rsplit_once(b':')?;
        let (host, number) = (host.trim(), number.trim());
        // Of two entries of one host the last counts.
        if map.iter().skip(i + 1).any(|later| host_of(later.entry) == host.as_str()) {
            continue;
        }
        if number.known().is_some_and(|n| n.parse::<i32>().is_err()) {
            return Some(format!("has `{}` where a number is needed", number.as_str()));
        }
        if host.known().is_some_and(|h| !h.chars().all(is_host_char)) {
            return Some(format!("has `{}` where a host is needed", host.as_str()));
        }
    }
    None
}

/// A key whose classes `KafkaConfig` makes instances of. Each release has its own.
struct Instances {
    key: &'static str,
    /// Built in, by name, and from which release on.
    names: &'static [(&'static str, (u32, u32, u32))],
    /// The kind of class, as the catalog calls it.
    kind: &'static str,
    /// The first release that makes instances of them, and the first that does not.
    between: [(u32, u32, u32); 2],
}

const END: (u32, u32, u32) = (u32::MAX, 0, 0);

/// `GroupCoordinatorConfig`, `AuthorizerUtils.createAuthorizer`.
const INSTANCES: [Instances; 4] = [
    Instances {
        key: "authorizer.class.name",
        names: &[],
        kind: "authorizer",
        between: [(3, 0, 0), (3, 3, 0)],
    },
    Instances {
        key: "group.consumer.assignors",
        names: &[("uniform", (4, 0, 0)), ("range", (4, 0, 0))],
        kind: "group-assignor",
        between: [(3, 6, 0), END],
    },
    Instances {
        key: "group.share.assignors",
        names: &[("simple", (4, 1, 0))],
        kind: "share-group-assignor",
        between: [(4, 1, 0), END],
    },
    Instances {
        key: "group.streams.assignors",
        names: &[("sticky", (4, 4, 0))],
        kind: "task-assignor",
        between: [(4, 4, 0), END],
    },
];

impl Instances {
    fn of(key: &str) -> Option<&'static Instances> {
        INSTANCES.iter().find(|i| i.key == key)
    }

    /// The names of a value, empty ones between commas too.
    fn names_in<'t>(&self, value: Slice<'t>) -> impl Iterator<Item = Slice<'t>> + use<'t> {
        let is_list = self.key.ends_with('s');
        let whole = Some(value.trim()).filter(|v| !is_list && !v.is_empty());
        whole.into_iter().chain(list::elements(value).take(if is_list { usize::MAX } else { 0 }))
    }

    fn asked(&self) -> VersionSet {
        let [since, before] = self.between;
        VersionSet::since(since).and(VersionSet::before(before))
    }

    /// The releases that take `name`, and those of which it cannot be told.
    fn judge(&self, name: &str) -> (VersionSet, VersionSet) {
        if let Some((_, since)) = self.names.iter().find(|(n, _)| *n == name) {
            return (VersionSet::since(*since), VersionSet::NONE);
        }
        match catalog::class(name) {
            Some(class) if class.is(self.kind) => (VersionSet::from_bits(class.releases), VersionSet::NONE),
            None if class::is_name(name) => (VersionSet::NONE, VersionSet::all()),
            _ => (VersionSet::NONE, VersionSet::NONE),
        }
    }
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

/// The releases that refuse `value` for `key` by its form, and why.
pub(super) fn refusing(key: &str, value: &str, versions: VersionSet) -> Option<(VersionSet, String)> {
    let judgement = weigh(Scope::Server, versions, key, value);
    judgement.why.map(|(_, why)| (judgement.refusing, why))
}

/// The releases that refuse the value of `key` by its form: relations with other values are not asked there.
pub(super) fn unsound(node: &Node, key: &str) -> VersionSet {
    let Some(setting) = node.settings.get(key) else { return VersionSet::NONE };
    weigh(Scope::Server, node.versions, key, setting.value.as_str()).refusing
}
