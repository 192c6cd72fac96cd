"""What must stay as it is when histories, neighbours, the log or the engine's own life do not."""

import time

from figures import LATENCY, RATE, median_of
from stand import Engine, wait_until
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
    """Throughput, memory and disk as sagas accumulate in the log."""
    rows = []
    with Engine(stand, stand.service, options.lanes) as engine:
        warm(stand, engine)
        for count in options.stored:
            missing = count - stand.postgres.sagas()
            if missing > 0:
                stand.load(engine.port, START, 256, 3600, requests=missing)
            before, sagas = stand.postgres.disk_bytes(), stand.postgres.sagas()
            row = median_of([stand.measure(engine, START, 64, options.seconds) for _ in range(options.repeat)])
            rows.append({"stored": sagas, **row, "disk": (stand.postgres.disk_bytes() - before) /
                         (stand.postgres.sagas() - sagas)})
    report.rows("stored sagas", [("stored", "{:,}", "stored")] + RATE + LATENCY +
                [("disk B/saga", "{:.0f}", "disk"), ("engine MB", "{:.0f}", "engine_mb")], rows)
