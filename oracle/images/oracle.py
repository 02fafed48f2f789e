"""What the entrypoints of images make of an environment, asked of the real thing. Used by ./regenerate and ./fuzz; see README.md.

Each function takes an environment and gives {"properties": {...}} or {"refused": "..."}.
"""

import json
import os
import pathlib
import re
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
KAFKA = HERE.parent / "kafka"
TARGET = HERE / "target"


def class_path(version):
    """The class path that Maven resolves for a release of Kafka, as ../kafka does."""
    TARGET.mkdir(exist_ok=True)
    path = TARGET / f"{version}.classpath"
    if not path.exists():
        subprocess.run(
            ["mvn", "-q", "-B", "-f", KAFKA / "pom.xml", "dependency:build-classpath", f"-Dkafka.version={version}",
             "-Dmdep.includeScope=runtime", f"-Dmdep.outputFile={path}"], check=True)
    return path.read_text().strip()


class Lines:
    """A program that answers each line with a line."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
                                        stderr=subprocess.DEVNULL)

    def ask(self, question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


class Scripts:
    """The bash scripts of an image, their absolute paths moved below a folder of their own."""

    PATHS = re.compile(r"(?<![\w.}/])(/opt/kafka|/etc/kafka|/etc/kafka-rest|/etc/confluent|/etc/\$\{COMPONENT\}|/mnt/shared|/opt/bitnami"
                       r"|/bitnami|/docker-entrypoint-initdb.d)(?=[/\"\s])")
    # Files under /etc/kafka/secrets, and what they hold.
    SECRETS, SECRET = ["ks", "kc"], "from-a-file"

    def __init__(self, files):
        self.root = tempfile.mkdtemp(prefix="image")
        for path in ["/opt/kafka/config", "/etc/kafka/secrets", "/etc/kafka-rest", "/mnt/shared/config"]:
            os.makedirs(self.root + path, exist_ok=True)
        for name in self.SECRETS:
            pathlib.Path(self.root, "etc/kafka/secrets", name).write_text(self.SECRET)
        for path, text in files.items():
            target = pathlib.Path(self.root + path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(self.PATHS.sub(lambda found: self.root + found[1], text))
            target.chmod(0o755)

    def run(self, program, env, args=(), path="/usr/local/bin:/usr/bin:/bin"):
        """Runs `program` (bash text) with nothing but `env`: (exit code, standard output as bytes)."""
        env = {"PATH": path, **env}
        done = subprocess.run(["bash", "-c", program, "run", *args], env=env, cwd=self.root,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout.replace(self.root.encode(), b"")


class Apache:
    """apache/kafka: `run` up to the wrapper, in bash; then the wrapper of the release."""

    PREFIX = "KAFKA_"
    COMMAND = "/etc/kafka/docker/run"
    ARGS = True
    MOUNT = "/mnt/shared/config"
    NEEDED, NEEDED_SHARE = {}, 0
    VERSIONS = ["3.7.0", "3.8.1", "3.9.1", "4.0.0", "4.1.0", "4.4.0"]

    SCRIPTS = ["bash-config", "configureDefaults", "configure"]
    # What `run` does, up to the place where `launch` calls the wrapper.
    RUN = """
        . $D/bash-config
        for var in "$@"; do export "$var"; done
        . $D/configureDefaults >&2
        . $D/configure
        printf '\\n\\0\\n'; env -0
    """

    def __init__(self, folder, versions=None):
        texts = {f"/etc/kafka/docker/{n}": pathlib.Path(folder, n).read_text() for n in self.SCRIPTS}
        self.scripts = Scripts(texts)
        self.program = self.RUN.replace("$D", self.scripts.root + "/etc/kafka/docker")
        self.versions = versions or self.VERSIONS
        self.wrappers = {
            v: Lines(["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx96m", "-Dfile.encoding=UTF-8",
                      "-cp", class_path(v), str(HERE / "Wrapper.java")])
            for v in self.versions
        }

    @staticmethod
    def image(version):
        return f"apache/kafka:{version}"

    def ask(self, case):
        code, out = self.scripts.run(self.program, case["env"], case.get("args", []))
        if code != 0:
            return {"refused": out.decode().strip().splitlines()[-1]}
        _, _, listed = out.partition(b"\n\0\n")
        pairs = (pair.partition(b"=") for pair in listed.split(b"\0") if pair)
        env = {name.decode(): value.decode() for name, _, value in pairs}
        question = {"env": env}
        if "mounted" in case:
            question["mounted"] = case["mounted"]
        return self.wrappers[case["version"]].ask(question)


class Confluent:
    """cp-kafka, cp-server, confluent-local: `configure` in bash with the real `dub` and `cub`, or `ub`; then the file as Java reads it."""

    COMMAND = "/etc/confluent/docker/run"
    PREFIX = "KAFKA_"
    ARGS = True
    MOUNT = None
    FOLDER, NAME, CONFIG = "kafka", "cp-kafka", "/etc/kafka/kafka.properties"
    # Without these the scripts stop.
    NEEDED = {"CLUSTER_ID": ["id"], "KAFKA_PROCESS_ROLES": ["broker", "controller", "broker,controller"],
              "KAFKA_ADVERTISED_LISTENERS": ["PLAINTEXT://kafka:9092,B://[::1]:9", ""], "KAFKA_ZOOKEEPER_CONNECT": ["zk"]}
    NEEDED_SHARE = 0.95
    VERSIONS = ["7.3", "7.9", "8.0", "8.1"]
    # `bash-config` of the base image (common-docker) sets no more than this.
    BASH_CONFIG = "set -o nounset -o errexit\n"
    RUN = """
        for var in "$@"; do export "$var"; done
        export COMPONENT=kafka
        [ ! -f $D/configureDefaults ] || . $D/configureDefaults
        $D/configure
    """

    def __init__(self, folder, versions=None):
        self.versions = versions or self.VERSIONS
        self.parser = Lines(["java", "-Xmx96m", str(HERE / "Load.java")])
        self.path = f"{pathlib.Path(folder, 'bin').resolve()}:/usr/local/bin:/usr/bin:/bin"
        self.scripts = {v: self.read(pathlib.Path(folder, f"{v}.x", self.FOLDER, "include")) for v in self.versions}

    def read(self, folder):
        files = {"/" + str(f.relative_to(folder)): f.read_text() for f in folder.rglob("*") if f.is_file()}
        return Scripts({**files, "/etc/confluent/docker/bash-config": self.BASH_CONFIG})

    def image(self, version):
        return f"confluentinc/{self.NAME}:{version}.0"

    def ask(self, case):
        scripts = self.scripts[case["version"]]
        program = self.RUN.replace("$D", scripts.root + "/etc/confluent/docker")
        code, out = scripts.run(program, case["env"], case.get("args", []), self.path)
        if code != 0:
            # Go's tools print how they are used behind the reason, and the reason again.
            lines = out.decode(errors="replace").strip().splitlines()
            return {"refused": next((line for line in lines if line.startswith("panic: ")), lines[-1])}
        written = pathlib.Path(scripts.root + self.CONFIG).read_bytes().replace(scripts.root.encode(), b"")
        return self.parser.ask({"text": written.decode()})


class ConfluentServer(Confluent):
    FOLDER, NAME = "server", "cp-server"


class ConfluentLocal(Confluent):
    FOLDER, NAME = "local", "confluent-local"
    NEEDED = {}
    VERSIONS = ["7.9", "8.0", "8.1"]


class Bitnami:
    """bitnami/kafka: `setup.sh`, with `kafka-storage.sh` and `kafka-topics.sh` that do nothing; then the file as Java reads it."""

    PREFIX = "KAFKA_CFG_"
    COMMAND, ARGS = "/opt/bitnami/scripts/kafka/run.sh", False
    MOUNT = "/bitnami/kafka/config"
    NEEDED = {"KAFKA_CFG_NODE_ID": ["1"], "KAFKA_CFG_PROCESS_ROLES": ["broker", "controller,broker"],
              "KAFKA_CFG_CONTROLLER_LISTENER_NAMES": ["CONTROLLER"], "KAFKA_CFG_CONTROLLER_QUORUM_VOTERS": ["1@kafka:9093"],
              "KAFKA_CFG_LISTENERS": ["PLAINTEXT://:9092,CONTROLLER://:9093"],
              "KAFKA_CFG_LISTENER_SECURITY_PROTOCOL_MAP": ["PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                                                           "PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT"],
              "KAFKA_CFG_SASL_MECHANISM_CONTROLLER_PROTOCOL": ["PLAIN", "SCRAM-SHA-256"],
              "KAFKA_CFG_SASL_MECHANISM_INTER_BROKER_PROTOCOL": ["PLAIN"],
              "KAFKA_CFG_INTER_BROKER_LISTENER_NAME": ["PLAINTEXT"]}
    NEEDED_SHARE = 0.95
    VERSIONS = ["3.9"]
    CONFIG = "/opt/bitnami/kafka/config/server.properties"

    def __init__(self, folder, versions=None):
        self.versions = versions or self.VERSIONS
        self.parser = Lines(["java", "-Xmx96m", str(HERE / "Load.java")])
        self.scripts = {v: self.read(pathlib.Path(folder, v), v) for v in self.versions}

    def read(self, folder, version):
        files = {"/" + str(f.relative_to(folder)): f.read_text() for f in folder.rglob("*") if f.is_file()}
        for name in ["server.properties.original", "producer.properties", "consumer.properties"]:
            files.setdefault(f"/opt/bitnami/kafka/config/{name}", "")
        # Nobody is root: then nothing changes its user.
        files["/opt/bitnami/kafka/bin/id"] = "#!/bin/sh\necho 1001\n"
        files["/opt/bitnami/kafka/bin/kafka-storage.sh"] = "#!/bin/sh\necho id\n"
        files["/opt/bitnami/kafka/bin/kafka-topics.sh"] = f"#!/bin/sh\necho {version}.0\n"
        scripts = Scripts(files)
        os.makedirs(scripts.root + "/docker-entrypoint-initdb.d")
        return scripts

    @staticmethod
    def image(version):
        return f"bitnami/kafka:{version}"

    def ask(self, case):
        scripts = self.scripts[case["version"]]
        written = pathlib.Path(scripts.root + self.CONFIG)
        mounted = pathlib.Path(scripts.root + self.MOUNT, "server.properties")
        mounted.parent.mkdir(parents=True, exist_ok=True)
        for file in [written, mounted]:
            file.unlink(missing_ok=True)
        if "mounted" in case:
            mounted.write_text(case["mounted"]["server.properties"])
        path = f"{scripts.root}/opt/bitnami/kafka/bin:/usr/local/bin:/usr/bin:/bin"
        code, out = scripts.run(f"{scripts.root}/opt/bitnami/scripts/kafka/setup.sh", case["env"], (), path)
        if code != 0:
            lines = re.sub("\x1b\\[[0-9;]*m", "", out.decode(errors="replace")).strip().splitlines()
            errors = [line.partition("==> ")[2] for line in lines if "ERROR ==>" in line]
            return {"refused": "\n".join(errors) or lines[-1]}
        text = written.read_bytes().replace(scripts.root.encode(), b"")
        return self.parser.ask({"text": text.decode()})


FAMILIES = {"apache": Apache, "bitnami": Bitnami, "confluent": Confluent, "confluent-server": ConfluentServer,
            "confluent-local": ConfluentLocal}
