//! The text of `kraftlint upgrade`: what an upgrade refuses, loses, changes and mends. Not for what a finding means: that is
//! on the rules' pages.

use std::fmt::Write as _;
use std::io;

use super::full::wrap;
use super::key::shown;
use super::{BOLD, DIM, Options, RESET, Views, paint, plain};
use crate::diagnostic::{Diagnostic, Severity};
use crate::rules::join_names;
use crate::upgrade::{Kind, NewDefault, Node, Upgrade};

/// Writes what `upgrade` changes.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(upgrade: &Upgrade, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let set = Set { options };
    let (before, after) = (Views::new(&upgrade.before.sources), Views::new(&upgrade.after.sources));
    let mut text = set.painted(BOLD, &format!("Upgrade to Kafka {}", upgrade.to.describe()));
    text.push('\n');
    for (from, names) in groups(&upgrade.nodes) {
        set.lines(&mut text, 2, &format!("{} {from}", join_names(&names)));
    }
    for (kind, title) in [
        (Kind::Refused, "Would be refused"),
        (Kind::Lost, "Would no longer be read"),
        (Kind::Found, "Would be found besides"),
        (Kind::Deprecated, "Would be deprecated"),
    ] {
        let found: Vec<&Diagnostic> =
            upgrade.findings.iter().filter(|(k, _)| *k == kind).map(|(_, d)| d).collect();
        set.findings(&mut text, title, &found, &after, true);
    }
    set.defaults(&mut text, &upgrade.defaults, upgrade.nodes.len());
    let mended: Vec<&Diagnostic> = upgrade.mended.iter().collect();
    set.findings(&mut text, "Would be mended", &mended, &before, false);
    if upgrade.findings.is_empty() && upgrade.defaults.is_empty() && mended.is_empty() {
        text.push_str("\nNothing in these files would change.\n");
    }
    for note in &upgrade.notes {
        text.push('\n');
        set.lines(&mut text, 0, &plain(note));
    }
    out.write_all(text.as_bytes())
}

/// The nodes by what they run now.
fn groups(nodes: &[Node]) -> Vec<(String, Vec<&str>)> {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for node in nodes.iter().filter(|node| !node.is_newer) {
        let from = if node.is_told && !node.from.is_empty() {
            format!("from {}", node.from.describe())
        } else {
            "from a release that nothing tells".to_owned()
        };
        match groups.iter_mut().find(|(known, _)| *known == from) {
            Some((_, names)) => names.push(&node.name),
            None => groups.push((from, vec![&node.name])),
        }
    }
    groups
}

/// How the text is set.
struct Set<'o> {
    options: &'o Options,
}

impl Set<'_> {
    fn painted(&self, on: &str, text: &str) -> String {
        if self.options.color { format!("{on}{text}{RESET}") } else { text.to_owned() }
    }

    fn lines(&self, out: &mut String, indent: usize, text: &str) {
        for line in wrap(text, self.options.width.saturating_sub(indent).max(24)) {
            _ = writeln!(out, "{:indent$}{line}", "");
        }
    }

    fn heading(&self, out: &mut String, title: &str, count: usize) {
        _ = write!(out, "\n{}\n", self.painted(BOLD, &format!("{title} ({count})")));
    }

    fn findings(&self, out: &mut String, title: &str, all: &[&Diagnostic], views: &Views<'_>, helps: bool) {
        if all.is_empty() {
            return;
        }
        self.heading(out, title, all.len());
        // What is said of several places is said once.
        let mut said: Vec<(&Diagnostic, String, Vec<String>)> = Vec::new();
        for d in all {
            let (message, place) =
                (views.guard(d).text(&d.message).into_owned(), views.place(d.primary.span));
            match said.iter_mut().find(|(known, text, _)| known.code == d.code && *text == message) {
                Some((_, _, places)) => places.push(place),
                None => said.push((d, message, vec![place])),
            }
        }
        for (d, message, places) in said {
            let on = if helps { paint(d.severity) } else { paint(Severity::Info) };
            let mut code = self.painted(on, d.code.id());
            for place in places {
                _ = writeln!(out, "  {code}  {}", self.painted(DIM, &place));
                code = " ".repeat(d.code.id().len());
            }
            self.lines(out, 4, &message);
            if helps && !d.help.is_empty() {
                self.lines(out, 6, &views.guard(d).text(&d.help));
            }
        }
    }

    fn defaults(&self, out: &mut String, all: &[NewDefault], nodes: usize) {
        if all.is_empty() {
            return;
        }
        self.heading(out, "New defaults for what is not set", all.len());
        for new in all {
            let value = |value: Option<&str>| value.map_or("none".to_owned(), |v| shown(new.key, v));
            _ = writeln!(out, "  {}", self.painted(BOLD, new.key));
            self.lines(out, 4, &format!("{}, was {}", value(new.is), value(new.was)));
            new.why.iter().for_each(|why| self.lines(out, 6, why));
            if new.nodes.len() < nodes {
                self.lines(out, 6, &format!("on {}", plain(&join_names(&new.nodes))));
            }
        }
    }
}
