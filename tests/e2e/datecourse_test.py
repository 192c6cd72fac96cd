"""The date-course community, requirement by requirement (S4.x)."""

import itertools
import os
import random
import unittest
from collections import Counter

import failures
from at_the_end import AtTheEndTests
from common import CommonTests
from systems import SystemTest, at_once
from world import ENDED

PAGE = "schedule-page"
GUESTS, SCHEDULES = int(os.environ.get("SKALD_GUESTS", "200")), 20
NOWHERE = "01900000-0000-7000-8000-000000000000"


class DatecourseTest(SystemTest):
    system = "datecourse"

    def schedule_(self, title="Riverside", **more):
        return self.start("schedule", **{"hostId": "hana", "title": title, "place": "Seoul", "open": True, **more})

    def bookmark(self, schedule, guest):
        saga = self.start("bookmark", scheduleId=schedule, guestId=guest)
        self.ended(saga, "completed")
        return saga

    def like(self, schedule, guest):
        return self.start("like", scheduleId=schedule, guestId=guest)

    def write(self, schedule, guest, stars=5):
        return self.start("review", scheduleId=schedule, guestId=guest, text="lovely", stars=stars)

    def messages(self, bookmark):
        return [(m["kind"], m["guestId"], m["correlationKey"]) for m in self.message.get("/messages").json["items"] if m["about"] == bookmark]

    def until_messages(self, bookmark, *kinds):
        self.until(lambda: sorted(kind for kind, *_ in self.messages(bookmark)) == sorted(kinds), f"the messages {kinds}")

    def standing(self, kind, schedule):
        """Guests whose likes or bookmarks of the course stand, by the service that keeps them."""
        standing = {"likes": "liked", "bookmarks": "bookmarked"}[kind]
        return sorted(item["guestId"] for item in self.communication.get("/" + kind).json["items"]
                      if item["scheduleId"] == schedule and item["status"] == standing)


class Hosting(DatecourseTest):
    def test_s4_1_a_host_registers_changes_and_deletes_a_date_course(self):
        saga = self.schedule_("Han river")
        self.assertEqual(self.schedule.get("/schedules/" + saga).json,
                         {"id": saga, "hostId": "hana", "title": "Han river", "place": "Seoul", "open": True, "status": "registered"})
        self.start("schedule-change", scheduleId=saga, title="Han river by night", open=False)
        found = self.schedule.get("/schedules/" + saga).json
        self.assertEqual((found["title"], found["place"], found["open"]), ("Han river by night", "Seoul", False))
        self.cancel(saga)
        self.ended(saga, "cancelled")
        self.assertEqual(self.schedule.get("/schedules/" + saga).json["status"], "deleted")
        self.refuse(422, "schedule-change", scheduleId=saga, title="Back again")

    def test_s4_6_and_s4_7_and_c6_a_deleted_course_takes_its_bookmarks_and_likes_with_it_and_tells_who_had_bookmarked_it(self):
        saga, other = self.schedule_(), self.schedule_()
        bookmarks = [self.bookmark(saga, guest) for guest in ("g1", "g2")]
        kept = self.bookmark(other, "g1")
        likes = [self.like(saga, guest) for guest in ("g1", "g2", "g3")]
        self.cancel(saga)
        self.ended(saga, "cancelled")
        for undone in bookmarks + likes:
            self.until(lambda u=undone: self.engine.saga(u)["status"] == "cancelled", "it goes with its course")
        self.assertEqual((self.standing("likes", saga), self.standing("bookmarks", saga)), ([], []))
        for guest, bookmark in zip(("g1", "g2"), bookmarks):
            self.until_messages(bookmark, "bookmarked", "schedule-deleted")
            self.assertEqual({message[1:] for message in self.messages(bookmark)}, {(guest, saga)})
        self.assertEqual(self.standing("bookmarks", other), ["g1"])
        self.until_messages(kept, "bookmarked")
        for name in ("like", "bookmark", "review"):
            more = {"text": "late", "stars": 1} if name == "review" else {}
            self.refuse(422, name, scheduleId=saga, guestId="late", **more)

    def test_s4_6_a_like_that_crosses_the_deletion_does_not_stay(self):
        for _ in range(6):
            saga = self.schedule_()
            ask = lambda guest, s=saga: self.ask("like", scheduleId=s, guestId=guest)
            answers = at_once(lambda act: act(), [lambda s=saga: self.engine.cancel(s), *[lambda g=f"g{n}": ask(g) for n in range(4)]])[1:]
            for answer in answers:
                self.assertIn(answer.status, (201, 409, 422), answer)
                like = answer.json.get("id") or answer.json["saga"]
                self.until(lambda l=like: self.engine.saga(l)["status"] in ("cancelled", "compensated"), "it does not stay")
            self.assertEqual(self.standing("likes", saga), [])


class Visiting(DatecourseTest):
    def test_s4_2_and_s4_7_a_bookmark_and_its_cancel_are_each_told_once_with_the_correlation_key(self):
        saga = self.schedule_()
        bookmark = self.bookmark(saga, "g1")
        self.until_messages(bookmark, "bookmarked")
        self.cancel(bookmark)
        self.ended(bookmark, "cancelled")
        self.until_messages(bookmark, "bookmarked", "bookmark-cancelled")
        self.assertEqual({message[1:] for message in self.messages(bookmark)}, {("g1", saga)})
        self.assertEqual(self.standing("bookmarks", saga), [])

    def test_s4_7_and_c3_messages_are_delivered_once_after_the_service_was_down_and_answers_were_lost(self):
        saga = self.schedule_()
        self.message.stop()
        bookmarks = [self.bookmark(saga, f"g{number}") for number in range(5)]
        self.engine.kill()
        self.engine.start()
        self.message.start()
        self.message.fault(match="POST /messages", drop=True, afterEffect=True, times=5)
        for bookmark in bookmarks:
            self.until_messages(bookmark, "bookmarked")
        self.until(lambda: not self.get("/v1/sagas?name=message-delivery&status=running,waiting&limit=100").json["items"],
                   "every delivery has ended")
        for bookmark in bookmarks:
            self.assertEqual(len(self.messages(bookmark)), 1)

    def test_s4_3_a_second_like_of_the_same_guest_is_refused_and_counts_once(self):
        saga = self.schedule_()
        like = self.like(saga, "g1")
        self.assertEqual(self.refuse(422, "like", scheduleId=saga, guestId="g1")["type"], "liked-already")
        answers = at_once(lambda _: self.ask("like", scheduleId=saga, guestId="g2").status, range(6))
        self.assertEqual(sorted(answers), [201] + [422] * 5)
        self.assertEqual(self.standing("likes", saga), ["g1", "g2"])
        self.cancel(like)
        self.ended(like, "cancelled")
        self.assertEqual(self.standing("likes", saga), ["g2"])
        self.like(saga, "g1")
        self.assertEqual(self.standing("likes", saga), ["g1", "g2"])

    def test_s4_4_and_c2_a_review_is_written_only_where_the_course_can_be_reviewed(self):
        saga, closed = self.schedule_(), self.schedule_(open=False)
        review = self.write(saga, "g1", stars=4)
        self.assertEqual(self.review.get("/reviews/" + review).json,
                         {"id": review, "scheduleId": saga, "guestId": "g1", "text": "lovely", "stars": 4, "status": "written"})
        given = {"guestId": "g1", "text": "again", "stars": 1}
        self.assertEqual(self.refuse(422, "review", scheduleId=saga, **given)["type"], "reviewed-already")
        self.assertEqual(self.refuse(422, "review", scheduleId=closed, **given)["type"], "closed")
        self.assertEqual(self.refuse(422, "review", scheduleId=NOWHERE, **given)["type"], "not-found")
        self.schedule.stop()
        self.refuse(503, "review", scheduleId=saga, guestId="g2", text="", stars=3)
        self.cancel(review, 409)

    def test_s4_3_and_s4_5_guests_who_like_and_unlike_at_once_are_counted_exactly(self):
        schedules = [self.schedule_(f"Course {number}") for number in range(SCHEDULES)]
        seed = random.randrange(1 << 32)
        print("seed", seed)
        chance = random.Random(seed)
        plans = [[(schedule, chance.random() < 0.5) for schedule in chance.sample(schedules, 3)] for _ in range(GUESTS)]

        def visit(number):
            for schedule, stays in plans[number]:
                ask = lambda: self.ask("like", scheduleId=schedule, guestId=f"guest{number}")
                like = self.until(lambda: (answer := ask()).status == 201 and answer.json["id"], "a guest who is asked to come later comes later")
                if not stays:
                    self.assertEqual(self.engine.cancel(like).status, 202)

        at_once(visit, range(GUESTS), most=GUESTS)
        expected = {schedule: sum((schedule, True) in plan for plan in plans) for schedule in schedules}
        self.until(lambda: not self.get("/v1/sagas?name=like&status=running,waiting,compensating&limit=1").json["items"], "every like has ended")
        for schedule in schedules:
            self.assertEqual(len(self.standing("likes", schedule)), expected[schedule])
            self.shows(PAGE, schedule, likes=expected[schedule])


class Seeing(DatecourseTest):
    def test_s4_5_and_c7_the_page_shows_a_course_with_its_counts_and_latest_reviews(self):
        saga = self.schedule_("Palace")
        self.shows(PAGE, saga, title="Palace", place="Seoul", status="open", likes=0, bookmarks=0, reviews=0)
        likes = [self.like(saga, f"g{number}") for number in range(3)]
        self.bookmark(saga, "g1")
        for number in range(6):
            self.write(saga, f"g{number}", stars=number % 5 + 1)
        row = self.shows(PAGE, saga, likes=3, bookmarks=1, reviews=6)
        self.assertEqual([(review["guestId"], review["stars"], review["text"]) for review in row["latestReviews"]],
                         [(f"g{number}", number % 5 + 1, "lovely") for number in (5, 4, 3, 2, 1)])
        self.assertTrue(all(review["at"] for review in row["latestReviews"]))
        self.cancel(likes[0])
        self.shows(PAGE, saga, likes=2)
        self.start("schedule-change", scheduleId=saga, title="Palace at night", open=False)
        self.shows(PAGE, saga, title="Palace at night", status="closed", likes=2)
        self.cancel(saga)
        self.shows(PAGE, saga, status="deleted", likes=0, bookmarks=0, reviews=6)


class Failing(failures.FailingTests, DatecourseTest):
    def stories(self):
        schedule = self.schedule_()
        new = lambda **more: {"scheduleId": schedule, "guestId": f"guest-{next(self.numbers)}", **more}
        return [failures.Story(self, "bookmark", new),
                failures.Story(self, "like", new),
                failures.Story(self, "review", lambda: new(text="fine", stars=3)),
                failures.Story(self, "schedule", lambda: {"hostId": "hana", "title": "River", "place": "Seoul"}),
                failures.Story(self, "schedule-change", lambda: {"scheduleId": schedule, "title": "River by night"}),
                failures.Story(self, "message-delivery", lambda: new(about="nothing", kind="bookmarked"))]

    numbers = itertools.count()


class Alike(CommonTests, DatecourseTest):
    def begin_something(self):
        self.schedule_()


class WhenAllIsOver(AtTheEndTests, DatecourseTest):
    keys = {PAGE: "scheduleId"}

    def rows_by_the_services(self):
        def count(service, path, standing):
            return Counter(record["scheduleId"] for record in self.records(service, path).values() if record["status"] == standing)
        likes, bookmarks = count(self.communication, "/likes", "liked"), count(self.communication, "/bookmarks", "bookmarked")
        reviews, rows = count(self.review, "/reviews", "written"), {}
        for saga, schedule in self.records(self.schedule, "/schedules").items():
            rows[saga] = {"likes": likes[saga], "bookmarks": bookmarks[saga], "reviews": reviews[saga]}
            if schedule["status"] == "deleted":
                rows[saga]["status"] = "deleted"
            else:
                rows[saga] |= {"title": schedule["title"], "place": schedule["place"], "status": "open" if schedule["open"] else "closed"}
        return {PAGE: rows}


if __name__ == "__main__":
    unittest.main(verbosity=2)
