//! Which files make a project: what one `docker compose` call would read.
//!
//! Named by the user, by `COMPOSE_FILE` in `.env`, or by Compose's own names; every other compose file is a project of
//! its own, but for fragments: files that only make sense together with others of their folder.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::consistency::Need;
use super::project::{self, Environment, Loaded, Spec, load};
use super::recognise::{self, MAIN, OVERRIDE};
use super::store::Store;
use super::{Problem, Project};
use crate::hash::{HashMap, HashSet};
use crate::interpolate::Mode;
use crate::order;
use crate::source::{FileId, Files, Kind, Role, Sources, Span, path};

/// Every project of a run.
#[derive(Debug, Default)]
pub struct Projects {
    /// The projects, in order of their first file's path.
    pub projects: Vec<Project>,
    /// Candidates that are no compose files, and why, as a noun phrase.
    pub skipped: Vec<(FileId, String)>,
    /// Files that were read, and as what.
    pub used: Vec<(FileId, &'static str)>,
    /// The comments of files that have one for kraftlint.
    pub comments: Vec<Span>,
}

/// What the user says about projects. Paths are relative to the working directory.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `-f`: these compose files are one project; nothing else is discovered as a project.
    pub files: Vec<String>,
    /// `--compose-profile`: only services of these profiles (and of none); `*` is all.
    pub profiles: Vec<String>,
    /// `--env-file`: read instead of each project's `.env`.
    pub env_files: Vec<String>,
    /// `--env K=V`: stands before every `.env`.
    pub env: Vec<(String, String)>,
    /// `[[project]]`.
    pub projects: Vec<ProjectFiles>,
    /// Absolute, or empty where no name depends on it: Compose calls a project as its folder.
    pub working_directory: String,
}

/// One `[[project]]`: what one `docker compose` call would read.
#[derive(Debug, Clone, Default)]
pub struct ProjectFiles {
    /// `files`: the compose files, later ones override.
    pub files: Vec<String>,
    /// `env_files`: instead of `.env`.
    pub env_files: Vec<String>,
    /// `profiles`: as `--compose-profile`.
    pub profiles: Vec<String>,
}

/// The projects among `candidates` (files already in `sources`, each with whether the user named it) and what they
/// refer to, with holes for what is not known. This is what the rules look at.
pub fn projects(
    files: &dyn Files,
    sources: &mut Sources,
    candidates: &[(FileId, bool)],
    options: &Options,
) -> Projects {
    read(files, sources, candidates, options, Mode::Open)
}

/// As [`projects`]. [`Mode::Closed`] is Compose's own view: a variable without value is empty, and a service of a
/// profile that nobody names is not there.
pub fn read(
    files: &dyn Files,
    sources: &mut Sources,
    candidates: &[(FileId, bool)],
    options: &Options,
    mode: Mode,
) -> Projects {
    let mut finder = Finder::new(files, sources, options, mode);
    let loaded = finder.load_all(candidates);
    let mut out = finder.out;
    out.projects.reserve_exact(loaded.len());
    for mut one in loaded {
        let strong = one.lacks.iter().any(|l| l.need.is_strong());
        one.project.fragment = strong;
        if !strong && !one.partly_seen {
            for lack in one.lacks {
                let (span, message, service) = (lack.span, lack.message, Some(lack.service));
                one.project.problems.push(Problem::Invalid { span, message, service });
            }
        }
        out.projects.push(one.project);
    }
    (out.used, out.comments) = (finder.store.used, finder.store.comments);
    let first = |p: &Project| p.files.first().map(|f| sources.name(*f));
    order::by(&mut out.projects, |a, b| first(a).cmp(&first(b)));
    out
}

/// One project as Compose has it: [`Mode::Closed`], with what it refuses.
#[derive(Debug)]
pub struct Resolved {
    /// The project; without services when it is refused.
    pub project: Project,
    /// Why Compose refuses it, and where.
    pub refused: Option<(String, Option<Span>)>,
}

/// What `docker compose` would read at `at`: this very compose file, or in this folder, or above it, what Compose finds there. `-f`
/// goes before both. `None` when there is no compose file.
pub fn resolve(files: &dyn Files, sources: &mut Sources, at: &str, options: &Options) -> Option<Resolved> {
    let mut finder = Finder::new(files, sources, options, Mode::Closed);
    let spec = finder.asked(&path::normalise(at))?;
    let mut loaded = finder.load(&spec);
    // What is lacking may stand in what could not be seen.
    let lacks = if loaded.partly_seen { Vec::new() } else { std::mem::take(&mut loaded.lacks) };
    for lack in lacks {
        let (span, message, service) = (lack.span, lack.message, Some(lack.service));
        loaded.project.problems.push(Problem::Invalid { span, message, service });
    }
    let mut project = loaded.project;
    let refused = project.problems.iter().find_map(|p| p.refusal(finder.store.sources));
    if refused.is_some() {
        project.services.clear();
    }
    Some(Resolved { project, refused })
}

/// Folders above the one that is asked for, in which Compose looks too.
const MOST_ABOVE: usize = 64;

struct Finder<'a> {
    store: Store<'a>,
    files: &'a dyn Files,
    options: &'a Options,
    mode: Mode,
    /// The last one that was read, and of what: the projects of a folder share it.
    environment: Option<(Option<Place>, Rc<Environment>)>,
    out: Projects,
}

/// Where the variables of a project come from: its folder, where Compose was asked, and the env files that are named. None of it
/// counts where there is no `.env`.
type Place = (String, Option<String>, Vec<String>);

/// What a folder holds.
struct Folder {
    path: String,
    /// Its compose files.
    files: Vec<FileId>,
    /// The user named each of them.
    named_only: bool,
    loaded: Vec<Loaded>,
}

impl<'a> Finder<'a> {
    fn new(files: &'a dyn Files, sources: &'a mut Sources, options: &'a Options, mode: Mode) -> Finder<'a> {
        let store = Store::new(files, sources, mode);
        Finder { store, files, options, mode, environment: None, out: Projects::default() }
    }

    /// Is a candidate a compose file? Takes note of why not.
    fn is_compose(&mut self, file: FileId) -> bool {
        let source = self.store.sources.file(file);
        let result = if recognise::worth_parsing(source.name(), source.bytes()) {
            let parsed = self.store.yaml(file);
            recognise::recognise(self.store.sources.name(file), &parsed)
        } else {
            Err("no Compose services in it".to_owned())
        };
        if let Err(why) = result {
            self.out.skipped.push((file, why));
            self.store.forget(file);
            return false;
        }
        true
    }

    fn load(&mut self, spec: &Spec) -> Loaded {
        let environment = self.environment(spec);
        load(&mut self.store, self.options, self.mode, spec, &environment)
    }

    /// The variables of a project.
    fn environment(&mut self, spec: &Spec) -> Rc<Environment> {
        let is_bare =
            spec.home.is_none() && spec.env_files.is_empty() && self.files.lacks(&spec.folder, &[".env"]);
        if let Some((place, known)) = &self.environment {
            let is_same = place.as_ref().map_or(is_bare, |(folder, home, env_files)| {
                !is_bare && (folder, home, env_files) == (&spec.folder, &spec.home, &spec.env_files)
            });
            if is_same {
                return Rc::clone(known);
            }
        }
        let read = Rc::new(project::environment(&mut self.store, self.options, self.mode, spec));
        let place = (spec.folder.clone(), spec.home.clone(), spec.env_files.clone());
        self.environment = Some(((!is_bare).then_some(place), Rc::clone(&read)));
        read
    }

    /// The one project that is asked for.
    fn asked(&mut self, at: &str) -> Option<Spec> {
        let options = self.options;
        if !options.files.is_empty() {
            return Some(self.named(&options.files, &[], &[]));
        }
        if self.files.kind(at) == Kind::File {
            return Some(self.named(&[at.to_owned()], &[], &[]));
        }
        let mut folder = at.to_owned();
        if let Some(list) = self.compose_file(&folder) {
            let found = self.named(&list, &[], &[]);
            return Some(Spec { home: Some(folder), ..found });
        }
        for _ in 0..MOST_ABOVE {
            let find = |store: &mut Store<'_>, names: &[&str; 4]| {
                names.iter().find_map(|name| store.open(&path::child(&folder, name)).ok())
            };
            if let Some(main) = find(&mut self.store, &MAIN) {
                let over = find(&mut self.store, &OVERRIDE);
                let files = [main].into_iter().chain(over).collect();
                return Some(Spec { folder, home: Some(at.to_owned()), files, ..Spec::default() });
            }
            let above = path::join(&folder, "..");
            if above == folder || self.files.kind(&above) != Kind::Directory {
                return None;
            }
            folder = above;
        }
        None
    }

    /// A project of files by path.
    fn named(&mut self, files: &[String], env_files: &[String], profiles: &[String]) -> Spec {
        let mut spec = Spec { env_files: env_files.to_vec(), profiles: profiles.to_vec(), ..Spec::default() };
        for (i, file) in files.iter().enumerate() {
            let name = path::normalise(file);
            if i == 0 {
                spec.folder = path::parent(&name).to_owned();
            }
            match self.store.open(&name) {
                Ok(id) => spec.files.push(id),
                Err(reason) => spec.unreadable.push((name, reason)),
            }
        }
        spec
    }

    fn load_all(&mut self, candidates: &[(FileId, bool)]) -> Vec<Loaded> {
        let options = self.options;
        if !options.files.is_empty() {
            let spec = self.named(&options.files, &[], &[]);
            for (file, _) in candidates.iter().filter(|c| !spec.files.contains(&c.0)) {
                if self.is_compose(*file) {
                    self.out.skipped.push((*file, "not named by `-f`".to_owned()));
                }
            }
            return vec![self.load(&spec)];
        }
        let mut fixed = Vec::new();
        let mut taken: HashSet<FileId> = HashSet::default();
        for project in &options.projects {
            let spec = self.named(&project.files, &project.env_files, &project.profiles);
            taken.extend(&spec.files);
            fixed.push(self.load(&spec));
        }
        let mut candidates: Vec<(FileId, bool)> =
            candidates.iter().copied().filter(|c| !taken.contains(&c.0)).collect();
        let name = |c: &(FileId, bool)| {
            let name = self.store.sources.name(c.0);
            (path::parent(name), name)
        };
        order::by(&mut candidates, |a, b| name(a).cmp(&name(b)));
        candidates.dedup_by_key(|c| c.0);
        let mut loose = Vec::new();
        let in_one_folder = |a: &(FileId, bool), b: &(FileId, bool)| {
            let folder = |c: &(FileId, bool)| path::parent(self.store.sources.name(c.0));
            folder(a) == folder(b)
        };
        let folders: Vec<&[(FileId, bool)]> = candidates.chunk_by(in_one_folder).collect();
        for files in folders {
            let folder = self.load_folder(files);
            // Trees are most of what a run holds. Who refers to one from another folder parses it again.
            if !folder.as_ref().is_some_and(|f| may_join(&f.loaded)) {
                files.iter().for_each(|c| self.store.forget(c.0));
            }
            loose.extend(folder);
        }
        fixed.reserve_exact(loose.len());
        let referrers = Referrers::new(fixed.iter().chain(loose.iter().flat_map(|f| &f.loaded)));
        let mut number = fixed.len();
        for Folder { path, files, named_only, mut loaded } in loose {
            // What another file includes is part of that project; what others extend and cannot stand alone, likewise.
            loaded.retain(|l| {
                let own = number;
                number += 1;
                !(referrers.refer(own, l, true) || is_fragment(l) && referrers.refer(own, l, false))
            });
            if named_only && loaded.iter().any(is_fragment) {
                self.add_siblings(&path, &mut loaded, &taken);
            }
            let mut joined = self.join(&path, loaded);
            joined.retain(|l| l.project.files.iter().any(|f| files.contains(f)));
            fixed.extend(joined);
            files.iter().for_each(|f| self.store.forget(*f));
        }
        fixed
    }

    /// The projects of one folder's candidates, fragments not yet joined.
    fn load_folder(&mut self, candidates: &[(FileId, bool)]) -> Option<Folder> {
        let compose: Vec<(FileId, bool)> =
            candidates.iter().copied().filter(|c| self.is_compose(c.0)).collect();
        let path = path::parent(self.store.sources.name(compose.first()?.0)).to_owned();
        let named_only = compose.iter().all(|f| f.1);
        let specs = self.folder(&path, &compose);
        let mut loaded: Vec<Loaded> = specs.iter().map(|s| self.load(s)).collect();
        // There is nobody to be joined with.
        if let ([only], false) = (loaded.as_mut_slice(), named_only) {
            only.declared = Vec::new();
        }
        Some(Folder { path, files: compose.iter().map(|f| f.0).collect(), named_only, loaded })
    }

    /// The projects of a folder, fragments not yet joined.
    fn folder(&mut self, folder: &str, files: &[(FileId, bool)]) -> Vec<Spec> {
        let spec = |files| Spec { folder: folder.to_owned(), files, ..Spec::default() };
        let mut specs = Vec::new();
        let mut rest: Vec<FileId> = files.iter().map(|f| f.0).collect();
        let find = |store: &mut Store<'_>, names: &[&str; 4]| {
            names.iter().find_map(|name| store.open(&path::child(folder, name)).ok())
        };
        let has = |store: &Store<'_>, names: &[&str; 4]| {
            files.iter().any(|f| names.contains(&path::file_name(store.sources.name(f.0))))
        };
        // Discovery finds main files; but where the user names files one by one, it did not look for them.
        let look = has(&self.store, &MAIN) || has(&self.store, &OVERRIDE) || files.iter().any(|f| f.1);
        if let Some(list) = self.compose_file(folder) {
            let found = self.named(&list, &[], &[]);
            rest.retain(|f| !found.files.contains(f));
            specs.push(Spec { folder: folder.to_owned(), ..found });
        } else if let Some(main) = if look { find(&mut self.store, &MAIN) } else { None } {
            let over =
                if self.files.lacks(folder, &OVERRIDE) { None } else { find(&mut self.store, &OVERRIDE) };
            let files: Vec<FileId> = [main].into_iter().chain(over).collect();
            if rest.iter().any(|f| files.contains(f)) {
                rest.retain(|f| !files.contains(f));
                specs.push(spec(files));
            }
        }
        if !specs.is_empty() {
            let is_override = |f: &FileId| OVERRIDE.contains(&path::file_name(self.store.sources.name(*f)));
            let (unread, others) = rest.into_iter().partition(is_override);
            rest = others;
            let why = |f| (f, "an override file that Compose does not read here".to_owned());
            let unread: Vec<FileId> = unread;
            self.out.skipped.extend(unread.into_iter().map(why));
        }
        specs.extend(rest.into_iter().map(|f| spec(vec![f])));
        specs
    }

    /// The files of `COMPOSE_FILE`, which `--env` or the `.env` of the folder may set.
    fn compose_file(&mut self, folder: &str) -> Option<Vec<String>> {
        let spec = Spec { folder: folder.to_owned(), ..Spec::default() };
        let environment = self.environment(&spec);
        let variables = &environment.variables;
        let separator = variables.known("COMPOSE_PATH_SEPARATOR").filter(|s| !s.is_empty()).unwrap_or(":");
        // An empty part is the folder itself, which Compose refuses; without Compose at hand it is left aside.
        let is_closed = self.mode == Mode::Closed;
        let list = variables.known("COMPOSE_FILE").filter(|l| is_closed || !l.is_empty())?;
        let parts = list.split(separator).filter(|f| is_closed || !f.is_empty());
        Some(parts.map(|f| path::join(folder, f)).collect())
    }

    /// Adds what lies beside files that the user named one by one: a fragment needs it to be understood.
    fn add_siblings(&mut self, folder: &str, loaded: &mut Vec<Loaded>, taken: &HashSet<FileId>) {
        let have: HashSet<FileId> = loaded.iter().flat_map(|l| l.project.files.iter().copied()).collect();
        let (found, _) = self.files.discover(folder);
        let mut more = Vec::new();
        for candidate in found {
            if candidate.role != Role::Yaml || path::parent(&candidate.path) != folder {
                continue;
            }
            let Ok(file) = self.store.open(&candidate.path) else { continue };
            if have.contains(&file) || taken.contains(&file) {
                continue;
            }
            let source = self.store.sources.file(file);
            if recognise::worth_parsing(source.name(), source.bytes())
                && recognise::recognise(&candidate.path, &self.store.yaml(file)).is_ok()
            {
                more.push((file, false));
            }
        }
        for spec in self.folder(folder, &more) {
            if !spec.files.iter().any(|f| have.contains(f)) {
                let one = self.load(&spec);
                loaded.push(one);
            }
        }
    }

    /// Reads fragments together with the files of their folder that close them.
    fn join(&mut self, folder: &str, loaded: Vec<Loaded>) -> Vec<Loaded> {
        if !may_join(&loaded) {
            return loaded;
        }
        let given = Given::new(&loaded);
        let mut groups = Groups::new(&loaded);
        let mut closers = vec![false; loaded.len()];
        for (i, one) in loaded.iter().enumerate() {
            for closer in given.closers(i, one) {
                if groups.union(i, closer)
                    && let Some(c) = closers.get_mut(closer)
                {
                    *c = true;
                }
            }
        }
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for i in 0..loaded.len() {
            members.entry(groups.find(i)).or_default().push(i);
        }
        let mut slots: Vec<Option<Loaded>> = loaded.into_iter().map(Some).collect();
        let mut out = Vec::new();
        for mut group in members.into_values() {
            if let [only] = group.as_slice() {
                out.extend(slots.get_mut(*only).and_then(Option::take));
                continue;
            }
            order::by_key(&mut group, |i| usize::from(!closers.get(*i).copied().unwrap_or(false)));
            let mut files = Vec::new();
            for i in group {
                if let Some(one) = slots.get(i).and_then(Option::as_ref) {
                    files.extend(&one.project.files);
                }
            }
            let spec = Spec { folder: folder.to_owned(), files, ..Spec::default() };
            out.push(self.load(&spec));
        }
        out
    }
}

/// Which projects name the files of others.
struct Referrers {
    /// By file, and whether it is included as a whole: the numbers of the projects.
    of: HashMap<(FileId, bool), Vec<usize>>,
    /// By number: the project's first file, and what it refers to.
    all: Vec<(Option<FileId>, HashSet<FileId>)>,
}

impl Referrers {
    fn new<'l>(all: impl Iterator<Item = &'l Loaded>) -> Referrers {
        let mut found = Referrers { of: HashMap::default(), all: Vec::new() };
        for (number, one) in all.enumerate() {
            let own = &one.project.files;
            for (file, included) in one.referred.iter().filter(|f| !own.contains(&f.0)) {
                found.of.entry((*file, *included)).or_default().push(number);
            }
            found.all.push((own.first().copied(), one.referred.iter().map(|f| f.0).collect()));
        }
        found
    }

    /// True when others refer to all files of a project. Of those that refer to each other the first stays.
    fn refer(&self, number: usize, project: &Loaded, included: bool) -> bool {
        let in_a_ring = |other: usize| {
            let first = self.all.get(other).and_then(|o| o.0);
            let own = self.all.get(number);
            number < other && first.is_some_and(|first| own.is_some_and(|own| own.1.contains(&first)))
        };
        let mut files = project.project.files.iter();
        files.all(|file| {
            let others = self.of.get(&(*file, included));
            others.is_some_and(|others| others.iter().any(|other| !in_a_ring(*other)))
        })
    }
}

/// True when some projects of a folder could be one.
fn may_join(loaded: &[Loaded]) -> bool {
    loaded.len() > 1 && loaded.iter().any(|l| !l.lacks.is_empty())
}

/// True for what cannot be meant to be read alone.
fn is_fragment(loaded: &Loaded) -> bool {
    loaded.lacks.iter().any(|l| l.need.is_strong())
}

/// Who of a folder could close which need.
struct Given(HashMap<Need, Vec<usize>>);

impl Given {
    fn new(loaded: &[Loaded]) -> Given {
        let mut all: HashMap<Need, Vec<usize>> = HashMap::default();
        for (i, one) in loaded.iter().enumerate() {
            let needs = one.whole.iter().cloned().flat_map(|s| [Need::Image(s.clone()), Need::Service(s)]);
            let things = one.declared.iter().cloned();
            for need in needs.chain(things) {
                all.entry(need).or_default().push(i);
            }
        }
        Given(all)
    }

    /// Those that close something which `one`, at `own`, lacks: the folder's main project before others, then who
    /// closes most, then by place.
    fn closers(&self, own: usize, one: &Loaded) -> Vec<usize> {
        let mut count: BTreeMap<usize, usize> = BTreeMap::new();
        let needs: HashSet<&Need> = one.lacks.iter().map(|l| &l.need).collect();
        for need in needs {
            for i in self.0.get(need).into_iter().flatten().filter(|i| **i != own) {
                *count.entry(*i).or_default() += 1;
            }
        }
        let mut list: Vec<(usize, usize)> = count.into_iter().collect();
        order::by_key(&mut list, |(i, n)| (*i != 0, std::cmp::Reverse(*n), *i));
        list.into_iter().map(|(i, _)| i).collect()
    }
}

/// Files that are read together, joined pair by pair.
struct Groups<'l> {
    /// By place: another one of the group, or itself for the first.
    up: Vec<usize>,
    /// By the first of a group: the services that its files define whole.
    whole: Vec<HashSet<&'l str>>,
}

impl<'l> Groups<'l> {
    /// Each by itself.
    fn new(loaded: &'l [Loaded]) -> Groups<'l> {
        let whole = loaded.iter().map(|one| one.whole.iter().map(String::as_str).collect());
        Groups { up: (0..loaded.len()).collect(), whole: whole.collect() }
    }

    fn find(&self, mut i: usize) -> usize {
        while let Some(up) = self.up.get(i).copied().filter(|up| *up != i) {
            i = up;
        }
        i
    }

    /// Joins two groups, if they may be: files that define the same service whole are alternatives, of which only the first is
    /// meant.
    fn union(&mut self, a: usize, b: usize) -> bool {
        let (a, b) = (self.find(a), self.find(b));
        if a == b {
            return true;
        }
        let (first, second) = (a.min(b), a.max(b));
        let mut moved = self.whole.get_mut(second).map(std::mem::take).unwrap_or_default();
        let Some(all) = self.whole.get_mut(first).filter(|all| all.is_disjoint(&moved)) else {
            if let Some(slot) = self.whole.get_mut(second) {
                *slot = moved;
            }
            return false;
        };
        if all.len() < moved.len() {
            std::mem::swap(all, &mut moved);
        }
        all.extend(moved);
        if let Some(slot) = self.up.get_mut(second) {
            *slot = first;
        }
        true
    }
}
