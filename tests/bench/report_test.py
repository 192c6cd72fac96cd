#!/usr/bin/env python3
"""What is made of a run's figures: the chart, the goals, and whether memory grew."""

import json
import os
import subprocess
import tempfile
import unittest

import compared
import endurance
import goals

CHART = os.path.join(os.path.dirname(os.path.abspath(__file__)), "chart")


def row(engine, rate, what="completed", clients=64):
    return {"what": what, "engine": engine, "clients": clients, "sagas_per_second": rate, "spread": {"sagas_per_second": [rate, rate]}}


class Kept:
    """A report that only keeps."""

    def __init__(self, lines):
        self.lines, self.said = list(lines), []

    def line(self, what, values):
        self.lines.append({"what": what, **values})

    def say(self, text):
        self.said.append(text)


def verdicts(*lines):
    report = Kept(lines)
    goals.judge(report)
    return {line["figure"]: line["met"] for line in report.lines if line["what"] == "goal"}


class Goals(unittest.TestCase):
    def test_a_figure_at_its_limit_meets_the_goal_and_one_beyond_misses_it(self):
        for rate, verdict in ((4_000, "met"), (3_999, "missed")):
            self.assertEqual(verdicts(row("skald", rate, "half undone")), {"half undone, sagas/s, 64 clients": verdict})

    def test_of_several_rows_the_worst_counts(self):
        rows = [{"what": "rebuild of a view", "events_per_second": rate, "failed": failed} for rate, failed in ((90_000, 0), (50_000, 1))]
        self.assertEqual(verdicts(*rows), {"rebuild of a view, events/s": "missed", "rebuild of a view, readings that failed": "missed"})

    def test_what_a_peer_did_meets_no_goal_of_ours(self):
        self.assertEqual(verdicts(row("restate", 9_000, "half undone")), {})

    def test_a_section_that_did_not_run_is_not_judged(self):
        self.assertEqual(verdicts(), {})


class Growth(unittest.TestCase):
    def verdict(self, grown_mb, sagas):
        first = {"stored": 1_000, "engine_mb": 30.0}
        last = {"stored": 1_000 + sagas, "engine_mb": 30.0 + grown_mb, "share": 1.0, "shares": [1, 1], "disk": 0}
        return endurance.growth_of(first, last)["verdict"]

    def test_an_id_kept_of_each_of_a_million_sagas_is_growth(self):
        self.assertEqual(self.verdict(grown_mb=16e6 / 2**20, sagas=1_000_000), "it grows")

    def test_a_few_megabytes_of_the_allocator_are_none(self):
        self.assertEqual(self.verdict(grown_mb=7, sagas=100_000), "flat")


class Chart(unittest.TestCase):
    def drawn(self, *rows):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            for line in rows:
                file.write(json.dumps(line) + "\n")
            file.flush()
            return subprocess.run([CHART, file.name], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    MACHINE = {"what": "machine", "cores": 2, "commit": "<dirty>", "repeat": 3, "seconds": 5}

    def test_the_chart_says_how_often_the_best_peer_fits_into_skald(self):
        chart = self.drawn(self.MACHINE, row("skald", 3_000), row("dbos", 400), row("restate", 600)).stdout
        self.assertIn("64 clients: 5.0 × the best peer", chart)
        self.assertIn("&lt;dirty&gt;", chart)

    def test_only_the_last_run_of_the_file_is_drawn(self):
        chart = self.drawn(self.MACHINE, row("dbos", 1_111), self.MACHINE, row("skald", 2_222)).stdout
        self.assertNotIn("1,111", chart)
        self.assertIn("2,222", chart)

    def test_a_run_without_completed_sagas_is_no_chart(self):
        self.assertNotEqual(self.drawn(self.MACHINE).returncode, 0)


class Peers(unittest.TestCase):
    def test_without_node_the_peers_are_left_out_and_it_is_said(self):
        report, path = Kept([]), os.environ["PATH"]
        try:
            os.environ["PATH"] = ""
            self.assertIsNone(compared.installed(report))
        finally:
            os.environ["PATH"] = path
        self.assertIn("no Node", report.said[0])


if __name__ == "__main__":
    unittest.main()
