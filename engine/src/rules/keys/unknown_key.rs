//! KL501: a key that no release knows, near a real one or in Kafka's own name space.

use crate::hash::HashSet;
use std::sync::OnceLock;

use super::{Owner, at, rename, shown};
use crate::cluster::Setting;
use crate::diagnostic::{Code, Diagnostic, Fix, Safety};
use crate::image::Family;
use crate::kafka::catalog::{self, Scope};

pub(super) fn judge(owner: &Owner<'_>, setting: &Setting) -> Option<Diagnostic> {
    let key = setting.key();
    // A key without a value and separator is a stray line, KL012's.
    if setting.value.as_str().is_empty() && !key.contains('.') {
        return None;
    }
    let near = catalog::nearest(owner.scopes, key, owner.versions.bits())
        .or_else(|| catalog::nearest(&Scope::ALL, key, owner.versions.bits()));
    let help = "Kafka ignores keys it does not know, without a word: the setting has no effect.";
    let Some(near) = near else {
        // Confluent Server has keys of its own, and the entrypoint of an unknown image may read any variable.
        let others = owner.node.is_some_and(|n| {
            let unknown_image = n.image.family == Family::Unknown && n.service.is_some();
            unknown_image || matches!(n.image.family, Family::ConfluentServer | Family::ConfluentLocal)
        });
        if others || !is_own_space(key) || owner.node.is_none() {
            return None;
        }
        let message = format!("{} is no {} setting of Kafka 3.0 or later", shown(setting), owner.what);
        return Some(at(Code::KL501, setting, message).label("not known").help(help));
    };
    let here = owner.scopes.contains(&near.scope);
    let message = if near.only_case {
        format!("{} differs from {} in letter case, so Kafka does not know it", shown(setting), near.key)
    } else {
        format!("{} is no setting of Kafka, {} is", shown(setting), near.key)
    };
    let label = if here {
        format!("did you mean {}?", near.key)
    } else {
        format!("did you mean {}, which is no {} setting either?", near.key, owner.what)
    };
    let mut finding = at(Code::KL501, setting, message).label(label).help(help);
    if here && let Some(edit) = rename(owner, setting, near.key) {
        let safety = if near.only_case { Safety::Safe } else { Safety::Unsafe };
        finding =
            finding.fix(Fix { safety, message: format!("rename it to {}", near.key), edits: vec![edit] });
    }
    Some(finding)
}

/// Does the key start like several of Kafka's own server keys?
fn is_own_space(key: &str) -> bool {
    static HEADS: OnceLock<HashSet<&'static str>> = OnceLock::new();
    let heads = HEADS.get_or_init(|| {
        // Words that others use too are left out: a reporter or plugin may read such a key.
        const SHARED: [&str; 9] =
            ["kafka", "metric", "metrics", "security", "ssl", "sasl", "client", "principal", "authorizer"];
        let keys = catalog::keys(Scope::Server).chain(catalog::keys(Scope::Consumer));
        keys.filter_map(|k| k.split_once('.').map(|(head, _)| head)).filter(|h| !SHARED.contains(h)).collect()
    });
    key.split_once('.').is_some_and(|(head, _)| heads.contains(head))
}
