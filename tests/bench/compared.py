"""The same work by what a user would pick instead: same services, client and machine, in the same run (peers/README.md)."""

import hashlib
import json
import os
import shutil
import subprocess
import time
import urllib.request

from figures import CPU, LATENCY, RATE, median_of, table
from stand import HERE, answers, free_port, wait_until

SCRIPTS = os.path.join(HERE, "peers")
CLIENTS = (1, 64, 256)  # 16 is left out: four engines take long enough
OLDEST_NODE = 20


class Peer:
    """An engine with its worker, until the end of a `with`. `roles`: its processes by the name their CPU is told under."""

    conninfo = None  # of the database whose commits count as its own

    def __init__(self, stand, modules, service):
        self.stand, self.modules, self.service = stand, modules, service
        self.port, self.roles = free_port(), {}

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        for process in self.roles.values():
            end(process)

    def worker(self, script, port, **environment):
        """SDKs that write a line per saga into a log are told not to: nobody else here does."""
        return self.stand.start(["node", os.path.join(SCRIPTS, script), str(port)], script,
                                {"NODE_PATH": self.modules, "NODE_ENV": "production", "RESTATE_LOGGING": "WARN",
                                 "BENCH_SERVICE_URL": f"http://127.0.0.1:{self.service.port}", **environment})

    def warm(self):
        self.stand.load(self.port, self.start, 16, 3 * self.stand.warm)  # three times ours: Node compiles what is hot


def end(process):
    process.kill()
    process.wait()


def asked(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(),
                                     {"Content-Type": "application/json", "Accept": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


class Restate(Peer):
    """restate-server as it comes: 24 partitions, each write to its log with fsync."""

    name, start, settings = "restate", "/ThreeStep/run", {}

    def __init__(self, stand, modules, service):
        super().__init__(stand, modules, service)
        self.admin, self.fabric, worker = free_port(), free_port(), free_port()
        self.folder = os.path.join(stand.directory, self.name)
        self.roles["worker"] = self.worker("restate.js", worker)
        self.revive()
        wait_until(lambda: self.knows(f"http://127.0.0.1:{worker}"), "Restate to know its worker")
        self.warm()

    def revive(self):
        packages = os.path.join(self.modules, "@restatedev")
        binary = next(os.path.join(packages, name, "bin", "restate-server") for name in os.listdir(packages)
                      if name.startswith("restate-server-"))
        self.roles["engine"] = self.stand.start([binary], self.name, {
            "RESTATE_BASE_DIR": self.folder, "RESTATE_NODE_NAME": "bench", "RESTATE_LISTEN_MODE": "tcp", "RESTATE_BIND_IP": "127.0.0.1",
            "RESTATE_BIND_PORT": str(self.fabric), "RESTATE_ADMIN__BIND_PORT": str(self.admin),
            "RESTATE_INGRESS__BIND_PORT": str(self.port), "RESTATE_LOG_FILTER": "warn", "RESTATE_DISABLE_TELEMETRY": "true",
            **self.settings})
        wait_until(lambda: answers(f"http://127.0.0.1:{self.admin}/health"), "Restate", 60)

    def knows(self, worker):
        try:
            return asked(f"http://127.0.0.1:{self.admin}/deployments", {"uri": worker})
        except OSError:
            return False  # one of the two is not up yet

    def crash(self):
        end(self.roles["engine"])

    def sagas(self, relation):
        """How many stand in that relation to the status `completed`, whose sagas are kept for a day."""
        try:
            query = f"select count(*) as sagas from sys_invocation where status {relation} 'completed'"
            return asked(f"http://127.0.0.1:{self.admin}/query", {"query": query})["rows"][0]["sagas"]
        except OSError:
            return -1  # not all partitions are up again

    def __exit__(self, *failure):
        super().__exit__()
        shutil.rmtree(self.folder, ignore_errors=True)


class RestateTuned(Restate):
    """As many partitions as cores: on so few, 24 share no batch."""

    name, settings = "restate-tuned", {"RESTATE_DEFAULT_NUM_PARTITIONS": "2"}


class Dbos(Peer):
    """A library: engine and worker are one process of Node, on the PostgreSQL of this run."""

    name, start = "dbos", "/"

    def __init__(self, stand, modules, service):
        super().__init__(stand, modules, service)
        stand.postgres.value("create database dbos")
        self.conninfo = stand.postgres.conninfo.replace("dbname=postgres", "dbname=dbos")
        self.revive()
        self.warm()

    def revive(self):
        self.roles["worker"] = self.worker(
            "dbos.js", self.port, BENCH_DATABASE_URL=f"postgresql://skald@localhost/dbos?host={self.stand.postgres.data}")
        wait_until(lambda: answers(f"http://127.0.0.1:{self.port}/"), "DBOS", 60)

    def crash(self):
        end(self.roles["worker"])

    def sagas(self, relation):
        return int(self.stand.postgres.value(f"select count(*) from dbos.workflow_status where status {relation} 'SUCCESS'", self.conninfo))

    def __exit__(self, *failure):
        super().__exit__()
        self.stand.postgres.value("drop database dbos with (force)")


PEERS = (Restate, RestateTuned, Dbos)


def peers(stand, options, report):
    """Each peer does what Skald did in this run: the sections named, or all that have peers."""
    modules = installed(report)
    if not modules:
        return
    sections = [name for name in SECTIONS if name in options.wanted] or list(SECTIONS)
    for kind in PEERS:
        for name in sections:
            for row in SECTIONS[name](stand, options, modules, kind):
                report.line(WHAT[name], row)
    for name in sections:
        rows = [line for line in report.lines if line["what"] == WHAT[name] and line.get("clients") in (*CLIENTS, None)]
        rows.sort(key=lambda row: row.get("clients", 0))  # stable: Skald's stays first
        report.say(f"{WHAT[name]}, beside the peers\n\n" + table(KILLED if name == "killed" else STEADY, rows))


def completed(stand, options, modules, kind):
    with kind(stand, modules, stand.service) as peer:
        return [steadily(stand, options, peer, clients) for clients in CLIENTS if clients in options.clients]


def half_undone(stand, options, modules, kind):
    with kind(stand, modules, stand.refusing) as peer:
        return [steadily(stand, options, peer, 64)]


def steadily(stand, options, peer, clients):
    row = median_of([stand.measure(peer, peer.start, clients, options.seconds) for _ in range(options.repeat)])
    if set(row["statuses"]) != {"200"}:
        raise RuntimeError(f"{peer.name} answered {row['statuses']}")
    return row


def killed(stand, options, modules, kind):
    """kill -9 of what holds the running sagas, restart at once; the worker of Restate stays."""
    runs = []
    for _ in range(options.repeat):
        with kind(stand, modules, stand.service) as peer:
            posts, ended = stand.service.posts(), peer.sagas("=")
            client = stand.client(peer.port, peer.start, 64, 60)
            time.sleep(options.seconds)
            peer.crash()
            client.wait()
            begun = time.monotonic()
            peer.revive()
            wait_until(lambda: peer.sagas("<>") == 0, "all sagas to end", 120)
            runs.append({"engine": peer.name, "seconds": time.monotonic() - begun,
                         "twice": stand.service.posts() - posts - 3 * (peer.sagas("=") - ended)})
    return [median_of(runs)]


SECTIONS = {"completed": completed, "half-undone": half_undone, "killed": killed}
WHAT = {"completed": "completed", "half-undone": "half undone", "killed": "kill -9 and restart"}  # of Skald's rows
STEADY = ([("engine", "{}", "engine"), ("clients", "{:.0f}", "clients")] + RATE + LATENCY + CPU[:2] +
          [("worker µs", "{:.0f}", lambda row: row.get("cpu_worker_us", 0))] + CPU[2:] + [("MB", "{:.0f}", "engine_mb")])
KILLED = [("engine", "{}", "engine"), ("all done after s", "{:.2f}", "seconds"), ("steps run twice", "{:.0f}", "twice")]


def installed(report):
    """The folder of the peers' packages; None, with the reason said, when this machine cannot have them. Outside of the checkout,
    and anew for each change of package.json."""
    if not (shutil.which("node") and shutil.which("npm")):
        return report.say("peers: left out, since there is no Node with npm")
    version = subprocess.run(["node", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        return report.say(f"peers: left out, since Node is {version}; {OLDEST_NODE} is needed")
    manifest = os.path.join(SCRIPTS, "package.json")
    with open(manifest, "rb") as file:
        key = hashlib.sha256(file.read()).hexdigest()[:12]
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.join(cache, "skald-bench", key)
    if not os.path.exists(folder) and not install(manifest, folder):
        return report.say("peers: left out, since npm could not install them (its own words stand above)")
    return os.path.join(folder, "node_modules")


def install(manifest, folder):
    """Under another name first, so that a folder of that name is whole. No script of a package runs."""
    partial = f"{folder}.{os.getpid()}"
    os.makedirs(partial)
    shutil.copy(manifest, partial)
    done = subprocess.run(["npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund"], cwd=partial,
                          stdout=subprocess.DEVNULL)
    if done.returncode == 0:
        os.rename(partial, folder)
    shutil.rmtree(partial, ignore_errors=True)
    return done.returncode == 0
