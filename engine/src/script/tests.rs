use proptest::prelude::*;

use super::*;
use crate::text::HOLE;

fn script(s: &str) -> Script {
    parse_script(FileId(0), s.as_bytes())
}

/// The commands as lines, `?` for what is not known, hosts before the command.
fn lines(s: &str) -> Vec<String> {
    let show = |c: &Command| {
        let hosts = c.hosts.iter().map(|h| format!("{}: ", h.as_str()));
        let set = c.assignments.iter().map(|(k, v)| format!("{}={}", k.as_str(), v.as_str()));
        let words = c.words.iter().map(|w| w.text.as_str().to_owned());
        let words = if c.is_export { set.collect() } else { set.chain(words).collect::<Vec<_>>() };
        format!("{}{}", hosts.collect::<String>(), words.join("|")).replace(HOLE, "?")
    };
    script(s).commands.iter().filter(|c| !c.delegates).map(show).collect()
}

#[test]
fn splits_commands_and_words() {
    let cases: &[(&str, &[&str])] = &[
        ("a b\nc", &["a|b", "c"]),
        ("a && b || c; d & e | f", &["a", "b", "c", "d", "e", "f"]),
        ("#!/bin/sh\na 'b c' \"d e\"f \\g\\ h # i", &["a|b c|d ef|g h"]),
        ("a b\\\n  c\\\r\n d\r\ne", &["a|b|c|d", "e"]),
        ("a '' \"\" b#c", &["a|||b#c"]),
        ("a \"\\$b \\\"c\\\" \\d\"", &["a|$b \"c\" \\d"]),
        ("a >b 2>&1 <c &>d 3>>e f", &["a|f"]),
        ("a <<EOF b\nno this\nEOF\nc", &["a|b", "c"]),
        ("a <<-'E'\n\tno\n\tE\nc", &["a", "c"]),
        ("a <<< b c\nd", &["a|c", "d"]),
        ("(a; b) && { c; d; }", &["a", "b", "c", "d"]),
        ("if a; then b; elif c; then d; else e; fi; f", &["a", "b", "c", "d", "e", "f"]),
        ("while ! a; do b; done <f\nuntil c\ndo d\ndone", &["a", "b", "c", "d"]),
        ("for x in 1 2; do a $x; done", &["a|?"]),
        ("case $1 in a|b) c ;; (*) d;; esac; e", &["c", "d", "e"]),
        ("f() { a; }\nfunction g { b; }\nf", &["a", "b", "f"]),
        ("[[ -f a && ( b < c ) ]] && d; (( 1 > 2 )) || e", &["d", "e"]),
        ("a $(b c) \"`d` x\"", &["b|c", "d", "a|?|? x"]),
        ("a $((1+2)) $(b $(c)) <(d)", &["c", "b|?", "d", "a|?|?|?"]),
        ("A=1 B='2 3' c", &["A=1|B=2 3|c"]),
        ("a done fi $", &["a|done|fi|$"]),
        ("a 'open", &["a|open"]),
        ("a $(b", &["b", "a|?"]),
        ("(a) ) b", &["a", "b"]),
    ];
    for (input, expected) in cases {
        assert_eq!(lines(input), *expected, "{input:?}");
    }
}

#[test]
fn follows_literal_variables() {
    let cases: &[(&str, &str)] = &[
        ("A=b\nc $A ${A}d \"$A\" '$A' $B", "c|b|bd|b|$A|?"),
        ("A='b c'\nd $A \"$A\"", "d|b|c|b c"),
        ("A=b; B=$A/c; d $B", "d|b/c"),
        ("export A=b\nc $A", "c|b"),
        ("A=$(b)\nc $A", "c|?"),
        ("A=b\nA+=c\nd $A", "d|?"),
        ("A=b\nA=c\nd $A", "d|c"),
        ("if a; then A=b; fi\nc $A", "c|?"),
        ("if a; then A=b; c $A; fi", "c|b"),
        ("A=b\nif x; then A=c; fi; d $A", "d|?"),
        ("A=0\nfor i in 1 2; do c $A; A=1; done", "c|?"),
        ("A=0\nfor i in 1 2; do c $A; done", "c|0"),
        ("[ -n x ] && A=b; c $A", "c|?"),
        ("[[ -n x ]] && A=b; c $A", "c|?"),
        ("a || A=b; c $A", "c|?"),
        ("A=b && c $A", "c|b"),
        ("(A=b); c $A", "c|?"),
        ("{ A=b; }; c $A", "c|b"),
        ("A=b; . ./env; c $A", "c|?"),
        ("A=b; read A; c $A", "c|?"),
        ("A=b; c ${A:-d} ${B:-d} ${A%x}", "c|b|?|?"),
        ("A=1; f() { c $A; }; A=2; f", "c|?"),
        ("A=(x y); c $A", "c|?"),
    ];
    for (input, expected) in cases {
        let all = lines(input);
        let last = all.iter().rfind(|l| l.starts_with(['c', 'd']) && l.contains('|'));
        assert_eq!(last.map(String::as_str), Some(*expected), "{input:?} {all:?}");
    }
    let input = "A=abc\nc x$A";
    let found = script(input);
    let word = &found.commands[1].words[1];
    assert_eq!(word.text.slice().range(2..3).span().range(), 3..4, "inside the definition");
    assert_eq!(word.text.slice().uses().map(|u| u.span.start).collect::<Vec<_>>(), [9]);
    assert_eq!(word.span.range(), 8..11);
}

#[test]
fn goes_into_other_shells() {
    let cases: &[(&str, &[&str])] = &[
        ("ssh -p 22 root@h1 'cd /opt && a b'", &["h1: cd|/opt", "h1: a|b"]),
        ("ssh h1 a \"b c\" d", &["h1: a|b|c|d"]),
        ("H=h1; ssh $H \"a $H\"", &["H=h1", "h1: a|h1"]),
        ("docker exec -it -e A=b kafka1 bash -c 'a; b'", &["kafka1: a", "kafka1: b"]),
        ("docker compose -f x.yml exec -T broker a b", &["broker: a|b"]),
        ("ssh h1 'docker exec k sh -c \"a\"'", &["h1: k: a"]),
        ("sudo -u kafka nohup a b &", &["a|b"]),
        ("bash -lc 'A=b; c $A'", &["A=b", "c|b"]),
        ("A=b; export B=c; sh -c 'd $A $B'", &["A=b", "B=c", "d|?|c"]),
        ("su - kafka -c 'a b'", &["a|b"]),
        ("docker run --rm -v a:b image a b", &["image: a|b"]),
        ("env A=b timeout -s 9 10 a b", &["a|b"]),
        ("bash x.sh", &["bash|x.sh"]),
    ];
    for (input, expected) in cases {
        assert_eq!(lines(input), *expected, "{input:?}");
    }
}

fn text(s: Option<&Text>) -> String {
    s.map_or("-", Text::as_str).replace(HOLE, "?")
}

#[test]
fn finds_format() {
    let id = |s: &str| {
        let found = script(s).formats();
        assert_eq!(found.len(), 1, "{s:?}");
        let id = match &found[0].cluster_id {
            None => "none".to_owned(),
            Some(ClusterId::Known(id)) => id.as_str().to_owned(),
            Some(ClusterId::Random(_)) => "random".to_owned(),
            Some(ClusterId::Unknown(_)) => "unknown".to_owned(),
        };
        format!("{id} {}", text(found[0].config.as_ref()))
    };
    assert_eq!(
        id("bin/kafka-storage.sh format -t X -c config/kraft/server.properties"),
        "X config/kraft/server.properties"
    );
    assert_eq!(id("$KAFKA_HOME/bin/kafka-storage.sh format --cluster-id=X --config s.p"), "X s.p");
    assert_eq!(id("kafka-storage format -tX -c=s.p"), "X s.p");
    assert_eq!(id("kafka-storage format --cluster X --ignore"), "X -");
    assert_eq!(id("kafka-storage format -t $(kafka-storage random-uuid) -c s"), "random s");
    assert_eq!(id("ID=$(bin/kafka-storage.sh random-uuid)\nkafka-storage.sh format -t $ID -c s"), "random s");
    assert_eq!(
        id("ID=\"`/opt/kafka-storage random-uuid`\"; kafka-storage format -t \"$ID\" -c s"),
        "random s"
    );
    assert_eq!(id("kafka-storage format -t $CLUSTER_ID -c s"), "unknown s");
    assert_eq!(
        id("ID=abc\nfor h in 1 2; do ssh n$h \"kafka-storage.sh format -t $ID -c s$h\"; done"),
        "abc s?"
    );
    assert_eq!(id("sudo -u kafka kafka-storage format -c s"), "none s");
    assert!(script("echo kafka-storage format -t X; kafka-storage info -c s").formats().is_empty());
    let all =
        "ssh h1 docker exec k kafka-storage.sh format -t X -c s -s -N -g -I 0@h:1:id -r 3.9 -S a -S b -f k=1";
    let found = script(all).formats().remove(0);
    assert!(
        found.standalone.is_some()
            && found.no_initial_controllers.is_some()
            && found.ignore_formatted.is_some()
    );
    assert_eq!(text(found.initial_controllers.as_ref()), "0@h:1:id");
    assert_eq!(text(found.release_version.as_ref()), "3.9");
    assert_eq!((found.add_scram.len(), found.features.len()), (2, 1));
    assert_eq!(text(found.host.as_ref()), "h1");
    assert_eq!(all.get(found.tool.range()), Some("kafka-storage.sh"));
    assert!(!found.open);
    assert!(script("kafka-storage format $OPTS -t X").formats()[0].open);
}

#[test]
fn finds_topics_and_servers() {
    let s = "kafka-topics.sh --bootstrap-server k1:9092 --create --if-not-exists --topic a --partitions=3 \
             --replication-factor 2 --config min.insync.replicas=2 --config=x=y=z\nkafka-topics --list";
    let found = script(s).created_topics();
    assert_eq!(found.len(), 1);
    let topic = &found[0];
    let all = [&topic.name, &topic.partitions, &topic.replication_factor, &topic.bootstrap];
    assert_eq!(all.map(|t| text(t.as_ref())), ["a", "3", "2", "k1:9092"]);
    let configs: Vec<_> = topic.configs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(configs, [("min.insync.replicas", "2"), ("x", "y=z")]);
    assert_eq!(topic.partitions.as_ref().map(|p| s.get(p.span().range())), Some(Some("3")));

    let s = "nohup bin/kafka-server-start.sh -daemon c/s.properties --override node.id=1 --override a= --override b >l &";
    let found = script(s).server_starts();
    assert_eq!(text(found[0].config.as_ref()), "c/s.properties");
    let overrides: Vec<_> = found[0].overrides.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(overrides, [("node.id", "1"), ("a", ""), ("b", "")]);
}

#[test]
fn finds_docker_run() {
    let s = "docker run -d --name k1 --network=kafka-net -h k1 -p 9092:9092 -dp9093:9093 -e KAFKA_NODE_ID=1 \\\n \
             --env A='b c' --env-file=k.env -v /d:/d --restart always --privileged apache/kafka:3.9.0 a -b";
    let found = script(s).docker_runs();
    assert_eq!(found.len(), 1);
    let run = &found[0];
    let one = [&run.name, &run.network, &run.hostname, &run.image];
    assert_eq!(one.map(|t| text(t.as_ref())), ["k1", "kafka-net", "k1", "apache/kafka:3.9.0"]);
    let list = |l: &[Text]| l.iter().map(|t| t.as_str().to_owned()).collect::<Vec<_>>().join(",");
    assert_eq!(list(&run.env), "KAFKA_NODE_ID=1,A=b c");
    assert_eq!(list(&run.publishes), "9092:9092,9093:9093");
    assert_eq!(
        (list(&run.volumes), list(&run.env_files), list(&run.command)),
        ("/d:/d".into(), "k.env".into(), "a,-b".into())
    );
    assert!(script("docker compose run --rm kafka a").docker_runs().is_empty());
    assert_eq!(script("ssh h1 'podman run x'").docker_runs().len(), 1);
}

#[test]
fn exports_before_a_run_script() {
    let s = "A=1\nexport KAFKA_NODE_ID=7 X=$Y A\nexec /etc/confluent/docker/run";
    let all: Vec<_> = script(s)
        .exports()
        .map(|(k, v)| format!("{}={}", k.as_str(), v.as_str().replace(HOLE, "?")))
        .collect();
    assert_eq!(all, ["KAFKA_NODE_ID=7", "X=?", "A=1"]);
}

#[test]
fn a_compose_command() {
    let s = "bash -c \"kafka-storage.sh format -t X -c /s.p && exec kafka-server-start.sh /s.p\"";
    let word = |range: std::ops::Range<usize>| {
        Text::literal(
            &s[range.clone()],
            Span::new(FileId(0), 50 + range.start..50 + range.end),
            Encoding::default(),
        )
    };
    let words = [word(0..4), word(5..7), word(9..s.len() - 1)];
    let found = parse_argv(&words);
    assert_eq!(found.formats().len(), 1);
    let start = &found.server_starts()[0];
    assert_eq!(
        start.config.as_ref().map(|c| s.get(c.span().start as usize - 50..c.span().end as usize - 50)),
        Some(Some("/s.p"))
    );
}

#[test]
fn hostile_input_takes_linear_time() {
    let n = 100_000;
    for part in [
        "$(",
        "`",
        "\"",
        "'",
        "${",
        "(",
        ")",
        "{ ",
        "if ",
        "case x in ",
        "a() ",
        "<<E\n",
        "A=$A$A\n",
        "A=x\nb $A\n",
        "\"$(",
        "bash -c '",
        "ssh h ",
        "sudo ",
        "eval ",
        "$((",
        "((",
        "[[ ",
        "\\",
        ";;",
        "esac ",
        "fi\n",
        "A=(",
        "export A=b;",
        "&&",
        "for x in ",
        "docker run ",
        "docker exec a ",
        "<(",
        "#",
        "$'",
        "\u{fdd0}",
        "é",
        "if a; then A=b; fi\n",
    ] {
        let input = part.repeat(n / part.len());
        let found = script(&input);
        let _ = (found.formats(), found.docker_runs(), found.created_topics(), found.server_starts());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_leaves_the_file(
        parts in proptest::collection::vec(
            proptest::sample::select(vec![
                "a", " ", "\n", "\"", "'", "\\", "$", "(", ")", "{", "}", "`", ";", "&", "|", "<", ">", "<<E", "E", "#", "A=",
                "$A", "${A", "é", "bash -c ", "ssh h ", "kafka-storage format ", "-t ", "if ", "fi", "case x in", ";;", "[[ ",
                "]]", "docker run ", "docker exec ", "export ", "for ", "do ", "=", "-", "\r\n", "\t",
            ]),
            0..30,
        )
    ) {
        let input = parts.concat();
        let found = script(&input);
        for command in &found.commands {
            for word in &command.words {
                for span in word.text.slice().spans() {
                    prop_assert!(input.get(span.range()).is_some());
                }
                prop_assert!(input.get(word.span.range()).is_some());
            }
            prop_assert!(input.get(command.span.range()).is_some());
        }
        let _ = (found.formats(), found.docker_runs(), found.created_topics(), found.server_starts());
    }
}
