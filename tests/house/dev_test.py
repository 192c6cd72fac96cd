#!/usr/bin/env python3
"""./dev and .ci/run do what they say, on machines of straw: programs that only note how they were called.

Usage: dev_test.py SOURCE_ROOT
"""
import functools
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
FIELD = tempfile.TemporaryDirectory()
unittest.addModuleCleanup(FIELD.cleanup)
NOTE = 'echo "$(basename "$0") $*" >> "$CALLS"\n'
PASSED = "echo '100% tests passed, 0 tests failed out of 7'\n"
FAILED = "echo '71% tests passed, 2 tests failed out of 7'; exit 8\n"


class Machine:
    """A copy of the scripts, and a path whose package manager and build tools are straw."""

    def __init__(self, installed, available=(), ctest=PASSED, cmake="", root=True):
        self.top = pathlib.Path(tempfile.mkdtemp(dir=FIELD.name))
        for script in ["dev", ".ci/run"]:
            (self.top / script).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / script, self.top / script)
        system = self.top / "sagas/systems/recruitment"
        system.mkdir(parents=True)
        (system / "enrollment.service.yaml").touch()
        (self.top / "calls").touch()
        self.straw("dpkg-query", f'for p; do case " {" ".join(installed)} " in *" $p "*) echo "$p installed";; esac; done; exit 1')
        self.straw("apt-cache", f'case " {" ".join(available)} " in *" $2 "*) echo "Package: $2";; esac')
        self.straw("apt-get", NOTE)
        self.straw("sudo", NOTE)
        self.straw("cmake", NOTE + cmake)
        self.straw("ctest", NOTE + ctest)
        self.straw("initdb", "")
        self.straw("id", f"echo {0 if root else 1000}")

    def straw(self, name, body):
        program = self.top / "straw" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text("#!/bin/bash\n" + body)
        program.chmod(0o755)

    def run(self, *command):
        environment = {**os.environ, "PATH": f"{self.top}/straw:{os.environ['PATH']}", "CALLS": f"{self.top}/calls"}
        return subprocess.run(command, cwd=self.top, env=environment, capture_output=True, text=True)

    def calls(self, program):
        return [line for line in (self.top / "calls").read_text().splitlines() if line.startswith(program + " ")]


@functools.cache
def packages():
    """What ./dev asks for, without Boost and PostgreSQL: learnt from what it installs on an empty machine."""
    machine = Machine(installed=[], available=["libboost-dev"])
    machine.run("./dev", "build")
    return [word for word in machine.calls("apt-get")[1].split() if not word.startswith("-")][2:-1]


class Dev(unittest.TestCase):
    def test_with_everything_installed_it_builds_at_once(self):
        machine = Machine(installed=packages() + ["libboost1.81-dev"])
        self.assertEqual(machine.run("./dev", "build").returncode, 0)
        self.assertEqual(machine.calls("apt-get"), [])
        self.assertIn("--build build/release --target skald", machine.calls("cmake")[1])

    def test_what_is_missing_is_installed_without_recommended_extras(self):
        some = [package for package in packages() if package != "jq"]
        machine = Machine(installed=some, available=["libboost1.83-dev", "libboost-dev"])
        machine.run("./dev", "build")
        update, install = machine.calls("apt-get")
        self.assertIn("update", update)
        self.assertIn("--no-install-recommends jq libboost1.83-dev", install)
        self.assertNotIn("postgresql", install, "this machine has one")

    def test_without_root_rights_it_asks_sudo(self):
        machine = Machine(installed=packages(), available=["libboost1.81-dev"], root=False)
        machine.run("./dev", "build")
        self.assertEqual(machine.calls("apt-get"), [])
        self.assertIn("apt-get install", machine.calls("sudo")[1])

    def test_an_unknown_system_is_answered_with_the_known_ones(self):
        answer = Machine(installed=[]).run("./dev", "up", "recruitmnet")
        self.assertEqual(answer.returncode, 1)
        self.assertIn("there are: recruitment", answer.stderr)

    def test_up_runs_the_system_with_its_stand_in_services(self):
        machine = Machine(installed=packages() + ["libboost1.81-dev"])
        (machine.top / "build/release").mkdir(parents=True)
        machine.straw("../build/release/skald", NOTE)
        machine.run("./dev", "up", "recruitment", "--ephemeral")
        self.assertEqual(machine.calls("skald"), [
            "skald dev sagas/systems/recruitment --sandbox sagas/systems/recruitment/enrollment.service.yaml --ephemeral"])

    def test_up_alone_runs_every_system_in_one_engine(self):
        machine = Machine(installed=packages() + ["libboost1.81-dev"])
        (machine.top / "build/release").mkdir(parents=True)
        machine.straw("../build/release/skald", NOTE)
        other = machine.top / "sagas/systems/course"
        other.mkdir()
        (other / "course.service.yaml").touch()
        machine.run("./dev", "up", "--ephemeral")
        self.assertEqual(machine.calls("skald"), [
            "skald dev sagas/systems --sandbox sagas/systems/course/course.service.yaml "
            "sagas/systems/recruitment/enrollment.service.yaml --ephemeral"])

    def test_story_builds_and_tells(self):
        machine = Machine(installed=packages() + ["libboost1.81-dev"])
        machine.straw("python3", 'echo "python3 $* $SKALD_BIN" >> "$CALLS"\n')
        machine.run("./dev", "story", "course")
        self.assertEqual(machine.calls("python3"), ["python3 sagas/systems/story.py course build/release/skald"])

    def test_an_unknown_verb_is_a_usage_error(self):
        answer = Machine(installed=[]).run("./dev", "tets")
        self.assertEqual(answer.returncode, 2)
        self.assertIn("no verb 'tets'", answer.stderr)

    def test_a_failed_test_fails_the_whole_and_the_sanitizers_still_run(self):
        machine = Machine(installed=packages() + ["libboost1.81-dev"], ctest=FAILED)
        self.assertEqual(machine.run("./dev", "test").returncode, 8)
        self.assertEqual([call.split()[2] for call in machine.calls("ctest")], ["build/test", "build/asan", "build/tsan"])


class BuildServer(unittest.TestCase):
    def last_line(self, **machine):
        answer = Machine(installed=packages() + ["libboost1.81-dev"], **machine).run(".ci/run")
        return answer.stdout.splitlines()[-1], answer.returncode

    def test_the_last_line_sums_up_all_runs(self):
        self.assertEqual(self.last_line(), ("21 passed, 0 failed", 0))

    def test_failed_tests_are_counted_and_keep_the_exit_code(self):
        self.assertEqual(self.last_line(ctest=FAILED), ("15 passed, 6 failed", 8))

    def test_a_build_that_fails_is_no_success(self):
        self.assertEqual(self.last_line(cmake="exit 1"), ("0 passed, 1 failed", 1))


if __name__ == "__main__":
    unittest.main()
