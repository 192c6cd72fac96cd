#!/usr/bin/env python3
"""Holds our JSON Schema validator against python3-jsonschema on generated schemas and values.

Usage: schema_differential.py VERDICTS_PROGRAM [--seed N] [--schemas N]

Left out on purpose, because the two differ for a reason: multipleOf beyond whole doubles (Python divides doubles, we
decimals), the formats whose Python check is looser than the RFC, and "$" before a line end.
"""
import argparse
import json
import random
import subprocess
import sys

import jsonschema

VALUES_PER_SCHEMA = 12
FORMATS = {
    "date": ["2026-11-21", "2024-02-29", "2026-02-29", "2026-1-1", "x"],
    "ipv4": ["127.0.0.1", "256.1.1.1", "1.2.3", "x"],
    "ipv6": ["::1", "fe80::1", "1::2::3", "12345::", "x"],
    "uuid": ["0198c1f2-7a3b-7c4d-8e5f-001122334455", "0198c1f2", "x"],
}
PATTERNS = ["^a", "b$", "^[a-c]+$", "a|d", "^(ab?){1,2}$", "[^a]", "c{2}", "^.{2,3}$", "(?:a|b)c", "\\w\\W", "^$"]
NAMES = ["a", "b", "c", "ab"]
TEXTS = ["", "a", "b", "ab", "abc", "cc", "dd", "ä", "a-b", "😀"]
NUMBERS = [0, 1, -1, 2, 3, 1.0, 1.5, -0.5, 10, 2**53, 2**53 + 1, 2**63 - 1, 1e15, 0.0]


class Generator:
    def __init__(self, chance):
        self.chance = chance

    def value(self, depth=2):
        kinds = ["null", "boolean", "number", "text"] + (["array", "object"] * 2 if depth else [])
        kind = self.chance.choice(kinds)
        if kind == "null":
            return None
        if kind == "boolean":
            return self.chance.random() < 0.5
        if kind == "number":
            return self.chance.choice(NUMBERS)
        if kind == "text":
            return self.chance.choice(TEXTS + sum(FORMATS.values(), []))
        count = self.chance.randrange(4)
        if kind == "array":
            return [self.value(depth - 1) for _ in range(count)]
        return {name: self.value(depth - 1) for name in self.chance.sample(NAMES, count)}

    def schema(self, depth=2):
        """A schema of one to three keywords; the rules of groups that only have a sense together are kept."""
        if self.chance.random() < 0.08:
            return self.chance.random() < 0.7
        if self.chance.random() < 0.08:
            return {"$ref": self.chance.choice(["#/definitions/leaf", "#/definitions/tree"])}
        schema = {}
        for _ in range(self.chance.randint(1, 3)):
            self.chance.choice(self.deep() if depth and self.chance.random() < 0.5 else self.flat())(schema, depth)
        return schema

    def whole(self):
        schema = self.schema(3)
        if not isinstance(schema, dict):
            return schema
        schema["definitions"] = {
            "leaf": self.without_references(),
            "tree": {"anyOf": [self.without_references(), {"items": {"$ref": "#/definitions/tree"}}]},
        }
        return schema

    def without_references(self):
        schema = {}
        self.chance.choice(self.flat())(schema, 0)
        return schema

    def flat(self):
        pick, some = self.chance.choice, self.chance.randrange
        types = ["null", "boolean", "object", "array", "number", "string", "integer"]

        def put(key, make):
            return lambda schema, _: schema.__setitem__(key, make())

        return [
            put("type", lambda: pick(types)),
            put("type", lambda: self.chance.sample(types, 3)),
            put("enum", lambda: self.distinct(4)),
            put("const", lambda: self.value(1)),
            put("minimum", lambda: pick(NUMBERS)),
            put("maximum", lambda: pick(NUMBERS)),
            put("exclusiveMinimum", lambda: pick(NUMBERS)),
            put("exclusiveMaximum", lambda: pick(NUMBERS)),
            put("multipleOf", lambda: pick([1, 2, 3, 7])),
            put("minLength", lambda: some(4)),
            put("maxLength", lambda: some(4)),
            put("pattern", lambda: pick(PATTERNS)),
            put("format", lambda: pick(list(FORMATS))),
            put("minItems", lambda: some(3)),
            put("maxItems", lambda: some(3)),
            put("uniqueItems", lambda: True),
            put("minProperties", lambda: some(3)),
            put("maxProperties", lambda: some(3)),
            put("required", lambda: self.chance.sample(NAMES, some(3))),
            put("title", lambda: "t"),
        ]

    def deep(self):
        chance = self.chance

        def one(key):
            return lambda schema, depth: schema.__setitem__(key, self.schema(depth - 1))

        def many(key):
            def put(schema, depth):
                schema[key] = [self.schema(depth - 1) for _ in range(chance.randint(1, 3))]
            return put

        def named(key, names):
            def put(schema, depth):
                schema[key] = {n: self.schema(depth - 1) for n in chance.sample(names, chance.randrange(3))}
            return put

        def places(schema, depth):
            many("items")(schema, depth)
            if chance.random() < 0.6:
                schema["additionalItems"] = self.schema(depth - 1)

        def each(schema, depth):
            schema.pop("additionalItems", None)
            one("items")(schema, depth)

        def condition(schema, depth):
            for key in ["if"] + chance.choice([["then"], ["else"], ["then", "else"]]):
                schema[key] = self.schema(depth - 1)

        def dependencies(schema, depth):
            schema["dependencies"] = {
                name: chance.sample(NAMES, 1) if chance.random() < 0.5 else self.schema(depth - 1)
                for name in chance.sample(NAMES, 2)
            }

        return [
            each, places, condition, dependencies,
            one("contains"), one("additionalProperties"), one("propertyNames"), one("not"),
            named("properties", NAMES), named("properties", NAMES), named("patternProperties", PATTERNS),
            many("allOf"), many("anyOf"), many("oneOf"),
        ]

    def distinct(self, count):
        """Values no two of which are equal for JSON Schema: 1 and 1.0 are, 1 and true are not."""
        values = []
        for _ in range(count):
            value = self.value(1)
            if misjudged(value):
                continue
            if not any(jsonschema.Draft7Validator({"const": other}).is_valid(value) for other in values):
                values.append(value)
        return values or [None]


def misjudged(value):
    """jsonschema compares the members of an enum as Python does, where [1] equals [True]: no judge of these."""
    if not isinstance(value, (list, dict)):
        return False
    inside = value if isinstance(value, list) else list(value.values())
    return any(one in (0, 1) or misjudged(one) for one in inside if one is not None)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("program")
    arguments.add_argument("--seed", type=int, default=1, help="another one finds other cases")
    arguments.add_argument("--schemas", type=int, default=1000)
    options = arguments.parse_args()
    again = f"{sys.argv[0]} {options.program} --seed {options.seed} --schemas {options.schemas}"
    print(f"seed {options.seed}; again: {again}")

    generator = Generator(random.Random(options.seed))
    questions = [{"schema": generator.whole(), "values": [generator.value() for _ in range(VALUES_PER_SCHEMA)]}
                 for _ in range(options.schemas)]
    lines = "".join(json.dumps(question, ensure_ascii=False) + "\n" for question in questions)
    answer = subprocess.run([options.program], input=lines, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in answer.stdout.splitlines()]
    assert len(answers) == len(questions), "an answer for each schema"

    counts, unjudged = {True: 0, False: 0}, 0
    for question, ours in zip(questions, answers):
        if not isinstance(ours, list):
            sys.exit(f"refused: {json.dumps(question['schema'])}\n{ours['refused']}")
        judge = jsonschema.Draft7Validator(question["schema"], format_checker=jsonschema.FormatChecker(list(FORMATS)))
        for value, verdict in zip(question["values"], ours):
            try:
                expected = judge.is_valid(value)
            except TypeError:  # jsonschema 4.10 sorts what it complains of, whatever the types
                unjudged += 1
                continue
            counts[expected] += 1
            if verdict != expected:
                sys.exit(f"we say {verdict}, jsonschema says {expected}\n"
                         f"schema: {json.dumps(question['schema'])}\nvalue: {json.dumps(value)}")
    total = sum(counts.values())
    print(f"{total} pairs, {counts[True]} fit, {counts[False]} do not, {unjudged} unjudged: all verdicts agree")
    if unjudged > total / 100:
        sys.exit("the judge gives up too often")
    if min(counts.values()) < total / 5:
        sys.exit("one of the verdicts is rarer than a fifth: the generator tests too little")


if __name__ == "__main__":
    main()
