//! Files that are referred to and not there: does anything speak for it that they are left out on purpose?

use crate::hash::HashMap;

use super::Node;
use crate::compose::{MountKind, MountSource, Problem, Project};
use crate::source::{Files, Glob, Kind, path};

/// What is known of a file that is not there.
#[derive(Debug, Clone, Default)]
pub struct Absent {
    /// A `.gitignore` leaves it out of the repository.
    pub ignored: bool,
    /// A file beside it to copy: `.env.example`.
    pub sample: Option<String>,
    /// The files are those of a repository: there is a `.gitignore` or `.git` above it.
    pub repository: bool,
}

/// Looks around every missing file that the projects and the nodes' mounts name.
pub(super) fn find(files: &dyn Files, projects: &[Project], nodes: &[Node]) -> HashMap<String, Absent> {
    let mut looker = Looker { files, folders: HashMap::default() };
    let mut absent = HashMap::default();
    for problem in projects.iter().flat_map(|p| &p.problems) {
        if let Problem::MissingReference { path, .. } = problem {
            absent.entry(path.clone()).or_insert_with(|| looker.look(path));
        }
    }
    for node in nodes {
        let service = node.service.and_then(|at| projects.get(at.project)?.services.get(at.service));
        for mount in service.into_iter().flat_map(|s| &s.mounts) {
            let MountSource::Bind(_, Some(source)) = &mount.source else { continue };
            // Absolute paths are the matter of the host.
            let ours = !source.starts_with('/');
            let is_written = mount.kind == MountKind::Config || is_configuration(mount.target.as_str());
            if ours && is_written && files.kind(source) == Kind::Missing {
                absent.entry(source.clone()).or_insert_with(|| looker.look(source));
            }
        }
    }
    absent
}

/// True for the path of a file that somebody wrote; keys and the like are made on the spot.
fn is_configuration(target: &str) -> bool {
    const ENDS: [&str; 8] = [".properties", ".conf", ".cfg", ".xml", ".yml", ".yaml", ".sh", ".config"];
    ENDS.iter().any(|e| target.ends_with(e))
}

struct Looker<'f> {
    files: &'f dyn Files,
    /// The patterns of a folder's `.gitignore` (false: a negation), and whether a repository begins here.
    folders: HashMap<String, (Vec<(bool, Glob)>, bool)>,
}

impl Looker<'_> {
    fn look(&mut self, file: &str) -> Absent {
        let mut absent = Absent { sample: self.sample(file), ..Absent::default() };
        let mut folder = path::parent(file).to_owned();
        let mut decided = false;
        loop {
            let (patterns, top) = self.folder(&folder);
            absent.repository |= *top || !patterns.is_empty();
            let below = file.strip_prefix(folder.as_str()).unwrap_or(file).trim_start_matches('/');
            if !decided
                && let Some((ignored, _)) = patterns.iter().rev().find(|(_, glob)| glob.matches(below))
            {
                absent.ignored = *ignored;
                decided = true;
            }
            let up = path::parent(&folder).len();
            if up >= folder.len() || folder == "." || folder.starts_with("..") || *top {
                return absent;
            }
            folder.truncate(up);
        }
    }

    fn folder(&mut self, folder: &str) -> &(Vec<(bool, Glob)>, bool) {
        let files = self.files;
        self.folders.entry(folder.to_owned()).or_insert_with(|| {
            let bytes = files.read(&path::join(folder, ".gitignore")).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            let patterns = text.lines().filter_map(|line| match line.strip_prefix('!') {
                Some(line) => Some((false, Glob::new(line).ok()?)),
                None => Some((true, Glob::new(line).ok()?)),
            });
            let top = matches!(files.kind(&path::join(folder, ".git")), Kind::Directory | Kind::File);
            (patterns.collect(), top)
        })
    }

    /// A file beside it, called like it, that is meant to be copied.
    fn sample(&self, file: &str) -> Option<String> {
        const WORDS: [&str; 7] = ["example", "sample", "template", "dist", "default", "tmpl", "tpl"];
        let (folder, name) = (path::parent(file), path::file_name(file));
        let (stem, end) = name.rsplit_once('.').unwrap_or((name, ""));
        let names = WORDS.iter().flat_map(|word| {
            [
                format!("{name}.{word}"),
                format!("{word}.{}", name.trim_start_matches('.')),
                format!("{stem}.{word}.{end}"),
                format!("{name}-{word}"),
                format!("{stem}-{word}.{end}"),
            ]
        });
        names.into_iter().map(|n| path::join(folder, &n)).find(|n| self.files.kind(n) == Kind::File)
    }
}
