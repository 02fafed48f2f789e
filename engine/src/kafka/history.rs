//! What became of one key over the releases: the definitions of the catalog as a row of changes.
//!
//! Not for what a change means to a node: that is for rules and `kraftlint upgrade`.

use super::catalog::{self, Def, Scope};
use super::version::{Release, VersionSet};

/// From this release on a key is so.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// The first release.
    pub from: Release,
    /// Its definition; `None`: it is not known.
    pub def: Option<&'static Def>,
    /// It is deprecated, on a node in KRaft mode.
    pub deprecated: bool,
}

/// The changes of a key, oldest first. Empty for a key that no release knows.
#[must_use]
pub fn steps(scope: Scope, key: &str) -> Vec<Step> {
    let deprecated = VersionSet::from_bits(catalog::deprecated_in(scope, key, true));
    let mut steps: Vec<Step> = Vec::new();
    for from in VersionSet::all().iter() {
        let def = catalog::def_at(scope, key, from.index());
        let deprecated = def.is_some() && deprecated.iter().any(|release| release == from);
        let step = Step { from, def, deprecated };
        if steps.last().map_or(def.is_some(), |last| !same(last, &step)) {
            steps.push(step);
        }
    }
    steps
}

fn same(a: &Step, b: &Step) -> bool {
    let shown = |def: &'static Def| (def.ty, def.default, words(def), def.internal);
    a.deprecated == b.deprecated && a.def.map(shown) == b.def.map(shown)
}

/// What a key's validator takes, in words; empty if it takes all of its type.
#[must_use]
pub fn words(def: &Def) -> String {
    let text = def.validator.get();
    // The list of all levels there are, which is another in each release.
    if text.starts_with("[0.8.0, ") {
        return "a version such as 3.9".to_owned();
    }
    let (text, any_case) = match text.strip_prefix("(case insensitive) ") {
        Some(rest) => (rest, " in any case"),
        None => (text, ""),
    };
    let (text, filled) = match text.split_once("(no") {
        Some((rest, note)) if note.starts_with("t empty, no empty") => (rest.trim(), "not empty"),
        Some((rest, note)) if note.starts_with(" empty") => (rest.trim(), ""),
        _ => (text, ""),
    };
    let Some((inside, behind)) = text.strip_prefix('[').and_then(|rest| rest.rsplit_once(']')) else {
        return if text.is_empty() { filled.to_owned() } else { text.to_owned() };
    };
    let range = match inside.split_once("...") {
        None => format!("of {}{any_case}", inside),
        Some((least, most)) => {
            let (least, most) = (least.trim_end_matches(','), most.trim_start_matches(','));
            match (least, most) {
                ("", most) => format!("{most} or less"),
                (least, "") => format!("{least} or more"),
                (least, most) => format!("{least} to {most}"),
            }
        }
    };
    let more = if filled.is_empty() { String::new() } else { format!(", {filled}") };
    format!("{range}{behind}{more}")
}

/// The place of a key in Kafka's documentation, for the newest of `releases` in which it is documented. The anchors are those of
/// `ConfigDef.toHtml`, whose callers name the prefix (`KafkaConfig.main`, `AdminClientConfig.main` and so on).
#[must_use]
pub fn documentation(scope: Scope, key: &str, releases: VersionSet) -> Option<String> {
    let public = catalog::defs(scope, key).iter().filter(|def| !def.internal);
    let releases = VersionSet::from_bits(public.fold(0, |all, def| all | def.releases)).and(releases);
    let (major, minor, _) = releases.newest()?.parts();
    let (page, anchor) = match scope {
        Scope::Server => ("broker", "broker"),
        Scope::Topic => ("topic", "topic"),
        Scope::Producer => ("producer", "producer"),
        Scope::Consumer => ("consumer", "consumer"),
        Scope::Admin => ("admin", "adminclient"),
    };
    Some(format!(
        "https://kafka.apache.org/{major}{minor}/configuration/{page}-configs/#{anchor}configs_{key}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(scope: Scope, key: &str) -> Vec<String> {
        steps(scope, key)
            .iter()
            .map(|s| {
                let what = s.def.map_or("gone", |d| d.default.value().unwrap_or("null"));
                format!("{} {what}{}", s.from.name(), if s.deprecated { " deprecated" } else { "" })
            })
            .collect()
    }

    #[test]
    fn a_key_has_a_step_for_each_change() {
        let none: [&str; 0] = [];
        assert_eq!(told(Scope::Server, "log.dirs.x"), none);
        assert_eq!(told(Scope::Server, "num.recovery.threads.per.data.dir"), ["3.0.0 1", "4.0.0 2"]);
        assert_eq!(
            told(Scope::Server, "delegation.token.master.key"),
            ["3.0.0 null deprecated", "4.0.0 gone"]
        );
        assert_eq!(told(Scope::Producer, "linger.ms"), ["3.0.0 0", "4.0.0 5"]);
    }

    #[test]
    fn validators_in_words() {
        let at = |scope, key, release| {
            words(catalog::def_at(scope, key, catalog::release_index(release).unwrap()).unwrap())
        };
        assert_eq!(at(Scope::Server, "num.partitions", "4.0.0"), "1 or more");
        assert_eq!(at(Scope::Server, "compression.gzip.level", "4.0.0"), "1 to 9 or -1");
        assert_eq!(at(Scope::Server, "ssl.client.auth", "4.0.0"), "of required, requested, none");
        assert_eq!(at(Scope::Server, "log.dirs", "4.2.0"), "not empty");
        assert_eq!(at(Scope::Server, "log.dirs", "4.0.0"), "");
        assert_eq!(at(Scope::Server, "inter.broker.protocol.version", "3.8.0"), "a version such as 3.9");
    }

    #[test]
    fn documentation_is_that_of_the_newest_release() {
        let link = |scope, key| documentation(scope, key, VersionSet::all());
        assert_eq!(
            link(Scope::Server, "log.message.format.version").as_deref(),
            Some(
                "https://kafka.apache.org/39/configuration/broker-configs/#brokerconfigs_log.message.format.version"
            )
        );
        assert_eq!(link(Scope::Server, "group.coordinator.new.enable"), None);
    }
}
