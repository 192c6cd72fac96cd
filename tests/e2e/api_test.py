"""The HTTP API as any client meets it: statuses, headers, pages, waits and problems, exactly as documented."""

import json
import threading
import time
import unittest

from calls import call
from processes import wait_until
from world import RecruitmentTest

MEMBERS = ["id", "name", "version", "businessKey", "status", "undo", "waitingFor", "input", "output", "error", "steps",
           "startedAt", "updatedAt", "endedAt", "position"]
UNKNOWN = "0198c1f2-0000-7000-8000-000000000000"
PATIENT = """saga: {name}
steps:
  - id: only
    http: {{ service: enrollment, method: POST, path: /enrollments, body: {{ recruitmentId: "${{ .saga.id }}", name: n, job: j }} }}
    retry: {{ maximumAttempts: 0, initialInterval: 100ms, maximumInterval: 100ms }}
    compensate: none
"""


class Api(RecruitmentTest):
    def get(self, path, **headers):
        return call("GET", self.engine.url + path, None, headers)

    def post(self, path, body=None, **headers):
        return call("POST", self.engine.url + path, body, headers)

    def put_patient(self, name):
        answer = call("PUT", f"{self.engine.url}/v1/definitions/{name}", PATIENT.format(name=name).encode(),
                      {"Content-Type": "application/yaml"})
        self.assertIn(answer.status, (200, 201), answer)

    def assert_problem(self, answer, status, kind, **members):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        for member in ("type", "title", "status", "detail"):
            self.assertIn(member, answer.json)
        self.assertEqual((answer.json["type"], answer.json["status"]), (kind, status))
        for member, value in members.items():
            self.assertEqual(answer.json[member], value, answer)


class Starting(Api):
    def test_a_saga_has_exactly_the_documented_members(self):
        answer = self.engine.apply("members")
        self.assertEqual(list(answer.json), MEMBERS)
        self.assertEqual(list(answer.json["steps"][0]),
                         ["id", "status", "attempts", "startedAt", "endedAt", "output", "error", "undo"])
        self.assertEqual([step["id"] for step in answer.json["steps"]], ["apply", "qualify", "enroll"])

    def test_with_wait_the_answer_is_200_after_the_end_and_202_when_the_time_is_up(self):
        self.put_patient("waiting")
        self.assertEqual(self.post("/v1/sagas/waiting").status, 201)
        ended = self.post("/v1/sagas/waiting?wait=10s")
        self.assertEqual((ended.status, ended.json["status"]), (200, "completed"))
        self.enrollment.fault(match="POST /enrollments", status=503)
        begun = time.monotonic()
        late = self.post("/v1/sagas/waiting", None, Prefer="wait=1")
        self.assertEqual((late.status, late.json["status"]), (202, "running"))
        self.assertGreaterEqual(time.monotonic() - begun, 1)
        self.assertEqual(late.headers["Preference-Applied"], "wait=1")
        self.enrollment.clear_faults()
        self.engine.ended(late.json["id"], "completed")

    def test_with_answer_after_wait_bounds_the_patience(self):
        self.qualification.fault(match="POST /checks", latency="600ms")
        answer = self.post("/v1/sagas/recruitment?wait=100ms",
                           {"applicantId": "bounded", "name": "n", "age": 30, "skill": "s", "job": "j"})
        self.assertEqual(answer.status, 202, answer)
        self.engine.ended(answer.json["id"], "completed")

    def test_the_same_key_replays_the_first_answer(self):
        first, again = self.engine.apply("replay", key="replay"), self.engine.apply("replay", key="replay")
        self.assertEqual((first.status, again.status), (201, 201))
        self.assertEqual(first.json["id"], again.json["id"])
        self.assertIsNone(first.headers["Idempotency-Replayed"])
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        self.assert_problem(self.engine.apply("replay", key="replay", age=31), 422, "key-reused", saga=first.json["id"])

    def test_a_refusal_is_replayed_and_says_that_trying_again_needs_a_new_key(self):
        first = self.engine.apply("refused", skill="none", key="refused")
        again = self.engine.apply("refused", skill="none", key="refused")
        for answer in (first, again):
            self.assert_problem(answer, 422, "not-qualified", saga=first.json["saga"], step="qualify")
            self.assertIn("new Idempotency-Key", answer.json["detail"])
        self.assertEqual(again.headers["Idempotency-Replayed"], "true")
        self.assertIn(first.json["undo"], ("running", "done"))

    def test_an_unavailable_service_is_replayed_as_503(self):
        self.qualification.fault(match="POST /checks", status=503)
        first = self.engine.apply("away", key="away")
        self.qualification.clear_faults()
        again = self.engine.apply("away", key="away")
        for answer in (first, again):
            self.assertEqual(answer.status, 503, answer)
            self.assertTrue(answer.headers["Retry-After"].isdigit())
            self.assertIn("new Idempotency-Key", answer.json["detail"])
        self.assertEqual(first.json["saga"], again.json["saga"])

    def test_an_input_that_does_not_fit_leaves_the_key_free(self):
        body = {"applicantId": "free", "name": "n", "age": "old", "skill": "s", "job": "j"}
        refused = call("POST", self.engine.url + "/v1/sagas/recruitment", body, {"Idempotency-Key": "free"})
        self.assert_problem(refused, 422, "invalid-input", pointer="/age")
        self.assertEqual(refused.json["errors"][0]["pointer"], "/age")
        accepted = call("POST", self.engine.url + "/v1/sagas/recruitment", {**body, "age": 30}, {"Idempotency-Key": "free"})
        self.assertEqual(accepted.status, 201, accepted)

    def test_faulty_starts_are_told_what_is_wrong(self):
        start = self.engine.url + "/v1/sagas/recruitment"
        self.assert_problem(call("POST", start, b"{\"a\": oops}"), 400, "invalid-request")
        self.assert_problem(call("POST", start, b"a=1", {"Content-Type": "text/plain"}), 415, "unsupported-media-type")
        self.assert_problem(call("POST", start + "?wiat=1s", {}), 400, "invalid-request", parameter="wiat")
        self.assert_problem(call("POST", start + "?wait=1h", {}), 400, "invalid-request", parameter="wait")
        self.assert_problem(call("POST", start, {}, {"Idempotency-Key": "k" * 256}), 400, "invalid-request")
        self.assert_problem(call("POST", start, {}, {"Idempotency-Key": "é"}), 400, "invalid-request")
        self.assert_problem(call("POST", start, b"[" * 100 + b"]" * 100), 400, "invalid-request")
        self.assert_problem(self.post("/v1/sagas/nobody", {}), 404, "not-found")


class Reading(Api):
    def test_the_etag_is_the_number_of_events_and_saves_the_body(self):
        saga = self.engine.apply("etag").json["id"]
        self.engine.ended(saga, "completed")
        whole = self.get("/v1/sagas/" + saga)
        self.assertEqual(whole.headers["ETag"], '"8"')
        for known in ('"8"', 'W/"8"'):
            unchanged = self.get("/v1/sagas/" + saga, **{"If-None-Match": known})
            self.assertEqual((unchanged.status, unchanged.text), (304, ""))
        self.assertEqual(self.get("/v1/sagas/" + saga, **{"If-None-Match": '"7"'}).status, 200)

    def test_a_long_poll_is_answered_by_the_change_and_ends_with_304_without_one(self):
        self.put_patient("polled")
        self.enrollment.fault(match="POST /enrollments", status=503)
        saga = self.post("/v1/sagas/polled").json["id"]
        etag = wait_until(lambda: (a := self.get("/v1/sagas/" + saga)).headers["ETag"] == '"7"' and a.headers["ETag"],
                          "five failed attempts are recorded")  # the next one is the tenth
        self.assertEqual(self.get(f"/v1/sagas/{saga}?wait=50ms", **{"If-None-Match": etag}).status, 304)
        changed = []
        waiting = threading.Thread(target=lambda: changed.append(
            self.get(f"/v1/sagas/{saga}?wait=30s", **{"If-None-Match": etag})))
        waiting.start()
        self.enrollment.clear_faults()
        waiting.join(30)
        self.assertEqual(changed[0].status, 200)
        self.assertNotEqual(changed[0].headers["ETag"], etag)
        self.assert_problem(self.get(f"/v1/sagas/{saga}?wait=1s"), 400, "invalid-request", parameter="wait")

    def test_events_come_in_pages_with_their_fields(self):
        saga = self.engine.apply("pages").json["id"]
        self.engine.ended(saga, "completed")
        first = self.get(f"/v1/sagas/{saga}/events?limit=5").json
        self.assertEqual(([event["version"] for event in first["items"]], first["next"]), ([1, 2, 3, 4, 5], 5))
        rest = self.get(f"/v1/sagas/{saga}/events?limit=5&after=5").json
        self.assertEqual(([event["version"] for event in rest["items"]], rest["next"]), ([6, 7, 8], None))
        self.assertEqual(self.get(f"/v1/sagas/{saga}/events?after=8").json, {"items": [], "next": None})
        started = first["items"][0]
        self.assertEqual(list(started)[:4], ["type", "time", "position", "version"])
        self.assertEqual((started["businessKey"], started["by"]), ("pages", "anonymous"))
        self.assertRegex(started["position"], r"^\d+-\d+$")

    def test_the_list_is_newest_first_and_its_cursor_neither_skips_nor_doubles(self):
        sagas = [self.engine.apply("listed").json["id"] for _ in range(5)]
        for saga in sagas:
            self.engine.ended(saga, "completed")
        found, cursor = [], ""
        while cursor is not None:
            page = self.get(f"/v1/sagas?businessKey=listed&limit=2{cursor and '&cursor=' + cursor}").json
            found += [item["id"] for item in page["items"]]
            cursor = page["next"]
        self.assertEqual(found, list(reversed(sagas)))

    def test_the_list_is_filtered_by_name_status_key_and_time(self):
        saga = self.engine.apply("filtered").json
        self.engine.ended(saga["id"], "completed")
        key = "/v1/sagas?businessKey=filtered"
        count = lambda more: len(self.get(key + more).json["items"])
        self.assertEqual(count("&status=completed,failed&name=recruitment"), 1)
        self.assertEqual(count("&status=running"), 0)
        self.assertEqual(count("&name=nobody"), 0)
        self.assertEqual(count("&startedAfter=2020-01-01T00:00:00Z&startedBefore=2100-01-01T00:00:00Z"), 1)
        self.assertEqual(count("&startedAfter=2100-01-01T00:00:00Z"), 0)
        self.assertEqual(list(self.get(key).json["items"][0]),
                         ["id", "name", "version", "businessKey", "status", "startedAt", "updatedAt", "endedAt"])
        for query in ("?status=runing", "?limit=0", "?limit=501", "?cursor=x", "?startedAfter=yesterday", "?nmae=x"):
            self.assert_problem(self.get("/v1/sagas" + query), 400, "invalid-request")

    def test_what_is_not_there_is_a_clear_problem(self):
        for path in ("/v1/sagas/" + UNKNOWN, f"/v1/sagas/{UNKNOWN}/events", f"/v1/sagas/{UNKNOWN}/events?after=3",
                     "/v1/sagas/nonsense", "/v1/definitions/nobody", "/v1/definitions/recruitment/versions/99",
                     "/v1/definitions/recruitment/versions/x", "/v2", "/v1/sagas/"):
            self.assert_problem(self.get(path), 404, "not-found")
        self.assert_problem(self.post(f"/v1/sagas/{UNKNOWN}/cancel"), 404, "not-found")
        wrong = call("DELETE", self.engine.url + "/v1/sagas")
        self.assert_problem(wrong, 405, "method-not-allowed")
        self.assertEqual(wrong.headers["Allow"], "GET, HEAD")

    def test_what_comes_later_is_said_to_come_later(self):
        saga = self.engine.apply("later").json["id"]
        self.assert_problem(self.get(f"/v1/sagas/{saga}/events", Accept="text/event-stream"), 406, "not-acceptable")


class Cancelling(Api):
    def test_a_cancel_is_202_once_and_again(self):
        saga = self.engine.apply("twice").json["id"]
        self.engine.ended(saga, "completed")
        self.assertEqual(self.engine.cancel(saga).status, 202)
        self.engine.ended(saga, "cancelled")
        events = len(self.engine.events(saga))
        self.assertEqual(self.engine.cancel(saga).status, 202)
        self.assertEqual(len(self.engine.events(saga)), events)

    def test_a_cancel_that_comes_too_late_is_409_with_the_reason(self):
        self.put_patient("brief")
        saga = self.post("/v1/sagas/brief?wait=10s").json["id"]
        self.assert_problem(self.engine.cancel(saga), 409, "conflict", saga=saga)

    def test_a_body_with_anything_but_a_reason_is_refused_with_its_pointer(self):
        saga = self.engine.apply("reasons").json["id"]
        cancel = f"{self.engine.url}/v1/sagas/{saga}/cancel"
        self.assert_problem(call("POST", cancel, {"reson": "x"}), 422, "invalid-request", pointer="/reson")
        self.assert_problem(call("POST", cancel, {"reason": 5}), 422, "invalid-request", pointer="/reason")
        self.assert_problem(call("POST", cancel, {"reason": "x" * 4001}), 422, "invalid-request", pointer="/reason")
        self.assert_problem(call("POST", cancel, []), 422, "invalid-request", pointer="")
        self.engine.ended(saga, "completed")


class Definitions(Api):
    def put(self, name, text, kind="application/yaml"):
        return call("PUT", f"{self.engine.url}/v1/definitions/{name}", text.encode(), {"Content-Type": kind})

    def test_a_put_is_201_for_a_new_version_and_200_unchanged(self):
        text = PATIENT.format(name="versions")
        first = self.put("versions", text)
        self.assertEqual((first.status, first.json["version"]), (201, 1), first)
        self.assertEqual(first.headers["Location"], "/v1/definitions/versions/versions/1")
        again = self.put("versions", "# another comment\n" + text)
        self.assertEqual((again.status, again.json["version"], again.json["hash"]), (200, 1, first.json["hash"]))
        second = self.put("versions", "title: changed\n" + text)
        self.assertEqual((second.status, second.json["version"]), (201, 2))
        self.assertEqual(self.get("/v1/definitions/versions").json["version"], 2)
        self.assertEqual(self.get("/v1/definitions/versions/versions/1").json["source"], text)
        listed = [(item["name"], item["version"]) for item in self.get("/v1/definitions").json["items"]]
        self.assertIn(("versions", 2), listed)

    def test_json_is_taken_too(self):
        text = json.dumps({"saga": "from-json", "steps": [{"id": "one", "http": {"service": "enrollment", "method": "GET", "path": "/x"}}]})
        self.assertEqual(self.put("from-json", text, "application/json").status, 201)

    def test_a_faulty_definition_is_422_with_every_fault_and_its_place(self):
        faulty = PATIENT.format(name="faulty").replace("compensate", "compensat").replace("service: enrollment", "service: nobody")
        for answer in (self.put("faulty", faulty), call("POST", self.engine.url + "/v1/definitions:validate",
                                                        faulty.encode(), {"Content-Type": "application/yaml"})):
            self.assert_problem(answer, 422, "invalid-definition")
            self.assertGreaterEqual(len(answer.json["errors"]), 2)
            self.assertEqual({error["line"] for error in answer.json["errors"]} & {4, 6}, {4, 6})
            self.assertEqual(answer.json["line"], answer.json["errors"][0]["line"])
        self.assertEqual(self.get("/v1/definitions/faulty").status, 404)
        self.assert_problem(self.put("other", PATIENT.format(name="faulty")), 422, "invalid-definition")
        self.assert_problem(self.put("faulty", "x", "text/html"), 415, "unsupported-media-type")

    def test_validate_keeps_nothing(self):
        answer = call("POST", self.engine.url + "/v1/definitions:validate", PATIENT.format(name="unkept").encode(),
                      {"Content-Type": "text/yaml"})
        self.assertEqual((answer.status, answer.json["name"]), (200, "unkept"), answer)
        self.assertEqual(self.get("/v1/definitions/unkept").status, 404)


class Watching(Api):
    def test_health_metrics_and_the_documents_are_served(self):
        self.assertEqual(self.get("/livez").json, {"status": "alive"})
        self.assertEqual(self.get("/readyz?verbose").json, {"status": "ready", "missing": []})
        self.assertEqual(self.get("/readyz").json, {"status": "ready"})
        self.engine.apply("metrics")
        self.assertIn("skald_sagas_started_total", self.get("/metrics").text)
        self.assertEqual(self.get("/openapi.json").json["openapi"], "3.1.0")
        self.assertIn("/openapi.json", self.get("/").text)
        head = call("HEAD", self.engine.url + "/v1/sagas")
        self.assertEqual((head.status, head.text), (200, ""))


if __name__ == "__main__":
    unittest.main(verbosity=2)
