//! What a service's place in networks says: `networks` and `extra_hosts`.
//!
//! A list and a mapping of networks are the same thing (compose-go `transform/canonical.go`); hosts are read as
//! `types/hostList.go` does. Who reaches whom by which name is the business of `cluster`.

use crate::hash::{HashMap, HashSet};

use super::Attachment;
use super::load::Run;
use super::model::{Field, RawService};
use super::schema;
use super::service::{is_long, named, not_a_string, shape, twice, unique_key};
use crate::text::{Slice, Text};
use crate::yaml::{NodeId, Plain};

/// `networks`: those the service is on, and the names as texts.
pub(super) fn networks(run: &mut Run<'_, '_>, name: &str, raw: &RawService) -> (Vec<Attachment>, Vec<Text>) {
    let (mut all, mut names): (Vec<Attachment>, Vec<Text>) = (Vec::new(), Vec::new());
    if !raw.has(Field::Networks) {
        return (all, names);
    }
    let mut index: HashMap<String, usize> = HashMap::default();
    // By number of the network and alias.
    let mut aliased: HashMap<String, usize> = HashMap::default();
    let alias_key = |i: usize, alias: &Text| format!("{i} {}", unique_key(alias.as_str()));
    let mut dropped: HashSet<String> = HashSet::default();
    let mut layers = 0;
    for layer in raw.of(Field::Networks) {
        let values = run.values(layer.at.file, layer.at.scope);
        let tree = values.tree();
        if layer.drops.is_some() {
            dropped.extend(tree.str(layer.key).map(str::to_owned));
            continue;
        }
        if !dropped.is_empty() {
            all.retain(|a| !dropped.contains(&a.name));
            names.retain(|n| !dropped.contains(n.as_str()));
            index = all.iter().enumerate().map(|(i, a)| (a.name.clone(), i)).collect();
            aliased.clear();
            for (i, attachment) in all.iter().enumerate() {
                for (at, alias) in attachment.aliases.iter().enumerate() {
                    aliased.insert(alias_key(i, alias), at);
                }
            }
            dropped.clear();
        }
        if shape(run, &values, raw, layer, name, layers) {
            continue;
        }
        layers += 1;
        let node = layer.at.node;
        let mut found: Vec<(Text, Option<NodeId>)> = Vec::new();
        if tree.is_mapping(node) && !values.is_template(node) {
            for entry in tree.entries(node) {
                found.extend(tree.text(entry.key).map(|key| (key, Some(entry.value))));
            }
        } else if tree.is_sequence(node) {
            for item in tree.items(node) {
                match values.string(*item) {
                    Some(text) => found.push((text, None)),
                    None => not_a_string(run, &values, *item, name, Field::Networks),
                }
            }
        } else {
            found.extend(values.string(node).map(|text| (text, None)));
        }
        if tree.is_sequence(node) && raw.of(Field::Networks).nth(1).is_none() && !is_long(raw, layer) {
            twice(run, found.iter().map(|f| &f.0), name, Field::Networks);
        }
        named(run, raw, layer, found.iter().map(|f| &f.0), name);
        for (key, value) in found {
            let i = *index.entry(key.as_str().to_owned()).or_insert(all.len());
            if i == all.len() {
                all.push(Attachment { name: key.as_str().to_owned(), aliases: Vec::new(), address: None });
                names.push(key);
            }
            let (Some(attachment), Some(value)) = (all.get_mut(i), value) else { continue };
            let aliases = tree.get(value, "aliases").map(|e| tree.items(e.value)).unwrap_or_default();
            for alias in aliases.iter().filter_map(|a| values.string(*a)) {
                let at = *aliased.entry(alias_key(i, &alias)).or_insert(attachment.aliases.len());
                match attachment.aliases.get_mut(at) {
                    Some(known) => *known = alias,
                    None => attachment.aliases.push(alias),
                }
            }
            if let Some(address) = tree.get(value, "ipv4_address").and_then(|e| values.string(e.value)) {
                attachment.address = Some(address).filter(|a| !a.as_str().is_empty());
            }
        }
    }
    all.retain(|a| !dropped.contains(&a.name));
    names.retain(|n| !dropped.contains(n.as_str()));
    (all, names)
}

/// `name=ip` or `name:ip`, several addresses between commas; or a mapping of name to one or a list of them.
pub(super) fn extra_hosts(run: &mut Run<'_, '_>, name: &str, raw: &RawService) -> Vec<(Text, Text)> {
    let mut all: Vec<(Text, Text)> = Vec::new();
    let mut add = |host: Slice<'_>, address: Slice<'_>| {
        let bare = address.as_str().strip_prefix('[').and_then(|a| a.strip_suffix(']'));
        let address = bare.map_or(address, |b| address.range(1..1 + b.len()));
        all.push((host.to_text(), address.to_text()));
    };
    // Of what later places say, entries that are there already in the same words are left out (`override/merge.go`,
    // `appendWithoutDuplicates`).
    let mut seen = HashSet::default();
    let (mut places, mut empty) = (0, true);
    let is_merged = raw.of(Field::ExtraHosts).filter(|l| l.drops.is_none()).nth(1).is_some();
    let mut layers = 0;
    for layer in raw.of(Field::ExtraHosts).filter(|l| l.drops.is_none()) {
        let values = run.values(layer.at.file, layer.at.scope);
        if shape(run, &values, raw, layer, name, layers) {
            continue;
        }
        layers += 1;
        places += 1;
        let tree = values.tree();
        // An empty list on top adds nothing; below, it stays a list.
        empty &= tree.is_mapping(layer.at.node) || places > 1 && tree.is_sequence(layer.at.node);
        for entry in tree.entries(layer.at.node) {
            empty = false;
            let Some(host) = tree.text(entry.key) else { continue };
            let many = tree.listed(&entry.value);
            // Put together with others, all values are texts.
            let text = |a: &NodeId| if is_merged { values.text(*a) } else { values.string(*a) };
            if !schema::is_host_name(host.as_str()) && !is_merged && !run.is_draft() {
                let message = format!("`{}` cannot be a host's name", host.as_str());
                run.problems.refuse(host.span(), Some(name), message);
            }
            if is_merged && values.is_null(entry.value) && !run.is_draft() {
                run.problems.refuse(host.span(), Some(name), "a host without an address");
            }
            for address in many.iter().filter_map(text) {
                let is_new = seen.insert(format!("{}={}", host.as_str(), address.as_str()));
                if is_new || places == 1 {
                    add(host.slice(), address.slice());
                }
            }
        }
        let one = [layer.at.node];
        let is_text = places > 1 && values.string(layer.at.node).is_some();
        for item in if is_text { &one } else { tree.items(layer.at.node) } {
            empty = false;
            // A date is printed.
            let is_date = values.plain(*item) == Some(Plain::Timestamp);
            let text = if is_date { values.text(*item) } else { values.string(*item) };
            let Some(text) = text else {
                not_a_string(run, &values, *item, name, Field::ExtraHosts);
                continue;
            };
            if !seen.insert(text.as_str().to_owned()) && places > 1 {
                continue;
            }
            let pair = text.slice().split_once(b'=').or_else(|| text.slice().split_once(b':'));
            match pair {
                Some((host, _)) if !schema::is_host_name(host.as_str()) && !run.is_draft() => {
                    run.problems.refuse(text.span(), Some(name), "a host without a name");
                }
                Some((host, addresses)) => addresses.split(b',').for_each(|a| add(host, a)),
                None if text.slice().has_hole() => {}
                None if run.is_draft() => {}
                None => run.problems.refuse(text.span(), Some(name), "a host without an address"),
            }
        }
    }
    // Empty mappings put together are null to compose-go (`override/merge.go`, `convertIntoSequence`).
    if places > 0 && empty && is_merged {
        let key = raw.of(Field::ExtraHosts).last().map(|l| run.values(l.at.file, l.at.scope).span(l.key));
        if let Some(span) = key {
            run.problems.refuse(span, Some(name), "an empty mapping over an empty mapping");
        }
    }
    all
}
