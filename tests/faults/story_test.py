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


def requested(step, event="StepRequested", kind="http", **request):
    return (event, {"step": step, "kind": kind, "request": request or {"service": "stock", "method": "POST", "path": "/"}})


def begun(step, **request):
    return ("StepRequested", {"step": step, "request": request})


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


def took(step, number):
    return ("StepSucceeded", {"step": step, "attempts": 1, "takes": number})


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
    TAKEN = [BEGIN, begun("first"), waits("first", "event"), (3, came("paid")), (3, took("first", 4)), (3, begun("second"))]
    TWO = [{"id": "first", "waitFor": {"event": "other"}}, {"id": "second", "waitFor": {"event": "paid"}}]

    def test_an_event_is_taken_by_the_step_that_waits_for_it(self):
        self.assertEqual(found(self.STEPS, [*self.TAKEN, (4, waits("second", "event")), (5, came("paid")), (5, took("second", 8)),
                                            (5, ended("completed"))]), [])

    def test_at_once(self):
        self.assertEqual(found(self.STEPS, [*self.TAKEN[:4], (5, came("paid")), (5, took("first", 4))])[:1], ["I7"])

    def test_one_that_came_early_is_taken_too_and_the_oldest_first(self):
        early = [BEGIN, begun("first"), waits("first", "event"), came("paid"), came("paid"), (6, came("other")), (6, took("first", 6)),
                 (6, begun("second"))]
        self.assertEqual(found(self.TWO, [*early, (6, took("second", 4)), (6, ended("completed"))]), [])
        self.assertEqual(found(self.TWO, [*early, (6, took("second", 5)), (6, ended("completed"))]), ["I7"])

    def test_one_event_is_not_enough_for_two(self):
        self.assertEqual(found(self.STEPS, [*self.TAKEN, (4, took("second", 4)), (4, ended("completed"))]), ["I7"])

    def test_an_event_of_another_name_is_not_taken(self):
        self.assertEqual(found(self.TWO, [BEGIN, begun("first"), waits("first", "event"), came("paid"), took("first", 4), begun("second"),
                                          waits("second", "event")])[:1], ["I7"])

    def test_without_an_event_it_goes_on_when_its_time_is_over(self):
        waiting = [*self.TAKEN, (4, waits("second", "event"))]
        self.assertEqual(found(self.STEPS, [*waiting, (14.2, done("second")), (14.2, ended("completed"))]), [])
        self.assertEqual(found(self.STEPS, [*waiting, (9, done("second")), (9, ended("completed"))]), ["I7"])

    def test_the_same_event_comes_once(self):
        twice = [("EventReceived", {"name": "paid", "id": "7", "source": "bank"})] * 2
        self.assertEqual(found(self.TWO, [BEGIN, begun("first"), waits("first", "event"), *twice]), ["I7"])

    def test_an_event_that_its_definition_does_not_name_is_not_kept(self):
        self.assertEqual(found(self.TWO, [BEGIN, begun("first"), waits("first", "event"), came("strange")]), ["I7"])

    def test_nothing_is_kept_once_it_is_undone(self):
        events = [BEGIN, begun("first"), waits("first", "event"), undoing(CANCELLED), failed("first", CANCELLED), ended("cancelled"), came("paid")]
        self.assertIn("I7", found(self.STEPS, events))


class CancelledByEvents(unittest.TestCase):
    STEPS = [http("reserve"), {"id": "first", "waitFor": {"event": "paid"}}]
    ON = {"cancelOn": {"event": "closed", "until": "end"}}
    BY = {"type": "cancelled", "event": "closed"}
    WAITING = [BEGIN, requested("reserve"), done("reserve"), begun("first"), waits("first", "event")]
    UNDONE = [undo("reserve"), undone("reserve"), ended("cancelled", "done")]

    def test_an_event_cancels(self):
        events = [*self.WAITING, came("closed"), undoing(self.BY), failed("first", self.BY), *self.UNDONE]
        self.assertEqual(found(self.STEPS, events, **self.ON), [])

    def test_not_without_having_come(self):
        events = [*self.WAITING, undoing(self.BY), failed("first", self.BY), *self.UNDONE]
        self.assertEqual(found(self.STEPS, events, **self.ON), ["I7"])

    def test_not_one_that_the_definition_does_not_name(self):
        events = [*self.WAITING, came("paid"), undoing({**self.BY, "event": "paid"}), failed("first", self.BY), *self.UNDONE]
        self.assertIn("I7", found(self.STEPS, events, **self.ON))

    def test_a_completed_saga_only_where_it_says_forever(self):
        events = [*self.WAITING, came("paid"), took("first", 6), ended("completed"),
                  ("CompensationStarted", {"error": self.BY, "afterCompletion": True}), *self.UNDONE]
        self.assertEqual(found(self.STEPS, events, cancelOn={"event": "closed", "until": "forever"}), [])
        self.assertIn("I7", found(self.STEPS, events, **self.ON))


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


class Tasks(unittest.TestCase):
    STEPS = [{"id": "pack", "task": {"queue": "packing"}, "retry": {"maximumAttempts": 2, "initialInterval": "1s", "jitter": 0},
              "compensate": {"task": {"queue": "unpacking"}}}, http("ship", undo=False)]
    OFFERED = [BEGIN, requested("pack", kind="task", queue="packing"), (1, waits("pack", "task"))]
    LOST = ("AttemptFailed", {"step": "pack", "operation": "action", "attempt": 1, "error": {"type": "timeout"}, "possiblyDone": True,
                              "retryAt": at(6)})
    SHIPPED = [(9, requested("ship")), (10, done("ship")), (10, ended("completed"))]

    def test_a_task_whose_worker_is_lost_is_given_again(self):
        twice = [*self.OFFERED, (5, self.LOST), (9, ("StepSucceeded", {"step": "pack", "attempts": 2})), *self.SHIPPED]
        self.assertEqual(found(self.STEPS, twice), [])

    def test_a_lost_lease_is_possibly_done(self):
        lost = ("AttemptFailed", {**self.LOST[1], "possiblyDone": False})
        self.assertEqual(found(self.STEPS, [*self.OFFERED, (5, lost)]), ["I8"])

    def test_one_attempt_is_not_lost_twice(self):
        self.assertEqual(found(self.STEPS, [*self.OFFERED, (5, self.LOST), (5, self.LOST)])[:1], ["I7"])

    def test_it_is_offered_in_the_queue_that_is_declared(self):
        self.assertEqual(found(self.STEPS, [BEGIN, requested("pack", kind="task", queue="other"), (1, waits("pack", "task"))]), ["I7"])

    def test_its_undo_is_a_task_too(self):
        back = [(10, failed("ship", REFUSED)), (10, undoing(REFUSED)),
                (10, requested("pack", "CompensationRequested", "task", queue="unpacking")), (11, undone("pack")),
                (11, ended("compensated", "done"))]
        forwards = [*self.OFFERED, (9, done("pack")), (9, requested("ship"))]
        self.assertEqual(found(self.STEPS, forwards + back), [])
        back[2] = (10, requested("pack", "CompensationRequested", "http"))
        self.assertIn("I7", found(self.STEPS, forwards + back))


class Items(unittest.TestCase):
    STEPS = [{"id": "all", "forEach": {"in": "${ .input.lines }", "as": "line", "maxConcurrency": 2, "steps": [http("take"), http("count", undo=False)]}},
             http("bill", undo=False)]
    TWO = [BEGIN, begun("all", items=3), requested("all[0].take"), requested("all[1].take")]
    FIRST = [done("all[0].take"), requested("all[0].count"), done("all[0].count"), requested("all[2].take")]
    REST = [done("all[1].take"), requested("all[1].count"), done("all[2].take"), requested("all[2].count"), done("all[1].count"),
            done("all[2].count"), done("all"), requested("bill")]

    def test_as_many_as_may_run_side_by_side(self):
        self.assertEqual(found(self.STEPS, self.TWO + self.FIRST + self.REST + [done("bill"), ended("completed")]), [])

    def test_and_not_more(self):
        self.assertEqual(found(self.STEPS, [*self.TWO, requested("all[2].take")]), ["I7"])

    def test_each_step_of_an_item_after_the_one_before_it(self):
        self.assertEqual(found(self.STEPS, [*self.TWO, requested("all[0].count")]), ["I7"])

    def test_there_are_no_items_that_the_list_has_not(self):
        self.assertIn("I7", found(self.STEPS, [*self.TWO, *self.FIRST, *self.REST[:-2], requested("all[3].take")]))

    def test_it_is_not_done_before_all_items_are(self):
        self.assertIn("I7", found(self.STEPS, [*self.TWO, *self.FIRST, *self.REST[:5], done("all")]))

    def test_items_are_undone_side_by_side(self):
        back = [failed("bill", REFUSED), undoing(REFUSED), undo("all[2].take"), undo("all[1].take"), undo("all[0].take")]
        end = [undone("all[1].take"), undone("all[0].take"), undone("all[2].take"), ended("compensated", "done")]
        self.assertEqual(found(self.STEPS, self.TWO + self.FIRST + self.REST + back[:4] + [undone("all[2].take"), back[4]] + [
            undone("all[1].take"), undone("all[0].take"), end[-1]]), [])

    def test_no_item_is_forgotten_in_the_undo(self):
        back = [failed("bill", REFUSED), undoing(REFUSED), undo("all[2].take"), undo("all[1].take"), undone("all[2].take"), undone("all[1].take")]
        self.assertIn("I8", found(self.STEPS, self.TWO + self.FIRST + self.REST + back + [ended("compensated", "done")]))


class Children(unittest.TestCase):
    STEPS = [{"id": "trip", "saga": {"name": "travel"}}, http("bill", undo=False)]
    RUN = [BEGIN, requested("trip", kind="saga", child="c", definition="travel"), (1, waits("trip", "child")), (3, done("trip")), (3, requested("bill"))]
    REFUSAL = [failed("bill", REFUSED), undoing(REFUSED)]

    def test_a_child_is_awaited_and_undone_as_one(self):
        back = [requested("trip", "CompensationRequested", "saga", child="c"), undone("trip"), ended("compensated", "done")]
        self.assertEqual(found(self.STEPS, self.RUN + self.REFUSAL + back), [])

    def test_it_is_undone_though_nothing_is_declared(self):
        self.assertEqual(found(self.STEPS, self.RUN + self.REFUSAL + [ended("compensated", "none")]), ["I8"])

    def test_not_another_one(self):
        back = [requested("trip", "CompensationRequested", "saga", child="d"), undone("trip"), ended("compensated", "done")]
        self.assertEqual(found(self.STEPS, self.RUN + self.REFUSAL + back), ["I8"])

    def test_where_that_is_too_late_what_is_declared_is_done_instead(self):
        steps = [{**self.STEPS[0], "compensate": UNDO}, self.STEPS[1]]
        back = [requested("trip", "CompensationRequested", "saga", child="c"), undo("trip"), undone("trip"), ended("compensated", "done")]
        self.assertEqual(found(steps, self.RUN + self.REFUSAL + back), [])
        self.assertEqual(found(steps, self.RUN + self.REFUSAL + back[1:]), ["I8"])


class People(unittest.TestCase):
    STEPS = [http("reserve"), {**http("pay"), "retry": {"maximumAttempts": 1, "onExhausted": "stuck"}}]
    LOST = {"type": "unreachable"}
    STUCK = [BEGIN, requested("reserve"), done("reserve"), requested("pay"), failed("pay", LOST, possibly=True),
             ("SagaStuck", {"step": "pay", "operation": "action", "error": LOST})]
    PAUSED, RESUMED, RETRY = ("SagaPaused", {"by": "ann"}), ("SagaResumed", {"by": "ann"}), ("RetryRequested", {"step": "pay", "by": "ann"})
    SKIPPED = ("StepSkipped", {"step": "pay", "reason": "operator", "by": "ann"})

    def test_what_is_stuck_is_tried_again(self):
        self.assertEqual(found(self.STEPS, [*self.STUCK, self.RETRY, done("pay"), ended("completed")]), [])

    def test_or_skipped(self):
        self.assertEqual(found(self.STEPS, [*self.STUCK, self.SKIPPED, ended("completed")]), [])

    def test_what_was_skipped_and_possibly_done_is_undone(self):
        steps = [*self.STEPS, http("ship", undo=False)]
        back = [requested("ship"), failed("ship", REFUSED), undoing(REFUSED), undo("pay"), ("StepCompensated", {**undone("pay")[1], "succeeded": False}),
                undo("reserve"), undone("reserve"), ended("compensated", "done")]
        self.assertEqual(found(steps, [*self.STUCK, self.SKIPPED, *back]), [])
        self.assertIn("I8", found(steps, [*self.STUCK, self.SKIPPED, *back[:3], *back[5:]]))

    def test_what_goes_its_way_is_not_skipped(self):
        self.assertIn("I7", found(self.STEPS, [BEGIN, requested("reserve"), ("StepSkipped", {**self.SKIPPED[1], "step": "nothing"})]))
        self.assertIn("I7", found(self.STEPS, [BEGIN, requested("reserve"), done("reserve"), requested("pay"), done("pay"), self.SKIPPED]))

    def test_an_undo_that_is_skipped_is_told(self):
        stuck = [*self.STUCK[:4], failed("pay", REFUSED), ("SagaStuck", {"step": "pay", "operation": "action", "error": REFUSED}),
                 undoing(REFUSED), undo("reserve"), ("CompensationFailed", {"step": "reserve", "attempts": 1, "error": REFUSED}),
                 ("SagaStuck", {"step": "reserve", "operation": "compensate", "error": REFUSED}),
                 ("StepSkipped", {"step": "reserve", "reason": "operator"})]
        self.assertEqual(found(self.STEPS, [*stuck, ended("failed", "partial")]), [])
        self.assertEqual(found(self.STEPS, [*stuck, ended("compensated", "done")]), ["I7"])

    def test_an_undo_that_could_not_be_written_is_written_by_a_retry_and_no_other(self):
        unwritten = [("CompensationFailed", {"step": "reserve", "attempts": 0, "error": REFUSED}),
                     ("SagaStuck", {"step": "reserve", "operation": "compensate", "error": REFUSED})]
        again = ("RetryRequested", {"step": "reserve", "by": "ann"})
        back = [*self.STUCK[:4], failed("pay", REFUSED), undoing(REFUSED)]
        end = [undone("reserve"), ended("compensated", "done")]
        self.assertEqual(found(self.STEPS, [*back, *unwritten, again, undo("reserve"), *end]), [])
        self.assertEqual(found(self.STEPS, [*back, *unwritten, again, *unwritten]), [])
        self.assertIn("I7", found(self.STEPS, [*back, *unwritten, again, *end]))
        self.assertIn("I8", found(self.STEPS, [*back, undo("reserve"), *unwritten, again, undo("reserve"), *end]))

    def test_nothing_begins_while_it_is_paused(self):
        paused = [BEGIN, requested("reserve"), self.PAUSED, done("reserve")]
        self.assertEqual(found(self.STEPS, [*paused, self.RESUMED, requested("pay"), done("pay"), ended("completed")]), [])
        self.assertIn("I7", found(self.STEPS, [*paused, requested("pay"), done("pay"), ended("completed")]))

    def test_it_goes_on_at_once_when_it_is_resumed(self):
        self.assertIn("I7", found(self.STEPS, [BEGIN, requested("reserve"), self.PAUSED, done("reserve"), self.RESUMED]))

    def test_nobody_pauses_twice_or_resumes_what_runs(self):
        self.assertIn("I7", found(self.STEPS, [BEGIN, requested("reserve"), self.PAUSED, self.PAUSED]))
        self.assertIn("I7", found(self.STEPS, [BEGIN, requested("reserve"), self.RESUMED]))

    def test_a_wait_does_not_end_in_a_pause(self):
        events = [BEGIN, begun("night"), (1, waits("night", "timer", 11)), self.PAUSED, (12, done("night")), (12, ended("completed"))]
        self.assertIn("I7", found([{"id": "night", "wait": "10s"}], events))

    def test_a_terminated_saga_has_failed_whatever_was_under_way(self):
        end = {"status": "failed", "undo": "partial", "error": {"type": "terminated"}}
        self.assertEqual(found(self.STEPS, [BEGIN, requested("reserve"), ("SagaEnded", end)]), [])
        self.assertEqual(found(self.STEPS, [BEGIN, requested("reserve"), ("SagaEnded", {**end, "status": "cancelled"})]), ["I7"])

    def test_a_service_that_is_kept_from_calls_makes_a_step_wait(self):
        self.assertEqual(found(self.STEPS, [BEGIN, requested("reserve"), waits("reserve", "circuit-open", 5), (5, done("reserve")),
                                            (5, requested("pay")), (6, done("pay")), (6, ended("completed"))]), [])

    def test_only_where_somebody_waits_it_is_given_up_for_that(self):
        events = [BEGIN, requested("reserve"), ("StepFailed", {"step": "reserve", "attempts": 0, "error": {"type": "circuit-open"}, "possiblyDone": False}),
                  undoing({"type": "circuit-open"}), ended("compensated")]
        self.assertEqual(found(self.STEPS, events, answerAfter="reserve"), [])
        self.assertEqual(found(self.STEPS, events), ["I7"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
