"""Workers of the standard scenario: they poll for tasks over HTTP, keep their lease by heartbeats, do the work once by its key, and
say so; or refuse, give back, or die with the lease open, before the work or after it. What they did is their ledger, by queue."""

import http.client
import random
import threading
import time
from urllib.parse import quote

import evidence
from calls import call

QUEUES = ("packing", "unpacking")
WORKERS = 4
LEASE = "1s"  # the shortest there is
# Shares of the tasks: the worker dies before its work, or after it; cannot now; will not; takes long and keeps the lease.
DIES, DIES_AFTER, GIVES_BACK, REFUSES, SLOW = 0.05, 0.05, 0.06, 0.02, 0.06
PATIENCE = 5.0  # seconds for the engine to hear a worker's word


class Workers:
    def __init__(self, url, seed, engine_is_ready):
        self.url, self.engine_is_ready = url, engine_is_ready
        self.history, self.ledgers = [], {f"queue-{queue}": [] for queue in QUEUES}
        self.chance, self.lock = random.Random(f"{seed} workers"), threading.Lock()
        self.done, self.undone = {}, set()  # the number of the effect, by key of the action
        self.number, self.ending, self.faults = 0, False, []
        self.deaths = 0
        self.threads = [threading.Thread(target=self.live, args=(number,), daemon=True) for number in range(WORKERS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending = True
        for thread in self.threads:
            thread.join()
        assert not self.faults, self.faults

    def live(self, number):
        try:
            while not self.ending:
                for queue in QUEUES:
                    self.poll(queue, f"worker-{number}")
        except Exception as fault:  # told at the end: an exception in a thread is lost otherwise
            self.faults.append(f"worker {number}: {fault!r}")

    def poll(self, queue, worker):
        sent = evidence.now()
        answer = self.ask(f"/v1/tasks/{queue}/poll", {"worker": worker, "max": 3, "wait": "100ms", "lease": LEASE})
        if answer is None or answer.status != 200:
            self.engine_is_ready.wait(0.5)
            time.sleep(0.02)
            return
        tasks, received = answer.json["items"], evidence.now()
        for task in tasks:
            self.history.append({"operation": "lease", **self.about(task), "sent": sent, "received": received, "until": task["leaseUntil"], "status": 200})
        for task in tasks:
            self.take(queue, task, self.about(task))

    def about(self, task):
        return {"task": task["id"], "saga": task["saga"], "step": task["step"], "undo": task["operation"] == "compensate", "attempt": task["attempt"]}

    def take(self, queue, task, about):
        with self.lock:
            fate = self.chance.random()
        for share, what in ((DIES, self.die), (DIES_AFTER, self.work), (GIVES_BACK, self.give_back), (REFUSES, self.refuse), (SLOW, self.take_long)):
            if fate < share:
                self.deaths += what in (self.die, self.work)
                return what(queue, task, about)
            fate -= share
        return self.finish(queue, task, about)

    def die(self, queue, task, about):
        pass

    def work(self, queue, task, about):
        """Once by its key; what was undone before is not done any more. The status that a service would answer."""
        key, undo = task["idempotencyKey"], about["undo"]
        with self.lock:
            action = key.removesuffix(":undo")
            if undo:
                effect = action in self.done and action not in self.undone
                status = 200 if action in self.done else 404
                self.undone.add(action)
            else:
                effect = action not in self.done and action not in self.undone
                status = 409 if action in self.undone else 200
                if effect:
                    self.done[action] = True
            self.number += 1
            self.ledgers[f"queue-{queue}"].append({
                "number": self.number, "time": evidence.now(), "key": key, "operation": task["operation"], "attempt": task["attempt"], "saga": task["saga"],
                "step": task["step"], "method": "TASK", "answer": status, "effect": effect, "replayed": status == 200 and not effect, "fault": None})
        return status

    def finish(self, queue, task, about):
        status = self.work(queue, task, about)
        if status == 409:
            return self.say(about, "fail", {"error": {"type": "too-late", "title": "It was undone before"}})
        return self.say(about, "complete", {"output": {"by": "a worker"}})

    def give_back(self, queue, task, about):
        return self.say(about, "fail", {"error": {"type": "later", "title": "Not now"}, "retryable": True})

    def refuse(self, queue, task, about):
        """Only what nobody has done; and no undo, which a person would have to decide about."""
        with self.lock:
            known = task["idempotencyKey"] in self.done
        if known or about["undo"] or task["attempt"] > 1:
            return self.finish(queue, task, about)
        with self.lock:
            self.undone.add(task["idempotencyKey"])  # remembered: it will not be done later either
        return self.say(about, "fail", {"error": {"type": "sold-out", "title": "Sold out"}})

    def take_long(self, queue, task, about):
        for _ in range(4):
            time.sleep(0.4)
            beat = self.ask(f"/v1/tasks/{quote(task['id'])}/heartbeat", {"lease": LEASE})
            if beat is not None and beat.status == 200:
                self.history.append({"operation": "lease", **about, "sent": evidence.now(), "received": evidence.now(), "until": beat.json["leaseUntil"],
                                     "status": 200, "beat": True})
        return self.finish(queue, task, about)

    def say(self, about, word, body):
        """Until the engine has an answer to it; afterwards another worker may have the task."""
        end, sent = time.monotonic() + PATIENCE, evidence.now()
        while time.monotonic() < end:
            answer = self.ask(f"/v1/tasks/{quote(about['task'])}/{word}", body)
            if answer is not None and answer.status < 500:
                self.history.append({"operation": "word", **about, "word": word, "sent": sent, "received": evidence.now(), "status": answer.status})
                return
            self.engine_is_ready.wait(0.5)
            time.sleep(0.02)

    def ask(self, path, body):
        try:
            return call("POST", self.url + path, body)
        except (OSError, http.client.HTTPException):
            return None
