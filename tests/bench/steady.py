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


def with_refusals(row):
    return {**row, "refused": row["statuses"].get("503", 0)}


def overload(stand, options, report):
    """Open loop at three times the own maximum, with an engine that holds 1,000 sagas at most."""
    flags = ("--max-active-sagas", "1000")
    with Engine(stand, stand.service, options.lanes, flags=flags) as engine:
        warm(stand, engine)
        rows = []
        for name, clients, rate in (("256 clients", 256, None), ("3 × maximum", 1500, 3), ("256 clients again", 256, None)):
            planned = {"rate": f"{rate * rows[0]['sagas_per_second']:.1f}"} if rate else {}
            row = repeated(options, lambda: with_refusals(stand.measure(engine, START, clients, options.seconds, **planned)))
            rows.append({"load": name, **row})
    report.rows("overload", [("load", "{}", "load")] + RATE + LATENCY +
                [("503", "{:.0f}", "refused"), ("with Retry-After", "{:.0f}", "retry_after"),
                 ("engine MB", "{:.0f}", "engine_mb")], rows)
    before, flooded, after = rows
    kept = 2 * flooded["sagas_per_second"] / (before["sagas_per_second"] + after["sagas_per_second"])
    report.line("overload: kept", {"share": kept, "refused": flooded["refused"], "told_when": flooded["retry_after"]})
    report.say(f"at three times the maximum {kept:.0%} of the throughput before and after stays; {flooded['refused']:.0f} refused, "
               f"{flooded['retry_after']:.0f} of them told when to come again")


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
    """What this machine does, now, without an engine, and our share of it; as many sagas in a transaction as there were clients."""
    ours = {line["clients"]: line["sagas_per_second"] for line in report.lines if line["what"] == "completed" and line["engine"] == "skald"}
    rows = []
    for clients in sorted({1, 64, 256} & set(ours or (1, 64, 256))):
        append = stand.append(clients, options.seconds)
        calls = stand.load(stand.service.port, "/recruitments/%ld/apply", clients, options.seconds)["per_second"]
        rate = ours.get(clients, 0)
        rows.append({"clients": clients, "sagas_per_second": rate, "append_sagas_per_second": append, "http_calls_per_second": calls,
                     "append_share": rate / append, "http_share": rate * 3 / calls})
    columns = [("append of the same events, sagas/s", "{:.0f}", "append_sagas_per_second"), ("the same calls/s", "{:.0f}", "http_calls_per_second")]
    if ours:
        columns += [("our sagas/s", "{:.0f}", "sagas_per_second"), ("of the append", "{:.0%}", "append_share"),
                    ("of the calls, three a saga", "{:.0%}", "http_share")]
    report.rows("ceilings", CLIENTS + columns, rows)
