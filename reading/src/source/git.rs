//! [`Files`] as they were at a revision, told by the `git` program. For what is new since then; not for history.
//!
//! Only the objects that this clone has are asked: nothing is fetched, no hook and no filter runs. What git ignores has no past: such
//! files (a `.env`, a key store) are taken as they are now.

use crate::hash::HashSet;
use crate::order;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use super::discovery::{self, Candidate, Role};
use super::{DiskFiles, Files, Kind, ReadError, SIZE_LIMIT, path, walk};

/// Links that are followed, one after the other, before it is a circle.
const MOST_LINKS: usize = 40;

/// The files of one commit.
#[derive(Debug)]
pub struct GitFiles {
    disk: DiskFiles,
    /// The working directory and the top of the work tree, both absolute and true.
    here: String,
    top: String,
    tree: BTreeMap<String, Object>,
    /// What git knows of now.
    tracked: HashSet<String>,
    reader: Mutex<Reader>,
}

/// One file or link of the commit.
#[derive(Debug)]
struct Object {
    id: String,
    is_link: bool,
}

/// `git cat-file --batch`: ids in, contents out.
struct Reader {
    child: Child,
    ask: ChildStdin,
    answer: BufReader<ChildStdout>,
    /// Contents that this clone does not have.
    missing: usize,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("missing", &self.missing).finish_non_exhaustive()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // Its work is done; that it ended by itself is no harm.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Where a path of the commit leads.
enum Found<'t> {
    File(&'t Object),
    Directory,
    Missing,
    Outside,
}

impl GitFiles {
    /// The files at `revision` in the work tree that holds `folder`. `disk` tells of the files that git ignores.
    ///
    /// # Errors
    /// Why that cannot be told, in one line: no git, no work tree, no such revision in this clone.
    pub fn at(revision: &str, folder: &str, disk: DiskFiles) -> Result<GitFiles, String> {
        let here = std::env::current_dir().and_then(std::fs::canonicalize).map_err(|e| e.to_string())?;
        let here = slashes(&here);
        let top = git(folder, &["rev-parse", "--show-toplevel"])
            .map_err(|e| format!("{}: {e}", if folder.is_empty() { "." } else { folder }))?;
        let top = slashes(&std::fs::canonicalize(line(&top)).map_err(|e| e.to_string())?);
        let wanted = format!("{revision}^{{commit}}");
        let Ok(commit) = git(&top, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted]) else {
            let shallow = git(&top, &["rev-parse", "--is-shallow-repository"]);
            let hint = match shallow {
                Ok(answer) if line(&answer) == "true" => {
                    "; this clone is shallow: fetch it first, as with `git fetch --depth=1 origin main` for `--since FETCH_HEAD`"
                }
                _ => "",
            };
            return Err(format!("there is no revision `{revision}` in this clone{hint}"));
        };
        let commit = line(&commit);
        let list = git(&top, &["ls-tree", "-r", "-z", "--full-tree", &commit])?;
        let tracked = git(&top, &["ls-files", "-z"])?;
        let tracked = records(&tracked).map(str::to_owned).collect();
        let tree = records(&list).filter_map(entry).collect();
        Ok(GitFiles { disk, here, tree, tracked, reader: Mutex::new(reader(&top)?), top })
    }

    /// How many contents were asked for that this clone does not have, as in a partial one. What was read is not all, then.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner).missing
    }

    /// `name` as seen from the top of the work tree; `None` for what lies outside.
    fn in_tree(&self, name: &str) -> Option<String> {
        let whole = path::join(&self.here, name);
        if whole == self.top {
            return Some(String::new());
        }
        Some(whole.strip_prefix(&self.top)?.strip_prefix('/')?.to_owned())
    }

    /// The file of the commit at `path`, links followed.
    fn find(&self, path: &str) -> Found<'_> {
        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            let link = prefixes(&path).find_map(|(prefix, rest)| {
                self.tree.get(prefix).filter(|o| o.is_link).map(|o| (prefix, rest, o))
            });
            let Some((prefix, rest, object)) = link else {
                return match self.tree.get(&path) {
                    Some(object) => Found::File(object),
                    None if self.holds(&path) => Found::Directory,
                    None => Found::Missing,
                };
            };
            let Ok(target) = self.content(&object.id) else { return Found::Missing };
            let Ok(target) = String::from_utf8(target) else { return Found::Missing };
            if target.starts_with('/') {
                return Found::Outside;
            }
            let joined = path::join(&path::join(path::parent(prefix), &target), rest);
            if joined.starts_with("..") {
                return Found::Outside;
            }
            path = joined;
        }
        Found::Missing
    }

    /// Does a file of the commit lie below `folder`?
    fn holds(&self, folder: &str) -> bool {
        let below = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let first = self.tree.range(below.clone()..).next();
        first.is_some_and(|(path, _)| path.starts_with(&below))
    }

    /// True for a file that git ignores, so that it was in no commit and is in none: it is taken as it is now.
    fn has_no_past(&self, name: &str) -> bool {
        let Some(path) = self.in_tree(name) else { return true };
        !self.tree.contains_key(&path)
            && !self.tracked.contains(&path)
            && self.disk.kind(name) == Kind::File
            && git(&self.top, &["check-ignore", "--quiet", "--", &path]).is_ok()
    }

    fn content(&self, id: &str) -> Result<Vec<u8>, ReadError> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = reader.read(id).map_err(|e| ReadError::Other(e.to_string()))?;
        match answer {
            Some(content) => content,
            None => {
                reader.missing += 1;
                Err(ReadError::Other("this clone does not have it".to_owned()))
            }
        }
    }
}

impl Reader {
    /// The content of the object `id`; `None` when the clone does not have it.
    fn read(&mut self, id: &str) -> std::io::Result<Option<Result<Vec<u8>, ReadError>>> {
        writeln!(self.ask, "{id}")?;
        self.ask.flush()?;
        let mut head = String::new();
        self.answer.read_line(&mut head)?;
        // `ID blob SIZE`, or `ID missing`.
        let Some(size) = head.trim_end().rsplit_once(' ').and_then(|(_, size)| size.parse::<u64>().ok())
        else {
            return Ok(None);
        };
        let mut content = Vec::new();
        let kept = (&mut self.answer).take(size.min(SIZE_LIMIT)).read_to_end(&mut content)?;
        let rest = size.saturating_sub(u64::try_from(kept).unwrap_or(size)) + 1;
        std::io::copy(&mut (&mut self.answer).take(rest), &mut std::io::sink())?;
        Ok(Some(if size > SIZE_LIMIT { Err(ReadError::TooLarge(size)) } else { Ok(content) }))
    }
}

impl Files for GitFiles {
    fn read(&self, name: &str) -> Result<Vec<u8>, ReadError> {
        if self.has_no_past(name) {
            return self.disk.read(name);
        }
        match self.find(&self.in_tree(name).unwrap_or_default()) {
            Found::File(object) => self.content(&object.id),
            Found::Directory => Err(ReadError::Directory),
            Found::Missing => Err(ReadError::Missing),
            Found::Outside => Err(ReadError::Outside),
        }
    }

    fn kind(&self, name: &str) -> Kind {
        if self.has_no_past(name) {
            return self.disk.kind(name);
        }
        match self.find(&self.in_tree(name).unwrap_or_default()) {
            Found::File(_) => Kind::File,
            Found::Directory => Kind::Directory,
            Found::Missing => Kind::Missing,
            Found::Outside => Kind::Other,
        }
    }

    /// What discovery leaves out now, it leaves out then: ignore files have no past either.
    fn discover(&self, root: &str) -> (Vec<Candidate>, Vec<(String, ReadError)>) {
        let root = path::normalise(root);
        let Some(folder) = self.in_tree(&root) else { return self.disk.discover(&root) };
        if let Found::File(_) = self.find(&folder) {
            return (discovery::candidate(&root, true).into_iter().collect(), Vec::new());
        }
        let (now, _) = self.disk.discover(&root);
        let now: HashSet<&str> = now.iter().map(|c| c.path.as_str()).collect();
        let below = if folder.is_empty() { folder } else { folder + "/" };
        let (mut found, mut failed) = (Vec::new(), Vec::new());
        for tree_path in self.tree.range(below.clone()..).map(|(path, _)| path) {
            let Some(rest) = tree_path.strip_prefix(&below) else { break };
            let name = path::join(&root, rest);
            let is_foreign = path::parent(rest).split('/').any(walk::is_foreign);
            let Some(candidate) = discovery::candidate(&name, false).filter(|_| !is_foreign) else {
                continue;
            };
            let left_out = !now.contains(name.as_str()) && self.disk.kind(&name) == Kind::File;
            if left_out || candidate.role == Role::Dotenv {
                continue;
            }
            match self.kind(&name) {
                Kind::File => found.push(candidate),
                Kind::Directory => {}
                // A link that leads nowhere, or out.
                Kind::Missing | Kind::Other => failed.push((name, ReadError::Outside)),
            }
        }
        order::sort(&mut found);
        (found, failed)
    }
}

/// `a`, `a/b`, `a/b/c` of `a/b/c`, each with what follows.
fn prefixes(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let ends = path.match_indices('/').map(|(i, _)| i).chain([path.len()]);
    ends.map(|end| (path.get(..end).unwrap_or(""), path.get(end..).unwrap_or("").trim_start_matches('/')))
}

/// A record of `ls-tree`: `MODE TYPE ID<TAB>PATH`. Submodules are not files of this repository.
fn entry(record: &str) -> Option<(String, Object)> {
    let (head, path) = record.split_once('\t')?;
    let mut words = head.split(' ');
    let (mode, kind, id) = (words.next()?, words.next()?, words.next()?);
    (kind == "blob").then(|| (path.to_owned(), Object { id: id.to_owned(), is_link: mode == "120000" }))
}

/// What stands between NUL bytes. Names that are not UTF-8 are left out, as on the disk.
fn records(text: &[u8]) -> impl Iterator<Item = &str> {
    text.split(|b| *b == 0).filter_map(|record| std::str::from_utf8(record).ok()).filter(|r| !r.is_empty())
}

fn line(text: &[u8]) -> String {
    String::from_utf8_lossy(text).trim_end_matches(['\n', '\r']).to_owned()
}

fn slashes(path: &Path) -> String {
    let path = path.to_string_lossy();
    if cfg!(windows) { path.trim_start_matches(r"\\?\").replace('\\', "/") } else { path.into_owned() }
}

/// git, so that it asks nobody, fetches nothing and starts nothing that a repository's settings name.
fn command(folder: &str) -> Command {
    let mut command = Command::new("git");
    command
        .args(["-C", if folder.is_empty() { "." } else { folder }, "-c", "core.fsmonitor=false"])
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null());
    command
}

/// What `git` says; its last words where it fails.
fn git(folder: &str, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = command(folder).args(arguments).output().map_err(|e| format!("git cannot be run: {e}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let text = line(&output.stderr);
    let last = text.lines().next_back().unwrap_or("").trim_start_matches("fatal: ").to_owned();
    Err(if last.is_empty() { format!("git {} failed", arguments.first().unwrap_or(&"")) } else { last })
}

fn reader(folder: &str) -> Result<Reader, String> {
    let fail = |e: std::io::Error| format!("git cannot be run: {e}");
    let mut command = command(folder);
    command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(fail)?;
    match (child.stdin.take(), child.stdout.take()) {
        (Some(ask), Some(answer)) => Ok(Reader { child, ask, answer: BufReader::new(answer), missing: 0 }),
        _ => Err("git cannot be run".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_record_of_a_tree() {
        let (path, object) = entry("120000 blob abc\ta b/c").unwrap();
        assert_eq!((path.as_str(), object.id.as_str(), object.is_link), ("a b/c", "abc", true));
        assert!(entry("160000 commit abc\tmodule").is_none());
    }

    #[test]
    fn a_path_has_prefixes() {
        let all: Vec<_> = prefixes("a/b/c").collect();
        assert_eq!(all, [("a", "b/c"), ("a/b", "c"), ("a/b/c", "")]);
    }
}
