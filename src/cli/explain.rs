//! `kraftlint explain`: a rule's page, or what there is to know of a key and where the files set it.

use super::args::{Explain, RuleArgs};
use super::check::{nothing_found, options};
use super::{Failure, Outcome, print, read, write};
use crate::diagnostic::Code;
use crate::image::variable::{self, Dialect};
use crate::kafka::catalog::{self, FateKind, Scope};
use crate::kafka::version::VersionSet;
use crate::output::{key, plain, rules};
use crate::rules::code::META;
use crate::settings::NodeSettings;

/// How many keys are suggested for one that nobody knows.
const SUGGESTIONS: usize = 3;

pub(super) fn run(args: &Explain) -> Result<Outcome, Failure> {
    if let Some(code) = one_rule(&args.what) {
        return print(args.color, |color, out| rules::explain(code, color, out));
    }
    let key = one_key(&args.what).ok_or_else(|| unknown(&args.what))?;
    let mut input = read::input(&args.reading, &RuleArgs::default())?;
    input.settings.node_settings = NodeSettings::Set;
    let report = input.lint();
    let mut text = Vec::new();
    key::write(&key, &args.what, &report, &options(args.color.wanted(), false), &mut text)
        .map_err(|e| Failure(format!("cannot write the output: {e}")))?;
    write::stdout(&text)?;
    // Who only asks what a key is need not stand in a cluster.
    if !args.reading.paths.is_empty() && report.node_count() + report.client_count() == 0 {
        nothing_found(&input, &report);
        return Ok(Outcome::NothingFound);
    }
    Ok(Outcome::Clean)
}

/// The rule that `name` means.
fn one_rule(name: &str) -> Option<Code> {
    let same = |known: &str| known.eq_ignore_ascii_case(name);
    META.iter().find(|m| same(m.id) || same(m.name)).map(|m| m.code)
}

/// The key that `name` means: itself, or what an image makes of it as a variable.
fn one_key(name: &str) -> Option<String> {
    let name = name.trim();
    if is_known(name) {
        return Some(name.to_owned());
    }
    let dialects: &[Dialect] = if name.starts_with("KAFKA_CFG_") {
        &[Dialect::Bitnami]
    } else {
        &[Dialect::Apache, Dialect::Confluent, Dialect::ConfluentServer, Dialect::Bitnami, Dialect::Plain]
    };
    let mapped = dialects.iter().filter_map(|d| variable::property(*d, name, VersionSet::all()));
    mapped.into_iter().find(|key| is_known(key))
}

fn is_known(name: &str) -> bool {
    let (_, key) = key::without_prefix(name);
    Scope::ALL.into_iter().any(|scope| {
        !catalog::defs(scope, key).is_empty()
            || catalog::fates(scope, key).any(|fate| fate.kind == FateKind::Gone && fate.key == key)
    }) || catalog::is_extra(key)
}

/// One line, with what was probably meant.
fn unknown(name: &str) -> Failure {
    let shown = plain(name);
    // Rules are called like-this, keys like.this.
    if name.to_ascii_uppercase().starts_with("KL") || name.contains('-') && !name.contains('.') {
        return Failure(format!("there is no rule `{shown}`{}", super::nearest_rule(name)));
    }
    if variable::is_for_scripts(name) {
        return Failure(format!("`{shown}` is no key of Kafka: the start scripts read it"));
    }
    let typed = one_variable(name).unwrap_or_else(|| name.to_owned());
    let near = catalog::similar(&typed, SUGGESTIONS);
    let near: Vec<String> = near.iter().map(|key| format!("`{key}`")).collect();
    match near.split_last() {
        Some((last, [])) => Failure(format!("there is no key `{shown}`, did you mean {last}?")),
        Some((last, rest)) => {
            Failure(format!("there is no key `{shown}`, did you mean {} or {last}?", rest.join(", ")))
        }
        None => match Code::nearest(name) {
            Some(rule) => Failure(format!("there is no rule or key `{shown}`, did you mean `{rule}`?")),
            None => Failure(format!("there is no rule and no key of Kafka 3.0 or later called `{shown}`")),
        },
    }
}

/// What a variable becomes, whoever reads it.
fn one_variable(name: &str) -> Option<String> {
    let dialect = if name.starts_with("KAFKA_CFG_") { Dialect::Bitnami } else { Dialect::Apache };
    variable::property(dialect, name, VersionSet::all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_go_by_code_and_name() {
        assert_eq!(one_rule("kl101"), Some(Code::KL101));
        assert_eq!(one_rule("Duplicate-Node-Id"), Some(Code::KL101));
        let error = |name| unknown(name).to_string();
        assert_eq!(
            error("duplicate-nod-id"),
            "there is no rule `duplicate-nod-id`, did you mean `duplicate-node-id`?"
        );
    }

    #[test]
    fn keys_go_by_name_and_variable() {
        for (name, key) in [
            ("log.dirs", "log.dirs"),
            ("KAFKA_LOG_DIRS", "log.dirs"),
            ("KAFKA_CFG_LOG_DIRS", "log.dirs"),
            ("linger.ms", "linger.ms"),
            ("super.users", "super.users"),
            ("advertised.host.name", "advertised.host.name"),
            ("listener.name.internal.ssl.keystore.location", "listener.name.internal.ssl.keystore.location"),
            ("KAFKA_ADVERTISED_PORT", "advertised.port"),
        ] {
            assert_eq!(one_key(name).as_deref(), Some(key), "{name}");
        }
        assert_eq!(one_key("listener.name.internal.log.dirz"), None);
    }

    #[test]
    fn an_unknown_name_is_told_in_one_line() {
        let error = |name| unknown(name).to_string();
        assert_eq!(error("log.dis"), "there is no key `log.dis`, did you mean `log.dir` or `log.dirs`?");
        assert!(
            error("KAFKA_NUM_PARTITION").contains("`num.partitions`"),
            "{}",
            error("KAFKA_NUM_PARTITION")
        );
        assert_eq!(
            error("qqqqqqqqqqqq"),
            "there is no rule and no key of Kafka 3.0 or later called `qqqqqqqqqqqq`"
        );
        assert!(!plain(&error("a\nb")).contains('\n'));
    }
}
