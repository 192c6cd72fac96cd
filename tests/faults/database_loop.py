#!/usr/bin/env python3
"""What PostgreSQL can do to the engine, under load: stopped, killed, without connections or disk, with a transaction left
open. Per fault one run: real clients at work, the fault, the same clients after it, rest, the checker. While the database is
away every request is answered 503 with Retry-After, or as ever, and in time; afterwards the same process goes on.

    database_loop.py                     every fault
    database_loop.py --short             three of them, in less than a minute: ctest -R faults_database
    database_loop.py --fault 'disk full' --seed 7

SKALD_BIN names the binary. The services have a PostgreSQL of their own, which nobody touches."""

import argparse
import collections
import os
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

import evidence  # noqa: E402
from calls import call  # noqa: E402
from clients import Clients  # noqa: E402
from crash_loop import LEAST, Ground, Run  # noqa: E402
from database_faults import FELT, LONG, NEEDS_SMALL_DISK, SHORT, SmallDisk  # noqa: E402
from processes import BINARY, wait_until  # noqa: E402
from world import Database  # noqa: E402

BEFORE, AFTER = 60, 40  # acknowledged starts before the fault and after it, at least
BOUND = 35.0  # seconds until any request has its answer: the longest wait for `answerAfter`, and some
BACK = 30.0  # seconds from the end of the fault until starts are acknowledged again
CONNECTIONS = 24
SEGMENT = 100  # positions: small, so that segments are made all the time


class Server(Database):
    """The engine's PostgreSQL: durable, and small enough to be exhausted."""

    def __init__(self, directory):
        super().__init__(directory)
        self.admin = f"host={self.socket} user=skald dbname=postgres"
        self.query(self.admin, f"alter system set max_connections = {CONNECTIONS}")
        self.stop_by(signal.SIGINT)
        self.start_again()

    def stop_by(self, how):
        self.process.stop(how)

    def start_again(self):
        self.process.start()
        wait_until(self.is_ready, "PostgreSQL is back", 60)

    def is_ready(self):
        return self.try_run("pg_isready", "--host", self.socket)

    def lets_nobody_in(self):
        return not self.is_ready()


class DatabaseGround(Ground):
    def __init__(self):
        super().__init__()
        directory = os.path.join(self.directory, "database-of-the-engine")
        os.mkdir(directory, 0o755)
        self.server = Server(directory)
        self.small_disk = SmallDisk(self.directory, self.server.user)
        if self.small_disk.why_not is None:
            self.server.query(self.server.admin, f"create tablespace small location '{self.small_disk.tablespace}'")
        template = self.server.create("template_of_runs")
        subprocess.run([BINARY, "migrate", "--database-url", template], check=True, capture_output=True)
        self.server.query(template, f"update skald.setting set segment_positions = {SEGMENT}; "
                          "drop table skald.event_000000, skald.event_000001; delete from skald.segment; "
                          f"select skald.make_segments({SEGMENT + 1})")
        self.next_on_small_disk = False

    def new_database(self):
        self.runs += 1
        name = f"run_{self.runs}"
        where = " tablespace small" if self.next_on_small_disk else ""
        self.server.query(self.server.admin, f"create database {name} template template_of_runs{where}")
        self.name = name
        return f"host={self.server.socket} user=skald dbname={name}", name

    def drop(self, name):
        self.server.run("dropdb", "--host", self.server.socket, "--username", "skald", "--force", name)

    def end(self):
        self.server.stop()
        self.small_disk.end()
        super().end()


class Stage:
    """What a fault has to do with: the server, the engine's database on it, and how the clients fare."""

    def __init__(self, ground, clients, engine):
        self.server, self.name, self.clients, self.engine = ground.server, ground.name, clients, engine
        self.small_disk = ground.small_disk.directory
        self.conninfo = f"host={self.server.socket} user=skald dbname={self.name}"
        self.probes = []

    def query(self, sql):
        return self.server.query(self.conninfo, sql)

    def writers(self):
        return int(self.query("select count(*) from skald.writer")[0][0])

    def acknowledged(self):
        return sum(request["operation"] == "start" and request["status"] in (200, 201, 202)
                   for request in list(self.clients.history))

    def felt(self):
        return sum(is_refusal(request) for request in list(self.clients.history))

    def undecided(self):
        return sum(is_refusal(request) and "does not say what became" in request["answer"].get("detail", "")
                   for request in list(self.clients.history))

    def wait_until_felt(self):
        before = self.felt()
        wait_until(lambda: self.probe() or self.felt() >= before + FELT, f"{FELT} requests are answered 503", 90)

    def probe(self):
        """The ways in that the clients do not take."""
        known = next((request["answer"]["id"] for request in reversed(list(self.clients.history))
                      if request["status"] in (201, 202) and "id" in request["answer"]), None)
        for path in ["/v1/sagas?limit=5"] + [f"/v1/sagas/{known}", f"/v1/sagas/{known}/events"] * (known is not None):
            sent = evidence.now()
            answer = call("GET", self.engine.url + path)
            self.probes.append({"operation": "GET " + path, "sent": sent, "received": evidence.now(), "answer": answer.json,
                                "status": answer.status, "retryAfter": answer.headers.get("Retry-After")})


def is_refusal(request):
    return request["status"] == 503 and "saga" not in request["answer"]


class DatabaseRun(Run):
    def __init__(self, ground, seed, what, fault):
        super().__init__(ground, seed, sagas=BEFORE + AFTER)
        self.what, self.fault = what, fault
        ground.next_on_small_disk = what in NEEDS_SMALL_DISK

    def scenario(self, engine, supervisor):
        clients = Clients(engine.url, self.seed, sys.maxsize, 12, supervisor.ready, with_workers=False)
        stage = Stage(self.ground, clients, engine)
        clients.start()
        process = engine.process.popen.pid
        wait_until(lambda: stage.acknowledged() >= BEFORE, f"{BEFORE} starts are acknowledged", 120)
        at = evidence.now()
        hits, meaning = self.fault(stage)
        ended, before = time.monotonic(), stage.acknowledged()
        wait_until(lambda: stage.acknowledged() > before, "starts are acknowledged again", BACK)
        back = time.monotonic() - ended
        wait_until(lambda: stage.acknowledged() >= before + AFTER, f"{AFTER} starts are acknowledged after the fault", 120)
        self.befell = {"kind": "database", "what": f"{self.what}: {meaning}", "at": at, "until": evidence.now(), "hits": hits}
        with clients.lock:
            clients.sagas = clients.begun
        clients.join()
        assert engine.process.is_running() and engine.process.popen.pid == process, "the engine never ended"
        self.refusals = stage.felt()
        print(f"injected: {self.what}, hit {hits} times ({meaning}); {self.refusals} requests answered 503, "
              f"{stage.writers()} writers registered, back {back:.1f} s after its end", flush=True)
        check_answers(clients.history + stage.probes)
        return clients.history

    def least(self):
        return LEAST

    def end_of_faults(self):
        return super().end_of_faults() + [self.befell]


def check_answers(history):
    """Never a 500, never no answer, never late; a 503 tells when to come again."""
    statuses = collections.Counter(request["status"] for request in history)
    print("answers: " + ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items(), key=str)), flush=True)
    for request in history:
        status, took = request["status"], evidence.seconds(request["received"]) - evidence.seconds(request["sent"])
        assert status is not None, f"a request without an answer: {request}"
        assert status < 500 or status == 503, f"answered {status}: {request}"
        assert status != 503 or request["retryAfter"], f"503 without Retry-After: {request}"
        assert took <= BOUND, f"answered after {took:.1f} s: {request}"


def chosen(given):
    every = {**SHORT, **LONG}
    if given.fault:
        return {name: every[name] for name in given.fault}
    return SHORT if given.short else every


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seed", type=int, default=int(os.environ.get("SKALD_SEED") or random.randrange(1 << 31)))
    arguments.add_argument("--short", action="store_true")
    arguments.add_argument("--fault", action="append", choices=[*SHORT, *LONG])
    given = arguments.parse_args()
    print(f"SKALD_SEED={given.seed}", flush=True)
    ground, failed, skipped, totals = DatabaseGround(), [], [], collections.Counter()
    faults = chosen(given)
    try:
        for number, (what, fault) in enumerate(faults.items()):
            if what in NEEDS_SMALL_DISK and ground.small_disk.why_not:
                print(f"--- skipped: {what}: no small disk can be mounted here: {ground.small_disk.why_not}", flush=True)
                skipped.append(what)
            elif not passes(ground, given.seed + number, what, fault, totals):
                failed.append(what)
    finally:
        ground.end()
    print(f"=== {len(faults) - len(skipped)} faults of the database, {totals['blows']} hits, {totals['acknowledged']} acknowledged "
          f"starts, {totals['refusals']} requests answered 503; "
          f"failed: {', '.join(failed) or 'none'}; skipped: {', '.join(skipped) or 'none'}")
    print(f"=== {totals['violations']} violations, {len(failed)} failed runs")
    return 1 if failed else 0


def passes(ground, seed, what, fault, totals):
    began = time.monotonic()
    print(f"--- {what}, seed {seed}", flush=True)
    run = DatabaseRun(ground, seed, what, fault)
    try:
        verdict = run.play()
        code = verdict.code
        totals.update(acknowledged=verdict.counts["acknowledged"], violations=len(verdict.violations),
                      blows=run.befell["hits"], refusals=run.refusals)
    except AssertionError as why:
        print(f"failed: {why}", flush=True)
        code = 1
    print(f"{'FAILED' if code else 'passed'} in {time.monotonic() - began:.0f} s", flush=True)
    return code == 0


if __name__ == "__main__":
    sys.exit(main())
