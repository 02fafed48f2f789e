//! Every case: what it says must be found is found, there, and nothing else; the rest is a snapshot.

use std::collections::BTreeSet;
use std::fs;

use kraftlint::output::Format;
use libtest_mimic::Trial;
use serde_json::Value;

use super::case::{self, Case, Place};
use super::run::{self, Ran};
use super::view::{self, View, text};
use super::{Complaints, trial};

pub(super) fn trials(cases: &[Case]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for case in cases {
        let (one, two) = (case.clone(), case.clone());
        trials.push(trial(format!("cases::{}", case.name), move |complaints| found(&one, complaints)));
        trials.push(trial(format!("cases::{}::snapshot", case.name), move |_| snapshot(&two)));
    }
    trials
}

fn program(case: &Case, format: &str) -> Ran {
    let mut args = vec!["--isolated", "--color", "never", "--format", format];
    args.extend(case.args.iter().map(String::as_str));
    run::run(&case.folder, &args)
}

fn found(case: &Case, complaints: &mut Complaints) {
    let ran = program(case, "json");
    let Some(json) = View::parse(&ran.out) else {
        complaints.add(format!("no JSON but {:?}, exit code {}, {}", ran.out, ran.code, ran.err));
        return;
    };
    let set = |severity: &str, expected: &BTreeSet<String>, complaints: &mut Complaints| {
        complaints.equal(&format!("codes of severity {severity}"), expected, &json.codes(severity));
    };
    set("error", &case.errors, complaints);
    for (severity, expected) in [("warning", &case.warnings), ("info", &case.infos)] {
        if let Some(expected) = expected {
            set(severity, expected, complaints);
        }
    }
    for place in &case.places {
        complaints.check(stands(place, case, &json), || {
            let (line, text) = (place.line, place.text.as_deref().unwrap_or("(any)"));
            format!("no label of {} at {}:{line} over {text}", place.code, place.path)
        });
    }
    let summary = &json.0["summary"];
    for (key, expected) in [("clusters", case.clusters), ("nodes", case.nodes)] {
        if expected.is_some() {
            complaints.equal(key, &expected, &summary[key].as_u64());
        }
    }
    if let Some(rule) = case.rule {
        let has = json.has(rule.id());
        complaints.check(has != case.clean, || {
            format!("{} must {}be found", rule.id(), if case.clean { "not " } else { "" })
        });
    } else {
        complaints.check(!case.clean, || "`clean` means nothing outside of a rule's folder".to_owned());
    }
    complaints.equal("exit code", &case.exit.unwrap_or_else(|| exit_code(case, &json)), &ran.code);
    // What the library says of the same files in memory, where nothing lies outside.
    if let Some(files) = case.files().filter(|_| !ran.out.contains("it lies outside the folder")) {
        let (mut settings, roots) = case::settings(&case.args);
        settings.home = case.home();
        let report = kraftlint::lint(&files, &roots, &settings);
        complaints.check(run::render(&report, Format::Json) == ran.out, || {
            "lint() over the files in memory and the program give different JSON".to_owned()
        });
    }
    if !complaints.0.is_empty() {
        complaints.add(format!("{}\n{}", case.about, json.list()));
    }
}

/// The exit code that follows from the findings.
fn exit_code(case: &Case, json: &View) -> i32 {
    let (settings, _) = case::settings(&case.args);
    let summary = |key: &str| json.0["summary"][key].as_u64().unwrap_or(0);
    if json.diagnostics().is_empty() && summary("nodes") + summary("clients") == 0 {
        return 3;
    }
    let rank = |d: &Value| match text(&d["severity"]) {
        "error" => kraftlint::diagnostic::Severity::Error,
        "warning" => kraftlint::diagnostic::Severity::Warning,
        _ => kraftlint::diagnostic::Severity::Info,
    };
    i32::from(settings.fail_on.is_some_and(|least| json.diagnostics().iter().any(|d| rank(d) >= least)))
}

/// Some label of some finding of that code stands there.
fn stands(place: &Place, case: &Case, json: &View) -> bool {
    let bytes = fs::read(case.folder.join(&place.path)).unwrap_or_default();
    let labels = json.diagnostics().iter().filter(|d| d["code"] == place.code.as_str());
    labels.flat_map(|d| d["labels"].as_array()).flatten().any(|label| {
        let range = view::offset(&label["start"])..view::offset(&label["end"]);
        let covered = bytes.get(range).unwrap_or_default();
        // What is not UTF-8 is shown as ISO-8859-1.
        let covered: String = match std::str::from_utf8(&bytes) {
            Ok(_) => String::from_utf8_lossy(covered).into_owned(),
            Err(_) => covered.iter().map(|b| char::from(*b)).collect(),
        };
        let first = label["line"].as_u64().unwrap_or(0);
        let last = label["end_line"].as_u64().unwrap_or(0);
        text(&label["file"]) == place.path
            && (first..=last).contains(&place.line)
            && place.text.as_ref().is_none_or(|t| covered.contains(t.as_str()))
    })
}

fn snapshot(case: &Case) {
    let ran = program(case, "full");
    let args: String = case.args.iter().map(|a| format!(" {a}")).collect();
    let text = format!("$ kraftlint{args}\n{}{}exit code: {}\n", ran.out, ran.err, ran.code);
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(&case.folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(case.about.as_str());
    settings.bind(|| insta::assert_snapshot!("expected", text));
}
