//! KL609: a health check that can never succeed: its program is not in the image, or cannot start beside Kafka, or asks a port that
//! nobody opens.
//!
//! Sources: the Dockerfiles of apache/kafka (no PATH to `/opt/kafka/bin`, no tools in the native image), of confluentinc (tools without
//! `.sh`; no `nc` from 8.0 on) and of Bitnami; `bin/kafka-run-class.sh` for JMX.

use super::{TOOLS, is_one_command};
use crate::cluster::{Entry, Node, Resolved, Stack};
use crate::compose::{Service, Words};
use crate::diagnostic::{Code, Diagnostic};
use crate::image::Family;
use crate::kafka::version::VersionSet;
use crate::kafka::{address, voter};
use crate::rules::{Context, Sink};
use crate::script::{self, Command, Script};
use crate::source::path;
use crate::text::Text;

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (i, node) in cx.nodes(cluster) {
            let Some(service) = node.service.and_then(|at| cx.places.service(at)) else { continue };
            let Some(test) = service.health_test.as_ref().filter(|t| is_one_command(t)) else { continue };
            // Of an image that somebody has built upon, or a script mounted over, nothing is known.
            let Some(entry) = node.entry.as_deref().filter(|e| e.whole && e.pristine) else { continue };
            let script = read(test);
            // `|| exit 1` says nothing new.
            let counts = |c: &&Command| c.words.first().is_some_and(|w| w.text.as_str() != "exit");
            let mut commands = script.commands.iter().filter(|c| !c.delegates).filter(counts);
            let (Some(command), None) = (commands.next(), commands.next()) else { continue };
            let found = missing_program(service, node, entry, command)
                .or_else(|| jmx(node, test, command))
                .or_else(|| port(cx, (i, node), service, command));
            out.extend(found.map(|f| f.key("healthcheck").node(&node.name).cluster(c)));
        }
    }
}

/// The commands of a check: a list begins with CMD or CMD-SHELL, a text is for the shell.
fn read(test: &Words) -> Script {
    match test.words.as_slice() {
        [first, rest @ ..] if first.as_str() == "CMD" => script::parse_argv(rest),
        [first, text, ..] if first.as_str() == "CMD-SHELL" => script::parse_words(text.slice()),
        [text] => script::parse_words(text.slice()),
        _ => Script::default(),
    }
}

/// The name of a Kafka tool, without `.sh`.
fn tool(command: &Command) -> Option<&str> {
    let name = path::file_name(command.words.first()?.text.as_str());
    let name = name.strip_suffix(".sh").unwrap_or(name);
    TOOLS.contains(&name).then_some(name)
}

fn missing_program(service: &Service, node: &Node, entry: &Entry, command: &Command) -> Option<Diagnostic> {
    let word = &command.words.first()?.text;
    let program = word.known()?;
    let mounted = service.mounts.iter().any(|m| path::is_below(program, m.target.as_str()));
    let bare = !program.contains('/');
    let own_path = entry.rest.iter().any(|v| v.name.as_str() == "PATH");
    // Where a relative path leads depends on the folder it is started in.
    if mounted || !bare && !program.starts_with('/') || bare && own_path {
        return None;
    }
    let shell = program.ends_with(".sh");
    let confluent = matches!(node.image.family, Family::Confluent | Family::ConfluentServer);
    let (what, help) = match (tool(command), node.image.family) {
        (Some(_), Family::ApacheNative) => (
            "apache/kafka-native has no command-line tools",
            "This image holds the server alone. Take apache/kafka, or ask the port with bash: bash -c '</dev/tcp/localhost/9092'."
                .to_owned(),
        ),
        (Some(name), Family::Apache) if bare || !shell && program.starts_with("/opt/kafka/") => (
            "not to be found in apache/kafka under this name",
            format!("The tools of this image are not on its PATH. Write /opt/kafka/bin/{name}.sh."),
        ),
        (Some(name), _) if confluent && shell => (
            "not in Confluent's images under this name",
            format!("Their tools have no .sh behind the name. Write {name}."),
        ),
        (Some(name), Family::Bitnami) if !shell => (
            "not in the Bitnami image under this name",
            format!("Its tools are called as Kafka ships them. Write {name}.sh."),
        ),
        (None, _)
            if confluent && program == "nc" && node.versions.within(VersionSet::since((4, 0, 0))) =>
        {
            (
                "not in Confluent's images from 8.0 on",
                "Ask Kafka itself: kafka-broker-api-versions --bootstrap-server localhost:9092.".to_owned(),
            )
        }
        _ => return None,
    };
    let message = format!("the health check of {} runs a program that its image does not have", node.name);
    Some(Diagnostic::at(Code::KL609, word.slice(), message).label(what).help(help))
}

/// Each tool is a JVM of its own that reads the same variables, and opens the same port for JMX.
fn jmx(node: &Node, test: &Words, command: &Command) -> Option<Diagnostic> {
    tool(command)?;
    if test.words.iter().any(|w| w.as_str().contains("JMX")) {
        return None;
    }
    let filled = |(name, value): (&'_ Text, &'_ Text)| {
        let is_set = value.known().is_some_and(|v| !v.trim().is_empty());
        is_set.then(|| (name.clone(), value.clone()))
    };
    let options = || node.variable("KAFKA_JMX_OPTS").filter(|(_, v)| v.as_str().contains("jmxremote.port="));
    let (name, value) = node.variable("JMX_PORT").and_then(filled).or_else(|| options().and_then(filled))?;
    let word = &command.words.first()?.text;
    let message = format!("the health check of {} wants the port for JMX that Kafka itself has", node.name);
    Some(
        Diagnostic::at(Code::KL609, word.slice(), message)
            .label(format!("inherits {}", name.as_str()))
            .related_text(&value, "Kafka opens it, and so does each tool")
            .help(format!(
                "The tool stops with `Port already in use`, and the container is never healthy. Empty the variable for the check: \
                 {0}= {1} …",
                name.as_str(),
                word.as_str()
            )),
    )
}

/// A port of its own container at which none of its listeners is.
fn port(
    cx: &Context<'_>,
    (i, node): (usize, &Node),
    service: &Service,
    command: &Command,
) -> Option<Diagnostic> {
    tool(command)?;
    if node.stack != Stack::Container || !cx.places.alone_in_stack(i) {
        return None;
    }
    let (setting, listeners) = node.listeners()?;
    if listeners.open || listeners.iter().any(|l| l.port().is_none_or(|p| p == 0)) {
        return None;
    }
    let words: Vec<&Text> = command.words.iter().map(|w| &w.text).collect();
    let options = ["--bootstrap-server", "--bootstrap-controller"];
    let at = words.iter().position(|w| options.contains(&w.as_str()))?;
    let servers = voter::bootstrap_servers(words.get(at + 1)?.slice());
    let lost = servers.iter().all(|server| {
        let Some(at) = server.address.as_ref() else { return false };
        let (Some(host), Some(port)) = (at.host.known(), at.port()) else { return false };
        let own = address::is_loopback(host) || cx.places.resolve(i, host) == Resolved::Own;
        own && !listeners.iter().any(|l| l.port() == Some(port))
    });
    let first = servers.first().filter(|_| lost)?;
    let port = first.address.as_ref()?.port()?;
    let mut finding = Diagnostic::at(
        Code::KL609,
        first.entry,
        format!("the health check of {} asks port {port}, where nothing listens in its container", node.name),
    )
    .label("no listener has this port")
    .related_value(setting.place(), "its listeners")
    .help("A check runs inside the container, where the listeners' own ports count, not those that are published.");
    let published = |p: &&crate::compose::Port| p.published.is_some_and(|r| r.start <= port && port <= r.end);
    if let Some(entry) = service.ports.iter().find(published) {
        finding = finding.related_text(&entry.text, format!("{port} is its number on the host only"));
    }
    Some(finding)
}
