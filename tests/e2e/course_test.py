"""Course and professor assignment, requirement by requirement (S2.x)."""

import itertools
import unittest

import failures
from at_the_end import AtTheEndTests
from common import CommonTests
from systems import SystemTest, at_once
from world import ENDED

BOARD, MY_PAGE = "course-board", "professor-my-page"
NOBODY = "01900000-0000-7000-8000-000000000000"


class CourseTest(SystemTest):
    system = "course"

    def open_course(self, number, **more):
        """The saga of a course that takes applications."""
        saga = self.start("course", **{"courseNo": number, "title": "Algebra", "courseInfo": "Groups and rings", "dueDate": "2026-12-24", **more})
        self.ended(saga, "completed")
        return saga

    def application_of(self, course, professor):
        return {"courseNo": course, "professorNo": professor, "professorNm": "Prof. " + professor, "phoneNumber": "010-" + professor,
                "age": 45, "career": 12, "professorSpec": "number theory"}

    def apply(self, course, professor):
        """An application that has reached the evaluation."""
        saga = self.start("professor-application", **self.application_of(course, professor))
        self.until_waiting(saga, "decided", "event")
        return saga

    def confirmation(self, application, course, success=True, score=90):
        return self.ask("confirmation", applicationId=application, courseNo=course, successFlag=success, score=score)

    def confirm(self, application, course, **more):
        answer = self.confirmation(application, course, **more)
        self.assertEqual(answer.status, 201, answer)
        return answer.json["id"]

    def refuse_confirmation(self, status, application, course):
        return self.refuse(status, "confirmation", applicationId=application, courseNo=course, successFlag=True, score=90)

    def teacher(self, course):
        found = self.course.get("/courses/" + course).json
        return found["professorNo"], found["professorNm"], found["phoneNumber"], found["successFlag"]

    def messages(self, application):
        return sorted(message["kind"] for message in self.notification.get("/messages").json["items"] if message["about"] == application)

    def until_messages(self, application, *kinds):
        self.until(lambda: self.messages(application) == sorted(kinds), f"the messages {kinds} about {application}")


class Managing(CourseTest):
    def test_s2_1_and_s2_2_a_registered_course_opens_an_entry_for_applications(self):
        saga = self.start("course", courseNo="s21", title="Algebra", courseInfo="Groups", dueDate="2026-12-24")
        found = self.course.get("/courses/s21").json
        self.assertEqual({**found, "courseNo": "s21", "title": "Algebra", "courseInfo": "Groups", "dueDate": "2026-12-24",
                          "status": "open", "successFlag": False, "professorNo": None}, found)
        self.assertEqual(self.ended(saga, "completed")["businessKey"], "s21")
        self.assertEqual(self.application.get("/entries/s21").json, {"courseNo": "s21", "title": "Algebra", "status": "open"})

    def test_s2_2_and_c3_with_the_application_service_down_a_course_is_registered_and_its_entry_opens_later(self):
        self.application.stop()
        saga = self.start("course", courseNo="s22", title="Algebra", courseInfo="", dueDate="")
        self.until_waiting(saga, "open")
        self.application.start()
        self.ended(saga, "completed")
        self.assertEqual(self.application.get("/entries/s22").json["status"], "open")

    def test_s2_1_a_course_that_is_there_is_not_registered_again_and_its_applications_stay(self):
        self.open_course("s21-twice")
        application = self.apply("s21-twice", "p1")
        self.refuse(422, "course", courseNo="s21-twice", title="Another", courseInfo="", dueDate="")
        self.assertEqual(self.course.get("/courses/s21-twice").json["title"], "Algebra")
        self.confirm(application, "s21-twice")
        self.ended(application, "completed")

    def test_s2_6_a_course_manager_changes_a_course(self):
        self.open_course("s26")
        self.start("course-change", courseNo="s26", title="Analysis", dueDate="2027-01-31")
        found = self.course.get("/courses/s26").json
        self.assertEqual((found["title"], found["courseInfo"], found["dueDate"]), ("Analysis", "Groups and rings", "2027-01-31"))
        self.refuse(422, "course-change", courseNo="s26-nowhere", title="Analysis")

    def test_s2_6_and_c5_a_cancelled_course_stays_as_cancelled_and_cannot_be_changed(self):
        saga = self.open_course("s26-cancel")
        self.cancel(saga)
        self.ended(saga, "cancelled")
        self.assertEqual(self.course.get("/courses/s26-cancel").json["status"], "cancelled")
        self.assertEqual(self.application.get("/entries/s26-cancel").json["status"], "closed")
        self.refuse(422, "course-change", courseNo="s26-cancel", title="Analysis")
        self.refuse(422, "professor-application", **self.application_of("s26-cancel", "p1"))


class Applying(CourseTest):
    def test_s2_3_a_professor_applies_for_an_open_course_and_the_application_reaches_evaluation(self):
        self.open_course("s23")
        saga = self.apply("s23", "p1")
        expected = {"id": saga, **self.application_of("s23", "p1")}
        found = self.application.get("/applications/" + saga).json
        self.assertEqual({**found, **expected, "status": "applied"}, found)
        found = self.evaluation.get("/evaluations/" + saga).json
        self.assertEqual({**found, **expected, "status": "evaluating", "successFlag": None}, found)

    def test_s2_3_and_c2_an_application_for_a_course_that_is_not_open_is_refused(self):
        self.assertEqual(self.refuse(422, "professor-application", **self.application_of("s23-nowhere", "p1"))["type"], "not-found")
        self.open_course("s23-taken")
        self.confirm(self.apply("s23-taken", "p1"), "s23-taken")
        refusal = self.refuse(422, "professor-application", **self.application_of("s23-taken", "p2"))
        self.assertEqual(refusal["title"], "The course has a professor")

    def test_s2_3_an_application_waits_for_its_decision_over_a_restart_of_the_engine(self):
        self.open_course("s23-wait")
        saga = self.apply("s23-wait", "p1")
        self.engine.kill()
        self.engine.start()
        self.until_waiting(saga, "decided", "event")
        self.confirm(saga, "s23-wait")
        self.ended(saga, "completed")

    def test_s2_9_a_professor_withdraws_before_the_confirmation_and_not_after_it(self):
        self.open_course("s29")
        withdrawn, confirmed = self.apply("s29", "p1"), self.apply("s29", "p2")
        self.cancel(withdrawn)
        self.ended(withdrawn, "cancelled")
        self.assertEqual(self.application.get("/applications/" + withdrawn).json["status"], "cancelled")
        self.assertEqual(self.evaluation.get("/evaluations/" + withdrawn).json["status"], "cancelled")
        self.refuse_confirmation(422, withdrawn, "s29")
        self.confirm(confirmed, "s29")
        self.cancel(confirmed, 409)

    def test_s2_11_and_c3_with_evaluation_down_courses_and_applications_are_taken_and_catch_up(self):
        self.evaluation.stop()
        self.open_course("s211")
        sagas = [self.start("professor-application", **self.application_of("s211", f"p{number}")) for number in range(4)]
        self.until_waiting(sagas[0], "evaluate")
        self.cancel(sagas[3])
        self.ended(sagas[3], "cancelled")
        self.evaluation.start()
        for saga in sagas[:3]:
            self.until_waiting(saga, "decided", "event")
            self.assert_once(saga)

    def test_s2_11_and_c4_with_the_application_service_overloaded_professors_are_asked_to_come_later(self):
        self.open_course("s211-load")
        self.application.fault(match="POST /applications action", status=503)
        answers = at_once(lambda n: self.ask("professor-application", **self.application_of("s211-load", f"p{n}")), range(30))
        for answer in answers:
            self.assertEqual(answer.status, 503, answer)
            self.assertIn("Retry-After", answer.headers)
        # What went well before still counts in the window, so it may take some more.
        self.until(lambda: self.ask("professor-application", **self.application_of("s211-load", "late")).json["type"] == "circuit-open",
                   "the circuit opens")
        self.start("course-change", courseNo="s211-load", title="Still there")
        self.application.clear_faults()
        self.until(lambda: self.ask("professor-application", **self.application_of("s211-load", "p1")).status == 201,
                   "the circuit closes by itself")


class Confirming(CourseTest):
    def test_s2_4_and_s2_5_after_the_confirmation_the_course_shows_the_professor(self):
        self.open_course("s24")
        saga = self.apply("s24", "p1")
        self.confirm(saga, "s24", score=91.5)
        self.assertEqual(self.teacher("s24"), ("p1", "Prof. p1", "010-p1", True))
        self.ended(saga, "completed")
        decision = self.evaluation.get("/evaluations/" + saga).json
        self.assertEqual((decision["successFlag"], decision["score"]), (True, 91.5))

    def test_s2_4_the_professor_who_has_the_course_is_not_confirmed_again(self):
        self.open_course("s24-same")
        first, second = self.apply("s24-same", "p1"), self.apply("s24-same", "p1")
        self.confirm(first, "s24-same")
        for application in (first, second):
            self.assertEqual(self.refuse_confirmation(422, application, "s24-same")["type"], "confirmed-already")
        self.assertIsNone(self.evaluation.get("/evaluations/" + second).json["successFlag"], "its decision is taken back")
        self.assertEqual(self.teacher("s24-same")[0], "p1")

    def test_s2_4_a_confirmation_of_another_professor_replaces_the_first(self):
        self.open_course("s24-replace")
        first, second = self.apply("s24-replace", "p1"), self.apply("s24-replace", "p2")
        self.confirm(first, "s24-replace")
        self.confirm(second, "s24-replace")
        self.assertEqual(self.teacher("s24-replace")[0], "p2")
        self.confirm(first, "s24-replace")
        self.assertEqual(self.teacher("s24-replace")[0], "p1")
        for application in (first, second):
            self.ended(application, "completed")

    def test_s2_4_and_c2_with_the_course_service_down_the_confirmation_fails_and_stays_repeatable(self):
        self.open_course("s24-down")
        saga = self.apply("s24-down", "p1")
        self.course.stop()
        self.refuse_confirmation(503, saga, "s24-down")
        self.assertIsNone(self.evaluation.get("/evaluations/" + saga).json["successFlag"])
        self.course.start()
        self.confirm(saga, "s24-down")
        self.assertEqual(self.teacher("s24-down")[0], "p1")

    def test_s2_4_a_confirmation_whose_answer_was_lost_gives_the_course_back_to_whom_it_was(self):
        self.open_course("s24-lost")
        first, second = self.apply("s24-lost", "p1"), self.apply("s24-lost", "p2")
        self.confirm(first, "s24-lost")
        self.course.fault(match="/professor action", status=503, afterEffect=True)
        answer = self.confirmation(second, "s24-lost")
        self.assertEqual(answer.status, 503, answer)
        self.ended(answer.json["saga"], "compensated")
        self.assertEqual(self.teacher("s24-lost"), ("p1", "Prof. p1", "010-p1", True))
        self.course.clear_faults()
        self.confirm(second, "s24-lost")
        self.assertEqual(self.teacher("s24-lost")[0], "p2")

    def test_s2_4_a_success_flag_of_false_confirms_nobody_and_lets_others_apply(self):
        self.open_course("s24-false")
        saga = self.apply("s24-false", "p1")
        self.confirm(saga, "s24-false", success=False, score=40)
        self.assertEqual(self.teacher("s24-false"), (None, None, None, False))
        self.assertEqual(self.engine.saga(saga)["status"], "waiting")
        other = self.apply("s24-false", "p2")
        self.confirm(other, "s24-false")
        self.confirm(saga, "s24-false")
        self.assertEqual(self.teacher("s24-false")[0], "p1")

    def test_s2_4_two_evaluators_who_confirm_one_application_at_once_confirm_it_once(self):
        self.open_course("s24-race")
        saga = self.apply("s24-race", "p1")
        answers = at_once(lambda score: self.confirmation(saga, "s24-race", score=score), [80, 90, 70, 60])
        self.assertEqual(sorted(answer.status for answer in answers), [201, 422, 422, 422], answers)
        for answer in answers:
            self.until(lambda a=answer: self.engine.saga(a.json.get("id") or a.json["saga"])["status"] in ENDED, "it ends")
        self.until_messages(saga, "applied", "confirmed")

    def test_s2_4_two_professors_confirmed_at_once_follow_each_other(self):
        self.open_course("s24-two")
        applications = [self.apply("s24-two", f"p{number}") for number in range(2)]
        for answer in at_once(lambda saga: self.confirmation(saga, "s24-two"), applications):
            self.assertEqual(answer.status, 201, answer)
        self.assertIn(self.teacher("s24-two")[0], ("p0", "p1"))

    def test_s2_4_a_confirmation_is_refused_for_what_is_not_there_and_cannot_be_cancelled(self):
        self.open_course("s24-none")
        self.open_course("s24-other")
        self.refuse_confirmation(422, NOBODY, "s24-none")
        saga = self.apply("s24-none", "p1")
        self.assertEqual(self.refuse_confirmation(422, saga, "s24-other")["type"], "another-course")
        self.cancel(self.confirm(saga, "s24-none"), 409)

    def test_c6_what_happens_to_a_course_is_of_no_concern_to_another(self):
        courses = [f"c6-{number}" for number in range(3)]
        for course in courses:
            self.open_course(course)
        applications = at_once(lambda course: self.apply(course, "p1"), courses)
        self.confirm(applications[0], courses[0])
        self.cancel(applications[1])
        self.ended(applications[1], "cancelled")
        self.assertEqual(self.engine.saga(applications[2])["status"], "waiting")
        self.assertEqual(self.teacher(courses[2]), (None, None, None, False))
        for application, course in zip(applications, courses):
            self.assertEqual({event["key"] for event in self.engine.events(application) if event["type"] == "EventReceived"} - {course}, set())

    def test_s2_9_a_withdrawal_that_crosses_a_confirmation_has_one_outcome_everywhere(self):
        outcomes = set()
        for number in range(12):
            course = f"s29-cross-{number}"
            self.open_course(course)
            saga = self.apply(course, "p1")
            # At once; when the decision is noted; when the course is given; when the confirmation is answered.
            answered = []
            begins = (lambda: True, lambda s=saga: self.evaluation.get("/evaluations/" + s).json["successFlag"],
                      lambda c=course: self.teacher(c)[3], lambda a=answered: a)[number % 4]

            def withdraw(saga=saga, begins=begins):
                self.until(begins, "the withdrawal begins")
                return self.engine.cancel(saga).status

            def confirm(saga=saga, course=course, answered=answered):
                answered.append(self.confirmation(saga, course))
                return answered[0].status
            withdrawal, confirmation = at_once(lambda act: act(), [withdraw, confirm])
            ended = self.until(lambda s=saga: (f := self.engine.saga(s))["status"] in ENDED and f, "the application ends")
            outcomes.add(ended["status"])
            if ended["status"] == "completed":
                self.assertEqual((withdrawal, confirmation), (409, 201))
                self.assertEqual(self.teacher(course)[0], "p1")
                self.until_messages(saga, "applied", "confirmed")
            else:
                self.assertEqual(withdrawal, 202)
                self.until(lambda c=course: self.teacher(c) == (None, None, None, False), "nobody has the course")
                self.assertEqual(self.evaluation.get("/evaluations/" + saga).json["status"], "cancelled")
        self.assertEqual(outcomes, {"completed", "cancelled"})


class Cancelling(CourseTest):
    def test_s2_7_a_cancelled_course_cancels_its_applications_and_its_confirmation(self):
        saga = self.open_course("s27")
        confirmed, waiting, replaced = self.apply("s27", "p1"), self.apply("s27", "p2"), self.apply("s27", "p3")
        first = self.confirm(replaced, "s27")
        second = self.confirm(confirmed, "s27")
        self.cancel(saga)
        self.ended(saga, "cancelled")
        for application in (confirmed, waiting, replaced):
            self.until(lambda a=application: self.engine.saga(a)["status"] == "cancelled", "the application is cancelled")
            self.assertEqual(self.application.get("/applications/" + application).json["status"], "cancelled")
            self.assertEqual(self.engine.saga(application)["error"]["event"], "CourseCancelled")
        for confirmation in (first, second):
            self.until(lambda c=confirmation: self.engine.saga(c)["status"] == "cancelled", "the confirmation is undone")
        self.assertEqual(self.teacher("s27"), (None, None, None, False))
        self.assertEqual(self.course.get("/courses/s27").json["status"], "cancelled")
        self.until_messages(confirmed, "applied", "confirmed", "cancelled")
        self.until_messages(waiting, "applied", "cancelled")

    def test_s2_7_an_application_that_crosses_the_cancel_of_its_course_does_not_stay(self):
        for number in range(6):
            course = f"s27-cross-{number}"
            saga = self.open_course(course)
            apply = lambda n, c=course: self.ask("professor-application", **self.application_of(c, f"p{n}"))
            answers = at_once(lambda act: act(), [lambda s=saga: self.engine.cancel(s), *[lambda n=n: apply(n) for n in range(4)]])[1:]
            for answer in answers:
                self.assertIn(answer.status, (201, 409, 422), answer)
                application = answer.json.get("id") or answer.json["saga"]
                self.until(lambda a=application: self.engine.saga(a)["status"] in ("cancelled", "compensated"), "it does not stay")
                self.assert_undone(application)


class Telling(CourseTest):
    def test_s2_8_a_professor_gets_one_text_message_for_each_occasion(self):
        self.open_course("s28")
        confirmed, withdrawn = self.apply("s28", "p1"), self.apply("s28", "p2")
        self.confirm(confirmed, "s28")
        self.cancel(withdrawn)
        self.ended(withdrawn, "cancelled")
        self.until_messages(confirmed, "applied", "confirmed")
        self.until_messages(withdrawn, "applied", "cancelled")
        message = next(m for m in self.notification.get("/messages").json["items"] if m["about"] == confirmed)
        self.assertEqual((message["phoneNumber"], message["courseNo"]), ("010-p1", "s28"))

    def test_s2_8_and_c3_messages_are_sent_once_after_the_notification_service_was_down_and_lost_answers(self):
        self.open_course("s28-down")
        self.notification.stop()
        applications = [self.apply("s28-down", f"p{number}") for number in range(5)]
        self.engine.kill()
        self.engine.start()
        self.notification.start()
        self.notification.fault(match="POST /messages", drop=True, afterEffect=True, times=5)
        for application in applications:
            self.until_messages(application, "applied")
        self.until(lambda: not [s for s in self.get("/v1/sagas?name=text-message&status=running,waiting&limit=100").json["items"]],
                   "every message saga has ended")
        for application in applications:
            self.assertEqual(self.messages(application), ["applied"])


class Seeing(CourseTest):
    def test_s2_5_and_c7_the_board_shows_each_course_as_it_stands(self):
        saga = self.open_course("s25")
        self.shows(BOARD, "s25", title="Algebra", courseInfo="Groups and rings", dueDate="2026-12-24", status="open", successFlag=False,
                   professorNo=None, professorNm=None, phoneNumber=None)
        self.start("course-change", courseNo="s25", title="Analysis")
        self.shows(BOARD, "s25", title="Analysis", courseInfo="Groups and rings")
        first, second = self.apply("s25", "p1"), self.apply("s25", "p2")
        self.confirm(first, "s25")
        self.shows(BOARD, "s25", status="confirmed", successFlag=True, professorNo="p1", professorNm="Prof. p1", phoneNumber="010-p1")
        self.confirm(second, "s25")
        self.shows(BOARD, "s25", status="confirmed", professorNo="p2")
        self.cancel(saga)
        self.shows(BOARD, "s25", status="cancelled", professorNo=None, successFlag=False)

    def test_s2_10_my_page_shows_a_professor_the_state_of_each_application(self):
        saga = self.open_course("s210")
        first, second, third, withdrawn = [self.apply("s210", professor) for professor in ("p1", "p2", "p1", "p3")]
        self.shows(MY_PAGE, first, professorNo="p1", courseNo="s210", title="Algebra", status="evaluating", score=None)
        self.start("course-change", courseNo="s210", title="Analysis")
        self.confirm(second, "s210", success=False, score=40)
        self.shows(MY_PAGE, second, status="not-selected", score=40)
        self.shows(MY_PAGE, first, status="evaluating", title="Algebra")
        self.cancel(withdrawn)
        self.shows(MY_PAGE, withdrawn, status="withdrawn")
        self.confirm(first, "s210", score=91.5)
        self.shows(MY_PAGE, first, status="confirmed", score=91.5)
        self.shows(MY_PAGE, third, status="not-selected")
        self.confirm(second, "s210", score=95)
        self.shows(MY_PAGE, second, status="confirmed", score=95)
        self.shows(MY_PAGE, first, status="not-selected")
        self.assertEqual({row["applicationId"] for row in self.rows(MY_PAGE, professorNo="p1") if row["courseNo"] == "s210"}, {first, third})
        self.cancel(saga)
        for application in (first, second, third):
            self.shows(MY_PAGE, application, status="cancelled")
        self.shows(MY_PAGE, withdrawn, status="withdrawn")

    def test_s2_10_two_professors_confirmed_at_once_are_shown_as_the_course_is(self):
        for number in range(5):
            course = f"s210-two-{number}"
            self.open_course(course)
            applications = {professor: self.apply(course, professor) for professor in ("p1", "p2")}
            for answer in at_once(lambda saga, c=course: self.confirmation(saga, c), list(applications.values())):
                self.assertEqual(answer.status, 201, answer)
            teacher = self.teacher(course)[0]
            self.shows(BOARD, course, professorNo=teacher)
            for professor, application in applications.items():
                self.shows(MY_PAGE, application, status="confirmed" if professor == teacher else "not-selected")


class Failing(failures.FailingTests, CourseTest):
    def stories(self):
        new = lambda: {"courseNo": f"f-{next(self.numbers)}", "title": "Algebra", "courseInfo": "", "dueDate": ""}
        taught = self.start("course", **new())
        taught = self.ended(taught, "completed")["businessKey"]

        def decision():
            course = self.ended(self.start("course", **new()), "completed")["businessKey"]
            return {"applicationId": self.apply(course, "p1"), "courseNo": course, "successFlag": True, "score": 90}

        def decided(saga):
            """As if its confirmation came: what a confirmation does is told by its own story."""
            if any(wait["step"] == "decided" for wait in self.engine.saga(saga)["waitingFor"]):
                self.post("/v1/events", {"specversion": "1.0", "type": "ApplicationDecided", "source": "test", "id": saga, "subject": taught,
                                         "data": {"applicationId": saga, "successFlag": True}},
                          {"Content-Type": "application/cloudevents+json"})
        message = {"about": "nothing", "kind": "applied", "phoneNumber": "010-0", "courseNo": taught}
        return [failures.Story(self, "professor-application", lambda: self.application_of(taught, "p1"), decided),
                failures.Story(self, "course", new),
                failures.Story(self, "course-change", lambda: {"courseNo": taught, "title": "Analysis"}),
                failures.Story(self, "confirmation", decision),
                failures.Story(self, "text-message", lambda: message)]

    numbers = itertools.count()


class Alike(CommonTests, CourseTest):
    def begin_something(self):
        self.open_course("c9")


class WhenAllIsOver(AtTheEndTests, CourseTest):
    keys = {BOARD: "courseNo", MY_PAGE: "applicationId"}

    def rows_by_the_services(self):
        board, page, ends = {}, {}, self.ends("professor-application")
        courses = self.records(self.course, "/courses", "courseNo")
        for number, course in courses.items():
            columns = ("title", "courseInfo", "dueDate", "professorNo", "professorNm", "phoneNumber", "successFlag")
            if course["status"] == "cancelled":
                board[number] = {"status": "cancelled", "professorNo": None}
            else:
                board[number] = {column: course[column] for column in columns} | {"status": "confirmed" if course["successFlag"] else "open"}
        for saga, application in self.records(self.application, "/applications").items():
            has_it = courses[application["courseNo"]]["applicationId"] == saga
            if application["status"] == "applied":
                page[saga] = {"status": "confirmed" if has_it else {"evaluating", "not-selected"}, "professorNo": application["professorNo"]}
            else:  # no row when the answer to the application was lost and it was undone
                page[saga] = {"status": {"withdrawn", "cancelled", None} if ends[saga] == "cancelled" else {"cancelled", None}}
        return {BOARD: board, MY_PAGE: page}


if __name__ == "__main__":
    unittest.main(verbosity=2)
