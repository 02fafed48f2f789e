//! What the user asked for: `kraftlint.toml` and the command line, as plain data.
//!
//! The command line room fills it; every other room only reads it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use crate::compose;
use crate::diagnostic::{Code, Severity};
use crate::image::Family;
use crate::kafka::version::VersionSet;
use crate::rules::code::META;
use crate::source::{Glob, path};

/// Everything that changes what is found or told.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `--kafka-version`: replaces what tags say.
    pub kafka_version: Option<VersionSet>,
    /// `--one-cluster`: every node that was read belongs to one cluster, and all its nodes are here.
    pub one_cluster: bool,
    /// `--deployment prod`.
    pub production: bool,
    /// Which compose projects are read.
    pub compose: compose::Options,
    /// `[[cluster]]`.
    pub clusters: Vec<ClusterGroup>,
    /// `[images]`: repositories that are images of a known family, whatever they are called.
    pub images: Vec<(String, Family)>,
    /// Which rules are asked.
    pub selection: Selection,
    /// `[severity]`: the severity of every finding of these rules; the first entry that means a rule counts.
    pub severity: Vec<(Pattern, Severity)>,
    /// `[per-path-ignores]`: rules that are not told about these files.
    pub path_ignores: Vec<Ignore>,
    /// `[per-node-ignores]`: the same for nodes by their name.
    pub node_ignores: Vec<Ignore>,
    /// `--require-reason`: a comment that ignores a finding must say why.
    pub require_reason: bool,
    /// `--strict`: what could not be seen is an error.
    pub strict: bool,
    /// Which settings of the nodes the report holds.
    pub node_settings: NodeSettings,
    /// `--fail-on`: exit 1 from this severity on; `None` is never.
    pub fail_on: Option<Severity>,
    /// The settings file, if there is one.
    pub file: Option<SettingsFile>,
    /// From where paths are counted.
    pub home: Home,
}

impl Settings {
    /// The settings of a run without options: fail on warnings.
    #[must_use]
    pub fn new() -> Settings {
        Settings { fail_on: Some(Severity::Warning), ..Settings::default() }
    }

    /// True when findings of `code` are wanted.
    #[must_use]
    pub fn wants(&self, code: Code) -> bool {
        !self.selection.left_out.contains(&code)
    }
}

/// Rules as the user writes them: a code, a name, or a prefix of codes (`KL1`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pattern {
    codes: Vec<Code>,
    /// The longer one says more: `KL101` goes before `KL1`.
    weight: usize,
}

impl Pattern {
    /// Reads a pattern. One that means no rule is kept, and means none.
    #[must_use]
    pub fn new(text: &str) -> Pattern {
        let codes = Code::matching(text);
        let is_name = codes.first().is_some_and(|c| c.name().eq_ignore_ascii_case(text));
        Pattern { codes, weight: if is_name { usize::MAX } else { text.len() } }
    }

    /// How much it says: of two patterns for one rule the heavier one counts.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.weight
    }

    /// The rules it means.
    #[must_use]
    pub fn codes(&self) -> &[Code] {
        &self.codes
    }
}

/// What the settings file or the command line says about which rules are asked.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Only these; if there is none, those that were asked before.
    pub select: Vec<Pattern>,
    /// These too.
    pub extend_select: Vec<Pattern>,
    /// Not these.
    pub ignore: Vec<Pattern>,
}

/// Which rules are asked: all, unless a choice was made.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    left_out: BTreeSet<Code>,
}

impl Selection {
    /// Makes a choice on top of those made before. The most specific pattern decides about a rule; of two that are equally
    /// specific, `ignore` does.
    pub fn choose(&mut self, choice: &Choice) {
        let weight = |patterns: &[Pattern], code: Code| {
            patterns.iter().filter(|p| p.codes.contains(&code)).map(|p| p.weight).max()
        };
        for code in META.iter().map(|m| m.code) {
            let selected = weight(&choice.select, code).max(weight(&choice.extend_select, code));
            let ignored = weight(&choice.ignore, code);
            if ignored.is_some() && ignored >= selected {
                self.left_out.insert(code);
            } else if selected.is_some() {
                self.left_out.remove(&code);
            } else if !choice.select.is_empty() {
                self.left_out.insert(code);
            }
        }
    }
}

/// Rules that are not told about some files or nodes.
#[derive(Debug, Clone)]
pub struct Ignore {
    /// Which files or nodes.
    pub glob: Glob,
    /// Which rules.
    pub rules: Vec<Pattern>,
}

impl Ignore {
    /// True when `code` is not told about the file or node called `name`.
    #[must_use]
    pub fn covers(&self, code: Code, name: &str) -> bool {
        self.rules.iter().any(|r| r.codes.contains(&code)) && self.glob.matches(name)
    }
}

/// The settings file, so that findings can point into it.
#[derive(Debug, Clone)]
pub struct SettingsFile {
    /// Its path, relative to the working directory.
    pub name: String,
    /// Its content.
    pub text: String,
    /// The bytes of each entry that names no rule, and what it says.
    pub unknown_rules: Vec<(Range<usize>, String)>,
}

/// From where paths are counted in fingerprints and in `[per-path-ignores]`: the folder of the settings file, without one the top
/// of the git work tree. So they are the same wherever kraftlint is started. By default, the working directory.
#[derive(Debug, Clone, Default)]
pub struct Home {
    /// The working directory, absolute; empty where it does not matter.
    pub working_directory: String,
    /// The folder from which paths are counted, absolute.
    pub folder: String,
}

impl Home {
    /// `path`, which is relative to the working directory or absolute, as it is seen from here.
    #[must_use]
    pub fn path<'p>(&self, path: &'p str) -> Cow<'p, str> {
        if self.working_directory == self.folder && !path.starts_with('/') {
            return path.into();
        }
        path::relative(&path::join(&self.working_directory, path), &self.folder).into()
    }
}

/// Which settings of the nodes a report holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NodeSettings {
    /// None: a check does not show them.
    #[default]
    None,
    /// Those that are set.
    Set,
    /// Kafka's defaults too.
    All,
}

/// One `[[cluster]]`: the nodes of these files or folders are one cluster, and they are all of it.
#[derive(Debug, Clone, Default)]
pub struct ClusterGroup {
    /// `name`.
    pub name: Option<String>,
    /// `paths`: files or folders, relative to the working directory.
    pub paths: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(texts: &[&str]) -> Vec<Pattern> {
        texts.iter().map(|t| Pattern::new(t)).collect()
    }

    #[test]
    fn the_most_specific_pattern_decides() {
        let mut settings = Settings::new();
        settings.selection.choose(&Choice {
            ignore: patterns(&["KL1", "message-size-mismatch"]),
            extend_select: patterns(&["KL101", "KL4"]),
            ..Choice::default()
        });
        let wants = |s: &Settings| [Code::KL101, Code::KL116, Code::KL401, Code::KL402].map(|c| s.wants(c));
        assert_eq!(wants(&settings), [true, false, false, true]);
        settings.selection.choose(&Choice { select: patterns(&["KL116", "KL402"]), ..Choice::default() });
        assert_eq!(wants(&settings), [false, true, false, true]);
        settings.selection.choose(&Choice { extend_select: patterns(&["KL101"]), ..Choice::default() });
        assert_eq!(wants(&settings), [true, true, false, true]);
        settings.selection.choose(&Choice { select: patterns(&["nonsense"]), ..Choice::default() });
        assert_eq!(wants(&settings), [false; 4]);
    }

    #[test]
    fn paths_do_not_depend_on_the_working_directory() {
        let home = |working_directory: &str| Home {
            working_directory: working_directory.into(),
            folder: "/w/repo".into(),
        };
        assert_eq!(home("/w/repo").path("a/x.yml"), "a/x.yml");
        assert_eq!(home("/w").path("repo/a/x.yml"), "a/x.yml");
        assert_eq!(home("/w/repo/a").path("x.yml"), "a/x.yml");
        assert_eq!(home("/w/repo/b").path("../a/x.yml"), "a/x.yml");
        assert_eq!(home("/w").path("repository/x.yml"), "../repository/x.yml");
        assert_eq!(home("/w").path("/w/repo/x.yml"), "x.yml");
    }
}
