//! What the commands of a script or a container say, sorted by what they do.

use super::node::{ClusterId, IdSource, IdValue};
use crate::script::{self, CreateTopic, DockerRun, Format, Script, ServerStart};
use crate::source::path;
use crate::text::Text;

/// The commands that matter for a cluster.
#[derive(Debug, Default)]
pub(super) struct Commands {
    pub(super) formats: Vec<Format>,
    pub(super) topics: Vec<CreateTopic>,
    pub(super) starts: Vec<ServerStart>,
    pub(super) docker_runs: Vec<DockerRun>,
    /// `export NAME=value`, in order.
    pub(super) exports: Vec<(Text, Text)>,
}

impl Commands {
    pub(super) fn of(script: &Script) -> Commands {
        Commands {
            formats: script.formats(),
            topics: script.created_topics().into_iter().chain(altered_topics(script)).collect(),
            starts: script.server_starts(),
            docker_runs: script.docker_runs(),
            exports: script.exports().cloned().collect(),
        }
    }
}

/// `kafka-configs --alter --entity-type topics`: what it adds is a topic's own, as if given at its creation.
fn altered_topics(script: &Script) -> Vec<CreateTopic> {
    let mut out = Vec::new();
    for command in &script.commands {
        let mut words = command.words.iter().map(|w| &w.text);
        let program = words.next().map_or("", |w| path::file_name(w.as_str()));
        if program.strip_suffix(".sh").unwrap_or(program) != "kafka-configs" {
            continue;
        }
        let words: Vec<&Text> = words.collect();
        let has = |word: &str| words.iter().any(|w| w.as_str() == word);
        let value = |option: &str| {
            let at = words.iter().position(|w| w.as_str() == option)?;
            words.get(at + 1).map(|w| (*w).clone())
        };
        if !has("--alter") || !(has("topics") || has("--topic")) {
            continue;
        }
        let added = value("--add-config").unwrap_or_else(|| Text::at(command.span));
        let configs = added
            .slice()
            .split(b',')
            .filter_map(|pair| pair.split_once(b'='))
            .map(|(k, v)| (k.trim().to_text(), v.trim().to_text()));
        out.push(CreateTopic {
            name: value("--entity-name").or_else(|| value("--topic")),
            partitions: None,
            replication_factor: None,
            configs: configs.collect(),
            bootstrap: value("--bootstrap-server"),
            host: command.hosts.first().cloned(),
            open: false,
            span: command.span,
        });
    }
    out
}

/// The cluster id of a format command, if it has one.
pub(super) fn cluster_id(format: &Format) -> Option<ClusterId> {
    let (value, span) = match format.cluster_id.as_ref()? {
        script::ClusterId::Known(text) => (IdValue::Known(text.clone()), text.span()),
        script::ClusterId::Random(span) => (IdValue::Random, *span),
        script::ClusterId::Unknown(span) => (IdValue::Unknown, *span),
    };
    Some(ClusterId { value, source: IdSource::Format, span })
}
