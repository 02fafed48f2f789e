#!/usr/bin/env python3
"""Asks the KafkaConfig of each released Kafka about servers. See README.md.

    servers.py record   write testcases/oracle/kafka/servers.jsonl: the cases of servers.inputs and made-up ones, and what each release says
"""

import base64
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import clients

HERE = pathlib.Path(__file__).resolve().parent
CATALOG = clients.CATALOG
RECORD = clients.RECORD.with_name("servers.jsonl")

COMBINED = {
    "process.roles": "broker,controller", "node.id": "1", "controller.quorum.voters": "1@localhost:9093",
    "listeners": "PLAINTEXT://:9092,CONTROLLER://:9093", "advertised.listeners": "PLAINTEXT://localhost:9092",
    "controller.listener.names": "CONTROLLER", "log.dirs": "/tmp/x",
    "listener.security.protocol.map":
        "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL",
}
BROKER = COMBINED | {"process.roles": "broker", "node.id": "2", "listeners": "PLAINTEXT://:9092"}
CONTROLLER = {k: v for k, v in COMBINED.items() if k != "advertised.listeners"} | {
    "process.roles": "controller", "listeners": "CONTROLLER://:9093"}
ZOOKEEPER = {"broker.id": "1", "zookeeper.connect": "localhost:2181", "log.dirs": "/tmp/x", "listeners": "PLAINTEXT://:9092"}
MIGRATING = ZOOKEEPER | {
    "controller.listener.names": "CONTROLLER", "zookeeper.metadata.migration.enable": "true",
    "controller.quorum.voters": "3000@localhost:9093", "inter.broker.protocol.version": "3.4",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"}
BASES = [COMBINED] * 5 + [BROKER] * 5 + [CONTROLLER] * 4 + [ZOOKEEPER, MIGRATING]


def rows():
    """{key: [(type, default, validator)]} of the server."""
    found = {}
    for line in CATALOG.joinpath("configs.tsv").read_text(encoding="utf-8").splitlines():
        cells = line.split("\t")
        if cells[0] == "server":
            found.setdefault(cells[1], []).append((cells[3], cells[4], cells[5]))
    return found


ROWS = rows()
CLASSES = [line.split("\t")[0] for line in CATALOG.joinpath("classes.tsv").read_text().splitlines() if line[0] != "#"]
WORDS = ["", " ", "foo", "true", "-1", "0", "1", "None", "a,b", "a,,b", ",a", "a,", ",", "a b", '"x"', "10GB", "1_000", "1.5", "0x10", "1e3",
         "2147483648", "-2147483649", "9223372036854775808", "99999999999999999999", "NaN", "yes", "# x", "${X}"]
NAMES = ["PLAINTEXT", "CONTROLLER", "SSL", "SASL_SSL", "SASL_PLAINTEXT", "INTERNAL", "plaintext", "controller", "Internal", "ssl", "EXT-1", "A.B", ""]
HOSTS = ["", "localhost", "0.0.0.0", "127.0.0.1", "10.0.0.1", "h_1", "::1", "[::1]", "[::]", "h~1", "a b", "h%eth0", "${H}", "k-1.example.com", "fe80::1"]
PORTS = ["9092", "9093", "9094", "0", "-1", "65535", "65536", "99999999999", "", "9092/", "x", "09092", "+1"]
PROTOCOLS = ["PLAINTEXT", "SSL", "SASL_SSL", "SASL_PLAINTEXT", "plaintext", "ssl", "FOO", "", "Sasl_Ssl"]
SEPARATORS = [",", ",", ",", ",", ", ", " , ", ",,", ";", " "]
MECHANISMS = ["GSSAPI", "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "plain", ""]
VERSIONS = ["0.9.0", "0.10.0", "0.10.2", "0.11.0", "1.0", "2.0", "2.1", "2.8", "2.8-IV1", "3.0", "3.0-IV0", "3.0-IV1", "3.3", "3.4", "3.4-IV0", "3.7",
            "3.7-IV2", "3.7-IV1", "3.9", "3.9-IV0", "4.0", "4.0-IV3", "3.4.1", "4", "x", "3.5.", "v3.5"]
RELATED = [key for key in ROWS if re.match(
    r"group\.(consumer|share|streams)\..*(interval|timeout|lock|limit|size|sessions|replicas)|replica\.(fetch\.wait|socket|lag)"
    r"|log\.(roll|retention|cleaner\.(threads|dedupe))|queued\.max\.req|socket\.request|connections\.max\.idle|connection\.failed"
    r"|offsets\.(commit\.req|topic\.rep)|broker\.(session|heart)|max\.connections\.per\.ip$|reserved\.broker", key)]


def near(random, values):
    """One of the values, mostly the first ones."""
    return values[min(int(random.expovariate(0.35)), len(values) - 1)]


def listener(random):
    if random.random() < 0.06:
        return random.choice(["localhost:9092", "PLAINTEXT", "PLAINTEXT://", "PLAINTEXT:/x:9092", "A://b://c:1", "://:1", '"PLAINTEXT://:9092"'])
    return f"{near(random, NAMES)}://{near(random, HOSTS)}:{near(random, PORTS)}"


def listed(random, element, most=3):
    count = random.choice([1, 1, 2, 2, 3, most, 0])
    text = ""
    for index in range(count):
        text += (random.choice(SEPARATORS) if index and random.random() < 0.2 else "," if index else "") + element(random)
    return random.choice([",", " "]) + text if random.random() < 0.03 else text + random.choice([",", " "]) if random.random() < 0.04 else text


def voter(random):
    form = random.choice(["{i}@{h}:{p}"] * 12 + ["{h}:{p}", "{i}@{h}", "{i}@@{h}:{p}", "{i}@P://{h}:{p}", "{i}@{h}:{p}:{p}", "{i} @{h}:{p}"])
    identity = random.choice(["1", "2", "3", "1", "2", "-1", "x", "01", "+1", "2147483648", "3000", ""]) if random.random() < 0.4 else random.choice("123")
    return form.format(i=identity, h=near(random, HOSTS[1:] + [""]), p=near(random, ["9093", "9094", "0", "65535", "65536", "99999999999", "-1", "", "x"]))


def server(random):
    form = random.choice(["{h}:{p}"] * 10 + ["1@{h}:{p}", "{h}", "P://{h}:{p}", "{h}:{p}/"])
    return form.format(h=near(random, HOSTS[1:] + [""]), p=near(random, ["9093", "0", "65535", "65536", "-1", "x"]))


def mapping(random):
    text = f"{near(random, NAMES)}:{near(random, PROTOCOLS)}"
    return random.choice([text] * 12 + [text.replace(":", ""), text.replace(":", " : "), "A:" + text])


def value(random, key):
    """A value for a key of the catalog: at its bounds, beyond them, of another type."""
    kind, default, validator = random.choice(ROWS[key])
    pool = list(WORDS)
    if kind in ("INT", "LONG", "SHORT", "DOUBLE"):
        bounds = [int(number) for number in re.findall(r"-?\d+", validator)] or [0]
        if default.lstrip("-").isdigit():
            bounds.append(int(default))
        near_bounds = [str(number + step) for number in bounds for step in (-1, 0, 1)]
        limits = ["2147483647", "-2147483648", "2147483648", "9223372036854775807", "-9223372036854775808", "32767", "32768", "-32769"]
        pool = near_bounds * 4 + limits + WORDS + ["+5", " 7 ", "5 ", "0.5", "-0", "00012", "1e-3", "1.0f", "Infinity", "7L"]
    elif kind == "BOOLEAN":
        pool = ["true", "false", "TRUE", "False", " true ", "1", "yes", "", "tru", "on", '"true"']
    elif kind == "CLASS":
        pool = random.sample(CLASSES, 4) + ["", "com.foo.Bar", "foo", "java.lang.String", "a b", CLASSES[0] + " "]
    words = [w.strip() for w in re.sub(r".*\[|\].*", "", validator).split(",")] if "[" in validator and "..." not in validator else []
    if words:
        short = words if len(words) < 12 else random.sample(words, 5)
        pool = short * 3 + [w.lower() for w in short] + [w.upper() for w in short] + [short[0] + " ", ",".join(short[:2]), ",".join(short)] + WORDS
    if kind == "LIST":
        pool = pool + [default] * 3 + [default + ",", "," + default, default + "," + default, default.replace(",", " , "), "a,b", "a,a"]
    return random.choice(pool)


def change(random, props):
    keys = list(props)
    theme = random.random()
    if theme < 0.30:
        key = random.choice(list(ROWS))
        props[key] = value(random, key)
    elif theme < 0.42:
        props["listeners"] = listed(random, listener)
    elif theme < 0.50:
        props["advertised.listeners"] = listed(random, listener)
    elif theme < 0.58:
        if random.random() < 0.3:
            props.pop("listener.security.protocol.map", None)
        else:
            props["listener.security.protocol.map"] = listed(random, mapping, 5)
    elif theme < 0.64:
        props["controller.listener.names"] = listed(random, lambda r: near(r, ["CONTROLLER", "PLAINTEXT", "SSL", "INTERNAL", "controller", "X", "SASL_SSL"]))
    elif theme < 0.70:
        props["controller.quorum.voters"] = listed(random, voter)
    elif theme < 0.73:
        props["controller.quorum.bootstrap.servers"] = listed(random, server)
        if random.random() < 0.6:
            props.pop("controller.quorum.voters", None)
    elif theme < 0.77:
        name = random.choice(["inter.broker.listener.name", "security.inter.broker.protocol"])
        props[name] = near(random, NAMES if name[0] == "i" else PROTOCOLS)
    elif theme < 0.80:
        props["process.roles"] = listed(random, lambda r: r.choice(["broker", "controller"] * 4 + ["Broker", "zookeeper", "controller "]), 2)
    elif theme < 0.83:
        props[random.choice(["node.id", "broker.id"])] = random.choice(["1", "2", "3", "0", "-1", "-5", "1001", "", "x", "1 ", "2147483648", "01"])
    elif theme < 0.86:
        mechanism = lambda r: r.choice(MECHANISMS)
        prefix = random.choice(["", "", "listener.name.sasl_ssl.", "listener.name.internal.", "listener.name.SASL_SSL.", "listener.name.sasl_plaintext."])
        props[random.choice(["sasl.mechanism.inter.broker.protocol", prefix + "sasl.enabled.mechanisms"])] = listed(random, mechanism)
        if random.random() < 0.5:
            sasl = random.choice(["SASL_SSL", "SASL_PLAINTEXT"])
            props["listeners"] = props.get("listeners", "").replace("PLAINTEXT://:9092", sasl + "://:9092")
            if "advertised.listeners" in props:
                props["advertised.listeners"] = sasl + "://localhost:9092"
            props["security.inter.broker.protocol"] = sasl
    elif theme < 0.92:
        for key in random.sample(RELATED, random.choice([1, 2])):
            default = next((d for _, d, _ in ROWS[key] if d.lstrip("-").isdigit()), "1")
            number = int(default)
            props[key] = str(random.choice([number, number + 1, number - 1, number * 2, number // 2, 0, -1, 1, 5000, 15000, 45000, 60000, 30000, 10]))
    elif theme < 0.94:
        props["log.dirs"] = random.choice(["/tmp/x,/tmp/y", "", ",", "/tmp/x,", "/tmp/x,/tmp/x", " ", "/tmp/a b"])
        props.update(random.choice([{}, {"remote.log.storage.system.enable": "true"}, {"cordoned.log.dirs": random.choice(["*", "/tmp/x", "/tmp/z", "*,/tmp/x", ""])},
                                    {"log.dir": "/tmp/z"}]))
    elif theme < 0.96:
        props[random.choice(["inter.broker.protocol.version", "log.message.format.version"])] = random.choice(VERSIONS)
        if random.random() < 0.2:
            props["offsets.topic.compression.codec"] = "4"
    elif theme < 0.975:
        props["max.connections.per.ip.overrides"] = listed(random, lambda r: r.choice(["h:5", "127.0.0.1:0", "::1:3", "h", "a b:1", "h:x", "h: 5", "h:-1", ""]))
        if random.random() < 0.5:
            props["max.connections.per.ip"] = "0"
    elif theme < 0.985:
        props[random.choice(["control.plane.listener.name", "early.start.listeners", "zookeeper.connect", "zookeeper.metadata.migration.enable",
                             "authorizer.class.name", "group.consumer.assignors", "group.share.assignors", "principal.builder.class"])] = random.choice(
            NAMES[:6] + ["true", "localhost:2181", "range", "simple", ""] + random.sample(CLASSES, 5))
    elif keys:
        key = random.choice(keys)
        if random.random() < 0.6:
            del props[key]
        else:
            props[key] = random.choice(["", " "])


def written(props):
    return "".join(f"{key}={text}\n" for key, text in props.items())


def case(random):
    """A sound server with one to three changes."""
    props = dict(random.choice(BASES))
    for _ in range(random.choice([1, 1, 1, 2, 2, 3])):
        change(random, props)
    return written(props)


def singles(random, count):
    """For each key of the catalog a sound server that has it too, with so many values."""
    for key in sorted(ROWS):
        for _ in range(count):
            yield written(random.choice([COMBINED, BROKER, CONTROLLER]) | {key: value(random, key)})


def ask(texts, release):
    """What one release says of the files: None for each that it takes, else its first error."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = pathlib.Path(folder, "cases"), pathlib.Path(folder, "answers")
        asked.write_text("".join(base64.b64encode(text.encode()).decode() + "\n" for text in texts))
        command = ["java", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", clients.class_path(release), "oracle.Server",
                   str(asked), str(answered)]
        done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"{release}: {done.stderr[-2000:]}")
        answers = [clients.unescape(line) for line in answered.read_text(encoding="utf-8").split("\n")[:-1]]
    if len(answers) != len(texts):
        sys.exit(f"{release}: {len(answers)} answers to {len(texts)} cases")
    return [None if answer == "ok" else answer for answer in answers]


def ask_all(texts, releases=clients.RELEASES):
    """[{release: None or error}], a JVM a release."""
    answers = [ask(texts, release) for release in releases]
    return [dict(zip(releases, each)) for each in zip(*answers)]


def named(error):
    """The keys that an error names."""
    words = re.findall(r"[a-z][a-z0-9.\-]*[a-z0-9]", error.split("from '")[0])
    return sorted({word for word in words if word in ROWS and "." in word})


def record():
    """The cases of servers.inputs; of made-up ones, two of each key that Kafka takes and two that it refuses, and some mixtures."""
    seeded = random.Random(1)
    inputs = [json.loads(line) for line in HERE.joinpath("servers.inputs").read_text(encoding="utf-8").splitlines()]
    made = [{"text": text} for text in [*singles(seeded, 8), *(case(seeded) for _ in range(1500))]]
    cases = inputs + made
    seen, lines = {}, []
    for number, (each, answer) in enumerate(zip(cases, ask_all([each["text"] for each in cases]))):
        errors = {}
        for index, release in enumerate(clients.RELEASES):
            if answer[release] is not None:
                errors.setdefault(" ".join(named(answer[release])), []).append(index)
        refused = sorted(index for where in errors.values() for index in where)
        if number >= len(inputs) and number < len(inputs) + 8 * len(ROWS):
            sign = (each["text"].splitlines()[-1].split("=")[0], bool(refused))
            seen[sign] = seen.get(sign, 0) + 1
            if seen[sign] > 2:
                continue
        entry = dict(each)
        if refused:
            entry["refused"] = clients.ranges(refused)
            entry["named"] = {clients.ranges(where): keys for keys, where in errors.items() if keys}
        lines.append(json.dumps(entry, ensure_ascii=False) + "\n")
    RECORD.write_text("".join(lines), encoding="utf-8")
    print(f"{RECORD.name}: {len(lines)} cases", file=sys.stderr)


if __name__ == "__main__":
    if sys.argv[1:] != ["record"]:
        sys.exit(__doc__)
    clients.prepare()
    record()
