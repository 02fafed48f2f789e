#!/usr/bin/env python3
"""Asks the clients of each released Kafka. See README.md.

    clients.py classes   write rules/catalog/classes.tsv: the classes that a client's setting may name
"""

import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CATALOG = HERE.parent.parent / "rules" / "catalog"
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


def prepare():
    """Compiles the programs, and has Maven write each release's class path, unless that was done before."""
    def run(command):
        done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}\n{done.stdout}failed with {done.returncode}")

    DUMPS.mkdir(parents=True, exist_ok=True)
    run(["mvn", "-q", "-B", "compile", f"-Dkafka.version={RELEASES[-1]}"])
    for release in RELEASES:
        path = DUMPS / f"{release}.classpath"
        if not path.exists():
            run(["mvn", "-q", "-B", "dependency:build-classpath", f"-Dkafka.version={release}",
                 "-Dmdep.includeScope=runtime", f"-Dmdep.outputFile={path}"])


def class_path(release):
    return f"{HERE / 'target' / 'classes'}:{(DUMPS / f'{release}.classpath').read_text().strip()}"


def ranges(indices):
    """3.0.0-3.2.3,3.9.2,4.0.0-: a range without an end goes on to the newest release."""
    spans = []
    for index in indices:
        if spans and spans[-1][1] == index - 1:
            spans[-1][1] = index
        else:
            spans.append([index, index])
    last = len(RELEASES) - 1
    return ",".join(RELEASES[a] + "-" if b == last else RELEASES[a] if a == b else f"{RELEASES[a]}-{RELEASES[b]}"
                    for a, b in spans)


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
    """{release: answers}, a JVM a release."""
    answers = {}
    for release in releases:
        answers[release] = ask(cases, release)
        print(release, file=sys.stderr)
    return answers


def classes():
    """Writes rules/catalog/classes.tsv."""
    found = {}
    for index, release in enumerate(RELEASES):
        out = DUMPS / f"{release}.classes"
        subprocess.run(["java", "-cp", class_path(release), "oracle.DumpClasses", str(out)], check=True)
        for line in out.read_text(encoding="utf-8").splitlines():
            found.setdefault(tuple(line.split("\t")), []).append(index)
    lines = [f"{name}\t{ranges(where)}\t{kinds}\n" for (name, kinds), where in sorted(found.items())]
    header = ("# Made by oracle/kafka/clients.py from the released jars of Apache Kafka. Do not edit. "
              "Columns: class, releases, what it can be used as.\n")
    (CATALOG / "classes.tsv").write_text(header + "".join(lines), encoding="utf-8", newline="\n")
    print(f"classes.tsv: {len(lines)} classes", file=sys.stderr)


if __name__ == "__main__":
    prepare()
    if sys.argv[1:] == ["classes"]:
        classes()
    else:
        sys.exit(__doc__)
