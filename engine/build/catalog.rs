//! Turns rules/catalog/* into `$OUT_DIR/catalog.rs`: static tables, so that nothing is parsed when the program starts.
//!
//! Part of the build script, not of the program; `src/kafka/catalog.rs` includes what this writes and gives it a meaning.
//! A line that cannot be read stops the build and names its file and number.

#![allow(
    clippy::exit,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a build script talks to cargo and may stop"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

const SCOPES: [(&str, &str); 5] = [
    ("server", "Server"),
    ("topic", "Topic"),
    ("producer", "Producer"),
    ("consumer", "Consumer"),
    ("admin", "Admin"),
];

const TYPES: [(&str, &str); 9] = [
    ("BOOLEAN", "Boolean"),
    ("INT", "Int"),
    ("SHORT", "Short"),
    ("LONG", "Long"),
    ("DOUBLE", "Double"),
    ("STRING", "String"),
    ("LIST", "List"),
    ("CLASS", "Class"),
    ("PASSWORD", "Password"),
];

const IMPORTANCES: [(&str, &str); 3] = [("HIGH", "High"), ("MEDIUM", "Medium"), ("LOW", "Low")];

/// One line of configs.tsv: one definition of one key.
struct Row {
    name: String,
    first_release: usize,
    /// The definition as Rust source.
    source: String,
}

/// One line of a table, to complain about.
#[derive(Clone, Copy)]
struct Line<'a> {
    path: &'a Path,
    number: usize,
    text: &'a str,
}

impl Line<'_> {
    fn refuse(&self, why: &str) -> ! {
        fail(&format!("{}:{}: {why}: {:?}", self.path.display(), self.number, self.text))
    }
}

/// Ends the build with this message.
fn fail(message: &str) -> ! {
    println!("cargo::error={message}");
    std::process::exit(1)
}

/// Reads `root/rules/catalog` and writes `out_dir/catalog.rs`.
pub(crate) fn generate(root: &Path, out_dir: &Path) {
    let folder = root.join("rules").join("catalog");
    let releases = read_releases(&folder.join("releases.txt"));

    let mut texts = Texts::default();
    let mut rows: [Vec<Row>; SCOPES.len()] = Default::default();
    // Lower-cased name, then name → in which releases each scope has it.
    let mut names: BTreeMap<(String, String), [u64; SCOPES.len()]> = BTreeMap::new();
    read_table(&folder.join("configs.tsv"), 8, |line, columns| {
        let scope = position(&SCOPES, columns[0], line, "unknown scope");
        let name = unescape(columns[1], line);
        let mask = release_mask(columns[2], &releases, line);
        let masks = names.entry((name.to_ascii_lowercase(), name.clone())).or_default();
        if masks[scope] & mask != 0 {
            line.refuse("two definitions of one key in one release");
        }
        masks[scope] |= mask;
        rows[scope].push(Row {
            first_release: mask.trailing_zeros() as usize,
            source: definition(scope, &name, mask, columns, line, &mut texts),
            name,
        });
    });

    let mut out = String::from("// Written by build/catalog.rs out of rules/catalog.\n\n");
    let _ = writeln!(out, "/// The releases that the catalog knows, oldest first.");
    let _ = writeln!(out, "pub static RELEASES: &[&str] = &{releases:?};\n");
    for ((_, variant), rows) in SCOPES.iter().zip(&mut rows) {
        rows.sort_by(|a, b| (a.name.as_bytes(), a.first_release).cmp(&(b.name.as_bytes(), b.first_release)));
        let _ = writeln!(out, "static {}: &[Def] = &[", variant.to_uppercase());
        for row in rows {
            let _ = writeln!(out, "    {},", row.source);
        }
        let _ = writeln!(out, "];\n");
    }
    let _ = writeln!(out, "static NAMES: &[Name] = &[");
    for ((lower, name), masks) in &names {
        let releases = masks.map(|mask| format!("{mask:#x}")).join(", ");
        let bag = letter_bag(lower.as_bytes());
        let _ = writeln!(
            out,
            "    Name {{ name: {}, lower: {}, bag: {bag:#x}, releases: [{releases}] }},",
            texts.add(name),
            texts.add(lower)
        );
    }
    let _ = writeln!(out, "];\n");
    write_classes(&folder.join("classes.tsv"), &releases, &mut texts, &mut out);
    write_extra(&folder.join("extra.tsv"), &mut out);
    write_fates(&folder.join("fates.tsv"), &releases, &mut out);
    let _ = writeln!(out, "\n/// What every [`Text`] is a piece of.\nstatic TEXTS: &str = {:?};", texts.all);

    write(&out_dir.join("catalog.rs"), &out);
    write(&out_dir.join("levels.rs"), &levels(&folder.join("levels.tsv"), &releases));
}

fn write(target: &Path, text: &str) {
    fs::write(target, text).unwrap_or_else(|error| fail(&format!("{}: {error}", target.display())));
}

/// The levels of features, as `src/kafka/storage_tool/levels.rs` includes them.
fn levels(path: &Path, releases: &[String]) -> String {
    let mut out = String::from(
        "// Written by build/catalog.rs out of rules/catalog.\n\nstatic LEVELS: &[Level] = &[\n",
    );
    read_table(path, 7, |line, columns| {
        let level =
            |text: &str| -> i16 { text.parse().unwrap_or_else(|_| line.refuse("a level that is no number")) };
        let written = |text: &str| if text == "-" { String::new() } else { text.to_owned() };
        let mask = |text: &str| if text == "-" { 0 } else { release_mask(text, releases, line) };
        let since = if columns[3] == "-" { 0 } else { level(columns[3]) };
        let needs: Vec<(String, i16)> = written(columns[4])
            .split(',')
            .filter(|need| !need.is_empty())
            .map(|need| match need.split_once('=') {
                Some((feature, wanted)) => (feature.to_owned(), level(wanted)),
                None => line.refuse("a need without a level"),
            })
            .collect();
        let _ = writeln!(
            out,
            "    Level {{ feature: {:?}, level: {}, name: {:?}, since: {since}, needs: &{needs:?}, stable: {:#x}, unstable: {:#x} }},",
            columns[0],
            level(columns[1]),
            written(columns[2]),
            mask(columns[5]),
            mask(columns[6]),
        );
    });
    out.push_str("];\n");
    out
}

/// All texts of the tables one after the other, each once.
#[derive(Default)]
struct Texts {
    all: String,
    known: BTreeMap<String, String>,
}

impl Texts {
    /// The source of a `Text`.
    fn add(&mut self, text: &str) -> String {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        let source = format!("Text {{ start: {}, length: {} }}", self.all.len(), text.len());
        self.all.push_str(text);
        self.known.insert(text.to_owned(), source.clone());
        source
    }
}

/// Which letters a lower-cased name has, and how often: two bits a letter (once, twice or more), three for dots, two for
/// digits, two for anything else. One edit of a text changes at most two bits, so texts whose bags differ in more than
/// 2·d bits are more than d edits apart. `src/kafka/catalog.rs` has the same function; a test there holds them together.
fn letter_bag(lower: &[u8]) -> u64 {
    let mut bag = 0_u64;
    for &byte in lower {
        let (shift, width) = match byte {
            b'a'..=b'z' => (2 * u32::from(byte - b'a'), 2),
            b'.' | b'_' | b'-' => (52, 3),
            b'0'..=b'9' => (55, 2),
            _ => (57, 2),
        };
        for bit in shift..shift + width {
            if bag & (1 << bit) == 0 {
                bag |= 1 << bit;
                break;
            }
        }
    }
    bag
}

fn read(path: &Path) -> String {
    println!("cargo::rerun-if-changed={}", path.display());
    fs::read_to_string(path).unwrap_or_else(|error| fail(&format!("{}: {error}", path.display())))
}

fn read_releases(path: &Path) -> Vec<String> {
    let mut releases = Vec::new();
    for (index, text) in read(path).lines().enumerate() {
        let line = Line { path, number: index + 1, text };
        let mut numbers = text.split('.');
        let well_formed = numbers.by_ref().take(3).filter(|part| part.parse::<u8>().is_ok()).count() == 3;
        if !well_formed || numbers.next().is_some() {
            line.refuse("not a release");
        }
        if releases.iter().any(|known| known == text) {
            line.refuse("a release twice");
        }
        releases.push(text.to_owned());
    }
    // Releases are the bits of a u64.
    if !(1..=64).contains(&releases.len()) {
        fail(&format!("{}: {} releases, where 1 to 64 fit", path.display(), releases.len()));
    }
    releases
}

/// Calls `row` with each line that is no comment, split at tabs into exactly `columns` columns.
fn read_table(path: &Path, columns: usize, mut row: impl FnMut(Line, &[&str])) {
    for (index, text) in read(path).lines().enumerate() {
        if text.starts_with('#') {
            continue;
        }
        let line = Line { path, number: index + 1, text };
        let cells: Vec<&str> = text.split('\t').collect();
        if cells.len() != columns {
            line.refuse(&format!("{} columns instead of {columns}", cells.len()));
        }
        row(line, &cells);
    }
}

fn position(table: &[(&str, &str)], word: &str, line: Line, why: &str) -> usize {
    table.iter().position(|(name, _)| *name == word).unwrap_or_else(|| line.refuse(why))
}

/// `\t`, `\n`, `\r` and `\\` to what they stand for.
fn unescape(cell: &str, line: Line) -> String {
    let mut text = String::new();
    let mut characters = cell.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('\\') => '\\',
                _ => line.refuse("unknown escape"),
            },
            other => other,
        });
    }
    text
}

/// `3.0.0-3.2.3,3.9.2,4.0.0-` as bits, bit i = release i.
fn release_mask(cell: &str, releases: &[String], line: Line) -> u64 {
    let index = |release: &str| -> usize {
        releases.iter().position(|known| known == release).unwrap_or_else(|| line.refuse("unknown release"))
    };
    let mut mask = 0;
    for range in cell.split(',') {
        let (first, last) = match range.split_once('-') {
            None => (index(range), index(range)),
            Some((first, "")) => (index(first), releases.len() - 1),
            Some((first, last)) => (index(first), index(last)),
        };
        if first > last {
            line.refuse("a range that runs backwards");
        }
        for release in first..=last {
            mask |= 1 << release;
        }
    }
    mask
}

fn definition(
    scope: usize,
    name: &str,
    mask: u64,
    columns: &[&str],
    line: Line,
    texts: &mut Texts,
) -> String {
    let ty = TYPES[position(&TYPES, columns[3], line, "unknown type")].1;
    let default = match columns[4] {
        "<required>" => "Required".to_owned(),
        "<null>" => "Null".to_owned(),
        text => format!("Value({})", texts.add(&unescape(text, line))),
    };
    let importance = IMPORTANCES[position(&IMPORTANCES, columns[6], line, "unknown importance")].1;
    let (internal, deprecated) = match columns[7] {
        "-" => (false, false),
        "internal" => (true, false),
        "deprecated" => (false, true),
        "internal,deprecated" => (true, true),
        _ => line.refuse("unknown flags"),
    };
    format!(
        "Def {{ name: {}, scope: Scope::{}, ty: Type::{ty}, default: DefaultValue::{default}, validator: {}, \
         importance: Importance::{importance}, internal: {internal}, deprecated: {deprecated}, releases: {mask:#x} }}",
        texts.add(name),
        SCOPES[scope].1,
        texts.add(&unescape(columns[5], line)),
    )
}

fn write_classes(path: &Path, releases: &[String], texts: &mut Texts, out: &mut String) {
    let mut classes: BTreeMap<String, String> = BTreeMap::new();
    read_table(path, 3, |line, columns| {
        let source = format!(
            "Class {{ name: {}, kinds: {}, releases: {:#x} }}",
            texts.add(columns[0]),
            texts.add(columns[1]),
            release_mask(columns[2], releases, line)
        );
        if classes.insert(columns[0].to_owned(), source).is_some() {
            line.refuse("a class twice");
        }
    });
    let _ = writeln!(out, "static CLASSES: &[Class] = &[");
    for class in classes.values() {
        let _ = writeln!(out, "    {class},");
    }
    let _ = writeln!(out, "];\n");
}

fn write_extra(path: &Path, out: &mut String) {
    let kinds = [("key", "EXTRA_KEYS"), ("prefix", "EXTRA_PREFIXES"), ("suffix", "EXTRA_SUFFIXES")];
    let mut tables: [Vec<String>; 3] = Default::default();
    let mut whys = BTreeMap::new();
    read_table(path, 3, |line, columns| {
        let table = &mut tables[position(&kinds, columns[0], line, "unknown kind")];
        let text = columns[1].to_owned();
        if text.is_empty() || columns[2].is_empty() {
            line.refuse("an empty column");
        }
        if table.contains(&text) {
            line.refuse("a text twice");
        }
        whys.insert(text.clone(), columns[2].to_owned());
        table.push(text);
    });
    let whys: Vec<_> = whys.into_iter().collect();
    let _ = writeln!(out, "static EXTRA_WHYS: &[(&str, &str)] = &{whys:?};");
    for ((_, name), table) in kinds.iter().zip(&mut tables) {
        table.sort();
        let _ = writeln!(out, "static {name}: &[&str] = &{table:?};");
    }
}

fn write_fates(path: &Path, releases: &[String], out: &mut String) {
    let fates = [
        ("zookeeper", "ZooKeeper"),
        ("deprecated", "Deprecated"),
        ("deprecated-in-kraft", "DeprecatedInKraft"),
        ("gone", "Gone"),
        ("default", "Default"),
        ("fallback", "Fallback"),
    ];
    let mut rows: Vec<(String, usize, String)> = Vec::new();
    read_table(path, 6, |line, columns| {
        let scope = SCOPES[position(&SCOPES, columns[0], line, "unknown scope")].1;
        let at = position(&fates, columns[2], line, "unknown fate");
        let mask = if columns[3] == "-" { 0 } else { release_mask(columns[3], releases, line) };
        if columns[1].is_empty() || columns[4].is_empty() || columns[5].is_empty() {
            line.refuse("an empty column");
        }
        let instead = if columns[4] == "-" { "" } else { columns[4] };
        let source = format!(
            "Fate {{ scope: Scope::{scope}, key: {:?}, kind: FateKind::{}, releases: {mask:#x}, instead: {instead:?}, why: {:?} }}",
            columns[1], fates[at].1, columns[5]
        );
        rows.push((columns[1].to_owned(), line.number, source));
    });
    rows.sort();
    let _ = writeln!(out, "static FATES: &[Fate] = &[");
    for (_, _, source) in rows.iter().filter(|(key, ..)| !key.ends_with('.')) {
        let _ = writeln!(out, "    {source},");
    }
    let _ = writeln!(out, "];\nstatic FATES_OF_PREFIXES: &[Fate] = &[");
    for (_, _, source) in rows.iter().filter(|(key, ..)| key.ends_with('.')) {
        let _ = writeln!(out, "    {source},");
    }
    let _ = writeln!(out, "];");
}
