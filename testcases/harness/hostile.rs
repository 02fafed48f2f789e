//! Bytes that nobody meant: whatever happens to a file, it is read without panic and in time.

use std::panic::{self, AssertUnwindSafe};
use std::time::{Duration, Instant};

use kraftlint::output::Format;
use kraftlint::settings::Settings;
use kraftlint::source::MemoryFiles;
use libtest_mimic::Trial;
use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::prop_oneof;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use super::subject::Subject;
use super::view::{self, View};
use super::{Complaints, run, schemas, trial};

/// How long one folder may take, in a build without optimisation.
const LIMIT: Duration = Duration::from_secs(1);

/// Inputs for each seed.
const CASES: u32 = 200;

/// Places at which a file of a case is cut.
const CUTS: usize = 7;

/// What is done to a file. Places are parts of 65536 of its length.
#[derive(Clone, Debug)]
enum Mutation {
    Truncate(u16),
    Insert(u16, Vec<u8>),
    Delete(u16, u8),
    DuplicateLine(u16),
    DropLine(u16),
    Swap(u16, u16),
    Replace(u16, u8),
}

/// Bytes with a meaning somewhere.
const ODD: [&[u8]; 40] = [
    b"$",
    b"${",
    b"}",
    b"${A:-",
    b"${A:?x}",
    b"$$",
    b"\\",
    b"\\\n",
    b"\\u00",
    b"\\ud83d",
    b"\"",
    b"'",
    b"\r",
    b"\r\n",
    b"\n",
    b"\t",
    b"\0",
    b":",
    b"=",
    b"#",
    b" #",
    b"- ",
    b"&a ",
    b"*a",
    b"<<: *a\n",
    b"!!binary ",
    b"|\n",
    b">-\n",
    b"{",
    b"[",
    b"@",
    b",",
    b"\xef\xbb\xbf",
    b"\xc3\xa4",
    b"\xff",
    b"\xf0\x9f\x98\x80",
    b"\xef\xb7\x90",
    b"---\n",
    b"99999999999999999999",
    b"<<EOF\n",
];

fn mutation() -> impl Strategy<Value = Mutation> {
    let odd = (0..ODD.len()).prop_map(|i| ODD[i].to_vec());
    prop_oneof![
        1 => any::<u16>().prop_map(Mutation::Truncate),
        6 => (any::<u16>(), odd).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        2 => (any::<u16>(), vec(any::<u8>(), 1..6)).prop_map(|(at, bytes)| Mutation::Insert(at, bytes)),
        3 => (any::<u16>(), any::<u8>()).prop_map(|(at, n)| Mutation::Delete(at, n)),
        2 => any::<u16>().prop_map(Mutation::DuplicateLine),
        2 => any::<u16>().prop_map(Mutation::DropLine),
        1 => (any::<u16>(), any::<u16>()).prop_map(|(a, b)| Mutation::Swap(a, b)),
        2 => (any::<u16>(), any::<u8>()).prop_map(|(at, b)| Mutation::Replace(at, b)),
    ]
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |at: u16, len: usize| usize::from(at) * len / 65536;
        let line = |bytes: &[u8], at: u16| {
            let at = place(at, bytes.len());
            let start = bytes[..at].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
            let end = bytes[at..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |i| at + i + 1);
            start..end
        };
        match self {
            Mutation::Truncate(at) => bytes.truncate(place(*at, bytes.len())),
            Mutation::Insert(at, new) => {
                let at = place(*at, bytes.len() + 1);
                bytes.splice(at..at, new.iter().copied());
            }
            Mutation::Delete(at, n) => {
                let at = place(*at, bytes.len());
                let end = (at + usize::from(*n % 16)).min(bytes.len());
                bytes.drain(at..end);
            }
            Mutation::DuplicateLine(at) => {
                let range = line(bytes, *at);
                let copy = bytes[range.clone()].to_vec();
                bytes.splice(range.start..range.start, copy);
            }
            Mutation::DropLine(at) => {
                let range = line(bytes, *at);
                bytes.drain(range);
            }
            Mutation::Swap(a, b) => {
                let (a, b) = (place(*a, bytes.len()), place(*b, bytes.len()));
                if a < bytes.len() && b < bytes.len() {
                    bytes.swap(a, b);
                }
            }
            Mutation::Replace(at, new) => {
                let at = place(*at, bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = *new;
                }
            }
        }
    }
}

/// Folders to start from: what each room of the house reads is in one of them.
const SEEDS: [(&str, &[(&str, &str)]); 4] = [
    ("compose", &[("compose.yml", COMPOSE), (".env", DOTENV), ("kafka.env", DOTENV)]),
    (
        "properties",
        &[
            ("a/server.properties", PROPERTIES),
            ("b/server.properties", PROPERTIES),
            ("meta.properties", META),
        ],
    ),
    ("scripts", &[("server.properties", PROPERTIES), ("format.sh", SCRIPT)]),
    ("variables", &[("compose.yml", VARIABLES), (".env", DOTENV)]),
];

const COMPOSE: &str = "x-kafka: &kafka\n  image: apache/kafka:${TAG:-3.9.1}\n  env_file: [kafka.env]\nservices:\n  kafka-1:\n    <<: *kafka\n    \
    ports: [\"9092:9092\", \"9093-9095:9093-9095\"]\n    environment: &env\n      KAFKA_NODE_ID: ${ID}\n      KAFKA_PROCESS_ROLES: broker,controller\n      \
    KAFKA_CONTROLLER_QUORUM_VOTERS: \"1@kafka-1:9093,2@kafka-2:9093\"\n      KAFKA_LISTENERS: >-\n        PLAINTEXT://:9092,CONTROLLER://:9093\n      \
    KAFKA_LISTNERS: 'a''b'\n  kafka-2:\n    <<: *kafka\n    environment:\n      <<: *env\n      KAFKA_NODE_ID: 2\n      CLUSTER_ID: \"5L6g3n\\u0053hT\"\n    configs:\n      \
    - source: s\n        target: /opt/kafka/config/server.properties\n    command: [\"kafka-server-start.sh\", \"x\", \"--override\", \"node.id=2\"]\nconfigs:\n  s:\n    content: |\n      \
    node.id=2\n      listners=x # y\n";
const DOTENV: &str =
    "ID=1\nTAG='3.9.0'\nexport KAFKA_LOG_DIRS=\"/data/$ID\" # x\nKAFKA_X=${TAG:?gone}\nFOO: bar\n";
const PROPERTIES: &str = "# gr\u{fc}n\nnode.id=1\nprocess.roles = broker,controller\nlisteners=PLAINTEXT://:9092,\\\n   CONTROLLER://:9093\n\
    controller.listener.names=CONTROLLER\ncontroller.quorum.voters=1@a:9093,2@b:9093\nlistners=x # y\nadvertised.listeners=PLAINTEXT://a:9092\n\
    message.max.bytes=1\nssl.key.password=\\u0041bc\nstray\nlistener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n";
const META: &str = "#\nversion=1\nnode.id=1\ncluster.id=5L6g3nShT-eMCtK--X86sw\n";
const SCRIPT: &str = "#!/bin/bash\nset -e\nID=$(bin/kafka-storage.sh random-uuid)\nfor i in 1 2; do\n  bin/kafka-storage.sh format -t \"$ID\" -c server.properties \\\n    \
    --add-scram 'SCRAM-SHA-256=[name=a,password=b]'\ndone\ndocker run -d -e KAFKA_NODE_ID=1 -e KAFKA_PROCESS_ROLES=broker -p 9092:9092 apache/kafka:3.9.0\ncat > x.properties <<EOF\nnode.id=1\nEOF\n\
    bin/kafka-topics.sh --create --topic t --bootstrap-server a:9092 --config max.message.bytes=5\n";
const VARIABLES: &str = "services:\n  kafka:\n    image: bitnami/kafka:${TAG}\n    environment:\n      - KAFKA_CFG_NODE_ID=${ID:-${OTHER:-3}}\n      - \"KAFKA_CFG_LISTENERS=${A:+x}${B-y}$$z$ID\"\n      \
    - KAFKA_CFG_PROCESS_ROLES\n      - KAFKA_CFG_X=${ID?no}\n    deploy:\n      replicas: 3\n";

pub(super) fn trials(subjects: &[Subject]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for (name, files) in SEEDS {
        for part in 0..4_u8 {
            let name = format!("hostile::{name} {part}");
            trials.push(trial(name, move |complaints| {
                let mut memory = MemoryFiles::default();
                for (path, text) in files {
                    memory.insert(path, *text);
                }
                complaints.check(unharmed(&memory), || "the seed itself has no node".to_owned());
                attack(&memory, part, complaints);
            }));
        }
    }
    for subject in subjects.iter().filter(|s| !s.name.starts_with("broken/")).cloned() {
        trials.push(trial(format!("hostile::cut {}", subject.name), move |complaints| {
            cut(&subject, complaints)
        }));
    }
    trials
}

fn unharmed(files: &MemoryFiles) -> bool {
    kraftlint::lint(files, &[".".to_owned()], &Settings::new()).node_count() > 0
}

/// Runs mutated folders. The seed of chance is fixed: a failure comes back.
fn attack(files: &MemoryFiles, part: u8, complaints: &mut Complaints) {
    let config =
        Config { cases: CASES, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[part; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let count = files.iter().count();
    let strategy = vec((0..count, mutation()), 1..8);
    let outcome = runner.run(&strategy, |mutations| {
        let mut contents: Vec<(String, Vec<u8>)> =
            files.iter().map(|(n, b)| (n.to_owned(), b.to_owned())).collect();
        for (which, mutation) in &mutations {
            mutation.apply(&mut contents[*which].1);
        }
        let mut files = MemoryFiles::default();
        for (name, bytes) in contents {
            files.insert(&name, bytes);
        }
        survives(&files).map_err(TestCaseError::fail)
    });
    if let Err(e) = outcome {
        complaints.add(e.to_string());
    }
}

/// The longest file ends early, at some places.
fn cut(subject: &Subject, complaints: &mut Complaints) {
    let Some((name, bytes)) = subject.files.iter().max_by_key(|(_, b)| b.len()) else { return };
    let step = (bytes.len() / CUTS).max(1);
    for at in (0..bytes.len()).step_by(step) {
        let mut files = (*subject.files).clone();
        files.insert(name, bytes.get(..at).unwrap_or_default());
        if let Err(e) = survives(&files) {
            complaints.add(format!("{name} cut at {at}: {e}"));
        }
    }
}

/// No panic, in time, everything points at what is there, and every format stays what its readers take.
fn survives(files: &MemoryFiles) -> Result<(), String> {
    let dump =
        || files.iter().map(|(n, b)| format!("\n{n}: {:?}", String::from_utf8_lossy(b))).collect::<String>();
    let begin = Instant::now();
    let told = panic::catch_unwind(AssertUnwindSafe(|| {
        let report = kraftlint::lint(files, &[".".to_owned()], &Settings::new());
        let spent = begin.elapsed();
        // The snippets are what is hardest to draw.
        _ = run::render(&report, Format::Full);
        (spent, run::render(&report, Format::Json), report)
    }));
    let Ok((spent, json, report)) = told else { return Err(format!("panic on{}", dump())) };
    if spent > LIMIT {
        return Err(format!("{spent:?} on{}", dump()));
    }
    let Some(json) = View::parse(&json) else { return Err(format!("no JSON on{}", dump())) };
    let mut complaints = Complaints::default();
    view::spans(&report, &json, &mut complaints);
    schemas::hold(&report, &mut complaints);
    if complaints.0.is_empty() { Ok(()) } else { Err(format!("{}\non{}", complaints.0.join("\n"), dump())) }
}
