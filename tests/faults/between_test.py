"""The checker's rules about sagas that have to do with each other, about workers and about people: the good run passes, and each
violation that is planted in it is found, under its name."""

import unittest

import checker
from example import at
from example_between import Company

PLANTED = []


def planted(invariant, sentence):
    def note(plant):
        PLANTED.append((invariant, sentence, plant))
        return plant
    return note


def found(company):
    return checker.Checker(company.run).check()


# --- children

@planted("I7", "a child has a parent that did not ask for it")
def _(c):
    c.find("hotel", "SagaStarted")["data"]["parent"] = {"saga": "trip", "step": "tell"}


@planted("I2", "a child began with another start key")
def _(c):
    c.find("hotel", "SagaStarted")["data"]["startKey"] = "saga:trip:other"


@planted("I1", "one step has two children")
def _(c):
    c.find("inn", "SagaStarted")["data"]["startKey"] = "saga:trip:room"


@planted("I9", "a child is older than its parent's request")
def _(c):
    c.find("trip", "StepRequested", "room")["time"] = at(12)


@planted("I9", "a parent goes on before the end of its child is durable")
def _(c):
    c.find("hotel", "SagaEnded")["time"] = at(14)


@planted("I9", "a parent goes on after a child that was not completed")
def _(c):
    c.find("hotel", "SagaEnded")["data"]["status"] = "cancelled"


@planted("I9", "a parent goes on after a child that never began")
def _(c):
    c.remove(*c.events_of("hotel"))


@planted("I9", "a parent has another output than its child")
def _(c):
    c.find("trip", "StepSucceeded", "room")["data"]["output"] = {"room": 8}


@planted("I9", "a parent gives a child up that runs")
def _(c):
    failed = c.find("halted", "StepSucceeded", "room")
    failed.update(type="StepFailed", data={"step": "room", "attempts": 1, "error": {"type": "rejected"}, "possiblyDone": False}, time=at(22))


@planted("I8", "a child that has left something behind is said to be not done")
def _(c):
    c.find("inn", "SagaEnded")["data"].update(status="failed", error={"type": "terminated"})
    failed = c.find("halted", "StepSucceeded", "room")
    failed.update(type="StepFailed", data={"step": "room", "attempts": 1, "error": {"type": "terminated"}, "possiblyDone": False})


@planted("I8", "a parent is undone, and its child is not")
def _(c):
    c.remove(*(event for event in c.events_of("inn") if event["time"] >= at(27)))


@planted("I8", "a parent ends before the undo of its child is durable")
def _(c):
    c.events_of("inn")[-1]["time"] = at(30.5)


@planted("I3", "a child runs on when its parent has ended")
def _(c):
    c.remove(*(event for event in c.events_of("hotel") if event["time"] >= at(13)))


# --- events

@planted("I9", "an event that is said to be delivered is not with its receiver")
def _(c):
    c.remove(*c.events_of("guest")[3:])


@planted("I9", "an event that is said to be delivered has begun nothing")
def _(c):
    c.remove(*c.events_of("bill"))


@planted("I9", "an emitter goes on before its receiver has the event")
def _(c):
    c.find("guest", "EventReceived")["data"]["id"] = "trip:other"


@planted("I7", "an event is twice with its receiver")
def _(c):
    row = dict(c.find("guest", "EventReceived"))
    c.run.event.insert(c.run.event.index(c.find("guest", "EventReceived")) + 1, row)
    c.renumber()


@planted("I1", "an event begins two sagas")
def _(c):
    c.find("debt", "SagaStarted")["data"]["startKey"] = "event:trip:trip:tell"


@planted("I9", "an event says it comes from a saga that has not emitted it")
def _(c):
    c.find("bill", "SagaStarted")["data"].update(startKey="event:trip:trip:never", cause={"event": "booked", "source": "trip", "id": "trip:never"})


@planted("I9", "an event has reached more than it says")
def _(c):
    c.find("trip", "StepSucceeded", "tell")["data"]["output"] = {"reached": 0}
    c.events_of("guest")[-1]["time"] = at(18)


@planted("I1", "a signal that was taken is not kept")
def _(c):
    c.find("kept", "EventReceived")["data"]["id"] = "8"


@planted("I9", "an event from outside is told as delivered, and its receiver has not got it")
def _(c):
    c.run.history.append({"operation": "event", "event": {"type": "booked", "subject": "other", "source": "/bank", "id": "1"}, "sent": at(41.2),
                          "received": at(41.5), "status": 202, "answer": {"reached": 1}})


# --- workers

@planted("I7", "a task is given to two workers at once")
def _(c):
    lease = c.lease("hotel:make:1")
    c.run.history.append({**lease, "sent": at(11.9), "received": at(12.5)})


@planted("I1", "the word of a worker is taken, and not in the log")
def _(c):
    c.remove(*(event for event in c.events_of("hotel") if event["time"] >= at(13)))


@planted("I9", "a task is done in the log, and no worker did it")
def _(c):
    c.run.ledgers["queue-rooms"].pop(0)


@planted("I10", "a task was done twice")
def _(c):
    c.run.ledgers["queue-rooms"].append({**c.entry("hotel:make"), "number": 9})


@planted("I10", "the work of an undone saga is left")
def _(c):
    c.entry("inn:make:undo")["effect"] = False


@planted("I9", "a task is done by the workers of another queue")
def _(c):
    c.run.ledgers["queue-other"] = [c.run.ledgers["queue-rooms"].pop(0)]


# --- people

@planted("I13", "a saga is paused, and nobody asked for it")
def _(c):
    c.run.history.remove(next(request for request in c.run.history if request["operation"] == "pause"))


@planted("I1", "an accepted pause is not in the log")
def _(c):
    c.remove(c.find("kept", "SagaPaused"))


@planted("I13", "a saga is terminated, and nobody asked for it")
def _(c):
    next(request for request in c.run.history if request["operation"] == "terminate")["status"] = 409


@planted("I1", "an accepted end by hand did not come")
def _(c):
    c.run.history.append({"operation": "terminate", "saga": "guest", "sent": at(6), "received": at(7), "status": 202})


@planted("I13", "a child is undone in the name of a parent that it has not")
def _(c):
    del c.find("inn", "SagaStarted")["data"]["parent"]


class Violations(unittest.TestCase):
    def test_nothing_is_found_in_the_good_run(self):
        self.assertEqual(found(Company()), [])

    def test_what_it_saw_is_counted(self):
        judged = checker.Checker(Company().run)
        judged.check()
        self.assertEqual({what: judged.counts[what] for what in ("children", "events emitted", "leases", "words taken", "signals kept", "verbs")},
                         {"children": 2, "events emitted": 2, "leases": 3, "words taken": 3, "signals kept": 1, "verbs": 1})

    def test_each_planted_violation_is_found_under_its_name(self):
        for invariant, sentence, plant in PLANTED:
            with self.subTest(sentence):
                company = Company()
                plant(company)
                self.assertIn(invariant, {name for name, _ in found(company)})

    def test_a_wait_that_ends_late_is_found(self):
        company = Company()
        company.run.definition[2]["canonical"] = '{"saga": "guest", "steps": [{"id": "hear", "wait": "2s"}]}'
        rows = company.events_of("guest")
        rows[2]["data"].update(reason="timer", until=at(7))
        rows[4]["data"].pop("takes")
        company.remove(rows[3])
        self.assertIn("I14", {name for name, _ in found(company)})


if __name__ == "__main__":
    unittest.main(verbosity=2)
