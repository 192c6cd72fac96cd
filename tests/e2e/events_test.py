"""Events from outside: signals to one saga, CloudEvents to all sagas of a business key and to definitions that start on
them. Each receiver gets an event once, and who cannot have it says why."""

import threading
import unittest
import uuid

from desk import DeskTest
from processes import wait_until

UNKNOWN = "0198c1f2-0000-7000-8000-000000000000"
ONE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
MOST_KEPT = 1000


def event(name, subject=None, data=None, **more):
    made = {"specversion": "1.0", "id": str(uuid.uuid4()), "source": "/bank", "type": name, **more}
    if subject:
        made["subject"] = subject
    return {**made, "data": data}


class Eventful(DeskTest):
    def order(self, customer):
        """A saga that waits for its payment."""
        saga = self.start("shop", customer=customer)
        self.until_waiting(saga, "event")
        return saga

    def signal(self, saga, name, data=None, key=None):
        return self.post(f"/v1/sagas/{saga}/signals/{name}", data, {"Idempotency-Key": key} if key else {})

    def send(self, body, kind=ONE):
        return self.post("/v1/events", body, {"Content-Type": kind})

    def reached(self, body):
        answer = self.send(body)
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual((answer.json["id"], answer.json["source"]), (body["id"], body["source"]))
        return answer.json["reached"]


class Signals(Eventful):
    def test_a_signal_that_fits_is_taken_and_one_that_does_not_is_kept(self):
        saga = self.order("signals")
        waits = self.until_waiting(saga, "event")
        self.assertEqual((waits["step"], waits["event"], waits["key"], waits["until"]), ("payment", "paid", "signals", None))
        self.assertEqual(self.engine.saga(saga)["status"], "waiting")
        self.assertEqual(self.signal(saga, "paid", {"amount": 3}).status, 202)
        self.assertEqual(self.engine.saga(saga)["status"], "waiting")
        self.assertEqual(self.signal(saga, "paid", {"amount": 30}).status, 202)
        self.assertEqual(self.until(saga, "completed")["output"], {"paid": 30, "note": None})

    def test_a_signal_that_comes_early_is_kept_for_its_step(self):
        saga = self.order("early")
        self.assertEqual(self.signal(saga, "noted", "before the money").status, 202)
        self.assertEqual(self.signal(saga, "paid", {"amount": 10}).status, 202)
        self.assertEqual(self.until(saga, "completed")["output"], {"paid": 10, "note": "before the money"})

    def test_the_same_key_is_kept_once(self):
        saga = self.order("once")
        for _ in range(3):
            self.assertEqual(self.signal(saga, "noted", "hello", key="k").status, 202)
        kept = self.events(saga, "EventReceived")
        self.assertEqual([(e["name"], e["data"], e["id"], e["source"]) for e in kept], [("noted", "hello", "k", "signal")])

    def test_a_signal_needs_no_data(self):
        saga = self.order("bare")
        self.assertEqual(self.signal(saga, "noted").status, 202)
        self.assertNotIn("data", self.events(saga, "EventReceived")[0])

    def test_who_cannot_keep_it_says_why(self):
        saga = self.order("refusing")
        self.assert_refused(self.signal(UNKNOWN, "paid"), 404)
        self.assert_refused(self.signal(saga, "shipped"), 422, "names no event 'shipped'")
        self.assert_refused(self.signal(saga, "paid", key="k" * 256), 400)
        self.assertEqual(self.post(f"/v1/sagas/{saga}/signals/paid", b"{oops").status, 400)
        self.engine.cancel(saga)
        self.engine.ended(saga, "cancelled")
        self.assert_refused(self.signal(saga, "paid", {"amount": 30}), 409, "cancelled")

    def test_a_saga_that_is_being_undone_keeps_nothing_more(self):
        saga = self.order("undoing")
        self.desk.fault(match="POST /deeds/reserve/undo", status=503)
        self.engine.cancel(saga)
        self.assert_refused(self.signal(saga, "paid", {"amount": 30}), 409, "being undone")

    def test_a_saga_keeps_a_thousand_events_and_no_more(self):
        saga = self.order("full")
        share = 20

        def fill():
            for _ in range(MOST_KEPT // share):
                self.signal(saga, "paid", {"amount": 0})
        clients = [threading.Thread(target=fill) for _ in range(share)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        answer = self.signal(saga, "paid", {"amount": 0})
        self.assert_refused(answer, 429, "keeps 1000 events")
        self.assertEqual(answer.headers["Retry-After"], "1")
        other = self.order("full")
        batch = [event("noted", "full", "hello"), event("noted", "full", "later")]
        answer = self.send(batch, BATCH)
        self.assert_refused(answer, 429, "1 events behind it")
        self.assertEqual(answer.headers["Retry-After"], "1")
        self.assertEqual(answer.json["items"], [{"id": batch[0]["id"], "source": "/bank", "reached": 1, "full": [saga]}])
        self.assertEqual([e["data"] for e in self.events(other, "EventReceived")], ["hello"])
        # What it waits for it takes all the same.
        self.assertEqual(self.signal(saga, "paid", {"amount": 20}).status, 202)
        self.until(saga, "completed")


class ToBusinessKeys(Eventful):
    lanes = 3

    def test_an_event_reaches_every_saga_of_its_business_key_that_names_it_and_no_other(self):
        sagas, other = [self.order("family") for _ in range(3)], self.order("stranger")
        self.assertEqual(self.reached(event("paid", "family", {"amount": 11})), 3)
        for saga in sagas:
            self.until(saga, "completed")
        self.assertEqual(self.engine.saga(other)["status"], "waiting")
        self.assertEqual(self.reached(event("paid", "nobody", {"amount": 11})), 0)
        self.assertEqual(self.reached(event("unheard-of", "family")), 0)

    def test_the_same_source_and_id_reach_a_saga_once(self):
        saga = self.order("twice")
        note = event("noted", "twice", "hello")
        self.assertEqual([self.reached(note) for _ in range(3)], [1, 1, 1])
        self.assertEqual(self.reached({**note, "source": "/elsewhere"}), 1)
        kept = self.events(saga, "EventReceived")
        self.assertEqual([(e["source"], e["key"]) for e in kept], [("/bank", "twice"), ("/elsewhere", "twice")])

    def test_an_event_that_cancels_undoes_the_sagas_of_its_key(self):
        saga, other = self.order("leaving"), self.order("staying")
        self.assertEqual(self.reached(event("withdrawn", "leaving")), 1)
        self.engine.ended(saga, "cancelled")
        self.assertEqual(self.deeds(saga), {"reserve": "undone"})
        self.assertEqual(self.events(saga, "CompensationStarted")[0]["error"]["event"], "withdrawn")
        self.assertEqual(self.engine.saga(other)["status"], "waiting")

    def test_a_batch_is_delivered_in_its_order_and_answered_for_each(self):
        saga = self.order("batched")
        batch = [event("noted", "batched", number) for number in range(3)] + [event("paid", "nobody")]
        answer = self.send(batch, BATCH)
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual([(i["id"], i["reached"]) for i in answer.json["items"]],
                         [(e["id"], reached) for e, reached in zip(batch, (1, 1, 1, 0))])
        self.assertEqual([e["data"] for e in self.events(saga, "EventReceived")], [0, 1, 2])
        self.assertEqual(self.send([], BATCH).json, {"items": []})

    def test_attributes_may_come_in_headers(self):
        saga = self.order("Jürgen")
        answer = self.post("/v1/events", {"amount": 40}, {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/bank",
                                                          "ce-type": "paid", "ce-subject": "J%C3%BCrgen"})
        self.assertEqual((answer.status, answer.json["reached"]), (202, 1))
        self.until(saga, "completed")


class Starting(Eventful):
    lanes = 3

    def test_an_event_starts_a_saga_once_however_often_it_comes(self):
        ordered = event("ordered", data={"customer": "by-event"})
        self.assertEqual([self.reached(ordered) for _ in range(2)], [1, 1])
        items = self.get("/v1/sagas?businessKey=by-event").json["items"]
        self.assertEqual(len(items), 1)
        cause = self.events(items[0]["id"], "SagaStarted")[0]["cause"]
        self.assertEqual((cause["event"], cause["source"], cause["id"]), ("ordered", "/bank", ordered["id"]))
        self.assertEqual(self.reached(event("paid", "by-event", {"amount": 10})), 1)
        self.until(items[0]["id"], "completed")

    def test_an_event_whose_data_does_not_fit_starts_a_saga_that_failed_visibly(self):
        before = {item["id"] for item in self.get("/v1/sagas?name=shop&status=failed&limit=500").json["items"]}
        self.assertEqual(self.reached(event("ordered", data={"customer": 7})), 1)
        found = [item["id"] for item in self.get("/v1/sagas?name=shop&status=failed&limit=500").json["items"]]
        new = [saga for saga in found if saga not in before]
        self.assertEqual(len(new), 1)
        self.assertEqual(self.engine.saga(new[0])["error"]["type"], "invalid-input")


class Malformed(Eventful):
    def test_every_fault_is_told_with_its_pointer_and_nothing_is_delivered(self):
        saga = self.order("careful")
        batch = [event("noted", "careful", "good"), {"specversion": "0.3", "id": 5, "type": "noted"}]
        answer = self.send(batch, BATCH)
        self.assert_refused(answer, 422)
        self.assertEqual([error["pointer"] for error in answer.json["errors"]],
                         ["/1/id", "/1/source", "/1/specversion", "/1/subject"])
        self.assertEqual(self.events(saga, "EventReceived"), [])

    def test_only_what_starts_sagas_may_lack_a_subject(self):
        answer = self.send(event("paid"))
        self.assert_refused(answer, 422, "no definition starts on")
        self.assertEqual(answer.json["pointer"], "/subject")

    def test_other_content_types_and_broken_json_are_refused(self):
        self.assert_refused(self.send(event("paid", "x"), "application/json"), 415, ONE)
        self.assert_refused(self.send(b"{oops", ONE), 400)
        self.assert_refused(self.send(b"", ONE), 400)
        self.assert_refused(self.send(event("paid", "x"), BATCH), 422)


if __name__ == "__main__":
    unittest.main()
