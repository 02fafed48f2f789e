//! KL610: voters that start only when a node is healthy that is healthy only with a majority of the voters.

use crate::hash::HashMap;

use super::{TOOLS, is_one_command};
use crate::cluster::{Cluster, ServiceRef};
use crate::compose::{Dependency, Project, Service, Words};
use crate::diagnostic::{Code, Diagnostic};
use crate::rules::{Context, Sink, join_names};

pub(in crate::rules) fn check(cx: &Context<'_>, out: &mut Sink) {
    for (c, cluster) in cx.clusters() {
        out.extend(judge(cx, (c, cluster)).map(|f| f.cluster(c)));
    }
}

fn judge(cx: &Context<'_>, (c, cluster): (usize, &Cluster)) -> Option<Diagnostic> {
    let list = cx.listed().first()?;
    let ids: Vec<i32> = list.voters().filter_map(|v| v.id).collect();
    let mut starts = Starts { cx, cluster: c, known: HashMap::default() };
    // The voters that wait, each with what it waits for.
    let mut waiting: Vec<(ServiceRef, Wait<'_>)> = Vec::new();
    for (_, node) in
        cx.nodes(cluster).filter(|(_, n)| n.is_controller() && n.id().is_some_and(|id| ids.contains(&id)))
    {
        let Some(at) = node.service else { continue };
        if let Some(wait) = starts.waits(at, 0) {
            waiting.push((at, wait));
        }
    }
    // Those that start at once, and voters that are elsewhere, may be a majority.
    if waiting.is_empty() || waiting.len() * 2 < ids.len() {
        return None;
    }
    let (first, wait) = waiting.first()?;
    let names: Vec<&str> =
        waiting.iter().filter_map(|(at, _)| Some(cx.places.service(*at)?.name.as_str())).collect();
    let healthy = wait.on.name.as_str();
    let message = format!(
        "{} {} only when {healthy} is healthy, but {healthy} is healthy only when a majority of the {} runs",
        join_names(&names),
        if names.len() == 1 { "starts" } else { "start" },
        if ids.len() == 1 { "one voter".to_owned() } else { format!("{} voters", ids.len()) },
    );
    let mut finding = Diagnostic::at(Code::KL610, wait.asked.service.slice(), message)
        .label("waits until this is healthy")
        .related(wait.test.span, format!("needs a leader: what {healthy} is asked"))
        .help(
            "A broker answers only when it has found the leader of the quorum, and a leader needs a majority of the voters. They \
             wait for each other, until Compose gives up: `dependency failed to start: container is unhealthy`. Let voters \
             start together: without depends_on between them, or with condition service_started.",
        )
        .key("depends_on");
    for (at, other) in &waiting {
        if at != first {
            finding = finding.related_text(&other.asked.service, "and this waits");
        }
        if let Some(node) = cx.places.node_of(*at).and_then(|n| cx.model.nodes.get(n)) {
            finding = finding.node(&node.name);
        }
    }
    Some(finding)
}

/// What keeps a service from starting.
#[derive(Debug, Clone, Copy)]
struct Wait<'m> {
    asked: &'m Dependency,
    /// The node that must be healthy first.
    on: &'m Service,
    test: &'m Words,
}

struct Starts<'c, 'm> {
    cx: &'c Context<'m>,
    /// The cluster whose nodes count.
    cluster: usize,
    known: HashMap<(usize, usize), Option<Wait<'m>>>,
}

impl<'m> Starts<'_, 'm> {
    /// What `at` waits for, by itself or through what it depends on.
    fn waits(&mut self, at: ServiceRef, depth: usize) -> Option<Wait<'m>> {
        const DEEP: usize = 64;
        let key = (at.project, at.service);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        if depth > DEEP {
            return None;
        }
        // Compose refuses a ring; here it ends.
        self.known.insert(key, None);
        let project = self.cx.model.projects.get(at.project)?;
        let service = self.cx.places.service(at)?;
        let found =
            service.depends_on.iter().filter(|d| d.required).find_map(|d| self.behind(at, project, d, depth));
        self.known.insert(key, found);
        found
    }

    fn behind(
        &mut self,
        at: ServiceRef,
        project: &'m Project,
        asked: &'m Dependency,
        depth: usize,
    ) -> Option<Wait<'m>> {
        let position = self.cx.places.service_named(at.project, asked.service.as_str())?;
        let to = ServiceRef { project: at.project, service: position };
        let on = project.services.get(position)?;
        let healthy = asked.condition.as_ref().is_some_and(|c| c.known() == Some("service_healthy"));
        if healthy
            && let Some(test) = on.health_test.as_ref().filter(|t| needs_quorum(t))
            && self.cx.places.node_of(to).and_then(|n| self.cx.cluster_of(n)) == Some(self.cluster)
        {
            return Some(Wait { asked, on, test });
        }
        self.waits(to, depth + 1).map(|wait| Wait { asked, ..wait })
    }
}

/// Does the check ask Kafka itself, and count what it says? Whether a port is open needs no quorum.
fn needs_quorum(test: &Words) -> bool {
    let text: Vec<&str> = test.words.iter().map(|w| w.as_str()).collect();
    let text = text.join(" ");
    let asks = text.contains("--bootstrap") || text.contains("kafka-ready");
    let tool = TOOLS.iter().chain(&["kafka-ready"]).any(|tool| text.contains(tool));
    is_one_command(test) && asks && tool
}
