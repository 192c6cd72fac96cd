"""The standard scenario: clients that apply at the recruitment system, some of them without a skill, some twice with one
key at once, some cancelling at any moment; among them sagas with steps of every other kind. Whoever gets no answer asks again with the same key. Every request and every
answer is written down."""

import http.client
import random
import threading
import time

import evidence
from calls import call

REFUSED, TWICE, HASTY, CANCELLED = 0.15, 0.1, 0.25, 0.35  # shares of the sagas
# Shares of other definitions than the job application: steps that need nobody but the engine; journeys, which need workers and
# other sagas; and those whom journeys tell.
MIXED, JOURNEYS, GUESTS = 0.15, 0.2, 0.1
PARTIES = [f"party-{number}" for number in range(12)]
RECENT = 40  # so many sagas that were begun last are for people to meddle with
NUDGED = 0.5  # share of these that get the event they wait for
PATIENCE = 90  # seconds for one application, through every restart of the engine

FAULTS = {
    "recruitment": [{"status": 500, "afterEffect": True, "rate": 0.08}, {"drop": True, "afterEffect": True, "rate": 0.06},
                    {"drop": True, "rate": 0.04}, {"status": 429, "rate": 0.04}],
    "qualification": [{"status": 503, "rate": 0.06}, {"drop": True, "afterEffect": True, "rate": 0.05},
                      {"latency": "1500ms", "rate": 0.1}],  # longer than the step's timeout
    "enrollment": [{"status": 500, "afterEffect": True, "rate": 0.1}, {"drop": True, "rate": 0.1},
                   {"latency": "300ms", "rate": 0.1}],
    "things": [{"status": 500, "afterEffect": True, "rate": 0.05}, {"drop": True, "afterEffect": True, "rate": 0.05},
               {"drop": True, "rate": 0.05}],
}


class Clients:
    def __init__(self, url, seed, sagas, clients, engine_is_ready, with_workers=True, sleepers=0):
        self.url, self.seed, self.sagas, self.engine_is_ready = url, seed, sagas, engine_is_ready
        self.with_workers = with_workers  # else nobody would do the tasks of journeys
        self.sleepers = sleepers  # so many of the first sagas sleep for a minute
        self.history = []
        self.known = []  # sagas that were acknowledged
        self.begun = 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.work, args=(number,), daemon=True) for number in range(clients)]
        self.faults = []  # what went wrong in a client itself

    def start(self):
        for thread in self.threads:
            thread.start()

    def join(self):
        for thread in self.threads:
            thread.join()
        assert not self.faults, self.faults

    def work(self, number):
        try:
            while (turn := self.next_turn()) is not None:
                self.apply(turn)
        except Exception as fault:  # told by join(): an exception in a thread is lost otherwise
            self.faults.append(f"client {number}: {fault!r}")

    def recent(self):
        return self.known[-RECENT:]

    def next_turn(self):
        with self.lock:
            if self.begun == self.sagas:
                return None
            self.begun += 1
            return self.begun

    def apply(self, turn):
        chance = random.Random(f"{self.seed} {turn}")
        refused = chance.random() < REFUSED
        start = {"operation": "start", "key": f"key-{turn}", "definition": "recruitment",
                 "input": {"applicantId": f"applicant-{turn}", "name": "Ann", "age": 30, "skill": "none" if refused else "welding",
                           "job": "welder"}}
        other = chance.random()
        if turn <= self.sleepers:
            start.update(definition="sleeper", input={})
        elif other < MIXED:
            start.update(definition="mixed", input={"big": chance.random() < 0.5, "refuse": refused})
        elif self.with_workers and other < MIXED + JOURNEYS:
            seats = [f"seat-{number}" for number in range(chance.randrange(5))]
            start.update(definition="journey", input={"party": chance.choice(PARTIES), "seats": seats, "noRoom": chance.random() < 0.15,
                                                      "refuse": refused, "number": turn % 40})
        elif self.with_workers and other < MIXED + JOURNEYS + GUESTS:
            start.update(definition="guest", input={"party": chance.choice(PARTIES)})
        nudged = start["definition"] == "mixed" and chance.random() < NUDGED
        hasty, twice, cancels = (chance.random() < share for share in (HASTY, TWICE, CANCELLED))
        pause = chance.choice([0, 0.01, 0.05, 0.2, 1.0]) * chance.random()
        second = threading.Thread(target=self.insist, args=(start, hasty)) if twice else None
        if second:
            second.start()
        answer = self.insist(start, hasty)
        if second:
            second.join()
        if answer.status in (201, 202):
            self.known.append(answer.json["id"])
        if nudged and answer.status in (201, 202):
            self.nudge(answer.json["id"])
        if cancels and answer is not None and answer.status in (201, 202):
            time.sleep(pause)
            self.insist({"operation": "cancel", "saga": answer.json["id"]}, False)

    def nudge(self, saga):
        """Whether it was kept is in the log; nothing is promised about an event that got no answer."""
        try:
            call("POST", f"{self.url}/v1/sagas/{saga}/signals/nudge", {"why": "not"})
        except (OSError, http.client.HTTPException):
            pass

    def insist(self, request, hasty):
        """Asks until there is an answer that names a saga, or one that says no."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            answer = self.ask(request, hasty)
            if answer is not None and (answer.status < 500 or "saga" in answer.json):
                return answer
            self.engine_is_ready.wait(1)
            time.sleep(0.05)
        raise AssertionError(f"no answer within {PATIENCE} s: {request}")

    def ask(self, request, hasty):
        sent, answer = evidence.now(), None
        try:
            if request["operation"] == "start":
                answer = call("POST", f"{self.url}/v1/sagas/{request['definition']}" + ("?wait=0s" if hasty else ""), request["input"],
                              {"Idempotency-Key": request["key"]})
            else:
                answer = call("POST", f"{self.url}/v1/sagas/{request['saga']}/cancel", {"reason": "changed my mind"})
        except (OSError, http.client.HTTPException):
            pass
        self.history.append({**request, "sent": sent, "received": evidence.now(), "status": answer and answer.status,
                             "replayed": bool(answer and answer.headers.get("Idempotency-Replayed")),
                             "retryAfter": answer and answer.headers.get("Retry-After"),
                             "answer": answer and answer.json})
        return answer
