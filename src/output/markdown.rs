//! A comment under a pull request, in GitHub's Markdown: what was found, the worst first, the help folded away.
//!
//! The input is a stranger's and the comment is written in the name of a robot: nothing of it may become a link, an
//! image, a mention or markup. Not for the source lines: a comment has no room for them, the links of the places do.

use std::borrow::Cow;
use std::io;

use super::json::url;
use super::{Views, count, summary};
use crate::diagnostic::{Diagnostic, Severity};
use crate::report::Report;

/// Characters that a comment on GitHub may have ("Body is too long (maximum is 65536 characters)"). Bytes are counted, of
/// which there are never fewer; the rest is for the line that tells how many are left out.
const LONGEST: usize = 65_536 - 200;

/// Longer summaries are cut: names in them are a stranger's too.
const LONGEST_SUMMARY: usize = 2_000;

pub(super) fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let views = Views::new(&report.sources);
    let sections = [Severity::Error, Severity::Warning, Severity::Info].map(|s| (s, report.count(s)));
    let counts: Vec<String> =
        sections.iter().filter(|(_, n)| *n > 0).map(|(s, n)| count(*n, noun(*s))).collect();
    let tail = escape(&summary(report).chars().take(LONGEST_SUMMARY).collect::<String>()).into_owned();
    if counts.is_empty() {
        return writeln!(out, "**kraftlint**: {tail}");
    }
    let mut text = format!("### kraftlint: {}\n", counts.join(", "));
    let mut left_out = 0;
    for (severity, n) in sections {
        if n == 0 {
            continue;
        }
        let title = match severity {
            Severity::Error => "Errors",
            Severity::Warning => "Warnings",
            Severity::Info => "Hints",
        };
        let mut head = format!("\n#### {title}\n\n");
        for d in report.diagnostics.iter().filter(|d| d.severity == severity) {
            let item = head.clone() + &item(d, &views);
            if text.len() + item.len() + tail.len() > LONGEST {
                left_out += 1;
            } else {
                text.push_str(&item);
                head.clear();
            }
        }
    }
    if left_out > 0 {
        let (are, room) = if left_out == 1 { ("is", "it") } else { ("are", "them") };
        text.push_str(&format!(
            "\n**{} {are} left out here**: a comment has no room for {room}.\n",
            count(left_out, "more finding")
        ));
    }
    writeln!(out, "{text}\n{tail}")
}

fn noun(severity: Severity) -> &'static str {
    if severity == Severity::Info { "hint" } else { severity.name() }
}

/// One finding as an item of a list. No blank line stands in it: it would set all items apart.
fn item(d: &Diagnostic, views: &Views<'_>) -> String {
    let guard = views.guard(d);
    let meta = d.code.meta();
    let message = guard.text(&d.message);
    let mut out = format!("- **[{}]({})** {}: {}\n", meta.id, url(meta), meta.name, escape(&message));
    for (label, _) in d.labels() {
        let text = guard.text(&label.message);
        let colon = if text.is_empty() { "" } else { ": " };
        out.push_str(&format!("  - {}{colon}{}\n", code(&views.place(label.span)), escape(&text)));
    }
    if !d.help.is_empty() {
        // What stands in a line that begins with this element is no Markdown (CommonMark, "HTML blocks", kind 6).
        let help = guard.text(&d.help);
        let help = escape_html(&help, "");
        out.push_str(&format!("  <details><summary>What to do</summary>{help}</details>\n"));
    }
    out
}

/// `text`, which is one line, so that GitHub's Markdown shows it as it is.
fn escape(text: &str) -> Cow<'_, str> {
    escape_html(text, "\\`*_[]!|~")
}

/// `text` so that it is no HTML and nothing that GitHub makes a link of; a backslash before each of `marks`.
fn escape_html<'a>(text: &'a str, marks: &str) -> Cow<'a, str> {
    let special = |c: char| matches!(c, '&' | '<' | '>' | '@' | '#' | '$') || marks.contains(c);
    if !text.contains(special) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // People, teams and issues are found in the text that a reader sees: a space without width keeps them apart.
            '@' | '#' => {
                out.push(c);
                out.push_str("&#8203;");
            }
            // Two of them would make a formula (GitHub, "Writing mathematical expressions").
            '$' => out.push_str("<span>$</span>"),
            c => {
                if marks.contains(c) {
                    out.push('\\');
                }
                out.push(c);
            }
        }
    }
    out.into()
}

/// `text` as code, in which nothing is a link: between more backticks than it has in a row (CommonMark, "Code spans").
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::super::tests::{render, two_hosts};
    use super::*;

    #[test]
    fn one_item_a_finding() {
        assert_eq!(
            render(&two_hosts(), Format::Markdown),
            "### kraftlint: 1 error\n\n#### Errors\n\n\
             - **[KL101](https://github.com/kraftlint/kraftlint/blob/main/rules/KL101-duplicate-node-id.md)** duplicate-node-id: \
             kafka-1 and kafka-2 both have node.id 1\n  \
             - `host1/compose.yml:4:22`: kafka-1\n  \
             - `host2/server.properties:2:9`: kafka-2\n  \
             <details><summary>What to do</summary>Give each node an id of its own.</details>\n\n\
             2 files -- 1 error\n"
        );
    }

    #[test]
    fn a_clean_run_is_one_line() {
        assert_eq!(render(&Report::default(), Format::Markdown), "**kraftlint**: 0 files -- no findings\n");
    }

    #[test]
    fn nothing_of_a_stranger_is_markup() {
        assert_eq!(
            escape("@team, #1, ![x](y), <b>, a|b, ${A}, `c`"),
            "@&#8203;team, #&#8203;1, \\!\\[x\\](y), &lt;b&gt;, a\\|b, <span>$</span>{A}, \\`c\\`"
        );
        assert_eq!(code("a``b`"), "``` a``b` ```");
    }

    #[test]
    fn a_comment_has_room() {
        let mut report = two_hosts();
        let mut d = report.diagnostics.first().cloned().unwrap();
        d.message = "<".repeat(1000);
        report.diagnostics = vec![d; 100];
        let text = render(&report, Format::Markdown);
        assert!(text.len() < 65_536 && text.len() > 60_000, "{}", text.len());
        let told = text.lines().filter(|l| l.starts_with("- ")).count();
        assert!(
            text.contains(&format!("**{} more findings are left out here**", 100 - told)),
            "{told} of 100 are told"
        );
        assert!(text.ends_with("\n2 files -- 100 errors\n"));
    }
}
