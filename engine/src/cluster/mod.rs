//! The cluster model: nodes with their effective settings, clients, topics, and which of them belong together.
//!
//! Not for judgement: rules read this and say what is wrong. [`load`] builds it from what lies below the roots.

mod absent;
mod assign;
mod client;
mod commands;
mod entry;
mod grouping;
mod load;
mod node;
mod place;
mod service;
mod standalone;

use crate::compose::{Open, Problem, Project};
use crate::properties::Properties;
use crate::report::FileNote;
use crate::script::Format;
use crate::source::{FileId, Sources, Span};
use crate::text::Text;

pub use absent::Absent;
pub use client::{Client, ClientKind, Topic};
pub use entry::Entry;
pub use load::load;
pub use node::{
    ClusterId, IdSource, IdValue, InterBroker, Lookup, Meta, MissingId, Node, Origin, ServiceRef, Setting,
    Settings, Told,
};
pub use place::{Places, Resolved, Stack, Through, is_local};

/// Everything that is known of what lies below the roots.
#[derive(Debug, Default)]
pub struct Model {
    /// Every file that was read.
    pub sources: Sources,
    /// The Compose projects.
    pub projects: Vec<Project>,
    /// Property files that configure something of Kafka, for the rules about their text.
    pub documents: Vec<Document>,
    /// Every node.
    pub nodes: Vec<Node>,
    /// Every client.
    pub clients: Vec<Client>,
    /// Every topic that a command creates.
    pub topics: Vec<Topic>,
    /// Which nodes, clients and topics belong together.
    pub clusters: Vec<Cluster>,
    /// Who is known under which name.
    pub index: std::sync::Arc<place::Index>,
    /// What is wrong with files that belong to no project.
    pub problems: Vec<Problem>,
    /// Files that are referred to and not there, by path.
    pub absent: crate::hash::HashMap<String, Absent>,
    /// What became of each file that was seen.
    pub notes: Vec<FileNote>,
    /// Comments that may speak to kraftlint, of every kind of file.
    pub comments: Vec<Span>,
}

impl Model {
    /// The cluster of each node.
    #[must_use]
    pub fn cluster_of(&self) -> Vec<Option<usize>> {
        let mut of = vec![None; self.nodes.len()];
        for (c, cluster) in self.clusters.iter().enumerate() {
            for node in &cluster.nodes {
                if let Some(slot) = of.get_mut(*node) {
                    *slot = Some(c);
                }
            }
        }
        of
    }
}

/// A property file, read.
#[derive(Debug)]
pub struct Document {
    /// The file.
    pub file: FileId,
    /// Its lines.
    pub properties: std::sync::Arc<Properties>,
    /// What it configures.
    pub kind: DocumentKind,
    /// The node it configures, if it is one's.
    pub node: Option<usize>,
    /// The client it configures, if it is one's.
    pub client: Option<usize>,
}

/// What a property file configures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// A broker or controller.
    Server,
    /// A client.
    Client(ClientKind),
    /// A formatted log directory.
    Meta,
}

/// Nodes that belong together. All members are indices into the [`Model`].
#[derive(Debug, Default, Clone)]
pub struct Cluster {
    /// Unique in the run.
    pub name: String,
    /// Does every voter have a node here?
    pub complete: bool,
    /// True when the user says that these are all nodes.
    pub declared: bool,
    /// Why these nodes are one cluster, for a reader.
    pub evidence: Vec<String>,
    /// Its nodes.
    pub nodes: Vec<usize>,
    /// Its clients.
    pub clients: Vec<usize>,
    /// Its topics.
    pub topics: Vec<usize>,
    /// Cluster ids that commands and files name for it without naming a node.
    pub ids: Vec<ClusterId>,
    /// Format commands for it that name no node.
    pub formats: Vec<Format>,
}

/// A text that stands nowhere: what an image or Kafka sets by itself is shown at `anchor`.
pub(crate) fn given(value: &str, anchor: Span) -> Text {
    Text::decoded(value, anchor)
}

/// Why a set of settings is open.
pub(crate) fn open(span: Span, why: impl Into<String>) -> Open {
    Open { span, why: why.into() }
}
