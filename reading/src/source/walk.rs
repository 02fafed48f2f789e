//! A walk over a folder tree that leaves out what git and `.ignore` files leave out. Each folder is listed once, and
//! the lists are kept: who asks later for a file that is not there need not ask the disk.

use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use gix_glob::Pattern;

use super::{glob, path};
use crate::order;

/// What one folder holds: names that are UTF-8, sorted.
#[derive(Debug, Default)]
pub(super) struct Listing(Vec<(Box<str>, FileType)>);

impl Listing {
    /// The kind of the entry `name`, a link being a link; `None` when there is no such entry.
    pub(super) fn get(&self, name: &str) -> Option<FileType> {
        let at = self.0.binary_search_by(|(known, _)| (**known).cmp(name)).ok()?;
        self.0.get(at).map(|(_, kind)| *kind)
    }

    fn is_file(&self, name: &str) -> bool {
        self.get(name).is_some_and(|kind| kind.is_file())
    }
}

/// A file or folder that no ignore file leaves out.
pub(super) struct Entry<'a> {
    /// Its path, normalised.
    pub(super) path: &'a str,
    pub(super) kind: FileType,
}

/// Walks everything below the folder `root`: `visit` gets each entry, `listed` each folder with its list, `failed` what
/// could not be entered.
pub(super) fn walk(
    root: &str,
    mut visit: impl FnMut(Entry<'_>),
    mut listed: impl FnMut(&str, Listing),
    mut failed: impl FnMut(&str, io::Error),
) {
    let real = fs::canonicalize(local(root)).unwrap_or_default();
    // The true path of what is looked at, for rules to match.
    let mut place = slashes(&real);
    let length = place.len();
    let mut folders = vec![(root.to_owned(), above(&real))];
    while let Some((folder, rules)) = folders.pop() {
        let listing = match list(&folder) {
            Ok(listing) => listing,
            Err(e) => {
                failed(&folder, e);
                continue;
            }
        };
        // The true path is needed only where there are rules to match it with.
        let below = folder.strip_prefix(root).unwrap_or(&folder).trim_start_matches('/');
        let rules =
            Rules::of(&listing, || if below.is_empty() { real.clone() } else { real.join(below) }, rules);
        for (name, kind) in &listing.0 {
            if kind.is_dir() && is_foreign(name) {
                continue;
            }
            if let Some(rules) = &rules {
                place.truncate(length);
                for part in [below, name].into_iter().filter(|p| !p.is_empty()) {
                    if !place.ends_with('/') {
                        place.push('/');
                    }
                    place.push_str(part);
                }
                if rules.ignore(&place, kind.is_dir()) {
                    continue;
                }
            }
            let path = path::child(&folder, name);
            visit(Entry { path: &path, kind: *kind });
            if kind.is_dir() {
                folders.push((path, rules.clone()));
            }
        }
        listed(&folder, listing);
    }
}

/// The path to ask the system for: the working directory has a name of its own there.
pub(super) fn local(name: &str) -> &Path {
    Path::new(if name.is_empty() { "." } else { name })
}

fn list(folder: &str) -> io::Result<Listing> {
    let mut all = Vec::new();
    for entry in fs::read_dir(local(folder))? {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string() {
            all.push((name.into_boxed_str(), entry.file_type()?));
        }
    }
    order::by_text(&mut all, |a| &a.0);
    Ok(Listing(all))
}

/// Folders that hold other people's files.
pub(super) fn is_foreign(name: &str) -> bool {
    matches!(name, ".git" | ".hg" | ".svn" | "node_modules" | "target" | "__pycache__" | "venv" | ".venv")
}

/// The ignore files of one folder, and of those above it.
struct Rules {
    /// Where the path below the folder starts in a true path.
    start: usize,
    own: Vec<Pattern>,
    git: Vec<Pattern>,
    /// True for the top of a git work tree: git's rules of the folders above do not count here.
    top: bool,
    up: Option<Rc<Rules>>,
}

impl Rules {
    /// The rules inside a folder: its own before those of `up`.
    fn of(listing: &Listing, real: impl FnOnce() -> PathBuf, up: Option<Rc<Rules>>) -> Option<Rc<Rules>> {
        let (own, git) = (listing.is_file(".ignore"), listing.is_file(".gitignore"));
        let top = listing.get(".git").is_some();
        if !own && !git && !top {
            return up;
        }
        Some(Rc::new(Rules::read(real(), own, git, top, up)))
    }

    fn read(folder: PathBuf, own: bool, git: bool, top: bool, up: Option<Rc<Rules>>) -> Rules {
        let patterns = |file: &str| {
            // A file that cannot be read has no rules, as for git.
            let bytes = fs::read(folder.join(file)).unwrap_or_default();
            let lines = gix_ignore::parse(&bytes, false);
            lines.map(|(pattern, _, _)| pattern).collect::<Vec<_>>()
        };
        let own = if own { patterns(".ignore") } else { Vec::new() };
        // Later lines win: what the work tree says goes before what the clone says.
        let exclude = top && folder.join(".git/info/exclude").is_file();
        let mut all = if exclude { patterns(".git/info/exclude") } else { Vec::new() };
        if git {
            all.extend(patterns(".gitignore"));
        }
        Rules { own, git: all, start: start_below(&slashes(&folder)), top, up }
    }

    /// Does a file or folder at the true path `path` stay out? The nearest rule decides, `.ignore` before git's.
    fn ignore(&self, path: &str, is_dir: bool) -> bool {
        let (mut own, mut git, mut in_tree) = (None, None, true);
        let mut rules = Some(self);
        while let Some(at) = rules {
            let below = path.get(at.start..).unwrap_or_default();
            own = own.or_else(|| verdict(&at.own, below, is_dir));
            if in_tree {
                git = git.or_else(|| verdict(&at.git, below, is_dir));
            }
            in_tree &= !at.top;
            rules = at.up.as_deref();
        }
        own.or(git).unwrap_or(false)
    }
}

/// A true path as patterns have it.
fn slashes(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

/// Where paths below `folder` start in a true path.
fn start_below(folder: &str) -> usize {
    folder.len() + usize::from(!folder.ends_with('/'))
}

/// True to leave out the file or folder `path`, false to keep it, as the last pattern says that fits.
fn verdict(patterns: &[Pattern], path: &str, is_dir: bool) -> Option<bool> {
    if patterns.is_empty() {
        return None;
    }
    let name = glob::name_start(path);
    patterns.iter().rev().find(|p| glob::fits_named(p, path, name, is_dir)).map(|p| !p.is_negative())
}

/// The rules of the folders above the true path `root`, as far as its git work tree goes.
fn above(root: &Path) -> Option<Rc<Rules>> {
    if root.join(".git").exists() {
        return None;
    }
    let top = root.ancestors().skip(1).find(|a| a.join(".git").exists())?;
    let mut folders: Vec<&Path> = root.ancestors().skip(1).take_while(|a| a.starts_with(top)).collect();
    folders.reverse();
    folders.into_iter().fold(None, |up, folder| {
        let is_file = |name: &str| folder.join(name).is_file();
        Some(Rc::new(Rules::read(
            folder.to_owned(),
            is_file(".ignore"),
            is_file(".gitignore"),
            folder == top,
            up,
        )))
    })
}
