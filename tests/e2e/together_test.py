"""All systems in one engine, as after `./dev up`: one address for everything, for browsers too (C8)."""

import glob
import os
import unittest

from calls import answers, call
from names import SAGAS, VIEWS
from processes import LogsOnFailure
from sandbox import Sandbox
from systems import NAMES, SYSTEMS


class Together(LogsOnFailure, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()
        cls.url = cls.sandbox.url

    @classmethod
    def tearDownClass(cls):
        cls.sandbox.end()

    def start(self, saga, body, headers=None):
        return call("POST", f"{self.url}/v1/sagas/{saga}", body, headers)

    def test_c8_every_system_is_entered_at_one_address(self):
        self.assertTrue(answers(self.url + "/readyz"), self.sandbox.log())
        for saga, body in (
                ("recruitment", {"applicantId": "ann", "name": "Ann", "age": 30, "skill": "welding", "job": "welder"}),
                ("course", {"courseNo": "C1", "title": "Algebra", "courseInfo": "", "dueDate": ""}),
                ("sale", {"sellerId": "sam", "title": "Violin", "price": 1000}),
                ("schedule", {"hostId": "hana", "title": "River", "place": "Seoul", "open": True}),
                ("injection", {"personId": "ann", "vcName": "Comirnaty", "status": "INJECTED"})):
            with self.subTest(saga=saga):
                answer = self.start(saga, body)
                self.assertEqual(answer.status, 201, answer)
        defined = {item["name"] for item in call("GET", self.url + "/v1/definitions").json["items"]}
        files = glob.glob(os.path.join(SYSTEMS, "*", "*.saga.yaml"))
        self.assertEqual(defined, {os.path.basename(file).removesuffix(".saga.yaml") for file in files})
        self.assertEqual({os.path.basename(os.path.dirname(file)) for file in files}, set(NAMES))

    def test_c8_browsers_may_ask_from_pages_of_other_origins(self):
        origin = {"Origin": "https://shop.example"}
        asked = call("OPTIONS", self.url + "/v1/sagas/sale", None,
                     {**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,idempotency-key"})
        self.assertEqual(asked.status, 204, asked)
        self.assertIn(asked.headers["Access-Control-Allow-Origin"], ("*", "https://shop.example"))
        self.assertIn("POST", asked.headers["Access-Control-Allow-Methods"])
        self.assertIn("idempotency-key", asked.headers["Access-Control-Allow-Headers"].lower())
        for answer in (self.start("sale", {"sellerId": "sam", "title": "Harp", "price": 1}, origin), self.start("sale", {}, origin)):
            self.assertIn(answer.headers["Access-Control-Allow-Origin"], ("*", "https://shop.example"))
            self.assertIn("Location", answer.headers["Access-Control-Expose-Headers"])

    def test_c11_sagas_take_the_fields_of_their_domain_and_no_others(self):
        for saga, fields in ((saga, fields.split()) for sagas in SAGAS.values() for saga, fields in sagas.items()):
            with self.subTest(saga=saga):
                answer = self.start(saga, {**{field: [] for field in fields}, "colour": "red"})
                self.assertEqual(answer.status, 422, answer)
                unknown = {fault["pointer"] for fault in answer.json["errors"] if "known property" in fault["detail"]}
                self.assertEqual(unknown, {"/colour"})
                self.assertEqual({fault["pointer"] for fault in answer.json["errors"]} - unknown, {"/" + field for field in fields})

    def test_c11_views_have_the_columns_of_their_domain(self):
        served = {view["name"]: list(view["columns"]) for view in call("GET", self.url + "/v1/views").json["items"]}
        for view, columns in ((view, columns.split()) for views in VIEWS.values() for view, columns in views.items()):
            self.assertEqual(columns[0], served[view][0], view)
            self.assertLessEqual(set(columns), set(served[view]), view)


if __name__ == "__main__":
    unittest.main(verbosity=2)
