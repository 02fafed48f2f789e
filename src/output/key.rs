//! What there is to know of one key: its history, where the files set it, which rules speak of it. The text of
//! `kraftlint explain KEY`. Facts come from the catalog and the rules' pages; nothing is told here that is not there.

use std::fmt::Write as _;
use std::io;

use super::full::wrap;
use super::{BOLD, DIM, Options, RESET, Views, mask, plain};
use crate::cluster::{Lookup, Settings};
use crate::image::variable::{self, Dialect};
use crate::kafka::catalog::{self, Def, DefaultValue, FateKind, Scope, Type};
use crate::kafka::history::{self, Step};
use crate::kafka::version::VersionSet;
use crate::report::Report;
use crate::rules::code::META;
use crate::source::Span;
use crate::text::HOLE;

/// Writes all that is known of `key`, which was asked for as `asked`.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(
    key: &str,
    asked: &str,
    report: &Report,
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let page = Page { options };
    let (bold, off) = if options.color { (BOLD, RESET) } else { ("", "") };
    let mut text = format!("{bold}{}{off}\n", plain(key));
    let (prefix, own) = without_prefix(key);
    if asked.trim() != key {
        page.line(&mut text, 2, &format!("What the images make of the variable {}.", plain(asked)));
    }
    let is_listeners = catalog::strip_listener_prefix(key).is_some();
    let is_mechanisms = !prefix.is_empty() && catalog::is_of_mechanism(behind_listener(key));
    let of = match (is_listeners, is_mechanisms) {
        (true, true) => " for one SASL mechanism of one listener",
        (true, false) => " for one listener, which then does not look at the key without its name",
        (false, true) => " for one SASL mechanism of every listener",
        (false, false) => "",
    };
    if !of.is_empty() {
        page.line(&mut text, 2, &format!("{own}{of}."));
    }
    variables(key, &page, &mut text);
    // Only servers read keys with such prefixes.
    let scopes: &[Scope] = if prefix.is_empty() { &Scope::ALL } else { &[Scope::Server] };
    history(own, scopes, &page, &mut text);
    let is_listed = Scope::ALL.iter().any(|scope| !catalog::defs(*scope, own).is_empty());
    match catalog::why_extra(own) {
        Some(why) if is_listed => page.line(&mut text, 2, &format!("In other releases: {why}.")),
        Some(why) => {
            page.heading(&mut text, "Server");
            page.line(&mut text, 2, &format!("Not in Kafka's own list of keys: {why}."));
        }
        None => {}
    }
    places(key, report, &page, &mut text);
    spoken_of(own, &page, &mut text);
    out.write_all(text.as_bytes())
}

/// The prefix of a listener, of a SASL mechanism or of both, and the key behind it.
pub(crate) fn without_prefix(key: &str) -> (&str, &str) {
    let rest = behind_listener(key);
    let own = match rest.split_once('.') {
        Some((_, own)) if catalog::is_of_mechanism(rest) && catalog::defs(Scope::Server, rest).is_empty() => {
            own
        }
        _ => rest,
    };
    (key.strip_suffix(own).unwrap_or(""), own)
}

fn behind_listener(key: &str) -> &str {
    catalog::strip_listener_prefix(key).map_or(key, |(_, rest)| rest)
}

/// How the text is set.
struct Page<'o> {
    options: &'o Options,
}

impl Page<'_> {
    fn heading(&self, out: &mut String, text: &str) {
        let (bold, off) = if self.options.color { (BOLD, RESET) } else { ("", "") };
        _ = write!(out, "\n{bold}{text}{off}\n");
    }

    /// One paragraph, `indent` columns to the right.
    fn line(&self, out: &mut String, indent: usize, text: &str) {
        self.row(out, indent, "", 0, text);
    }

    /// A word in a column `width` wide, and a text beside it.
    fn row(&self, out: &mut String, indent: usize, word: &str, width: usize, text: &str) {
        let left = indent + if width > 0 { width + 2 } else { 0 };
        let room = self.options.width.saturating_sub(left).max(24);
        for (i, line) in wrap(text, room).enumerate() {
            if i == 0 && width > 0 {
                _ = writeln!(out, "{:indent$}{word:width$}  {line}", "");
            } else {
                _ = writeln!(out, "{:left$}{line}", "");
            }
        }
    }

    fn dim(&self, out: &mut String, indent: usize, text: &str) {
        let (dim, off) = if self.options.color { (DIM, RESET) } else { ("", "") };
        _ = writeln!(out, "{:indent$}{dim}{text}{off}", "");
    }
}

fn variables(key: &str, page: &Page<'_>, out: &mut String) {
    let is_servers = !catalog::defs(Scope::Server, without_prefix(key).1).is_empty();
    let variable = |dialect| variable::variable(dialect, key, VersionSet::all());
    let named = [(Dialect::Apache, "Apache, Confluent"), (Dialect::Bitnami, "Bitnami")];
    let names: Vec<String> = named
        .into_iter()
        .filter_map(|(dialect, who)| variable(dialect).map(|name| format!("{name} ({who})")))
        .collect();
    if is_servers && !names.is_empty() {
        page.line(out, 2, &format!("As a variable: {}.", names.join(", ")));
    }
}

/// One section for each kind of program whose key it is; those that agree share one.
fn history(key: &str, scopes: &[Scope], page: &Page<'_>, out: &mut String) {
    let mut sections: Vec<(Vec<Scope>, String)> = Vec::new();
    for scope in scopes.iter().copied() {
        let mut body = String::new();
        of_scope(scope, key, page, &mut body);
        if body.is_empty() {
            continue;
        }
        match sections.iter_mut().find(|(_, known)| *known == body) {
            Some((scopes, _)) => scopes.push(scope),
            None => sections.push((vec![scope], body)),
        }
    }
    for (scopes, body) in &sections {
        let names: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
        page.heading(out, &title(&names));
        out.push_str(body);
        for scope in scopes {
            if let Some(link) = history::documentation(*scope, key, VersionSet::all()) {
                page.dim(out, 2, &link);
            }
        }
    }
}

/// `Server`, `Producer, consumer, admin`.
fn title(names: &[&str]) -> String {
    let text = names.join(", ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn of_scope(scope: Scope, key: &str, page: &Page<'_>, out: &mut String) {
    let steps = history::steps(scope, key);
    let zookeeper = catalog::fates(scope, key).find(|fate| fate.kind == FateKind::ZooKeeper);
    let Some(last) = steps.iter().rev().find_map(|step| step.def) else {
        // It went before the releases of the catalog.
        if let Some(fate) = catalog::fates(scope, key).find(|fate| fate.kind == FateKind::Gone) {
            page.line(out, 2, &format!("Not known: {}{}.", fate.why, instead(fate)));
        }
        return;
    };
    page.line(out, 2, &now(key, last));
    if let Some(fate) = zookeeper {
        page.line(out, 2, &format!("In ZooKeeper mode only: {}.", fate.why));
    }
    if let Some(fate) = catalog::fates(scope, key).find(|fate| fate.kind == FateKind::Fallback) {
        page.line(out, 2, &format!("Where it is not set, {}: {}.", counts(fate), fate.why));
    }
    match scope {
        Scope::Topic => {
            if let Some(server) = catalog::broker_default(key) {
                page.line(out, 2, &format!("For topics that do not set it, the brokers' {server} counts."));
            }
        }
        Scope::Server => {
            let topics =
                catalog::keys(Scope::Topic).find(|topic| catalog::broker_default(topic) == Some(key));
            if let Some(topic) = topics {
                page.line(out, 2, &format!("A topic may set its own: {topic}."));
            }
        }
        _ => {}
    }
    let names: Vec<String> = steps.iter().map(|step| format!("Kafka {}", short(step))).collect();
    let width = names.iter().map(String::len).max().unwrap_or(0);
    let mut before: Option<&Step> = None;
    for (step, name) in steps.iter().zip(&names) {
        page.row(out, 2, name, width, &change(scope, key, before, step));
        before = Some(step);
    }
}

/// `log.dir counts`, `log.retention.minutes counts, then log.retention.hours`.
fn counts(fate: &catalog::Fate) -> String {
    let keys: Vec<&str> = fate.instead().collect();
    match keys.split_first() {
        Some((first, [])) => format!("{first} counts"),
        Some((first, rest)) => format!("{first} counts, then {}", rest.join(", then ")),
        None => String::new(),
    }
}

fn short(step: &Step) -> &'static str {
    let name = step.from.name();
    name.strip_suffix(".0").unwrap_or(name)
}

/// What a step changed, each with what is to be said of it.
fn change(scope: Scope, key: &str, before: Option<&Step>, step: &Step) -> String {
    let why = |text: String, kinds: &[FateKind]| {
        let fate = catalog::fates(scope, key).find(|fate| {
            let begins = VersionSet::from_bits(fate.releases).oldest() == Some(step.from);
            kinds.contains(&fate.kind) && (fate.kind != FateKind::Default || begins)
        });
        fate.map_or(text.clone(), |fate| format!("{text}: {}{}", fate.why, instead(fate)))
    };
    let deprecated = || why("deprecated".to_owned(), &[FateKind::Deprecated, FateKind::DeprecatedInKraft]);
    let Some(def) = step.def else { return why("gone".to_owned(), &[FateKind::Gone]) };
    let was_deprecated = before.is_some_and(|step| step.deprecated);
    let mut parts = Vec::new();
    match before.map(|step| step.def) {
        Some(Some(old)) => {
            if old.ty != def.ty {
                parts.push(format!("{}, was {}", def.ty.name(), old.ty.name()));
            }
            if old.default != def.default {
                let text = format!(
                    "{}, was {}",
                    default(key, def),
                    default(key, old).trim_start_matches("default ")
                );
                parts.push(why(text, &[FateKind::Default]));
            }
            parts.extend(taken(old, def));
            match (old.internal, def.internal) {
                (true, false) => parts.push("documented".to_owned()),
                (false, true) => parts.push("no longer documented".to_owned()),
                _ => {}
            }
        }
        known => {
            let first = VersionSet::all().oldest() == Some(step.from);
            let again = known.is_some();
            parts.push(
                if again {
                    "known again"
                } else if first {
                    "known, perhaps before"
                } else {
                    "known"
                }
                .to_owned(),
            );
            if def.internal {
                parts.push("not documented".to_owned());
            }
        }
    }
    match (was_deprecated, step.deprecated) {
        (false, true) => parts.push(deprecated()),
        (true, false) => parts.push("no longer deprecated".to_owned()),
        _ => {}
    }
    parts.join("; ")
}

/// How the values differ that two definitions take.
fn taken(old: &Def, new: &Def) -> Option<String> {
    let (was, is) = (history::words(old), history::words(new));
    if was == is {
        return None;
    }
    let list = |text: &str| -> Option<Vec<String>> {
        let (list, _) =
            text.strip_prefix("of ")?.split_once(", not empty").unwrap_or((text.strip_prefix("of ")?, ""));
        Some(list.split(", ").map(str::to_owned).collect())
    };
    if let (Some(was), Some(is)) = (list(&was), list(&is)) {
        let only =
            |a: &[String], b: &[String]| a.iter().filter(|w| !b.contains(w)).cloned().collect::<Vec<_>>();
        let (more, fewer) = (only(&is, &was), only(&was, &is));
        let mut parts = Vec::new();
        if !more.is_empty() {
            parts.push(format!("takes {} too", more.join(", ")));
        }
        if !fewer.is_empty() {
            parts.push(format!("no longer takes {}", fewer.join(", ")));
        }
        if parts.is_empty() {
            parts.push("no longer takes the empty list".to_owned());
        }
        return Some(parts.join(", "));
    }
    Some(match (is.as_str(), was.as_str()) {
        ("", was) => format!("no longer only {was}"),
        ("not empty", _) => "no longer takes the empty list".to_owned(),
        (is, "") => format!("only {}", is.replacen("of ", "one of ", usize::from(is.starts_with("of ")))),
        (is, was) => format!("{is}, was {was}"),
    })
}

fn instead(fate: &catalog::Fate) -> String {
    let keys: Vec<&str> = fate.instead().filter(|key| !fate.why.contains(key)).collect();
    if keys.is_empty() { String::new() } else { format!("; use {}", keys.join(" and ")) }
}

/// What the newest definition takes.
fn now(key: &str, def: &Def) -> String {
    let ty = match def.ty {
        Type::Boolean => "true or false",
        Type::Int | Type::Short | Type::Long => "a whole number",
        Type::Double => "a number",
        Type::String => "a text",
        Type::List => "a list with commas",
        Type::Class => "the name of a class",
        Type::Password => "a secret text",
    };
    let words = history::words(def);
    let words = match words.strip_prefix("of ") {
        Some(list) if def.ty != Type::List => format!(", one of {list}"),
        _ if words.is_empty() => String::new(),
        _ => format!(", {words}"),
    };
    let set = default(key, def);
    let internal = if def.internal { "; not documented" } else { "" };
    format!("{} ({}){words}; {set}{internal}", capital(ty), def.ty.name())
}

fn capital(text: &str) -> String {
    title(&[text])
}

/// `default 5`, with the size or time where that is easier to read.
fn default(key: &str, def: &Def) -> String {
    match def.default {
        DefaultValue::Required => "must be set".to_owned(),
        DefaultValue::Null => "no default".to_owned(),
        DefaultValue::Value(text) => format!("default {}", shown(key, text.get())),
    }
}

/// A value, with its size or time where that is easier to read.
pub(super) fn shown(key: &str, value: &str) -> String {
    if value.is_empty() {
        return "empty".to_owned();
    }
    let value = plain(value);
    match in_words(key, &value) {
        Some(words) => format!("{value} ({words})"),
        None => value.into_owned(),
    }
}

/// `7 days` for `log.retention.ms=604800000`.
fn in_words(key: &str, value: &str) -> Option<String> {
    let number: i64 = value.parse().ok()?;
    if number == i64::MAX {
        return Some("no limit".to_owned());
    }
    let units: &[(i64, &str)] = if key.ends_with(".ms") {
        &[(86_400_000, "days"), (3_600_000, "h"), (60_000, "min"), (1000, "s")]
    } else if key.ends_with(".bytes") {
        &[(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
    } else {
        return None;
    };
    // A smaller number is read as easily as it stands.
    let (size, unit) = units.iter().find(|(size, _)| number >= *size && number % size == 0)?;
    let unit = if *unit == "days" && number == *size { "day" } else { unit };
    (number >= 10_000).then(|| format!("{} {unit}", number / size))
}

/// Where the files set it, and who leaves it out.
fn places(key: &str, report: &Report, page: &Page<'_>, out: &mut String) {
    let Some(model) = &report.model else { return };
    let views = Views::new(&report.sources);
    let mut rows: Vec<(String, String)> = Vec::new();
    let behind = format!(".{key}");
    let is_it = |name: &str| name == key || name.starts_with("listener.name.") && name.ends_with(&behind);
    let mut unset: Vec<(String, Vec<&str>)> = Vec::new();
    for node in report.clusters.iter().flat_map(|c| &c.nodes) {
        let mut is_set = false;
        for setting in node.settings.iter().filter(|s| is_it(&s.key)) {
            is_set |= setting.key == key;
            let place = place(setting.span, setting.origin, &views);
            rows.push((node.name.clone(), value(key, &setting.key, &setting.value, &place)));
        }
        let known = model.nodes.iter().find(|n| n.name == node.name);
        if let Some(known) = known.filter(|_| !is_set && !catalog::defs(Scope::Server, key).is_empty()) {
            let what = match known.lookup(key) {
                Lookup::Default(value) => format!("Kafka's default is {}", shown(key, value)),
                Lookup::Unknown(Some(_)) => "it may be set where nothing is seen".to_owned(),
                Lookup::Unknown(None) => "Kafka's default depends on its release".to_owned(),
                Lookup::Unset
                    if catalog::known_in(Scope::Server, key) & node.versions.bits() == 0
                        && !catalog::is_extra(key) =>
                {
                    "not known to its release".to_owned()
                }
                _ => {
                    let mut fates = catalog::fates(Scope::Server, key);
                    let fallback = fates.find(|fate| fate.kind == FateKind::Fallback);
                    fallback.map_or_else(|| "there is no default".to_owned(), counts)
                }
            };
            match unset.iter_mut().find(|(known, _)| *known == what) {
                Some((_, names)) => names.push(&node.name),
                None => unset.push((what, vec![&node.name])),
            }
        }
    }
    for client in &model.clients {
        let parts =
            std::iter::once(&client.settings).chain(client.parts.iter().map(|(_, settings)| settings));
        for setting in parts.flat_map(Settings::iter).filter(|s| is_it(s.key())) {
            let place = place(Some(setting.value.span()), setting.origin.name(), &views);
            let text = setting.value.as_str().replace(HOLE, "${…}");
            rows.push((client.name.clone(), value(key, setting.key(), &text, &place)));
        }
    }
    for topic in &model.topics {
        for (_, text) in topic.configs.iter().filter(|(name, _)| name.as_str() == key) {
            let place = place(Some(text.span()), "command", &views);
            let name = format!("topic {}", topic.name.as_str().replace(HOLE, "${…}"));
            rows.push((name, value(key, key, &text.as_str().replace(HOLE, "${…}"), &place)));
        }
    }
    if rows.is_empty() && unset.is_empty() {
        return;
    }
    page.heading(out, "Here");
    let width = rows.iter().map(|(name, _)| name.chars().count()).filter(|n| *n <= 32).max().unwrap_or(0);
    for (name, text) in &rows {
        page.row(out, 2, &plain(name), width, text);
    }
    for (what, names) in &unset {
        let names = crate::rules::join_names(names);
        page.line(out, 2, &format!("Not set by {}: {what}.", plain(&names)));
    }
}

fn place(span: Option<Span>, origin: &str, views: &Views<'_>) -> String {
    match span {
        Some(span) => {
            let (line, _) = views.position(span);
            format!("{}:{line}", views.name(span))
        }
        None => format!("set by the {}", origin.replace('_', " ")),
    }
}

fn value(asked: &str, key: &str, text: &str, place: &str) -> String {
    let masked = mask::value(key, text);
    let name = if key == asked { String::new() } else { format!("{} = ", plain(key)) };
    format!("{name}{}  {place}", plain(if masked.is_empty() { "(empty)" } else { &masked }))
}

/// The rules whose pages name the key in their prose.
fn spoken_of(key: &str, page: &Page<'_>, out: &mut String) {
    let found: Vec<_> = META.iter().filter(|meta| names(meta.prose(), key)).collect();
    if found.is_empty() {
        return;
    }
    page.heading(out, "Rules that speak of it");
    let width = found.iter().map(|m| m.name.len()).max().unwrap_or(0);
    for meta in found {
        page.row(out, 2, &format!("{}  {:width$}", meta.id, meta.name), width + 7, meta.summary);
    }
}

/// Does the prose of a page hold `key` as a word? Its examples hold keys that it is not about.
fn names(page: &str, key: &str) -> bool {
    let mut fenced = false;
    page.lines().any(|line| {
        if line.starts_with("```") {
            fenced = !fenced;
        }
        !fenced && holds(line, key)
    })
}

fn holds(line: &str, key: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    line.match_indices(key).any(|(at, _)| {
        let before = line.get(..at).unwrap_or("").chars().next_back();
        let mut behind = line.get(at + key.len()..).unwrap_or("").chars();
        let next = behind.next();
        // A dot is the end of a sentence, or leads to the rest of a longer key.
        let longer = next == Some('.') && behind.next().is_some_and(part);
        !before.is_some_and(|c| part(c) || c == '.') && !next.is_some_and(part) && !longer
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_as_words() {
        assert!(holds("Set `log.dirs`, or", "log.dirs"));
        assert!(holds("the key log.dirs.", "log.dirs"));
        assert!(!holds("`log.dirs.x` and metadata.log.dirs", "log.dirs"));
        assert!(!names("text\n```\nlog.dirs=/x\n```\n", "log.dirs"));
    }

    #[test]
    fn every_key_can_be_explained() {
        let report = Report::default();
        for key in Scope::ALL.into_iter().flat_map(catalog::keys) {
            let mut out = Vec::new();
            write(key, key, &report, &Options::default(), &mut out).unwrap();
            let text = String::from_utf8(out).unwrap();
            let well_set = |line: &str| line.chars().count() <= 100 || !line.trim().contains(' ');
            assert!(text.contains("  Kafka 3.") || text.contains("  Kafka 4."), "{text}");
            assert!(text.lines().all(well_set) && !text.contains("..\n") && !text.contains(": \n"), "{text}");
        }
    }

    #[test]
    fn numbers_in_words() {
        assert_eq!(shown("log.retention.ms", "604800000"), "604800000 (7 days)");
        assert_eq!(shown("log.segment.bytes", "1073741824"), "1073741824 (1 GiB)");
        assert_eq!(shown("linger.ms", "5"), "5");
        assert_eq!(shown("x.ms", "9223372036854775807"), "9223372036854775807 (no limit)");
        assert_eq!(shown("num.partitions", "60000"), "60000");
    }
}
