//! What a rule says: [`Diagnostic`], its labels and fixes.
//!
//! Rules build diagnostics and know nothing of output. The order of findings is fixed here and nowhere else.

mod baseline;
mod suppression;

use std::borrow::Cow;

use crate::kafka::version::VersionSet;
use crate::order;
use crate::settings::Home;
use crate::source::{Sources, Span, path};
use crate::text::{Slice, Text};

pub use baseline::Baseline;
pub(crate) use suppression::{Suppression, Suppressions};

pub use crate::rules::code::{Code, Meta};
pub use crate::text::Edit;

/// How sure and how bad: an error is true on every release that the node may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably not what was meant.
    Warning,
    /// It will go wrong.
    Error,
}

impl Severity {
    /// `error`, `warning` or `info`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }
}

/// What happens if nobody mends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Something stops before or while the node starts.
    RefusesStart,
    /// It starts, but the cluster does not form or the node stays out.
    CannotJoin,
    /// Data may be lost.
    DataAtRisk,
    /// It works, but not as written.
    Misbehaves,
    /// Order.
    Hygiene,
}

impl Effect {
    /// The name used in JSON and on rule pages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Effect::RefusesStart => "refuses-start",
            Effect::CannotJoin => "cannot-join",
            Effect::DataAtRisk => "data-at-risk",
            Effect::Misbehaves => "misbehaves",
            Effect::Hygiene => "hygiene",
        }
    }
}

/// Who says no, where the effect is [`Effect::RefusesStart`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefusedBy {
    /// `docker compose`.
    Compose,
    /// The image's entrypoint.
    Image,
    /// Kafka's configuration class.
    Config,
    /// `kafka-storage format`.
    Format,
    /// The starting broker or controller.
    Broker,
    /// A client's constructor.
    Client,
}

impl RefusedBy {
    /// The name used in JSON and on rule pages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            RefusedBy::Compose => "compose",
            RefusedBy::Image => "image",
            RefusedBy::Config => "config",
            RefusedBy::Format => "format",
            RefusedBy::Broker => "broker",
            RefusedBy::Client => "client",
        }
    }
}

/// A place and what is to be seen there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The bytes.
    pub span: Span,
    /// What this value is; short, no full stop.
    pub message: Cow<'static, str>,
}

/// May a fix be applied without a human's look?
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// It changes nothing but what the finding is about.
    Safe,
    /// It may change what the cluster does.
    Unsafe,
}

/// A change that mends a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// May it be applied unseen?
    pub safety: Safety,
    /// What it does, in the imperative.
    pub message: String,
    /// The changes; all or none.
    pub edits: Vec<Edit>,
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The rule.
    pub code: Code,
    /// Of this finding; the page gives only the default.
    pub severity: Severity,
    /// Of this finding.
    pub effect: Effect,
    /// Who refuses, if somebody does.
    pub refused_by: Option<RefusedBy>,
    /// The releases that refuse, where that depends on the release; empty for all that the node may run.
    pub refused_in: VersionSet,
    /// It counts for the verdicts on its nodes and is not shown: only releases refuse that nobody is likely to run.
    pub quiet: bool,
    /// What is wrong, with the values that matter.
    pub message: String,
    /// Why it matters and what to do.
    pub help: Cow<'static, str>,
    /// The value to change.
    pub primary: Label,
    /// The evidence, in any file.
    pub related: Vec<Label>,
    /// Index of the cluster in the report, if the finding belongs to one.
    pub cluster: Option<usize>,
    /// Index of the client in the model, if the finding is about one's own configuration.
    pub client: Option<usize>,
    /// Names of the nodes concerned, unique in the report.
    pub nodes: Vec<String>,
    /// Kafka keys concerned; the first is the one under the primary label.
    pub keys: Vec<String>,
    /// Ways to mend it.
    pub fixes: Vec<Fix>,
    /// Stable identity: see [`fingerprint`].
    pub fingerprint: u64,
}

impl Diagnostic {
    /// A finding of `code` at `span` with the severity and effect of the rule's page.
    #[must_use]
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        let meta = code.meta();
        Diagnostic {
            code,
            severity: meta.severity,
            effect: meta.effect,
            refused_by: meta.refused_by,
            refused_in: VersionSet::NONE,
            quiet: false,
            message: message.into(),
            help: Cow::Borrowed(""),
            primary: Label { span, message: Cow::Borrowed("") },
            related: Vec::new(),
            cluster: None,
            client: None,
            nodes: Vec::new(),
            keys: Vec::new(),
            fixes: Vec::new(),
            fingerprint: 0,
        }
    }

    /// A finding at a value; where a variable brought it in, the places of its use become related labels.
    #[must_use]
    pub fn at(code: Code, value: Slice<'_>, message: impl Into<String>) -> Diagnostic {
        let mut diagnostic = Diagnostic::new(code, value.span(), message);
        diagnostic.add_uses(value);
        diagnostic
    }

    fn add_uses(&mut self, value: Slice<'_>) {
        for usage in value.uses() {
            self.push_related(usage.span, format!("used here through {}", usage.name));
        }
    }

    fn push_related(&mut self, span: Span, message: impl Into<Cow<'static, str>>) {
        if span != self.primary.span && !self.related.iter().any(|l| l.span == span) {
            self.related.push(Label { span, message: message.into() });
        }
    }

    /// Sets what the primary label says.
    #[must_use]
    pub fn label(mut self, message: impl Into<Cow<'static, str>>) -> Diagnostic {
        self.primary.message = message.into();
        self
    }

    /// Sets what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<Cow<'static, str>>) -> Diagnostic {
        self.help = help.into();
        self
    }

    /// Adds evidence at a span.
    #[must_use]
    pub fn related(mut self, span: Span, message: impl Into<Cow<'static, str>>) -> Diagnostic {
        self.push_related(span, message);
        self
    }

    /// Adds evidence at a value, with the variables that brought it there.
    #[must_use]
    pub fn related_value(mut self, value: Slice<'_>, message: impl Into<Cow<'static, str>>) -> Diagnostic {
        self.push_related(value.span(), message);
        self.add_uses(value);
        self
    }

    /// Adds evidence at a text.
    #[must_use]
    pub fn related_text(self, value: &Text, message: impl Into<Cow<'static, str>>) -> Diagnostic {
        self.related_value(value.slice(), message)
    }

    /// Sets the severity of this finding.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Diagnostic {
        self.severity = severity;
        self
    }

    /// Sets the effect of this finding, and who refuses.
    #[must_use]
    pub fn effect(mut self, effect: Effect, refused_by: Option<RefusedBy>) -> Diagnostic {
        self.effect = effect;
        self.refused_by = refused_by;
        self
    }

    /// Adds a Kafka key; the first one added is that of the primary label.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Diagnostic {
        self.keys.push(key.into());
        self
    }

    /// Adds a node, once.
    #[must_use]
    pub fn node(mut self, name: &str) -> Diagnostic {
        if !self.nodes.iter().any(|n| n == name) {
            self.nodes.push(name.to_owned());
        }
        self
    }

    /// Sets the cluster.
    #[must_use]
    pub fn cluster(mut self, cluster: usize) -> Diagnostic {
        self.cluster = Some(cluster);
        self
    }

    /// Adds a fix.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Diagnostic {
        self.fixes.push(fix);
        self
    }

    /// Every label, the primary one first.
    pub fn labels(&self) -> impl Iterator<Item = (&Label, bool)> {
        std::iter::once((&self.primary, true)).chain(self.related.iter().map(|l| (l, false)))
    }
}

/// Puts findings into the one order every output has (file, place, code, message), drops repetitions and numbers them.
pub fn finish(diagnostics: &mut Vec<Diagnostic>, sources: &Sources, home: &Home) {
    order::by(diagnostics, |a, b| {
        let place = |d: &Diagnostic| (d.primary.span.start, d.primary.span.end);
        sources
            .name(a.primary.span.file)
            .cmp(sources.name(b.primary.span.file))
            .then_with(|| place(a).cmp(&place(b)))
            .then_with(|| a.code.cmp(&b.code))
            .then_with(|| a.message.cmp(&b.message))
    });
    // Nodes that share a value (an anchor, a variable) share the finding about it.
    diagnostics.dedup_by(|a, b| {
        let same = a.code == b.code && a.primary.span == b.primary.span && a.message == b.message;
        if same {
            for node in a.nodes.drain(..) {
                if !b.nodes.contains(&node) {
                    b.nodes.push(node);
                }
            }
        }
        same
    });
    cap(diagnostics);
    let mut seen = crate::hash::HashMap::default();
    for d in diagnostics {
        let path = home.path(sources.name(d.primary.span.file));
        let base = fingerprint(d.code, &path, &d.nodes, &d.keys);
        let ordinal: &mut u64 = seen.entry(base).or_insert(0);
        d.fingerprint = mix(base, &ordinal.to_le_bytes());
        *ordinal += 1;
    }
}

/// Findings of one rule in one file that are told one by one.
const MOST: usize = 200;

/// Of more than [`MOST`] findings of one rule in one file the rest is only counted: nobody reads them, and a hostile file
/// could make millions.
fn cap(diagnostics: &mut Vec<Diagnostic>) {
    let mut counts: crate::hash::HashMap<(Code, crate::source::FileId), usize> =
        crate::hash::HashMap::default();
    for d in diagnostics.iter() {
        *counts.entry((d.code, d.primary.span.file)).or_insert(0) += 1;
    }
    if counts.values().all(|n| *n <= MOST) {
        return;
    }
    let mut told: crate::hash::HashMap<(Code, crate::source::FileId), usize> =
        crate::hash::HashMap::default();
    diagnostics.retain_mut(|d| {
        let key = (d.code, d.primary.span.file);
        let n = told.entry(key).or_insert(0);
        *n += 1;
        let all = counts.get(&key).copied().unwrap_or(0);
        if *n == MOST && all > MOST {
            d.message = format!("{} (and {} more like this in the file)", d.message, all - MOST);
        }
        *n <= MOST
    });
}

/// Hash of code, path, node and key; never of a value, which may be a secret. FNV-1a, for it must not change. Of the node's name
/// the last part: what stands before it depends on the PATH that was given, and the path says it better.
fn fingerprint(code: Code, path: &str, nodes: &[String], keys: &[String]) -> u64 {
    let mut hash = mix(0xcbf2_9ce4_8422_2325, code.id().as_bytes());
    hash = mix(hash, path.as_bytes());
    let node = nodes.first().map(|name| path::file_name(name));
    for part in node.into_iter().chain(keys.first().map(String::as_str)) {
        hash = mix(mix(hash, b"\0"), part.as_bytes());
    }
    hash
}

fn mix(mut hash: u64, bytes: &[u8]) -> u64 {
    for b in bytes {
        hash = (hash ^ u64::from(*b)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    hash
}
