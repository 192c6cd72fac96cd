"""What clients, operators and workers were told, held against the log: cancels, verbs, leases and the words on them. A part of
checker.py."""

import collections

from evidence import seconds

VERB_OF = {"SagaPaused": "pause", "SagaResumed": "resume", "RetryRequested": "retry"}


def perhaps(statuses):
    """Whether somebody asked and was told yes, or nothing that says no."""
    return any(status in (202, None) or status >= 500 for status in statuses)


class Asked:
    def statuses(self, *operations):
        """Of those requests, by saga."""
        found = collections.defaultdict(list)
        for request in self.run.history:
            if request["operation"] in operations:
                found[request["saga"]].append(request["status"])
        return found

    def check_cancels(self):
        """A cancel that was accepted is carried out; a saga is cancelled only when somebody asked for it."""
        asked, undone = self.statuses("cancel"), self.statuses("cancel", "compensate")
        for saga, told in self.stories.items():
            self.counts["cancels accepted"] += asked[saga].count(202)
            by_hand = any(progress.by_hand for progress in (*told.undo.values(), *told.action.values()))
            terminated = told.status == "failed" and self.is_terminated(told)
            if 202 in asked[saga]:
                self.demand(told.status == "cancelled" or told.phase == "stuck" or by_hand or terminated, "I1",
                            f"saga {saga}: its cancel was accepted, and it ended as {told.status}")
            if told.status == "cancelled":
                by_another = (told.cause or {}).get("event") or told.events[0]["data"].get("parent")
                self.demand(by_another or perhaps(undone[saga]), "I13", f"saga {saga}: cancelled, and nobody was told so: {undone[saga]}")
                by_hand = perhaps(self.statuses("compensate")[saga])
                self.demand(told.rules.cancel_until != "never" or by_another or by_hand, "I7", f"saga {saga}: its definition lets nobody cancel it")

    def is_terminated(self, told):
        error = told.events[-1]["data"].get("error") or {}
        return told.phase == "ended" and error.get("type") == "terminated"

    def check_verbs(self):
        """What an operator was told is in the log; what the log says of operators, one has asked for."""
        terminated = self.statuses("terminate")
        asked = {verb: self.statuses(verb) for verb in VERB_OF.values()}
        for saga, told in self.stories.items():
            for event in told.events:
                if event["type"] in VERB_OF:
                    self.counts["verbs"] += 1
                    verb = VERB_OF[event["type"]]
                    self.demand(perhaps(asked[verb][saga]), "I13", f"saga {saga}: {event['type']}, and nobody was told so")
            if 202 in asked["pause"][saga]:
                self.demand(any(event["type"] == "SagaPaused" for event in told.events), "I1", f"saga {saga}: it was told that it is paused, and it never was")
            if 202 in terminated[saga]:
                self.demand(self.is_terminated(told), "I1", f"saga {saga}: it was told that it is terminated, and it ended as {told.status}")
            if self.is_terminated(told):
                self.counts["terminated"] += 1
                parent = (told.events[0]["data"].get("parent") or {}).get("saga")
                self.demand(perhaps(terminated[saga]) or perhaps(terminated[parent]), "I13", f"saga {saga}: terminated, and nobody was told so")

    # --- workers

    def check_workers(self):
        """A task has one worker at a time; the word of a worker that was taken is in the log."""
        leases = collections.defaultdict(list)
        for request in self.run.history:
            if request["operation"] == "lease":
                leases[tuple(request[what] for what in ("saga", "step", "undo", "attempt"))].append(request)
            if request["operation"] == "word" and request["status"] == 202:
                self.check_word(request)
        self.counts["leases"] += sum(map(len, leases.values()))
        for task, given in leases.items():
            given.sort(key=lambda lease: lease["received"])
            for one, other in zip(given, given[1:]):
                # Of what was asked for before the other was answered nobody knows which came first.
                if not other.get("beat") and seconds(other["sent"]) > seconds(one["received"]):
                    self.check_leases(task, one, other)

    def check_leases(self, task, one, other):
        """After a crash the lease is forgotten and the task is given again; otherwise not before it has run out."""
        until = seconds(one["until"])
        was_away = any(seconds(one["sent"]) <= end and start <= seconds(other["received"]) for start, end in self.away)
        self.demand(seconds(other["received"]) >= until or was_away, "I7", f"{task}: it was given to a second worker {until - seconds(other['received']):.3f} s before the lease had run out")

    def check_word(self, request):
        told, path = self.stories.get(request["saga"]), request["step"]
        if told is None:
            return self.wrong("I1", f"saga {request['saga']}: the word of a worker was taken, and it is not in the log")
        self.counts["words taken"] += 1
        if request["word"] != "complete":
            return None
        progress = told.undo_of(path) if request["undo"] else told.of(path)
        recorded = any(event["type"] == ("StepCompensated" if request["undo"] else "StepSucceeded") and event["data"]["step"] == path
                       for event in told.events)
        unusable = progress.step.has_output
        return self.demand(recorded or unusable, "I1", f"saga {request['saga']}: a worker was told that {path} is done, and the log does not say so")
