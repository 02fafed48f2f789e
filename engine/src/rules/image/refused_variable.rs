//! KL612: a variable at which the image's entrypoint stops.

use super::{entries, family_name, is_blank, is_partly_known};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::image::Family;
use crate::image::demand::REFUSED_BY_CONFLUENT;
use crate::rules::{Context, Sink};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, node, entry) in entries(cx) {
        if !matches!(node.image.family, Family::Confluent | Family::ConfluentServer) || !entry.pristine {
            continue;
        }
        for (variable, called) in REFUSED_BY_CONFLUENT {
            let Some((name, value)) = node.variable(variable).filter(|(_, v)| !is_blank(v)) else { continue };
            let image = family_name(node.image.family);
            let mut finding = Diagnostic::new(
                Code::KL612,
                name.span(),
                format!("{image} does not start where {variable} is set"),
            )
            .label("refused by the image's script")
            .help(format!(
                "The script stops with \"{called} is deprecated. Please use KAFKA_ADVERTISED_LISTENERS instead.\" Remove \
                 {variable}; a name or port for a script of your own needs another name."
            ))
            .key(called)
            .node(&node.name)
            .cluster(c);
            // Perhaps it is empty.
            if value.known().is_none() && value.slice().is_all_hole() || is_partly_known(name) {
                finding = finding.severity(Severity::Warning);
            }
            out.push(finding);
        }
    }
}
