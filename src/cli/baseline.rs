//! `kraftlint baseline`: writes down the findings of today.

use std::path::Path;

use super::args::{BaselineArgs, BaselineCommand};
use super::{Failure, Outcome, check, note, read, write};
use crate::diagnostic::Baseline;

/// The file when nobody names one.
const NAME: &str = "kraftlint-baseline.json";

pub(super) fn run(command: &BaselineCommand) -> Result<Outcome, Failure> {
    let (BaselineCommand::Create(args) | BaselineCommand::Update(args) | BaselineCommand::Prune(args)) =
        command;
    let input = read::input(&args.reading, &args.rules)?;
    let path = path(args, &input);
    let before = match command {
        BaselineCommand::Create(_) if Path::new(path).exists() => {
            return Err(Failure(format!("{path} exists; `kraftlint baseline update` makes it anew")));
        }
        BaselineCommand::Create(_) => Baseline::default(),
        _ => read::baseline(path)?,
    };
    let report = input.lint();
    // A wrong folder must not empty a baseline.
    if report.nothing_found() {
        check::nothing_found(&input, &report);
        return Ok(Outcome::NothingFound);
    }
    let settings = &input.settings;
    let found = Baseline::of(&report.diagnostics, &report.sources, &settings.home);
    let folders: Vec<String> = input
        .roots
        .iter()
        .map(|root| settings.home.path(&crate::source::path::normalise(root)).into_owned())
        .collect();
    let mut after = before.pruned(&found, &folders);
    if !matches!(command, BaselineCommand::Prune(_)) {
        after.extend(found);
    }
    write::files(&[(path, after.text().as_bytes())])?;
    let (added, removed) = (after.more_than(&before), before.more_than(&after));
    note(&format!("{path}: {} known findings ({added} added, {removed} removed)", after.len()));
    if input.baseline_file.is_none() {
        note(&format!("Name it with `--baseline {path}`, or in kraftlint.toml: baseline = \"{path}\""));
    }
    Ok(Outcome::Clean)
}

fn path<'a>(args: &'a BaselineArgs, input: &'a read::Input) -> &'a str {
    args.baseline.as_deref().or(input.baseline_file.as_deref()).unwrap_or(NAME)
}
