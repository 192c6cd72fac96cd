"""Failure stories, the same for every system: at each step that calls a service, the service refuses, loses its answer, is
down and comes back, and the saga is cancelled. What a saga's steps are is learnt from the events of one that went well;
what must come of each story follows from the definition: nothing half done, nothing twice."""

from processes import wait_until
from systems import effects_by_key
from world import ENDED


class Story:
    """How a saga of that name goes well: begin() starts it and gives its id, without waiting; forward(id) does what
    people do on its way, again and again until it has ended (signals that come twice are refused and do no harm)."""

    def __init__(self, test, begin, forward=lambda saga: None):
        self.test, self.begin, self.forward = test, begin, forward

    def through(self, saga):
        """Drives it on until it has ended; the saga."""
        def ended():
            self.forward(saga)
            found = self.test.engine.saga(saga)
            self.test.assertNotEqual(found["status"], "stuck", found)
            return found["status"] in ENDED and found
        return wait_until(ended, f"saga {saga} ends")

    def until(self, condition, saga, what):
        def there():
            self.forward(saga)
            return condition()
        return wait_until(there, f"saga {saga} {what}")

    def calls(self):
        """[(step, service, what PUT /_faults matches)] of one that went well."""
        saga = self.begin()
        self.test.assertEqual(self.through(saga)["status"], "completed")
        calls = []
        for event in self.test.engine.events(saga):
            if event["type"] != "StepRequested" or event["kind"] != "http":
                continue
            request = event["request"]
            before, named, after = request["path"].partition(saga)
            line = f"{after} action" if named and after else f"{request['method']} {before} action"
            calls.append((event["step"], self.test.world.services[request["service"]], line))
        return calls


def refuse_everywhere(story, after_pivot=()):
    """A refusal at each step takes everything back. Behind the pivot it waits for a person, whose retry goes on."""
    test = story.test
    for step, service, line in story.calls():
        with test.subTest(refused=step):
            service.fault(match=line, status=422, times=1)
            saga = story.begin()
            if step in after_pivot:
                story.until(lambda s=saga: test.engine.saga(s)["status"] == "stuck", saga, f"is stuck at {step}")
                answer = test.post(f"/v1/sagas/{saga}/retry", {"step": step})
                test.assertEqual(answer.status, 202, answer)
                test.assertEqual(story.through(saga)["status"], "completed")
                test.assert_once(saga)
            else:
                test.assertEqual(story.through(saga)["status"], "compensated")
                test.assert_undone(saga)
            service.clear_faults()


def lose_every_answer(story):
    """An effect whose answer was lost is not made twice; where nobody asks again, it is undone."""
    test = story.test
    for step, service, line in story.calls():
        with test.subTest(lost=step):
            service.fault(match=line, drop=True, afterEffect=True, times=1)
            saga = story.begin()
            if story.through(saga)["status"] == "completed":
                test.assert_once(saga)
            else:
                test.assert_undone(saga)
            service.clear_faults()


def take_down_everywhere(story, waits):
    """With a step's service failing, the saga waits there visibly where it may (`waits`), and completes by itself once the
    service is back; elsewhere it is refused, and nothing is left half made."""
    test = story.test
    for step, service, line in story.calls():
        with test.subTest(down=step):
            service.fault(match=line, status=503)
            saga = story.begin()
            if step in waits:
                story.until(lambda s=saga: any(wait["step"] == step for wait in test.engine.saga(s)["waitingFor"]), saga, f"waits at {step}")
                service.clear_faults()
                test.assertEqual(story.through(saga)["status"], "completed")
                test.assert_once(saga)
            else:
                test.assertEqual(story.through(saga)["status"], "compensated")
                test.assert_undone(saga)
                service.clear_faults()


def cancel_everywhere(story, after_pivot=()):
    """A cancel while a step is under way is done when the step is answered; behind the pivot it is refused."""
    test = story.test
    for step, service, line in story.calls():
        with test.subTest(cancelled=step):
            saga = caught_at(story, step, service, line)
            answer = test.engine.cancel(saga)
            test.assertEqual(answer.status, 409 if step in after_pivot else 202, answer)
            ended = story.through(saga)
            if step in after_pivot:
                test.assertEqual(ended["status"], "completed")
                test.assert_once(saga)
            else:
                test.assertEqual(ended["status"], "cancelled")
                test.assert_undone(saga)


def caught_at(story, step, service, line):
    """A saga whose call at that step is under way. On a slow machine some are seen too late: then another one is begun."""
    test = story.test
    for _ in range(10):
        service.fault(match=line, latency="700ms", times=1)
        saga = story.begin()

        def there():
            found = test.engine.saga(saga)
            known = {known["id"]: known["status"] for known in found["steps"]}
            return known.get(step) == "running" or known.get(step) in ("succeeded", "failed") or found["status"] in ENDED
        story.until(there, saga, f"comes to {step}")
        if any(known["id"] == step and known["status"] == "running" for known in test.engine.saga(saga)["steps"]):
            return saga
        story.through(saga)
    raise AssertionError(f"no saga was seen at {step}")


def assert_ledgers_are_sound(test):
    """Over all that a module did: each effect once by its key, each undo once, of what was done."""
    for service in test.services:
        entries = [entry for entry in whole_ledger(service) if entry["effect"] and entry["key"]]
        done, undone = effects_by_key(entries)
        test.assertLessEqual(set(done.values()) | set(undone.values()), {1}, service.name)
        test.assertLessEqual(set(undone), set(done), f"{service.name} undid what it had not done")


def whole_ledger(service):
    entries, after = [], 0
    while after is not None:
        page = service.get(f"/_ledger?limit=10000&after={after}").json
        entries += page["items"]
        after = page["next"]
    return entries
