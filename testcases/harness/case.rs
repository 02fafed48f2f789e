//! Cases: folders of real files with a `case.toml` that says what must be found in them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use kraftlint::diagnostic::{Code, Severity};
use kraftlint::kafka::version::VersionSet;
use kraftlint::settings::{Choice, Home, Pattern, Settings};
use kraftlint::source::MemoryFiles;

/// A folder with a `case.toml`.
#[derive(Clone)]
pub(super) struct Case {
    /// `systems/notes/correct`
    pub(super) name: String,
    pub(super) folder: PathBuf,
    /// The rule it belongs to, told by the name of the folder above.
    pub(super) rule: Option<Code>,
    pub(super) about: String,
    pub(super) args: Vec<String>,
    pub(super) errors: BTreeSet<String>,
    pub(super) warnings: Option<BTreeSet<String>>,
    pub(super) infos: Option<BTreeSet<String>>,
    pub(super) places: Vec<Place>,
    pub(super) clusters: Option<u64>,
    pub(super) nodes: Option<u64>,
    pub(super) exit: Option<i32>,
    /// A near-miss: its rule must stay silent.
    pub(super) clean: bool,
}

/// `CODE path:line text`
#[derive(Clone)]
pub(super) struct Place {
    pub(super) code: String,
    pub(super) path: String,
    pub(super) line: u64,
    pub(super) text: Option<String>,
}

/// The folder of the package.
pub(super) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every case, by name.
pub(super) fn all() -> Vec<Case> {
    let top = root().join("testcases");
    let mut cases: Vec<Case> = files_named(&top, "case.toml").iter().map(|path| read(&top, path)).collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// The files called `name` below `folder`.
pub(super) fn files_named(folder: &Path, name: &str) -> Vec<PathBuf> {
    files_below(folder).into_iter().filter(|p| p.file_name().is_some_and(|n| n == name)).collect()
}

/// Every file below `folder`, sorted; links are not followed.
pub(super) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_below(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

fn read(top: &Path, path: &Path) -> Case {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let table: toml::Table = text.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let wrong = |key: &str, what: &str| -> ! { panic!("{}: `{key}` {what}", path.display()) };
    const KEYS: [&str; 11] = [
        "about", "args", "errors", "warnings", "infos", "places", "clusters", "nodes", "exit", "notes",
        "clean",
    ];
    for key in table.keys() {
        if !KEYS.contains(&key.as_str()) {
            wrong(key, "is no key of a case");
        }
    }
    let list = |key: &str| -> Option<Vec<String>> {
        let value = table.get(key)?;
        let items = value.as_array().unwrap_or_else(|| wrong(key, "must be a list"));
        let text =
            |v: &toml::Value| v.as_str().unwrap_or_else(|| wrong(key, "must be a list of texts")).to_owned();
        Some(items.iter().map(text).collect())
    };
    let codes = |key: &str| -> Option<BTreeSet<String>> { list(key).map(|l| l.into_iter().collect()) };
    let number = |key: &str| -> Option<i64> {
        table.get(key).map(|v| v.as_integer().unwrap_or_else(|| wrong(key, "must be a number")))
    };
    let folder = path.parent().unwrap();
    let name = folder.strip_prefix(top).unwrap().to_string_lossy().replace('\\', "/");
    let above = folder.parent().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned());
    let place =
        |text: String| Place::parse(&text).unwrap_or_else(|| wrong("places", &format!("has `{text}`")));
    Case {
        rule: rule_of(&above.unwrap_or_default()),
        about: match table.get("about").and_then(toml::Value::as_str) {
            Some(about) if !about.trim().is_empty() => about.to_owned(),
            _ => wrong("about", "is missing"),
        },
        args: list("args").unwrap_or_default(),
        errors: codes("errors").unwrap_or_else(|| wrong("errors", "is missing")),
        warnings: codes("warnings"),
        infos: codes("infos"),
        places: list("places").unwrap_or_default().into_iter().map(place).collect(),
        clusters: number("clusters").and_then(|n| u64::try_from(n).ok()),
        nodes: number("nodes").and_then(|n| u64::try_from(n).ok()),
        exit: number("exit").and_then(|n| i32::try_from(n).ok()),
        clean: table
            .get("clean")
            .is_some_and(|v| v.as_bool().unwrap_or_else(|| wrong("clean", "must be a boolean"))),
        folder: folder.to_owned(),
        name,
    }
}

/// The rule that a folder `KLnnn-name` belongs to. A name that no rule has is a mistake.
fn rule_of(folder: &str) -> Option<Code> {
    let (id, name) = folder.split_once('-')?;
    if !id.starts_with("KL") || !id[2..].bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let rule = kraftlint::rules::code::META.iter().find(|m| m.id == id && m.name == name);
    Some(rule.unwrap_or_else(|| panic!("testcases/**/{folder}: there is no such rule")).code)
}

impl Place {
    fn parse(text: &str) -> Option<Place> {
        let (code, rest) = text.split_once(' ')?;
        // A path may hold blanks and colons; the line ends at the first blank behind a number.
        for (colon, _) in rest.match_indices(':') {
            let (path, tail) = (&rest[..colon], &rest[colon + 1..]);
            let digits = tail.bytes().take_while(u8::is_ascii_digit).count();
            let (line, text) = tail.split_at(digits);
            if digits > 0 && (text.is_empty() || text.starts_with(' ')) {
                return Some(Place {
                    code: code.to_owned(),
                    path: path.to_owned(),
                    line: line.parse().ok()?,
                    text: Some(text.trim_start()).filter(|t| !t.is_empty()).map(str::to_owned),
                });
            }
        }
        None
    }
}

impl Case {
    /// Its files in memory, by their path in its folder; `None` when links are among them.
    pub(super) fn files(&self) -> Option<MemoryFiles> {
        let mut files = MemoryFiles::default();
        for path in files_below(&self.folder) {
            if fs::symlink_metadata(&path).unwrap().file_type().is_symlink() {
                return None;
            }
            let name = path.strip_prefix(&self.folder).unwrap().to_string_lossy().replace('\\', "/");
            let ours = name == "case.toml" || name.ends_with(".snap") || name.ends_with(".snap.new");
            if !ours {
                files.insert(&name, fs::read(&path).unwrap());
            }
        }
        Some(files)
    }
}

impl Case {
    /// From where the program counts paths: the top of the git work tree, if these files lie in one.
    pub(super) fn home(&self) -> Home {
        let folder = fs::canonicalize(&self.folder).unwrap();
        let top = folder.ancestors().find(|a| a.join(".git").exists()).unwrap_or(&folder);
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        Home { working_directory: text(&folder), folder: text(top) }
    }
}

/// The settings that arguments of the command line make, as far as cases need them, and the PATHs.
pub(super) fn settings(args: &[String]) -> (Settings, Vec<String>) {
    let mut settings = Settings::new();
    let mut choice = Choice::default();
    let mut roots = Vec::new();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        let (name, glued) = match arg.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
            _ => (arg.as_str(), None),
        };
        let mut value =
            || glued.clone().or_else(|| rest.next().cloned()).unwrap_or_else(|| panic!("{name}: no value"));
        let rules = |text: String| text.split(',').map(Pattern::new).collect::<Vec<_>>();
        match name {
            "--one-cluster" => settings.one_cluster = true,
            "--kafka-version" => settings.kafka_version = Some(VersionSet::parse_range(&value())),
            "--deployment" => settings.production = value() == "prod",
            "--select" => choice.select.extend(rules(value())),
            "--ignore" => choice.ignore.extend(rules(value())),
            "--env" => {
                let value = value();
                let (k, v) = value.split_once('=').expect("--env K=V");
                settings.compose.env.push((k.to_owned(), v.to_owned()));
            }
            "--env-file" => settings.compose.env_files.push(value()),
            "--compose-profile" => settings.compose.profiles.push(value()),
            "-f" | "--file" => settings.compose.files.push(value()),
            "--fail-on" => {
                settings.fail_on = match value().as_str() {
                    "error" => Some(Severity::Error),
                    "warning" => Some(Severity::Warning),
                    "info" => Some(Severity::Info),
                    _ => None,
                }
            }
            "--allow-empty" => {}
            path if !path.starts_with('-') => roots.push(path.to_owned()),
            _ => panic!("testcases/harness/case.rs does not know the argument {arg}"),
        }
    }
    settings.selection.choose(&choice);
    if roots.is_empty() {
        roots.push(".".to_owned());
    }
    (settings, roots)
}
