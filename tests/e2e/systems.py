"""A system of sagas/systems as a test meets it: PostgreSQL, each of its stand-in services and an engine with its
definitions, each a process of its own. One world serves all tests of a module; whoever leaves a service down or faulty
finds it mended before the next test."""

import glob
import os
import unittest
from concurrent.futures import ThreadPoolExecutor

from calls import answers, call
from processes import SOURCE, LogsOnFailure, Process, show_logs, wait_until
from saga_file import read_saga
from world import ENDED, Engine, Ground, Service

SYSTEMS = os.environ.get("SKALD_SYSTEMS", os.path.join(SOURCE, "sagas", "systems"))
NAMES = ("recruitment", "course", "tutoring", "datecourse", "certificate")


class SystemWorld(Ground):
    def __init__(self, system):
        super().__init__()
        self.services_conninfo = self.database.create("services")
        definitions = os.path.join(SYSTEMS, system)
        self.definitions = {saga.name: saga for saga in map(read_saga, sorted(glob.glob(os.path.join(definitions, "*.saga.yaml"))))}
        files = sorted(glob.glob(os.path.join(definitions, "*.service.yaml")))
        services = [Service(file, self.directory, self.services_conninfo) for file in files]
        self.services = {service.name: service for service in services}
        self.stories = []  # of failures.py
        start_all(services)
        self.engine = Engine(self.directory, self.conninfo, services, definitions).start()


def start_all(services):
    """Not in threads: a process ends with the thread that started it (processes.end_with_parent)."""
    for service in services:
        service.process.stop()
        service.process.start()
    for service in services:
        wait_until(lambda s=service: answers(s.url + "/_health"), f"the service {service.name} answers")


MOST_AT_ONCE = 30  # guards wait a second, on a busy machine too


def at_once(work, items, most=MOST_AT_ONCE):
    """work(item) for all items at the same time, or as many as the services can bear; their results in order. The first
    exception is raised."""
    items = list(items)
    with ThreadPoolExecutor(max_workers=min(len(items), most)) as threads:
        return list(threads.map(work, items))


_worlds = {}


def world_of(system):
    """The module's world of that system, begun by the first who asks and ended with the module."""
    if system not in _worlds:
        try:
            _worlds[system] = SystemWorld(system)
        except BaseException:
            show_logs()
            for process in reversed(list(Process.running)):
                process.stop()
            raise
        unittest.addModuleCleanup(_worlds[system].end)
    return _worlds[system]


class SystemTest(LogsOnFailure, unittest.TestCase):
    """A test of one system. The world's services are attributes: self.issue, self.payment …"""

    system = None

    @classmethod
    def setUpClass(cls):
        if cls.system is None:
            raise unittest.SkipTest("a system's test names it")
        cls.world = world_of(cls.system)
        cls.engine = cls.world.engine
        cls.services = list(cls.world.services.values())
        for name, service in cls.world.services.items():
            setattr(cls, name, service)

    def setUp(self):
        start_all([service for service in self.services if not service.process.is_running()])
        for service in self.services:
            service.clear_faults()

    # --- asking

    def get(self, path):
        return call("GET", self.engine.url + path)

    def post(self, path, body=None, headers=None):
        return call("POST", self.engine.url + path, body, headers)

    def ask(self, saga, /, **given):
        """The answer to a start."""
        return self.post(f"/v1/sagas/{saga}", given)

    def start(self, saga, /, **given):
        """Starts what must be accepted; its id."""
        answer = self.ask(saga, **given)
        self.assertEqual(answer.status, 201, answer)
        return answer.json["id"]

    def refuse(self, status, saga, /, **given):
        """Starts what must be refused with a clear error; the problem, when the undo is through and nothing stands."""
        answer = self.ask(saga, **given)
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertTrue(answer.json["title"], answer)
        if status == 503:
            self.assertIn("Retry-After", answer.headers)
        self.ended(answer.json["saga"], "compensated")
        self.assert_undone(answer.json["saga"])
        return answer.json

    def signal(self, saga, event, /, **data):
        return self.post(f"/v1/sagas/{saga}/signals/{event}", data)

    def cancel(self, saga, status=202):
        answer = self.engine.cancel(saga)
        self.assertEqual(answer.status, status, answer)
        return answer.json

    # --- awaiting

    def ended(self, saga, status):
        return self.engine.ended(saga, status)

    def until_waiting(self, saga, step, reason=None):
        """The saga once that step waits or is tried again."""
        def there():
            found = self.engine.saga(saga)
            self.assertNotIn(found["status"], ENDED, found)
            waits = [wait for wait in found["waitingFor"] if wait["step"] == step]
            return waits and (reason is None or waits[0]["reason"] == reason) and found
        return wait_until(there, f"saga {saga} waits at {step}")

    def until_tried(self, saga, step, attempts=3):
        """That step was tried so often in vain, so who tries twice and gives up has given up."""
        def there():
            found = self.engine.saga(saga)
            self.assertNotIn(found["status"], ENDED, found)
            return any(known["id"] == step and known["attempts"] >= attempts for known in found["steps"])
        wait_until(there, f"saga {saga} tries {step} {attempts} times")

    def until(self, condition, what):
        return wait_until(condition, what)

    def circuit_is_open(self, service):
        """Or half open; as the metrics tell."""
        lines = [line for line in self.get("/metrics").text.splitlines()
                 if line.startswith("skald_circuit_state") and f'service="{service}"' in line]
        return any(float(line.rsplit(" ", 1)[1]) > 0 for line in lines)

    # --- views


    def row(self, view, key):
        """The row as it stands, or None."""
        answer = self.get(f"/v1/views/{view}/{key}")
        self.assertIn(answer.status, (200, 404), answer)
        return answer.json if answer.status == 200 else None

    def rows(self, view, **where):
        query = "&".join(f"{column}={value}" for column, value in where.items())
        answer = self.get(f"/v1/views/{view}?limit=1000&{query}")
        self.assertEqual(answer.status, 200, answer)
        return answer.json["items"]

    def shows(self, view, key, **columns):
        """The row once it shows these values: views follow the log."""
        last = [None]

        def fits():
            last[0] = self.row(view, key)
            return last[0] and all(last[0].get(name) == value for name, value in columns.items()) and last[0]

        try:
            return wait_until(fits, f"{view}/{key} shows {columns}")
        except AssertionError as failure:
            raise AssertionError(f"{failure}; it shows {last[0]}") from None

    # --- judging

    def assert_undone(self, saga):
        """No effect of it stands: whatever a service did for it, and can be undone, its undo has been answered for."""
        for service in self.services:
            if not service.process.is_running():
                continue  # a test has stopped it: it has had no effect since, or the saga would not have ended
            entries = service.ledger(saga)
            done, undone = effects_by_key([entry for entry in entries if entry["effect"]])
            self.assertLessEqual(set(done.values()) | set(undone.values()), {1}, f"{service.name} did or undid something twice: {entries}")
            answered = {entry["key"].removesuffix(":undo") for entry in entries if entry["operation"] == "compensate" and entry["answer"] == 200}
            kept = {entry["key"] for entry in entries if self.world.definitions[entry["sagaName"]].steps[entry["step"]].keeps}
            self.assertEqual(set(done) - answered - kept, set(), f"{service.name} has undone nothing of these: {entries}")

    def assert_once(self, saga):
        """Each effect of it stands once, and none is undone."""
        for service in self.services:
            done, undone = effects_by_key(service.effects(saga))
            self.assertEqual(undone, {}, service.name)
            self.assertLessEqual(set(done.values()), {1}, f"{service.name}: {done}")


def effects_by_key(entries):
    """How often each step's action had its effect, and its undo, of the entries of a ledger that had one."""
    done, undone = {}, {}
    for entry in entries:
        if entry["operation"] == "compensate":
            key = entry["key"].removesuffix(":undo")
            undone[key] = undone.get(key, 0) + 1
        else:
            done[entry["key"]] = done.get(entry["key"], 0) + 1
    return done, undone
