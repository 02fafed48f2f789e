//! Turns `src/compose/schema/schema.json` and `casts.tsv` into `$OUT_DIR/schema.rs`: a static table, so that no JSON is read when the program starts.
//!
//! Part of the build, not of the program; `src/compose/schema/table.rs` includes what this writes and gives it a meaning. What it
//! does not know stops the build.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::exit;

use serde_json::{Map, Value};

const SOURCE: &str = "src/compose/schema/schema.json";
const CASTS: &str = "src/compose/schema/casts.tsv";

/// The patterns that occur, each with its name in `table.rs`.
const PATTERNS: [(&str, &str); 7] = [
    ("^x-", "Extension"),
    ("^.+$", "NotEmpty"),
    (".+", "NotEmpty"),
    ("^[a-z]+$", "Lowercase"),
    ("^[a-zA-Z0-9._-]+$", "Name"),
    (
        "^(always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+)$",
        "PullPolicy",
    ),
    // `service.rs` asks it of the last place only, and has words for it.
    ("[a-zA-Z0-9][a-zA-Z0-9_.-]+", "ContainerName"),
];

/// What a schema may say; what is not looked at stands last.
const WORDS: [&str; 17] = [
    "type",
    "properties",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
    "items",
    "oneOf",
    "allOf",
    "uniqueItems",
    "required",
    "enum",
    "minimum",
    "maximum",
    "pattern",
    "$ref",
    "$defs",
    "anyOf",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rerun-if-changed={CASTS}");
    let (Some(root), Some(out)) = (std::env::var_os("CARGO_MANIFEST_DIR"), std::env::var_os("OUT_DIR"))
    else {
        fail("cargo did not say where things are")
    };
    let text = fs::read_to_string(Path::new(&root).join(SOURCE)).unwrap_or_else(|e| fail(&e.to_string()));
    let whole: Value = serde_json::from_str(&text).unwrap_or_else(|e| fail(&e.to_string()));
    let definitions = match whole.get("$defs") {
        Some(Value::Object(definitions)) => definitions,
        _ => fail("it has no `$defs`"),
    };
    let mut table = Table::default();
    // They refer to each other: each has its row before any is read.
    for (at, name) in definitions.keys().enumerate() {
        table.rows.push(String::new());
        table.definitions.insert(name, at);
    }
    for (at, schema) in definitions.values().enumerate() {
        let row = table.row(schema);
        if let Some(reserved) = table.rows.get_mut(at) {
            *reserved = row;
        }
    }
    let casts = fs::read_to_string(Path::new(&root).join(CASTS)).unwrap_or_else(|e| fail(&e.to_string()));
    let mut casts: Vec<&str> = casts.lines().filter(|line| !line.starts_with('#')).collect();
    let field = |line: &&str| line.find(['.', '\t']).map(|end| (end, line.get(..end).map(str::to_owned)));
    casts.sort_by_key(field);
    let casts = casts.into_iter().map(|line| table.cast(line)).collect();
    let service = table.definitions.get("service").copied().unwrap_or_else(|| fail("it has no `service`"));
    let mut definitions: Vec<(&str, usize)> =
        table.definitions.iter().map(|(name, at)| (*name, *at)).collect();
    definitions.sort_by_key(|(name, _)| name.len());
    let definitions: Vec<String> =
        definitions.into_iter().map(|(name, at)| format!("({}, Schema({at}))", table.word(name))).collect();
    let mut code =
        format!("static NAMES: &str = {:?};\n\nconst SERVICE: Schema = Schema({service});\n", table.names);
    let lists = [
        ("NODES: [Node", &table.rows),
        ("CASTS: [CastRow", &casts),
        ("DEFINITIONS: [(Word, Schema)", &definitions),
        ("SCHEMAS: [Schema", &table.schemas.items),
        ("PROPERTIES: [(Word, Schema)", &table.properties.items),
        ("PATTERNS: [(Pattern, Schema)", &table.patterns.items),
        ("WORDS: [Word", &table.words.items),
    ];
    for (head, rows) in lists {
        _ = writeln!(code, "\nstatic {head}; {}] = [\n    {},\n];", rows.len(), rows.join(",\n    "));
    }
    if let Err(e) = fs::write(Path::new(&out).join("schema.rs"), code) {
        fail(&e.to_string());
    }
}

#[derive(Default)]
struct Table<'s> {
    rows: Vec<String>,
    /// Rows of the definitions by name.
    definitions: BTreeMap<&'s str, usize>,
    /// Rows by what they say, the definitions aside: many fields say the same.
    known: HashMap<String, usize>,
    /// Every name, one behind the other.
    names: String,
    schemas: List,
    properties: List,
    patterns: List,
    words: List,
}

/// Items of many rows, one run for each that is different.
#[derive(Default)]
struct List {
    items: Vec<String>,
    runs: HashMap<Vec<String>, usize>,
}

impl List {
    /// Where the items stand.
    fn put(&mut self, items: Vec<String>) -> String {
        let len = items.len();
        let from = *self.runs.entry(items).or_insert_with_key(|items| {
            self.items.extend_from_slice(items);
            self.items.len() - items.len()
        });
        format!("Run({from}, {})", from + len)
    }
}

impl<'s> Table<'s> {
    /// The row for `schema`, made if it is not there.
    fn put(&mut self, schema: &'s Value) -> usize {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let name = reference.strip_prefix("#/$defs/").unwrap_or(reference);
            return *self
                .definitions
                .get(name)
                .unwrap_or_else(|| fail(&format!("nothing is called {reference}")));
        }
        let row = self.row(schema);
        if let Some(at) = self.known.get(&row) {
            return *at;
        }
        self.rows.push(row.clone());
        self.known.insert(row, self.rows.len() - 1);
        self.rows.len() - 1
    }

    fn row(&mut self, schema: &'s Value) -> String {
        let Value::Object(schema) = schema else { fail(&format!("no schema: {schema}")) };
        if let Some(word) = schema.keys().find(|k| !WORDS.contains(&k.as_str())) {
            fail(&format!("unknown word {word:?}"));
        }
        let types = match schema.get("type") {
            Some(Value::Array(many)) => many.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => &[],
        };
        let is_false = |word: &str| schema.get(word) == Some(&Value::Bool(false));
        let number = |word: &str, none: &str| match schema.get(word) {
            Some(n) => n.as_i64().unwrap_or_else(|| fail("a bound is no whole number")).to_string(),
            None => none.to_owned(),
        };
        let pattern = schema.get("pattern").and_then(Value::as_str);
        let (one_of, all_of) = (self.list(schema, "oneOf"), self.list(schema, "allOf"));
        let properties = self.map(schema, "properties");
        let properties: Vec<String> =
            properties.into_iter().map(|(name, at)| format!("({}, Schema({at}))", self.word(name))).collect();
        let patterns = self.map(schema, "patternProperties").into_iter();
        let patterns =
            patterns.map(|(p, at)| format!("(Pattern::{}, Schema({at}))", pattern_name(p))).collect();
        let items = schema.get("items").map(|s| format!("Schema({})", self.put(s)));
        let bits: Vec<String> = types.iter().map(|t| format!("1 << {} as u8", type_name(t))).collect();
        let bits = bits.join(" | ");
        let (required, words) = (self.texts(schema, "required"), self.texts(schema, "enum"));
        format!(
            "Node {{ types: Types({}), one_of: {one_of}, all_of: {all_of}, properties: {}, patterns: {}, closed: {}, required: \
             {required}, items: {}, unique: {}, words: {words}, pattern: {}, minimum: {}, maximum: {} }}",
            if bits.is_empty() { "0" } else { bits.as_str() },
            self.properties.put(properties),
            self.patterns.put(patterns),
            is_false("additionalProperties") || is_false("unevaluatedProperties"),
            items.map_or("None".to_owned(), |s| format!("Some({s})")),
            schema.get("uniqueItems") == Some(&Value::Bool(true)),
            pattern.map_or("None".to_owned(), |p| format!("Some(Pattern::{})", pattern_name(p))),
            number("minimum", "i64::MIN"),
            number("maximum", "i64::MAX"),
        )
    }

    fn list(&mut self, schema: &'s Map<String, Value>, word: &str) -> String {
        let all = schema.get(word).and_then(Value::as_array).into_iter().flatten();
        let rows = all.map(|s| format!("Schema({})", self.put(s))).collect();
        self.schemas.put(rows)
    }

    /// The rows of a mapping of schemas, sorted by the names it had, shorter ones first.
    fn map(&mut self, schema: &'s Map<String, Value>, word: &str) -> Vec<(&'s str, usize)> {
        let all = schema.get(word).and_then(Value::as_object).into_iter().flatten();
        let sorted: BTreeMap<(usize, &'s str), &'s Value> =
            all.map(|(name, s)| ((name.len(), name.as_str()), s)).collect();
        sorted.into_iter().map(|((_, name), s)| (name, self.put(s))).collect()
    }

    fn texts(&mut self, schema: &Map<String, Value>, word: &str) -> String {
        let all = schema.get(word).and_then(Value::as_array).into_iter().flatten();
        let text = |t: &Value| match t.as_str() {
            Some(text) => text.to_owned(),
            None => fail(&format!("`{word}` has no text: {t}")),
        };
        let words: Vec<String> = all.map(text).collect();
        let words = words.iter().map(|w| self.word(w)).collect();
        self.words.put(words)
    }

    /// A row of what is cast.
    fn cast(&mut self, line: &str) -> String {
        let [way, cast, moment] = line.split('\t').collect::<Vec<_>>()[..] else {
            fail(&format!("no row of casts: {line:?}"))
        };
        let mut parts = way.split('.').map(|part| self.word(part));
        let field = parts.next().unwrap_or_default();
        let below = parts.collect();
        let below = self.words.put(below);
        format!("CastRow {{ field: {field}, below: {below}, cast: Cast::{cast}, moment: Moment::{moment} }}")
    }

    /// Where a name stands among all.
    fn word(&mut self, name: &str) -> String {
        let at = self.names.find(name).unwrap_or_else(|| {
            self.names.push_str(name);
            self.names.len() - name.len()
        });
        format!("Word({at}, {})", name.len())
    }
}

fn pattern_name(pattern: &str) -> &'static str {
    let known = PATTERNS.iter().find(|(text, _)| *text == pattern);
    known.map_or_else(|| fail(&format!("unknown pattern {pattern:?}")), |(_, name)| name)
}

fn type_name(name: &Value) -> &'static str {
    match name.as_str() {
        Some("null") => "Type::Null",
        Some("boolean") => "Type::Boolean",
        Some("integer") => "Type::Integer",
        Some("number") => "Type::Number",
        Some("string") => "Type::String",
        Some("object") => "Type::Object",
        Some("array") => "Type::Array",
        _ => fail(&format!("unknown type {name}")),
    }
}

#[expect(clippy::exit, reason = "a build script says what is wrong and stops")]
fn fail(message: &str) -> ! {
    println!("cargo::error={SOURCE}: {message}");
    exit(1)
}
