//! What of a service cannot stand together (compose-go `loader/validate.go`): asked of services that are on. Not for its form: see
//! `forms`.

use super::load::Run;
use super::model::{Field, RawService};
use super::scalar;
use super::schema;
use super::values::Values;
use crate::source::Span;
use crate::text::Text;
use crate::yaml::NodeId;

/// What clashes, and where.
pub(super) fn find(run: &mut Run<'_, '_>, raw: &RawService) -> Vec<(Span, String)> {
    let mut found = Vec::new();
    let (mut scale, mut replicas) = (None, None);
    let (mut dockerfile, mut inline, mut test) = (None, None, None);
    let wanted = |f: Field| {
        matches!(f, Field::Scale | Field::Deploy | Field::Build)
            || matches!(f.name(), "healthcheck" | "develop")
    };
    for layer in raw.layers.iter().filter(|l| l.drops.is_none() && wanted(l.field)) {
        let values = run.values(layer.at.file, layer.at.scope);
        let node = layer.at.node;
        let get = |key: &str| values.tree().get(node, key).map(|e| e.value);
        let text = |node: Option<NodeId>| node.filter(|n| !values.is_null(*n)).and_then(|n| values.text(n));
        match layer.field {
            Field::Scale => scale = text(Some(node)).or(scale),
            Field::Deploy => replicas = text(get("replicas")).or(replicas),
            Field::Build => {
                dockerfile = text(get("dockerfile")).or(dockerfile);
                inline = text(get("dockerfile_inline")).or(inline);
            }
            field if field.name() == "develop" => {
                let watch = get("watch").map(|n| values.tree().items(n)).unwrap_or_default();
                found.extend(
                    watch
                        .iter()
                        .find(|n| !has_target(&values, **n))
                        .map(|n| (values.span(*n), "what is watched needs a `target` here".to_owned())),
                );
            }
            _ => {
                if let Some(node) = get("test") {
                    test = values.tree().items(node).first().and_then(|n| values.string(*n));
                }
            }
        }
    }
    found.extend(limits(run, raw));
    let number = |t: &Option<Text>| t.as_ref().and_then(|t| scalar::atoi(t.known()?));
    if let (Some(a), Some(b), Some(text)) = (number(&scale), number(&replicas), &scale)
        && a != b
    {
        found.push((text.span(), "`scale` and `deploy.replicas` differ".to_owned()));
    }
    if let (Some(a), Some(b)) = (&dockerfile, &inline)
        && !a.as_str().is_empty()
        && !b.as_str().is_empty()
    {
        found.push((b.span(), "`dockerfile` and `dockerfile_inline` exclude each other".to_owned()));
    }
    if let Some(text) = test
        && text.known().is_some_and(|t| !matches!(t, "CMD" | "CMD-SHELL" | "NONE"))
    {
        let message = "a health check starts with `CMD`, `CMD-SHELL` or `NONE`";
        found.push((text.span(), message.to_owned()));
    }
    found
}

/// True for what is watched with a target, or needs none (`loader/validate.go`).
fn has_target(values: &Values, watch: NodeId) -> bool {
    let get = |key: &str| values.tree().get(watch, key).and_then(|e| values.text(e.value));
    get("target").is_some_and(|t| !t.as_str().is_empty())
        || get("action").is_some_and(|a| !a.known().is_some_and(|a| !matches!(a, "rebuild" | "restart")))
}

/// Limits that are said twice must be the same; what `deploy` leaves out counts as none.
fn limits(run: &mut Run<'_, '_>, raw: &RawService) -> Option<(Span, String)> {
    const PAIRS: [(&str, &str, &str); 4] = [
        ("cpus", "limits", "cpus"),
        ("mem_limit", "limits", "memory"),
        ("mem_reservation", "reservations", "memory"),
        ("pids_limit", "limits", "pids"),
    ];
    for (own, section, key) in PAIRS {
        let Some(layer) = raw.named(own).next_back() else { continue };
        let values = run.values(layer.at.file, layer.at.scope);
        let number = |text: Text| match own {
            "cpus" => text.known()?.parse::<f64>().ok(),
            _ => schema::size(text.known()?),
        };
        let Some(text) = values.text(layer.at.node) else { continue };
        let Some(mine) = number(text.clone()).filter(|n| *n != 0.0) else { continue };
        let (mut other, mut has_section) = (Some(0.0), false);
        for layer in raw.of(Field::Deploy).filter(|l| l.drops.is_none()) {
            let values = run.values(layer.at.file, layer.at.scope);
            let tree = values.tree();
            let resources = tree.get(layer.at.node, "resources").and_then(|e| tree.get(e.value, section));
            has_section |= resources.is_some();
            if let Some(entry) = resources.and_then(|e| tree.get(e.value, key)) {
                other = values.text(entry.value).and_then(number);
            }
        }
        if has_section && other.is_some_and(|o| o != mine) {
            return Some((text.span(), format!("`{own}` and `deploy.resources.{section}.{key}` differ")));
        }
    }
    None
}
