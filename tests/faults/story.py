"""One saga's events, replayed by the rules of semantics.md sections 1 to 4: a second implementation, in another language, of
what engine/core does, written from the document. It checks I4, I5 (versions), I7, I8 and the times of I14 that the log
itself shows; and it tells what became of each step, for the comparison with the ledgers and with other sagas.

A transition is legal if the rules allow it; after some events the next one must follow at once, in the same append. Here: the
way forward; undoing.py has the way back, by_hand.py what people do, kept_events.py the events that a saga keeps."""

import dataclasses

import paths
import rules
from by_hand import ByHand
from evidence import seconds
from kept_events import KeptEvents
from undoing import UNDOING, Undoing

CLOCKS = 0.05  # seconds: the log's time is taken a moment before its commit, and never falls in a partition
# The log's clock is the database's time as its last answer told it, so it lags by what that answer took: two of its times
# can be closer together than the moments they stand for, by as much as a commit on a busy disk.
COMMIT = 0.5
RETRIED = (408, 425, 429)
UNANSWERED = ("timeout", "unreachable", "exhausted")  # errors of a task that are no worker's word
FORWARD = {"StepRequested", "StepWaiting", "StepSucceeded", "StepSkipped", "StepFailed", "SagaEnded", "CompensationStarted", "SagaStuck"}
# What follows the beginning of a step at once, by its kind; a call is in flight then.
BEGUN = {"set": {"StepSucceeded", "StepFailed"}, "fail": {"StepFailed"}, "wait": {"StepWaiting", "StepSucceeded", "StepFailed"},
         "waitFor": {"StepWaiting", "StepSucceeded", "StepFailed"}, "switch": FORWARD, "parallel": FORWARD, "forEach": FORWARD,
         "task": {"StepWaiting"}, "saga": {"StepWaiting"}}
REASONS = (("wait", "timer"), ("waitFor", "event"), ("task", "task"), ("saga", "child"), ("http", "circuit-open"))
PROMISED = {"http": ("service", "method"), "task": ("queue",), "emit": ("event",), "saga": ("child",)}


@dataclasses.dataclass
class Progress:
    """Where the action of a step, or its undo, stands."""
    step: rules.Step
    state: str = "untouched"  # requested, accepted, pausing, waiting, done, skipped, given-up
    attempt: int = 0  # the last one recorded as failed
    possibly: bool = False
    since: float = 0.0
    retry_at: float = 0.0
    order: int = 0  # version of the event with which it began
    closed: int = 0  # version of the event that tells its outcome
    until: float = 0.0  # of a wait
    items: int = 0  # of a forEach
    kind: str = ""  # of what was asked for
    child: str | None = None  # that was asked for
    by_hand: bool = False  # a person has said what became of it

    @property
    def open(self):
        return self.state in ("requested", "accepted", "pausing", "waiting")


class Story(Undoing, ByHand, KeptEvents):
    def __init__(self, saga, events, known, away=()):
        self.saga, self.events, self.rules = saga, events, known
        self.away = away  # (from, until): when no engine was there
        self.violations = []
        self.phase = "none"  # running, undoing, stuck, ended
        self.paused = False
        self.status = self.undo_status = None
        self.cause = self.undo_started_at = None
        self.after_completion = False
        self.stuck_with = self.stuck_error = None
        self.action, self.undo = {}, {}  # Progress by path
        self.kept = {}  # events that came for this saga and were not taken yet: name by version
        self.received = {}  # when an event of that source and id came
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

    def of(self, path):
        """How far the action at that path has come."""
        return self.action.setdefault(path, Progress(self.step_at(path)))

    def undo_of(self, path):
        return self.undo.setdefault(path, Progress(self.step_at(path)))

    def step_at(self, path):
        return self.rules.by_id.get(paths.id_of(path)) or rules.UNKNOWN

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
        path = event.get("step")
        if path and paths.id_of(path) not in self.rules.by_id:
            return self.wrong("I7", f"its definition has no step {path}")
        if event["type"] in ("StepAccepted", "AttemptFailed"):
            action = self.action_of(event)
            if action is None or action.kind not in rules.CALLS:
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

    # --- where it stands

    def is_held(self):
        """Nothing new begins."""
        return self.paused or self.phase == "stuck"

    def settled(self, path):
        progress = self.action.get(path)
        return progress is not None and (progress.state in ("done", "skipped")
                                         or progress.state == "given-up" and progress.step.optional)

    def untouched(self, path):
        return path not in self.action or self.action[path].state == "untouched"

    def passed_by(self, container, sequence):
        """Whether that case of a switch was not taken."""
        return all(self.untouched(path) or self.action[path].state == "skipped"
                   for path in (paths.beside(container, step) for step in sequence))

    def under_way(self):
        """Steps that something is awaited for, containers apart."""
        return [path for path, progress in self.action.items() if progress.open and progress.step.kind not in rules.CONTAINERS]

    def in_flight(self):
        return [path for path, progress in self.action.items() if progress.open]

    def items_begun(self, container, step):
        first, begun = step.branches[0][0], 0
        while begun < self.of(container).items and not self.untouched(paths.inside(container, begun, first)):
            begun += 1
        return begun

    def is_through(self, container, step):
        """Whether all that the container holds has ended, and so may the container."""
        if step.kind == "forEach":
            return all(self.settled(paths.inside(container, number, step.last)) for number in range(self.of(container).items))
        sequences = step.branches
        if step.kind == "switch":
            sequences = [sequence for sequence in sequences if not self.passed_by(container, sequence)]
        return all(self.settled(paths.beside(container, inner)) for sequence in sequences for inner in sequence)

    # --- forwards

    def on_SagaStarted(self, event):
        self.demand(self.phase == "none", "it starts twice")
        self.phase, self.started_at = "running", event["at"]
        self.expected = FORWARD

    def begins(self, event):
        """It must be the turn of the step that this event is about."""
        path = event["step"]
        progress = self.of(path)
        step = progress.step
        self.demand(self.phase == "running" and not self.paused, f"a step begins while the saga is {'paused' if self.paused else self.phase}")
        self.demand(progress.state == "untouched", f"{path} begins when it is {progress.state}")
        self.demand(step.before is None or self.settled(paths.beside(path, step.before)), f"{path} begins, and a step before it has not ended")
        container = paths.around(path, step)
        if container is not None:
            self.begins_inside(path, step, container)
        progress.state, progress.since, progress.order = "requested", event["at"], self.version
        return step, progress

    def begins_inside(self, path, step, container):
        self.demand(container in self.action and self.action[container].open, f"{path} begins, and {container} has not begun or has ended")
        if step.parent.kind == "switch":
            others = [branch for branch in step.parent.branches if step not in branch]
            self.demand(all(self.passed_by(container, branch) for branch in others), f"{path} begins, and its switch has taken another way")
        if step.parent.kind == "forEach":
            number, items = paths.number_of(path), self.of(container).items
            self.demand(number < items, f"{path} begins, and there are {items} items")
            if step.before is None:
                begun = self.items_begun(container, step.parent)
                self.demand(number == begun, f"{path} begins, and it is the turn of item {begun}")
                running = sum(not self.settled(paths.inside(container, other, step.parent.last)) for other in range(begun))
                self.demand(running < step.parent.concurrency, f"{path} begins beside {running} items, and {step.parent.concurrency} may run")

    def goes_on(self):
        """Something follows at once, unless a branch beside it is still under way, or nothing may begin."""
        if not self.under_way() and not self.is_held():
            self.expected = FORWARD

    def on_StepRequested(self, event):
        step, progress = self.begins(event)
        progress.kind = event["kind"] if "kind" in event else step.kind
        self.demand(progress.kind == step.kind, f"it is a {step.kind} in its definition")
        if step.kind in rules.ACTIONS:
            self.demand_request(event, step.action, progress)
        if step.kind == "forEach":
            progress.items = event["request"].get("items", 0)
        self.expected = BEGUN.get(step.kind)

    def demand_request(self, event, action, progress):
        request = event["request"]
        if action.kind == "saga":
            progress.child = request.get("child")
            return self.demand(progress.child is not None, "it does not say which child it asks for")
        for what in PROMISED[action.kind]:
            self.demand(request.get(what) == getattr(action, what), f"its definition makes another request: {what}")

    def on_StepWaiting(self, event):
        progress = self.undo.get(event["step"])
        if progress is None or not progress.open:
            progress = self.of(event["step"])
        self.demand(progress.open, f"it waits when it is {progress.state}")
        reason, kind = event["reason"], progress.kind or progress.step.kind
        self.demand((kind, reason) in REASONS, f"a {kind} waits for {reason}")
        if reason in ("timer", "event"):
            progress.state = "waiting"
        progress.until = seconds(event["until"]) if event.get("until") else 0.0
        pause = progress.step.pause
        if pause is not None and progress.until and reason == "timer":
            # The time of its begin, or of a retry by a person.
            waits = progress.until - event["at"]
            self.demand(abs(waits - pause) <= CLOCKS, f"it waits {waits:.3f} s, not {pause}")

    def on_StepSkipped(self, event):
        if event["reason"] == "operator":
            return self.skip_by_hand(event)
        path = event["step"]
        step = self.step_at(path)
        if event["reason"] == "switch":
            self.demand(step.parent is not None and step.parent.kind == "switch", "it is in no switch")
            self.demand(self.of(path).state in ("untouched", "skipped"), "it has begun, and its switch passes it by")
        else:
            self.begins(event)
            self.demand(step.conditional and event["reason"] == "if", "nothing allows to skip it")
        self.of(path).state, self.of(path).closed = "skipped", self.version
        self.goes_on()

    def on_StepSucceeded(self, event):
        path = event["step"]
        progress = self.of(path)
        step = progress.step
        self.demand(self.phase in ("running", "undoing", "stuck"), f"a success while the saga is {self.phase}")
        if step.kind in rules.CALLS:
            self.demand(event["attempts"] >= max(1, progress.attempt), "it took fewer attempts than had failed")
        elif step.kind in rules.TOLD:
            self.demand(event["attempts"] == 1, "what others are asked for has one attempt")
        else:
            self.succeeds_by_itself(event, step, progress)
        self.demand(progress.open, f"a success of a step that is {progress.state}")
        progress.state, progress.closed = "done", self.version
        if self.stuck_with == path:  # it was answered after all
            self.comes_free()
        if self.phase == "running":
            self.goes_on()
        elif self.phase == "undoing" and not self.in_flight() and not self.paused:
            self.expected = UNDOING

    def succeeds_by_itself(self, event, step, progress):
        """What a step that asks nobody needs in order to be done."""
        self.demand(self.phase != "undoing", "what asks nobody is done while the saga is being undone")
        self.demand(not self.paused, "what asks nobody is done while the saga is paused")
        if step.kind == "wait":
            self.demand(event["at"] >= progress.until - CLOCKS, "it has waited for less than it had to", "I14")
        elif step.kind == "waitFor":
            self.takes_event(event, step, progress)
        elif step.kind in rules.CONTAINERS:
            self.demand(self.is_through(event["step"], step), "what it holds has not ended")
        self.demand(step.kind != "fail", "a `fail` cannot succeed")

    # --- attempts

    def on_StepAccepted(self, event):
        progress = self.progress_of(event)
        self.demand(progress.state in ("requested", "pausing"), f"accepted while {progress.state}")
        progress.state = "accepted"

    def on_AttemptFailed(self, event):
        progress, action = self.progress_of(event), self.action_of(event)
        forwards = event["operation"] == "action"
        self.demand(self.phase in ("running" if forwards else "undoing", "stuck"), f"it will be retried while {self.phase}")
        self.demand(progress.state in ("requested", "pausing", "accepted"), f"an attempt of what is {progress.state}")
        self.demand(event["attempt"] > progress.attempt or progress.state == "accepted", "the attempt was recorded before")
        limit = action.retry.attempts
        endless = progress.step.pivot and forwards and (progress.possibly or event["possiblyDone"])
        self.demand(limit == 0 or event["attempt"] < limit or endless or progress.state == "accepted", f"another attempt would be more than {limit}")
        self.demand(not refused(event["error"]) or progress.state == "accepted", "a refusal is not retried")
        self.demand(event["error"]["type"] not in action.retry.final_errors or endless, "this error is not retried")
        self.failed(event, progress, action)
        shortest, longest = action.retry.pause(event["attempt"])
        pause = seconds(event["retryAt"]) - event["at"]
        may_be_told_later = event["error"].get("status") in (*RETRIED, 503) or progress.state == "accepted"
        self.demand(pause >= shortest - CLOCKS, f"it pauses {pause:.3f} s, and at least {shortest:.3f} s are due", "I14")
        self.demand(pause <= longest + CLOCKS or may_be_told_later, f"it pauses {pause:.3f} s, at most {longest:.3f} s are due")
        progress.state, progress.attempt, progress.retry_at = "pausing", event["attempt"], seconds(event["retryAt"])

    def on_StepFailed(self, event):
        path = event["step"]
        progress = self.of(path)
        step = progress.step
        if progress.state == "untouched":  # its request could not be written: nothing left
            self.begins(event)
            self.demand(event["attempts"] == 0 and event["error"]["type"] in ("expression", "invalid-answer"),
                        "given up without having been asked")
        elif step.kind in rules.CALLS:
            self.demand(progress.open, f"given up when it is {progress.state}")
            self.demand(self.may_give_up(event, step, progress), "its attempts are not used up")
            self.failed(event, progress, step.action)
        else:
            self.fails_by_itself(event, step, progress)
        progress.state, progress.closed = "given-up", self.version
        self.to_give_up.discard(path)
        self.demand(bool(event.get("optional")) == step.optional, "its definition says otherwise about `optional`")
        if self.phase == "undoing":
            held = self.in_flight() or self.paused
            self.expected = {"StepFailed"} if self.to_give_up else None if held else UNDOING
        elif self.phase == "running" and not event.get("optional"):
            self.expected = {"CompensationStarted", "SagaStuck"}
        elif self.phase == "running":
            self.goes_on()

    def fails_by_itself(self, event, step, progress):
        """What asks nobody, or other sagas."""
        self.demand(progress.open or event["step"] in self.to_give_up, f"given up when it is {progress.state}")
        unusable = step.has_output and event["error"]["type"] == "expression"
        if step.kind not in rules.TOLD:
            self.demand(not event["possiblyDone"] or unusable, "what asked nobody is possibly done", "I8")
        progress.possibly = progress.possibly or event["possiblyDone"]
        if step.patience is not None and event["error"]["type"] == "timeout" and self.phase == "running":
            self.demand(event["at"] >= progress.since + step.patience - CLOCKS, "its patience had not ended", "I14")

    def may_give_up(self, event, step, progress):
        retry, error = step.action.retry, event["error"]
        used_up = retry.attempts and event["attempts"] >= retry.attempts
        too_late = step.action.total is not None and event["at"] + retry.longest >= progress.since + step.action.total
        final = refused(error) or error["type"] in ("expression", "invalid-answer", "circuit-open", *retry.final_errors)
        if error["type"] == "circuit-open":
            self.demand(self.rules.answer_after is not None, "nobody waits for it: it must wait for its service")
        by_worker = step.kind == "task" and error["type"] not in UNANSWERED
        return self.phase == "undoing" or used_up or too_late or final or by_worker

    def failed(self, event, progress, action):
        """possiblyDone, which of an action stays true once it was, and the time of a time-out."""
        error = event["error"]
        status, possibly = error.get("status"), event["possiblyDone"]
        actions = event.get("operation", "action") == "action"
        self.demand(possibly or not progress.possibly or not actions, "an earlier attempt was possibly done, and that is forgotten", "I8")
        if error["type"] == "timeout" or action.kind == "http" and status and (status >= 500 or 300 <= status < 400):
            self.demand(possibly, "an unknown outcome is possibly done", "I8")
        # What was sent before a crash may have been done, whatever the attempt that was sent again is answered.
        sent_twice = any(start <= event["at"] + CLOCKS and progress.since <= end for start, end in self.away)
        if action.kind == "http" and status and 400 <= status < 500 and not progress.possibly and not sent_twice and progress.state != "accepted":
            self.demand(not possibly, "a refused attempt was not done", "I8")
        if error["type"] == "timeout" and action.kind == "http":
            sent = progress.retry_at if progress.attempt else progress.since
            self.demand(event["at"] >= sent + action.timeout - min(COMMIT, action.timeout / 2) or progress.state == "accepted",
                        f"it timed out before {action.timeout} s had passed", "I14")
        progress.possibly = possibly

    # --- of an event with an operation

    def progress_of(self, event):
        return self.of(event["step"]) if event["operation"] == "action" else self.undo_of(event["step"])

    def action_of(self, event):
        step = self.step_at(event["step"])
        return step.action if event["operation"] == "action" else step.undo or step.action


def refused(error):
    status = error.get("status")
    return status is not None and 400 <= status < 500 and status not in RETRIED
