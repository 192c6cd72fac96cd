"""The vaccination certificate, requirement by requirement (S5.x)."""

import sqlite3
import os
import random
import unittest

import failures
from at_the_end import AtTheEndTests
from common import CommonTests
from calls import call
from systems import SystemTest, at_once
from world import ENDED

VIEW = "certificate-my-page"
CROSSINGS = int(os.environ.get("SKALD_CROSSINGS", "500"))


class CertificateTest(SystemTest):
    system = "certificate"

    def vaccinate(self, person, status="INJECTED"):
        self.start("injection", personId=person, vcName="Comirnaty", status=status)
        return person

    def applied(self, person):
        """A vaccinated person's application, on the issuing desk."""
        saga = self.start("certificate", personId=self.vaccinate(person))
        self.until_waiting(saga, "decided", "event")
        return saga

    def grant(self, saga):
        return self.signal(saga, "CertificateIssued", issuer="Dr. Kim")


class Registering(CertificateTest):
    def test_s5_1_an_administrator_registers_and_changes_vaccination_records(self):
        saga = self.start("injection", personId="s51", vcName="Comirnaty", status="RESERVED")
        record = {"id": saga, "personId": "s51", "vcName": "Comirnaty"}
        self.assertEqual(self.injection.get("/injections/" + saga).json, {**record, "status": "RESERVED"})
        self.start("injection-change", personId="s51", status="INJECTED")
        self.assertEqual(self.injection.get("/injections/" + saga).json, {**record, "status": "INJECTED"})

    def test_s5_1_a_change_for_a_person_without_a_record_is_refused(self):
        self.assertEqual(self.refuse(422, "injection-change", personId="s51-nobody", status="INJECTED")["type"], "not-found")

    def test_s5_1_a_change_whose_answer_never_came_is_taken_back(self):
        person = self.vaccinate("s51-lost", "RESERVED")
        self.injection.fault(match="PATCH /persons/s51-lost", status=503, afterEffect=True)
        answer = self.ask("injection-change", personId=person, status="INJECTED")
        self.assertEqual(answer.status, 503, answer)
        self.ended(answer.json["saga"], "compensated")
        records = [item for item in self.injection.get("/injections").json["items"] if item["personId"] == person]
        self.assertEqual([record["status"] for record in records], ["RESERVED"])


class Applying(CertificateTest):
    def test_s5_2_and_c2_the_application_stands_only_if_the_vaccination_is_complete(self):
        self.vaccinate("s52-half", "RESERVED")
        self.assertEqual(self.refuse(422, "certificate", personId="s52-half")["title"], "The vaccination is not complete")
        self.assertEqual(self.refuse(422, "certificate", personId="s52-none")["title"], "No vaccination is recorded")
        self.start("injection-change", personId="s52-half", status="INJECTED")
        saga = self.start("certificate", personId="s52-half")
        self.assertEqual(self.applying.get("/applications/" + saga).json["status"], "applied")

    def test_s5_2_and_c2_with_the_injection_service_down_the_application_is_refused_and_nothing_is_left(self):
        person = self.vaccinate("s52-down")
        self.injection.stop()
        answer = self.ask("certificate", personId=person)
        self.assertEqual(answer.status, 503, answer)
        self.assertIn("Retry-After", answer.headers)
        self.ended(answer.json["saga"], "compensated")
        self.assertEqual(self.applying.ledger(answer.json["saga"]), [])
        self.injection.start()
        self.start("certificate", personId=person)

    def test_s5_2_an_injection_service_that_never_answers_refuses_within_its_second(self):
        person = self.vaccinate("s52-silent")
        self.injection.fault(match="GET /persons", latency="20s")
        self.refuse(503, "certificate", personId=person)


class Issuing(CertificateTest):
    def test_s5_3_and_c6_an_administrator_issues_what_has_reached_the_desk(self):
        saga = self.applied("s53")
        self.assertEqual(self.issue.get("/requests/" + saga).json["status"], "requested")
        self.assertEqual(self.grant(saga).status, 202)
        ended = self.ended(saga, "completed")
        self.assertEqual(ended["businessKey"], "s53")
        certificate = {"certificateNo": "VC-" + saga, "personId": "s53", "vcName": "Comirnaty", "issuer": "Dr. Kim"}
        self.assertEqual({**ended["output"], **certificate}, ended["output"])
        self.assertEqual(self.applying.get("/applications/" + saga).json["status"], "issued")
        self.assertEqual(self.applying.get("/applications/" + saga).json["certificateNo"], "VC-" + saga)
        self.assert_once(saga)

    def test_s5_4_and_c5_an_application_can_be_cancelled_before_it_is_issued_and_the_record_stays(self):
        saga = self.applied("s54")
        self.issue.fault(match=" compensate", latency="150ms", times=1)  # whoever did not wait would be faster
        self.cancel(saga)
        self.ended(saga, "cancelled")
        self.assertEqual(self.applying.get("/applications/" + saga).json["status"], "cancelled")
        self.assertEqual(self.issue.get("/requests/" + saga).json["status"], "cancelled")
        self.assertEqual(self.grant(saga).status, 409)
        at_desk, at_store = self.issue.effects(saga)[-1], self.applying.effects(saga)[-1]
        self.assertLess(at_desk["time"], at_store["time"], "undone in reverse order")

    def test_s5_4_an_issued_certificate_cannot_be_cancelled(self):
        saga = self.applied("s54-late")
        self.grant(saga)
        self.cancel(saga, 409)
        self.ended(saga, "completed")
        self.cancel(saga, 409)
        self.assertEqual(self.applying.get("/applications/" + saga).json["status"], "issued")

    def test_s5_4_a_cancel_that_crosses_an_issue_has_exactly_one_outcome(self):
        person = self.vaccinate("s54-cross")
        sagas = at_once(lambda _: self.start("certificate", personId=person), range(CROSSINGS))
        seed = random.randrange(1 << 32)
        print("seed", seed)
        chance = random.Random(seed)
        orders = [(saga, chance.random() < 0.5) for saga in sagas]

        def cross(order):
            saga, cancel_first = order
            self.until_waiting(saga, "decided", "event")
            acts = [lambda: self.engine.cancel(saga).status, lambda: self.grant(saga).status]
            both = at_once(lambda act: act(), acts if cancel_first else acts[::-1])
            return both if cancel_first else both[::-1]

        for (saga, _), statuses in zip(orders, at_once(cross, orders)):
            self.assertIn(statuses, ([202, 409], [409, 202]), saga)
        issued = 0
        for saga, _ in orders:
            ended = self.until(lambda s=saga: (f := self.engine.saga(s))["status"] in ENDED and f, "it ends")
            outcome = {"completed": "issued", "cancelled": "cancelled"}[ended["status"]]
            issued += outcome == "issued"
            self.assertEqual(self.applying.get("/applications/" + saga).json["status"], outcome)
            self.assertEqual(self.issue.get("/requests/" + saga).json["status"], outcome)
            self.shows(VIEW, saga, status=outcome)
            told = [event["type"] for event in self.engine.events(saga)]
            self.assertEqual(told.count("SagaEnded"), 1)
            self.assertNotEqual("EventReceived" in told, "CompensationStarted" in told, told)
        self.assertTrue(0 < issued < CROSSINGS, f"{issued} of {CROSSINGS} were issued: both outcomes must happen")


class Overloaded(CertificateTest):
    def test_s5_5_and_c3_with_the_desk_down_applications_are_taken_and_catch_up(self):
        person = self.vaccinate("s55")
        self.issue.stop()
        sagas = [self.start("certificate", personId=person) for _ in range(5)]
        for saga in sagas:
            self.assertEqual(self.applying.get("/applications/" + saga).json["status"], "applied")
        self.assertEqual(self.grant(sagas[0]).status, 202, "an issue that comes early is kept")
        self.cancel(sagas[1])
        self.ended(sagas[1], "cancelled")
        self.until_tried(sagas[2], "request")
        self.issue.start()
        self.ended(sagas[0], "completed")
        for saga in sagas[2:]:
            self.until_waiting(saga, "decided", "event")
            self.grant(saga)
        for saga in sagas[2:]:
            self.ended(saga, "completed")
            self.assert_once(saga)
        self.assertEqual(self.issue.get("/requests/" + sagas[1]).status, 404)

    def test_s5_5_and_c4_an_overloaded_desk_has_its_circuit_opened_and_closed_again_and_the_rest_goes_on(self):
        person = self.vaccinate("c4")
        self.issue.fault(match="POST /requests action", status=503)
        sagas = at_once(lambda _: self.start("certificate", personId=person), range(40))
        self.until(lambda: self.circuit_is_open("issue"), "the circuit opens")
        waiting = self.until(lambda: [saga for saga in sagas if self.reason_of(saga, "request") == "circuit-open"],
                             "they wait visibly")
        self.assertTrue(waiting)
        saga = self.start("certificate", personId=person)
        self.start("injection", personId="c4-else", vcName="Comirnaty", status="INJECTED")
        self.issue.clear_faults()
        for saga in [*sagas, saga]:
            self.until_waiting(saga, "decided", "event")
            self.assert_once(saga)
        self.until(lambda: not self.circuit_is_open("issue"), "the circuit closes by itself")

    def reason_of(self, saga, step):
        return next((wait["reason"] for wait in self.engine.saga(saga)["waitingFor"] if wait["step"] == step), None)


class Seeing(CertificateTest):
    def test_s5_6_and_c7_my_page_shows_the_state_of_each_application_and_the_certificate(self):
        saga = self.applied("s56")
        self.shows(VIEW, saga, personId="s56", vcName="Comirnaty", status="applied", certificateNo=None, reason=None)
        self.grant(saga)
        self.shows(VIEW, saga, status="issued", certificateNo="VC-" + saga)
        cancelled = self.start("certificate", personId="s56")
        self.cancel(cancelled)
        self.shows(VIEW, cancelled, status="cancelled")
        self.assertEqual({row["applicationId"]: row["status"] for row in self.rows(VIEW, personId="s56")},
                         {saga: "issued", cancelled: "cancelled"})

    def test_s5_6_a_refused_application_is_shown_with_the_reason(self):
        self.vaccinate("s56-half", "RESERVED")
        refused = self.ask("certificate", personId="s56-half").json["saga"]
        self.shows(VIEW, refused, personId="s56-half", status="refused", reason="The vaccination is not complete", certificateNo=None)

    def test_s5_4_a_cancel_that_crosses_an_issue_shows_its_one_outcome(self):
        for number in range(10):
            saga = self.applied(f"s54-view-{number}")
            acts = [lambda s=saga: self.engine.cancel(s).status, lambda s=saga: self.grant(s).status]
            at_once(lambda act: act(), acts if number % 2 else acts[::-1])
            ended = self.until(lambda s=saga: (f := self.engine.saga(s))["status"] in ENDED and f, "it ends")
            self.shows(VIEW, saga, status={"completed": "issued", "cancelled": "cancelled"}[ended["status"]])


class Failing(failures.FailingTests, CertificateTest):
    def stories(self):
        self.vaccinate("failing")
        person = {"personId": "failing"}
        return [failures.Story(self, "certificate", lambda: person, self.grant),
                failures.Story(self, "injection", lambda: {**person, "vcName": "Comirnaty", "status": "INJECTED"}),
                failures.Story(self, "injection-change", lambda: {**person, "status": "INJECTED"})]


class Alike(CommonTests, CertificateTest):
    def begin_something(self):
        self.vaccinate("c9")


class WhenAllIsOver(AtTheEndTests, CertificateTest):
    keys = {VIEW: "applicationId"}
    views_without_records = {VIEW: ("refused", "cancelled")}

    def rows_by_the_services(self):
        ends, requests, rows = self.ends("certificate"), self.records(self.issue, "/requests"), {}
        for saga, application in self.records(self.applying, "/applications").items():
            status = "refused" if ends[saga] == "compensated" else application["status"]
            rows[saga] = {"personId": application["personId"], "status": status, "certificateNo": application["certificateNo"]}
            self.assertEqual(status == "issued", saga in requests and requests[saga]["status"] == "issued")
        return {VIEW: rows}


if __name__ == "__main__":
    unittest.main(verbosity=2)
