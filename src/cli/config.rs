//! `kraftlint.toml`: found, read, checked. Paths in it are relative to it; what leaves here is relative to the working
//! directory. Every error names file and line.

use std::fs;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::{Failure, read};
use crate::diagnostic::{Code, Severity};
use crate::kafka::version::VersionSet;
use crate::rules::code::nearest;
use crate::settings::{ClusterGroup, Project};
use crate::source::path;

/// The name of the settings file.
const NAME: &str = "kraftlint.toml";

/// What the settings file says; what it leaves out is as without it.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) kafka_version: Option<VersionSet>,
    pub(super) one_cluster: bool,
    pub(super) production: bool,
    pub(super) projects: Vec<Project>,
    pub(super) clusters: Vec<ClusterGroup>,
    pub(super) select: Vec<Code>,
    pub(super) ignore: Vec<Code>,
    /// The inner `None` is `never`.
    pub(super) fail_on: Option<Option<Severity>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Written {
    kafka_version: Option<Spanned<String>>,
    one_cluster: bool,
    deployment: Option<Spanned<String>>,
    fail_on: Option<Spanned<String>>,
    select: Vec<Spanned<String>>,
    ignore: Vec<Spanned<String>>,
    project: Vec<WrittenProject>,
    cluster: Vec<WrittenCluster>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenProject {
    files: Vec<Spanned<String>>,
    #[serde(default)]
    env_files: Vec<Spanned<String>>,
    #[serde(default)]
    profiles: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCluster {
    name: Option<String>,
    paths: Vec<Spanned<String>>,
}

/// The settings file for `root`: in its folder or above it, up to the git work tree that holds it. Without one, up to
/// the working directory.
pub(super) fn find(root: &str) -> Option<String> {
    let real = fs::canonicalize(root).ok()?;
    let folder = if real.is_dir() { real.as_path() } else { real.parent()? };
    let here = working_directory();
    let top = folder.ancestors().find(|a| a.join(".git").exists());
    let top = top.or(here.as_deref().filter(|h| folder.starts_with(h))).unwrap_or(folder);
    let found = folder
        .ancestors()
        .take_while(|a| a.starts_with(top))
        .map(|a| a.join(NAME))
        .find(|p| read::exists(p))?;
    Some(match &here {
        Some(here) => relative(&found, here),
        None => found.to_string_lossy().into_owned(),
    })
}

fn working_directory() -> Option<PathBuf> {
    std::env::current_dir().and_then(fs::canonicalize).ok()
}

/// `target` as seen from the folder `from`; both are absolute.
fn relative(target: &Path, from: &Path) -> String {
    let common = target.components().zip(from.components()).take_while(|(a, b)| a == b).count();
    // Nothing but the root in common: the absolute path reads better.
    if common <= 1 {
        return target.to_string_lossy().into_owned();
    }
    let up = from.components().skip(common).map(|_| "..".to_owned());
    let down = target.components().skip(common).filter_map(|c| match c {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    up.chain(down).collect::<Vec<_>>().join("/")
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
    let place = |range: Option<Range<usize>>| match range {
        Some(range) => {
            let before = text.get(..range.start.min(text.len())).unwrap_or("");
            format!("{name}:{}", before.matches('\n').count() + 1)
        }
        None => name.to_owned(),
    };
    let written: Written =
        toml::from_str(text).map_err(|e| Failure(format!("{}: {}", place(e.span()), say(e.message()))))?;
    let at = |s: &Spanned<String>| place(Some(s.span()));
    let folder = path::parent(name);
    let files = |list: &[Spanned<String>]| -> Result<Vec<String>, Failure> {
        list.iter()
            .map(|written| {
                let path = path::join(folder, written.get_ref());
                let path = if path.is_empty() { ".".to_owned() } else { path };
                if exists(&path) {
                    Ok(path)
                } else {
                    Err(Failure(format!("{}: {path} does not exist", at(written))))
                }
            })
            .collect()
    };
    let codes = |list: &[Spanned<String>]| -> Result<Vec<Code>, Failure> {
        let mut out = Vec::new();
        for written in list {
            out.extend(read::codes(&at(written), std::slice::from_ref(written.get_ref()))?);
        }
        Ok(out)
    };
    let choice = |written: &Spanned<String>, choices: &[&str]| -> Result<(), Failure> {
        if choices.contains(&written.get_ref().as_str()) {
            return Ok(());
        }
        Err(Failure(format!(
            "{}: `{}` must be one of {}",
            at(written),
            written.get_ref(),
            choices.join(", ")
        )))
    };
    let mut config = Config {
        one_cluster: written.one_cluster,
        select: codes(&written.select)?,
        ignore: codes(&written.ignore)?,
        ..Config::default()
    };
    if let Some(version) = &written.kafka_version {
        config.kafka_version = Some(read::versions(&at(version), version.get_ref())?);
    }
    if let Some(deployment) = &written.deployment {
        choice(deployment, &["dev", "prod"])?;
        config.production = deployment.get_ref() == "prod";
    }
    if let Some(least) = &written.fail_on {
        choice(least, &["error", "warning", "info", "never"])?;
        config.fail_on = Some(match least.get_ref().as_str() {
            "error" => Some(Severity::Error),
            "warning" => Some(Severity::Warning),
            "info" => Some(Severity::Info),
            _ => None,
        });
    }
    for project in written.project {
        let (files, env_files) = (files(&project.files)?, files(&project.env_files)?);
        config.projects.push(Project { files, env_files, profiles: project.profiles });
    }
    for cluster in written.cluster {
        config.clusters.push(ClusterGroup { name: cluster.name, paths: files(&cluster.paths)? });
    }
    Ok(config)
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
            error("select = [\n'KL101',\n'KX']"),
            "conf/kraftlint.toml:3: there is no rule `KX`; `kraftlint rules` lists them"
        );
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
        assert!(config.ignore.contains(&Code::KL101));
    }

    #[test]
    fn paths_between_folders() {
        let relative = |a: &str, b: &str| relative(Path::new(a), Path::new(b));
        assert_eq!(relative("/w/a/k.toml", "/w"), "a/k.toml");
        assert_eq!(relative("/w/k.toml", "/w/a/b"), "../../k.toml");
        assert_eq!(relative("/x/k.toml", "/w"), "/x/k.toml");
    }
}
