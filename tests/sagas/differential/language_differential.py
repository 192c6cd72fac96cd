#!/usr/bin/env python3
"""Holds the JSON Schemas of the language against python3-jsonschema: what editors will say of a file.

They are draft-07 schemas; every definition that the loader finds sound (of the pages and the systems that come with
Skald) is accepted; and of files changed at random, our validator and jsonschema say the same.

Usage: language_differential.py VERDICTS_PROGRAM DOCUMENTS_PROGRAM SOURCE_ROOT [--seed N] [--changes N]
"""
import argparse
import copy
import json
import pathlib
import random
import subprocess
import sys

import jsonschema

VALUES = [None, True, 0, -1, 1.5, "", "x", "a b", "5s", "0s", "none", "${ .input.x }", [], {}, ["x"], {"x": 1}]
WORDS = ["id", "http", "task", "switch", "fail", "timeout", "retry", "compensate", "pivot", "optional", "steps", "event",
         "when", "output", "tiemout"]


def places(value):
    """All containers inside of a document, itself included."""
    found = [value] if isinstance(value, (dict, list)) and value else []
    for inside in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        found += places(inside)
    return found


def changed(document, chance):
    document = copy.deepcopy(document)
    place = chance.choice(places(document))
    key = chance.choice(list(place)) if isinstance(place, dict) else chance.randrange(len(place))
    kind = chance.random()
    if kind < 0.3:
        del place[key]
    elif kind < 0.6 or isinstance(place, list):
        place[key] = chance.choice(VALUES)
    else:
        place[chance.choice(WORDS)] = place.pop(key) if chance.random() < 0.5 else chance.choice(VALUES)
    return document


def documents(program, root):
    files = [root / "sagas/LANGUAGE.md", root / "sagas/SOUNDNESS.md"]
    for folder in ["sagas/systems", "tests/bench"]:
        files += sorted((root / folder).rglob("*.saga.yaml")) + sorted((root / folder).rglob("services.yaml"))
    lines = subprocess.run([program, *map(str, files)], capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in lines.splitlines()]


def verdicts(program, schema, values):
    question = json.dumps({"schema": schema, "values": values}) + "\n"
    answer = json.loads(subprocess.run([program], input=question, capture_output=True, text=True, check=True).stdout)
    if not isinstance(answer, list):
        sys.exit(f"our own schema is refused: {answer}")
    return answer


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("verdicts")
    arguments.add_argument("documents")
    arguments.add_argument("root", type=pathlib.Path)
    arguments.add_argument("--seed", type=int, default=1, help="another one finds other cases")
    arguments.add_argument("--changes", type=int, default=20, help="of each document")
    options = arguments.parse_args()
    print(f"seed {options.seed}; again: {' '.join(sys.argv)}")

    chance = random.Random(options.seed)
    known = documents(options.documents, options.root)
    counts = {True: 0, False: 0}
    for name in ["saga", "services"]:
        schema = json.loads((options.root / f"sagas/schema/{name}.schema.json").read_text())
        jsonschema.Draft7Validator.check_schema(schema)
        judge = jsonschema.Draft7Validator(schema)
        mine = [one for one in known if one["schema"] == name]
        for one in mine:
            if one["sound"] and not judge.is_valid(one["document"]):
                error = jsonschema.exceptions.best_match(judge.iter_errors(one["document"]))
                sys.exit(f"sound, and refused: {one['file']}: {json.dumps(one['document'])}\n{error.message}")
        values = [changed(one["document"], chance) for one in mine for _ in range(options.changes)]
        for value, ours in zip(values, verdicts(options.verdicts, schema, values)):
            expected = judge.is_valid(value)
            counts[expected] += 1
            if ours != expected:
                sys.exit(f"we say {ours}, jsonschema says {expected}\n{json.dumps(value)}")
    print(f"{len(known)} documents; of {sum(counts.values())} changed ones {counts[True]} fit, {counts[False]} do not: "
          "all verdicts agree")
    if len(known) < 50 or min(counts.values()) < sum(counts.values()) / 20:
        sys.exit("too few documents, or one verdict is too rare: this tests too little")


if __name__ == "__main__":
    main()
