"""The goals of the project's page on performance, and what else must stay flat, each beside what this run has shown."""

from figures import table


def of(what, value, **wanted):
    """Where a goal's figure stands: in the rows of Skald under that heading, by that key or function."""
    def seen(lines, worst):
        rows = [line for line in lines if line["what"] == what and line.get("engine", "skald") == "skald" and
                all(line[key] == wish for key, wish in wanted.items())]
        return worst((value(row) if callable(value) else row[value] for row in rows), default=None)
    return seen


def at_least(limit):
    return "≥", limit, min


def at_most(limit):
    return "≤", limit, max


def cpu(row):
    return row["cpu_engine_us"] + row["cpu_postgres_us"]


def beyond_flight(row):
    return max(0, row["twice"] - row["running"])


def untold(row):
    return row["refused"] - row["told_when"]


GOALS = [
    ("sagas/s, 256 clients", at_least(6_000), of("completed", "sagas_per_second", clients=256)),
    ("p50 ms, 1 client", at_most(2), of("completed", "p50_ms", clients=1)),
    ("p99 ms, 1 client", at_most(5), of("completed", "p99_ms", clients=1)),
    ("p50 ms, half load", at_most(4), of("half load", "p50_ms")),
    ("p99 ms, half load", at_most(25), of("half load", "p99_ms")),
    ("CPU of engine and PostgreSQL, µs per saga, 256 clients", at_most(250), of("completed", cpu, clients=256)),
    ("commits per saga, 256 clients", at_most(0.1), of("completed", "commits", clients=256)),
    ("WAL, bytes per saga, 256 clients", at_most(4_500), of("completed", "wal_bytes", clients=256)),
    ("disk kept, bytes per saga", at_most(3_000), of("stored sagas: growth", "disk")),
    ("half undone, sagas/s, 64 clients", at_least(4_000), of("half undone", "sagas_per_second")),
    ("engine MB, 256 clients", at_most(100), of("completed", "engine_mb", clients=256)),
    ("engine MB, parked sagas", at_most(200), of("parked sagas", "engine_mb")),
    ("throughput with a long log, share of a short one's", at_least(0.95), of("stored sagas: growth", "share")),
    ("throughput with 1,000 definitions, share of that with one", at_least(0.95), of("definitions: share", "share")),
    ("throughput beside sick services, share", at_least(0.9), of("sick services: share", "share")),
    ("throughput at 3 × the maximum, share kept", at_least(0.9), of("overload: kept", "share")),
    ("refusals without Retry-After", at_most(0), of("overload: kept", untold)),
    ("kill -9: all done after s", at_most(1.5), of("kill -9 and restart", "seconds")),
    ("kill -9: steps run twice beyond those in flight", at_most(0), of("kill -9 and restart", beyond_flight)),
    ("rebuild of a view, events/s", at_least(60_000), of("rebuild of a view", "events_per_second")),
    ("rebuild of a view, readings that failed", at_most(0), of("rebuild of a view", "failed")),
    ("lag of a view, p99 ms, half load", at_most(250), of("views: lag at half load", "p99_ms")),
]


def judge(report):
    """Those whose sections ran; a missed one fails nothing, since the machine may have been at other work."""
    rows = []
    for name, (sign, limit, worst), seen in GOALS:
        value = seen(report.lines, worst)
        if value is None:
            continue
        met = value >= limit if sign == "≥" else value <= limit
        rows.append({"figure": name, "goal": f"{sign} {limit:,}", "seen": value, "met": "met" if met else "missed"})
        report.line("goal", rows[-1])
    if rows:
        report.say("goals: the worst of this run's medians\n\n" +
                   table([("figure", "{}", "figure"), ("goal", "{}", "goal"), ("seen", "{:,.2f}", "seen"), ("", "{}", "met")], rows))
