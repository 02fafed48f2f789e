"""Drives the released kafka-storage tools. For `format-levels` and `fuzz-format`."""

import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
CATALOG = TOP / "rules" / "catalog"
CLASSES = HERE / "target" / "classes"


def releases():
    return CATALOG.joinpath("releases.txt").read_text().split()


def compile_programs():
    CLASSES.mkdir(parents=True, exist_ok=True)
    sources = [HERE / "src/main/java/oracle" / name for name in ("Format.java", "Levels.java")]
    subprocess.run(["javac", "-nowarn", "-Xlint:-removal", "--release", "17", "-d", CLASSES, *sources], check=True)


def java(version, program, **options):
    """Runs a program on the class path of a release, which ./regenerate has resolved."""
    path = (HERE / "target" / "dumps" / f"{version}.classpath").read_text().strip()
    folder = "/dev/shm" if os.path.isdir("/dev/shm") else tempfile.gettempdir()
    command = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.security.manager=allow",
               f"-Djava.io.tmpdir={folder}", "-cp", f"{CLASSES}:{path}", f"oracle.{program}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", **options)
    if done.returncode != 0:
        sys.exit(f"{version}: {done.stderr}")
    return done.stdout


def escape(text):
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def ask(version, cases):
    """[(refused, first line of the complaint)] of one release."""
    lines = []
    for case in cases:
        args = ["format", *case["args"]]
        columns = [case["config"], "\x01".join(a.replace("\x01", "?") for a in args)]
        columns += [f"{path}={text}" for path, text in case.get("files", {}).items()]
        lines.append("\t".join(map(escape, columns)))
    answers = java(version, "Format", input="\n".join(lines) + "\n").split("\n")[:-1]
    if len(answers) != len(cases):
        sys.exit(f"{version}: {len(answers)} answers to {len(cases)} cases")
    return [(a.split("\t", 1)[0] != "0", a.split("\t", 1)[1]) for a in answers]
