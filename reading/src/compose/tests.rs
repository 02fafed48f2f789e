//! Whole projects, from files in memory. What Compose makes of them was asked of compose-go v2.16.2.

use super::{MountSource, Options, Problem, Project, ProjectFiles, Projects, Service, read};
use crate::interpolate::Mode;
use crate::source::{MemoryFiles, Role, Sources, role_of};
use crate::text::HOLE;

fn run_with(files: &[(&str, &str)], named: &[&str], options: &Options, mode: Mode) -> (Projects, Sources) {
    let mut memory = MemoryFiles::default();
    for (name, text) in files {
        memory.insert(name, *text);
    }
    let mut sources = Sources::default();
    let candidates: Vec<_> = files
        .iter()
        .filter(|(name, _)| role_of(name) == Some(Role::Yaml) && (named.is_empty() || named.contains(name)))
        .map(|(name, text)| (sources.add(name, text.as_bytes()), !named.is_empty()))
        .collect();
    let out = read(&memory, &mut sources, &candidates, options, mode);
    (out, sources)
}

fn run(files: &[(&str, &str)]) -> (Projects, Sources) {
    run_with(files, &[], &Options::default(), Mode::Open)
}

/// The only project there is.
fn one(files: &[(&str, &str)]) -> Project {
    let (mut out, _) = run(files);
    assert_eq!(out.projects.len(), 1);
    out.projects.remove(0)
}

/// The files of each project.
fn grouped(files: &[(&str, &str)]) -> Vec<String> {
    let (out, sources) = run(files);
    let names = |p: &Project| p.files.iter().map(|f| sources.name(*f)).collect::<Vec<_>>().join("+");
    out.projects.iter().map(|p| names(p) + if p.fragment { " (fragment)" } else { "" }).collect()
}

fn service<'p>(project: &'p Project, name: &str) -> &'p Service {
    project.services.iter().find(|s| s.name.as_str() == name).unwrap()
}

fn environment(service: &Service) -> String {
    let one = |v: &super::Variable| match &v.value {
        Some(value) => format!("{}={}", v.name.as_str(), value.as_str().replace(HOLE, "?")),
        None => v.name.as_str().to_owned(),
    };
    service.environment.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn messages(project: &Project) -> Vec<String> {
    let one = |p: &Problem| match p {
        Problem::Invalid { message, .. } => message.clone(),
        Problem::NotSeen(open) => format!("not seen: {}", open.why),
        other => format!("{other:?}").split([' ', '{']).next().unwrap_or("").to_owned(),
    };
    project.problems.iter().map(one).collect()
}

const KAFKA: &str = "services:\n  k:\n    image: apache/kafka:3.9.0\n";

#[test]
fn values_print_as_compose_prints_them() {
    let p = one(&[(
        "d/compose.yaml",
        "services:
  k:
    image: x
    environment: {O: 010, F: 1.50, B: True, Y: yes, Q: \"010\", T: !!str 010, N: , D: 2024-01-01, Z: 2024-01-01T10:20:30+01:00}
",
    )]);
    let want = "O=8 F=1.5 B=true Y=yes Q=010 T=010 N D=2024-01-01 00:00:00 +0000 UTC Z=?";
    assert_eq!(environment(service(&p, "k")), want);
    assert!(p.problems.is_empty());
}

#[test]
fn variables_come_from_env_files_and_leave_holes() {
    let compose = "services:
  k:
    image: apache/kafka:${V}
    hostname: ${COMPOSE_PROJECT_NAME}-k
    environment:
      A: ${H}:9092
      B: ${U:-d}
      ${K}: key
      BARE:
      C: '{{ .x }}:1'
";
    let files = [("d/compose.yaml", compose), ("d/.env", "V=3.9.0\nBARE=b\n")];
    let (out, sources) = run(&files);
    let p = &out.projects[0];
    let k = service(p, "k");
    assert_eq!(environment(k), "A=?:9092 B=d ${K}=key BARE=b C=?:1");
    let image = k.image.as_ref().unwrap();
    assert_eq!(image.as_str(), "apache/kafka:3.9.0");
    let version = image.slice().range(13..18);
    assert_eq!((sources.name(version.span().file), &*sources.text(version.span())), ("d/.env", "3.9.0"));
    assert_eq!(&*sources.text(version.uses().next().unwrap().span), "${V}");
    assert_eq!(k.hostname.as_ref().unwrap().as_str(), "d-k");
    let unset: Vec<_> = p
        .problems
        .iter()
        .map(|p| match p {
            Problem::Unset { span, name, service, has_env } => {
                (sources.text(*span).into_owned(), name.as_str(), service.as_deref(), *has_env)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(unset, [("${H}".to_owned(), "H", Some("k"), true)]);

    let options =
        Options { env: vec![("H".into(), "host".into()), ("V".into(), "4".into())], ..Options::default() };
    let (out, sources) = run_with(&files, &[], &options, Mode::Open);
    let k = service(&out.projects[0], "k");
    assert_eq!(k.image.as_ref().unwrap().as_str(), "apache/kafka:4");
    let a = k.environment[0].value.as_ref().unwrap();
    assert_eq!(a.as_str(), "host:9092");
    assert_eq!(&*sources.text(a.slice().range(0..4).span()), "host");
}

#[test]
fn every_value_of_the_document_is_looked_at() {
    let p = one(&[(
        "d/compose.yaml",
        "services:\n  k:\n    image: x\n    labels: {a: '${A.B}'}\nx-a: ['${R:?}', '$$x']\n",
    )]);
    assert!(matches!(&p.problems[0], Problem::Interpolation { path, .. } if path == "services.k.labels.a"));
    assert!(matches!(&p.problems[1], Problem::Required { name, .. } if name == "R"));
    assert_eq!(p.problems.len(), 2);
}

#[test]
fn env_files_stand_before_environment() {
    let compose = "services:
  k:
    image: x
    env_file: [a.env, {path: b.env}, {path: no.env, required: false}, {path: raw.env, format: raw}]
    environment: {X: inline, NUL: }
  l:
    image: x
    env_file: missing.env
";
    let files = [
        ("d/compose.yaml", compose),
        ("d/.env", "DOT=dot\n"),
        ("d/a.env", "X=file\nY=1\nNUL=n\nREF=${DOT}-${X}\n"),
        ("d/b.env", "Y=2\nZ=${Y}\n"),
        ("d/raw.env", "R=\"$X\"\n"),
    ];
    let p = one(&files);
    let k = service(&p, "k");
    assert_eq!(environment(k), "X=inline Y=2 NUL REF=dot-inline Z=2 R=\"$X\"");
    assert!(k.environment_open.is_none());
    let flags: Vec<_> = k.environment.iter().map(|v| (v.from_file, v.overrides.len())).collect();
    assert_eq!(flags, [(false, 1), (true, 1), (false, 1), (true, 0), (true, 0), (true, 0)]);
    assert!(service(&p, "l").environment_open.is_some());
    assert!(
        matches!(&p.problems[..], [Problem::MissingReference { path, what: "env_file", .. }] if path == "d/missing.env")
    );
}

#[test]
fn lists_have_their_own_faults() {
    let p = one(&[(
        "d/compose.yaml",
        "services:\n  k:\n    image: x\n    environment:\n      - A=1\n      - Q=\"a,b\"\n      - 'P=\"x\"'\n      - A=2\n",
    )]);
    assert_eq!(environment(service(&p, "k")), "A=2 Q=\"a,b\" P=\"x\"");
    assert!(matches!(&p.problems[0], Problem::QuotedValue { name, .. } if name == "Q"));
    assert!(matches!(&p.problems[1], Problem::DuplicateVariable { name, .. } if name == "A"));
    assert_eq!(p.problems.len(), 2);
}

#[test]
fn files_merge_as_compose_merges_them() {
    let base = "services:
  k:
    image: x:1
    command: [a]
    entrypoint: [e]
    hostname: h
    environment: [A=1, B=1]
    ports: ['9092:9092', '9093:9093']
    volumes: ['data:/d', './x:/x']
    networks: [n1]
    depends_on: [c]
    profiles: [p1]
  c: {image: x}
networks: {n1: {}, n2: {name: shared}}
volumes: {data: {}, data2: {}}
";
    let over = "services:
  k:
    image: x:2
    command:
    hostname:
    environment: {B: 2, C: }
    ports: ['9092:9092', '127.0.0.1:9093:9093']
    volumes: ['data2:/d']
    networks: {n2: {aliases: [kk], ipv4_address: 10.0.0.2}}
    depends_on: {c: {condition: service_started}}
    profiles: [p2]
";
    let p = one(&[("d/docker-compose.yml", base), ("d/docker-compose.override.yml", over)]);
    assert_eq!(messages(&p), Vec::<String>::new());
    assert_eq!(p.files.len(), 2);
    let k = service(&p, "k");
    assert_eq!(k.image.as_ref().unwrap().as_str(), "x:2");
    assert!(k.command.is_none());
    assert_eq!(k.entrypoint.as_ref().unwrap().words.len(), 1);
    assert_eq!(k.hostname.as_ref().unwrap().as_str(), "h");
    assert_eq!(environment(k), "A=1 B=2 C");
    assert_eq!(k.ports.len(), 3);
    let sources: Vec<_> = k
        .mounts
        .iter()
        .map(|m| match &m.source {
            MountSource::Volume(v) => v.as_str().to_owned(),
            MountSource::Bind(_, path) => path.clone().unwrap(),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(sources, ["data2", "d/x"]);
    let networks: Vec<_> =
        k.networks.iter().map(|n| (n.name.as_str(), n.aliases.len(), n.address.is_some())).collect();
    assert_eq!(networks, [("n1", 0, false), ("n2", 1, true)]);
    assert_eq!(k.profiles.len(), 2);
    assert_eq!(p.networks.iter().map(|n| n.shared).collect::<Vec<_>>(), [false, true]);
    assert_eq!(service(&p, "c").networks[0].name, "default");
}

#[test]
fn tags_take_away_what_came_before() {
    let base = "services:\n  k:\n    image: x\n    command: [a]\n    environment: {A: 1, B: 2}\n    ports: ['1:1']\n    volumes: ['./y:/y']\n  z: {image: z}\n";
    let over = "services:\n  k:\n    command: !reset []\n    environment: {A: !reset null, C: 3}\n    ports: !override ['2:2']\n    volumes: !reset []\n  z: !reset null\n";
    let p = one(&[("d/compose.yml", base), ("d/compose.override.yml", over)]);
    assert_eq!(p.services.len(), 1);
    let k = service(&p, "k");
    assert!(k.command.is_none() && k.mounts.is_empty());
    assert_eq!(environment(k), "B=2 C=3");
    assert_eq!(k.ports.iter().map(|p| p.target.start).collect::<Vec<_>>(), [2]);
}

#[test]
fn services_extend_and_files_include() {
    let files = [
        (
            "d/compose.yaml",
            "include: [sub/inc.yaml]\nservices:\n  k:\n    extends: {file: sub/base.yaml, service: base}\n    environment: {A: k}\n    ports: ['2:2']\n  l: {extends: k}\n  m: {extends: i}\n",
        ),
        (
            "d/sub/base.yaml",
            "services:\n  base:\n    image: base\n    environment: {A: base, B: base}\n    env_file: b.env\n    ports: ['1:1']\n    volumes: ['./rel:/rel']\n    networks: [ghost]\n",
        ),
        ("d/sub/b.env", "F=1\n"),
        ("d/sub/inc.yaml", "services:\n  i:\n    image: i:${T:-none}\n    volumes: ['./v:/v']\n"),
        ("d/sub/.env", "T=sub\n"),
    ];
    let (out, sources) = run(&files);
    let p = out.projects.iter().find(|p| p.folder == "d").unwrap();
    for name in ["k", "l"] {
        let s = service(p, name);
        assert_eq!(environment(s), "F=1 A=k B=base");
        assert_eq!(s.ports.len(), 2);
        assert!(matches!(&s.mounts[0].source, MountSource::Bind(_, Some(path)) if path == "d/sub/rel"));
    }
    assert_eq!(service(p, "m").image.as_ref().unwrap().as_str(), "i:sub");
    assert!(p.fragment, "the network of the base is declared nowhere");
    let others: Vec<_> = out.projects.iter().map(|p| sources.name(p.files[0])).collect();
    assert_eq!(
        others,
        ["d/compose.yaml"],
        "what is included, and a fragment that is extended, is read there only"
    );
}

#[test]
fn rings_end() {
    let p = one(&[("d/compose.yaml", "services:\n  a: {extends: b, image: x}\n  b: {extends: a}\n")]);
    assert_eq!(messages(&p), ["this `extends` leads back to where it starts"]);
    let p = one(&[("d/compose.yaml", "include: [compose.yaml]\nservices: {a: {image: x}}\n")]);
    assert!(messages(&p).iter().any(|m| m.contains("includes itself")), "{:?}", messages(&p));
    let p = one(&[(
        "d/compose.yaml",
        "services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}\n",
    )]);
    assert_eq!(messages(&p), ["these services wait for each other in a ring"]);
    let mut chain = String::from("services:\n  k0: {image: x}\n");
    for i in 1..2000 {
        chain.push_str(&format!("  k{i}: {{extends: k{}}}\n", i - 1));
    }
    let p = one(&[("d/compose.yaml", &chain)]);
    assert!(messages(&p).iter().all(|m| m.starts_with("not seen")));
}

#[test]
fn a_thousand_includes_are_read() {
    let mut files = vec![("d/compose.yaml".to_owned(), "include:\n".to_owned())];
    for i in 0..1000 {
        if let Some(main) = files.first_mut() {
            main.1.push_str(&format!("- i{i}.yaml\n"));
        }
        files.push((format!("d/i{i}.yaml"), format!("services: {{k{i}: {{image: x}}}}\n")));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let p = one(&files);
    assert_eq!((p.services.len(), messages(&p).len()), (1000, 0));
    // Two in each of forty files would be a billion.
    let mut files = vec![("d/f39.yaml".to_owned(), "services: {k: {image: x}}\n".to_owned())];
    for i in 0..39 {
        files.push((format!("d/f{i}.yaml"), format!("include: [f{0}.yaml, f{0}.yaml]\n", i + 1)));
    }
    files.push(("d/compose.yaml".to_owned(), "include: [f0.yaml]\n".to_owned()));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let p = one(&files);
    assert!(messages(&p).iter().all(|m| m.starts_with("not seen")), "{:?}", messages(&p));
}

#[test]
fn files_are_grouped_into_projects() {
    let over = "services: {k: {environment: {A: 1}}}\n";
    assert_eq!(
        grouped(&[
            ("d/compose.yml", KAFKA),
            ("d/docker-compose.yml", KAFKA),
            ("d/docker-compose.override.yml", over),
            ("d/docker-compose.override.yaml", over),
            ("d/kafka-ssl.yml", KAFKA),
            ("e/docker-compose.override.yml", over),
        ]),
        [
            "d/compose.yml+d/docker-compose.override.yml",
            "d/docker-compose.yml",
            "d/kafka-ssl.yml",
            "e/docker-compose.override.yml (fragment)",
        ]
    );
    assert_eq!(
        grouped(&[
            ("d/a.yml", KAFKA),
            ("d/b.yml", over),
            ("d/compose.yml", KAFKA),
            ("d/.env", "COMPOSE_FILE=b.yml:a.yml\n")
        ]),
        ["d/b.yml+d/a.yml", "d/compose.yml"]
    );
}

#[test]
fn fragments_are_read_with_what_closes_them() {
    let fragment = "services: {k: {environment: {A: 1}, networks: [n]}}\n";
    let base = "services: {k: {image: x}}\n";
    let net = "services: {t: {image: y}}\nnetworks: {n: }\n";
    assert_eq!(grouped(&[("d/compose.x.yml", fragment)]), ["d/compose.x.yml (fragment)"]);
    assert_eq!(
        grouped(&[
            ("d/base.yml", base),
            ("d/a-fragment.yml", fragment),
            ("d/net.yml", net),
            ("d/other.yml", "services: {o: {image: z}}\n")
        ]),
        ["d/base.yml+d/net.yml+d/a-fragment.yml", "d/other.yml"]
    );
    let alternatives =
        [("d/one.yml", base), ("d/two.yml", base), ("d/x.yml", "services: {k: {hostname: h}}\n")];
    assert_eq!(grouped(&alternatives), ["d/one.yml+d/x.yml", "d/two.yml"]);
    // Both need the same third file.
    let needy = "services: {k: {image: x, networks: [n]}}\n";
    assert_eq!(
        grouped(&[("d/k-1.yml", needy), ("d/k-2.yml", needy), ("d/net.yml", net)]),
        ["d/k-2.yml (fragment)", "d/net.yml+d/k-1.yml"]
    );
    // Named alone, its siblings are looked for; they are no projects of their own then.
    let files = [("d/base.yml", base), ("d/x.yml", "services: {k: {hostname: h}}\n"), ("d/y.yml", KAFKA)];
    let (out, sources) = run_with(&files, &["d/x.yml"], &Options::default(), Mode::Open);
    let names: Vec<_> =
        out.projects.iter().map(|p| p.files.iter().map(|f| sources.name(*f)).collect::<Vec<_>>()).collect();
    assert_eq!(names, [["d/base.yml", "d/x.yml"]]);
}

#[test]
fn references_must_close_in_a_project_that_stands_alone() {
    let p = one(&[(
        "d/compose.yaml",
        "services:\n  k:\n    image: x\n    volumes: ['nope:/d']\n    depends_on: [ghost]\n    secrets: [s]\n",
    )]);
    assert_eq!(
        messages(&p),
        [
            "the volume `nope` is not declared",
            "the secret `s` is not declared",
            "there is no service `ghost`"
        ]
    );
    let p = one(&[(
        "d/compose.yaml",
        "services:\n  a: {image: x, container_name: same, user: 1000}\n  b: {image: x, container_name: same, foo: 1}\n",
    )]);
    assert_eq!(messages(&p), ["a service has no `foo`", "`user` is no string", "ContainerNameTwice"]);
}

#[test]
fn projects_can_be_named() {
    let files = [
        ("d/a.yml", KAFKA),
        ("d/b.yml", "services: {k: {hostname: h}}\n"),
        ("d/c.yml", KAFKA),
        ("d/e", "V=1\n"),
    ];
    let options = Options {
        projects: vec![ProjectFiles {
            files: vec!["d/a.yml".into(), "d/b.yml".into()],
            env_files: vec!["d/e".into()],
            profiles: Vec::new(),
        }],
        ..Options::default()
    };
    let (out, sources) = run_with(&files, &[], &options, Mode::Open);
    let names: Vec<_> = out.projects.iter().map(|p| p.files.len()).collect();
    assert_eq!(names, [2, 1]);
    assert_eq!(sources.name(out.projects[0].env_files[0]), "d/e");
    let options = Options { files: vec!["d/c.yml".into(), "d/no.yml".into()], ..Options::default() };
    let (out, _) = run_with(&files, &[], &options, Mode::Open);
    assert_eq!(out.projects.len(), 1);
    assert!(
        matches!(&out.projects[0].problems[..], [Problem::Unreadable { asked: None, path, .. }] if path == "d/no.yml")
    );
    assert_eq!(out.skipped.len(), 2);
}

#[test]
fn profiles_switch_services() {
    let files = [(
        "d/compose.yaml",
        "services:\n  a: {image: x}\n  b: {image: x, profiles: [p]}\n  c: {image: x, profiles: [q]}\n",
    )];
    let count = |options: &Options, mode| run_with(&files, &[], options, mode).0.projects[0].services.len();
    assert_eq!(count(&Options::default(), Mode::Open), 3);
    assert_eq!(count(&Options::default(), Mode::Closed), 1);
    assert_eq!(count(&Options { profiles: vec!["p".into()], ..Options::default() }, Mode::Open), 2);
    assert_eq!(count(&Options { profiles: vec!["*".into()], ..Options::default() }, Mode::Closed), 3);
}

#[test]
fn configs_bring_their_content() {
    let p = one(&[(
        "d/compose.yaml",
        "services:\n  k:\n    image: x\n    configs: [a, {source: b, target: /etc/b}, c]\nconfigs:\n  a: {content: \"x=$$y\\nz=${Z:-1}\\n\"}\n  b: {file: ./b.properties}\n  c: {external: true}\n",
    )]);
    let shown: Vec<_> = service(&p, "k")
        .mounts
        .iter()
        .map(|m| {
            let source = match &m.source {
                MountSource::Content(text) => text.as_str().to_owned(),
                MountSource::Bind(_, path) => path.clone().unwrap(),
                other => format!("{other:?}"),
            };
            (m.target.as_str().to_owned(), source)
        })
        .collect();
    let want = [("/a", "x=$y\nz=1\n"), ("/etc/b", "d/b.properties"), ("/c", "Other")];
    assert_eq!(shown, want.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[test]
fn templates_and_foreign_files_are_no_errors() {
    let (out, _) = run(&[
        (
            "d/docker-compose.yml",
            "services:\n  k:\n    image: {{ image }}\n    hostname: {$H}\n    ports: {{ ports }}\n    environment:\n      A: \"{{ a }}:1\"\n",
        ),
        ("d/deploy.yaml", "apiVersion: v1\nkind: Service\n"),
        ("d/broken.yml", "a: [\n"),
    ]);
    let p = &out.projects[0];
    let k = service(p, "k");
    assert!(k.image.as_ref().unwrap().slice().has_hole());
    assert!(k.ports_open);
    assert_eq!(environment(k), "A=?:1");
    assert!(!p.problems.iter().any(|p| matches!(p, Problem::Syntax { .. })), "{:?}", p.problems);
    assert_eq!(out.skipped.len(), 2);
}

#[test]
fn quoted_braces_make_no_template() {
    let p = one(&[(
        "d/compose.yaml",
        "services:\n  k:\n    image: x\n    user: 1000\n    hostname: '{{.Node.Hostname}}'\n    ports: ['a:b']\n  l: [\n",
    )]);
    assert!(service(&p, "k").hostname.as_ref().unwrap().slice().is_all_hole());
    let found = messages(&p);
    for wanted in ["Syntax", "`user` is no string", "no port of a container: `b`"] {
        assert!(found.iter().any(|m| m == wanted), "{found:?}");
    }
}

#[test]
fn too_much_is_not_read() {
    let mut text = String::from("services:\n  a:\n    image: x\n    environment: {");
    for i in 0..1000 {
        text.push_str(&format!("A{i}: 1, "));
    }
    text.push_str("}\n");
    for i in 0..1000 {
        text.push_str(&format!("  b{i}: {{extends: a}}\n"));
    }
    let p = one(&[("d/compose.yaml", &text)]);
    let read: usize = p.services.iter().map(|s| s.environment.len()).sum();
    assert!(read <= 500_000);
    assert!(p.services.last().unwrap().environment_open.is_some());
    assert!(messages(&p).iter().all(|m| m.starts_with("not seen")));
}
