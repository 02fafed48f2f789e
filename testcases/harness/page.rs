//! The rules' pages: their sections, and the examples in them.

use std::fs;

use kraftlint::source::MemoryFiles;

use super::case;

/// A page below `rules/`.
#[derive(Clone)]
pub(super) struct Page {
    /// `KL101-duplicate-node-id`
    pub(super) stem: String,
    /// What stands between the `---` lines.
    pub(super) matter: String,
    /// The headings with their hashes, in order.
    pub(super) headings: Vec<String>,
    pub(super) examples: Vec<Example>,
}

/// What stands under a heading that starts with Example or Fixed.
#[derive(Clone)]
pub(super) struct Example {
    pub(super) heading: String,
    /// The files of its fenced blocks.
    pub(super) files: MemoryFiles,
    /// `<!-- args: --one-cluster -->`
    pub(super) args: Vec<String>,
    /// `<!-- also: KL117 -->`: errors that come with it.
    pub(super) also: Vec<String>,
    /// `<!-- case: testcases/KL001-unreadable-file/latin1 -->`: a folder stands for the blocks.
    pub(super) case: Option<String>,
    /// What is wrong with how it is written.
    pub(super) faults: Vec<String>,
}

impl Page {
    /// `KL101`
    pub(super) fn code(&self) -> &str {
        self.stem.split('-').next().unwrap_or("")
    }

    /// The examples of the mistake, or of how it is mended.
    pub(super) fn examples(&self, fixed: bool) -> impl Iterator<Item = &Example> {
        self.examples.iter().filter(move |e| e.is_fixed() == fixed)
    }
}

impl Example {
    pub(super) fn is_fixed(&self) -> bool {
        self.heading.starts_with("Fixed")
    }
}

/// Every page, by code.
pub(super) fn all() -> Vec<Page> {
    let folder = case::root().join("rules");
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut pages = Vec::new();
    for path in entries.map(|e| e.unwrap().path()) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if stem.starts_with("KL") && path.extension().is_some_and(|e| e == "md") {
            pages.push(parse(stem, &fs::read_to_string(&path).unwrap()));
        }
    }
    pages.sort_by(|a, b| a.stem.cmp(&b.stem));
    pages
}

fn parse(stem: String, text: &str) -> Page {
    let (matter, body) =
        text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).unwrap_or(("", text));
    let mut page = Page { stem, matter: matter.to_owned(), headings: vec![], examples: vec![] };
    let mut fence: Option<Fence> = None;
    let mut inside = false;
    for line in body.lines() {
        if let Some(open) = &mut fence {
            if line.trim_end() == open.marks {
                let done = fence.take().unwrap();
                if let Some(example) = page.examples.last_mut().filter(|_| inside) {
                    done.put(example);
                }
            } else {
                open.text.push_str(line);
                open.text.push('\n');
            }
            continue;
        }
        if line.starts_with("```") {
            let marks = &line[..line.bytes().take_while(|b| *b == b'`').count()];
            fence = Some(Fence {
                marks: marks.to_owned(),
                info: line[marks.len()..].trim().to_owned(),
                text: String::new(),
            });
        } else if line.starts_with('#') {
            let title = line.trim_start_matches('#').trim();
            page.headings.push(line.to_owned());
            inside = title.starts_with("Example") || title.starts_with("Fixed");
            if inside {
                page.examples.push(Example {
                    heading: title.to_owned(),
                    files: MemoryFiles::default(),
                    args: vec![],
                    also: vec![],
                    case: None,
                    faults: vec![],
                });
            }
        } else if let Some(example) = page.examples.last_mut().filter(|_| inside)
            && let Some(note) = line.trim().strip_prefix("<!--").and_then(|l| l.strip_suffix("-->"))
        {
            remark(note.trim(), example);
        }
    }
    if let (Some(_), Some(example)) = (&fence, page.examples.last_mut()) {
        example.faults.push("a fenced block is not closed".to_owned());
    }
    page
}

fn remark(note: &str, example: &mut Example) {
    let words =
        |text: &str| text.split([' ', ',']).filter(|w| !w.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    match note.split_once(':') {
        Some(("args", text)) => example.args = text.split_whitespace().map(str::to_owned).collect(),
        Some(("also", text)) => example.also = words(text),
        Some(("case", text)) => example.case = Some(text.trim().to_owned()),
        _ => example.faults.push(format!("`<!-- {note} -->` is neither args, also nor case")),
    }
}

/// A fenced block.
struct Fence {
    marks: String,
    info: String,
    text: String,
}

impl Fence {
    fn put(self, example: &mut Example) {
        // A block without `file=` shows what is not linted: a log, a command.
        let Some(path) = self.info.split_whitespace().find_map(|w| w.strip_prefix("file=")) else { return };
        if example.files.iter().any(|(name, _)| name == path) {
            example.faults.push(format!("{path} is there twice"));
        }
        example.files.insert(path, self.text);
    }
}
