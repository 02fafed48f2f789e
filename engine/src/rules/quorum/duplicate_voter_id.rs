//! KL112: one id twice in a voter list. Kafka keeps the last entry and says nothing.

use crate::diagnostic::{Code, Diagnostic, Effect, Severity};
use crate::rules::{Context, Sink};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, _) in cx.clusters() {
        for listed in cx.listed() {
            let voters: Vec<_> = listed.voters.iter().collect();
            for (i, voter) in voters.iter().enumerate() {
                let Some(id) = voter.id else { continue };
                let Some(first) = voters.iter().take(i).rev().find(|v| v.id == Some(id)) else { continue };
                let same = first.entry.as_str().eq_ignore_ascii_case(voter.entry.as_str());
                let message = if same {
                    format!("voter {id} is listed twice")
                } else {
                    format!(
                        "voter {id} is listed twice with different addresses; Kafka silently takes the last one"
                    )
                };
                let mut finding = Diagnostic::at(Code::KL112, voter.entry, message)
                    .label(if same { "once is enough" } else { "this one counts" })
                    .related_value(first.entry, if same { "the same entry" } else { "this one is lost" })
                    .help(if same {
                        "Kafka counts it once. Remove one of the two, and see whether another controller was meant."
                    } else {
                        "The quorum has one voter less than the list suggests, and the node behind the lost entry is \
                         never asked. Give each controller one entry with its own id."
                    })
                    .node(&listed.node.name)
                    .cluster(c)
                    .key("controller.quorum.voters");
                if same {
                    finding = finding.severity(Severity::Warning).effect(Effect::Hygiene, None);
                }
                out.push(finding);
            }
        }
    }
}
