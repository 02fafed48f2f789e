//! What the tool makes of log directories that hold a `meta.properties`.
//!
//! Sources: `StorageTool.formatCommand` (up to 3.6 it asks only whether the file is there), `MetaPropertiesEnsemble`,
//! `MetaProperties.Builder` (3.7 and later).

use super::{Fault, Kind};
use crate::kafka::cluster_id;
use crate::kafka::version::Release;
use crate::text::Text;

/// A log directory of a node.
#[derive(Debug, Clone, Default)]
pub struct Directory<'n> {
    /// As it is written.
    pub path: &'n str,
    /// What its `meta.properties` says; `None` when there is none in sight.
    pub meta: Option<Stored<'n>>,
}

/// A `meta.properties`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stored<'n> {
    /// `version`.
    pub version: Option<&'n Text>,
    /// `cluster.id`.
    pub cluster_id: Option<&'n Text>,
    /// `node.id`.
    pub node_id: Option<&'n Text>,
    /// `broker.id`.
    pub broker_id: Option<&'n Text>,
    /// `directory.id`.
    pub directory_id: Option<&'n Text>,
}

impl Directory<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.meta.is_none()
    }
}

/// The file as 3.7 and later read it.
struct Read<'n> {
    at: usize,
    cluster_id: Option<&'n Text>,
    /// The text and the number.
    node_id: Option<(&'n Text, i32)>,
    directory_id: Option<(&'n Text, String)>,
}

impl<'n> Stored<'n> {
    /// # Errors
    /// The property for which the tool cannot read the file, if it stands there.
    fn read(&self, at: usize) -> Result<Read<'n>, Option<&'n Text>> {
        let number = |text: &'n Text| text.as_str().parse::<i32>().map_err(|_| Some(text));
        let version = match self.version {
            Some(text) => {
                text.as_str().trim_matches(|c: char| c <= ' ').parse::<i32>().map_err(|_| Some(text))?
            }
            None => 0,
        };
        let node_id = match version {
            0 => self.broker_id,
            1 => Some(self.node_id.ok_or(None)?),
            _ => return Err(self.version),
        };
        let node_id = node_id.map(|text| Ok::<_, Option<&'n Text>>((text, number(text)?))).transpose()?;
        let directory_id = self
            .directory_id
            .map(|text| cluster_id::canonical(text.as_str()).map(|id| (text, id)).map_err(|_| Some(text)));
        if version == 1 && self.cluster_id.is_none() {
            return Err(None);
        }
        Ok(Read { at, cluster_id: self.cluster_id, node_id, directory_id: directory_id.transpose()? })
    }

    fn has_hole(&self) -> bool {
        let all = [self.version, self.cluster_id, self.node_id, self.broker_id, self.directory_id];
        all.into_iter().flatten().any(|text| text.known().is_none())
    }
}

/// The ids that stand for something else than a directory (`DirectoryId`): the first hundred numbers.
fn is_reserved(id: &str) -> bool {
    // 22 letters of six bits: all but the last three are zero, and the lowest bits of these stay below 100.
    let Some(low) = id.strip_prefix("AAAAAAAAAAAAAAAAAAA") else { return false };
    let value = |c: char| match c {
        'A'..='Z' => u32::from(c) - u32::from('A'),
        'a'..='z' => u32::from(c) - u32::from('a') + 26,
        '0'..='9' => u32::from(c) - u32::from('0') + 52,
        '-' => 62,
        _ => 63,
    };
    let number = low.chars().fold(0, |n, c| n << 6 | value(c));
    // The last letter carries four spare bits.
    number >> 4 < 100
}

pub(super) fn faults(
    directories: &[Directory<'_>],
    cluster_id: Option<&str>,
    node_id: Option<i32>,
    ignores: bool,
    release: Release,
) -> Vec<Fault> {
    const OWN: &str = "The directory was formatted for another node or cluster. Point the node at its own directory, or correct the \
                       command. Format a directory anew only if it holds no data.";
    const IGNORE: &str = "Format once and keep the directory; or give --ignore-formatted, which skips what is formatted already.";
    let formatted = || directories.iter().enumerate().filter_map(|(i, d)| Some((i, d.meta.as_ref()?)));
    let already = |at: usize, path: &str| {
        let message = format!("the log directory {path} is formatted already");
        Fault::new(Kind::Directory(at), None, message, IGNORE)
    };
    let path = |at: usize| directories.get(at).map_or("", |d| d.path);
    if release.parts() < (3, 7, 0) {
        let first = formatted().next().filter(|_| !ignores);
        return first.map(|(at, _)| already(at, path(at))).into_iter().collect();
    }
    if formatted().any(|(_, stored)| stored.has_hole()) {
        return Vec::new();
    }
    let (mut read, mut broken) = (Vec::new(), Vec::new());
    for (at, stored) in formatted() {
        match stored.read(at) {
            Ok(meta) => read.push(meta),
            Err(why) => broken.push((at, why)),
        }
    }
    let mut found = Vec::new();
    let mut push = |at: usize, place: Option<&Text>, message: String, help| {
        found.push(Fault::new(Kind::Directory(at), place.map(Text::slice), message, help));
    };
    let mut seen: Vec<(&str, usize)> = Vec::new();
    for meta in &read {
        if let (Some(stored), Some(wanted)) = (meta.cluster_id, cluster_id)
            && stored.as_str() != wanted
        {
            let message = format!(
                "the log directory {} belongs to cluster {}, and the command formats for {wanted}",
                path(meta.at),
                stored.as_str()
            );
            push(meta.at, Some(stored), message, OWN);
        }
        if let (Some((text, stored)), Some(wanted)) = (meta.node_id, node_id)
            && stored != wanted
        {
            let message = format!(
                "the log directory {} belongs to node {stored}, and this is node {wanted}",
                path(meta.at)
            );
            push(meta.at, Some(text), message, OWN);
        }
        let Some((text, id)) = &meta.directory_id else { continue };
        if is_reserved(id) {
            let message =
                format!("the directory.id of {} is one that stands for no directory", path(meta.at));
            push(
                meta.at,
                Some(text),
                message,
                "Remove directory.id; Kafka makes a new one at the next start.",
            );
        }
        if let Some((_, other)) = seen.iter().find(|(known, _)| known == id) {
            let message = format!(
                "the log directories {} and {} have the same directory.id",
                path(*other),
                path(meta.at)
            );
            push(
                meta.at,
                Some(text),
                message,
                "One directory is a copy of the other. Remove directory.id from the copy; Kafka makes a new one at the next start.",
            );
        }
        seen.push((id, meta.at));
    }
    if !found.is_empty() {
        return found;
    }
    // 3.7 stops at a file it cannot read, later releases pass over it while there is another directory.
    let stops = release.parts() < (3, 8, 0) || read.is_empty() && broken.len() == directories.len();
    if let (Some((at, why)), true) = (broken.first(), stops) {
        let message = format!("the meta.properties of {} cannot be read", path(*at));
        let help =
            "Its version must be 1, with cluster.id and node.id, or 0; directory.id must be a base64 UUID.";
        return vec![Fault::new(Kind::Directory(*at), why.map(Text::slice), message, help)];
    }
    match read.first() {
        Some(meta) if !ignores => vec![already(meta.at, path(meta.at))],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_reserved;

    #[test]
    fn knows_reserved_ids() {
        // 0, 99, 100 and an ordinary one.
        assert!(is_reserved("AAAAAAAAAAAAAAAAAAAAAA"));
        assert!(is_reserved("AAAAAAAAAAAAAAAAAAAAYw"));
        assert!(!is_reserved("AAAAAAAAAAAAAAAAAAAAZA"));
        assert!(!is_reserved("JEXY6aqzQY-32P5TStzaFg"));
    }
}
