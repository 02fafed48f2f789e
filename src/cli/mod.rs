//! The command line: arguments in, exit code out. Here alone the program writes, and asks what the terminal can do.
//!
//! 0 nothing at or above `--fail-on`; 1 findings; 2 the job could not be done; 3 no Kafka configuration found. What
//! goes wrong is one line on standard error. Not for judging anything: that is [`crate::lint`]'s.

mod add_ignore;
mod args;
mod baseline;
mod check;
mod config;
mod explain;
mod init;
mod progress;
mod read;
mod upgrade;
mod write;

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser as _};

use crate::diagnostic::Code;
use crate::output::{self, rules};
use args::{Args, Color, Command};

/// Why the job could not be done, in one line without its end.
#[derive(Debug)]
struct Failure(String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&output::plain(&self.0))
    }
}

/// What a command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Clean,
    Findings,
    NothingFound,
}

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(e) if matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            return match e.print() {
                Err(e) if e.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(2),
                _ => ExitCode::SUCCESS,
            };
        }
        Err(e) => return fail(&Failure(argument_error(&e.render().to_string()))),
    };
    match run(args) {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::NothingFound) => ExitCode::from(3),
        Err(failure) => fail(&failure),
    }
}

fn fail(failure: &Failure) -> ExitCode {
    note(&format!("kraftlint: {failure}"));
    ExitCode::from(2)
}

/// One line on standard error. If that is closed, nobody wants to know.
fn note(line: &str) {
    _ = writeln!(io::stderr(), "{line}");
}

/// What clap says in a paragraph, as one line.
fn argument_error(text: &str) -> String {
    let mut lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
    let mut out = lines.next().unwrap_or("").trim_start_matches("error: ").to_owned();
    for line in lines.take_while(|l| !l.starts_with("Usage:") && !l.starts_with("For more")) {
        out.push_str(if line.starts_with("tip:") || line.starts_with('[') { "; " } else { " " });
        out.push_str(line.trim_start_matches("tip: "));
    }
    out
}

fn run(args: Args) -> Result<Outcome, Failure> {
    match args.command {
        None => check::run(&args.check),
        Some(Command::Check(check)) => check::run(&check),
        Some(Command::Show(show)) => check::show(&show),
        Some(Command::Baseline(command)) => baseline::run(&command),
        Some(Command::Init(args)) => init::run(&args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::Upgrade(args)) => upgrade::run(&args),
        Some(Command::Rules(list)) => print(list.color, rules::table),
        Some(Command::Completions(args)) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Args::command(), "kraftlint", &mut script);
            write::stdout(&script)?;
            Ok(Outcome::Clean)
        }
        Some(Command::Man(man)) => {
            let command = manual(&man.command)?;
            print(Color::Never, |_, out| clap_mangen::Man::new(command).render(out))
        }
    }
}

/// Lets `write` fill standard output.
fn print(
    color: Color,
    write: impl FnOnce(bool, &mut dyn io::Write) -> io::Result<()>,
) -> Result<Outcome, Failure> {
    let mut text = Vec::new();
    write(color.wanted(), &mut text).map_err(|e| Failure(format!("cannot write the output: {e}")))?;
    self::write::stdout(&text)?;
    Ok(Outcome::Clean)
}

/// The command whose manual page is wanted; kraftlint itself without a name.
fn manual(names: &[String]) -> Result<clap::Command, Failure> {
    let mut command = Args::command();
    command.build();
    for name in names {
        let Some(inner) = command.find_subcommand(name) else {
            return Err(Failure(format!("there is no command `{}`", names.join(" "))));
        };
        command = inner.clone();
    }
    Ok(command)
}

/// `, did you mean …?` for the rule that is called most like `name`.
fn nearest_rule(name: &str) -> String {
    match Code::nearest(name) {
        Some(near) => format!(", did you mean `{near}`?"),
        None => "; `kraftlint rules` lists them".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_fail_in_one_line() {
        let line = |args: &[&str]| match Args::try_parse_from(args) {
            Err(e) => argument_error(&e.render().to_string()),
            Ok(_) => String::new(),
        };
        assert!(!line(&["kraftlint", "--formt", "json"]).contains('\n'));
        assert!(line(&["kraftlint", "--format", "jsn"]).starts_with("invalid value 'jsn' for '--format"));
        assert_eq!(line(&["kraftlint", "--unsafe-fixes"]).lines().count(), 1);
    }
}
