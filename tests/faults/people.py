"""People of the standard scenario: operators who pause, resume, skip, retry and terminate sagas at random moments, and outsiders who
send signals and events. Whoever pauses a saga lets it go on again."""

import http.client
import random
import threading
import time

import evidence
from calls import call

PATIENCE = 90
EVENTS = ("news", "news", "departed", "storm")


class People:
    def __init__(self, url, seed, sagas, parties, engine_is_ready):
        """sagas(): the ids of sagas that run, as far as clients know."""
        self.url, self.sagas, self.parties, self.engine_is_ready = url, sagas, parties, engine_is_ready
        self.chance = random.Random(f"{seed} people")
        self.history, self.ending, self.faults, self.sent = [], False, [], 0
        self.threads = [threading.Thread(target=self.live, args=(what,), daemon=True) for what in (self.operate, self.tell)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ending = True
        for thread in self.threads:
            thread.join()
        assert not self.faults, self.faults

    def live(self, what):
        try:
            while not self.ending:
                time.sleep(0.03 + 0.1 * self.chance.random())
                what()
        except Exception as fault:  # told at the end: an exception in a thread is lost otherwise
            self.faults.append(f"{what.__name__}: {fault!r}")

    def operate(self):
        known = self.sagas()
        if not known:
            return
        saga, fate = self.chance.choice(known), self.chance.random()
        if fate < 0.5:
            self.verb(saga, "pause", {})
            time.sleep(0.2 * self.chance.random())
            self.insist(saga, "resume", {})
        elif fate < 0.7:
            self.verb(saga, "skip", {"step": self.chance.choice(["pack", "tell", "bed", "apply", "last"]), "reason": "why not"})
        elif fate < 0.92:
            self.verb(saga, "retry", {})
        else:
            self.verb(saga, "terminate", {"reason": "enough"})

    def tell(self):
        known, self.sent = self.sagas(), self.sent + 1
        if known and self.chance.random() < 0.5:
            saga, name = self.chance.choice(known), "news"
            answer, sent = self.ask(f"/v1/sagas/{saga}/signals/{name}", {"why": "not"}, {"Idempotency-Key": f"signal-{self.sent}"})
            return self.note(answer, sent, operation="signal", saga=saga, name=name, id=f"signal-{self.sent}")
        event = {"specversion": "1.0", "id": f"event-{self.sent}", "source": "/outside", "type": self.chance.choice(EVENTS),
                 "subject": self.chance.choice(self.parties), "data": {"journey": "none", "number": self.chance.randrange(40)}}
        for _ in range(1 + (self.chance.random() < 0.3)):  # some are sent twice
            answer, sent = self.ask("/v1/events", event, {"Content-Type": "application/cloudevents+json"})
            self.note(answer, sent, operation="event", event=event)
        return None

    def verb(self, saga, verb, body):
        answer, sent = self.ask(f"/v1/sagas/{saga}/{verb}", body, {})
        self.note(answer, sent, operation=verb, saga=saga)
        return answer

    def insist(self, saga, verb, body):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            answer = self.verb(saga, verb, body)
            if answer is not None and answer.status < 500:
                return
            self.engine_is_ready.wait(1)
            time.sleep(0.05)
        raise AssertionError(f"no answer to {verb} of {saga} within {PATIENCE} s")

    def ask(self, path, body, headers):
        sent = evidence.now()
        try:
            return call("POST", self.url + path, body, headers), sent
        except (OSError, http.client.HTTPException):
            self.engine_is_ready.wait(1)
            return None, sent

    def note(self, answer, sent, **request):
        self.history.append({**request, "sent": sent, "received": evidence.now(), "status": answer and answer.status,
                             "answer": answer and answer.json})
