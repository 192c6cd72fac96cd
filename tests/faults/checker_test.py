"""The checker's own tests: the good example passes, and each violation that is planted in it is found, under its name."""

import contextlib
import io
import unittest

import checker
import evidence
from example import CANCELLED, REFUSED, SERVICE, Example, at


def found(example, late=1.0):
    return checker.Checker(example.run, late).check()


class TheGoodExample(unittest.TestCase):
    def test_nothing_is_found_in_it(self):
        self.assertEqual(found(Example()), [])

    def test_its_counts_are_told(self):
        judged = checker.Checker(Example().run)
        judged.check()
        counts = judged.counts
        self.assertEqual((counts["sagas"], counts["acknowledged"], counts["unanswered"], counts["hits"]), (6, 5, 1, 1))

    def test_it_is_read_as_it_was_written(self):
        import tempfile
        with tempfile.TemporaryDirectory() as directory:
            example = Example()
            example.run.write(directory)
            self.assertEqual(evidence.read(directory), example.run)


class TooLittle(unittest.TestCase):
    def judge(self, example, **least):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            return checker.judge(example.run, least), out.getvalue()

    def test_a_run_with_too_few_acknowledged_starts_is_refused(self):
        code, told = self.judge(Example(), acknowledged=6)
        self.assertEqual(code, 2)
        self.assertIn("refused: 5 acknowledged, at least 6 are needed", told)

    def test_a_run_with_too_few_hits_is_refused(self):
        self.assertEqual(self.judge(Example(), hits=2)[0], 2)

    def test_a_run_with_enough_passes(self):
        self.assertEqual(self.judge(Example(), acknowledged=5, faults=1, hits=1)[0], 0)

    def test_a_violation_counts_more_than_a_refusal(self):
        example = Example()
        example.run.start_key.pop()
        self.assertEqual(self.judge(example, hits=2)[0], 1)

    def test_a_definition_that_has_no_rules_here_is_refused(self):
        example = Example()
        example.run.definition[0]["canonical"] = '{"saga": "order", "steps": [{"id": "reserve", "teleport": {"to": "stock"}}]}'
        self.assertEqual(self.judge(example)[0], 2)


# --- the violations: name (as a sentence), invariant, how it is planted

PLANTED = []


def planted(invariant, sentence):
    def note(plant):
        PLANTED.append((invariant, sentence, plant))
        return plant
    return note


@planted("I1", "an acknowledged start is not in the log")
def _(e):
    e.remove(*e.events_of("done"))


@planted("I1", "one key has two sagas in the log")
def _(e):
    e.find("refused", "SagaStarted")["data"]["startKey"] = "key-done"


@planted("I1", "the input is not the one that was sent")
def _(e):
    e.find("done", "SagaStarted")["data"]["input"] = {"article": "another"}


@planted("I1", "a start was answered 201, and its saga had been refused")
def _(e):
    e.request_of("refused").update(status=201, answer={"id": "refused"})


@planted("I1", "a start was answered 422, and its saga had been possibly done")
def _(e):
    e.request_of("lost")["status"] = 422


@planted("I1", "a cancel was accepted, and the saga stays completed")
def _(e):
    e.cancel("done", 202)


@planted("I2", "one key is answered with two sagas")
def _(e):
    e.run.history.append({**e.request_of("done"), "answer": {"id": "refused"}})


@planted("I2", "two keys are answered with one saga")
def _(e):
    e.request_of("refused")["answer"] = {"saga": "lost"}


@planted("I3", "a saga has not ended")
def _(e):
    e.remove(*e.events_of("early")[2:])


@planted("I4", "an event follows the end")
def _(e):
    e.event("unasked", 1, 130, "StepSucceeded", step="pay", attempts=1)


@planted("I4", "a cancelled saga is undone once more")
def _(e):
    e.event("cancelled", 1, 130, "CompensationStarted", error=CANCELLED, afterCompletion=True)
    e.end("cancelled", 1, 130, "cancelled", "none")


@planted("I5", "a version is missing")
def _(e):
    e.find("done", "SagaEnded")["version"] += 1


@planted("I5", "a position is missing")
def _(e):
    e.run.event[-1]["position"] += 1


@planted("I5", "a position is taken twice")
def _(e):
    e.run.event[-1]["position"] -= 1


@planted("I5", "the time falls along a partition")
def _(e):
    e.find("refused", "SagaEnded")["time"] = at(5)


@planted("I5", "a saga lives in two partitions")
def _(e):
    e.run.event[-1]["partition"] = 0
    e.renumber()


@planted("I6", "a writer that was revoked goes on")
def _(e):
    e.run.event[-1]["writer"] = 1


@planted("I6", "a writer appended after it had been revoked")
def _(e):
    e.run.writer[0]["revoked_at"] = at(15)


@planted("I6", "a partition goes to another writer while its own stands")
def _(e):
    e.run.writer[0]["revoked_at"] = None


@planted("I6", "nobody registered the writer")
def _(e):
    e.run.writer.pop()


@planted("I6", "the owner is older than the last writer")
def _(e):
    e.run.ownership[0]["writer"] = 1


@planted("I7", "a step begins before its turn")
def _(e):
    e.find("done", "StepRequested", "reserve")["data"].update(step="pay", request={"method": "POST", "service": "bank"})


@planted("I7", "a step succeeds twice")
def _(e):
    e.run.event.insert(3, dict(e.find("done", "StepSucceeded", "reserve")))
    e.renumber()


@planted("I7", "a step succeeds that was not asked for")
def _(e):
    e.remove(e.find("done", "StepRequested", "pay"))


@planted("I7", "a saga is completed with a step left")
def _(e):
    e.remove(e.find("done", "StepRequested", "pay"), e.find("done", "StepSucceeded", "pay"))


@planted("I7", "a refusal is not followed by the undo in the same append")
def _(e):
    e.remove(*e.events_of("refused")[5:])


@planted("I7", "an undo begins though nothing had failed")
def _(e):
    e.remove(e.find("refused", "StepFailed"))


@planted("I7", "a step is given up before its attempts are used up")
def _(e):
    e.remove(e.find("lost", "AttemptFailed"))
    e.find("lost", "StepFailed")["data"]["attempts"] = 1


@planted("I7", "there are more attempts than the definition allows")
def _(e):
    e.find("lost", "AttemptFailed")["data"]["attempt"] = 2


@planted("I7", "a refusal is retried")
def _(e):
    e.find("lost", "AttemptFailed")["data"].update(error=REFUSED, possiblyDone=False)


@planted("I7", "a retry waits longer than the definition says")
def _(e):
    e.find("lost", "AttemptFailed")["data"]["retryAt"] = at(40)


@planted("I7", "a cancelled saga ends as compensated")
def _(e):
    e.find("early", "SagaEnded")["data"]["status"] = "compensated"


@planted("I7", "a definition that lets nobody cancel is cancelled")
def _(e):
    e.run.definition[0]["canonical"] = e.run.definition[0]["canonical"].replace("forever", "never")


@planted("I7", "another service is asked than the definition says")
def _(e):
    e.find("done", "StepRequested", "pay")["data"]["request"]["service"] = "stock"


@planted("I7", "a step succeeds after the saga was asked to undo it")
def _(e):
    succeeded = e.find("early", "StepSucceeded")
    e.run.event.remove(succeeded)
    e.run.event.insert(e.run.event.index(e.find("early", "CompensationRequested")) + 1, succeeded)
    e.renumber()


@planted("I8", "the undo of a step is forgotten")
def _(e):
    e.remove(e.find("refused", "CompensationRequested"), e.find("refused", "StepCompensated"))


@planted("I8", "a possibly done step is not undone")
def _(e):
    e.remove(e.find("lost", "CompensationRequested", "pay"), e.find("lost", "StepCompensated", "pay"))


@planted("I8", "a step that was not done is undone")
def _(e):
    end = e.find("refused", "SagaEnded")
    e.run.event.remove(end)
    e.undo("refused", 0, "pay", 23, 23)
    e.run.event.append(end)
    e.run.event.sort(key=lambda event: event["time"])
    e.renumber()


@planted("I8", "steps are undone in the order they were done")
def _(e):
    for event in e.events_of("cancelled"):
        if event["type"] in ("CompensationRequested", "StepCompensated"):
            step = event["data"]["step"] = "pay" if event["data"]["step"] == "reserve" else "reserve"
            if "request" in event["data"]:
                event["data"]["request"]["service"] = SERVICE[step]


@planted("I8", "an earlier attempt that was possibly done is forgotten")
def _(e):
    e.find("lost", "StepFailed")["data"].update(error=REFUSED, possiblyDone=False)


@planted("I8", "a time-out is taken for not done")
def _(e):
    e.find("lost", "AttemptFailed")["data"]["possiblyDone"] = False


@planted("I8", "a step that was only possibly done counts as done when it is undone")
def _(e):
    e.find("lost", "StepCompensated", "pay")["data"]["succeeded"] = True


@planted("I8", "a refused undo counts as undone")
def _(e):
    e.find("refused", "StepCompensated")["data"]["answer"] = 409


@planted("I8", "the undo begins while the answer of a call is awaited")
def _(e):
    e.remove(e.find("early", "StepSucceeded"))


@planted("I9", "a recorded success is in no ledger")
def _(e):
    e.run.ledgers["bank"].remove(e.entry("done:pay"))


@planted("I9", "a recorded success had no success in the ledger")
def _(e):
    e.entry("done:pay")["answer"] = 500


@planted("I9", "a recorded undo is in no ledger")
def _(e):
    e.run.ledgers["stock"].remove(e.entry("refused:reserve:undo"))


@planted("I9", "an effect was never asked for")
def _(e):
    e.ledger("pay", "early", 112)


@planted("I9", "an effect is older than its request")
def _(e):
    e.entry("done:pay")["time"] = at(10.5)


@planted("I9", "an effect belongs to a saga that is not in the log")
def _(e):
    e.ledger("pay", "nobody", 112)


@planted("I9", "an effect came to another service than was asked")
def _(e):
    entry = e.entry("done:pay")
    e.run.ledgers["bank"].remove(entry)
    e.run.ledgers["stock"].append(entry)


@planted("I10", "an effect came twice")
def _(e):
    e.ledger("pay", "done", 12)


@planted("I10", "a completed saga lacks an effect")
def _(e):
    e.entry("done:pay").update(effect=False, replayed=True)


@planted("I10", "a completed saga had an effect undone")
def _(e):
    e.ledger("pay", "done", 12, undo=True)


@planted("I10", "an effect of an undone saga is left")
def _(e):
    e.entry("refused:reserve:undo")["effect"] = False


@planted("I10", "an undo came twice")
def _(e):
    e.ledger("reserve", "refused", 23, undo=True)


@planted("I10", "an undo came before its effect")
def _(e):
    did, undid = e.entry("refused:reserve"), e.entry("refused:reserve:undo")
    did["number"], undid["number"] = undid["number"], did["number"]


@planted("I10", "an undo had an effect where the action had none")
def _(e):
    e.entry("lost:pay")["effect"] = False


@planted("I13", "a saga has no row")
def _(e):
    e.run.saga.pop()


@planted("I13", "a row has no saga in the log")
def _(e):
    e.run.saga.append({"saga_id": "half", "status": "running", "ended_at": None})


@planted("I13", "a row says another status than the log")
def _(e):
    e.run.saga[0]["status"] = "running"


@planted("I13", "an ended saga's row says that it runs")
def _(e):
    e.run.saga[0]["ended_at"] = None


@planted("I13", "a start key is kept without its saga")
def _(e):
    e.run.start_key.append({"definition": "order", "key": "key-half", "saga_id": "half"})


@planted("I13", "a saga's start key is not kept")
def _(e):
    e.run.start_key.pop()


@planted("I13", "a start that was refused as invalid has left a saga")
def _(e):
    e.request_of("unasked").update(status=422, answer={"type": "invalid-input"})


@planted("I13", "there is a saga that nobody asked for")
def _(e):
    e.run.history.remove(e.request_of("unasked"))


@planted("I13", "a saga was cancelled though the cancel was refused")
def _(e):
    e.request_of("early", "cancel")["status"] = 409


@planted("I14", "an attempt came before its time")
def _(e):
    e.run.ledgers["bank"][[x["key"] for x in e.run.ledgers["bank"]].index("lost:pay") + 1]["time"] = at(32.5)


@planted("I14", "an attempt came late though an engine was there")
def _(e):
    e.find("lost", "StepFailed")["data"]["error"] = {"type": "exhausted", "detail": "2 attempts failed; the last: the connection broke"}
    e.run.ledgers["bank"][[x["key"] for x in e.run.ledgers["bank"]].index("lost:pay") + 1]["time"] = at(35)


@planted("I14", "an attempt timed out before its time")
def _(e):
    e.find("lost", "AttemptFailed")["time"] = at(31.2)
    e.find("lost", "AttemptFailed")["data"]["retryAt"] = at(32.2)


@planted("I14", "a retry waits less than the definition says")
def _(e):
    e.find("lost", "AttemptFailed")["data"]["retryAt"] = at(32.5)


@planted("I14", "the undo by the deadline begins before it")
def _(e):
    e.find("early", "CompensationStarted")["data"]["error"] = {"type": "deadline", "title": "Too late"}
    e.run.definition[0]["canonical"] = e.run.definition[0]["canonical"].replace('"saga": "order"', '"saga": "order", "timeout": "5s"')


class Violations(unittest.TestCase):
    def test_each_planted_violation_is_found_under_its_name(self):
        for invariant, sentence, plant in PLANTED:
            with self.subTest(sentence):
                example = Example()
                plant(example)
                self.assertIn(invariant, {name for name, _ in found(example)})

    def test_every_invariant_has_one(self):
        self.assertEqual({invariant for invariant, _, _ in PLANTED}, {f"I{n}" for n in (*range(1, 11), 13, 14)})


if __name__ == "__main__":
    unittest.main(verbosity=2)
