//! What each node really runs with, and where that stands: the text of `kraftlint show`. Not for findings.

use std::io;

use super::{BOLD, DIM, Options, RESET, Views, mask, plain};
use crate::report::{Cluster, Node, Report, Setting};

/// A longer value does not push the origins of the others to the right.
const WIDEST: usize = 60;

/// Writes every cluster, node and setting of `report`; with `all` Kafka's defaults too.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(report: &Report, all: bool, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let views = Views::new(&report.sources);
    let (bold, dim, off) = if options.color { (BOLD, DIM, RESET) } else { ("", "", "") };
    for (i, cluster) in report.clusters.iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{bold}{}{off}", heading(cluster))?;
        for line in &cluster.evidence {
            writeln!(out, "  {dim}{}{off}", plain(line))?;
        }
        for node in &cluster.nodes {
            writeln!(out, "\n  {bold}{}{off}{}", plain(&node.name), plain(&about(node)))?;
            settings(node, all, &views, (dim, off), out)?;
        }
        for client in &cluster.clients {
            let versions = client.versions.describe();
            let versions = if versions.is_empty() { String::new() } else { format!("  Kafka {versions}") };
            writeln!(out, "\n  {bold}{}{off}  {}{versions}", plain(&client.name), client.kind)?;
            for file in &client.files {
                writeln!(out, "    {dim}{}{off}", plain(file))?;
            }
        }
    }
    Ok(())
}

fn heading(cluster: &Cluster) -> String {
    if cluster.nodes.is_empty() {
        return "clients of no cluster here".to_owned();
    }
    let open = if cluster.complete { "" } else { " (not all of its nodes are here)" };
    plain(&format!("cluster {}{open}", cluster.name)).into_owned()
}

fn about(node: &Node) -> String {
    let mut out = match node.id {
        Some(id) => format!("  id {id}"),
        None => "  id not known".to_owned(),
    };
    match &node.roles {
        Some(roles) if roles.is_empty() => out.push_str("  no roles"),
        Some(roles) => out.push_str(&format!("  {}", roles.join(","))),
        None => out.push_str("  roles not known"),
    }
    if let Some(image) = &node.image {
        out.push_str(&format!("  image {image}"));
    }
    if !node.versions.is_empty() {
        out.push_str(&format!("  Kafka {}", node.versions.describe()));
    }
    if let Some(id) = &node.cluster_id {
        out.push_str(&format!("  cluster id {id}"));
    }
    out
}

fn settings(
    node: &Node,
    all: bool,
    views: &Views<'_>,
    (dim, off): (&str, &str),
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let shown: Vec<(String, &Setting)> = node
        .settings
        .iter()
        .filter(|s| all || s.origin != "default")
        .map(|s| (format!("{} = {}", plain(&s.key), plain(&mask::value(&s.key, &s.value))), s))
        .collect();
    let width =
        shown.iter().map(|(text, _)| text.chars().count()).filter(|n| *n <= WIDEST).max().unwrap_or(0);
    for (text, setting) in shown {
        write!(out, "    {text:width$}   {dim}{}", setting.origin.replace('_', " "))?;
        let at = |span| {
            let (line, _) = views.position(span);
            format!("{}:{line}", views.name(span))
        };
        if let Some(span) = setting.span {
            write!(out, " {}", at(span))?;
        }
        for (i, span) in setting.overrides.iter().enumerate() {
            write!(out, "{}{}", if i == 0 { ", instead of " } else { ", " }, at(*span))?;
        }
        writeln!(out, "{off}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{find, two_hosts};
    use super::*;
    use crate::kafka::version::VersionSet;
    use crate::report::Config;
    use crate::source::FileId;

    #[test]
    fn origins_stand_in_one_column() {
        let mut report = two_hosts();
        let (a, b) = (find(&report, FileId(0), "1", 0), find(&report, FileId(1), "1", 0));
        let setting = |key: &str, value: &str, span, overrides| Setting {
            key: key.into(),
            value: value.into(),
            origin: "env_file",
            span,
            overrides,
        };
        report.clusters.push(Cluster {
            name: "hosts".into(),
            complete: false,
            evidence: vec![],
            nodes: vec![Node {
                name: "host1/kafka".into(),
                id: Some(1),
                roles: None,
                versions: VersionSet::parse("3.4.0"),
                image: Some("bitnami".into()),
                files: vec![],
                cluster_id: None,
                listeners: None,
                voters: None,
                starts: None,
                config: Config::Unknown,
                verdicts: vec![],
                settings: vec![
                    setting("node.id", "1", Some(a), vec![b]),
                    setting("ssl.key.password", "hush", None, vec![]),
                ],
            }],
            clients: vec![],
        });
        let mut out = Vec::new();
        write(&report, false, &Options::default(), &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "cluster hosts (not all of its nodes are here)\n\n  \
             host1/kafka  id 1  roles not known  image bitnami  Kafka 3.4.0\n    \
             node.id = 1                   env file host1/compose.yml:4, instead of host2/server.properties:2\n    \
             ssl.key.password = ********   env file\n"
        );
    }
}
