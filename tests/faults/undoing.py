"""The way back: semantics.md section 3, undo, cancel, pivot, ends. A part of story.py."""

import paths
import rules

UNDOING = {"CompensationRequested", "CompensationFailed", "SagaEnded", "SagaStuck"}
CLOCKS = 0.05
BY_PARENT = "its parent"


class Undoing:
    def on_CompensationStarted(self, event):
        self.demand(self.phase in ("running", "stuck", "ended"), f"an undo begins while the saga is {self.phase}")
        self.after_completion = self.phase == "ended"
        self.demand(bool(event.get("afterCompletion")) == self.after_completion, "afterCompletion says otherwise")
        failure = self.failure_before()
        self.demand_cause(event, failure)
        if failure is None:
            self.demand_a_way_back(event)
        self.phase, self.cause, self.undo_started_at = "undoing", event["error"], event["at"]
        self.stuck_with = None
        self.kept = {}
        self.give_up_what_waits(event)

    def demand_cause(self, event, failure):
        """Why it is undone, and whether it may be for that reason."""
        kind = event["error"]["type"]
        by_parent = event.get("by") == BY_PARENT and "parent" in self.events[0]["data"]
        by_event = event["error"].get("event") if kind == "cancelled" else None
        until = self.until_of(by_event)
        self.demand(not self.after_completion or kind == "cancelled" and (until == "forever" or by_parent), "a completed saga may not be undone")
        if failure is not None:
            self.demand(kind in (failure["type"], "cancelled"), "its error is not that of the step that failed")
        elif by_event is not None:
            self.demand(until is not None, f"its definition is not cancelled by {by_event}")
            self.demand(self.after_completion or self.came_just_now(by_event), f"{by_event} has not come")
        elif kind == "deadline":
            due = self.started_at + (self.rules.deadline or float("inf"))
            self.demand(event["at"] >= due - CLOCKS, "the deadline has not passed", "I14")
        elif kind != "cancelled":  # by whom, asked.py knows
            stuck = self.stuck_error is not None and kind == self.stuck_error["type"]
            self.demand(stuck or kind in ("expression", "invalid-answer", "invalid-input"), "nothing had failed")

    def until_of(self, by_event):
        """Until when it may be cancelled: by whoever asks, or by that event; none: not by that event."""
        if by_event is None:
            return self.rules.cancel_until
        words = [on.get("until", self.rules.cancel_until) for on in self.rules.cancel_on if on["event"] == by_event]
        return max(words, key=("never", "pivot", "end", "forever").index) if words else None

    def demand_a_way_back(self, event):
        by_event = event["error"].get("event") if event["error"]["type"] == "cancelled" else None
        if self.until_of(by_event) == "forever":
            return
        closed = [path for path, progress in self.action.items() if progress.step.pivot and self.has_closed_the_way_back(progress)]
        self.demand(not closed, f"the pivot {closed} had closed the way back")

    def has_closed_the_way_back(self, progress):
        if progress.state == "given-up":
            return progress.possibly
        asks = progress.step.kind in rules.ACTIONS
        return progress.state not in ("untouched", "skipped") if asks else progress.state == "done"

    def give_up_what_waits(self, event):
        """What is not in flight is given up at once: waits, pauses before a retry, and whatever holds other steps."""
        for path, progress in self.action.items():
            pauses = progress.state == "pausing" and event["at"] < progress.retry_at - CLOCKS
            if pauses or progress.open and progress.step.kind not in rules.ACTIONS:
                self.to_give_up.add(path)
        if self.to_give_up:
            self.expected = {"StepFailed"}
        elif not self.in_flight() and not self.paused:
            self.expected = UNDOING

    def failure_before(self):
        row = self.events[self.version - 2] if self.version > 1 else {"type": ""}
        failed = row["type"] == "StepFailed" and not row["data"].get("optional")
        return row["data"]["error"] if failed else None

    def left_to_undo(self):
        """Steps done or possibly done that have an undo which has not ended."""
        return [path for path, progress in self.action.items()
                if progress.step.is_undone() and (progress.state == "done" or progress.possibly)
                and (path not in self.undo or self.undo[path].state not in ("done", "given-up", "skipped"))]

    def on_CompensationRequested(self, event):
        path = event["step"]
        step, progress = self.step_at(path), self.undo_of(path)
        self.demand(self.phase == "undoing", f"an undo is asked for while the saga is {self.phase}")
        self.demand(not self.in_flight(), "an attempt is in flight whose answer must come first", "I8")
        # A child that could not be undone as one is undone by other means: still the same undo.
        second = progress.open and progress.kind == "saga" and step.undo is not None
        self.demand(not self.paused or second, "an undo is asked for while the saga is paused")
        left = self.left_to_undo()
        self.demand(path in left and (progress.state == "untouched" or second), f"{path} is not to be undone (any more)", "I8")
        if not self.rules.parallel_undo:
            closed = self.of(path).closed
            first = [other for other in left if other != path and self.of(other).order > closed]
            self.demand(not first, f"{first} has to be undone before {path}", "I8")
        progress.kind = event.get("kind", "http")
        progress.state, progress.since, progress.order = "requested", event["at"], self.version
        self.demand_undo_request(event, step, progress, second)
        if self.rules.parallel_undo and any(self.undo_of(other).state == "untouched" for other in left):
            self.expected = {"CompensationRequested", "CompensationFailed"}

    def demand_undo_request(self, event, step, progress, second):
        own = self.of(event["step"]).child
        if own is not None and not second:
            progress.child = event["request"].get("child")
            self.demand(progress.kind == "saga" and progress.child == own, "a child is undone as one, and not by other means first", "I8")
        elif step.undo:
            self.demand(progress.kind == step.undo.kind, f"its undo is a {step.undo.kind} in its definition")
            self.demand_request(event, step.undo, progress)

    def on_StepCompensated(self, event):
        path = event["step"]
        progress, action = self.undo_of(path), self.of(path)
        by_hand = self.stuck_with == path or progress.state == "pausing"
        self.demand(self.phase in ("undoing", "stuck") and (progress.open or by_hand), f"undone when its undo is {progress.state}", "I8")
        self.demand(event["succeeded"] == (action.state == "done"), "`succeeded` says otherwise about the step", "I8")
        answer = event.get("answer")
        self.demand(answer is None or 200 <= answer < 300 or answer in (404, 410), f"{answer} does not mean undone", "I8")
        progress.by_hand = by_hand and answer is None
        progress.state = "done"
        if self.stuck_with == path:
            self.comes_free()
        self.goes_on_undoing()

    def on_CompensationFailed(self, event):
        progress = self.undo_of(event["step"])
        self.demand(self.phase in ("undoing", "stuck") and (progress.open or progress.state == "untouched"), "no undo was going on")
        progress.state = "given-up"
        if self.rules.goes_on_after_failed_undo:
            self.goes_on_undoing()
        else:
            self.expected = {"SagaStuck"}

    def goes_on_undoing(self):
        if self.phase == "undoing" and not self.paused and not any(progress.open for progress in self.undo.values()):
            self.expected = UNDOING

    def on_SagaStuck(self, event):
        self.demand(self.phase in ("running", "undoing", "stuck"), f"stuck when {self.phase}")
        self.phase, self.stuck_with, self.stuck_error = "stuck", event.get("step", ""), event["error"]

    def on_SagaEnded(self, event):
        was, self.phase = self.phase, "ended"
        self.status, self.undo_status = event["status"], event["undo"]
        error = (event.get("error") or {}).get("type")
        if error == "terminated":
            return self.demand(self.status == "failed", "terminated, and it has not failed")
        if self.version == 2 and error in ("invalid-input", "expression"):
            return self.demand((self.status, self.undo_status) == ("failed", "none"), "its input did not fit, and it has not failed")
        self.demand(not self.paused, "it ends while it is paused")
        left = self.left_to_undo()
        undone = [path for path, progress in self.undo.items() if progress.state == "done"]
        given_up = [path for path, progress in self.undo.items() if progress.state in ("given-up", "skipped")]
        if self.status == "completed":
            self.demand(was == "running", f"completed when {was}")
            self.demand(all(self.settled(step.id) for step in self.rules.top), "completed, and a step has not ended")
            self.demand(self.undo_status == "none", "completed, and something was undone")
            return
        self.demand(was == "undoing", f"{self.status} when {was}")
        self.demand(not self.in_flight(), "it ends with an attempt in flight")
        self.demand(not left, f"it ends, and {left} is done or possibly done", "I8")
        if given_up:
            wanted = ("failed", "partial")
        else:
            cancelled = (self.cause or {}).get("type") == "cancelled" and not self.cause.get("step")
            wanted = ("cancelled" if cancelled else "compensated", "done" if undone else "none")
        self.demand((self.status, self.undo_status) == wanted, f"it ends as {self.status}, {self.undo_status}, not {wanted}")
