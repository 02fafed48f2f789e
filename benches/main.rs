//! How much more than reading and parsing does kraftlint cost? `cargo bench` prints one table of it.
//!
//! Each row compares whole processes over the same files, in turns: `kraftlint --format concise` with a bare parse, which
//! reads the files and drains the events of the same YAML parser in one thread (this program, run again). `loading` is what of
//! it the compose projects cost: files found, read, parsed, merged and interpolated (this program once more), and `/parse` is
//! that as a multiple of the bare parse. Time is user + system time of all threads, the median of some warm runs; memory is the largest resident set.
//! A ratio is the median of those of each turn, in which both ran one right after the other: where a processor changes its pace now and
//! then, two medians may be of two paces.
//!
//! It says what is, and never fails for being slow: machines differ, and ratios wobble by some per cent. Not for what a
//! part of kraftlint costs: run `perf record --call-graph dwarf` over the folders named below the table.

#![allow(clippy::indexing_slicing, clippy::print_stdout)]

mod inputs;

use std::error::Error;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, io, mem};

use kraftlint::compose::{self, Options};
use kraftlint::source::{DiskFiles, Files as _, Role, Sources};
use kraftlint::yaml;
use wait4::Wait4 as _;

/// As the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How often each process runs, after one run that only warms up.
const RUNS: usize = 21;

/// With this argument the program is the bare parser.
const PARSE: &str = "--bare-parse";

/// With this one it loads the projects.
const LOAD: &str = "--load";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [PARSE, folder] => Ok(bare_parse(Path::new(folder))?),
        [LOAD, folder] => Ok(load(folder)?),
        // Only `cargo bench` gives this; `cargo test --all-targets` does not, and must not wait for it.
        arguments if arguments.contains(&"--bench") => compare(),
        _ => Ok(()),
    }
}

/// Parses every YAML file below `folder` and does nothing with it.
fn bare_parse(folder: &Path) -> io::Result<()> {
    each_yaml(folder, &mut |path| {
        let events = yaml::count_events(&fs::read_to_string(path)?);
        black_box(events).map(|_| ()).ok_or_else(|| io::Error::other("no YAML"))
    })
}

/// Reads every compose project below `folder` and does nothing with it.
fn load(folder: &str) -> io::Result<()> {
    let roots = [folder.to_owned()];
    let files = DiskFiles::below(&roots);
    let mut sources = Sources::default();
    let mut candidates = Vec::new();
    for candidate in files.discover(folder).0.into_iter().filter(|c| c.role == Role::Yaml) {
        let bytes = files.read(&candidate.path).map_err(|e| io::Error::other(e.to_string()))?;
        candidates.push((sources.add(&candidate.path, bytes), candidate.named));
    }
    let projects = black_box(compose::projects(&files, &mut sources, &candidates, &Options::default()));
    // What was read is kept until the process ends, as in the program.
    mem::forget((projects, sources));
    Ok(())
}

/// Does `what` for every YAML file below `folder`.
fn each_yaml(folder: &Path, what: &mut dyn FnMut(&Path) -> io::Result<()>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            each_yaml(&path, what)?;
        } else if path.extension().is_some_and(|e| e == "yml" || e == "yaml") {
            what(&path)?;
        }
    }
    Ok(())
}

fn compare() -> Outcome<()> {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench");
    let yamllint = on_path("yamllint");
    println!("user + system time in ms, median of {RUNS} warm runs of each process, in turns\n");
    println!(
        "{:<24} {:>6} {:>9} {:>10} {:>8} {:>6} {:>10} {:>7} {:>9} {:>9} {:>8} {:>10}",
        "input",
        "files",
        "findings",
        "bare parse",
        "loading",
        "/parse",
        "kraftlint",
        "ratio",
        "more",
        "ms/1000",
        "MiB",
        "yamllint"
    );
    let metersphere =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("testcases/systems/metersphere-v2.10/correct");
    row("metersphere, 3 hosts", &metersphere, yamllint.as_deref())?;
    for (name, clusters, faulty) in [
        ("one cluster", 1, false),
        ("300, clean", 100, false),
        ("3,000, clean", 1_000, false),
        ("3,000, finding in each", 1_000, true),
        ("30,000, clean", 10_000, false),
    ] {
        let kind = if faulty { "faulty" } else { "clean" };
        let folder = scratch.join(format!("{kind}-{clusters}"));
        inputs::write(&folder, clusters, faulty)?;
        // It takes a minute for what kraftlint does in a second.
        let yamllint = yamllint.as_deref().filter(|_| clusters <= 1_000);
        row(name, &folder, yamllint)?;
    }
    println!(
        "\nTargets: loading at most 1.5 bare parses, ratio at most 3 and at most 96 MiB for 3,000 files; at most 3 ms more for one cluster; ms/1000 the same \
         from 300\nto 30,000 files. yamllint ran once and has rules of its own: for information. The files are in\n{}",
        scratch.display()
    );
    Ok(())
}

/// Measures one folder and prints what it came to.
fn row(name: &str, folder: &Path, yamllint: Option<&Path>) -> Outcome<()> {
    let me = env::current_exe()?;
    let lint = [OsStr::new("--format"), OsStr::new("concise"), OsStr::new(".")];
    let parse = [OsStr::new(PARSE), OsStr::new(".")];
    let kraftlint = Path::new(env!("CARGO_BIN_EXE_kraftlint"));
    let only_load = [OsStr::new(LOAD), OsStr::new(".")];
    let processes: [(&Path, &[&OsStr]); 3] = [(&me, &parse), (kraftlint, &lint), (&me, &only_load)];
    let mut taken: [Vec<Usage>; 3] = Default::default();
    for run in 0..=RUNS {
        // Another one goes first each time: what runs first after a rest may run faster.
        for at in (0..processes.len()).map(|at| (at + run) % processes.len()) {
            let (program, arguments) = processes[at];
            let usage = measure(program, arguments, folder)?;
            if run > 0 {
                taken[at].push(usage);
            }
        }
    }
    let [bare, ours, loading] = taken;
    let ratio = |of: &[Usage]| middle(of.iter().zip(&bare).map(|(own, bare)| ms(own.cpu) / ms(bare.cpu)));
    let (ratio, loading_ratio) = (ratio(&ours), ratio(&loading));
    let (ours, bare, loading) = (median(ours), median(bare), median(loading));
    let other = match yamllint {
        Some(program) => format!("{:.1}", ms(measure(program, &[OsStr::new(".")], folder)?.cpu)),
        None => "-".to_owned(),
    };
    let mut files = 0;
    each_yaml(folder, &mut |_| {
        files += 1;
        Ok(())
    })?;
    let found = Command::new(kraftlint).args(lint).current_dir(folder).output()?;
    if !matches!(found.status.code(), Some(0 | 1)) {
        return Err(format!("kraftlint did not lint {}: {found:?}", folder.display()).into());
    }
    println!(
        "{name:<24} {files:>6} {:>9} {:>10.2} {:>8.2} {:>6.2} {:>10.2} {:>7.2} {:>9.2} {:>9.1} {:>8.1} {other:>10}",
        found.stdout.split_inclusive(|b| *b == b'\n').count(),
        ms(bare.cpu),
        ms(loading.cpu),
        loading_ratio,
        ms(ours.cpu),
        ratio,
        ms(ours.cpu) - ms(bare.cpu),
        ms(ours.cpu) * 1000.0 / f64::from(files),
        ours.memory as f64 / f64::from(1 << 20),
    );
    Ok(())
}

/// What a process took.
#[derive(Clone, Copy)]
struct Usage {
    cpu: Duration,
    /// In bytes. Never less than this program's own, for a child starts as a copy of it: so it keeps no files in memory.
    memory: u64,
}

/// Runs `program` in `folder`; what it writes goes to a file, as in CI.
fn measure(program: &Path, arguments: &[&OsStr], folder: &Path) -> Outcome<Usage> {
    let output = || File::create(Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-output"));
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(output()?)
        .stderr(Stdio::null())
        .spawn()?;
    let used = child.wait4()?;
    // 1 is a finding.
    if !matches!(used.status.code(), Some(0 | 1)) {
        return Err(format!("{} failed in {}: {}", program.display(), folder.display(), used.status).into());
    }
    Ok(Usage { cpu: used.rusage.utime + used.rusage.stime, memory: used.rusage.maxrss })
}

/// The middle of each column.
fn median(mut runs: Vec<Usage>) -> Usage {
    let middle = runs.len() / 2;
    runs.sort_by_key(|r| r.cpu);
    let cpu = runs[middle].cpu;
    runs.sort_by_key(|r| r.memory);
    Usage { cpu, memory: runs[middle].memory }
}

/// The middle of some numbers.
fn middle(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Where the shell would find `program`.
fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|p| p.is_file())
}
