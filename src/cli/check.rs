//! `kraftlint check` and `kraftlint show`: read, lint, write.

use std::io::{self, IsTerminal as _};

use super::args::{Check, Color, FormatName, RuleArgs, Show, ShowFormat};
use super::progress::Progress;
use super::read::Input;
use super::{Failure, Outcome, add_ignore, note, read, write};
use crate::compose;
use crate::fix;
use crate::output::{self, Format, Options};
use crate::report::Report;
use crate::settings::NodeSettings;
use crate::source::Sources;

/// Mending may uncover more to mend. No real file needs more rounds.
const ROUNDS: usize = 8;

/// Columns of a reader whose screen is not known.
const WIDTH: usize = 100;

pub(super) fn run(args: &Check) -> Result<Outcome, Failure> {
    let mut input = read::input(&args.reading, &args.rules)?;
    if let Some(path) = args.baseline.as_ref().or(input.baseline_file.as_ref()) {
        input.known.baseline = Some(read::baseline(path)?);
    }
    let progress = Progress::start(&input.reads, args.quiet);
    if let Some(revision) = &args.since {
        input.since(revision)?;
    }
    let mut report = input.lint();
    drop(progress);
    let mut fixed = 0;
    if args.diff {
        write::stdout(fix::diff(&report, &fix::plan(&report, args.unsafe_fixes)).as_bytes())?;
    } else if args.fix {
        (report, fixed) = mend(report, &input, args.unsafe_fixes)?;
    } else if let Some(reason) = &args.add_ignore {
        report = add_ignore::run(report, &input, reason)?;
    }
    if !args.diff {
        tell(args, &report)?;
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
        nothing_found(&input, &report);
        return Ok(Outcome::NothingFound);
    }
    let fails =
        input.settings.fail_on.is_some_and(|least| report.diagnostics.iter().any(|d| d.severity >= least));
    // The process ends: nobody needs the memory again.
    std::mem::forget(report);
    Ok(if fails { Outcome::Findings } else { Outcome::Clean })
}

/// Writes the findings wherever they are wanted. The files come first: if one cannot be written, nothing is.
fn tell(args: &Check, report: &Report) -> Result<(), Failure> {
    let render = |format: Option<Format>, to_file: bool| {
        let color = if to_file { args.color == Color::Always } else { args.color.wanted() };
        let mut text = Vec::new();
        match format {
            Some(format) => output::write(report, format, &options(color, to_file), &mut text),
            None => output::statistics(report, color, &mut text),
        }
        .map_err(|e| Failure(format!("cannot write the findings: {e}")))?;
        Ok(text)
    };
    let format = (!args.statistics).then(|| args.format.format());
    let main = render(format, args.output_file.is_some())?;
    let mut texts = Vec::new();
    for (format, path) in &args.output {
        texts.push((path.as_str(), render(Some(format.format()), true)?));
    }
    let mut files: Vec<(&str, &[u8])> = texts.iter().map(|(path, text)| (*path, text.as_slice())).collect();
    files.extend(args.output_file.as_deref().map(|path| (path, main.as_slice())));
    write::files(&files)?;
    if args.output_file.is_none() { write::stdout(&main) } else { Ok(()) }
}

/// Says that nothing was found, and why that may be.
pub(super) fn nothing_found(input: &Input, report: &Report) {
    let place = input.roots.join(", ");
    let why = match report.files.as_slice() {
        [] => "no file there is named like a compose file, a property file or a script (what ignore files leave out is not \
               looked at)"
            .to_owned(),
        [one] => format!("{} was looked at ({}), no Kafka server or client is in it", one.path, one.what),
        [first, ..] => format!(
            "{} files were looked at, such as {} ({}), no Kafka server or client is in them; --show-files lists them",
            report.files.len(),
            first.path,
            first.what
        ),
    };
    note(&output::plain(&format!("kraftlint: no Kafka configuration found in {place}: {why}")));
}

/// `kraftlint show --compose`: exit code 1 when Compose refuses the project.
fn show_compose(args: &Show, input: &Input) -> Result<Outcome, Failure> {
    let [at] = input.roots.as_slice() else {
        return Err(Failure("--compose shows one project; name one PATH".to_owned()));
    };
    let (mut sources, disk) = (Sources::default(), input.disk());
    let Some(resolved) = compose::resolve(&disk, &mut sources, at, &input.settings.compose) else {
        note(&output::plain(&format!("kraftlint: no compose file in {at} or above it")));
        return Ok(Outcome::NothingFound);
    };
    let (mut text, home) = (Vec::new(), &input.settings.home);
    match args.format {
        ShowFormat::Json => output::compose::json(&resolved, &sources, home, &mut text),
        ShowFormat::Text => output::compose::text(&resolved, &sources, home, &mut text),
    }
    .map_err(|e| Failure(format!("cannot write the output: {e}")))?;
    write::stdout(&text)?;
    Ok(if resolved.refused.is_some() { Outcome::Findings } else { Outcome::Clean })
}

pub(super) fn show(args: &Show) -> Result<Outcome, Failure> {
    let mut input = read::input(&args.reading, &RuleArgs::default())?;
    if args.compose {
        return show_compose(args, &input);
    }
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
        nothing_found(&input, &report);
        return Ok(Outcome::NothingFound);
    }
    Ok(Outcome::Clean)
}

/// Applies fixes until none is left that can be. Gives what remains and how many findings were mended.
fn mend(mut report: Report, input: &Input, allow_unsafe: bool) -> Result<(Report, usize), Failure> {
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
pub(super) fn options(color: bool, to_file: bool) -> Options {
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
