//! Is a YAML file a compose file? Told by its name, and by what can be read of it.

use super::model::Field;
use super::store::Parsed;
use crate::source::path;
use crate::yaml::{NodeId, Tree};

/// The names under which Compose looks for a file, best first (compose-go `cli/options.go`).
pub(super) const MAIN: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// The names of the file that Compose reads with it. Here `.yml` comes first.
pub(super) const OVERRIDE: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// True for `compose*.yml` and `docker-compose*.yml`, in either spelling of the extension.
pub(super) fn by_name(name: &str) -> bool {
    let name = path::file_name(name);
    (name.starts_with("compose") || name.starts_with("docker-compose"))
        && (name.ends_with(".yml") || name.ends_with(".yaml"))
}

/// True when the file's bytes make it worth parsing.
pub(super) fn worth_parsing(name: &str, bytes: &[u8]) -> bool {
    by_name(name) || memchr::memmem::find(bytes, b"services").is_some()
}

/// Why the file is no compose file; `Ok` when it is one.
pub(super) fn recognise(name: &str, parsed: &Parsed) -> Result<(), String> {
    let tree = &parsed.tree;
    let named = by_name(name);
    let mut found = false;
    for root in tree.documents() {
        if !tree.is_mapping(*root) {
            continue;
        }
        if tree.get(*root, "apiVersion").is_some() && tree.get(*root, "kind").is_some() {
            return Err("a Kubernetes manifest".to_owned());
        }
        let services = tree.get(*root, "services").map(|e| e.value);
        found |= services.is_some_and(|s| holds_services(tree, s, named));
        found |= named && tree.get(*root, "include").is_some_and(|e| tree.is_sequence(e.value));
    }
    if found {
        return Ok(());
    }
    let broken = !tree.problems().is_empty();
    // Where nothing can be read of it, its lines tell.
    let looks = || {
        let lines = parsed.text().lines();
        lines.clone().any(|l| l.trim_end() == "services:")
            && lines.map(str::trim_start).any(|l| l.starts_with("image:") || l.starts_with("build:"))
    };
    if broken && !parsed.has_template && (named || looks()) {
        return Ok(());
    }
    Err(match (broken, parsed.has_template) {
        (_, true) => "a template without readable services",
        (true, _) => "YAML that cannot be read",
        _ => "no Compose services in it",
    }
    .to_owned())
}

/// True for a mapping of names to what looks like services.
fn holds_services(tree: &Tree, services: NodeId, named: bool) -> bool {
    let is_service = |node: NodeId| {
        let mut entries = tree.entries(node).into_iter();
        tree.is_mapping(node)
            && entries.any(|e| {
                tree.str(e.key)
                    .is_some_and(|k| Field::named(k).is_some() || matches!(k, "restart" | "healthcheck"))
            })
    };
    if !tree.is_mapping(services) {
        return false;
    }
    let mut entries = tree.entries(services).into_iter();
    if named { entries.any(|e| tree.is_mapping(e.value)) } else { entries.any(|e| is_service(e.value)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Content, FileId};

    fn is_compose(name: &str, text: &str) -> bool {
        recognise(name, &Parsed::new(FileId(0), &Content::Text(text.into()), false)).is_ok()
    }

    #[test]
    fn tells_compose_files_from_others() {
        assert!(is_compose("kafka.yml", "services:\n  a:\n    image: x\n"));
        assert!(is_compose("docker-compose.kraft.yml", "services:\n  a:\n    user: x\n"));
        assert!(
            is_compose("compose.yaml", "services:\n  a:\n    image: x\n  b: [\n"),
            "broken, but named so"
        );
        assert!(
            is_compose("x.yaml", "services:\n  a:\n    image: x\nb: [\n"),
            "broken, but the start is readable"
        );
        assert!(!is_compose("x.yaml", "apiVersion: v1\nkind: Service\nservices: {a: {image: x}}\n"));
        assert!(!is_compose("ci.yml", "on: push\njobs:\n  a:\n    services:\n      k:\n        image: x\n"));
        assert!(!is_compose("services.yaml", "services:\n  App\\A:\n    arguments: [x]\n"));
        assert!(!is_compose("play.yml", "- hosts: all\n  tasks: []\n"));
        assert!(!is_compose("x.yaml", "a: [\n"));
        assert!(!is_compose("x.yaml", "services:\n  - postgres\n"));
    }
}
