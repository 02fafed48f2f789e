//! What Compose makes of services that are nodes.

pub(super) mod broken_healthcheck;
pub(super) mod dependency_deadlock;
pub(super) mod replicated_identity;

use crate::compose::Words;
use crate::text::HOLE;

/// The tools that people check a node's health with, by their names without `.sh`.
const TOOLS: [&str; 10] = [
    "kafka-topics",
    "kafka-broker-api-versions",
    "kafka-metadata-quorum",
    "kafka-configs",
    "kafka-consumer-groups",
    "kafka-cluster",
    "kafka-get-offsets",
    "kafka-log-dirs",
    "kafka-features",
    "kafka-console-producer",
];

/// Is the outcome of a health check that of one command? There may be an alternative, a later command, a pipe, a background job.
fn is_one_command(test: &Words) -> bool {
    let text: Vec<&str> = test.words.iter().map(|w| w.as_str()).collect();
    let only =
        text.join(" ").replace("|| exit 1", "").replace("||exit 1", "").replace("2>&1", "").replace("&>", "");
    !only.contains(['|', ';', '&', '`', '\n', HOLE]) && !only.contains("$(") && !only.contains('!')
}
