"""Makes questions for `fuzz` other than whole random projects: each field with each kind of value, one value over another, env
files and variables, and real files with a few lines changed.

Fields come from Compose's own schema (`reading/src/compose/schema/schema.json`). A question is what `main.go` reads.
"""

import json
import os
import random
import re

HERE = os.path.dirname(os.path.abspath(__file__))
SCHEMA = os.path.join(HERE, "..", "..", "reading", "src", "compose", "schema", "schema.json")


class Written(str):
    """YAML as it is written."""


# Kinds of value, and what is nearly one.
VALUES = [Written(v) for v in [
    "", "null", "true", '"true"', "5", "0", "-1", '"5"', '"-1"', "1.5", '"1.5"', "2024-01-01", '""', "x", '"a b"', "10s", "1m", "512m", '"0x10"', "0o17", '"08"',
    "[]", "{}", "[x]", "[x, x]", "[5]", '[5, "5"]', "[null]", "[true]", "[1.5]", "[2024-01-01]", "[[x]]", "[{k: v}]", "{k: v}", "{k: }", "{k: 5}", "{k: true}",
    "{k: 1.5}", "{k: 2024-01-01}", "{k: [x]}", "{k: [5]}", "{k: {}}", "{k: {k: v}}", "a=b", "[a=b]", "[a=b, a=c]", "a:b", "[a:b]", "./p", "[./p:/q]", "9092",
    '"80:80"', '["80:80"]', "1.2.3.4", "all", "host", "service:other", "[service:other]", '{k: "service:a"}', "12345678901234567890", "1e3", ".inf", "yes", "!!str 5",
    '!!int "5"', '{"a b": 1}', '{"": 1}', "{5: x}", "{null: x}", '"${U}"', '"${U:-5}"', '"${U:-true}"', '"$$x"', "1.0", "100",
]]

# What a key needs that must stand there.
NEEDED = {"type": "volume", "target": "/d", "path": "src", "action": "rebuild", "condition": "service_started", "capabilities": ["gpu"], "command": "a", "service": "other", "soft": 1, "hard": 2,
          "triggers": {"manual": True}, "cron": "* * * * *", "manual": True, "model": "m"}


def written(value):
    """A value in flow style."""
    if isinstance(value, Written):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)}: {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(written, value)) + "]"
    return json.dumps(value)


class Places:
    """Every place for a value that the schema knows: its name, what makes a file of a value there, and its schema."""

    def __init__(self):
        with open(SCHEMA) as file:
            self.definitions = json.load(file)["$defs"]
        self.all = []
        service = self.resolved({"$ref": "#/$defs/service"})
        for key, schema in service["properties"].items():
            self.walk(schema, lambda v, key=key: self.service({key: v}), f"services.{key}", 0)
        for section, kind, own in (("networks", "network", {}), ("volumes", "volume", {}), ("configs", "config", {"file": "./f"}), ("secrets", "secret", {"file": "./f"}), ("models", "model", {"model": "m"})):
            def file(value, section=section):
                return {"services": {"a": {"image": "x"}}, section: {"k": value}}
            self.all.append((f"{section}.k", file, {"$ref": f"#/$defs/{kind}"}))
            for key, schema in self.resolved({"$ref": f"#/$defs/{kind}"})["properties"].items():
                self.walk(schema, lambda v, key=key, file=file, own=own: file({**own, key: v}), f"{section}.{key}", 1)

    @staticmethod
    def service(fields):
        return {"services": {"a": {"image": "x", **fields}, "other": {"image": "y"}}, "volumes": {"data": {}}, "networks": {"k": {}}, "secrets": {"x": {"file": "./s"}}, "configs": {"x": {"file": "./s"}}}

    def resolved(self, schema):
        while "$ref" in schema:
            schema = self.definitions[schema["$ref"].rsplit("/", 1)[1]]
        if "allOf" not in schema:
            return schema
        whole = {"type": "object", "properties": {}, "patternProperties": {}}
        for part in [self.resolved(s) for s in schema["allOf"]] + [schema]:
            whole["properties"].update(part.get("properties", {}))
            whole["patternProperties"].update(part.get("patternProperties", {}))
        return whole

    def walk(self, schema, file, name, depth):
        schema = self.resolved(schema)
        self.all.append((name, file, schema))
        if depth > 6 or "pre_start" in name and depth > 2:
            return
        for choice in map(self.resolved, schema.get("oneOf", [schema])):
            needed = {k: NEEDED.get(k, "x") for k in choice.get("required", [])}
            for key, inner in choice.get("properties", {}).items():
                self.walk(inner, lambda v, key=key, needed=needed: file({**needed, key: v}), f"{name}.{key}", depth + 1)
            for pattern, inner in choice.get("patternProperties", {}).items():
                if pattern != "^x-":
                    self.walk(inner, lambda v, needed=needed: file({**needed, "k": v}), f"{name}.*", depth + 1)
            if "items" in choice:
                self.walk(choice["items"], lambda v: file([v]), f"{name}.[]", depth + 1)

    def sound(self, schema, r, depth=0):
        """A value that the schema admits."""
        schema = self.resolved(schema)
        if "oneOf" in schema:
            return self.sound(r.choice(schema["oneOf"]), r, depth)
        if "enum" in schema:
            return r.choice(schema["enum"])
        kind = schema.get("type", "string")
        kind = r.choice(kind) if isinstance(kind, list) else kind
        if kind == "object" and depth < 4:
            found = {k: NEEDED.get(k, "x") for k in schema.get("required", [])}
            keys = list(schema.get("properties", {}))
            for key in r.sample(keys, min(len(keys), r.randint(0, 3))):
                found[key] = self.sound(schema["properties"][key], r, depth + 1)
            for pattern, inner in schema.get("patternProperties", {}).items():
                if pattern != "^x-" and r.random() < 0.7:
                    found[r.choice(["k", "a", "data"])] = self.sound(inner, r, depth + 1)
            return found
        if kind == "array" and depth < 5:
            return [self.sound(schema.get("items", {}), r, depth + 1) for _ in range(r.randint(0, 2))]
        return {"integer": r.choice([0, 1, 5, 9092]), "number": r.choice([0, 1.5, 3]), "boolean": r.choice([True, False]), "null": None}.get(
            kind, Written(r.choice(['"5"', "x", "a=b", "./p", '"80:80"', "10s", "512m", '"true"', '"${U:-5}"', "/abs", "data:/d", '"8080"', "all", "host"])))


def values():
    """Each value at each place, alone in a file."""
    seen = set()
    for name, file, _ in Places().all:
        for value in VALUES:
            text = written(file(value)) + "\n"
            if text not in seen:
                seen.add(text)
                yield {"name": name, "files": {"f0.yaml": text}, "load": ["f0.yaml"], "profiles": ["*"]}


def over(seed):
    """Without end: a value over another one of the same field, in files, documents, an `extends` or an include."""
    places, r = Places(), random.Random(seed)
    fields = {}
    for place in places.all:
        fields.setdefault(".".join(place[0].split(".")[:2]), []).append(place)
    names = sorted(fields)
    while True:
        field = r.choice(names)
        one = r.choice(fields[field])
        other = r.choice(fields[field]) if r.random() < 0.5 else one

        def text(place, odd):
            return written(place[1](r.choice(VALUES) if r.random() < odd else places.sound(place[2], r))) + "\n"

        below, above = text(one, 0.3), text(other, 0.4)
        way = r.random()
        if way < 0.6:
            files, load = {"f0.yaml": below, "f1.yaml": above}, ["f0.yaml", "f1.yaml"]
        elif way < 0.75:
            files, load = {"f0.yaml": below + "---\n" + above}, ["f0.yaml"]
        elif way < 0.9:
            above = above.replace('"a": {"image": "x"', '"b": {"image": "x", "extends": {"service": "a", "file": "f0.yaml"}', 1)
            files, load = {"f0.yaml": below, "f1.yaml": above}, ["f1.yaml"]
        else:
            files, load = {"f0.yaml": above.replace("{", '{"include": ["f1.yaml"], ', 1), "f1.yaml": below}, ["f0.yaml"]
        yield {"name": field, "files": files, "load": load, "profiles": ["*"]}


# What `.env` files and texts with variables are made of.
PARTS = ["A", "B", "FOO", "X_1", "=", "=", "=", ":", " ", "  ", "\t", '"', '"', "'", "'", "\\", "\\n", '\\"', "\\'", "\\$", "$", "$A", "${A}", "${A:-d}", "${B-x}", "${B:?no}", "${A:+y}", "$$", "#", " #c",
         "\n", "\n", "\n", "\r\n", "\r", "export ", "export", "é", "\u00a0", ".", "-", "[1]", "0", "a b", "1.5", "{", "}", "${", "@", "\\\\", "\x0b", "\x0c", "\ufeff", "A=1\n", 'B="x y"\n', "C='$A'\n",
         "D=$A\n", 'E="${A}\\n"\n', ": v\n", "A: 1\n", "null", "true", "\\u0041", "\\x41", "\\r", "\\t", "`", "!", "%", "?", "+", ":-", ":+", "${A-${B:-c}}", "${A:-", "}}", "{{"]


def texts(seed):
    """Without end: env files, in both formats, and values with variables."""
    r = random.Random(seed)

    def text(most):
        return "".join(r.choice(PARTS) for _ in range(r.randint(1, most)))

    while True:
        service, files, way = {"image": "x"}, {}, r.random()
        if way < 0.35:
            files[".env"] = text(14)
            service["environment"] = {"P": "${A}|${B:-none}|${FOO-n}|${C}|${D}", "A": None, "B": None}
        elif way < 0.7:
            files["e.env"] = text(14)
            service["env_file"] = [{"path": "e.env", **({"format": "raw"} if r.random() < 0.3 else {})}]
            if r.random() < 0.3:
                service["environment"] = {"A": "${A}", "Z": None}
        else:
            files[".env"] = "A=1\n"
            service[r.choice(["hostname", "command", "container_name"])] = text(6)
            service["environment"] = {"P": text(8)}
        files["compose.yaml"] = json.dumps({"services": {"a": service}}, ensure_ascii=r.random() < 0.5) + "\n"
        env = {"A": "from env"} if r.random() < 0.2 else {}
        yield {"name": "texts", "files": files, "load": ["compose.yaml"], "profiles": ["*"], "env": env}


class Files:
    """Compose files that people wrote, each with what lies beside it."""

    def __init__(self, folders):
        self.all = []
        for folder in folders:
            for at, _, names in sorted(os.walk(folder)):
                for name in sorted(names):
                    text = self.text(os.path.join(at, name)) if name.endswith((".yml", ".yaml")) else None
                    if text and "services" in text:
                        self.all.append((text, at))
        lines = [line for text, _ in self.all for line in text.split("\n") if line.strip() and not line.strip().startswith("#")]
        self.lines = {}
        for line in lines:
            self.lines.setdefault(len(line) - len(line.lstrip()), []).append(line)
        self.keys = [m[1] for m in (re.match(r"\s*([\w.-]+):", line) for line in lines) if m]

    @staticmethod
    def text(path):
        try:
            if os.path.getsize(path) < 16000:
                with open(path, encoding="utf-8") as file:
                    return file.read()
        except (OSError, UnicodeDecodeError):
            pass
        return None

    def changed(self, text, r):
        """The text with a few lines lost, doubled, moved, or with another key, value or tag."""
        lines = text.split("\n")
        odd = VALUES + ["!reset null", "!override []", "!reset", "~", "[a, b]", "x:/y", "service:web", "on"]
        for _ in range(r.choice([1, 1, 1, 2, 2, 3])):
            at, way = r.randrange(len(lines)), r.random()
            line = lines[at]
            indent = len(line) - len(line.lstrip())
            pair = re.match(r"(\s*(?:- )?)([\w./-]+):( ?)(.*)$", line)
            if way < 0.1 and len(lines) > 1:
                del lines[at]
            elif way < 0.17:
                lines.insert(at, line)
            elif way < 0.22:
                other = r.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            elif way < 0.27:
                lines[at] = r.choice(["  " + line, line.removeprefix("  "), " " + line])
            elif way < 0.7 and pair and way < 0.6:
                lines[at] = f"{pair[1]}{pair[2]}: {r.choice(odd)}"
            elif way < 0.7 and pair:
                lines[at] = f"{pair[1]}{r.choice(self.keys)}: {pair[4]}"
            elif way < 0.85 and indent in self.lines:
                lines.insert(at, r.choice(self.lines[indent]))
            elif way < 0.95 and pair:
                bare = pair[4].strip("\"'")
                lines[at] = f"{pair[1]}{pair[2]}: " + r.choice([f'"{bare}"', f"'{bare}'", f'"${{V:-{bare}}}"', f"!override {pair[4]}", f"!reset {pair[4]}", f"!!str {pair[4]}", f"&anchor {pair[4]}"])
            else:
                lines.insert(at, " " * indent + f"{r.choice(self.keys)}: {r.choice(odd)}")
        return "\n".join(lines)

    def questions(self, seed):
        """Without end: a file that was changed, sometimes with a second one over it, or one that it extends or includes."""
        r = random.Random(seed)
        while True:
            text, folder = r.choice(self.all)
            beside = {n: self.text(os.path.join(folder, n)) for n in sorted(os.listdir(folder))[:30] if os.path.isfile(os.path.join(folder, n))}
            files = {n: t for n, t in beside.items() if t is not None and len(t) < 6000}
            files["f0.yaml"], load, way = self.changed(text, r), ["f0.yaml"], r.random()
            if way < 0.25:
                files["f1.yaml"] = self.changed(text if way < 0.12 else r.choice(self.all)[0], r)
                load.append("f1.yaml")
            elif way < 0.35:
                files["f0.yaml"] += "\n---\n" + self.changed(text, r)
            elif way < 0.45:
                names = re.findall(r"^  ([\w-]+):\s*$", text, re.M)
                if names:
                    base = "services:\n  mutant: {extends: {service: %s, file: f9.yaml}}" % r.choice(names)
                    files["f0.yaml"] = files["f0.yaml"].replace("services:", base, 1)
                    files["f9.yaml"] = self.changed(text, r)
            elif way < 0.52:
                files["f0.yaml"] += "\ninclude: [f8.yaml]\n"
                files["f8.yaml"] = self.changed(r.choice(self.all)[0], r)
            yield {"name": folder, "files": files, "load": load, **({"profiles": ["*"]} if r.random() < 0.8 else {})}
