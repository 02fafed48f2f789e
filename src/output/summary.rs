//! The line that says what was seen: a reader must notice when a node was not found. Not a finding.

use super::{count, plain};
use crate::diagnostic::Severity;
use crate::report::Report;

/// Names of clusters and nodes beyond these are counted.
const CLUSTERS: usize = 4;
const NODES: usize = 6;

/// How many files were used.
pub(super) fn files(report: &Report) -> usize {
    if report.files.is_empty() {
        report.sources.len()
    } else {
        report.files.iter().filter(|f| f.used).count()
    }
}

/// What was read and what was found, in one line without its end.
#[must_use]
pub fn summary(report: &Report) -> String {
    let mut out = count(files(report), "file");
    let clusters: Vec<_> = report.clusters.iter().filter(|c| !c.nodes.is_empty()).collect();
    if !clusters.is_empty() {
        out.push_str("; ");
        out.push_str(&count(clusters.len(), "cluster"));
        out.push_str(": ");
        let names = clusters.iter().map(|cluster| {
            let nodes = cluster.nodes.iter().map(|node| {
                let name = node.name.strip_prefix(&format!("{}/", cluster.name)).unwrap_or(&node.name);
                match node.id {
                    Some(id) => format!("{name} id {id}"),
                    None => name.to_owned(),
                }
            });
            let open = if cluster.complete { "" } else { ", not all of its nodes" };
            format!("{} ({}{open})", cluster.name, list(nodes, NODES))
        });
        out.push_str(&plain(&list(names, CLUSTERS)));
    }
    if report.node_count() + report.client_count() > 0 {
        out.push_str(&format!(
            "; {}, {}",
            count(report.node_count(), "node"),
            count(report.client_count(), "client")
        ));
    }
    let found: Vec<String> = [Severity::Error, Severity::Warning, Severity::Info]
        .into_iter()
        .map(|s| (report.count(s), s))
        .filter(|(n, _)| *n > 0)
        .map(|(n, s)| if s == Severity::Info { count(n, "hint") } else { count(n, s.name()) })
        .collect();
    out.push_str(" -- ");
    out.push_str(&if found.is_empty() { "no findings".to_owned() } else { found.join(", ") });
    let left_out = report.suppressed;
    let left_out = [
        (left_out.by_comments, "ignored by comments"),
        (left_out.by_baseline, "in the baseline"),
        (left_out.not_new, "not new"),
    ];
    let left_out: Vec<String> =
        left_out.into_iter().filter(|(n, _)| *n > 0).map(|(n, why)| format!("{n} {why}")).collect();
    if !left_out.is_empty() {
        out.push_str(&format!(" ({})", left_out.join(", ")));
    }
    out
}

fn list(items: impl ExactSizeIterator<Item = String>, most: usize) -> String {
    let all = items.len();
    // One more costs no more room than to say that there is one more.
    let shown = if all <= most + 1 { all } else { most };
    let mut out = items.take(shown).collect::<Vec<_>>().join(", ");
    if shown < all {
        out.push_str(&format!(" and {} more", all - shown));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_cut() {
        let names = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>().into_iter();
        assert_eq!(list(names(3), 2), "0, 1, 2");
        assert_eq!(list(names(30), 2), "0, 1 and 28 more");
    }

    #[test]
    fn says_what_was_found() {
        let report = super::super::tests::two_hosts();
        assert_eq!(summary(&report), "2 files -- 1 error");
    }
}
