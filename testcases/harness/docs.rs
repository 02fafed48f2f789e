//! The guides in `docs/src`, the rule pages and the files at the top: every link leads somewhere, nothing is left out, and what
//! they show is what the program says.
//!
//! A `console` block is run: each `$ ` line in a shell, in a copy of `examples/three-hosts` or of the folder that the block
//! names (`in=examples/overrides`); with the word `next`, in the folder that the block before left. What follows a `$ ` line is
//! what it prints, errors behind findings; `...` alone stands for any lines. `UPDATE_DOCS=1` rewrites blocks without `...`.
//! A `toml` block holds as a kraftlint.toml in such a copy. Other blocks are only read.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use libtest_mimic::Trial;

use super::cli::empty;
use super::{Complaints, case, run, trial};

type Test = fn(&mut Complaints);

pub(super) fn trials() -> Vec<Trial> {
    let mut tests: Vec<(&str, Test)> = vec![
        ("links lead somewhere in the repository", repository_links),
        ("every page is in the summary", summary),
        ("every key of kraftlint.toml is told", keys),
        ("every command and option is told", options),
        ("every format is told", formats),
        ("settings hold", settings),
        ("the version is this one", version),
    ];
    // The shells and tools of others differ.
    if cfg!(target_os = "linux") {
        tests.push(("links lead somewhere in the book", book_links));
        tests.push(("what is shown is what the program says", shown));
    }
    tests.into_iter().map(|(name, test)| trial(format!("docs::{name}"), test)).collect()
}

/// A Markdown file.
struct Document {
    path: PathBuf,
    /// Line, counted from 1, and where it leads.
    links: Vec<(usize, String)>,
    /// What `#anchor` may name.
    anchors: BTreeSet<String>,
    headings: Vec<String>,
    blocks: Vec<Block>,
}

/// A fenced block.
struct Block {
    /// The line of its fence, counted from 0.
    line: usize,
    /// `console next`
    info: String,
    lines: Vec<String>,
}

impl Block {
    fn is(&self, language: &str) -> bool {
        self.info.split(' ').next() == Some(language)
    }

    fn has(&self, word: &str) -> bool {
        self.info.split(' ').any(|w| w == word)
    }

    /// The folder it is about.
    fn folder(&self) -> &str {
        self.info.split(' ').find_map(|w| w.strip_prefix("in=")).unwrap_or("examples/three-hosts")
    }
}

fn read(path: &Path) -> Document {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut document = Document {
        path: path.to_owned(),
        links: Vec::new(),
        anchors: BTreeSet::new(),
        headings: Vec::new(),
        blocks: Vec::new(),
    };
    let mut open: Option<(String, Block)> = None;
    let mut in_code = false;
    for (n, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if let Some((fence, block)) = &mut open {
            if trimmed == fence {
                document.blocks.extend(open.take().map(|(_, block)| block));
            } else {
                block.lines.push(line.to_owned());
            }
            continue;
        }
        if trimmed.starts_with("```") {
            let info = trimmed.trim_start_matches('`');
            let fence = trimmed[..trimmed.len() - info.len()].to_owned();
            open = Some((fence, Block { line: n, info: info.trim().to_owned(), lines: Vec::new() }));
            continue;
        }
        if line.starts_with('#') {
            let heading = line.trim_start_matches('#').trim();
            let slug = slug(heading);
            let twins = document.headings.iter().filter(|h| self::slug(h) == slug).count();
            document.anchors.insert(if twins > 0 { format!("{slug}-{twins}") } else { slug });
            document.headings.push(heading.to_owned());
        }
        // Code may go on in the next line, but not in the next paragraph.
        in_code &= !trimmed.is_empty();
        let mut prose = String::new();
        for (i, piece) in line.split('`').enumerate() {
            in_code ^= i > 0;
            if !in_code {
                prose.push_str(piece);
            }
        }
        for piece in prose.split("](").skip(1) {
            let target = piece.split([')', ' ']).next().unwrap_or("");
            document.links.push((n + 1, target.to_owned()));
        }
    }
    assert!(open.is_none(), "{}: a fenced block is not closed", path.display());
    document
}

/// The anchor that GitHub and mdBook give a heading.
fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// The Markdown files of a folder.
fn markdown(folder: &Path) -> Vec<PathBuf> {
    let all = case::files_below(folder).into_iter();
    all.filter(|p| p.extension().is_some_and(|e| e == "md")).collect()
}

fn guides() -> Vec<Document> {
    let guides: Vec<Document> = markdown(&case::root().join("docs/src")).iter().map(|p| read(p)).collect();
    assert!(!guides.is_empty(), "there is no guide in docs/src");
    guides
}

fn guide(name: &str) -> Document {
    read(&case::root().join("docs/src").join(name))
}

fn repository_links(c: &mut Complaints) {
    let root = case::root();
    let mut paths: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].iter().map(|name| root.join(name)).collect();
    paths.extend(markdown(&root.join("docs/src")));
    paths.extend(markdown(&root.join("examples")));
    paths.extend(markdown(&root.join("rules")));
    follow(&paths, &root, c);
}

/// Every link of these files leads to a file below `top`, and to a heading in it if it names one.
fn follow(paths: &[PathBuf], top: &Path, c: &mut Complaints) {
    let mut known: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
    let mut links = 0;
    for path in paths {
        let document = read(path);
        for (line, link) in &document.links {
            if ["https://", "http://", "mailto:"].iter().any(|scheme| link.starts_with(scheme)) {
                continue;
            }
            links += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                file => normal(&path.parent().unwrap().join(file)),
            };
            let at = format!("{}:{line}: {link}", path.strip_prefix(top).unwrap_or(path).display());
            if !target.starts_with(top) || !target.exists() {
                c.add(format!("{at} leads nowhere"));
            } else if !anchor.is_empty() {
                let anchors = known.entry(target.clone()).or_insert_with(|| read(&target).anchors);
                c.check(anchors.contains(anchor), || format!("{at} leads to no heading"));
            }
        }
    }
    c.check(links > 0, || "not one link was followed".to_owned());
}

/// Without `..`.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => _ = out.pop(),
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}

fn book_links(c: &mut Complaints) {
    let folder = empty("book");
    let build = Command::new(case::root().join("docs/build")).arg("--sources").arg(&folder).output();
    let build = build.expect("docs/build runs");
    c.check(build.status.success(), || String::from_utf8_lossy(&build.stderr).into_owned());
    let top = folder.join("src");
    let pages = markdown(&top);
    follow(&pages, &top, c);
    let listed: BTreeSet<String> = read(&top.join("SUMMARY.md")).links.into_iter().map(|l| l.1).collect();
    let name = |p: &PathBuf| p.strip_prefix(&top).unwrap().to_string_lossy().into_owned();
    let there: BTreeSet<String> = pages.iter().map(name).filter(|n| n != "SUMMARY.md").collect();
    c.equal("pages in the summary of the book", &there, &listed);
    let rules = there.iter().filter(|n| n.starts_with("rules/KL")).count();
    c.equal("pages of rules", &kraftlint::rules::code::META.len(), &rules);
    for page in pages.iter().filter(|p| name(p).starts_with("rules/KL")) {
        let text = fs::read_to_string(page).unwrap();
        c.check(text.starts_with("# ") && !text.contains("<!--"), || {
            format!("{}: front matter or remarks are left", name(page))
        });
    }
}

fn summary(c: &mut Complaints) {
    let listed: BTreeSet<String> = guide("SUMMARY.md").links.into_iter().map(|l| l.1).collect();
    let name = |d: &Document| d.path.file_name().unwrap().to_string_lossy().into_owned();
    let there: BTreeSet<String> = guides().iter().map(name).filter(|n| n != "SUMMARY.md").collect();
    c.equal("pages in SUMMARY.md", &there, &listed);
}

fn keys(c: &mut Complaints) {
    let schema = fs::read_to_string(case::root().join("dist/kraftlint.schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let mut keys: Vec<String> = schema["properties"].as_object().unwrap().keys().cloned().collect();
    for part in ["WrittenProject", "WrittenCluster"] {
        keys.extend(schema["$defs"][part]["properties"].as_object().unwrap().keys().cloned());
    }
    let page = guide("settings.md");
    let settings: Vec<&Block> = page.blocks.iter().filter(|b| b.is("toml")).collect();
    for key in &keys {
        let has = |line: &String| {
            line.strip_prefix(key.as_str()).is_some_and(|rest| rest.trim_start().starts_with('='))
                || line.trim_matches(['[', ']']) == key
        };
        let shown = settings.iter().any(|b| b.lines.iter().any(has));
        c.check(shown, || format!("no example on the settings page sets `{key}`"));
    }
    let told = |key: &str| page.headings.iter().any(|h| h.contains(key));
    for key in schema["properties"].as_object().unwrap().keys() {
        c.check(told(key), || format!("no heading of the settings page names `{key}`"));
    }
}

fn help(args: &[&str]) -> String {
    run::run(&case::root(), &[args, &["--help"]].concat()).out
}

/// What stands first in the lines below `title`, to the next blank line.
fn listed<'h>(help: &'h str, title: &str) -> Vec<&'h str> {
    let lines = help.lines().skip_while(|l| *l != title).skip(1).take_while(|l| !l.is_empty());
    lines.filter(|l| l.starts_with("  ")).filter_map(|l| l.split_whitespace().next()).collect()
}

fn options(c: &mut Complaints) {
    let page = guide("command-line.md");
    let text = fs::read_to_string(&page.path).unwrap();
    let commands = {
        let help = help(&[]);
        listed(&help, "Commands:").into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    c.check(commands.len() > 3, || "the help lists no commands".to_owned());
    let mut told = 0;
    for command in &commands {
        let title = format!("kraftlint {command}");
        c.check(page.headings.iter().any(|h| h.contains(&title)), || format!("`{title}` has no heading"));
        let mut calls = vec![vec![command.as_str()]];
        let own = help(&[command]);
        calls.extend(listed(&own, "Commands:").into_iter().map(|inner| vec![command.as_str(), inner]));
        for call in calls {
            for line in help(&call).lines().filter(|l| l.trim_start().starts_with('-')) {
                let words = line.split([' ', ',', '[', '=']).filter(|w| w.starts_with("--"));
                for option in words.take(1) {
                    told += 1;
                    let is_told =
                        text.contains(&format!("`{option}`")) || text.contains(&format!("`{option} "));
                    c.check(is_told || text.contains(&format!("`{option}[")), || {
                        format!("{option} of {call:?} is not on the page")
                    });
                }
            }
        }
    }
    c.check(told > 20, || format!("the help lists only {told} options"));
}

fn formats(c: &mut Complaints) {
    let help = help(&["check"]).split_whitespace().collect::<Vec<_>>().join(" ");
    let values = help.split_once("--format <FORMAT>").and_then(|(_, rest)| {
        let (list, _) = rest.split_once("possible values: ")?.1.split_once(']')?;
        Some(list.split(", ").map(str::to_owned).collect::<Vec<_>>())
    });
    let values = values.unwrap_or_default();
    c.check(values.len() > 3, || format!("the help lists no formats: {help}"));
    let page = guide("formats.md");
    for value in values {
        c.check(page.anchors.contains(&value), || format!("`{value}` has no section"));
    }
}

fn settings(c: &mut Complaints) {
    let mut blocks = 0;
    for page in guides() {
        for block in page.blocks.iter().filter(|b| b.is("toml")) {
            blocks += 1;
            let folder = copy("docs-settings", block.folder());
            // A baseline that is named must be there.
            run::run(&folder, &["baseline", "create", "--isolated"]);
            fs::write(folder.join("kraftlint.toml"), block.lines.join("\n")).unwrap();
            let ran = run::run(&folder, &["--config", "kraftlint.toml", "--format", "json"]);
            c.check(matches!(ran.code, 0 | 1), || {
                format!("{}:{}: exit code {}: {}", page.path.display(), block.line + 1, ran.code, ran.err)
            });
            c.check(!ran.out.contains("\"KL902\""), || {
                format!("{}:{}: a rule that does not exist", page.path.display(), block.line + 1)
            });
        }
    }
    c.check(blocks > 0, || "no toml block was tried".to_owned());
}

/// What precedes a version of kraftlint.
const PINS: [&str; 5] = [
    "rev: v",
    "kraftlint==",
    "kraftlint/kraftlint@v",
    "kraftlint/kraftlint/v",
    "ghcr.io/kraftlint/kraftlint:",
];

/// Who copies from a page gets the version that the page is about.
fn version(c: &mut Complaints) {
    let mut pins = 0;
    for page in guides() {
        let text = fs::read_to_string(&page.path).unwrap();
        for mark in PINS {
            for pin in text.split(mark).skip(1) {
                pins += 1;
                let version: String = pin.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
                let what = format!("{mark} in {}", page.path.display());
                c.equal(&what, &env!("CARGO_PKG_VERSION"), &version.as_str());
            }
        }
    }
    c.check(pins > 0, || "no page pins a version".to_owned());
}

/// A copy of a folder of the repository, as if it were the top of a work tree.
fn copy(name: &str, from: &str) -> PathBuf {
    let (folder, from) = (empty(name), case::root().join(from));
    for file in case::files_below(&from) {
        let to = folder.join(file.strip_prefix(&from).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(&file, to).unwrap();
    }
    fs::create_dir(folder.join(".git")).unwrap();
    folder
}

fn shown(c: &mut Complaints) {
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    let mut commands = 0;
    for page in guides() {
        let mut lines: Vec<String> =
            fs::read_to_string(&page.path).unwrap().lines().map(str::to_owned).collect();
        let mut results = Vec::new();
        let mut folder = None;
        for block in page.blocks.iter().filter(|b| b.is("console")) {
            let place = match folder.take().filter(|_| block.has("next")) {
                Some(folder) => folder,
                None => copy("docs-console", block.folder()),
            };
            let got = session(block, &place);
            commands += got.iter().filter(|l| l.starts_with("$ ")).count();
            folder = Some(place);
            if fits(&block.lines, &got) {
                continue;
            }
            if update && !block.lines.iter().any(|l| l == "...") {
                results.push((block, got));
            } else {
                c.add(format!(
                    "{}:{}: shown is\n{}\n  but it is\n{}",
                    page.path.display(),
                    block.line + 1,
                    block.lines.join("\n"),
                    got.join("\n")
                ));
            }
        }
        // The last first, so that the others stay at their lines.
        for (block, got) in results.iter().rev() {
            lines.splice(block.line + 1..=block.line + block.lines.len(), got.iter().cloned());
        }
        if !results.is_empty() {
            fs::write(&page.path, lines.join("\n") + "\n").unwrap();
        }
    }
    c.check(commands > 0, || "no console block was run".to_owned());
}

/// The commands of a block, each with what it prints.
fn session(block: &Block, folder: &Path) -> Vec<String> {
    let program = Path::new(env!("CARGO_BIN_EXE_kraftlint")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let mut out = Vec::new();
    let mut last = 0;
    for line in block.lines.iter().filter(|l| l.starts_with("$ ")) {
        out.push(line.clone());
        if line == "$ echo $?" {
            out.push(last.to_string());
            continue;
        }
        let mut command = Command::new("sh");
        command.arg("-c").arg(&line[2..]).current_dir(folder).env("PATH", &path);
        for variable in ["COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "LC_ALL", "LANG"] {
            command.env_remove(variable);
        }
        command.env("HOME", run::temporary()).env("XDG_CONFIG_HOME", run::temporary());
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "tester")
                .env(format!("GIT_{who}_EMAIL"), "tester@example.com");
        }
        let ran = command.output().expect("sh");
        last = ran.status.code().unwrap_or(-1);
        for stream in [ran.stdout, ran.stderr] {
            out.extend(String::from_utf8(stream).unwrap().lines().map(|l| l.trim_end().to_owned()));
        }
    }
    // Blank lines at the end are not shown.
    while out.last().is_some_and(String::is_empty) {
        out.pop();
    }
    out
}

/// Is `got` what is shown? `...` stands for any lines.
fn fits(shown: &[String], got: &[String]) -> bool {
    match shown {
        [] => got.is_empty(),
        [any, rest @ ..] if any == "..." => (0..=got.len()).any(|n| fits(rest, &got[n..])),
        [line, rest @ ..] => got.first() == Some(line) && fits(rest, &got[1..]),
    }
}
