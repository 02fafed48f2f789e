//! Whole compose projects: what the real compose-go said of them, recorded (see `oracle/compose/README.md`).

use libtest_mimic::Trial;
use serde_json::Value;

use super::{Complaints, projects, trial};

const ANSWERS: &str = include_str!("../oracle/compose.jsonl");

pub(super) fn trials() -> Vec<Trial> {
    let answers = ANSWERS.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let one = |answer: Value| {
        let name = answer["in"]["name"].as_str().expect("every project has a name").to_owned();
        trial(format!("compose::{name}"), move |c| agrees(&answer, c))
    };
    let mut trials: Vec<Trial> = answers.map(one).collect();
    let count = trials.len();
    trials.push(trial("compose::there are projects", move |c| {
        c.check(count > 150, || format!("only {count} projects were recorded"));
    }));
    trials
}

fn agrees(answer: &Value, complaints: &mut Complaints) {
    for difference in projects::differences(answer) {
        complaints.add(difference);
    }
}
