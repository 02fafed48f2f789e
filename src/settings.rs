//! What the user asked for: `kraftlint.toml` and the command line, as plain data.
//!
//! The command line room fills it; every other room only reads it.

use crate::diagnostic::{Code, Severity};
use crate::kafka::version::VersionSet;

/// Everything that changes what is found or told.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `--kafka-version`: replaces what tags say.
    pub kafka_version: Option<VersionSet>,
    /// `--one-cluster`: every node that was read belongs to one cluster, and all its nodes are here.
    pub one_cluster: bool,
    /// `--deployment prod`.
    pub production: bool,
    /// `-f`: these compose files are one project; nothing else is discovered as a project.
    pub compose_files: Vec<String>,
    /// `--compose-profile`: only services of these profiles (and of none); `*` is all.
    pub profiles: Vec<String>,
    /// `--env-file`: read instead of each project's `.env`.
    pub env_files: Vec<String>,
    /// `--env K=V`: stands before every `.env`.
    pub env: Vec<(String, String)>,
    /// `[[project]]`.
    pub projects: Vec<Project>,
    /// `[[cluster]]`.
    pub clusters: Vec<ClusterGroup>,
    /// `--select`: only these rules. Empty means all.
    pub select: Vec<Code>,
    /// `--ignore`: not these rules.
    pub ignore: Vec<Code>,
    /// Which settings of the nodes the report holds.
    pub node_settings: NodeSettings,
    /// `--fail-on`: exit 1 from this severity on; `None` is never.
    pub fail_on: Option<Severity>,
}

impl Settings {
    /// The settings of a run without options: fail on warnings.
    #[must_use]
    pub fn new() -> Settings {
        Settings { fail_on: Some(Severity::Warning), ..Settings::default() }
    }

    /// True when findings of `code` are wanted.
    #[must_use]
    pub fn wants(&self, code: Code) -> bool {
        (self.select.is_empty() || self.select.contains(&code)) && !self.ignore.contains(&code)
    }
}

/// Which settings of the nodes a report holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NodeSettings {
    /// None: a check does not show them.
    #[default]
    None,
    /// Those that are set.
    Set,
    /// Kafka's defaults too.
    All,
}

/// One `[[project]]`: what one `docker compose` call would read. Paths are relative to the working directory.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// `files`: the compose files, later ones override.
    pub files: Vec<String>,
    /// `env_files`: instead of `.env`.
    pub env_files: Vec<String>,
    /// `profiles`: as `--compose-profile`.
    pub profiles: Vec<String>,
}

/// One `[[cluster]]`: the nodes of these files or folders are one cluster, and they are all of it.
#[derive(Debug, Clone, Default)]
pub struct ClusterGroup {
    /// `name`.
    pub name: Option<String>,
    /// `paths`: files or folders, relative to the working directory.
    pub paths: Vec<String>,
}
