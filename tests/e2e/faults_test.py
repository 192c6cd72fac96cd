"""A run under random faults: services fail before and after their effect, drop and delay; applications are refused,
cancelled and killed with the engine. Afterwards the log and the services' ledgers must tell one story. The seed is
printed; SKALD_SEED repeats a run's choices."""

import collections
import os
import random
import threading
import unittest

from calls import call
from processes import wait_until
from world import ENDED, RecruitmentTest

APPLICATIONS = 80
CLIENTS = 8
ACKNOWLEDGED_AT_LEAST = 20  # a run with fewer, or with fewer fault hits, shows nothing and is refused
HITS_AT_LEAST = 40
SETTLING = 90  # seconds for the longest retry interval that may be running when the faults stop

FAULTS = [
    {"status": 500, "afterEffect": True, "rate": 0.1},
    {"drop": True, "afterEffect": True, "rate": 0.1},
    {"status": 503, "rate": 0.1},
    {"drop": True, "rate": 0.05},
    {"latency": "300ms", "rate": 0.1},
]
FAULTS_OF_THE_GUARD = [{"status": 503, "rate": 0.1}, {"drop": True, "afterEffect": True, "rate": 0.1}]  # it has one attempt
HAVE_UNDO = ("apply", "enroll")


class UnderFaults(RecruitmentTest):
    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("SKALD_SEED") or random.randrange(1 << 32))
        print(f"SKALD_SEED={self.seed}", flush=True)
        self.answers = []

    def client(self, number):
        """Applies again and again, and sometimes thinks better of it. The engine may be killed under its hands."""
        chance = random.Random(self.seed * 1000 + number)
        for turn in range(APPLICATIONS // CLIENTS):
            skill = "none" if chance.random() < 0.2 else "welding"
            cancels = chance.random() < 0.3
            try:
                answer = self.engine.apply(f"faults-{number}-{turn}", skill=skill)
                self.answers.append(answer)
                if cancels and answer.status == 201:
                    self.engine.cancel(answer.json["id"])
            except OSError:
                wait_until(self.engine_is_back.is_set, "the engine is back")

    def run_clients_and_kill_the_engine(self):
        self.engine_is_back = threading.Event()
        clients = [threading.Thread(target=self.client, args=(number,)) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        wait_until(lambda: len(self.answers) >= APPLICATIONS // 2, "half of the applications are answered", 120)
        self.engine.kill()
        self.engine.start()
        self.engine_is_back.set()
        for client in clients:
            client.join()

    def all_sagas(self):
        sagas, url = [], self.engine.url + "/v1/sagas?limit=200"
        cursor = ""
        while cursor is not None:
            page = call("GET", url + (f"&cursor={cursor}" if cursor else "")).json
            sagas += page["items"]
            cursor = page["next"]
        return sagas

    def all_ended(self):
        sagas = self.all_sagas()
        return sagas if all(saga["status"] in ENDED for saga in sagas) else None

    def hits(self):
        return sum(fault["hits"] for service in self.world.services for fault in service.get("/_faults").json["faults"])

    def test_when_faults_have_stopped_every_saga_ends_and_log_and_ledgers_agree(self):
        for service in self.world.services:
            call("PUT", service.url + "/_faults", FAULTS if service is not self.qualification else FAULTS_OF_THE_GUARD)
        self.run_clients_and_kill_the_engine()
        hits = self.hits()
        for service in self.world.services:
            service.clear_faults()

        acknowledged = {answer.json["id"] for answer in self.answers if answer.status == 201}
        print(f"{len(self.answers)} answers, {len(acknowledged)} acknowledged, {hits} faults hit", flush=True)
        self.assertGreaterEqual(len(acknowledged), ACKNOWLEDGED_AT_LEAST)
        self.assertGreaterEqual(hits, HITS_AT_LEAST)

        sagas = wait_until(self.all_ended, "every saga ends", SETTLING)
        print(dict(collections.Counter(saga["status"] for saga in sagas)), flush=True)
        self.assertEqual(len({saga["id"] for saga in sagas}), len(sagas))
        self.assertLessEqual(acknowledged, {saga["id"] for saga in sagas})
        effects = {saga["id"]: [] for saga in sagas}
        for service in self.world.services:
            for entry in service.effects():
                effects[entry["saga"]].append(entry)
        for saga in sagas:
            with self.subTest(saga=saga["id"], status=saga["status"]):
                self.check(saga, effects[saga["id"]])

    def check(self, saga, effects):
        events = self.engine.events(saga["id"])
        number = {(effect["operation"], effect["step"]): effect["number"] for effect in effects}
        self.assertEqual(len(number), len(effects), "an effect came twice")

        def steps_of(kind):
            return {event["step"] for event in events if event["type"] == kind}

        done = {step for operation, step in number if operation == "action"}
        undone = {step for operation, step in number if operation == "compensate"}
        self.assertLessEqual(steps_of("StepSucceeded"), done, "a recorded success is in no ledger")
        self.assertLessEqual(done, steps_of("StepRequested"), "an effect was never asked for")
        self.assertLessEqual(undone, steps_of("CompensationRequested"), "an undo was never asked for")
        self.assertLessEqual(undone, done, "an undo without its effect")
        if saga["status"] == "completed":
            self.assertEqual((done, undone), ({"apply", "qualify", "enroll"}, set()))
        else:
            self.assertEqual(undone, {step for step in done if step in HAVE_UNDO}, "an effect was left")
        for step in undone:
            self.assertLess(number["action", step], number["compensate", step])
        if len(undone) == 2:
            times = {effect["step"]: effect["time"] for effect in effects if effect["operation"] == "compensate"}
            self.assertLess(times["enroll"], times["apply"], "undone in the wrong order")
        ends = [index for index, event in enumerate(events) if event["type"] == "SagaEnded"]
        self.assertEqual(ends[-1], len(events) - 1)
        for earlier in ends[:-1]:
            self.assertEqual(events[earlier]["status"], "completed")
            self.assertEqual(events[earlier + 1]["type"], "CompensationStarted")
            self.assertTrue(events[earlier + 1]["afterCompletion"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
