//! Where the data lie, and what becomes of them.

pub(super) mod anonymous_data_volume;
pub(super) mod volume_misses_log_dirs;

use crate::cluster::{Lookup, Node, Origin};
use crate::compose::{Mount, MountKind, MountSource, Service};
use crate::image::Family;
use crate::source::Span;

/// A directory that holds data, and where it is set, if it is.
pub(super) struct Dir {
    pub(super) path: String,
    pub(super) set: Option<Span>,
}

/// What keeps a directory of a container.
#[derive(Clone, Copy)]
pub(super) enum Keeper {
    /// A named volume, or a folder of the host.
    Named,
    /// A volume without a name, of this service.
    Anonymous,
    /// The same, declared by the image.
    Image,
    /// The container itself.
    Container,
    /// Memory, or nothing that is known.
    Other,
}

/// The directories of a node, when all of them are known.
pub(super) fn dirs(node: &Node) -> Option<Vec<Dir>> {
    let set = |key: &str| node.settings.get(key).filter(|s| !s.value.as_str().trim().is_empty());
    let mut dirs = Vec::new();
    match set("log.dirs").or_else(|| set("log.dir")) {
        Some(setting) => {
            let span = (setting.origin != Origin::Image).then(|| setting.value.span());
            let value = setting.value.known()?;
            dirs.extend(value.split(',').map(|d| Dir { path: clean(d), set: span }));
        }
        None if default_counts(node) => {
            let Lookup::Default(dir) = node.lookup("log.dir") else { return None };
            dirs.push(Dir { path: dir.to_owned(), set: None });
        }
        None => return None,
    }
    if let Some(setting) = set("metadata.log.dir") {
        dirs.push(Dir { path: clean(setting.value.known()?), set: Some(setting.value.span()) });
    }
    dirs.iter().all(|d| d.path.starts_with('/')).then_some(dirs)
}

fn clean(path: &str) -> String {
    path.trim().trim_end_matches('/').to_owned()
}

/// Kafka's own default holds where nobody but the files in sight sets something.
fn default_counts(node: &Node) -> bool {
    let apache = matches!(node.image.family, Family::Apache | Family::ApacheNative);
    let script = apache && node.entry.as_ref().is_some_and(|e| e.pristine && e.whole);
    script || node.entry.is_none() && node.settings.iter().any(|s| s.origin == Origin::File)
}

/// The mount over `path` that counts: the longest target.
fn mount<'m>(service: &'m Service, path: &str) -> Option<&'m Mount> {
    let over = service.mounts.iter().filter(|m| is_at_or_below(path, m.target.as_str()));
    over.max_by_key(|m| m.target.as_str().trim_end_matches('/').len())
}

/// What keeps `path`.
pub(super) fn keeper(node: &Node, service: &Service, path: &str) -> Keeper {
    let found = mount(service, path);
    // A volume of the image lies over whatever is mounted at a folder above.
    if let Some(own) = image_volume(node).filter(|own| is_at_or_below(path, own)) {
        let above = found.is_none_or(|m| !is_at_or_below(m.target.as_str(), own));
        if above {
            return Keeper::Image;
        }
    }
    match found {
        None => Keeper::Container,
        Some(mount) => match (&mount.source, mount.kind) {
            (_, MountKind::Tmpfs | MountKind::Config) => Keeper::Other,
            (MountSource::Bind(..) | MountSource::Volume(_), _) => Keeper::Named,
            (MountSource::Anonymous, _) => Keeper::Anonymous,
            _ => Keeper::Other,
        },
    }
}

/// The data volume that the image declares.
pub(super) fn image_volume(node: &Node) -> Option<&'static str> {
    match node.image.family {
        Family::Apache | Family::Confluent | Family::ConfluentServer => Some("/var/lib/kafka/data"),
        _ => None,
    }
}

pub(super) fn is_at_or_below(path: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// True when a mount's target or source is not known.
pub(super) fn has_unknown_mount(service: &Service) -> bool {
    service.mounts.iter().any(|m| {
        m.target.slice().has_hole()
            || matches!((&m.source, m.kind), (MountSource::Other, MountKind::Volume(None)))
    })
}
