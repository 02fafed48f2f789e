//! What the entrypoint of a container's image gets, beside what becomes a setting.

use super::node::Node;
use crate::compose::{Service, Variable};
use crate::image::reference::Reference;
use crate::source::{Span, path};
use crate::text::Text;

/// A container whose image's own entrypoint runs, with nothing between it and the environment.
#[derive(Debug)]
pub struct Entry {
    /// The variables that become no setting, in order.
    pub rest: Vec<Variable>,
    /// Where a whole file is mounted that the entrypoint takes.
    pub file: Option<Span>,
    /// False when more variables may be set than are seen.
    pub whole: bool,
    /// True when the image is its maker's: nobody has built upon it, no script of it is mounted over.
    pub pristine: bool,
}

impl Entry {
    pub(super) fn new(
        service: &Service,
        environment: Vec<Variable>,
        file: Option<Span>,
        whole: bool,
    ) -> Entry {
        let official =
            service.image.as_ref().is_some_and(|image| Reference::parse(image.as_str()).is_official());
        let over = service.mounts.iter().any(|m| replaces_scripts(m.target.as_str()));
        // What became a setting has left an empty name behind.
        let rest = environment.into_iter().filter(|v| !v.name.as_str().is_empty()).collect();
        Entry {
            rest,
            file,
            whole: whole && service.environment_open.is_none(),
            pristine: official && service.build.is_none() && !over,
        }
    }
}

/// Does a mount change what the entrypoint is?
fn replaces_scripts(target: &str) -> bool {
    const FOLDERS: [&str; 7] = [
        "/etc/confluent",
        "/etc/kafka/docker",
        "/opt/bitnami",
        "/opt/kafka",
        "/usr/bin",
        "/docker-entrypoint-preinitdb.d",
        "/usr/local/bin",
    ];
    let config = target.contains("/config") || target.contains("/certs") || target.contains("/libs");
    FOLDERS.iter().any(|f| path::is_below(target, f)) && !config && !target.contains("/data")
        || target.ends_with(".sh")
}

impl Node {
    /// The variable of the container, by its name, when it is set.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<(&Text, &Text)> {
        let setting = self.settings.iter().find(|s| s.mapped.is_some() && s.name.as_str() == name);
        if let Some(setting) = setting {
            return Some((&setting.name, &setting.value));
        }
        let rest = &self.entry.as_ref()?.rest;
        rest.iter().find(|v| v.name.as_str() == name).and_then(|v| Some((&v.name, v.value.as_ref()?)))
    }
}
