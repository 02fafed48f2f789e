//! What brings kraftlint to a folder that has findings already: settings, comments, baselines, `--since`, several outputs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::Trial;

use super::case::{self, Case};
use super::cli::{cluster, empty, json, refused};
use super::run::{self, Ran};
use super::{Complaints, trial};

type Test = fn(&mut Complaints);

pub(super) fn trials(cases: &[Case]) -> Vec<Trial> {
    let tests: &[(&str, Test)] = &[
        ("baseline", baseline),
        ("baseline prune", pruning),
        ("baseline with a mistake", broken_baseline),
        ("--since", since),
        ("--since, what git ignores has no past", since_ignored),
        ("--since in a shallow clone", since_shallow),
        ("--since with a mistake", since_mistakes),
        ("--since follows links", since_links),
        ("--add-ignore", add_ignore),
        ("--add-ignore in every kind of file", add_ignore_everywhere),
        ("--require-reason", require_reason),
        ("--output", outputs),
        ("--statistics", statistics),
        ("--strict", strict),
        ("--extend-select", extend_select),
        ("[severity]", severity),
        ("[per-path-ignores] and [per-node-ignores]", ignores),
        ("[images]", images),
        ("a rule that the settings invent", unknown_rule),
        ("two settings files", two_settings),
        ("init", init),
        ("completions and man", completions),
        ("nothing found says why", why_nothing),
    ];
    let mut trials: Vec<Trial> =
        tests.iter().map(|(name, test)| trial(format!("adoption::{name}"), *test)).collect();
    for case in cases.iter().filter(|c| c.files().is_some() && !c.errors.is_empty()) {
        let case = case.clone();
        let name = format!("adoption::--add-ignore in {}", case.name);
        trials.push(trial(name, move |complaints| add_ignore_in(&case, complaints)));
    }
    trials
}

/// The codes that are told, in order, separated by blanks.
fn codes(ran: &Ran) -> String {
    let view = json(ran);
    let codes: Vec<&str> = view.diagnostics().iter().filter_map(|d| d["code"].as_str()).collect();
    codes.join(" ")
}

fn told(folder: &Path, args: &[&str]) -> String {
    codes(&run::run(folder, &[&["--format", "json", "--allow-empty"], args].concat()))
}

fn suppressed(ran: &Ran) -> u64 {
    json(ran).0["summary"]["suppressed"].as_u64().unwrap_or(0)
}

/// Replaces the first `old` in a file.
fn edit(path: &Path, old: &str, new: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(old), "{old} is not in {text}");
    fs::write(path, text.replacen(old, new, 1)).unwrap();
}

/// Makes the third node a broker with a voter's id: KL115.
fn second_slip(folder: &Path) {
    edit(&folder.join("host3/docker-compose.yml"), "broker,controller", "broker");
}

fn baseline(c: &mut Complaints) {
    let folder = cluster("baseline", "KL101");
    // The top of a work tree: so far upwards settings are looked for.
    fs::create_dir(folder.join(".git")).unwrap();
    let ran = run::run(&folder, &["baseline", "create"]);
    c.equal("exit code of create", &0, &ran.code);
    c.check(ran.err.contains("1 known findings (1 added, 0 removed)"), || ran.err.clone());
    refused(&run::run(&folder, &["baseline", "create"]), "exists", c);
    let args = ["--baseline", "kraftlint-baseline.json"];
    let ran = run::run(&folder, &[&args[..], &["--format", "json"]].concat());
    c.equal("exit code with a baseline", &0, &ran.code);
    c.equal("suppressed", &1, &suppressed(&ran));
    let ran = run::run(&folder, &args);
    c.check(ran.err.contains("no findings (1 in the baseline)"), || ran.err.clone());
    c.equal("exit code without it", &1, &run::run(&folder, &[""; 0]).code);
    // The same findings wherever kraftlint starts: the settings file says from where paths count.
    fs::write(folder.join("kraftlint.toml"), "baseline = 'kraftlint-baseline.json'\n").unwrap();
    run::run(&folder, &["baseline", "update"]);
    for (from, paths) in
        [(".", &["."][..]), ("host1", &[".."]), ("..", &["./baseline"]), (".", &["host1", "host2", "host3"])]
    {
        let ran = run::run(&folder.join(from), paths);
        c.equal(&format!("exit code from {from} of {paths:?}"), &0, &ran.code);
    }
    second_slip(&folder);
    let found = told(&folder, &[]);
    c.check(found.contains("KL115") && !found.contains("KL101"), || found.clone());
    run::run(&folder, &["baseline", "update"]);
    c.equal("after the update", &String::new(), &told(&folder, &[]));
    let text = fs::read_to_string(folder.join("kraftlint-baseline.json")).unwrap();
    c.check(text.contains("\"key\":\"node.id\""), || text.clone());
    // A wrong folder empties nothing.
    fs::create_dir(folder.join("empty")).unwrap();
    c.equal(
        "exit code of update where nothing is",
        &3,
        &run::run(&folder.join("empty"), &["baseline", "update"]).code,
    );
    c.check(fs::read_to_string(folder.join("kraftlint-baseline.json")).unwrap() == text, || {
        "it was changed".to_owned()
    });
}

fn pruning(c: &mut Complaints) {
    let folder = cluster("pruning", "KL101");
    second_slip(&folder);
    run::run(&folder, &["baseline", "create"]);
    let known = || -> Vec<String> {
        let text = fs::read_to_string(folder.join("kraftlint-baseline.json")).unwrap();
        let lines = text.lines().filter(|l| l.contains("fingerprint"));
        lines.map(|l| l.split('"').nth(3).unwrap_or("").to_owned()).collect()
    };
    let all = known();
    c.check(all.iter().any(|k| k == "KL115") && all.iter().any(|k| k == "KL101"), || format!("{all:?}"));
    edit(
        &folder.join("host3/docker-compose.yml"),
        "KAFKA_PROCESS_ROLES: broker",
        "KAFKA_PROCESS_ROLES: broker,controller",
    );
    fs::write(
        folder.join("new.properties"),
        "process.roles=broker,controller\nnode.id=9\nlog.retention.huors=1\n",
    )
    .unwrap();
    // What was not looked at stays.
    run::run(&folder, &["baseline", "prune", "host1"]);
    c.equal("after pruning another folder", &all, &known());
    let ran = run::run(&folder, &["baseline", "prune"]);
    c.check(ran.err.contains("(0 added, "), || ran.err.clone());
    c.equal("after pruning", &vec!["KL101".to_owned()], &known());
}

fn broken_baseline(c: &mut Complaints) {
    let folder = cluster("broken-baseline", "KL101");
    for (text, why) in [
        (r#"{"version":2,"findings":[]}"#, "version 2"),
        (r#"{"version":1}"#, "no baseline of kraftlint"),
        ("[]", "no baseline of kraftlint"),
        ("", "no baseline of kraftlint"),
    ] {
        fs::write(folder.join("b.json"), text).unwrap();
        refused(&run::run(&folder, &["--baseline", "b.json"]), why, c);
        refused(&run::run(&folder, &["baseline", "update", "--baseline", "b.json"]), why, c);
        c.equal("the file", &text, &fs::read_to_string(folder.join("b.json")).unwrap().as_str());
    }
    refused(&run::run(&folder, &["--baseline", "missing.json"]), "missing.json: it does not exist", c);
    refused(&run::run(&folder, &["baseline", "prune", "--baseline", "missing.json"]), "baseline create", c);
}

fn git(folder: &Path, args: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=tester", "-c", "user.email=tester@example.com"]);
    command.args(["-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"]).args(args);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.output().expect("git");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A cluster with KL101 in a repository of its own.
fn repository(name: &str) -> PathBuf {
    let folder = cluster(name, "KL101");
    git(&folder, &["init", "--quiet"]);
    commit(&folder);
    folder
}

fn commit(folder: &Path) {
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", "x"]);
}

fn since(c: &mut Complaints) {
    let folder = repository("since");
    let ran = run::run(&folder, &["--since", "HEAD"]);
    c.equal("exit code when nothing is new", &0, &ran.code);
    c.check(ran.err.contains("no findings (1 not new)"), || ran.err.clone());
    // A change to one file makes a finding in others: it is new all the same.
    edit(&folder.join("host2/docker-compose.yml"), "3@", "4@");
    let found = told(&folder, &["--since", "HEAD"]);
    c.check(!found.is_empty() && !found.contains("KL101"), || found.clone());
    commit(&folder);
    c.equal("since the commit before", &found, &told(&folder, &["--since", "HEAD~1"]));
    c.equal("since now", &String::new(), &told(&folder, &["--since", "HEAD"]));
    c.equal("from a folder below", &found, &told(&folder.join("host1"), &["--since", "HEAD~1", ".."]));
    c.equal("from outside", &found, &told(folder.parent().unwrap(), &["--since", "HEAD~1", "since"]));
    // Lines that move make no finding new.
    edit(&folder.join("host3/docker-compose.yml"), "services:", "# a\n# b\nservices:");
    c.equal("moved lines", &String::new(), &told(&folder, &["--since", "HEAD"]));
    // A file that nobody has committed is new, and one that is gone is no more.
    fs::write(
        folder.join("host1/client.properties"),
        "bootstrap.servers=x:1\nfetch.min.byte=1\nmax.poll.records=1\n",
    )
    .unwrap();
    c.equal("a new file", &"KL501".to_owned(), &told(&folder, &["--since", "HEAD", "--select", "KL501"]));
    commit(&folder);
    fs::remove_file(folder.join("host1/client.properties")).unwrap();
    c.equal("a file that is gone", &String::new(), &told(&folder, &["--since", "HEAD"]));
}

fn since_ignored(c: &mut Complaints) {
    let folder = cluster("since-ignored", "correct");
    let compose = folder.join("host1/docker-compose.yml");
    edit(&compose, "KAFKA_NODE_ID: 1", "KAFKA_NODE_ID: ${ID}");
    fs::write(folder.join(".gitignore"), ".env\n").unwrap();
    fs::write(folder.join("host1/.env"), "ID=2\n").unwrap();
    git(&folder, &["init", "--quiet"]);
    commit(&folder);
    let all = told(&folder, &[]);
    c.check(all.contains("KL101"), || all.clone());
    c.equal("its findings are not new", &String::new(), &told(&folder, &["--since", "HEAD"]));
}

fn since_shallow(c: &mut Complaints) {
    let folder = repository("since-shallow");
    second_slip(&folder);
    commit(&folder);
    let url = format!("file://{}", folder.to_str().unwrap());
    let clone = empty("since-shallow-clone").join("clone");
    git(&folder, &["clone", "--quiet", "--depth=1", &url, clone.to_str().unwrap()]);
    refused(&run::run(&clone, &["--since", "HEAD~1"]), "this clone is shallow", c);
    c.equal("since what is there", &String::new(), &told(&clone, &["--since", "HEAD"]));
    git(&clone, &["fetch", "--quiet", "--depth=2", "origin"]);
    let found = told(&clone, &["--since", "HEAD~1"]);
    c.check(found.contains("KL115") && !found.contains("KL101"), || found.clone());
}

fn since_mistakes(c: &mut Complaints) {
    let folder = repository("since-mistakes");
    refused(
        &run::run(&folder, &["--since", "no-such-revision"]),
        "there is no revision `no-such-revision`",
        c,
    );
    refused(&run::run(&folder, &["--since", "--help"]), "--since", c);
    refused(&run::run(&folder, &["--since=--output=x"]), "there is no revision", c);
    let outside = std::env::temp_dir().join(format!("kraftlint-no-git-{}", std::process::id()));
    fs::create_dir_all(&outside).unwrap();
    let ran = run::run(&outside, &["--since", "HEAD"]);
    fs::remove_dir_all(&outside).unwrap();
    refused(&ran, "not a git repository", c);
}

fn since_links(c: &mut Complaints) {
    if !cfg!(unix) {
        return;
    }
    let folder = repository("since-links");
    fs::rename(folder.join("host1"), folder.join("real")).unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("real", folder.join("host1")).unwrap();
        std::os::unix::fs::symlink("../real/docker-compose.yml", folder.join("host2/other.yml")).unwrap();
        std::os::unix::fs::symlink("loop", folder.join("loop")).unwrap();
    }
    commit(&folder);
    c.check(told(&folder, &[]).contains("KL101"), || told(&folder, &[]));
    c.equal("nothing is new", &String::new(), &told(&folder, &["--since", "HEAD"]));
    c.equal(
        "nothing is new below a link",
        &String::new(),
        &told(&folder.join("host1"), &["--since", "HEAD", "..", "."]),
    );
}

fn add_ignore(c: &mut Complaints) {
    let folder = cluster("add-ignore", "KL101");
    let before = fs::read_to_string(folder.join("host2/docker-compose.yml")).unwrap()
        + &fs::read_to_string(folder.join("host3/docker-compose.yml")).unwrap();
    let ran = run::run(&folder, &["--add-ignore=the old host"]);
    c.equal("exit code", &0, &ran.code);
    c.check(ran.err.starts_with("Wrote comments that ignore 1 finding\n"), || ran.err.clone());
    c.check(ran.err.contains("(1 ignored by comments)"), || ran.err.clone());
    let after = fs::read_to_string(folder.join("host2/docker-compose.yml")).unwrap()
        + &fs::read_to_string(folder.join("host3/docker-compose.yml")).unwrap();
    let added: Vec<&str> = after.lines().filter(|l| !before.contains(l)).collect();
    c.check(added.len() == 1 && added[0].trim() == "# kraftlint: ignore[KL101] the old host", || {
        format!("{added:?}")
    });
    let ran = run::run(&folder, &["--add-ignore"]);
    c.check(ran.err.starts_with("Wrote comments that ignore 0 findings\n"), || ran.err.clone());
    refused(&run::run(&folder, &["--add-ignore=a\nb"]), "one line", c);
    refused(&run::run(&folder, &["--add-ignore", "--require-reason"]), "demand a reason", c);
    refused(&run::run(&folder, &["--add-ignore", "--fix"]), "cannot be used with", c);
}

fn add_ignore_everywhere(c: &mut Complaints) {
    let compose = "services:\n  kafka:\n    image: apache/kafka:4.1.0\n";
    for (name, file, text) in [
        (
            "list",
            "compose.yml",
            format!(
                "{compose}    environment:\n      - KAFKA_NODE_ID=1\n      - KAFKA_LOG_RETENTION_HUORS=1\n"
            ),
        ),
        (
            "flow",
            "compose.yml",
            format!("{compose}    environment: {{KAFKA_NODE_ID: 1, KAFKA_LOG_RETENTION_HUORS: 1}}\n"),
        ),
        (
            "long flow",
            "compose.yml",
            format!("{compose}    environment: {{KAFKA_NODE_ID: 1,\n      KAFKA_LOG_RETENTION_HUORS: 1}}\n"),
        ),
        (
            "crlf",
            "compose.yml",
            format!(
                "{compose}    environment:\n      KAFKA_NODE_ID: 1\n      KAFKA_LOG_RETENTION_HUORS: 1\n"
            )
            .replace('\n', "\r\n"),
        ),
        (
            "no line end",
            "compose.yml",
            format!("{compose}    environment:\n      KAFKA_NODE_ID: 1\n      KAFKA_LOG_RETENTION_HUORS: 1"),
        ),
        (
            "properties",
            "server.properties",
            "process.roles=broker\nnode.id=1\nlog.retention.huors=1\n".to_owned(),
        ),
        (
            "continued",
            "server.properties",
            "process.roles=broker\nnode.id=1\nlog.retention.huors=\\\n  1\n".to_owned(),
        ),
        (
            "first line",
            "server.properties",
            "log.retention.huors=1\nprocess.roles=broker\nnode.id=1\n".to_owned(),
        ),
    ] {
        let folder = empty(&format!("add-ignore-{}", name.replace(' ', "-")));
        let path = folder.join(file);
        fs::write(&path, &text).unwrap();
        let args = ["--format", "json", "--select", "KL501"];
        let before = codes(&run::run(&folder, &args));
        c.equal(&format!("{name}: found before"), &"KL501".to_owned(), &before);
        let ran = run::run(&folder, &[&args[..], &["--add-ignore=x"]].concat());
        c.equal(&format!("{name}: found after"), &String::new(), &codes(&ran));
        let after = fs::read_to_string(&path).unwrap();
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let comment = "# kraftlint: ignore[KL501] x";
        let indent = after.lines().find(|l| l.contains(comment)).map_or(0, |l| l.find('#').unwrap_or(0));
        let without = after.replace(&format!("{}{comment}{end}", " ".repeat(indent)), "");
        c.equal(&format!("{name}: the rest of the file"), &text, &without);
    }
}

/// Whatever is in the files: the findings that can be ignored are gone, none is new, and a second time changes nothing.
fn add_ignore_in(case: &Case, c: &mut Complaints) {
    let folder = empty(&format!("add-ignore-in-{}", case.name.replace('/', "-")));
    for (name, bytes) in case.files().unwrap().iter() {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let args: Vec<&str> =
        ["--isolated", "--format", "json"].into_iter().chain(case.args.iter().map(String::as_str)).collect();
    let count = |ran: &Ran| json(ran).diagnostics().len();
    let before = run::run(&folder, &args);
    let with: Vec<&str> = args.iter().copied().chain(["--add-ignore=a reason"]).collect();
    let after = run::run(&folder, &with);
    let said = after.err.lines().find_map(|l| {
        l.strip_prefix("Wrote comments that ignore ")?.split(' ').next()?.parse::<usize>().ok()
    });
    c.equal("ignored, and so said", &Some(count(&before).saturating_sub(count(&after))), &said);
    let (old, new) = (codes(&before), codes(&after));
    for code in new.split_whitespace() {
        c.check(old.contains(code), || format!("{code} is new: {}", json(&after).list()));
    }
    let again = run::run(&folder, &args);
    c.equal("a run later", &new, &codes(&again));
    let third = run::run(&folder, &with);
    c.check(third.err.contains("Wrote comments that ignore 0 findings"), || third.err.clone());
}

fn require_reason(c: &mut Complaints) {
    let folder = cluster("require-reason", "KL101");
    run::run(&folder, &["--add-ignore"]);
    c.equal("without", &String::new(), &told(&folder, &[]));
    let found = told(&folder, &["--require-reason"]);
    c.equal("with the option", &"KL101 KL901".to_owned(), &sorted(&found));
    fs::write(folder.join("kraftlint.toml"), "require-reason = true\n").unwrap();
    c.equal("with the key", &found, &told(&folder, &[]));
    let fixed = run::run(&folder, &["--fix"]);
    c.check(fixed.err.contains("Fixed 0 findings"), || fixed.err.clone());
}

fn sorted(codes: &str) -> String {
    let mut codes: Vec<&str> = codes.split(' ').collect();
    codes.sort_unstable();
    codes.join(" ")
}

fn outputs(c: &mut Complaints) {
    let folder = cluster("outputs", "KL101");
    let args = ["--output", "json=a.json", "--output=sarif=b.sarif", "--output", "concise=c=d.txt"];
    let ran = run::run(&folder, &args);
    c.equal("exit code", &1, &ran.code);
    c.equal("standard output", &run::run(&folder, &[""; 0]).out, &ran.out);
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_default();
    for (format, file) in [("json", "a.json"), ("sarif", "b.sarif"), ("concise", "c=d.txt")] {
        c.equal(file, &run::run(&folder, &["--format", format]).out, &read(file));
    }
    // One that cannot be written: none is changed.
    fs::write(folder.join("a.json"), "old").unwrap();
    let ran = run::run(&folder, &["--output", "json=a.json", "--output", "sarif=no/such/folder.sarif"]);
    refused(&ran, "cannot write no/such/folder.sarif: its folder does not exist", c);
    refused(&run::run(&folder, &["--output", "json=a.json", "-o", "host1"]), "cannot write host1", c);
    c.equal("the other file", &"old".to_owned(), &read("a.json"));
    let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    c.check(!left.iter().any(|n| n.to_string_lossy().contains("kraftlint-")), || format!("{left:?}"));
    refused(&run::run(&folder, &["--output", "xml=a"]), "there is no format `xml`", c);
    refused(&run::run(&folder, &["--output", "a.json"]), "FORMAT=FILE", c);
}

fn statistics(c: &mut Complaints) {
    let folder = cluster("statistics", "KL101");
    second_slip(&folder);
    let ran = run::run(&folder, &["--statistics"]);
    c.equal("exit code", &1, &ran.code);
    c.check(ran.out.contains("1  error    KL101  duplicate-node-id\n"), || ran.out.clone());
    let all = json(&run::run(&folder, &["--format", "json"])).diagnostics().len();
    let counted: usize =
        ran.out.lines().filter_map(|l| l.split_whitespace().next()?.parse::<usize>().ok()).sum();
    c.equal("all of them", &all, &counted);
    refused(&run::run(&folder, &["--statistics", "--format", "json"]), "cannot be used with", c);
}

fn strict(c: &mut Complaints) {
    let folder = cluster("strict", "correct");
    edit(&folder.join("host1/docker-compose.yml"), "apache/kafka", "corp/own");
    c.equal("exit code without", &0, &run::run(&folder, &[""; 0]).code);
    let ran = run::run(&folder, &["--strict", "--format", "json"]);
    c.equal("exit code with", &1, &ran.code);
    c.check(json(&ran).codes("error").contains("KL903"), || json(&ran).list());
    fs::write(folder.join("kraftlint.toml"), "strict = true\n").unwrap();
    c.equal("exit code with the key", &1, &run::run(&folder, &[""; 0]).code);
}

fn extend_select(c: &mut Complaints) {
    let folder = cluster("extend-select", "KL101");
    second_slip(&folder);
    let found = |settings: &str, args: &[&str]| {
        fs::write(folder.join("kraftlint.toml"), settings).unwrap();
        told(&folder, args).split(' ').map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    let has = |set: &std::collections::BTreeSet<String>| ["KL101", "KL115"].map(|code| set.contains(code));
    c.equal(
        "more specific goes first",
        &[true, false],
        &has(&found("ignore = ['KL1']\nextend-select = ['KL101']", &[])),
    );
    c.equal(
        "on top of the settings",
        &[true, true],
        &has(&found("select = ['KL115']", &["--extend-select", "KL101"])),
    );
    c.equal("select starts anew", &[true, false], &has(&found("select = ['KL115']", &["--select", "KL101"])));
    refused(&run::run(&folder, &["--extend-select", "KLX"]), "there is no rule `KLX`", c);
}

fn severity(c: &mut Complaints) {
    let folder = cluster("severity", "KL101");
    fs::write(folder.join("kraftlint.toml"), "[severity]\nKL1 = 'warning'\nduplicate-node-id = 'info'\n")
        .unwrap();
    let ran = run::run(&folder, &["--format", "json"]);
    c.equal("exit code", &0, &ran.code);
    c.check(json(&ran).codes("info").contains("KL101"), || json(&ran).list());
    let before = run::run(&folder, &["--isolated", "--format", "json"]);
    let starts = |ran: &Ran| json(ran).0["clusters"].to_string().matches("\"starts\":true").count();
    c.equal("what starts is as before", &starts(&before), &starts(&ran));
}

fn ignores(c: &mut Complaints) {
    let folder = cluster("ignores", "KL101");
    for (settings, told_still) in [
        ("[per-path-ignores]\n'host2/' = ['KL101']\n", false),
        ("[per-path-ignores]\n'host2/' = ['KL130']\n", true),
        ("[per-path-ignores]\n'/docker-compose.yml' = ['KL1']\n", true),
        ("[per-path-ignores]\n'docker-compose.yml' = ['KL1']\n", false),
        ("[per-node-ignores]\n'host2' = ['duplicate-node-id']\n", false),
        ("[per-node-ignores]\n'**/host9/*' = ['duplicate-node-id']\n", true),
    ] {
        fs::write(folder.join("kraftlint.toml"), settings).unwrap();
        let found = told(&folder, &[]);
        c.check(found.contains("KL101") == told_still, || format!("{settings}: {found}"));
        // Paths are seen from the settings file.
        let below = told(&folder.join("host1"), &["..", "--select", "KL101"]);
        c.check(below.contains("KL101") == told_still, || format!("{settings}, from below: {below}"));
    }
    fs::write(folder.join("kraftlint.toml"), "[per-path-ignores]\n'!x' = ['KL1']\n").unwrap();
    refused(&run::run(&folder, &[""; 0]), "kraftlint.toml:2: `!x`", c);
}

fn images(c: &mut Complaints) {
    let folder = empty("images");
    let text = "services:\n  kafka:\n    image: hub.corp:5000/data/broker:3.9.1\n    environment:\n      KAFKA_CFG_NODE_ID: 1\n      KAFKA_CFG_PROCESS_ROLES: broker\n      KAFKA_CFG_CONTROLLER_QUORUM_VOTERS: 1@c:9093\n";
    fs::write(folder.join("compose.yml"), text).unwrap();
    c.check(told(&folder, &[]).contains("KL903"), || told(&folder, &[]));
    fs::write(folder.join("kraftlint.toml"), "[images]\n'data/broker' = 'bitnami'\n").unwrap();
    let ran = run::run(&folder, &["--format", "json"]);
    let node = &json(&ran).0["clusters"][0]["nodes"][0];
    c.equal("image", &Some("bitnami"), &node["image"].as_str());
    c.equal("version", &Some("3.9.1"), &node["versions"][0].as_str());
    c.check(!codes(&ran).contains("KL903"), || json(&ran).list());
    fs::write(folder.join("kraftlint.toml"), "[images]\n'data/broker' = 'bitnamy'\n").unwrap();
    refused(&run::run(&folder, &[""; 0]), "kraftlint.toml:2: `bitnamy` must be one of apache", c);
}

fn unknown_rule(c: &mut Complaints) {
    let folder = cluster("unknown-rule", "correct");
    let settings = "ignore = ['KL101', 'duplicate-nod-id']\n[severity]\nKL9999 = 'error'\n";
    fs::write(folder.join("kraftlint.toml"), settings).unwrap();
    let ran = run::run(&folder, &["--format", "json"]);
    c.equal("exit code", &1, &ran.code);
    let view = json(&ran);
    let labels: Vec<&str> = view
        .diagnostics()
        .iter()
        .filter(|d| d["code"] == "KL902" && d["labels"][0]["file"] == "kraftlint.toml")
        .filter_map(|d| {
            let label = &d["labels"][0];
            settings.get(super::view::offset(&label["start"])..super::view::offset(&label["end"]))
        })
        .collect();
    c.equal("places", &vec!["duplicate-nod-id", "KL9999"], &labels);
    let full = run::run(&folder, &[""; 0]);
    c.check(full.out.contains("Did you mean duplicate-node-id?"), || full.out.clone());
    // A selection of nothing selects nothing, and is told.
    fs::write(folder.join("kraftlint.toml"), "select = ['KL1o1']\n").unwrap();
    c.equal("a misspelt selection", &"KL902".to_owned(), &told(&folder, &[]));
}

fn two_settings(c: &mut Complaints) {
    let folder = cluster("two-settings", "KL101");
    fs::write(folder.join("host1/kraftlint.toml"), "").unwrap();
    fs::write(folder.join("host2/kraftlint.toml"), "fail-on = 'never'").unwrap();
    refused(
        &run::run(&folder, &["host1", "host2"]),
        "host1/kraftlint.toml and host2/kraftlint.toml both apply",
        c,
    );
    c.equal("one of them", &0, &run::run(&folder, &["host2"]).code);
    c.equal(
        "named",
        &0,
        &run::run(&folder, &["host1", "host2", "host3", "--config", "host2/kraftlint.toml"]).code,
    );
    fs::remove_file(folder.join("host1/kraftlint.toml")).unwrap();
    fs::remove_file(folder.join("host2/kraftlint.toml")).unwrap();
    fs::write(folder.join("kraftlint.toml"), "fail-on = 'never'").unwrap();
    c.equal("one above all", &0, &run::run(&folder, &["host1", "host2", "host3"]).code);
}

fn init(c: &mut Complaints) {
    let folder = cluster("init", "KL101");
    edit(&folder.join("host1/docker-compose.yml"), "apache/kafka", "hub.corp:5000/data/broker");
    let before = run::run(&folder, &["--isolated", "--format", "json"]).out;
    let ran = run::run(&folder, &["init"]);
    c.equal("exit code", &0, &ran.code);
    let path = folder.join("kraftlint.toml");
    let text = fs::read_to_string(&path).unwrap();
    for wanted in [
        "KL101",
        "\"hub.corp:5000/data/broker\"",
        "paths = [\"host1\", \"host2\", \"host3\"]",
        "kafka-version = \"3.9",
    ] {
        c.check(text.contains(wanted), || format!("{wanted} is not in\n{text}"));
    }
    let after = run::run(&folder, &["--format", "json"]).out;
    let codes = |out: &str| out.matches("\"code\":").count();
    c.equal("nothing is set", &codes(&before), &codes(&after));
    // Every line can be switched on.
    let on: String = text
        .lines()
        .map(|l| match l.strip_prefix('#').filter(|rest| !rest.starts_with([' ', ':'])) {
            Some(setting) => format!("{setting}\n"),
            None => format!("{l}\n"),
        })
        .filter(|l| !l.starts_with("baseline"))
        .collect();
    fs::write(&path, &on).unwrap();
    let ran = run::run(&folder, &["--format", "json"]);
    c.check(ran.code == 0 || ran.code == 1, || format!("{}\n{on}", ran.err));
    let image = &json(&ran).0["clusters"][0]["nodes"][0]["image"];
    c.equal("the image is known now", &Some("apache"), &image.as_str());
    refused(&run::run(&folder, &["init"]), "exists already", c);
    c.equal("the file", &on, &fs::read_to_string(&path).unwrap());
    let nothing = empty("init-nothing");
    c.equal("exit code where nothing is", &0, &run::run(&nothing, &["init"]).code);
    c.equal("its settings hold", &3, &run::run(&nothing, &[""; 0]).code);
}

fn completions(c: &mut Complaints) {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = run::run(&case::root(), &["completions", shell]);
        c.equal(&format!("exit code, {shell}"), &0, &ran.code);
        for word in ["unsafe-fixes", "compose-profile", "baseline", "explain"] {
            c.check(ran.out.contains(word), || format!("{shell} does not complete {word}"));
        }
    }
    refused(&run::run(&case::root(), &["completions", "tcsh"]), "tcsh", c);
    let page = run::run(&case::root(), &["man"]).out;
    c.check(page.contains(".TH kraftlint 1") && page.contains("\\-\\-since"), || page.clone());
    let page = run::run(&case::root(), &["man", "baseline", "create"]).out;
    c.check(page.contains(".TH kraftlint-baseline-create 1"), || page.clone());
    refused(&run::run(&case::root(), &["man", "women"]), "there is no command `women`", c);
}

fn why_nothing(c: &mut Complaints) {
    let folder = empty("why-nothing");
    let said = || run::run(&folder, &[""; 0]).err;
    c.check(said().contains("no file there is named like a compose file"), said);
    fs::write(folder.join("compose.yml"), "services:\n  web:\n    image: nginx\n").unwrap();
    c.check(said().contains("compose.yml was looked at"), said);
    fs::write(folder.join("log4j.properties"), "log4j.rootLogger=INFO\n").unwrap();
    c.check(said().contains("2 files were looked at"), said);
    c.equal("lines", &1, &said().lines().count());
}
