"""What sagas owe each other (semantics.md section 4), read from the logs of both: a child belongs to the step that asked for it and
its end is what its parent was told; an event is with everyone it was for, once, before its emitter went on; who begins by an
event begins once. A part of checker.py."""

import collections

import paths
from evidence import seconds

CLOCKS = 0.05
COMMIT = 0.5  # an event of the log may be so much older than its commit
UNDO = ":undo"


class Between:
    def check_between(self):
        self.named = {row["hash"]: row["name"] for row in self.run.definition}
        self.asked = {}  # idempotency key: when it was asked for
        self.children = {}  # saga: (parent, path, operation)
        self.emitted = collections.defaultdict(list)
        for saga, told in self.stories.items():
            self.note_what_is_asked(saga, told)
        for saga, told in self.stories.items():
            self.check_origin(saga, told)
            self.check_received(saga, told)
            self.check_children_of(saga, told)
            self.check_emits_of(saga, told)
            self.check_waits_of(saga, told)
        self.check_events_from_outside()

    def note_what_is_asked(self, saga, told):
        for event in told.events:
            undo = UNDO if event["type"] == "CompensationRequested" else ""
            if not undo and event["type"] != "StepRequested":
                continue
            path, request = event["data"]["step"], event["data"].get("request", {})
            self.asked.setdefault(f"{saga}:{path}{undo}", seconds(event["time"]))
            child = request.get("child")
            if child and child not in self.children:
                self.children[child] = (saga, path, undo)

    # --- who began by whom

    def check_origin(self, saga, told):
        started = told.events[0]["data"]
        parent, key = started.get("parent"), started.get("startKey") or ""
        if parent:
            asked = self.children.get(saga)
            self.demand(asked is not None and (parent["saga"], parent["step"]) == asked[:2], "I7",
                        f"saga {saga}: it says that it is the child of {parent['saga']}, which has not asked for it")
            if asked:
                self.demand(key == f"saga:{asked[0]}:{asked[1]}{asked[2]}", "I2", f"saga {saga}: a child with the start key {key}")
                self.demand(self.asked[f"{asked[0]}:{asked[1]}{asked[2]}"] <= seconds(told.events[0]["time"]) + CLOCKS, "I9",
                            f"saga {saga}: it is older than the request for it")
            self.counts["children"] += 1
        if key.startswith("event:"):
            cause = started.get("cause") or {}
            self.demand(key == f"event:{cause.get('source')}:{cause.get('id')}", "I2", f"saga {saga}: it began by {cause} and has the key {key}")
            self.check_source(saga, cause.get("source"), cause.get("id"))
            self.counts["began by an event"] += 1

    def check_source(self, saga, source, event):
        """An event that says it comes from a saga was emitted by that saga."""
        if source in self.named.values():
            self.demand(event in self.asked, "I9", f"saga {saga}: it has the event {event} of {source}, which nobody has emitted")

    def check_received(self, saga, told):
        received = [event["data"] for event in told.events if event["type"] == "EventReceived"]
        for event in received:
            self.counts["events received"] += 1
            if event.get("id"):
                self.check_source(saga, event.get("source"), event["id"])

    # --- children

    def check_children_of(self, saga, told):
        for event in told.events:
            data, path = event["data"], event["data"].get("step")
            if event["type"] == "StepSucceeded" and told.of(path).child:
                self.check_success_of_child(saga, told, event)
            elif event["type"] == "StepFailed" and told.of(path).child:
                self.check_failure_of_child(saga, told, event)
            elif event["type"] == "StepCompensated" and told.undo_of(path).kind == "saga" and not told.undo_of(path).by_hand:
                self.check_undo_of_child(saga, told, event)
        if told.phase != "ended":
            return
        for path, progress in told.action.items():
            child = self.stories.get(progress.child)
            if child is None:
                continue
            self.demand(child.phase in ("ended", "stuck"), "I3", f"saga {progress.child}: it runs on, and its parent {saga} has ended")
            step = told.step_at(path)
            as_one = not step.keeps_effect and step.undo is None and not told.undo_of(path).by_hand
            if told.status in ("compensated", "cancelled") and as_one:
                self.demand(child.status != "completed", "I10", f"saga {progress.child}: completed, and its parent {saga} is {told.status}")

    def ends_of(self, saga):
        """(time, status, output) of each end of that saga."""
        told = self.stories.get(saga)
        return [(seconds(event["time"]), event["data"]["status"], event["data"].get("output"))
                for event in (told.events if told else []) if event["type"] == "SagaEnded"]

    def check_success_of_child(self, saga, told, event):
        path, child = event["data"]["step"], told.of(event["data"]["step"]).child
        ended = [end for end in self.ends_of(child) if end[1] == "completed"]
        if not ended:
            return self.wrong("I9", f"saga {saga}: {path} succeeded, and its child {child} is not completed")
        self.demand(ended[0][0] <= seconds(event["time"]) + CLOCKS, "I9", f"saga {saga}: {path} succeeded before its child {child} had ended")
        if not told.step_at(path).has_output:
            self.demand(event["data"].get("output") == ended[0][2], "I9", f"saga {saga}: the output of {path} is not that of its child {child}")
        return None

    def check_failure_of_child(self, saga, told, event):
        path, child = event["data"]["step"], told.of(event["data"]["step"]).child
        ends = [end for end in self.ends_of(child) if end[0] <= seconds(event["time"]) + CLOCKS]
        if child not in self.stories:
            return self.demand(not event["data"]["possiblyDone"], "I8", f"saga {saga}: {path} is possibly done, and its child never began")
        if not ends:
            return self.wrong("I9", f"saga {saga}: {path} is given up while its child {child} runs")
        self.demand(ends[-1][1] != "completed" or told.step_at(path).has_output, "I9", f"saga {saga}: {path} failed, and its child {child} is completed")
        left = ends[-1][1] == "failed"
        self.demand(event["data"]["possiblyDone"] == left or told.step_at(path).has_output, "I8",
                    f"saga {saga}: {path} says {event['data']['possiblyDone']} about possibly done, and its child is {ends[-1][1]}")
        return None

    def check_undo_of_child(self, saga, told, event):
        path = event["data"]["step"]
        asked = [row["data"]["request"].get("child") for row in told.events
                 if row["type"] == "CompensationRequested" and row["data"]["step"] == path and row["version"] < event["version"]][-1]
        own = asked == told.of(path).child
        ends = [end[1] for end in self.ends_of(asked) if end[0] <= seconds(event["time"]) + CLOCKS]
        good = ("cancelled", "compensated") if own else ("completed",)
        self.demand(ends and ends[-1] in good, "I8", f"saga {saga}: {path} was undone by the child {asked}, which is {ends[-1:] or 'not there'}")

    # --- events

    def check_emits_of(self, saga, told):
        for event in told.events:
            path, undo = event["data"].get("step"), UNDO if event["type"] == "StepCompensated" else ""
            if event["type"] not in ("StepSucceeded", "StepCompensated"):
                continue
            progress = told.undo_of(path) if undo else told.of(path)
            if progress.kind != "emit" or progress.by_hand:
                continue
            request = next(row["data"]["request"] for row in told.events
                           if row["type"] == ("CompensationRequested" if undo else "StepRequested") and row["data"]["step"] == path)
            self.counts["events emitted"] += 1
            name = self.named[told.events[0]["data"]["definition"]]
            sent = {"name": request["event"], "key": request["key"], "source": name, "id": f"{saga}:{path}{undo}", "except": saga}
            reached = (event["data"].get("output") or {}).get("reached", 0)
            self.check_delivered(sent, self.asked[sent["id"]], seconds(event["time"]), reached)

    def check_delivered(self, sent, since, until, reached, again=float("inf")):
        """Everyone it is for has it; said to be so between those times. It was sent again at that time."""
        have = 0
        for saga, told in self.stories.items():
            started = told.events[0]
            if started["data"].get("businessKey") != sent["key"] or saga == sent["except"] or sent["name"] not in told.rules.named_events:
                continue
            has_it = (sent["source"], sent["id"]) in told.received
            # What was sent again may have reached it since, or may have found it ended.
            have += has_it and told.received[sent["source"], sent["id"]] <= min(until, again - COMMIT) and self.keeps_until(told) > until + CLOCKS
            concerned = seconds(started["time"]) < since - COMMIT and self.keeps_until(told) > until + CLOCKS
            self.demand(has_it or not concerned, "I9", f"saga {saga}: it has not got the event {sent['id']}, which is said to be delivered")
        self.demand(reached >= have, "I9", f"{sent['id']}: it is said to have reached {reached}, and {have} have it")
        for known in self.rules.values():
            for on in known.start_on:
                key = (known.source["saga"], f"event:{sent['source']}:{sent['id']}")
                if on["event"] == sent["name"] and "where" not in on:
                    self.demand(key in self.by_key, "I9", f"{sent['id']}: it is said to be delivered, and no {key[0]} began")

    def sent_again(self, request):
        """When the same event was sent the next time."""
        return min((seconds(other["sent"]) for other in self.run.history
                    if other["operation"] == "event" and other["event"]["id"] == request["event"]["id"] and other["sent"] > request["sent"]),
                   default=float("inf"))

    def keeps_until(self, told):
        """From when on that saga keeps no events any more."""
        return next((seconds(event["time"]) for event in told.events if event["type"] in ("CompensationStarted", "SagaEnded")), float("inf"))

    def check_events_from_outside(self):
        for request in self.run.history:
            if request["operation"] == "event" and request["status"] == 202:
                event = request["event"]
                sent = {"name": event["type"], "key": event.get("subject"), "source": event["source"], "id": event["id"], "except": None}
                self.counts["events from outside"] += 1
                self.check_delivered(sent, seconds(request["sent"]), seconds(request["received"]), request["answer"]["reached"],
                                     self.sent_again(request))
            elif request["operation"] == "signal" and request["status"] == 202:
                told = self.stories.get(request["saga"])
                kept = told is not None and (("signal", request["id"]) in told.received or (told.cause or {}).get("event") == request["name"])
                self.counts["signals kept"] += 1
                self.demand(kept, "I1", f"saga {request['saga']}: it was told that its signal {request['id']} is kept, and it is not")

    # --- time

    def check_waits_of(self, saga, told):
        """I14: a wait ends within a second after its time, while an engine was there and nobody held the saga."""
        until, held = {}, False
        for event in told.events:
            path = event["data"].get("step")
            held = held or event["type"] in ("SagaPaused", "SagaStuck", "RetryRequested")
            if event["type"] == "StepWaiting" and event["data"].get("until") and told.step_at(path).kind == "wait":
                until[path] = seconds(event["data"]["until"])
            if event["type"] == "StepSucceeded" and path in until and not held:
                self.counts["waits"] += 1
                late = seconds(event["time"]) - until[path]
                was_away = any(start < seconds(event["time"]) and until[path] - CLOCKS < end + self.late for start, end in self.away)
                self.demand(late <= self.late or was_away, "I14", f"saga {saga}: {path} waited {late:.3f} s too long")
