"""Stories with steps of every kind that story.py knows: the good ones pass, and what breaks a rule in them is found. Written from
semantics.md, not from what the engine does."""

import datetime
import json
import unittest

import rules
import story

EPOCH = datetime.datetime(2026, 11, 21, tzinfo=datetime.timezone.utc)
UNDO = {"http": {"service": "stock", "method": "POST", "path": "/undo"}}
REFUSED = {"type": "rejected", "status": 409}
CANCELLED = {"type": "cancelled"}
SOLD_OUT = {"type": "sold-out"}


def at(seconds):
    return (EPOCH + datetime.timedelta(seconds=seconds)).isoformat()


def http(name, undo=True):
    return {"id": name, "http": {"service": "stock", "method": "POST", "path": "/"}, "compensate": UNDO if undo else "none"}


def requested(step, kind="StepRequested"):
    return (kind, {"step": step, "request": {"service": "stock", "method": "POST", "path": "/"}})


def begun(step):
    return ("StepRequested", {"step": step})


def done(step):
    return ("StepSucceeded", {"step": step, "attempts": 1})


def failed(step, error, possibly=False):
    return ("StepFailed", {"step": step, "attempts": 1, "error": error, "possiblyDone": possibly})


def undoing(error):
    return ("CompensationStarted", {"error": error})


def undo(step):
    return requested(step, "CompensationRequested")


def undone(step):
    return ("StepCompensated", {"step": step, "attempts": 1, "succeeded": True, "answer": 200})


def waits(step, reason, until=None):
    return ("StepWaiting", {"step": step, "reason": reason, "until": until and at(until)})


def came(name):
    return ("EventReceived", {"name": name})


def skipped(step, reason):
    return ("StepSkipped", {"step": step, "reason": reason})


def ended(status, undo_status="none"):
    return ("SagaEnded", {"status": status, "undo": undo_status})


BEGIN = ("SagaStarted", {})


def found(steps, events, **more):
    """The invariants that are violated. An event comes at its own second, unless it brings one: (second, event)."""
    known = rules.Rules({"canonical": json.dumps({"saga": "order", "steps": steps, **more})})
    rows = []
    for number, event in enumerate(events):
        second, (kind, data) = event if isinstance(event[0], (int, float)) else (number, event)
        rows.append({"type": kind, "time": at(second), "version": number + 1, "data": data})
    return [what for what, _ in story.Story("saga", rows, known).violations]


class PlainSteps(unittest.TestCase):
    STEPS = [{"id": "sum", "set": {"a": 1}}, http("reserve"), {"id": "no", "fail": {"type": "sold-out"}}]
    EVENTS = [BEGIN, begun("sum"), done("sum"), requested("reserve"), done("reserve"), begun("no"), failed("no", SOLD_OUT),
              undoing(SOLD_OUT), undo("reserve"), undone("reserve"), ended("compensated", "done")]

    def test_what_is_set_calls_nobody_and_a_fail_starts_the_undo(self):
        self.assertEqual(found(self.STEPS, self.EVENTS), [])

    def test_a_fail_cannot_succeed(self):
        self.assertIn("I7", found(self.STEPS, self.EVENTS[:6] + [done("no"), ended("completed")]))

    def test_a_fail_calls_nobody_and_is_never_possibly_done(self):
        events = [*self.EVENTS]
        events[6] = failed("no", SOLD_OUT, possibly=True)
        self.assertIn("I8", found(self.STEPS, events))

    def test_what_calls_nobody_has_no_attempts(self):
        events = self.EVENTS[:2] + [("AttemptFailed", {"step": "sum", "operation": "action", "attempt": 1, "error": REFUSED})]
        self.assertIn("I7", found(self.STEPS, events))


class Waits(unittest.TestCase):
    STEPS = [http("reserve"), {"id": "night", "wait": "10s"}, http("ship")]
    EVENTS = [BEGIN, requested("reserve"), (2, done("reserve")), (2, begun("night")), (2, waits("night", "timer", 12)), (12, done("night")),
              (12, requested("ship")), (13, done("ship")), (13, ended("completed"))]

    def test_a_wait_is_over_when_its_time_has_passed(self):
        self.assertEqual(found(self.STEPS, self.EVENTS), [])

    def test_and_not_before(self):
        events = [*self.EVENTS]
        events[5:7] = [(8, done("night")), (8, requested("ship"))]
        self.assertIn("I14", found(self.STEPS, events))

    def test_and_it_waits_as_long_as_declared(self):
        events = [*self.EVENTS]
        events[4] = (2, waits("night", "timer", 9))
        self.assertIn("I7", found(self.STEPS, events))

    def test_a_cancel_in_a_wait_undoes_at_once(self):
        cancelled = [(5, undoing(CANCELLED)), (5, failed("night", CANCELLED)), (5, undo("reserve")), (6, undone("reserve")),
                     (6, ended("cancelled", "done"))]
        self.assertEqual(found(self.STEPS, self.EVENTS[:5] + cancelled), [])

    def test_nothing_begins_while_it_waits(self):
        self.assertIn("I7", found(self.STEPS, self.EVENTS[:5] + [(5, requested("ship"))]))


class WaitsForEvents(unittest.TestCase):
    STEPS = [{"id": "first", "waitFor": {"event": "paid"}},
             {"id": "second", "waitFor": {"event": "paid", "timeout": "10s", "onTimeout": "continue"}}]

    def test_an_event_that_came_early_is_taken_as_one_that_it_waits_for(self):
        events = [BEGIN, begun("first"), waits("first", "event"), came("paid"), came("paid"), done("first"), begun("second"), done("second"),
                  ended("completed")]
        self.assertEqual(found(self.STEPS, events), [])

    def test_one_event_is_not_enough_for_two(self):
        events = [BEGIN, begun("first"), waits("first", "event"), came("paid"), done("first"), (4, begun("second")), (4, waits("second", "event")),
                  (5, done("second")), (5, ended("completed"))]
        self.assertEqual(found(self.STEPS, events), ["I7"])

    def test_without_an_event_it_goes_on_when_its_time_is_over(self):
        events = [BEGIN, begun("first"), waits("first", "event"), came("paid"), done("first"), (4, begun("second")), (4, waits("second", "event")),
                  (14.2, done("second")), (14.2, ended("completed"))]
        self.assertEqual(found(self.STEPS, events), [])

    def test_nothing_is_kept_once_it_is_undone(self):
        events = [BEGIN, begun("first"), waits("first", "event"), undoing(CANCELLED), failed("first", CANCELLED), ended("cancelled"), came("paid")]
        self.assertIn("I7", found(self.STEPS, events))


class Switches(unittest.TestCase):
    STEPS = [{"id": "way", "switch": [{"when": "${ .input.big }", "steps": [http("truck")]}, {"steps": [http("bike"), http("bell")]}]},
             http("bill")]
    EVENTS = [BEGIN, begun("way"), skipped("truck", "switch"), requested("bike"), done("bike"), requested("bell"), done("bell"), done("way"),
              requested("bill"), done("bill"), ended("completed")]

    def test_one_way_is_taken(self):
        self.assertEqual(found(self.STEPS, self.EVENTS), [])

    def test_and_no_other(self):
        events = [BEGIN, begun("way"), requested("truck"), done("truck"), requested("bike")]
        self.assertIn("I7", found(self.STEPS, events))

    def test_to_its_end(self):
        self.assertIn("I7", found(self.STEPS, self.EVENTS[:5] + self.EVENTS[7:]))


class Branches(unittest.TestCase):
    STEPS = [{"id": "both", "parallel": {"branches": {"a": [http("a1"), http("a2")], "b": [http("b1")]}}}, http("bill")]
    FORWARDS = [BEGIN, begun("both"), requested("a1"), requested("b1"), done("a1"), requested("a2"), done("b1"), done("a2"), done("both"),
                requested("bill")]
    REFUSAL = [failed("bill", REFUSED), undoing(REFUSED)]

    def test_branches_run_side_by_side(self):
        self.assertEqual(found(self.STEPS, self.FORWARDS + [done("bill"), ended("completed")]), [])

    def test_all_of_them_end_before_it_does(self):
        events = [*self.FORWARDS]
        events[6:9] = [done("a2"), done("both"), requested("bill")]
        self.assertIn("I7", found(self.STEPS, events))

    def test_they_are_undone_side_by_side_and_each_in_reverse(self):
        back = [undo("a2"), undo("b1"), undone("a2"), undo("a1"), undone("b1"), undone("a1"), ended("compensated", "done")]
        self.assertEqual(found(self.STEPS, self.FORWARDS + self.REFUSAL + back), [])

    def test_a_branch_is_not_undone_from_its_beginning(self):
        back = [undo("a1"), undo("b1"), undone("a1"), undo("a2"), undone("b1"), undone("a2"), ended("compensated", "done")]
        self.assertIn("I8", found(self.STEPS, self.FORWARDS + self.REFUSAL + back))

    def test_a_failing_branch_awaits_the_other_and_undoes_it(self):
        events = [BEGIN, begun("both"), requested("a1"), requested("b1"), failed("b1", REFUSED), undoing(REFUSED), failed("both", REFUSED),
                  done("a1"), undo("a1"), undone("a1"), ended("compensated", "done")]
        self.assertEqual(found(self.STEPS, events), [])

    def test_and_does_not_undo_before_the_other_is_answered(self):
        events = [BEGIN, begun("both"), requested("a1"), requested("b1"), done("a1"), requested("a2"), failed("b1", REFUSED), undoing(REFUSED),
                  failed("both", REFUSED), undo("a1")]
        self.assertIn("I8", found(self.STEPS, events))


if __name__ == "__main__":
    unittest.main(verbosity=2)
