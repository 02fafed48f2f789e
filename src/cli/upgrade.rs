//! `kraftlint upgrade`: read, compare, write.

use super::args::{RuleArgs, ShowFormat, Upgrade};
use super::check::{nothing_found, options};
use super::{Failure, Outcome, read, write};
use crate::kafka::version::VersionSet;
use crate::output;
use crate::settings::NodeSettings;
use crate::upgrade::compare;

pub(super) fn run(args: &Upgrade) -> Result<Outcome, Failure> {
    let to = read::versions("--to", &args.to)?;
    let mut input = read::input(&args.reading, &RuleArgs::default())?;
    input.settings.node_settings = NodeSettings::None;
    let upgrade = compare(&input.disk(), &input.roots, &input.settings, to);
    if upgrade.nodes.is_empty() {
        nothing_found(&input, &upgrade.before);
        return Ok(Outcome::NothingFound);
    }
    if upgrade.is_downgrade() {
        let from = upgrade.nodes.iter().fold(VersionSet::NONE, |all, node| all.or(node.from));
        return Err(Failure(format!(
            "--to: Kafka {} is older than what runs here ({})",
            to.describe(),
            from.describe()
        )));
    }
    let mut text = Vec::new();
    match args.format {
        ShowFormat::Json => output::upgrade_json(&upgrade, &mut text),
        ShowFormat::Text => output::upgrade::write(&upgrade, &options(args.color.wanted(), false), &mut text),
    }
    .map_err(|e| Failure(format!("cannot write the output: {e}")))?;
    write::stdout(&text)?;
    Ok(if upgrade.fails() { Outcome::Findings } else { Outcome::Clean })
}
