"""A service that dies: its circuit opens, sagas wait for it and say so, what goes elsewhere goes on, and the circuit closes
by itself. And a rate limit, which all lanes keep together."""

import os
import time
import unittest

from desk import HERE, DeskTest, DeskWorld
from processes import wait_until

CIRCUITS = os.path.join(HERE, "circuits")
CLOSED, OPEN = 0, 2
ATTEMPTS = 5  # of a step that says nothing


class Circuits(DeskTest):
    @classmethod
    def make_world(cls):
        return DeskWorld(cls.lanes, CIRCUITS, ("brittle", "fragile", "limited"))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.services = {service.name: service for service in cls.world.services}

    def metric(self, name, **labels):
        """Its value; 0 while nothing was counted."""
        wanted = {f'{label}="{value}"' for label, value in labels.items()}
        for line in self.get("/metrics").text.splitlines():
            if line.startswith(name + "{") and wanted <= set(line[len(name) + 1:line.index("}")].split(",")):
                return float(line.rsplit(" ", 1)[1])
        return 0

    def calls(self, service):
        results = ("2xx", "4xx", "5xx", "unreachable", "timeout", "connection-lost", "invalid-answer")
        return sum(self.metric("skald_calls_total", service=service, result=result) for result in results)

    def circuit(self, service):
        return self.metric("skald_circuit_state", service=service)

    def kill_and_open(self, service):
        """The service dies, and a saga that finds out opens its circuit."""
        self.services[service].stop()
        finder = self.start("at-" + service)
        self.until_waiting(finder, "circuit-open")
        return finder


class WhileOpen(Circuits):
    """Of one lane, and with a circuit that is not probed while the test lasts: what is counted is exact."""

    def test_sagas_wait_visibly_spend_no_attempt_and_others_go_on(self):
        finder = self.kill_and_open("brittle")
        self.assertEqual(self.circuit("brittle"), OPEN)
        tried = self.calls("brittle")
        sagas = [self.start("at-brittle") for _ in range(20)]
        for saga in sagas:
            waits = self.until_waiting(saga, "circuit-open")
            self.assertEqual(waits["step"], "deed")
            self.assertGreater(waits["until"], waits["since"])
            found = self.engine.saga(saga)
            self.assertEqual((found["status"], found["steps"][0]["attempts"]), ("waiting", 1))
            waiting = [(e["step"], e["reason"]) for e in self.events(saga, "StepWaiting")]
            self.assertEqual((waiting, self.events(saga, "AttemptFailed")), ([("deed", "circuit-open")], []))
        self.assertLess(len(self.events(finder, "AttemptFailed")), ATTEMPTS)
        self.assertEqual(self.calls("brittle"), tried)
        waiting = {item["id"] for item in self.get("/v1/sagas?status=waiting&limit=500").json["items"]}
        self.assertLessEqual(set(sagas), waiting)
        self.until(self.start("at-limited"), "completed")
        self.assertEqual(self.circuit("brittle"), OPEN)
        self.assertEqual(self.engine.cancel(sagas[0]).status, 202)
        self.until(sagas[0], "cancelled")

    def test_a_start_that_is_answered_after_such_a_step_is_refused_at_once_and_undone(self):
        if self.circuit("brittle") != OPEN:
            self.kill_and_open("brittle")
        began = time.monotonic()
        answer = self.post("/v1/sagas/urgent", {})
        self.assertEqual(answer.status, 503, answer)
        self.assertLess(time.monotonic() - began, 10)  # its patience would be 30 s, its circuit is open for 60
        self.assertIsNotNone(answer.headers["Retry-After"])
        ended = self.until(answer.json["saga"], "compensated")
        self.assertEqual((ended["error"]["type"], ended["steps"][1]["status"]), ("circuit-open", "failed"))
        self.assertEqual(self.deeds(ended["id"]), {"first": "undone"})


class Closing(Circuits):
    lanes = 3

    def test_a_circuit_closes_by_itself_and_all_who_waited_go_on(self):
        self.kill_and_open("fragile")
        began, tried = time.monotonic(), self.calls("fragile")
        sagas = [self.start("at-fragile") for _ in range(20)]
        for saga in sagas:
            self.until_waiting(saga, "circuit-open")
        # One probe each second at most, and each spends an attempt of one saga: the others spend none.
        failed = sum(len(self.events(saga, "AttemptFailed")) for saga in sagas)
        probes = time.monotonic() - began + 1
        self.assertLessEqual(failed, probes)
        self.assertLessEqual(self.calls("fragile") - tried, probes)
        self.assertGreater(self.circuit("fragile"), CLOSED)
        self.services["fragile"].start()
        for saga in sagas:
            self.until(saga, "completed")
            self.assertEqual(len(self.events(saga, "StepWaiting")), 1 + len(self.events(saga, "AttemptFailed")))
        wait_until(lambda: self.circuit("fragile") == CLOSED, "the circuit is closed")
        self.until(self.start("at-fragile"), "completed")

    def test_all_lanes_together_keep_the_rate_limit_and_nothing_is_said_of_it(self):
        calls, rate = 45, 20
        began = time.monotonic()
        sagas = [self.start("at-limited") for _ in range(calls)]
        for saga in sagas:
            self.until(saga, "completed")
        # The first leaves at once, and one that was late may be made up for.
        self.assertGreaterEqual(time.monotonic() - began, (calls - 2) / rate)
        for saga in sagas:
            self.assertEqual([event["type"] for event in self.events(saga)],
                             ["SagaStarted", "StepRequested", "StepSucceeded", "SagaEnded"])


if __name__ == "__main__":
    unittest.main()
