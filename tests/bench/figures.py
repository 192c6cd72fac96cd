"""Rows of figures: medians of repeated measurements, and how they are printed."""

import statistics


def median_of(runs):
    """One row of several: numbers become their median, `spread` keeps the least and the most of each."""
    row, spread = {}, {}
    for key, first in runs[0].items():
        if isinstance(first, (int, float)) and not isinstance(first, bool):
            values = [run[key] for run in runs]
            row[key] = statistics.median(values)
            spread[key] = [min(values), max(values)]
        else:
            row[key] = first
    row["spread"] = spread
    return row


def least(row, key):
    return row["spread"][key][0] if "spread" in row else row[key]


def most(row, key):
    return row["spread"][key][1] if "spread" in row else row[key]


def table(columns, rows):
    """`columns`: (title, format, value of a row), where the value is a key or a function."""
    def cell(row, form, value):
        return form.format(value(row) if callable(value) else row[value])

    lines = ["| " + " | ".join(title for title, _, _ in columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(cell(row, form, value) for _, form, value in columns) + " |" for row in rows]
    return "\n".join(lines)


RATE = [("sagas/s", "{:.0f}", "sagas_per_second"),
        ("min", "{:.0f}", lambda row: least(row, "sagas_per_second")),
        ("max", "{:.0f}", lambda row: most(row, "sagas_per_second"))]
LATENCY = [("p50 ms", "{:.2f}", "p50_ms"), ("p95 ms", "{:.2f}", "p95_ms"), ("p99 ms", "{:.2f}", "p99_ms")]
CPU = [("CPU engine µs", "{:.0f}", "cpu_engine_us"), ("PostgreSQL µs", "{:.0f}", "cpu_postgres_us"),
       ("service µs", "{:.0f}", "cpu_service_us"), ("client µs", "{:.0f}", "cpu_client_us")]
LOG = [("WAL B/saga", "{:.0f}", "wal_bytes"), ("commits/saga", "{:.3f}", "commits"),
       ("engine MB", "{:.0f}", "engine_mb")]
