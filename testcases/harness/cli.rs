//! The contract of the command line: exit codes, streams, options, what is written where.

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use libtest_mimic::Trial;

use super::run::{self, Ran};
use super::transformations::{self, Kind, Shape};
use super::view::{View, text};
use super::{Complaints, case, trial};

type Test = fn(&mut Complaints);

pub(super) fn trials() -> Vec<Trial> {
    let tests: &[(&str, Test)] = &[
        ("the README shows what its example says", readme_example),
        ("exit code 0: no findings", clean),
        ("exit code 1: findings", findings),
        ("exit code 2: unknown option", unknown_option),
        ("exit code 2: missing PATH", missing_path),
        ("exit code 2: one PATH of two is missing", one_missing_path),
        ("exit code 2: bad values", bad_values),
        ("exit code 2: output cannot be written", unwritable),
        ("exit code 3: no Kafka configuration", nothing),
        ("findings on standard output, the rest on standard error", streams),
        ("--select and --ignore", selecting),
        ("--fail-on", fail_on),
        ("--quiet", quiet),
        ("-o", output_file),
        ("a closed pipe is no error", closed_pipe),
        ("--fix", fixing),
        ("--fix keeps what is not its business", fixing_little),
        ("--diff changes nothing", diff),
        ("check is the default", default_command),
        ("several PATHs", several_paths),
        ("a file as PATH", file_path),
        ("a folder named show", folder_named_show),
        ("ignore files guide discovery", ignore_files),
        ("show", show),
        ("show --format json", show_json),
        ("show --compose", show_compose),
        ("the pre-commit hooks agree", hooks),
        ("a comment ignores a finding", ignored_by_comments),
        ("--show-files", show_files),
        ("rules", rules),
        ("explain", explain),
        ("explain a key", explain_key),
        ("upgrade", upgrade),
        ("upgrade --format json", upgrade_json),
        ("upgrade refuses what is no upgrade", no_upgrade),
        ("--version", version),
        ("--help", help),
        ("kraftlint.toml", settings_file),
        ("kraftlint.toml with a mistake", broken_settings_file),
        ("standard input is not read", no_stdin),
    ];
    let mut trials: Vec<Trial> =
        tests.iter().map(|(name, test)| trial(format!("cli::{name}"), *test)).collect();
    trials.extend(cfg!(unix).then(|| trial("cli::PATH that may not be read", unreadable)));
    trials
}

/// A folder of its own for the test `name`, empty.
pub(super) fn empty(name: &str) -> PathBuf {
    let folder = run::temporary().join("cli").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A folder with a cluster of three hosts.
pub(super) fn cluster(name: &str, slip: &str) -> PathBuf {
    let folder = empty(name);
    for (path, bytes) in transformations::files(&Shape::plain(Kind::Apache), slip).iter() {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

pub(super) fn json(ran: &Ran) -> View {
    View::parse(&ran.out).unwrap_or_else(|| panic!("no JSON: {}{}", ran.out, ran.err))
}

/// Exit code, and one line that tells why.
pub(super) fn refused(ran: &Ran, why: &str, complaints: &mut Complaints) {
    complaints.equal("exit code", &2, &ran.code);
    complaints.equal("standard output", &"", &ran.out.as_str());
    complaints.equal("lines on standard error", &1, &ran.err.lines().count());
    complaints.check(ran.err.contains(why), || format!("{why:?} is not in {:?}", ran.err));
    complaints.check(ran.err.starts_with("kraftlint: "), || format!("who speaks? {:?}", ran.err));
}

fn readme_example(c: &mut Complaints) {
    let text = fs::read_to_string(case::root().join("README.md")).unwrap().replace("\r\n", "\n");
    let shown = text.split_once("<!-- example:begin -->\n```text\n").map_or("", |(_, rest)| rest);
    let shown = shown.split_once("```\n<!-- example:end -->").map_or("", |(shown, _)| shown);
    let ran = run::run(&case::root(), &["examples/three-hosts"]);
    c.equal("exit code", &1, &ran.code);
    c.equal("output", &shown.trim_end(), &ran.out.trim_end());
}

fn ignore_files(c: &mut Complaints) {
    let folder = cluster("ignore-files", "correct");
    // A controller that its voter list does not hold.
    let bad = "process.roles=controller\nnode.id=9\nlisteners=CONTROLLER://:9093\n\
               controller.listener.names=CONTROLLER\ncontroller.quorum.voters=1@a:9093\n";
    let put = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    // A work tree of its own, so that the rules of the one around it do not count.
    put(".git/info/exclude", "excluded/\n");
    put(".gitignore", "/old/\n*.properties\n!kept.properties\n[\n");
    put(".ignore", "notes/\n");
    for path in
        ["old/a.properties", "deep/er/b.properties", "notes/kept.properties", "excluded/kept.properties"]
    {
        put(path, bad);
    }
    c.equal("nothing but the cluster", &0, &run::run(&folder, &[""; 0]).code);
    c.equal("the rules above the PATH count", &3, &run::run(&folder, &["deep/er"]).code);
    c.equal("a PATH is no discovery", &1, &run::run(&folder, &["deep/er/b.properties"]).code);
    put("deep/er/kept.properties", bad);
    c.equal("what is taken back is seen", &1, &run::run(&folder, &[""; 0]).code);
    put("deep/er/.gitignore", "kept.properties\n");
    c.equal("the nearest rule decides", &0, &run::run(&folder, &[""; 0]).code);
}

fn clean(c: &mut Complaints) {
    let ran = run::run(&cluster("clean", "correct"), &[""; 0]);
    c.equal("exit code", &0, &ran.code);
    c.equal("standard output", &"", &ran.out.as_str());
    c.check(ran.err.contains("3 nodes") && ran.err.contains("no findings"), || ran.err.clone());
}

fn findings(c: &mut Complaints) {
    let ran = run::run(&cluster("findings", "KL101"), &["--format", "concise"]);
    c.equal("exit code", &1, &ran.code);
    c.check(ran.out.contains("KL101"), || ran.out.clone());
}

fn unknown_option(c: &mut Complaints) {
    let folder = cluster("unknown-option", "KL101");
    refused(&run::run(&folder, &["--formt", "json"]), "--formt", c);
    refused(&run::run(&folder, &["show", "--fix"]), "--fix", c);
}

fn missing_path(c: &mut Complaints) {
    let folder = cluster("missing-path", "KL101");
    refused(&run::run(&folder, &["no-such-folder"]), "no-such-folder: it does not exist", c);
    refused(&run::run(&folder, &["show", "no-such-folder"]), "no-such-folder: it does not exist", c);
}

fn one_missing_path(c: &mut Complaints) {
    refused(&run::run(&cluster("one-missing", "KL101"), &["host1", "hots2"]), "hots2", c);
}

fn unreadable(c: &mut Complaints) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = cluster("unreadable", "KL101");
        let closed = folder.join("host1");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
        let may = fs::read_dir(&closed).is_ok();
        let ran = run::run(&folder, &["host1"]);
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
        // Root may read everything: then it is linted.
        if may {
            c.check(ran.code < 2, || format!("exit code {}: {}", ran.code, ran.err));
        } else {
            refused(&ran, "host1: permission denied", c);
        }
        // What is no regular file is never opened, whoever asks.
        refused(&run::run(&folder, &["/dev/zero"]), "no regular file", c);
    }
    #[cfg(not(unix))]
    c.add("this test is for Unix");
}

fn bad_values(c: &mut Complaints) {
    let folder = cluster("bad-values", "KL101");
    for (args, why) in [
        (&["--kafka-version", "2.8"][..], "2.8"),
        (&["--kafka-version", "x"], "names no Kafka release"),
        (&["--select", "KL9999"], "KL9999"),
        (&["--ignore", "duplicate-nod-id"], "duplicate-node-id"),
        (&["--fail-on", "fatal"], "fatal"),
        (&["--format", "yaml"], "yaml"),
        (&["--env", "X"], "NAME=VALUE"),
        (&["--env-file", "none.env"], "none.env"),
        (&["-f", "none.yml"], "none.yml"),
        (&["--config", "none.toml"], "none.toml"),
        (&["--config", "none.toml", "--isolated"], "--isolated"),
        (&["--unsafe-fixes"], "--fix"),
        (&["explain", "KL9999"], "KL9999"),
        (&["explain"], "RULE"),
    ] {
        let before = c.0.len();
        refused(&run::run(&folder, args), why, c);
        if c.0.len() > before {
            c.add(format!("    with {args:?}"));
        }
    }
}

fn unwritable(c: &mut Complaints) {
    let folder = cluster("unwritable", "KL101");
    refused(&run::run(&folder, &["-o", "no-such-folder/out.txt"]), "no-such-folder/out.txt", c);
}

fn nothing(c: &mut Complaints) {
    let folder = empty("nothing");
    fs::write(folder.join("compose.yml"), "services:\n  web:\n    image: nginx\n").unwrap();
    fs::write(folder.join("log4j.properties"), "log4j.rootLogger=INFO\n").unwrap();
    let ran = run::run(&folder, &[""; 0]);
    c.equal("exit code", &3, &ran.code);
    c.equal("standard output", &"", &ran.out.as_str());
    c.check(ran.err.contains("no Kafka configuration"), || ran.err.clone());
    c.equal("exit code with --allow-empty", &0, &run::run(&folder, &["--allow-empty"]).code);
    c.equal("exit code of show", &3, &run::run(&folder, &["show"]).code);
    let ran = run::run(&folder, &["--format", "json"]);
    c.equal("exit code with JSON", &3, &ran.code);
    c.equal("nodes in JSON", &Some(0), &json(&ran).0["summary"]["nodes"].as_u64());
}

fn streams(c: &mut Complaints) {
    let folder = cluster("streams", "KL101");
    let ran = run::run(&folder, &["--format", "json"]);
    c.equal("standard error beside JSON", &"", &ran.err.as_str());
    let view = json(&ran);
    c.equal("version", &Some(1), &view.0["version"].as_u64());
    c.equal("tool", &"kraftlint", &text(&view.0["tool"]["name"]));
    c.equal("its version", &env!("CARGO_PKG_VERSION"), &text(&view.0["tool"]["version"]));
    let ran = run::run(&folder, &["--format", "full"]);
    c.check(ran.out.contains("KL101") && !ran.out.contains('\u{1b}'), || ran.out.clone());
    c.check(ran.err.contains("1 error") && !ran.err.contains("KL101"), || ran.err.clone());
    let ran = run::run(&folder, &["--format", "full", "--color", "always"]);
    c.check(ran.out.contains('\u{1b}'), || "no colours".to_owned());
}

fn selecting(c: &mut Complaints) {
    let folder = cluster("selecting", "KL101");
    let mut codes = |args: &[&str], expected: &[&str], code: i32| {
        let ran = run::run(&folder, &[&["--format", "json"], args].concat());
        let found: Vec<String> = json(&ran).codes("error").into_iter().collect();
        c.equal(
            &format!("codes with {args:?}"),
            &expected.to_vec(),
            &found.iter().map(String::as_str).collect(),
        );
        c.equal(&format!("exit code with {args:?}"), &code, &ran.code);
    };
    codes(&[], &["KL101"], 1);
    codes(&["--select", "KL101"], &["KL101"], 1);
    codes(&["--select", "duplicate-node-id"], &["KL101"], 1);
    codes(&["--select", "kl1"], &["KL101"], 1);
    codes(&["--select", "KL401,KL402"], &[], 0);
    codes(&["--ignore", "KL101"], &[], 0);
    codes(&["--ignore", "duplicate-node-id,KL401"], &[], 0);
    codes(&["--select", "KL1", "--ignore", "KL10"], &[], 0);
    // An ignored finding does not make a node start.
    let ignored = json(&run::run(&folder, &["--format", "json", "--ignore", "KL101"]));
    let told = json(&run::run(&folder, &["--format", "json"]));
    c.equal("clusters", &told.0["clusters"], &ignored.0["clusters"]);
}

fn fail_on(c: &mut Complaints) {
    // A warning, no error: the key is misspelt.
    let folder = cluster("fail-on", "correct");
    let path = folder.join("host1/docker-compose.yml");
    let compose = fs::read_to_string(&path).unwrap();
    fs::write(&path, compose.replace("KAFKA_MESSAGE_MAX_BYTES", "KAFKA_MESAGE_MAX_BYTES")).unwrap();
    let warned = json(&run::run(&folder, &["--format", "json"]));
    c.check(warned.has("KL501") && !warned.codes("warning").is_empty(), || warned.list());
    for (level, warning, error) in [("error", 0, 1), ("warning", 1, 1), ("info", 1, 1), ("never", 0, 0)] {
        let args = ["--fail-on", level, "--select", "KL501"];
        c.equal(&format!("warning, --fail-on {level}"), &warning, &run::run(&folder, &args).code);
        let errors = cluster(&format!("fail-on-{level}"), "KL101");
        c.equal(&format!("error, --fail-on {level}"), &error, &run::run(&errors, &["--fail-on", level]).code);
    }
}

fn quiet(c: &mut Complaints) {
    let folder = cluster("quiet", "KL101");
    let (loud, quiet) = (run::run(&folder, &[""; 0]), run::run(&folder, &["-q"]));
    c.equal("standard output", &loud.out, &quiet.out);
    c.equal("standard error", &"", &quiet.err.as_str());
    c.equal("exit code", &1, &quiet.code);
}

fn output_file(c: &mut Complaints) {
    let folder = cluster("output-file", "KL101");
    for (format, _) in run::FORMATS {
        let told = run::run(&folder, &["--format", format]);
        let ran = run::run(&folder, &["--format", format, "-o", "out.txt"]);
        c.equal("exit code", &1, &ran.code);
        c.equal("standard output", &"", &ran.out.as_str());
        let written = fs::read_to_string(folder.join("out.txt")).unwrap_or_default();
        c.check(written == told.out, || format!("{format}: the file is not what standard output would be"));
        fs::remove_file(folder.join("out.txt")).unwrap();
    }
}

fn closed_pipe(c: &mut Complaints) {
    // More than a pipe holds, so that the program must notice.
    let folder = empty("closed-pipe");
    for i in 0..3000 {
        let file = format!("node.id={i}\nprocess.roles=broker\nlistners=x\n");
        fs::write(folder.join(format!("server{i}.properties")), file).unwrap();
    }
    for format in ["concise", "json", "full"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_kraftlint"))
            .args(["--isolated", "--format", format, "-q"])
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut some = [0; 10];
        child.stdout.take().unwrap().read_exact(&mut some).unwrap();
        let output = child.wait_with_output().unwrap();
        c.equal(&format!("exit code, {format}"), &Some(1), &output.status.code());
        c.equal("standard error", &"", &String::from_utf8_lossy(&output.stderr).as_ref());
    }
}

/// A folder with a key that can be mended, with CRLF, and a secret beside it.
fn mendable(name: &str) -> (PathBuf, String) {
    let folder = empty(name);
    let text = "# gr\u{fc}n\r\nnode.id=1\r\nprocess.roles=broker,controller\r\n\
        listeners=PLAINTEXT://:9092,CONTROLLER://:9093\r\ncontroller.listener.names=CONTROLLER\r\n\
        controller.quorum.voters=1@a:9093\r\nAdvertised.Listeners=PLAINTEXT://a:9092\r\n\
        log.dirs=/data\r\nssl.key.password=Pa55w0rdOfNobody"
        .to_owned();
    fs::write(folder.join("server.properties"), &text).unwrap();
    (folder, text)
}

fn fixing(c: &mut Complaints) {
    let (folder, old) = mendable("fix");
    let before = json(&run::run(&folder, &["--format", "json"]));
    c.check(before.has("KL501"), || before.list());
    let args = ["--fix", "--unsafe-fixes"];
    let first = run::run(&folder, &args);
    c.check(first.err.contains("Fixed 1 finding"), || first.err.clone());
    let new = fs::read_to_string(folder.join("server.properties")).unwrap();
    c.equal("the file", &old.replace("Advertised.Listeners", "advertised.listeners"), &new);
    let after = json(&run::run(&folder, &["--format", "json"]));
    c.check(!after.has("KL501"), || after.list());
    let again = run::run(&folder, &args);
    c.check(again.err.contains("Fixed 0 findings"), || again.err.clone());
    c.equal(
        "the file after the second time",
        &new,
        &fs::read_to_string(folder.join("server.properties")).unwrap(),
    );
    c.equal("files in the folder", &1, &fs::read_dir(&folder).unwrap().count());
}

fn fixing_little(c: &mut Complaints) {
    let folder = cluster("fix-nothing", "KL101");
    let read = || case::files_below(&folder).iter().map(|p| fs::read(p).unwrap()).collect::<Vec<_>>();
    let before = read();
    let ran = run::run(&folder, &["--fix"]);
    c.equal("exit code", &1, &ran.code);
    c.check(before == read(), || "files were changed, though nothing can be mended".to_owned());
}

fn diff(c: &mut Complaints) {
    let (folder, old) = mendable("diff");
    let ran = run::run(&folder, &["--diff", "--unsafe-fixes"]);
    let shown = ran.out.lines().map(str::trim_end);
    let changes: Vec<&str> = shown.filter(|l| l.starts_with(['+', '-'])).collect();
    let expected = vec![
        "--- a/server.properties",
        "+++ b/server.properties",
        "-Advertised.Listeners=PLAINTEXT://a:9092",
        "+advertised.listeners=PLAINTEXT://a:9092",
    ];
    c.equal("changes", &expected, &changes);
    c.check(!ran.out.contains("Pa55w0rdOfNobody"), || "a secret is in the diff".to_owned());
    c.equal("the file", &old, &fs::read_to_string(folder.join("server.properties")).unwrap());
    refused(&run::run(&folder, &["--diff", "--fix"]), "cannot be used with", c);
}

fn default_command(c: &mut Complaints) {
    let folder = cluster("default-command", "KL101");
    let all = ["", "check", "check .", "."].map(|args| {
        let args: Vec<&str> = args.split_whitespace().chain(["--format", "json"]).collect();
        run::run(&folder, &args).out
    });
    c.check(all[0].contains("KL101"), || all[0].clone());
    c.check(all.iter().all(|out| *out == all[0]), || "the same, asked in four ways, differs".to_owned());
}

fn several_paths(c: &mut Complaints) {
    let folder = cluster("several-paths", "KL101");
    let two = json(&run::run(&folder, &["host1", "host2", "--format", "json"]));
    c.equal("nodes", &Some(2), &two.0["summary"]["nodes"].as_u64());
    c.check(two.has("KL101"), || two.list());
    let twice = json(&run::run(&folder, &["host1", "host2", "host1", "./host2/", "--format", "json"]));
    c.equal("the same PATHs twice", &two.0, &twice.0);
    let absolute = folder.canonicalize().unwrap();
    let absolute = json(&run::run(&folder, &[absolute.to_str().unwrap(), "--format", "json"]));
    c.equal("errors below an absolute PATH", &two.codes("error"), &absolute.codes("error"));
}

fn file_path(c: &mut Complaints) {
    let folder = cluster("file-path", "KL101");
    let one = json(&run::run(&folder, &["host2/docker-compose.yml", "--format", "json"]));
    c.equal("nodes", &Some(1), &one.0["summary"]["nodes"].as_u64());
    let (folder, _) = mendable("file-path-odd-name");
    fs::rename(folder.join("server.properties"), folder.join("node1.cfg")).unwrap();
    c.equal("exit code, not named", &3, &run::run(&folder, &[""; 0]).code);
    let named = json(&run::run(&folder, &["node1.cfg", "--format", "json"]));
    c.equal("nodes, named", &Some(1), &named.0["summary"]["nodes"].as_u64());
}

fn folder_named_show(c: &mut Complaints) {
    let folder = cluster("named-like-a-command", "KL101");
    for command in ["show", "rules", "check"] {
        let below = folder.join(command);
        fs::create_dir_all(&below).unwrap();
        fs::copy(folder.join("host1/docker-compose.yml"), below.join("compose.yml")).unwrap();
        let ran = run::run(&folder, &[&format!("./{command}"), "--format", "json"]);
        c.equal(&format!("nodes below ./{command}"), &Some(1), &json(&ran).0["summary"]["nodes"].as_u64());
    }
}

fn show(c: &mut Complaints) {
    let folder = cluster("show", "KL101");
    let ran = run::run(&folder, &["show"]);
    c.equal("exit code", &0, &ran.code);
    for part in
        ["host1/brokerbox", "id 1", "broker,controller", "node.id = 1", "docker-compose.yml:9", "environment"]
    {
        c.check(ran.out.contains(part), || format!("{part:?} is not in\n{}", ran.out));
    }
    let all = run::run(&folder, &["show", "--all"]);
    let lines = |text: &str| text.lines().count();
    c.check(lines(&all.out) >= lines(&ran.out), || "--all shows less".to_owned());
}

fn show_json(c: &mut Complaints) {
    let folder = cluster("show-json", "KL101");
    let checked = json(&run::run(&folder, &["--format", "json"]));
    let shown = json(&run::run(&folder, &["show", "--format", "json"]));
    c.equal("version", &Some(1), &shown.0["version"].as_u64());
    let mut clusters = shown.0["clusters"].clone();
    for node in
        clusters.as_array_mut().into_iter().flatten().flat_map(|c| c["nodes"].as_array_mut()).flatten()
    {
        let settings = node.as_object_mut().and_then(|n| n.remove("settings")).unwrap_or_default();
        let id = settings.as_array().into_iter().flatten().find(|s| s["key"] == "node.id").cloned();
        let id = id.unwrap_or_default();
        c.equal("origin of node.id", &"environment", &text(&id["origin"]));
        let bytes = fs::read(folder.join(text(&id["file"]))).unwrap_or_default();
        let range = super::view::offset(&id["start"])..super::view::offset(&id["end"]);
        let under = String::from_utf8_lossy(bytes.get(range).unwrap_or_default()).into_owned();
        c.equal("the bytes of node.id", &text(&id["value"]), &under.as_str());
        c.equal("its value", &node["id"].to_string().as_str(), &text(&id["value"]));
    }
    c.equal("clusters of show and check", &checked.0["clusters"], &clusters);
}

fn show_compose(c: &mut Complaints) {
    let folder = empty("show-compose");
    let compose = "services:\n  k:\n    image: apache/kafka:${TAG}\n    ports: ['19092:9092']\n    environment:\n      KAFKA_NODE_ID: 010\n      KAFKA_SASL_PASSWORD: geheim\n    volumes: ['./data:/d/:ro']\n";
    fs::write(folder.join("compose.yml"), compose).unwrap();
    fs::write(folder.join("compose.override.yml"), "services:\n  k:\n    hostname: h\n").unwrap();
    fs::write(folder.join(".env"), "TAG=4.1.0\n").unwrap();
    let shown = |args: &[&str]| {
        let ran = run::run(&folder, &[&["show", "--compose", "--format", "json"], args].concat());
        (json(&ran).0, ran.code)
    };
    let (all, code) = shown(&[]);
    c.equal("exit code", &0, &code);
    let source = folder.canonicalize().unwrap().join("data");
    let wanted = serde_json::json!({ "refused": null, "services": { "k": {
        "image": "apache/kafka:4.1.0",
        "hostname": "h",
        "environment": { "KAFKA_NODE_ID": "8", "KAFKA_SASL_PASSWORD": "********" },
        "ports": [{ "mode": "ingress", "target": 9092, "published": "19092", "protocol": "tcp" }],
        "volumes": [{ "type": "bind", "source": source.to_str(), "target": "/d", "read_only": true }],
        "networks": { "default": null },
    } } });
    c.equal("what Compose makes of the folder", &wanted, &all);
    let (one, _) = shown(&["compose.yml"]);
    c.check(one["services"]["k"].get("hostname").is_none(), || format!("an override was read: {one}"));
    let text = run::run(&folder, &["show", "--compose"]).out;
    c.check(text.contains("image: \"apache/kafka:4.1.0\" # compose.yml:3:12\n"), || text.clone());
    c.check(!text.contains("geheim"), || text.clone());
    let parsed: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    c.equal("as YAML", &Some("h"), &parsed["services"]["k"]["hostname"].as_str());
    fs::write(folder.join("compose.yml"), "services:\n  k:\n    image: 5\n").unwrap();
    let (refused, code) = shown(&[]);
    c.equal("exit code when refused", &1, &code);
    c.equal(
        "where",
        &serde_json::json!(["compose.yml", 3]),
        &serde_json::json!([refused["refused"]["file"], refused["refused"]["line"]]),
    );
    c.equal("services", &serde_json::json!({}), &refused["services"]);
}

fn show_files(c: &mut Complaints) {
    let folder = cluster("show-files", "correct");
    fs::write(folder.join("log4j.properties"), "log4j.rootLogger=INFO\n").unwrap();
    fs::write(folder.join("other.yml"), "a: b\n").unwrap();
    let ran = run::run(&folder, &["--show-files"]);
    c.equal("exit code", &0, &ran.code);
    c.equal("standard output", &"", &ran.out.as_str());
    for (path, used) in
        [("host1/docker-compose.yml", true), ("log4j.properties", false), ("other.yml", false)]
    {
        let line = ran.err.lines().find(|l| l.starts_with(&format!("{path}: ")));
        let ok = line.is_some_and(|l| l.contains("not used") != used);
        c.check(ok, || format!("{path}, used {used}: {line:?}"));
    }
}

fn rules(c: &mut Complaints) {
    let ran = run::run(&empty("rules"), &["rules"]);
    c.equal("exit code", &0, &ran.code);
    let told: Vec<&str> = ran.out.lines().filter_map(|l| l.split_whitespace().next()).collect();
    let known: Vec<&str> = kraftlint::rules::code::META.iter().map(|m| m.id).collect();
    c.equal("rules", &known, &told);
}

/// A node on 3.9 with a setting for each part of what `upgrade --to 4.2` tells.
fn old_node(name: &str) -> PathBuf {
    let folder = empty(name);
    fs::write(
        folder.join("server.properties"),
        "process.roles=broker,controller\nnode.id=1\nlisteners=PLAINTEXT://:9092,CONTROLLER://:9093\n\
         advertised.listeners=PLAINTEXT://kafka1:9092\ncontroller.listener.names=CONTROLLER\n\
         controller.quorum.voters=1@kafka1:9093\nlog.dirs=/var/lib/kafka/data\nlog.segment.bytes=1048575\n\
         message.max.bytes=500000\nlog.cleaner.enable=true\ndelegation.token.master.key=geheim\n\
         controller.quorum.auto.join.enable=false\nnum.recovery.threads.per.data.dir=1\n",
    )
    .unwrap();
    folder
}

fn upgrade(c: &mut Complaints) {
    let folder = old_node("upgrade");
    let ran = run::run(&folder, &["upgrade", "--to", "4.2", "--kafka-version", "3.9"]);
    c.equal("exit code", &1, &ran.code);
    for part in [
        "Upgrade to Kafka 4.2\n  server from 3.9\n",
        "Would be refused (1)\n  KL505  server.properties:8:19\n",
        "Would no longer be read (1)\n  KL502  server.properties:11:1\n",
        "Would be deprecated (1)\n  KL503  server.properties:10:1\n",
        "  log.message.timestamp.after.max.ms\n    3600000 (1 h), was 9223372036854775807 (no limit)\n",
    ] {
        c.check(ran.out.contains(part), || format!("{part:?} is not in\n{}", ran.out));
    }
    // It is set; and what refuses to start mends nothing.
    for part in ["  num.recovery", "mended", "geheim", "metric.reporters", "besides"] {
        c.check(!ran.out.contains(part), || format!("{part:?} is in\n{}", ran.out));
    }
    let small = run::run(&folder, &["upgrade", "--to", "3.9.2", "--kafka-version", "3.9.1"]);
    c.equal("exit code where nothing is lost", &0, &small.code);
    c.check(small.out.contains("Nothing in these files would change."), || small.out.clone());
    let untold = run::run(&folder, &["upgrade", "--to", "4.0"]);
    c.check(untold.out.contains("Nothing tells which release server runs"), || untold.out.clone());
    c.equal(
        "exit code beside nothing",
        &3,
        &run::run(&empty("upgrade-bare"), &["upgrade", "--to", "4.0"]).code,
    );
    let mended = cluster("upgrade-mended", "correct");
    fs::remove_dir_all(mended.join("host2")).unwrap();
    fs::write(
        mended.join("server.properties"),
        fs::read_to_string(folder.join("server.properties")).unwrap().replace("=1048575", "=2048576"),
    )
    .unwrap();
    let ran = run::run(&mended, &["upgrade", "--to", "4.2", "--kafka-version", "4.1", "server.properties"]);
    c.check(ran.out.contains("Would be mended (1)\n  KL504  server.properties:12:1\n"), || ran.out.clone());
}

fn upgrade_json(c: &mut Complaints) {
    let folder = old_node("upgrade-json");
    let ran = run::run(&folder, &["upgrade", "--to", "4.2", "--kafka-version", "3.9.1", "--format", "json"]);
    c.equal("exit code", &1, &ran.code);
    c.check(!ran.out.contains("geheim"), || format!("a secret is told:\n{}", ran.out));
    let json: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    c.equal("version", &Some(1), &json["version"].as_u64());
    c.equal("from", &serde_json::json!(["3.9.1"]), &json["nodes"][0]["from"]);
    let codes = |part: &str| -> Vec<String> {
        let all = json[part].as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().map(|d| text(&d["code"]).to_owned()).collect()
    };
    for (part, expected) in [
        ("refused", &["KL505"][..]),
        ("lost", &["KL502"]),
        ("deprecated", &["KL503"]),
        ("found", &[]),
        ("mended", &[]),
    ] {
        c.equal(part, &expected.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>(), &codes(part));
    }
    let keys: Vec<&str> = json["defaults"].as_array().unwrap().iter().map(|d| text(&d["key"])).collect();
    c.check(keys.contains(&"log.message.timestamp.after.max.ms"), || format!("{keys:?}"));
    c.check(!keys.contains(&"num.recovery.threads.per.data.dir"), || format!("{keys:?}"));
}

fn no_upgrade(c: &mut Complaints) {
    let folder = old_node("no-upgrade");
    for (to, from, why) in [
        ("9.9", "3.9", "`9.9` names no Kafka release"),
        ("latest", "3.9", "`latest` names no Kafka release"),
        ("4.1..3.9", "3.9", "upside down, write 3.9..4.1"),
        ("4.0", "4.1..4.0", "upside down, write 4.0..4.1"),
        ("3.8", "3.9", "older than what runs here (3.9)"),
    ] {
        refused(&run::run(&folder, &["upgrade", "--to", to, "--kafka-version", from]), why, c);
    }
    refused(&run::run(&folder, &["upgrade"]), "--to", c);
}

fn explain_key(c: &mut Complaints) {
    let folder = cluster("explain-key", "correct");
    fs::write(
        folder.join("server.properties"),
        "process.roles=broker\nnode.id=9\nssl.keystore.password=geheim1\nlog.retention.ms=60000\n\
         listener.name.tls.ssl.keystore.password=geheim2\n",
    )
    .unwrap();
    let by_key = run::run(&folder, &["explain", "log.retention.ms"]);
    c.equal("exit code", &0, &by_key.code);
    for part in [
        "Server\n",
        "(LONG)",
        "server.properties:4",
        "60000",
        "Not set by",
        "#brokerconfigs_log.retention.ms",
    ] {
        c.check(by_key.out.contains(part), || format!("{part:?} is not in\n{}", by_key.out));
    }
    let by_variable = run::run(&folder, &["explain", "KAFKA_CFG_LOG_RETENTION_MS", "server.properties"]);
    c.check(by_variable.out.starts_with("log.retention.ms\n"), || by_variable.out.clone());
    let secret = run::run(&folder, &["explain", "ssl.keystore.password"]);
    c.check(secret.out.contains("server.properties:3") && secret.out.contains("server.properties:5"), || {
        secret.out.clone()
    });
    c.check(!secret.out.contains("geheim"), || format!("a secret is told:\n{}", secret.out));
    refused(&run::run(&folder, &["explain", "log.dis"]), "did you mean `log.dir` or `log.dirs`?", c);
    refused(&run::run(&folder, &["explain", "log.dirs", "no-such-folder"]), "no-such-folder", c);
    let bare = empty("explain-key-bare");
    c.equal("exit code beside nothing", &0, &run::run(&bare, &["explain", "log.dirs"]).code);
    c.equal("exit code of a PATH with nothing", &3, &run::run(&bare, &["explain", "log.dirs", "."]).code);
}

fn explain(c: &mut Complaints) {
    let folder = empty("explain");
    let by_code = run::run(&folder, &["explain", "kl101"]);
    c.equal("exit code", &0, &by_code.code);
    c.equal("by name", &by_code.out, &run::run(&folder, &["explain", "duplicate-node-id"]).out);
    for part in [
        "KL101",
        "duplicate-node-id",
        "error",
        "cannot-join",
        "What it finds",
        "rules/KL101-duplicate-node-id.md",
    ] {
        c.check(by_code.out.contains(part), || format!("{part:?} is not in\n{}", by_code.out));
    }
    refused(&run::run(&folder, &["explain", "duplicate-nod-id"]), "did you mean `duplicate-node-id`?", c);
    for meta in kraftlint::rules::code::META {
        let ran = run::run(&folder, &["explain", meta.id]);
        c.check(ran.code == 0 && ran.out.contains(meta.summary), || {
            format!("{}: {}{}", meta.id, ran.out, ran.err)
        });
    }
}

fn version(c: &mut Complaints) {
    let ran = run::run(&empty("version"), &["--version"]);
    c.equal("version", &format!("kraftlint {}\n", env!("CARGO_PKG_VERSION")), &ran.out);
    c.equal("exit code", &0, &ran.code);
}

fn help(c: &mut Complaints) {
    let folder = empty("help");
    let mut out = String::new();
    for args in [
        &["--help"][..],
        &["show", "--help"],
        &["explain", "--help"],
        &["upgrade", "--help"],
        &["rules", "--help"],
    ] {
        let ran = run::run(&folder, args);
        c.equal("exit code", &0, &ran.code);
        c.equal("standard error", &"", &ran.err.as_str());
        // The width of a terminal, if there is one, is not ours.
        out.push_str(&format!("$ kraftlint {}\n{}\n", args.join(" "), ran.out));
    }
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(case::root().join("testcases/cli"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("help", out));
}

/// `# kraftlint: ignore[…]`, in every kind of file, and where it must not count.
fn ignored_by_comments(c: &mut Complaints) {
    const COMPOSE: &str = "services:\n  kafka:\n    image: apache/kafka:4.1.0\n    environment:\n";
    const SERVER: &str = "process.roles=broker,controller\nlisteners=PLAINTEXT://:9092,CONTROLLER://:9093\n\
        controller.listener.names=CONTROLLER\ncontroller.quorum.voters=1@a:9093\nadvertised.listeners=PLAINTEXT://a:9092\n";
    let two = |first: &str, second: &str| {
        let file = |id: &str| format!("{SERVER}{id}\n");
        vec![
            ("a/server.properties".to_owned(), file(first)),
            ("b/server.properties".to_owned(), file(second)),
        ]
    };
    let compose = |lines: &str| vec![("compose.yml".to_owned(), format!("{COMPOSE}{lines}"))];
    let env = |line: &str| {
        let lines = format!("{COMPOSE}      KAFKA_NODE_ID: ${{ID}}\n      KAFKA_PROCESS_ROLES: broker\n");
        let lines = format!("{lines}      KAFKA_CONTROLLER_QUORUM_VOTERS: 1@c:9093,2@d:9093\n");
        vec![("compose.yml".to_owned(), lines), (".env".to_owned(), format!("{line}\n"))]
    };
    let content = |note: &str| {
        let start = "services:\n  kafka:\n    image: apache/kafka:4.1.0\n    configs:\n      - source: k\n        target: /mnt/shared/config/server.properties\n";
        let server = format!("{SERVER}node.id=1\n{note}\nlog.retention.huors=1\n").replace('\n', "\n      ");
        vec![(
            "compose.yml".to_owned(),
            format!("{start}configs:\n  k:\n    content: |\n      {}\n", server.trim_end()),
        )]
    };
    let slip = "      KAFKA_NODE_ID: 1\n";
    let cases = [
        (
            "the line above, in properties",
            two("# kraftlint: ignore[KL101] a test\nnode.id=1", "node.id=1"),
            "KL101",
            1,
        ),
        (
            "at a related label",
            two("node.id=1", "# kraftlint: ignore[duplicate-node-id]\nnode.id=1"),
            "KL101",
            1,
        ),
        ("another rule", two("# kraftlint: ignore[KL116]\nnode.id=1", "node.id=1"), "KL101", 0),
        (
            "behind a value it is part of it",
            two("node.id=1", "node.id=1 # kraftlint: ignore[KL101]"),
            "KL006",
            0,
        ),
        (
            "the end of a line",
            compose(&format!("{slip}      KAFKA_LOG_RETENTION_HUORS: 1 # kraftlint: ignore[KL501]\n")),
            "KL501",
            1,
        ),
        (
            "the line above",
            compose(&format!(
                "{slip}      # kraftlint: ignore[KL5]\n      # why\n      KAFKA_LOG_RETENTION_HUORS: 1\n"
            )),
            "KL501",
            1,
        ),
        (
            "two lines above",
            compose(&format!("      # kraftlint: ignore[KL501]\n{slip}      KAFKA_LOG_RETENTION_HUORS: 1\n")),
            "KL501",
            0,
        ),
        (
            "no comment",
            compose(&format!("{slip}      KAFKA_LOG_RETENTION_HUORS: '# kraftlint: ignore[KL501]'\n")),
            "KL501",
            0,
        ),
        (".env", env("ID=1 # kraftlint: ignore[KL115]"), "KL115", 1),
        ("inline content", content("# kraftlint: ignore[KL501]"), "KL501", 1),
        (
            "in a script",
            vec![
                (
                    "format.sh".to_owned(),
                    "# kraftlint: ignore[KL132]\nkafka-storage.sh format -t short -c server.properties\n"
                        .to_owned(),
                ),
                ("server.properties".to_owned(), format!("{SERVER}node.id=1\n")),
            ],
            "KL132",
            1,
        ),
        ("inline content, another rule", content("# kraftlint: ignore[KL101]"), "KL501", 0),
    ];
    for (name, files, code, suppressed) in cases {
        let folder = empty(&format!("ignored-{}", name.replace([' ', ',', '.'], "-")));
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let told = json(&run::run(&folder, &["--format", "json", "--one-cluster"]));
        c.equal(
            &format!("suppressed: {name}"),
            &suppressed,
            &told.0["summary"]["suppressed"].as_u64().unwrap(),
        );
        c.check(told.has(code) == (suppressed == 0), || format!("{name}: {}", told.list()));
    }
}

/// Both ways into pre-commit are one hook of one version.
fn hooks(c: &mut Complaints) {
    let read = |path: &str| fs::read_to_string(case::root().join(path)).unwrap();
    let hook = |path: &str| {
        let hooks: serde_yaml::Value = serde_yaml::from_str(&read(path)).unwrap();
        let mut hook = hooks.get(0).cloned().unwrap();
        let language = hook.as_mapping_mut().unwrap().remove("language");
        (hook, language)
    };
    let (built, wheel) = (hook(".pre-commit-hooks.yaml"), hook("dist/pre-commit/.pre-commit-hooks.yaml"));
    c.check(built.0 == wheel.0, || format!("{:?} is not {:?}", built.0, wheel.0));
    c.check(built.1 != wheel.1, || "both are built in one way".to_owned());
    let version = env!("CARGO_PKG_VERSION");
    let project = read("dist/pre-commit/pyproject.toml");
    for wanted in [format!("version = \"{version}\""), format!("kraftlint=={version}")] {
        c.check(project.contains(&wanted), || format!("dist/pre-commit/pyproject.toml lacks {wanted}"));
    }
}

fn settings_file(c: &mut Complaints) {
    let folder = cluster("settings-file", "KL101");
    fs::write(folder.join("kraftlint.toml"), "ignore = ['KL101']\n").unwrap();
    c.equal("exit code", &0, &run::run(&folder, &[""; 0]).code);
    c.equal("exit code from a folder below", &0, &run::run(&folder.join("host1"), &[".."]).code);
    c.equal("exit code with --isolated", &1, &run::run(&folder, &["--isolated"]).code);
    c.equal("exit code with --select", &1, &run::run(&folder, &["--select", "KL101"]).code);
    fs::rename(folder.join("kraftlint.toml"), folder.join("other.toml")).unwrap();
    c.equal("exit code without", &1, &run::run(&folder, &[""; 0]).code);
    c.equal("exit code with --config", &0, &run::run(&folder, &["--config", "other.toml"]).code);
    fs::write(folder.join("other.toml"), "fail-on = 'never'\n").unwrap();
    c.equal("exit code, fail-on never", &0, &run::run(&folder, &["--config", "other.toml"]).code);
    let args = ["--config", "other.toml", "--fail-on", "error"];
    c.equal("exit code, the command line goes first", &1, &run::run(&folder, &args).code);
}

fn broken_settings_file(c: &mut Complaints) {
    let folder = cluster("broken-settings-file", "KL101");
    for (text, why) in [
        ("ignore = ['KL101'\n", "kraftlint.toml:"),
        ("\nignor = ['KL101']\n", "kraftlint.toml:2: "),
        ("kafka-version = '2.8'\n", "names no Kafka release"),
    ] {
        fs::write(folder.join("kraftlint.toml"), text).unwrap();
        refused(&run::run(&folder, &[""; 0]), why, c);
    }
}

fn no_stdin(c: &mut Complaints) {
    let folder = cluster("stdin", "KL101");
    let mut child = Command::new(env!("CARGO_BIN_EXE_kraftlint"))
        .args(["--isolated", "--format", "json"])
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Held open: who reads it would wait for ever.
    let open = child.stdin.take();
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    c.equal("exit code", &Some(1), &child.wait().unwrap().code());
    c.check(out.contains("KL101"), || out.clone());
    drop(open);
}
