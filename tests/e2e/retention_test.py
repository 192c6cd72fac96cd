"""Retention on the real program: sagas that ended long ago leave the log, whole segments at a time, and are written to a
file before. What runs goes on, views keep their rows, and what left can be imported elsewhere. Segments of eight
positions, and one applicant, so all sagas share a partition and lie across the segments' boundaries."""

import glob
import json
import os
import resource
import signal
import subprocess
import unittest

from calls import call
from processes import BINARY, Process, wait_until
from verified import verify
from world import RECRUITMENT, Engine, RecruitmentTest

ENROLL = "POST /enrollments"
PAGE = "recruitment-my-page"

SMALL_SEGMENTS = """
update skald.setting set segment_positions = 8;
drop table skald.event_000000, skald.event_000001;
delete from skald.segment;
select skald.make_segments(9)
"""

A_MONTH_PASSES = """
update skald.event set time = time - interval '30 days';
update skald.saga set started_at = started_at - interval '30 days', updated_at = updated_at - interval '30 days',
                      ended_at = ended_at - interval '30 days'
"""

EVENTS = "select partition, position, saga_id, version, type, time, data, writer from skald.event where {} order by 1, 2"


def skald(*arguments, check=0, **more):
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, check=False,
                          env={k: v for k, v in os.environ.items() if not k.startswith("SKALD_")}, **more)
    assert done.returncode == check, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


class Retention(RecruitmentTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.made = 0

    def setUp(self):
        """A log of its own: seven sagas that ended a month ago, one that still runs in their midst, and, written just
        now, the beginning of the next segments."""
        super().setUp()
        self.engine.stop()
        type(self).made += 1
        self.directory = os.path.join(self.world.directory, f"retention{self.made}")
        os.mkdir(self.directory)
        self.url = self.world.database.create(f"retention{self.made}")
        skald("migrate", "--database-url", self.url)
        self.sql(SMALL_SEGMENTS)
        self.old_engine = self.engine_of(self.url)
        self.ended = [self.complete(f"key-{i}") for i in range(4)]
        self.enrollment.fault(match=ENROLL, status=503)
        self.running = self.apply("running").json["id"]
        wait_until(lambda: "AttemptFailed" in self.types(self.running), "it is being retried")
        self.assertEqual(self.post(f"/v1/sagas/{self.running}/pause", {}).status, 202)
        self.enrollment.clear_faults()
        self.ended += [self.complete(f"key-{i}") for i in range(4, 7)]
        self.rows = [self.row(saga) for saga in self.ended]
        self.old_engine.stop()
        self.sql(A_MONTH_PASSES)
        # The built-in views show times, and were folded before the month passed: tearDown verifies all but these.
        self.world.database.created.remove(self.url)
        self.before = self.events_of(self.ended)
        self.of_the_running = self.events_of([self.running])

    def tearDown(self):
        if self.old_engine.process.popen:
            self.old_engine.stop()
        super().tearDown()
        verify(self.url, but=("skald-sagas", "skald-in-flight", "skald-days"))

    def engine_of(self, url, *settings):
        engine = Engine(self.directory, url, self.world.services)
        engine.process.command = engine.command = engine.command + list(settings)
        return engine.start()

    def young(self, *settings):
        """An engine that has gone on to the next segment."""
        self.old_engine = self.engine_of(self.url, *settings)
        self.recent = [self.complete(f"recent-{i}") for i in range(2)]
        return self.old_engine

    def apply(self, key):
        return self.old_engine.apply("ann", key=key)

    def complete(self, key):
        saga = self.apply(key).json["id"]
        self.old_engine.ended(saga, "completed")
        self.row(saga)
        return saga

    def sql(self, text):
        return self.world.database.query(self.url, text)

    def events_of(self, sagas, url=None):
        names = ", ".join(f"'{saga}'" for saga in sagas)
        return self.world.database.query(url or self.url, EVENTS.format(f"saga_id in ({names})"))

    def everything(self):
        return self.sql(EVENTS.format("true")), self.sql("select * from skald.saga order by saga_id"), \
            self.sql("select * from skald.start_key order by key"), self.sql("select * from skald.segment order by 1")

    def types(self, saga):
        return [event["type"] for event in self.old_engine.events(saga)]

    def get(self, path):
        return call("GET", self.old_engine.url + path)

    def post(self, path, body):
        return call("POST", self.old_engine.url + path, body)

    def row(self, saga):
        answer = wait_until(lambda: (a := self.get(f"/v1/views/{PAGE}/{saga}")).status == 200 and
                            a.json["status"] == "enrolled" and a, "my page shows it")
        return answer.json

    def views_have_passed(self):
        behind = """select count(*) from skald.view_generation g join skald.view_checkpoint c using (generation)
                    where g.retired_at is null and c.position < coalesce((select max(position) from skald.event e
                                                                          where e.partition = c.partition), 0)"""
        wait_until(lambda: self.sql(behind) == [["0"]], "the views have folded everything")

    def retain(self, *arguments, check=0, **more):
        done = skald("log", "retain", "--older-than", "7d", "--database-url", self.url, "-o", "json", *arguments,
                     check=check, **more)
        return json.loads(done.stdout) if check == 0 else done

    def passes(self):
        return int(self.sql("select count(*) from skald.retention where done_at is not null")[0][0])

    def files(self):
        return sorted(glob.glob(os.path.join(self.directory, "*.jsonl*")))

    def imported(self, file):
        url = self.world.database.create(f"imported{self.made}_{len(glob.glob(self.directory + '/again*'))}")
        skald("migrate", "--database-url", url)
        skald("log", "import", file, "--database-url", url)
        return url


class ByItself(Retention):
    def test_a_node_lets_them_go_and_what_runs_goes_on_and_ends(self):
        engine = self.young("--retain", "7d", "--retain-every", "200ms", "--retain-export", self.directory)
        wait_until(lambda: self.passes() == 1, "they leave")
        gone = [saga for saga in self.ended if self.get(f"/v1/sagas/{saga}").status == 404]
        self.assertGreaterEqual(len(gone), 5)  # the last may share its segment with what is young
        for saga in gone:
            for path in (f"/v1/sagas/{saga}", f"/v1/sagas/{saga}/events", f"/v1/sagas/{saga}?at=1"):
                answer = self.get(path)
                self.assertEqual(answer.status, 404, answer)
                self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
            self.assertEqual(engine.cancel(saga).status, 404)
        # Nothing running is touched.
        self.assertEqual(self.events_of([self.running]), self.of_the_running)
        self.assertEqual(self.post(f"/v1/sagas/{self.running}/resume", {}).status, 202)
        self.assertEqual(engine.ended(self.running, "completed")["businessKey"], "ann")
        self.assertEqual(len(self.enrollment.effects(self.running)), 1)
        # Views keep their rows.
        for row in self.rows:
            self.assertEqual(self.get(f"/v1/views/{PAGE}/{row['applicationId']}").json, row)
        # A key is known as long as its saga.
        self.assertNotIn(self.apply("key-0").json["id"], self.ended)
        self.assertEqual(self.apply("running").json["id"], self.running)
        metrics = self.get("/metrics").text
        self.assertIn(f"skald_retention_sagas_total {len(gone)}", metrics)
        self.assertIn("skald_retention_obstructed 0", metrics)
        # What left is in the file, and nothing else.
        file, = self.files()
        url = self.imported(file)
        self.assertEqual(self.events_of(gone, url), [event for event in self.before if event[2] in gone])
        self.assertEqual(self.world.database.query(url, "select count(distinct saga_id) from skald.event"), [[str(len(gone))]])
        skald("replay", "verify", "--database-url", url)
        engine.stop()
        told = skald("replay", "verify", "--database-url", self.url)
        self.assertIn("left the log; not compared", told.stdout + told.stderr)
        skald("view", "at", PAGE, "--until", "2026-01-01T00:00:00Z", "--database-url", self.url, check=5)

    def test_two_nodes_let_them_go_once(self):
        self.old_engine = self.engine_of(self.url)
        self.recent = [self.complete(f"recent-{i}") for i in range(2)]
        self.views_have_passed()
        self.old_engine.stop()
        settings = ("--retain", "7d", "--retain-every", "100ms")
        first = self.engine_of(self.url, *settings)
        self.old_engine = first
        other = Engine(self.directory, self.url, self.world.services)
        other.process.command = [*other.command, *settings, "--node", "other"]
        other.process.name, other.process.log_file = "other", os.path.join(self.directory, "other.log")
        other.process.start()
        try:
            wait_until(lambda: self.passes() == 1, "they leave")
            self.complete("afterwards")
            self.assertEqual(self.passes(), 1)
            self.assertEqual(self.events_of([self.running]), self.of_the_running)
        finally:
            other.process.stop()

    def test_the_setting_is_refused_below_a_week_and_off_by_default(self):
        done = skald("serve", "--check-config", "--database-url", self.url, "--retain", "6d", check=2)
        self.assertIn("7d", done.stdout + done.stderr)
        self.assertIn("forever", skald("serve", "--dump-config", "--database-url", self.url).stdout)


    def test_afterwards_a_view_that_keeps_its_rows_is_not_rebuilt_and_one_that_keeps_the_log_has_what_the_log_has(self):
        engine = self.young("--retain", "7d", "--retain-every", "200ms")
        wait_until(lambda: self.passes() == 1, "they leave")
        gone = [saga for saga in self.ended if self.get(f"/v1/sagas/{saga}").status == 404]
        there = [self.running, *self.recent]
        rows = [self.get(f"/v1/views/{PAGE}/{saga}").json for saga in there]
        refused = skald("view", "rebuild", PAGE, "--server", engine.url, check=5)
        self.assertIn("keep: log", refused.stderr)
        with open(os.path.join(RECRUITMENT, PAGE + ".view.yaml"), encoding="utf-8") as file:
            yaml = file.read()
        changed = self.put_view(yaml.replace("  reason: text\n", "  reason: text\n  more: text\n"))
        self.assertEqual((changed.status, changed.headers["Content-Type"]), (409, "application/problem+json"), changed)
        self.assertEqual(self.put_view(yaml).status, 200)  # unchanged
        for row in self.rows:
            self.assertEqual(self.get(f"/v1/views/{PAGE}/{row['applicationId']}").json, row)
        self.assertIn(self.put_view(yaml + "keep: log\n").status, (200, 201))
        wait_until(lambda: {self.get(f"/v1/views/{PAGE}/{saga}").status for saga in gone} == {404}, "it is rebuilt")
        self.assertEqual([self.get(f"/v1/views/{PAGE}/{saga}").json for saga in there], rows)
        skald("view", "rebuild", PAGE, "--server", engine.url)
        self.assertEqual([self.get(f"/v1/views/{PAGE}/{saga}").json for saga in there], rows)
        self.row(self.complete("afterwards"))
        self.views_have_passed()
        engine.stop()
        told = json.loads(skald("replay", "verify", "--view", PAGE, "--database-url", self.url, "-o", "json").stdout)
        self.assertEqual((told["views"], told["notes"]), (1, []), told)
        skald("view", "at", PAGE, "--until", "2001-01-01T00:00:00Z", "--database-url", self.url, check=5)

    def put_view(self, yaml):
        return call("PUT", f"{self.old_engine.url}/v1/views/{PAGE}", yaml.encode(), {"Content-Type": "application/yaml"})


class ByHand(Retention):
    def setUp(self):
        super().setUp()
        self.young()
        self.views_have_passed()
        self.old_engine.stop()

    def test_a_dry_run_tells_what_would_leave_and_changes_nothing(self):
        before = self.everything()
        told = self.retain("--dry-run")
        self.assertEqual((told["leave"], told["staying"]), ("would", len(self.ended) + 1 - told["sagas"]))
        self.assertEqual(self.everything(), before)
        done = self.retain()
        self.assertEqual((done["leave"], done["sagas"], done["belowPosition"]), ("done", told["sagas"], told["belowPosition"]))
        self.assertEqual(self.retain()["leave"], "no")

    def test_what_holds_them_is_named(self):
        self.sql("create table checkpoint_before as table skald.view_checkpoint; "
                 "update skald.view_checkpoint set position = 3 where position > 3 and generation = "
                 f"(select active from skald.view where name = '{PAGE}')")
        told = self.retain()
        self.assertEqual(told["leave"], "no")
        self.assertIn(f"the view {PAGE} stands at", told["obstacle"])
        self.assertEqual(self.passes(), 0)
        self.sql("update skald.view_checkpoint c set position = b.position from checkpoint_before b "
                 "where (b.generation, b.partition) = (c.generation, c.partition)")

    def test_the_log_that_stays_is_exported_imported_and_exported_again_byte_by_byte(self):
        self.retain()
        once, again = os.path.join(self.directory, "once"), os.path.join(self.directory, "again")
        skald("log", "export", once, "--database-url", self.url)
        url = self.imported(once)
        skald("log", "export", again, "--database-url", url)
        with open(once, "rb") as first, open(again, "rb") as second:
            self.assertEqual(first.read(), second.read())
        skald("replay", "verify", "--database-url", url)
        skald("log", "import", "--resume", "--database-url", url)
        engine = self.old_engine = self.engine_of(url)  # the imported log goes on
        self.assertEqual(self.post(f"/v1/sagas/{self.running}/resume", {}).status, 202)
        engine.ended(self.running, "completed")
        self.complete("new")

    def test_killed_in_the_middle_it_has_done_nothing_and_done_again_it_does_all(self):
        before = self.everything()
        reader = self.reader()
        process = Process("retain", [BINARY, "log", "retain", "--older-than", "7d", "--database-url", self.url,
                                     "--export", self.directory], self.directory).start()
        waits = "select count(*) from pg_stat_activity where query like 'rollback to savepoint before_exchange%'"
        wait_until(lambda: self.sql(waits) == [["1"]], "everything is copied and exported, and the exchange waits")
        process.kill()
        self.assertEqual(self.everything(), before)
        reader.stop()
        wait_until(lambda: self.sql("select count(*) from pg_locks where locktype = 'advisory'") == [["0"]], "its session ends")
        told = self.retain("--export", self.directory)
        self.assertEqual(told["leave"], "done")
        self.assertEqual(self.events_of([self.running]), self.of_the_running)
        self.assertIn(told["file"], self.files())

    def test_while_a_reader_holds_the_log_open_nothing_leaves_and_no_file_is_left(self):
        before = self.everything()
        reader = self.reader()
        done = self.retain("--export", self.directory, check=5)
        self.assertIn("hold it open", done.stderr)
        reader.stop()
        self.assertEqual((self.everything(), self.files()), (before, []))

    def test_a_full_disk_fails_the_export_and_nothing_leaves(self):
        before = self.everything()

        def full():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        done = self.retain("--export", self.directory, check=1, preexec_fn=full)
        self.assertIn("cannot be written on", done.stderr)
        self.assertEqual((self.everything(), self.files()), (before, []))
        done = self.retain("--export", os.path.join(self.directory, "nowhere"), check=5)
        self.assertIn("cannot write", done.stderr)
        self.assertEqual((self.everything(), self.files()), (before, []))

    def test_the_age_is_a_week_at_least(self):
        skald("log", "retain", "--older-than", "6d", "--database-url", self.url, check=2)
        skald("log", "retain", "--older-than", "soon", "--database-url", self.url, check=2)
        skald("log", "retain", "--database-url", self.url, check=2)

    def reader(self):
        """Another session that has read the log in a transaction that stays open."""
        reader = Process("reader", ["psql", self.url, "-c",
                                    "begin; set local client_connection_check_interval = '50ms'; "
                                    "select from skald.event limit 1; select pg_sleep(600)"],
                         self.directory, user=self.world.database.user).start()
        wait_until(lambda: self.sql("select count(*) from pg_locks where relation = 'skald.event'::regclass "
                                    "and mode = 'AccessShareLock' and pid <> pg_backend_pid()") != [["0"]], "it reads")
        return reader


del RecruitmentTest, Retention  # bases, not tests


if __name__ == "__main__":
    unittest.main()
