//! The same folder gives the same bytes, whatever the order in which its files are found, and whoever asks.

use std::thread;

use kraftlint::source::{Candidate, Files, Kind, MemoryFiles, ReadError};
use libtest_mimic::Trial;

use super::subject::Subject;
use super::{run, trial};

/// Finds the same files in another order.
pub(super) struct Shuffled<'f> {
    pub(super) files: &'f MemoryFiles,
    pub(super) seed: u64,
}

impl Files for Shuffled<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.files.read(path)
    }

    fn kind(&self, path: &str) -> Kind {
        self.files.kind(path)
    }

    fn discover(&self, root: &str) -> (Vec<Candidate>, Vec<(String, ReadError)>) {
        let (mut found, failed) = self.files.discover(root);
        // Zero turns the order round; another seed mixes it.
        found.reverse();
        let mut state = self.seed;
        for i in (1..found.len()).rev().filter(|_| self.seed > 0) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            found.swap(i, usize::try_from(state >> 33).unwrap_or(0) % (i + 1));
        }
        (found, failed)
    }
}

pub(super) fn trials(subjects: &[Subject]) -> Vec<Trial> {
    let one = |subject: &Subject| {
        let subject = subject.clone();
        trial(format!("order::{}", subject.name), move |complaints| {
            let first = run::render_all(&subject.lint());
            let mut same = |how: &str, again: Vec<(&str, String)>| {
                for ((format, expected), (_, got)) in first.iter().zip(&again) {
                    complaints.check(expected == got, || {
                        let differ = expected.lines().zip(got.lines()).find(|(a, b)| a != b);
                        format!("{format} differs {how}: {differ:?}")
                    });
                }
            };
            same("the second time", run::render_all(&subject.lint()));
            let elsewhere = thread::scope(|s| s.spawn(|| run::render_all(&subject.lint())).join());
            same("in another thread", elsewhere.expect("no panic"));
            for seed in 0..4 {
                let shuffled = Shuffled { files: &subject.files, seed };
                same(
                    &format!("in another order (seed {seed})"),
                    run::render_all(&subject.lint_files(&shuffled)),
                );
            }
        })
    };
    subjects.iter().map(one).collect()
}
