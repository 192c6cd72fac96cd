"""The three-step saga under steady load."""

import base64
import random

from figures import CPU, LATENCY, LOG, RATE, median_of
from stand import Engine

START = "/v1/sagas/three-step?wait=30s"
CLIENTS = [("clients", "{:.0f}", "clients")]


def warm(stand, engine):
    stand.load(engine.port, START, 16, stand.warm)


def repeated(options, measure):
    return median_of([measure() for _ in range(options.repeat)])


def completed(stand, options, report):
    """Closed loop: each client starts its next saga when its last has completed."""
    rows = []
    with Engine(stand, stand.service, options.lanes) as engine:
        warm(stand, engine)
        for clients in options.clients:
            rows.append(repeated(options, lambda: stand.measure(engine, START, clients, options.seconds)))
    report.rows("completed", CLIENTS + RATE + LATENCY + CPU + LOG, rows)
    report.best = max(row["sagas_per_second"] for row in rows)


def half_undone(stand, options, report):
    """Every other `enroll` is refused, so two undo calls follow."""
    with Engine(stand, stand.refusing, options.lanes) as engine:
        warm(stand, engine)
        row = repeated(options, lambda: stand.measure(engine, START, 64, options.seconds))
    report.rows("half undone", CLIENTS + RATE + LATENCY + CPU + LOG, [row])


def half_load(stand, options, report):
    """Open loop at half of the own maximum: latency from the planned arrival."""
    with Engine(stand, stand.service, options.lanes) as engine:
        warm(stand, engine)
        best = report.best or stand.load(engine.port, START, 64, options.seconds)["per_second"]
        rate = best / 2
        row = repeated(options, lambda: stand.measure(engine, START, 512, options.seconds, rate=f"{rate:.1f}"))
    row["planned"] = rate
    report.rows("half load", [("planned/s", "{:.0f}", "planned")] + RATE + LATENCY + CPU, [row])


def overload(stand, options, report):
    """Open loop at three times the own maximum, with an engine that holds 1,000 sagas at most."""
    flags = ("--max-active-sagas", "1000")
    with Engine(stand, stand.service, options.lanes, flags=flags) as engine:
        warm(stand, engine)
        rows = []
        for name, clients, rate in (("256 clients", 256, None), ("3 × maximum", 1500, 3), ("256 clients again", 256, None)):
            planned = {"rate": f"{rate * rows[0]['sagas_per_second']:.1f}"} if rate else {}
            row = repeated(options, lambda: stand.measure(engine, START, clients, options.seconds, **planned))
            rows.append({"load": name, **row, "refused": sum(times for status, times in row["statuses"].items()
                                                              if status == "503")})
    report.rows("overload", [("load", "{}", "load")] + RATE + LATENCY +
                [("503", "{:.0f}", "refused"), ("with Retry-After", "{:.0f}", "retry_after"),
                 ("engine MB", "{:.0f}", "engine_mb")], rows)


def lanes(stand, options, report):
    """One lane and two on the same cores."""
    rows = []
    for count in (1, 2):
        with Engine(stand, stand.service, count) as engine:
            warm(stand, engine)
            for clients in (64, 256):
                row = repeated(options, lambda: stand.measure(engine, START, clients, options.seconds))
                rows.append({"lanes": count, **row})
    report.rows("lanes", [("lanes", "{}", "lanes")] + CLIENTS + RATE + LATENCY + CPU + LOG, rows)


def payloads(stand, options, report):
    """Inputs of other sizes; each goes out three times and is kept once."""
    rows = []
    with Engine(stand, stand.service, options.lanes) as engine:
        warm(stand, engine)
        for kilobytes in (1, 10, 100):
            noise = base64.b64encode(random.Random(kilobytes).randbytes(750 * kilobytes)).decode()  # nothing to compress
            body = {"applicantId": "applicant-%ld", "note": noise}
            row = repeated(options, lambda: stand.measure(engine, START, 16, options.seconds, body=body))
            rows.append({"kilobytes": kilobytes, **row})
    report.rows("payloads", [("kB", "{}", "kilobytes")] + RATE + LATENCY + CPU + LOG, rows)


def ceilings(stand, options, report):
    """What this machine does, now, without an engine."""
    appends = {batch: stand.append(batch, options.seconds) for batch in (1, 64, 256)}
    calls = {clients: stand.load(stand.service.port, "/recruitments/%ld/apply", clients, options.seconds)["per_second"]
             for clients in (1, 64)}
    report.line("ceilings", {"append_sagas_per_second": appends, "http_calls_per_second": calls})
    report.say("ceilings: append of the same events " +
               ", ".join(f"{rate:.0f} sagas/s in batches of {batch}" for batch, rate in appends.items()) +
               "; the same HTTP calls " +
               ", ".join(f"{rate:.0f}/s with {clients} clients" for clients, rate in calls.items()))
    if report.best:
        report.say(f"our share at the best: {report.best / appends[256]:.0%} of the append ceiling, "
                   f"{report.best * 3 / calls[64]:.0%} of the HTTP ceiling (three calls a saga)")
