"""Views as a user meets them: my page of the recruitment system (S1.7, C7), reading what was just written, changing a
view while it is read, rebuilding, dying in the middle of everything. Every process is a real one."""

import json
import os
import random
import subprocess
import threading
import time
import unittest
from urllib.parse import quote

from calls import answers, call
from processes import BINARY, Process, free_port, wait_until
from world import RECRUITMENT, RecruitmentTest, service_urls

PAGE = "recruitment-my-page"

COUNTS = """
view: applications-by-job
key: { job: "${ .input.job }" }
columns: { job: text, events: integer, ended: integer }
rules:
  - event: [SagaStarted, StepRequested, StepSucceeded, StepFailed, StepCompensated, SagaEnded]
    saga: recruitment
    add: { events: 1 }
  - event: SagaEnded
    saga: recruitment
    add: { ended: 1 }
"""

# What COUNTS is, in plain SQL.
COUNTS_IN_SQL = """
select start.data->'input'->>'job', count(*), count(*) filter (where e.type = 'SagaEnded')
from skald.event e join skald.event start on start.partition = e.partition and start.saga_id = e.saga_id and start.version = 1
where e.type in ('SagaStarted', 'StepRequested', 'StepSucceeded', 'StepFailed', 'StepCompensated', 'SagaEnded')
group by 1 order by 1
"""


def page_yaml():
    with open(os.path.join(RECRUITMENT, PAGE + ".view.yaml"), encoding="utf-8") as file:
        return file.read()


class ViewsTest(RecruitmentTest):
    def get(self, path, engine=None):
        return call("GET", (engine or self.engine).url + path)

    def row(self, saga, after=None, engine=None):
        answer = self.get(f"/v1/views/{PAGE}/{saga}" + (f"?after={after}" if after else ""), engine)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def put(self, name, yaml, engine=None):
        return call("PUT", f"{(engine or self.engine).url}/v1/views/{name}", yaml.encode(), {"Content-Type": "application/yaml"})

    def view(self, name, engine=None):
        items = self.get("/v1/views", engine).json["items"]
        return next((item for item in items if item["name"] == name), None)

    def live(self, name, generation):
        """The view, once that generation is the one that is read."""
        return wait_until(lambda: (v := self.view(name)) and v["status"] == "live" and v["generation"] == generation and v,
                          f"{name} is read in generation {generation}")

    def verified(self, name):
        """Nothing differs from a fresh fold; what is said beside that."""
        done = subprocess.run([BINARY, "replay", "verify", "--view", name, "--database-url", self.world.conninfo],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stderr

    def caught_up(self, name):
        return wait_until(lambda: (v := self.view(name)) and v["lag"]["events"] == 0 and not v["rebuild"] and v,
                          f"{name} has caught up")

    def assert_counts_are_those_of_the_log(self):
        self.caught_up("applications-by-job")
        rows = self.get("/v1/views/applications-by-job?limit=1000").json["items"]
        told = [[row["job"], str(row["events"]), str(row["ended"])] for row in rows]
        self.assertEqual(told, self.world.query(COUNTS_IN_SQL))


class MyPage(ViewsTest):
    def test_s1_7_one_look_up_by_application_or_applicant_shows_everything(self):
        saga = self.engine.apply("s17", skill="it's \"welding\"", age=41).json["id"]
        ended = self.engine.ended(saga, "completed")
        row = self.row(saga, ended["position"])
        self.assertEqual(row,
                         {"applicationId": saga, "applicantId": "s17", "name": "Ann s17", "age": 41,
                          "skill": "it's \"welding\"", "job": "welder", "qualification": "Y",
                          "enrollmentId": "enrollment-" + saga, "status": "enrolled", "reason": None})
        by_applicant = self.get(f"/v1/views/{PAGE}?applicantId=s17")
        self.assertEqual(by_applicant.json, {"items": [row], "next": None})
        self.assertEqual(self.get(f"/v1/views/{PAGE}?applicantId=s17&status=rejected").json["items"], [])

    def test_s1_6_a_rejected_application_shows_the_reason(self):
        answer = self.engine.apply("s16", skill="none")
        self.assertEqual(answer.status, 422, answer)
        saga = answer.json["saga"]
        ended = self.engine.ended(saga, "compensated")
        row = self.row(saga, ended["position"])
        self.assertEqual((row["status"], row["qualification"], row["enrollmentId"]), ("rejected", "N", None))
        self.assertEqual(row["reason"], ended["error"]["title"])

    def test_s1_5_a_cancelled_application_stays_visible_as_cancelled(self):
        saga = self.engine.apply("s15").json["id"]
        self.engine.ended(saga, "completed")
        self.engine.cancel(saga)
        ended = self.engine.ended(saga, "cancelled")
        self.assertEqual(self.row(saga, ended["position"])["status"], "cancelled")

    def test_who_names_the_position_of_his_write_reads_it(self):
        for i in range(30):
            started = self.engine.apply(f"own-{i}")
            self.assertEqual(started.status, 201, started)
            row = self.row(started.json["id"], started.json["position"])
            self.assertIn(row["status"], ("qualified", "enrolled"))
            self.assertEqual(row["applicantId"], f"own-{i}")

    def test_how_far_a_view_is_behind_is_told_by_the_status_and_a_metric(self):
        ended = self.engine.ended(self.engine.apply("lag").json["id"], "completed")
        self.get(f"/v1/views/{PAGE}?limit=1&after={ended['position']}")
        told = subprocess.run([BINARY, "view", "status", PAGE, "--server", self.engine.url, "-o", "json"], capture_output=True,
                              text=True, check=True)
        self.assertEqual(set(json.loads(told.stdout)["lag"]), {"events", "seconds"})
        self.assertLess(self.lag(), 30)
        self.assertIn(f'skald_view_events_total{{view="{PAGE}"}}', self.get("/metrics").text)

    def lag(self):
        line = next(line for line in self.get("/metrics").text.splitlines()
                    if line.startswith("skald_view_lag_seconds{") and PAGE in line)
        return float(line.split()[-1])

    def test_the_lag_of_a_view_that_hangs_grows_until_it_goes_on(self):
        locked = subprocess.Popen(["psql", self.world.conninfo], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        try:
            locked.stdin.write(f'begin; lock table {self.table()} in share mode;\n'.encode())
            locked.stdin.flush()
            wait_until(lambda: self.world.query("select 1 from pg_locks where mode = 'ShareLock' and granted and relation is not null"),
                       "the table is locked")
            ended = self.engine.ended(self.engine.apply("held up").json["id"], "completed")
            wait_until(lambda: self.lag() > 1.5, "the lag grows")
        finally:
            locked.communicate(b"rollback;\n")
        self.row(ended["id"], ended["position"])
        wait_until(lambda: self.lag() < 1, "the lag is gone")

    def table(self):
        """Of the generation that is read."""
        return self.world.query(f"select 'skald_views.\"{PAGE}#' || active || '\"' from skald.view where name = '{PAGE}'")[0][0]

    def test_c7_the_rows_are_there_for_people_with_plain_sql(self):
        saga = self.engine.apply("sql").json["id"]
        ended = self.engine.ended(saga, "completed")
        self.row(saga, ended["position"])
        wait_until(lambda: self.world.query(
            f"select status from skald_views.\"{PAGE}\" where \"applicationId\" = '{saga}'") == [["enrolled"]], "the SQL view shows it")


class Asking(ViewsTest):
    def test_pages_by_cursor_give_every_row_once(self):
        applied = {self.engine.apply("paged").json["id"] for _ in range(23)}
        last = [self.engine.ended(saga, "completed")["position"] for saga in applied]
        for position in last:
            self.get(f"/v1/views/{PAGE}?limit=1&after={position}")
        seen, cursor, pages = [], "", 0
        while True:
            answer = self.get(f"/v1/views/{PAGE}?applicantId=paged&limit=5{cursor}")
            self.assertEqual(answer.status, 200, answer)
            seen += [row["applicationId"] for row in answer.json["items"]]
            pages += 1
            if not answer.json["next"]:
                break
            cursor = "&cursor=" + answer.json["next"]
        self.assertEqual(pages, 5)
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual(set(seen), applied)

    def test_what_cannot_be_asked_is_answered_with_what_can(self):
        for path, status, said in (
                (f"/v1/views/{PAGE}?skill=welding", 400, "applicantId"),
                (f"/v1/views/{PAGE}?status=enrolled", 400, "applicantId"),
                (f"/v1/views/{PAGE}?nonsense=1", 400, "nonsense"),
                (f"/v1/views/{PAGE}?applicantId=a&applicantId=b", 400, "twice"),
                (f"/v1/views/{PAGE}?cursor=v00", 400, "cursor"),
                (f"/v1/views/{PAGE}?limit=0", 400, "limit"),
                (f"/v1/views/{PAGE}?after=7", 400, "after"),
                (f"/v1/views/{PAGE}/no-uuid", 400, "uuid"),
                (f"/v1/views/{PAGE}/00000000-0000-7000-8000-000000000000", 404, "no row"),
                (f"/v1/views/{PAGE}/a/b", 404, "key"),
                ("/v1/views/nobody", 404, "nobody"),
                ("/v1/views/nobody/x", 404, "nobody"),
                ("/v1/views/nobody/rebuild", 404, "nobody")):
            answer = self.get(path)
            self.assertEqual(answer.status, status, (path, answer))
            self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
            self.assertIn(said, answer.json["detail"])

    def test_sql_in_a_value_or_a_name_is_only_a_value_or_a_name(self):
        for hostile in ("'; drop table skald.event; --", "\" or \"\"=\"", "x' or 'x'='x"):
            self.assertEqual(self.get(f"/v1/views/{PAGE}?applicantId={quote(hostile)}").json["items"], [])
            self.assertEqual(self.get(f"/v1/views/{PAGE}?{quote(hostile)}=1").status, 400)
            self.assertEqual(self.get(f"/v1/views/{quote(hostile, safe='')}").status, 404)

    def test_a_position_that_never_comes_is_answered_in_time(self):
        begun = time.monotonic()
        answer = self.get(f"/v1/views/{PAGE}?after=3-999999")
        self.assertEqual(answer.status, 503, answer)
        self.assertIn("Retry-After", answer.headers)
        self.assertLess(time.monotonic() - begun, 25)

    def test_a_faulty_view_is_refused_with_its_place(self):
        answer = self.put("faulty", "view: faulty\nkey: { id: \"${ .saga.id }\" }\ncolumns: { id: uuid, n: intger }\nrules: []\n")
        self.assertEqual(answer.status, 422, answer)
        self.assertEqual(answer.json["line"], 3)
        self.assertEqual(self.put("other", page_yaml()).status, 422)


class Changing(ViewsTest):
    def test_a_column_changed_under_load_with_a_constant_reader_costs_no_reading_and_shows_no_mixture(self):
        for i in range(40):
            self.engine.apply("constant")
        over = threading.Event()
        failed, shapes = [], []

        def read():
            while not over.is_set():
                try:
                    answer = self.get(f"/v1/views/{PAGE}?applicantId=constant&limit=1000")
                    if answer.status != 200:
                        failed.append(answer)
                        continue
                    shapes.append({tuple(row) for row in answer.json["items"]})
                except OSError as failure:
                    failed.append(failure)

        def write():
            while not over.is_set():
                self.engine.apply("constant")

        threads = [threading.Thread(target=read) for _ in range(2)] + [threading.Thread(target=write)]
        for thread in threads:
            thread.start()
        try:
            generations = [self.view(PAGE)["generation"]]
            for change in ("nickname: text", "motto: text"):
                yaml = page_yaml().replace("  reason: text\n", f"  reason: text\n  {change}\n").replace(
                    "      status: applied\n", f"      status: applied\n      {change.split(':')[0]}: ${{ .input.name }}\n")
                put = self.put(PAGE, yaml)
                self.assertEqual(put.status, 201, put)
                self.live(PAGE, put.json["generation"])
                generations.append(put.json["generation"])
            put = self.put(PAGE, page_yaml())
            self.live(PAGE, put.json["generation"])
        finally:
            over.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failed, [])
        self.assertTrue(all(len(shape) == 1 for shape in shapes), "a page is of one generation")
        met = {next(iter(shape)) for shape in shapes}
        self.assertGreaterEqual(len(met), 3, "the reader saw each definition")
        self.assertGreater(len(shapes), 50)
        # Every row of the last generation is the fold of its events.
        self.caught_up(PAGE)
        known = {row[0] for row in self.world.query(
            "select saga_id from skald.saga where definition = 'recruitment' and business_key = 'constant'")}
        rows = self.get(f"/v1/views/{PAGE}?applicantId=constant&limit=1000").json["items"]
        self.assertLessEqual({row["applicationId"] for row in rows}, known)
        self.assertEqual(len(rows), min(len(known), 1000))

    def test_the_same_definition_changes_nothing(self):
        before = self.view(PAGE)
        put = self.put(PAGE, page_yaml() + "# a comment\n")
        self.assertEqual(put.status, 200, put)
        self.assertEqual(put.json["generation"], before["generation"])

    def test_a_rebuild_by_the_command_line_finds_the_same_rows(self):
        for i in range(10):
            self.engine.apply(f"rebuilt-{i}")
        # Else it would be the first filling that is waited for, and nothing is there to compare with.
        wait_until(lambda: self.view(PAGE)["status"] == "live", "the first generation is read")
        done = subprocess.run([BINARY, "view", "rebuild", PAGE, "--server", self.engine.url, "-o", "json"],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        rebuild = json.loads(done.stdout)
        self.assertIn(" 1 view compared, 0 violations", self.verified(PAGE))
        self.assertEqual((rebuild["status"], rebuild["rowsDifferent"]), ("done", 0), rebuild)
        self.assertEqual(rebuild["rowsBefore"], rebuild["rowsAfter"])
        listed = subprocess.run([BINARY, "view", "list", "--server", self.engine.url], capture_output=True, text=True, check=False)
        self.assertIn(PAGE, listed.stdout)

    def test_an_event_that_does_not_fit_stops_one_view_and_can_be_left_out(self):
        self.assertEqual(self.put("ages", """
view: ages
key: { id: "${ .saga.id }" }
columns: { id: uuid, age: integer }
rules:
  - event: SagaStarted
    saga: recruitment
    set: { age: "${ if .input.applicantId == \\"poison\\" then \\"old\\" else .input.age end }" }
""").status, 201)
        good = self.engine.apply("before").json
        poison = self.engine.apply("poison").json
        stopped = wait_until(lambda: (v := self.view("ages")) and v["status"] == "stopped" and v, "the view stops")
        first = f"{poison['position'].split('-')[0]}-"
        self.assertTrue(stopped["stopped"]["position"].startswith(first), stopped)
        self.assertIn("age", stopped["stopped"]["reason"])
        self.assertEqual(self.view(PAGE)["status"], "live")
        self.assertIn(f"stands stopped before event {stopped['stopped']['position']}", self.verified("ages"))
        self.assertEqual(call("GET", self.engine.url + "/readyz").status, 200)
        self.assertEqual(self.get(f"/v1/views/ages?after={poison['position']}").status, 409)
        refused = call("POST", self.engine.url + "/v1/views/ages/skip", {"position": "0-1", "reason": "a guess"})
        self.assertEqual(refused.status, 409, refused)
        skipped = subprocess.run([BINARY, "view", "skip", "ages", "--server", self.engine.url, "--reason", "no age",
                                  "--position", stopped["stopped"]["position"]], capture_output=True, text=True, check=False)
        self.assertEqual(skipped.returncode, 0, skipped.stderr)
        wait_until(lambda: self.view("ages")["status"] == "live", "it goes on")
        self.assertEqual(self.get(f"/v1/views/ages/{poison['id']}?after={poison['position']}").status, 404)
        self.assertEqual(self.get(f"/v1/views/ages/{good['id']}").json["age"], 30)
        self.assertIn("leaves out 1 event, as somebody decided", self.verified("ages"))
        self.assertEqual(self.world.query("select skipped_by, reason from skald.view_skip"), [["anonymous", "no age"]])


class Dying(ViewsTest):
    def test_killed_again_and_again_every_event_counts_once(self):
        seed = random.randrange(1_000_000)
        print(f"seed {seed}")
        chance = random.Random(seed)
        self.assertIn(self.put("applications-by-job", COUNTS).status, (200, 201))
        for round_ in range(4):
            over = threading.Event()

            def write():
                while not over.is_set():
                    try:
                        self.engine.apply("dying", job=f"job {chance.randrange(5)}")
                    except OSError:
                        pass

            threads = [threading.Thread(target=write) for _ in range(4)]
            for thread in threads:
                thread.start()
            if round_ % 2:
                call("POST", self.engine.url + "/v1/views/applications-by-job/rebuild")
            time.sleep(chance.uniform(0.1, 0.6))  # when it dies is what is tried here
            self.engine.kill()
            over.set()
            for thread in threads:
                thread.join()
            self.engine.start()
        wait_until(lambda: self.world.query("select count(*) from skald.saga where ended_at is null") == [["0"]], "all have ended")
        self.assert_counts_are_those_of_the_log()

    def test_two_nodes_fold_one_log(self):
        self.assertIn(self.put("applications-by-job", COUNTS).status, (200, 201))
        other = Node(self)
        try:
            sagas = [self.engine.apply("two", job="diver").json for _ in range(20)]
            for saga in sagas:
                self.assertEqual(self.row(saga["id"], saga["position"], other)["applicantId"], "two")
            # What is put at one node is known at the other within a second or so.
            put = self.put("young", COUNTS.replace("applications-by-job", "young"), other)
            self.assertEqual(put.status, 201, put)
            wait_until(lambda: (v := self.view("young")) and v["status"] == "live", "the other node knows it", 10)
            self.engine.kill()  # its partitions, and what is left to fold of them, go to the other
            wait_until(lambda: answers(other.url + "/readyz"), "the other node has taken over")
            body = {"applicantId": "two", "name": "Ann", "age": 30, "skill": "welding", "job": "diver"}
            started = call("POST", other.url + "/v1/sagas/recruitment", body)
            self.assertEqual(started.status, 201, started)
            self.assertEqual(self.row(started.json["id"], started.json["position"], other)["name"], "Ann")
        finally:
            other.stop()
            if not self.engine.process.is_running():
                self.engine.process.stop()
                self.engine.start()
        wait_until(lambda: self.world.query("select count(*) from skald.saga where ended_at is null") == [["0"]], "all have ended")
        self.assert_counts_are_those_of_the_log()


class Node:
    """A second node on the same database."""

    def __init__(self, test):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = list(test.engine.process.command)
        command[command.index("--port") + 1] = str(self.port)
        command[command.index("--node") + 1] = "other"
        self.process = Process("other", command, test.world.directory, service_urls(test.world.services)).start()
        wait_until(lambda: self.listens(), "the other node listens")

    def listens(self):
        try:
            return call("GET", self.url + "/livez", timeout=5).status == 200
        except OSError:
            return False

    def stop(self):
        self.process.stop()


if __name__ == "__main__":
    unittest.main()
