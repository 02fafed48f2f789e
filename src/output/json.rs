//! JSON, version 1: for machines, so fields are only ever added.
//!
//! Columns are counted in characters from 1, `start` and `end` are byte offsets. What is not known is `null`, `[]` is
//! known to be empty. The structs stand in the order of the output.

use std::borrow::Cow;
use std::io;

use serde::Serialize;

use super::{Guard, Views, mask, plain, summary};
use crate::diagnostic::{Diagnostic, Fix, Label, Meta, Safety, Severity};
use crate::kafka::version::VersionSet;
use crate::report::{Client, Cluster, Node, Report, Setting};
use crate::source::Span;
use crate::upgrade::{self, Kind, Upgrade};

/// Where the program comes from.
pub(super) const HOME: &str = "https://github.com/kraftlint/kraftlint";

/// The page of a rule.
pub(super) fn url(meta: &Meta) -> String {
    format!("{HOME}/blob/main/rules/{}-{}.md", meta.id, meta.name)
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

const TOOL: Tool = Tool { name: "kraftlint", version: env!("CARGO_PKG_VERSION") };

#[derive(Serialize)]
struct Check<'a> {
    version: u32,
    tool: Tool,
    clusters: Vec<JsonCluster<'a>>,
    diagnostics: Vec<JsonDiagnostic<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Show<'a> {
    version: u32,
    tool: Tool,
    clusters: Vec<JsonCluster<'a>>,
}

#[derive(Serialize)]
struct JsonCluster<'a> {
    name: &'a str,
    complete: bool,
    evidence: &'a [String],
    kafka_versions: Vec<&'static str>,
    nodes: Vec<JsonNode<'a>>,
    clients: Vec<JsonClient<'a>>,
}

#[derive(Serialize)]
struct JsonNode<'a> {
    name: &'a str,
    id: Option<i64>,
    roles: Option<&'a [String]>,
    versions: Vec<&'static str>,
    image: Option<&'a str>,
    files: &'a [String],
    cluster_id: Option<&'a str>,
    listeners: Option<&'a [String]>,
    voters: Option<&'a [String]>,
    starts: Option<bool>,
    config: &'static str,
    verdicts: Vec<NodeVerdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<Vec<JsonSetting<'a>>>,
}

#[derive(Serialize)]
struct NodeVerdict {
    version: &'static str,
    starts: Option<bool>,
    config: &'static str,
}

#[derive(Serialize)]
struct JsonClient<'a> {
    name: &'a str,
    kind: &'static str,
    files: &'a [String],
    versions: Vec<&'static str>,
    starts: Option<bool>,
    verdicts: Vec<ClientVerdict>,
}

#[derive(Serialize)]
struct ClientVerdict {
    version: &'static str,
    starts: Option<bool>,
}

#[derive(Serialize)]
struct JsonSetting<'a> {
    key: &'a str,
    value: Cow<'a, str>,
    origin: &'static str,
    file: Option<&'a str>,
    start: Option<u32>,
    end: Option<u32>,
    overrides: Vec<Place<'a>>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    start: u32,
    end: u32,
}

#[derive(Serialize)]
struct JsonDiagnostic<'a> {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    effect: &'static str,
    refused_by: Option<&'static str>,
    message: Cow<'a, str>,
    help: Cow<'a, str>,
    url: String,
    cluster: Option<&'a str>,
    nodes: &'a [String],
    keys: &'a [String],
    fingerprint: String,
    labels: Vec<JsonLabel<'a>>,
    fixes: Vec<JsonFix<'a>>,
}

#[derive(Serialize)]
struct JsonLabel<'a> {
    file: &'a str,
    start: u32,
    end: u32,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    message: Cow<'a, str>,
    primary: bool,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    safety: &'static str,
    message: Cow<'a, str>,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    file: &'a str,
    start: u32,
    end: u32,
    replacement: &'a str,
}

#[derive(Serialize)]
struct Summary {
    files: usize,
    clusters: usize,
    nodes: usize,
    clients: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
    suppressed: usize,
}

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let views = Views::new(&report.sources);
    let json = Check {
        version: 1,
        tool: TOOL,
        clusters: report.clusters.iter().map(|c| cluster(c, report, None)).collect(),
        diagnostics: report.diagnostics.iter().map(|d| diagnostic(d, report, &views)).collect(),
        summary: Summary {
            files: summary::files(report),
            clusters: report.cluster_count(),
            nodes: report.node_count(),
            clients: report.client_count(),
            errors: report.count(Severity::Error),
            warnings: report.count(Severity::Warning),
            infos: report.count(Severity::Info),
            suppressed: report.suppressed.total(),
        },
    };
    print(&json, out)
}

/// Writes the clusters and nodes of `report` with what each node's Kafka reads; with `all` its defaults too.
///
/// # Errors
/// When `out` cannot be written.
pub fn show(report: &Report, all: bool, out: &mut dyn io::Write) -> io::Result<()> {
    let clusters = report.clusters.iter().map(|c| cluster(c, report, Some(all))).collect();
    print(&Show { version: 1, tool: TOOL, clusters }, out)
}

#[derive(Serialize)]
struct JsonUpgrade<'a> {
    version: u32,
    tool: Tool,
    to: Vec<&'static str>,
    nodes: Vec<UpgradedNode<'a>>,
    refused: Vec<JsonDiagnostic<'a>>,
    lost: Vec<JsonDiagnostic<'a>>,
    found: Vec<JsonDiagnostic<'a>>,
    deprecated: Vec<JsonDiagnostic<'a>>,
    mended: Vec<JsonDiagnostic<'a>>,
    defaults: Vec<NewDefault<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct UpgradedNode<'a> {
    name: &'a str,
    from: Option<Vec<&'static str>>,
    is_newer: bool,
    starts: Option<bool>,
}

#[derive(Serialize)]
struct NewDefault<'a> {
    key: &'static str,
    was: Option<&'static str>,
    is: Option<&'static str>,
    why: &'a [&'static str],
    nodes: &'a [String],
}

fn upgraded(node: &upgrade::Node) -> UpgradedNode<'_> {
    UpgradedNode {
        name: &node.name,
        from: node.is_told.then(|| names(node.from)),
        is_newer: node.is_newer,
        starts: node.starts,
    }
}

/// Writes what an upgrade changes.
///
/// # Errors
/// When `out` cannot be written.
pub fn upgrade(upgrade: &Upgrade, out: &mut dyn io::Write) -> io::Result<()> {
    let (before, after) = (Views::new(&upgrade.before.sources), Views::new(&upgrade.after.sources));
    let found = |kind: Kind| {
        let of_kind = upgrade.findings.iter().filter(|(k, _)| *k == kind);
        of_kind.map(|(_, d)| diagnostic(d, &upgrade.after, &after)).collect()
    };
    print(
        &JsonUpgrade {
            version: 1,
            tool: TOOL,
            to: names(upgrade.to),
            nodes: upgrade.nodes.iter().map(upgraded).collect(),
            refused: found(Kind::Refused),
            lost: found(Kind::Lost),
            found: found(Kind::Found),
            deprecated: found(Kind::Deprecated),
            mended: upgrade.mended.iter().map(|d| diagnostic(d, &upgrade.before, &before)).collect(),
            defaults: upgrade
                .defaults
                .iter()
                .map(|d| NewDefault { key: d.key, was: d.was, is: d.is, why: &d.why, nodes: &d.nodes })
                .collect(),
            notes: &upgrade.notes,
        },
        out,
    )
}

fn print(json: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, json).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

fn names(versions: VersionSet) -> Vec<&'static str> {
    versions.iter().map(crate::kafka::version::Release::name).collect()
}

/// `settings`: none, or whether the defaults are among them.
fn cluster<'a>(cluster: &'a Cluster, report: &'a Report, settings: Option<bool>) -> JsonCluster<'a> {
    JsonCluster {
        name: &cluster.name,
        complete: cluster.complete,
        evidence: &cluster.evidence,
        kafka_versions: names(cluster.versions()),
        nodes: cluster.nodes.iter().map(|n| node(n, report, settings)).collect(),
        clients: cluster.clients.iter().map(client).collect(),
    }
}

fn node<'a>(node: &'a Node, report: &'a Report, settings: Option<bool>) -> JsonNode<'a> {
    let verdict = |v: &crate::report::Verdict| NodeVerdict {
        version: v.version,
        starts: v.starts,
        config: v.config.name(),
    };
    let wanted = |all: bool| {
        node.settings.iter().filter(|s| all || s.origin != "default").map(|s| setting(s, report)).collect()
    };
    JsonNode {
        name: &node.name,
        id: node.id,
        roles: node.roles.as_deref(),
        versions: names(node.versions),
        image: node.image.as_deref(),
        files: &node.files,
        cluster_id: node.cluster_id.as_deref(),
        listeners: node.listeners.as_deref(),
        voters: node.voters.as_deref(),
        starts: node.starts,
        config: node.config.name(),
        verdicts: node.verdicts.iter().map(verdict).collect(),
        settings: settings.map(wanted),
    }
}

fn client(client: &Client) -> JsonClient<'_> {
    let versions = names(client.versions);
    JsonClient {
        name: &client.name,
        kind: client.kind,
        files: &client.files,
        starts: client.starts,
        verdicts: client
            .verdicts
            .iter()
            .map(|(version, starts)| ClientVerdict { version, starts: *starts })
            .collect(),
        versions,
    }
}

fn setting<'a>(setting: &'a Setting, report: &'a Report) -> JsonSetting<'a> {
    let place = |s: &Span| Place { file: report.sources.name(s.file), start: s.start, end: s.end };
    JsonSetting {
        key: &setting.key,
        value: mask::value(&setting.key, &setting.value),
        origin: setting.origin,
        file: setting.span.map(|s| report.sources.name(s.file)),
        start: setting.span.map(|s| s.start),
        end: setting.span.map(|s| s.end),
        overrides: setting.overrides.iter().map(place).collect(),
    }
}

fn diagnostic<'a>(d: &'a Diagnostic, report: &'a Report, views: &Views<'_>) -> JsonDiagnostic<'a> {
    let meta = d.code.meta();
    let guard = views.guard(d);
    JsonDiagnostic {
        code: meta.id,
        name: meta.name,
        severity: d.severity.name(),
        effect: d.effect.name(),
        refused_by: d.refused_by.map(crate::diagnostic::RefusedBy::name),
        message: guard.text(&d.message),
        help: guard.text(&d.help),
        url: url(meta),
        cluster: d.cluster.and_then(|i| report.clusters.get(i)).map(|c| c.name.as_str()),
        nodes: &d.nodes,
        keys: &d.keys,
        fingerprint: format!("{:016x}", d.fingerprint),
        labels: d.labels().map(|(l, primary)| label(l, primary, &guard, report, views)).collect(),
        fixes: d
            .fixes
            .iter()
            .filter(|f| may_be_told(f, d, &guard, views))
            .map(|f| fix(f, &guard, report))
            .collect(),
    }
}

fn label<'a>(
    label: &'a Label,
    primary: bool,
    guard: &Guard,
    report: &'a Report,
    views: &Views<'_>,
) -> JsonLabel<'a> {
    let Span { file, start, end } = label.span;
    let (line, column) = views.position(label.span);
    let (end_line, end_column) = views.position(Span { file, start: end, end });
    let message = guard.text(&label.message);
    JsonLabel {
        file: report.sources.name(file),
        start,
        end,
        line,
        column,
        end_line,
        end_column,
        message,
        primary,
    }
}

/// A replacement with stars in it would destroy the secret when it is applied: such a fix is not told at all.
pub(super) fn may_be_told(fix: &Fix, d: &Diagnostic, guard: &Guard, views: &Views<'_>) -> bool {
    fix.edits.iter().all(|edit| {
        let touches = views.get(edit.span.file).is_some_and(|v| !v.hidden(edit.span.range()).is_empty());
        edit.replacement.is_empty()
            || !touches && !d.keys.iter().any(|k| mask::is_secret_key(k)) && guard.allows(&edit.replacement)
    })
}

fn fix<'a>(fix: &'a Fix, guard: &Guard, report: &'a Report) -> JsonFix<'a> {
    let edit = |e: &'a crate::diagnostic::Edit| JsonEdit {
        file: report.sources.name(e.span.file),
        start: e.span.start,
        end: e.span.end,
        replacement: &e.replacement,
    };
    JsonFix {
        safety: match fix.safety {
            Safety::Safe => "safe",
            Safety::Unsafe => "unsafe",
        },
        message: guard.text(&plain(&fix.message)).into_owned().into(),
        edits: fix.edits.iter().map(edit).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{find, render, two_hosts};
    use super::*;
    use crate::diagnostic::Edit;
    use crate::report::{Config, Verdict};
    use crate::source::FileId;

    fn with_cluster() -> Report {
        let mut report = two_hosts();
        let edit =
            |what: &str, new: &str| Edit { span: find(&report, FileId(0), what, 0), replacement: new.into() };
        let fix = |edit| Fix { safety: Safety::Unsafe, message: "renumber".into(), edits: vec![edit] };
        let fixes = vec![fix(edit("1", "2")), fix(edit("geheim", "'geheim'"))];
        if let Some(d) = report.diagnostics.first_mut() {
            d.cluster = Some(0);
            d.fixes = fixes;
        }
        let setting = |key: &str, value: &str, origin| Setting {
            key: key.into(),
            value: value.into(),
            origin,
            span: None,
            overrides: vec![],
        };
        report.clusters.push(Cluster {
            name: "hosts".into(),
            complete: true,
            evidence: vec!["equal voter lists".into()],
            nodes: vec![Node {
                name: "host1/kafka".into(),
                id: Some(1),
                roles: Some(vec!["broker".into()]),
                versions: VersionSet::parse("3.4.0"),
                image: None,
                files: vec!["host1/compose.yml".into()],
                cluster_id: None,
                listeners: Some(vec![]),
                voters: None,
                starts: None,
                config: Config::Accepted,
                verdicts: vec![Verdict { version: "3.4.0", starts: None, config: Config::Accepted }],
                settings: vec![
                    setting("ssl.key.password", "hush", "environment"),
                    setting("num.io.threads", "8", "default"),
                ],
            }],
            clients: vec![Client {
                name: "app".into(),
                kind: "service",
                files: vec![],
                versions: VersionSet::NONE,
                starts: Some(true),
                verdicts: vec![],
            }],
        });
        report
    }

    #[test]
    fn has_the_fields_of_the_contract() {
        let expected = concat!(
            r#"{"version":1,"tool":{"name":"kraftlint","version":""#,
            env!("CARGO_PKG_VERSION"),
            r#""},"clusters":[{"name":"hosts","complete":true,"evidence":["equal voter lists"],"kafka_versions":["3.4.0"],"#,
            r#""nodes":[{"name":"host1/kafka","id":1,"roles":["broker"],"versions":["3.4.0"],"image":null,"#,
            r#""files":["host1/compose.yml"],"cluster_id":null,"listeners":[],"voters":null,"starts":null,"#,
            r#""config":"accepted","verdicts":[{"version":"3.4.0","starts":null,"config":"accepted"}]}],"#,
            r#""clients":[{"name":"app","kind":"service","files":[],"versions":[],"starts":true,"verdicts":[]}]}],"#,
            r#""diagnostics":[{"code":"KL101","name":"duplicate-node-id","severity":"error","effect":"cannot-join","#,
            r#""refused_by":null,"message":"kafka-1 and kafka-2 both have node.id 1","#,
            r#""help":"Give each node an id of its own.","#,
            r#""url":"https://github.com/kraftlint/kraftlint/blob/main/rules/KL101-duplicate-node-id.md","#,
            r#""cluster":"hosts","nodes":["host1/kafka"],"keys":["node.id"],"fingerprint":"00000000000000ab","#,
            r#""labels":[{"file":"host1/compose.yml","start":57,"end":58,"line":4,"column":22,"end_line":4,"end_column":23,"#,
            r#""message":"kafka-1","primary":true},{"file":"host2/server.properties","start":18,"end":19,"line":2,"column":9,"#,
            r#""end_line":2,"end_column":10,"message":"kafka-2","primary":false}],"#,
            r#""fixes":[{"safety":"unsafe","message":"renumber","#,
            r#""edits":[{"file":"host1/compose.yml","start":57,"end":58,"replacement":"2"}]}]}],"#,
            r#""summary":{"files":2,"clusters":1,"nodes":1,"clients":1,"errors":1,"warnings":0,"infos":0,"suppressed":0}}"#,
            "\n",
        );
        assert_eq!(render(&with_cluster(), Format::Json), expected);
    }

    #[test]
    fn show_masks_and_leaves_defaults_out() {
        let text = |all| {
            let mut out = Vec::new();
            show(&with_cluster(), all, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert!(text(false).contains(
            r#""settings":[{"key":"ssl.key.password","value":"********","origin":"environment","file":null,"start":null,"end":null,"overrides":[]}]"#
        ));
        assert!(text(true).contains("num.io.threads"));
    }
}
