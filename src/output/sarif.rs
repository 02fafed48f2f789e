//! SARIF 2.1.0, for code scanning: every place of a finding, the rules with their help, fingerprints that outlive edits.
//!
//! Not for fixes: what reads SARIF shows them at best, and `--diff` says more.

use std::fmt::Write as _;
use std::io;

use serde_json::{Value, json};

use super::json::{HOME, url};
use super::{Guard, Views, lines};
use crate::diagnostic::{Code, Diagnostic, Label, Severity};
use crate::order;
use crate::report::Report;
use crate::source::Span;

/// Where the specification's schema is published (OASIS, SARIF 2.1.0 Errata 01).
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let views = Views::new(&report.sources);
    let mut codes: Vec<Code> = report.diagnostics.iter().map(|d| d.code).collect();
    order::sort(&mut codes);
    codes.dedup();
    let results: Vec<Value> = report.diagnostics.iter().map(|d| result(d, &codes, report, &views)).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "kraftlint",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": HOME,
                "rules": codes.iter().map(|c| rule(*c)).collect::<Vec<_>>(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn rule(code: Code) -> Value {
    let meta = code.meta();
    json!({
        "id": meta.id,
        "name": meta.name,
        "shortDescription": { "text": meta.summary },
        "fullDescription": { "text": meta.summary },
        "help": { "text": meta.summary, "markdown": meta.prose() },
        "helpUri": url(meta),
        "defaultConfiguration": { "level": level(meta.severity) },
        "properties": { "tags": ["kafka", meta.effect.name()] },
    })
}

fn result(d: &Diagnostic, codes: &[Code], report: &Report, views: &Views<'_>) -> Value {
    let guard = views.guard(d);
    let related: Vec<Value> =
        d.related.iter().enumerate().map(|(i, l)| related(i, l, &guard, report, views)).collect();
    json!({
        "ruleId": d.code.id(),
        "ruleIndex": codes.binary_search(&d.code).unwrap_or_default(),
        "level": level(d.severity),
        "message": { "text": message(d, &guard, views) },
        "locations": [{ "physicalLocation": place(d.primary.span, report, views) }],
        "relatedLocations": related,
        "partialFingerprints": { "kraftlint/v1": format!("{:016x}", d.fingerprint) },
        "properties": {
            "effect": d.effect.name(),
            "cluster": d.cluster.and_then(|i| report.clusters.get(i)).map(|c| &c.name),
            "nodes": &d.nodes,
            "keys": &d.keys,
        },
    })
}

/// Of the related locations GitHub shows those to which the message links ("SARIF support for code scanning",
/// `relatedLocations[]`), and the text of a stranger must not make such a link (SARIF 2.1.0, "Messages with embedded
/// links").
fn message(d: &Diagnostic, guard: &Guard, views: &Views<'_>) -> String {
    let unlinked = |text: &str| text.replace("](", "] (");
    let mut text = unlinked(&lines(d, guard, []));
    for (i, label) in d.related.iter().enumerate() {
        let place = views.place(label.span).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]");
        // Into a string, writing cannot fail.
        _ = write!(text, "\n[{place}]({i})");
        if !label.message.is_empty() {
            _ = write!(text, ": {}", unlinked(&guard.text(&label.message)));
        }
    }
    text
}

fn related(i: usize, label: &Label, guard: &Guard, report: &Report, views: &Views<'_>) -> Value {
    json!({
        "id": i,
        "physicalLocation": place(label.span, report, views),
        "message": { "text": guard.text(&label.message) },
    })
}

fn place(span: Span, report: &Report, views: &Views<'_>) -> Value {
    let (line, column) = views.position(span);
    let (end_line, end_column) = views.position(Span { start: span.end, ..span });
    json!({
        "artifactLocation": { "uri": uri(report.sources.name(span.file)) },
        "region": { "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column },
    })
}

/// A path as a URI reference (RFC 3986), relative as it is shown.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            // Into a string, writing cannot fail.
            _ => _ = write!(uri, "%{byte:02X}"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{render, two_hosts};
    use super::*;

    #[test]
    fn shows_every_place_of_a_finding() {
        let log: Value = serde_json::from_str(&render(&two_hosts(), Format::Sarif)).unwrap();
        let result = &log["runs"][0]["results"][0];
        assert_eq!(result["ruleId"], "KL101");
        assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][0]["id"], "KL101");
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!((&region["startLine"], &region["startColumn"]), (&json!(4), &json!(22)));
        let other = &result["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        assert_eq!(other, "host2/server.properties");
        assert_eq!(
            result["message"]["text"],
            "kafka-1 and kafka-2 both have node.id 1\nhere: kafka-1\nGive each node an id of its own.\n[host2/server.properties:2:9](0): kafka-2"
        );
    }

    #[test]
    fn a_stranger_makes_no_links() {
        let mut report = two_hosts();
        let file = report.sources.add("[x](y)", "a".as_bytes());
        if let Some(d) = report.diagnostics.first_mut() {
            d.message = "[x](http://y) is bad".to_owned();
            d.related = vec![Label { span: Span::new(file, 0..1), message: "[x](0)".into() }];
        }
        let log: Value = serde_json::from_str(&render(&report, Format::Sarif)).unwrap();
        let text = log["runs"][0]["results"][0]["message"]["text"].as_str().unwrap();
        assert!(text.starts_with("[x] (http://y) is bad\n"), "{text}");
        assert!(text.ends_with("\n[\\[x\\](y):1:1](0): [x] (0)"), "{text}");
    }

    #[test]
    fn a_path_becomes_a_uri() {
        assert_eq!(uri("a b/ü#1.yml"), "a%20b/%C3%BC%231.yml");
        assert_eq!(uri("/etc/kafka/x"), "file:///etc/kafka/x");
    }
}
