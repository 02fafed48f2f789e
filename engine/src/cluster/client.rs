//! Clients and topics.

use super::node::Settings;
use crate::compose::Open;
use crate::kafka::version::VersionSet;
use crate::source::{FileId, Span};
use crate::text::Text;

/// What a client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientKind {
    /// It writes.
    Producer,
    /// It reads.
    Consumer,
    /// It administers.
    Admin,
    /// A service that is told where the brokers are; what it does is its own business.
    Service,
}

impl ClientKind {
    /// The name used in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ClientKind::Producer => "producer",
            ClientKind::Consumer => "consumer",
            ClientKind::Admin => "admin",
            ClientKind::Service => "service",
        }
    }
}

/// Something that connects to brokers.
#[derive(Debug)]
pub struct Client {
    /// Unique in the run.
    pub name: String,
    /// What it does.
    pub kind: ClientKind,
    /// The files that configure it.
    pub files: Vec<FileId>,
    /// The folder of the first of them.
    pub folder: String,
    /// The place of the whole client.
    pub anchor: Span,
    /// The values that name bootstrap servers, with the key or variable that holds each.
    pub bootstrap: Vec<(Text, Text)>,
    /// Its settings; empty for a service.
    pub settings: Settings,
    /// The settings of the clients inside a service, by what they do.
    pub parts: Vec<(ClientKind, Settings)>,
    /// Why its settings may be more than what is seen.
    pub open: Option<Open>,
    /// Project and service, when it is one.
    pub service: Option<super::ServiceRef>,
    /// The releases its library may be.
    pub versions: VersionSet,
}

impl Client {
    /// The settings of what writes (reads, administers) in it.
    pub fn settings_as(&self, kind: ClientKind) -> impl Iterator<Item = &Settings> {
        let own = (self.kind == kind).then_some(&self.settings);
        own.into_iter()
            .chain(self.parts.iter().filter(move |(k, _)| *k == kind).map(|(_, settings)| settings))
    }
}

/// A topic that a command creates.
#[derive(Debug)]
pub struct Topic {
    /// Its name.
    pub name: Text,
    /// `--replication-factor`.
    pub replication: Option<Text>,
    /// `--config`.
    pub configs: Vec<(Text, Text)>,
    /// `--bootstrap-server`.
    pub bootstrap: Option<Text>,
    /// The folder of the file that holds the command.
    pub folder: String,
    /// Project and service whose command it is.
    pub service: Option<super::ServiceRef>,
    /// The whole command.
    pub span: Span,
}
