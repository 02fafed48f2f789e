//! A Compose service → a node, a client, or neither.
//!
//! Decided by what the container runs: a tool is no node whatever its image, a start command with a file reads that
//! file and not the environment, and only the image's own entrypoint maps variables to settings.

use super::client::{Client, ClientKind, Topic};
use super::commands::{self, Commands};
use super::entry::Entry;
use super::load::Reader;
use super::node::{
    ClusterId, IdSource, IdValue, Known, MissingId, Node, Origin, ServiceRef, Setting, Settings,
};
use super::place::Stack;
use super::standalone::{self, Kind};
use super::{given, open};
use crate::compose::{Mount, MountSource, Open, Problem, Project, Service, Variable, Words};
use crate::image::client::{self as companion, Part};
use crate::image::variable::{self, Dialect};
use crate::image::{self, Family, Image, defaults, environment};
use crate::kafka::catalog::{self, Scope};
use crate::kafka::version::VersionSet;
use crate::properties;
use crate::script;
use crate::source::{FileId, ReadError};
use crate::text::Text;

/// What became of a service.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) node: Option<Node>,
    pub(super) client: Option<Client>,
    pub(super) topics: Vec<Topic>,
}

/// What a container's command does.
#[derive(Debug, Default)]
struct Run {
    script: Commands,
    /// The command is not the image's own.
    own: bool,
    /// It ends in the image's entrypoint, so the environment counts.
    standard: bool,
    /// It runs a program that is no server.
    tool: bool,
    /// `NAME=value` words behind the entrypoint: they win over the environment.
    assigned: Vec<Text>,
    /// `--override key=value` behind an entrypoint that hands its words to the server (Bitnami's `run.sh`, Ubuntu's).
    overrides: Vec<(Text, Text)>,
}

/// A variable as the entrypoint finds it, and who set it.
#[derive(Debug)]
struct Var {
    variable: Variable,
    origin: Origin,
}

/// The environment as the entrypoint finds it: the service's, then `export` lines before the entrypoint, then words behind it.
fn shell(variables: Vec<Variable>, run: &Run) -> Vec<Var> {
    let origin = |v: &Variable| if v.from_file { Origin::EnvFile } else { Origin::Environment };
    let mut vars: Vec<Var> = variables.into_iter().map(|v| Var { origin: origin(&v), variable: v }).collect();
    for (name, value) in &run.script.exports {
        assign(&mut vars, name.clone(), Some(value.clone()), Origin::Override);
    }
    for word in &run.assigned {
        if let Some((name, value)) = word.slice().split_once(b'=') {
            assign(&mut vars, name.to_text(), Some(value.to_text()), Origin::Override);
        }
    }
    vars
}

/// Sets a variable, or unsets it with `None`.
fn assign(vars: &mut Vec<Var>, name: Text, value: Option<Text>, origin: Origin) {
    let mut variable = Variable { name, value, from_file: false, listed: false, overrides: Vec::new() };
    match vars.iter_mut().find(|v| v.variable.name.as_str() == variable.name.as_str()) {
        Some(old) => {
            variable.overrides.extend(old.variable.value.as_ref().map(Text::span));
            variable.overrides.append(&mut old.variable.overrides);
            *old = Var { variable, origin };
        }
        None => vars.push(Var { variable, origin }),
    }
}

/// The value of a variable, when it is set.
fn value<'v>(vars: &'v [Var], name: &str) -> Option<&'v Text> {
    vars.iter().rfind(|v| v.variable.name.as_str() == name)?.variable.value.as_ref()
}

/// Reads service `at`. Its environment is handed over: what becomes a setting is moved, not copied.
pub(super) fn read(
    reader: &mut Reader<'_>,
    project: &Project,
    at: ServiceRef,
    name: &str,
    environment: Vec<Variable>,
) -> Read {
    let Some(service) = project.services.get(at.service) else { return Read::default() };
    let mut image = service
        .image
        .as_ref()
        .map_or_else(Image::unknown, |reference| image::recognise(reference, reader.images));
    let known = image.family != Family::Unknown;
    let run = run(service);
    let mut out = Read { topics: topics(&run.script, project, at), ..Read::default() };
    // Only apache/kafka looks there.
    let is_apache = service.mounts.iter().any(|m| m.target.as_str().starts_with("/mnt/shared/config"));
    if image.family == Family::Unknown && is_apache {
        image.family = Family::Apache;
    }
    let mut vars = shell(environment, &run);
    let names = vars.iter().filter(|v| v.variable.value.is_some()).map(|v| v.variable.name.as_str());
    let dialect = variable::dialect(image.family, names);
    if image.family == Family::Unknown && dialect == Dialect::Bitnami {
        image.family = Family::Bitnami;
    }
    if let Some(versions) = reader.kafka_version {
        image.versions = versions;
    }
    let starts_server = !run.script.starts.is_empty();
    let is_tool = run.own && !run.standard && !starts_server && run.tool;
    let could_be_node = !matches!(image.family, Family::NotKafka | Family::Tool) && !is_tool;
    if could_be_node {
        out.node = node(reader, project, at, service, &mut vars, image, dialect, &run, name);
        if let (Some(node), false) = (&mut out.node, known) {
            node.unknown_image = service.image.as_ref().map(Text::span);
            node.image_known = false;
        }
        if let Some(node) = out.node.as_mut().filter(|_| is_undisturbed(service)) {
            let folder = value(&vars, "KAFKA_MOUNTED_CONF_DIR");
            let file = config_mount(service, node.image.family, folder).map(|(mount, _)| mount.target.span());
            let rest = std::mem::take(&mut vars).into_iter().map(|v| v.variable).collect();
            node.entry = Some(Box::new(Entry::new(service, rest, file, run.assigned.is_empty())));
        }
    }
    if out.node.is_none() {
        out.client = client(project, at, service, &vars, name);
    }
    out
}

/// Reads the container's entrypoint and command.
fn run(service: &Service) -> Run {
    let mut run = Run::default();
    let mut words: Vec<&Text> = Vec::new();
    for part in [&service.entrypoint, &service.command] {
        let Some(Words { words: w, .. }) = part else { continue };
        run.own |= !w.is_empty();
        words.extend(w);
    }
    // An entrypoint alone that is emptied leaves the command to the image's CMD: unknown, taken as the image's own.
    if words.is_empty() {
        return Run { standard: true, ..run };
    }
    let owned: Vec<Text> = words.iter().map(|w| (*w).clone()).collect();
    let parsed = script::parse_argv(&owned);
    run.tool =
        parsed.commands.iter().any(|c| c.words.first().is_some_and(|w| runs_no_server(w.text.as_str())));
    run.script = Commands::of(&parsed);
    for word in &words {
        run.standard |= mentions_entrypoint(word.as_str());
    }
    let entrypoint = |w: &&Text| mentions_entrypoint(w.as_str()) || w.as_str().ends_with(".properties");
    if let Some(first) = words.iter().position(entrypoint) {
        let rest = words.get(first + 1..).unwrap_or_default();
        let pairs =
            rest.windows(2).filter(|pair| matches!(pair, [option, _] if option.as_str() == "--override"));
        let split = pairs.filter_map(|pair| pair.last()?.slice().split_once(b'='));
        run.overrides = split.map(|(key, value)| (key.to_text(), value.to_text())).collect();
    }
    if let Some(first) = words.iter().position(|w| mentions_entrypoint(w.as_str())) {
        let rest = words.get(first + 1..).unwrap_or_default();
        run.assigned = rest.iter().filter(|w| is_assignment(w.as_str())).map(|w| (*w).clone()).collect();
    }
    run
}

/// A program that a container runs in place of a server: Kafka's own tools, and what only waits.
fn runs_no_server(program: &str) -> bool {
    const TOOLS: [&str; 22] = [
        "kafka-topics",
        "kafka-console-producer",
        "kafka-console-consumer",
        "kafka-configs",
        "kafka-acls",
        "kafka-consumer-groups",
        "kafka-producer-perf-test",
        "kafka-consumer-perf-test",
        "kafka-verifiable-producer",
        "kafka-metadata-quorum",
        "kafka-broker-api-versions",
        "kafka-features",
        "kafka-leader-election",
        "kafka-reassign-partitions",
        "kafka-avro-console-producer",
        "connect-distributed",
        "connect-standalone",
        "cub",
        "kcat",
        "sleep",
        "tail",
        "zookeeper-server-start",
    ];
    let name = crate::source::path::file_name(program);
    TOOLS.contains(&name.strip_suffix(".sh").unwrap_or(name))
}

fn mentions_entrypoint(text: &str) -> bool {
    const SCRIPTS: [&str; 6] = [
        "/etc/kafka/docker/run",
        "/etc/confluent/docker/run",
        "/opt/bitnami/scripts/kafka/run.sh",
        "/opt/bitnami/scripts/kafka/entrypoint.sh",
        "/__cacert_entrypoint.sh",
        "docker-entrypoint.sh",
    ];
    SCRIPTS.iter().any(|s| text.contains(s)) || text.trim() == "/run.sh"
}

/// True when the image's own entrypoint runs, and nothing else before it.
fn is_undisturbed(service: &Service) -> bool {
    let parts = [&service.entrypoint, &service.command];
    if parts.into_iter().flatten().any(|w| w.words.is_empty()) {
        return false;
    }
    let mut words = parts.into_iter().flatten().flat_map(|w| &w.words).map(Text::as_str).peekable();
    while matches!(words.peek(), Some(&("bash" | "sh" | "/bin/bash" | "/bin/sh"))) {
        words.next();
    }
    words.all(|word| is_assignment(word) || !word.contains([' ', '\n', ';']) && mentions_entrypoint(word))
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    })
}

fn topics(script: &Commands, project: &Project, at: ServiceRef) -> Vec<Topic> {
    let made = script.topics.iter().filter_map(|t| {
        Some(Topic {
            name: t.name.clone()?,
            replication: t.replication_factor.clone(),
            configs: t.configs.clone(),
            bootstrap: t.bootstrap.clone(),
            folder: project.folder.clone(),
            service: Some(at),
            span: t.span,
        })
    });
    made.collect()
}

fn stack(service: &Service, at: ServiceRef, project: &Project) -> Stack {
    let Some(mode) = &service.network_mode else { return Stack::Container };
    match mode.known().map(str::trim) {
        Some("host") => Stack::HostOfProject(at.project),
        Some("none" | "bridge") => Stack::Container,
        Some(other) => match other.strip_prefix("service:") {
            Some(name) => match project.services.iter().position(|s| s.name.as_str() == name) {
                Some(service) => Stack::Of(ServiceRef { project: at.project, service }),
                None => Stack::Unknown,
            },
            None => Stack::Unknown,
        },
        None => Stack::Unknown,
    }
}

#[expect(clippy::too_many_arguments, reason = "one call, each part of the service read once")]
fn node(
    reader: &mut Reader<'_>,
    project: &Project,
    at: ServiceRef,
    service: &Service,
    vars: &mut Vec<Var>,
    image: Image,
    dialect: Dialect,
    run: &Run,
    name: &str,
) -> Option<Node> {
    let mut node = Node {
        name: name.to_owned(),
        anchor: service.name.span(),
        files: files_of(project, service),
        folder: project.folder.clone(),
        image,
        unknown_image: None,
        image_known: true,
        versions: image.versions,
        service: Some(at),
        settings: Settings::default(),
        open: None,
        // Hardly any node has more.
        cluster_ids: Vec::with_capacity(1),
        formats: Vec::new(),
        missing_id: MissingId::Unknown,
        metas: Vec::new(),
        unformatted: Vec::new(),
        entry: None,
        stack: stack(service, at, project),
        known: Known::default(),
    };
    let start = run.script.starts.last();
    let mut found = false;
    if let Some(start) = start.filter(|_| !run.standard) {
        // The server is started by hand: the file and the overrides are all it reads.
        found = true;
        match start.config.as_ref() {
            Some(path) => match mounted(service, path.as_str()) {
                Some(mount) => {
                    file_settings(reader, &mut node, mount, path.as_str());
                }
                None => {
                    node.open = Some(open(path.span(), format!("{} lies inside the image", path.as_str())))
                }
            },
            None => node.open = Some(open(start.span, "the start command names no file that can be seen")),
        }
        for (key, value) in &start.overrides {
            node.settings.set(setting(key.clone(), value.clone(), Origin::Override));
        }
    } else {
        // Ubuntu's image starts the server with the words of its command.
        let words = service.command.as_ref().map_or(&[][..], |c| &c.words);
        let takes_words = image.family == Family::FileOnly
            && words.first().is_some_and(|w| w.as_str().ends_with(".properties"));
        found |= standard(reader, &mut node, service, vars, dialect);
        if found && matches!(image.family, Family::Bitnami | Family::FileOnly) {
            for (key, value) in &run.overrides {
                node.settings.set(setting(key.clone(), value.clone(), Origin::Override));
            }
        }
        if found && run.own && !run.standard && !takes_words {
            let span =
                service.command.as_ref().or(service.entrypoint.as_ref()).map_or(node.anchor, |w| w.span);
            node.open.get_or_insert_with(|| open(span, "its command may change what the environment says"));
        }
    }
    if !found {
        return None;
    }
    node.settings.shrink();
    for format in &run.script.formats {
        node.cluster_ids.extend(commands::cluster_id(format));
        node.formats.push(format.clone());
    }
    Some(node)
}

fn files_of(project: &Project, service: &Service) -> Vec<FileId> {
    let mut files = vec![service.file];
    files.extend(project.files.iter().copied().filter(|f| *f != service.file));
    files.truncate(4);
    files
}

fn setting(key: Text, value: Text, origin: Origin) -> Setting {
    Setting { name: key, mapped: None, value, origin, overrides: Vec::new() }
}

/// The mount that puts something at `path`: exactly there, or a folder above it.
fn mounted<'s>(service: &'s Service, path: &str) -> Option<&'s Mount> {
    let path = path.trim_end_matches('/');
    let target = |m: &Mount| m.target.as_str().trim_end_matches('/').to_owned();
    let fits = |m: &&Mount| {
        let target = target(m);
        // A relative path is seen from the image's working directory, which is not known.
        target == path || !path.starts_with('/') && target.ends_with(&format!("/{path}"))
    };
    service.mounts.iter().find(fits).or_else(|| {
        service.mounts.iter().find(|m| {
            let target = target(m);
            path.strip_prefix(&target).is_some_and(|rest| rest.starts_with('/'))
        })
    })
}

/// Reads the property file that `mount` puts at `path` in the container. True when it surely holds nothing but blanks.
fn file_settings(reader: &mut Reader<'_>, node: &mut Node, mount: &Mount, path: &str) -> bool {
    let target = mount.target.as_str().trim_end_matches('/');
    let below = path.strip_prefix(target).unwrap_or("").trim_start_matches('/');
    match &mount.source {
        MountSource::Bind(written, Some(source)) => {
            let source = if below.is_empty() { source.clone() } else { format!("{source}/{below}") };
            match reader.properties(&source) {
                Ok(file) => {
                    node.files.push(file.0);
                    for property in &file.1.properties {
                        let (key, value) = (property.key.clone(), property.value.clone());
                        node.settings.set(setting(key, value, Origin::File));
                    }
                    return file.1.properties.is_empty() && file.1.comments.is_empty();
                }
                Err(reason) => {
                    if reason == ReadError::Directory {
                        reader.problems.push(Problem::Unreadable {
                            asked: Some(written.span()),
                            path: source.clone(),
                            reason: reason.clone(),
                        });
                    }
                    node.open =
                        Some(open(mount.target.span(), format!("{source} could not be read: {reason}")));
                }
            }
        }
        MountSource::Content(text) => {
            let parsed = properties::parse_text(text.slice());
            reader.comments.extend(&parsed.comments);
            let blank = parsed.properties.is_empty() && parsed.comments.is_empty();
            for property in parsed.properties {
                node.settings.set(setting(property.key, property.value, Origin::File));
            }
            return blank;
        }
        _ => {
            node.open = Some(open(mount.target.span(), format!("what is mounted at {path} is not in sight")))
        }
    }
    false
}

/// The image's own entrypoint: its defaults, a mounted file, the environment. False when nothing makes it a node.
fn standard(
    reader: &mut Reader<'_>,
    node: &mut Node,
    service: &Service,
    vars: &mut Vec<Var>,
    dialect: Dialect,
) -> bool {
    let family = node.image.family;
    let anchor = node.anchor;
    let mut mount = config_mount(service, family, value(vars, "KAFKA_MOUNTED_CONF_DIR"));
    if mount.is_none() && dialect == Dialect::None && matches!(family, Family::Unknown | Family::FileOnly) {
        mount = server_mount(reader, service);
    }
    let mut found = family == Family::ConfluentLocal;
    let env_counts = mount.is_none() || matches!(family, Family::Apache | Family::ApacheNative);
    if let Some((mount, path)) = mount {
        let blank = file_settings(reader, node, mount, &path);
        // apache/kafka takes a blank file for none.
        found |= !(blank && env_counts);
    }
    cluster_id(node, service, vars);
    if env_counts && family == Family::Bitnami {
        bitnami(node, vars);
    }
    if env_counts {
        for change in environment::changes(family, node.versions, anchor, |name| value(vars, name)) {
            let place = change.value.as_ref().map_or(anchor, Text::span);
            assign(vars, given(change.name, place), change.value, Origin::Image);
        }
        found |= map(node, vars, dialect);
    }
    if family == Family::Debezium
        && found
        && value(vars, "CLUSTER_ID").is_some_and(|v| !v.as_str().is_empty())
    {
        node.open.get_or_insert_with(|| open(anchor, "it starts from a sample file inside the image"));
    }
    if let Some(open) = service.environment_open.as_ref().filter(|_| env_counts) {
        node.open.get_or_insert_with(|| open.clone());
    }
    match family {
        Family::Apache | Family::ApacheNative if !found && node.open.is_none() => {
            found = true;
            for (key, value) in defaults::apache_file(node.versions) {
                node.settings.set(setting(given(key, anchor), given(value, anchor), Origin::Image));
            }
        }
        // Their older revisions bring listeners, roles, ids and voters of their own (until August 2023); which revision
        // a tag is, nothing says.
        Family::Bitnami
            if found
                && env_counts
                && node.versions.meets(VersionSet::before((3, 6, 0)))
                && ["listeners", "node.id", "controller.quorum.voters"]
                    .iter()
                    .any(|k| node.settings.get(k).is_none())
                && node.settings.get("zookeeper.connect").is_none() =>
        {
            node.open.get_or_insert_with(|| implied(anchor));
        }
        Family::Bitnami if env_counts && node.settings.get("process.roles").is_none() => {
            let zookeeper = node.settings.get("zookeeper.connect").is_some();
            found |= service.image.is_some() && node.open.is_some();
            if !zookeeper {
                found = true;
                node.open.get_or_insert_with(|| implied(anchor));
            }
        }
        _ => {}
    }
    found
}

fn implied(anchor: crate::source::Span) -> Open {
    open(anchor, "what this image implies depends on its revision")
}

/// Where a family's entrypoint looks for a whole file.
fn config_mount<'s>(
    service: &'s Service,
    family: Family,
    folder: Option<&Text>,
) -> Option<(&'s Mount, String)> {
    let own = folder.filter(|f| family == Family::Bitnami && !f.as_str().is_empty());
    let own = own.map(|f| format!("{}/server.properties", f.as_str().trim_end_matches('/')));
    if let Some(path) = own {
        return mounted(service, &path).map(|mount| (mount, path));
    }
    let paths: &[&str] = match family {
        Family::Apache | Family::ApacheNative => &["/mnt/shared/config/server.properties"],
        Family::Bitnami => {
            &["/bitnami/kafka/config/server.properties", "/opt/bitnami/kafka/config/server.properties"]
        }
        Family::FileOnly => &["/etc/kafka/server.properties"],
        _ => &[],
    };
    paths.iter().find_map(|path| {
        let mount = mounted(service, path)?;
        // A volume for all of /bitnami holds data; whether it holds a configuration nothing says, and it rarely does.
        let is_file = mount.target.as_str().trim_end_matches('/') == *path;
        let config_folder = mount.target.as_str().trim_end_matches('/').ends_with("config");
        (is_file || config_folder).then(|| (mount, (*path).to_owned()))
    })
}

/// For an image nothing is known of: a mounted property file that configures a server.
fn server_mount<'s>(reader: &mut Reader<'_>, service: &'s Service) -> Option<(&'s Mount, String)> {
    service.mounts.iter().find_map(|mount| {
        let target = mount.target.as_str();
        let is_server = match &mount.source {
            MountSource::Bind(_, Some(source)) if target.ends_with(".properties") => {
                let read = reader.peek(source);
                read.is_some_and(|p| standalone::classify("", &p) == Some(Kind::Server))
            }
            MountSource::Content(text) => {
                standalone::classify("", &properties::parse_text(text.slice())) == Some(Kind::Server)
            }
            _ => false,
        };
        is_server.then(|| (mount, target.to_owned()))
    })
}

/// What Bitnami's scripts write before the environment's properties, or behind them where no variable says otherwise.
fn bitnami(node: &mut Node, vars: &[Var]) {
    let anchor = node.anchor;
    for (key, value) in defaults::bitnami_file(node.versions) {
        node.settings.set(setting(given(key, anchor), given(value, anchor), Origin::Image));
    }
    let get = |name: &str| {
        let plain = name.strip_prefix("CFG_").map(|name| format!("KAFKA_{name}"));
        let aliased = plain.filter(|p| variable::property(Dialect::Bitnami, p, node.versions).is_some());
        aliased.and_then(|p| value(vars, &p)).or_else(|| value(vars, &format!("KAFKA_{name}")))
    };
    for (key, value) in image::bitnami::properties(anchor, get) {
        node.settings.set(setting(given(&key, anchor), value, Origin::Image));
    }
}

/// Makes settings of the variables. True when one that the user set became one.
fn map(node: &mut Node, vars: &mut [Var], dialect: Dialect) -> bool {
    let mut found = false;
    node.settings.reserve(vars.len());
    // Bitnami's scripts copy a plain alias over its KAFKA_CFG_ twin.
    let is_bitnami = dialect == Dialect::Bitnami;
    let plain = |v: &Var| is_bitnami && !v.variable.name.as_str().starts_with("KAFKA_CFG_");
    let passes: &[bool] = if is_bitnami { &[false, true] } else { &[false] };
    for pass in passes {
        for Var { variable, origin } in vars.iter_mut().filter(|v| plain(v) == *pass) {
            let Some(key) = variable::property(dialect, variable.name.as_str(), node.versions) else {
                continue;
            };
            let Some(value) = variable.value.take() else { continue };
            found |= *origin != Origin::Image;
            let name = std::mem::replace(&mut variable.name, Text::at(value.place()));
            let overrides = std::mem::take(&mut variable.overrides);
            // Bitnami's scripts hand values to sed, to which these two mean something (`replace_in_file`).
            let value = match is_bitnami && value.as_str().contains(['&', '\\']) {
                true => {
                    if value.as_str().contains('\\') {
                        let why = "what the image's scripts make of the backslash may spoil other lines";
                        node.open.get_or_insert_with(|| open(value.place(), why));
                    }
                    Text::hole(value.place())
                }
                false => value,
            };
            let mut put = |mut setting: Setting| {
                // Which of two variables is written last, the order of a hash map decides; Bitnami's go by name.
                let old = node.settings.get(setting.key()).filter(|_| !is_bitnami);
                if old.is_some_and(|o| o.origin != Origin::File && o.value.as_str() != setting.value.as_str())
                {
                    setting.value = Text::hole(setting.value.span());
                }
                node.settings.set(setting);
            };
            let named = |name: Text, key: String, value: Text| match origin {
                // No line of the user's names it.
                Origin::Image => setting(given(&key, name.span()), value, *origin),
                _ => Setting {
                    name,
                    mapped: Some(key.into_boxed_str()),
                    value,
                    origin: *origin,
                    overrides: Vec::new(),
                },
            };
            // A name with other characters, once it is written into the file, is read as any key there.
            let plain = key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
            match if plain { properties::plain_value(value) } else { Err(value) } {
                Ok(value) => put(Setting { overrides, ..named(name, key, value) }),
                Err(value) => {
                    let known = Text::decoded(key.as_str(), name.span());
                    let parsed = if plain {
                        properties::parse_value(known, &value)
                    } else {
                        let mut line = known;
                        line.push_decoded("=", value.place());
                        line.push_slice(value.slice(), |e| e);
                        properties::parse_text(line.slice())
                    };
                    let open_end = parsed.problems.iter().find_map(|p| match p {
                        properties::Problem::OpenEnd { span, .. } => Some(*span),
                        _ => None,
                    });
                    let open_end = open_end.filter(|_| !variable::parts_lines(dialect, node.versions));
                    let mut rest = parsed.properties.into_iter();
                    let Some(first) = rest.next() else { continue };
                    let key = if plain { key } else { first.key.as_str().to_owned() };
                    let mut lines = vec![Setting { overrides, ..named(name, key, first.value) }];
                    lines.extend(rest.map(|p| setting(p.key, p.value, *origin)));
                    if let (Some(last), Some(span)) = (lines.last_mut(), open_end) {
                        last.value.push_hole(span);
                        node.open.get_or_insert_with(|| {
                            open(
                                span,
                                "a value ends with a backslash, so the line behind it becomes part of it",
                            )
                        });
                    }
                    // Of one variable the last line counts.
                    for at in 0..lines.len() {
                        let (Some(line), later) = (lines.get(at), lines.get(at + 1..)) else { continue };
                        if !later.unwrap_or_default().iter().any(|l| l.key() == line.key()) {
                            put(line.clone());
                        }
                    }
                }
            }
        }
    }
    found
}

fn cluster_id(node: &mut Node, service: &Service, vars: &[Var]) {
    let late = node.versions.meets(VersionSet::since((4, 0, 0)));
    let (names, missing): (&[&str], MissingId) = match node.image.family {
        Family::Apache | Family::ApacheNative | Family::ConfluentLocal => {
            (&["CLUSTER_ID"], MissingId::Unknown)
        }
        Family::Confluent | Family::ConfluentServer => (&["CLUSTER_ID"], MissingId::Refused),
        Family::Bitnami if late => (&["KAFKA_CLUSTER_ID", "KAFKA_KRAFT_CLUSTER_ID"], MissingId::Random),
        Family::Bitnami => (&["KAFKA_KRAFT_CLUSTER_ID"], MissingId::Random),
        _ => (&["CLUSTER_ID"], MissingId::Unknown),
    };
    for name in names {
        let Some(value) = value(vars, name).filter(|v| !v.as_str().trim().is_empty()) else { continue };
        let known = if value.slice().has_hole() { IdValue::Unknown } else { IdValue::Known(value.clone()) };
        let span = value.span();
        node.cluster_ids.push(ClusterId { value: known, source: IdSource::Variable, span });
        return;
    }
    // Bitnami's scripts read a variable's value from the file that its _FILE twin names.
    let from_file = |v: &&Var| {
        node.image.family == Family::Bitnami
            && v.variable.name.as_str().strip_suffix("_FILE").is_some_and(|name| names.contains(&name))
    };
    if let Some(var) = vars.iter().find(from_file) {
        let span = var.variable.name.span();
        node.cluster_ids.push(ClusterId { value: IdValue::Unknown, source: IdSource::Variable, span });
        return;
    }
    if service.environment_open.is_some() {
        return;
    }
    let default = match node.image.family {
        Family::Apache | Family::ApacheNative => Some(defaults::APACHE_CLUSTER_ID),
        Family::ConfluentLocal => Some(defaults::CONFLUENT_LOCAL_CLUSTER_ID),
        _ => None,
    };
    match default {
        Some(id) => node.cluster_ids.push(ClusterId {
            value: IdValue::Known(given(id, node.anchor)),
            source: IdSource::Image,
            span: node.anchor,
        }),
        // Up to 7.3 Confluent's images did not format at all.
        None if missing == MissingId::Refused && !node.versions.within(VersionSet::since((3, 4, 0))) => {}
        None => node.missing_id = missing,
    }
}

/// A service that is told where the brokers are.
fn client(project: &Project, at: ServiceRef, service: &Service, vars: &[Var], name: &str) -> Option<Client> {
    let bootstrap: Vec<(Text, Text)> = vars
        .iter()
        .map(|v| &v.variable)
        .filter(|v| companion::names_servers(v.name.as_str()))
        .filter_map(|v| Some((v.name.clone(), v.value.clone()?)))
        .filter(|(_, value)| !value.as_str().trim().is_empty())
        .collect();
    if bootstrap.is_empty() {
        return None;
    }
    Some(Client {
        name: name.to_owned(),
        kind: ClientKind::Service,
        files: vec![service.file],
        folder: project.folder.clone(),
        anchor: service.name.span(),
        bootstrap,
        settings: Settings::default(),
        parts: parts(vars),
        open: None,
        service: Some(at),
        versions: VersionSet::NONE,
    })
}

/// The settings of the clients inside a program. Only keys that such a client knows: the program's own follow the same names.
fn parts(vars: &[Var]) -> Vec<(ClientKind, Settings)> {
    let mut parts: Vec<(ClientKind, Settings)> = Vec::new();
    for Var { variable, .. } in vars {
        let Some((of, key)) = companion::key(variable.name.as_str()) else { continue };
        for part in of {
            let (kind, scope) = match part {
                Part::Producer => (ClientKind::Producer, Scope::Producer),
                Part::Consumer => (ClientKind::Consumer, Scope::Consumer),
                Part::Admin => (ClientKind::Admin, Scope::Admin),
            };
            let Some(value) = variable.value.clone().filter(|_| !catalog::defs(scope, &key).is_empty())
            else {
                continue;
            };
            if !parts.iter().any(|(k, _)| *k == kind) {
                parts.push((kind, Settings::default()));
            }
            let setting = Setting {
                name: variable.name.clone(),
                mapped: Some(key.clone().into()),
                value,
                origin: if variable.from_file { Origin::EnvFile } else { Origin::Environment },
                overrides: variable.overrides.clone(),
            };
            if let Some((_, settings)) = parts.iter_mut().find(|(k, _)| *k == kind) {
                settings.set(setting);
            }
        }
    }
    parts
}
