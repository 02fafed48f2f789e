//! Every output for other programs is what they take: held against the published schema of its format where there is one
//! (see `testcases/schemas/`), else against what its reader demands. `json` is looked at in `spans`.

use std::collections::HashSet;
use std::fs;
use std::sync::LazyLock;

use jsonschema::Validator;
use kraftlint::output::Format;
use kraftlint::report::Report;
use libtest_mimic::Trial;
use roxmltree::{Document, Node};
use serde_json::Value;

use super::subject::Subject;
use super::view::{View, offset, text};
use super::{Complaints, case, run, trial};

/// The schemas in JSON.
struct Schemas {
    sarif: Validator,
    rdjson: Validator,
}

/// They are read once.
static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| {
    let read = |name: &str| {
        let text = fs::read_to_string(case::root().join("testcases/schemas").join(name)).unwrap();
        // No regular expression; the errata of SARIF mended it.
        let text = text.replace("-[a-zA-Z]{2}]?$", "-[a-zA-Z]{2}$");
        jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
    };
    Schemas { sarif: read("sarif-schema-2.1.0.json"), rdjson: read("DiagnosticResult.json") }
});

pub(super) fn trials(subjects: &[Subject]) -> Vec<Trial> {
    let mut trials = vec![
        trial("schemas::refuse what is wrong", refuse),
        trial("schemas::nothing at all", |complaints| hold(&Report::default(), complaints)),
    ];
    trials.extend(subjects.iter().cloned().map(|subject| {
        trial(format!("schemas::{}", subject.name), move |complaints| hold(&subject.lint(), complaints))
    }));
    trials
}

/// A schema that takes everything would prove nothing.
fn refuse(c: &mut Complaints) {
    let sarif = serde_json::json!({ "version": "2.1.0", "runs": [{ "results": [] }] });
    c.check(!SCHEMAS.sarif.is_valid(&sarif), || "SARIF without a tool".to_owned());
    let rdjson = serde_json::json!({ "diagnostics": [{ "message": 1 }] });
    c.check(!SCHEMAS.rdjson.is_valid(&rdjson), || "rdjson with a number for a message".to_owned());
}

/// Each output for `report` is what its readers take.
pub(super) fn hold(report: &Report, c: &mut Complaints) {
    let json = |format| -> Value { serde_json::from_str(&run::render(report, format)).unwrap() };
    let view = View(json(Format::Json));
    let (of_sarif, of_rdjson) = (json(Format::Sarif), json(Format::Rdjson));
    for (name, schema, value) in
        [("sarif", &SCHEMAS.sarif, &of_sarif), ("rdjson", &SCHEMAS.rdjson, &of_rdjson)]
    {
        for error in schema.iter_errors(value) {
            c.add(format!("{name}: {}: {error}", error.instance_path()));
        }
    }
    sarif(&of_sarif, &view, c);
    rdjson(&of_rdjson, &view, report, c);
    gitlab(&json(Format::Gitlab), &view, c);
    junit(&run::render(report, Format::Junit), &view, c);
    checkstyle(&run::render(report, Format::Checkstyle), &view, c);
    github(&run::render(report, Format::Github), &view, c);
    markdown(&run::render(report, Format::Markdown), &view, c);
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What the schema cannot say: a link in a message leads to a related location, and each of these has one.
fn sarif(log: &Value, json: &View, c: &mut Complaints) {
    let results = list(&log["runs"][0]["results"]);
    c.equal("sarif results", &json.diagnostics().len(), &results.len());
    for result in results {
        let message = text(&result["message"]["text"]);
        let related = list(&result["relatedLocations"]).len();
        c.equal(&format!("links in {message:?}"), &related, &message.matches("](").count());
        for i in 0..related {
            c.check(message.contains(&format!("]({i})")), || format!("no link to {i} in {message:?}"));
        }
        let index = offset(&result["ruleIndex"]);
        let rule = &log["runs"][0]["tool"]["driver"]["rules"][index]["id"];
        c.equal("sarif ruleIndex", rule, &result["ruleId"]);
    }
}

/// Its ranges, counted in bytes, are those of the findings. All of its fields are optional in the schema.
fn rdjson(result: &Value, json: &View, report: &Report, c: &mut Complaints) {
    let diagnostics = list(&result["diagnostics"]);
    c.equal("rdjson diagnostics", &json.diagnostics().len(), &diagnostics.len());
    let bytes = |location: &Value, at: &str| {
        let file = report.sources.file(report.sources.find(text(&location["path"])).unwrap());
        let position = &location["range"][at];
        let line = offset(&position["line"]);
        file.lines()[line - 1] as usize + offset(&position["column"]) - 1
    };
    for (told, d) in diagnostics.iter().zip(json.diagnostics()) {
        c.check(matches!(text(&told["severity"]), "ERROR" | "WARNING" | "INFO"), || told.to_string());
        c.equal("rdjson code", &d["code"], &told["code"]["value"]);
        let others = list(&told["related_locations"]).iter().map(|r| &r["location"]);
        let locations: Vec<_> = std::iter::once(&told["location"]).chain(others).collect();
        c.equal("rdjson locations", &list(&d["labels"]).len(), &locations.len());
        for (location, label) in locations.iter().zip(list(&d["labels"])) {
            c.equal("rdjson path", &label["file"], &location["path"]);
            c.equal("rdjson start", &offset(&label["start"]), &bytes(location, "start"));
            c.equal("rdjson end", &offset(&label["end"]), &bytes(location, "end"));
        }
    }
}

/// The fields that GitLab asks for (`gitlab-org/gitlab`, `app/validators/json_schemas/codeclimate.json`) and the values that
/// its documentation gives ("Code Quality report format"). Of two findings with one fingerprint it shows one.
fn gitlab(issues: &Value, json: &View, c: &mut Complaints) {
    c.equal("gitlab issues", &json.diagnostics().len(), &list(issues).len());
    let mut fingerprints = HashSet::new();
    for issue in list(issues) {
        for key in ["description", "check_name", "fingerprint"] {
            c.check(!text(&issue[key]).is_empty(), || format!("gitlab: no {key} in {issue}"));
        }
        let severity = text(&issue["severity"]);
        c.check(["info", "minor", "major", "critical", "blocker"].contains(&severity), || issue.to_string());
        let path = text(&issue["location"]["path"]);
        c.check(!path.is_empty() && !path.starts_with("./"), || format!("gitlab: path {path:?}"));
        c.check(issue["location"]["lines"]["begin"].as_u64() > Some(0), || issue.to_string());
        c.check(fingerprints.insert(text(&issue["fingerprint"])), || format!("gitlab: twice: {issue}"));
    }
}

fn elements<'a, 'input>(node: Node<'a, 'input>) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(Node::is_element)
}

/// The element has this name, and these attributes and no others.
fn shape(node: Node<'_, '_>, name: &str, attributes: &[&str], c: &mut Complaints) {
    c.equal("element", &name, &node.tag_name().name());
    let got: Vec<&str> = node.attributes().map(|a| a.name()).collect();
    c.equal(&format!("attributes of {name}"), &attributes, &got.as_slice());
}

/// What `junit-10.xsd` allows, and that its numbers are those of its tests. `dist/try-formats` asks the schema itself.
fn junit(xml: &str, json: &View, c: &mut Complaints) {
    let document = Document::parse(xml).unwrap();
    let root = document.root_element();
    shape(root, "testsuites", &["name", "tests", "failures", "errors"], c);
    let (mut tests, mut failures, mut skipped) = (0, 0, 0);
    for suite in elements(root) {
        shape(suite, "testsuite", &["name", "tests", "failures", "errors", "skipped"], c);
        let (mut names, mut failed, mut left) = (HashSet::new(), 0, 0);
        for test in elements(suite) {
            shape(test, "testcase", &["name", "classname"], c);
            c.check(names.insert(test.attribute("name")), || format!("junit: twice: {test:?}"));
            for outcome in elements(test) {
                match outcome.tag_name().name() {
                    "failure" => failed += 1,
                    "skipped" => left += 1,
                    other => c.add(format!("junit: {other}")),
                }
            }
        }
        let number = |name| suite.attribute(name).and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
        let numbers = (number("tests"), number("failures"), number("skipped"));
        c.equal("numbers of a suite", &(names.len(), failed, left), &numbers);
        (tests, failures, skipped) = (tests + names.len(), failures + failed, skipped + left);
    }
    c.equal("junit tests", &Some(tests.to_string().as_str()), &root.attribute("tests"));
    c.equal("junit failures", &Some(failures.to_string().as_str()), &root.attribute("failures"));
    c.check(tests > 0, || "junit: no test".to_owned());
    let summary = |key: &str| offset(&json.0["summary"][key]);
    c.equal("failures", &(summary("errors") + summary("warnings")), &failures);
    if !json.diagnostics().is_empty() {
        c.equal("skipped", &summary("infos"), &skipped);
    }
}

fn checkstyle(xml: &str, json: &View, c: &mut Complaints) {
    let document = Document::parse(xml).unwrap();
    shape(document.root_element(), "checkstyle", &["version"], c);
    let mut findings = json.diagnostics().iter();
    let mut names = HashSet::new();
    for file in elements(document.root_element()) {
        shape(file, "file", &["name"], c);
        c.check(names.insert(file.attribute("name")), || format!("checkstyle: twice: {file:?}"));
        for error in elements(file) {
            shape(error, "error", &["line", "column", "severity", "message", "source"], c);
            let Some(d) = findings.next() else { return c.add("checkstyle: too many errors") };
            let label = &d["labels"][0];
            let told = |name| error.attribute(name).unwrap_or_default();
            c.equal("checkstyle line", &label["line"].to_string().as_str(), &told("line"));
            c.equal("checkstyle column", &label["column"].to_string().as_str(), &told("column"));
            c.equal("checkstyle severity", &text(&d["severity"]), &told("severity"));
            c.equal(
                "checkstyle source",
                &format!("kraftlint.{}", text(&d["code"])).as_str(),
                &told("source"),
            );
            c.check(told("message").starts_with(text(&d["message"])), || told("message").to_owned());
        }
    }
    c.check(findings.next().is_none(), || "checkstyle: too few errors".to_owned());
}

/// One line a finding, and no command that the program does not mean.
fn github(log: &str, json: &View, c: &mut Complaints) {
    c.equal("github lines", &json.diagnostics().len(), &log.lines().count());
    for line in log.lines() {
        let command =
            ["::error file=", "::warning file=", "::notice file="].iter().any(|p| line.starts_with(p));
        c.check(command || !line.starts_with("::"), || line.to_owned());
    }
}

/// GitHub takes it as a comment, and each finding is an item of it or counted.
fn markdown(comment: &str, json: &View, c: &mut Complaints) {
    c.check(comment.chars().count() <= 65_536, || {
        format!("markdown: {} characters", comment.chars().count())
    });
    let items = comment.lines().filter(|l| l.starts_with("- **[KL")).count();
    if !comment.contains("left out here") {
        c.equal("markdown items", &json.diagnostics().len(), &items);
    }
    let lines = comment.lines().count();
    c.check(items > 0 || lines == 1, || format!("markdown: {lines} lines for nothing"));
}
