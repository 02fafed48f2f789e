//! What the images' own entrypoints make of an environment (`oracle/images`) is what the node's settings are.

use std::collections::BTreeMap;
use std::fs;

use kraftlint::settings::{NodeSettings, Settings};
use kraftlint::source::MemoryFiles;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::view::text;
use super::{Complaints, case, trial};

pub(super) fn trials() -> Vec<Trial> {
    let tables = case::files_below(&case::root().join("testcases/oracle/images"));
    let name = |path: &std::path::Path| format!("images::{}", path.file_stem().unwrap().to_string_lossy());
    tables.into_iter().map(|path| trial(name(&path), move |complaints| replay(&path, complaints))).collect()
}

fn replay(path: &std::path::Path, complaints: &mut Complaints) {
    let table = fs::read_to_string(path).unwrap();
    for line in table.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        // A container that stops has no properties.
        let Some(real) = case["properties"].as_object().filter(|_| case.get("refused").is_none()) else {
            continue;
        };
        let (origin, found) = shown(&case);
        if real.contains_key("default") && real.len() == 1 {
            complaints.check(origin == ["image"], || format!("{line}\n  is not the default file: {found:?}"));
            continue;
        }
        for (key, value) in real {
            // Not shown on purpose: it may be anything.
            if text(value).is_empty() && !key.contains('.') {
                continue;
            }
            let fits = found.get(key).is_some_and(|shown| fits(shown, text(value)));
            complaints.check(fits, || format!("{line}\n  {key}: {:?}, not {value}", found.get(key)));
        }
        for key in found.keys().filter(|key| !real.contains_key(*key)) {
            complaints.add(format!("{line}\n  {key} is too much"));
        }
    }
}

/// What is set, and by whom.
fn shown(case: &Value) -> (Vec<&'static str>, BTreeMap<String, String>) {
    let escape = |value: &Value| text(value).replace('$', "$$");
    let environment: serde_json::Map<String, Value> =
        case["env"].as_object().unwrap().iter().map(|(k, v)| (k.clone(), escape(v).into())).collect();
    let mut service = json!({"image": case["image"], "environment": environment});
    let mut files = MemoryFiles::default();
    if let Some(file) = case.get("mounted") {
        files.insert("config/server.properties", text(&file["server.properties"]).as_bytes().to_vec());
        let is_bitnami = text(&case["image"]).starts_with("bitnami");
        let target = if is_bitnami { "/bitnami/kafka/config" } else { "/mnt/shared/config" };
        service["volumes"] = json!([format!("./config:{target}")]);
    }
    if let Some(args) = case["args"].as_array() {
        let is_apache = text(&case["image"]).starts_with("apache");
        let run = if is_apache { "/etc/kafka/docker/run" } else { "/etc/confluent/docker/run" };
        let words = std::iter::once(run.to_owned()).chain(args.iter().map(escape));
        service["command"] = words.collect::<Vec<_>>().into();
    }
    let compose = json!({"services": {"kafka": service}});
    files.insert("compose.yml", compose.to_string().into_bytes());
    let mut settings = Settings::new();
    settings.node_settings = NodeSettings::Set;
    let report = kraftlint::lint(&files, &[".".to_owned()], &settings);
    let nodes = report.clusters.iter().flat_map(|c| &c.nodes);
    let all: Vec<_> = nodes.flat_map(|n| &n.settings).collect();
    let mut origins: Vec<&'static str> = all.iter().map(|s| s.origin).collect();
    origins.dedup();
    (origins, all.iter().map(|s| (s.key.clone(), s.value.clone())).collect())
}

/// True when `shown` says nothing wrong of `real`; `${…}` is what is not known.
fn fits(shown: &str, real: &str) -> bool {
    let mut parts = shown.split("${…}");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = real.strip_prefix(first) else { return false };
    let mut open = false;
    for part in parts {
        open = true;
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty() || open
}
