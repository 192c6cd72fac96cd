"""The recruitment system, requirement by requirement (S1.x), and what all systems have in common (C…), shown over HTTP
with every service, the engine and PostgreSQL a process of its own."""

import os
import sqlite3
import threading
import unittest

import failures
from at_the_end import AtTheEndTests
from calls import call
from processes import wait_until
from systems import SystemTest
from world import RECRUITMENT, Engine, Service


PAGE = "recruitment-my-page"


def step(saga, name):
    return next(step for step in saga["steps"] if step["id"] == name)


class RecruitmentTest(SystemTest):
    system = "recruitment"
    enrolled_elsewhere = set()  # by a service of a test's own

    def assert_undone(self, saga):
        """Nor does the services' own data show anything of it in force."""
        super().assert_undone(saga)
        for service, path in ((self.recruitment, "/applications/"), (self.enrollment, "/enrollments/")):
            record = service.get(path + saga)
            self.assertIn(record.status, (200, 404))
            if record.status == 200:
                self.assertEqual(record.json["status"], "cancelled")


class Applying(RecruitmentTest):
    def test_s1_1_a_job_seeker_applies_with_name_age_skill_and_job(self):
        answer = self.engine.apply("s11", age=41)
        self.assertEqual(answer.status, 201, answer)
        saga = answer.json["id"]
        self.assertEqual(answer.headers["Location"], "/v1/sagas/" + saga)
        self.assertEqual(self.recruitment.get("/applications/" + saga).json,
                         {"id": saga, "name": "Ann s11", "age": 41, "skill": "welding", "job": "welder", "status": "applied"})
        ended = self.engine.ended(saga, "completed")
        self.assertEqual(ended["output"], {"applicationId": saga, "qualification": "Y", "enrollmentId": "enrollment-" + saga})

    def test_s1_1_the_events_of_three_steps_that_succeed_are_exactly_eight(self):
        saga = self.engine.apply("s11-events").json["id"]
        self.engine.ended(saga, "completed")
        told = [(event["type"], event.get("step")) for event in self.engine.events(saga)]
        self.assertEqual(told, [("SagaStarted", None)] +
                         [(kind, name) for name in ("apply", "qualify", "enroll") for kind in ("StepRequested", "StepSucceeded")] +
                         [("SagaEnded", None)])

    def test_s1_2_a_qualification_stands_when_the_start_is_answered(self):
        saga = self.engine.apply("s12").json["id"]
        check = self.qualification.get("/checks/qualification-" + saga).json
        self.assertEqual(check, {"id": "qualification-" + saga, "recruitmentId": saga, "job": "welder", "confirmYn": "Y",
                                 "status": "Apply Job"})

    def test_s1_2_an_application_that_was_not_accepted_is_never_checked(self):
        for status, answered in ((422, 422), (503, 503)):
            self.recruitment.fault(match="POST /applications action", status=status)
            answer = self.engine.apply(f"s12-{status}")
            self.assertEqual(answer.status, answered, answer)
            saga = answer.json["saga"]
            self.engine.ended(saga, "compensated")
            self.assertEqual(self.qualification.ledger(saga), [])
            self.recruitment.clear_faults()

    def test_s1_2_and_c2_with_qualification_down_the_application_is_refused_and_nothing_is_left_half_made(self):
        self.qualification.stop()
        answer = self.engine.apply("c2")
        self.assertEqual(answer.status, 503, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertIn("Retry-After", answer.headers)
        saga = answer.json["saga"]
        ended = self.engine.ended(saga, "compensated")
        self.assertEqual(ended["undo"], "done")
        self.assertEqual(self.recruitment.get("/applications/" + saga).json["status"], "cancelled")
        self.assertEqual(self.enrollment.ledger(saga), [])
        self.qualification.start()
        self.assertEqual(self.qualification.ledger(saga), [])

    def test_s1_2_a_qualification_that_never_answers_refuses_within_its_second(self):
        self.qualification.fault(latency="20s")
        answer = self.engine.apply("s12-silent")
        self.assertEqual(answer.status, 503, answer)
        self.engine.ended(answer.json["saga"], "compensated")
        self.assert_undone(answer.json["saga"])

    def test_s1_6_an_unqualified_applicant_is_refused_with_the_reason_and_the_application_is_undone(self):
        answer = self.engine.apply("s16", skill="none")
        self.assertEqual(answer.status, 422, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertIn("Without a skill nobody qualifies for the job welder.", answer.text)
        saga = answer.json["saga"]
        ended = self.engine.ended(saga, "compensated")
        self.assertEqual(ended["error"]["title"], "Not qualified")
        self.assertEqual(step(ended, "qualify")["status"], "failed")
        self.assertEqual(self.recruitment.get("/applications/" + saga).json["status"], "cancelled")
        self.assertEqual(self.qualification.effects(saga), [])
        self.assertEqual(self.enrollment.ledger(saga), [])
        self.shows(PAGE, saga, status="rejected", reason="Not qualified")

    def test_c6_two_cases_of_one_applicant_never_mix(self):
        answers = []
        starts = [threading.Thread(target=lambda: answers.append(self.engine.apply("c6"))) for _ in range(8)]
        for start in starts:
            start.start()
        for start in starts:
            start.join()
        sagas = {answer.json["id"] for answer in answers}
        self.assertEqual(len(sagas), 8)
        for saga in sagas:
            self.assertEqual(self.engine.ended(saga, "completed")["businessKey"], "c6")
            for service in self.services:
                entries = service.ledger(saga)
                self.assertEqual(len(entries), 1)
                self.assertTrue(entries[0]["key"].startswith(saga + ":"), entries)
                self.assertEqual(entries[0]["sagaName"], "recruitment")
            stories = {event["businessKey"] for event in self.engine.events(saga) if "businessKey" in event}
            self.assertEqual(stories, {"c6"})
        for service in self.services:
            without = [entry for entry in service.ledger() if entry["method"] == "POST" and not entry["saga"]]
            self.assertEqual(without, [])


class EnrollingLater(RecruitmentTest):
    def test_s1_3_and_c3_with_enrollment_down_the_application_is_taken_and_enrolled_once_the_service_is_back(self):
        self.enrollment.stop()
        answer = self.engine.apply("c3")
        self.assertEqual(answer.status, 201, answer)
        saga = answer.json["id"]
        self.assertEqual(step(self.engine.saga(saga), "qualify")["status"], "succeeded")
        self.until_tried(saga, "enroll")
        self.enrollment.start()
        self.engine.ended(saga, "completed")
        self.assertEqual(self.enrollment.get("/enrollments/" + saga).json["status"], "enrolled")
        self.assertEqual(len(self.enrollment.effects(saga)), 1)

    def test_s1_3_an_enrollment_that_was_done_but_not_answered_is_not_done_twice(self):
        self.enrollment.fault(match="POST /enrollments action", drop=True, afterEffect=True, times=1)
        saga = self.engine.apply("c3-lost").json["id"]
        self.engine.ended(saga, "completed")
        entries = self.enrollment.ledger(saga)
        self.assertEqual([entry["effect"] for entry in entries], [True, False])
        self.assertEqual([entry["answer"] for entry in entries], [None, 201])
        self.assertEqual(len({entry["key"] for entry in entries}), 1)

    def test_c3_a_service_that_fails_for_a_while_is_asked_again_until_it_answers(self):
        self.enrollment.fault(match="POST /enrollments action", status=503, times=3)
        saga = self.engine.apply("c3-503").json["id"]
        self.engine.ended(saga, "completed")
        self.assertEqual([entry["answer"] for entry in self.enrollment.ledger(saga)], [503, 503, 503, 201])
        self.assertEqual([entry["attempt"] for entry in self.enrollment.ledger(saga)], [1, 2, 3, 4])


class Cancelling(RecruitmentTest):
    def test_s1_4_and_s1_5_and_c5_a_cancel_after_the_enrollment_undoes_it_and_then_the_application(self):
        saga = self.engine.apply("s15").json["id"]
        self.engine.ended(saga, "completed")
        self.enrollment.fault(match=" compensate", latency="150ms", times=1)  # whoever did not wait would be faster
        self.assertEqual(self.engine.cancel(saga).status, 202)
        ended = self.engine.ended(saga, "cancelled")
        self.assertEqual(ended["undo"], "done")
        # The record stays, marked.
        self.assertEqual(self.enrollment.get("/enrollments/" + saga).json["status"], "cancelled")
        self.assertEqual(self.recruitment.get("/applications/" + saga).json["status"], "cancelled")
        undo_of_enrollment = self.enrollment.effects(saga)[-1]
        undo_of_application = self.recruitment.effects(saga)[-1]
        for undo, name in ((undo_of_enrollment, "enroll"), (undo_of_application, "apply")):
            self.assertEqual(undo["operation"], "compensate")
            self.assertEqual(undo["key"], f"{saga}:{name}:undo")
        self.assertLess(undo_of_enrollment["time"], undo_of_application["time"])
        self.assertEqual(len(self.qualification.ledger(saga)), 1)

    def test_s1_4_a_cancel_while_it_waits_for_enrollment_undoes_the_application_at_once(self):
        self.enrollment.stop()
        saga = self.engine.apply("s14").json["id"]
        self.assertEqual(self.engine.cancel(saga).status, 202)
        self.engine.ended(saga, "cancelled")
        self.assertEqual(self.recruitment.get("/applications/" + saga).json["status"], "cancelled")
        self.enrollment.start()
        self.assert_undone(saga)
        self.assertEqual(self.enrollment.effects(saga), [])

    def test_s1_5_an_enrollment_whose_answer_was_lost_is_undone_too(self):
        self.enrollment.fault(match="POST /enrollments action", drop=True, afterEffect=True)
        saga = self.engine.apply("s15-unknown").json["id"]
        wait_until(lambda: self.enrollment.effects(saga), "the enrollment takes effect")
        self.assertEqual(self.engine.cancel(saga).status, 202)
        self.engine.ended(saga, "cancelled")
        self.assert_undone(saga)
        self.assertEqual([entry["operation"] for entry in self.enrollment.effects(saga)], ["action", "compensate"])

    def test_s1_4_a_second_cancel_changes_nothing(self):
        saga = self.engine.apply("s14-twice").json["id"]
        self.engine.ended(saga, "completed")
        self.engine.cancel(saga)
        self.engine.ended(saga, "cancelled")
        count = len(self.engine.events(saga))
        self.assertEqual(self.engine.cancel(saga).status, 202)
        self.assertEqual(len(self.engine.events(saga)), count)

    def test_c5_an_undo_whose_service_is_away_is_made_when_it_is_back(self):
        saga = self.engine.apply("c5-away").json["id"]
        self.engine.ended(saga, "completed")
        self.enrollment.stop()
        self.assertEqual(self.engine.cancel(saga).status, 202)
        self.assertEqual(self.recruitment.get("/applications/" + saga).json["status"], "applied")
        self.enrollment.start()
        self.engine.ended(saga, "cancelled")
        self.assert_undone(saga)


class Storing(RecruitmentTest):
    def test_c1_every_service_keeps_its_data_in_a_storage_of_its_own_of_two_kinds(self):
        saga = self.engine.apply("c1").json["id"]
        self.engine.ended(saga, "completed")
        for service, table in ((self.recruitment, "application"), (self.qualification, "qualification")):
            with sqlite3.connect(os.path.join(service.data, service.name + ".sqlite")) as file:
                tables = {name for (name,) in file.execute("select name from sqlite_master where type = 'table'")}
                self.assertEqual(tables - {"sqlite_sequence"}, {table, "_key", "_ledger"})
                self.assertEqual(file.execute(f"select count(*) from {table} where id like ?", ("%" + saga,)).fetchone(), (1,))
        tables = self.world.database.query(
            self.world.services_conninfo,
            "select schemaname, tablename from pg_tables where schemaname like 'sandbox%' order by 2")
        self.assertEqual({tuple(row) for row in tables},
                         {("sandbox_enrollment", name) for name in ("_key", "_ledger", "enrollment")})
        self.assertFalse(os.path.exists(self.enrollment.data))

    def test_c1_what_a_service_answered_survives_its_kill(self):
        saga = self.engine.apply("c1-kill").json["id"]
        self.engine.ended(saga, "completed")
        for service in (self.recruitment, self.enrollment):
            service.process.kill()
            service.start()
        self.assertEqual(self.recruitment.get("/applications/" + saga).json["status"], "applied")
        self.assertEqual(self.enrollment.get("/enrollments/" + saga).json["status"], "enrolled")

    def test_c9_another_url_of_a_service_needs_only_an_environment_variable(self):
        elsewhere = Service(os.path.join(RECRUITMENT, "enrollment.service.yaml"), self.world.directory,
                            self.world.database.create("elsewhere"), name="elsewhere").start()
        self.engine.stop()
        moved = Engine(self.world.directory, self.world.conninfo, [self.recruitment, self.qualification, elsewhere])
        try:
            saga = moved.start().apply("c9").json["id"]
            moved.ended(saga, "completed")
            self.assertEqual(len(elsewhere.effects(saga)), 1)
            self.assertEqual(self.enrollment.ledger(saga), [])
            self.enrolled_elsewhere.add(saga)
        finally:
            moved.stop()
            elsewhere.stop()
            self.engine.start()

    def test_the_documented_view_shows_the_story_of_a_saga_in_plain_sql(self):
        saga = self.engine.apply("story").json["id"]
        self.engine.ended(saga, "completed")
        self.engine.cancel(saga)
        self.engine.ended(saga, "cancelled")
        rows = self.world.query(f"select version, type, coalesce(step, '') from skald.story where saga_id = '{saga}' order by version")
        self.assertEqual([int(row[0]) for row in rows], list(range(1, len(rows) + 1)))
        self.assertEqual([row[1:] for row in rows if row[1].startswith(("Comp", "StepComp", "SagaE"))],
                         [["SagaEnded", ""], ["CompensationStarted", ""],
                          ["CompensationRequested", "enroll"], ["StepCompensated", "enroll"],
                          ["CompensationRequested", "apply"], ["StepCompensated", "apply"], ["SagaEnded", ""]])
        self.assertEqual(len(rows), len(self.engine.events(saga)))


class Seeing(RecruitmentTest):
    def apply(self, applicant, skill="welding"):
        answer = self.engine.apply(applicant, skill=skill)
        return answer.json.get("id") or answer.json["saga"]

    def test_s1_7_and_c7_my_page_shows_each_application_by_itself_and_by_applicant(self):
        self.enrollment.fault(match="POST /enrollments action", status=503)
        saga = self.apply("s17")
        self.shows(PAGE, saga, applicantId="s17", name="Ann s17", age=30, skill="welding", job="welder", qualification="Y",
                   enrollmentId=None, status="qualified", reason=None)
        self.enrollment.clear_faults()
        self.shows(PAGE, saga, status="enrolled", enrollmentId="enrollment-" + saga)
        self.engine.cancel(saga)
        self.shows(PAGE, saga, status="cancelled")
        rejected = self.apply("s17", skill="none")
        self.shows(PAGE, rejected, status="rejected", qualification="N", reason="Not qualified", enrollmentId=None)
        self.qualification.fault(status=503)
        unknown = self.apply("s17")
        self.shows(PAGE, unknown, status="rejected", qualification=None)
        self.assertEqual({row["applicationId"] for row in self.rows(PAGE, applicantId="s17")}, {saga, rejected, unknown})


class Failing(failures.FailingTests, RecruitmentTest):
    def stories(self):
        given = {"applicantId": "failing", "name": "Ann", "age": 30, "skill": "welding", "job": "welder"}
        return [failures.Story(self, "recruitment", lambda: given)]


class Refusing(RecruitmentTest):
    def test_what_is_no_application_gets_a_clear_problem_and_nothing_is_stored(self):
        count = self.world.query("select count(*) from skald.event where type = 'SagaStarted'")
        good = {"applicantId": "bad", "name": "Ann", "age": 30, "skill": "welding", "job": "welder"}
        start = self.engine.url + "/v1/sagas/recruitment"
        deep = b'{"name":' + b"[" * 10000 + b"]" * 10000 + b"}"
        for body, status, word in ((b'{"applicantId": ', 400, "line"), (b"\xff\xfe", 400, ""), (b"[]", 422, "pointer"),
                                   ({**good, "age": "thirty"}, 422, "/age"), ({**good, "age": 14}, 422, "/age"),
                                   ({**good, "colour": "red"}, 422, "colour"), ({"applicantId": "bad"}, 422, "name"),
                                   (deep, 400, "64"), (b'{"a":1,"a":2}', 400, "twice"), (b'{"a":"\\u0000"}', 400, "u0000"),
                                   (b'"' + b"x" * (1 << 20) + b'"', 413, "")):
            with self.subTest(body=body[:40] if isinstance(body, bytes) else body):
                answer = call("POST", start, body)
                self.assertEqual(answer.status, status, answer)
                self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
                self.assertTrue(answer.json["title"] and answer.json["detail"], answer)
                self.assertIn(word, answer.text)
        self.assertEqual(self.world.query("select count(*) from skald.event where type = 'SagaStarted'"), count)
        self.assertEqual(self.engine.apply("bad-no-more").status, 201)

    def test_unknown_names_get_a_clear_problem(self):
        url = self.engine.url + "/v1"
        nobody = "01900000-0000-7000-8000-000000000000"
        for method, path, body, status in (("POST", "/sagas/recruitmnt", {}, 404), ("GET", f"/sagas/{nobody}", None, 404),
                                           ("GET", f"/sagas/{nobody}/events", None, 404), ("GET", "/sagas/no-id", None, None),
                                           ("POST", f"/sagas/{nobody}/cancel", {}, 404), ("GET", "/nowhere", None, 404),
                                           ("DELETE", "/sagas", None, 405), ("GET", "/sagas?colour=red", None, None),
                                           ("GET", "/definitions/nothing", None, 404)):
            with self.subTest(path=path):
                answer = call(method, url + path, body)
                self.assertIn(answer.status, (400, 404, 422) if status is None else (status,), answer)
                self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
                self.assertTrue(answer.json["detail"], answer)

    def test_a_faulty_definition_is_refused_with_line_and_column_and_the_good_one_stays(self):
        with open(os.path.join(RECRUITMENT, "recruitment.saga.yaml"), encoding="utf-8") as file:
            good = file.read()
        faulty = good.replace("    retry: patient", "    retyr: patient")
        self.assertNotEqual(good, faulty)
        line = faulty.split("\n").index("    retyr: patient") + 1
        answer = call("PUT", self.engine.url + "/v1/definitions/recruitment", faulty.encode(),
                      {"Content-Type": "application/yaml"})
        self.assertEqual(answer.status, 422, answer)
        self.assertIn(f'"line":{line}', answer.text.replace(" ", ""))
        self.assertIn("retry", answer.text)
        self.assertEqual(self.engine.apply("still-good").status, 201)


class WhenAllIsOver(AtTheEndTests, RecruitmentTest):
    keys = {PAGE: "applicationId"}
    views_without_records = {PAGE: ("rejected", "cancelled")}

    def rows_by_the_services(self):
        ends, rows = self.ends("recruitment"), {}
        enrolled = set(self.records(self.enrollment, "/enrollments", "recruitmentId")) | self.enrolled_elsewhere
        for saga, application in self.records(self.recruitment, "/applications").items():
            rows[saga] = {column: application[column] for column in ("name", "age", "skill", "job")}
            if application["status"] == "cancelled":
                rows[saga]["status"] = "cancelled" if ends[saga] == "cancelled" else "rejected"
            else:
                self.assertIn(saga, enrolled)
                rows[saga] |= {"status": "enrolled", "enrollmentId": "enrollment-" + saga, "qualification": "Y"}
        return {PAGE: rows}


if __name__ == "__main__":
    unittest.main(verbosity=2)
