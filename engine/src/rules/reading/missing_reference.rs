//! KL009: a file that Compose or a container is told to read, and that is not there.

use crate::hash::HashMap;

use crate::cluster::{Absent, Node};
use crate::compose::{MountKind, MountSource, Problem, Project};
use crate::diagnostic::{Code, Diagnostic, Effect, RefusedBy, Severity};
use crate::rules::{Context, Sink};
use crate::source::{Span, path};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    let mut nodes: Vec<Vec<(usize, &Node)>> = cx.model.projects.iter().map(|_| Vec::new()).collect();
    for (n, node) in cx.model.nodes.iter().enumerate() {
        if let Some(all) = node.service.and_then(|at| nodes.get_mut(at.project)) {
            all.push((n, node));
        }
    }
    for (project, nodes) in cx.model.projects.iter().zip(&nodes) {
        // A fragment's paths start elsewhere, and what is no Kafka is nobody's business here.
        if project.fragment || nodes.is_empty() {
            continue;
        }
        let first = nodes.first().and_then(|(n, _)| cx.cluster_of(*n));
        let cluster = first.filter(|c| nodes.iter().all(|(n, _)| cx.cluster_of(*n) == Some(*c)));
        let mut found: Vec<Diagnostic> = Vec::new();
        let mut index: HashMap<(&str, &str), usize> = HashMap::default();
        for problem in &project.problems {
            let Problem::MissingReference { span, path, what } = problem else { continue };
            let mut finding = reference(cx, project, *span, path, what);
            finding.cluster = cluster;
            finding.nodes = nodes.iter().map(|(_, n)| n.name.clone()).collect();
            put(&mut found, &mut index, (path, what), finding);
        }
        for (n, node) in nodes {
            for (source, finding) in mounts(cx, project, (*n, node)) {
                put(&mut found, &mut index, (source, "mount"), finding);
            }
        }
        out.append(&mut found);
    }
}

/// One missing file is told once, with every place that asks for it; the worst finding is the one.
fn put<'m>(
    found: &mut Vec<Diagnostic>,
    index: &mut HashMap<(&'m str, &'m str), usize>,
    file: (&'m str, &'m str),
    finding: Diagnostic,
) {
    let known = index.get(&file).and_then(|i| found.get_mut(*i));
    let Some(known) = known else {
        index.insert(file, found.len());
        found.push(finding);
        return;
    };
    let mut one = known.clone().related(finding.primary.span, "asked for here too");
    for node in &finding.nodes {
        one = one.node(node);
    }
    (one.severity, one.effect, one.refused_by) = if finding.severity > one.severity {
        (finding.severity, finding.effect, finding.refused_by)
    } else {
        (one.severity, one.effect, one.refused_by)
    };
    *known = one;
}

fn reference(cx: &Context<'_>, project: &Project, span: Span, path: &str, what: &str) -> Diagnostic {
    let absent = cx.model.absent.get(path).cloned().unwrap_or_default();
    let env_file = what == "env_file";
    let message = format!("the {what} {path} does not exist");
    let mut finding = Diagnostic::new(Code::KL009, span, message).label("not there").help(format!(
        "Compose refuses the whole project: none of its services starts. {}",
        advice(&absent, path, env_file)
    ));
    let asks =
        project.services.iter().filter(|s| s.environment_open.as_ref().is_some_and(|o| o.span == span));
    let switched = env_file && asks.clone().next().is_some() && asks.clone().all(|s| !s.profiles.is_empty());
    if switched {
        finding = finding.severity(Severity::Info).help(format!(
            "Compose refuses the project when the service's profile is switched on. {}",
            advice(&absent, path, env_file)
        ));
    } else if absent.ignored || absent.sample.is_some() || env_file && !absent.repository {
        finding = finding.severity(Severity::Warning);
    }
    finding
}

fn advice(absent: &Absent, file: &str, env_file: bool) -> String {
    match (&absent.sample, absent.ignored) {
        (Some(sample), _) => format!("Make it from {} beside it.", path::file_name(sample)),
        (None, true) => "A .gitignore leaves it out of the repository: whoever checks this out must make it. Put an example \
             beside it."
            .to_owned(),
        (None, false) if !env_file => format!("Add {file}, or take the reference away."),
        (None, false) => format!("Add {file}, or take the reference away; where it may be missing, write `required: false`."),
    }
}

/// Files that are mounted one by one. Docker makes a folder of what is not there, and nothing of a config without its file.
/// (docker compose `pkg/compose/create.go`: `buildContainerConfigMounts` binds without making the source.)
fn mounts<'m>(
    cx: &Context<'m>,
    project: &'m Project,
    (n, node): (usize, &Node),
) -> Vec<(&'m str, Diagnostic)> {
    let mut found = Vec::new();
    let Some(service) = node.service.and_then(|at| project.services.get(at.service)) else { return found };
    for mount in &service.mounts {
        let MountSource::Bind(written, Some(source)) = &mount.source else { continue };
        let Some(absent) = cx.model.absent.get(source) else { continue };
        let target = mount.target.as_str();
        let read = node.open.as_ref().is_some_and(|o| o.span == mount.target.span());
        let then = match (&absent.sample, absent.ignored) {
            (Some(sample), _) => format!("Make it from {} beside it.", path::file_name(sample)),
            (None, true) => {
                "A .gitignore leaves it out of the repository: make it before the first start.".to_owned()
            }
            (None, false) => "Add it, or take the mount away.".to_owned(),
        };
        let is_config = mount.kind == MountKind::Config;
        let effect = if is_config {
            (Effect::RefusesStart, Some(RefusedBy::Compose))
        } else if read {
            (Effect::RefusesStart, Some(RefusedBy::Broker))
        } else {
            (Effect::Misbehaves, None)
        };
        let fails = if is_config {
            "Docker creates no container from a config whose file is not there.".to_owned()
        } else {
            format!(
                "Docker makes an empty folder of that name, on the host and at {target}, and what reads the file fails."
            )
        };
        let is_left_out = absent.ignored || absent.sample.is_some() || !absent.repository;
        let mut finding = Diagnostic::at(
            Code::KL009,
            written.slice(),
            format!("{source} does not exist, and is mounted as a file at {target}"),
        )
        .label("not there")
        .help(format!("{fails} {then}"))
        .severity(if is_config && !is_left_out { Severity::Error } else { Severity::Warning })
        .effect(effect.0, effect.1)
        .node(&node.name);
        finding.cluster = cx.cluster_of(n);
        found.push((source.as_str(), finding));
    }
    found
}
