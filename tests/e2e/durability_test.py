"""Nothing is lost and nothing is done twice: the engine is killed while it works, and one key is used a hundred times at
once."""

import collections
import http.client
import threading
import unittest

from calls import call
from processes import wait_until
from world import RecruitmentTest

APPLICATIONS = 50
UNFINISHED_AT_LEAST = 10  # fewer when the engine is killed, and the run shows nothing: it is refused


def at_once(count, act):
    """act(0) … act(count - 1) side by side; what each gave, or how its connection ended."""
    results = [None] * count

    def run(number):
        try:
            results[number] = act(number)
        except (OSError, http.client.HTTPException) as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


class Durability(RecruitmentTest):
    def assert_each_effect_once(self, sagas):
        for service in self.world.services:
            effects = collections.Counter(entry["key"] for entry in service.ledger() if entry["effect"] and entry["saga"] in sagas)
            self.assertEqual({key: count for key, count in effects.items() if count != 1}, {})
            self.assertEqual(len(effects), len(sagas), service.name)

    def test_applications_that_run_when_the_engine_is_killed_end_after_its_restart_with_each_effect_once(self):
        self.enrollment.fault(match="POST /enrollments action", latency="3s")
        answers = at_once(APPLICATIONS, lambda number: self.engine.apply(f"kill-{number}"))
        self.assertEqual([answer.status for answer in answers], [201] * APPLICATIONS)
        sagas = {answer.json["id"] for answer in answers}
        self.engine.kill()
        unfinished = len(sagas) - len({entry["saga"] for entry in self.enrollment.effects()} & sagas)
        self.assertGreaterEqual(unfinished, UNFINISHED_AT_LEAST, "the engine was killed too late to show anything")
        self.enrollment.clear_faults()
        self.engine.start()
        for saga in sagas:
            self.engine.ended(saga, "completed")
        self.assert_each_effect_once(sagas)

    def test_a_start_whose_answer_was_lost_in_a_kill_is_found_again_by_its_key(self):
        self.qualification.fault(latency="700ms")
        starting = threading.Thread(target=lambda: at_once(20, lambda number: self.engine.apply(f"lost-{number}", key=f"lost-{number}")))
        starting.start()
        wait_until(lambda: len([e for e in self.qualification.ledger() + self.recruitment.ledger()
                                if e["saga"] and e["step"] == "apply"]) >= 5, "applications are under way")
        self.engine.kill()
        starting.join()
        self.qualification.clear_faults()
        self.engine.start()
        answers = [self.engine.apply(f"lost-{number}", key=f"lost-{number}") for number in range(20)]
        self.assertTrue(all(answer.status in (201, 202, 503) for answer in answers), answers)
        self.assertEqual(len({answer.json.get("id") or answer.json["saga"] for answer in answers}), 20)
        self.assertTrue(any(answer.headers.get("Idempotency-Replayed") for answer in answers), "no start was recorded before the kill")

    def test_cancels_that_run_when_the_engine_is_killed_are_carried_through(self):
        sagas = [self.engine.apply(f"kill-cancel-{number}").json["id"] for number in range(20)]
        for saga in sagas:
            self.engine.ended(saga, "completed")
        self.enrollment.fault(match="cancel compensate", latency="2s")
        answers = at_once(len(sagas), lambda number: self.engine.cancel(sagas[number]))
        self.assertEqual([answer.status for answer in answers], [202] * len(sagas))
        self.engine.kill()
        self.enrollment.clear_faults()
        self.engine.start()
        for saga in sagas:
            self.engine.ended(saga, "cancelled")
            self.assert_undone(saga)
            for service in (self.recruitment, self.enrollment):
                effects = [(entry["operation"], entry["key"]) for entry in service.effects(saga)]
                self.assertEqual([operation for operation, _ in effects], ["action", "compensate"])

    def test_a_hundred_concurrent_starts_with_one_key_make_one_saga(self):
        answers = at_once(100, lambda number: self.engine.apply("hundred", key="one-key"))
        self.assertEqual({answer.status for answer in answers}, {201}, answers)
        self.assertEqual(len({answer.json["id"] for answer in answers}), 1)
        replayed = [answer for answer in answers if answer.headers.get("Idempotency-Replayed") == "true"]
        self.assertEqual(len(replayed), 99)
        saga = answers[0].json["id"]
        self.engine.ended(saga, "completed")
        self.assertEqual(len(self.recruitment.ledger(saga)), 1)
        listed = call("GET", self.engine.url + "/v1/sagas?businessKey=hundred").json["items"]
        self.assertEqual([item["id"] for item in listed], [saga])

    def test_the_same_key_with_another_body_is_refused(self):
        first = self.engine.apply("reuse", key="reused")
        second = self.engine.apply("reuse", key="reused", job="cook")
        self.assertEqual((first.status, second.status), (201, 422), second)

    def test_a_stop_records_the_answers_in_flight_and_the_restart_goes_on(self):
        self.enrollment.fault(match="POST /enrollments action", latency="700ms")
        answers = at_once(10, lambda number: self.engine.apply(f"stop-{number}"))
        sagas = {answer.json["id"] for answer in answers}
        self.assertEqual(self.engine.stop(), 0)
        self.enrollment.clear_faults()
        self.engine.start()
        for saga in sagas:
            self.engine.ended(saga, "completed")
        self.assert_each_effect_once(sagas)


if __name__ == "__main__":
    unittest.main(verbosity=2)
