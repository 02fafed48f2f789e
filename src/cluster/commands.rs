//! What the commands of a script or a container say, sorted by what they do.

use super::node::{ClusterId, IdSource, IdValue};
use crate::script::{self, CreateTopic, DockerRun, Format, Script, ServerStart};
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
            topics: script.created_topics(),
            starts: script.server_starts(),
            docker_runs: script.docker_runs(),
            exports: script.exports().cloned().collect(),
        }
    }
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
