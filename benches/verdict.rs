//! What does a verdict cost? `cargo bench --bench verdict` prints one table of it.
//!
//! A verdict is `rules::check`, called here in this process on nodes that were read before: all rules, then what they come to
//! for each release. Each node is a property file in a folder of its own, so each is a cluster; all are judged at once, and
//! the time is divided by their number. Reading, parsing, grouping and printing are left out. The rules about files and clusters
//! are not, so it is more than Kafka's own questions alone. Time is that of the clock, the least of some runs: what else the machine
//! does can only add to it.
//!
//! It says what is, and never fails for being slow. Not for what the whole program costs: that is `main.rs`.

#![allow(clippy::print_stdout)]

use std::env;
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use kraftlint::cluster;
use kraftlint::kafka::version::VersionSet;
use kraftlint::rules;
use kraftlint::settings::Settings;
use kraftlint::source::MemoryFiles;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// So many nodes are judged at once.
const NODES: u32 = 500;

/// How often.
const RUNS: usize = 25;

/// What a combined node of a small cluster mostly says.
const PLAIN: &str = "\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@kafka1.example.net:9093
listeners=PLAINTEXT://:9092,CONTROLLER://:9093
advertised.listeners=PLAINTEXT://kafka1.example.net:9092
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=/var/lib/kafka/data
num.partitions=3
num.network.threads=3
num.io.threads=8
socket.request.max.bytes=104857600
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
log.retention.hours=168
log.segment.bytes=1073741824
";

/// What is added where clients log in.
const SECURE: &str = "\
listeners=PLAINTEXT://:9092,CLIENTS://:9094,CONTROLLER://:9093
advertised.listeners=PLAINTEXT://kafka1.example.net:9092,CLIENTS://kafka.example.net:9094
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,CLIENTS:SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.clients.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.location=/etc/kafka/kafka.jks
ssl.keystore.password=changeit
ssl.key.password=changeit
ssl.truststore.location=/etc/kafka/trust.jks
ssl.truststore.password=changeit
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:admin
";

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    // Only `cargo bench` gives this; `cargo test --all-targets` does not, and must not wait for it.
    if env::args().all(|argument| argument != "--bench") {
        return Ok(());
    }
    println!("microseconds a node, of {NODES} nodes judged at once, the least of {RUNS} runs\n");
    println!("{:<24} {:>9} {:>12} {:>12}", "node", "settings", "one release", "all releases");
    let secure: String = merged(PLAIN, SECURE);
    let wrong = PLAIN.replace("node.id=1", "node.id=2").replace("=168", "=a week");
    for (name, node) in [("plain", PLAIN), ("with logins", &secure), ("plain, two mistakes", &wrong)] {
        let one = microseconds(node, VersionSet::parse("3.9.0"))?;
        let all = microseconds(node, VersionSet::parse_range("3.0..4.4"))?;
        println!("{name:<24} {:>9} {one:>12.1} {all:>12.1}", node.lines().count());
    }
    println!("\nTargets: at most 50 for one release, at most 300 for all.");
    Ok(())
}

/// The settings of both; of a key in both, the second's.
fn merged(first: &str, second: &str) -> String {
    let key = |line: &str| line.split('=').next().map(str::to_owned);
    let kept = first.lines().filter(|line| second.lines().all(|other| key(other) != key(line)));
    kept.chain(second.lines()).map(|line| format!("{line}\n")).collect()
}

/// The time of a verdict on a node, which may run each of `releases`.
fn microseconds(node: &str, releases: VersionSet) -> Outcome<f64> {
    let mut files = MemoryFiles::default();
    for n in 0..NODES {
        files.insert(&format!("{n:04}/server.properties"), node);
    }
    let settings = Settings { kafka_version: Some(releases), ..Settings::new() };
    let roots = [".".to_owned()];
    let mut least = Duration::MAX;
    for _ in 0..RUNS {
        let model = cluster::load(&files, &roots, &settings);
        if model.clusters.len() != NODES as usize {
            return Err(format!("{} clusters of {NODES} nodes", model.clusters.len()).into());
        }
        let start = Instant::now();
        let report = rules::check(model, &settings);
        least = least.min(start.elapsed());
        black_box(report);
    }
    Ok(least.as_secs_f64() * 1e6 / f64::from(NODES))
}
