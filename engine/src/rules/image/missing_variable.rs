//! KL603: a variable that the image's entrypoint demands.

use super::{entries, family_name, has, image, is_blank};
use crate::cluster::{Entry, Node};
use crate::diagnostic::{Code, Diagnostic, RefusedBy};
use crate::image::Family;
use crate::image::demand::{DEMANDS, Demand, When};
use crate::kafka::version::VersionSet;
use crate::rules::{Context, Sink, join_names, refusal};
use crate::source::Span;

type Why = Option<(Span, &'static str)>;

struct Missing<'d> {
    demands: Vec<&'d Demand>,
    why: Why,
    versions: VersionSet,
}

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, node, entry) in entries(cx) {
        if !entry.pristine || !entry.whole {
            continue;
        }
        let bitnami = node.image.family == Family::Bitnami;
        // Its scripts leave all checks out where a whole file is mounted.
        if bitnami && entry.file.is_some() {
            continue;
        }
        // What is demanded for one and the same reason is told at once.
        let mut told: Vec<Missing<'_>> = Vec::new();
        for demand in DEMANDS.iter().filter(|d| d.families.contains(&node.image.family)) {
            let versions = demand.versions();
            if !node.versions.meets(versions) || is_given(node, entry, demand) {
                continue;
            }
            // Which release it is stands elsewhere, and it may well be one of ZooKeeper days.
            let tag = image(cx, node).is_some_and(|i| i.slice().has_hole());
            if tag && demand.key == "process.roles" && has(node, "zookeeper.connect") {
                continue;
            }
            let Some(why) = applies(node, demand.when) else { continue };
            match told.iter_mut().find(|m| m.why.is_some() && m.why == why && m.versions == versions) {
                Some(missing) => missing.demands.push(demand),
                None => told.push(Missing { demands: vec![demand], why, versions }),
            }
        }
        for missing in &told {
            let found = refusal(node, missing.versions, RefusedBy::Image, finding(node, missing));
            out.extend(found.map(|f| f.cluster(c)));
        }
    }
}

fn is_given(node: &Node, entry: &Entry, demand: &Demand) -> bool {
    let given = |name: &str| match node.variable(name) {
        // Confluent's newer tool only asks whether it is there.
        Some((_, value)) => {
            !is_blank(value)
                || demand.families.contains(&Family::Confluent)
                    && node.versions.meets(VersionSet::since((4, 1, 0)))
        }
        None => false,
    };
    let from_file =
        |name: &str| entry.rest.iter().any(|v| v.name.as_str().strip_suffix("_FILE") == Some(name));
    std::iter::once(&demand.variable).chain(demand.others).any(|name| given(name) || from_file(name))
}

/// Where the condition is met, and what it is.
fn applies(node: &Node, when: When) -> Option<Why> {
    let roles = || node.settings.get("process.roles").filter(|s| !is_blank(&s.value));
    let advertised = || node.variable("KAFKA_ADVERTISED_LISTENERS");
    match when {
        When::Always => Some(None),
        When::Roles => roles().map(|s| Some((s.value.span(), "KRaft mode is chosen here"))),
        When::Controller => {
            let roles = roles().filter(|s| s.value.as_str().contains("controller"))?;
            Some(Some((roles.value.span(), "it is a controller")))
        }
        When::NotController => {
            let roles = roles()?.value.known().filter(|r| *r != "controller")?;
            (roles.contains("broker") || has(node, "listeners")).then_some(None)
        }
        When::Ssl => {
            let (_, value) = advertised().filter(|(_, v)| v.as_str().contains("SSL://"))?;
            Some(Some((value.span(), "SSL is advertised")))
        }
        When::SslClients => {
            let (_, value) = advertised().filter(|(_, v)| v.as_str().contains("SSL://"))?;
            let (_, auth) = node.variable("KAFKA_SSL_CLIENT_AUTH")?;
            let asks = auth.as_str().contains("required") || auth.as_str().contains("requested");
            asks.then_some(Some((value.span(), "SSL is advertised")))
        }
        When::Sasl => {
            let (_, value) = advertised()?;
            // The script's pattern: SASL_, and :// anywhere behind it.
            let sasl = value.as_str().split_once("SASL_").is_some_and(|(_, rest)| rest.contains("://"));
            sasl.then_some(Some((value.span(), "SASL is advertised")))
        }
    }
}

fn finding(node: &Node, missing: &Missing<'_>) -> Diagnostic {
    let names: Vec<&str> = missing.demands.iter().map(|d| d.variable).collect();
    let image = family_name(node.image.family);
    let listed = join_names(&names);
    let are = if names.len() == 1 { "is" } else { "are" };
    let mut finding = Diagnostic::new(
        Code::KL603,
        node.anchor,
        format!("{} has no {listed}, without which {image} does not start", node.name),
    )
    .label(format!("{listed} {are} not set"));
    for demand in &missing.demands {
        finding = finding.help(help(demand)).key(demand.key);
        if let Some((given, _)) = node.variable(demand.variable) {
            finding = finding.related(given.span(), "set, but empty");
        }
    }
    if let Some((span, what)) = missing.why {
        finding = finding.related(span, what);
    }
    finding
}

fn help(demand: &Demand) -> &'static str {
    match demand.when {
        When::Ssl | When::SslClients => {
            "The image's script sees SSL:// in KAFKA_ADVERTISED_LISTENERS and asks for the names of files below \
             /etc/kafka/secrets; ssl.… settings of your own do not satisfy it."
        }
        When::Sasl => {
            "The image's script sees SASL_ in KAFKA_ADVERTISED_LISTENERS and asks for KAFKA_OPTS, even where the \
             credentials come from elsewhere. Set it to -Djava.security.auth.login.config=FILE, or to any text."
        }
        _ => "The image's script checks its variables before Kafka starts, and stops. Set it.",
    }
}
