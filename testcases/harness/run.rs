//! Runs the built program and `lint()`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use kraftlint::output::{self, Format, Options};
use kraftlint::report::Report;

/// What the program said.
pub(super) struct Ran {
    pub(super) out: String,
    pub(super) err: String,
    /// -1 when a signal ended it.
    pub(super) code: i32,
}

/// The program in `folder`, untouched by the environment of whoever runs the tests.
pub(super) fn command(folder: &Path) -> assert_cmd::Command {
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_kraftlint"));
    command.current_dir(folder).timeout(Duration::from_secs(60));
    for variable in
        ["COLUMNS", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "LC_ALL", "LC_CTYPE", "LANG"]
    {
        command.env_remove(variable);
    }
    // Nobody's global ignore file.
    command.env("HOME", temporary()).env("XDG_CONFIG_HOME", temporary());
    command
}

/// A folder for files that tests write.
pub(super) fn temporary() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    // The nearest settings file counts: this one hides those above.
    let settings = folder.join("kraftlint.toml");
    if !settings.exists() {
        std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&settings, "")).unwrap();
    }
    folder
}

/// Runs the program in `folder`.
pub(super) fn run<S: AsRef<str>>(folder: &Path, args: &[S]) -> Ran {
    let output = command(folder).args(args.iter().map(AsRef::as_ref)).output().unwrap();
    Ran {
        out: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        err: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        code: output.status.code().unwrap_or(-1),
    }
}

/// Every format, by its name on the command line.
pub(super) const FORMATS: [(&str, Format); 10] = [
    ("full", Format::Full),
    ("concise", Format::Concise),
    ("json", Format::Json),
    ("sarif", Format::Sarif),
    ("github", Format::Github),
    ("gitlab", Format::Gitlab),
    ("junit", Format::Junit),
    ("checkstyle", Format::Checkstyle),
    ("rdjson", Format::Rdjson),
    ("markdown", Format::Markdown),
];

/// The report in one of its formats.
pub(super) fn render(report: &Report, format: Format) -> String {
    let mut out = Vec::new();
    output::write(report, format, &Options::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The report in every form in which it can leave the program.
pub(super) fn render_all(report: &Report) -> Vec<(&'static str, String)> {
    let show = |all| {
        let mut json = Vec::new();
        output::show_json(report, all, &mut json).unwrap();
        let mut text = Vec::new();
        output::show::write(report, all, &Options::default(), &mut text).unwrap();
        String::from_utf8(json).unwrap() + &String::from_utf8(text).unwrap()
    };
    let narrow = Options { color: true, unicode: true, width: 40 };
    let mut colored = Vec::new();
    output::write(report, Format::Full, &narrow, &mut colored).unwrap();
    let mut all: Vec<_> = FORMATS.iter().map(|(name, format)| (*name, render(report, *format))).collect();
    all.extend([
        ("full, coloured and narrow", String::from_utf8(colored).unwrap()),
        ("summary", output::summary(report)),
        ("show", show(false)),
        ("show --all", show(true)),
    ]);
    all
}
