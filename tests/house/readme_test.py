#!/usr/bin/env python3
"""What the README points at exists: every link into the repository, and on the path of one event every function named.

Usage: readme_test.py SOURCE_ROOT
"""
import pathlib
import re
import sys

LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)[^)]*\)")
STEP = re.compile(r"^\d+\.(.*?)(?=^\d+\.|^$)", re.MULTILINE | re.DOTALL)
FUNCTION = re.compile(r"`(\w+)\(\)`")


def section(text, title):
    return text.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def main():
    root = pathlib.Path(sys.argv[1])
    readme = (root / "README.md").read_text()
    faults = [f"there is no {path}" for path in LINK.findall(readme) if not (root / path).exists()]

    steps = STEP.findall(section(readme, "The path of one event"))
    files = [path for step in steps for path in LINK.findall(step)]
    if len(files) < 7:
        faults.append(f"the path of one event names {len(files)} files; seven were promised")
    for step in steps:
        # A function that a step names stands in a file that it names, or in that header's source.
        paths = [root / path for path in LINK.findall(step)]
        sources = [source for path in paths for source in (path, path.with_suffix(".cpp")) if source.exists()]
        text = "".join(source.read_text() for source in sources)
        faults += [f"no {name}() in {', '.join(path.name for path in paths)}"
                   for name in FUNCTION.findall(step) if not re.search(rf"\b{name}\(", text)]

    print("\n".join(faults))
    print(f"{len(files)} files on the path of one event, {len(faults)} faults in the README")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
