"""`./dev story SYSTEM`: what it prints is the story, it leaves nothing behind, and it tells when a story goes wrong. The
scripts themselves fail when an answer is not the one that they tell of."""

import os
import re
import subprocess
import sys
import unittest

from processes import BINARY, LogsOnFailure
from sandbox import Sandbox
from systems import NAMES, SYSTEMS, at_once

TELLER = os.path.join(SYSTEMS, "story.py")
MY_PAGES = {"recruitment": "recruitment-my-page", "course": "course-board", "tutoring": "buyer-purchases", "datecourse": "schedule-page",
            "certificate": "certificate-my-page"}


def tell(system, **environment):
    # Nobody listens at that server, whoever has a sandbox running on this machine.
    return subprocess.run([sys.executable, TELLER, system], capture_output=True, text=True, check=False, timeout=120,
                          env={**os.environ, "SKALD_BIN": os.path.abspath(BINARY), "SKALD_SERVER": "http://127.0.0.1:9", **environment})


def told_as_promised(test, system, done):
    test.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout[-2000:])
    for told in (r"(?m)^    201$", r"(?m)^    saga +completed$", r"refused: ", r" undone$", r"(?m)^    saga +cancelled$",
                 rf"(?m)^{MY_PAGES[system]} where .+:\n    \w+ \""):
        test.assertRegex(done.stdout, re.compile(told, re.MULTILINE), done.stdout)


class Telling(unittest.TestCase):
    def test_each_system_tells_of_a_success_a_refusal_and_a_cancel_and_shows_its_views(self):
        for system, done in zip(NAMES, at_once(tell, NAMES)):
            with self.subTest(system=system):
                told_as_promised(self, system, done)
                url = re.search(r"on (http\S+), a sandbox for this story alone", done.stdout).group(1)
                self.assertEqual(tell(system, SKALD_BIN="/bin/false", SKALD_SERVER=url).returncode, 1, "its sandbox is gone")

    def test_an_unknown_system_is_answered_with_the_known_ones(self):
        done = tell("recruitmnet")
        self.assertEqual(done.returncode, 1)
        self.assertIn("recruitment", done.stderr)


class OnTheSandboxOfUp(LogsOnFailure, unittest.TestCase):
    """The stories once more on one engine that knows all systems and goes on, so that it can be verified: a sandbox of the
    story's own is gone with the story, database and all."""

    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()

    @classmethod
    def tearDownClass(cls):
        cls.sandbox.end()

    def test_a_story_is_told_on_the_sandbox_that_runs_and_as_often_as_one_likes(self):
        for system in NAMES * 2:
            with self.subTest(system=system):
                done = tell(system, SKALD_SERVER=self.sandbox.url, SKALD_BIN="/bin/false")
                told_as_promised(self, system, done)
                self.assertIn(f"# {system}, on {self.sandbox.url}\n", done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
