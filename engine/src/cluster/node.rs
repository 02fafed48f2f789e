//! One node: what its Kafka will read, and where each setting came from.

use crate::hash::HashMap;
use std::cell::OnceCell;

use super::entry::Entry;
use super::place::Stack;
use crate::compose::Open;
use crate::image::Image;
use crate::kafka::catalog::{self, Scope};
use crate::kafka::list;
use crate::kafka::listener::{Listener, Listeners, ProtocolMap, ReadListeners, ReadProtocolMap};
use crate::kafka::role::Roles;
use crate::kafka::version::VersionSet;
use crate::kafka::voter::{ReadVoters, Voters};
use crate::script::Format;
use crate::source::{FileId, Span};
use crate::text::{Extent, Slice, Slices, Text};

/// Where a setting came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// `environment` of a service.
    Environment,
    /// An `env_file` of a service.
    EnvFile,
    /// A property file.
    File,
    /// `--override` of a start command.
    Override,
    /// The image's entrypoint.
    Image,
}

impl Origin {
    /// The name used in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Origin::Environment => "environment",
            Origin::EnvFile => "env_file",
            Origin::File => "file",
            Origin::Override => "override",
            Origin::Image => "image",
        }
    }
}

/// One effective setting.
#[derive(Debug, Clone)]
pub struct Setting {
    /// What stands in the file: the key of a property, the name of a variable.
    pub name: Text,
    /// The Kafka key that the variable `name` becomes; `None` for a property.
    pub mapped: Option<Box<str>>,
    /// The value, as Kafka gets it.
    pub value: Text,
    /// Where it came from.
    pub origin: Origin,
    /// The values it took the place of, the first one set first.
    pub overrides: Vec<Span>,
}

impl Setting {
    /// The Kafka key.
    #[must_use]
    pub fn key(&self) -> &str {
        self.mapped.as_deref().unwrap_or(self.name.as_str())
    }

    /// Where a finding about its value points: the value without blanks around it, the name where there is none.
    #[must_use]
    pub fn place(&self) -> Slice<'_> {
        let value = self.value.slice().trim();
        if value.is_empty() { self.name.slice() } else { value }
    }
}

/// The settings of a node or client: each key once, the last one set.
#[derive(Debug, Default)]
pub struct Settings {
    list: Vec<Setting>,
    /// A hash of each key. A node has some thirty: looking through them beats a map.
    hashes: Vec<u32>,
    /// For more than [`FEW`] keys.
    index: HashMap<String, usize>,
}

const FEW: usize = 64;

/// Of the length and the end, in which keys differ most: asked so often that even going through the bytes is slow.
fn hash(key: &str) -> u32 {
    let bytes = key.as_bytes();
    match bytes.last_chunk::<7>() {
        Some(end) => {
            let [a, b, c, d, e, f, g] = *end;
            let length = (bytes.len() & 0xff) as u8;
            let mixed = u64::from_le_bytes([a, b, c, d, e, f, g, length]).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (mixed >> 32) as u32
        }
        None => 0,
    }
}

impl Settings {
    /// Sets a key; what was set before is kept as overridden.
    pub fn set(&mut self, mut setting: Setting) {
        let key = setting.key();
        if let Some(at) = self.find(key) {
            if let Some(old) = self.list.get_mut(at) {
                // What was overridden first stands first: the list moves on and is never copied.
                let mut overridden = std::mem::take(&mut old.overrides);
                overridden.push(old.value.span());
                overridden.extend(setting.overrides.drain(..).rev());
                setting.overrides = overridden;
                *old = setting;
            }
            return;
        }
        if self.list.len() < FEW {
            self.hashes.push(hash(key));
        } else {
            if self.index.is_empty() {
                let known = self.list.iter().enumerate();
                self.index.extend(known.map(|(i, s)| (s.key().to_owned(), i)));
            }
            self.index.insert(key.to_owned(), self.list.len());
        }
        self.list.push(setting);
    }

    /// Makes room for that many more.
    pub(super) fn reserve(&mut self, more: usize) {
        self.list.reserve_exact(more);
        self.hashes.reserve_exact(more);
    }

    /// Gives back the room that no further setting will need.
    pub(super) fn shrink(&mut self) {
        self.list.shrink_to_fit();
        self.hashes.shrink_to_fit();
    }

    fn find(&self, key: &str) -> Option<usize> {
        if self.list.len() > FEW {
            return self.index.get(key).copied();
        }
        let wanted = hash(key);
        let same = |i: &usize| self.list.get(*i).is_some_and(|s| s.key() == key);
        self.hashes.iter().enumerate().filter(|(_, h)| **h == wanted).map(|(i, _)| i).find(same)
    }

    /// The setting of `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.list.get(self.find(key)?)
    }

    /// All settings, in order of their first appearance.
    pub fn iter(&self) -> impl Iterator<Item = &Setting> {
        self.list.iter()
    }

    /// True when nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// What a node says of a key. There is no other way to ask.
#[derive(Debug, Clone, Copy)]
pub enum Lookup<'n> {
    /// It is set.
    Set(&'n Setting),
    /// It is not; Kafka's default, the same in every release the node may run.
    Default(&'static str),
    /// It is not, and there is no default.
    Unset,
    /// It may be set where we cannot see, or the releases' defaults differ.
    Unknown(Option<&'n Open>),
}

impl<'n> Lookup<'n> {
    /// The setting, if it is set.
    #[must_use]
    pub fn set(self) -> Option<&'n Setting> {
        match self {
            Lookup::Set(setting) => Some(setting),
            _ => None,
        }
    }

    /// The value, set or default, when it is known.
    #[must_use]
    pub fn known(self) -> Option<&'n str> {
        match self {
            Lookup::Set(setting) => setting.value.known().map(str::trim),
            Lookup::Default(value) => Some(value),
            _ => None,
        }
    }

    /// True when it is surely not set by anybody.
    #[must_use]
    pub fn is_unset(self) -> bool {
        matches!(self, Lookup::Default(_) | Lookup::Unset)
    }
}

/// A cluster id somebody gives to a node.
#[derive(Debug, Clone)]
pub struct ClusterId {
    /// The id.
    pub value: IdValue,
    /// Who gives it.
    pub source: IdSource,
    /// The place that speaks of it.
    pub span: Span,
}

/// What is known of an id.
#[derive(Debug, Clone)]
pub enum IdValue {
    /// This text.
    Known(Text),
    /// A new one each time (`random-uuid`).
    Random,
    /// It cannot be told.
    Unknown,
}

/// Who gives a cluster id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdSource {
    /// An environment variable that the image formats with.
    Variable,
    /// The image, for want of a variable.
    Image,
    /// A `kafka-storage format` command.
    Format,
    /// `meta.properties` of a formatted directory.
    Meta,
}

/// A formatted log directory.
#[derive(Debug, Clone)]
pub struct Meta {
    /// The file.
    pub file: FileId,
    /// `cluster.id`.
    pub cluster_id: Option<Text>,
    /// `node.id`.
    pub node_id: Option<Text>,
    /// `broker.id` of a version 0 file.
    pub broker_id: Option<Text>,
    /// `version`.
    pub version: Option<Text>,
    /// `directory.id`.
    pub directory_id: Option<Text>,
    /// The directory, as far as the path of the file tells.
    pub folder: String,
}

/// A service of a project, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceRef {
    /// Index of the project.
    pub project: usize,
    /// Index of the service in it.
    pub service: usize,
}

/// A broker, a controller or both; or a broker of ZooKeeper days.
#[derive(Debug)]
pub struct Node {
    /// Unique in the run: `host1/kafka`.
    pub name: String,
    /// Where the node is defined; what is not set is shown here.
    pub anchor: Span,
    /// The files that configure it.
    pub files: Vec<FileId>,
    /// The folder of the first of them.
    pub folder: String,
    /// Its image, if it runs in one.
    pub image: Image,
    /// Where an image is named that nothing is known of: its variables are read by their style.
    pub unknown_image: Option<Span>,
    /// False for a container whose image is not known: what is not set may stand in a file of the image.
    pub image_known: bool,
    /// The releases it may run.
    pub versions: VersionSet,
    /// Project and service, when it is one.
    pub service: Option<ServiceRef>,
    /// What is set.
    pub settings: Settings,
    /// Why there may be more than that.
    pub open: Option<Open>,
    /// Ids given to this very node.
    pub cluster_ids: Vec<ClusterId>,
    /// The commands that format its directories.
    pub formats: Vec<Format>,
    /// What its image does for want of a cluster id.
    pub missing_id: MissingId,
    /// Its formatted directories.
    pub metas: Vec<Meta>,
    /// Log directories that are in sight, beside formatted ones, but hold no `meta.properties`; as `log.dirs` has them.
    pub unformatted: Vec<String>,
    /// What its image's entrypoint gets besides; `None` when that does not run, or something may change what it gets.
    pub entry: Option<Box<Entry>>,
    /// Its network stack.
    pub stack: Stack,
    /// What every rule asks for; empty until somebody does, when the settings are complete.
    pub(super) known: Known,
}

/// Answers that are worked out once.
#[derive(Debug, Default)]
pub(super) struct Known {
    id: OnceCell<Option<i32>>,
    roles: OnceCell<Option<Roles>>,
    voters: OnceCell<ReadVoters>,
    listeners: OnceCell<ReadListeners>,
    advertised: OnceCell<ReadListeners>,
    controller_names: OnceCell<Vec<Extent>>,
    protocols: OnceCell<ReadProtocolMap>,
}

/// How the inter-broker listener comes about.
#[derive(Debug)]
pub enum InterBroker<'m> {
    /// By its name (upper case).
    Named(&'m Setting, String),
    /// By the protocol between brokers: the listener called like it.
    ByProtocol(&'m Setting, String),
    /// Nobody says anything.
    Default,
}

impl InterBroker<'_> {
    /// The listener's name, upper case.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            InterBroker::Named(_, name) | InterBroker::ByProtocol(_, name) => name,
            InterBroker::Default => "PLAINTEXT",
        }
    }
}

/// A listener of a broker, as others are told of it.
#[derive(Debug)]
pub struct Told<'m> {
    /// The setting that tells it.
    pub setting: &'m Setting,
    /// What is told.
    pub listener: Listener<'m>,
    /// The listener that the broker opens under this name.
    pub opened: Listener<'m>,
}

/// What becomes of a container without a cluster id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingId {
    /// There is no image that formats, or nothing is known.
    #[default]
    Unknown,
    /// The image makes a random one: each node its own.
    Random,
    /// The entrypoint stops.
    Refused,
}

impl Node {
    /// What the node says of a server key.
    #[must_use]
    pub fn lookup(&self, key: &str) -> Lookup<'_> {
        if let Some(setting) = self.settings.get(key) {
            return Lookup::Set(setting);
        }
        if self.open.is_some() {
            return Lookup::Unknown(self.open.as_ref());
        }
        let mut found: Option<Option<&'static str>> = None;
        for def in catalog::defs(Scope::Server, key) {
            if def.releases & self.versions.bits() == 0 {
                continue;
            }
            let value = def.default.value();
            match found {
                None => found = Some(value),
                Some(before) if before == value => {}
                Some(_) => return Lookup::Unknown(None),
            }
        }
        match found.flatten() {
            Some(value) => Lookup::Default(value),
            None => Lookup::Unset,
        }
    }

    /// True when nothing can be set that is not seen: only then is something missing.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        if self.open.is_some() || !self.image_known {
            return false;
        }
        match &self.entry {
            // Bitnami's scripts run what a `…_COMMAND` says, and take what it prints.
            Some(entry) => {
                entry.whole
                    && entry.pristine
                    && !entry.rest.iter().any(|v| v.name.as_str().ends_with("_COMMAND"))
            }
            // Without the image's entrypoint, a file tells all.
            None => self.service.is_none() || self.settings.iter().any(|s| s.origin == Origin::File),
        }
    }

    /// The setting that gives the node's id: `node.id`, or its synonym `broker.id`.
    #[must_use]
    pub fn id_setting(&self) -> Option<&Setting> {
        self.settings.get("node.id").or_else(|| self.settings.get("broker.id"))
    }

    /// The node's id, when it is known.
    #[must_use]
    pub fn id(&self) -> Option<i32> {
        *self.known.id.get_or_init(|| self.id_setting()?.value.known()?.trim().parse().ok())
    }

    /// True when the node may run in KRaft mode: `process.roles` is set and not empty, or may be.
    #[must_use]
    pub fn is_kraft(&self) -> bool {
        match self.lookup("process.roles") {
            Lookup::Set(setting) => !setting.value.as_str().trim().is_empty(),
            Lookup::Unknown(open) => open.is_some(),
            _ => false,
        }
    }

    /// What the node does, when it is known. A broker of ZooKeeper days has no role.
    #[must_use]
    pub fn roles(&self) -> Option<Roles> {
        *self.known.roles.get_or_init(|| match self.lookup("process.roles") {
            Lookup::Set(setting) => Roles::parse(setting.value.slice()),
            Lookup::Unknown(Some(_)) => None,
            // Nobody sets it: no role, though releases differ in what they make of that.
            _ => Some(Roles::default()),
        })
    }

    /// True when it surely is a controller.
    #[must_use]
    pub fn is_controller(&self) -> bool {
        self.roles().is_some_and(|r| r.controller)
    }

    /// True when it surely is a broker.
    #[must_use]
    pub fn is_broker(&self) -> bool {
        self.roles().is_some_and(|r| r.broker)
    }

    /// The setting and the entries of the static voter list, when it is set.
    #[must_use]
    pub fn voters(&self) -> Option<(&Setting, Voters<'_>)> {
        let setting = self.settings.get("controller.quorum.voters")?;
        let read = self.known.voters.get_or_init(|| ReadVoters::of(&setting.value));
        Some((setting, read.over(&setting.value)))
    }

    /// `listeners`, when they are set.
    #[must_use]
    pub fn listeners(&self) -> Option<(&Setting, Listeners<'_>)> {
        let setting = self.settings.get("listeners")?;
        let read = self.known.listeners.get_or_init(|| ReadListeners::of(&setting.value));
        Some((setting, read.over(&setting.value)))
    }

    /// `advertised.listeners`, when they are set.
    #[must_use]
    pub fn advertised(&self) -> Option<(&Setting, Listeners<'_>)> {
        let setting = self.settings.get("advertised.listeners")?;
        let read = self.known.advertised.get_or_init(|| ReadListeners::of(&setting.value));
        Some((setting, read.over(&setting.value)))
    }

    /// `listener.security.protocol.map`, when it is set.
    #[must_use]
    pub fn protocols(&self) -> Option<(&Setting, ProtocolMap<'_>)> {
        let setting = self.settings.get("listener.security.protocol.map")?;
        let read = self.known.protocols.get_or_init(|| ReadProtocolMap::of(&setting.value));
        Some((setting, read.over(&setting.value)))
    }

    /// The elements of `controller.listener.names`, when it is set.
    #[must_use]
    pub fn controller_names(&self) -> Option<(&Setting, Slices<'_>)> {
        let setting = self.settings.get("controller.listener.names")?;
        let read = || list::filled(setting.value.slice()).map(Slice::extent).collect();
        Some((setting, Slices::new(&setting.value, self.known.controller_names.get_or_init(read))))
    }

    /// The listeners that the quorum uses. `None` when that is not known.
    #[must_use]
    pub fn controller_listeners(&self) -> Option<Vec<Listener<'_>>> {
        let (_, names) = self.controller_names()?;
        let (_, listeners) = self.listeners()?;
        if listeners.open || names.iter().any(Slice::has_hole) {
            return None;
        }
        let named = |l: &Listener<'_>| names.iter().any(|n| n.as_str().eq_ignore_ascii_case(l.name));
        Some(listeners.iter().filter(named).collect())
    }

    /// The listeners that are not the quorum's. `None` when that is not known.
    #[must_use]
    pub fn broker_listeners(&self) -> Option<Vec<Listener<'_>>> {
        let (_, listeners) = self.listeners()?;
        let names = self.controller_names().map(|(_, n)| n).unwrap_or_default();
        if listeners.open || names.iter().any(Slice::has_hole) {
            return None;
        }
        let named = |l: &Listener<'_>| names.iter().any(|n| n.as_str().eq_ignore_ascii_case(l.name));
        Some(listeners.iter().filter(|l| !named(l)).collect())
    }

    /// The listener on which brokers talk to each other. `None` when that is not known.
    #[must_use]
    pub fn inter_broker(&self) -> Option<InterBroker<'_>> {
        match (self.lookup("inter.broker.listener.name"), self.lookup("security.inter.broker.protocol")) {
            (Lookup::Set(s), _) => Some(InterBroker::Named(s, s.value.known()?.trim().to_uppercase())),
            (Lookup::Unknown(_), _) | (_, Lookup::Unknown(_)) => None,
            (_, Lookup::Set(s)) => Some(InterBroker::ByProtocol(s, s.value.known()?.trim().to_uppercase())),
            _ => Some(InterBroker::Default),
        }
    }

    /// The broker listeners that are written, as others are told of them: what is advertised, else what is opened. Empty
    /// when that is not known.
    #[must_use]
    pub fn told(&self) -> Vec<Told<'_>> {
        let Some(opened) = self.broker_listeners() else { return Vec::new() };
        let (setting, told) = match (self.advertised(), self.lookup("advertised.listeners")) {
            (Some((setting, told)), _) => (setting, told.iter().collect()),
            (None, Lookup::Unknown(_)) => return Vec::new(),
            (None, _) => match self.settings.get("listeners") {
                Some(setting) => (setting, opened.clone()),
                None => return Vec::new(),
            },
        };
        let pairs = told.into_iter().filter_map(|listener| {
            let opened = *opened.iter().find(|o| o.name == listener.name)?;
            Some(Told { setting, listener, opened })
        });
        pairs.collect()
    }

    /// Name, id, or both, for a reader: `kafka-2 (id 2)`.
    #[must_use]
    pub fn title(&self) -> String {
        match self.id() {
            Some(id) => format!("{} (id {id})", self.name),
            None => self.name.clone(),
        }
    }
}
