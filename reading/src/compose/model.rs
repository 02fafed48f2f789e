//! Compose files before their values are read: which node of which file speaks for which field of which service.
//!
//! Compose merges trees. Here nothing is copied: each service keeps, for each field, the list of places that have a
//! say, in the order in which they are merged (include, `extends`, later documents, later files), and `service` reads
//! them by each field's own rule. So a merge costs what the files have of fields, whatever stands in them.

use crate::hash::HashMap;

use crate::source::FileId;
use crate::yaml::NodeId;

/// A node of a file, read in a scope.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    pub(super) file: FileId,
    pub(super) node: NodeId,
    /// Index of the scope in its project.
    pub(super) scope: u32,
}

/// The fields of a service that mean something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Field {
    Build,
    Command,
    Configs,
    ContainerName,
    DependsOn,
    Deploy,
    Entrypoint,
    EnvFile,
    Environment,
    Extends,
    ExtraHosts,
    Healthcheck,
    Hostname,
    Image,
    Links,
    NetworkMode,
    Networks,
    Ports,
    Profiles,
    Provider,
    Scale,
    Secrets,
    Tmpfs,
    Volumes,
    /// Another one that Compose knows, by its place in [`OTHER_FIELDS`].
    Other(u8),
    /// What starts with `x-`: it counts for nothing, but must go with what others say of it.
    Extension,
}

impl Field {
    /// The field of that name; `None` for one that Compose does not know.
    pub(super) fn named(name: &str) -> Option<Field> {
        Some(match name {
            // Its old name, which goes below the new one (`loader/aliases.go`).
            "x-develop" => return Field::named("develop"),
            "build" => Field::Build,
            "command" => Field::Command,
            "configs" => Field::Configs,
            "container_name" => Field::ContainerName,
            "depends_on" => Field::DependsOn,
            "deploy" => Field::Deploy,
            "entrypoint" => Field::Entrypoint,
            "env_file" => Field::EnvFile,
            "environment" => Field::Environment,
            "extends" => Field::Extends,
            "extra_hosts" => Field::ExtraHosts,
            "healthcheck" => Field::Healthcheck,
            "hostname" => Field::Hostname,
            "image" => Field::Image,
            "links" => Field::Links,
            "network_mode" => Field::NetworkMode,
            "networks" => Field::Networks,
            "ports" => Field::Ports,
            "profiles" => Field::Profiles,
            "provider" => Field::Provider,
            "scale" => Field::Scale,
            "secrets" => Field::Secrets,
            "tmpfs" => Field::Tmpfs,
            "volumes" => Field::Volumes,
            name if name.starts_with("x-") => Field::Extension,
            _ => Field::Other(u8::try_from(OTHER_FIELDS.binary_search(&name).ok()?).ok()?),
        })
    }

    /// The field's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Field::Build => "build",
            Field::Command => "command",
            Field::Configs => "configs",
            Field::ContainerName => "container_name",
            Field::DependsOn => "depends_on",
            Field::Deploy => "deploy",
            Field::Entrypoint => "entrypoint",
            Field::EnvFile => "env_file",
            Field::Environment => "environment",
            Field::Extends => "extends",
            Field::ExtraHosts => "extra_hosts",
            Field::Healthcheck => "healthcheck",
            Field::Hostname => "hostname",
            Field::Image => "image",
            Field::Links => "links",
            Field::NetworkMode => "network_mode",
            Field::Networks => "networks",
            Field::Ports => "ports",
            Field::Profiles => "profiles",
            Field::Provider => "provider",
            Field::Scale => "scale",
            Field::Secrets => "secrets",
            Field::Tmpfs => "tmpfs",
            Field::Volumes => "volumes",
            Field::Other(at) => OTHER_FIELDS.get(usize::from(at)).copied().unwrap_or(""),
            Field::Extension => "x-",
        }
    }

    /// True when only the last place has a say, so that earlier ones may be forgotten.
    fn is_replaced(self) -> bool {
        matches!(
            self,
            Field::ContainerName | Field::Hostname | Field::Image | Field::NetworkMode | Field::Scale
        )
    }
}

/// The other fields of a service that compose-go v2.16.2 knows (`schema/compose-spec.json`), sorted.
pub(super) const OTHER_FIELDS: [&str; 70] = [
    "annotations",
    "attach",
    "blkio_config",
    "cap_add",
    "cap_drop",
    "cgroup",
    "cgroup_parent",
    "cpu_count",
    "cpu_percent",
    "cpu_period",
    "cpu_quota",
    "cpu_rt_period",
    "cpu_rt_runtime",
    "cpu_shares",
    "cpus",
    "cpuset",
    "credential_spec",
    "develop",
    "device_cgroup_rules",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "domainname",
    "expose",
    "external_links",
    "gpus",
    "group_add",
    "init",
    "ipc",
    "isolation",
    "label_file",
    "labels",
    "logging",
    "mac_address",
    "mem_limit",
    "mem_reservation",
    "mem_swappiness",
    "memswap_limit",
    "models",
    "oom_kill_disable",
    "oom_score_adj",
    "pid",
    "pids_limit",
    "platform",
    "post_start",
    "pre_start",
    "pre_stop",
    "privileged",
    "pull_policy",
    "pull_refresh_after",
    "read_only",
    "restart",
    "runtime",
    "security_opt",
    "shm_size",
    "stdin_open",
    "stop_grace_period",
    "stop_signal",
    "storage_opt",
    "sysctls",
    "tty",
    "ulimits",
    "umask",
    "use_api_socket",
    "user",
    "userns_mode",
    "uts",
    "volumes_from",
    "working_dir",
];

/// A place that has a say in a field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layer {
    pub(super) field: Field,
    /// The key of the field; of a [`Layer::drops`], the key of the entry that goes.
    pub(super) key: NodeId,
    pub(super) at: At,
    /// The value is null, which leaves what was there.
    pub(super) is_null: bool,
    /// Nothing is said but that an entry of a mapping goes (`A: !reset null`): it goes from this many earlier places.
    pub(super) drops: Option<u32>,
    /// `extends` brought it. Then it was put together with the service's own words before Compose validated either.
    pub(super) is_base: bool,
    /// The number of the document that it came with, of whatever file; 0 while that is put together.
    pub(super) document: u32,
    /// Likewise the document of a file that nobody includes, which may have come by it through includes.
    pub(super) main: u32,
}

impl Layer {
    /// What is put together before it goes on top of what came earlier: a document with all that it includes.
    pub(super) fn group(&self) -> u32 {
        if self.main == 0 { self.document } else { self.main }
    }
}

/// How far `extends` of a service was followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    #[default]
    New,
    Busy,
    Done,
}

/// A service, unread.
#[derive(Debug, Clone)]
pub(super) struct RawService {
    /// Its key, where it first stands.
    pub(super) key: At,
    pub(super) layers: Vec<Layer>,
    pub(super) state: State,
    /// How many `extends` lie below it.
    pub(super) links: u32,
    /// It has no value where it first stands. Elsewhere that says nothing.
    pub(super) is_null: bool,
}

impl RawService {
    /// A service of which nothing is said yet.
    pub(super) fn new(key: At) -> RawService {
        RawService { key, layers: Vec::new(), state: State::New, links: 0, is_null: false }
    }

    /// The places that speak of `field`, in order.
    pub(super) fn of(&self, field: Field) -> impl Iterator<Item = &Layer> {
        self.layers.iter().filter(move |l| l.field == field)
    }

    /// The places of the field with that name, one of [`Field::Other`], in order; those that were taken away left out.
    pub(super) fn named<'s>(&'s self, name: &'s str) -> impl DoubleEndedIterator<Item = &'s Layer> {
        let is_it = move |l: &&Layer| {
            l.drops.is_none() && matches!(l.field, Field::Other(_)) && l.field.name() == name
        };
        self.layers.iter().filter(is_it)
    }

    /// True when something is said of `field`.
    pub(super) fn has(&self, field: Field) -> bool {
        self.of(field).any(|l| l.drops.is_none())
    }

    /// Puts `later` on top.
    pub(super) fn over(&mut self, later: &[Layer]) {
        // Where one place replaces another, chains of `extends` would else keep them all.
        let replaced = |l: &Layer| l.field.is_replaced() && later.iter().any(|n| n.field == l.field);
        if self.layers.len() > 64 {
            self.layers.retain(|l| !replaced(l));
        }
        self.layers.extend_from_slice(later);
    }
}

/// A network, volume, config or secret, unread.
#[derive(Debug, Clone)]
pub(super) struct RawTop {
    pub(super) key: At,
    pub(super) layers: Vec<At>,
}

/// From this many things on they are found by hash; below, looking at each is faster.
const HASHED: usize = 24;

/// Things by name, in order of first appearance.
#[derive(Debug, Clone)]
pub(super) struct Named<T> {
    list: Vec<(Box<str>, Option<T>)>,
    /// Places in the list, once it is long.
    index: HashMap<Box<str>, usize>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Named { list: Vec::new(), index: HashMap::default() }
    }
}

impl<T> Named<T> {
    /// The place of `name`, even if what was there is removed.
    fn place(&self, name: &str) -> Option<usize> {
        if self.list.len() >= HASHED {
            return self.index.get(name).copied();
        }
        self.list.iter().position(|(known, _)| **known == *name)
    }

    pub(super) fn position(&self, name: &str) -> Option<usize> {
        self.place(name).filter(|i| self.at(*i).is_some())
    }

    pub(super) fn at(&self, i: usize) -> Option<&T> {
        self.list.get(i)?.1.as_ref()
    }

    pub(super) fn at_mut(&mut self, i: usize) -> Option<&mut T> {
        self.list.get_mut(i)?.1.as_mut()
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        let i = self.place(name)?;
        self.at_mut(i)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// What is there under `name`, made if nothing is.
    pub(super) fn entry(&mut self, name: &str, make: impl FnOnce() -> T) -> Option<&mut T> {
        let i = self.place(name).unwrap_or_else(|| {
            self.list.push((name.into(), None));
            let new = self.list.len() - 1;
            if self.list.len() == HASHED {
                self.index = self.list.iter().map(|(name, _)| name.clone()).zip(0..).collect();
            } else if self.list.len() > HASHED {
                self.index.insert(name.into(), new);
            }
            new
        });
        self.list.get_mut(i).map(|slot| slot.1.get_or_insert_with(make))
    }

    pub(super) fn remove(&mut self, name: &str) {
        if let Some(slot) = self.place(name).and_then(|i| self.list.get_mut(i)) {
            slot.1 = None;
        }
    }

    /// True when nothing was removed.
    fn is_whole(&self) -> bool {
        self.list.iter().all(|(_, t)| t.is_some())
    }

    pub(super) fn each(&mut self) -> impl Iterator<Item = &mut T> {
        self.list.iter_mut().filter_map(|(_, t)| t.as_mut())
    }

    /// Removes all but those of some names.
    pub(super) fn retain(&mut self, wanted: impl Fn(&str) -> bool) {
        for (name, slot) in &mut self.list {
            if !wanted(name) {
                *slot = None;
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&T> {
        self.at(self.place(name)?)
    }

    pub(super) fn clear(&mut self) {
        *self = Named::default();
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.list.iter().filter_map(|(name, t)| Some((&**name, t.as_ref()?)))
    }

    /// How many places there are, those of what was removed included.
    pub(super) fn places(&self) -> usize {
        self.list.len()
    }
}

/// The top-level sections that name things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Services,
    Networks,
    Volumes,
    Configs,
    Secrets,
    Models,
}

impl Model {
    /// The sections beside the services, with what one thing of each is called.
    pub(super) fn things(&self) -> [(Section, &'static str, &Named<RawTop>); 5] {
        [
            (Section::Networks, "network", &self.networks),
            (Section::Volumes, "volume", &self.volumes),
            (Section::Configs, "config", &self.configs),
            (Section::Secrets, "secret", &self.secrets),
            (Section::Models, "model", &self.models),
        ]
    }
}

impl Section {
    /// The section with that key at the top of a file.
    pub(super) fn named(key: &str) -> Option<Section> {
        Some(match key {
            "services" => Section::Services,
            "networks" => Section::Networks,
            "volumes" => Section::Volumes,
            "configs" => Section::Configs,
            "secrets" => Section::Secrets,
            "models" => Section::Models,
            _ => return None,
        })
    }
}

/// What a tag of Compose takes away from what was merged before.
#[derive(Debug, Clone)]
pub(super) enum Reset {
    Section(Section),
    Item(Section, Box<str>),
    Field(Box<str>, Field),
    /// An entry of a mapping in a field; the layer says which.
    Entry(Box<str>, Layer),
}

/// Compose files, merged and unread.
#[derive(Debug, Clone, Default)]
pub(super) struct Model {
    pub(super) services: Named<RawService>,
    pub(super) networks: Named<RawTop>,
    pub(super) volumes: Named<RawTop>,
    pub(super) configs: Named<RawTop>,
    pub(super) secrets: Named<RawTop>,
    pub(super) models: Named<RawTop>,
}

impl Model {
    /// A section other than the services.
    pub(super) fn top(&mut self, section: Section) -> &mut Named<RawTop> {
        match section {
            Section::Services | Section::Networks => &mut self.networks,
            Section::Volumes => &mut self.volumes,
            Section::Configs => &mut self.configs,
            Section::Secrets => &mut self.secrets,
            Section::Models => &mut self.models,
        }
    }

    /// Puts `later` on top: where both speak, it has the last word.
    pub(super) fn over(&mut self, later: Model) {
        if self.is_empty() && later.is_whole() {
            *self = later;
            for service in self.services.each() {
                (service.state, service.links) = (State::New, 0);
            }
            return;
        }
        for (name, service) in later.services.iter() {
            let new = || RawService { is_null: service.is_null, ..RawService::new(service.key) };
            if let Some(mine) = self.services.entry(name, new) {
                mine.over(&service.layers);
            }
        }
        self.tops(&later, |mine, theirs| mine.extend_from_slice(theirs));
    }

    /// Puts `earlier` below: where both speak, this has the last word.
    pub(super) fn under(&mut self, earlier: &Model) {
        for (name, service) in earlier.services.iter() {
            let new = || RawService::new(service.key);
            if let Some(mine) = self.services.entry(name, new) {
                mine.is_null &= service.is_null;
                mine.layers.splice(0..0, service.layers.iter().copied());
            }
        }
        self.tops(earlier, |mine, theirs| {
            mine.splice(0..0, theirs.iter().copied());
        });
    }

    fn is_empty(&self) -> bool {
        self.services.places() == 0 && self.all_tops().iter().all(|section| section.places() == 0)
    }

    /// True when nothing was taken away.
    fn is_whole(&self) -> bool {
        self.services.is_whole() && self.all_tops().iter().all(|section| section.is_whole())
    }

    fn all_tops(&self) -> [&Named<RawTop>; 5] {
        [&self.networks, &self.volumes, &self.configs, &self.secrets, &self.models]
    }

    fn tops(&mut self, other: &Model, join: impl Fn(&mut Vec<At>, &[At])) {
        for (mine, theirs) in [
            (&mut self.networks, &other.networks),
            (&mut self.volumes, &other.volumes),
            (&mut self.configs, &other.configs),
            (&mut self.secrets, &other.secrets),
            (&mut self.models, &other.models),
        ] {
            for (name, item) in theirs.iter() {
                if let Some(mine) = mine.entry(name, || RawTop { key: item.key, layers: Vec::new() }) {
                    join(&mut mine.layers, &item.layers);
                }
            }
        }
    }

    /// Takes away what a later document says shall go (compose-go `loader/reset.go`, `Apply`).
    pub(super) fn apply(&mut self, resets: &[Reset]) {
        for reset in resets {
            match reset {
                Reset::Section(Section::Services) => self.services.clear(),
                Reset::Section(section) => self.top(*section).clear(),
                Reset::Item(Section::Services, name) => self.services.remove(name),
                Reset::Item(section, name) => self.top(*section).remove(name),
                Reset::Field(name, _) | Reset::Entry(name, _) => {
                    if let Some(service) = self.services.get_mut(name) {
                        apply_one(&mut service.layers, reset);
                    }
                }
            }
        }
    }
}

/// Takes away from the layers of one service.
pub(super) fn apply_one(layers: &mut Vec<Layer>, reset: &Reset) {
    match reset {
        Reset::Field(_, field) => layers.retain(|l| l.field != *field),
        Reset::Entry(_, drop) => {
            let earlier = layers.iter().filter(|l| l.field == drop.field && l.drops.is_none()).count();
            if earlier > 0 {
                layers.push(Layer { drops: u32::try_from(earlier).ok(), ..*drop });
            }
        }
        _ => {}
    }
}
