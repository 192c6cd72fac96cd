"""Tasks that workers pull: the long poll, the lease, the heartbeat, the word on a task, and what becomes of a worker that
is lost."""

import threading
import time
import unittest
from urllib.parse import quote

from desk import DeskTest
from processes import wait_until

SHORTEST_LEASE = "1s"


class Tasks(DeskTest):
    def poll(self, queue="packing", **more):
        answer = self.post(f"/v1/tasks/{queue}/poll", {"worker": "w", "wait": "20s", **more})
        self.assertEqual(answer.status, 200, answer)
        return answer.json["items"]

    def take(self, queue="packing", **more):
        tasks = self.poll(queue, **more)
        self.assertEqual(len(tasks), 1)
        return tasks[0]

    def say(self, task, word, body=None):
        return self.post(f"/v1/tasks/{quote(task['id'])}/{word}", body)


class Pulling(Tasks):
    lanes = 3

    def test_a_task_has_what_its_step_declares_and_its_output_goes_on(self):
        saga = self.start("packing", weight=7)
        task = self.take()
        self.assertEqual({k: task[k] for k in ("saga", "step", "operation", "attempt", "idempotencyKey", "body")},
                         {"saga": saga, "step": "pack", "operation": "action", "attempt": 1, "idempotencyKey": saga + ":pack",
                          "body": {"order": saga, "weight": 7}})
        self.assertEqual(self.until_waiting(saga, "task")["queue"], "packing")
        done = self.say(task, "complete", {"output": {"boxes": 2}})
        self.assertEqual((done.status, done.json["id"]), (202, saga))
        self.assertEqual(self.post(f"/v1/sagas/{saga}/signals/shipped").status, 202)
        self.assertEqual(self.until(saga, "completed")["output"], {"boxes": 2})

    def test_a_poll_waits_for_work_that_comes_later(self):
        found = []
        worker = threading.Thread(target=lambda: found.extend(self.poll()))
        worker.start()
        saga = self.start("packing", weight=1)
        worker.join()
        self.assertEqual([task["saga"] for task in found], [saga])

    def test_a_poll_is_answered_with_nothing_when_its_patience_ends(self):
        began = time.monotonic()
        self.assertEqual(self.poll(wait="200ms"), [])
        self.assertGreaterEqual(time.monotonic() - began, 0.2)

    def test_each_task_is_leased_to_one_worker_and_no_poll_gets_more_than_it_asks_for(self):
        sagas = {self.start("packing", weight=number) for number in range(5)}
        first, rest = self.poll(max=2), []
        while len(first + rest) < 5:  # a poll is answered by one lane
            more = self.poll(max=100)
            self.assertNotEqual(more, [])
            rest += more
        self.assertLessEqual(len(first), 2)
        self.assertEqual(sorted(task["saga"] for task in first + rest), sorted(sagas))
        self.assertEqual(self.poll(wait="50ms"), [])

    def test_another_queue_has_other_tasks(self):
        self.start("packing", weight=1)
        self.assertEqual(self.poll("painting", wait="50ms"), [])
        self.take()

    def test_what_does_not_fit_is_told_with_its_pointer(self):
        for body, pointer in (({}, "/worker"), ({"worker": "w", "max": 0}, "/max"), ({"worker": "w", "lease": "2h"}, "/lease"),
                              ({"worker": "w", "wait": "6m"}, "/wait"), ({"worker": "w", "queue": "x"}, "/queue")):
            answer = self.post("/v1/tasks/packing/poll", body)
            self.assert_refused(answer, 422)
            self.assertEqual(answer.json["pointer"], pointer)


class Failing(Tasks):
    def test_a_task_that_cannot_be_done_is_a_refusal(self):
        saga = self.start("packing", weight=1)
        failed = self.say(self.take(), "fail", {"error": {"type": "too-heavy", "title": "Too heavy", "detail": "1 kg"}})
        self.assertEqual(failed.status, 202, failed)
        error = self.until(saga, "compensated")["error"]
        self.assertEqual((error["type"], error["title"], error["detail"]), ("too-heavy", "Too heavy", "1 kg"))

    def test_a_task_that_may_succeed_later_is_given_again_with_the_same_key(self):
        self.start("packing", weight=1)
        first = self.take()
        self.assertEqual(self.say(first, "fail", {"error": "the scales are broken", "retryable": True}).status, 202)
        again = self.take()
        self.assertEqual((again["attempt"], again["idempotencyKey"]), (2, first["idempotencyKey"]))
        self.assertEqual(self.say(again, "complete").status, 202)

    def test_what_is_said_has_to_fit(self):
        self.start("packing", weight=1)
        task = self.take()
        for body, pointer in (({}, "/error"), ({"error": 5}, "/error"), ({"error": {}}, "/error/title"),
                              ({"error": {"title": "x", "status": 5}}, "/error/status"),
                              ({"error": "x", "retryable": "yes"}, "/retryable")):
            answer = self.say(task, "fail", body)
            self.assert_refused(answer, 422)
            self.assertEqual(answer.json["pointer"], pointer)
        self.assertEqual(self.say(task, "complete").status, 202)


class Leases(Tasks):
    lanes = 3

    def test_a_lost_workers_task_is_given_again_and_its_late_word_does_not_count(self):
        saga = self.start("packing", weight=1)
        lost = self.take(lease=SHORTEST_LEASE)
        again = self.take()
        self.assertEqual((again["saga"], again["attempt"]), (saga, 2))
        failed = self.events(saga, "AttemptFailed")[0]
        self.assertEqual((failed["error"]["type"], failed["possiblyDone"]), ("timeout", True))
        for word, body in (("complete", {"output": "late"}), ("fail", {"error": "late"}), ("heartbeat", None)):
            self.assert_refused(self.say(lost, word, body), 409, "not leased any more")
        self.assertEqual(self.say(again, "complete", {"output": "in time"}).status, 202)
        self.assert_refused(self.say(again, "complete", {"output": "twice"}), 409)
        self.assertEqual(self.engine.saga(saga)["steps"][0]["output"], "in time")

    def test_a_heartbeat_keeps_the_lease(self):
        saga = self.start("packing", weight=1)
        task = self.take(lease=SHORTEST_LEASE)
        end, beats = time.monotonic() + 1.5, 0
        while time.monotonic() < end:  # longer than the lease, in steps well within it
            beat = self.say(task, "heartbeat", {"lease": SHORTEST_LEASE})
            self.assertEqual(beat.status, 200, beat)
            beats += 1
            self.assertEqual(self.poll(wait="200ms"), [])
        self.assertGreater(beats, 2)
        self.assertGreater(beat.json["leaseUntil"], task["leaseUntil"])
        self.assertEqual(self.say(task, "complete").status, 202)
        self.assertEqual(self.events(saga, "AttemptFailed"), [])

    def test_what_is_no_task_is_not_found(self):
        saga = self.start("packing", weight=1)
        lease = self.take()["id"].rsplit(":", 1)[1]
        for name in ("nonsense", f"0198c1f2-0000-7000-8000-000000000000:pack:1:{lease}", f"{saga}:pack:7:{lease}",
                     f"{saga}:ship:1:{lease}", f"{saga}:pack:undo:1:{lease}"):
            for word, body in (("complete", {}), ("fail", {"error": "x"}), ("heartbeat", {})):
                self.assert_refused(self.say({"id": name}, word, body), 404)

    def test_a_killed_engine_gives_the_task_of_a_lost_lease_again(self):
        saga = self.start("packing", weight=1)
        lost = self.take()
        self.engine.kill()
        self.engine.start()
        self.assert_refused(self.say(lost, "complete"), 409)
        again = wait_until(lambda: next(iter(self.poll(wait="1s")), None), "the task is given again")
        self.assertEqual((again["saga"], again["idempotencyKey"]), (saga, lost["idempotencyKey"]))
        self.assert_refused(self.say(lost, "complete"), 409)  # the lease is another's now
        self.assertEqual(self.say(again, "complete").status, 202)


class Cancelling(Tasks):
    def test_a_cancel_ends_the_lease_and_what_was_possibly_done_is_undone(self):
        saga = self.start("packing", weight=1)
        task = self.take()
        self.assertEqual(self.engine.cancel(saga).status, 202)
        self.assert_refused(self.say(task, "complete"), 409)
        undo = self.take("unpacking")
        self.assertEqual((undo["operation"], undo["idempotencyKey"]), ("compensate", saga + ":pack:undo"))
        failed = self.events(saga, "StepFailed")[0]
        self.assertTrue(failed["possiblyDone"])
        self.assertEqual(self.say(undo, "complete").status, 202)
        self.assertEqual(self.until(saga, "cancelled")["undo"], "done")
        self.assertFalse(self.events(saga, "StepCompensated")[0]["succeeded"])

    def test_a_cancel_before_the_lease_leaves_nothing_to_undo(self):
        saga = self.start("packing", weight=1)
        self.assertEqual(self.engine.cancel(saga).status, 202)
        self.assertEqual(self.until(saga, "cancelled")["undo"], "none")
        self.assertEqual(self.poll(wait="50ms"), [])

    def test_the_undo_of_a_task_that_is_done_is_a_task_too(self):
        saga = self.start("packing", weight=1)
        self.assertEqual(self.say(self.take(), "complete").status, 202)
        self.until_waiting(saga, "event")
        self.assertEqual(self.engine.cancel(saga).status, 202)
        undo = self.take("unpacking")
        self.assertEqual(self.say(undo, "fail", {"error": "not now", "retryable": True}).status, 202)
        again = self.take("unpacking")
        self.assertEqual(again["attempt"], 2)
        self.assertEqual(self.say(again, "complete").status, 202)
        self.assertEqual(self.until(saga, "cancelled")["undo"], "done")


if __name__ == "__main__":
    unittest.main()
