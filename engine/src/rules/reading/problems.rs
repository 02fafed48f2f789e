//! KL001, KL002, KL003, KL005, KL007, KL008, KL010, KL014: the problems that the reading rooms noted, as findings.

use crate::hash::HashSet;
use std::collections::BTreeMap;

use crate::compose::Problem;
use crate::diagnostic::{Code, Diagnostic, Effect, RefusedBy, Severity};
use crate::rules::{Context, Sink};
use crate::source::{ReadError, Span};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for problem in &cx.model.problems {
        // A file that a discovery walk met: its name is all there is to point at.
        if let Problem::Unreadable { asked, path, reason } = problem {
            if let Some(span) = asked {
                out.push(unreadable(*span, path, reason));
                continue;
            }
            let Some(file) = cx.model.sources.find(path) else { continue };
            if !matches!(reason, ReadError::Outside | ReadError::NotRegular) {
                out.push(unreadable(Span { file, start: 0, end: 0 }, path, reason));
            }
        }
    }
    let members = Members::by_project(cx);
    for (p, project) in cx.model.projects.iter().enumerate() {
        if project.problems.is_empty() {
            continue;
        }
        let Some(Members { nodes, services, clusters }) = members.get(p) else { continue };
        let ours: HashSet<&str> =
            services.iter().filter_map(|s| project.services.get(*s)).map(|s| s.name.as_str()).collect();
        let cluster = if let [only] = clusters.as_slice() { Some(*only) } else { None };
        let start = out.len();
        // What is wrong with a file's form follows from what is wrong with its YAML.
        let broken = project.problems.iter().any(|p| matches!(p, Problem::Syntax { .. }));
        let concerns = !ours.is_empty() || project.services.is_empty();
        let mut unset: BTreeMap<(&str, bool), Vec<Span>> = BTreeMap::new();
        for problem in &project.problems {
            if matches!(problem, Problem::Invalid { .. } | Problem::ContainerNameTwice { .. })
                && (broken || !concerns || project.fragment)
            {
                continue;
            }
            one(cx, problem, &ours, !nodes.is_empty(), &mut unset, out);
        }
        for ((name, has_env), spans) in unset {
            out.extend(unset_variable(name, has_env, &spans));
        }
        for finding in out.iter_mut().skip(start) {
            finding.cluster = cluster;
            // What Compose refuses holds for every node of the project.
            if finding.effect == Effect::RefusesStart {
                finding.nodes = nodes.iter().map(|n| (*n).to_owned()).collect();
            }
        }
    }
}

/// What a project has to do with Kafka.
#[derive(Default)]
struct Members<'m> {
    /// Its nodes.
    nodes: Vec<&'m str>,
    /// Its services that are nodes or clients.
    services: Vec<usize>,
    /// The clusters that have nodes in it.
    clusters: Vec<usize>,
}

impl<'m> Members<'m> {
    fn by_project(cx: &Context<'m>) -> Vec<Members<'m>> {
        let mut all: Vec<Members<'m>> = cx.model.projects.iter().map(|_| Members::default()).collect();
        for node in &cx.model.nodes {
            let Some(at) = node.service else { continue };
            let Some(members) = all.get_mut(at.project) else { continue };
            members.nodes.push(&node.name);
            members.services.push(at.service);
        }
        for at in cx.model.clients.iter().filter_map(|c| c.service) {
            if let Some(members) = all.get_mut(at.project) {
                members.services.push(at.service);
            }
        }
        for (c, cluster) in cx.clusters() {
            for at in cx.nodes(cluster).filter_map(|(_, n)| n.service) {
                if let Some(members) = all.get_mut(at.project)
                    && members.clusters.last() != Some(&c)
                {
                    members.clusters.push(c);
                }
            }
        }
        all
    }
}

fn unreadable(span: Span, path: &str, reason: &ReadError) -> Diagnostic {
    Diagnostic::new(Code::KL001, span, format!("{path} cannot be read: {reason}"))
        .help(match reason {
            ReadError::TooLarge(_) => {
                "kraftlint reads no file of that size; real configuration is a thousand times smaller."
            }
            _ => "Whoever starts Kafka with this file meets the same fault.",
        })
        .effect(Effect::RefusesStart, Some(RefusedBy::Compose))
}

fn one<'m>(
    cx: &Context<'m>,
    problem: &'m Problem,
    ours: &HashSet<&str>,
    has_nodes: bool,
    unset: &mut BTreeMap<(&'m str, bool), Vec<Span>>,
    out: &mut Sink,
) {
    match problem {
        Problem::Unreadable { asked, path, reason } => {
            if let Some(span) = asked.filter(|_| !matches!(reason, ReadError::Outside | ReadError::NotRegular)) {
                out.push(unreadable(span, path, reason));
            }
        }
        Problem::NotUtf8 { span } => out.push(
            Diagnostic::new(Code::KL001, *span, "this is not UTF-8 text")
                .label("not a character of UTF-8")
                .help("Compose reads its files as UTF-8 and refuses anything else. Save the file in UTF-8."),
        ),
        Problem::Syntax { span, message, inside } => {
            let mut finding = Diagnostic::new(Code::KL002, *span, format!("not YAML that Compose reads: {message}"))
                .label("here")
                .help("Compose refuses the whole file, so none of its services starts.");
            if let Some(inside) = inside {
                finding = finding.related(*inside, "inside of this");
            }
            out.push(finding);
        }
        Problem::DuplicateKey { first, second, key } => out.push(
            Diagnostic::new(Code::KL003, *second, format!("the key `{key}` stands twice in one mapping"))
                .label("again here")
                .related(*first, "first here")
                .help("Compose refuses a file with a repeated key. Keep one of the two.")
                .key(key.clone()),
        ),
        Problem::Interpolation { span, path } => out.push(
            Diagnostic::new(Code::KL007, *span, format!("Compose cannot interpolate the value of {path}"))
                .label("no valid ${…}")
                .help(
                    "Compose stops with \"invalid interpolation format\". Variable names are letters, digits and underscores; \
                     write $$ for a dollar sign that Kafka or a shell is to see.",
                ),
        ),
        Problem::Unset { span, name, service, has_env } => {
            let matters = service.as_ref().is_none_or(|s| ours.contains(s.as_str()));
            if matters && has_nodes {
                unset.entry((name, *has_env)).or_default().push(*span);
            }
        }
        Problem::Dotenv { span, message } => out.push(
            Diagnostic::new(Code::KL010, *span, format!("Compose cannot read this env file: {message}"))
                .label("here")
                .help("Compose refuses the project. Values with blanks or quotes inside belong in quotes."),
        ),
        Problem::Invalid { span, message, .. } => out.push(
            Diagnostic::new(Code::KL010, *span, format!("Compose refuses this: {message}"))
                .label("here")
                .help("None of the project's services starts until it is mended."),
        ),
        Problem::ContainerNameTwice { span, name, .. } => {
            let message = format!("Compose refuses this: two services have the `container_name` {name}");
            out.push(
                Diagnostic::new(Code::KL010, *span, message)
                    .label("here")
                    .help("None of the project's services starts until it is mended."),
            );
        }
        Problem::DuplicateVariable { first, second, name, service } if ours.contains(service.as_str()) => {
            let same = cx.model.sources.text(*first) == cx.model.sources.text(*second);
            let mut finding =
                Diagnostic::new(Code::KL005, *second, format!("{name} is set twice for {service}; the last one wins"))
                    .label(if same { "again, with the same value" } else { "this one counts" })
                    .related(*first, if same { "the same" } else { "this one is lost" })
                    .help("In list form Compose takes the last entry without a word. Keep the one that is meant.")
                    .key(name.clone());
            if same {
                finding = finding.severity(Severity::Info).effect(Effect::Hygiene, None);
            }
            out.push(finding);
        }
        Problem::QuotedValue { value, name, service } if ours.contains(service.as_str()) => out.push(
            Diagnostic::at(Code::KL014, value.slice(), format!("the quotes are part of the value of {name}"))
                .label("Kafka sees the quotes too")
                .help("In list form (- NAME=value) quotes are not taken away. Write the value without them, or quote the whole entry: - 'NAME=value'.")
                .key(name.clone()),
        ),
        Problem::DuplicateVariable { .. }
        | Problem::QuotedValue { .. }
        | Problem::Required { .. }
        | Problem::MissingReference { .. }
        | Problem::NotSeen(_) => {}
    }
}

fn unset_variable(name: &str, has_env: bool, spans: &[Span]) -> Option<Diagnostic> {
    let (first, rest) = spans.split_first()?;
    let mut finding = Diagnostic::new(
        Code::KL008,
        *first,
        format!("{name} has no value here and no default: it becomes empty"),
    )
    .label("empty, unless the shell that starts Compose sets it")
    .help(format!(
        "Set {name} in .env, or write a default: ${{{name}:-value}}. What depends on it is not checked."
    ))
    .key(name);
    if !has_env {
        finding = finding.severity(Severity::Info);
    }
    for span in rest
        .iter()
        .filter(|s| s.file == first.file)
        .take(3)
        .chain(rest.iter().filter(|s| s.file != first.file))
    {
        finding = finding.related(*span, "and here");
    }
    Some(finding)
}
