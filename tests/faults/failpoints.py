"""The named places of engine/base/failpoint.hpp: which there are, how often each was passed, and what was done there."""

import os
import re

from processes import SOURCE

# The kinds of event that the scenario brings: each is a place of its own (engine/runtime/drive.cpp).
EVENTS = ("SagaStarted", "StepRequested", "StepWaiting", "AttemptFailed", "StepSucceeded", "StepFailed", "StepSkipped", "EventReceived",
          "CompensationStarted", "CompensationRequested", "StepCompensated", "SagaEnded", "SagaPaused", "SagaResumed", "RetryRequested")


def points():
    """All names in the sources; each must name one place only."""
    found = []
    for folder in ("engine", "eventstore", "projections", "api"):
        for directory, _, files in os.walk(os.path.join(SOURCE, folder)):
            for file in files:
                if file.endswith(".cpp"):
                    with open(os.path.join(directory, file), encoding="utf-8") as source:
                        found += re.findall(r'FAILPOINT(?:_ERROR)?\("([^"]+)"', source.read())
    assert len(found) == len(set(found)), f"a failpoint names two places: {sorted(found)}"
    return found + list(EVENTS)


def passes(counts_file):
    """How often each was passed, and under its name with a '!' how often its action was taken; none: no failpoints."""
    if not os.path.exists(counts_file):
        return {}
    with open(counts_file, "rb") as file:
        slots = file.read()
    counts = {}
    for at in range(0, len(slots), 64):
        name = slots[at:at + 56].rstrip(b"\0").decode()
        if name:
            counts[name] = int.from_bytes(slots[at + 56:at + 64], "little")
    return counts


def action_taken(failpoint, counts_file):
    """failpoint: as SKALD_FAILPOINTS has it, "append-sent=kill@3"; none: nothing was to be done."""
    return bool(failpoint) and passes(counts_file).get(name_of(failpoint) + "!", 0) > 0


def name_of(failpoint):
    """The point that a run is about: the last one, those before only lead there."""
    return failpoint.split(";")[-1].split("=")[0]
