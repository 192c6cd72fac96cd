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
    service: str
    method: str
    timeout: float
    total: float | None
    retry: Retry


@dataclasses.dataclass
class Step:
    id: str
    action: Action
    undo: Action | None
    optional: bool
    pivot: bool
    conditional: bool
    has_output: bool


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
        self.steps, after_pivot = [], False
        for step in self.source["steps"]:
            self.steps.append(self.step(step, after_pivot))
            after_pivot = after_pivot or self.steps[-1].pivot
        default = "pivot" if any(step.pivot for step in self.steps) else "end"
        self.cancel_until = self.source.get("cancelUntil", default)
        self.by_id = {step.id: step for step in self.steps}

    def step(self, step, after_pivot):
        if "http" not in step:
            raise NotCovered(f"the step {step['id']} is not of kind http")
        undo = step.get("compensate", "none")
        if undo != "none" and "http" not in undo:
            raise NotCovered(f"the undo of {step['id']} is not of kind http")
        attempts = 0 if after_pivot or step.get("pivot") else 5
        return Step(id=step["id"], action=self.action(step, attempts, after_pivot),
                    undo=None if undo == "none" else self.action(undo, 0, False),
                    optional=step.get("optional", False), pivot=step.get("pivot", False),
                    conditional="if" in step, has_output="output" in step)

    def action(self, holder, attempts, after_pivot):
        http, retry = holder["http"], holder.get("retry", {})
        if isinstance(retry, str):
            retry = self.policies[retry]
        return Action(
            service=http["service"], method=http["method"], timeout=duration(holder.get("timeout", f"{TIMEOUT:.0f}s")),
            total=duration(holder["totalTimeout"]) if "totalTimeout" in holder else None,
            retry=Retry(first=duration(retry.get("initialInterval", "200ms")), factor=retry.get("backoffCoefficient", 2),
                        longest=duration(retry.get("maximumInterval", "60s")),
                        attempts=retry.get("maximumAttempts", attempts), jitter=retry.get("jitter", 0.2),
                        final_errors=retry.get("nonRetryableErrors", []),
                        stuck_when_exhausted=retry.get("onExhausted", "stuck" if after_pivot else "compensate") == "stuck"))
