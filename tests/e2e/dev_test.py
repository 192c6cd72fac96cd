"""`skald dev` with the recruitment system: what a person meets who has just typed ./dev up."""

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

from calls import answers, call
from processes import BINARY, LogsOnFailure, Process, free_port, wait_until
from verified import verify_dev
from world import RECRUITMENT

SERVICES = ("recruitment", "qualification", "enrollment")


class Dev(LogsOnFailure, unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="skald-e2e-")
        os.chmod(self.directory, 0o755)
        self.system = os.path.join(self.directory, "recruitment")
        shutil.copytree(RECRUITMENT, self.system, ignore=shutil.ignore_patterns(".skald"))
        self.ports = {name: free_port() for name in SERVICES}
        environment = {}
        for name, port in self.ports.items():
            environment[f"SKALD_SANDBOX_{name.upper()}_PORT"] = str(port)
            environment[f"SKALD_SERVICE_{name.upper()}_URL"] = f"http://127.0.0.1:{port}"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        files = [os.path.join(self.system, name + ".service.yaml") for name in SERVICES]
        self.dev = Process("dev", [BINARY, "dev", self.system, "--port", str(self.port), "--sandbox", *files],
                           self.directory, environment)
        self.start()

    def tearDown(self):
        super().tearDown()
        try:
            verify_dev(self.dev.log())
        finally:
            self.dev.stop()
            shutil.rmtree(self.directory)

    def start(self):
        self.dev.start()

        def is_ready():
            assert self.dev.is_running(), "skald dev ended: " + self.dev.log()[-3000:]
            return answers(self.url + "/readyz") and call("GET", self.url + "/v1/definitions").json["items"]

        wait_until(is_ready, "skald dev is ready")

    def skald(self, *arguments):
        return subprocess.run([BINARY, *arguments, "--server", self.url], capture_output=True, text=True, timeout=60,
                              check=False)

    def ledger(self, service, saga):
        return call("GET", f"http://127.0.0.1:{self.ports[service]}/_ledger?saga={saga}").json["items"]

    def test_the_printed_command_starts_an_application_whose_story_and_cancel_can_be_followed(self):
        wait_until(lambda: " start recruitment " in self.dev.log(), "the command to try is printed")
        printed = re.search(r"(?m)^\s+(\S*skald start recruitment .*)$", self.dev.log()).group(1)
        arguments = shlex.split(printed)[1:]
        self.assertIn("--wait", arguments)
        done = subprocess.run([BINARY, *arguments, "-o", "json"], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        saga = json.loads(done.stdout)
        self.assertEqual(saga["status"], "completed")

        story = self.skald("events", saga["id"])
        self.assertEqual(story.returncode, 0, story.stderr)
        for word in ("SagaStarted", "apply", "qualify", "enroll", "SagaEnded"):
            self.assertIn(word, story.stdout)

        self.assertEqual(self.skald("cancel", saga["id"]).returncode, 0)
        ended = wait_until(lambda: (s := call("GET", f"{self.url}/v1/sagas/{saga['id']}").json)["status"] == "cancelled" and s,
                           "the cancel is carried through")
        self.assertEqual(ended["undo"], "done")
        undone = [self.ledger(service, saga["id"])[-1] for service in ("enrollment", "recruitment")]
        self.assertEqual([entry["operation"] for entry in undone], ["compensate", "compensate"])
        self.assertLess(undone[0]["time"], undone[1]["time"])

    def test_killed_in_the_middle_it_goes_on_where_it_was(self):
        call("PUT", f"http://127.0.0.1:{self.ports['enrollment']}/_faults", {"match": "POST /enrollments", "status": 503})
        body = {"applicantId": "dev", "name": "Ann", "age": 30, "skill": "welding", "job": "welder"}
        answer = call("POST", self.url + "/v1/sagas/recruitment", body)
        self.assertEqual(answer.status, 201, answer)
        self.dev.kill()
        self.start()  # its faults died with it
        saga = answer.json["id"]
        wait_until(lambda: call("GET", f"{self.url}/v1/sagas/{saga}").json["status"] == "completed", "the saga completes")
        for service in SERVICES:
            self.assertEqual(len([entry for entry in self.ledger(service, saga) if entry["effect"]]), 1)

    def test_a_faulty_file_shows_its_place_and_the_last_good_version_goes_on(self):
        file = os.path.join(self.system, "recruitment.saga.yaml")
        with open(file, encoding="utf-8") as source:
            good = source.read()
        line = good.split("\n").index("    retry: patient") + 1
        with open(file, "w", encoding="utf-8") as out:
            out.write(good.replace("    retry: patient", "    retyr: patient"))
        wait_until(lambda: f"recruitment.saga.yaml:{line}:" in self.dev.log(), "the fault is shown with its place")
        body = {"applicantId": "dev", "name": "Ann", "age": 30, "skill": "welding", "job": "welder"}
        self.assertEqual(call("POST", self.url + "/v1/sagas/recruitment", body).status, 201)
        with open(file, "w", encoding="utf-8") as out:
            out.write(good.replace("title: Job application", "title: Application for a job"))
        wait_until(lambda: call("GET", self.url + "/v1/definitions/recruitment").json["version"] == 2, "the repaired file is loaded")


if __name__ == "__main__":
    unittest.main(verbosity=2)
