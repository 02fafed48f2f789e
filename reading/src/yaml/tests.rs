use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::source::Content;

fn read(source: &str) -> Tree {
    parse(FileId(0), &Content::Text(source.into()), true)
}

/// The bytes of a span.
fn at(source: &str, span: Span) -> &str {
    source.get(span.range()).expect("a span in bounds and on character borders")
}

/// Every node below `id`, parents first, aliases not followed.
fn nodes(tree: &Tree, id: NodeId) -> Vec<NodeId> {
    let mut found = vec![id];
    match tree.kind(id) {
        Kind::Sequence(items) => found.extend(items.iter().flat_map(|i| nodes(tree, *i))),
        Kind::Mapping(pairs) => {
            found.extend(pairs.iter().flat_map(|(k, v)| [nodes(tree, *k), nodes(tree, *v)].concat()));
        }
        _ => {}
    }
    found
}

fn all(tree: &Tree) -> Vec<NodeId> {
    tree.documents().iter().flat_map(|d| nodes(tree, *d)).collect()
}

fn root(tree: &Tree) -> NodeId {
    tree.documents()[0]
}

/// The value at a path of keys and list positions.
fn value(tree: &Tree, path: &[&str]) -> NodeId {
    path.iter().fold(root(tree), |id, step| match step.parse::<usize>() {
        Ok(i) => tree.items(id)[i],
        Err(_) => tree.get(id, step).unwrap_or_else(|| panic!("no {step}")).value,
    })
}

/// `key: value` of every entry, with the alias it came through.
fn entries(tree: &Tree, path: &[&str]) -> String {
    let show = |e: Entry| {
        let via = e.via.map_or(String::new(), |id| format!("*{}", tree.alias_name(id).unwrap_or("?")));
        format!("{}{via}: {}", tree.str(e.key).unwrap_or("?"), tree.str(e.value).unwrap_or("?"))
    };
    tree.entries(value(tree, path)).into_iter().map(show).collect::<Vec<_>>().join(", ")
}

/// What is wrong: kind, place, what it is inside of.
fn problems(source: &str) -> Vec<String> {
    let tree = read(source);
    let show = |problem: &Problem| {
        let place = at(source, tree.place(problem));
        match problem {
            Problem::Syntax { inside, .. } => {
                let inside = inside.map_or("-", |i| at(source, i));
                format!("syntax {place:?} in {inside:?}")
            }
            Problem::DuplicateKey { first, .. } => format!("twice {place:?} {}", tree.span(*first).start),
            Problem::UnknownAlias { .. } => format!("unknown {place:?}"),
            Problem::CyclicAlias { target, .. } => format!("cyclic {place:?} {}", tree.span(*target).start),
            Problem::NoValue { .. } | Problem::Refused { .. } => format!("refused {place:?}"),
        }
    };
    tree.problems().iter().map(show).collect()
}

const EXAMPLE: &str = "\u{feff}# 集群
services:   # 服务
  \"kafka-1\": &k !reset   # 注释
    'image' : 'bitnami/kafka:3.4'  # 版本
    command: one
      two  # 三
    script: |
      a: 中

      b   # no comment

    folded: >-
      x
      y
    keep: |+
      z

    empty:
    tilde: ~
    flow: [a, 'b c', {d: \"é\", e}]
    list:
    - 1
    -
    - *k2
last: &k2
";

#[test]
fn every_span_is_exact() {
    let tree = read(EXAMPLE);
    let show = |path: &[&str]| at(EXAMPLE, tree.span(value(&tree, path)));
    let k = |key| show(&["services", "kafka-1", key]);
    assert_eq!(k("image"), "'bitnami/kafka:3.4'");
    assert_eq!(k("command"), "one\n      two");
    assert_eq!(k("script"), "|\n      a: 中\n\n      b   # no comment\n");
    assert_eq!(k("folded"), ">-\n      x\n      y");
    assert_eq!(k("keep"), "|+\n      z\n\n");
    assert_eq!(k("empty"), "");
    assert_eq!(k("tilde"), "~");
    assert_eq!(k("flow"), "[a, 'b c', {d: \"é\", e}]");
    assert_eq!(k("list"), "- 1\n    -\n    - *k2");
    assert_eq!(show(&["services", "kafka-1", "flow", "2"]), "{d: \"é\", e}");
    assert_eq!(show(&["services", "kafka-1", "flow", "2", "d"]), "\"é\"");

    let service = value(&tree, &["services", "kafka-1"]);
    assert!(at(EXAMPLE, tree.span(service)).starts_with("'image' :"));
    assert_eq!(tree.tag(service).map(|t| t.0), Some("!reset"));
    assert_eq!(tree.tag(service).map(|t| at(EXAMPLE, t.1)), Some("!reset"));
    assert_eq!(tree.anchor(service).map(|a| (a.0, at(EXAMPLE, a.1))), Some(("k", "&k")));
    let keys: Vec<_> = tree.entries(service).iter().map(|e| at(EXAMPLE, tree.span(e.key))).collect();
    assert_eq!(keys[..3], ["'image'", "command", "script"]);

    let empty = value(&tree, &["services", "kafka-1", "empty"]);
    assert!(tree.is_empty_value(empty));
    assert_eq!(at(EXAMPLE, Span { start: tree.span(empty).start - 6, ..tree.span(empty) }), "empty:");
    assert!(!tree.is_empty_value(value(&tree, &["services", "kafka-1", "tilde"])));
    assert_eq!(tree.str(value(&tree, &["services", "kafka-1", "tilde"])), Some("~"));
    assert_eq!(
        tree.str(value(&tree, &["services", "kafka-1", "script"])),
        Some("a: 中\n\nb   # no comment\n")
    );
    assert_eq!(tree.style(value(&tree, &["services", "kafka-1", "folded"])), Some(Style::Folded));
    let comments: Vec<_> = tree.comments().iter().map(|c| at(EXAMPLE, *c)).collect();
    assert_eq!(comments, ["# 集群", "# 服务", "# 注释", "# 版本", "# 三"]);
    assert_eq!(problems(EXAMPLE), ["unknown \"*k2\""]);
}

#[test]
fn an_empty_value_stands_behind_its_colon() {
    for (source, before) in [("a:", "a:"), ("a :\nb: 1", "a :"), ("{a, b: }", "{a"), ("'a':  # c\n", "'a':")]
    {
        let tree = read(source);
        let span = tree.span(tree.entries(root(&tree))[0].value);
        assert_eq!((source.get(..span.start as usize), span.is_empty()), (Some(before), true), "{source}");
    }
}

#[test]
fn merge_keys() {
    let source = "
a: &a {x: a, y: a, z: a}
b: &b
  y: b
  <<: *a
  w: b
c: &c [*b, {v: c, w: c}]
one: {<<: *b, y: own}
many: {<<: [{x: in}, *b, *a], q: own}
list: {<<: *c}
quoted: {\"<<\": text}
nested: {<<: {<<: *a, k: in}}
";
    let tree = read(source);
    assert_eq!(tree.problems(), []);
    assert_eq!(entries(&tree, &["one"]), "y: own, w*b: b, x*b: a, z*b: a");
    assert_eq!(entries(&tree, &["many"]), "q: own, x: in, y*b: b, w*b: b, z*b: a");
    assert_eq!(entries(&tree, &["list"]), "y*c: b, w*c: b, x*c: a, z*c: a, v*c: c");
    assert_eq!(entries(&tree, &["quoted"]), "<<: text");
    assert_eq!(entries(&tree, &["nested"]), "k: in, x*a: a, y*a: a, z*a: a");
    for name in ["one", "many", "list", "quoted", "nested", "a", "b"] {
        let map = value(&tree, &[name]);
        for entry in tree.entries(map) {
            assert_eq!(tree.get(map, tree.str(entry.key).unwrap()), Some(entry));
        }
        assert_eq!(tree.get(map, "nope"), None);
    }
    assert_eq!(tree.get(value(&tree, &["one"]), "<<"), None);
}

#[test]
fn the_last_of_repeated_keys_counts() {
    assert_eq!(problems("a: 1\nb: 2\na: 3\n\"a\": 4\n"), ["twice \"a\" 0", "twice \"\\\"a\\\"\" 0"]);
    let tree = read("a: 1\nb: 2\na: 3\n");
    assert_eq!(entries(&tree, &[]), "b: 2, a: 3");
    assert_eq!(tree.str(value(&tree, &["a"])), Some("3"));
    // Below and beyond the size where keys are sorted.
    for names in [30, 60] {
        let many: String = (0..names + 10).map(|i| format!("k{}: {i}\n", i % names)).collect();
        let tree = read(&many);
        assert_eq!(tree.problems().len(), 10);
        assert_eq!(tree.entries(root(&tree)).len(), names);
        assert_eq!(tree.str(value(&tree, &["k3"])), Some((names + 3).to_string().as_str()));
        assert_eq!(tree.str(value(&tree, &["k29"])), Some("29"));
        assert_eq!(tree.get(root(&tree), "k"), None);
    }
    assert_eq!(problems("a: &a {x: 1}\nb: {<<: *a, x: 2}\n"), [] as [&str; 0]);
}

#[test]
fn anchors_go_through_all_documents() {
    let tree = read("a: *q\n---\nb: &q 1\n---\nc: *q\nd: &q 2\ne: *q\n");
    let last = tree.documents()[2];
    let text = |key| tree.str(tree.get(last, key).unwrap().value);
    assert_eq!((text("c"), text("e")), (Some("1"), Some("2")));
    assert!(matches!(tree.problems(), [Problem::UnknownAlias { .. }]));
}

#[test]
fn problems_stand_where_they_are() {
    let nothing: [&str; 0] = [];
    let table: &[(&str, &[&str])] = &[
        ("a: [1, 2\nb: 3\n", &["syntax \":\" in \"[\""]),
        ("a: [", &["syntax \"[\" in \"a\""]),
        ("a: {b: 1\nc: 2", &["syntax \":\" in \"{\""]),
        ("a: \"x\nb: 3", &["syntax \"b: 3\" in \"\\\"\""]),
        ("a: 'x\n", &["syntax \"'\" in \"a\""]),
        ("a:\n  b: \"x", &["syntax \"\\\"\" in \"b\""]),
        ("a: b: c", &["syntax \":\" in \"a\""]),
        ("a: 1\n  b: 2\n", &["syntax \"b:\" in \"a\""]),
        ("a:\n  b: 1\n c: 2\n", &["syntax \"c: 2\" in \"a\""]),
        ("a:\n  b: 1\n  c 2 # x\n  d: 1", &["syntax \"c 2\" in \"a\""]),
        ("a:\n\tb: 1\n", &["syntax \"\\t\" in \"a\""]),
        ("a: |\n\tb\n", &["syntax \"\\t\" in \"a\""]),
        ("a: 1\n- b\n", &["syntax \"- b\" in \"a\""]),
        ("a: - b\n", &["syntax \"-\" in \"a\""]),
        ("a: @x\n", &["syntax \"@\" in \"a\""]),
        ("a: \"x \\q\"\n", &["syntax \"\\\\q\" in \"a\""]),
        ("a: \"x\" y # c\n", &["syntax \"y\" in \"a\""]),
        ("a: ]\n", &["syntax \"]\" in \"a\""]),
        ("a: b\0c\n", &["syntax \"\\0\" in \"a\""]),
        ("a: b \u{7}\n", &["syntax \"\\u{7}\" in \"a\""]),
        ("a: &a [*a]\n", &["cyclic \"*a\" 6"]),
        ("a: *b\nb: &b 1\n", &["unknown \"*b\""]),
        ("a: &b {}\nb: {<<: *b, <<: *b}\n", &["refused \"<<\""]),
        ("b: {<<: 1}\n", &["refused \"1\""]),
        ("b:\n  <<:\n", &["refused \"<<\""]),
        ("b: {<<: [{a: 1}, x]}\n", &["refused \"[{a: 1}, x]\""]),
        (
            "1: a\n~: b\ntrue: c\n0x1: d\n1.5: e\n2024-1-1: f\n",
            &[
                "refused \"1\"",
                "refused \"~\"",
                "refused \"true\"",
                "refused \"0x1\"",
                "refused \"1.5\"",
                "refused \"2024-1-1\"",
            ],
        ),
        ("? [a]\n: b\n", &["refused \"[a]\""]),
        ("'1': a\n!!str 2: b\nyes: c\n1_: d\n", &["refused \"1_\""]),
        ("a:\n- \tx\n-\ty\n", &["refused \"\\t\"", "refused \"\\t\""]),
        ("a: 1\n\t\nb: 2\n", &["refused \"\\t\""]),
        ("a: b\n\t\n c\n", &["refused \"\\t\""]),
        ("a:\t1\t# c\nb: [\n\t1]\nc: |\n  x\n  \ty\n", &nothing),
        ("%YAML 1.2\n---\na: 1\n", &["refused \"%YAML 1.2\""]),
        ("%YAML 1.1\n---\na: 1\n", &nothing),
        ("a: 1\n---\n", &["refused \"---\""]),
        ("---\n---\na: 1", &["refused \"---\""]),
        ("- a\n- b\n", &["refused \"- a\""]),
        ("text\n", &["refused \"text\""]),
        ("a: &é 1\n", &["refused \"&é\""]),
        ("", &nothing),
        ("# only a comment", &nothing),
        ("a: 1\n...\n", &nothing),
    ];
    for (source, expected) in table {
        assert_eq!(problems(source), *expected, "{source:?}");
    }
}

/// The parser takes these for errors; go-yaml reads them.
#[test]
fn as_lenient_as_go_yaml() {
    let table = [
        ("a: \"x\ny\"\nb: 1\n", "x y"),
        ("a: 'x\n\ny'\nb: 1\n", "x\ny"),
        ("a: \"x\\\ny\"\nb: 1\n", "xy"),
        ("a: \"x\n\ty\"\nb: 1\n", "x y"),
        ("a: \"it\\'s \\\"\"\nb: 1\n", "it's \""),
        ("a: \"x\"# c\nb: 1\n", "x"),
    ];
    for (source, expected) in table {
        for source in [source.to_owned(), source.replace('\n', "\r\n")] {
            let tree = read(&source);
            assert_eq!(tree.problems(), [], "{source:?}");
            assert_eq!(tree.str(value(&tree, &["a"])), Some(expected), "{source:?}");
            assert_eq!(tree.str(value(&tree, &["b"])), Some("1"), "{source:?}");
            check(&source);
        }
    }
    assert_eq!(read("a: \"x\"# c\n").comments().len(), 1);
    let tree = read("a: {\n\tb: [\n\t\t1,\n\t\t2 ]\n}\n");
    assert_eq!((tree.problems(), tree.items(value(&tree, &["a", "b"])).len()), (&[][..], 2));
}

#[test]
fn what_was_read_before_a_fault_stays() {
    let tree = read("a: 1\nb:\n  c: 2\n  d: [3, 'x\n---\ne: 4\n");
    assert_eq!(tree.str(value(&tree, &["b", "c"])), Some("2"));
    assert_eq!(tree.documents().len(), 2);
    assert_eq!(tree.str(tree.get(tree.documents()[1], "e").unwrap().value), Some("4"));
    assert_eq!(tree.problems().len(), 1);
}

#[test]
fn go_yaml_types() {
    use Plain::{Bool, Float, Integer, Null, String, Timestamp};
    let table: &[(Plain, &[&str])] = &[
        (Null, &["", "~", "null", "Null", "NULL"]),
        (Bool, &["true", "True", "FALSE"]),
        (
            Integer,
            &["0", "12", "-7", "+1", "0x1F", "0o17", "017", "0b11", "1_000", "1__0", "18446744073709551615"],
        ),
        (
            Float,
            &[
                "1.5",
                ".5",
                "1.",
                "1e3",
                "-.inf",
                ".NaN",
                "-0",
                "08",
                "18446744073709551616",
                "-9223372036854775809",
            ],
        ),
        (Timestamp, &["2024-01-02", "2024-1-2", "2024-1-2 3:4:5", "2024-01-02T03:04:05Z", "2024-02-29"]),
        (
            String,
            &[
                "yes",
                "on",
                "nULL",
                "0o18",
                "1:2",
                "+-1",
                "1e400",
                "2024-13-01",
                "2023-02-29",
                "0x",
                "_1",
                "v1",
                ".",
            ],
        ),
    ];
    for (kind, texts) in table {
        for text in *texts {
            assert_eq!(plain(text), *kind, "{text}");
        }
    }
    let tree = read("a: !!str 1\nb: '1'\nc: !!int '1'\nd: !t 1\n");
    let kinds = ["a", "b", "c", "d"].map(|k| tree.plain(value(&tree, &[k])).unwrap());
    assert_eq!(kinds, [String, String, Integer, String]);
}

#[test]
fn parts_of_a_text_point_at_their_bytes() {
    let table = [
        ("a: b c\n", "c", "c"),
        ("a: 'it''s'\n", "'", "''"),
        ("a: \"x\\u00e9y\"\n", "é", "\\u00e9"),
        ("a: \"x\\\n   yz\"\n", "z", "z"),
        ("a: \"x \n   y\"\n", " ", " \n   "),
        ("a: \"\\uD83D\\uDE00\"\n", "😀", "\\uD83D\\uDE00"),
        ("a: x\n\n  y\n", "\n", "\n\n  "),
        ("a: |\n  x\n   y\n", " y", " y"),
        ("a: |\r\n  x\r\n  y\r\n", "\n", "\r\n"),
        ("a: >\n  x\n  y\n", " ", "\n  "),
        ("a: >2\n    x\n\n    y\n  z", "z", "z"),
    ];
    for (source, part, expected) in table {
        let tree = read(source);
        let text = tree.text(value(&tree, &["a"])).unwrap();
        let start = text.as_str().find(part).unwrap_or_else(|| panic!("{source:?} is {text:?}"));
        let slice = text.slice().range(start..start + part.len());
        assert_eq!(at(source, slice.span()), expected, "{source:?}");
    }
    let tree = read("a: &x '1@h:9093'\nb: *x\n");
    let text = tree.text(value(&tree, &["b"])).unwrap();
    let edit = text.edit(4..8, "19093").unwrap();
    assert_eq!((edit.span.start, edit.replacement.as_str()), (11, "19093"));
    assert_eq!(text.place().start, 6);
}

/// What must hold of every tree.
fn check(source: &str) {
    let mut tree = read(source);
    let comments = std::mem::take(&mut tree.comments);
    let without = parse(FileId(0), &Content::Text(source.into()), false);
    assert_eq!(format!("{without:?}"), format!("{tree:?}"), "comments change nothing else");
    for problem in tree.problems() {
        let place = at(source, tree.place(problem));
        let fine = !place.is_empty() || matches!(problem, Problem::DuplicateKey { .. });
        assert!(fine, "{problem:?} of {source:?} has no place");
        if let Problem::Syntax { inside: Some(inside), .. } = problem {
            at(source, *inside);
        }
    }
    for comment in comments {
        assert!(at(source, comment).starts_with('#'));
    }
    for id in all(&tree) {
        let (span, written) = (tree.span(id), at(source, tree.span(id)));
        let inside = |child: &NodeId| span.contains(tree.span(*child));
        match tree.kind(id) {
            Kind::Sequence(items) => assert!(items.iter().all(inside), "{source:?}: {written:?}"),
            Kind::Mapping(pairs) => {
                assert!(pairs.iter().all(|(k, v)| inside(k) && inside(v)), "{source:?}: {written:?}");
            }
            Kind::Alias(target) => {
                assert!(written.starts_with('*'));
                assert!(target.is_none_or(|t| !matches!(tree.kind(t), Kind::Alias(_))));
            }
            Kind::Scalar(string) => {
                assert_eq!(tree.str(id), Some(string));
                let (first, last) = (written.chars().next(), written.chars().next_back());
                let quotes = match tree.style(id).unwrap() {
                    Style::Plain => true,
                    Style::Single => first == Some('\'') && last == first && written.len() > 1,
                    Style::Double => first == Some('"') && last == first && written.len() > 1,
                    Style::Literal => first == Some('|'),
                    Style::Folded => first == Some('>'),
                };
                assert!(quotes, "{source:?}: {written:?}");
                let text = tree.text(id).unwrap();
                assert_eq!((text.as_str(), text.place()), (string, span), "{source:?}");
                for (i, c) in string.char_indices() {
                    let part = text.slice().range(i..i + c.len_utf8());
                    assert!(span.contains(part.span()), "{source:?}: {c:?} outside");
                    let bytes = at(source, part.span());
                    // A text that is one escape as a whole could not be decoded a second time; the one known case is a
                    // comment behind a tab in the middle of a plain text, which go-yaml refuses.
                    assert!(
                        source.contains('\t') || bytes.len() < written.len() || written.chars().count() < 3,
                        "{source:?}: {string:?}"
                    );
                    if let Some(edit) = text.edit(i..i + c.len_utf8(), "x") {
                        assert_eq!(at(source, edit.span), c.to_string(), "{source:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn line_ends_of_yaml_1_1() {
    for source in [
        "|+\n    # c\n\u{2028}a",
        "#\u{85}|\na",
        "a: |\n b\u{85} c\u{2029}d",
        "#\u{2028}a: 1",
        "a: 'b\u{2028} c'",
    ] {
        check(source);
    }
}

#[test]
fn hostile_input() {
    let long = "x".repeat(10_000_000);
    let laughs = {
        let mut s = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for i in 1..30 {
            let items = [format!("*a{}", i - 1).as_str(); 9].join(", ");
            s += &format!("a{i}: &a{i} [{items}]\n");
        }
        s
    };
    let chain: String = "m0: &m0 {k: 1}\n".to_owned()
        + &(1..20_000).map(|i| format!("m{i}: &m{i}\n  <<: *m{}\n", i - 1)).collect::<String>();
    let wide: String = (0..200_000).map(|i| format!("k{i}: 1\n")).collect();
    let table = [
        "[".repeat(10_000),
        "- ".repeat(10_000),
        "{a: ".repeat(10_000),
        (0..3_000).map(|i| format!("{}k:\n", " ".repeat(i))).collect(),
        "a: \"\n".repeat(5_000),
        "a: 'b\nc'\n".repeat(5_000),
        "a: \"\\'\"\n".repeat(5_000),
        "a: [\n\t1]\n".repeat(5_000),
        format!("a: {long}"),
        format!("a: '{long}'\nb: [{long}]"),
        format!("a: \"{}", "\\n".repeat(1_000_000)),
        format!("a: |\n{}", "  x\n".repeat(1_000_000)),
        "# c\n".repeat(500_000),
        "a: *b\n".repeat(50_000),
        "--- a\n".repeat(50_000),
        "!t\n...\n".repeat(50_000),
        "--- |\n x\n".repeat(50_000),
        "a: [\n\tb\n---\n".repeat(20_000),
        "\t".repeat(1_000_000),
        "\0".to_owned(),
        "\u{feff}".to_owned(),
        "\u{feff}a: 1".to_owned(),
        "a: 1\rb: 2\r".to_owned(),
        "a: &a\n  b: &b\n    - *a\n    - *b\n".to_owned(),
        laughs.clone(),
        chain.clone(),
        wide.clone(),
    ];
    for source in &table {
        let start = Instant::now();
        let tree = read(source);
        let head: String = source.chars().take(30).collect();
        for document in tree.documents() {
            let _ = tree.text(*document);
        }
        if let Some(first) = tree.documents().first() {
            for entry in tree.entries(*first).iter().rev().take(3) {
                let _ = tree.entries(entry.value);
                let _ = tree.get(entry.value, "k");
            }
        }
        // Without optimisation; the limit is one second with it.
        assert!(start.elapsed() < Duration::from_secs(10), "{head:?} took {:?}", start.elapsed());
    }
    let tree = read(&laughs);
    assert!(matches!(tree.problems(), [Problem::Refused { .. }]));
    assert!(all(&tree).iter().all(|id| !matches!(tree.kind(*id), Kind::Alias(Some(_)))));
    let tree = read(&wide);
    assert_eq!(tree.str(value(&tree, &["k199999"])), Some("1"));
    let tree = read("a: 1\rb: 2\r");
    assert_eq!(entries(&tree, &[]), "a: 1, b: 2");
    // Not UTF-8, and ids of another tree.
    let tree = parse(FileId(0), &Content::from(b"a: \xff\n".to_vec()), true);
    assert!(matches!(tree.problems(), [Problem::Syntax { span, .. }] if span.start == 3));
    assert_eq!(tree.str(NodeId(99)), None);
    assert_eq!(tree.entries(NodeId(99)), []);
}

#[test]
fn nodes_are_small() {
    assert!(size_of::<Node>() <= 28);
}

/// The same tree as the oracle has? It reads types that we leave open, and stops where we go on.
fn same(tree: &Tree, id: NodeId, other: &serde_yaml::Value) -> bool {
    use serde_yaml::Value;
    let Some(id) = tree.resolve(id) else { return false };
    match (tree.kind(id), other) {
        (_, Value::Tagged(tagged)) => same(tree, id, &tagged.value),
        (Kind::Scalar(text), Value::String(other)) => text == other,
        (Kind::Scalar(_), Value::Null | Value::Bool(_) | Value::Number(_)) => {
            tree.style(id) == Some(Style::Plain) || tree.tag(id).is_some()
        }
        (Kind::Sequence(items), Value::Sequence(others)) => {
            items.len() == others.len() && items.iter().zip(others).all(|(a, b)| same(tree, *a, b))
        }
        (Kind::Mapping(pairs), Value::Mapping(others)) => {
            let pair = |((k, v), (a, b)): (&(NodeId, NodeId), (&Value, &Value))| {
                same(tree, *k, a) && same(tree, *v, b)
            };
            pairs.len() == others.len() && pairs.iter().zip(others).all(pair)
        }
        _ => false,
    }
}

/// A tree in the making: scalars as they are written, their lines to be indented.
#[derive(Debug, Clone)]
enum Sample {
    Scalar(String),
    List(Vec<Sample>),
    Map(Vec<(String, Sample)>),
}

impl Sample {
    fn write(&self, indent: usize, out: &mut String) {
        let margin = " ".repeat(indent);
        match self {
            Sample::Scalar(text) => {
                out.push(' ');
                out.push_str(&text.replace('\n', &format!("\n{margin} ")));
            }
            Sample::List(items) => {
                for item in items {
                    out.push_str(&format!("\n{margin}-"));
                    item.write(indent + 2, out);
                }
            }
            Sample::Map(pairs) => {
                for (key, value) in pairs {
                    out.push_str(&format!("\n{margin}{key}:"));
                    value.write(indent + 2, out);
                }
            }
        }
    }
}

fn sample() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        "[a-z][a-z0-9é:#]{0,3}( [a-z中]{1,3}|\n[a-z]{1,3}|\n\n[a-z]{1,3}){0,4}",
        "'([a-zé#: ]|''|\n){0,10}'",
        "\"([a-z中#: ]|\\\\n|\\\\\"|\\\\u00e9|\\\\x41|\\\\\\\\|\\\\\n|\n){0,10}\"",
        "[|>][+-]?( # c)?(\n {0,2}[a-z#:é]{0,3} ?){0,6}",
        "[|>]2(\n {2,4}[a-z]{0,2}){1,4}",
        "(\\*k|~|true|12|!t x|&k v|\\[a, 'b', \\{c: \"d\"\\}\\]|\\{a: 1, b\\}|# c|)",
    ];
    let tree = scalar.prop_map(Sample::Scalar).prop_recursive(3, 24, 4, |inner| {
        let pairs = proptest::collection::vec(("[a-d]|'k'|\"e\" |k[0-9]", inner.clone()), 1..5);
        prop_oneof![
            proptest::collection::vec(inner, 1..4).prop_map(Sample::List),
            pairs.prop_map(Sample::Map),
        ]
    });
    (proptest::collection::vec(("k[0-9]", tree), 1..4), any::<bool>(), any::<bool>()).prop_map(
        |(pairs, crlf, cut)| {
            let mut out = "k: &k v".to_owned();
            Sample::Map(pairs).write(0, &mut out);
            out.push_str(if cut { "" } else { "\n" });
            if crlf { out.replace('\n', "\r\n") } else { out }
        },
    )
}

fn soup() -> impl Strategy<Value = String> {
    let tokens = [
        "a", "b", "1", "~", "'q'", "\"d\"", "'", "\"", "\\", "\\n", "中", "#", " # c\n", "\n", "\n  ",
        "\n- ", "- ", ": ", ":", "? ", ", ", "[", "]", "{", "}", "&x ", "*x", "!t ", "|\n", ">-\n  ",
        "|+\n   ", "\t", "\r\n", "\r", "---\n", "\n...\n", "<<: ", "@", "%", "\u{feff}", "\0", "\u{85}",
        "\u{2028}", " ", "    ",
    ];
    proptest::collection::vec(prop::sample::select(tokens.to_vec()), 0..25).prop_map(|v| v.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn trees_are_sound(source in sample()) {
        check(&source);
    }

    #[test]
    fn anything_gives_a_sound_tree(source in soup()) {
        check(&source);
    }

    /// Known differences, left out: what we report (repeated keys among it); an anchor, which the oracle may see twice
    /// in one document as we do, but not across documents.
    #[test]
    fn agrees_with_another_parser(source in sample()) {
        let tree = read(&source);
        if tree.problems().is_empty() {
            let other: Result<serde_yaml::Value, _> = serde_yaml::from_str(&source);
            match other {
                Ok(other) => prop_assert!(same(&tree, root(&tree), &other), "{:?}: {:?}", source, other),
                Err(error) => prop_assert!(false, "{:?}: {}", source, error),
            }
        }
    }
}
