//! One folder that shows everything, `testcases/formats/all`, in every format: what a change does to an output is seen.

use libtest_mimic::Trial;

use super::{case, run, trial};

pub(super) fn trials() -> Vec<Trial> {
    run::FORMATS.iter().map(|(name, _)| trial(format!("formats::{name}"), move |_| snapshot(name))).collect()
}

fn snapshot(format: &str) {
    let folder = case::root().join("testcases/formats/all");
    let ran = run::run(&folder, &["--color", "never", "--quiet", "--format", format]);
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(&folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    // The pages of the rules are in it as a whole: they have tests of their own.
    let text = if format == "sarif" { without_pages(&ran.out) } else { ran.out };
    settings.bind(|| insta::assert_snapshot!(format!("expected-{format}"), text));
}

fn without_pages(log: &str) -> String {
    let mut log: serde_json::Value = serde_json::from_str(log).unwrap();
    for rule in log["runs"][0]["tool"]["driver"]["rules"].as_array_mut().unwrap() {
        rule["help"]["markdown"] = "(the page)".into();
    }
    serde_json::to_string_pretty(&log).unwrap()
}
