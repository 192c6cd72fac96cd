"""`skald explore`: what it says of files, and what a preview says of running sagas without changing them."""

import glob
import json
import os
import shutil
import subprocess
import tempfile
import unittest

from desk import DeskTest
from processes import BINARY, SOURCE

RECRUITMENT = os.path.join(SOURCE, "sagas", "systems", "recruitment")
SAGA = os.path.join(RECRUITMENT, "recruitment.saga.yaml")
SECOND, LAST = "POST /deeds/second action", "POST /deeds/last action"

# The undo needs an answer that may never have come.
NEEDY = """
saga: needy
steps:
  - id: reserve
    http: { service: stock, method: POST, path: /reservations }
    compensate:
      http: { service: stock, method: DELETE, path: "/reservations/${ .steps.reserve.output.id }" }
"""


def explore(*arguments):
    return subprocess.run([BINARY, "explore", *arguments], capture_output=True, text=True, check=False)


class Exploring(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="skald-explore-")
        self.addCleanup(shutil.rmtree, self.directory)

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def test_a_shipped_definition_has_no_surprise(self):
        done = explore(SAGA)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertIn("recruitment.saga.yaml: no surprise\n", done.stdout)
        self.assertIn("said by compensation.onFailure: stuck", done.stdout)

    def test_no_definition_of_the_systems_has_a_surprise(self):
        files = sorted(glob.glob(os.path.join(SOURCE, "sagas", "systems", "*", "*.saga.yaml")))
        done = explore(*files)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertEqual(done.stdout.count(": no surprise\n"), len(files))

    def test_a_surprise_ends_with_6_and_is_told_as_a_story(self):
        done = explore(self.write("needy.saga.yaml", NEEDY))
        self.assertEqual(done.returncode, 6, done.stdout)
        self.assertIn("1 surprise\n", done.stdout)
        self.assertIn("the undo of 'reserve' cannot be written", done.stdout)
        self.assertIn("the definition does not say so", done.stdout)

    def test_several_files_are_one_document_in_every_format(self):
        needy = self.write("needy.saga.yaml", NEEDY)
        done = explore(SAGA, needy, "-o", "json")
        self.assertEqual(done.returncode, 6)
        items = json.loads(done.stdout)["items"]
        self.assertEqual([item["surprises"] for item in items], [False, True])
        self.assertEqual([item["definition"] for item in items], ["recruitment", "needy"])
        self.assertEqual(items[0]["histories"], sum(end["histories"] for end in items[0]["ends"]))
        self.assertEqual(len(explore(SAGA, needy, "-o", "jsonl").stdout.splitlines()), 2)
        self.assertIn("surprises: true", explore(needy, "-o", "yaml").stdout)

    def test_twice_it_says_the_same(self):
        self.assertEqual(explore(SAGA).stdout, explore(SAGA).stdout)

    def test_a_definition_with_errors_is_not_explored_and_ends_with_6(self):
        done = explore(self.write("bad.saga.yaml", NEEDY.replace("steps.reserve", "steps.resrve")))
        self.assertEqual(done.returncode, 6)
        self.assertRegex(done.stdout, r"bad\.saga\.yaml:7:\d+: error: ")
        self.write("services.yaml", "services: { other: { url: http://127.0.0.1:1 } }\n")
        unregistered = explore(self.write("needy.saga.yaml", NEEDY), "-o", "json")
        self.assertFalse(json.loads(unregistered.stdout)["items"][0]["valid"])
        self.assertEqual(explore("/no/such.saga.yaml").returncode, 6)

    def test_beyond_its_bound_it_says_what_it_left_out(self):
        done = explore(SAGA, "--situations", "20")
        self.assertIn("not complete", done.stdout)

    def test_without_a_file_or_a_saga_it_is_a_fault_of_usage(self):
        self.assertEqual(explore().returncode, 2)
        self.assertEqual(explore(SAGA, "--preview", "x").returncode, 2)


class Previewing(DeskTest):
    def preview(self, saga):
        done = explore("--preview", saga, "--server", self.engine.url, "-o", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return {item["if"]: item for item in json.loads(done.stdout)["items"]}

    def test_what_would_be_undone_is_what_a_cancel_then_undoes(self):
        self.desk.fault(match=SECOND, status=503)
        saga = self.start("deeds", key="preview")
        self.until(saga, "stuck")
        before = self.events(saga)
        foreseen = self.preview(saga)["it were cancelled"]
        self.assertEqual(self.events(saga), before)
        self.assertEqual([(call["step"], call["method"], call["service"], call["path"]) for call in foreseen["calls"]],
                         [("second", "POST", "desk", "/deeds/second/undo"), ("first", "POST", "desk", "/deeds/first/undo")])
        self.assertEqual(foreseen["calls"][1]["body"], {"id": saga + "-first"})
        self.assertEqual(foreseen["calls"][1]["idempotencyKey"], saga + ":first:undo")
        self.desk.clear_faults()
        self.accept(saga, "cancel", {"reason": "as foreseen"})
        self.assertEqual(self.until(saga, "cancelled")["status"], foreseen["ends"])
        undone = [event["step"] for event in self.events(saga, "CompensationRequested")]
        self.assertEqual(undone, [call["step"] for call in foreseen["calls"]])

    def test_past_the_pivot_it_says_that_it_is_too_late(self):
        self.desk.fault(match=LAST, status=503)
        saga = self.start("deeds", key="late")
        self.until_waiting(saga, "retry")
        told = self.preview(saga)
        self.assertIn("no way back", told["it were cancelled"]["refused"])
        self.assertIn("stuck at last", told["last were refused"]["refused"])
        table = explore("--preview", saga, "--server", self.engine.url)
        self.assertIn("refused: there is no way back", table.stdout)

    def test_of_a_saga_that_has_ended_nothing_would_be_called(self):
        saga = self.start("deeds", key="over")
        self.until(saga, "completed")
        for told in self.preview(saga).values():
            self.assertIn("completed", told["refused"])

    def test_an_unknown_saga_ends_with_3_and_no_server_with_7(self):
        unknown = "0198c1f2-0000-7000-8000-000000000000"
        self.assertEqual(explore("--preview", unknown, "--server", self.engine.url).returncode, 3)
        self.assertEqual(explore("--preview", unknown, "--server", "http://127.0.0.1:9").returncode, 7)


if __name__ == "__main__":
    unittest.main(verbosity=2)
