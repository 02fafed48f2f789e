//! What one run found, as plain data: the outputs read nothing else.

use crate::cluster::Model;
use crate::diagnostic::{Diagnostic, Severity};
use crate::kafka::version::VersionSet;
use crate::source::{Sources, Span};

/// The result of [`crate::lint`].
#[derive(Debug, Default)]
pub struct Report {
    /// Every file that was read.
    pub sources: Sources,
    /// The clusters, in order of their first file. An entry without nodes holds clients that belong to none.
    pub clusters: Vec<Cluster>,
    /// The findings, in the order of every output.
    pub diagnostics: Vec<Diagnostic>,
    /// How many findings were left out, and why.
    pub suppressed: Suppressed,
    /// What became of each file that was seen, by path.
    pub files: Vec<FileNote>,
    /// What all this was made from. A program that ends with its report need not free it piece by piece.
    pub model: Option<Box<Model>>,
}

impl Report {
    /// How many findings have `severity`.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics.iter().filter(|d| d.severity == severity).count()
    }

    /// How many clusters with nodes there are.
    #[must_use]
    pub fn cluster_count(&self) -> usize {
        self.clusters.iter().filter(|c| !c.nodes.is_empty()).count()
    }

    /// How many nodes there are.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.clusters.iter().map(|c| c.nodes.len()).sum()
    }

    /// How many clients there are.
    #[must_use]
    pub fn client_count(&self) -> usize {
        self.clusters.iter().map(|c| c.clients.len()).sum()
    }

    /// True when nothing that configures Kafka was found.
    #[must_use]
    pub fn nothing_found(&self) -> bool {
        self.node_count() == 0 && self.client_count() == 0 && self.diagnostics.is_empty()
    }
}

/// How many findings were found and not told, though their rules are asked.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Suppressed {
    /// A comment ignores them.
    pub by_comments: usize,
    /// The baseline knows them.
    pub by_baseline: usize,
    /// They were there at the revision of `--since`.
    pub not_new: usize,
}

impl Suppressed {
    /// All of them.
    #[must_use]
    pub fn total(self) -> usize {
        self.by_comments + self.by_baseline + self.not_new
    }
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileNote {
    /// Its path as shown.
    pub path: String,
    /// True when its content was used.
    pub used: bool,
    /// As what it was read (`compose project`, `server properties`), or why it was not.
    pub what: String,
}

/// One cluster.
#[derive(Debug, Default, Clone)]
pub struct Cluster {
    /// Unique in the report.
    pub name: String,
    /// Does every voter have a node?
    pub complete: bool,
    /// Why these nodes are one cluster.
    pub evidence: Vec<String>,
    /// Its nodes, by name.
    pub nodes: Vec<Node>,
    /// Its clients, by name.
    pub clients: Vec<Client>,
}

impl Cluster {
    /// Every release that a node of it may run.
    #[must_use]
    pub fn versions(&self) -> VersionSet {
        self.nodes.iter().fold(VersionSet::NONE, |all, n| all.or(n.versions))
    }
}

/// What a release says of a node's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Config {
    /// Kafka's configuration class takes it.
    Accepted,
    /// It refuses.
    Refused,
    /// Not decided.
    Unknown,
}

impl Config {
    /// The name used in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Config::Accepted => "accepted",
            Config::Refused => "refused",
            Config::Unknown => "unknown",
        }
    }
}

/// One node. `None` is unknown; an empty list is known to be empty.
#[derive(Debug, Clone)]
pub struct Node {
    /// Unique in the report: `host1/kafka`.
    pub name: String,
    /// `node.id`.
    pub id: Option<i64>,
    /// `process.roles`.
    pub roles: Option<Vec<String>>,
    /// The releases it may run.
    pub versions: VersionSet,
    /// The image family.
    pub image: Option<String>,
    /// The files that configure it.
    pub files: Vec<String>,
    /// Its cluster id, where a file tells it.
    pub cluster_id: Option<String>,
    /// `listeners`.
    pub listeners: Option<Vec<String>>,
    /// `controller.quorum.voters`.
    pub voters: Option<Vec<String>>,
    /// Does it start? Over all candidate releases.
    pub starts: Option<bool>,
    /// What Kafka's configuration class says, over all candidate releases.
    pub config: Config,
    /// The same, release by release.
    pub verdicts: Vec<Verdict>,
    /// What its Kafka reads.
    pub settings: Vec<Setting>,
}

/// The verdict of one release on a node.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The release.
    pub version: &'static str,
    /// Does the node start?
    pub starts: Option<bool>,
    /// What the configuration class says.
    pub config: Config,
}

/// One effective setting.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The Kafka key.
    pub key: String,
    /// The value; masked where it is a secret, `${…}` where it is not known.
    pub value: String,
    /// `environment`, `env_file`, `file`, `override`, `image` or `default`.
    pub origin: &'static str,
    /// The bytes of the value; `None` for what no file says.
    pub span: Option<Span>,
    /// The places of what it overrode, nearest first.
    pub overrides: Vec<Span>,
}

/// One client.
#[derive(Debug, Clone)]
pub struct Client {
    /// Unique in the report.
    pub name: String,
    /// `producer`, `consumer`, `admin` or `service`.
    pub kind: &'static str,
    /// The files that configure it.
    pub files: Vec<String>,
    /// The releases it may run; empty when nothing tells.
    pub versions: VersionSet,
    /// Does its constructor take the configuration? Over all candidate releases.
    pub starts: Option<bool>,
    /// The same, release by release.
    pub verdicts: Vec<(&'static str, Option<bool>)>,
}
