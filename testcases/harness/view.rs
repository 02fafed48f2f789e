//! The JSON output as the tests look at it, and whether its positions agree with the bytes.

use std::collections::BTreeSet;

use kraftlint::report::Report;
use serde_json::Value;

use super::Complaints;

/// A report in JSON.
pub(super) struct View(pub(super) Value);

impl View {
    pub(super) fn parse(text: &str) -> Option<View> {
        serde_json::from_str(text).ok().map(View)
    }

    pub(super) fn diagnostics(&self) -> &[Value] {
        self.0["diagnostics"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The codes of the findings with `severity`.
    pub(super) fn codes(&self, severity: &str) -> BTreeSet<String> {
        let wanted = self.diagnostics().iter().filter(|d| d["severity"] == severity);
        wanted.map(|d| text(&d["code"]).to_owned()).collect()
    }

    /// True when `code` was found, however bad.
    pub(super) fn has(&self, code: &str) -> bool {
        self.diagnostics().iter().any(|d| d["code"] == code)
    }

    /// One line a finding, for complaints.
    pub(super) fn list(&self) -> String {
        let line = |d: &Value| {
            let label = &d["labels"][0];
            format!(
                "    {} {} {}:{} {}\n",
                text(&d["severity"]),
                text(&d["code"]),
                text(&label["file"]),
                label["line"],
                text(&d["message"])
            )
        };
        let list: String = self.diagnostics().iter().map(line).collect();
        if list.is_empty() { "    nothing was found\n".to_owned() } else { list }
    }
}

/// The text of a JSON value; empty when it is none.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

/// A JSON number as an offset; out of any file when it is none.
pub(super) fn offset(value: &Value) -> usize {
    value.as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX)
}

/// Line and column of a byte, both from 1, the column in characters: LF, CR and CRLF end a line, a byte order mark is
/// no character, and what is not UTF-8 is one character a byte.
pub(super) fn position(bytes: &[u8], at: usize) -> (u64, u64) {
    let utf8 = std::str::from_utf8(bytes).is_ok();
    let (mut line, mut column) = (1, 1);
    for i in 0..at.min(bytes.len()) {
        let ends_line = bytes[i] == b'\n' || bytes[i] == b'\r' && bytes.get(i + 1) != Some(&b'\n');
        if ends_line {
            line += 1;
            column = 1;
        } else if bytes.starts_with(b"\xef\xbb\xbf") && i < 3 {
            // A mark takes no place.
        } else if !utf8 || bytes[i] & 0xc0 != 0x80 {
            column += 1;
        }
    }
    (line, column)
}

/// Every span of the report is inside its file and on borders of characters, and JSON tells the same places.
pub(super) fn spans(report: &Report, json: &View, complaints: &mut Complaints) {
    let mut inside = |what: &str, span: kraftlint::source::Span| {
        let file = report.sources.file(span.file);
        let (bytes, range) = (file.bytes(), span.range());
        if range.start > range.end || range.end > bytes.len() || file.name().is_empty() {
            complaints.add(format!("{what}: {range:?} is not in {} ({} bytes)", file.name(), bytes.len()));
        } else if let Ok(text) = std::str::from_utf8(bytes) {
            let on_border = text.is_char_boundary(range.start) && text.is_char_boundary(range.end);
            complaints.check(on_border, || format!("{what}: {range:?} of {} cuts a character", file.name()));
        }
    };
    for d in &report.diagnostics {
        for (label, _) in d.labels() {
            inside(&format!("{} label `{}`", d.code.id(), label.message), label.span);
        }
        for edit in d.fixes.iter().flat_map(|f| &f.edits) {
            inside(&format!("{} edit `{}`", d.code.id(), edit.replacement), edit.span);
        }
    }
    for setting in report.clusters.iter().flat_map(|c| &c.nodes).flat_map(|n| &n.settings) {
        for span in setting.span.iter().chain(&setting.overrides) {
            inside(&format!("setting {}", setting.key), *span);
        }
    }
    for d in json.diagnostics() {
        let primaries =
            d["labels"].as_array().map_or(0, |l| l.iter().filter(|l| l["primary"] == true).count());
        complaints.check(primaries == 1, || format!("{}: {primaries} primary labels", d["code"]));
        for label in d["labels"].as_array().into_iter().flatten() {
            let what = format!("JSON {} label of {}", text(&d["code"]), text(&label["file"]));
            let Some(id) = report.sources.find(text(&label["file"])) else {
                complaints.add(format!("{what}: this file was not read"));
                continue;
            };
            let bytes = report.sources.file(id).bytes();
            let (start, end) = (offset(&label["start"]), offset(&label["end"]));
            complaints.check(start <= end && end <= bytes.len(), || format!("{what}: {start}..{end}"));
            let told = |line: &str, column: &str| {
                (label[line].as_u64().unwrap_or(0), label[column].as_u64().unwrap_or(0))
            };
            complaints.equal(&what, &position(bytes, start), &told("line", "column"));
            complaints.equal(&what, &position(bytes, end), &told("end_line", "end_column"));
        }
        for edit in d["fixes"].as_array().into_iter().flatten().flat_map(|f| f["edits"].as_array()).flatten()
        {
            let known =
                report.sources.find(text(&edit["file"])).map(|id| report.sources.file(id).bytes().len());
            let ok = known.is_some_and(|len| {
                offset(&edit["end"]) <= len && offset(&edit["start"]) <= offset(&edit["end"])
            });
            complaints.check(ok, || format!("JSON {} edit {edit}", text(&d["code"])));
        }
    }
}
