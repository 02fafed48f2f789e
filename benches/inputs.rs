//! The files that the benchmark reads: clusters of three hosts, one compose file a host, made of nothing but a number.
//!
//! For many files that look like what people write. Not for odd YAML, nor for every rule: that is `testcases/`.

use std::fs;
use std::io;
use std::path::Path;

/// Writes `clusters` clusters of three hosts below `folder`, in place of what was there: `0042/host2/compose.yml`. With
/// `faulty`, there is a mistake in each file.
pub(crate) fn write(folder: &Path, clusters: usize, faulty: bool) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    for cluster in 0..clusters {
        for host in 1..=3 {
            let folder = folder.join(format!("{cluster:04}/host{host}"));
            fs::create_dir_all(&folder)?;
            fs::write(folder.join("compose.yml"), compose(cluster, host, faulty))?;
        }
    }
    Ok(())
}

/// One host's compose file. The mistake is another on each host: a misspelt key, a wrong address among the voters, a
/// client that asks the controllers.
fn compose(cluster: usize, host: usize, faulty: bool) -> String {
    let team = ["orders", "billing", "metrics", "search", "audit"][cluster % 5];
    let name = format!("{team}-{cluster:04}");
    let address = |h: usize| format!("k{h}.{name}.example.net");
    let list = |entry: &dyn Fn(usize) -> String| (1..=3).map(entry).collect::<Vec<_>>().join(",");
    let voters = list(&|h| match (faulty, host, h) {
        (true, 2, 3) => format!("{h}@{}:9095", address(h)),
        _ => format!("{h}@{}:9093", address(h)),
    });
    let client_port = if faulty && host == 3 { 9093 } else { 9092 };
    let servers = list(&|h| format!("{}:{client_port}", address(h)));
    let retention = if faulty && host == 1 { "LOG_RETENTION_HUORS" } else { "LOG_RETENTION_HOURS" };
    let (own, id) = (address(host), cluster_id(cluster));
    format!(
        r#"# Kafka and its neighbours on host {host} of {name}
services:
  kafka:
    image: apache/kafka:3.9.1
    hostname: {own}
    restart: unless-stopped
    ports:
      - "9092:9092"
      - "9093:9093"   # the other controllers
    environment:
      CLUSTER_ID: {id}
      KAFKA_NODE_ID: {host}
      KAFKA_PROCESS_ROLES: broker,controller
      KAFKA_LISTENERS: PLAINTEXT://:9092,CONTROLLER://:9093
      KAFKA_ADVERTISED_LISTENERS: PLAINTEXT://{own}:9092
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
      KAFKA_CONTROLLER_LISTENER_NAMES: CONTROLLER
      KAFKA_CONTROLLER_QUORUM_VOTERS: {voters}
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: 3
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: 3
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: 2
      KAFKA_MIN_INSYNC_REPLICAS: 2
      KAFKA_{retention}: 168
      KAFKA_LOG_DIRS: /var/lib/kafka/data
    volumes:
      - data:/var/lib/kafka/data
    healthcheck:
      test: ["CMD-SHELL", "nc -z localhost 9092"]
      interval: 10s
      retries: 12
  {team}-api:
    image: registry.example.net/{team}/api:1.14.{cluster}
    depends_on: [kafka, redis]
    environment:
      KAFKA_BOOTSTRAP_SERVERS: {servers}
      REDIS_URL: redis://redis:6379/0
  redis:
    image: redis:7.4
    command: redis-server --appendonly yes
volumes:
  data:
"#
    )
}

/// Sixteen bytes in unpadded Base64, as Kafka wants them: 22 characters, of which the last says two bits only.
fn cluster_id(cluster: usize) -> String {
    format!("Q2x1c3Rlci1pZC1{cluster:06}A")
}
