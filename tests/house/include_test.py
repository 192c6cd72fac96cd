#!/usr/bin/env python3
"""Who may include whom, and where each third-party header lives: design's table, checked.

Usage: include_test.py SOURCE_ROOT
"""
import pathlib
import re
import sys
import tempfile

# Each area and the others it may include; a file belongs to the longest area that its path begins with.
MAY_INCLUDE = {
    "engine/base": set(),
    "engine/core": {"engine/base"},
    "sagas": {"engine/base", "engine/core"},
    "sagas/sandbox": {"engine/base", "engine/core", "sagas"},
    "eventstore": {"engine/base"},
    "projections": {"engine/base", "engine/core", "eventstore", "sagas"},
    "engine/runtime": {"engine/base", "engine/core", "eventstore", "sagas", "projections"},
    "api": {"engine/base", "engine/core", "eventstore", "sagas", "sagas/sandbox", "projections", "engine/runtime"},
}

# Each third-party header and the places that may know it.
HOMES = {
    "libpq": ["eventstore/pg/"],
    "postgres_ext.h": ["eventstore/pg/"],
    "yaml-cpp/": ["sagas/"],
    "boost/beast": ["api/http/", "engine/runtime/"],
    "boost/asio": ["eventstore/pg/", "engine/runtime/", "api/"],
    "spdlog/": ["engine/base/"],
    "nlohmann/": ["engine/base/json.cpp"],
    "openssl/": ["engine/base/"],
    "sqlite3": ["sagas/sandbox/"],
    "CLI/": ["api/cli/"],
    "prometheus/": ["engine/runtime/", "api/"],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.MULTILINE)
TOP = sorted({area.split("/")[0] for area in MAY_INCLUDE})


def area_of(path):
    return max((area for area in MAY_INCLUDE if path.startswith(area + "/")), key=len, default=None)


def fault_of(path, mark, header):
    """What is wrong with this include, or None."""
    if mark == '"':
        from_area, to_area = area_of(path), area_of(header)
        if to_area is None:
            return "is not written from the repository's root, or lies in no area"
        if to_area != from_area and to_area not in MAY_INCLUDE[from_area]:
            return f"{from_area} may not include {to_area}"
        return None
    for name, homes in HOMES.items():
        if header.startswith(name) and not any(path.startswith(home) for home in homes):
            return f"its home is {' and '.join(homes)}"
    return None


def faults_in(root):
    faults, files = [], 0
    for top in TOP:
        for file in sorted((root / top).rglob("*.[ch]pp")):
            path = file.relative_to(root).as_posix()
            if area_of(path) is None:
                faults.append(f"{path}: lies in no area of the design")
                continue
            files += 1
            for mark, header in INCLUDE.findall(file.read_text()):
                if fault := fault_of(path, mark, header):
                    faults.append(f"{path}: includes {header}: {fault}")
    return faults, files


PLANTED = [
    ("engine/base/a.hpp", '#include "engine/core/state.hpp"'),
    ("engine/core/a.cpp", '#include "sagas/loader.hpp"'),
    ("engine/core/b.cpp", "#include <boost/asio/io_context.hpp>"),
    ("sagas/a.cpp", '#include "eventstore/log.hpp"'),
    ("sagas/b.cpp", '#include "sagas/sandbox/service.hpp"'),
    ("eventstore/a.cpp", '#include "engine/core/event.hpp"'),
    ("eventstore/b.cpp", "#include <libpq-fe.h>"),
    ("projections/a.cpp", '#include "engine/runtime/engine.hpp"'),
    ("engine/runtime/a.cpp", '  #  include "api/http/server.hpp"'),
    ("engine/runtime/b.cpp", '#include "drive.hpp"'),
    ("engine/base/b.cpp", "#include <nlohmann/json.hpp>"),
    ("api/http/a.cpp", "#include <CLI/CLI.hpp>"),
    ("engine/other/a.cpp", "int a;"),
]
INNOCENT = [
    ("engine/base/json.cpp", "#include <nlohmann/json.hpp>\n#include <vector>"),
    ("engine/core/c.cpp", '#include "engine/base/json.hpp"\n#include "engine/core/c.hpp"'),
    ("eventstore/pg/c.cpp", '#include <libpq-fe.h>\n#include "eventstore/log.hpp"'),
    ("api/cli/c.cpp", '#include <CLI/CLI.hpp>\n#include "sagas/sandbox/service.hpp"'),
]


def check_the_check():
    """A check that cannot fail is none: each planted violation is found, and nothing else."""
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        for path, text in PLANTED + INNOCENT:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text + "\n")
        found = {fault.split(":")[0] for fault in faults_in(root)[0]}
    expected = {path for path, _ in PLANTED}
    if found != expected:
        sys.exit(f"the check itself is broken: missed {expected - found}, wrongly found {found - expected}")


def main():
    check_the_check()
    faults, files = faults_in(pathlib.Path(sys.argv[1]))
    print("\n".join(faults))
    print(f"{files} files, {len(faults)} includes against the design")
    sys.exit(1 if faults or files == 0 else 0)


if __name__ == "__main__":
    main()
