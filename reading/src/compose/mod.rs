//! Compose projects: which files one `docker compose` call reads, and what its services come to.
//!
//! Truth is compose-go v2.16.2. Not for Kafka: what an image makes of a service's environment is the business of
//! `image`, and what a finding says that of `rules`. A [`Project`] is what could be read, with its [`Problem`]s.

mod canonical;
mod check;
mod clashes;
mod consistency;
mod environment;
mod extends;
mod forms;
mod include;
mod load;
mod model;
mod mounts;
mod network;
mod ports;
mod project;
mod projects;
mod recognise;
mod scalar;
mod schema;
mod service;
mod store;
#[cfg(test)]
mod tests;
mod values;
mod variables;
mod words;

use crate::source::{FileId, ReadError, Sources, Span};
use crate::text::Text;

pub use projects::{Options, ProjectFiles, Projects, Resolved, projects, read, resolve};

/// What one `docker compose` call would read.
#[derive(Debug, Default)]
pub struct Project {
    /// The project directory: relative paths start here.
    pub folder: String,
    /// The compose files in merge order; the first one names the project.
    pub files: Vec<FileId>,
    /// The `.env` files that were read for interpolation.
    pub env_files: Vec<FileId>,
    /// The services, in order of their first appearance.
    pub services: Vec<Service>,
    /// Top-level networks: name, and the name outside when it is external.
    pub networks: Vec<Network>,
    /// True when its own references do not close and no sibling closes them: never an error for that.
    pub fragment: bool,
    /// What is wrong with the files themselves.
    pub problems: Vec<Problem>,
}

/// A top-level network.
#[derive(Debug, Clone)]
pub struct Network {
    /// Its key.
    pub name: Text,
    /// True for `external: true` or a fixed `name:`: services of other projects may be on it.
    pub shared: bool,
    /// Do published ports lead to containers on it? `None` when another project makes it, or the driver is not known.
    pub maps_ports: Option<bool>,
}

/// One service, merged, interpolated, with its environment resolved. Holes stand for what is not known.
#[derive(Debug)]
pub struct Service {
    /// Its key, where it is first defined.
    pub name: Text,
    /// The file of that key.
    pub file: FileId,
    /// `image`.
    pub image: Option<Text>,
    /// `build` is there: the folder of the Dockerfile, resolved, when it is known.
    pub build: Option<Option<String>>,
    /// The container's environment: `env_file`s, then `environment`; each name once, in order of first appearance.
    pub environment: Vec<Variable>,
    /// Why the environment may hold more than what is listed: an env file that could not be read, a name with a hole.
    pub environment_open: Option<Open>,
    /// `ports`, in order.
    pub ports: Vec<Port>,
    /// True when a port entry could not be understood for a hole in it.
    pub ports_open: bool,
    /// Where the `ports` key stands.
    pub ports_key: Option<Span>,
    /// `network_mode`.
    pub network_mode: Option<Text>,
    /// Networks the service is on (`default` when none is named and there is no `network_mode`).
    pub networks: Vec<Attachment>,
    /// `hostname`.
    pub hostname: Option<Text>,
    /// `container_name`.
    pub container_name: Option<Text>,
    /// `extra_hosts`: name and address.
    pub extra_hosts: Vec<(Text, Text)>,
    /// `links`: service and the alias under which this service sees it.
    pub links: Vec<(Text, Option<Text>)>,
    /// `volumes` and `configs`, in order.
    pub mounts: Vec<Mount>,
    /// `command`, as words; `None` when the image's own runs.
    pub command: Option<Words>,
    /// `entrypoint`, likewise.
    pub entrypoint: Option<Words>,
    /// `profiles`.
    pub profiles: Vec<Text>,
    /// `deploy.replicas` or `scale`.
    pub replicas: Option<Text>,
    /// `depends_on`, in order.
    pub depends_on: Vec<Dependency>,
    /// `healthcheck.test`, with its `CMD` or `CMD-SHELL` if it is a list; `None` when there is none or it is disabled.
    pub health_test: Option<Words>,
    /// Services it cannot be without for another reason, besides `links` and `network_mode`: `volumes_from`, `ipc` and
    /// their like.
    pub needs: Vec<Text>,
}

/// A service that another waits for.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// Its name.
    pub service: Text,
    /// `condition`; none in a list, where it is `service_started`.
    pub condition: Option<Text>,
    /// False for `required: false`: it may be switched off.
    pub required: bool,
}

/// Something that could not be seen.
#[derive(Debug, Clone)]
pub struct Open {
    /// Where it is asked for.
    pub span: Span,
    /// What and why, as half a sentence: `env file a.env could not be read: it does not exist`.
    pub why: String,
}

/// One variable of a container.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name.
    pub name: Text,
    /// Its value; `None` for a null entry that no `.env` fills: not set in the container, and an image's own default
    /// of that name is removed.
    pub value: Option<Text>,
    /// True when an `env_file` set it, false for `environment`.
    pub from_file: bool,
    /// True for a list entry (`- K=V`): quotes are then part of the value, and a repeated name is no error.
    pub listed: bool,
    /// The whole values it took the place of, nearest first.
    pub overrides: Vec<Span>,
}

/// A range of ports, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortRange {
    /// The first port.
    pub start: u16,
    /// The last port.
    pub end: u16,
}

/// One entry of `ports`.
#[derive(Debug, Clone)]
pub struct Port {
    /// The whole entry.
    pub text: Text,
    /// Host address, when one is named.
    pub host_ip: Option<String>,
    /// A host address may be named, but it is not known.
    pub host_ip_unknown: bool,
    /// Port on the host; `None` or 0 when the engine chooses one, `None` when it is not known. A range as long as that of `target`
    /// is one to one; a range for one target means any one of it.
    pub published: Option<PortRange>,
    /// The port on the host is named, but it is not known.
    pub published_unknown: bool,
    /// Port in the container. An entry with a range of up to 65 ports has become one entry for each.
    pub target: PortRange,
    /// `tcp` unless named.
    pub protocol: String,
    /// What only the long form can say.
    pub long: Option<Box<LongPort>>,
}

/// What the long form of a port says, unchecked as Compose leaves it.
#[derive(Debug, Clone)]
pub struct LongPort {
    /// `target`, though it may be no port.
    pub target: i64,
    /// `published` as it is written.
    pub published: Option<Text>,
    /// `mode`.
    pub mode: Option<Text>,
}

/// A network that a service is on.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Its key among the project's networks; `default` without a place of its own.
    pub name: String,
    /// Names under which others on it find the service, besides service and container name.
    pub aliases: Vec<Text>,
    /// `ipv4_address`.
    pub address: Option<Text>,
}

/// Something mounted into a container.
#[derive(Debug, Clone)]
pub struct Mount {
    /// Path in the container, as written.
    pub target: Text,
    /// What is mounted.
    pub source: MountSource,
    /// Where it is said, and of which type it is.
    pub kind: MountKind,
    /// The container cannot write to it.
    pub read_only: bool,
}

/// Types of mounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MountKind {
    /// An entry of `configs`.
    Config,
    /// An entry of `tmpfs`.
    Tmpfs,
    /// An entry of `volumes` of this type; `None` when the type is not known.
    Volume(Option<&'static str>),
}

/// What is mounted.
#[derive(Debug, Clone)]
pub enum MountSource {
    /// A path on the host: as written, and seen from the working directory when it is known.
    Bind(Text, Option<String>),
    /// A named volume.
    Volume(Text),
    /// A volume without a name.
    Anonymous,
    /// What another type of volume names: an image, a pipe.
    Named(Text),
    /// `configs.x.content`: the text itself.
    Content(Text),
    /// Not known: external config, tmpfs, a hole.
    Other,
}

/// Words of a command.
#[derive(Debug, Clone)]
pub struct Words {
    /// The words, as the container gets them.
    pub words: Vec<Text>,
    /// The whole value.
    pub span: Span,
}

/// What is wrong with a project's files. Rules turn these into findings.
#[derive(Debug, Clone)]
pub enum Problem {
    /// A file that could not be read or is not text.
    Unreadable {
        /// Where it is asked for; `None` when discovery found it.
        asked: Option<Span>,
        /// Its path as shown.
        path: String,
        /// Why.
        reason: ReadError,
    },
    /// The bytes at `span` are not valid UTF-8.
    NotUtf8 {
        /// The first bad bytes.
        span: Span,
    },
    /// Not YAML, or YAML that Compose refuses.
    Syntax {
        /// The fault.
        span: Span,
        /// What is wrong.
        message: String,
        /// What it was inside of.
        inside: Option<Span>,
    },
    /// A mapping key twice.
    DuplicateKey {
        /// The first one.
        first: Span,
        /// The second one.
        second: Span,
        /// The key.
        key: String,
    },
    /// `${…}` that Compose rejects.
    Interpolation {
        /// The faulty part.
        span: Span,
        /// The Compose path of the value (`services.kafka.environment.X`).
        path: String,
    },
    /// A variable without value and default. Compose takes it as empty.
    Unset {
        /// Its use.
        span: Span,
        /// Its name.
        name: String,
        /// The service it is used in.
        service: Option<String>,
        /// True when the project has a `.env` (or `--env-file`).
        has_env: bool,
    },
    /// `${X:?message}` without a value: Compose stops unless the process environment has it.
    Required {
        /// Its use.
        span: Span,
        /// Its name.
        name: String,
    },
    /// What Compose refuses otherwise: a value of the wrong form, a field it does not know, a reference to what is
    /// not declared.
    Invalid {
        /// The fault.
        span: Span,
        /// What is wrong.
        message: String,
        /// The service it is in.
        service: Option<String>,
    },
    /// A fault in `.env` or an env file, by its grammar.
    Dotenv {
        /// The fault.
        span: Span,
        /// What is wrong.
        message: String,
    },
    /// Two services with one `container_name`. compose-go takes it, `docker compose` does not
    /// (`CheckContainerNameUnicity`).
    ContainerNameTwice {
        /// The second one.
        span: Span,
        /// The name.
        name: String,
        /// The service.
        service: String,
    },
    /// One name twice in a list-form environment: the last wins.
    DuplicateVariable {
        /// The entry that is lost.
        first: Span,
        /// The entry that wins.
        second: Span,
        /// The name.
        name: String,
        /// The service.
        service: String,
    },
    /// Quotes that become part of a list-form variable's value.
    QuotedValue {
        /// The value with its quotes.
        value: Text,
        /// The variable's name.
        name: String,
        /// The service.
        service: String,
    },
    /// A reference to a file that is not there.
    MissingReference {
        /// Where it is asked for.
        span: Span,
        /// The path.
        path: String,
        /// What refers: `env_file`, `extends`, `include`.
        what: &'static str,
    },
    /// Something that could not be followed and kept the project from being seen whole.
    NotSeen(Open),
}

impl Problem {
    /// Why compose-go refuses the project for it, and where; `None` when it does not.
    #[must_use]
    pub fn refusal(&self, sources: &Sources) -> Option<(String, Option<Span>)> {
        Some(match self {
            Problem::Unreadable { asked, path, reason } => {
                let start = sources.find(path).map(|file| Span { file, start: 0, end: 0 });
                (format!("{path} cannot be read: {reason}"), asked.or(start))
            }
            Problem::NotUtf8 { span } => ("the file is not UTF-8".to_owned(), Some(*span)),
            Problem::Syntax { span, message, .. } => (message.clone(), Some(*span)),
            Problem::DuplicateKey { second, key, .. } => {
                (format!("the key `{key}` stands twice in one mapping"), Some(*second))
            }
            Problem::Interpolation { span, path } => (format!("{path} cannot be interpolated"), Some(*span)),
            Problem::Required { span, name } => (format!("the variable {name} must be set"), Some(*span)),
            Problem::Invalid { span, message, .. } | Problem::Dotenv { span, message } => {
                (message.clone(), Some(*span))
            }
            Problem::MissingReference { span, path, what } => {
                (format!("the {what} {path} is not there"), Some(*span))
            }
            Problem::Unset { .. }
            | Problem::ContainerNameTwice { .. }
            | Problem::DuplicateVariable { .. }
            | Problem::QuotedValue { .. }
            | Problem::NotSeen(_) => return None,
        })
    }
}

impl PortRange {
    /// True when `port` is in the range.
    #[must_use]
    pub fn covers(self, port: u16) -> bool {
        self.start <= port && port <= self.end
    }

    /// How many ports are in it.
    #[must_use]
    pub fn count(self) -> usize {
        usize::from(self.end.saturating_sub(self.start)) + 1
    }
}

impl Port {
    /// True when `port` of the host is surely published by this entry.
    #[must_use]
    pub fn publishes(&self, port: u16) -> bool {
        self.published.is_some_and(|p| p.covers(port))
    }

    /// The container's port behind `port` of the host: ranges of equal length map one to one.
    #[must_use]
    pub fn target_of(&self, port: u16) -> Option<u16> {
        let published = self.published.filter(|p| p.covers(port))?;
        if self.target.start == self.target.end {
            return Some(self.target.start);
        }
        self.target.start.checked_add(port - published.start).filter(|t| *t <= self.target.end)
    }
}
