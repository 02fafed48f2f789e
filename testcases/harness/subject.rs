//! What there is to lint: every case and every example of a page, in memory.

use std::sync::Arc;

use kraftlint::report::Report;
use kraftlint::settings::Settings;
use kraftlint::source::{Files, MemoryFiles};

use super::case::{self, Case};
use super::page::Page;

/// A folder in memory, and how to look at it.
#[derive(Clone)]
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) files: Arc<MemoryFiles>,
    pub(super) settings: Settings,
    pub(super) roots: Vec<String>,
}

impl Subject {
    pub(super) fn lint(&self) -> Report {
        self.lint_files(&*self.files)
    }

    pub(super) fn lint_files(&self, files: &dyn Files) -> Report {
        kraftlint::lint(files, &self.roots, &self.settings)
    }
}

/// Every case, but those with links, and every example.
pub(super) fn all(cases: &[Case], pages: &[Page]) -> Vec<Subject> {
    let mut subjects = Vec::new();
    let mut add = |name: String, files: MemoryFiles, args: &[String]| {
        let (settings, roots) = case::settings(args);
        subjects.push(Subject { name, files: Arc::new(files), settings, roots });
    };
    for case in cases {
        if let Some(files) = case.files() {
            add(case.name.clone(), files, &case.args);
        }
    }
    for page in pages {
        for (i, example) in page.examples.iter().enumerate().filter(|(_, e)| e.case.is_none()) {
            add(format!("{}#{i} {}", page.code(), example.heading), example.files.clone(), &example.args);
        }
    }
    subjects
}
