//! From arguments and the settings file to [`Settings`], and the paths they name; then to a report.

use crate::hash::HashSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::args::{Deployment, FailOn, Reading, RuleArgs};
use super::config::{self, Config};
use super::{Failure, nearest_rule};
use crate::compose;
use crate::diagnostic::{Baseline, Severity};
use crate::kafka::version::{Release, VersionSet};
use crate::lint;
use crate::output;
use crate::report::Report;
use crate::settings::{Choice, Home, NodeSettings, Pattern, Settings};
use crate::source::{DiskFiles, Files, GitFiles, ReadError, path};

/// What a run reads, and with which settings.
#[derive(Debug)]
pub(super) struct Input {
    /// Where to look.
    pub(super) roots: Vec<String>,
    /// The roots and every file that was named otherwise: what may be read.
    pub(super) allowed: Vec<String>,
    pub(super) settings: Settings,
    /// The baseline that the settings file names.
    pub(super) baseline_file: Option<String>,
    /// Findings that are not told.
    pub(super) known: Known,
    /// How many files were read so far.
    pub(super) reads: Arc<AtomicUsize>,
}

/// Findings that were there before.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) baseline: Option<Baseline>,
    /// The fingerprints of what was found at the revision of `--since`.
    pub(super) old: HashSet<u64>,
}

impl Input {
    /// Reads everything anew, and leaves out what is known.
    pub(super) fn lint(&self) -> Report {
        self.lint_files(&self.disk())
    }

    /// The same for other files.
    pub(super) fn lint_files(&self, files: &dyn Files) -> Report {
        let mut report = lint(files, &self.roots, &self.settings);
        let Known { baseline, old } = &self.known;
        let left_out = &mut report.suppressed;
        report.diagnostics.retain(|d| {
            let in_baseline = baseline.as_ref().is_some_and(|b| b.knows(d));
            let is_old = !in_baseline && old.contains(&d.fingerprint);
            left_out.by_baseline += usize::from(in_baseline);
            left_out.not_new += usize::from(is_old);
            !in_baseline && !is_old
        });
        report
    }

    /// The disk, as far as this run may read it.
    pub(super) fn disk(&self) -> DiskFiles {
        DiskFiles::below(&self.allowed).counted(&self.reads)
    }

    /// Leaves out from now on what was found already at `revision`.
    pub(super) fn since(&mut self, revision: &str) -> Result<(), Failure> {
        let fail = |why: String| Failure(format!("--since: {why}"));
        let root = self.roots.first().map_or(".", String::as_str);
        let folder = if Path::new(root).is_dir() { root } else { path::parent(root) };
        let files = GitFiles::at(revision, folder, self.disk()).map_err(fail)?;
        let report = lint(&files, &self.roots, &self.settings);
        if files.missing() > 0 {
            let why =
                "this clone lacks files of the revision, so what is new cannot be told; fetch them first";
            return Err(fail(why.to_owned()));
        }
        self.known.old = report.diagnostics.iter().map(|d| d.fingerprint).collect();
        Ok(())
    }
}

/// What `args` and the settings file say, with the findings known so far: none.
pub(super) fn input(args: &Reading, rules: &RuleArgs) -> Result<Input, Failure> {
    let roots = if args.paths.is_empty() { vec![".".to_owned()] } else { slashes(&args.paths) };
    for root in &roots {
        openable(root)?;
    }
    let config = match (&args.config, args.isolated) {
        (_, true) => Config::default(),
        (Some(path), _) => config::read(path)?,
        (None, _) => match config::find(&roots)? {
            Some(path) => config::read(&path)?,
            None => Config::default(),
        },
    };
    let kafka_version = match &args.kafka_version {
        Some(text) => Some(versions("--kafka-version", text)?),
        None => config.kafka_version,
    };
    let home = home(config.file.as_ref().map(|f| f.name.as_str()), &roots);
    let mut settings = Settings {
        node_settings: NodeSettings::None,
        kafka_version,
        one_cluster: args.one_cluster || config.one_cluster,
        production: args.deployment.map_or(config.production, |d| d == Deployment::Prod),
        compose: compose::Options {
            files: slashes(&args.file),
            profiles: args.compose_profile.clone(),
            env_files: slashes(&args.env_file),
            env: args.env.clone(),
            projects: config.projects,
            working_directory: home.working_directory.clone(),
        },
        clusters: config.clusters,
        images: config.images,
        severity: config.severity,
        path_ignores: config.path_ignores,
        node_ignores: config.node_ignores,
        require_reason: rules.require_reason || config.require_reason,
        strict: rules.strict || config.strict,
        fail_on: rules.fail_on.map_or(config.fail_on.unwrap_or(Some(Severity::Warning)), FailOn::severity),
        file: config.file,
        home,
        ..Settings::default()
    };
    // What is asked for now goes before what was written down once.
    for choice in [config.choice, choice(rules)?] {
        settings.selection.choose(&choice);
    }
    for files in [&mut settings.compose.files, &mut settings.compose.env_files] {
        for file in files {
            openable(file)?;
            *file = path::normalise(file);
        }
    }
    let mut allowed = roots.clone();
    allowed.extend(settings.compose.files.iter().chain(&settings.compose.env_files).cloned());
    allowed
        .extend(settings.compose.projects.iter().flat_map(|p| p.files.iter().chain(&p.env_files)).cloned());
    allowed.extend(settings.clusters.iter().flat_map(|c| &c.paths).cloned());
    let (baseline_file, known, reads) = (config.baseline, Known::default(), Arc::default());
    Ok(Input { roots, allowed, settings, baseline_file, known, reads })
}

/// Reads a baseline.
pub(super) fn baseline(path: &str) -> Result<Baseline, Failure> {
    let text = fs::read_to_string(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => {
            Failure(format!("{path}: it does not exist; `kraftlint baseline create` makes it"))
        }
        _ => Failure(format!("{path}: {e}")),
    })?;
    Baseline::parse(&text).map_err(|why| Failure(format!("{path}: {why}")))
}

/// From where paths are counted: see [`Home`].
fn home(settings_file: Option<&str>, roots: &[String]) -> Home {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let Some(here) = config::working_directory() else { return Home::default() };
    let folder = match settings_file {
        Some(name) => fs::canonicalize(name).ok().and_then(|f| f.parent().map(Path::to_owned)),
        None => roots.first().and_then(|root| config::work_tree(root)),
    };
    Home { folder: folder.map_or_else(|| text(&here), |f| text(&f)), working_directory: text(&here) }
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

/// What the command line says about which rules are asked.
fn choice(rules: &RuleArgs) -> Result<Choice, Failure> {
    Ok(Choice {
        select: patterns("--select", &rules.select)?,
        extend_select: patterns("--extend-select", &rules.extend_select)?,
        ignore: patterns("--ignore", &rules.ignore)?,
    })
}

/// The rules that `texts` mean. On the command line one that means none ends the run.
fn patterns(option: &str, texts: &[String]) -> Result<Vec<Pattern>, Failure> {
    texts
        .iter()
        .map(|text| {
            let pattern = Pattern::new(text.trim());
            if pattern.codes().is_empty() {
                return Err(Failure(format!("{option}: there is no rule `{text}`{}", nearest_rule(text))));
            }
            Ok(pattern)
        })
        .collect()
}

/// The releases that `text` means. `place` says who wrote it.
pub(super) fn versions(place: &str, text: &str) -> Result<VersionSet, Failure> {
    let set = VersionSet::parse_range(text);
    if set.is_empty() {
        if let Some((from, to)) = text.split_once("..")
            && !VersionSet::parse(from).is_empty()
            && !VersionSet::parse(to).is_empty()
        {
            let (from, to) = (output::plain(from.trim()), output::plain(to.trim()));
            return Err(Failure(format!("{place}: `{from}..{to}` is upside down, write {to}..{from}")));
        }
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
