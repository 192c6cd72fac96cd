#!/usr/bin/env python3
"""Every test has a label: without one, `./dev check` and the sanitizers would pass it by.

Usage: label_test.py BUILD_DIRECTORY
"""
import json
import subprocess
import sys

KNOWN = {"unit", "store", "e2e"}


def labels(test):
    return {label for item in test["properties"] if item["name"] == "LABELS" for label in item["value"]}


def main():
    listing = subprocess.run(["ctest", "--show-only=json-v1"], cwd=sys.argv[1], capture_output=True, text=True, check=True)
    tests = json.loads(listing.stdout)["tests"]
    faults = [f"{test['name']}: has no label of {sorted(KNOWN)}" for test in tests if not labels(test) & KNOWN]
    print("\n".join(faults))
    print(f"{len(tests)} tests, {len(faults)} without a label")
    sys.exit(1 if faults or not tests else 0)


if __name__ == "__main__":
    main()
