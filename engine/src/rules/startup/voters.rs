//! KL111, KL113, KL114, KL115: the voter list itself, and whether the node belongs in it.
//!
//! Sources: `QuorumConfig.parseVoterConnections`, `KafkaConfig.validateValues` (3.0 and later).

use crate::cluster::{Node, Setting};
use crate::diagnostic::{Code, Diagnostic, Effect, RefusedBy, Severity};
use crate::kafka::address;
use crate::kafka::version::VersionSet;
use crate::kafka::voter::{Fault, Voters};
use crate::rules::{Context, Sink, refusal};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        for (_, node) in cx.nodes(cluster) {
            let Some((setting, voters)) = node.voters() else { continue };
            entries(c, node, setting, &voters, out);
            membership(c, node, setting, &voters, out);
            unroutable(c, node, &voters, out);
        }
    }
}

/// KL113. Servers of 3.8 and later stop when they start; from 4.2.1 on the configuration class of a controller does, unless its own
/// address says more (`AbstractKafkaConfig`, `QuorumConfig.parseVoterConnections`).
fn unroutable(c: usize, node: &Node, voters: &Voters<'_>, out: &mut Sink) {
    let Some(voter) = voters.iter().find(|v| v.host() == Some("0.0.0.0")) else { return };
    let finding = || {
        Diagnostic::at(Code::KL113, voter.entry, "a voter's address is 0.0.0.0, where nobody can reach it")
            .label("means every interface, and is no address to go to")
            .help("Write the address at which the other nodes reach this controller. 0.0.0.0 belongs into listeners only.")
            .cluster(c)
            .key("controller.quorum.voters")
    };
    let early = if by_configuration(node) { VersionSet::since((4, 2, 1)) } else { VersionSet::NONE };
    if node.versions.within(early) {
        out.extend(refusal(node, early, RefusedBy::Config, finding()));
        return;
    }
    out.extend(refusal(node, VersionSet::since((3, 8, 0)), RefusedBy::Broker, finding()));
    if let Some(mut config) = refusal(node, early, RefusedBy::Config, finding()) {
        // It is said already, and only the verdict on the configuration is another.
        config.quiet = true;
        out.push(config);
    }
}

/// Is the node a controller whose first listener for controllers has no host of its own, and is advertised with none?
fn by_configuration(node: &Node) -> bool {
    if !node.is_controller() {
        return false;
    }
    let Some((_, names)) = node.controller_names() else { return false };
    let Some(name) = names.iter().next() else { return false };
    let told = node.advertised().is_some_and(|(_, l)| l.named(name.as_str()).is_some());
    let listeners = node.listeners();
    let host = listeners.as_ref().and_then(|(_, l)| l.named(name.as_str())?.host());
    !told && host.is_some_and(|h| h.is_empty() || h == "0.0.0.0")
}

fn entries(c: usize, node: &Node, setting: &Setting, voters: &Voters<'_>, out: &mut Sink) {
    for (entry, fault) in voters.faults() {
        let text = entry.as_str();
        let (message, label) = match fault {
            Fault::Empty => {
                ("the voter list has an empty entry".to_owned(), "an entry is missing beside this comma")
            }
            _ if text.contains(';') => {
                (format!("`{text}` is no voter"), "separate voters by commas, not semicolons")
            }
            Fault::NoAt => {
                (format!("`{text}` is no voter: it is not of the form id@host:port"), "needs exactly one @")
            }
            Fault::Id => (
                format!("`{text}` is no voter: what stands before @ is no number"),
                "the id must be a whole number",
            ),
            Fault::Address => {
                (format!("`{text}` is no voter: what stands behind @ is not host:port"), "needs host:port")
            }
            Fault::Port => (format!("`{text}` is no voter: its port is above 65535"), "no such port"),
        };
        // An empty entry is shown by the comma before it, or behind it at the start.
        let all = setting.value.slice();
        let (at, from) = (entry.bounds().start, all.as_str());
        let comma = from.get(..at).and_then(|s| s.rfind(',')).or_else(|| from.find(','));
        let value = if entry.is_empty() { comma.map_or(all.trim(), |c| all.range(c..c + 1)) } else { entry };
        let finding = Diagnostic::at(Code::KL111, value, message)
            .label(label)
            .help("controller.quorum.voters is a list of id@host:port, one for each controller, separated by commas.")
            .cluster(c)
            .key("controller.quorum.voters");
        out.extend(refusal(node, VersionSet::all(), RefusedBy::Config, finding));
    }
    for voter in voters.iter() {
        let Some(skipped) = voter.address.skipped else { continue };
        let taken = voter.address.host.as_str();
        let all = voter.entry.as_str().split_once('@').map_or("", |(_, rest)| rest);
        let all = all.rsplit_once(':').map_or(all, |(host, _)| host);
        let lax = address::lax_releases();
        if node.versions.within(lax) {
            out.push(
                Diagnostic::at(
                    Code::KL111,
                    voter.entry,
                    format!("`{all}` is no host name; Kafka {} silently takes `{taken}`", node.versions.describe()),
                )
                .label(format!("`{}` is skipped: another machine is asked", skipped.as_str()))
                .help(
                    "The voter is looked for at a host that was not meant, and later releases refuse the entry. Write the \
                     host without blanks or other characters.",
                )
                .severity(Severity::Warning)
                .effect(Effect::CannotJoin, None)
                .node(&node.name)
                .cluster(c)
                .key("controller.quorum.voters"),
            );
            continue;
        }
        let finding = Diagnostic::at(Code::KL111, voter.entry, format!("`{all}` is no host name"))
            .label(format!("releases that do not refuse it take `{taken}` for the host"))
            .help("Write the host without blanks or other characters: letters, digits, `-`, `.`, `_`.")
            .cluster(c)
            .key("controller.quorum.voters");
        out.extend(refusal(node, VersionSet::all().without(lax), RefusedBy::Config, finding));
    }
}

fn membership(c: usize, node: &Node, setting: &Setting, voters: &Voters<'_>, out: &mut Sink) {
    let (Some(id), Some(roles)) = (node.id(), node.roles()) else { return };
    if voters.open || voters.is_empty() || voters.iter().any(|v| v.id.is_none()) {
        return;
    }
    let Some(id_setting) = node.id_setting() else { return };
    let listed = voters.get(id);
    if roles.controller && listed.is_none() {
        let ids: Vec<&str> = voters.iter().map(|v| v.id_text.as_str()).collect();
        let message = format!(
            "{} is a controller with id {id}, but its voter list has only {}",
            node.name,
            ids.join(", ")
        );
        let finding = Diagnostic::at(Code::KL114, setting.place(), message)
            .label(format!("{id} is no voter"))
            .related_value(id_setting.place(), "the id of this node")
            .help(
                "A controller must be among its own voters, or Kafka refuses to start. Correct node.id, or add the controller to \
                 controller.quorum.voters on every node.",
            )
            .cluster(c)
            .key("controller.quorum.voters")
            .key(id_setting.key())
            .key("process.roles");
        out.extend(refusal(node, VersionSet::all(), RefusedBy::Config, finding));
    }
    if let Some(voter) = listed.filter(|_| roles.broker && !roles.controller) {
        let message = format!("{} is only a broker, but its id {id} is in its voter list", node.name);
        let finding = Diagnostic::at(Code::KL115, voter.entry, message)
            .label(format!("{id} is a voter's id"))
            .related_value(id_setting.place(), "the id of this node")
            .help(
                "Kafka refuses a broker whose id is a voter's: ids are shared by brokers and controllers. Give the broker an id of \
                 its own, or make it a controller too (process.roles=broker,controller).",
            )
            .cluster(c)
            .key("controller.quorum.voters")
            .key(id_setting.key())
            .key("process.roles");
        out.extend(refusal(node, VersionSet::all(), RefusedBy::Config, finding));
    }
}
