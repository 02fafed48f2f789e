//! KL509: `${provider:path:key}` that nothing fills in.
//!
//! Kafka replaces it only where `config.providers` names the provider, exactly as written, and `config.providers.<name>.class`
//! says what it is; else the text stays as it is (`AbstractConfig.resolveConfigVariables`, `ConfigTransformer`; tried with
//! 3.4.1, 3.9.1 and 4.2.1).

use super::{Owner, shown};
use crate::cluster::{Origin, Setting};
use crate::diagnostic::{Code, Diagnostic};
use crate::text::{HOLE, Slice};

pub(super) fn judge(owner: &Owner<'_>, setting: &Setting) -> Option<Diagnostic> {
    let value = setting.value.as_str();
    if !value.contains("${")
        || setting.origin == Origin::Image
        || setting.key().starts_with("config.providers")
    {
        return None;
    }
    let providers = owner.settings.get("config.providers");
    let (name, slice) =
        references(setting.value.slice()).find(|(name, _)| !is_shell(name, providers.is_some()))?;
    let listed = match providers {
        Some(list) if list.value.as_str().contains(HOLE) => return None,
        Some(list) => list.value.as_str().trim().split(',').any(|n| n == name),
        // Where more may be set than is seen, this may.
        None if owner.is_open => return None,
        None => false,
    };
    let class = format!("config.providers.{name}.class");
    let why = match (providers, listed) {
        (None, _) => "config.providers is not set".to_owned(),
        (Some(_), false) => format!("config.providers does not name {name}"),
        (Some(_), true) if owner.settings.get(&class).is_some() || owner.is_open => return None,
        (Some(_), true) => format!("{class} is not set"),
    };
    let message = format!("nothing fills in ${{{name}:…}} in {}: {why}", shown(setting));
    let mut finding = Diagnostic::at(Code::KL509, slice, message)
        .key(setting.key())
        .label("stays as it is written")
        .help(format!(
            "Kafka takes the text itself as the value. Name the provider in config.providers and its class in {class}, for example \
             org.apache.kafka.common.config.provider.FileConfigProvider; or write the value."
        ));
    if let Some(list) = providers.filter(|_| !listed) {
        finding = finding.related_text(&list.value, "the providers there are");
    }
    Some(finding)
}

/// Each `${name:…}` with the name of its provider.
fn references(value: Slice<'_>) -> impl Iterator<Item = (&str, Slice<'_>)> {
    let text = value.as_str();
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + text.get(from..)?.find("${")?;
            let end = start + text.get(start..)?.find('}')?;
            from = end + 1;
            let inside = text.get(start + 2..end)?;
            if inside.contains(HOLE) {
                continue;
            }
            if let Some((name, _)) = inside.split_once(':') {
                return Some((name, value.range(start..end + 1)));
            }
        }
    })
}

/// `${VARIABLE:-default}` and `${VARIABLE:default}` are written for another program that may fill them in before Kafka sees them.
fn is_shell(name: &str, providers: bool) -> bool {
    name.is_empty() || !providers && !name.chars().any(|c| c.is_ascii_lowercase())
}
