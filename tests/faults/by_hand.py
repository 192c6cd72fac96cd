"""What people do to a saga: retry, skip, pause, resume (semantics.md section 3, Operator). Undo and terminate are told by
undoing.py. A part of story.py."""

import rules

UNDOING = {"CompensationRequested", "CompensationFailed", "SagaEnded", "SagaStuck"}


class ByHand:
    def comes_free(self):
        """What the saga was stuck with has been decided."""
        self.phase, self.stuck_with = "undoing" if self.undo_started_at is not None else "running", None

    def waits_for_retry(self, progress):
        return progress.state == "pausing" or progress.open and progress.kind in rules.CALLS

    def on_RetryRequested(self, event):
        self.demand(self.phase in ("running", "undoing", "stuck"), f"it is to be retried when it is {self.phase}")
        path = event.get("step", "")
        if self.stuck_with == path:
            self.comes_free()
            return self.begins_again(path, event) if path else None
        progress = self.undo_of(path) if path in self.undo else self.of(path)
        self.demand(self.waits_for_retry(progress), "it is neither stuck nor waits for its next attempt")
        progress.retry_at = event["at"]
        return None

    def begins_again(self, path, event):
        """With a new budget. What could not be written was never asked for, and is written now."""
        undoes = path in self.undo and self.phase == "undoing"
        progress = self.undo_of(path) if undoes else self.of(path)
        if progress.open:  # it is stuck with something that is under way
            return
        progress.state = "requested" if progress.kind else "untouched"
        if undoes and not progress.kind:
            self.expected = {"CompensationRequested", "CompensationFailed"}
        progress.attempt, progress.since, progress.retry_at, progress.closed = 0, event["at"], 0.0, 0

    def skip_by_hand(self, event):
        path = event["step"]
        backwards = path in self.undo and self.undo[path].state != "untouched"
        progress = self.undo_of(path) if backwards else self.of(path)
        self.demand(self.stuck_with == path or self.waits_for_retry(progress), f"skipped by hand when it is {progress.state}")
        progress.state, progress.closed, progress.by_hand = "skipped", self.version, True
        if self.stuck_with == path:
            self.comes_free()
        if backwards:
            self.goes_on_undoing()
        else:
            self.goes_on()

    def on_SagaPaused(self, event):
        self.demand(not self.paused and self.phase not in ("none", "ended"), f"paused when {'paused' if self.paused else self.phase}")
        self.paused = True

    def on_SagaResumed(self, event):
        self.demand(self.paused, "resumed, and not paused")
        self.paused = False
        if self.phase == "running":
            self.goes_on()
        elif self.phase == "undoing" and not self.in_flight():
            self.goes_on_undoing()
