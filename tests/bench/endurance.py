"""What must stay as it is when histories, definitions, neighbours, the log or the engine's own life do not."""

import os
import time

from figures import CPU, LATENCY, RATE, median_of
from projecting import await_views
from stand import DEFINITIONS, Engine, wait_until
from steady import START, warm


def history(stand, options, report):
    """Cost per event of a forEach whose saga has 100, 1,000, 10,000 events; as many events in each row."""
    with Engine(stand, stand.service, options.lanes) as engine:
        warm(stand, engine)
        rows = []
        for events in options.histories:
            body = {"items": list(range(events // 2 - 2))}
            sagas = max(options.histories) // events
            runs = [run_of_events(stand, engine, events, body, sagas) for _ in range(options.repeat)]
            rows.append({"events": events, **median_of(runs)})
    report.rows("history", [("events in the saga", "{:,}", "events"), ("µs/event", "{:.1f}", "wall_us"),
                            ("CPU engine µs/event", "{:.1f}", "cpu_engine_us"),
                            ("PostgreSQL µs/event", "{:.1f}", "cpu_postgres_us"),
                            ("least engine", "{:.1f}", lambda row: row["spread"]["cpu_engine_us"][0]),
                            ("most", "{:.1f}", lambda row: row["spread"]["cpu_engine_us"][1]),
                            ("engine MB", "{:.0f}", "engine_mb")], rows)


def run_of_events(stand, engine, events, body, sagas):
    def written():  # others may still be ending
        return int(stand.postgres.value("select count(*) from skald.event join skald.saga using (partition, saga_id) "
                                        "where definition = 'for-each'"))
    known = written()
    row = stand.measure(engine, "/v1/sagas/for-each?wait=5m", 1, 300, body=body, requests=sagas)
    counted = written() - known
    if counted != events * sagas:
        raise RuntimeError(f"{sagas} sagas wrote {counted} events, not {events} each")
    return {"wall_us": row["seconds"] * 1e6 / counted, "engine_mb": row["engine_mb"],
            **{key: row[key] * sagas / counted for key in ("cpu_engine_us", "cpu_postgres_us")}}


def definitions(stand, options, report):
    """One definition and a thousand, all of them in use, in turn."""
    runs = {count: [] for count in options.definitions}
    places = {count: (folder_of(stand, count), stand.new_database(f"defined_{count}")) for count in runs}
    for _ in range(options.pairs):
        for count, (folder, conninfo) in places.items():
            with Engine(stand, stand.service, options.lanes, conninfo=conninfo, definitions=folder) as engine:
                start = "/v1/sagas/three-step-%ld?wait=30s"
                stand.load(engine.port, start, 64, stand.warm, numbers=count)
                runs[count].append(stand.measure(engine, start, 64, options.seconds, numbers=count))
    rows = [{"definitions": count, **median_of(measured)} for count, measured in runs.items()]
    report.rows("definitions", [("definitions", "{:,}", "definitions")] + RATE + LATENCY + CPU[:2] + [("engine MB", "{:.0f}", "engine_mb")], rows)
    one, many = runs.values()
    shares = median_of([{"share": after["sagas_per_second"] / before["sagas_per_second"]} for before, after in zip(one, many)])
    kilobytes = (rows[1]["engine_mb"] - rows[0]["engine_mb"]) * 1024 / (rows[1]["definitions"] - rows[0]["definitions"])
    report.line("definitions: share", {**shares, "kilobytes_each": kilobytes})
    low, high = shares["spread"]["share"]
    report.say(f"with {rows[1]['definitions']:,} definitions {shares['share']:.0%} of the throughput stays ({low:.0%} to {high:.0%}, "
               f"pairs in turn); {kilobytes:.1f} kB of memory for each")


def folder_of(stand, count):
    """So many copies of the three-step saga, each with a name of its own."""
    with open(os.path.join(DEFINITIONS, "three-step.saga.yaml"), encoding="utf-8") as yaml:
        text = yaml.read()
    folder = os.path.join(stand.directory, f"definitions-{count}")
    os.mkdir(folder)
    for number in range(count):
        name = f"three-step-{number:09}"  # as the client writes numbers
        with open(os.path.join(folder, name + ".saga.yaml"), "w", encoding="utf-8") as yaml:
            yaml.write(text.replace("saga: three-step", "saga: " + name))
    return folder


def sick_services(stand, options, report):
    """Sagas on a healthy service alone, and beside others that call one that hangs and one that is dead."""
    with Engine(stand, stand.service, options.lanes) as engine:
        warm(stand, engine)
        alone, beside, shares, sick = [], [], [], 0
        for _ in range(options.pairs):  # in turn, since machines drift
            alone.append(stand.measure(engine, START, 64, options.seconds))
            neighbours = [stand.client(engine.port, f"/v1/sagas/{name}?wait={options.sick_wait}", 64, options.seconds + 2 * stand.warm)
                          for name in ("hanging", "dead")]
            time.sleep(stand.warm)
            beside.append(stand.measure(engine, START, 64, options.seconds))
            sick += sum(stand.answer_of(neighbour)["accepted"] for neighbour in neighbours)
            shares.append(beside[-1]["sagas_per_second"] / alone[-1]["sagas_per_second"])
    rows = [{"load": "healthy alone", **median_of(alone)}, {"load": "beside the sick", **median_of(beside)}]
    report.rows("sick services", [("load", "{}", "load")] + RATE + LATENCY, rows)
    share = median_of([{"share": share} for share in shares])
    report.line("sick services: share", {**share, "sick_sagas": sick})
    low, high = share["spread"]["share"]
    report.say(f"beside the sick ones the others keep {share['share']:.0%} of their throughput ({low:.0%} to {high:.0%}, "
               f"pairs in turn; {sick} sick sagas meanwhile)")


def killed(stand, options, report):
    """kill -9 under load, restart at once: when are all acknowledged sagas done, and how many steps ran twice?"""
    runs = []
    for _ in range(options.repeat):
        engine = Engine(stand, stand.service, options.lanes)
        posts, steps = stand.service.posts(), stand.postgres.events("StepSucceeded")
        client = stand.client(engine.port, START, 64, 60)
        time.sleep(options.seconds)
        engine.kill()
        client.wait()  # it ends as its connections do
        running = stand.postgres.running()
        begun = time.monotonic()
        engine = engine.again()
        wait_until(lambda: stand.postgres.running() == 0, "all sagas to end", 60)
        runs.append({"engine": engine.name, "running": running, "seconds": time.monotonic() - begun,
                     "twice": stand.service.posts() - posts - (stand.postgres.events("StepSucceeded") - steps)})
        stand.stop(engine.process)
    report.rows("kill -9 and restart", [("running when killed", "{:.0f}", "running"), ("all done after s", "{:.2f}", "seconds"),
                                        ("steps run twice", "{:.0f}", "twice")], [median_of(runs)])


def parked(stand, options, report):
    """Sagas that wait for long cost rows, not memory, and do not slow the others."""
    with Engine(stand, stand.service, options.lanes) as engine:
        warm(stand, engine)
        rows = []
        for count in (0, options.parked):
            if count:
                stand.load(engine.port, "/v1/sagas/parked", 256, 3600, requests=count)
            rows.append({"parked": count, **median_of([stand.measure(engine, START, 64, options.seconds)
                                                       for _ in range(options.repeat)])})
    begun = time.monotonic()
    with Engine(stand, stand.service, options.lanes) as engine:
        ready = time.monotonic() - begun
        rows.append({"parked": f"{options.parked}, restarted", **stand.measure(engine, START, 64, options.seconds)})
        report.rows("parked sagas", [("parked", "{}", "parked")] + RATE + LATENCY + [("engine MB", "{:.0f}", "engine_mb")], rows)
        report.line("parked sagas: ready again", {"seconds": ready})
        report.say(f"ready again {ready:.2f} s after a restart")


def stored(stand, options, report):
    """Throughput, memory and disk as sagas accumulate in the log: beside an engine whose log is short, in turn, since machines
    drift while millions are written. The engine of the long log lives through all of it."""
    rows = []
    with Engine(stand, stand.service, options.lanes, conninfo=stand.new_database("grown")) as engine:
        for count in options.stored:
            before = kept(stand, engine)
            missing = count - before["sagas"]
            if missing > 0:
                stand.load(engine.port, START, 256, 2 * 3600, requests=missing)  # 256: its memory is then that of its most clients
            row = beside_few(stand, options, engine, f"few_{count}")
            after = kept(stand, engine)
            rows.append({**row, **{key: (after[key] - before[key]) / (after["sagas"] - before["sagas"]) for key in ("disk", "disk_views")}})
    report.rows("stored sagas", [("stored", "{:,}", "stored")] + RATE + [("of a short log's", "{:.0%}", "share")] + LATENCY +
                [("disk B/saga", "{:.0f}", "disk"), ("of it views", "{:.0f}", "disk_views"), ("engine MB", "{:.0f}", "engine_mb")], rows)
    growth = growth_of(rows[0], rows[-1])
    report.line("stored sagas: growth", growth)
    report.say("from {stored_first:,} to {stored:,} stored sagas: throughput {share:.0%} of a short log's ({low:.0%} to {high:.0%}, pairs in "
               "turn); the engine's memory {mb_first:.1f} and {engine_mb:.1f} MB, {bytes_each:.1f} bytes a saga: {verdict}".format(**growth))


def kept(stand, engine):
    """Bytes of its database and of its views, and sagas in it."""
    postgres, conninfo = stand.postgres, engine.conninfo
    return {"disk": postgres.disk_bytes(conninfo), "disk_views": postgres.view_bytes(conninfo), "sagas": postgres.sagas(conninfo)}


def beside_few(stand, options, engine, name):
    stored, few_runs, runs = stand.postgres.sagas(engine.conninfo), [], []
    with Engine(stand, stand.service, options.lanes, conninfo=stand.new_database(name)) as few:
        warm(stand, few)
        await_views(engine)  # what was written in haste is not to be caught up with meanwhile
        for _ in range(options.pairs):
            few_runs.append(stand.measure(few, START, 64, options.seconds))
            runs.append(stand.measure(engine, START, 64, options.seconds))
    stand.postgres.value(f"drop database {name} with (force)")
    shares = median_of([{"share": run["sagas_per_second"] / few_run["sagas_per_second"]} for run, few_run in zip(runs, few_runs)])
    return {"stored": stored, **median_of(runs), "share": shares["share"], "shares": shares["spread"]["share"]}


def growth_of(first, last):
    """Whoever kept anything of a saga would keep its id at least, 16 bytes; a few MB come and go with the allocator."""
    grown = last["engine_mb"] - first["engine_mb"]
    each = grown * 2**20 / (last["stored"] - first["stored"])
    return {"stored_first": first["stored"], "stored": last["stored"], "share": last["share"], "low": last["shares"][0],
            "high": last["shares"][1], "disk": last["disk"], "mb_first": first["engine_mb"], "engine_mb": last["engine_mb"], "bytes_each": each,
            "verdict": "flat" if grown < 8 or each < 16 else "it grows"}
