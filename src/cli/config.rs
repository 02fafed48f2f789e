//! `kraftlint.toml`: found, read, checked. Paths in it are relative to it; what leaves here is relative to the working
//! directory. Every error names file and line.

#[cfg(test)]
mod schema;

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::{Failure, read};
use crate::compose::ProjectFiles;
use crate::diagnostic::Severity;
use crate::image::Family;
use crate::kafka::version::VersionSet;
use crate::order;
use crate::rules::code::nearest;
use crate::settings::{Choice, ClusterGroup, Ignore, Pattern, SettingsFile};
use crate::source::{Glob, path};

/// The name of the settings file.
pub(super) const NAME: &str = "kraftlint.toml";

/// What the settings file says; what it leaves out is as without it.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) kafka_version: Option<VersionSet>,
    pub(super) one_cluster: bool,
    pub(super) production: bool,
    pub(super) projects: Vec<ProjectFiles>,
    pub(super) clusters: Vec<ClusterGroup>,
    pub(super) images: Vec<(String, Family)>,
    pub(super) choice: Choice,
    pub(super) severity: Vec<(Pattern, Severity)>,
    pub(super) path_ignores: Vec<Ignore>,
    pub(super) node_ignores: Vec<Ignore>,
    /// The inner `None` is `never`.
    pub(super) fail_on: Option<Option<Severity>>,
    pub(super) strict: bool,
    pub(super) require_reason: bool,
    pub(super) baseline: Option<String>,
    /// The file itself; `None` when there is none.
    pub(super) file: Option<SettingsFile>,
}

/// A text of the file, and where it stands.
type Word = Spanned<String>;

/// The file as it is written. The comments are the descriptions in its JSON schema.
#[derive(Deserialize, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Written {
    /// The Kafka releases that run, instead of what image tags say: 3.9, 4.0.1, 3.7..4.1
    #[cfg_attr(test, schemars(with = "String"))]
    kafka_version: Option<Word>,
    /// All nodes belong to one cluster, and all its nodes are here.
    one_cluster: bool,
    /// What the cluster is for.
    #[cfg_attr(test, schemars(with = "schema::Deployment"))]
    deployment: Option<Word>,
    /// The exit code is 1 from this severity on.
    #[cfg_attr(test, schemars(with = "schema::FailOn"))]
    fail_on: Option<Word>,
    /// What could not be seen (KL903) is an error.
    strict: bool,
    /// Only these rules: codes, names, or prefixes of codes.
    #[cfg_attr(test, schemars(with = "Vec<schema::Rule>"))]
    select: Vec<Word>,
    /// These rules too.
    #[cfg_attr(test, schemars(with = "Vec<schema::Rule>"))]
    extend_select: Vec<Word>,
    /// Not these rules. Of two entries the more specific one counts.
    #[cfg_attr(test, schemars(with = "Vec<schema::Rule>"))]
    ignore: Vec<Word>,
    /// A comment that ignores a finding must say why.
    require_reason: bool,
    /// The file of known findings, made by `kraftlint baseline create`.
    #[cfg_attr(test, schemars(with = "String"))]
    baseline: Option<Word>,
    /// The severity of all findings of a rule.
    #[cfg_attr(test, schemars(with = "BTreeMap<schema::Rule, schema::Severity>"))]
    severity: BTreeMap<Word, Word>,
    /// Rules that are not told about some files: a pattern as in .gitignore, seen from this file's folder.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, Vec<schema::Rule>>"))]
    per_path_ignores: BTreeMap<Word, Vec<Word>>,
    /// Rules that are not told about some nodes: a pattern for the names that `kraftlint show` gives.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, Vec<schema::Rule>>"))]
    per_node_ignores: BTreeMap<Word, Vec<Word>>,
    /// Images of your own: which known image they are made from. Without a tag; the registry host may be left out.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, schema::Image>"))]
    images: BTreeMap<Word, Word>,
    /// What one `docker compose` call reads.
    project: Vec<WrittenProject>,
    /// Nodes that are one cluster, and all of it.
    cluster: Vec<WrittenCluster>,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct WrittenProject {
    /// The compose files; later ones override.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    files: Vec<Word>,
    /// Read instead of .env.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    env_files: Vec<Word>,
    /// Only services of these profiles and of none; * is all.
    #[serde(default)]
    profiles: Vec<String>,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct WrittenCluster {
    /// What to call it.
    name: Option<String>,
    /// The files or folders that hold its nodes.
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    paths: Vec<Word>,
}

/// The settings file for `roots`: for each in its folder or above it, up to the git work tree that holds it. Without one, up to
/// the working directory. It is an error if they have different ones.
pub(super) fn find(roots: &[String]) -> Result<Option<String>, Failure> {
    let here = working_directory();
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let shown = |path: &Path| match &here {
        Some(here) => path::relative(&text(path), &text(here)),
        None => text(path),
    };
    let mut found: Vec<PathBuf> = roots.iter().filter_map(|root| find_for(root, here.as_deref())).collect();
    found.dedup();
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(shown(one))),
        [one, two, ..] => Err(Failure(format!(
            "{} and {} both apply; name one with --config, or check their folders one by one",
            shown(one),
            shown(two)
        ))),
    }
}

fn find_for(root: &str, here: Option<&Path>) -> Option<PathBuf> {
    let folder = folder_of(root)?;
    let top = work_tree(root);
    let top = top.as_deref().or(here.filter(|h| folder.starts_with(h))).unwrap_or(&folder);
    folder.ancestors().take_while(|a| a.starts_with(top)).map(|a| a.join(NAME)).find(|p| read::exists(p))
}

/// The true path of `root`, for a file of its folder.
fn folder_of(root: &str) -> Option<PathBuf> {
    let real = fs::canonicalize(root).ok()?;
    if real.is_dir() { Some(real) } else { real.parent().map(Path::to_owned) }
}

/// The top of the git work tree that holds `root`.
pub(super) fn work_tree(root: &str) -> Option<PathBuf> {
    folder_of(root)?.ancestors().find(|a| a.join(".git").exists()).map(Path::to_owned)
}

pub(super) fn working_directory() -> Option<PathBuf> {
    std::env::current_dir().and_then(fs::canonicalize).ok()
}

/// Reads the settings file at `name`.
pub(super) fn read(name: &str) -> Result<Config, Failure> {
    let text = fs::read_to_string(name).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => Failure(format!("{name}: it does not exist")),
        _ => Failure(format!("{name}: {e}")),
    })?;
    parse(name, &text, |p| fs::metadata(p).is_ok())
}

fn parse(name: &str, text: &str, exists: impl Fn(&str) -> bool) -> Result<Config, Failure> {
    let document = Document { name, text };
    let written: Written = toml::from_str(text)
        .map_err(|e| Failure(format!("{}: {}", document.place(e.span()), say(e.message()))))?;
    let path_of = |word: &Word| path::join(path::parent(name), word.get_ref());
    let files = |list: &[Word]| -> Result<Vec<String>, Failure> {
        list.iter()
            .map(|word| {
                let path = path_of(word);
                let path = if path.is_empty() { ".".to_owned() } else { path };
                if exists(&path) {
                    Ok(path)
                } else {
                    Err(document.wrong(word, &format!("{path} does not exist")))
                }
            })
            .collect()
    };
    let mut unknown_rules = Vec::new();
    let mut rule = |word: &Word| {
        let pattern = Pattern::new(word.get_ref().trim());
        if pattern.codes().is_empty() {
            unknown_rules.push((document.range(word), word.get_ref().clone()));
        }
        pattern
    };
    let mut config = Config {
        one_cluster: written.one_cluster,
        strict: written.strict,
        require_reason: written.require_reason,
        choice: Choice {
            select: written.select.iter().map(&mut rule).collect(),
            extend_select: written.extend_select.iter().map(&mut rule).collect(),
            ignore: written.ignore.iter().map(&mut rule).collect(),
        },
        baseline: written.baseline.as_ref().map(path_of),
        ..Config::default()
    };
    if let Some(version) = &written.kafka_version {
        config.kafka_version = Some(read::versions(&document.at(version), version.get_ref())?);
    }
    if let Some(deployment) = &written.deployment {
        config.production = document.choice(deployment, &[("dev", false), ("prod", true)])?;
    }
    if let Some(least) = &written.fail_on {
        let never = SEVERITIES.map(|(name, s)| (name, Some(s))).into_iter().chain([("never", None)]);
        config.fail_on = Some(document.choice(least, &never.collect::<Vec<_>>())?);
    }
    for (pattern, severity) in &written.severity {
        config.severity.push((rule(pattern), document.choice(severity, &SEVERITIES)?));
    }
    // The heaviest first: the first one that means a rule counts.
    order::by_key(&mut config.severity, |(pattern, _)| std::cmp::Reverse(pattern.weight()));
    for (written, ignores) in [
        (&written.per_path_ignores, &mut config.path_ignores),
        (&written.per_node_ignores, &mut config.node_ignores),
    ] {
        for (pattern, rules) in written {
            let glob = Glob::new(pattern.get_ref())
                .map_err(|why| document.wrong(pattern, &format!("`{}`: {why}", pattern.get_ref())))?;
            ignores.push(Ignore { glob, rules: rules.iter().map(&mut rule).collect() });
        }
    }
    for (repository, family) in &written.images {
        let families = Family::NAMED.map(|f| (f.name().unwrap_or_default(), f));
        config.images.push((repository.get_ref().clone(), document.choice(family, &families)?));
    }
    for project in written.project {
        let (files, env_files) = (files(&project.files)?, files(&project.env_files)?);
        config.projects.push(ProjectFiles { files, env_files, profiles: project.profiles });
    }
    for cluster in written.cluster {
        config.clusters.push(ClusterGroup { name: cluster.name, paths: files(&cluster.paths)? });
    }
    config.file = Some(SettingsFile { name: path::normalise(name), text: text.to_owned(), unknown_rules });
    Ok(config)
}

const SEVERITIES: [(&str, Severity); 3] =
    [("error", Severity::Error), ("warning", Severity::Warning), ("info", Severity::Info)];

/// The text of the file, for errors that name a line of it.
struct Document<'t> {
    name: &'t str,
    text: &'t str,
}

impl Document<'_> {
    fn place(&self, range: Option<Range<usize>>) -> String {
        let Some(range) = range else { return self.name.to_owned() };
        let before = self.text.get(..range.start.min(self.text.len())).unwrap_or("");
        format!("{}:{}", self.name, before.matches('\n').count() + 1)
    }

    fn at(&self, word: &Word) -> String {
        self.place(Some(word.span()))
    }

    /// The bytes of `word`, without its quotes.
    fn range(&self, word: &Word) -> Range<usize> {
        let whole = word.span();
        let inner = self.text.get(whole.clone()).and_then(|t| t.find(word.get_ref().as_str()));
        inner.map_or(whole.clone(), |at| whole.start + at..whole.start + at + word.get_ref().len())
    }

    fn wrong(&self, word: &Word, why: &str) -> Failure {
        Failure(format!("{}: {why}", self.at(word)))
    }

    /// What `word` stands for.
    fn choice<T: Copy>(&self, word: &Word, choices: &[(&str, T)]) -> Result<T, Failure> {
        let found = choices.iter().find(|(name, _)| name == word.get_ref());
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            let near = nearest(word.get_ref(), names.iter().copied());
            let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            self.wrong(word, &format!("`{}` must be one of {}{hint}", word.get_ref(), names.join(", ")))
        })
    }
}

/// What the parser says, in our words where it is about a key.
fn say(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    if !message.starts_with("unknown field") {
        return message.lines().collect::<Vec<_>>().join(" ").replace("missing field", "missing key");
    }
    let key = quoted.next().unwrap_or("");
    let known: Vec<&str> = quoted.collect();
    let hint = nearest(key, known.iter().copied()).map(|near| format!(", did you mean `{near}`?"));
    format!("unknown key `{key}`{}", hint.unwrap_or_else(|| format!(", expected {}", known.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        parse("conf/kraftlint.toml", text, |p| p != "conf/missing.yml").unwrap_err().0
    }

    #[test]
    fn errors_name_the_line() {
        assert_eq!(
            error("\n\n[[project]]\nfils = []\n"),
            "conf/kraftlint.toml:4: unknown key `fils`, did you mean `files`?"
        );
        assert_eq!(
            error("fail-on = 'warn'"),
            "conf/kraftlint.toml:1: `warn` must be one of error, warning, info, never"
        );
        assert_eq!(
            error("[images]\n'corp/kafka' = 'bitnamy'"),
            "conf/kraftlint.toml:2: `bitnamy` must be one of apache, apache-native, confluent, confluent-server, \
             confluent-local, bitnami, wurstmeister, debezium, file-only; did you mean `bitnami`?"
        );
        assert!(error("[per-path-ignores]\n'!a' = ['KL1']").starts_with("conf/kraftlint.toml:2: `!a`: "));
        assert_eq!(
            error("[[cluster]]\npaths = ['missing.yml']"),
            "conf/kraftlint.toml:2: conf/missing.yml does not exist"
        );
        assert!(error("one-cluster = 3").starts_with("conf/kraftlint.toml:1: invalid type"));
        assert!(error("kafka-version = '2.8'").contains("names no Kafka release"));
        assert!(!error("a = [").contains('\n'));
    }

    #[test]
    fn paths_are_seen_from_the_working_directory() {
        let text = "kafka-version = '3.9'\nfail-on = 'never'\nignore = ['KL1']\n\
                    [[project]]\nfiles = ['a.yml', '../b.yml']\nenv_files = ['x.env']\nprofiles = ['p']\n\
                    [[cluster]]\nname = 'one'\npaths = ['.']\n";
        let config = parse("conf/kraftlint.toml", text, |_| true).unwrap();
        let project = config.projects.first().unwrap();
        assert_eq!(project.files, ["conf/a.yml", "b.yml"]);
        assert_eq!(project.env_files, ["conf/x.env"]);
        assert_eq!(config.clusters.first().unwrap().paths, ["conf"]);
        assert_eq!(config.fail_on, Some(None));
        assert_eq!(config.choice.ignore, [Pattern::new("KL1")]);
    }

    #[test]
    fn an_unknown_rule_is_kept_with_its_place() {
        let text = "select = [\n'KL101', 'KX']\n[severity]\nKY = 'error'\n";
        let config = parse("kraftlint.toml", text, |_| true).unwrap();
        let unknown = config.file.unwrap().unknown_rules;
        let places: Vec<_> =
            unknown.iter().map(|(range, name)| (text.get(range.clone()), name.as_str())).collect();
        assert_eq!(places, [(Some("KX"), "KX"), (Some("KY"), "KY")]);
    }

    #[test]
    fn the_most_specific_severity_counts() {
        let text = "[severity]\nKL1 = 'info'\nduplicate-node-id = 'error'\nKL11 = 'warning'\n";
        let config = parse("kraftlint.toml", text, |_| true).unwrap();
        let order: Vec<_> = config.severity.iter().map(|(_, s)| *s).collect();
        assert_eq!(order, [Severity::Error, Severity::Warning, Severity::Info]);
    }
}
