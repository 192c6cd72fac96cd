"""A run's log grows old, and `skald log retain` is killed at its failpoint while clients go on; then it is done again. After each of
the two, nothing but ended, old sagas has left, each as a whole, with all that stands beside the log, and into a file that has
every event as it was."""

import glob
import json
import os
import signal
import subprocess
import threading
import time

from calls import call
from failpoints import action_taken
from processes import BINARY, wait_until
from retention_test import A_MONTH_PASSES

PREFIX, AGE = "retention-", "7d"
# Most partitions of a run of 200 sagas end within their first segment, and some go on.
SEGMENTS = """update skald.setting set segment_positions = 64; drop table skald.event_000000, skald.event_000001;
delete from skald.segment; select skald.make_segments(9)"""
# Of the partition that has most events: what is written there now is in a later segment.
BUSY = """select s.business_key from skald.event e join skald.saga s using (partition, saga_id) where s.business_key like 'party-%'
group by 1 order by max(e.position) desc limit 1"""
EVENTS = "select partition, position, saga_id, version, type, data from skald.event order by 1, 2"
SAGAS = "select saga_id, extract(epoch from ended_at) from skald.saga"
KEYS = "select saga_id, key from skald.start_key"
PASSES = "select extract(epoch from ended_before), exported_to from skald.retention where done_at is not null"
TRIES = 40


class OldLog:
    """The log as it was before anything left."""

    def __init__(self, query):
        self.query = query
        query(A_MONTH_PASSES)
        self.events = self.read_events()
        self.ended = {saga: float(ended) if ended else None for saga, ended in query(SAGAS)}
        self.keys = {tuple(row) for row in query(KEYS)}
        self.left, self.violations = set(), []

    def read_events(self):
        return {(row[0], row[1]): (row[2], row[3], row[4], json.loads(row[5])) for row in self.query(EVENTS)}

    def demand(self, holds, what):
        if not holds:
            self.violations.append(("retention", what))

    def judge(self, acknowledged):
        now, passes = self.read_events(), self.query(PASSES)
        for place, event in self.events.items():
            self.demand(now.get(place, event) == event, f"the event at {place} is another one now")
        gone = {place: event for place, event in self.events.items() if place not in now}
        self.left = {event[0] for event in gone.values()}
        self.demand(passes or not gone, f"{len(gone)} events are gone, and nothing says that they left")
        before = max((float(row[0]) for row in passes), default=0.0)
        for saga in self.left:
            self.demand(self.ended[saga] is not None and self.ended[saga] < before, f"saga {saga} left, and had not ended before {before}")
        self.demand(not self.left & {event[0] for event in now.values()}, "a saga has left in part")
        kept = self.read_files([row[1] for row in passes])
        for place, event in gone.items():
            self.demand(kept.get(place) == event, f"the event at {place} left, and no file has it as it was")
        self.check_beside(acknowledged, {event[0] for event in now.values()})

    def check_beside(self, acknowledged, there):
        old = set(self.ended)
        rows, keys = {row[0] for row in self.query(SAGAS)}, {tuple(row) for row in self.query(KEYS)}
        self.demand(rows & old == there & old, "the rows of old sagas are not those of the log")
        self.demand({key for key in self.keys if key[0] not in self.left} <= keys, "a start key is gone whose saga stays")
        self.demand(not {saga for saga, _ in keys} & self.left, "a start key stays whose saga has left")
        self.demand(set(acknowledged) <= there, "a saga that was acknowledged meanwhile is not in the log")

    def read_files(self, names):
        """Of passes that are done, whole files only."""
        kept = {}
        for name in names:
            with open(name, encoding="utf-8") as file:
                for line in map(json.loads, file):
                    if "position" in line:
                        kept[(str(line["partition"]), str(line["position"]))] = (line["saga"], str(line["version"]), line["type"], line["data"])
        return kept


class Guests:
    """Starts of sagas in one busy partition, without a pause."""

    def __init__(self, url, party):
        self.url, self.party, self.acknowledged, self.ending = url, party, [], False
        self.thread = threading.Thread(target=self.come, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending = True
        self.thread.join()

    def come(self):
        while not self.ending:
            answer = call("POST", f"{self.url}/v1/sagas/guest?wait=0s", {"party": self.party})
            if answer.status in (201, 202):
                self.acknowledged.append(answer.json["id"])
            time.sleep(0.02)


def is_about(failpoint):
    return failpoint is not None and failpoint.startswith(PREFIX)


def retain(conninfo, directory, environment=None):
    """The process, when it has ended."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SKALD_")}
    return subprocess.run([BINARY, "log", "retain", "--older-than", AGE, "--export", directory, "--database-url", conninfo],
                          capture_output=True, text=True, check=False, env={**kept, **(environment or {})})


def violations(failpoint, engine, query, conninfo, directory):
    """What is wrong after the killed retention and after the one that followed; and whether the point was hit."""
    counts = os.path.join(directory, "retention-counts")
    exports = os.path.join(directory, "exports")
    os.mkdir(exports)
    log = OldLog(query)
    engine.start()
    try:
        with Guests(engine.url, query(BUSY)[0][0]) as guests:
            wait_until(lambda: len(guests.acknowledged) > 5, "guests have come")
            for _ in range(TRIES):  # the views have to pass the old events first
                done = retain(conninfo, exports, {"SKALD_FAILPOINTS": failpoint, "SKALD_FAILPOINTS_COUNTS": counts})
                if action_taken(failpoint, counts):
                    break
                time.sleep(0.5)
            log.demand(done.returncode == -signal.SIGKILL, f"it was not killed: {done.returncode} {done.stdout}{done.stderr}")
            wait_until(lambda: query("select count(*) from pg_locks where locktype = 'advisory'") == [["0"]], "its session ends")
            log.judge(list(guests.acknowledged))
            for _ in range(TRIES):
                if query(PASSES):
                    break
                done = retain(conninfo, exports)
            log.judge(list(guests.acknowledged))
            log.demand(log.left, f"nothing left: {done.stdout}{done.stderr}")
    finally:
        engine.stop()
    parts = glob.glob(os.path.join(exports, "*"))
    print(f"retention: {len(log.left)} of {len(log.ended)} sagas left, {len(guests.acknowledged)} began meanwhile; files: {len(parts)}", flush=True)
    return log.violations, action_taken(failpoint, counts)
