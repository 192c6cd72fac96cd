#!/usr/bin/env python3
"""The checker: holds the log, the ledgers of the services and the history of the clients against each other, by the
invariants of reliability.md that need no view: I1 to I10, I13, I14.

    checker.py DIRECTORY [--acknowledged N] [--faults N] [--hits N]      (evidence.py says what lies in it)

Prints what it counted and every violation. Exit code: 0 none, 1 violations, 2 refused: too little happened in the run to
prove anything, or something in it has no rule here."""

import argparse
import collections
import dataclasses
import sys

import evidence
import paths
import rules
import story
from asked import Asked
from between import UNDO, Between
from evidence import seconds

ENDED = ("completed", "compensated", "cancelled", "failed")
CLOCKS = story.CLOCKS


class Checker(Between, Asked):
    def __init__(self, run, late=1.0):
        self.run, self.late = run, late
        self.violations = []
        self.counts = collections.Counter()
        self.events = collections.defaultdict(list)  # by saga, in order of version
        for event in run.event:
            self.events[event["saga_id"]].append(event)
        for events in self.events.values():
            events.sort(key=lambda event: event["version"])
        self.rules = {row["hash"]: rules.Rules(row) for row in run.definition}
        self.stories = {}
        self.away = [(seconds(fault["at"]), seconds(fault["until"])) for fault in run.injected if fault.get("until")]

    def wrong(self, invariant, what):
        self.violations.append((invariant, what))

    def demand(self, holds, invariant, what):
        if not holds:
            self.wrong(invariant, what)

    def check(self):
        self.check_partitions()
        for saga in self.events:
            self.check_story(saga)
        self.check_rows()
        self.check_start_keys_of_log()
        self.check_starts()
        self.check_cancels()
        self.check_between()
        self.check_verbs()
        self.check_workers()
        self.check_ledgers()
        self.check_retries()
        self.count()
        return self.violations

    # --- the log by itself

    def check_partitions(self):
        """I5: no hole. I6: one writer after the other, each revoked before the next."""
        writers = {row["writer"]: row for row in self.run.writer}
        partitions = collections.defaultdict(list)
        for event in self.run.event:
            partitions[event["partition"]].append(event)
        owners = {row["partition"]: row["writer"] for row in self.run.ownership}
        for partition, events in partitions.items():
            events.sort(key=lambda event: event["position"])
            positions = [event["position"] for event in events]
            self.demand(positions == list(range(1, len(events) + 1)), "I5",
                        f"partition {partition}: its positions are not 1 to {len(events)}")
            for before, event in zip(events, events[1:]):
                self.demand(before["time"] <= event["time"] or seconds(before["time"]) <= seconds(event["time"]), "I5",
                            f"partition {partition}: the time falls at position {event['position']}")
                if before["writer"] != event["writer"]:
                    self.check_hand_over(partition, event["position"], before, event["writer"], writers)
            last = events[-1]["writer"]
            self.demand(last in writers, "I6", f"partition {partition}: its last writer {last} was never registered")
            self.demand((owners.get(partition) or 0) >= last, "I6",
                        f"partition {partition}: its last writer {last} came after its owner {owners.get(partition)}")

    def check_hand_over(self, partition, position, before, to, writers):
        place, old = f"partition {partition} at {position}", writers.get(before["writer"])
        self.demand(to > before["writer"], "I6", f"{place}: writer {to} follows {before['writer']}, which is newer")
        self.demand(to in writers and old is not None, "I6", f"{place}: a writer was never registered")
        if old is None:
            return
        self.demand(old["revoked_at"] is not None, "I6", f"{place}: writer {old['writer']} was not revoked before {to}")
        self.demand(old["revoked_at"] is None or seconds(before["time"]) <= seconds(old["revoked_at"]) + CLOCKS, "I6",
                    f"{place}: writer {old['writer']} appended after it was revoked")

    def check_story(self, saga):
        """I4, I5, I7, I8 by the replay; I3: at rest every saga has ended, or is stuck with a reason."""
        events = self.events[saga]
        known = self.rules.get(events[0]["data"].get("definition"))
        if known is None:
            return self.wrong("I7", f"saga {saga}: its first event names no definition that is kept")
        told = self.stories[saga] = story.Story(saga, events, known, self.away)
        self.violations += told.violations
        places = [event["position"] for event in events]
        self.demand(places == sorted(places) and len({event["partition"] for event in events}) == 1, "I5",
                    f"saga {saga}: its versions and its positions are in another order")
        reason = told.phase == "stuck" and events[-1]["data"].get("error")
        self.demand(told.phase == "ended" or reason, "I3", f"saga {saga}: has not ended, it is {told.phase}")

    def check_rows(self):
        """I13: a saga has its row, and its row says what the log says; nothing has a row that is not in the log."""
        rows = {row["saga_id"]: row for row in self.run.saga}
        for saga, told in self.stories.items():
            row = rows.get(saga)
            if row is None:
                self.wrong("I13", f"saga {saga}: it has events and no row")
                continue
            standing = told.status if told.phase == "ended" else told.phase
            self.demand(row["status"] == standing, "I13", f"saga {saga}: its row says {row['status']}, its log {standing}")
            self.demand((row["ended_at"] is not None) == (told.phase == "ended"), "I13",
                        f"saga {saga}: its row says otherwise about whether it has ended")
        for saga in rows.keys() - self.events.keys():
            self.wrong("I13", f"saga {saga}: it has a row and no event")

    def check_start_keys_of_log(self):
        """I1, I2, I13: a key and its saga are in the log together, once."""
        kept = {(row["definition"], row["key"]): row["saga_id"] for row in self.run.start_key}
        names = {row["hash"]: row["name"] for row in self.run.definition}
        self.by_key = {}
        for saga, events in self.events.items():
            started = events[0]["data"]
            key = (names.get(started.get("definition")), started.get("startKey"))
            if key[1] is None:
                continue
            self.demand(key not in self.by_key, "I1", f"key {key[1]}: the log has two sagas, {saga} and {self.by_key.get(key)}")
            self.by_key[key] = saga
            self.demand(kept.get(key) == saga, "I13", f"saga {saga}: its start key {key[1]} is kept for {kept.get(key)}")
        for key, saga in kept.items():
            self.demand(key in self.by_key, "I13", f"key {key[1]}: kept for {saga}, which is not in the log")

    # --- the clients

    def check_starts(self):
        """I1: what was acknowledged is there. I2: one saga per key. I13: what failed has left nothing half made (the
        stories, rows and ledgers show that nothing is half made; here: that nothing is there that nobody asked for)."""
        said = {}
        asked = collections.defaultdict(list)
        for start in self.starts():
            asked[start["key"]].append(start)
            saga = named_saga(start)
            if saga is None:
                continue
            self.counts["acknowledged"] += 1
            known = said.setdefault(start["key"], saga)
            self.demand(known == saga, "I2", f"key {start['key']}: one answer names {known}, another {saga}")
            self.check_acknowledged(start, saga)
        keys = collections.defaultdict(set)
        for key, saga in said.items():
            keys[saga].add(key)
        for saga, same in keys.items():
            self.demand(len(same) == 1, "I2", f"saga {saga}: several keys mean it, {sorted(same)}")
        for (_, key), saga in self.by_key.items():
            if key.startswith(("saga:", "event:")):  # by another saga, or an event: between.py
                continue
            self.demand(key in asked, "I13", f"saga {saga}: nobody asked for it with key {key}")
            unnamed = [start for start in asked[key] if start["status"] in (400, 404, 422) and named_saga(start) is None]
            self.demand(not unnamed, "I13", f"saga {saga}: its start with key {key} was refused as invalid, and it is there")

    def check_acknowledged(self, start, saga):
        key, events = start["key"], self.events.get(saga)
        if not events:
            return self.wrong("I1", f"key {key}: its start was acknowledged as saga {saga}, which is not in the log")
        self.demand(events[0]["data"].get("startKey") == key, "I1",
                    f"key {key}: acknowledged as saga {saga}, which has the key {events[0]['data'].get('startKey')}")
        self.demand("input" not in start or events[0]["data"].get("input") == start["input"], "I1",
                    f"saga {saga}: its input is not what was sent")
        told = self.stories.get(saga)
        if told is None or told.rules.answer_after is None or start["status"] == 202:
            return
        decided = self.decided(told)
        self.demand(decided == start["status"] or start["status"] == 200, "I1",
                    f"saga {saga}: its start was answered {start['status']}, and its log says {decided}")

    def decided(self, told):
        """semantics.md section 3, answerAfter: what a start has to be answered."""
        for event in told.events:
            succeeded = event["type"] in ("StepSucceeded", "StepSkipped")
            if succeeded and event["data"]["step"] == told.rules.answer_after:
                return 201
            if event["type"] == "SagaEnded" and (event["data"].get("error") or {}).get("type") == "terminated":
                return 409
            if event["type"] == "CompensationStarted":
                error = event["data"]["error"]
                if error["type"] == "cancelled":
                    return 409
                exhausted = error["type"] in ("exhausted", "deadline", "timeout", "unreachable", "circuit-open", "invalid-answer")
                return 503 if exhausted else 422
        return None

    def starts(self):
        return [request for request in self.run.history if request["operation"] == "start"]

    # --- the services

    def check_ledgers(self):
        """I9: a recorded success was answered by its service, an effect was asked for before it. I10: the net effect."""
        self.ledger = collections.defaultdict(list)  # by key
        for service, entries in self.run.ledgers.items():
            for entry in entries:
                if entry["key"] is not None:
                    self.ledger[entry["key"]].append({"service": service, **entry})
        for entries in self.ledger.values():
            entries.sort(key=lambda entry: entry["number"])
        for key, entries in self.ledger.items():
            self.check_effects(key, entries)
        for saga, told in self.stories.items():
            self.check_successes(saga, told)
            self.check_net_effect(saga, told)

    def check_effects(self, key, entries):
        effects = [entry for entry in entries if entry["effect"]]
        self.counts["effects"] += len(effects)
        self.demand(len(effects) <= 1, "I10", f"{key}: it had an effect {len(effects)} times")
        saga, step, *undo = key.split(":")
        kind = "CompensationRequested" if undo else "StepRequested"
        if not all(entry["operation"] == ("compensate" if undo else "action") for entry in entries):
            self.wrong("I9", f"{key}: it is the key of an action and of an undo")
        asked = [event for event in self.events.get(saga, []) if event["type"] == kind and event["data"]["step"] == step]
        for effect in effects:
            if not asked:
                self.wrong("I9", f"{key}: it had an effect in {effect['service']}, and the log has no {kind}")
            else:
                self.demand(seconds(asked[0]["time"]) <= seconds(effect["time"]) + CLOCKS, "I9",
                            f"{key}: its effect is older than its {kind}")
                self.demand(self.who_is_asked(asked[-1]["data"]["request"]) == effect["service"], "I9",
                            f"{key}: it had its effect in {effect['service']}, another service than was asked")

    def who_is_asked(self, request):
        """The ledger that knows: of a service, or of the workers of a queue."""
        return request["service"] if "service" in request else f"queue-{request.get('queue')}"

    def check_successes(self, saga, told):
        for event in told.events:
            path = event["data"].get("step")
            if event["type"] == "StepSucceeded" and told.step_at(path).kind in rules.CALLS:
                good = [entry for entry in self.ledger.get(f"{saga}:{path}", []) if is_2xx(entry["answer"])]
                did = [entry for entry in good if entry["effect"] or entry["replayed"] or entry["method"] in ("GET", "HEAD")]
                self.demand(did, "I9", f"saga {saga}: {path} succeeded, and the ledger of its service has no success")
            if event["type"] == "StepCompensated" and told.undo_of(path).kind in rules.CALLS and not told.undo_of(path).by_hand:
                good = [entry for entry in self.ledger.get(f"{saga}:{path}:undo", [])
                        if is_2xx(entry["answer"]) or entry["answer"] in (404, 410)]
                self.demand(good, "I9", f"saga {saga}: {path} was undone, and the ledger of its service does not know")

    def check_net_effect(self, saga, told):
        for path, progress in told.action.items():
            step = progress.step
            if step.kind not in rules.CALLS or progress.by_hand or told.undo_of(path).by_hand:
                continue
            did, undid = (next((entry for entry in self.ledger.get(key, []) if entry["effect"]), None)
                          for key in (f"{saga}:{path}", f"{saga}:{path}{UNDO}"))
            self.demand(did or not undid, "I10", f"saga {saga}: {path} was undone, and never had an effect")
            if did and undid and did["service"] == undid["service"]:
                self.demand(did["number"] < undid["number"], "I10", f"saga {saga}: {path} had its effect after its undo")
            if told.status == "completed":
                self.demand(progress.state != "done" or did or step.action.method in ("GET", "HEAD"), "I10",
                            f"saga {saga}: completed, and {path} had no effect")
                self.demand(not undid, "I10", f"saga {saga}: completed, and {path} was undone")
            elif told.status in ("compensated", "cancelled") and step.undo and step.undo.kind in rules.CALLS:
                self.demand(undid or not did, "I10", f"saga {saga}: {told.status}, and the effect of {path} is left")

    def check_retries(self):
        """I14: an attempt reaches its service not before its time, and in time while an engine was there to send it."""
        for saga, told in self.stories.items():
            for event in told.events:
                if event["type"] != "AttemptFailed" or self.is_moved_by_hand(told, event):
                    continue
                data = event["data"]
                if told.action_of(data).kind != "http":  # a task waits for a worker
                    continue
                key = f"{saga}:{data['step']}" + (":undo" if data["operation"] == "compensate" else "")
                due = seconds(data["retryAt"])
                next_ones = [entry for entry in self.ledger.get(key, []) if entry["attempt"] == data["attempt"] + 1]
                if not next_ones:
                    continue
                self.counts["retries"] += 1
                came = min(seconds(entry["time"]) for entry in next_ones)
                seen = min([came] + self.sent_by_log(told, data))  # the log's times lag, so they say nothing about too early
                self.demand(came >= due - CLOCKS, "I14", f"{key}: attempt {data['attempt'] + 1} came {due - came:.3f} s early")
                slowed = "latency" in (next_ones[0]["fault"] or "")
                was_away = any(start < seen and due - CLOCKS < end + self.late for start, end in self.away)
                self.demand(slowed or was_away or seen <= due + self.late, "I14",
                            f"{key}: attempt {data['attempt'] + 1} came {seen - due:.3f} s late")

    def is_moved_by_hand(self, told, failed):
        """Whether a person has given this attempt's successor another time."""
        return any(event["version"] > failed["version"] and event["type"] in ("RetryRequested", "SagaPaused", "SagaResumed", "SagaStuck")
                   for event in told.events) or any(event["type"] == "SagaPaused" for event in told.events)

    def sent_by_log(self, told, failed):
        """When the attempt after this one left, where the log shows it: it timed out. The ledger only tells when the service came to
        it, and on a busy machine that may be long after."""
        timeout = told.action_of(failed).timeout
        return [seconds(event["time"]) - timeout for event in told.events
                if is_outcome_of(event, failed["step"], failed["operation"], failed["attempt"] + 1)
                and has_timed_out(event["data"]["error"])]

    # --- what was seen

    def count(self):
        self.counts.update(events=len(self.run.event), sagas=len(self.events), starts=len(self.starts()))
        self.counts["faults"] = len(self.run.injected)
        self.counts["hits"] = sum(fault["hits"] for fault in self.run.injected)
        for told in self.stories.values():
            self.counts[told.status if told.phase == "ended" else told.phase] += 1
            failures = [event["data"] for event in told.events if event["type"] in ("AttemptFailed", "StepFailed")]
            self.counts["time-outs"] += sum(failure["error"]["type"] == "timeout" for failure in failures)
            self.counts["unknown outcomes"] += sum(failure["possiblyDone"] for failure in failures)
            self.counts["undone"] += any(event["type"] == "StepCompensated" for event in told.events)
        self.counts["starts refused"] = sum(start["status"] == 422 and named_saga(start) is not None for start in self.starts())
        self.counts["unanswered"] = sum(request["status"] is None for request in self.run.history)

    def too_little(self, least):
        return [f"{self.counts[what]} {what}, at least {wanted} are needed" for what, wanted in least.items()
                if self.counts[what] < wanted]


def named_saga(start):
    """The saga that an answer acknowledges; none: it promised nothing."""
    answer = start["answer"]
    if start["status"] is None or not isinstance(answer, dict):
        return None
    return answer.get("id") if is_2xx(start["status"]) else answer.get("saga")


def is_outcome_of(event, step, operation, attempt):
    """Whether this event tells how that attempt failed: the last one of an action is told by StepFailed."""
    data = event["data"]
    if event["type"] == "StepFailed":
        return operation == "action" and (data["step"], data["attempts"]) == (step, attempt)
    return event["type"] == "AttemptFailed" and (data["step"], data["operation"], data["attempt"]) == (step, operation, attempt)


def has_timed_out(error):
    return error["type"] == "timeout" or error["type"] == "exhausted" and "the last: No answer in time" in error.get("detail", "")


def is_2xx(status):
    return status is not None and 200 <= status < 300


@dataclasses.dataclass
class Verdict:
    violations: list  # (invariant, what)
    shortcomings: list  # what was too little
    counts: collections.Counter

    @property
    def code(self):
        return 1 if self.violations else 2 if self.shortcomings else 0


def verdict(run, least, late=1.0, out=None):
    """Prints counts and violations."""
    try:
        checker = Checker(run, late)
    except rules.NotCovered as why:
        print(f"checker: refused: {why} is not covered", file=out)
        return Verdict([], [str(why)], collections.Counter())
    violations = checker.check()
    print("checker: " + ", ".join(f"{count} {what}" for what, count in sorted(checker.counts.items())), file=out)
    for invariant, what in violations:
        print(f"checker: {invariant} violated: {what}", file=out)
    shortcomings = checker.too_little(least)
    for shortcoming in shortcomings:
        print(f"checker: refused: {shortcoming}", file=out)
    print(f"checker: {len(violations)} violations", file=out)
    return Verdict(violations, shortcomings, checker.counts)


def judge(run, least, late=1.0, out=None):
    """Prints counts and violations; the exit code."""
    return verdict(run, least, late, out).code


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("directory")
    for what in ("acknowledged", "faults", "hits"):
        arguments.add_argument("--" + what, type=int, default=1, help=f"refuse a run with fewer {what}")
    arguments.add_argument("--late", type=float, default=1.0, help="seconds that a timer may be late")
    given = arguments.parse_args()
    least = {what: getattr(given, what) for what in ("acknowledged", "faults", "hits")}
    return judge(evidence.read(given.directory), least, given.late)


if __name__ == "__main__":
    sys.exit(main())
