"""Failure stories, the same for every saga of a system: at each step that calls a service, the service refuses, loses its
answer, dies and comes back, and the saga is cancelled; each undo is refused, fails and loses its answer; each service is
overloaded until its circuit opens. The calls are learnt from sagas that went well, what must come of each story from the
definition's file (saga_file.py). Judged by the services' ledgers: nothing half done, nothing twice, undone in full."""

from processes import wait_until
from systems import at_once
from world import ENDED

FOR_EVER = "forever"


class Story:
    """How a saga goes well: `given()` makes the input of another one; forward(id) does what people do on its way, again
    and again until it has ended (signals that come twice are refused and do no harm)."""

    def __init__(self, test, saga, given, forward=lambda saga: None):
        self.test, self.saga, self.given, self.forward = test, saga, given, forward
        self.definition = test.world.definitions[saga]
        self.known = {}  # its calls, by the kind of event that tells of them

    def ask(self):
        return self.test.ask(self.saga, **self.given())

    def begin(self):
        """Another one, without waiting for anything; its id."""
        answer = self.test.post(f"/v1/sagas/{self.saga}?wait=0s", self.given())
        return answer.json.get("id") or answer.json["saga"]

    def until(self, condition, saga, what):
        def there():
            self.forward(saga)
            return condition(self.test.engine.saga(saga))
        return wait_until(there, f"{self.saga} {saga} {what}")

    def through(self, saga):
        """Drives it on until it has ended; the saga."""
        def ended(found):
            self.test.assertNotEqual(found["status"], "stuck", found)
            return found["status"] in ENDED and found
        return self.until(ended, saga, "ends")

    def must_end(self, saga, *statuses):
        """With nothing left in force unless it has completed, and then with everything once."""
        ended = self.through(saga)
        self.test.assertIn(ended["status"], statuses, ended)
        if ended["status"] == "completed":
            self.test.assert_once(saga)
        else:
            self.test.assert_undone(saga)
        return ended

    def calls(self):
        """[(step, service, what PUT /_faults matches)] of those that go well."""
        return self.learnt("StepRequested", lambda: self.must_end_well(self.begin()))

    def undos(self):
        """The same of the calls that undo one that is taken back at its last moment."""
        undoable = any(step.has_undo_call for step in self.definition.steps.values())
        return self.learnt("CompensationRequested", self.taken_back) if undoable else []

    def must_end_well(self, saga):
        self.must_end(saga, "completed")
        return saga

    def taken_back(self):
        """The id of one that was done as far as it can be and is being undone."""
        last = [step for step in self.definition.steps.values() if step.calls][-1]
        people = [name for name, step in self.definition.steps.items() if step.waits_for_people]
        if self.definition.cancel_until == FOR_EVER:
            saga = self.must_end_well(self.begin())
            self.test.cancel(saga)
        elif self.definition.cancel_until != "never" and people:
            saga = self.begin()
            self.test.until_waiting(saga, people[0], "event")
            self.test.cancel(saga)
        else:
            _, service, line = self.calls()[-1]
            service.add_fault(match=line, status=422 if last.patient else 503, afterEffect=not last.patient)
            saga = self.begin()
            self.until(lambda found: found["undo"] != "none", saga, "is undone")
        return saga

    def learnt(self, kind, one):
        """Of two sagas: what differs between their paths is left out."""
        if kind not in self.known:
            first, second = [self.requests(one(), kind) for _ in range(2)]
            self.test.assertEqual([request[0] for request in first], [request[0] for request in second])
            self.known[kind] = [(step, service, line_of(a, b)) for (step, service, a), (_, _, b) in zip(first, second)]
            for service in self.test.services:
                service.clear_faults()
        return [(step, self.test.world.services[service], line) for step, service, line in self.known[kind]]

    def requests(self, saga, kind):
        self.through(saga)
        operation = "action" if kind == "StepRequested" else "compensate"
        return [(event["step"], event["request"]["service"], f"{event['request']['method']} {event['request']['path']} {operation}")
                for event in self.test.engine.events(saga) if event["type"] == kind and event["kind"] == "http"]


def line_of(one, other):
    """What two requests have in common: all, the end after their ids, or the beginning before them."""
    if one == other:
        return one
    end = next(n for n in range(1, len(one)) if one[-n] != other[-n]) - 1
    tail = one[len(one) - end:]
    if "/" in tail:
        return tail[tail.index("/"):]
    begin = next(n for n in range(len(one)) if one[n] != other[n])
    return one[:one.rindex("/", 0, begin) + 1]


class FailingTests:
    """Mixed into a test class of each system, which says by stories() how each of its sagas goes well."""

    def all_stories(self):
        """Made once: what they have learnt holds for the things they are about."""
        self.world.stories = self.world.stories or self.stories()
        for story in self.world.stories:
            story.test = self
        return self.world.stories

    def at_each_call(self, play):
        for story in self.all_stories():
            for name, service, line in story.calls():
                with self.subTest(saga=story.saga, step=name):
                    play(story, story.definition.steps[name], service, line)
                self.setUp()  # whatever came of it: all services up and without faults

    def test_c5_a_refusal_at_each_step_takes_everything_back_and_behind_the_pivot_waits_for_a_person(self):
        def play(story, step, service, line):
            service.fault(match=line, status=422, times=1)
            saga = story.begin()
            if step.after_pivot:
                story.until(lambda found: found["status"] == "stuck", saga, f"is stuck at {step.name}")
                self.assertEqual(self.post(f"/v1/sagas/{saga}/retry", {"step": step.name}).status, 202)
            story.must_end(saga, "completed" if step.after_pivot else "compensated")
        self.at_each_call(play)

    def test_c3_an_answer_that_is_lost_at_any_step_is_no_second_effect(self):
        def play(story, step, service, line):
            service.fault(match=line, drop=True, afterEffect=True, times=1)
            story.must_end(story.begin(), "completed", *([] if step.patient else ["compensated"]))
        self.at_each_call(play)

    def test_c2_and_c3_each_service_dies_in_the_middle_of_each_step_and_comes_back(self):
        """A patient step waits visibly and is done later; any other one is given up, and nothing is left half made."""
        def play(story, step, service, line):
            saga = caught_at(story, step.name, service, line)
            service.process.kill()
            if step.patient:
                story.until(lambda found: step.name in [wait["step"] for wait in found["waitingFor"]], saga, f"waits at {step.name}")
            else:
                story.until(lambda found: found["undo"] != "none" or found["status"] in ENDED, saga, "is given up")
            service.start()
            story.must_end(saga, "completed" if step.patient else "compensated")
        self.at_each_call(play)

    def test_c5_a_cancel_at_each_step_takes_everything_back_where_one_is_allowed(self):
        def play(story, step, service, line):
            saga = caught_at(story, step.name, service, line)
            allowed = story.definition.may_be_cancelled_at(step.name)
            self.cancel(saga, 202 if allowed else 409)
            story.must_end(saga, "cancelled" if allowed else "completed")
        self.at_each_call(play)

    def test_c5_undos_that_fail_and_lose_their_answers_are_done_once_in_the_end(self):
        for story in self.all_stories():
            with self.subTest(saga=story.saga):
                for _, service, line in story.undos():
                    service.add_fault(match=line, status=503, times=1)
                    service.add_fault(match=line, drop=True, afterEffect=True, times=1)
                if story.undos():
                    story.must_end(story.taken_back(), "cancelled", "compensated")
            self.setUp()

    def test_c5_an_undo_that_is_refused_waits_visibly_for_a_person(self):
        for story in self.all_stories():
            for name, service, line in story.undos():
                with self.subTest(saga=story.saga, undo=name):
                    service.add_fault(match=line, status=409, times=1)
                    saga = story.taken_back()
                    self.assertEqual(story.until(lambda found: found["status"] == "stuck" and found, saga, "is stuck")["undo"], "failed")
                    self.assertEqual(self.post(f"/v1/sagas/{saga}/retry", {"step": name}).status, 202)
                    story.must_end(saga, "cancelled", "compensated")
                self.setUp()

    def test_c5_each_service_dies_in_the_middle_of_each_undo_and_comes_back(self):
        def is_asked(saga, name):
            return any(event["type"] == "CompensationRequested" and event["step"] == name for event in self.engine.events(saga))
        for story in self.all_stories():
            for name, service, line in story.undos():
                with self.subTest(saga=story.saga, undo=name):
                    service.add_fault(match=line, latency="500ms", times=1)
                    saga = story.taken_back()
                    story.until(lambda _: is_asked(saga, name), saga, f"undoes {name}")
                    service.process.kill()
                    service.start()
                    story.must_end(saga, "cancelled", "compensated")
                self.setUp()

    def test_c4_the_circuit_of_each_overloaded_service_opens_and_closes_again_by_itself(self):
        """From the last service of a story to the first, so that each is still reached."""
        first, begun = self.first_calls(), []
        self.assertEqual({service.name for _, _, _, service in first}, set(self.world.services))
        for _, story, name, service in sorted(first, key=lambda call: -call[0]):
            service.fault(status=503)
            begun += [(story, saga) for saga in self.overload(story, story.definition.steps[name], service)]
        for service in self.services:
            service.clear_faults()
        for story, saga in begun:
            story.through(saga)
        for _, story, _, service in first:
            self.until(lambda: story.begin() and not self.circuit_is_open(service.name), f"the circuit of {service.name} closes")

    def first_calls(self):
        """[(how many services before it, story, step, service)], of each service the first call that needs no people."""
        found = {}
        for story in self.all_stories():
            seen = []
            for name, service, _ in story.calls():
                if service not in seen and name in story.definition.before_people():
                    found.setdefault(service.name, (len(seen), story, name, service))
                    seen.append(service)
        return list(found.values())

    def overload(self, story, step, service):
        """Starts sagas until the circuit is open. Where the step is patient they wait visibly, elsewhere they are answered
        at once. All that were started."""
        begun = []

        def is_seen():
            begun.extend(at_once(lambda _: story.begin(), range(10)))
            if not step.patient:
                return self.circuit_is_open(service.name) and story.ask().json.get("type") == "circuit-open"
            return any(wait["reason"] == "circuit-open" and wait["step"] == step.name
                       for saga in begun for wait in self.engine.saga(saga)["waitingFor"])
        self.until(is_seen, f"the circuit of {service.name} opens")
        return begun


def caught_at(story, step, service, line):
    """A saga whose call at that step is under way. On a slow machine some are seen too late: then another one is begun."""
    for _ in range(10):
        service.fault(match=line, latency="500ms", times=1)
        saga = story.begin()

        def state(found):
            return {known["id"]: known["status"] for known in found["steps"]}.get(step)
        story.until(lambda found: state(found) in ("running", "succeeded", "failed") or found["status"] in ENDED, saga, f"comes to {step}")
        if state(story.test.engine.saga(saga)) == "running":
            return saga
        story.through(saga)
    raise AssertionError(f"no saga was seen at {step}")


def whole_ledger(service):
    entries, after = [], 0
    while after is not None:
        page = service.get(f"/_ledger?limit=10000&after={after}").json
        entries += page["items"]
        after = page["next"]
    return entries
