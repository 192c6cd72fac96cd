"""What is measured and what measures it, as processes of one machine: a durable PostgreSQL, the engine, the
benchmark's services and its client."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request

import machine

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(HERE, "..", "e2e"))  # behind: some modules there have the names of ours
from processes import free_port  # noqa: E402
DEFINITIONS = os.path.join(HERE, "definitions")


def wait_until(condition, what, seconds=30, every=0.02):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"waited {seconds} s in vain for {what}")
        time.sleep(every)


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def environment_with(values):
    return {**os.environ, **values}


class Service:
    """One small server that answers at once (or as `mode` says)."""

    def __init__(self, stand, mode=""):
        self.port = free_port()
        self.process = stand.start([stand.program("bench_service"), str(self.port), *([mode] if mode else [])],
                                   "service")
        if mode != "hang":
            wait_until(lambda: answers(f"http://127.0.0.1:{self.port}/"), "the service")

    def posts(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
            return int(answer.read())


class Engine:
    """`skald serve` on the stand's database, calling that service."""

    name = "skald"

    def __init__(self, stand, service, lanes=1, port=None, flags=(), under=(), conninfo=None, definitions=DEFINITIONS):
        """`under`: a command that runs it, such as valgrind with its options; `conninfo`: of another database."""
        self.stand, self.service, self.flags, self.lanes = stand, service, flags, lanes
        self.conninfo = conninfo or stand.postgres.conninfo
        self.port = port or free_port()
        self.process = stand.start(
            [*under, stand.skald, "serve", "--port", str(self.port), "--node", "bench", "--lanes", str(lanes), *flags,
             "--definitions", definitions, "--services", f"{DEFINITIONS}/services.yaml"],
            "engine", {"SKALD_DATABASE_URL": self.conninfo,
                       "SKALD_SERVICE_BENCH_URL": f"http://127.0.0.1:{service.port}",
                       "SKALD_SERVICE_HANGING_URL": f"http://127.0.0.1:{stand.hanging.port}",
                       "SKALD_SERVICE_DEAD_URL": f"http://127.0.0.1:{free_port()}"})
        self.roles = {"engine": self.process}  # whose CPU and memory are told under which name; a peer has a worker, too
        wait_until(lambda: answers(f"http://127.0.0.1:{self.port}/readyz"), "the engine to be ready", 60)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.stand.stop(self.process)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def again(self):
        """Another process in its place: same node, same port."""
        return Engine(self.stand, self.service, self.lanes, self.port, self.flags, conninfo=self.conninfo)


class Stand:
    def __init__(self, build, directory, warm=1.0, settle=1.1, settings=()):
        """`warm`: seconds of load before the first measurement of an engine; `settle`: PostgreSQL's own counters arrive with
        a delay of a second; `settings`: of PostgreSQL."""
        self.directory, self.warm, self.settle = directory, warm, settle
        self.skald = os.path.join(build, "skald")
        self.programs = os.path.join(build, "tests", "bench")
        self.processes = []
        self.postgres = machine.Postgres(directory, settings)
        self.migrate(self.postgres.conninfo)
        self.service = Service(self)
        self.refusing = Service(self, "refuse-half")
        self.hanging = Service(self, "hang")

    def migrate(self, conninfo):
        subprocess.run([self.skald, "migrate"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env=environment_with({"SKALD_DATABASE_URL": conninfo}))

    def new_database(self, name):
        self.postgres.value(f"create database {name}")
        conninfo = self.postgres.conninfo.replace("dbname=postgres", f"dbname={name}")
        self.migrate(conninfo)
        return conninfo

    def program(self, name):
        return os.path.join(self.programs, name)

    def start(self, command, name, environment=None):
        log = open(os.path.join(self.directory, name + ".log"), "ab")
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment_with(environment or {}))
        process.name = name
        self.processes.append(process)
        return process

    def say_who_failed(self):
        """Of each process that ended by itself: how, and its last words."""
        for process in self.processes:
            if process.poll() not in (None, 0, -signal.SIGTERM, -signal.SIGKILL):
                with open(os.path.join(self.directory, process.name + ".log"), encoding="utf-8", errors="replace") as log:
                    print(f"{process.name} ended with {process.returncode}:\n{log.read()[-2000:]}", file=sys.stderr)

    def client(self, port, path, clients, seconds, **options):
        """The client as a process of its own; answer_of() waits for it."""
        if "body" in options:
            file = os.path.join(self.directory, "body.json")
            with open(file, "w") as text:
                json.dump(options["body"], text)
            options["body"] = file
        return subprocess.Popen([self.program("bench_load"), str(port), path, str(clients), str(seconds),
                                 *(f"{key}={value}" for key, value in options.items())],
                                stdout=subprocess.PIPE, text=True)

    def load(self, port, path, clients, seconds, **options):
        return self.answer_of(self.client(port, path, clients, seconds, **options))

    @staticmethod
    def answer_of(client):
        out, _ = client.communicate()
        if client.returncode != 0:
            raise RuntimeError("the client of the benchmark failed")
        usage = json.loads(out)
        usage["per_second"] = usage["accepted"] / max(usage["seconds"], 1e-9)
        return usage

    def measure(self, engine, path, clients, seconds, **options):
        """One load, with what it cost whom, divided by the sagas that were accepted."""
        before = machine.Usage(self, engine)
        usage = self.load(engine.port, path, clients, seconds, **options)
        after_client = machine.client_seconds()
        time.sleep(self.settle)
        cost = machine.Usage(self, engine).since(before, max(usage["accepted"], 1))
        cost["cpu_client_us"] = (after_client - before.client) * 1e6 / max(usage["accepted"], 1)
        return {"engine": engine.name, "clients": clients, "sagas": usage["accepted"], "sagas_per_second": usage["per_second"],
                **{key: usage[key] for key in ("p50_ms", "p95_ms", "p99_ms", "max_ms", "statuses", "retry_after",
                                               "seconds")},
                **cost, "engine_mb": sum(machine.resident_mb(process.pid) for process in engine.roles.values())}

    def append(self, batch, seconds):
        out = subprocess.run([self.program("bench_append"), self.postgres.conninfo, str(batch), str(seconds)],
                             check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(out.stdout)["sagas_per_second"]

    def stop(self, process):
        if process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def close(self):
        for process in self.processes:
            self.stop(process)
        self.postgres.stop()
