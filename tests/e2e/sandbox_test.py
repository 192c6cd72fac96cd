"""Stand-in services as users run them: over HTTP, in SQLite and in PostgreSQL alike."""

import collections
import http.client
import itertools
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from calls import call
from processes import BINARY, LogsOnFailure, Process, wait_until
from world import RECRUITMENT, Database, Service

NOTES = """
service: notes
port: 8100
storage: STORAGE
resources:
  note:
    fields: { id: text, text: optional text, stars: optional integer, price: optional number, done: optional boolean, at: optional time, more: optional json }
    states: { open: [gone], gone: [] }
routes:
  - { route: POST /notes, create: note, set: "${ .request.body }" }
  - { route: "PATCH /notes/{id}", change: note, set: "${ .request.body }" }
  - { route: "POST /notes/{id}/cancel", change: note, to: gone }
  - { route: "GET /notes/{id}", read: note }
  - { route: GET /notes, list: note, where: { done: true } }
"""
FULL = {"id": "a b/ü", "text": "it's \"quoted\" \\ \n", "stars": -9007199254740993, "price": 1.5, "done": True,
        "at": "2026-11-21T07:00:00Z", "more": {"list": [1, None, "x"]}}
FULL_PATH = "/notes/a%20b%2F%C3%BC"


def keyed(saga, step, operation="action"):
    return {"Idempotency-Key": f"{saga}:{step}" + (":undo" if operation == "compensate" else ""), "Saga-Id": saga,
            "Saga-Name": "noting", "Saga-Step": step, "Saga-Operation": operation, "Saga-Attempt": "1"}


class Contract(LogsOnFailure):
    """What holds in every storage."""

    storage = None

    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="skald-e2e-")
        os.chmod(cls.directory, 0o755)
        cls.database = Database(cls.directory)
        file = os.path.join(cls.directory, "notes.service.yaml")
        with open(file, "w", encoding="utf-8") as out:
            out.write(NOTES.replace("STORAGE", cls.storage))
        cls.notes = Service(file, cls.directory, cls.database.create("notes")).start()

    @classmethod
    def tearDownClass(cls):
        cls.notes.stop()
        cls.database.stop()
        shutil.rmtree(cls.directory)

    def setUp(self):
        self.notes.ensure()

    def post(self, path, body, headers=None):
        return call("POST", self.notes.url + path, body, headers)

    def test_a_resource_comes_back_as_it_was_given_after_a_kill_too(self):
        self.assertEqual(self.post("/notes", FULL).status, 201)
        self.notes.process.kill()
        self.notes.start()
        self.assertEqual(self.notes.get(FULL_PATH).json, {**FULL, "status": "open"})
        self.assertEqual([note["id"] for note in self.notes.get("/notes").json["items"]], [FULL["id"]])
        changed = call("PATCH", self.notes.url + FULL_PATH, {"done": None, "stars": 2})
        self.assertEqual(changed.json, {**FULL, "done": None, "stars": 2, "status": "open"})
        self.assertEqual(self.notes.get("/notes").json["items"], [])

    def test_one_key_has_one_effect_and_one_undo_over_restarts(self):
        self.assertEqual(self.post("/notes", {"id": "k"}, keyed("k", "add")).status, 201)
        self.notes.process.kill()
        self.notes.start()
        again = self.post("/notes", {"id": "k"}, keyed("k", "add"))
        self.assertEqual((again.status, again.headers["Idempotency-Replayed"]), (201, "true"))
        self.assertEqual(self.post("/notes/k/cancel", None, keyed("k", "add", "compensate")).json["status"], "gone")
        self.assertEqual(self.post("/notes/k/cancel", None, keyed("k", "add", "compensate")).status, 200)
        self.assertEqual(self.post("/notes", {"id": "k"}, keyed("k", "add")).status, 409)
        self.assertEqual([entry["effect"] for entry in self.notes.ledger("k")], [True, False, True, False, False])

    def test_of_many_at_once_each_that_was_answered_is_there_after_a_kill_and_happened_once(self):
        answered = []

        def ask(user):
            for number in itertools.count():
                name = f"many-{user}-{number}"
                try:
                    self.assertEqual(self.post("/notes", {"id": name}, keyed(name, "add")).status, 201)
                except (OSError, http.client.HTTPException):
                    return  # it was killed
                answered.append(name)

        with ThreadPoolExecutor(16) as users:
            asking = [users.submit(ask, user) for user in range(16)]
            wait_until(lambda: len(answered) > 200, "many were answered")
            self.notes.process.kill()
        self.assertEqual([user.exception() for user in asking], [None] * 16)
        self.notes.start()
        effects = collections.Counter(entry["saga"] for entry in self.notes.effects() if (entry["saga"] or "").startswith("many-"))
        self.assertEqual([name for name in answered if effects[name] != 1], [])
        self.assertEqual([name for name in effects if effects[name] > 1], [])
        self.assertEqual(self.notes.get("/notes/" + answered[-1]).status, 200)

    def test_an_undo_that_comes_first_is_404_and_keeps_its_action_out(self):
        self.assertEqual(self.post("/notes/u/cancel", None, keyed("u", "add", "compensate")).status, 404)
        self.assertEqual(self.post("/notes", {"id": "u"}, keyed("u", "add")).status, 409)
        self.assertEqual(self.notes.get("/notes/u").status, 404)

    def test_what_does_not_fit_is_refused_and_leaves_nothing(self):
        for body in ({"id": "x", "stars": "many"}, {"id": "x", "stars": 1e30}, {"id": "x", "at": "noon"}, {"id": "x", "colour": "red"}, {}):
            self.assertEqual(self.post("/notes", body).status, 422, body)
        self.assertEqual(self.post("/notes", b"{").status, 400)
        self.assertEqual(self.notes.get("/notes/x").status, 404)

    def test_a_drop_closes_the_connection_without_an_answer_and_after_the_effect_the_effect_stays(self):
        for number, after_effect in enumerate((False, True)):
            self.notes.fault(match="POST /notes", drop=True, afterEffect=after_effect, times=1)
            with self.assertRaises((http.client.RemoteDisconnected, ConnectionResetError)):
                self.post("/notes", {"id": f"d{number}"})
            self.assertEqual(self.notes.get(f"/notes/d{number}").status, 200 if after_effect else 404)

    def test_latency_delays_the_effect_or_after_the_effect_only_the_answer(self):
        for number, after_effect in enumerate((False, True)):
            self.notes.fault(match="POST /notes", latency="400ms", afterEffect=after_effect)
            begun = time.monotonic()
            with self.assertRaises(TimeoutError):
                call("POST", self.notes.url + "/notes", {"id": f"l{number}"}, timeout=0.1)
            seen = self.notes.get(f"/notes/l{number}").status
            if time.monotonic() - begun < 0.3:
                self.assertEqual(seen, 200 if after_effect else 404)
            self.assertEqual(self.post("/notes", {"id": f"m{number}"}).status, 201)
            self.assertGreaterEqual(time.monotonic() - begun, 0.4)
            self.assertEqual(self.notes.get(f"/notes/l{number}").status, 200)


class InSqlite(Contract, unittest.TestCase):
    storage = "sqlite"


class InPostgres(Contract, unittest.TestCase):
    storage = "postgres"

    def test_its_connections_may_be_cut_and_it_goes_on(self):
        self.assertEqual(self.post("/notes", {"id": "cut"}).status, 201)
        self.database.query(f"host={self.database.socket} user=skald dbname=notes",
                            "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = 'notes'")
        first = self.post("/notes", {"id": "cut-2"}, keyed("cut", "two"))
        self.assertIn(first.status, (201, 503))
        self.assertEqual(self.post("/notes", {"id": "cut-2"}, keyed("cut", "two")).status, 201)
        self.assertEqual(len(self.notes.effects("cut")), 1)


class CommandLine(unittest.TestCase):
    def sandbox(self, *arguments):
        with tempfile.TemporaryDirectory() as directory:
            return subprocess.run([BINARY, "sandbox", *arguments, "--data", directory], capture_output=True, text=True,
                                  timeout=30, check=False)

    def test_a_faulty_service_file_is_refused_with_every_fault_at_its_place(self):
        with tempfile.NamedTemporaryFile("w", suffix=".service.yaml") as file:
            file.write("service: notes\nport: many\nresources: {}\nroutes: []\ncolour: red\n")
            file.flush()
            done = self.sandbox(file.name)
        self.assertEqual(done.returncode, 6, done.stderr)
        self.assertRegex(done.stderr, re.escape(file.name) + ":2:7: error")
        self.assertRegex(done.stderr, re.escape(file.name) + ":5:1: error")
        self.assertEqual(done.stdout, "")

    def test_a_service_in_postgresql_without_a_database_says_what_to_give(self):
        done = self.sandbox(os.path.join(RECRUITMENT, "enrollment.service.yaml"))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("--database-url", done.stderr)

    def test_several_services_run_in_one_process_on_ports_of_their_own(self):
        with tempfile.TemporaryDirectory() as directory:
            files = [os.path.join(RECRUITMENT, name + ".service.yaml") for name in ("recruitment", "qualification")]
            ports = {f"SKALD_SANDBOX_{name}_PORT": "0" for name in ("RECRUITMENT", "QUALIFICATION")}
            both = Process("both", [BINARY, "sandbox", *files, "--data", directory], directory, ports).start()
            try:
                urls = wait_until(lambda: len(u := re.findall(r"(?m)^\w+ (http://[\d.:]+)$", both.log())) == 2 and u, "both listen")
                self.assertEqual([call("GET", url + "/_health").json["service"] for url in urls], ["recruitment", "qualification"])
            finally:
                status = both.stop()
        self.assertEqual(status, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
