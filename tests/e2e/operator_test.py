"""What an operator may ask of a saga, over HTTP and on the command line, one saga or all that a filter finds: each act
is an event with who and why, and each refusal says why not."""

import json
import os
import subprocess
import unittest

from desk import DeskTest
from processes import BINARY, wait_until

UNKNOWN = "0198c1f2-0000-7000-8000-000000000000"
SECOND, LAST = "POST /deeds/second action", "POST /deeds/last action"
ALL_DONE = {"first": "done", "second": "done", "third": "done", "last": "done"}


class Operated(DeskTest):
    def stuck(self, key="stuck"):
        """A saga whose second deed is refused a second chance."""
        self.desk.fault(match=SECOND, status=503)
        saga = self.start("deeds", key=key)
        self.until(saga, "stuck")
        return saga

    def stuck_in_undo(self):
        """A saga whose undo of the first deed is refused."""
        saga = self.stuck()
        self.desk.fault(match="POST /deeds/first/undo", status=422)
        self.accept(saga, "compensate", {"reason": "the customer asks"})
        return self.until(saga, "stuck")["id"]


class Retrying(Operated):
    def test_a_stuck_step_is_tried_again_with_a_new_budget_and_the_same_key(self):
        saga = self.stuck()
        self.assertEqual(self.until_waiting(saga, "operator")["step"], "second")
        self.desk.clear_faults()
        self.accept(saga, "retry", {"step": "second", "reason": "the desk is back"})
        self.until(saga, "completed")
        self.assertEqual(self.deeds(saga), ALL_DONE)
        asked = self.events(saga, "RetryRequested")[0]
        self.assertEqual((asked["step"], asked["by"], asked["reason"]), ("second", "anonymous", "the desk is back"))
        self.assertEqual({entry["key"] for entry in self.desk.ledger(saga) if entry["step"] == "second"}, {saga + ":second"})

    def test_without_a_step_it_is_the_one_the_saga_is_stuck_with(self):
        saga = self.stuck()
        self.desk.clear_faults()
        self.accept(saga, "retry")
        self.until(saga, "completed")

    def test_a_step_that_waits_for_its_next_attempt_is_tried_now(self):
        self.desk.fault(match=LAST, status=503, times=1)
        saga = self.start("deeds", key="patient")
        waits = self.until_waiting(saga, "retry")
        self.assertEqual(waits["step"], "last")
        self.accept(saga, "retry")
        self.until(saga, "completed")

    def test_an_undo_that_failed_is_tried_again(self):
        saga = self.stuck_in_undo()
        self.assertEqual(self.engine.saga(saga)["undo"], "failed")
        waits = self.until_waiting(saga, "operator")
        self.assertEqual((waits["step"], waits["operation"]), ("first", "compensate"))
        self.assertEqual(waits["since"], self.events(saga, "SagaStuck")[-1]["time"])
        self.desk.clear_faults()
        self.accept(saga, "retry", {"reason": "once more"})
        self.assertEqual(self.until(saga, "compensated")["undo"], "done")
        self.assertEqual(self.deeds(saga), {"first": "undone"})

    def test_what_needs_no_retry_is_a_conflict_and_what_does_not_exist_is_not_found(self):
        saga = self.start("deeds", key="good")
        self.until(saga, "completed")
        self.assert_refused(self.ask(saga, "retry"), 409, "completed")
        stuck = self.stuck()
        self.assert_refused(self.ask(stuck, "retry", {"step": "first"}), 409, "'first' is neither stuck nor waits")
        for verb in ("retry", "pause", "resume", "cancel"):
            self.assert_refused(self.ask(UNKNOWN, verb), 404)


class Skipping(Operated):
    lanes = 3

    def test_a_stuck_step_counts_as_done_with_the_output_that_is_given(self):
        saga = self.stuck()
        self.desk.clear_faults()
        self.accept(saga, "skip", {"step": "second", "output": {"by": "hand"}, "reason": "done on paper"})
        ended = self.until(saga, "completed")
        self.assertEqual(ended["output"], {"second": {"by": "hand"}})
        self.assertNotIn("second", self.deeds(saga))
        skipped = self.events(saga, "StepSkipped")[0]
        self.assertEqual((skipped["reason"], skipped["by"]), ("operator", "anonymous"))

    def test_an_undo_that_is_skipped_stays_undone_only_in_part(self):
        saga = self.stuck_in_undo()
        self.accept(saga, "skip", {"step": "first", "reason": "they may keep it"})
        ended = self.until(saga, "failed")
        self.assertEqual((ended["undo"], ended["steps"][0]["undo"]), ("partial", "skipped"))
        self.assertEqual(self.deeds(saga), {"first": "done"})

    def test_an_undo_that_was_done_by_other_means_counts_as_done(self):
        saga = self.stuck_in_undo()
        self.accept(saga, "skip", {"step": "first", "done": True, "reason": "undone by telephone"})
        ended = self.until(saga, "compensated")
        self.assertEqual((ended["undo"], ended["steps"][0]["undo"]), ("done", "done"))

    def test_it_needs_a_step_and_a_reason_and_a_step_that_is_stuck(self):
        saga = self.stuck()
        for body, pointer in (({"reason": "x"}, "/step"), ({"step": "second"}, "/reason"),
                              ({"step": "second", "reason": "x", "done": "yes"}, "/done"),
                              ({"step": "second", "reason": "x", "extra": 1}, "/extra")):
            answer = self.ask(saga, "skip", body)
            self.assert_refused(answer, 422)
            self.assertEqual(answer.json["pointer"], pointer)
        self.assert_refused(self.ask(saga, "skip", {"step": "first", "reason": "x"}), 409, "neither stuck nor waits")


class Undoing(Operated):
    def test_a_saga_before_its_pivot_is_undone_when_an_operator_asks(self):
        saga = self.stuck()
        self.desk.clear_faults()
        self.accept(saga, "compensate", {"reason": "the customer asks"})
        self.assertEqual(self.until(saga, "compensated")["undo"], "done")
        self.assertEqual(self.deeds(saga), {"first": "undone"})
        self.assertEqual(self.events(saga, "CompensationStarted")[0]["by"], "anonymous")

    def test_behind_the_pivot_there_is_no_way_back(self):
        self.desk.fault(match=LAST, status=503)
        saga = self.start("deeds", key="beyond")
        self.until_waiting(saga, "retry")
        self.assert_refused(self.ask(saga, "compensate", {"reason": "too late"}), 409, "no way back")
        self.assertEqual(self.ask(saga, "compensate").json["pointer"], "/reason")


class Holding(Operated):
    lanes = 3

    def test_a_pause_during_a_call_keeps_its_answer_and_begins_nothing_new(self):
        self.desk.fault(match=SECOND, latency="300ms")
        saga = self.start("deeds", key="held")
        wait_until(lambda: self.engine.saga(saga)["steps"][1]["status"] == "running", "the second deed is asked for")
        held = self.accept(saga, "pause", {"reason": "audit"})
        self.assertEqual(held["status"], "paused")
        wait_until(lambda: self.engine.saga(saga)["steps"][1]["status"] == "succeeded", "its answer is recorded")
        found = self.engine.saga(saga)
        self.assertEqual((found["status"], found["steps"][2]["status"]), ("paused", "pending"))
        self.assertEqual([w["reason"] for w in found["waitingFor"]], ["resume"])
        self.assertEqual(found["waitingFor"][0]["since"], self.events(saga, "SagaPaused")[0]["time"])
        self.assertIn(saga, [item["id"] for item in self.get("/v1/sagas?status=paused").json["items"]])
        events = len(self.events(saga))
        self.accept(saga, "pause")  # it is already
        self.assertEqual(len(self.events(saga)), events)
        self.accept(saga, "resume", {"reason": "audited"})
        self.until(saga, "completed")
        self.assertEqual([(e["type"], e["reason"]) for e in self.events(saga, "SagaPaused", "SagaResumed")],
                         [("SagaPaused", "audit"), ("SagaResumed", "audited")])

    def test_a_saga_that_is_not_paused_cannot_be_resumed(self):
        self.assert_refused(self.ask(self.stuck(), "resume"), 409, "not paused")


class Terminating(Operated):
    lanes = 3

    def test_a_saga_ends_as_it_stands_and_says_what_is_left(self):
        saga = self.stuck()
        ended = self.accept(saga, "terminate", {"reason": "given up"})
        self.assertEqual((ended["status"], ended["undo"]), ("failed", "partial"))
        self.assertEqual(ended["error"]["detail"], "given up")
        self.assertEqual(self.deeds(saga), {"first": "done"})
        end = self.events(saga, "SagaEnded")[0]
        self.assertEqual((end["by"], end["error"]["type"], end["error"]["detail"]), ("anonymous", "terminated", "given up"))
        self.assert_refused(self.ask(saga, "terminate", {"reason": "again"}), 409, "has ended")

    def test_its_children_are_terminated_too(self):
        parent = self.start("parent", customer="with-a-child")
        child = self.until_waiting(parent, "child")["saga"]
        wait_until(lambda: self.get("/v1/sagas/" + child).status == 200, "the child has begun")
        self.until_waiting(child, "event")
        self.accept(parent, "terminate", {"reason": "given up"})
        self.assertEqual(self.engine.saga(child)["status"], "failed")
        self.assertEqual(self.engine.saga(parent)["status"], "failed")


class OnTheCommandLine(Operated):
    lanes = 3

    def skald(self, *arguments):
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SKALD_")}
        return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60, check=False,
                              env={**kept, "SKALD_SERVER": self.engine.url})

    def done(self, *arguments):
        finished = self.skald(*arguments)
        self.assertEqual(finished.returncode, 0, finished.stderr)
        return finished

    def test_each_verb_asks_for_what_it_says(self):
        saga = self.stuck()
        self.done("pause", saga, "--reason", "audit")
        self.done("resume", saga)
        self.desk.clear_faults()
        skipped = self.done("skip", saga, "second", "--output", '{"by":"hand"}', "--reason", "on paper", "-o", "json")
        self.assertEqual(json.loads(skipped.stdout)["id"], saga)
        self.assertEqual(self.until(saga, "completed")["output"], {"second": {"by": "hand"}})
        other = self.stuck()
        self.desk.clear_faults()
        self.done("retry", other, "--step", "second", "--reason", "again")
        self.until(other, "completed")
        third, fourth = self.stuck(), self.stuck()
        self.done("compensate", third, "--reason", "the customer asks")
        self.done("terminate", fourth, "--reason", "given up")
        self.assertEqual(self.engine.saga(fourth)["status"], "failed")
        shop = self.start("shop", customer="cli")
        self.until_waiting(shop, "event")
        for _ in range(2):
            self.done("signal", shop, "paid", "--data", '{"amount":1}', "--key", "same")
        self.assertEqual(len(self.events(shop, "EventReceived")), 1)
        self.done("signal", shop, "paid", "--data", '{"amount":12}')
        self.assertEqual(self.until(shop, "completed")["output"], {"paid": 12, "note": None})

    def test_exit_codes_tell_what_was_wrong(self):
        saga = self.stuck()
        for code, arguments in ((5, ("resume", saga)), (3, ("retry", UNKNOWN)), (2, ("skip", saga, "--reason", "x")),
                                (2, ("terminate", saga)), (2, ("retry",)), (2, ("retry", saga, "--status", "stuck")),
                                (2, ("retry", saga, "--dry-run")), (6, ("signal", saga, "no-such-event")),
                                (6, ("signal", saga, "paid", "--data", "{oops")), (6, ("pause", "--status", "sleepy"))):
            finished = self.skald(*arguments)
            self.assertEqual(finished.returncode, code, (arguments, finished.stderr))
            self.assertEqual(finished.stdout, "")

    def test_a_second_serve_on_the_same_port_ends_before_it_takes_a_partition(self):
        writers = "select writer from skald.writer where revoked_at is null order by writer"
        before = self.world.query(writers)
        self.assertEqual(len(before), self.lanes)
        for lanes in ("1", "2"):
            command = [lanes if word == str(self.lanes) else word for word in self.engine.command]
            second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                                    env={**os.environ, **self.engine.process.environment})
            self.assertEqual(second.returncode, 7, second.stderr)
            self.assertIn(f"cannot listen on 127.0.0.1, port {self.engine.port}", second.stderr)
        self.assertEqual(self.world.query(writers), before)

    def test_a_filter_shows_what_it_means_first_and_then_acts_on_all_of_it(self):
        sagas = {self.stuck(f"batch-{number}") for number in range(3)}
        other = self.start("shop", customer="not-meant")
        self.desk.clear_faults()
        meant = ("--status", "stuck", "--name", "deeds")
        dry = self.done("retry", *meant, "--dry-run", "-o", "jsonl")
        self.assertEqual({json.loads(line)["id"] for line in dry.stdout.splitlines()}, sagas)
        self.assertIn("3 sagas, nothing is done", dry.stderr)
        self.assertEqual({self.engine.saga(saga)["status"] for saga in sagas}, {"stuck"})
        acted = self.done("retry", *meant, "-o", "json")
        self.assertEqual(acted.stderr.splitlines()[0], "retry: 3 sagas")
        self.assertEqual(set(acted.stderr.splitlines()[1:]), sagas)
        self.assertEqual({(item["id"], item["accepted"]) for item in json.loads(acted.stdout)["items"]},
                         {(saga, True) for saga in sagas})
        for saga in sagas:
            self.until(saga, "completed")
        self.assertEqual(self.events(other, "RetryRequested"), [])

    def test_a_filter_that_meets_a_refusal_does_the_others_and_ends_with_5(self):
        stuck = self.stuck("mixed")
        self.desk.clear_faults()
        waiting = self.start("shop", customer="mixed")
        self.until_waiting(waiting, "event")
        acted = self.skald("skip", "--business-key", "mixed", "second", "--reason", "on paper")
        self.assertEqual(acted.returncode, 5, acted.stderr)
        by_saga = {line.split()[0]: line for line in acted.stdout.splitlines()[1:]}
        self.assertIn("accepted", by_saga[stuck])
        self.assertIn("refused", by_saga[waiting])
        self.assertIn("neither stuck nor waits", by_saga[waiting])
        self.until(stuck, "completed")


if __name__ == "__main__":
    unittest.main()
