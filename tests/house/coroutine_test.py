#!/usr/bin/env python3
"""g++ 12.2 silently miscompiles an awaited condition, so `if (co_await …)` and its kin are named before use.

Usage: coroutine_test.py SOURCE_ROOT
"""
import pathlib
import re
import sys

FOLDERS = ["engine", "eventstore", "sagas", "projections", "api", "tests"]
# A condition may hold the await further inside, but not behind a semicolon: `if (auto x = …; x)` names it first.
AWAITED_CONDITION = re.compile(r"\b(?:if|while|switch)\s*(?:constexpr\s*)?\((?:[^;{}]*?)\bco_await\b")


def awaited_conditions(text):
    code = re.sub(r"//[^\n]*", "", text)
    return [match.group(0) for match in AWAITED_CONDITION.finditer(code)]


def check_the_check():
    for bad in ["if (co_await f()) g();", "while (!(co_await f()))", "switch (co_await f()) {", "if (a &&\n    co_await f())"]:
        assert awaited_conditions(bad), bad
    for good in ["const auto x = co_await f();\nif (x) g();", "// if (co_await f())", "if (x) { co_await f(); }"]:
        assert not awaited_conditions(good), good


def main():
    check_the_check()
    root = pathlib.Path(sys.argv[1])
    files = [file for folder in FOLDERS for file in sorted((root / folder).rglob("*.[ch]pp"))]
    faults = [f"{file.relative_to(root)}: {found}" for file in files for found in awaited_conditions(file.read_text())]
    print("\n".join(faults))
    print(f"{len(files)} files, {len(faults)} awaited conditions")
    sys.exit(1 if faults or not files else 0)


if __name__ == "__main__":
    main()
