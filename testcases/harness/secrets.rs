//! A secret never leaves the program: not in a finding, not in the lines shown around it, not in a diff.

use std::fs;

use libtest_mimic::Trial;
use serde_json::Value;

use super::view::{View, text};
use super::{Complaints, run, trial};

/// What must never be seen. It looks like a password, not like a word.
const SECRET: &str = "Zq7Xk2HushMarker9";

/// A way in which a secret gets into a file: name, files. `SECRET` in the texts stands for it. Each has findings on
/// the line of the secret or right beside it.
const PLACES: &[(&str, &[(&str, &str)])] = &[
    ("environment map", &[("compose.yml", "    environment:
      KAFKA_NODE_ID: 1
      KAFKA_PROCESS_ROLE: broker
      KAFKA_SSL_KEYSTORE_PASSWORD: SECRET
      KAFKA_ADVERTISED_LISTNERS: PLAINTEXT://a:9092
      MYSQL_ROOT_PASSWORD: 'SECRET'
      KAFKA_MESSAGE_MAXBYTES: 3
")]),
    ("environment list", &[("compose.yml", "    environment:
      - KAFKA_NODE_ID=1
      - KAFKA_PROCESS_ROLE=broker
      - KAFKA_SSL_KEYSTORE_PASSWORD=SECRET
      - KAFKA_ADVERTISED_LISTNERS=PLAINTEXT://a:9092
      - 'API_TOKEN=SECRET'
      - KAFKA_MESSAGE_MAXBYTES=3
")]),
    ("environment list, quotes in the value", &[("compose.yml", "    environment:
      - KAFKA_NODE_ID=1
      - KAFKA_SSL_KEYSTORE_PASSWORD=\"SECRET\"
      - KAFKA_ADVERTISED_LISTNERS=PLAINTEXT://a:9092
")]),
    ("twice in an environment list", &[("compose.yml", "    environment:
      - KAFKA_NODE_ID=1
      - KAFKA_SSL_KEYSTORE_PASSWORD=SECRET
      - KAFKA_SSL_KEYSTORE_PASSWORD=SECRETtoo
")]),
    ("twice in an environment map", &[("compose.yml", "    environment:
      KAFKA_NODE_ID: 1
      KAFKA_SSL_KEYSTORE_PASSWORD: SECRET
      KAFKA_SSL_KEYSTORE_PASSWORD: SECRETtoo
")]),
    ("flow mapping", &[("compose.yml", "    environment: {KAFKA_NODE_ID: 1, KAFKA_SSL_KEYSTORE_PASSWORD: SECRET, KAFKA_ADVERTISED_LISTNERS: b}
")]),
    ("JAAS in an environment map", &[("compose.yml", "    environment:
      KAFKA_NODE_ID: 1
      KAFKA_LISTNERS: SASL_PLAINTEXT://:9092
      KAFKA_LISTENER_NAME_SASL_PLAIN_SASL_JAAS_CONFIG: 'org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"SECRET\" user_u=\"SECRET\";'
      KAFKA_ADVERTISED_LISTNERS: PLAINTEXT://a:9092
")]),
    ("JAAS in a block scalar", &[("compose.yml", "    environment:
      KAFKA_NODE_ID: 1
      KAFKA_LISTENER_NAME_SASL_PLAIN_SASL_JAAS_CONFIG: |
        org.apache.kafka.common.security.plain.PlainLoginModule required
        username=\"u\"
        password=\"SECRET\"
        user_u=\"SECRET\";
      KAFKA_ADVERTISED_LISTNERS: PLAINTEXT://a:9092
")]),
    ("java options", &[("compose.yml", "    environment:
      KAFKA_NODE_ID: 1
      KAFKA_LISTNERS: SASL_PLAINTEXT://:9092
      KAFKA_OPTS: -Djavax.net.ssl.keyStorePassword=SECRET -Dx=y
      KAFKA_ADVERTISED_LISTNERS: PLAINTEXT://a:9092
")]),
    ("URL", &[("compose.yml", "    environment:
      KAFKA_NODE_ID: 1
      KAFKA_LISTNERS: SASL_PLAINTEXT://:9092
      DATABASE: postgres://user:SECRET@db:5432/x
      KAFKA_ADVERTISED_LISTNERS: PLAINTEXT://a:9092
")]),
    ("unclosed variable", &[("compose.yml", "    environment:
      KAFKA_NODE_ID: 1
      KAFKA_SSL_KEYSTORE_PASSWORD: 'SECRET${x.y}'
")]),
    ("password with a dollar", &[("compose.yml", "    environment:
      KAFKA_NODE_ID: 1
      KAFKA_SSL_KEYSTORE_PASSWORD: 'a${SECRET'
      KAFKA_ADVERTISED_LISTNERS: PLAINTEXT://a:9092
")]),
    ("default of a variable", &[("compose.yml", "    environment:
      KAFKA_NODE_ID: 1
      KAFKA_SSL_KEYSTORE_PASSWORD: ${NOTHING:-SECRET}
      KAFKA_ADVERTISED_LISTNERS: ${ELSE:-PLAINTEXT://a:9092}
")]),
    ("broken YAML", &[("compose.yml", "    environment:
      KAFKA_NODE_ID: 1
      KAFKA_SSL_KEYSTORE_PASSWORD: \"SECRET
      KAFKA_ADVERTISED_LISTNERS: PLAINTEXT://a:9092
")]),
    ("broken YAML on its line", &[("compose.yml", "    environment:
      KAFKA_NODE_ID: 1
      KAFKA_SSL_KEYSTORE_PASSWORD: SECRET: x
")]),
    ("broken YAML, list item without its blank", &[("compose.yml", "    environment:
      - KAFKA_NODE_ID=1
      - [KAFKA_SSL_KEYSTORE_PASSWORD=SECRET
")]),
    (".env", &[
        ("compose.yml", "    environment:
      KAFKA_NODE_ID: ${ID}
      KAFKA_SSL_KEYSTORE_PASSWORD: ${PASSWORD}
      KAFKA_PROCESS_ROLES: ${ROLES}
      KAFKA_CONTROLLER_QUORUM_VOTERS: ${VOTERS}
"),
        (".env", "VOTERS=1@a\nPASSWORD=SECRET\nROLES=broker,controller\nSECRET_KEY='SECRET'\nID=1\n"),
    ]),
    ("broken .env", &[
        ("compose.yml", "    environment:
      KAFKA_NODE_ID: 1
      KAFKA_SSL_KEYSTORE_PASSWORD: ${PASSWORD}
"),
        (".env", "ID=1\nPASSWORD=\"SECRET\nROLES=broker\n"),
    ]),
    ("env_file", &[
        ("compose.yml", "    env_file: kafka.env\n"),
        ("kafka.env", "KAFKA_NODE_ID=1\nKAFKA_LISTNERS=a\nKAFKA_SSL_KEYSTORE_PASSWORD=SECRET\nKAFKA_ADVERTISED_LISTNERS=b\n"),
    ]),
    ("--override in a command", &[("compose.yml", "    environment:
      KAFKA_NODE_ID: 1
    command: /opt/kafka/bin/kafka-server-start.sh server.properties --override ssl.key.password=SECRET --override listners=a
")]),
    ("--add-scram in a command", &[("compose.yml", "    environment:
      KAFKA_NODE_ID: 1
      KAFKA_LISTNERS: a
    command: bash -c \"kafka-storage.sh format -t not-an-id --add-scram 'SCRAM-SHA-512=[name=admin,password=SECRET]' -c server.properties\"
")]),
    ("inline config", &[("compose.yml", "    configs:
      - source: server
        target: /opt/kafka/config/server.properties
    environment:
      KAFKA_LISTNERS: a
configs:
  server:
    content: |
      node.id=1
      listners=a
      ssl.keystore.password=SECRET
      advertised.listners=b
")]),
    ("script", &[
        ("format.sh", "#!/bin/sh\nexport KAFKA_SSL_KEY_PASSWORD=SECRET\nbin/kafka-storage.sh format -t not-an-id --add-scram 'SCRAM-SHA-256=[name=admin,password=SECRET]' -c server.properties\n"),
        ("server.properties", SERVER),
    ]),
    ("curl in a script", &[
        ("format.sh", "#!/bin/sh\ncurl -u admin:SECRET http://x/\nbin/kafka-storage.sh format -t not-an-id -c server.properties\nmysql --password=SECRET -e x\n"),
        ("server.properties", SERVER),
    ]),
    ("properties", &[("server.properties", "listners=a\nssl.keystore.password=SECRET\nadvertised.listners=b\nssl.key.password : SECRET\nprocess.role=x\n")]),
    ("properties, twice", &[("server.properties", "ssl.keystore.password=SECRET\nssl.keystore.password=SECRETtoo\n")]),
    ("properties, a remark behind it", &[("server.properties", "listners=a\nssl.keystore.password=SECRET # a remark\nssl.key.password=SECRET  // another\n")]),
    ("properties, quoted", &[("server.properties", "listners=a\nssl.keystore.password=\"SECRET\"\nadvertised.listners=b\n")]),
    ("properties, key misspelt", &[("server.properties", "ssl.keystore.pasword=SECRET\nssl.keystore.passwrd=SECRET\n")]),
    ("properties, key misspelt in capitals", &[("server.properties", "SSL.Keystore.Password=SECRET\nsasl.JAAS.config=x required password=\"SECRET\";\n")]),
    ("properties, malformed escape", &[("server.properties", "ssl.keystore.password=SECRET\\u12\nlistners=x\n")]),
    ("properties, JAAS", &[("server.properties", "listners=a
listener.name.sasl_plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
    username=\"admin\" \\
    password=\"SECRET\" \\
    user_admin=\"SECRET\";
advertised.listners=b
")]),
    ("properties, JAAS with a stray line", &[("server.properties", "listners=a
listener.name.sasl_plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required
    username=\"admin\"
    password=\"SECRET\"
    user_admin=\"SECRET\";
advertised.listners=b
")]),
    ("properties, JAAS cut by a remark", &[("server.properties", "listners=a
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \\
# a remark
    username=\"admin\" password=\"SECRET\";
advertised.listners=b
")]),
    ("properties, stray secret", &[("server.properties", "listners=a\nssl.keystore.password=\\\n\nSECRET\nadvertised.listners=b\n")]),
    ("properties, key in PEM", &[("server.properties", "listners=a
ssl.keystore.key=-----BEGIN PRIVATE KEY----- \\
SECRET \\
-----END PRIVATE KEY-----
advertised.listners=b
")]),
    ("client", &[
        ("server.properties", SERVER),
        ("client.properties", "bootstrap.servers=nowhere:1\nsasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=\"u\" password=\"SECRET\";\nbatch.size=99999999\nkey.serializer=x\n"),
    ]),
];

const SERVER: &str = "node.id=1\nprocess.roles=broker,controller\nlisteners=PLAINTEXT://:9092,CONTROLLER://:9093\n\
    controller.listener.names=CONTROLLER\ncontroller.quorum.voters=1@a:9093\nadvertised.listeners=PLAINTEXT://a:9092\nlistners=x\n";

const HEAD: &str = "services:\n  kafka:\n    image: apache/kafka:3.9.1\n";

const WAYS: &[&[&str]] = &[
    &["--format", "full", "--color", "never"],
    &["--format", "full", "--color", "always"],
    &["--format", "concise"],
    &["--format", "json"],
    &["--format", "sarif"],
    &["--format", "github"],
    &["--format", "gitlab"],
    &["--format", "junit"],
    &["--format", "checkstyle"],
    &["--format", "rdjson"],
    &["--format", "markdown"],
    &["--diff", "--unsafe-fixes"],
    &["--show-files"],
    &["--one-cluster", "--kafka-version", "4.1"],
    &["show", "--all"],
    &["show", "--all", "--format", "json"],
];

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (name, files) in PLACES {
        trials.push(trial(format!("secrets::{name}"), move |c| kept(name, files, c)));
    }
    trials.push(trial("secrets::on the command line", on_the_command_line));
    trials
}

/// Writes the files into a folder of their own.
fn folder(name: &str, files: &[(&str, &str)]) -> std::path::PathBuf {
    let folder = run::temporary().join("secrets").join(name.replace([' ', ','], "-"));
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    for (path, text) in files {
        let head = match *path {
            "compose.yml" => HEAD,
            "server.properties" if *text != SERVER => "node.id=1\nprocess.roles=broker\n",
            _ => "",
        };
        fs::write(
            folder.join(path),
            format!("{head}{}", text.replace("SECRET_KEY", "MASTER_KEY").replace("SECRET", SECRET)),
        )
        .unwrap();
    }
    folder
}

fn kept(name: &str, files: &[(&str, &str)], complaints: &mut Complaints) {
    let folder = folder(name, files);
    for way in WAYS {
        let ran = run::run(&folder, way);
        never(&way.join(" "), &ran, complaints);
        complaints.check(ran.code < 2, || format!("{way:?}: exit code {}: {}", ran.code, ran.err));
    }
    // What is written by --fix keeps its secrets, what is told of it hides them.
    let ran = run::run(&folder, &["--fix", "--unsafe-fixes", "--show-files"]);
    never("--fix", &ran, complaints);
    let all: String = case_texts(&folder);
    complaints.check(all.contains(SECRET), || "--fix has destroyed the secret".to_owned());
    // Else nothing near it was said, and nothing was tried.
    let holders: Vec<&str> =
        files.iter().filter(|(_, t)| t.contains("SECRET")).map(|(path, _)| *path).collect();
    let again = self::folder(name, files);
    let json = View::parse(&run::run(&again, &["--format", "json"]).out).expect("JSON");
    let near = |label: &Value| holders.contains(&text(&label["file"]));
    let labels = json.diagnostics().iter().flat_map(|d| d["labels"].as_array()).flatten();
    complaints
        .check(labels.into_iter().any(near), || format!("nothing was found in {holders:?}\n{}", json.list()));
}

fn never(how: &str, ran: &run::Ran, complaints: &mut Complaints) {
    for (stream, text) in [("standard output", &ran.out), ("standard error", &ran.err)] {
        // A part of it is too much too.
        for part in [SECRET, &SECRET[..9], &SECRET[8..]] {
            if let Some(line) = text.lines().find(|l| l.contains(part)) {
                complaints.add(format!("{how}: {stream} tells it: {line:.300}"));
                break;
            }
        }
    }
}

fn case_texts(folder: &std::path::Path) -> String {
    super::case::files_below(folder).iter().filter_map(|p| fs::read_to_string(p).ok()).collect()
}

fn on_the_command_line(complaints: &mut Complaints) {
    let compose = "    environment:\n      KAFKA_NODE_ID: 1\n      KAFKA_SSL_KEYSTORE_PASSWORD: \"${PW}\"\n      KAFKA_LISTNERS: x\n";
    let folder = folder("command line", &[("compose.yml", compose)]);
    let variable = format!("PW={SECRET}");
    for way in WAYS {
        let mut args = way.to_vec();
        args.extend(["--env", &variable]);
        let ran = run::run(&folder, &args);
        complaints.check(ran.code < 2, || format!("{way:?}: exit code {}: {}", ran.code, ran.err));
        never(&format!("{way:?} --env"), &ran, complaints);
    }
}
