//! KL502, KL503, KL504: keys that this release no longer knows, will give up, or does not know yet.
//!
//! What knows a key is the catalog of the releases; why it went and what took its place, the table of fates.

use super::{Owner, at, rename, shown};
use crate::cluster::Setting;
use crate::diagnostic::{Code, Diagnostic, Fix, Safety, Severity};
use crate::image::Family;
use crate::kafka::catalog::{self, Fate, FateKind, Scope};
use crate::kafka::version::VersionSet;
use crate::rules::join_names;

/// What a server does with a key it does not know.
const IGNORED: &str = "Kafka ignores keys it does not know, without a word.";

pub(super) fn judge(owner: &Owner<'_>, setting: &Setting) -> Option<Diagnostic> {
    let key = setting.key();
    let known = VersionSet::from_bits(
        owner.scopes.iter().map(|scope| catalog::known_in(*scope, key)).fold(0, |all, mask| all | mask),
    );
    if owner.versions.within(known) {
        return deprecated(owner, setting);
    }
    let missing = owner.versions.without(known);
    let (gone, early): (Vec<_>, Vec<_>) =
        missing.iter().partition(|release| known.newest().is_none_or(|last| *release > last));
    match (gone.is_empty(), early.is_empty()) {
        (false, true) => removed(owner, setting, known),
        // What is read outside of the list of keys was read before it came into the list.
        (true, false) if !catalog::is_extra(key) => not_yet(owner, setting, known),
        // Neither can be said of all that may run.
        _ => None,
    }
}

/// True for a key that went before the releases of the catalog.
pub(super) fn is_ancient(key: &str) -> bool {
    // A prefix speaks of the keys behind it that there were; this may be none of them.
    fate(Scope::Server, key, FateKind::Gone).is_some_and(|fate| fate.key == key)
}

/// What to say of it.
pub(super) fn judge_ancient(owner: &Owner<'_>, setting: &Setting) -> Option<Diagnostic> {
    // The scripts of an unknown image may read it.
    let unknown_image = owner.node.is_some_and(|n| n.image.family == Family::Unknown && n.service.is_some());
    if unknown_image || owner.versions.is_empty() { None } else { removed(owner, setting, VersionSet::NONE) }
}

fn fate(scope: Scope, key: &str, kind: FateKind) -> Option<&'static Fate> {
    catalog::fates(scope, key).find(|fate| fate.kind == kind)
}

fn removed(owner: &Owner<'_>, setting: &Setting, known: VersionSet) -> Option<Diagnostic> {
    let key = setting.key();
    let sure = !owner.versions.meets(known);
    // Without a value nothing is lost.
    if setting.value.as_str().trim().is_empty() {
        return None;
    }
    // Where nothing tells the release, it is one that knows the key.
    if !sure && !owner.is_told {
        return None;
    }
    let since = match known.newest() {
        Some(last) => VersionSet::all().iter().find(|r| *r > last).map_or("", |r| r.name()),
        None => "3.0.0",
    };
    let since = short(since);
    let message = if sure {
        format!("{} is gone since Kafka {since}, so it has no effect here", shown(setting))
    } else {
        format!("{} is gone since Kafka {since}, which this {} may run", shown(setting), owner.what)
    };
    let fate = owner.scopes.iter().find_map(|scope| fate(*scope, key, FateKind::Gone));
    let mut finding = at(Code::KL502, setting, message)
        .label(format!("not read by Kafka {}", owner.versions.without(known).describe()))
        .help(help(IGNORED, fate));
    if !sure {
        finding = finding.severity(Severity::Info);
    }
    Some(renamed(owner, setting, fate, finding))
}

fn deprecated(owner: &Owner<'_>, setting: &Setting) -> Option<Diagnostic> {
    let key = setting.key();
    let in_kraft = owner.node.is_some_and(super::runs_kraft);
    let scope = *owner.scopes.iter().find(|scope| catalog::known_in(**scope, key) != 0)?;
    let releases = VersionSet::from_bits(catalog::deprecated_in(scope, key, in_kraft));
    if owner.versions.is_empty() || !owner.versions.within(releases) {
        return None;
    }
    let since = releases.oldest().map_or("", |r| r.name());
    let message = format!("{} is deprecated since Kafka {}", shown(setting), short(since));
    let fate = catalog::fates(scope, key)
        .find(|fate| matches!(fate.kind, FateKind::Deprecated | FateKind::DeprecatedInKraft));
    let last = VersionSet::from_bits(catalog::known_in(scope, key)).newest();
    let gone = VersionSet::all().iter().find(|r| last.is_some_and(|last| *r > last));
    let first = match gone {
        Some(release) => format!("Kafka {} no longer knows it.", short(release.name())),
        None => "Kafka still reads it; a later major release will not.".to_owned(),
    };
    let finding = at(Code::KL503, setting, message).label("deprecated").help(help(&first, fate));
    Some(renamed(owner, setting, fate, finding))
}

fn not_yet(owner: &Owner<'_>, setting: &Setting, known: VersionSet) -> Option<Diagnostic> {
    // Confluent Server takes keys over before Kafka has them.
    let ahead = owner
        .node
        .is_some_and(|n| matches!(n.image.family, Family::ConfluentServer | Family::ConfluentLocal));
    let sure = !owner.versions.meets(known);
    if ahead || !sure && !owner.is_told {
        return None;
    }
    let missing = owner.versions.without(known);
    let from = known.iter().find(|r| missing.newest().is_none_or(|last| *r > last))?;
    let message = if sure {
        format!("{} is known from Kafka {} on, so it has no effect here", shown(setting), short(from.name()))
    } else {
        format!("{} is not known to Kafka {}, which may run here", shown(setting), missing.describe())
    };
    let mut finding = at(Code::KL504, setting, message)
        .label(format!("not read by Kafka {}", missing.describe()))
        .help(format!("{IGNORED} Leave the setting out, or run Kafka {} or later.", short(from.name())));
    if !sure {
        finding = finding.severity(Severity::Info);
    }
    Some(finding)
}

/// What to do: what Kafka does with the key, why, and what to use.
fn help(first: &str, fate: Option<&Fate>) -> String {
    let Some(fate) = fate else { return first.to_owned() };
    let mut out = format!("{first} {}.", capital(fate.why));
    let keys: Vec<&str> = fate.instead().filter(|key| !fate.why.contains(key)).collect();
    if !keys.is_empty() {
        out.push_str(&format!(" Use {}.", join_names(&keys)));
    }
    out
}

fn renamed(owner: &Owner<'_>, setting: &Setting, fate: Option<&Fate>, finding: Diagnostic) -> Diagnostic {
    let Some(key) = fate.and_then(Fate::renamed) else { return finding };
    match rename(owner, setting, key) {
        Some(edit) => {
            let message = format!("rename it to {key}");
            finding.fix(Fix { safety: Safety::Unsafe, message, edits: vec![edit] })
        }
        None => finding,
    }
}

/// The first release of a line by its line: `4.0` for `4.0.0`.
pub(super) fn short(release: &str) -> &str {
    release.strip_suffix(".0").unwrap_or(release)
}

/// As the first word of a sentence, unless it is a key.
pub(super) fn capital(text: &str) -> String {
    let word = text.split(' ').next().unwrap_or("");
    let mut letters = text.chars();
    match letters.next() {
        Some(first) if !word.contains('.') => first.to_uppercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}
