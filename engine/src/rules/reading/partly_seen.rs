//! KL903: what kept a check from being certain.

use crate::hash::HashSet;

use crate::compose::Problem;
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::{Context, Sink};
use crate::source::{ReadError, Span};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    let mut told: HashSet<Span> = HashSet::default();
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster) {
            if let Some(image) = node.unknown_image {
                let style = node.image.family.name().map_or("apache", |n| n);
                out.push(
                    finding(image, format!("the image of {} is not known; its variables are read as those of the {style} image", node.name))
                        .node(&node.name)
                        .cluster(c),
                );
            }
            let Some(open) = &node.open else { continue };
            told.insert(open.span);
            out.push(
                finding(open.span, format!("{} is only partly seen: {}", node.name, open.why))
                    .node(&node.name)
                    .cluster(c),
            );
        }
    }
    // Of a project with nodes, KL009 tells what is missing.
    let kafka: HashSet<usize> = cx.model.nodes.iter().filter_map(|n| n.service).map(|s| s.project).collect();
    let projects = cx.model.projects.iter().enumerate();
    for (problem, told_of) in projects.flat_map(|(i, p)| {
        let told = kafka.contains(&i) && !p.fragment;
        p.problems.iter().map(move |problem| (problem, told))
    }) {
        match problem {
            Problem::NotSeen(open) if !told.contains(&open.span) => {
                out.push(finding(open.span, format!("not seen: {}", open.why)))
            }
            Problem::Unreadable {
                asked: Some(span),
                path,
                reason: reason @ (ReadError::Outside | ReadError::NotRegular),
            } => {
                out.push(finding(*span, format!("{path} is not read: {reason}")));
            }
            Problem::MissingReference { span, path, what } if !told_of && !told.contains(span) => {
                out.push(finding(
                    *span,
                    format!("the {what} {path} is not there: what it sets is not known"),
                ));
            }
            _ => {}
        }
    }
    for problem in &cx.model.problems {
        let Problem::Unreadable { path, reason, .. } = problem else { continue };
        if let (Some(file), ReadError::Outside | ReadError::NotRegular) =
            (cx.model.sources.find(path), reason)
        {
            let span = Span { file, start: 0, end: 0 };
            out.push(finding(span, format!("{path} is not read: {reason}")));
        }
    }
}

fn finding(span: Span, message: String) -> Diagnostic {
    Diagnostic::new(Code::KL903, span, message)
        .label("not seen")
        .help("Checks that depend on it were left out.")
}
