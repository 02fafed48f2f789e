//! Rule pages → `enum Code`, `META` and the packed prose. The page's front matter is the only home of a rule's metadata.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::exit;

use serde_yaml::Value;

const KEYS: [&str; 8] = ["code", "name", "summary", "severity", "effect", "refused-by", "fix", "since"];

/// Reads `root/rules/KL*.md` and writes `codes.rs` and `pages.deflate` into `out`.
pub(crate) fn generate(root: &Path, out: &Path) {
    let folder = root.join("rules");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut pages: Vec<_> = match fs::read_dir(&folder) {
        Ok(entries) => entries.filter_map(|e| e.ok().map(|e| e.path())).collect(),
        Err(e) => fail(&folder, 0, &e.to_string()),
    };
    pages.retain(|p| p.extension().is_some_and(|e| e == "md") && stem(p).starts_with("KL"));
    pages.sort();
    let (mut variants, mut rows, mut proses) = (String::new(), String::new(), Vec::new());
    for page in &pages {
        println!("cargo::rerun-if-changed={}", page.display());
        let text = fs::read_to_string(page).unwrap_or_else(|e| fail(page, 0, &e.to_string()));
        let matter = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
        let Some((matter, body)) = matter else {
            fail(page, 1, "front matter between two `---` lines is missing")
        };
        let value: Value = serde_yaml::from_str(matter).unwrap_or_else(|e| fail(page, 2, &e.to_string()));
        let Value::Mapping(map) = value else { fail(page, 2, "front matter must be `key: value` lines") };
        for key in map.keys() {
            if !key.as_str().is_some_and(|k| KEYS.contains(&k)) {
                fail(page, line_of(&text, key.as_str().unwrap_or("")), &format!("unknown key {key:?}"));
            }
        }
        let optional = |key: &str| map.get(key).and_then(Value::as_str);
        let get = |key: &str| {
            optional(key).unwrap_or_else(|| fail(page, 2, &format!("`{key}` is missing or no text")))
        };
        let (code, name) = (get("code"), get("name"));
        if stem(page) != format!("{code}-{name}") {
            fail(page, 2, "code and name must be those of the file name");
        }
        let choose = |key: &str, value: &str, choices: &[(&str, &str)]| -> String {
            match choices.iter().find(|(text, _)| *text == value) {
                Some((_, variant)) => (*variant).to_owned(),
                None => fail(page, line_of(&text, key), &format!("`{value}` is no {key}")),
            }
        };
        let severity = choose(
            "severity",
            get("severity"),
            &[("error", "Error"), ("warning", "Warning"), ("info", "Info")],
        );
        let effect = choose(
            "effect",
            get("effect"),
            &[
                ("refuses-start", "RefusesStart"),
                ("cannot-join", "CannotJoin"),
                ("data-at-risk", "DataAtRisk"),
                ("misbehaves", "Misbehaves"),
                ("hygiene", "Hygiene"),
            ],
        );
        let refused_by = match optional("refused-by") {
            None if effect == "RefusesStart" => fail(page, 2, "`refused-by` is missing"),
            None => "None".to_owned(),
            Some(who) => {
                let choices = [
                    ("compose", "Compose"),
                    ("image", "Image"),
                    ("config", "Config"),
                    ("format", "Format"),
                    ("broker", "Broker"),
                    ("client", "Client"),
                ];
                format!("Some(RefusedBy::{})", choose("refused-by", who, &choices))
            }
        };
        let fix = choose(
            "fix",
            get("fix"),
            &[("none", "None"), ("safe", "Some(Safety::Safe)"), ("unsafe", "Some(Safety::Unsafe)")],
        );
        let (summary, since) = (get("summary"), get("since"));
        // `Code::KL101` reads as the code users see.
        _ = writeln!(variants, "    /// {summary}\n    {code},");
        _ = writeln!(
            rows,
            "    Meta {{ code: Code::{code}, id: {code:?}, name: {name:?}, summary: {summary:?}, severity: Severity::{severity}, \
             effect: Effect::{effect}, refused_by: {refused_by}, fix: {fix}, since: {since:?} }},"
        );
        proses.push(prose(body).to_owned());
    }
    let generated = format!(
        "/// A rule. Codes are public and never change meaning.\n#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]\npub enum Code {{\n{variants}}}\n\n\
         /// Every rule, by code.\npub static META: &[Meta] = &[\n{rows}];\n"
    );
    let packed = miniz_oxide::deflate::compress_to_vec(proses.join("\0").as_bytes(), 10);
    let written = fs::write(out.join("codes.rs"), generated);
    if let Err(e) = written.and_then(|()| fs::write(out.join("pages.deflate"), packed)) {
        fail(out, 0, &e.to_string());
    }
}

/// What stands below the title: title and front matter are told in other words.
fn prose(body: &str) -> &str {
    let body = body.trim();
    match body.strip_prefix("# ") {
        Some(rest) => rest.split_once('\n').map_or("", |(_, body)| body).trim(),
        None => body,
    }
}

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|s| s.to_str()).unwrap_or("")
}

fn line_of(text: &str, key: &str) -> usize {
    text.lines().position(|l| l.starts_with(key)).map_or(0, |i| i + 1)
}

#[expect(clippy::exit, reason = "a build script says what is wrong and stops")]
fn fail(path: &Path, line: usize, message: &str) -> ! {
    println!("cargo::error={}:{line}: {message}", path.display());
    exit(1)
}
