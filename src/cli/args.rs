//! What can be said on the command line. The comments are the help text.

use std::io;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use crate::diagnostic::Severity;
use crate::output::Format;

/// Finds what will go wrong in an Apache Kafka cluster in KRaft mode, before anything starts.
/// Reads compose files, .env, properties and scripts below each PATH, works out what every node will run with, and
/// points at what does not fit together.
#[derive(Debug, Parser)]
#[command(
    name = "kraftlint",
    version,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "Exit code: 0 nothing at or above --fail-on, 1 findings, 2 could not do the job, 3 no Kafka \
                  configuration found."
)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) check: Check,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check files and folders (the default)
    Check(Box<Check>),
    /// Show the clusters, their nodes and what each node runs with
    Show(Box<Show>),
    /// Write down the findings of today, so that only new ones are told
    #[command(subcommand)]
    Baseline(Box<BaselineCommand>),
    /// Write a commented kraftlint.toml that fits the folder
    Init(Init),
    /// Explain a rule or a key of Kafka
    Explain(Box<Explain>),
    /// Tell what the files would lose and gain with another release of Kafka
    Upgrade(Box<Upgrade>),
    /// List all rules
    Rules(List),
    /// Print a script that completes kraftlint's arguments in a shell
    Completions(Completions),
    /// Print the manual page, in roff
    Man(Man),
}

#[derive(Debug, ClapArgs)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) reading: Reading,
    #[command(flatten)]
    pub(super) rules: RuleArgs,

    /// Leave out the findings that FILE knows; see `kraftlint baseline`
    #[arg(long, value_name = "FILE", help_heading = "Known findings")]
    pub(super) baseline: Option<String>,
    /// Only findings that were not there at this git revision
    #[arg(long, value_name = "REV", help_heading = "Known findings")]
    pub(super) since: Option<String>,
    /// Write a comment beside each finding that ignores it from now on
    #[arg(
        long,
        value_name = "REASON",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        conflicts_with_all = ["fix", "diff"],
        help_heading = "Known findings"
    )]
    pub(super) add_ignore: Option<String>,

    /// Mend what can be mended safely
    #[arg(long, group = "mending", help_heading = "Fixes")]
    pub(super) fix: bool,
    /// Mend also what changes how the cluster behaves (with --fix or --diff)
    #[arg(long, requires = "mending", help_heading = "Fixes")]
    pub(super) unsafe_fixes: bool,
    /// Show what --fix would change, and change nothing
    #[arg(long, group = "mending", help_heading = "Fixes")]
    pub(super) diff: bool,

    /// How to print findings
    #[arg(long, value_enum, default_value_t = FormatName::Full, help_heading = "Output")]
    pub(super) format: FormatName,
    /// Write the findings to FILE instead of standard output
    #[arg(short = 'o', long, value_name = "FILE", conflicts_with = "diff", help_heading = "Output")]
    pub(super) output_file: Option<String>,
    /// Write the findings also to FILE, in another format (may be repeated)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output, conflicts_with = "diff", help_heading = "Output")]
    pub(super) output: Vec<(FormatName, String)>,
    /// Count the findings of each rule instead of telling them
    #[arg(long, conflicts_with_all = ["diff", "format"], help_heading = "Output")]
    pub(super) statistics: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN", help_heading = "Output")]
    pub(super) color: Color,
    /// Do not print the summary
    #[arg(short, long, help_heading = "Output")]
    pub(super) quiet: bool,
    /// List every file that was seen and what became of it
    #[arg(long, help_heading = "Output")]
    pub(super) show_files: bool,
    /// Exit with 0 when there is no Kafka configuration
    #[arg(long, help_heading = "Output")]
    pub(super) allow_empty: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Show {
    #[command(flatten)]
    pub(super) reading: Reading,

    /// How to print
    #[arg(long, value_enum, default_value_t = ShowFormat::Text, help_heading = "Output")]
    pub(super) format: ShowFormat,
    /// List Kafka's own defaults too
    #[arg(long, conflicts_with = "compose", help_heading = "Output")]
    pub(super) all: bool,
    /// Show what Compose makes of PATH: this very compose file, or what it finds in that folder
    #[arg(long, help_heading = "Output")]
    pub(super) compose: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN", help_heading = "Output")]
    pub(super) color: Color,
}

#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Make the baseline from the findings of today
    Create(BaselineArgs),
    /// Make it anew: new findings come in, those that are gone leave
    Update(BaselineArgs),
    /// Take out the findings that are gone
    Prune(BaselineArgs),
}

#[derive(Debug, ClapArgs)]
pub(super) struct BaselineArgs {
    #[command(flatten)]
    pub(super) reading: Reading,
    #[command(flatten)]
    pub(super) rules: RuleArgs,

    /// The baseline [default: what kraftlint.toml names, else kraftlint-baseline.json]
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(super) baseline: Option<String>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Completions {
    /// For which shell
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Man {
    /// Of this command alone: show, baseline create
    pub(super) command: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Init {
    /// The folder
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) folder: String,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Explain {
    /// A rule, by code or name: KL101, duplicate-node-id; or a key: log.dirs, KAFKA_LOG_DIRS
    #[arg(value_name = "RULE|KEY")]
    pub(super) what: String,
    #[command(flatten)]
    pub(super) reading: Reading,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN", help_heading = "Output")]
    pub(super) color: Color,
}

#[derive(Debug, ClapArgs)]
pub(super) struct Upgrade {
    /// The release to go to: 4.0, 4.0.1
    #[arg(long, value_name = "V")]
    pub(super) to: String,
    #[command(flatten)]
    pub(super) reading: Reading,

    /// How to print
    #[arg(long, value_enum, default_value_t = ShowFormat::Text, help_heading = "Output")]
    pub(super) format: ShowFormat,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN", help_heading = "Output")]
    pub(super) color: Color,
}

#[derive(Debug, ClapArgs)]
pub(super) struct List {
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(super) color: Color,
}

/// Which rules are asked, and how strictly.
#[derive(Debug, Default, ClapArgs)]
pub(super) struct RuleArgs {
    /// Only these rules: code, name or prefix (KL1), separated by commas
    #[arg(long, value_name = "RULES", value_delimiter = ',', help_heading = "Rules")]
    pub(super) select: Vec<String>,
    /// These rules too
    #[arg(long, value_name = "RULES", value_delimiter = ',', help_heading = "Rules")]
    pub(super) extend_select: Vec<String>,
    /// Not these rules
    #[arg(long, value_name = "RULES", value_delimiter = ',', help_heading = "Rules")]
    pub(super) ignore: Vec<String>,
    /// Exit with 1 from this severity on [default: warning]
    #[arg(long, value_name = "SEVERITY", help_heading = "Rules")]
    pub(super) fail_on: Option<FailOn>,
    /// What could not be seen (KL903) is an error
    #[arg(long, help_heading = "Rules")]
    pub(super) strict: bool,
    /// A comment that ignores a finding must say why
    #[arg(long, help_heading = "Rules")]
    pub(super) require_reason: bool,
}

/// What is read, and how.
#[derive(Debug, Default, ClapArgs)]
pub(super) struct Reading {
    /// Files and folders [default: .]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<String>,

    /// Compose file of the one project to read (may be repeated; later ones override)
    #[arg(short, long, value_name = "FILE", help_heading = "Input")]
    pub(super) file: Vec<String>,
    /// Only services of this Compose profile and of none; * is all
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub(super) compose_profile: Vec<String>,
    /// Read variables from FILE instead of .env
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(super) env_file: Vec<String>,
    /// Set a variable, before every .env
    #[arg(long, value_name = "K=V", value_parser = variable, help_heading = "Input")]
    pub(super) env: Vec<(String, String)>,
    /// The Kafka releases that run: 3.9, 4.0.1, 3.7..4.1
    #[arg(long, value_name = "V|V1..V2", help_heading = "Input")]
    pub(super) kafka_version: Option<String>,
    /// All nodes belong to one cluster, and all its nodes are here
    #[arg(long, help_heading = "Input")]
    pub(super) one_cluster: bool,
    /// What the cluster is for
    #[arg(long, value_enum, help_heading = "Input")]
    pub(super) deployment: Option<Deployment>,
    /// Settings file [default: kraftlint.toml in the folder of the first PATH or above it]
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(super) config: Option<String>,
    /// Read no settings file
    #[arg(long, conflicts_with = "config", help_heading = "Input")]
    pub(super) isolated: bool,
}

fn output(text: &str) -> Result<(FormatName, String), String> {
    match text.split_once('=') {
        Some((format, file)) if !file.is_empty() => match FormatName::from_str(format, false) {
            Ok(format) => Ok((format, file.to_owned())),
            Err(_) => {
                let formats = FormatName::value_variants().iter().filter_map(ValueEnum::to_possible_value);
                let names: Vec<String> = formats.map(|f| f.get_name().to_owned()).collect();
                Err(format!("there is no format `{format}`, only {}", names.join(", ")))
            }
        },
        _ => Err("it must be FORMAT=FILE".to_owned()),
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("it must be NAME=VALUE".to_owned()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatName {
    Full,
    Concise,
    Json,
    Sarif,
    Github,
    Gitlab,
    Junit,
    Checkstyle,
    Rdjson,
    Markdown,
}

impl FormatName {
    pub(super) fn format(self) -> Format {
        match self {
            FormatName::Full => Format::Full,
            FormatName::Concise => Format::Concise,
            FormatName::Json => Format::Json,
            FormatName::Sarif => Format::Sarif,
            FormatName::Github => Format::Github,
            FormatName::Gitlab => Format::Gitlab,
            FormatName::Junit => Format::Junit,
            FormatName::Checkstyle => Format::Checkstyle,
            FormatName::Rdjson => Format::Rdjson,
            FormatName::Markdown => Format::Markdown,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ShowFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Decided by standard output, which is where the colours would go.
    pub(super) fn wanted(self) -> bool {
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    Error,
    Warning,
    Info,
    Never,
}

impl FailOn {
    pub(super) fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Error => Some(Severity::Error),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Info => Some(Severity::Info),
            FailOn::Never => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Deployment {
    Dev,
    Prod,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_holds() {
        Args::command().debug_assert();
    }

    #[test]
    fn check_is_the_default() {
        let args = Args::try_parse_from(["kraftlint", "a", "./show", "--ignore", "KL1,KL2"]).unwrap();
        assert!(args.command.is_none());
        assert_eq!(args.check.reading.paths, ["a", "./show"]);
        assert_eq!(args.check.rules.ignore, ["KL1", "KL2"]);
        let args = Args::try_parse_from(["kraftlint", "show", "--all", "dir"]).unwrap();
        assert!(matches!(args.command, Some(Command::Show(s)) if s.all && s.reading.paths == ["dir"]));
    }
}
