"""One saga's events, replayed by the rules of semantics.md sections 1 to 3: a second implementation, in another language, of
what engine/core does, written from the document. It checks I4, I5 (versions), I7, I8 and the times of I14 that the log
itself shows; and it tells what became of each step, for the comparison with the ledgers.

A transition is legal if the rules allow it; after some events the next one must follow at once, in the same append."""

import collections
import dataclasses

import rules
from evidence import seconds

CLOCKS = 0.05  # seconds: the log's time is taken a moment before its commit, and never falls in a partition
# The log's clock is the database's time as its last answer told it, so it lags by what that answer took: two of its times
# can be closer together than the moments they stand for, by as much as a commit on a busy disk.
COMMIT = 0.5
RETRIED = (408, 425, 429)
FORWARD = {"StepRequested", "StepWaiting", "StepSucceeded", "StepSkipped", "StepFailed", "SagaEnded", "CompensationStarted", "SagaStuck"}
# What follows the beginning of a step at once, by its kind; a call is in flight then.
BEGUN = {"set": {"StepSucceeded", "StepFailed"}, "fail": {"StepFailed"}, "wait": {"StepWaiting", "StepSucceeded", "StepFailed"},
         "waitFor": {"StepWaiting", "StepSucceeded", "StepFailed"}, "switch": FORWARD, "parallel": FORWARD}
UNDOING = {"CompensationRequested", "CompensationFailed", "SagaEnded", "SagaStuck"}


@dataclasses.dataclass
class Progress:
    """Where the action of a step, or its undo, stands."""
    state: str = "untouched"  # requested, accepted, pausing, done, skipped, given-up
    attempt: int = 0  # the last one recorded as failed
    possibly: bool = False
    since: float = 0.0
    retry_at: float = 0.0
    order: int = 0  # version of the event with which it began
    closed: int = 0  # version of the event that tells its outcome
    until: float = 0.0  # of a wait

    @property
    def open(self):
        return self.state in ("requested", "accepted", "pausing", "waiting")


class Story:
    def __init__(self, saga, events, known, away=()):
        self.saga, self.events, self.rules = saga, events, known
        self.away = away  # (from, until): when no engine was there
        self.violations = []
        self.phase = "none"  # running, undoing, stuck, ended
        self.status = self.undo_status = None
        self.cause = self.undo_started_at = None
        self.after_completion = False
        self.action = {step.id: Progress() for step in known.steps}
        self.undo = {step.id: Progress() for step in known.steps}
        self.kept = collections.Counter()  # events that came for this saga and were not taken yet
        self.to_give_up = set()  # steps that the beginning undo must give up before anything else
        self.expected = {"SagaStarted"}  # what may follow now, if anything must
        self.version = 0
        self.previous = None
        for event in events:
            self.take(event)
        self.finish()

    def wrong(self, invariant, what):
        at = f"{self.previous['type']} {self.version}" if self.previous else "the beginning"
        self.violations.append((invariant, f"saga {self.saga}, at {at}: {what}"))

    def demand(self, holds, what, invariant="I7"):
        if not holds:
            self.wrong(invariant, what)

    # --- one event after the other

    def take(self, row):
        self.version += 1
        event = {"type": row["type"], "at": seconds(row["time"]), "version": row["version"], **row["data"]}
        before, self.previous = self.previous, event
        self.demand(event["version"] == self.version, f"its version is {event['version']}", "I5")
        if before and event["at"] < before["at"]:
            self.wrong("I7", "its time lies before that of the event before it")
        if self.phase == "ended":
            again = self.status == "completed" and event["type"] == "CompensationStarted" and not self.after_completion
            self.demand(again, "an event follows the end", "I4")
        if self.expected is not None:
            self.demand(event["type"] in self.expected, f"one of {sorted(self.expected)} had to follow")
        self.expected = None
        step = event.get("step")
        if step is not None and step not in self.rules.by_id:
            return self.wrong("I7", f"its definition has no step {step}")
        if event["type"] in ("StepAccepted", "AttemptFailed") and self.action_of(event) is None:
            return self.wrong("I7", "what calls nobody has no attempts")
        getattr(self, "on_" + event["type"], self.unknown)(event)

    def unknown(self, event):
        self.wrong("I7", "this checker has no rule for such an event")

    def finish(self):
        if self.expected is not None:
            self.wrong("I7", f"the log ends where one of {sorted(self.expected)} must follow in the same append")
        ends = [index for index, row in enumerate(self.events) if row["type"] == "SagaEnded"]
        for index in ends[:-1]:
            follower = self.events[index + 1]
            legal = (self.events[index]["data"]["status"] == "completed" and len(ends) == 2
                     and follower["type"] == "CompensationStarted" and follower["data"].get("afterCompletion"))
            self.demand(legal, "an end that is not the last event must be `completed` and be undone next", "I4")

    # --- forwards

    def on_SagaStarted(self, event):
        self.demand(self.phase == "none", "it starts twice")
        self.phase, self.started_at = "running", event["at"]
        self.expected = FORWARD

    def settled(self, step):
        progress = self.action[step.id]
        return progress.state in ("done", "skipped") or progress.state == "given-up" and step.optional

    def untouched(self, sequence):
        return all(self.action[step.id].state == "untouched" for step in sequence)

    def begins(self, event):
        """It must be the turn of the step that this event is about."""
        step = self.rules.by_id[event["step"]]
        progress = self.action[step.id]
        self.demand(self.phase == "running", f"a step begins while the saga is {self.phase}")
        self.demand(progress.state == "untouched", f"{step.id} begins when it is {progress.state}")
        self.demand(step.before is None or self.settled(step.before), f"{step.id} begins, and a step before it has not ended")
        if step.parent:
            self.demand(self.action[step.parent.id].open, f"{step.id} begins, and {step.parent.id} is {self.action[step.parent.id].state}")
        if step.parent and step.parent.kind == "switch":
            others = [branch for branch in step.parent.branches if step not in branch]
            self.demand(all(self.untouched(branch) or self.skipped(branch) for branch in others),
                        f"{step.id} begins, and its switch has taken another way")
        progress.state, progress.since, progress.order = "requested", event["at"], self.version
        return step, progress

    def skipped(self, sequence):
        return all(self.action[step.id].state == "skipped" for step in sequence)

    def goes_on(self):
        """Something follows at once, unless a branch beside it is still under way."""
        if not any(self.action[step.id].open for step in self.rules.steps if step.kind not in rules.CONTAINERS):
            self.expected = FORWARD

    def on_StepRequested(self, event):
        step, _ = self.begins(event)
        if step.kind in rules.CALLS:
            request = event["request"]
            self.demand((request["service"], request["method"]) == (step.action.service, step.action.method),
                        "its definition makes another request")
        else:
            self.expected = BEGUN[step.kind]

    def on_StepWaiting(self, event):
        progress = self.action[event["step"]]
        self.demand(progress.open, f"it waits when it is {progress.state}")
        kind, reason = self.rules.by_id[event["step"]].kind, event["reason"]
        self.demand((kind, reason) in (("wait", "timer"), ("waitFor", "event"), ("http", "circuit-open")), f"a {kind} waits for {reason}")
        progress.state = progress.state if reason == "circuit-open" else "waiting"
        progress.until = seconds(event["until"]) if event.get("until") else 0.0
        pause = self.rules.by_id[event["step"]].pause
        if pause is not None and progress.until:
            self.demand(abs(progress.until - progress.since - pause) <= CLOCKS, f"it waits {progress.until - progress.since:.3f} s, not {pause}")

    def on_EventReceived(self, event):
        self.demand(self.phase in ("running", "stuck"), f"an event is kept while the saga is {self.phase}")
        self.kept[event["name"]] += 1

    def on_StepSkipped(self, event):
        step = self.rules.by_id[event["step"]]
        if event["reason"] == "switch":
            switch = next((one for one in step.ancestors if one.kind == "switch"), None)
            self.demand(switch is not None, "it is in no switch")
            self.demand(self.action[step.id].state == "untouched", "it has begun, and its switch passes it by")
        else:
            self.begins(event)
            self.demand(step.conditional and event["reason"] == "if", "nothing allows to skip it")
        self.action[step.id].state, self.action[step.id].closed = "skipped", self.version
        self.goes_on()

    def succeeds_by_itself(self, event, step, progress):
        """What a step that calls nobody needs in order to be done."""
        if step.kind == "wait":
            self.demand(event["at"] >= progress.until - CLOCKS, "it has waited for less than it had to", "I14")
        elif step.kind == "waitFor":
            too_late = step.goes_on and step.patience is not None and event["at"] >= progress.since + step.patience - CLOCKS
            self.demand(self.kept[step.event] > 0 or too_late, f"it goes on, and no {step.event} had come")
            self.kept[step.event] -= self.kept[step.event] > 0
        elif step.kind == "parallel":
            self.demand(all(self.settled(child) for branch in step.branches for child in branch), "a branch has not ended")
        elif step.kind == "switch":
            taken = [branch for branch in step.branches if not self.untouched(branch) and not self.skipped(branch)]
            self.demand(all(self.settled(child) for branch in taken for child in branch), "the way it took has not ended")
        self.demand(step.kind != "fail", "a `fail` cannot succeed")

    def on_StepAccepted(self, event):
        progress = self.progress_of(event)
        self.demand(progress.state in ("requested", "pausing"), f"accepted while {progress.state}")
        progress.state = "accepted"

    def on_StepSucceeded(self, event):
        progress = self.action[event["step"]]
        self.demand(self.phase in ("running", "undoing"), f"a success while the saga is {self.phase}")
        step = self.rules.by_id[event["step"]]
        if step.kind in rules.CALLS:
            self.demand(event["attempts"] >= max(1, progress.attempt), "it took fewer attempts than had failed")
        else:
            self.succeeds_by_itself(event, step, progress)
        self.demand(progress.open, f"a success of a step that is {progress.state}")
        progress.state, progress.closed = "done", self.version
        if self.phase == "running":
            self.goes_on()
        elif not self.in_flight():
            self.expected = UNDOING

    def on_AttemptFailed(self, event):
        progress, action = self.progress_of(event), self.action_of(event)
        forwards = event["operation"] == "action"
        self.demand(self.phase == ("running" if forwards else "undoing"), f"it will be retried while {self.phase}")
        self.demand(progress.state in ("requested", "pausing", "accepted"), f"an attempt of what is {progress.state}")
        self.demand(event["attempt"] > progress.attempt or progress.state == "accepted", "the attempt was recorded before")
        limit = action.retry.attempts
        self.demand(limit == 0 or event["attempt"] < limit, f"another attempt would be more than {limit}")
        self.demand(not refused(event["error"]) or progress.state == "accepted", "a refusal is not retried")
        self.demand(event["error"]["type"] not in action.retry.final_errors, "this error is not retried")
        self.failed(event, progress, action)
        shortest, longest = action.retry.pause(event["attempt"])
        pause = seconds(event["retryAt"]) - event["at"]
        may_be_told_later = event["error"].get("status") in (*RETRIED, 503) or progress.state == "accepted"
        self.demand(pause >= shortest - CLOCKS, f"it pauses {pause:.3f} s, and at least {shortest:.3f} s are due", "I14")
        self.demand(pause <= longest + CLOCKS or may_be_told_later, f"it pauses {pause:.3f} s, at most {longest:.3f} s are due")
        progress.state, progress.attempt, progress.retry_at = "pausing", event["attempt"], seconds(event["retryAt"])

    def on_StepFailed(self, event):
        step = self.rules.by_id[event["step"]]
        progress = self.action[step.id]
        if step.kind not in rules.CALLS:
            self.demand(progress.open or step.id in self.to_give_up, f"given up when it is {progress.state}")
            self.demand(not event["possiblyDone"], "what called nobody is possibly done", "I8")
            if step.patience is not None and event["error"]["type"] == "timeout":
                self.demand(event["at"] >= progress.since + step.patience - CLOCKS, "its patience had not ended", "I14")
        elif progress.state == "untouched":  # its request could not be written: nothing left
            self.begins(event)
            self.demand(event["attempts"] == 0 and event["error"]["type"] in ("expression", "invalid-answer"),
                        "given up without having been asked")
        else:
            self.demand(progress.open, f"given up when it is {progress.state}")
            self.demand(self.may_give_up(event, step, progress), "its attempts are not used up")
            self.failed(event, progress, step.action)
        progress.state, progress.closed = "given-up", self.version
        self.to_give_up.discard(step.id)
        if self.phase == "undoing":
            self.expected = {"StepFailed"} if self.to_give_up else None if self.in_flight() else UNDOING
        elif not event.get("optional"):
            self.expected = {"CompensationStarted", "SagaStuck"}
        else:
            self.goes_on()
        self.demand(bool(event.get("optional")) == step.optional, "its definition says otherwise about `optional`")

    def may_give_up(self, event, step, progress):
        retry, error = step.action.retry, event["error"]
        used_up = retry.attempts and event["attempts"] >= retry.attempts
        too_late = step.action.total is not None and event["at"] + retry.longest >= progress.since + step.action.total
        final = refused(error) or error["type"] in ("expression", "invalid-answer", *retry.final_errors)
        return self.phase == "undoing" or used_up or too_late or final

    def failed(self, event, progress, action):
        """possiblyDone, which of an action stays true once it was, and the time of a time-out."""
        error = event["error"]
        status, possibly = error.get("status"), event["possiblyDone"]
        actions = event.get("operation", "action") == "action"
        self.demand(possibly or not progress.possibly or not actions, "an earlier attempt was possibly done, and that is forgotten", "I8")
        if error["type"] == "timeout" or status and (status >= 500 or 300 <= status < 400):
            self.demand(possibly, "an unknown outcome is possibly done", "I8")
        # What was sent before a crash may have been done, whatever the attempt that was sent again is answered.
        sent_twice = any(start <= event["at"] + CLOCKS and progress.since <= end for start, end in self.away)
        if status and 400 <= status < 500 and not progress.possibly and not sent_twice and progress.state != "accepted":
            self.demand(not possibly, "a refused attempt was not done", "I8")
        if error["type"] == "timeout":
            sent = progress.retry_at if progress.attempt else progress.since
            self.demand(event["at"] >= sent + action.timeout - min(COMMIT, action.timeout / 2) or progress.state == "accepted",
                        f"it timed out before {action.timeout} s had passed", "I14")
        progress.possibly = possibly

    # --- the way back

    def on_CompensationStarted(self, event):
        self.demand(self.phase in ("running", "stuck", "ended"), f"an undo begins while the saga is {self.phase}")
        kind = event["error"]["type"]
        self.after_completion = self.phase == "ended"
        self.demand(bool(event.get("afterCompletion")) == self.after_completion, "afterCompletion says otherwise")
        self.demand(not self.after_completion or kind == "cancelled" and self.rules.cancel_until == "forever",
                    "a completed saga may not be undone")
        failure = self.failure_before()
        if failure is not None:
            self.demand(kind == failure["type"] or kind == "cancelled", "its error is not that of the step that failed")
        elif kind == "deadline":
            due = self.started_at + (self.rules.deadline or float("inf"))
            self.demand(event["at"] >= due - CLOCKS, "the deadline has not passed", "I14")
        elif kind == "cancelled":
            self.demand(self.rules.cancel_until != "never", "its definition lets nobody cancel it")
        else:
            self.demand(kind in ("expression", "invalid-answer", "invalid-input"), "nothing had failed")
        if self.rules.cancel_until != "forever" and failure is None:
            closed = [step.id for step in self.rules.steps if step.pivot and self.has_closed_the_way_back(step)]
            self.demand(not closed, f"the pivot {closed} had closed the way back")
        self.phase, self.cause, self.undo_started_at = "undoing", event["error"], event["at"]
        # What is not in flight is given up at once: waits, pauses before a retry, and whatever holds other steps.
        for step in self.rules.steps:
            progress = self.action[step.id]
            pauses = progress.state == "pausing" and event["at"] < progress.retry_at - CLOCKS
            if pauses or progress.open and step.kind not in rules.CALLS:
                self.to_give_up.add(step.id)
        if self.to_give_up:
            self.expected = {"StepFailed"}
        elif not self.in_flight():
            self.expected = UNDOING

    def has_closed_the_way_back(self, step):
        state = self.action[step.id].state
        return state != "untouched" if step.kind in rules.CALLS else state == "done"

    def failure_before(self):
        row = self.events[self.version - 2] if self.version > 1 else {"type": ""}
        failed = row["type"] == "StepFailed" and not row["data"].get("optional")
        return row["data"]["error"] if failed else None

    def in_flight(self):
        return [step for step, progress in self.action.items() if progress.open]

    def left_to_undo(self):
        """Steps done or possibly done that declare an undo which has not ended, the latest first."""
        left = [step for step in self.rules.steps if step.undo and self.undo[step.id].state not in ("done", "given-up")
                and (self.action[step.id].state == "done" or self.action[step.id].possibly)]
        return sorted(left, key=lambda step: -self.action[step.id].order)

    def on_CompensationRequested(self, event):
        step = self.rules.by_id[event["step"]]
        self.demand(self.phase == "undoing", f"an undo is asked for while the saga is {self.phase}")
        self.demand(not self.in_flight(), "an attempt is in flight whose answer must come first", "I8")
        left, progress = self.left_to_undo(), self.undo[step.id]
        self.demand(step in left and progress.state == "untouched", f"{step.id} is not to be undone (any more)", "I8")
        if not self.rules.parallel_undo:
            closed = self.action[step.id].closed
            first = [other.id for other in left if other is not step and self.action[other.id].order > closed]
            self.demand(not first, f"{first} has to be undone before {step.id}", "I8")
        progress.state, progress.since, progress.order = "requested", event["at"], self.version
        if step.undo:
            request = event["request"]
            self.demand((request["service"], request["method"]) == (step.undo.service, step.undo.method),
                        "its definition makes another request")
        if self.rules.parallel_undo and any(self.undo[other.id].state == "untouched" for other in left):
            self.expected = {"CompensationRequested", "CompensationFailed"}

    def on_StepCompensated(self, event):
        progress, action = self.undo[event["step"]], self.action[event["step"]]
        self.demand(self.phase == "undoing" and progress.open, f"undone when its undo is {progress.state}", "I8")
        self.demand(event["succeeded"] == (action.state == "done"), "`succeeded` says otherwise about the step", "I8")
        answer = event.get("answer")
        self.demand(answer is None or 200 <= answer < 300 or answer in (404, 410), f"{answer} does not mean undone", "I8")
        progress.state = "done"
        self.goes_on_undoing()

    def on_CompensationFailed(self, event):
        progress = self.undo[event["step"]]
        self.demand(self.phase == "undoing" and (progress.open or progress.state == "untouched"), "no undo was going on")
        if self.rules.goes_on_after_failed_undo:
            progress.state = "given-up"
            self.goes_on_undoing()
        else:
            self.expected = {"SagaStuck"}

    def goes_on_undoing(self):
        if not any(progress.open for progress in self.undo.values()):
            self.expected = UNDOING

    def on_SagaStuck(self, event):
        self.demand(self.phase in ("running", "undoing"), f"stuck when {self.phase}")
        self.phase = "stuck"

    def on_SagaEnded(self, event):
        was, self.phase = self.phase, "ended"
        self.status, self.undo_status = event["status"], event["undo"]
        left = [step.id for step in self.left_to_undo()]
        undone = [step for step, progress in self.undo.items() if progress.state == "done"]
        given_up = [step for step, progress in self.undo.items() if progress.state == "given-up"]
        if self.status == "completed":
            self.demand(was == "running", f"completed when {was}")
            self.demand(all(self.settled(step) for step in self.rules.top), "completed, and a step has not ended")
            self.demand(self.undo_status == "none", "completed, and something was undone")
            return
        self.demand(was == "undoing", f"{self.status} when {was}")
        self.demand(not self.in_flight(), "it ends with an attempt in flight")
        self.demand(not left, f"it ends, and {left} is done or possibly done", "I8")
        if given_up:
            wanted = ("failed", "partial")
        else:
            wanted = ("cancelled" if (self.cause or {}).get("type") == "cancelled" else "compensated",
                      "done" if undone else "none")
        self.demand((self.status, self.undo_status) == wanted, f"it ends as {self.status}, {self.undo_status}, not {wanted}")

    # --- of an event with an operation

    def progress_of(self, event):
        return (self.action if event["operation"] == "action" else self.undo)[event["step"]]

    def action_of(self, event):
        step = self.rules.by_id[event["step"]]
        return step.action if event["operation"] == "action" else step.undo or step.action


def refused(error):
    status = error.get("status")
    return status is not None and 400 <= status < 500 and status not in RETRIED
