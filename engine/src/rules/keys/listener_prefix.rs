//! KL510: prefixes that Kafka writes in lower case, and KL501 for what stands behind a listener's prefix.
//!
//! Kafka looks for `listener.name.` + the listener's name in lower case + `.`, and behind that, or alone, for the SASL
//! mechanism in lower case + `.` (`ListenerName.configPrefix`, `ListenerName.saslMechanismConfigPrefix`, `JaasContext`).

use super::{Owner, at, rename, shown};
use crate::cluster::Setting;
use crate::diagnostic::{Code, Diagnostic, Fix, Safety};
use crate::kafka::catalog::{self, Scope};

/// The mechanisms whose names have a dash, as variables without `___` spell them.
const DOTTED: [(&str, &str); 2] =
    [("scram.sha.256.", "scram-sha-256."), ("scram.sha.512.", "scram-sha-512.")];

/// A finding about a key with one of these prefixes. `None` too where nothing is wrong with it.
pub(super) fn judge(owner: &Owner<'_>, setting: &Setting) -> Option<Diagnostic> {
    letter_case(owner, setting).or_else(|| underscores(owner, setting)).or_else(|| misspelt(owner, setting))
}

/// `listener.name.<listener>.`, `<mechanism>.` and the key behind them.
fn parts(key: &str) -> (Option<&str>, Option<&str>, &str) {
    let (listener, rest) = match catalog::strip_listener_prefix(key) {
        Some((listener, rest)) => (Some(listener), rest),
        None => (None, key),
    };
    match rest.split_once('.') {
        Some((mechanism, own)) if catalog::is_of_mechanism(rest) => (listener, Some(mechanism), own),
        _ => (listener, None, rest),
    }
}

fn letter_case(owner: &Owner<'_>, setting: &Setting) -> Option<Diagnostic> {
    let key = setting.key();
    let upper = |name: Option<&str>| name.is_some_and(|n| n.chars().any(|c| c.is_ascii_uppercase()));
    let (listener, mechanism, own) = parts(key);
    let what = match (upper(listener), upper(mechanism)) {
        (true, _) => "listener's name",
        (_, true) => "mechanism",
        _ => return None,
    };
    let head = key.len().checked_sub(own.len())?;
    let right = format!("{}{own}", key.get(..head)?.to_ascii_lowercase());
    let message = format!("{} is never read: Kafka looks for the {what} in lower case", shown(setting));
    let mut finding = at(Code::KL510, setting, message).label("in capitals").help(
        "Kafka turns the names of listeners and mechanisms into lower case before it looks for their settings, and keys are \
         case-sensitive. What is written here has no effect; what holds for all listeners counts.",
    );
    if let Some(edit) = rename(owner, setting, &right) {
        let message = format!("write it {right}");
        finding = finding.fix(Fix { safety: Safety::Safe, message, edits: vec![edit] });
    }
    Some(finding)
}

/// A variable with one underscore where the name of a listener or mechanism has one, or a dash.
fn underscores(owner: &Owner<'_>, setting: &Setting) -> Option<Diagnostic> {
    let (node, key) = (owner.node?, setting.key());
    setting.mapped.as_ref()?;
    let mut right = key.to_owned();
    let rest = key.strip_prefix("listener.name.");
    if let (Some(rest), Some((_, listeners))) = (rest, node.listeners()) {
        let names = || listeners.iter().map(|l| l.name.to_ascii_lowercase());
        // A listener that is called like the first word alone is meant by it.
        let alone = names().any(|name| rest.split('.').next() == Some(&name));
        let behind = |name: &String| {
            let dotted = format!("{}.", name.replace(['_', '-'], "."));
            rest.strip_prefix(dotted.as_str()).map(|behind| format!("listener.name.{name}.{behind}"))
        };
        if let Some(key) = names().filter(|n| n.contains(['_', '-']) && !alone).find_map(|n| behind(&n)) {
            right = key;
        }
    }
    for (dotted, dashed) in DOTTED {
        let head = if right.starts_with("listener.name.") { right.rfind(dotted) } else { Some(0) };
        if let Some(at) = head.filter(|at| right.get(*at..).is_some_and(|r| r.starts_with(dotted))) {
            let (before, behind) = (right.get(..at)?, right.get(at + dotted.len()..)?);
            right = format!("{before}{dashed}{behind}");
        }
    }
    let (listener, _, own) = parts(&right);
    let known = !catalog::defs(Scope::Server, own).is_empty() || catalog::is_of_mechanism(behind(&right));
    if right == key || !known {
        return None;
    }
    let message = format!(
        "{} is never read: in a variable one underscore is a dot, and Kafka looks for {right}",
        shown(setting)
    );
    let mut finding = at(Code::KL501, setting, message)
        .label(if listener.is_some() { "read as a setting of another listener" } else { "not known" })
        .help("In the variables of these images two underscores stand for one, and three for a dash.");
    if let Some(edit) = rename(owner, setting, &right) {
        let message = format!("rename it, so that it becomes {right}");
        finding = finding.fix(Fix { safety: Safety::Unsafe, message, edits: vec![edit] });
    }
    Some(finding)
}

fn behind(key: &str) -> &str {
    catalog::strip_listener_prefix(key).map_or(key, |(_, rest)| rest)
}

/// A slip behind the prefix of a listener.
fn misspelt(owner: &Owner<'_>, setting: &Setting) -> Option<Diagnostic> {
    let key = setting.key();
    let (_, own) = catalog::strip_listener_prefix(key)?;
    if catalog::is_extra(own) {
        return None;
    }
    let near = catalog::nearest(&[Scope::Server], own, owner.versions.bits());
    let (near, only_case) = match near {
        Some(near) => (near.key.to_owned(), near.only_case),
        None => (catalog::nearest_of_mechanism(own)?, false),
    };
    let right = format!("{}{near}", key.strip_suffix(own)?);
    let message = format!("{} is no setting of Kafka, {right} is", shown(setting));
    let mut finding = at(Code::KL501, setting, message)
        .label(format!("did you mean {near}?"))
        .help("Kafka ignores keys it does not know, without a word: the setting has no effect.");
    if let Some(edit) = rename(owner, setting, &right) {
        let safety = if only_case { Safety::Safe } else { Safety::Unsafe };
        finding = finding.fix(Fix { safety, message: format!("rename it to {right}"), edits: vec![edit] });
    }
    Some(finding)
}
