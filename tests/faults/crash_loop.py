#!/usr/bin/env python3
"""The failpoint loop: for each named point and several of its passes the standard scenario, the process dead at that very
place, started again, rest, the checker.

    crash_loop.py                    every point (needs a binary built with SKALD_FAILPOINTS; ./dev faults does it)
    crash_loop.py --point append-sent --pass 3
    crash_loop.py --random 3         any binary: killed at random moments instead, in so many runs

SKALD_BIN names the binary, --seed repeats the clients' choices and the moments. What a run left behind is kept when the
checker finds something: checker.py judges it again."""

import argparse
import collections
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

import checker  # noqa: E402
import evidence  # noqa: E402
import retention  # noqa: E402
import views  # noqa: E402
from calls import call  # noqa: E402
from clients import FAULTS, PARTIES, Clients  # noqa: E402
from failpoints import name_of, passes, points  # noqa: E402
from people import People  # noqa: E402
from processes import BINARY, Process, wait_until  # noqa: E402
from stage import DEFINITIONS  # noqa: E402
from supervisor import Supervisor  # noqa: E402
from workers import Workers  # noqa: E402
from world import RECRUITMENT, Database, Engine, Service  # noqa: E402

REST = 60  # seconds until every saga has ended: the longest retry interval that can have been reached, and 30 more
LATE = 10.0  # seconds a timer may be late where a service has queued on a busy machine; checker.py's own limit is 1
POINTS_AT_LEAST = 40
# Beside the kills: answers that get lost, refusals, a process that is slow or frozen at a bad moment.
OTHERS = ["append-answer-lost=error@1", "append-answer-lost=error@9", "append-answer-lost=error@60",
          "call-answer-lost=error@1", "call-answer-lost=error@40", "start-received=error@5", "start-key-looked-up=error@7",
          "saga-events-read=error@1", "saga-events-read=error@4", "recovery-page-read=error@1", "due-sagas-listed=error@3",
          "beat-lost=error@2", "append-executed=delay(1500ms)@12", "before-decide=delay(500ms)@30",
          "call-answered=delay(500ms)@30", "append-sent=stop@15", "before-call=stop@20", "append-executed=stop@25"]
# Points that only another fault leads to.
LEADS_TO = {"append-in-doubt-probed": "append-answer-lost=error@9", "append-doubt-settled": "append-answer-lost=error@9",
            "append-doubt-settled-as-done": "append-answer-lost=error@9"}
# Points of a node that takes over what another one had, and of a node whose database is away for a while.
TAKES_OVER, WITHOUT_DATABASE = "take-over-tails-read", "append-refused-log-away"
# Waking what sleeps for longer than a minute, by sagas that only this run has.
WAKES, SLEEPERS, SLEEP = "parked-sagas-wake", 20, 75
AWAY = 10.0  # seconds at most that the database is away; until the point is hit
# What the scenario must contain, in every run: shares of the sagas. A run with less proves nothing and is refused.
LEAST = {"acknowledged": 0.6, "hits": 0.1, "completed": 0.2, "undone": 0.1, "cancelled": 0.05, "compensated": 0.05,
         "starts refused": 0.01, "time-outs": 0.01, "unknown outcomes": 0.05}
# And with workers and people.
LEAST_BESIDE = {"leases": 0.2, "words taken": 0.1, "children": 0.05, "events emitted": 0.05, "began by an event": 0.05, "events received": 0.05,
                "waits": 0.05}
# Too rare to be asked of each run: so many per run, on average.
LEAST_IN_ALL = {"signals kept": 1, "verbs": 4, "events from outside": 4}
# Beside the job application.
DEFINED = ("mixed", "journey", "hotel", "guest", "bill", "sleeper")
# Calls to it wait for each other now and then, which costs little.
RATE = {"things": "rateLimit: 400/s"}
LANES = 3  # in every third run; else as many as the machine suggests


class Ground:
    """What all runs share: a database server and the services. Each run has a database of its own."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="skald-faults-")
        os.chmod(self.directory, 0o755)
        self.database = Database(self.directory)
        services = self.database.create("services")
        # Nobody kills the services: theirs need not be on the disk, and the runs are three times as fast.
        self.database.query(services, "alter database services set synchronous_commit = off")
        self.services = [Service(os.path.join(RECRUITMENT, name + ".service.yaml"), self.directory, services)
                         for name in ("recruitment", "qualification", "enrollment")]
        self.services.append(Service(os.path.join(DEFINITIONS, "things.service.yaml"), self.directory, services))
        for service in self.services:
            service.start()
        self.definitions = os.path.join(self.directory, "definitions")
        os.mkdir(self.definitions)
        for name in DEFINED:
            shutil.copy(os.path.join(DEFINITIONS, name + ".saga.yaml"), self.definitions)
        for name in (views.NAME, views.PICKY):
            shutil.copy(os.path.join(DEFINITIONS, name + ".view.yaml"), self.definitions)
        shutil.copy(os.path.join(RECRUITMENT, "recruitment.saga.yaml"), self.definitions)
        with open(os.path.join(self.definitions, "services.yaml"), "w", encoding="utf-8") as file:
            file.writelines(["services:\n", *(f"  {service.name}: {{ {', '.join(filter(None, [f'url: {service.url}', RATE.get(service.name)]))} }}\n"
                                              for service in self.services)])
        template = self.database.create("template")
        subprocess.run([BINARY, "migrate", "--database-url", template], check=True, capture_output=True)
        self.runs = 0

    def new_database(self):
        self.runs += 1
        name = f"run_{self.runs}"
        self.database.run("psql", "--host", self.database.socket, "--username", "skald", "postgres", "-c",
                          f"create database {name} template template")
        return f"host={self.database.socket} user=skald dbname={name}", name

    def let_in(self, name, anybody):
        """Whether connections to that database are taken; if not, those there are end."""
        admin = f"host={self.database.socket} user=skald dbname=postgres"
        self.database.query(admin, f"alter database {name} with allow_connections {'true' if anybody else 'false'}")
        if not anybody:
            self.database.query(admin, f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")

    def drop(self, name):
        self.database.run("dropdb", "--host", self.database.socket, "--username", "skald", "--force", name)

    def end(self):
        for process in reversed(list(Process.running)):
            if process is not self.database.process:
                process.stop()
        self.database.stop()
        shutil.rmtree(self.directory)


def ledger_after(service, number):
    entries = []
    while True:
        page = service.get(f"/_ledger?after={number}&limit=500").json["items"]
        if not page:
            return entries
        entries += page
        number = page[-1]["number"]


def of_this_run(entries, began_ms):
    """Without the calls of the run before that a fault had delayed: a saga's id (UUIDv7) begins with its time."""
    return [entry for entry in entries if int(entry["saga"].replace("-", "")[:12], 16) >= began_ms - 500]


class Run:
    """One scenario with what was injected into it, and the verdict about it."""

    def __init__(self, ground, seed, sagas, failpoint=None, random_kills=0):
        self.ground, self.seed, self.sagas = ground, seed, sagas
        self.failpoint, self.random_kills = failpoint, random_kills
        self.fired, self.name = False, None

    def play(self):
        """The checker's verdict."""
        conninfo, name = self.ground.new_database()
        self.name = name

        def query(sql):
            return self.ground.database.query(conninfo, sql)

        of_retention = retention.is_about(self.failpoint)
        if of_retention:
            query(retention.SEGMENTS)
        directory = tempfile.mkdtemp(prefix=name + "-", dir=self.ground.directory)
        os.chmod(directory, 0o755)
        self.counts_file = os.path.join(directory, "counts")
        before, began_ms = {service.name: last_number(service) for service in self.ground.services}, time.time() * 1000
        for service in self.ground.services:
            call("PUT", service.url + "/_faults", FAULTS[service.name])
        engine = Engine(directory, conninfo, self.ground.services, self.ground.definitions, lanes=LANES if self.seed % 3 == 0 else 1)
        supervisor = Supervisor(engine, None if of_retention else self.failpoint, self.counts_file)
        supervisor.other_names = self.is_about(TAKES_OVER)
        with supervisor:
            with Workers(engine.url, self.seed, supervisor.ready) as workers:
                history = self.scenario(engine, supervisor)
                hits = self.end_of_faults()
                self.rest(conninfo)
                self.after_rest(supervisor, conninfo)
                of_views = views.violations(engine.url, query)
            assert supervisor.trouble is None, supervisor.trouble
        hits.append({"kind": "worker", "what": "dies with its lease", "at": None, "until": None, "hits": workers.deaths})
        self.fired = supervisor.fired
        if self.fired and not any(absence["what"] == self.failpoint for absence in supervisor.absences):
            hits.append({"kind": "engine", "what": self.failpoint, "at": None, "until": None, "hits": 1})
        run = evidence.Evidence(**evidence.rows_of_log(query),
                                ledgers=workers.ledgers | {
                                    service.name: of_this_run(ledger_after(service, before[service.name]), began_ms)
                                    for service in self.ground.services},
                                history=history + workers.history, injected=supervisor.absences + hits)
        services = sum(len(faults) for faults in FAULTS.values())
        least = {"faults": 1 + services, **{what: int(self.sagas * share) for what, share in self.least().items()}}
        verdict = checker.verdict(run, least, LATE)
        if of_retention:
            found, self.fired = retention.violations(self.failpoint, engine, query, conninfo, directory)
            of_views += found
        for invariant, what in of_views:
            print(f"{invariant} violated: {what}", flush=True)
        verdict.violations.extend(of_views)
        if verdict.code:
            keep(run, engine)
        self.ground.drop(name)
        return verdict

    def least(self):
        return LEAST | LEAST_BESIDE

    def scenario(self, engine, supervisor):
        """What was asked, by clients and by people."""
        clients = Clients(engine.url, self.seed, self.sagas, 12, supervisor.ready, sleepers=SLEEPERS if self.is_about(WAKES) else 0)
        with People(engine.url, self.seed, clients.recent, PARTIES, supervisor.ready) as people:
            self.play_clients(clients, supervisor)
        return clients.history + people.history

    def play_clients(self, clients, supervisor):
        clients.start()
        moments = sorted(random.Random(self.seed).sample(range(self.sagas // 10, self.sagas), self.random_kills))
        for moment in moments or [self.sagas // 2]:
            wait_until(lambda moment=moment: clients.begun >= moment, f"{moment} applications have begun", 180)
            self.rebuild(supervisor.engine)
            if self.is_about(WITHOUT_DATABASE):
                self.take_database_away(supervisor)
            elif not supervisor.fired:  # so that points of the recovery are passed too
                supervisor.kill()
        clients.join()
        supervisor.await_ready()

    def is_about(self, point):
        return self.failpoint is not None and name_of(self.failpoint) == point

    def take_database_away(self, supervisor):
        """Until the point is hit: appends are refused then. Who is killed meanwhile starts again when it is back."""
        supervisor.may_start.clear()
        self.ground.let_in(self.name, False)
        end = time.monotonic() + AWAY
        while time.monotonic() < end and not supervisor.fired:
            time.sleep(0.02)
        self.ground.let_in(self.name, True)
        supervisor.may_start.set()

    def rebuild(self, engine):
        """So that a view is being built when the engine dies. Dead already: what is built goes on with the next one."""
        try:
            call("POST", f"{engine.url}/v1/views/{views.NAME}/rebuild", timeout=5)
        except OSError:
            pass

    def end_of_faults(self):
        """Clears the faults of the services; tells which there were, and their hits."""
        injected = []
        for service in self.ground.services:
            for fault in service.get("/_faults").json["faults"]:
                injected.append({"kind": "service", "what": f"{service.name}: {json.dumps(fault)}", "at": evidence.now(),
                                 "until": None, "hits": fault["hits"]})
            service.clear_faults()
        return injected

    def rest(self, conninfo):
        query = "select count(*) from skald.saga where ended_at is null and status <> 'stuck'"
        end = time.monotonic() + REST + (SLEEP if self.is_about(WAKES) else 0)
        while time.monotonic() < end and self.ground.database.query(conninfo, query) != [["0"]]:
            time.sleep(0.1)  # whoever has not ended by then is found by the checker (I3)

    def after_rest(self, supervisor, conninfo):
        """Points of a stop in order are passed only now."""
        if supervisor.failpoint and not supervisor.fired:
            absences = len(supervisor.absences)
            supervisor.drain()
            wait_until(lambda: len(supervisor.absences) > absences and supervisor.ready.is_set(), "the engine is back", 60)
            self.rest(conninfo)


def last_number(service):
    entries = ledger_after(service, 0) if not hasattr(service, "last") else ledger_after(service, service.last)
    service.last = entries[-1]["number"] if entries else getattr(service, "last", 0)
    return service.last


def keep(run, engine):
    directory = tempfile.mkdtemp(prefix="skald-violation-")
    run.write(directory)
    shutil.copy(engine.process.log_file, directory)
    print(f"kept: tests/faults/checker.py --late {LATE:.0f} {directory}", flush=True)


class Loop:
    def __init__(self, arguments):
        self.seed, self.sagas = arguments.seed, arguments.sagas
        self.ground = Ground()
        self.failures, self.missed, self.hit = [], [], set()
        self.plays, self.totals, self.violations = 0, collections.Counter(), 0

    def play(self, what, **how):
        self.plays += 1
        began = time.monotonic()
        print(f"--- {what}, seed {self.seed}", flush=True)
        run = Run(self.ground, self.seed, self.sagas, **how)
        try:
            verdict = run.play()
            code = verdict.code
            self.totals.update(verdict.counts)
            self.violations += len(verdict.violations)
        except AssertionError as why:
            print(f"failed: {why}", flush=True)
            code = 1
        print(f"{'FAILED' if code else 'passed'} in {time.monotonic() - began:.0f} s"
              + ("" if run.fired or "failpoint" not in how else ", not hit"), flush=True)
        if code:
            self.failures.append(what)
        self.seed += 1
        return run

    def random(self, runs):
        for number in range(runs):
            self.play(f"{number + 1} of {runs}: killed three times at random", random_kills=3)
        return self.verdict()

    def calibrate(self):
        """How often each point is passed when nothing but one kill and one stop in order happens."""
        run = self.play("how often each point is passed", failpoint="none=delay(1ms)")
        if not passes(run.counts_file):
            sys.exit("refused: this binary has no failpoints; build it with -DSKALD_FAILPOINTS=ON")
        counts = passes(run.counts_file)
        for name in sorted(points()):
            print(f"{counts.get(name, 0):8} {name}", flush=True)
        return counts

    def act_at(self, failpoint):
        run = self.play(failpoint, failpoint=failpoint)
        if run.fired:
            self.hit.add(name_of(failpoint))
        else:
            self.missed.append(failpoint)

    def everywhere(self, part, parts):
        counts = self.calibrate()
        failpoints = []
        for name in points()[part - 1::parts]:
            often = counts.get(name, 0)
            for passing in sorted({1, max(1, often // 3)} if often else {1}):
                failpoints.append((LEADS_TO[name] + ";" if name in LEADS_TO else "") + f"{name}=kill@{passing}")
        for failpoint in failpoints + OTHERS[part - 1::parts]:
            self.act_at(failpoint)
        return self.verdict(POINTS_AT_LEAST // parts)

    def verdict(self, points_needed=0):
        never = sorted(set(map(name_of, self.missed)) - self.hit)
        print(f"=== points: {len(self.hit)} hit; {len(self.missed)} passes not reached: {' '.join(self.missed)}; never hit: {' '.join(never) or 'none'}")
        print(f"=== runs: {self.plays} of {self.sagas} sagas, {len(self.failures)} failed; hits: {self.totals['hits']} of "
              f"{self.totals['faults']} faults; acknowledged starts: {self.totals['acknowledged']}; events: {self.totals['events']}")
        print("=== " + ", ".join(f"{what}: {self.totals[what]}" for what in (*LEAST, *LEAST_BESIDE, *LEAST_IN_ALL, "stuck") if what not in ("hits", "acknowledged")))
        for failure in self.failures:
            print(f"=== FAILED: {failure}")
        too_little = [f"points that were hit: {len(self.hit)}"] if len(self.hit) < points_needed else []
        too_little += [f"{what}: {self.totals[what]}" for what, least in LEAST_IN_ALL.items()
                       if points_needed and self.totals[what] < least * self.plays]
        for what in too_little:
            print(f"=== refused: too few {what}")
        print(f"=== {self.violations} violations, {len(self.failures)} failed runs")
        return 1 if self.failures else 2 if too_little else 0


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seed", type=int, default=int(os.environ.get("SKALD_SEED") or random.randrange(1 << 31)))
    arguments.add_argument("--sagas", type=int, default=200)
    arguments.add_argument("--random", type=int, metavar="RUNS")
    arguments.add_argument("--point", action="append", help="only this point; NAME or NAME=ACTION@K")
    arguments.add_argument("--part", default="1/1", metavar="I/N", help="the I-th of N parts of the whole, to run them side by side")
    arguments.add_argument("--pass", dest="passing", type=int, default=1)
    given = arguments.parse_args()
    print(f"SKALD_SEED={given.seed}", flush=True)
    loop = Loop(given)
    try:
        if given.random:
            return loop.random(given.random)
        if not given.point:
            return loop.everywhere(*map(int, given.part.split("/")))
        for point in given.point:
            loop.act_at(point if "=" in point else f"{point}=kill@{given.passing}")
        return loop.verdict()
    finally:
        loop.ground.end()


if __name__ == "__main__":
    sys.exit(main())
