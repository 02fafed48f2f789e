//! Known findings: those that were there when kraftlint came, so that only new ones count.
//!
//! A finding is known by its fingerprint; what else the file says of it is for its reader. No values: they may be secrets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Diagnostic;
use crate::order;
use crate::settings::Home;
use crate::source::{Sources, path};

/// The version of the file. Another one is not read.
const VERSION: u64 = 1;

/// Known findings, by fingerprint.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Baseline {
    known: BTreeMap<u64, Known>,
}

/// What the file says of one finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    code: String,
    file: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    node: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    fingerprint: String,
}

#[derive(Deserialize)]
struct Version {
    version: u64,
}

#[derive(Deserialize)]
struct Written {
    findings: Vec<Known>,
}

impl Baseline {
    /// Reads a file that [`Baseline::text`] made.
    ///
    /// # Errors
    /// Why it is none, in one line.
    pub fn parse(text: &str) -> Result<Baseline, String> {
        let broken = |e: serde_json::Error| format!("it is no baseline of kraftlint: {e}");
        let version = serde_json::from_str::<Version>(text).map_err(broken)?.version;
        if version != VERSION {
            return Err(format!(
                "it is a baseline of version {version}, and this kraftlint reads version {VERSION}; remove it, and make \
                 it anew with `kraftlint baseline create`"
            ));
        }
        let written: Written = serde_json::from_str(text).map_err(broken)?;
        let known =
            written.findings.into_iter().map(|known| match u64::from_str_radix(&known.fingerprint, 16) {
                Ok(fingerprint) => Ok((fingerprint, known)),
                Err(_) => Err(format!("`{}` is no fingerprint", known.fingerprint)),
            });
        Ok(Baseline { known: known.collect::<Result<_, _>>()? })
    }

    /// All of `findings`.
    #[must_use]
    pub fn of(findings: &[Diagnostic], sources: &Sources, home: &Home) -> Baseline {
        let known = |d: &Diagnostic| Known {
            code: d.code.id().to_owned(),
            file: home.path(sources.name(d.primary.span.file)).into_owned(),
            node: d.nodes.first().map(|name| path::file_name(name).to_owned()),
            key: d.keys.first().cloned(),
            fingerprint: format!("{:016x}", d.fingerprint),
        };
        Baseline { known: findings.iter().map(|d| (d.fingerprint, known(d))).collect() }
    }

    /// True when the finding is known.
    #[must_use]
    pub fn knows(&self, finding: &Diagnostic) -> bool {
        self.known.contains_key(&finding.fingerprint)
    }

    /// How many findings are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// True when none is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// How many findings it knows that `other` does not.
    #[must_use]
    pub fn more_than(&self, other: &Baseline) -> usize {
        self.known.keys().filter(|f| !other.known.contains_key(f)).count()
    }

    /// Those of `self` that `found` knows too, and those in files outside of `folders`, which were not looked at.
    #[must_use]
    pub fn pruned(&self, found: &Baseline, folders: &[String]) -> Baseline {
        let outside = |file: &str| !folders.iter().any(|folder| path::is_below(file, folder));
        let mut known = self.known.clone();
        known.retain(|fingerprint, k| found.known.contains_key(fingerprint) || outside(&k.file));
        Baseline { known }
    }

    /// Adds what `other` knows.
    pub fn extend(&mut self, other: Baseline) {
        self.known.extend(other.known);
    }

    /// The file: one finding a line, by place, so that a change of it is easy to read.
    #[must_use]
    pub fn text(&self) -> String {
        let mut all: Vec<&Known> = self.known.values().collect();
        order::by(&mut all, |a, b| {
            let (one, other) = ((&a.file, &a.code, &a.node, &a.key), (&b.file, &b.code, &b.node, &b.key));
            one.cmp(&other).then_with(|| a.fingerprint.cmp(&b.fingerprint))
        });
        // A struct of texts cannot fail to be written.
        let lines: Vec<String> = all.iter().map(|k| serde_json::to_string(k).unwrap_or_default()).collect();
        let lines =
            if lines.is_empty() { String::new() } else { format!("\n    {}\n  ", lines.join(",\n    ")) };
        format!("{{\n  \"version\": {VERSION},\n  \"findings\": [{lines}]\n}}\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::Span;

    fn baseline(nodes: &[&str]) -> Baseline {
        let mut sources = Sources::default();
        let mut findings = Vec::new();
        for node in nodes {
            let file = sources.add(&format!("{node}/compose.yml"), *b"x");
            findings.push(Diagnostic::new(Code::KL101, Span::new(file, 0..1), "m").node(node).key("node.id"));
        }
        super::super::finish(&mut findings, &sources, &Home::default());
        Baseline::of(&findings, &sources, &Home::default())
    }

    #[test]
    fn what_is_written_is_read() {
        for nodes in [&["b", "a"][..], &[]] {
            let all = baseline(nodes);
            assert_eq!(Baseline::parse(&all.text()), Ok(all));
        }
        let text = baseline(&["b", "a"]).text();
        assert!(text.find("a/compose.yml") < text.find("b/compose.yml"), "{text}");
    }

    #[test]
    fn another_version_is_refused() {
        let text = baseline(&["a"]).text().replace("\"version\": 1", "\"version\": 2");
        assert!(Baseline::parse(&text).unwrap_err().starts_with("it is a baseline of version 2"));
        assert!(Baseline::parse("[]").unwrap_err().starts_with("it is no baseline"));
        assert!(
            Baseline::parse(&baseline(&["a"]).text().replace("\"fingerprint\":\"", "\"fingerprint\":\"z"))
                .is_err()
        );
    }

    #[test]
    fn pruning_spares_what_was_not_looked_at() {
        let all = baseline(&["a", "b", "c"]);
        let pruned = all.pruned(&baseline(&["b"]), &["b".to_owned(), "c".to_owned()]);
        assert_eq!(pruned, baseline(&["a", "b"]));
        assert_eq!(all.more_than(&pruned), 1);
    }
}
