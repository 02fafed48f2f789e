//! From arguments and the settings file to [`Settings`], and the paths they name.

use std::fs;
use std::path::Path;

use super::args::{Deployment, FailOn, Reading};
use super::config::{self, Config};
use super::{Failure, nearest_rule};
use crate::diagnostic::{Code, Severity};
use crate::kafka::version::{Release, VersionSet};
use crate::output;
use crate::settings::{NodeSettings, Settings};
use crate::source::{ReadError, path};

/// What a run reads, and with which settings.
#[derive(Debug)]
pub(super) struct Input {
    /// Where to look.
    pub(super) roots: Vec<String>,
    /// The roots and every file that was named otherwise: what may be read.
    pub(super) allowed: Vec<String>,
    pub(super) settings: Settings,
}

pub(super) fn input(
    args: &Reading,
    select: &[String],
    ignore: &[String],
    fail_on: Option<FailOn>,
) -> Result<Input, Failure> {
    let roots = if args.paths.is_empty() { vec![".".to_owned()] } else { slashes(&args.paths) };
    for root in &roots {
        openable(root)?;
    }
    let config = match (&args.config, args.isolated) {
        (_, true) => Config::default(),
        (Some(path), _) => config::read(path)?,
        (None, _) => match roots.first().and_then(|root| config::find(root)) {
            Some(path) => config::read(&path)?,
            None => Config::default(),
        },
    };
    let select = codes("--select", select)?;
    let mut ignored = codes("--ignore", ignore)?;
    // What is asked for now goes before what was written down once.
    ignored.extend(config.ignore.iter().filter(|c| !select.contains(c)));
    let kafka_version = match &args.kafka_version {
        Some(text) => Some(versions("--kafka-version", text)?),
        None => config.kafka_version,
    };
    let mut settings = Settings {
        node_settings: NodeSettings::None,
        kafka_version,
        one_cluster: args.one_cluster || config.one_cluster,
        production: args.deployment.map_or(config.production, |d| d == Deployment::Prod),
        compose_files: slashes(&args.file),
        profiles: args.compose_profile.clone(),
        env_files: slashes(&args.env_file),
        env: args.env.clone(),
        projects: config.projects,
        clusters: config.clusters,
        select: if select.is_empty() { config.select } else { select },
        ignore: ignored,
        fail_on: fail_on.map_or(config.fail_on.unwrap_or(Some(Severity::Warning)), FailOn::severity),
    };
    for files in [&mut settings.compose_files, &mut settings.env_files] {
        for file in files {
            openable(file)?;
            *file = path::normalise(file);
        }
    }
    let mut allowed = roots.clone();
    allowed.extend(settings.compose_files.iter().chain(&settings.env_files).cloned());
    allowed.extend(settings.projects.iter().flat_map(|p| p.files.iter().chain(&p.env_files)).cloned());
    allowed.extend(settings.clusters.iter().flat_map(|c| &c.paths).cloned());
    Ok(Input { roots, allowed, settings })
}

/// Paths as [`crate::source`] knows them.
fn slashes(paths: &[String]) -> Vec<String> {
    let slash = |p: &String| if cfg!(windows) { p.replace('\\', "/") } else { p.clone() };
    paths.iter().map(slash).collect()
}

/// An error unless `path` is a file or a folder that can be opened.
fn openable(path: &str) -> Result<(), Failure> {
    let opened = fs::metadata(path).and_then(|meta| {
        if meta.is_dir() {
            fs::read_dir(path).map(|_| true)
        } else if meta.is_file() {
            fs::File::open(path).map(|_| true)
        } else {
            Ok(false)
        }
    });
    match opened {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure(format!("{path}: {}", ReadError::NotRegular))),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            Err(Failure(format!("{path}: {}", ReadError::Missing)))
        }
        Err(e) if e.kind() == std::io::ErrorKind::PermissionDenied => {
            Err(Failure(format!("{path}: {}", ReadError::Denied)))
        }
        Err(e) => Err(Failure(format!("{path}: {e}"))),
    }
}

/// The rules that `patterns` mean. `place` says who wrote them.
pub(super) fn codes(place: &str, patterns: &[String]) -> Result<Vec<Code>, Failure> {
    let mut out = Vec::new();
    for pattern in patterns.iter().map(|p| p.trim()) {
        let found = Code::matching(pattern);
        if found.is_empty() {
            return Err(Failure(format!("{place}: there is no rule `{pattern}`{}", nearest_rule(pattern))));
        }
        out.extend(found);
    }
    Ok(out)
}

/// The releases that `text` means. `place` says who wrote it.
pub(super) fn versions(place: &str, text: &str) -> Result<VersionSet, Failure> {
    let set = VersionSet::parse_range(text);
    if set.is_empty() {
        let name = |r: Option<Release>| r.map_or("", Release::name);
        let all = VersionSet::all();
        let (oldest, newest) = (name(all.oldest()), name(all.newest()));
        return Err(Failure(format!(
            "{place}: `{}` names no Kafka release from {oldest} to {newest}",
            output::plain(text)
        )));
    }
    Ok(set)
}

/// True when something stands at `path`.
pub(super) fn exists(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|m| m.is_file())
}
