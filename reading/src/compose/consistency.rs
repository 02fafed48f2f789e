//! What Compose refuses of a whole project (compose-go `loader/validate.go`, `graph/cycle.go`; docker compose
//! `CheckContainerNameUnicity`), and what a project lacks to be whole.

use crate::hash::{HashMap, HashSet};

use super::load::Problems;
use super::model::{Model, Named, RawTop};
use super::service::Read;
use super::{Problem, Service};
use crate::source::Span;
use crate::text::{Slice, Text};

/// A reference that does not close.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Need {
    /// A service with neither image nor build. This and the next make a file a fragment.
    Image(String),
    /// A network that is not declared.
    Network(String),
    /// A service that is depended on.
    Service(String),
    /// A volume that is not declared.
    Volume(String),
    /// A config that is not declared.
    Config(String),
    /// A secret that is not declared.
    Secret(String),
    /// A model that is not declared.
    Model(String),
}

impl Need {
    /// True when a file with such a need cannot be meant to stand alone.
    pub(super) fn is_strong(&self) -> bool {
        matches!(self, Need::Image(_) | Need::Network(_))
    }
}

/// A need, where it stands, and how Compose words it.
#[derive(Debug, Clone)]
pub(super) struct Lack {
    pub(super) need: Need,
    pub(super) span: Span,
    pub(super) service: String,
    pub(super) message: String,
}

/// What a project declares at the top, and so gives to others.
pub(super) fn declared(model: &Model) -> Vec<Need> {
    let names = |section: &Named<RawTop>, need: fn(String) -> Need| {
        section.iter().map(|(name, _)| need(name.to_owned())).collect::<Vec<_>>()
    };
    let mut all = names(&model.networks, Need::Network);
    all.append(&mut names(&model.volumes, Need::Volume));
    all.append(&mut names(&model.configs, Need::Config));
    all.append(&mut names(&model.secrets, Need::Secret));
    all.append(&mut names(&model.models, Need::Model));
    all
}

/// What a project lacks to be whole.
pub(super) fn lacks(model: &Model, services: &[Read]) -> Vec<Lack> {
    let mut all = Vec::new();
    // Most services ask for none.
    let asks = |r: &Read| !r.contexts.is_empty() || dependencies(&r.service).next().is_some();
    let asked = if services.iter().any(asks) { services } else { &[] };
    let names: HashMap<&str, bool> = asked.iter().map(|r| (r.service.name.as_str(), r.is_on)).collect();
    let built = asked.iter().filter(|r| r.service.build.is_some());
    let built: HashSet<&str> = built.map(|r| r.service.name.as_str()).collect();
    // The network `default` is there when a service is on it, which one of a provider never is (`loader/normalize.go`).
    let on_default = |r: &Read| {
        let named = r.networks.iter().any(|n| n.as_str() == "default");
        !r.provider && r.service.network_mode.is_none() && (named || r.networks.is_empty())
    };
    let has_default = model.networks.has("default") || services.iter().any(on_default);
    // What is switched off is not looked at.
    for read in services.iter().filter(|r| r.is_on) {
        let service = &read.service;
        let name = service.name.as_str();
        let mut lack = |need: Need, span: Span, message: String| {
            all.push(Lack { need, span, service: name.to_owned(), message });
        };
        let no_image = service.image.as_ref().is_none_or(|i| i.as_str().is_empty());
        if no_image && service.build.is_none() && !read.provider {
            let message = format!("the service `{name}` has neither `image` nor `build`");
            lack(Need::Image(name.to_owned()), service.name.span(), message);
        }
        for text in &read.networks {
            if let Some(n) = text.known()
                && !model.networks.has(n)
                && !(n == "default" && has_default)
            {
                let message = format!("the network `{n}` is not declared");
                lack(Need::Network(n.to_owned()), text.span(), message);
            }
        }
        let mut undeclared = |texts: &[Text], declared: &Named<RawTop>, need: fn(String) -> Need, kind| {
            for text in texts {
                if let Some(n) = text.known().filter(|n| !declared.has(n)) {
                    lack(need(n.to_owned()), text.span(), format!("the {kind} `{n}` is not declared"));
                }
            }
        };
        undeclared(&read.volumes, &model.volumes, Need::Volume, "volume");
        undeclared(&read.configs, &model.configs, Need::Config, "config");
        undeclared(&read.secrets, &model.secrets, Need::Secret, "secret");
        undeclared(&read.models, &model.models, Need::Model, "model");
        for text in &read.contexts {
            let Some(n) = text.known() else { continue };
            let message = match names.get(n) {
                Some(_) if built.contains(n) => continue,
                Some(_) => format!("the service `{n}` is not built, so that nothing can start from it"),
                None => format!("there is no service `{n}`"),
            };
            lack(Need::Service(n.to_owned()), text.span(), message);
        }
        let may_be_off = |n: &str| service.depends_on.iter().any(|d| d.service.as_str() == n && !d.required);
        let shared = shared_network(service);
        let is_shared = |n: &str| shared.as_ref().is_some_and(|s| s.as_str() == n);
        for text in dependencies(service) {
            let Some(n) = text.known() else { continue };
            let message = match names.get(n) {
                None => format!("there is no service `{n}`"),
                Some(false) if !may_be_off(n) || is_shared(n) => {
                    format!("the service `{n}` is switched off by its profiles")
                }
                Some(_) => continue,
            };
            lack(Need::Service(n.to_owned()), text.span(), message);
        }
    }
    all
}

/// The services that a service waits for, or shares a network stack with.
fn dependencies(service: &Service) -> impl Iterator<Item = Slice<'_>> {
    let depends_on = service.depends_on.iter().map(|d| d.service.slice());
    let links = service.links.iter().map(|l| l.0.slice());
    let needs = service.needs.iter().map(Text::slice);
    depends_on.chain(links).chain(shared_network(service)).chain(needs)
}

/// The service whose network stack a service shares.
fn shared_network(service: &Service) -> Option<Slice<'_>> {
    let mode = service.network_mode.as_ref()?;
    let at = mode.as_str().starts_with("service:").then_some("service:".len())?;
    Some(mode.slice().range(at..mode.as_str().len()))
}

/// Tells what Compose refuses of services that are switched on. A service of a profile that nobody names is not
/// checked, as Compose does not.
pub(super) fn check(services: &[Read], named_profiles: bool, problems: &mut Problems) {
    let mut containers: HashMap<&str, &Text> = HashMap::default();
    for read in services {
        let service = &read.service;
        let name = service.name.as_str();
        if !named_profiles && !service.profiles.is_empty() {
            continue;
        }
        if let (Some(mode), Some(network)) = (&service.network_mode, read.networks.first())
            && mode.known().is_some_and(|m| !m.is_empty())
        {
            let message = "`network_mode` and `networks` exclude each other";
            problems.refuse(network.span(), Some(name), message);
        }
        for (span, message) in &read.clashes {
            problems.refuse(*span, Some(name), message.clone());
        }
        let replicas = service.replicas.as_ref().and_then(Text::known).and_then(|r| r.parse::<i64>().ok());
        if let Some(text) = &service.container_name {
            if replicas.is_some_and(|r| r > 1) {
                let message = "several containers cannot share one `container_name`";
                problems.refuse(text.span(), Some(name), message);
            }
            if let Some(known) = text.known()
                && containers.insert(known, text).is_some()
            {
                let (span, service) = (text.span(), name.to_owned());
                let problem = Problem::ContainerNameTwice { span, name: known.to_owned(), service };
                problems.add(span, problem);
            }
        }
        if let Some(replicas) = &service.replicas
            && replicas.known().is_some_and(|r| r.parse::<i64>().is_ok_and(|n| n < 0))
        {
            problems.refuse(replicas.span(), Some(name), "the number of containers is negative");
        }
    }
    cycles(services, problems);
}

/// Tells one place of each ring of services that wait for each other.
fn cycles(services: &[Read], problems: &mut Problems) {
    let index: HashMap<&str, usize> =
        services.iter().enumerate().map(|(i, r)| (r.service.name.as_str(), i)).collect();
    let edges: Vec<Vec<(usize, Slice<'_>)>> = services
        .iter()
        .map(|r| dependencies(&r.service).filter_map(|t| Some((*index.get(t.known()?)?, t))).collect())
        .collect();
    // 0: not seen, 1: on the way, 2: done.
    let mut state = vec![0u8; services.len()];
    for start in 0..services.len() {
        let mut way = vec![(start, 0usize)];
        if state.get(start) != Some(&0) {
            continue;
        }
        while let Some((at, next)) = way.last_mut() {
            let (here, i) = (*at, *next);
            *next += 1;
            if let Some(s) = state.get_mut(here) {
                *s = 1;
            }
            match edges.get(here).and_then(|e| e.get(i)) {
                None => {
                    if let Some(s) = state.get_mut(here) {
                        *s = 2;
                    }
                    way.pop();
                }
                Some((to, text)) => match state.get(*to) {
                    Some(0) => way.push((*to, 0)),
                    Some(1) => {
                        let name = services.get(here).map(|r| r.service.name.as_str());
                        problems.refuse(text.span(), name, "these services wait for each other in a ring");
                    }
                    _ => {}
                },
            }
        }
    }
}
