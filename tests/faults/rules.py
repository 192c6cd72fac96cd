"""What a definition says, as far as the checker needs it: read from its canonical JSON by language.md, with its defaults."""

import dataclasses
import json
import re

UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
TIMEOUT = 5.0


class NotCovered(Exception):
    """The definition uses something this checker has no rules for: the run is refused, not passed."""


def duration(text):
    found = re.fullmatch(r"(\d+)(ms|s|m|h|d)", text)
    if not found:
        raise NotCovered(f"the duration {text}")
    return int(found[1]) * UNITS[found[2]]


@dataclasses.dataclass
class Retry:
    first: float
    factor: float
    longest: float
    attempts: int  # 0: without end
    jitter: float
    final_errors: list
    stuck_when_exhausted: bool

    def pause(self, attempt):
        """Between which two lengths the pause after this attempt lies."""
        base = min(self.longest, self.first * self.factor ** min(attempt - 1, 60))
        return base * (1 - self.jitter), base * (1 + self.jitter)


@dataclasses.dataclass
class Action:
    kind: str
    service: str | None  # of http
    method: str | None
    queue: str | None  # of a task
    event: str | None  # of emit
    child: str | None  # of saga: the definition's name
    timeout: float | None  # none: a task's attempt lasts as long as its lease
    total: float | None
    retry: Retry


CALLS = ("http", "task")  # kinds whose request leaves the engine, and which are tried again
TOLD = ("emit", "saga")  # kinds that ask other sagas, until those have answered
ACTIONS = CALLS + TOLD  # what may also be an undo
PLAIN = ("set", "fail", "wait", "waitFor")  # kinds that need nobody but the engine
CONTAINERS = ("switch", "parallel", "forEach")
COVERED = ACTIONS + PLAIN + CONTAINERS
UNTIL = ("pivot", "end", "forever", "never")


@dataclasses.dataclass(eq=False)
class Step:
    id: str
    kind: str
    action: Action | None  # of a call, an emit, a child
    undo: Action | None  # that is declared
    keeps_effect: bool  # compensate: none
    optional: bool
    pivot: bool
    conditional: bool
    parent: "Step | None"
    before: "Step | None"  # the one whose turn it was before, in the same sequence
    branches: list  # of a container: its sequences
    has_output: bool = False
    concurrency: int = 16  # of a forEach
    event: str | None = None  # that a waitFor takes
    selective: bool = False  # it has a `where`
    patience: float | None = None  # of a waitFor, in seconds
    goes_on: bool = False  # when that patience ends
    pause: float | None = None  # of a wait, in seconds, where the definition says it

    @property
    def ancestors(self):
        return [self.parent, *self.parent.ancestors] if self.parent else []

    @property
    def last(self):
        """Of a forEach: the step with which an item ends."""
        return self.branches[0][-1]

    def is_undone(self):
        """Whether it has an undo: one that is declared, or that of its child."""
        return not self.keeps_effect and (self.undo is not None or self.kind == "saga")


# Of a path whose definition has no such step.
UNKNOWN = Step(id="", kind="unknown", action=None, undo=None, keeps_effect=True, optional=False, pivot=False, conditional=False,
               parent=None, before=None, branches=[])


class Rules:
    def __init__(self, row):
        text = row["canonical"]
        self.source = json.loads(text) if isinstance(text, str) else text
        self.policies = self.source.get("retryPolicies", {})
        compensation = self.source.get("compensation", {})
        self.parallel_undo = compensation.get("order", "reverse") == "parallel"
        self.goes_on_after_failed_undo = compensation.get("onFailure", "stuck") == "continue"
        self.deadline = duration(self.source["timeout"]) if "timeout" in self.source else None
        self.answer_after = self.source.get("answerAfter")
        self.steps, self.after_pivot = [], False  # all of them, in the order of the file
        self.top = self.sequence(self.source["steps"], None)
        default = "pivot" if any(step.pivot for step in self.steps) else "end"
        self.cancel_until = self.source.get("cancelUntil", default)
        self.by_id = {step.id: step for step in self.steps}
        self.start_on, self.cancel_on = listed(self.source.get("startOn")), listed(self.source.get("cancelOn"))
        self.awaited = {step.event for step in self.steps if step.event}
        self.named_events = self.awaited | {on["event"] for on in self.cancel_on}

    def sequence(self, steps, parent):
        made = []
        for step in steps:
            made.append(self.step(step, parent, made[-1] if made else None))
        return made

    def step(self, source, parent, before):
        kind = next((kind for kind in COVERED if kind in source), None)
        if kind is None:
            raise NotCovered(f"the step {source['id']} is of a kind that has no rules here")
        undo = source.get("compensate", "none")
        attempts = 0 if self.after_pivot or source.get("pivot") else 5
        step = Step(id=source["id"], kind=kind, action=self.action(source, attempts, self.after_pivot) if kind in ACTIONS else None,
                    undo=None if undo == "none" else self.action(undo, 0, False), keeps_effect=source.get("compensate") == "none",
                    has_output="output" in source, optional=source.get("optional", False),
                    pivot=source.get("pivot", False), conditional="if" in source, parent=parent, before=before, branches=[])
        self.steps.append(step)
        declared = source[kind]
        if kind == "waitFor":
            step.event, step.goes_on = declared["event"], declared.get("onTimeout", "fail") == "continue"
            step.selective = "where" in declared
            step.patience = duration(declared["timeout"]) if "timeout" in declared else None
        elif kind == "wait":
            step.pause = duration(declared) if isinstance(declared, str) else None
        elif kind == "switch":
            step.branches = [self.sequence(case["steps"], step) for case in declared]
        elif kind == "parallel":
            step.branches = [self.sequence(steps, step) for steps in declared["branches"].values()]
        elif kind == "forEach":
            step.concurrency = declared.get("maxConcurrency", 16)
            step.branches = [self.sequence(declared["steps"], step)]
        self.after_pivot = self.after_pivot or step.pivot
        return step

    def action(self, holder, attempts, after_pivot):
        kind = next(kind for kind in ACTIONS if kind in holder)
        declared, retry = holder[kind], holder.get("retry", {})
        if isinstance(retry, str):
            retry = self.policies[retry]
        timeout = holder.get("timeout", f"{TIMEOUT:.0f}s" if kind == "http" else None)
        return Action(
            kind=kind, service=declared.get("service"), method=declared.get("method"), queue=declared.get("queue"),
            event=declared.get("event"), child=declared.get("name"), timeout=timeout and duration(timeout),
            total=duration(holder["totalTimeout"]) if "totalTimeout" in holder else None,
            retry=Retry(first=duration(retry.get("initialInterval", "200ms")), factor=retry.get("backoffCoefficient", 2),
                        longest=duration(retry.get("maximumInterval", "60s")),
                        attempts=retry.get("maximumAttempts", attempts), jitter=retry.get("jitter", 0.2),
                        final_errors=retry.get("nonRetryableErrors", []),
                        stuck_when_exhausted=retry.get("onExhausted", "stuck" if after_pivot else "compensate") == "stuck"))


def listed(value):
    return value if isinstance(value, list) else [value] if value else []
