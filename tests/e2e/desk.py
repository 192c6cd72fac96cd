"""A world with one stand-in service, the desk, and the definitions of tests/e2e/definitions: for tests of what the
language and the operators' verbs do, whatever the business."""

import os
import shutil
import subprocess
import tempfile
import unittest

from calls import call
from processes import BINARY, LogsOnFailure, Process, show_logs, wait_until
from world import ENDED, Database, Engine, Service

DEFINITIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "definitions")


class DeskWorld:
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="skald-e2e-")
        os.chmod(self.directory, 0o755)
        self.database = Database(self.directory)
        self.conninfo = self.database.create("skald")
        self.desk = Service(os.path.join(DEFINITIONS, "desk.service.yaml"), self.directory, self.conninfo)
        migrated = subprocess.run([BINARY, "migrate", "--database-url", self.conninfo], capture_output=True, text=True,
                                  check=False)
        assert migrated.returncode == 0, migrated.stderr
        self.desk.start()
        self.engine = Engine(self.directory, self.conninfo, [self.desk], DEFINITIONS).start()

    def end(self):
        for process in reversed(list(Process.running)):
            if process is not self.database.process:
                process.stop()
        self.database.stop()
        shutil.rmtree(self.directory)


class DeskTest(LogsOnFailure, unittest.TestCase):
    """A test in a world that its class shares. What it leaves unfinished is terminated, so that nothing of it reaches
    the next."""

    @classmethod
    def setUpClass(cls):
        try:
            cls.world = DeskWorld()
        except BaseException:
            show_logs()
            for process in reversed(list(Process.running)):
                process.stop()
            raise
        cls.engine, cls.desk = cls.world.engine, cls.world.desk

    @classmethod
    def tearDownClass(cls):
        cls.world.end()

    def setUp(self):
        self.desk.ensure()

    def tearDown(self):
        super().tearDown()
        unfinished = "running,waiting,paused,compensating,stuck"
        for saga in self.get(f"/v1/sagas?status={unfinished}&limit=500").json["items"]:
            self.ask(saga["id"], "terminate", {"reason": "the test is over"})

    def get(self, path):
        return call("GET", self.engine.url + path)

    def post(self, path, body=None, headers=None):
        return call("POST", self.engine.url + path, body, headers)

    def start(self, name, **given):
        answer = self.post(f"/v1/sagas/{name}", given)
        self.assertEqual(answer.status, 201, answer)
        return answer.json["id"]

    def ask(self, saga, verb, body=None):
        return self.post(f"/v1/sagas/{saga}/{verb}", body)

    def accept(self, saga, verb, body=None):
        """Asks what must be accepted; the saga as it then stands."""
        answer = self.ask(saga, verb, body)
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual(answer.headers["Location"], "/v1/sagas/" + saga)
        return answer.json

    def assert_refused(self, answer, status, sentence=""):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertIn(sentence, answer.json["detail"])

    def until(self, saga, status):
        """The saga once it has that status; another end than that fails at once."""
        def there():
            found = self.engine.saga(saga)
            self.assertFalse(found["status"] in ENDED and found["status"] != status, found)
            return found["status"] == status and found
        return wait_until(there, f"saga {saga} is {status}")

    def until_waiting(self, saga, reason):
        """What it waits for, once it waits for that."""
        return wait_until(lambda: next((w for w in self.engine.saga(saga)["waitingFor"] if w["reason"] == reason), None),
                          f"saga {saga} waits: {reason}")

    def events(self, saga, *types):
        """Its events, or those of these types."""
        return [event for event in self.engine.events(saga) if not types or event["type"] in types]

    def deeds(self, saga):
        """{name: status} of what the desk did for it."""
        items = self.desk.get("/deeds").json["items"]
        return {deed["id"].rsplit("-", 1)[1]: deed["status"] for deed in items if deed["id"].startswith(saga)}
