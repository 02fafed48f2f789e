//! What the source text must and must not say: the walls between the rooms.

use std::fs;
use std::path::Path;

use libtest_mimic::Trial;

use super::{Complaints, case, trial};

pub(super) fn trials() -> Vec<Trial> {
    vec![
        trial("invariants::only yaml names the YAML parser", |c| only(&["granit"], &["yaml/"], c)),
        trial("invariants::only full names miette", |c| {
            only(&["miette"], &["output/full.rs", "output/full/"], c)
        }),
        trial("invariants::only source and cli touch the outside", |c| {
            let outside = [
                "std::fs",
                "std::env::",
                "TcpStream",
                "UdpSocket",
                "std::process",
                "println!",
                "print!(",
                "eprintln!",
                "stdout()",
                "stderr()",
                "stdin()",
                "File::open",
                "use std::env",
            ];
            only(&outside, &["source/", "cli/", "main.rs"], c);
        }),
        trial("invariants::only cli writes", |c| {
            only(&["fs::write", "fs::rename", "OpenOptions"], &["cli/"], c)
        }),
        trial("invariants::nothing reads the environment of the process", |c| {
            only(&["env::var"], &["cli/check.rs"], c);
        }),
        trial("invariants::no path of a machine", machine_paths),
        trial("invariants::rooms know only the rooms to their left", rooms),
    ]
}

/// The source files of all packages with their path below `src/`; without comments and without unit tests.
fn sources() -> Vec<(String, Vec<(usize, String)>)> {
    let folders = ["reading/src", "engine/src", "src"].map(|f| case::root().join(f));
    let mut out = Vec::new();
    for (folder, path) in folders.iter().flat_map(|f| case::files_below(f).into_iter().map(move |p| (f, p))) {
        let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
        if !name.ends_with(".rs") || name.ends_with("tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        // Unit tests stand at the end of a file.
        let end = text.find("\n#[cfg(test)]\nmod tests {").unwrap_or(text.len());
        let code = |line: &str| line.split("//").next().unwrap_or("").to_owned();
        let lines = text[..end].lines().enumerate().map(|(i, l)| (i + 1, code(l))).collect();
        out.push((name, lines));
    }
    assert!(out.len() > 30, "the sources were not found");
    out
}

/// None of `words` stands in a source file, but for those that begin with one of `homes`.
fn only(words: &[&str], homes: &[&str], complaints: &mut Complaints) {
    let mut at_home = false;
    for (name, lines) in sources() {
        let home = homes.iter().any(|h| name.starts_with(h));
        for (number, line) in lines {
            for word in words.iter().filter(|w| line.contains(**w)) {
                at_home |= home;
                complaints.check(home, || format!("src/{name}:{number}: `{word}`: {}", line.trim()));
            }
        }
    }
    // Else the words have become others, and this test looks at nothing.
    complaints.check(at_home, || format!("none of {words:?} stands in {homes:?}"));
}

/// The rooms from left to right; what stands on one level may know each other. `text`, `report`, `settings` and
/// `diagnostic` are the furniture and stand in `ANYWHERE`.
const ROOMS: [&[&str]; 8] = [
    &["source"],
    &["yaml", "properties", "dotenv", "script"],
    &["kafka"],
    &["compose"],
    &["image"],
    &["cluster"],
    &["rules"],
    &["output", "fix"],
];
const ANYWHERE: [&str; 5] = ["source", "text", "settings", "diagnostic", "report"];

fn rooms(complaints: &mut Complaints) {
    let level = |room: &str| ROOMS.iter().position(|rooms| rooms.contains(&room));
    let mut looked = 0;
    for (name, lines) in sources() {
        let room = name.split(['/', '.']).next().unwrap_or("");
        let Some(own) = level(room) else { continue };
        for (number, line) in lines {
            for (_, rest) in line.match_indices("crate::").map(|(i, m)| (i, &line[i + m.len()..])) {
                let other = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
                looked += 1;
                let right = level(other).is_some_and(|l| l > own) || other == "cli";
                complaints.check(!right || ANYWHERE.contains(&other), || {
                    format!("src/{name}:{number}: {room} must not know {other}: {}", line.trim())
                });
            }
        }
    }
    complaints.check(looked > 50, || format!("only {looked} uses were found"));
}

/// No file of the package says where it was made.
fn machine_paths(complaints: &mut Complaints) {
    // Put together, lest this file be found.
    let words = [
        concat!("/wo", "rk/"),
        concat!(".lib", "rary"),
        concat!("../sha", "red/"),
        concat!("/ho", "me/runner"),
    ];
    let root = case::root();
    let mut seen = 0;
    let mut walk = ignore::WalkBuilder::new(&root);
    walk.hidden(false).parents(false).require_git(false).git_global(false);
    walk.filter_entry(|e| e.file_name() != ".git");
    for entry in walk.build() {
        let entry = entry.unwrap();
        let path = entry.path().strip_prefix(&root).unwrap_or(Path::new("")).to_owned();
        if !entry.file_type().is_some_and(|t| t.is_file()) || path.starts_with(".ci") {
            continue;
        }
        let Ok(text) = fs::read_to_string(entry.path()) else { continue };
        seen += 1;
        for (i, line) in text.lines().enumerate() {
            if let Some(word) = words.iter().find(|w| line.contains(**w)) {
                complaints.add(format!("{}:{}: `{word}`", path.display(), i + 1));
            }
        }
    }
    complaints.check(seen > 50, || format!("only {seen} files were looked at"));
}
