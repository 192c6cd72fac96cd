"""The command line as a shell script meets it: exit codes, one valid document on standard output, everything else on
standard error."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from processes import BINARY, Process, free_port, wait_until
from world import RECRUITMENT, RecruitmentTest

INPUT = {"applicantId": "ann", "name": "Ann", "age": 30, "skill": "welding", "job": "welder"}
SAGA = os.path.join(RECRUITMENT, "recruitment.saga.yaml")


def skald(*arguments, stdin="", directory=None, **environment):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SKALD_")}
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60, check=False, input=stdin,
                          cwd=directory, env={**kept, **environment})


class Client(RecruitmentTest):
    def skald(self, *arguments, **more):
        return skald(*arguments, SKALD_SERVER=self.engine.url, **more)

    def start(self, *arguments, **changes):
        return self.skald("start", "recruitment", "--input", json.dumps({**INPUT, **changes}), *arguments)

    def test_a_saga_that_completes_ends_with_0_and_is_one_json_document(self):
        done = self.start("--wait", "-o", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["status"], "completed")
        self.assertEqual(done.stderr, "")

    def test_a_start_that_the_business_refuses_ends_with_6_and_with_wait_with_10(self):
        refused = self.start(skill="none")
        self.assertEqual((refused.returncode, refused.stdout), (6, ""))
        self.assertIn("Not qualified", refused.stderr)
        undone = self.start("--wait", "-o", "json", skill="none")
        self.assertEqual(undone.returncode, 10, undone.stderr)
        self.assertEqual(json.loads(undone.stdout)["status"], "compensated")

    def test_a_service_that_is_down_ends_with_7_and_with_wait_with_10(self):
        self.qualification.fault(match="POST /checks", status=503)
        self.assertEqual(self.start().returncode, 7)
        self.assertEqual(self.start("--wait").returncode, 10)

    def test_a_saga_that_is_cancelled_while_it_is_waited_for_ends_with_12(self):
        self.enrollment.fault(match="POST /enrollments action", status=503)
        waiting = subprocess.Popen([BINARY, "start", "recruitment", "--wait", "-o", "json", "--server", self.engine.url,
                                    "--input", json.dumps({**INPUT, "applicantId": "cancelled"})],
                                   stdout=subprocess.PIPE, text=True)
        listed = wait_until(lambda: json.loads(self.skald("list", "--business-key", "cancelled", "-o", "json").stdout)["items"],
                            "the saga is listed")
        self.assertEqual(self.skald("cancel", listed[0]["id"], "--reason", "too late").returncode, 0)
        out, _ = waiting.communicate(timeout=60)
        self.assertEqual(waiting.returncode, 12)
        self.assertEqual(json.loads(out)["status"], "cancelled")

    def test_the_same_key_gives_the_same_saga_and_with_another_input_6(self):
        first, again = [json.loads(self.start("--key", "k", "-o", "json").stdout)["id"] for _ in range(2)]
        self.assertEqual(first, again)
        self.assertEqual(self.start("--key", "k", job="baker").returncode, 6)

    def test_an_input_comes_from_a_file_or_from_standard_input(self):
        for argument in ("@-", "@/dev/stdin"):
            done = self.skald("start", "recruitment", "--input", argument, "--wait", stdin=json.dumps(INPUT))
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.skald("start", "recruitment", "--input", "@/no/such").returncode, 6)
        self.assertEqual(self.skald("start", "recruitment", "--input", "{oops").returncode, 6)

    def test_an_input_that_does_not_fit_names_each_fault_with_its_pointer(self):
        done = self.start(age="old", skill=5)
        self.assertEqual(done.returncode, 6)
        self.assertIn("/age", done.stderr)
        self.assertIn("/skill", done.stderr)

    def test_what_does_not_exist_ends_with_3(self):
        unknown = "0198c1f2-0000-7000-8000-000000000000"
        for arguments in (("show", unknown), ("events", unknown), ("cancel", unknown), ("show", "nonsense"),
                          ("start", "nonsense", "--input", "{}")):
            self.assertEqual(self.skald(*arguments).returncode, 3, arguments)

    def test_every_format_of_list_and_events_is_valid(self):
        saga = json.loads(self.start("--wait", "-o", "json").stdout)["id"]
        self.assertTrue(any(item["id"] == saga for item in json.loads(self.skald("list", "-o", "json").stdout)["items"]))
        lines = [json.loads(line) for line in self.skald("events", saga, "-o", "jsonl").stdout.splitlines()]
        self.assertEqual(len(lines), 8)
        self.assertEqual([line["version"] for line in lines], list(range(1, 9)))
        self.assertIn("status: completed", self.skald("show", saga, "-o", "yaml").stdout)
        table = self.skald("events", saga).stdout
        self.assertEqual(table.splitlines()[0].split(), ["TIME", "WHAT", "STEP", "DETAIL"])
        self.assertEqual(len(table.splitlines()), 9)
        self.assertNotIn("\x1b", table)

    def test_a_page_names_the_cursor_of_the_next_one_on_standard_error(self):
        for _ in range(2):
            self.start("--wait")
        first = self.skald("list", "--limit", "1")
        self.assertEqual(len(first.stdout.splitlines()), 2)
        cursor = first.stderr.split("--cursor ")[1].strip()
        second = self.skald("list", "--limit", "1", "--cursor", cursor)
        self.assertEqual(second.returncode, 0, second.stderr)
        self.assertNotEqual(first.stdout.splitlines()[1], second.stdout.splitlines()[1])

    def test_following_a_story_ends_with_the_saga(self):
        saga = json.loads(self.start("-o", "json").stdout)["id"]
        told = self.skald("events", saga, "--follow", "-o", "jsonl")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertEqual([json.loads(line)["version"] for line in told.stdout.splitlines()], list(range(1, 9)))
        self.assertEqual(self.skald("events", saga, "--follow", "-o", "json").returncode, 2)

    def test_doctor_finds_the_database_well(self):
        found = skald("doctor", "--database-url", self.world.conninfo, "-o", "json")
        self.assertEqual(found.returncode, 0, found.stdout)
        results = {item["check"]: item["result"] for item in json.loads(found.stdout)["items"]}
        for check in ("database", "version", "schema", "fsync", "synchronous_commit", "clock"):
            self.assertEqual(results[check], "ok", check)


class Alone(unittest.TestCase):
    """What needs no server."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="skald-cli-")
        self.addCleanup(shutil.rmtree, self.directory)

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def test_usage_faults_end_with_2_and_suggest_what_was_meant(self):
        for arguments, meant in ((["strat"], "start"), (["list", "--limt", "3"], "--limit"), (["start"], ""),
                                 (["list", "-o", "xml"], ""), (["list", "--limit", "many"], ""), (["show", "a", "b"], "")):
            done = skald(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn(meant, done.stderr)

    def test_no_server_ends_with_7(self):
        done = skald("list", "--server", f"http://127.0.0.1:{free_port()}")
        self.assertEqual((done.returncode, done.stdout), (7, ""))
        self.assertEqual(skald("list", "--server", "https://127.0.0.1").returncode, 6)

    def test_validate_shows_every_fault_with_its_place_and_ends_with_6(self):
        self.assertEqual(skald("validate", SAGA).returncode, 0)
        with open(SAGA, encoding="utf-8") as source:
            good = source.read()
        bad = self.write("bad.saga.yaml", good.replace("answerAfter: qualify", "answerAfter: qualfy").replace("age: ${", "age: ${ ("))
        done = skald("validate", bad)
        self.assertEqual(done.returncode, 6)
        self.assertGreaterEqual(done.stdout.count(f"{bad}:"), 2)
        self.assertIn("qualify", done.stdout)
        report = json.loads(skald("validate", SAGA, bad, "-o", "json").stdout)["items"]
        self.assertEqual([item["valid"] for item in report if item["file"].endswith(".saga.yaml")], [True, False])

    def test_validate_knows_views_and_holds_them_against_the_sagas_beside_them(self):
        view = ("view: v\nkey: { id: \"${ .saga.id }\" }\ncolumns: { id: uuid, a: text }\n"
                "rules:\n  - { event: SagaEnded, saga: recruitment, set: { a: x } }\n")
        good = self.write("good.view.yaml", view)
        self.assertEqual(skald("validate", good).returncode, 0)
        bad = self.write("bad.view.yaml", view.replace("SagaEnded", "SagaEndet"))
        done = skald("validate", bad)
        self.assertEqual(done.returncode, 6)
        self.assertIn(f'{bad}:5:14: error: there is no event \'SagaEndet\'; did you mean "SagaEnded"?', done.stdout)
        shutil.copy(SAGA, self.directory)
        other = self.write("other.view.yaml", view.replace("saga: recruitment", "saga: recruitmnt"))
        done = skald("validate", other)
        self.assertEqual(done.returncode, 0)
        self.assertIn("warning: there is no saga 'recruitmnt' yet", done.stdout)

    def test_validate_takes_services_from_beside_the_file_or_from_the_option(self):
        shutil.copy(SAGA, self.directory)
        saga = os.path.join(self.directory, "recruitment.saga.yaml")
        self.assertEqual(skald("validate", saga).returncode, 0)  # no services.yaml: names are not checked
        services = self.write("services.yaml", "services: { recruitment: { url: http://127.0.0.1:1 } }\n")
        self.assertEqual(skald("validate", saga).returncode, 6)
        self.assertEqual(skald("validate", saga, "--services", os.path.join(RECRUITMENT, "services.yaml")).returncode, 0)
        self.assertEqual(skald("validate", services).returncode, 0)
        self.assertEqual(skald("validate", "/no/such.saga.yaml").returncode, 6)

    def test_the_configuration_is_taken_from_flag_environment_and_file_in_this_order(self):
        self.write("skald.yaml", "port: 1\ndrain: 1s\nidleTimeout: 7s\n")
        done = skald("serve", "--dump-config", "--port", "3", directory=self.directory,
                     SKALD_PORT="2", SKALD_DRAIN="2s", SKALD_DATABASE_URL="postgresql://ann:s3cret@db/skald")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("port: 3  # flag --port\n", done.stdout)
        self.assertIn("drain: 2s  # environment SKALD_DRAIN\n", done.stdout)
        self.assertIn("idleTimeout: 7s  # skald.yaml:3\n", done.stdout)
        self.assertNotIn("s3cret", done.stdout)

    def test_a_secret_may_stand_in_a_file(self):
        secret = self.write("url", "postgresql://ann:s3cret@db/skald\n")
        done = skald("serve", "--dump-config", directory=self.directory, SKALD_DATABASE_URL_FILE=secret)
        self.assertIn("postgresql://ann:***@db/skald", done.stdout)

    def test_a_faulty_configuration_ends_with_2_and_says_what_to_do(self):
        self.write("skald.yaml", "prot: 1\n")
        done = skald("serve", "--check-config", "--database-url", "host=x", directory=self.directory)
        self.assertEqual(done.returncode, 2)
        self.assertIn("skald.yaml:1:1", done.stderr)
        self.assertIn("port", done.stderr)
        os.remove(os.path.join(self.directory, "skald.yaml"))
        open_to_all = skald("serve", "--check-config", "--database-url", "host=x", "--listen", "0.0.0.0", directory=self.directory)
        self.assertEqual(open_to_all.returncode, 2)
        self.assertIn("--insecure", open_to_all.stderr)

    def test_a_database_that_is_away_ends_with_7(self):
        away = "host=/no/such/directory dbname=x"
        for arguments in (["migrate"], ["serve", "--port", "0"], ["doctor"]):
            self.assertEqual(skald(*arguments, "--database-url", away, directory=self.directory).returncode, 7, arguments)

    def test_schema_prints_the_json_schema_of_the_language_and_of_an_unknown_file_ends_with_3(self):
        for name in ["saga", "services", "view"]:
            printed = skald("schema", name)
            self.assertEqual((printed.returncode, printed.stderr), (0, ""))
            self.assertEqual(json.loads(printed.stdout)["title"], f"Skald {name}, version 1")
        unknown = skald("schema", "sagas")
        self.assertEqual((unknown.returncode, unknown.stdout), (3, ""))
        self.assertIn('did you mean "saga"?', unknown.stderr)

    def test_version_is_printed(self):
        self.assertRegex(skald("version").stdout, r"^skald \d+\.\d+\.\d+\n$")
        self.assertIn("version", json.loads(skald("version", "-o", "json").stdout))


class DevDirectory(unittest.TestCase):
    def test_a_second_dev_on_one_directory_is_refused_and_both_end_in_order(self):
        directory = tempfile.mkdtemp(prefix="skald-cli-")
        self.addCleanup(shutil.rmtree, directory)
        os.chmod(directory, 0o755)
        dev = Process("dev", [BINARY, "dev", directory, "--port", "0", "--ephemeral"], directory).start()
        self.addCleanup(dev.stop)
        wait_until(lambda: "Skald" in dev.log() or not dev.is_running(), "skald dev is up")
        self.assertTrue(dev.is_running(), dev.log())
        second = skald("dev", directory, "--port", "0")
        self.assertEqual(second.returncode, 5, second.stderr)
        self.assertIn(str(dev.popen.pid), second.stderr)
        begun = time.monotonic()
        self.assertEqual(dev.stop(signal.SIGINT), 0)
        self.assertLess(time.monotonic() - begun, 15)


if __name__ == "__main__":
    unittest.main(verbosity=2)
