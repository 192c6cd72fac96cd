"""A small run of sagas that have to do with each other, in which everything is as it must be, for the checker's own tests:

    trip      asks its child hotel for a room, and tells guest and bill
    hotel     its child: a worker of the queue `rooms` does the work
    guest     has the business key that the trip tells, and waits for the event
    bill      begins by that event
    halted    a trip that is cancelled, and its child inn with it
    kept      a guest that was paused, got a signal, and was terminated"""

from example import CANCELLED, Run, at

DEFINITIONS = [
    {"saga": "trip", "steps": [
        {"id": "room", "saga": {"name": "hotel"}},
        {"id": "tell", "emit": {"event": "booked", "key": "k"}, "compensate": "none"}]},
    {"saga": "hotel", "steps": [{"id": "make", "task": {"queue": "rooms"}, "compensate": {"task": {"queue": "rooms"}}}]},
    {"saga": "guest", "steps": [{"id": "hear", "waitFor": {"event": "booked"}}]},
    {"saga": "bill", "startOn": {"event": "booked"}, "steps": [{"id": "sum", "set": {"n": 1}}]}]
TOLD = {"name": "booked", "id": "trip:tell", "source": "trip", "key": "k"}
CHILD_OF = {"hotel": "trip", "inn": "halted"}


class Company(Run):
    def __init__(self):
        super().__init__(DEFINITIONS)
        self.run.ledgers["queue-rooms"] = []
        self.guest()
        self.trip()
        self.halted()
        self.kept()
        self.run.event.sort(key=lambda event: event["time"])
        self.renumber()

    def guest(self):
        self.starts("guest", 1, 5, "h3", key="client-guest", businessKey="k")
        self.event("guest", 1, 5, "StepRequested", step="hear", kind="waitFor", request={"event": "booked"})
        self.event("guest", 1, 5, "StepWaiting", step="hear", reason="event")
        self.event("guest", 1, 15, "EventReceived", **TOLD)
        self.event("guest", 1, 15, "StepSucceeded", step="hear", attempts=1, takes=4)
        self.ends("guest", 1, 15, "completed", "none")

    def trip(self):
        self.starts("trip", 0, 10, "h1", key="client-trip", businessKey="trip")
        self.event("trip", 0, 10, "StepRequested", step="room", kind="saga", request={"child": "hotel", "definition": "hotel"})
        self.event("trip", 0, 10, "StepWaiting", step="room", reason="child")
        self.hotel("hotel", 11, 13)
        self.event("trip", 0, 13.5, "StepSucceeded", step="room", attempts=1, output={"room": 7})
        self.event("trip", 0, 13.5, "StepRequested", step="tell", kind="emit", request={"event": "booked", "key": "k"})
        self.starts("bill", 1, 16, "h4", key="event:trip:trip:tell", businessKey="bill",
                    cause={"event": "booked", "source": "trip", "id": "trip:tell", "hops": 1})
        self.event("bill", 1, 16, "StepRequested", step="sum", kind="set")
        self.event("bill", 1, 16, "StepSucceeded", step="sum", attempts=1)
        self.ends("bill", 1, 16, "completed", "none")
        self.event("trip", 0, 17, "StepSucceeded", step="tell", attempts=1, output={"reached": 2})
        self.ends("trip", 0, 17, "completed", "none")

    def hotel(self, saga, start, end):
        parent = CHILD_OF[saga]
        self.starts(saga, 1, start, "h2", key=f"saga:{parent}:room", businessKey=saga, parent={"saga": parent, "step": "room"})
        self.event(saga, 1, start, "StepRequested", step="make", kind="task", request={"queue": "rooms"})
        self.event(saga, 1, start, "StepWaiting", step="make", reason="task")
        self.work(saga, start + 1)
        self.event(saga, 1, end, "StepSucceeded", step="make", attempts=1)
        self.ends(saga, 1, end, "completed", "none", output={"room": 7})

    def halted(self):
        self.starts("halted", 0, 20, "h1", key="client-halted", businessKey="halted")
        self.event("halted", 0, 20, "StepRequested", step="room", kind="saga", request={"child": "inn", "definition": "hotel"})
        self.event("halted", 0, 20, "StepWaiting", step="room", reason="child")
        self.hotel("inn", 21, 23)
        self.cancel("halted", 202)
        self.event("halted", 0, 24, "StepSucceeded", step="room", attempts=1, output={"room": 7})
        self.event("halted", 0, 24, "StepRequested", step="tell", kind="emit", request={"event": "booked", "key": "nobody"})
        self.event("halted", 0, 25, "CompensationStarted", error=CANCELLED)
        self.starts("debt", 1, 25.5, "h4", key="event:trip:halted:tell", businessKey="debt",
                    cause={"event": "booked", "source": "trip", "id": "halted:tell", "hops": 1})
        self.event("debt", 1, 25.5, "StepRequested", step="sum", kind="set")
        self.event("debt", 1, 25.5, "StepSucceeded", step="sum", attempts=1)
        self.ends("debt", 1, 25.5, "completed", "none")
        self.event("halted", 0, 26, "StepSucceeded", step="tell", attempts=1, output={"reached": 1})
        self.event("halted", 0, 26, "CompensationRequested", step="room", kind="saga", request={"child": "inn", "definition": "hotel"})
        self.event("inn", 1, 27, "CompensationStarted", error=CANCELLED, by="its parent", afterCompletion=True)
        self.event("inn", 1, 27, "CompensationRequested", step="make", kind="task", request={"queue": "rooms"})
        self.work("inn", 28, undo=True)
        self.event("inn", 1, 29, "StepCompensated", step="make", attempts=1, succeeded=True)
        self.ends("inn", 1, 29, "cancelled", "done")
        self.event("halted", 0, 30, "StepCompensated", step="room", attempts=1, succeeded=True)
        self.ends("halted", 0, 30, "cancelled", "done")

    def kept(self):
        self.starts("kept", 0, 40, "h3", key="client-kept", businessKey="other")
        self.event("kept", 0, 40, "StepRequested", step="hear", kind="waitFor", request={"event": "booked"})
        self.event("kept", 0, 40, "StepWaiting", step="hear", reason="event")
        self.event("kept", 0, 41, "SagaPaused", by="ann")
        self.event("kept", 0, 42, "EventReceived", name="booked", id="7", source="signal")
        self.event("kept", 0, 43, "SagaEnded", status="failed", undo="none", error={"type": "terminated"})
        next(row for row in self.run.saga if row["saga_id"] == "kept").update(status="failed", ended_at=at(43))
        for operation, more in (("pause", {}), ("terminate", {}), ("signal", {"name": "booked", "id": "7"})):
            self.run.history.append({"operation": operation, "saga": "kept", "sent": at(40), "received": at(43), "status": 202, **more})

    # --- their pieces

    def starts(self, saga, partition, when, definition, key, **more):
        self.event(saga, partition, when, "SagaStarted", input={}, definition=definition, startKey=key, **more)
        name = self.run.definition[int(definition[1:]) - 1]["name"]
        self.run.start_key.append({"definition": name, "key": key, "saga_id": saga})
        self.run.saga.append({"saga_id": saga, "status": None, "ended_at": None})
        if key.startswith("client"):
            self.run.history.append({"operation": "start", "key": key, "input": {}, "sent": at(when), "received": at(when), "status": 201,
                                     "replayed": False, "answer": {"id": saga}})

    def ends(self, saga, partition, when, status, undo, **more):
        self.event(saga, partition, when, "SagaEnded", status=status, undo=undo, **more)
        next(row for row in self.run.saga if row["saga_id"] == saga).update(status=status, ended_at=at(when))

    def work(self, saga, when, undo=False):
        """A worker takes the task, does it, and says so."""
        entries, key = self.run.ledgers["queue-rooms"], f"{saga}:make" + (":undo" if undo else "")
        entries.append({"number": len(entries) + 1, "time": at(when), "key": key, "operation": "compensate" if undo else "action", "attempt": 1,
                        "saga": saga, "step": "make", "method": "TASK", "answer": 200, "effect": True, "replayed": False, "fault": None})
        about = {"saga": saga, "step": "make", "undo": undo, "attempt": 1, "task": key + ":1"}
        self.run.history.append({"operation": "lease", **about, "sent": at(when - 0.5), "received": at(when - 0.4), "until": at(when + 4), "status": 200})
        self.run.history.append({"operation": "word", **about, "word": "complete", "sent": at(when), "received": at(when + 1), "status": 202})

    def lease(self, task):
        return next(request for request in self.run.history if request["operation"] == "lease" and request["task"] == task)
