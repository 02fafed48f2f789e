//! One module for each kind of test, and what they share.

mod adoption;
mod case;
mod cases;
mod cli;
mod clients;
mod compose;
mod corpus;
mod docs;
mod fixes;
mod formats;
mod hostile;
mod images;
mod invariants;
mod order;
mod page;
mod pages;
mod projects;
mod run;
mod schemas;
mod secrets;
mod servers;
mod spans;
mod storage;
mod storage_tool;
mod subject;
mod transformations;
mod view;

use libtest_mimic::{Failed, Trial};

/// Every test there is.
pub(crate) fn trials() -> Vec<Trial> {
    let cases = case::all();
    let pages = page::all();
    let mut trials = vec![trial("discovery", discovery)];
    trials.extend(cases::trials(&cases));
    trials.extend(pages::trials(&pages, &cases));
    trials.extend(clients::trials());
    trials.extend(servers::trials());
    trials.extend(images::trials());
    trials.extend(storage::trials());
    trials.extend(invariants::trials());
    let subjects = subject::all(&cases, &pages);
    trials.extend(order::trials(&subjects));
    trials.extend(spans::trials(&subjects));
    trials.extend(fixes::trials(&subjects));
    trials.extend(schemas::trials(&subjects));
    trials.extend(formats::trials());
    trials.extend(transformations::trials());
    trials.extend(secrets::trials());
    trials.extend(cli::trials());
    trials.extend(compose::trials());
    trials.extend(adoption::trials(&cases));
    trials.extend(docs::trials());
    trials.extend(corpus::trials());
    trials.extend(hostile::trials(&subjects));
    trials
}

/// A test that fails with every complaint it has, not with the first.
fn trial(name: impl Into<String>, test: impl FnOnce(&mut Complaints) + Send + 'static) -> Trial {
    Trial::test(name, move || {
        let mut complaints = Complaints::default();
        test(&mut complaints);
        complaints.result()
    })
}

/// What is wrong, line by line.
#[derive(Default)]
struct Complaints(Vec<String>);

impl Complaints {
    fn add(&mut self, complaint: impl Into<String>) {
        self.0.push(complaint.into());
    }

    /// Complains unless `ok`.
    fn check(&mut self, ok: bool, complaint: impl FnOnce() -> String) {
        if !ok {
            self.0.push(complaint());
        }
    }

    /// Complains unless the two are equal.
    fn equal<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, expected: &T, got: &T) {
        if expected != got {
            self.0.push(format!("{what}: expected {expected:?}, got {got:?}"));
        }
    }

    fn result(self) -> Result<(), Failed> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0.join("\n").into()) }
    }
}

/// A harness that finds nothing to run would always be content.
fn discovery(complaints: &mut Complaints) {
    let cases = case::all();
    complaints.check(!cases.is_empty(), || "no case.toml was found below testcases/".to_owned());
    let rules = kraftlint::rules::code::META.len();
    complaints.equal("pages below rules/", &rules, &page::all().len());
    for snapshot in case::files_named(&case::root().join("testcases"), "expected.snap") {
        let toml = snapshot.with_file_name("case.toml");
        complaints.check(toml.is_file(), || format!("{}: no case.toml beside it", snapshot.display()));
    }
}
