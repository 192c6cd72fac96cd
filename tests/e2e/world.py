"""The world of a test: a PostgreSQL, stand-in services and an engine, each a process of its own, and short ways to
ask them. Everything lies in one directory, which is removed at the end."""

import glob
import os
import shutil
import signal
import subprocess
import tempfile
import unittest

from calls import answers, call
from processes import BINARY, SOURCE, LogsOnFailure, Process, free_port, show_logs, wait_until
from verified import verify

RECRUITMENT = os.path.join(SOURCE, "sagas", "systems", "recruitment")
ENDED = ("completed", "compensated", "cancelled", "failed")


class Database:
    """A PostgreSQL server on a socket. PostgreSQL refuses to run as root; then it runs as the user postgres."""

    def __init__(self, directory):
        self.user = "postgres" if os.geteuid() == 0 else None
        self.programs = max(glob.glob("/usr/lib/postgresql/*/bin"), default=os.path.dirname(shutil.which("postgres") or ""))
        self.created = []  # the conninfo of each database
        self.data = os.path.join(directory, "postgres")
        self.socket = os.path.join(directory, "socket")
        for folder in (self.data, self.socket):
            os.mkdir(folder, 0o700)
            if self.user:
                shutil.chown(folder, self.user)
        self.run("initdb", "--pgdata", self.data, "--auth", "trust", "--username", "skald", "--encoding", "UTF8",
                 "--locale", "C", "--no-sync")
        self.process = Process("postgres", [os.path.join(self.programs, "postgres"), "-D", self.data, "-k", self.socket,
                                            "-c", "listen_addresses="], directory, user=self.user).start()
        wait_until(lambda: self.try_run("pg_isready", "--host", self.socket), "PostgreSQL is ready")

    def run(self, program, *arguments):
        done = subprocess.run([os.path.join(self.programs, program), *arguments], user=self.user, cwd="/",
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{program}: {done.stderr}"
        return done.stdout

    def try_run(self, program, *arguments):
        return subprocess.run([os.path.join(self.programs, program), *arguments], user=self.user, cwd="/",
                              capture_output=True, check=False).returncode == 0

    def create(self, name):
        self.run("psql", "--host", self.socket, "--username", "skald", "postgres", "-c", f"create database {name}")
        self.created.append(f"host={self.socket} user=skald dbname={name}")
        return self.created[-1]

    def query(self, conninfo, sql):
        """Rows of texts, as psql prints them unaligned."""
        out = self.run("psql", conninfo, "--no-align", "--tuples-only", "--field-separator", "\t", "-c", sql)
        return [line.split("\t") for line in out.splitlines()]

    def stop(self):
        self.process.stop(signal.SIGINT)


class Service:
    """A stand-in service as a process of its own, with a data directory of its own, always on the same port. The engine
    knows it by the name that the file declares, unless it is `known_as` another."""

    def __init__(self, file, directory, conninfo, name=None, known_as=None):
        declared = os.path.basename(file).split(".")[0]
        self.name = known_as or declared
        label = name or self.name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = os.path.join(directory, "data-" + label)
        command = [BINARY, "sandbox", file, "--data", self.data, "--database-url", conninfo]
        port = {f"SKALD_SANDBOX_{declared.upper()}_PORT": str(self.port)}
        self.process = Process("service-" + label, command, directory, port)
        self.faults = []

    def start(self):
        self.process.start()
        wait_until(lambda: answers(self.url + "/_health"), f"the service {self.name} answers")
        return self

    def stop(self):
        self.process.stop()

    def ensure(self):
        """Up and without faults, whatever a test left behind."""
        if not self.process.is_running():
            self.process.stop()
            self.start()
        self.clear_faults()

    def get(self, path):
        return call("GET", self.url + path)

    def ledger(self, saga=None):
        query = f"?saga={saga}" if saga else ""
        return self.get("/_ledger" + query).json["items"]

    def effects(self, saga=None):
        return [entry for entry in self.ledger(saga) if entry["effect"]]

    def fault(self, **fault):
        """This one, in the place of all before."""
        self.faults = []
        self.add_fault(**fault)

    def add_fault(self, **fault):
        """Besides those before, which count anew."""
        self.faults.append(fault)
        answer = call("PUT", self.url + "/_faults", self.faults)
        assert answer.status == 200, answer

    def clear_faults(self):
        self.faults = []
        call("DELETE", self.url + "/_faults")


class Engine:
    """`skald serve` with the definitions of a directory, always on the same port."""

    def __init__(self, directory, conninfo, services, definitions=RECRUITMENT, lanes=1):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.command = [BINARY, "serve", "--database-url", conninfo, "--port", str(self.port), "--node", "e2e",
                        "--lanes", str(lanes), "--definitions", definitions,
                        "--services", os.path.join(definitions, "services.yaml")]
        self.process = Process("engine", self.command, directory, service_urls(services))

    def start(self):
        self.process.start()
        wait_until(self.is_ready, "the engine is ready")
        return self

    def be_called(self, name):
        """From its next start on: another node, to which what this one had belongs only after a take-over."""
        self.command[self.command.index("--node") + 1] = name

    def is_ready(self):
        assert self.process.is_running(), "the engine ended: " + self.process.log()[-2000:]
        return answers(self.url + "/readyz")

    def stop(self):
        return self.process.stop()

    def kill(self):
        self.process.kill()

    def apply(self, applicant, skill="welding", key=None, **more):
        body = {"applicantId": applicant, "name": "Ann " + applicant, "age": 30, "skill": skill, "job": "welder", **more}
        return call("POST", self.url + "/v1/sagas/recruitment", body, {"Idempotency-Key": key} if key else {})

    def saga(self, saga):
        answer = call("GET", f"{self.url}/v1/sagas/{saga}")
        assert answer.status == 200, answer
        return answer.json

    def events(self, saga):
        answer = call("GET", f"{self.url}/v1/sagas/{saga}/events?limit=1000")
        assert answer.status == 200, answer
        return answer.json["items"]

    def cancel(self, saga, reason="changed my mind"):
        return call("POST", f"{self.url}/v1/sagas/{saga}/cancel", {"reason": reason})

    def ended(self, saga, status):
        """The saga once it has ended; its status must be this one."""
        found = wait_until(lambda: (s := self.saga(saga))["status"] in ENDED and s, f"saga {saga} ends")
        assert found["status"] == status, found
        return found


def service_urls(services):
    return {f"SKALD_SERVICE_{service.name.upper()}_URL": service.url for service in services}


class Ground:
    """What every world stands on: a directory, a PostgreSQL, and in it the engine's database, migrated."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="skald-e2e-")
        os.chmod(self.directory, 0o755)
        self.database = Database(self.directory)
        self.conninfo = self.database.create("skald")
        migrated = subprocess.run([BINARY, "migrate", "--database-url", self.conninfo], capture_output=True, text=True,
                                  check=False)
        assert migrated.returncode == 0, migrated.stderr

    def query(self, sql):
        return self.database.query(self.conninfo, sql)

    def end(self):
        for process in reversed(list(Process.running)):
            if process is not self.database.process:
                process.stop()
        try:
            self.verify()
        finally:
            self.database.stop()
            shutil.rmtree(self.directory)

    def verify(self):
        """Every log that the tests had made, whatever they did to it."""
        for conninfo in self.database.created:
            if self.database.query(conninfo, "select to_regclass('skald.event')") != [[""]]:
                verify(conninfo)


class World(Ground):
    """The recruitment system: three services, an engine, and a database for the service that keeps its data in
    PostgreSQL."""

    def __init__(self):
        super().__init__()
        self.services_conninfo = self.database.create("services")
        self.recruitment, self.qualification, self.enrollment = [
            Service(os.path.join(RECRUITMENT, name + ".service.yaml"), self.directory, self.services_conninfo)
            for name in ("recruitment", "qualification", "enrollment")]
        self.services = [self.recruitment, self.qualification, self.enrollment]
        for service in self.services:
            service.start()
        self.engine = Engine(self.directory, self.conninfo, self.services).start()


class WorldTest(LogsOnFailure, unittest.TestCase):
    """A test in a world that its class shares."""

    @classmethod
    def make_world(cls):
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        try:
            cls.world = cls.make_world()
        except BaseException:
            show_logs()
            for process in reversed(list(Process.running)):
                process.stop()
            raise
        cls.engine = cls.world.engine

    @classmethod
    def tearDownClass(cls):
        cls.world.end()


class RecruitmentTest(WorldTest):
    @classmethod
    def make_world(cls):
        return World()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.recruitment, cls.qualification, cls.enrollment = cls.world.services

    def setUp(self):
        for service in self.world.services:
            service.ensure()

    def assert_undone(self, saga):
        """Nothing of it is left in force: the application is marked, no enrollment stands."""
        application = self.recruitment.get("/applications/" + saga)
        self.assertIn(application.status, (200, 404))
        if application.status == 200:
            self.assertEqual(application.json["status"], "cancelled")
        enrollment = self.enrollment.get("/enrollments/" + saga)
        self.assertIn(enrollment.status, (200, 404))
        if enrollment.status == 200:
            self.assertEqual(enrollment.json["status"], "cancelled")
