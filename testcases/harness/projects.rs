//! Whole compose projects against what compose-go makes of them (`oracle/compose`, `go run . project`).
//!
//! Used by the harness, which replays recorded answers, and by `oracle/compose/compare.rs`, which looks at fresh ones.

use std::collections::BTreeSet;

use kraftlint::compose::Options;
use kraftlint::settings::Home;
use kraftlint::source::{MemoryFiles, Sources};
use kraftlint::{compose, output};
use serde_json::{Map, Value, json};

/// Where the project lies.
const FOLDER: &str = "/up/project";

/// What kraftlint says otherwise than compose-go did: one line a difference.
pub(crate) fn differences(answer: &Value) -> Vec<String> {
    let input = &answer["in"];
    let mut files = MemoryFiles::default();
    for (path, text) in input["files"].as_object().into_iter().flatten() {
        files.insert(path, text.as_str().unwrap_or_default());
    }
    let strings = |v: &Value| -> Vec<String> {
        v.as_array().into_iter().flatten().filter_map(|s| s.as_str().map(str::to_owned)).collect()
    };
    let home = Home { working_directory: FOLDER.to_owned(), folder: FOLDER.to_owned() };
    let env = input["env"].as_object().into_iter().flatten();
    let options = Options {
        files: strings(&input["load"]),
        profiles: strings(&input["profiles"]),
        env: env.map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned())).collect(),
        working_directory: FOLDER.to_owned(),
        ..Options::default()
    };
    let mut sources = Sources::default();
    let ours = match compose::resolve(&files, &mut sources, ".", &options) {
        None => json!({ "refused": "there is no compose file" }),
        Some(resolved) => {
            let mut text = Vec::new();
            output::compose::json(&resolved, &sources, &home, &mut text).expect("memory takes everything");
            serde_json::from_slice(&text).expect("what we write is JSON")
        }
    };
    match (&ours["refused"], answer["ok"] == json!(true)) {
        (Value::Null, true) => services(&ours["services"], &answer["services"]),
        (Value::Null, false) => vec![format!("taken, but compose-go refuses it: {}", answer["error"])],
        (why, true) => vec![format!("refused, but compose-go takes it: {why}")],
        (_, false) => Vec::new(),
    }
}

fn services(ours: &Value, theirs: &Value) -> Vec<String> {
    let (none, mut out) = (Map::new(), Vec::new());
    let (ours, theirs) = (ours.as_object().unwrap_or(&none), theirs.as_object().unwrap_or(&none));
    for name in ours.keys().chain(theirs.keys()).collect::<BTreeSet<_>>() {
        let (Some(mine), Some(other)) = (ours.get(name), theirs.get(name)) else {
            out.push(format!("only one has the service {name}"));
            continue;
        };
        let fields = |v: &Value| v.as_object().into_iter().flatten().map(|f| f.0.clone()).collect::<Vec<_>>();
        for field in fields(mine).into_iter().chain(fields(other)).collect::<BTreeSet<_>>() {
            let (mine, other) = (shown(&field, &mine[&field]), shown(&field, &other[&field]));
            if !same(&mine, &other) {
                out.push(format!("{name}.{field}: we {mine}, compose-go {other}"));
            }
        }
    }
    out
}

/// A field without what does not count: the order of hosts, what only one side tells.
fn shown(field: &str, value: &Value) -> Value {
    let mut value = value.clone();
    match (field, &mut value) {
        ("extra_hosts", Value::Array(list)) => list.sort_by_key(Value::to_string),
        ("depends_on", Value::Object(map)) => {
            for one in map.values_mut().filter_map(Value::as_object_mut) {
                one.remove("restart");
            }
        }
        ("volumes", Value::Array(list)) => {
            for source in list.iter_mut().filter_map(|v| v.get_mut("source")) {
                if let Some(text) = source.as_str() {
                    *source = place(text).into();
                }
            }
        }
        _ => {}
    }
    value
}

/// A path as the oracle writes it.
fn place(path: &str) -> String {
    let below =
        |folder: &str| path.strip_prefix(folder).filter(|rest| rest.is_empty() || rest.starts_with('/'));
    match (below(FOLDER), below("/up"), path.strip_prefix('~')) {
        (Some(rest), ..) => format!("$DIR{rest}"),
        (_, Some(rest), _) => format!("$UP{rest}"),
        // `~` is `/~` there.
        (.., Some(_)) => format!("/{path}"),
        _ => path.to_owned(),
    }
}

/// Equal, where a secret that we hide is equal to anything.
fn same(mine: &Value, other: &Value) -> bool {
    match (mine, other) {
        (Value::String(text), Value::String(other)) if text.contains("***") => {
            let first = text.find("***").and_then(|at| text.get(..at));
            let last = text.rfind("***").and_then(|at| text.get(at + 3..));
            first.is_some_and(|f| other.starts_with(f)) && last.is_some_and(|l| other.ends_with(l))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(k, v)| b.get(k).is_some_and(|w| same(v, w)))
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (a, b) => a == b,
    }
}
