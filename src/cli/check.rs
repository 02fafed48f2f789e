//! `kraftlint check` and `kraftlint show`: read, lint, write.

use std::io::{self, IsTerminal as _};

use super::args::{Check, Color, FormatName, Show, ShowFormat};
use super::{Failure, Outcome, note, read, write};
use crate::output::{self, Options};
use crate::report::Report;
use crate::settings::NodeSettings;
use crate::source::DiskFiles;
use crate::{fix, lint};

/// Mending may uncover more to mend. No real file needs more rounds.
const ROUNDS: usize = 8;

/// Columns of a reader whose screen is not known.
const WIDTH: usize = 100;

pub(super) fn run(args: &Check) -> Result<Outcome, Failure> {
    let input = read::input(&args.reading, &args.select, &args.ignore, args.fail_on)?;
    let mut report = input.lint();
    let mut fixed = 0;
    if args.diff {
        write::stdout(fix::diff(&report, &fix::plan(&report, args.unsafe_fixes)).as_bytes())?;
    } else if args.fix {
        (report, fixed) = mend(report, &input, args.unsafe_fixes)?;
    }
    if !args.diff {
        let to_file = args.output_file.is_some();
        let color = if to_file { args.color == Color::Always } else { args.color.wanted() };
        let mut text = Vec::new();
        output::write(&report, args.format.format(), &options(color, to_file), &mut text)
            .map_err(|e| Failure(format!("cannot write the findings: {e}")))?;
        match &args.output_file {
            Some(path) => write::file(path, &text)?,
            None => write::stdout(&text)?,
        }
    }
    if args.show_files {
        for file in &report.files {
            let used = if file.used { "" } else { "not used: " };
            note(&output::plain(&format!("{}: {used}{}", file.path, file.what)));
        }
    }
    let nothing = report.nothing_found() && !args.allow_empty;
    // A reader of JSON has the summary in it.
    if !args.quiet && !nothing && (args.format != FormatName::Json || args.diff) {
        if args.fix {
            let skipped = fix::plan(&report, true).applied;
            let more =
                if skipped > 0 && !args.unsafe_fixes { "; --unsafe-fixes would mend more" } else { "" };
            note(&format!("Fixed {fixed} finding{}{more}", if fixed == 1 { "" } else { "s" }));
        }
        note(&output::summary(&report));
    }
    if nothing {
        nothing_found(&input);
        return Ok(Outcome::NothingFound);
    }
    let fails =
        input.settings.fail_on.is_some_and(|least| report.diagnostics.iter().any(|d| d.severity >= least));
    // The process ends: nobody needs the memory again.
    std::mem::forget(report);
    Ok(if fails { Outcome::Findings } else { Outcome::Clean })
}

fn nothing_found(input: &read::Input) {
    note(&format!("kraftlint: no Kafka configuration found in {}", output::plain(&input.roots.join(", "))));
}

pub(super) fn show(args: &Show) -> Result<Outcome, Failure> {
    let mut input = read::input(&args.reading, &[], &[], None)?;
    input.settings.node_settings = if args.all { NodeSettings::All } else { NodeSettings::Set };
    let report = input.lint();
    let mut text = Vec::new();
    match args.format {
        ShowFormat::Json => output::show_json(&report, args.all, &mut text),
        ShowFormat::Text => {
            output::show::write(&report, args.all, &options(args.color.wanted(), false), &mut text)
        }
    }
    .map_err(|e| Failure(format!("cannot write the output: {e}")))?;
    write::stdout(&text)?;
    if report.node_count() + report.client_count() == 0 {
        nothing_found(&input);
        return Ok(Outcome::NothingFound);
    }
    Ok(Outcome::Clean)
}

impl read::Input {
    /// Reads everything anew.
    fn lint(&self) -> Report {
        let files = DiskFiles::below(&self.allowed);
        lint(&files, &self.roots, &self.settings)
    }
}

/// Applies fixes until none is left that can be. Gives what remains and how many findings were mended.
fn mend(mut report: Report, input: &read::Input, allow_unsafe: bool) -> Result<(Report, usize), Failure> {
    let mut fixed = 0;
    for _ in 0..ROUNDS {
        let plan = fix::plan(&report, allow_unsafe);
        if plan.applied == 0 {
            break;
        }
        for (id, edits) in &plan.files {
            let file = report.sources.file(*id);
            let new = fix::apply(file, edits);
            if new != file.bytes() {
                write::replace(file.name(), file.bytes(), &new)?;
            }
        }
        fixed += plan.applied;
        report = input.lint();
    }
    Ok((report, fixed))
}

/// What the reader of standard output can see.
fn options(color: bool, to_file: bool) -> Options {
    let terminal = !to_file && io::stdout().is_terminal();
    let width = if terminal { terminal_width() } else { WIDTH };
    Options { color, unicode: terminal && draws_unicode(), width }
}

fn terminal_width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    let asked = || terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
    // Beyond this a line is hard to follow.
    columns.or_else(asked).filter(|w| *w > 0).unwrap_or(WIDTH).min(160)
}

/// A terminal that was told to be plain is not given lines to draw.
fn draws_unicode() -> bool {
    let variable = |name| std::env::var(name).ok().filter(|v: &String| !v.is_empty());
    let locale = variable("LC_ALL").or_else(|| variable("LC_CTYPE")).or_else(|| variable("LANG"));
    let plain = locale.is_some_and(|l| matches!(l.as_str(), "C" | "POSIX"));
    !plain && variable("TERM").is_none_or(|t| t != "dumb")
}
