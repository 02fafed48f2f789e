//! Every rule's page: its examples do what it says, nothing is missing, and the README lists it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use kraftlint::output::Format;
use kraftlint::rules::code::META;
use libtest_mimic::Trial;
use serde_yaml::Value;

use super::case::{self, Case};
use super::page::{Example, Page};
use super::view::View;
use super::{Complaints, run, trial};

pub(super) fn trials(pages: &[Page], cases: &[Case]) -> Vec<Trial> {
    let mut trials = Vec::new();
    let folders: BTreeMap<String, bool> = cases.iter().map(|c| (c.name.clone(), c.clean)).collect();
    for page in pages {
        let (code, whole, folders) = (page.code().to_owned(), page.clone(), folders.clone());
        trials.push(trial(format!("pages::{code}::form"), move |c| form(&whole, &folders, c)));
        for (i, example) in page.examples.iter().enumerate().filter(|(_, e)| e.case.is_none()) {
            let (code, example) = (code.clone(), example.clone());
            let twin = page.examples.iter().take(i).any(|e| e.heading == example.heading);
            let number = if twin { format!("#{i}") } else { String::new() };
            let name = format!("pages::{code}::{}{number}", example.heading);
            trials.push(trial(name, move |c| shows(&code, &example, c)));
        }
    }
    let (p, c) = (pages.to_vec(), cases.to_vec());
    trials.push(trial("pages::every rule has a bad and a clean case", move |complaints| {
        coverage(&p, &c, complaints);
    }));
    trials.push(trial("pages::codes and names stay", |_| codes()));
    trials.push(trial("pages::README lists the rules", readme));
    trials
}

/// The sections of a page, in order.
const SECTIONS: [&str; 5] =
    ["## What it finds", "## Why it matters", "## What to do", "## Example", "## Fixed"];

fn form(page: &Page, folders: &BTreeMap<String, bool>, complaints: &mut Complaints) {
    front_matter(page, complaints);
    let name = page.stem.split_once('-').map_or("", |(_, name)| name);
    complaints.equal("title", &Some(format!("# {name} ({})", page.code())), &page.headings.first().cloned());
    let mut headings = page.headings.iter().enumerate();
    for section in SECTIONS {
        // Those that start with Example or Fixed go on: `## Example: in a properties file`.
        let open = section == "## Example" || section == "## Fixed";
        let found = headings.any(|(_, h)| h == section || open && h.starts_with(section));
        complaints.check(found, || format!("`{section}` is missing, or not in its place"));
    }
    for (heading, following) in page.headings.iter().zip(page.headings.iter().skip(1)) {
        complaints.check(heading != following, || format!("`{heading}` twice"));
    }
    for example in &page.examples {
        let heading = &example.heading;
        for fault in &example.faults {
            complaints.add(format!("{heading}: {fault}"));
        }
        let blocks = example.files.iter().count();
        match &example.case {
            None => complaints.check(blocks > 0, || format!("{heading}: no fenced block with file=PATH")),
            Some(path) => {
                complaints.check(blocks == 0, || format!("{heading}: either blocks or a case"));
                let clean = path.strip_prefix("testcases/").and_then(|name| folders.get(name));
                complaints.equal(
                    &format!("{heading}: {path} is a clean case"),
                    &Some(&example.is_fixed()),
                    &clean,
                );
            }
        }
    }
}

fn front_matter(page: &Page, complaints: &mut Complaints) {
    let Some(meta) = META.iter().find(|m| m.id == page.code()) else {
        complaints.add("the program has no such rule");
        return;
    };
    let matter: Value = serde_yaml::from_str(&page.matter).unwrap_or(Value::Null);
    let get = |key: &str| matter.get(key).and_then(Value::as_str).unwrap_or("");
    for (key, known) in [
        ("code", meta.id),
        ("name", meta.name),
        ("summary", meta.summary),
        ("severity", meta.severity.name()),
        ("effect", meta.effect.name()),
        ("refused-by", meta.refused_by.map_or("", kraftlint::diagnostic::RefusedBy::name)),
        ("since", meta.since),
    ] {
        complaints.equal(key, &known, &get(key));
    }
    let summary = get("summary");
    complaints.check(!summary.is_empty() && !summary.ends_with('.') && !summary.contains('\n'), || {
        format!("summary must be one line without its full stop: {summary:?}")
    });
}

/// An example finds its rule and no other error; a fixed one finds neither.
fn shows(code: &str, example: &Example, complaints: &mut Complaints) {
    let (settings, roots) = case::settings(&example.args);
    let report = kraftlint::lint(&example.files, &roots, &settings);
    let json = View::parse(&run::render(&report, Format::Json)).expect("JSON");
    let mut allowed: BTreeSet<String> = BTreeSet::new();
    if example.is_fixed() {
        complaints.check(!json.has(code), || format!("{code} is still found"));
    } else {
        complaints.check(json.has(code), || format!("{code} is not found"));
        allowed.insert(code.to_owned());
        for also in &example.also {
            complaints.check(json.has(also), || format!("{also} is not found, though the page says `also`"));
        }
        allowed.extend(example.also.iter().cloned());
    }
    for error in json.codes("error").difference(&allowed) {
        complaints.add(format!("{error} is an error too"));
    }
    let kafka = report.node_count() + report.client_count() > 0;
    complaints.check(kafka || !example.is_fixed(), || "neither a node nor a client was found".to_owned());
    if !complaints.0.is_empty() {
        complaints.add(json.list());
    }
}

fn coverage(pages: &[Page], cases: &[Case], complaints: &mut Complaints) {
    for meta in META {
        let page = pages.iter().find(|p| p.code() == meta.id);
        for (fixed, what) in [(false, "bad"), (true, "clean")] {
            let shown = page.is_some_and(|p| p.examples(fixed).any(|e| e.files.iter().count() > 0));
            let folder = cases.iter().any(|c| c.rule == Some(meta.code) && c.clean == fixed);
            complaints.check(shown || folder, || format!("{} has no {what} case", meta.id));
        }
    }
}

/// A code or a name, once released, never changes and never vanishes.
fn codes() {
    let list: String = META.iter().map(|m| format!("{} {}\n", m.id, m.name)).collect();
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(case::root().join("testcases/harness/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description("Codes and names are public: a line may be added, never changed or taken away.");
    settings.bind(|| insta::assert_snapshot!("codes", list));
}

const BEGIN: &str = "<!-- rules:begin -->";
const END: &str = "<!-- rules:end -->";

fn table() -> String {
    let mut out = "\n| Code | Name | Severity | Effect | Finds |\n|---|---|---|---|---|\n".to_owned();
    for m in META {
        let summary = m.summary.replace('|', "\\|");
        out.push_str(&format!(
            "| [{0}](rules/{0}-{1}.md) | {1} | {2} | {3} | {summary} |\n",
            m.id,
            m.name,
            m.severity.name(),
            m.effect.name()
        ));
    }
    out
}

fn readme(complaints: &mut Complaints) {
    let path = case::root().join("README.md");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let parts = text.split_once(BEGIN).and_then(|(head, rest)| Some((head, rest.split_once(END)?)));
    let Some((head, (old, tail))) = parts else {
        complaints
            .add(format!("README.md is missing, or has no `{BEGIN}` and `{END}` for the table of rules"));
        return;
    };
    if old.replace("\r\n", "\n") == table() {
        return;
    }
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(&path, format!("{head}{BEGIN}{}{END}{tail}", table())).unwrap();
        return;
    }
    let known: BTreeSet<&str> = old.lines().collect();
    let missing: Vec<String> = table().lines().filter(|l| !known.contains(l)).map(str::to_owned).collect();
    complaints.add(format!(
        "the table of rules is not what the pages say; UPDATE_README=1 cargo test rewrites it. Missing lines:\n{}",
        missing.join("\n")
    ));
}
