#!/usr/bin/env python3
"""Asks the clients of each released Kafka. See README.md.

    clients.py ask FILE.jsonl   answer cases of one's own: {"kind":"producer","props":{…}} a line
    clients.py record           write testcases/oracle/kafka/clients.jsonl: made-up cases, and which releases refuse them
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import client_cases
import jars

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CATALOG = ROOT / "rules" / "catalog"
RECORD = ROOT / "testcases" / "oracle" / "kafka" / "clients.jsonl"
RELEASES = (CATALOG / "releases.txt").read_text().split()
DUMPS = HERE / "target" / "dumps"


def escape(text):
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def unescape(text):
    out, i = [], 0
    while i < len(text):
        if text[i] == "\\":
            i += 1
            out.append({"t": "\t", "n": "\n", "r": "\r"}.get(text[i], text[i]))
        else:
            out.append(text[i])
        i += 1
    return "".join(out)


def properties(props):
    """The property file that says `props`."""
    def written(text, is_key):
        out = []
        for i, c in enumerate(text):
            if c in "\\\n\r\t":
                out.append({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}[c])
            elif c == " " and (i == 0 or is_key) or is_key and c in "=:#!":
                out.append("\\" + c)
            else:
                out.append(c if 31 < ord(c) < 127 else f"\\u{ord(c):04x}")
        return "".join(out)
    return "".join(f"{written(key, True)}={written(value, False)}\n" for key, value in props.items())


def run(command):
    done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stdout}failed with {done.returncode}")


def prepare():
    """Compiles the programs, makes certificates, and has Maven write each release's class path, unless that was done before."""
    DUMPS.mkdir(parents=True, exist_ok=True)
    run(["mvn", "-q", "-B", "compile", f"-Dkafka.version={RELEASES[-1]}"])
    for release in RELEASES:
        path = DUMPS / f"{release}.classpath"
        if not path.exists():
            run(["mvn", "-q", "-B", "dependency:build-classpath", f"-Dkafka.version={release}",
                 "-Dmdep.includeScope=runtime", f"-Dmdep.outputFile={path}"])
    pems = client_cases.PEMS
    if not (pems / "key-pkcs1.pem").exists():
        pems.mkdir(exist_ok=True)
        new = ["openssl", "req", "-x509", "-nodes", "-days", "36500", "-subj", "/CN=example"]
        rsa, ec = str(pems / "key-rsa.pem"), str(pems / "key-ec.pem")
        run([*new, "-newkey", "rsa:2048", "-keyout", rsa, "-out", str(pems / "cert-rsa.pem")])
        run([*new, "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-keyout", ec, "-out", str(pems / "cert-ec.pem")])
        lock = ["openssl", "pkcs8", "-topk8", "-in", rsa, "-passout", "pass:changeit"]
        run([*lock, "-v1", "PBE-SHA1-3DES", "-out", str(pems / "key-encrypted.pem")])
        run([*lock, "-v2", "aes256", "-out", str(pems / "key-aes.pem")])
        run(["openssl", "rsa", "-in", rsa, "-traditional", "-out", str(pems / "key-pkcs1.pem")])


def class_path(release):
    return f"{HERE / 'target' / 'classes'}:{(DUMPS / f'{release}.classpath').read_text().strip()}"


def ranges(indices):
    return jars.ranges(indices, RELEASES)


def ask(cases, release):
    """The answers of one release to [(kind, {key: value})]: None for each that is taken, else the error."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = pathlib.Path(folder, "cases"), pathlib.Path(folder, "answers")
        lines = ("\t".join([kind] + [escape(f"{k}={v}") for k, v in props.items()]) + "\n" for kind, props in cases)
        asked.write_text("".join(lines), encoding="utf-8")
        # Every name of clients.hosts resolves, and no other: no answer hangs on the network.
        command = ["java", "-Xmx1g", f"-Djdk.net.hosts.file={HERE / 'clients.hosts'}", "-cp", class_path(release), "oracle.Clients",
                   str(asked), str(answered)]
        done = subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"{release}: {done.stderr[-2000:]}")
        answers = [unescape(line) for line in answered.read_text(encoding="utf-8").split("\n")[:-1]]
    if len(answers) != len(cases):
        sys.exit(f"{release}: {len(answers)} answers to {len(cases)} cases")
    return [None if answer == "ok" else answer for answer in answers]


def ask_all(cases, releases=RELEASES):
    """[{release: None or error}], a JVM a release."""
    answers = []
    for release in releases:
        answers.append(ask(cases, release))
        print(f"{release}: {sum(a is None for a in answers[-1])} of {len(cases)} taken", file=sys.stderr)
    return [dict(zip(releases, each)) for each in zip(*answers)]


def refused(answer):
    return [index for index, release in enumerate(RELEASES) if answer[release] is not None]


def record():
    """Of the cases that one key, one set of releases and one kind of error have in common, the first."""
    cases = client_cases.RELATED + client_cases.some_singles(1) + list(client_cases.mixtures(1, 1200))
    kept = {}
    for number, ((kind, props), answer) in enumerate(zip(cases, ask_all(cases))):
        # A private key of whoever runs this is nobody's test.
        is_own = "PRIVATE KEY" in str(props) and (kind, props) not in client_cases.RELATED
        if is_own or client_cases.hangs_on_the_machine(props, answer) or client_cases.is_only_loaded(props):
            continue
        where = refused(answer)
        error = next((answer[RELEASES[i]].split(":")[0] for i in where), "")
        keys = [key for key in props if key != "bootstrap.servers"]
        first = keys[0] if keys else "bootstrap.servers"
        # One key of a theme stands for all of its form; a related case stands for itself.
        case = number if (kind, props) in client_cases.RELATED else (kind, first, error, len(keys) < 2)
        kept.setdefault((case, tuple(where)), (kind, props, where))
    lines = []
    for kind, props, where in kept.values():
        line = {"kind": kind, "file": properties(props)}
        if where:
            line["refused"] = ranges(where)
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    RECORD.write_text("".join(lines), encoding="utf-8", newline="\n")
    print(f"{RECORD.name}: {len(lines)} cases", file=sys.stderr)


def answer_file(path):
    cases = [(case["kind"], case["props"]) for case in map(json.loads, open(path, encoding="utf-8"))]
    for (kind, props), answer in zip(cases, ask_all(cases)):
        where = refused(answer)
        print(json.dumps({"kind": kind, "props": props, "refused": ranges(where),
                          "error": answer[RELEASES[where[0]]] if where else None}, ensure_ascii=False))


if __name__ == "__main__":
    prepare()
    match sys.argv[1:]:
        case ["ask", file]:
            answer_file(file)
        case ["record"]:
            record()
        case _:
            sys.exit(__doc__)
