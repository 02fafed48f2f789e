//! Mappings as they are meant: merge keys applied, the last of repeated keys.

use crate::hash::HashSet;

use super::{NodeId, Plain, Shape, Tree};

/// A key with its value, as a mapping has them after its merge keys are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The key, where it is written.
    pub key: NodeId,
    /// Its value, perhaps an alias.
    pub value: NodeId,
    /// The alias behind `<<` through which the entry came, the one nearest to the mapping that was asked.
    pub via: Option<NodeId>,
}

/// A mapping as written.
struct Pairs<'t> {
    has_merge: bool,
    has_duplicate: bool,
    all: &'t [(NodeId, NodeId)],
}

/// A place to look for entries: the mapping itself, or something behind a `<<`.
#[derive(Clone, Copy)]
struct Source {
    node: NodeId,
    via: Option<NodeId>,
    /// A list of mappings is allowed here.
    may_be_list: bool,
}

impl Tree {
    /// The pairs of a mapping as written, through an alias, and whether merge keys and repeated keys are among them.
    fn pairs(&self, mapping: NodeId) -> Option<Pairs<'_>> {
        match self.node(self.resolve(mapping)?).shape {
            Shape::Mapping { has_merge, has_duplicate, pairs } => {
                Some(Pairs { has_merge, has_duplicate, all: pairs.of(&self.pairs) })
            }
            _ => None,
        }
    }

    /// True for an unquoted `<<` at the place of a key.
    #[must_use]
    pub fn is_merge_key(&self, key: NodeId) -> bool {
        self.bytes(key) == Some(b"<<") && self.plain(key) == Some(Plain::Merge)
    }

    /// The entries of a mapping, merge keys applied, through an alias. First its own in file order, then the merged
    /// ones. Own keys beat merged ones, an earlier source beats a later one, merging is shallow.
    #[must_use]
    pub fn entries(&self, mapping: NodeId) -> Vec<Entry> {
        match self.pairs(mapping) {
            None => Vec::new(),
            Some(pairs) if !pairs.has_merge && !pairs.has_duplicate => {
                pairs.all.iter().map(|(key, value)| Entry { key: *key, value: *value, via: None }).collect()
            }
            Some(_) => {
                let mut entries = Vec::new();
                let mut seen = HashSet::default();
                self.visit(mapping, |source, pairs| {
                    let from = entries.len();
                    for (key, value) in pairs.iter().rev() {
                        let name = self.resolve(*key).and_then(|id| self.bytes(id));
                        if !self.is_merge_key(*key) && name.is_none_or(|name| seen.insert(name)) {
                            entries.push(Entry { key: *key, value: *value, via: source.via });
                        }
                    }
                    if let Some(new) = entries.get_mut(from..) {
                        new.reverse();
                    }
                    true
                });
                entries
            }
        }
    }

    /// The entry `key` of a mapping, as [`Tree::entries`] has it.
    #[must_use]
    pub fn get(&self, mapping: NodeId, key: &str) -> Option<Entry> {
        let root = self.resolve(mapping)?;
        match self.pairs(root) {
            Some(pairs) if pairs.has_merge => {}
            pairs => {
                let (key, value) = self.find(root, pairs?.all, key.as_bytes())?;
                return Some(Entry { key, value, via: None });
            }
        }
        let mut found = None;
        self.visit(mapping, |source, pairs| {
            let own = self.find(source.node, pairs, key.as_bytes());
            found = own.map(|(key, value)| Entry { key, value, via: source.via });
            found.is_none()
        });
        found
    }

    /// The last pair with that key, merge keys left aside.
    fn find(&self, id: NodeId, pairs: &[(NodeId, NodeId)], name: &[u8]) -> Option<(NodeId, NodeId)> {
        let named = |key: NodeId| self.resolve(key).and_then(|id| self.bytes(id)) == Some(name);
        if !self.sorted.is_empty()
            && let Some(sorted) = self.sorted.get(&id)
        {
            let at = |i: &u32| pairs.get(*i as usize).copied();
            let text = |i: &u32| at(i).and_then(|p| self.resolve(p.0)).and_then(|id| self.bytes(id));
            let behind = sorted.partition_point(|i| text(i).is_some_and(|text| text <= name));
            let mut same = sorted.get(..behind)?.iter().rev().map_while(|i| at(i).filter(|p| named(p.0)));
            return same.find(|p| !self.is_merge_key(p.0));
        }
        pairs.iter().rev().copied().find(|(key, _)| named(*key) && !self.is_merge_key(*key))
    }

    /// Shows a mapping, then all that it merges, the strongest first, each once, until `see` has enough.
    fn visit<'t>(&'t self, mapping: NodeId, mut see: impl FnMut(Source, &'t [(NodeId, NodeId)]) -> bool) {
        let Some(root) = self.resolve(mapping) else { return };
        let mut open = vec![Source { node: root, via: None, may_be_list: false }];
        let mut visited = HashSet::default();
        while let Some(mut source) = open.pop() {
            let Some(id) = self.resolve(source.node) else { continue };
            if id != source.node {
                source.via = source.via.or(Some(source.node));
                source.node = id;
            }
            let from = open.len();
            let inner = |node, may_be_list| Source { node, via: source.via, may_be_list };
            if let Some(Pairs { has_merge, all: pairs, .. }) = self.pairs(id) {
                if has_merge && !visited.insert(id) {
                    continue;
                }
                if !see(source, pairs) {
                    return;
                }
                if has_merge {
                    let values = pairs.iter().filter(|(key, _)| self.is_merge_key(*key));
                    open.extend(values.map(|(_, value)| inner(*value, true)));
                }
            } else if source.may_be_list {
                open.extend(self.items(id).iter().map(|item| inner(*item, false)));
            }
            if let Some(new) = open.get_mut(from..) {
                new.reverse();
            }
        }
    }

    /// True for what may stand behind `<<`: a mapping, or a list of mappings. An alias to nothing passes: it is a
    /// problem of its own.
    pub(super) fn can_be_merged(&self, value: NodeId) -> bool {
        let mapping = |id: NodeId| self.resolve(id).is_none_or(|id| self.is_mapping(id));
        mapping(value) || self.is_sequence(value) && self.items(value).iter().all(|item| mapping(*item))
    }
}
