//! What Compose refuses of a field before or without its schema: where the short form becomes the long one (compose-go
//! `transform/`), where entries of a list are told apart (`override/uncity.go`), where a text becomes a number
//! (`loader/interpolate.go`), and where paths become absolute (`paths/resolve.go`).
//!
//! This is all that is ever asked of the services of an extended file that nobody extends. Not for the schema itself.

use crate::hash::HashSet;

use super::load::Run;
use super::model::{Layer, RawService};
use super::mounts;
use super::ports::{self, Parsed};
use super::schema::{self, Fault};
use super::values::Values;
use crate::source::path;
use crate::yaml::{Kind, NodeId, Plain};

/// What is wrong with the value of a field of a service that its schema is not asked about. `skip`: entries that others take
/// the place of.
pub(super) fn fault(
    values: &Values,
    field: &str,
    node: NodeId,
    skip: Option<&HashSet<NodeId>>,
) -> Option<Fault> {
    odd(values, field, node, skip)
        .or_else(|| schema::cast_fault(values, field, node).filter(|_| !values.file.has_template))
}

/// As [`fault`], of a value whose texts were held against the schema, and so cast.
pub(super) fn odd(
    values: &Values,
    field: &str,
    node: NodeId,
    skip: Option<&HashSet<NodeId>>,
) -> Option<Fault> {
    if values.file.has_template {
        return None;
    }
    entries(values, field, node).or_else(|| shape(values, field, node, skip))
}

/// A bind mount without a source, of which no path can be made. Of a project's own files, only what is left when all are
/// put together is asked.
pub(super) fn without_source(values: &Values, field: &str, node: NodeId) -> Option<Fault> {
    if field != "volumes" || values.file.has_template {
        return None;
    }
    let get = |node, key: &str| values.tree().get(node, key).map(|e| e.value);
    let is_bind = |n: &NodeId| get(*n, "type").is_some_and(|t| values.tree().str(t) == Some("bind"));
    let bare = items(values, node).find(|n| is_bind(n) && get(*n, "source").is_none())?;
    Some((bare, "a bind mount without `source`".to_owned()))
}

/// The first fault that `check` finds in a place of a field, faults of entries aside that others take the place of.
pub(super) fn first_fault(
    run: &mut Run<'_, '_>,
    raw: &RawService,
    layer: &Layer,
    check: impl Fn(Option<&HashSet<NodeId>>) -> Option<Fault>,
) -> Option<Fault> {
    let fault = check(None)?;
    let skip = replaced(run, raw, layer);
    if skip.is_empty() { Some(fault) } else { check(Some(&skip)) }
}

/// The entries of a list that later ones take the place of before Compose looks at either: entries of the same list or,
/// for what `extends` brought, of the service itself.
pub(super) fn replaced(run: &mut Run<'_, '_>, raw: &RawService, layer: &Layer) -> HashSet<NodeId> {
    let field = layer.field.name();
    let (mut seen, mut gone) = (HashSet::default(), HashSet::default());
    let mut places = raw.layers.iter().skip_while(|l| !std::ptr::eq(*l, layer));
    let mut together = Vec::new();
    while let Some(place) = places.next().filter(|_| together.last().is_none_or(|l: &&Layer| l.is_base)) {
        if place.field == layer.field && place.drops.is_none() && place.document == layer.document {
            together.push(place);
        }
    }
    for place in together.into_iter().rev() {
        let values = run.values(place.at.file, place.at.scope);
        for item in values.tree().items(place.at.node).iter().rev() {
            let Some(key) = key(&values, field, *item) else { continue };
            if !seen.insert(key) && std::ptr::eq(place, layer) {
                gone.insert(*item);
            }
        }
    }
    gone
}

/// What kind of value stands there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Is {
    Null,
    Text,
    Number,
    Mapping,
    List,
    /// A boolean, a fraction.
    Else,
    /// A hole.
    Unknown,
}

fn is(values: &Values, node: NodeId) -> Is {
    let tree = values.tree();
    match tree.resolve(node).map(|id| tree.kind(id)) {
        _ if values.is_template(node) => Is::Unknown,
        Some(Kind::Mapping(_)) => Is::Mapping,
        Some(Kind::Sequence(_)) => Is::List,
        _ => match values.plain(node) {
            Some(Plain::Null) => Is::Null,
            Some(Plain::String) if values.is_fixed(node) => Is::Text,
            Some(Plain::String) if values.string(node).is_some_and(|t| t.slice().has_hole()) => Is::Unknown,
            Some(Plain::String | Plain::Merge) => Is::Text,
            Some(Plain::Integer) => Is::Number,
            Some(_) => Is::Else,
            None => Is::Unknown,
        },
    }
}

fn items(values: &Values, node: NodeId) -> impl Iterator<Item = NodeId> {
    values.tree().items(node).iter().copied()
}

/// Entries that cannot be told apart from others.
fn entries(values: &Values, field: &str, node: NodeId) -> Option<Fault> {
    let get = |node, key: &str| values.tree().get(node, key).map(|e| e.value);
    let texts = |node: Option<NodeId>| {
        let wrong = |n: &NodeId| !matches!(is(values, *n), Is::Text | Is::Unknown);
        items(values, node?).find(wrong).map(|n| (n, format!("an entry of `{field}` is no string")))
    };
    // A list is told apart by texts.
    match field {
        "annotations" | "cap_add" | "cap_drop" | "dns" | "dns_opt" | "dns_search" | "environment"
        | "labels" | "links" | "profiles" | "sysctls" | "tmpfs" => texts(Some(node)),
        "build" => ["args", "additional_contexts", "platform", "tags", "labels"]
            .iter()
            .find_map(|key| texts(get(node, key))),
        "deploy" => texts(get(node, "labels")),
        "networks" => {
            values.tree().entries(node).iter().find_map(|e| {
                texts(get(e.value, "aliases")).or_else(|| texts(get(e.value, "link_local_ips")))
            })
        }
        "expose" => {
            let wrong = |n: &NodeId| !matches!(is(values, *n), Is::Text | Is::Number | Is::Unknown);
            items(values, node).find(wrong).map(|n| (n, "an entry of `expose` is no port".to_owned()))
        }
        "devices" | "volumes" => items(values, node).find_map(|item| {
            let is_text = |n: NodeId| matches!(is(values, n), Is::Text | Is::Unknown);
            match is(values, item) {
                Is::Mapping if !get(item, "target").is_some_and(is_text) => {
                    Some((item, format!("an entry of `{field}` has no `target`")))
                }
                Is::Text if field == "volumes" => {
                    let text = values.string(item)?;
                    mounts::short(&text, &values.scope.folder).err().map(|message| (item, message))
                }
                _ => None,
            }
        }),
        "ports" => items(values, node)
            .find(|item| is(values, *item) == Is::Mapping && get(*item, "target").is_none())
            .map(|item| (item, "a port without `target`".to_owned())),
        "env_file" => items(values, node)
            .find(|item| is(values, *item) == Is::Mapping && get(*item, "path").is_none())
            .map(|item| (item, "an entry of `env_file` has no path".to_owned())),
        _ => None,
    }
}

/// What an entry of a list is told apart by (`override/uncity.go`), in fields where entries may be more than texts: of
/// several the last counts, before anybody looks at the others.
pub(super) fn key(values: &Values, field: &str, item: NodeId) -> Option<String> {
    let text = |node: NodeId| values.text(node).map(|t| t.as_str().to_owned());
    let get = |key: &str| values.tree().get(item, key).map(|e| e.value);
    if !values.tree().is_mapping(item) {
        let is_number = field == "ports" && values.plain(item) == Some(Plain::Integer);
        let text = if is_number { values.text(item)? } else { values.string(item)? };
        return Some(match field {
            "volumes" => mounts::short_key(&text, &values.scope.folder)?,
            "devices" => text.as_str().split(':').nth(1).unwrap_or(text.as_str()).to_owned(),
            "secrets" => format!("/run/secrets/{}", text.as_str()),
            "configs" => format!("/{}", text.as_str()),
            "env_file" => env_file_key(text.as_str(), &values.scope.folder),
            "ports" => text.as_str().to_owned(),
            _ => return None,
        });
    }
    match field {
        "volumes" | "devices" => text(get("target")?),
        "secrets" | "configs" => get("target").and_then(text).or_else(|| {
            let folder = if field == "secrets" { "/run/secrets" } else { "" };
            Some(format!("{folder}/{}", get("source").and_then(text).unwrap_or_default()))
        }),
        "env_file" => Some(env_file_key(&text(get("path")?)?, &values.scope.folder)),
        // A list or a mapping makes it like no other, and so does nothing where there is something otherwise.
        "ports"
            if ["published", "host_ip", "protocol"].iter().any(|k| {
                get(k).is_some_and(|n| text(n).is_none() || values.is_null(n) && *k != "published")
            }) =>
        {
            None
        }
        "ports" => match ports::entry(values, item) {
            Parsed::Ports(ports, is_number) => ports.first().map(|port| ports::key(port, is_number)),
            _ => None,
        },
        _ => None,
    }
}

/// What env files are told apart by: their paths as they are written, but for those of another folder, which were joined to it
/// before (`paths/resolve.go`).
pub(super) fn env_file_key(written: &str, folder: &str) -> String {
    let joined = path::join(folder, written);
    if path::normalise(written) == written { joined } else { format!("{joined}\0{written}") }
}

/// Where a later place of a field cannot be put over an earlier one: a list or a mapping stays what it is
/// (`override/merge.go`, `MergeYaml`). `as_written`: which of the two is not in its long form yet.
pub(super) fn clash(
    (earlier, e): (&Values, NodeId),
    (later, l): (&Values, NodeId),
    path: &mut Vec<String>,
    as_written: (bool, bool),
) -> Option<NodeId> {
    let name = path.join(".");
    let both = is(earlier, e) == Is::Mapping && is(later, l) == Is::Mapping;
    match name.as_str() {
        "build.args"
        | "build.additional_contexts"
        | "build.extra_hosts"
        | "build.labels"
        | "deploy.labels"
        | "healthcheck.test" => return None,
        // A number there is replaced.
        limit if limit.starts_with("ulimits.") && !both => return None,
        // A text is the context.
        "build" if !both => return None,
        "logging" if both => {
            let driver =
                |values: &Values, node| values.tree().get(node, "driver").map(|e| values.deep(e.value));
            let (one, other) = (driver(earlier, e), driver(later, l));
            if one.is_some() && other.is_some() && one != other {
                return None;
            }
        }
        _ => {}
    }
    let kind = |values: &Values, node, as_written: bool| match (name.as_str(), is(values, node)) {
        ("gpus", Is::Text) if !as_written => Is::List,
        ("build.ssh", Is::List) if !as_written => Is::Mapping,
        (_, kind) => kind,
    };
    match (kind(earlier, e, as_written.0), kind(later, l, as_written.1)) {
        (_, Is::Null | Is::Unknown) => None,
        (Is::List, other) => (other != Is::List).then_some(l),
        (Is::Mapping, Is::Mapping) => later.tree().entries(l).iter().find_map(|entry| {
            let key = later.tree().str(entry.key)?;
            let before = earlier.tree().get(e, key)?;
            if earlier.is_override(before.value) || later.is_override(entry.value) {
                return None;
            }
            path.push(key.to_owned());
            let found = clash((earlier, before.value), (later, entry.value), path, as_written);
            path.pop();
            found
        }),
        (Is::Mapping, _) => Some(l),
        _ => None,
    }
}

/// What cannot be put over what an earlier place says under the same `x-` key.
pub(super) fn extension(key: &str, earlier: (&Values, NodeId), later: (&Values, NodeId)) -> Option<Fault> {
    let node = clash(earlier, later, &mut vec![key.to_owned()], (true, true))?;
    Some((node, format!("this cannot be put over what is said of `{key}` before")))
}

/// What has no long form.
fn shape(values: &Values, field: &str, node: NodeId, skip: Option<&HashSet<NodeId>>) -> Option<Fault> {
    let wrong = |node: NodeId| Some((node, format!("`{field}` cannot be this")));
    let items = |list| items(values, list).filter(|item| !skip.is_some_and(|s| s.contains(item)));
    let each =
        |list: NodeId, fine: &[Is]| items(list).find(|n| !fine.contains(&is(values, *n))).and_then(wrong);
    let here = is(values, node);
    let only = |fine: &[Is]| if fine.contains(&here) { None } else { wrong(node) };
    const MOUNT: [Is; 3] = [Is::Text, Is::Mapping, Is::Unknown];
    match field {
        "extends" => only(&MOUNT),
        "env_file" | "gpus" => only(&[Is::Text, Is::List, Is::Unknown]),
        "networks" | "models" => each(node, &[Is::Text, Is::Unknown]),
        "secrets" | "configs" => each(node, &MOUNT),
        "volumes" => each(node, &MOUNT),
        "devices" => each(node, &MOUNT).or_else(|| {
            let parts = |n: &NodeId| values.string(*n).map_or(0, |t| t.as_str().matches(':').count());
            items(node).find(|n| parts(n) > 2).and_then(wrong)
        }),
        "ulimits" => limits(values, node),
        "depends_on" => only(&[Is::List, Is::Mapping, Is::Unknown])
            .or_else(|| each(node, &[Is::Text, Is::Unknown]))
            .or_else(|| {
                let mut entries = values.tree().entries(node).into_iter();
                let bad = entries.find(|e| !matches!(is(values, e.value), Is::Mapping | Is::Unknown))?;
                wrong(bad.value)
            }),
        "ports" => only(&[Is::List, Is::Unknown]).or_else(|| {
            items(node).find_map(|item| match is(values, item) {
                Is::Mapping | Is::Unknown => None,
                Is::Text | Is::Number => match ports::entry(values, item) {
                    Parsed::Refused(message) => Some((item, message)),
                    _ => None,
                },
                _ => wrong(item),
            })
        }),
        "build" => only(&MOUNT).or_else(|| build(values, node)),
        _ => None,
    }
}

fn limits(values: &Values, node: NodeId) -> Option<Fault> {
    let entries = values.tree().entries(node);
    // A text is a number already, or was refused.
    let number = |n: NodeId| matches!(is(values, n), Is::Number | Is::Text | Is::Unknown);
    let fine = |n: NodeId| {
        let two = || ["soft", "hard"].iter().filter_map(|key| values.tree().get(n, key));
        // Over another one, nothing changes nothing; else the schema refuses it.
        let may_stand = |n| number(n) || is(values, n) == Is::Null;
        number(n) || is(values, n) == Is::Mapping && two().all(|e| may_stand(e.value))
    };
    let bad = entries.iter().find(|e| !fine(e.value))?;
    Some((bad.value, "a limit is a number or a mapping".to_owned()))
}

/// What of `build` has no long form.
fn build(values: &Values, node: NodeId) -> Option<Fault> {
    let get = |key: &str| values.tree().get(node, key).map(|e| e.value);
    let text = |n: &NodeId| values.string(*n).map(|t| t.as_str().to_owned());
    let ssh = get("ssh").and_then(|ssh| match is(values, ssh) {
        Is::Mapping | Is::Unknown => None,
        Is::List => {
            let fine = |n: &NodeId| text(n).is_some_and(|t| t.contains('=') || t == "default");
            items(values, ssh).find(|n| !fine(n)).map(|n| (n, "no key for `build.ssh`".to_owned()))
        }
        _ => Some((ssh, "`build.ssh` is neither a mapping nor a list".to_owned())),
    });
    let contexts = || {
        let contexts = get("additional_contexts")?;
        match is(values, contexts) {
            Is::Mapping | Is::Unknown => None,
            Is::List => items(values, contexts)
                .find(|n| !text(n).is_some_and(|t| t.contains('=')))
                .map(|n| (n, "an entry of `build.additional_contexts` has no `=`".to_owned())),
            _ => Some((contexts, "`build.additional_contexts` is neither a mapping nor a list".to_owned())),
        }
    };
    let secrets = || {
        let fine = |n: &NodeId| matches!(is(values, *n), Is::Text | Is::Mapping | Is::Unknown);
        let bad = items(values, get("secrets")?).find(|n| !fine(n))?;
        Some((bad, "an entry of `build.secrets` is neither a string nor a mapping".to_owned()))
    };
    let limits = || limits(values, get("ulimits")?);
    ssh.or_else(contexts).or_else(secrets).or_else(limits)
}
