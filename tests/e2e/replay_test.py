"""skald replay, view at and log, on the real program and a real database: sagas and views told again and as they were, a
changed definition held against recorded sagas, every invariant of `replay verify` with a violation planted for it, and
the log exported, imported, frozen and resumed."""

import json
import os
import shutil
import signal
import subprocess
import unittest

from calls import call
from processes import BINARY, SOURCE, Process, wait_until
from world import RECRUITMENT, Engine, RecruitmentTest

ENROLL = "POST /enrollments"


def skald(*arguments, check=None, text=None):
    done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, input=text, check=False,
                          env={k: v for k, v in os.environ.items() if not k.startswith("SKALD_")})
    if check is not None:
        assert done.returncode == check, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


class Recorded(RecruitmentTest):
    """A database with sagas of every end and one that still runs; the engine is stopped, so that databases can be
    made from it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            cls.record()
        except BaseException:
            cls.tearDownClass()
            raise

    @classmethod
    def record(cls):
        engine = cls.engine
        cls.completed = [engine.apply(f"ann{i}", key=f"key-{i}").json["id"] for i in range(5)]
        cls.refused = engine.apply("bob", skill="none").json["saga"]
        cls.enrollment.fault(match=ENROLL, status=503, times=3)
        cls.patient = engine.apply("cem").json["id"]
        for saga in cls.completed + [cls.patient]:
            engine.ended(saga, "completed")
        cls.cancelled = cls.completed.pop()
        engine.cancel(cls.cancelled)
        engine.ended(cls.cancelled, "cancelled")
        cls.enrollment.fault(match=ENROLL, status=503)
        cls.running = engine.apply("dan").json["id"]
        wait_until(lambda: [e["type"] for e in engine.events(cls.running)].count("AttemptFailed") > 2, "it is being retried")
        wait_until(lambda: all(view["lag"]["events"] == 0 for view in call("GET", engine.url + "/v1/views").json["items"]),
                   "the views have taken in all events")
        cls.sagas = cls.completed + [cls.refused, cls.patient, cls.cancelled, cls.running]
        engine.stop()
        cls.url = cls.world.conninfo
        cls.copies = 0

    def setUp(self):  # the services stay as they are: nothing runs
        pass

    def database(self, copy=True, migrated=True, partitions=64):
        """Another database: a copy of the recorded one, or an empty one."""
        type(self).copies += 1
        name = f"copy{self.copies}"
        if copy:
            self.world.database.run("psql", "--host", self.world.database.socket, "--username", "skald", "postgres", "-c",
                                    f"create database {name} template skald")
            return self.url.replace("dbname=skald", "dbname=" + name)
        url = self.world.database.create(name)
        if migrated:
            skald("migrate", "--database-url", url, "--partitions", str(partitions), check=0)
        return url

    def sql(self, url, text):
        return self.world.database.query(url, text)

    def path(self, name):
        return os.path.join(self.world.directory, name)

    def recorded_events(self, saga):
        return int(self.sql(self.url, f"select count(*) from skald.event where saga_id = '{saga}'")[0][0])


class ReplaySaga(Recorded):
    def replay(self, *arguments, check=0):
        done = skald("replay", "saga", *arguments, "--database-url", self.url, "-o", "json", check=check)
        return json.loads(done.stdout) if check == 0 else done

    def test_after_each_event_it_says_how_the_saga_stands_and_what_is_outstanding(self):
        told = self.replay(self.refused)
        self.assertEqual(len(told["items"]), self.recorded_events(self.refused))
        self.assertEqual([item["event"]["version"] for item in told["items"]], list(range(1, len(told["items"]) + 1)))
        first, last = told["items"][0], told["items"][-1]
        self.assertEqual((first["event"]["type"], first["status"], first["outstanding"]), ("SagaStarted", "running", []))
        calls = [command["step"] for item in told["items"] for command in item["outstanding"] if command["do"] == "call"]
        self.assertIn("qualify", calls)
        self.assertEqual((last["status"], last["undo"], last["outstanding"]), ("compensated", "done", []))
        self.assertIn("compensating", [item["status"] for item in told["items"]])

    def test_at_an_event_and_at_a_time_it_shows_the_saga_as_it_was(self):
        told = self.replay(self.completed[0])
        fourth = told["items"][3]
        by_number = self.replay(self.completed[0], "--at", "4")
        by_time = self.replay(self.completed[0], "--until", fourth["event"]["time"])
        self.assertEqual(by_number["saga"]["steps"][0]["status"], "succeeded")
        self.assertEqual(by_number["saga"]["position"], fourth["event"]["position"])
        self.assertEqual(by_number["outstanding"], fourth["outstanding"])
        self.assertIn(by_time["saga"]["status"], ("running", "completed"))

    def test_what_is_not_there_is_not_found_and_what_is_no_time_is_a_usage_fault(self):
        self.replay("0198c1f2-0000-7000-8000-000000000000", check=3)
        self.replay(self.completed[0], "--at", "99", check=3)
        self.replay(self.completed[0], "--until", "2001-01-01T00:00:00Z", check=3)
        self.replay(self.completed[0], "--until", "yesterday", check=2)
        skald("replay", "saga", self.refused, "--database-url", "host=/nowhere dbname=x", check=7)

    def test_the_other_formats_are_documents_too(self):
        lines = skald("replay", "saga", self.refused, "--database-url", self.url, "-o", "jsonl", check=0).stdout.splitlines()
        self.assertEqual(len(lines), self.recorded_events(self.refused))
        self.assertIn("SagaStarted", skald("replay", "saga", self.refused, "--database-url", self.url, check=0).stdout)
        self.assertIn("items:", skald("replay", "saga", self.refused, "--database-url", self.url, "-o", "yaml", check=0).stdout)


class ViewAt(Recorded):
    """skald view at, on a copy whose events happened an hour ago: so nothing of their time can still come."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        one = cls("test_nothing_that_is_kept_is_touched")
        cls.old = one.database()
        one.sql(cls.old, "update skald.event set time = time - interval '1 hour'")

    def at(self, moment, *arguments, url=None, check=0):
        done = skald("view", "at", "recruitment-my-page", "--until", moment, "--database-url", url or self.old, "-o", "json",
                     *arguments, check=check)
        return {row["applicationId"]: row for row in json.loads(done.stdout)["items"]} if check == 0 else done.stderr

    def events(self, saga):
        return self.sql(self.old, "select partition || '-' || position, type, data->>'step', to_char(time at time zone 'utc', "
                                  f"'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') from skald.event where saga_id = '{saga}' order by version")

    def test_after_each_event_a_row_says_what_it_said_then(self):
        saga, status = self.completed[0], None
        begins = {("SagaStarted", ""): "applied", ("StepSucceeded", "qualify"): "qualified", ("StepSucceeded", "enroll"): "enrolled"}
        for position, kind, step, time in self.events(saga):
            status = begins.get((kind, step), status)
            self.assertEqual(self.at(position)[saga]["status"], status, (position, kind))
            self.assertIn(saga, self.at(time))
        self.assertEqual(status, "enrolled")

    def test_at_the_end_the_rows_are_those_that_are_read(self):
        last = self.sql(self.old, "select max(time) + interval '1 second' from skald.event")[0][0].replace(" ", "T") + ":00"
        rows = self.at(last)
        self.assertEqual(set(rows), set(self.sagas))
        self.assertEqual([[row["applicationId"], row["status"], row["reason"] or ""] for row in rows.values()],
                         self.sql(self.old, 'select "applicationId", status, reason from skald_views."recruitment-my-page" order by 1'))
        for form, says in (("table", "enrolled"), ("jsonl", self.cancelled), ("yaml", "items:")):
            done = skald("view", "at", "recruitment-my-page", "--until", last, "--database-url", self.old, "-o", form, check=0)
            self.assertIn(says, done.stdout)
        shown = skald("view", "at", "skald-days", "--until", last, "--database-url", self.old, "-o", "json", check=0)
        self.assertEqual(len(json.loads(shown.stdout)["items"]), 1)

    def test_nothing_that_is_kept_is_touched(self):
        def kept():
            return self.sql(self.old, """select md5(string_agg(t::text, '' order by t::text)) from (
                select c::text from skald.view_checkpoint c union all select v::text from skald.view v
                union all select p::text from skald_views."recruitment-my-page" p) t""")
        before = kept()
        self.at(self.events(self.completed[0])[3][0])
        self.assertEqual(kept(), before)

    def test_what_was_not_yet_is_empty_and_what_cannot_be_told_is_refused(self):
        self.assertEqual(self.at("2001-01-01T00:00:00Z"), {})
        self.assertIn("has not come", self.at("2999-01-01T00:00:00Z", check=6))
        self.assertIn("no event 3-99999", self.at("3-99999", check=3))
        self.assertIn("neither a time", self.at("yesterday", check=2))
        # Something of a moment ago may still be on its way from a lane.
        fresh = self.database()
        self.sql(fresh, "update skald.event set time = time + (clock_timestamp() - (select max(time) from skald.event))")
        self.assertIn("may still be on its way", self.at(self.events(self.running)[-1][0], url=fresh, check=7))
        skald("view", "at", "nobody", "--until", "2001-01-01T00:00:00Z", "--database-url", self.old, check=3)


class ReplayCheck(Recorded):
    def check(self, change, *arguments, code=20):
        """The changed recruitment definition, held against the record."""
        with open(os.path.join(RECRUITMENT, "recruitment.saga.yaml"), encoding="utf-8") as file:
            text = change(file.read())
        changed = self.path("changed.saga.yaml")
        with open(changed, "w", encoding="utf-8") as file:
            file.write(text)
        done = skald("replay", "check", "--definition", changed, "--database-url", self.url, "-o", "json", *arguments,
                     check=code)
        return json.loads(done.stdout)

    @staticmethod
    def replaced(old, new):
        def change(text):
            assert old in text, f"{old} is in the definition"
            return text.replace(old, new)
        return change

    def test_the_same_definition_leads_every_saga_the_same_way(self):
        told = self.check(lambda text: text, "--all", code=0)
        self.assertEqual((told["sagas"], told["diverged"], told["items"]), (len(self.sagas), 0, []))

    def test_how_long_and_how_often_is_waited_leads_no_other_way(self):
        self.check(self.replaced("maximumInterval: ", "maximumInterval: 1"), "--all", code=0)

    def test_another_path_is_told_with_the_event_where_it_matters(self):
        told = self.check(self.replaced("path: /enrollments\n", "path: /enrolments\n"), "--all")
        found = {item["saga"]: item for item in told["items"]}
        self.assertNotIn(self.refused, found)  # it was never enrolled
        self.assertEqual(found[self.completed[0]]["event"], 6)
        self.assertIn("/enrolments instead of /enrollments", found[self.completed[0]]["why"])

    def test_another_body_is_told_though_no_event_holds_bodies(self):
        told = self.check(self.replaced("recruitmentId: ${ .saga.id }\n        skill: ${ .input.skill }",
                                        "recruitmentId: ${ .saga.id }\n        skill: ${ .input.job }"))
        self.assertEqual(told["diverged"], len(self.sagas))
        self.assertIn("request.body.skill", told["items"][0]["why"])
        self.assertEqual(told["items"][0]["event"], 4)

    def test_a_limit_of_attempts_that_some_sagas_exceeded_diverges_for_these_alone(self):
        told = self.check(self.replaced("retry: patient", "retry: { maximumAttempts: 2 }"))
        self.assertEqual({item["saga"] for item in told["items"]}, {self.patient, self.running})
        self.assertIn("AttemptFailed enroll", told["items"][0]["recorded"])
        self.assertIn("StepFailed enroll", told["items"][0]["expected"])

    def test_an_input_that_would_be_refused_diverges_at_its_start(self):
        told = self.check(self.replaced("minimum: 15", "minimum: 65"))
        self.assertEqual((told["diverged"], told["items"][0]["event"]), (len(self.sagas), 1))
        self.assertIn("/age", told["items"][0]["why"])

    def test_a_sample_is_always_the_same(self):
        change = self.replaced("minimum: 15", "minimum: 65")
        first, second = self.check(change, "--sample", "3"), self.check(change, "--sample", "3")
        self.assertEqual((first["sagas"], first["items"]), (3, second["items"]))

    def test_the_page_about_changing_a_saga_says_what_happens(self):
        with open(os.path.join(SOURCE, "sagas", "EVOLVING.md"), encoding="utf-8") as page:
            lines = page.read().split("```diff\n")[1].split("```")[0].splitlines()
        before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
        after = "\n".join(line[1:] for line in lines if not line.startswith("-"))
        change = self.replaced(before, after)
        told = self.check(change)
        self.assertEqual({item["saga"] for item in told["items"]}, set(self.sagas) - {self.refused})
        for item in told["items"]:
            self.assertEqual((item["event"], item["recorded"]), (6, "StepRequested enroll, POST enrollment /enrollments"))
            self.assertIn("request.body.applicant", item["why"])
        url = self.database()
        self.enrollment.ensure()
        engine = Engine(self.path(""), url, self.world.services)
        engine.process.log_file = self.path("engine-evolved.log")
        engine.start()
        try:
            with open(self.path("changed.saga.yaml"), "rb") as file:
                put = call("PUT", engine.url + "/v1/definitions/recruitment", file.read(), {"Content-Type": "application/yaml"})
            self.assertEqual(put.status, 201, put)
            self.assertEqual(engine.ended(engine.apply("eve").json["id"], "completed")["version"], 2)
            self.assertEqual(engine.ended(self.running, "completed")["version"], 1)
        finally:
            engine.stop()
            self.enrollment.fault(match=ENROLL, status=503)
        skald("replay", "verify", "--database-url", url, check=0)

    def test_a_definition_with_faults_is_invalid(self):
        faulty = self.path("faulty.saga.yaml")
        with open(faulty, "w", encoding="utf-8") as file:
            file.write("saga: recruitment\nstepz: []\n")
        self.assertIn("stepz", skald("replay", "check", "--definition", faulty, "--database-url", self.url, check=6).stderr)


class ReplayVerify(Recorded):
    def violations(self, url):
        done = skald("replay", "verify", "--database-url", url, "-o", "json")
        told = json.loads(done.stdout)
        self.assertEqual(done.returncode, 20 if told["items"] else 0, done.stderr)
        return told

    def planted(self, *statements):
        """The invariants that are found violated after these statements, in a copy."""
        url = self.database()
        self.sql(url, "; ".join(statements))
        told = self.violations(url)
        self.assertEqual(told["violations"], len(told["items"]))
        return {item["invariant"] for item in told["items"]}, told["items"]

    def event(self, saga, condition):
        return f"saga_id = '{saga}' and {condition}"

    def test_what_the_engine_wrote_holds(self):
        told = self.violations(self.url)
        self.assertEqual(told["items"], [])
        self.assertEqual(told["sagas"], len(self.sagas))
        self.assertEqual(told["events"], sum(self.recorded_events(saga) for saga in self.sagas))

    def test_i4_events_behind_the_end_are_found(self):
        saga = self.refused
        found, _ = self.planted(
            f"""insert into skald.event select e.position + 1, e.time, e.saga_id, e.version + 1, e.writer, e.partition,
                'SagaPaused', '{{}}' from skald.event e where {self.event(saga, "type = 'SagaEnded'")}
                and not exists (select from skald.event n where n.partition = e.partition and n.position > e.position)""")
        self.assertIn("I4", found)

    def test_i5_a_hole_among_the_positions_and_versions_is_found(self):
        found, items = self.planted(f"delete from skald.event where {self.event(self.completed[0], 'version = 4')}")
        self.assertIn("I5", found)
        self.assertTrue(any("is missing" in item["detail"] for item in items), items)

    def table(self, url, view):
        """The table of the rows that are read."""
        return self.sql(url, f"""select 'skald_views.' || quote_ident(relation) from skald.view_generation
                                 join skald.view on active = generation where name = '{view}'""")[0][0]

    def differences(self, statement, view="recruitment-my-page", expected=20):
        """What verify finds in the views after that statement ({} is the view's table), and what it notes."""
        url = self.database()
        self.sql(url, statement.format(self.table(url, view)))
        done = skald("replay", "verify", "--view", view, "--database-url", url, "-o", "json", check=expected)
        told = json.loads(done.stdout)
        self.assertEqual(told["views"], 1)
        self.assertEqual(told["violations"], len(told["items"]))
        return told["items"], told["notes"]

    def test_i11_the_views_are_what_a_fresh_fold_gives(self):
        told = self.violations(self.url)
        self.assertEqual((told["items"], told["views"]), ([], 4))
        skald("replay", "verify", "--view", "nobody", "--database-url", self.url, check=3)

    def test_i11_a_value_that_was_changed_is_told_with_its_row_and_what_it_should_be(self):
        saga = self.completed[0]
        items, _ = self.differences(f"""update {{}} set status = 'fired', age = null where "applicationId" = '{saga}'""")
        self.assertEqual({(i["column"], i["stored"], i["folded"]) for i in items}, {("status", "fired", "enrolled"), ("age", None, "30")})
        for item in items:
            self.assertEqual((item["invariant"], item["view"], item["key"]), ("I11", "recruitment-my-page", {"applicationId": saga}))
            self.assertEqual(item["place"], "recruitment-my-page/" + saga)

    def test_i11_a_row_that_is_missing_and_one_too_many_are_told(self):
        items, _ = self.differences(f"""delete from {{}} where "applicationId" = '{self.refused}'""")
        self.assertEqual([(i["key"], i["column"], i["detail"]) for i in items],
                         [({"applicationId": self.refused}, None, "the row is missing")])
        stranger = "0198c1f2-0000-7000-8000-000000000000"
        items, _ = self.differences(f"""insert into {{}} ("applicationId", status) values ('{stranger}', 'applied')""")
        self.assertEqual([(i["key"], i["detail"]) for i in items], [({"applicationId": stranger}, "the row should not be there")])

    def test_i11_the_built_in_views_are_compared_too_and_so_is_what_is_hidden(self):
        items, _ = self.differences("update {} set status = 'completed'", "skald-sagas")
        self.assertEqual({i["key"]["sagaId"] for i in items}, {self.refused, self.cancelled, self.running})
        items, _ = self.differences("update {} set started = started + 1", "skald-days")
        self.assertEqual({i["column"] for i in items}, {"started"})

    def test_i11_a_checkpoint_that_was_set_back_would_count_events_twice(self):
        at = f"""update skald.view_checkpoint c set position = position - 1 from skald.view_generation g
                 where g.generation = c.generation and g.view = 'skald-days' and c.position > 0"""
        items, notes = self.differences(at, "skald-days")
        self.assertTrue(items)
        self.assertEqual({i["invariant"] for i in items}, {"I11"})
        self.assertIn("behind the log", notes[0])

    def test_i12_a_checkpoint_beyond_the_log_and_one_that_is_missing_are_told(self):
        of_view = "where generation = (select active from skald.view where name = 'skald-sagas') and partition = 7"
        for statement, sentence in ((f"update skald.view_checkpoint set position = 999 {of_view}", "is 999, and the log ends at"),
                                    (f"delete from skald.view_checkpoint {of_view}", "no checkpoint of partition 7")):
            items, _ = self.differences(statement, "skald-sagas")
            self.assertIn(("I12", True), [(i["invariant"], sentence in i["detail"]) for i in items])

    def test_a_view_that_is_behind_or_built_is_no_false_alarm(self):
        paused = f"""insert into skald.event select e.position + 1, e.time, e.saga_id, e.version + 1, e.writer, e.partition,
                     'SagaEnded', '{{{{"status":"failed"}}}}' from skald.event e where e.saga_id = '{self.running}'
                     order by e.position desc limit 1"""
        items, notes = self.differences(paused, expected=0)
        self.assertEqual((items, len(notes)), ([], 1))
        self.assertIn("is 1 event behind the log", notes[0])
        again = """select skald.make_generation(view, hash, source, '"applicationId" uuid primary key', true)
                   from skald.view_generation where view = 'recruitment-my-page'"""
        items, notes = self.differences(again, expected=0)
        self.assertIn("is being rebuilt beside the one that is read", notes[0])

    def test_what_verify_folds_nobody_else_sees(self):
        before = self.sql(self.url, "select count(*) from pg_class")
        skald("replay", "verify", "--database-url", self.url, check=0)
        self.assertEqual(self.sql(self.url, "select count(*) from pg_class"), before)

    def test_i5_the_last_events_of_a_partition_may_not_be_gone(self):
        found, _ = self.planted(f"delete from skald.event where {self.event(self.completed[0], 'version = 8')}")
        self.assertTrue(found & {"I7", "rows"}, found)

    def test_i5_a_time_that_falls_is_found(self):
        found, _ = self.planted(
            f"update skald.event set time = time - interval '1 hour' where {self.event(self.completed[0], 'version = 5')}")
        self.assertIn("I5", found)

    def test_i6_an_unknown_writer_and_one_that_was_not_revoked_are_found(self):
        event = self.event(self.completed[0], "version = 8")
        found, _ = self.planted(f"update skald.event set writer = 4711 where {event}")
        self.assertEqual(found, {"I6"})
        later = self.event(self.completed[0], "version >= 5")
        found, items = self.planted(
            "insert into skald.writer (node, lane, incarnation) values ('other', 0, gen_random_uuid())",
            "update skald.writer set revoked_at = null where node = 'e2e'",
            f"update skald.event set writer = (select writer from skald.writer where node = 'other') where {later}")
        self.assertEqual(found, {"I6"})
        self.assertTrue(any("was not revoked" in item["detail"] for item in items), items)

    def test_i6_a_writer_that_comes_back_is_found(self):
        found, items = self.planted(
            "insert into skald.writer (node, lane, incarnation, revoked_at) values ('other', 0, gen_random_uuid(), now())",
            f"""update skald.event set writer = (select writer from skald.writer where node = 'other')
                where {self.event(self.completed[0], 'version = 5')}""")
        self.assertEqual(found, {"I6"})
        self.assertTrue(any("appends again" in item["detail"] for item in items), items)

    def test_i7_an_event_that_the_rules_would_not_write_is_found(self):
        for change in ("data = jsonb_set(data::jsonb, '{request,path}', '\"/elsewhere\"')::json",
                       "type = 'CompensationRequested'",
                       "data = jsonb_set(data::jsonb, '{step}', '\"enroll\"')::json"):
            found, items = self.planted(
                f"update skald.event set {change} where {self.event(self.completed[0], 'version = 4')}")
            self.assertTrue(found & {"I7", "I8"}, (change, items))
            self.assertTrue(any(item["place"] == self.completed[0] + " 4" for item in items), items)

    def test_i7_an_event_that_cannot_be_read_is_found(self):
        found, _ = self.planted(f"update skald.event set type = 'Nonsense' where {self.event(self.completed[0], 'version = 4')}")
        self.assertEqual(found, {"I7", "I11"})  # nor can a view be folded

    def test_i8_an_undo_that_is_missing_or_of_another_step_is_found(self):
        first_undo = "version = (select min(version) from skald.event f where f.saga_id = event.saga_id and f.type = 'CompensationRequested')"
        found, _ = self.planted(
            f"""update skald.event set data = jsonb_set(data::jsonb, '{{step}}', '"apply"')::json
                where {self.event(self.cancelled, first_undo)}""")
        self.assertIn("I8", found)
        # As if the saga had ended with one undo less, and everything moved up.
        ended = self.sql(self.url, f"select version from skald.event where saga_id = '{self.refused}' and type = 'CompensationRequested'")[0][0]
        found, _ = self.planted(
            f"""update skald.event e set type = last.type, data = last.data from skald.event last
                where e.saga_id = '{self.refused}' and last.saga_id = e.saga_id and e.version = {ended} and last.type = 'SagaEnded'""")
        self.assertIn("I8", found)

    def test_rows_beside_the_log_that_say_something_else_are_found(self):
        saga = self.completed[0]
        for change, column in (("status = 'running'", "status"), ("ended_at = null", "ended_at"),
                               ("business_key = 'someone'", "business_key"), ("start_key = 'other'", "start_key"),
                               ("started_at = started_at - interval '1 second'", "started_at"),
                               ("definition_hash = 'x'", "definition_hash"), ("due_at = now()", "due_at")):
            found, items = self.planted(f"update skald.saga set {change} where saga_id = '{saga}'")
            self.assertEqual(found, {"rows"}, (change, items))
            self.assertTrue(any(item["detail"].startswith(column) for item in items), (change, items))

    def test_rows_without_events_and_events_without_rows_are_found(self):
        found, items = self.planted(f"delete from skald.saga where saga_id = '{self.completed[0]}'")
        self.assertEqual(found, {"rows"})
        self.assertEqual(len(items), 2, items)  # the events, and the start key
        found, _ = self.planted("delete from skald.start_key")
        self.assertEqual(found, {"rows"})
        found, items = self.planted(f"delete from skald.event where saga_id = '{self.running}'")
        self.assertIn("rows", found)

    def test_it_finds_nothing_while_an_engine_works_and_disturbs_nobody(self):
        url = self.database()
        engine = Engine(self.path(""), url, self.world.services)
        self.enrollment.ensure()
        engine.process.name = "engine-verified"
        engine.process.log_file = self.path("engine-verified.log")
        engine.start()
        try:
            for turn in range(10):
                for i in range(10):
                    self.assertEqual(engine.apply(f"busy{turn}-{i}").status, 201)
                self.assertEqual(self.violations(url)["items"], [])
            engine.kill()
            self.assertEqual(self.violations(url)["items"], [])
        finally:
            engine.stop()


class Log(Recorded):
    def export(self, url, name):
        skald("log", "export", self.path(name), "--database-url", url, check=0)
        with open(self.path(name), "rb") as file:
            return file.read()

    def imported(self, name="exported.jsonl"):
        url = self.database(copy=False)
        skald("log", "import", self.path(name), "--database-url", url, check=0)
        return url

    def rows(self, url):
        return self.sql(url, "select saga_id, definition, definition_version, business_key, start_key, status, started_at, "
                             "ended_at, first_position from skald.saga order by saga_id")

    def test_what_is_exported_and_imported_is_exported_again_byte_by_byte(self):
        first = self.export(self.url, "exported.jsonl")
        url = self.imported()
        self.assertEqual(self.export(url, "again.jsonl"), first)
        self.assertEqual(self.rows(url), self.rows(self.url))
        skald("replay", "verify", "--database-url", url, check=0)
        for saga in self.sagas:
            told = [skald("replay", "saga", saga, "--database-url", of, "-o", "json", check=0).stdout for of in (url, self.url)]
            self.assertEqual(*told)

    def test_the_views_of_an_imported_log_come_by_themselves_and_are_the_same(self):
        self.export(self.url, "exported.jsonl")
        url = self.imported()
        skald("log", "import", "--resume", "--database-url", url, check=0)
        bare = self.path("without-views")  # no file declares the view here
        os.mkdir(bare)
        for name in ("recruitment.saga.yaml", "services.yaml"):
            shutil.copy(os.path.join(RECRUITMENT, name), bare)
        self.enrollment.ensure()
        self.enrollment.fault(match=ENROLL, status=503)
        engine = Engine(self.path(""), url, self.world.services, definitions=bare)
        engine.process.log_file = self.path("engine-imported.log")
        engine.start()
        try:
            def views():
                return call("GET", engine.url + "/v1/views").json["items"]
            wait_until(lambda: len(views()) == 4 and all(v["status"] == "live" and v["lag"]["events"] == 0 for v in views()),
                       "the views are filled")
        finally:
            engine.stop()
        def hashed(of):
            return self.sql(of, """select count(*), md5(string_agg(p::text, '|' order by "applicationId"))
                                   from skald_views."recruitment-my-page" p""")
        self.assertEqual(hashed(url), hashed(self.url))
        self.assertEqual(hashed(url)[0][0], str(len(self.sagas)))
        self.assertEqual(json.loads(skald("replay", "verify", "--database-url", url, "-o", "json", check=0).stdout)["views"], 4)

    def test_a_pipe_will_do(self):
        done = skald("log", "export", "--database-url", self.url, check=0)
        url = self.database(copy=False)
        skald("log", "import", "-", "--database-url", url, text=done.stdout, check=0)
        self.assertEqual(skald("log", "export", "--database-url", url, check=0).stdout, done.stdout)

    def test_an_imported_log_is_frozen_until_it_is_resumed_and_then_its_sagas_go_on(self):
        self.export(self.url, "exported.jsonl")
        url = self.imported()
        refused = skald("serve", "--database-url", url, "--port", "0", "--node", "x", check=5)
        self.assertIn("skald log import --resume", refused.stderr)
        # Nor can a lane of a node that had begun before, or does not ask, register.
        entered = subprocess.run(["psql", url, "-c", "select skald.enter('x', 0, 1, gen_random_uuid())"],
                                 capture_output=True, text=True, check=False)
        self.assertNotEqual(entered.returncode, 0)
        self.assertIn("frozen", entered.stderr)
        before = self.sql(url, "select count(*) from skald.event")
        skald("log", "import", "--resume", "--database-url", url, check=0)
        skald("log", "import", "--resume", "--database-url", url, check=5)
        self.enrollment.ensure()
        engine = Engine(self.path(""), url, self.world.services)
        engine.process.log_file = self.path("engine-resumed.log")
        engine.start()
        try:
            engine.ended(self.running, "completed")
        finally:
            engine.stop()
            self.enrollment.fault(match=ENROLL, status=503)
        self.assertGreater(int(self.sql(url, "select count(*) from skald.event")[0][0]), int(before[0][0]))
        skald("replay", "verify", "--database-url", url, check=0)

    def assert_refused(self, text, sentence, code=6):
        name = self.path("refused.jsonl")
        with open(name, "wb") as file:
            file.write(text)
        url = self.database(copy=False)
        done = skald("log", "import", name, "--database-url", url, check=code)
        self.assertIn(sentence, done.stderr)
        self.assertEqual(self.sql(url, "select count(*) from skald.event")[0][0], "0")
        skald("log", "import", self.path("exported.jsonl"), "--database-url", url, check=0)

    def test_a_log_that_is_cut_changed_or_out_of_order_is_refused_and_leaves_nothing(self):
        text = self.export(self.url, "exported.jsonl")
        lines = text.splitlines(keepends=True)
        events = [i for i, line in enumerate(lines) if line.startswith(b'{"partition"')]
        self.assert_refused(b"".join(lines[:-1]), "cut short")
        self.assert_refused(b"".join(lines[:events[3]] + lines[events[3] + 1:]), "line")
        swapped = list(lines)
        swapped[events[0]], swapped[events[1]] = swapped[events[1]], swapped[events[0]]
        self.assert_refused(b"".join(swapped), "line")
        self.assert_refused(text.replace(b"welder", b"wilder", 1), "its end tells of other lines")
        self.assert_refused(b"{}\n", "no line of an exported log")
        self.assert_refused(text + b"{}\n", "behind the end")

    def test_it_wants_an_empty_database_of_as_many_partitions(self):
        self.export(self.url, "exported.jsonl")
        name = self.path("exported.jsonl")
        self.assertIn("empty", skald("log", "import", name, "--database-url", self.database(), check=5).stderr)
        few = self.database(copy=False, partitions=8)
        self.assertIn("64 partitions", skald("log", "import", name, "--database-url", few, check=5).stderr)
        bare = self.database(copy=False, migrated=False)
        self.assertIn("skald migrate", skald("log", "import", name, "--database-url", bare, check=5).stderr)

    def test_an_import_that_is_killed_leaves_an_empty_database(self):
        text = self.export(self.url, "exported.jsonl").splitlines(keepends=True)
        url = self.database(copy=False)
        process = subprocess.Popen([BINARY, "log", "import", "-", "--database-url", url], stdin=subprocess.PIPE)
        process.stdin.write(b"".join(text[:-3]))
        process.stdin.flush()
        wait_until(lambda: self.sql(url, "select count(*) from pg_stat_activity where datname = current_database() "
                                         "and state = 'idle in transaction'")[0][0] == "1", "the import has begun")
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdin.close()
        wait_until(lambda: self.sql(url, "select count(*) from pg_stat_activity where datname = current_database() "
                                         "and state = 'idle in transaction'")[0][0] == "0", "its session has ended")
        self.assertEqual(self.sql(url, "select (select count(*) from skald.event) + (select count(*) from skald.writer)"),
                         [["0"]])
        skald("log", "import", self.path("exported.jsonl"), "--database-url", url, check=0)

    def test_an_export_that_is_killed_leaves_no_file_that_looks_whole(self):
        name = self.path("killed.jsonl")
        self.sql(self.url, "select 1")
        locked = subprocess.Popen(["psql", self.url], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        locked.stdin.write(b"begin; lock table skald.event in access exclusive mode;\n")
        locked.stdin.flush()
        wait_until(lambda: self.sql(self.url, "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and granted "
                                              "and relation = 'skald.event'::regclass")[0][0] == "1", "the log is locked")
        process = subprocess.Popen([BINARY, "log", "export", name, "--database-url", self.url])
        wait_until(lambda: os.path.exists(name + ".part"), "the export has begun")
        process.send_signal(signal.SIGKILL)
        process.wait()
        locked.stdin.close()
        locked.wait()
        self.assertFalse(os.path.exists(name))

    def test_tail_shows_the_last_events_and_those_that_are_asked_for(self):
        def tail(*arguments):
            done = skald("log", "tail", "--database-url", self.url, "-o", "jsonl", *arguments, check=0)
            return [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(tail("-n", "3")), 3)
        of_one = tail("-n", "100", "--saga", self.refused)
        self.assertEqual([line["event"]["version"] for line in of_one], list(range(1, self.recorded_events(self.refused) + 1)))
        ends = tail("-n", "100", "--type", "SagaEnded")
        self.assertEqual({line["event"]["type"] for line in ends}, {"SagaEnded"})
        self.assertEqual(len(ends), len(self.sagas))  # the cancelled one ended twice, the running one not yet
        self.assertEqual(tail("--name", "nothing"), [])
        skald("log", "tail", "--database-url", self.url, "-f", "-o", "json", check=2)

    def test_tail_follows(self):
        url = self.database()
        file = self.path("followed.jsonl")
        follower = Process("follower", [BINARY, "log", "tail", "-f", "-n", "0", "--type", "SagaEnded", "-o", "jsonl",
                                        "--database-url", url], self.path(""))
        follower.log_file = file
        follower.start()
        self.enrollment.ensure()
        engine = Engine(self.path(""), url, self.world.services)
        engine.process.log_file = self.path("engine-followed.log")
        engine.start()
        try:
            sagas = {engine.apply(f"followed{i}").json["id"] for i in range(5)}
            def ended():
                with open(file, encoding="utf-8") as lines:
                    return {json.loads(line)["saga"] for line in lines if line.endswith("\n")}
            wait_until(lambda: sagas <= ended(), "all ends are told")
        finally:
            engine.stop()
            follower.stop()
            self.enrollment.fault(match=ENROLL, status=503)

    def test_stats_count_what_is_there(self):
        told = json.loads(skald("log", "stats", "--database-url", self.url, "-o", "json", check=0).stdout)
        self.assertEqual(told["sagas"], len(self.sagas))
        self.assertEqual(told["events"], sum(self.recorded_events(saga) for saga in self.sagas))
        self.assertEqual(sum(kind["events"] for kind in told["types"]), told["events"])
        self.assertEqual(sum(one["events"] for one in told["partitions"]), told["events"])
        self.assertEqual(told["definitions"][0]["name"], "recruitment")
        self.assertEqual(told["definitions"][0]["running"], 1)
        self.assertGreaterEqual(len(told["segments"]), 2)
        self.assertIn("SagaStarted", skald("log", "stats", "--database-url", self.url, check=0).stdout)


class AsOf(RecruitmentTest):
    def get(self, path, headers=None):
        return call("GET", self.engine.url + path, headers=headers)

    def test_a_saga_is_shown_as_it_was_after_each_event_and_at_each_time(self):
        saga = self.engine.apply("asof").json["id"]
        self.engine.ended(saga, "completed")
        events = self.engine.events(saga)
        for number, event in enumerate(events, 1):
            then = self.get(f"/v1/sagas/{saga}?at={number}")
            self.assertEqual(then.status, 200, then)
            self.assertEqual((then.json["position"], then.headers["ETag"]), (event["position"], f'"{number}"'))
            self.assertEqual(then.json["status"], "completed" if number == len(events) else "running")
            last = max(n for n, e in enumerate(events, 1) if e["time"] == event["time"])
            at_time = self.get(f"/v1/sagas/{saga}?at={event['time']}")
            if last < len(events):
                self.assertEqual(at_time.headers["ETag"], f'"{last}"', at_time)
            else:  # nothing came later yet, so something of that very time still might
                self.assertEqual((at_time.status, "Retry-After" in at_time.headers), (503, True), at_time)
        self.assertEqual(self.get(f"/v1/sagas/{saga}?at={len(events)}").json, self.engine.saga(saga))
        self.assertEqual(self.get(f"/v1/sagas/{saga}?at=3", {"If-None-Match": '"3"'}).status, 304)

    def test_what_was_not_yet_is_not_found_and_what_is_to_come_is_refused(self):
        saga = self.engine.apply("notyet").json["id"]
        self.engine.ended(saga, "completed")
        for at, status in (("99", 404), ("2001-01-01T00:00:00Z", 404), ("2999-01-01T00:00:00Z", 422),
                           ("yesterday", 400), ("0", 400)):
            answer = self.get(f"/v1/sagas/{saga}?at={at}")
            self.assertEqual(answer.status, status, answer)
            self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertEqual(self.get(f"/v1/sagas/{saga}?at=3&wait=1s", {"If-None-Match": '"3"'}).status, 400)
        self.assertEqual(self.get("/v1/sagas/0198c1f2-0000-7000-8000-000000000000?at=1").status, 404)


del RecruitmentTest, Recorded  # bases, not tests


if __name__ == "__main__":
    unittest.main()
