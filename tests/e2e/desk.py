"""A world with one stand-in service, the desk, and the definitions of tests/e2e/definitions: for tests of what the
language and the operators' verbs do, whatever the business."""

import os

from calls import call
from processes import wait_until
from world import ENDED, Engine, Ground, Service, WorldTest

HERE = os.path.dirname(os.path.abspath(__file__))
DEFINITIONS = os.path.join(HERE, "definitions")
DESK = os.path.join(DEFINITIONS, "desk.service.yaml")


class DeskWorld(Ground):
    def __init__(self, lanes, definitions=DEFINITIONS, more_services=()):
        """`more_services` are further desks, by the names that the engine knows them by."""
        super().__init__()
        self.desk = Service(DESK, self.directory, self.conninfo)
        self.services = [self.desk] + [Service(DESK, self.directory, self.conninfo, known_as=name)
                                       for name in more_services]
        for service in self.services:
            service.start()
        self.engine = Engine(self.directory, self.conninfo, self.services, definitions, lanes).start()


class DeskTest(WorldTest):
    """What a test leaves unfinished is terminated, so that nothing of it reaches the next. Some classes have an engine of
    one lane and some of three: what is true of one must be true of several."""

    lanes = 1

    @classmethod
    def make_world(cls):
        return DeskWorld(cls.lanes)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk = cls.world.desk

    def setUp(self):
        self.desk.ensure()

    def tearDown(self):
        super().tearDown()
        unfinished = "running,waiting,paused,compensating,stuck"
        for saga in self.get(f"/v1/sagas?status={unfinished}&limit=500").json["items"]:
            self.ask(saga["id"], "terminate", {"reason": "the test is over"})

    def get(self, path):
        return call("GET", self.engine.url + path)

    def post(self, path, body=None, headers=None):
        return call("POST", self.engine.url + path, body, headers)

    def start(self, name, **given):
        answer = self.post(f"/v1/sagas/{name}", given)
        self.assertEqual(answer.status, 201, answer)
        return answer.json["id"]

    def ask(self, saga, verb, body=None):
        return self.post(f"/v1/sagas/{saga}/{verb}", body)

    def accept(self, saga, verb, body=None):
        """Asks what must be accepted; the saga as it then stands."""
        answer = self.ask(saga, verb, body)
        self.assertEqual(answer.status, 202, answer)
        self.assertEqual(answer.headers["Location"], "/v1/sagas/" + saga)
        return answer.json

    def assert_refused(self, answer, status, sentence=""):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertIn(sentence, answer.json["detail"])

    def until(self, saga, status):
        """The saga once it has that status; another end than that fails at once."""
        def there():
            found = self.engine.saga(saga)
            self.assertFalse(found["status"] in ENDED and found["status"] != status, found)
            return found["status"] == status and found
        return wait_until(there, f"saga {saga} is {status}")

    def until_waiting(self, saga, reason):
        """What it waits for, once it waits for that."""
        return wait_until(lambda: next((w for w in self.engine.saga(saga)["waitingFor"] if w["reason"] == reason), None),
                          f"saga {saga} waits: {reason}")

    def events(self, saga, *types):
        """Its events, or those of these types."""
        return [event for event in self.engine.events(saga) if not types or event["type"] in types]

    def deeds(self, saga):
        """{name: status} of what the desk did for it."""
        items = self.desk.get("/deeds").json["items"]
        return {deed["id"].rsplit("-", 1)[1]: deed["status"] for deed in items if deed["id"].startswith(saga)}
