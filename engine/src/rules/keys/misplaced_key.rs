//! KL506: a key of another kind of program: it has no effect here.

use super::{Owner, at, shown};
use crate::cluster::Setting;
use crate::diagnostic::{Code, Diagnostic};
use crate::kafka::catalog::{self, Scope};

pub(super) fn judge(owner: &Owner<'_>, setting: &Setting) -> Option<Diagnostic> {
    let key = setting.key();
    let known = |scope: Scope| !catalog::defs(scope, key).is_empty();
    let scopes: Vec<Scope> = Scope::ALL.into_iter().filter(|s| known(*s)).collect();
    let kind = match scopes.as_slice() {
        [] => return None,
        [Scope::Server] => "server",
        [Scope::Topic] => "topic",
        [Scope::Producer] => "producer",
        [Scope::Consumer] => "consumer",
        [Scope::Server, Scope::Topic] => "server or topic",
        scopes if scopes.contains(&Scope::Server) => "server",
        _ => "client",
    };
    let help = match (kind, owner.what) {
        ("topic", "server") => match catalog::broker_default(key) {
            Some(broker) => format!("Topic settings are given when a topic is created or altered. The brokers' default for all topics is {broker}."),
            None => "Topic settings are given when a topic is created or altered; on a server they have no effect.".to_owned(),
        },
        (_, "server") => "A server does not read it, so it has no effect here. It belongs in the configuration of the clients.".to_owned(),
        _ => format!("A {} does not read it, so it has no effect here. Set it where it belongs.", owner.what),
    };
    let article = if matches!(owner.what, "server" | "producer" | "consumer" | "client") { "a" } else { "" };
    let message =
        format!("{} is a {kind} setting and has no effect on {article} {}", shown(setting), owner.what);
    Some(at(Code::KL506, setting, message).label(format!("read by a {kind} only")).help(help))
}
