"""Random environments for ./fuzz and ./regenerate: usual settings, near misses of names, odd values. Not for what they mean."""

import re

NAMES = """NODE_ID PROCESS_ROLES LISTENERS ADVERTISED_LISTENERS LISTENER_SECURITY_PROTOCOL_MAP CONTROLLER_LISTENER_NAMES
CONTROLLER_QUORUM_VOTERS INTER_BROKER_LISTENER_NAME LOG_DIRS NUM_PARTITIONS ZOOKEEPER_CONNECT BROKER_ID MESSAGE_MAX_BYTES
LISTENER_NAME_SASL__SSL_SCRAM___SHA___512_SASL_JAAS_CONFIG LISTENER_NAME_SASL_SSL_PLAIN_SASL_JAAS_CONFIG AUTO_CREATE_TOPICS_ENABLE
SSL_KEYSTORE_FILENAME SSL_KEY_CREDENTIALS SSL_KEYSTORE_CREDENTIALS SSL_TRUSTSTORE_FILENAME SSL_TRUSTSTORE_CREDENTIALS SSL_CLIENT_AUTH
SSL_KEYSTORE_LOCATION SSL_ENDPOINT_IDENTIFICATION_ALGORITHM SASL_ENABLED_MECHANISMS OPTS HEAP_OPTS HEAP_OPT LOG4J_OPTS JMX_PORT JMX_OPTS
JMX_HOSTNAME LOG4J_LOGGERS LOG4J_ROOT_LOGLEVEL TOOLS_LOG4J_LOGLEVEL TOOLS_LOG4J VERSION GC_LOG_OPTS JVM_PERFORMANCE_OPTS CLUSTER_ID
KRAFT_CLUSTER_ID ZOOKEEPER_CLIENT_CNXN_SOCKET CFG_NODE_ID KAFKA_X MY_KAFKA_Y REST_LISTENERS CONFLUENT_BALANCER_ENABLE LOGS_DIRS
X__Y X___Y X____Y X_____Y A_B_C_D _X __X ___X X_ X__ 1 X1_2 x Mixed_Case A.B É CREATE_TOPICS""".split()
WHOLE = "KAFKA KAFKA_ CLUSTER_ID kafka_node_id Kafka_X KAFKAX CONFLUENT_SUPPORT_METRICS_ENABLE CONFLUENT_METRICS_REPORTER_TOPIC CONFLUENT_X LANG".split()
LISTENERS = ["PLAINTEXT://:9092", "PLAINTEXT://kafka:9092,CONTROLLER://:9093", "CONTROLLER://0.0.0.0:9093", "SSL://a:1,B://[::1]:9",
             "SASL_PLAINTEXT://a:1", "INTERNAL://kafka:29092, EXTERNAL://localhost:9092", "PLAINTEXT://a", "A://b:1\nC://d:2\n", "://:", ""]
USUAL = {
    "PROCESS_ROLES": ["broker", "controller", "broker,controller", "controller ", ""],
    "LISTENERS": LISTENERS, "ADVERTISED_LISTENERS": LISTENERS,
    "SSL_KEYSTORE_FILENAME": ["ks", ""], "SSL_KEY_CREDENTIALS": ["kc"], "SSL_KEYSTORE_CREDENTIALS": ["kc"],
    "SSL_TRUSTSTORE_FILENAME": ["ks"], "SSL_TRUSTSTORE_CREDENTIALS": ["kc"], "SSL_CLIENT_AUTH": ["required", "none", "requested", ""],
    "OPTS": ["-Dx=y"], "SASL_ENABLED_MECHANISMS": ["PLAIN", "SCRAM-SHA-512,PLAIN"], "LISTENER_SECURITY_PROTOCOL_MAP": ["CONTROLLER:SSL,A:PLAINTEXT", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"],
}
PIECES = ["a", "value", "1", "9092", " ", "  ", "\t", "\n", "\n\n", "\r\n", "=", ":", "#", "!", "\\", "\\\\", "\\n", "\\t", "\\u0041",
          "\\u00", "é", "漢", "\U0001f600", "$", "${HOME}", "$$", "\"", "'", ",", "node.id=7", "k=v", "&", "/", "|", "@", "%", "{x}", "\x0c"]


def value(rng, name):
    if name in USUAL and (rng.random() < 0.8 or name == "SASL_ENABLED_MECHANISMS"):
        return rng.choice(USUAL[name])
    if rng.random() < 0.35:
        return rng.choice(["1", "value", "a,b", "x=y", ""])
    text = "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 6)))
    # Lines of it would come again, and changed, in the listeners that Confluent's tools make of it.
    return text.replace("\n", "") if name == "ADVERTISED_LISTENERS" else text


def case(rng, family):
    env = {}
    prefix = family.PREFIX
    for _ in range(rng.choice([0, 1, 2, 4, 8])):
        name = rng.choice(NAMES)
        full = rng.choice(WHOLE) if rng.random() < 0.15 else (prefix if rng.random() < 0.8 else "KAFKA_") + name
        env[full] = value(rng, name)
    if rng.random() < 0.15:
        env.update({prefix + "ADVERTISED_LISTENERS": rng.choice(LISTENERS[3:5]), "KAFKA_OPTS": "x"})
        for name in ["SSL_KEYSTORE_FILENAME", "SSL_KEY_CREDENTIALS", "SSL_KEYSTORE_CREDENTIALS", "SSL_TRUSTSTORE_FILENAME",
                     "SSL_TRUSTSTORE_CREDENTIALS"]:
            env[prefix + name] = USUAL[name][0]
    if rng.random() < family.NEEDED_SHARE:
        for name, values in family.NEEDED.items():
            env.setdefault(name, rng.choice(values))
    made = {"env": env, "version": rng.choice(family.versions)}
    if family.MOUNT and rng.random() < 0.3:
        text = rng.choice(["", " \n\n", "# nothing\n", "node.id=5\nlisteners=A://:1\n", "a=b", "process.roles = controller\\\n,broker\nx\n"])
        made["mounted"] = {"server.properties": text}
    if family.ARGS and rng.random() < 0.1:
        made["args"] = [f"{prefix}{name}={value(rng, name)}" for name in rng.sample(NAMES[:8], 2)]
    return made


def open_ends(case):
    """How many values end in a backslash: the line behind each is part of it, and which line that is, a hash map decides. Bitnami's
    scripts let sed read values, and what it makes of a backslash may do the same. `show` marks such values as not known, and the node as open."""
    words = list(case["env"].values()) + [w.partition("=")[2] for w in case.get("args", [])]
    bitnami = "KAFKA_CFG_" in "".join(case["env"])
    return sum(bitnami and "\\" in word or re.search(r"(?<!\\)(\\\\)*\\\s*$", word) is not None for word in words)
