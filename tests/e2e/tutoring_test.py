"""The tutoring store and the reservation of rooms, requirement by requirement (S3.x)."""

import unittest

import failures
from at_the_end import AtTheEndTests
from common import CommonTests
from systems import SystemTest, at_once
from world import ENDED

BUYER, SELLER, QUEUE = "buyer-purchases", "seller-sales", "approval-queue"


class TutoringTest(SystemTest):
    system = "tutoring"

    def sale(self, seller="sam", title="Violin", price=1000):
        """A sale that the administrator has in the queue."""
        saga = self.start("sale", sellerId=seller, title=title, price=price)
        self.until_waiting(saga, "decided", "event")
        return saga

    def on_sale(self, **more):
        saga = self.sale(**more)
        self.assertEqual(self.signal(saga, "SaleDecided", approved=True, reason="").status, 202)
        self.ended(saga, "completed")
        return saga

    def buy(self, sale, amount=1000, buyer="ben"):
        return self.start("purchase", buyerId=buyer, saleId=sale, amount=amount)

    def reserve(self, user="uma", amount=100, **more):
        given = {"userId": user, "roomId": "12", "from": "2026-12-01T10:00:00Z", "to": "2026-12-01T12:00:00Z", "amount": amount, **more}
        return self.start("room-reservation", **given)

    def status_of(self, service, path, saga):
        answer = service.get(f"/{path}/{saga}")
        return answer.json["status"] if answer.status == 200 else None

    def states(self, saga):
        """Of a purchase, in the services that had to do with it."""
        return (self.status_of(self.store, "purchases", saga), self.status_of(self.payment, "payments", saga),
                self.status_of(self.remittance, "remittances", saga), self.status_of(self.lecture, "admissions", saga))


class Selling(TutoringTest):
    def test_s3_1_an_administrator_finds_a_sale_in_the_queue_and_approves_it(self):
        saga = self.sale(seller="s31", title="Cello", price=1500)
        self.assertEqual(self.approval.get("/requests/" + saga).json,
                         {"id": saga, "kind": "sale", "title": "Cello", "requestedBy": "s31", "reason": None, "status": "waiting"})
        self.signal(saga, "SaleDecided", approved=True, reason="fine")
        self.ended(saga, "completed")
        self.assertEqual(self.status_of(self.approval, "requests", saga), "approved")

    def test_s3_2_an_approved_sale_is_registered_as_a_lecture(self):
        saga = self.on_sale(seller="s32", title="Flute")
        self.assertEqual(self.lecture.get("/lectures/" + saga).json, {"id": saga, "title": "Flute", "sellerId": "s32", "status": "registered"})
        self.assertEqual(self.status_of(self.store, "sales", saga), "on-sale")

    def test_s3_2_a_rejected_sale_ends_as_rejected_with_the_reason(self):
        saga = self.sale(seller="s32-no")
        self.signal(saga, "SaleDecided", approved=False, reason="not this year")
        ended = self.ended(saga, "compensated")
        self.assertEqual(ended["error"]["title"], "not this year")
        found = self.store.get("/sales/" + saga).json
        self.assertEqual((found["status"], found["reason"]), ("rejected", "not this year"))
        self.assertEqual(self.status_of(self.approval, "requests", saga), "rejected")
        self.assertEqual(self.lecture.ledger(saga), [])

    def test_s3_1_a_sale_cannot_be_cancelled(self):
        self.cancel(self.sale(), 409)

    def test_s3_7_and_c3_with_approval_down_sales_and_purchases_are_taken_all_the_same(self):
        sold = self.on_sale(seller="s37")
        self.approval.stop()
        sale = self.start("sale", sellerId="s37", title="Drums", price=10)
        purchase = self.buy(sold)
        self.ended(purchase, "completed")
        self.assertEqual(self.signal(sale, "SaleDecided", approved=True, reason="").status, 202, "a decision that comes early is kept")
        self.until_tried(sale, "queue")
        self.approval.start()
        self.ended(sale, "completed")
        self.assert_once(sale)
        self.assertEqual(self.status_of(self.approval, "requests", sale), "approved")


class Buying(TutoringTest):
    def test_s3_3_payment_is_taken_and_the_seller_receives_the_price_less_ten_percent(self):
        purchase = self.buy(self.on_sale(seller="s33", price=1000), amount=1000)
        ended = self.ended(purchase, "completed")
        self.assertEqual(ended["output"], {"purchaseId": purchase, "amount": 1000, "commission": 100, "seller": 900})
        self.assertEqual(self.payment.get("/payments/" + purchase).json, {"id": purchase, "payer": "ben", "amount": 1000, "status": "paid"})
        self.assertEqual(self.remittance.get("/remittances/" + purchase).json,
                         {"id": purchase, "sellerId": "s33", "amount": 900, "commission": 100, "status": "remitted"})

    def test_s3_9_the_lecture_opens_only_after_both_sides_are_complete(self):
        sale = self.on_sale()
        self.remittance.stop()
        purchase = self.buy(sale)
        self.until_waiting(purchase, "remit")
        self.assertEqual(self.status_of(self.payment, "payments", purchase), "paid")
        self.assertEqual(self.lecture.ledger(purchase), [])
        self.remittance.start()
        self.ended(purchase, "completed")
        self.assertEqual(self.states(purchase), ("requested", "paid", "remitted", "open"))
        self.assertLess(self.remittance.effects(purchase)[-1]["time"], self.lecture.effects(purchase)[-1]["time"])

    def test_s3_4_a_payment_that_is_declined_undoes_the_purchase(self):
        purchase = self.buy(self.on_sale(), amount=1000001)
        ended = self.ended(purchase, "compensated")
        self.assertEqual(ended["error"]["title"], "The payment is declined")
        self.assertEqual(self.states(purchase), ("cancelled", None, None, None))

    def test_s3_4_a_remittance_that_fails_for_good_refunds_the_payment(self):
        purchase = self.buy(self.on_sale(seller="closed"))
        ended = self.ended(purchase, "compensated")
        self.assertEqual(ended["error"]["title"], "The seller's account takes no money")
        self.assertEqual(self.states(purchase), ("cancelled", "refunded", None, None))

    def test_s3_5_and_c5_a_cancelled_purchase_is_undone_in_reverse_order_and_its_records_stay(self):
        purchase = self.buy(self.on_sale())
        self.ended(purchase, "completed")
        for service in (self.lecture, self.remittance, self.payment):
            service.fault(match=" compensate", latency="150ms", times=1)  # whoever did not wait would be faster
        self.cancel(purchase)
        self.ended(purchase, "cancelled")
        self.assertEqual(self.states(purchase), ("cancelled", "refunded", "cancelled", "cancelled"))
        times = [service.effects(purchase)[-1]["time"] for service in (self.lecture, self.remittance, self.payment, self.store)]
        self.assertEqual(times, sorted(times), "lecture, remittance, payment, store")

    def test_s3_3_and_c2_what_is_not_on_sale_cannot_be_bought(self):
        waiting = self.sale()
        self.assertEqual(self.refuse(422, "purchase", buyerId="ben", saleId=waiting, amount=1)["type"], "not-on-sale")
        self.store.stop()
        self.refuse(503, "purchase", buyerId="ben", saleId=waiting, amount=1)

    def test_s3_6_and_c4_with_payment_overloaded_purchases_wait_as_pending_and_are_paid_later_by_themselves(self):
        sale = self.on_sale()
        self.payment.fault(match="POST /payments action", status=503)
        purchases = at_once(lambda n: self.buy(sale, buyer=f"b{n}"), range(30))
        self.until(lambda: any(wait["reason"] == "circuit-open" for p in purchases for wait in self.engine.saga(p)["waitingFor"]),
                   "some wait for the open circuit")
        for purchase in purchases:
            self.assertNotIn(self.engine.saga(purchase)["status"], ENDED)
        other = self.sale(seller="unharmed")
        self.payment.clear_faults()
        for purchase in purchases:
            self.ended(purchase, "completed")
            self.assert_once(purchase)
        self.assertEqual(self.engine.saga(other)["status"], "waiting")

    def test_s3_6_a_payment_that_fails_for_a_while_is_asked_for_until_it_is_made(self):
        self.payment.fault(match="POST /payments action", status=503, times=3)
        purchase = self.buy(self.on_sale())
        self.ended(purchase, "completed")
        self.assertEqual([entry["answer"] for entry in self.payment.ledger(purchase)], [503, 503, 503, 201])

    def test_c6_purchases_of_one_sale_never_mix(self):
        sale = self.on_sale(seller="c6")
        purchases = at_once(lambda n: self.buy(sale, amount=100 * (n + 1), buyer=f"b{n}"), range(8))
        for number, purchase in enumerate(purchases):
            self.assertEqual(self.ended(purchase, "completed")["output"]["amount"], 100 * (number + 1))
            self.assertEqual(self.payment.get("/payments/" + purchase).json["payer"], f"b{number}")
            self.assertEqual(self.remittance.get("/remittances/" + purchase).json["amount"], 90 * (number + 1))


class Reserving(TutoringTest):
    def test_s3_10_a_reservation_is_decided_by_a_manager_then_paid(self):
        saga = self.reserve(user="s310")
        self.until_waiting(saga, "decided", "event")
        found = self.approval.get("/requests/" + saga).json
        self.assertEqual((found["kind"], found["title"], found["requestedBy"]), ("reservation", "Room 12", "s310"))
        self.signal(saga, "ReservationDecided", approved=True, reason="")
        self.ended(saga, "completed")
        self.assertEqual(self.status_of(self.store, "reservations", saga), "reserved")
        self.assertEqual(self.status_of(self.payment, "payments", saga), "paid")
        self.assertEqual(self.remittance.ledger(saga), [])
        self.cancel(saga)
        self.ended(saga, "cancelled")
        self.assertEqual(self.status_of(self.store, "reservations", saga), "cancelled")
        self.assertEqual(self.status_of(self.payment, "payments", saga), "refunded")

    def test_s3_10_a_rejected_or_declined_reservation_costs_nothing(self):
        rejected, declined = self.reserve(), self.reserve(amount=1000001)
        self.signal(rejected, "ReservationDecided", approved=False, reason="closed for repair")
        self.signal(declined, "ReservationDecided", approved=True, reason="")
        self.assertEqual(self.ended(rejected, "compensated")["error"]["title"], "closed for repair")
        self.assertEqual(self.status_of(self.store, "reservations", rejected), "rejected")
        self.ended(declined, "compensated")
        self.assertEqual(self.status_of(self.store, "reservations", declined), "cancelled")
        for saga in (rejected, declined):
            self.assertEqual(self.payment.effects(saga), [])

    def test_s3_10_a_reservation_cancelled_before_the_decision_leaves_the_queue(self):
        saga = self.reserve()
        self.until_waiting(saga, "decided", "event")
        self.cancel(saga)
        self.ended(saga, "cancelled")
        self.assertEqual(self.status_of(self.approval, "requests", saga), "withdrawn")
        self.assertEqual(self.signal(saga, "ReservationDecided", approved=True, reason="").status, 409)


class Seeing(TutoringTest):
    def test_s3_8_and_s3_1_the_queue_shows_what_is_to_be_decided_and_what_was(self):
        sale, rejected, reservation, withdrawn = self.sale(seller="s38", title="Oboe"), self.sale(), self.reserve(user="s38"), self.reserve()
        self.shows(QUEUE, sale, kind="sale", title="Oboe", requestedBy="s38", status="waiting", reason=None)
        self.shows(QUEUE, reservation, kind="reservation", title="Room 12", requestedBy="s38", status="waiting")
        self.shows(QUEUE, withdrawn, status="waiting")
        self.cancel(withdrawn)
        self.until(lambda: self.row(QUEUE, withdrawn) is None, "a cancelled reservation leaves the queue")
        self.signal(sale, "SaleDecided", approved=True, reason="fine")
        self.signal(rejected, "SaleDecided", approved=False, reason="not this year")
        self.shows(QUEUE, sale, status="approved", reason="fine")
        self.shows(QUEUE, rejected, status="rejected", reason="not this year")
        self.assertIn(reservation, [row["requestId"] for row in self.rows(QUEUE, status="waiting", kind="reservation")])

    def test_s3_8_and_s3_2_a_seller_sees_each_sale_and_what_it_brought(self):
        sale, rejected = self.on_sale(seller="s38-seller", title="Lute", price=1000), self.sale(seller="s38-seller")
        self.shows(SELLER, sale, title="Lute", price=1000, status="on-sale", sold=0, income=0)
        self.shows(SELLER, rejected, status="requested")
        self.signal(rejected, "SaleDecided", approved=False, reason="not this year")
        self.shows(SELLER, rejected, status="rejected", reason="not this year")
        purchases = [self.buy(sale, amount=1000), self.buy(sale, amount=500)]
        for purchase in purchases:
            self.ended(purchase, "completed")
        self.shows(SELLER, sale, sold=2, income=1350)
        self.cancel(purchases[0])
        self.shows(SELLER, sale, sold=1, income=450)
        self.assertEqual({row["saleId"] for row in self.rows(SELLER, sellerId="s38-seller")}, {sale, rejected})

    def test_s3_8_and_s3_6_and_c7_a_buyer_sees_each_purchase_with_its_final_state(self):
        sale, closed = self.on_sale(title="Viola"), self.on_sale(seller="closed")
        self.payment.fault(match="POST /payments action", status=503)
        pending = self.buy(sale, buyer="s38-buyer")
        self.shows(BUYER, pending, buyerId="s38-buyer", saleId=sale, title="Viola", amount=1000, status="pending", reason=None)
        self.payment.clear_faults()
        self.shows(BUYER, pending, status="open")
        self.cancel(pending)
        self.shows(BUYER, pending, status="refunded")
        declined, lost = self.buy(sale, amount=1000001, buyer="s38-buyer"), self.buy(closed, buyer="s38-buyer")
        self.shows(BUYER, declined, status="cancelled", reason="The payment is declined")
        self.shows(BUYER, lost, status="refunded", reason="The seller's account takes no money")
        self.assertEqual({row["purchaseId"] for row in self.rows(BUYER, buyerId="s38-buyer")}, {pending, declined, lost})


class Failing(failures.FailingTests, TutoringTest):
    def stories(self):
        sale = self.on_sale()
        room = {"userId": "uma", "roomId": "12", "from": "2026-12-01T10:00:00Z", "to": "2026-12-01T12:00:00Z", "amount": 50}
        return [failures.Story(self, "purchase", lambda: {"buyerId": "ben", "saleId": sale, "amount": 50}),
                failures.Story(self, "sale", lambda: {"sellerId": "sam", "title": "Harp", "price": 7},
                               lambda saga: self.signal(saga, "SaleDecided", approved=True, reason="")),
                failures.Story(self, "room-reservation", lambda: room,
                               lambda saga: self.signal(saga, "ReservationDecided", approved=True, reason=""))]


class Alike(CommonTests, TutoringTest):
    def begin_something(self):
        self.sale()


class WhenAllIsOver(AtTheEndTests, TutoringTest):
    keys = {BUYER: "purchaseId", SELLER: "saleId", QUEUE: "requestId"}
    views_without_records = {BUYER: ("cancelled",)}

    def rows_by_the_services(self):
        buyer, seller, queue = {}, {}, {}
        purchases = self.records(self.store, "/purchases")
        payments, admissions = self.records(self.payment, "/payments"), self.records(self.lecture, "/admissions")
        for saga, purchase in purchases.items():
            paid = saga in payments and payments[saga]["status"]
            status = "refunded" if paid == "refunded" else "cancelled" if purchase["status"] == "cancelled" else "open"
            self.assertEqual(status == "open", paid == "paid" and admissions[saga]["status"] == "open")
            buyer[saga] = {"buyerId": purchase["buyerId"], "saleId": purchase["saleId"], "amount": purchase["amount"], "status": status}
        remitted = [(purchases[saga]["saleId"], money["amount"]) for saga, money in self.records(self.remittance, "/remittances").items()
                    if money["status"] == "remitted"]
        lectures = self.records(self.lecture, "/lectures")
        for saga, sale in self.records(self.store, "/sales").items():
            income = [amount for sold, amount in remitted if sold == saga]
            seller[saga] = {"status": sale["status"], "title": sale["title"], "sold": len(income), "income": sum(income)}
            self.assertEqual(sale["status"] == "on-sale", saga in lectures and lectures[saga]["status"] == "registered")
        ends = {**self.ends("sale"), **self.ends("room-reservation")}
        for saga, request in self.records(self.approval, "/requests").items():
            if request["status"] == "withdrawn" or request["status"] == "waiting" and ends[saga] != "waiting":
                queue[saga] = {"status": {None, "approved"}}  # cancelled before the decision, or before it was noted
            else:
                queue[saga] = {"kind": request["kind"], "status": request["status"], "reason": request["reason"]}
        return {BUYER: buyer, SELLER: seller, QUEUE: queue}


if __name__ == "__main__":
    unittest.main(verbosity=2)
