//! Every place that is pointed at lies inside its file, on borders of characters, and is told right.

use kraftlint::output::Format;
use libtest_mimic::Trial;

use super::subject::Subject;
use super::view::{self, View};
use super::{run, trial};

pub(super) fn trials(subjects: &[Subject]) -> Vec<Trial> {
    let one = |subject: &Subject| {
        let subject = subject.clone();
        trial(format!("spans::{}", subject.name), move |complaints| {
            let report = subject.lint();
            let json = View::parse(&run::render(&report, Format::Json)).expect("JSON");
            complaints.equal("findings in JSON", &report.diagnostics.len(), &json.diagnostics().len());
            view::spans(&report, &json, complaints);
        })
    };
    subjects.iter().map(one).collect()
}
