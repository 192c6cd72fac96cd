"""A small run in which everything is as it must be, for the checker's own tests: six sagas of one definition, in two
partitions, through a hand-over between two writers.

    done        completed
    refused     the second step is refused, the first undone
    lost        the second step is possibly done, twice; both are undone in reverse
    cancelled   completed, then cancelled
    early       cancelled while its first step is in flight
    unasked     its start got no answer; completed"""

import datetime
import json

from evidence import Evidence

EPOCH = datetime.datetime(2026, 11, 21, tzinfo=datetime.timezone.utc)

DEFINITION = {
    "saga": "order", "answerAfter": "pay", "cancelUntil": "forever", "steps": [
        {"id": "reserve", "http": {"service": "stock", "method": "POST", "path": "/reservations"},
         "compensate": {"http": {"service": "stock", "method": "POST", "path": "/reservations/cancel"}}},
        {"id": "pay", "http": {"service": "bank", "method": "POST", "path": "/payments"}, "timeout": "1s",
         "retry": {"maximumAttempts": 2, "initialInterval": "1s", "jitter": 0},
         "compensate": {"http": {"service": "bank", "method": "POST", "path": "/refunds"}}}]}
SERVICE = {"reserve": "stock", "pay": "bank"}
REFUSED = {"type": "no-money", "title": "Refused", "status": 402}
TIMEOUT = {"type": "timeout", "title": "No answer in time"}
CANCELLED = {"type": "cancelled", "title": "Cancelled"}


def at(seconds):
    return (EPOCH + datetime.timedelta(seconds=seconds)).isoformat()


class Run:
    """Nothing has happened yet: two partitions, two writers, and how to tell what happens."""

    def __init__(self, definitions):
        self.run = Evidence(
            event=[], writer=[{"writer": 1, "registered_at": at(0), "revoked_at": at(100)},
                              {"writer": 2, "registered_at": at(100), "revoked_at": None}],
            ownership=[{"partition": 0, "writer": 2}, {"partition": 1, "writer": 2}], saga=[], start_key=[],
            definition=[{"name": one["saga"], "hash": f"h{number + 1}", "canonical": json.dumps(one)} for number, one in enumerate(definitions)],
            ledgers={"stock": [], "bank": []}, history=[],
            injected=[{"kind": "process", "what": "kill", "at": at(99), "until": at(101), "hits": 1}])
        self.heads = {0: 0, 1: 0}

    # --- their pieces

    def event(self, saga, partition, when, what, /, **fields):
        self.heads[partition] += 1
        version = 1 + sum(event["saga_id"] == saga for event in self.run.event)
        self.run.event.append({"partition": partition, "position": self.heads[partition], "saga_id": saga,
                               "version": version, "type": what, "time": at(when), "data": fields,
                               "writer": 1 if when < 100 else 2})

    def ledger(self, step, saga, when, undo=False, answer=200, effect=True, attempt=1):
        entries = self.run.ledgers[SERVICE[step]]
        entries.append({"number": len(entries) + 1, "time": at(when), "key": f"{saga}:{step}" + (":undo" if undo else ""),
                        "operation": "compensate" if undo else "action", "attempt": attempt, "saga": saga, "step": step,
                        "method": "POST", "answer": answer, "effect": effect, "replayed": False, "fault": None})

    def begin(self, saga, partition, when):
        self.event(saga, partition, when, "SagaStarted", input={"article": saga}, definition="h1", startKey="key-" + saga)
        self.request(saga, partition, "reserve", when)
        self.run.start_key.append({"definition": "order", "key": "key-" + saga, "saga_id": saga})
        self.run.saga.append({"saga_id": saga, "status": None, "ended_at": None})

    def request(self, saga, partition, step, when, event="StepRequested"):
        self.event(saga, partition, when, event, step=step, request={"method": "POST", "service": SERVICE[step], "path": "/"})

    def succeed(self, saga, partition, step, when):
        self.ledger(step, saga, when - 0.5)
        self.event(saga, partition, when, "StepSucceeded", step=step, attempts=1)

    def undo(self, saga, partition, step, asked, done, succeeded=True):
        self.request(saga, partition, step, asked, "CompensationRequested")
        self.ledger(step, saga, done - 0.5, undo=True)
        self.event(saga, partition, done, "StepCompensated", step=step, attempts=1, succeeded=succeeded, answer=200)

    def end(self, saga, partition, when, status, undo):
        self.event(saga, partition, when, "SagaEnded", status=status, undo=undo)
        row = next(row for row in self.run.saga if row["saga_id"] == saga)
        row.update(status=status, ended_at=at(when))

    def answer(self, saga, when, status):
        body = None if status is None else {"id": saga} if status < 300 else {"saga": saga}
        self.run.history.append({"operation": "start", "key": "key-" + saga, "input": {"article": saga}, "sent": at(when),
                                 "received": at(when + 3), "status": status, "replayed": False, "answer": body})

    def cancel(self, saga, status):
        self.run.history.append({"operation": "cancel", "saga": saga, "sent": at(0), "received": at(0), "status": status,
                                 "replayed": False, "answer": {"id": saga}})

    # --- for those who break it

    def events_of(self, saga):
        return [event for event in self.run.event if event["saga_id"] == saga]

    def find(self, saga, kind, step=None):
        return next(event for event in self.events_of(saga)
                    if event["type"] == kind and step in (None, event["data"].get("step")))

    def entry(self, key):
        return next(entry for entries in self.run.ledgers.values() for entry in entries if entry["key"] == key)

    def request_of(self, saga, operation="start"):
        return next(request for request in self.run.history
                    if request["operation"] == operation and saga in (request.get("saga"), request.get("key", "")[4:]))

    def renumber(self):
        """After events were taken out or put in: positions and versions as they then would be."""
        heads, versions = {}, {}
        for event in self.run.event:
            heads[event["partition"]] = event["position"] = heads.get(event["partition"], 0) + 1
            versions[event["saga_id"]] = event["version"] = versions.get(event["saga_id"], 0) + 1

    def remove(self, *events):
        self.run.event = [event for event in self.run.event if not any(event is gone for gone in events)]
        self.renumber()


class Example(Run):
    def __init__(self):
        super().__init__([DEFINITION])
        self.completed("done", 0, 10)
        self.refused("refused", 0, 20)
        self.lost("lost", 1, 30)
        self.cancelled("cancelled", 1, 50)
        self.early("early", 0, 110)
        self.completed("unasked", 1, 120, answered=False)

    # --- the stories

    def completed(self, saga, partition, start, answered=True):
        self.begin(saga, partition, start)
        self.succeed(saga, partition, "reserve", start + 1)
        self.request(saga, partition, "pay", start + 1)
        self.succeed(saga, partition, "pay", start + 2)
        self.end(saga, partition, start + 2, "completed", "none")
        self.answer(saga, start, 201 if answered else None)

    def refused(self, saga, partition, start):
        self.begin(saga, partition, start)
        self.succeed(saga, partition, "reserve", start + 1)
        self.request(saga, partition, "pay", start + 1)
        self.ledger("pay", saga, start + 2, answer=402, effect=False)
        self.event(saga, partition, start + 2, "StepFailed", step="pay", attempts=1, error=REFUSED, possiblyDone=False)
        self.event(saga, partition, start + 2, "CompensationStarted", error=REFUSED)
        self.undo(saga, partition, "reserve", start + 2, start + 3)
        self.end(saga, partition, start + 3, "compensated", "done")
        self.answer(saga, start, 422)

    def lost(self, saga, partition, start):
        self.begin(saga, partition, start)
        self.succeed(saga, partition, "reserve", start + 1)
        self.request(saga, partition, "pay", start + 1)
        self.ledger("pay", saga, start + 1.5, answer=None)
        self.event(saga, partition, start + 2, "AttemptFailed", step="pay", operation="action", attempt=1, error=TIMEOUT,
                   possiblyDone=True, retryAt=at(start + 3))
        self.ledger("pay", saga, start + 3.1, answer=None, effect=False, attempt=2)
        self.event(saga, partition, start + 4, "StepFailed", step="pay", attempts=2, error=TIMEOUT, possiblyDone=True)
        self.event(saga, partition, start + 4, "CompensationStarted", error=TIMEOUT)
        self.undo(saga, partition, "pay", start + 4, start + 5, succeeded=False)
        self.undo(saga, partition, "reserve", start + 5, start + 6)
        self.end(saga, partition, start + 6, "compensated", "done")
        self.answer(saga, start, 503)

    def cancelled(self, saga, partition, start):
        self.completed(saga, partition, start)
        self.event(saga, partition, start + 5, "CompensationStarted", error=CANCELLED, afterCompletion=True)
        self.undo(saga, partition, "pay", start + 5, start + 6)
        self.undo(saga, partition, "reserve", start + 6, start + 7)
        self.end(saga, partition, start + 7, "cancelled", "done")
        self.cancel(saga, 202)

    def early(self, saga, partition, start):
        self.begin(saga, partition, start)
        self.event(saga, partition, start + 1, "CompensationStarted", error=CANCELLED)
        self.succeed(saga, partition, "reserve", start + 2)
        self.undo(saga, partition, "reserve", start + 2, start + 3)
        self.end(saga, partition, start + 3, "cancelled", "done")
        self.answer(saga, start, 202)
        self.cancel(saga, 202)
