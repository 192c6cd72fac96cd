"""A service that holds the calls named by the header `Hold` ("b b:undo") until the test lets them go: so a cancel can meet a saga at
any point of it. The first one held is then answered as `Reply` says: done, refused, lost, later (503 with Retry-After)."""

import threading

from hostile import Hostile, Seen, well_formed
from processes import wait_until

import time

WAIT = 15.0  # seconds that a call is held at most


class Gate(Hostile):
    def __init__(self, name, behind):
        super().__init__(name, {}, behind)
        self.asked, self.let_go = {}, {}  # by key

    def answer(self, wire, request, number):
        fields = request.fields
        key, undo = fields["idempotency-key"], fields["saga-operation"] == "compensate"
        point = fields["saga-step"] + (":undo" if undo else "")
        held = fields.get("hold", "").split()
        with self.lock:
            self.seen.append(Seen(key, int(fields["saga-attempt"]), fields["saga-operation"], None, number, time.time()))
            first = key not in self.asked
        if point not in held or not first:
            effect = self.have_done(request)
            return wire.send(well_formed(effect.status, effect.body))
        reply = fields.get("reply", "done") if point == held[0] else "done"
        effect = self.have_done(request) if reply in ("done", "lost") else None
        with self.lock:
            self.hits[f"held, then {reply}"] += 1
            self.asked[key] = True
        self.gate_of(key).wait(WAIT)
        if reply == "done":
            wire.send(well_formed(effect.status, effect.body))
        elif reply == "refused":
            wire.send(well_formed(409, b""))
        elif reply == "later":
            wire.send(well_formed(503, b"", "Retry-After: 60\r\n"))
        else:
            wire.close()

    def gate_of(self, key):
        with self.lock:
            return self.let_go.setdefault(key, threading.Event())

    def await_asked(self, key):
        wait_until(lambda: key in self.asked, f"{key} is asked for")

    def open(self, key):
        self.gate_of(key).set()
