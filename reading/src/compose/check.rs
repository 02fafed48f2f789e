//! The variables in a document: every value is looked at, also those that mean nothing to Kafka, for Compose refuses
//! the whole file for one of them (compose-go `interpolation/interpolation.go`). Keys do not count.

use super::Problem;
use super::load::Problems;
use super::scalar;
use super::values::Values;
use crate::interpolate::{self, ProblemKind, Value};
use crate::yaml::{Kind, NodeId, Plain};

/// Tells what is wrong with the variables below `root`. Aliases are looked at where their anchor is.
pub(super) fn variables(values: &Values, root: NodeId, problems: &mut Problems) {
    if !values.file.has_dollar {
        return;
    }
    let tree = values.tree();
    // A node and how many of its children were seen.
    let mut open = vec![(root, 0usize)];
    while let Some((node, seen)) = open.last_mut() {
        let next = match tree.kind(*node) {
            Kind::Mapping(pairs) => pairs.get(*seen).map(|p| p.1),
            Kind::Sequence(items) => items.get(*seen).copied(),
            _ => None,
        };
        *seen += 1;
        let Some(next) = next else {
            open.pop();
            continue;
        };
        match tree.kind(next) {
            Kind::Mapping(_) | Kind::Sequence(_) => {
                open.push((next, 0));
            }
            Kind::Scalar(text) if text.contains('$') && tree.plain(next) == Some(Plain::String) => {
                let is_set = |name: &str| matches!(values.scope.variables.lookup(name), Value::Set(_));
                if interpolate::is_settled(text, is_set) {
                    continue;
                }
                let Some(text) = tree.text(next) else { continue };
                let found = values.replaced(text).1;
                if !found.is_empty() {
                    let (path, service) = path(values, &open);
                    let has_env = values.scope.variables.has_file;
                    for problem in &found {
                        report(problem, &path, service.as_deref(), has_env, problems);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Refuses numbers that JSON does not have (compose-go `schema/schema.go`, `Validate`). Those of an environment are
/// looked at where it is read: put together with another one, it holds texts.
pub(super) fn unbounded(values: &Values, root: NodeId, problems: &mut Problems) {
    let tree = values.tree();
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        match tree.kind(node) {
            Kind::Mapping(pairs) => {
                open.extend(pairs.iter().filter(|p| tree.str(p.0) != Some("environment")).map(|p| p.1));
            }
            Kind::Sequence(items) => open.extend(items),
            Kind::Scalar(text) if tree.plain(node) == Some(Plain::Float) && scalar::is_unbounded(text) => {
                problems.refuse(values.span(node), None, format!("Compose cannot write the number `{text}`"));
            }
            _ => {}
        }
    }
}

/// Adds a problem of interpolation.
pub(super) fn report(
    problem: &interpolate::Problem,
    path: &str,
    service: Option<&str>,
    has_env: bool,
    problems: &mut Problems,
) {
    let span = problem.span;
    let problem = match &problem.kind {
        ProblemKind::Invalid => Problem::Interpolation { span, path: path.to_owned() },
        ProblemKind::Unset { name } => {
            Problem::Unset { span, name: name.clone(), service: service.map(str::to_owned), has_env }
        }
        ProblemKind::Required { name, .. } => Problem::Required { span, name: name.clone() },
    };
    problems.add(span, problem);
}

/// The way to the child that was seen last, as Compose writes it, and the service it is in.
fn path(values: &Values, open: &[(NodeId, usize)]) -> (String, Option<String>) {
    let tree = values.tree();
    let mut path = String::new();
    let mut service = None;
    for (depth, (node, seen)) in open.iter().enumerate() {
        let at = seen.saturating_sub(1);
        match tree.kind(*node) {
            Kind::Mapping(pairs) => {
                let key = pairs.get(at).and_then(|p| tree.str(p.0)).unwrap_or("");
                if depth == 1 && path == "services" {
                    service = Some(key.to_owned());
                }
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
            }
            _ => path.push_str(".[]"),
        }
    }
    (path, service)
}
