"""Makes up client configurations, for clients.py: each value a key may have, relations between keys, random mixtures."""

import pathlib
import random
import re

CATALOG = pathlib.Path(__file__).resolve().parent.parent.parent / "rules" / "catalog"
KINDS = ["producer", "consumer", "admin"]
SERVERS = ("bootstrap.servers", "localhost:9092")

PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
SASL = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN",
        "sasl.jaas.config": f'{PLAIN} required username="u" password="p";'}
OAUTHBEARER = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "OAUTHBEARER",
               "sasl.jaas.config": f'{OAUTH} required unsecuredLoginStringClaim_sub="u";'}
SSL = {"security.protocol": "SSL"}


def keys(kind):
    """{key: [(type, default, validator)]} of one kind of client, over all releases."""
    found = {}
    for line in (CATALOG / "configs.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith(kind + "\t"):
            _, key, _, type_, default, validator, _, _ = line.split("\t")
            found.setdefault(key, []).append((type_, default, validator))
    return found


def classes():
    """[(name, interfaces)] of the classes that a client may be told to use."""
    rows = [line.split("\t") for line in (CATALOG / "classes.tsv").read_text().splitlines() if not line.startswith("#")]
    own = "org.apache.kafka.clients.", "org.apache.kafka.common."
    return [(row[0], row[1].split(",")) for row in rows if row[0].startswith(own)]


# ---- single values ---------------------------------------------------------------------------------------------------

def numbers(type_, validator):
    most = {"INT": 2**31 - 1, "SHORT": 2**15 - 1, "LONG": 2**63 - 1}.get(type_, 100)
    bounds = {0, 1, -1, most, -most - 1, 5}
    bounds.update(int(n) for n in re.findall(r"-?\d+", validator) if abs(int(n)) <= most)
    values = {str(n + d) for n in bounds for d in (-1, 0, 1)}
    values |= {"", "abc", "1.5", "1_000", "0x10", "+5", "-0", "+", "-", "007", "5 ms", "5L", "1e3", "5,000", '"5"', "--1",
               "- 1", "5 # five", "true", "99999999999999999999", "5 ", "\t6", "5;", "5,"}
    if type_ == "DOUBLE":
        values |= {"0.5", ".5", "5.", "0.5f", "0.5d", "NaN", "Infinity", "-Infinity", "inf", "nan", "5e-1", "1e400", "1,5", "0.8",
                   "1.0", "1.1", "0.0", "-0.1", "0.25", "0.5 ", "0.5x", "e5", ".", "1e", "0.19", "0.2", "0.51"}
    return values


def words(validator):
    match = re.search(r"\[(.*)\]", validator)
    return match.group(1).split(", ") if match else []


def texts(validator, default):
    listed = words(validator) or ["x", "some text"]
    values = {"", " ", "foo", "none", "null", "a,b", "a b", "0", "-1", "true", "*", "é", "a" * 300, "${x}", "${file:/x:y}", "%s", "/"}
    for word in listed + ([default] if not default.startswith("<") else []):
        values |= {word, word.upper(), word.lower(), word.capitalize(), f" {word} ", f"{word},", f'"{word}"', word[:-1], f"{word} x"}
    return values


def lists(validator, default):
    listed = words(validator) or ["a", "b", "TLSv1.2"]
    one, two = listed[0], listed[-1]
    return {"", " ", ",", one, f"{one},{two}", f"{one} , {two}", f"{one},", f",{one}", f"{one},,{two}", f"{one},{one}", "foo", one.upper(),
            f"{one};{two}", f"{one} {two}", f"{one}, ", " , ", f"{one},foo", f'"{one}"'}


# Names in Kafka's and Java's own packages that are no plugins: some are there.
NO_PLUGINS = {"org.apache.kafka.common.metrics.MetricsReporter", "org.apache.kafka.clients.producer.KafkaProducer",
              "org.apache.kafka.common.serialization.Serdes$StringSerde", "org.apache.kafka.common.security.auth.Login",
              "org.apache.kafka.common.security.auth.SslEngineFactory", "org.apache.kafka.common.security.auth.AuthenticateCallbackHandler",
              "org.apache.kafka.common.security.authenticator.AbstractLogin", "org.apache.kafka.common.security.auth.SecurityProtocol",
              "org.apache.kafka.clients.NoSuch", "java.lang.String", "java.util.HashMap", "java.lang.NoSuch"}
# Plugins badly written, or in the wrong package.
MISSPELT = {"org.apache.kafka.common.serialization.StringSerialiser", "org.apache.kafka.common.security.authenticator.DefaultLogn",
            "org.apache.kafka.common.security.ssl.DefaultSSLEngineFactory", "org.apache.kafka.clients.security.KerberosLogin",
            "org.apache.kafka.common.security.oauthbearer.OAuthBearerUnsecuredLoginCallbackHandler"}


def some_classes():
    names = [name for name, _ in classes()]
    return {"", " ", "StringSerializer", *names, f" {names[0]} ", names[0] + ".class", names[0] + ";", *NO_PLUGINS, *MISSPELT}


def is_only_loaded(props):
    """Whether a setting that Kafka may only load names what is no plugin. kraftlint knows no other class, and then says nothing."""
    return any(key.startswith(("sasl.", "ssl.")) and value.strip() in NO_PLUGINS for key, value in props.items())


CLASS_LISTS = {"metric.reporters", "interceptor.classes", "partition.assignment.strategy"}


def singles(kind):
    """One key at a time, with values that are taken and values that are not."""
    for key, definitions in keys(kind).items():
        values = set()
        for type_, default, validator in definitions:
            if type_ == "BOOLEAN":
                values |= {"true", "false", "TRUE", "False", " true ", "yes", "no", "1", "0", "", "t", "on", "true,", '"true"', "truefalse"}
            elif type_ in ("INT", "SHORT", "LONG", "DOUBLE"):
                values |= numbers(type_, validator)
            elif type_ == "CLASS":
                values |= some_classes()
            elif key in CLASS_LISTS:
                names = sorted(some_classes())
                values |= set(names) | {f"{n},{m}" for n in names[::5] for m in names[::7]} | {",", f"{names[5]},", f",{names[5]}", f"{names[5]},{names[5]}"}
            elif type_ == "LIST":
                values |= lists(validator, default)
            else:
                values |= texts(validator, default)
        if key == "bootstrap.servers" or key == "bootstrap.controllers":
            values |= set(ADDRESSES)
        for value in sorted(values):
            yield kind, {**dict([SERVERS]), key: value}


def some_singles(seed):
    """Some values of each key."""
    rng = random.Random(seed)
    found = []
    for kind in KINDS:
        by_key = {}
        for case in singles(kind):
            by_key.setdefault(list(case[1])[-1], []).append(case)
        for cases in by_key.values():
            found += rng.sample(cases, min(7, len(cases)))
    return found


ADDRESSES = [
    "localhost:9092", "localhost", "localhost:", ":9092", "localhost:0", "localhost:65535", "localhost:65536", "localhost:99999999999",
    "localhost:-1", "localhost:+1", "localhost:9092x", "localhost:90 92", "localhost :9092", " localhost:9092 ", "localhost: 9092",
    "a:1,b:2", "a:1, b:2", "a:1 ,b:2", "a:1,b", "a:1,,b:2", "a:1,", ",a:1", "a:1;b:2", "a:1 b:2", "1@h:9092", "user@h:9092", "//h:1", "*:1",
    "PLAINTEXT://localhost:9092", "plaintext://localhost:9092", "SASL_SSL://h:1", "http://h:1", "a b://h:1", "://h:1", "x:y://h:1",
    "[::1]:9092", "::1:9092", "[::1]", "[::1:9092", "::1]:9092", "[fe80::1%lo]:9092", "127.0.0.1:9092", "127.0.0.1", "1:2:3", "[localhost]:9092",
    "h/path:9092", "h:9092/path", "h:9092?x", "http://h:9092/", "h:9092#x", "{{ host }}:9092", "<host>:9092", "my_host:9092", "a-b:1", "h:1:2",
    "h.:1", '"localhost:9092"', "'localhost:9092'", "localhost:9092\\", "h~1:9092", "é:9092", "h:٣", "broker1:9092,kafka:9092", ", ,", "a:1,a:1",
    "no.such.host.invalid:9092", "no.such.host.invalid:9092,localhost:9092", "localhost:09092", "[]:9092", "%:9092", "localhost:9092,localhost",
    "localhost\t:9092", "localhost:9092\n", "h=1:9092", "0.0.0.0:9092", "256.1.1.1:9092", "1.2.3:9092", "1:9092", "::9092", ":::9092",
]

# ---- relations -------------------------------------------------------------------------------------------------------

NUMBERS = ["0", "1", "5", "6", "100", "1000", "29999", "30000", "30001", "45000", "119999", "120000", "2147483647"]

FACETS = {
    "producer": [
        ("delivery.timeout.ms", ["0", "1", "4", "5", "6", "1000", "30000", "30004", "30005", "120000", "2147483647", "-1", "x"]),
        ("linger.ms", ["0", "1", "5", "100", "90000", "90001", "2147483647", "9223372036854775807", "-1"]),
        ("request.timeout.ms", ["0", "1", "1000", "30000", "119995", "119996", "120000", "120001", "2147483647"]),
        ("enable.idempotence", ["true", "false", "TRUE", " false ", ""]),
        ("acks", ["all", "-1", "0", "1", "ALL", "2", " all ", ""]),
        ("retries", ["0", "1", "2147483647", "-1"]),
        ("max.in.flight.requests.per.connection", ["1", "5", "6", "100", "0"]),
        ("transactional.id", ["t", "", " ", "é"]),
        ("transaction.timeout.ms", ["0", "60000", "-1", "2147483647"]),
        ("transaction.two.phase.commit.enable", ["true", "false", "x"]),
        ("compression.type", ["none", "gzip", "snappy", "lz4", "zstd", "uncompressed", "GZIP", " zstd "]),
        ("compression.gzip.level", ["-1", "0", "1", "9", "10"]),
        ("compression.lz4.level", ["0", "1", "17", "18", "-1"]),
        ("compression.zstd.level", ["-131072", "-131073", "22", "23", "0"]),
        ("batch.size", ["0", "1", "2147483647", "-1"]),
        ("buffer.memory", ["0", "1", "33554432", "9223372036854775807", "-1"]),
        ("key.serializer", None), ("value.serializer", None), ("partitioner.class", None), ("interceptor.classes", None),
        ("max.block.ms", ["0", "-1", "1"]),
        ("client.id", ["", "c", " ", "a b"]),
    ],
    "consumer": [
        ("group.id", ["g", "", " ", "g h", "é"]),
        ("enable.auto.commit", ["true", "false", "TRUE", "x"]),
        ("group.protocol", ["classic", "consumer", "CONSUMER", "Classic", "share", "streams", "", " consumer "]),
        ("group.remote.assignor", ["uniform", "range", "", " ", "foo"]),
        ("session.timeout.ms", ["0", "1", "3000", "3001", "10000", "45000", "-1", ""]),
        ("heartbeat.interval.ms", ["0", "1", "3000", "44999", "45000", "45001", "-1", "2147483647"]),
        ("partition.assignment.strategy", None),
        ("group.instance.id", ["i", "", " ", ".", "..", "a b", "a/b", "a" * 249, "a" * 250, "é"]),
        ("isolation.level", ["read_committed", "read_uncommitted", "READ_COMMITTED", "x", ""]),
        ("auto.offset.reset", ["latest", "earliest", "none", "LATEST", "by_duration:PT1H", "by_duration:P1D", "by_duration:", "by_duration:x",
                               "by_duration:-PT1H", "by_duration:PT0S", "by_duration", "by_duration:P1DT1H1M1.5S", "by_duration:P1Y",
                               "by_duration:pt1h", "by_duration: PT1H", "BY_DURATION:PT1H", "by_duration:PT", "by_duration:P", "by_duration:PT1.5H",
                               "by_duration:+PT1H", "by_duration:PT-1H", "by_duration:PT-1H+61M", "by_duration:P1DT", "by_duration:PT1H1S", "by_duration:P1W"]),
        ("share.acknowledgement.mode", ["implicit", "explicit", "IMPLICIT", "x", ""]),
        ("share.acquire.mode", ["batch_optimized", "record_limit", "BATCH_OPTIMIZED", "x", ""]),
        ("key.deserializer", None), ("value.deserializer", None), ("interceptor.classes", None),
        ("client.id", ["", "c", " "]),
        ("client.rack", ["", "r"]),
        ("max.poll.interval.ms", ["1", "0", "45000", "2147483647"]),
        ("request.timeout.ms", ["0", "1", "30000", "60000"]),
        ("default.api.timeout.ms", ["0", "1", "60000"]),
        ("auto.commit.interval.ms", ["0", "-1", "5000"]),
        ("fetch.max.wait.ms", ["0", "60000", "-1"]),
        ("fetch.min.bytes", ["0", "1", "2147483647", "-1"]),
        ("fetch.max.bytes", ["0", "1", "-1"]),
        ("exclude.internal.topics", ["true", "false"]),
        ("allow.auto.create.topics", ["true", "false"]),
        ("check.crcs", ["true", "false"]),
    ],
    "admin": [
        ("bootstrap.controllers", ["localhost:9093", "", "localhost", "a:1,b:2", "localhost:9093,", ","]),
        ("default.api.timeout.ms", ["0", "1", "29999", "30000", "30001", "60000", "2147483647", "-1"]),
        ("request.timeout.ms", ["0", "1", "29999", "30000", "59999", "60000", "60001", "2147483647", "-1"]),
        ("retries", ["0", "1", "2147483647", "-1"]),
        ("client.id", ["", "c"]),
    ],
}

COMMON = [
    ("bootstrap.servers", ADDRESSES),
    ("client.dns.lookup", ["use_all_dns_ips", "resolve_canonical_bootstrap_servers_only", "default", "x", ""]),
    ("security.protocol", ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL", "plaintext", "ssl", "Sasl_Ssl", "sasl_plaintext", "FOO", "", " SSL "]),
    ("sasl.mechanism", ["PLAIN", "GSSAPI", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "FOO", "plain", "", " PLAIN ", "PLAIN,SCRAM-SHA-256"]),
    ("metrics.recording.level", ["INFO", "DEBUG", "TRACE", "info", "WARN", ""]),
    ("metric.reporters", None),
    ("config.providers", ["file", "env,file", "", ",", "x", "file,", " file"]),
    ("auto.include.jmx.reporter", ["true", "false", "x"]),
    ("enable.metrics.push", ["true", "false", "x"]),
    ("metadata.recovery.strategy", ["none", "rebootstrap", "NONE", "x", ""]),
    ("metadata.recovery.rebootstrap.trigger.ms", ["0", "-1", "300000"]),
    ("metadata.max.age.ms", ["0", "-1", "1"]),
    ("reconnect.backoff.ms", ["0", "50", "5000", "-1"]),
    ("reconnect.backoff.max.ms", ["0", "10", "1000", "-1"]),
    ("retry.backoff.ms", ["0", "100", "5000", "-1"]),
    ("retry.backoff.max.ms", ["0", "10", "1000", "-1"]),
    ("socket.connection.setup.timeout.ms", ["0", "10000", "-1", "1"]),
    ("socket.connection.setup.timeout.max.ms", ["0", "30000", "-1", "1"]),
    ("connections.max.idle.ms", ["0", "-1", "540000"]),
    ("bootstrap.resolve.timeout.ms", ["0", "1", "60000", "-1"]),
    ("security.providers", ["", "x", "org.apache.kafka.clients.NoSuch", "com.foo.Bar,", ",", *sorted(NO_PLUGINS)]),
    ("metrics.num.samples", ["0", "1", "2", "2147483647"]),
    ("metrics.sample.window.ms", ["0", "1", "-1"]),
    ("send.buffer.bytes", ["-2", "-1", "0"]),
    ("receive.buffer.bytes", ["-2", "-1", "0"]),
    ("foo.bar", ["x"]),
]

SSL_FACETS = [
    ("ssl.protocol", ["TLSv1.3", "TLSv1.2", "TLS", "TLSv1", "TLSv1.1", "SSL", "SSLv3", "SSLv2", "foo", "", "tls", "TLSv1.4", "DTLS", "Default", "DTLSv1.2", "DTLSv1.0", "SSLv2Hello"]),
    ("ssl.enabled.protocols", ["TLSv1.2", "TLSv1.2,TLSv1.3", "foo", "", "TLSv1.2,", "TLSv1.2,TLSv1.2", ",", "SSLv3", "tlsv1.2"]),
    ("ssl.cipher.suites", ["", "foo", "TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256,", ",", "a,b"]),
    ("ssl.provider", ["SunJSSE", "foo", "", "SUN", "sunjsse", "SunEC"]),
    ("ssl.keymanager.algorithm", ["SunX509", "NewSunX509", "PKIX", "foo", "", "X509", "sunx509"]),
    ("ssl.trustmanager.algorithm", ["PKIX", "SunX509", "X509", "foo", "", "SunPKIX", "X.509", "pkix", "NewSunX509"]),
    ("ssl.secure.random.implementation", ["SHA1PRNG", "NativePRNG", "DRBG", "foo", "", "sha1prng", "NativePRNGBlocking", "NativePRNGNonBlocking", "Windows-PRNG"]),
    ("ssl.endpoint.identification.algorithm", ["", "https", "HTTPS", "foo", "LDAP"]),
    ("ssl.truststore.type", ["JKS", "PKCS12", "PEM", "foo", "", "jks", "pem"]),
    ("ssl.truststore.password", ["changeit", ""]),
    ("ssl.truststore.location", ["", "", "/t.jks"]),
    ("ssl.keystore.type", ["JKS", "PKCS12", "PEM", "foo", "", "pem"]),
    ("ssl.keystore.password", ["changeit", ""]),
    ("ssl.keystore.location", ["", "", "/k.jks"]),
    ("ssl.key.password", ["changeit", ""]),
    ("ssl.truststore.certificates", None),
    ("ssl.keystore.key", None),
    ("ssl.keystore.certificate.chain", None),
    ("ssl.engine.factory.class", None),
    ("security.providers", ["", "x", ","]),
]

SASL_FACETS = [
    ("sasl.jaas.config", None),
    ("sasl.mechanism", ["PLAIN", "GSSAPI", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "FOO", "plain", "", " PLAIN ", "PLAIN,SCRAM-SHA-256", "oauthbearer"]),
    ("sasl.login.class", None), ("sasl.login.callback.handler.class", None), ("sasl.client.callback.handler.class", None),
    ("sasl.kerberos.service.name", ["kafka", "", " "]),
    ("sasl.kerberos.kinit.cmd", ["/usr/bin/kinit", ""]),
    ("sasl.kerberos.ticket.renew.jitter", ["0.05", "x", "2"]),
    ("sasl.login.refresh.window.factor", ["0.5", "1.0", "0.4", "1.1", "0.8", "x"]),
    ("sasl.login.refresh.window.jitter", ["0", "0.25", "0.26", "-0.1"]),
    ("sasl.login.refresh.min.period.seconds", ["0", "900", "901", "-1"]),
    ("sasl.login.refresh.buffer.seconds", ["0", "3600", "3601", "-1"]),
    ("sasl.login.connect.timeout.ms", ["0", "1", "x", "-1"]),
    ("sasl.login.retry.backoff.ms", ["0", "100", "-1"]),
    ("sasl.login.retry.backoff.max.ms", ["0", "10000", "-1", "1"]),
    ("sasl.oauthbearer.scope.claim.name", ["scope", "", " "]),
    ("sasl.oauthbearer.sub.claim.name", ["sub", "", " "]),
    ("sasl.oauthbearer.clock.skew.seconds", ["0", "30", "-1"]),
    ("sasl.oauthbearer.expected.audience", ["a", "a,b", "", "a,", ","]),
    ("sasl.oauthbearer.expected.issuer", ["x", ""]),
    ("sasl.oauthbearer.header.urlencode", ["true", "x"]),
    ("security.protocol", ["SASL_PLAINTEXT", "SASL_SSL", "sasl_ssl", "PLAINTEXT", "SSL"]),
]


def jaas(rng):
    """A JAAS entry, mostly nearly right."""
    module = rng.choice([PLAIN] * 5 + [SCRAM, SCRAM, OAUTH, "com.foo.Module", "org.apache.kafka.common.security.plain.PlainLoginModul", "PlainLoginModule",
                         "com.sun.security.auth.module.JndiLoginModule", "com.sun.security.auth.module.LdapLoginModule", "org.apache.kafka.common.serialization.StringSerializer",
                         "", "KafkaClient {", f'"{PLAIN}"', f"'{PLAIN}'", f"// x\n{PLAIN}", f"/* x */ {PLAIN}", f"{PLAIN}\\"])
    flag = rng.choice(["required"] * 8 + ["REQUIRED", "Required", "requisite", "sufficient", "optional", "requird", "", "required;", '"required"', "required,"])
    options = []
    for _ in range(rng.choice([0, 1, 2, 2, 2, 3])):
        key = rng.choice(["username", "password", "username", "password", "tokenauth", "unsecuredLoginStringClaim_sub", "user-name", "a.b", "1a", '"k"', "", "é", "k$", "x_y", "debug"])
        value = rng.choice(['"u"'] * 6 + ["u", "'u'", '"a b"', '"a\\"b"', "a b", "", '""', "123", "1.5", "-1", "true", '"a', "a'b", "p@ss", "p#w", "p!w", '"p#w"', "a-b", "a_b", "a$b",
                            "-", "a/b", "a//b", '"a//b"', "/*c*/x", "${x}", '"${x}"', "*", "\\u", "a=b", '"a=b"', '"a;b"', "a;b", "{x}", "é", "1a", "a1", '"\\n"', "a:b", "a,b", "a+b"])
        options.append(key + rng.choice(["="] * 8 + [" = ", ":", " ", "==", "= "]) + value)
    end = rng.choice([";"] * 8 + [" ;", "", ",", ";;", "; ", ";x", f"; {PLAIN} required;", "; };", "\n;", "; // done", "; #", ";\n"])
    return " ".join([module, flag]).rstrip() + " " + rng.choice([" "] * 6 + [", ", "\n", "\t", "  "]).join(options) + end


def token(rng):
    """The options of which OAUTHBEARER makes an unsecured token."""
    options = {"unsecuredLoginStringClaim_sub": rng.choice(["u", "u", "u", "u", "", " "])}
    for _ in range(rng.choice([1, 1, 2, 3])):
        claim = rng.choice(["n", "n", "scope", "scope", "sub", "iat", "exp", "", "a b"])
        text = rng.choice(["u", "", " ", "a b", "what?", "a~b", "é", "a\\\\b", "a\\tb", "a\\nb"])
        key, value = rng.choice([
            ("unsecuredLoginStringClaim_" + claim, text),
            ("unsecuredLoginNumberClaim_" + claim, rng.choice(["1", "-0.5", "5f", "1e400", "NaN", "Infinity", " 5 ", "0x1p3", "0x1", "1_0", "x", ""])),
            ("unsecuredLoginListClaim_" + claim, rng.choice([",", " ", "", ".", "|", "\\\\", "(", ")", "*", "+", "?", "^", "$", "]", "}", "a", "é"])
             + rng.choice(["", "a", "a,b", ",", ",,", " ", "a b", "|a", "a\\tb", "é", text])),
            ("unsecuredLoginPrincipalClaimName", rng.choice(["sub", "n", " sub ", "", " ", "exp", "scope"])),
            ("unsecuredLoginScopeClaimName", rng.choice(["scope", "n", " n ", "", " ", "exp", "iat", "sub"])),
            ("unsecuredLoginLifetimeSeconds", rng.choice(["3600", "0", "-5", "+5", "5 ", "", "1.5", "9223372036854775807", "9223372036854775808"])),
            ("unsecuredLoginExtension_" + rng.choice(["a", "traceId", "auth", "", "a1", "a_b"]), rng.choice(["x", "", " ", "a b", "é", "a\\nb"])),
        ])
        options[key] = value
    return f"{OAUTH} required " + " ".join(f'"{key}"="{value}"' for key, value in options.items()) + ";"


def address(rng):
    one = lambda: rng.choice(["", "", "", "", "PLAINTEXT://", "x@", "[", "a b", "//", "1@"]) + rng.choice(["localhost", "h", "a", "127.0.0.1", "::1", "my_host", "", "b"]) \
        + rng.choice(["", "", "", "", "]", " ", "/"]) + rng.choice([":"] * 6 + ["", " :", "::"]) + rng.choice(["9092", "1", "0", "65535", "65536", "", "x", "9092 ", "-1", "9092;"])
    return rng.choice([",", ",", ", ", " , ", ",,", ";", " "]).join(one() for _ in range(rng.choice([1, 1, 2, 2, 3]))) + rng.choice(["", "", "", "", ",", " ", " ,"])


PEMS = pathlib.Path(__file__).resolve().parent / "target" / "pems"


def pem(rng, what):
    good = {path.stem: path.read_text() for path in PEMS.glob("*.pem")}
    text = rng.choice([good[n] for n in sorted(good) if n.startswith(what)] * 4 + ["", "x", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
                      "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----", *good.values()])
    change = rng.choice(["", "", "", "", "trim", "oneline", "cut", "blank", "twice", "text", "bad"])
    if change == "trim":
        return text.strip()
    if change == "oneline":
        return text.replace("\n", " ")
    if change == "cut":
        return text[:rng.randrange(len(text) + 1)]
    if change == "blank":
        return text.replace("\n", "")
    if change == "twice":
        return text + text
    if change == "text":
        return "Bag Attributes: x\n" + text + "more\n"
    if change == "bad":
        return text.replace("A", "!", 1)
    return text


def value(rng, key, values):
    if values is not None:
        return rng.choice(values)
    if key == "sasl.jaas.config":
        return jaas(rng)
    if key == "ssl.keystore.key":
        return pem(rng, "key")
    if key in ("ssl.truststore.certificates", "ssl.keystore.certificate.chain"):
        return pem(rng, "cert")
    wanted = {"key.serializer": "serializer", "value.serializer": "serializer", "key.deserializer": "deserializer", "value.deserializer": "deserializer",
              "partitioner.class": "partitioner", "partition.assignment.strategy": "assignor", "metric.reporters": "metrics-reporter",
              "interceptor.classes": "?", "ssl.engine.factory.class": "ssl-engine-factory", "sasl.login.class": "login",
              "sasl.login.callback.handler.class": "callback-handler", "sasl.client.callback.handler.class": "callback-handler"}[key]
    good = [name for name, kinds in classes() if wanted in kinds]
    name = rng.choice((good or sorted(some_classes())) * 3 + sorted(some_classes()))
    if key in CLASS_LISTS:
        other = rng.choice(good or sorted(some_classes()))
        name = rng.choice([name, name, f"{name},{other}", f"{other},{other}", f"{name},", f" {name} , {other}", ""])
    return name


def mixture(rng, kind):
    """Two, three or more settings at once."""
    props = dict([SERVERS])
    theme = rng.random()
    facets = FACETS[kind] + COMMON
    if theme < 0.25:
        props.update(SASL if rng.random() < 0.7 else OAUTHBEARER)
        facets = SASL_FACETS * 3 + SSL_FACETS + COMMON
    elif theme < 0.28:
        props.update(OAUTHBEARER)
        props["sasl.jaas.config"] = token(rng)
        facets = COMMON
    elif theme < 0.45:
        props.update(SSL)
        facets = SSL_FACETS * 4 + COMMON
    elif theme < 0.52:
        props["bootstrap.servers"] = address(rng)
    elif theme < 0.62:
        rows = keys(kind)
        for key in rng.sample(sorted(rows), rng.choice([1, 2, 3])):
            type_, default, validator = rng.choice(rows[key])
            props[key] = rng.choice(sorted(
                numbers(type_, validator) if type_ in ("INT", "SHORT", "LONG", "DOUBLE") else {"true", "false", "x"} if type_ == "BOOLEAN" else some_classes()
                if type_ == "CLASS" else lists(validator, default) if type_ == "LIST" else texts(validator, default)))
        return kind, props
    for key, values in rng.sample(facets, rng.choice([1, 2, 2, 3, 3, 4])):
        props[key] = value(rng, key, values)
    if rng.random() < 0.03:
        props.pop("bootstrap.servers", None)
    return kind, props


def mixtures(seed, count):
    rng = random.Random(seed)
    for _ in range(count):
        yield mixture(rng, rng.choice(KINDS))


def hangs_on_the_machine(props, answer):
    """Whether the answers tell of this machine as much as of Kafka: names, files, classes and threads that kraftlint does not judge."""
    text = " ".join(props.values())
    # A plugin of somebody, handlers that ask an endpoint.
    if any(part in text for part in ("com.foo.", "LdapLoginModule", "JndiLoginModule", "OAuthBearerLoginCallbackHandler",
                                     "OAuthBearerValidatorCallbackHandler")):
        return True
    # A key that only the right password opens.
    if "ENCRYPTED PRIVATE KEY" in text and "ssl.key.password" in props:
        return True
    # Two claims of one name: the order of a hash map decides.
    claims = re.findall(r'unsecuredLogin(?:String|Number|List)Claim_([^"]*)"=', props.get("sasl.jaas.config", ""))
    if len(set(claims)) < len(claims):
        return True
    # The time of day decides whether the token has letters that the releases before 4.2 cannot read.
    if "unsecuredLogin" in text and re.search("[>?~\x7f-\uffff]", props.get("sasl.jaas.config", "")):
        return True
    # A store in a file.
    if any(error and error.startswith(("KafkaException: Failed to load SSL keystore", "NoSuchFileException", "InvalidConfigurationException: Failed to load PEM"))
           for error in answer.values()):
        return True
    # The new consumer waits that long for its own thread.
    if props.get("group.protocol", "").strip().lower() == "consumer" and props.get("default.api.timeout.ms") in ("0", "1"):
        return True
    unresolved = ("ConfigException: No resolvable bootstrap", "ConfigException: Unknown host")
    return ".invalid" not in text and any(error and error.startswith(unresolved) and props.get("bootstrap.servers", "").strip(" ,")
                                          for error in answer.values())


GROUP = {"bootstrap.servers": "localhost:9092", "group.id": "g"}
CERTIFICATE = "-----BEGIN CERTIFICATE-----"
# The form of a locked key, with nothing in it.
LOCKED_KEY = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAQwAAQA\n-----END ENCRYPTED PRIVATE KEY-----\n"
SERIALIZER = "org.apache.kafka.common.serialization.StringSerializer"
SUB, NUMBER, LIST = 'unsecuredLoginStringClaim_sub="u" ', "unsecuredLoginNumberClaim_", "unsecuredLoginListClaim_"

# What people write, and what the rule's page speaks of.
RELATED = [
    *[(kind, {}) for kind in KINDS],
    *[(kind, {"bootstrap.servers": "localhost:9092"}) for kind in KINDS],
    *[("producer", {"bootstrap.servers": "localhost:9092", **props}) for props in (
        {"delivery.timeout.ms": "30000"}, {"delivery.timeout.ms": "30000", "linger.ms": "0"}, {"delivery.timeout.ms": "30004"},
        {"delivery.timeout.ms": "1", "request.timeout.ms": "0"}, {"request.timeout.ms": "200000"}, {"linger.ms": "200000"},
        {"enable.idempotence": "true", "acks": "1"}, {"acks": "1"}, {"enable.idempotence": "true", "acks": "-1"},
        {"enable.idempotence": "true", "retries": "0"}, {"retries": "0"}, {"max.in.flight.requests.per.connection": "6"},
        {"max.in.flight.requests.per.connection": "6", "acks": "0"}, {"max.in.flight.requests.per.connection": "6", "enable.idempotence": "false"},
        {"max.in.flight.requests.per.connection": "6", "enable.idempotence": "true"}, {"transactional.id": "t"},
        {"transactional.id": "t", "enable.idempotence": "false"}, {"transactional.id": "t", "acks": "1"}, {"transactional.id": "t", "retries": "0"},
        {"transactional.id": "t", "max.in.flight.requests.per.connection": "6"}, {"transactional.id": " "},
        {"transaction.two.phase.commit.enable": "true", "transaction.timeout.ms": "60000", "transactional.id": "t"},
        {"transaction.two.phase.commit.enable": "false", "transaction.timeout.ms": "60000", "transactional.id": "t"},
        {"partitioner.rack.aware": "true"}, {"partitioner.rack.aware": "true", "client.rack": "r"}, {"compression.type": "uncompressed"})],
    *[("consumer", {**GROUP, **props}) for props in (
        {"heartbeat.interval.ms": "45000"}, {"heartbeat.interval.ms": "44999"}, {"session.timeout.ms": "3000"}, {"session.timeout.ms": "3001"},
        {"heartbeat.interval.ms": "45000", "group.protocol": "consumer"}, {"group.protocol": "consumer", "session.timeout.ms": "10000"},
        {"group.protocol": "consumer", "heartbeat.interval.ms": "3000"}, {"group.protocol": "consumer", "group.remote.assignor": "uniform"},
        {"group.protocol": "consumer", "partition.assignment.strategy": "org.apache.kafka.clients.consumer.RangeAssignor"},
        {"group.protocol": "consumer", "partition.assignment.strategy": ""}, {"group.remote.assignor": "uniform"}, {"group.remote.assignor": ""},
        {"share.acknowledgement.mode": "implicit"}, {"share.acquire.mode": "batch_optimized"},
        {"share.acquire.mode": "batch_optimized", "group.protocol": "consumer"}, {"group.id": "", "group.protocol": "consumer"}, {"group.id": ""},
        {"group.protocol": "consumer", "security.protocol": "SASL_SSL"}, {"enable.auto.commit": "true"}, {"group.instance.id": "a b"})],
    *[("consumer", {"bootstrap.servers": "localhost:9092", **props}) for props in (
        {"enable.auto.commit": "true"}, {"enable.auto.commit": "false"}, {"heartbeat.interval.ms": "45000"})],
    *[("admin", props) for props in (
        {"bootstrap.controllers": "localhost:9093"}, {"bootstrap.controllers": "localhost:9093", "bootstrap.servers": "localhost:9092"},
        {"bootstrap.controllers": "localhost"}, {"bootstrap.controllers": ""}, {"bootstrap.servers": "", "bootstrap.controllers": "localhost:9093"},
        {"bootstrap.servers": "localhost:9092", "default.api.timeout.ms": "20000"}, {"bootstrap.servers": "localhost:9092", "request.timeout.ms": "90000"})],
    *[("consumer", {"bootstrap.servers": address}) for address in ADDRESSES],
    ("producer", {"bootstrap.servers": "no.such.host.invalid:9092", "client.dns.lookup": "resolve_canonical_bootstrap_servers_only"}),
    ("producer", {"bootstrap.servers": "no.such.host.invalid:9092", "bootstrap.resolve.timeout.ms": "1000"}),
    *[("admin", {"bootstrap.servers": "localhost:9092", **SASL, **props}) for props in (
        {}, {"sasl.mechanism": "plain"}, {"sasl.mechanism": ""}, {"sasl.mechanism": "GSSAPI"}, {"sasl.mechanism": "OAUTHBEARER"},
        {"sasl.mechanism": "SCRAM-SHA-512"}, {"security.protocol": "PLAINTEXT", "sasl.jaas.config": "x"},
        {"sasl.jaas.config": f'{PLAIN} required username="u" password="p"'}, {"sasl.jaas.config": f'{PLAIN} required username="u", password="p";'},
        {"sasl.jaas.config": f'{PLAIN} required username=u password=p;'}, {"sasl.jaas.config": f'{PLAIN} required username=u password=1;'},
        {"sasl.jaas.config": f'KafkaClient {{ {PLAIN} required; }};'}, {"sasl.jaas.config": f'{PLAIN} required; {SCRAM} required;'},
        {"sasl.jaas.config": f'{PLAIN} must;'}, {"sasl.jaas.config": "PlainLoginModule required;"}, {"sasl.jaas.config": ""},
        {"sasl.jaas.config": f"{PLAIN} required password='a;b#c//d';"}, {"sasl.jaas.config": f'{PLAIN} required password=a/b;'},
        {"sasl.jaas.config": f'{PLAIN} required; // done'}, {"sasl.jaas.config": f'{OAUTH} required;'})],
    ("admin", {"bootstrap.servers": "localhost:9092", "security.protocol": "SASL_SSL"}),
    ("admin", {"bootstrap.servers": "localhost:9092", **OAUTHBEARER}),
    # A class of the wrong kind is refused where one is made of it, and not where it is only loaded.
    *[(kind, {**GROUP, **security, "sasl.login.class": name}) for kind, security in (
        ("producer", {}), ("producer", SSL), ("producer", SASL), ("consumer", SASL), ("consumer", {**SASL, "group.protocol": "consumer"}))
      for name in (SERIALIZER, "org.apache.kafka.common.security.authenticator.DefaultLogn")],
    *[("producer", {"bootstrap.servers": "localhost:9092", **security, "ssl.engine.factory.class": SERIALIZER}) for security in ({}, SASL, SSL)],
    *[("admin", {"bootstrap.servers": "localhost:9092", "security.providers": name, **security})
      for name in (SERIALIZER, "org.apache.kafka.clients.NoSuch") for security in ({}, SASL)],
    *[("admin", {"bootstrap.servers": "localhost:9092", **OAUTHBEARER, "sasl.jaas.config": f"{OAUTH} required {options};"}) for options in (
        *[f'{SUB}{NUMBER}n="{number}"' for number in ("1", " 5f ", "0x1p3", "NaN", "1e400", "x", "")],
        *[f'{SUB}{LIST}n="{text}"' for text in ("", ",", ",a,b", ",,", "*a", ")a", "(a", " a\\tb")],
        *[f'{SUB}{kind}{claim}="1"' for kind in (NUMBER, LIST) for claim in ("scope", "iat", "")], f'{NUMBER}sub="1"', f'{LIST}sub=",a"',
        *[f'{SUB}unsecuredLoginScopeClaimName="{name}"' for name in ("exp", "n", " ")], f'{SUB}unsecuredLoginScopeClaimName="n" {NUMBER}n="1"',
        'unsecuredLoginStringClaim_sub="a\\\\b"', 'unsecuredLoginStringClaim_sub="a\\tb"')],
    ("producer", {"bootstrap.servers": "localhost:9092", **SSL, "ssl.keystore.type": "PEM", "ssl.keystore.key": LOCKED_KEY,
                  "ssl.keystore.certificate.chain": CERTIFICATE}),
    *[("producer", {"bootstrap.servers": "localhost:9092", **SSL, **props}) for props in (
        {}, {"ssl.truststore.password": "p"}, {"ssl.keystore.password": "p"}, {"ssl.keystore.location": "/k.jks"}, {"ssl.truststore.location": ""},
        {"ssl.keystore.key": "k"}, {"ssl.keystore.certificate.chain": "c"}, {"ssl.keystore.type": "PEM", "ssl.keystore.key": "k"},
        {"ssl.truststore.certificates": CERTIFICATE}, {"ssl.truststore.type": "PEM", "ssl.truststore.certificates": CERTIFICATE},
        {"ssl.truststore.type": "PEM", "ssl.truststore.location": "/t.pem", "ssl.truststore.password": "p"},
        {"ssl.truststore.type": "pem", "ssl.truststore.location": "/t.pem"}, {"ssl.protocol": "TLSv9"}, {"ssl.provider": "NoSuch"})],
]
