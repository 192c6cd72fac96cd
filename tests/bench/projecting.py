"""What views cost, how far behind they are, how fast they are built anew and how long a switch holds readers up; and the
log taken elsewhere."""

import http.client
import json
import os
import subprocess
import threading
import time

import machine
from figures import CPU, LATENCY, LOG, RATE, median_of
from stand import HERE, Engine, environment_with, wait_until
from steady import START, warm

PAGE = "bench-page"
APPLICATION = json.dumps({"applicantId": "probe", "name": "Ada Lovelace", "age": 36, "skill": "analytical engines",
                          "job": "mathematician"})


class Caller:
    """A keep-alive client of the engine, for a thread of its own."""

    def __init__(self, engine):
        self.connection = http.client.HTTPConnection("127.0.0.1", engine.port, timeout=60)

    def call(self, method, path, body=None, kind="application/json"):
        self.connection.request(method, path, body, {"Content-Type": kind} if body else {})
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read() or b"null")

    def good(self, *arguments, **more):
        status, body = self.call(*arguments, **more)
        if status >= 300:
            raise RuntimeError(f"{arguments}: {status} {body}")
        return body


def put_views(engine):
    """The user views of the benchmark, and waits until all views are read and have taken in the log."""
    caller = Caller(engine)
    for file in sorted(os.listdir(os.path.join(HERE, "views"))):
        with open(os.path.join(HERE, "views", file), encoding="utf-8") as yaml:
            caller.good("PUT", "/v1/views/" + file.split(".")[0], yaml.read(), kind="application/yaml")
    await_views(engine)


def await_views(engine):
    caller = Caller(engine)
    wait_until(lambda: all(view["status"] == "live" and view["lag"]["events"] == 0
                           for view in caller.good("GET", "/v1/views")["items"]), "the views to take in the log", 600, 0.1)


class Beside(threading.Thread):
    """Does the same thing again and again while something is measured; keeps what each time gave."""

    def __init__(self, act, pause=0.0):
        super().__init__()
        self.act, self.pause, self.over, self.kept, self.failed = act, pause, threading.Event(), [], []

    def run(self):
        while not self.over.is_set():
            try:
                self.kept.append(self.act())
            except (OSError, RuntimeError, http.client.HTTPException) as failure:
                self.failed.append(str(failure))
            time.sleep(self.pause)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *failure):
        self.over.set()
        self.join()


def views(stand, options, report):
    """Throughput without user views and with two, in turn; then how long after a saga has ended its row says so."""
    databases = {"built-in alone": stand.new_database("plain"), "and two of users": stand.new_database("viewed")}
    runs = {name: [] for name in databases}
    for turn in range(options.pairs):
        for name, conninfo in databases.items():
            with Engine(stand, stand.service, options.lanes, conninfo=conninfo) as engine:
                if name != "built-in alone" and turn == 0:
                    put_views(engine)
                warm(stand, engine)
                runs[name].append(stand.measure(engine, START, 64, options.seconds))
                await_views(engine)
    rows = [{"views": name, **median_of(measured)} for name, measured in runs.items()]
    report.rows("views: cost", [("views", "{}", "views")] + RATE + LATENCY + CPU + LOG, rows)
    shares = median_of([{"share": with_["sagas_per_second"] / without["sagas_per_second"]}
                        for without, with_ in zip(*runs.values())])
    report.line("views: share", shares)
    report.say(f"with two views of users {shares['share']:.0%} of the throughput stays ({shares['spread']['share'][0]:.0%} to "
               f"{shares['spread']['share'][1]:.0%}, pairs in turn)")
    lag(stand, options, report, databases["and two of users"], rows[1]["sagas_per_second"] / 2)


def lag(stand, options, report, conninfo, rate):
    """At half load: from the answer that a saga has completed to the answer of a reading that names its position."""
    with Engine(stand, stand.service, options.lanes, conninfo=conninfo) as engine:
        warm(stand, engine)
        await_views(engine)
        caller = Caller(engine)

        def probe():
            saga = caller.good("POST", START, APPLICATION)
            begun = time.monotonic()
            row = caller.good("GET", f"/v1/views/{PAGE}/{saga['id']}?after={saga['position']}")
            if row["status"] != "enrolled":
                raise RuntimeError(f"the row says {row} after the position of the end")
            return (time.monotonic() - begun) * 1000

        with Beside(probe) as probes:
            load = stand.load(engine.port, START, 512, max(options.seconds, 2 * stand.warm), rate=f"{rate:.1f}")
        if probes.failed or not probes.kept:
            raise RuntimeError(f"{len(probes.failed)} probes failed: {probes.failed[:1]}")
    waits = sorted(probes.kept)
    row = {"planned": rate, "sagas_per_second": load["per_second"], "probes": len(waits),
           **{f"p{percent}_ms": waits[min(len(waits) - 1, len(waits) * percent // 100)] for percent in (50, 95, 99)},
           "max_ms": waits[-1]}
    report.rows("views: lag at half load", [("planned/s", "{:.0f}", "planned"), ("sagas/s", "{:.0f}", "sagas_per_second"),
                                            ("readings", "{}", "probes")] + LATENCY + [("longest ms", "{:.1f}", "max_ms")], [row])


def rebuild(stand, options, report):
    """A view built anew from so many events, alone and beside sagas, with a reader that never pauses."""
    conninfo = stand.new_database("rebuilt")
    with Engine(stand, stand.service, options.lanes, conninfo=conninfo) as engine:
        stand.load(engine.port, START, 256, 3600, requests=options.rebuilt // 8)
        put_views(engine)
        caller = Caller(engine)
        id_ = caller.good("GET", f"/v1/views/{PAGE}?limit=1")["items"][0]["id"]

        def read():
            begun = time.monotonic()
            caller.good("GET", f"/v1/views/{PAGE}/{id_}")
            return begun, (time.monotonic() - begun) * 1000

        rows = []
        for load, rate in (("a reader", 0), ("a reader, 200 sagas/s", 200)):
            runs = []
            for _ in range(options.repeat):
                client = stand.client(engine.port, START, 16, 3600, rate=rate) if rate else None
                with Beside(read) as reader:
                    runs.append(one_rebuild(stand, engine, reader))
                if client:
                    client.kill()
                    client.communicate()
                await_views(engine)
            rows.append({"beside": load, **median_of(runs)})
    report.rows("rebuild of a view", [("beside", "{}", "beside"), ("events", "{:,.0f}", "events"), ("filled s", "{:.2f}", "fill_s"),
                                      ("events/s", "{:,.0f}", "events_per_second"), ("CPU engine µs/event", "{:.1f}", "cpu_engine_us"),
                                      ("PostgreSQL µs/event", "{:.1f}", "cpu_postgres_us"), ("read after s", "{:.2f}", "whole_s"),
                                      ("readings", "{:.0f}", "readings"), ("failed", "{:.0f}", "failed"),
                                      ("longest ms", "{:.1f}", "longest_ms"),
                                      ("longest around the switch ms", "{:.1f}", "switch_ms")], rows)


def one_rebuild(stand, engine, reader):
    caller, begun = Caller(engine), time.monotonic()
    used = machine.cpu_seconds(engine.process.pid), stand.postgres.cpu_seconds()
    told, filled = caller.good("POST", f"/v1/views/{PAGE}/rebuild", "{}"), None
    while told["status"] != "done":
        if told["status"] == "stopped":
            raise RuntimeError(f"the view stands stopped: {told}")
        time.sleep(0.02)
        told = caller.good("GET", f"/v1/views/{PAGE}/rebuild")
        if not filled and told["status"] != "filling":
            filled, events = time.monotonic() - begun, told["of"]
            used = machine.cpu_seconds(engine.process.pid) - used[0], stand.postgres.cpu_seconds() - used[1]
    if not filled:
        raise RuntimeError("the rebuild was over before anybody could look")
    switched = time.monotonic()
    time.sleep(0.3)  # readers that met the switch are through
    around = [took for at, took in reader.kept if at > switched - 0.5]
    return {"events": events, "fill_s": filled, "events_per_second": events / filled,
            "cpu_engine_us": used[0] * 1e6 / events, "cpu_postgres_us": used[1] * 1e6 / events,
            "whole_s": switched - begun, "readings": len(reader.kept), "failed": len(reader.failed),
            "longest_ms": max(took for _, took in reader.kept), "switch_ms": max(around, default=0.0)}


def moved(stand, options, report):
    """The log exported and imported into an empty database, a tenth of it and all: memory is that of a few lines."""
    source = stand.new_database("exported")
    with Engine(stand, stand.service, options.lanes, conninfo=source) as engine:
        rows = []
        for events in options.moved:
            missing = events // 8 - int(stand.postgres.value("select count(*) from skald.saga", source))
            stand.load(engine.port, START, 256, 3600, requests=missing)
            put_views(engine)
            rows += one_move(stand, source, f"moved_{events}")
    report.rows("log moved", [("what", "{}", "what"), ("events", "{:,}", "events"), ("s", "{:.2f}", "seconds"),
                              ("events/s", "{:,.0f}", "events_per_second"), ("MB at most", "{:.0f}", "mb")], rows)


def one_move(stand, source, name):
    file = os.path.join(stand.directory, name + ".jsonl")
    target = stand.new_database(name)
    rows = []
    for what, conninfo in (("export", source), ("import", target)):
        events = int(stand.postgres.value("select count(*) from skald.event", source))
        begun = time.monotonic()
        process = subprocess.Popen([stand.skald, "log", what, file], stderr=subprocess.DEVNULL,
                                   env=environment_with({"SKALD_DATABASE_URL": conninfo}))
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(f"skald log {what} failed")
        seconds = time.monotonic() - begun
        rows.append({"what": what, "events": events, "seconds": seconds, "events_per_second": events / seconds,
                     "mb": usage.ru_maxrss / 1024})
    os.remove(file)
    stand.postgres.value(f"drop database {name}")
    return rows
