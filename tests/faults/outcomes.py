"""What semantics.md section 2 demands, as the events of a saga of definitions/probe.saga.yaml: a line each, and no other line."""

ATTEMPTS = 3  # of the step that is hit


def told(events):
    """The events of a saga in the words of demanded()."""
    return [line for line in map(line_of, events) if line]


def line_of(event):
    kind = event["type"]
    step = event.get("step", "")
    error = event.get("error", {}).get("type")
    certainty = "possibly done" if event.get("possiblyDone") else "not done"
    match kind:
        case "AttemptFailed":
            return f"{kind} {step} {event['operation']} {event['attempt']}: {error}, {certainty}"
        case "StepSucceeded":
            return f"{kind} {step} after {event['attempts']}"
        case "StepFailed":
            return f"{kind} {step} after {event['attempts']}: {error}, {certainty}"
        case "CompensationStarted":
            return f"{kind}: {error}"
        case "StepCompensated":
            return f"{kind} {step} after {event['attempts']}, was {'done' if event['succeeded'] else 'possibly done'}"
        case "CompensationFailed" | "SagaStuck":
            return f"{kind} {step}: {error}"
        case "SagaEnded":
            return f"{kind} {event['status']}, undo {event['undo']}"
    return f"{kind} {step}".strip()


def failed(operation, attempt, means):
    certainty = "possibly done" if means.kind == "unknown" else "not done"
    return f"AttemptFailed probe {operation} {attempt}: {means.error}, {certainty}"


BEGIN = ["SagaStarted", "StepRequested before", "StepSucceeded before after 1", "StepRequested probe"]
GO_ON = ["StepRequested after", "StepSucceeded after after 1", "SagaEnded completed, undo none"]
UNDO_BEFORE = ["CompensationRequested before", "StepCompensated before after 1, was done", "SagaEnded compensated, undo done"]
UNDO_PROBE = ["CompensationRequested probe", "StepCompensated probe after 1, was possibly done"]


def of_action(means, times):
    """The first `times` attempts of the action are hit."""
    if means.kind == "done":
        return BEGIN + ["StepSucceeded probe after 1"] + GO_ON
    if means.kind == "unusable":
        return BEGIN + ["StepFailed probe after 1: invalid-answer, possibly done", "CompensationStarted: invalid-answer"] + \
            UNDO_PROBE + UNDO_BEFORE
    if means.kind == "refused":
        return BEGIN + [f"StepFailed probe after 1: {means.error}, not done", f"CompensationStarted: {means.error}"] + UNDO_BEFORE
    attempts = [failed("action", attempt, means) for attempt in range(1, min(times, ATTEMPTS - 1) + 1)]
    if times < ATTEMPTS:
        return BEGIN + attempts + [f"StepSucceeded probe after {times + 1}"] + GO_ON
    possibly = means.kind == "unknown"
    exhausted = [f"StepFailed probe after {ATTEMPTS}: exhausted, {'possibly done' if possibly else 'not done'}",
                 "CompensationStarted: exhausted"]
    return BEGIN + attempts + exhausted + (UNDO_PROBE if possibly else []) + UNDO_BEFORE


def of_undo(means, times):
    """The step `after` is refused, and the first `times` attempts to undo `probe` are hit."""
    undoing = BEGIN + ["StepSucceeded probe after 1", "StepRequested after", "StepFailed after after 1: rejected, not done",
                       "CompensationStarted: rejected", "CompensationRequested probe"]
    if means.kind == "refused":
        return undoing + ["CompensationFailed probe: compensation-failed", "SagaStuck probe: compensation-failed"]
    if means.kind in ("done", "unusable"):  # every 2xx means undone
        return undoing + ["StepCompensated probe after 1, was done"] + UNDO_BEFORE
    return undoing + [failed("compensate", attempt, means) for attempt in range(1, times + 1)] + \
        [f"StepCompensated probe after {times + 1}, was done"] + UNDO_BEFORE
