"""The events that a saga keeps, and the steps that take them (semantics.md section 4). A part of story.py."""

CLOCKS = 0.05


class KeptEvents:
    def on_EventReceived(self, event):
        self.demand(self.phase in ("running", "stuck"), f"an event is kept while the saga is {self.phase}")
        self.demand(event["name"] in self.rules.named_events, "its definition names no such event")
        if event.get("id"):
            name = (event.get("source"), event["id"])
            self.demand(name not in self.received, f"it has the event {name} twice")
            self.received[name] = event["at"]
        self.kept[self.version] = event["name"]
        if self.is_held():
            return
        # cancelOn is tried before waitFor; with a `where` only the expression tells.
        cancels = [on for on in self.rules.cancel_on if on["event"] == event["name"]]
        if not cancels and self.takes_it_now(event["name"]):
            self.expected = {"StepSucceeded", "StepFailed"}

    def takes_it_now(self, name):
        return any(progress.state == "waiting" and progress.step.event == name and not progress.step.selective
                   for progress in self.action.values())

    def takes_event(self, event, step, progress):
        """A waitFor is done: with the oldest event that fits, or because its patience has ended."""
        taken = event.get("takes")
        if taken is None:
            too_late = step.goes_on and step.patience is not None and event["at"] >= progress.since + step.patience - CLOCKS
            return self.demand(too_late, f"it goes on, and takes no {step.event}")
        if self.kept.get(taken) != step.event:
            return self.demand(False, f"it takes event {taken}, and that is no {step.event} that is still kept")
        oldest = min(version for version, name in self.kept.items() if name == step.event)
        self.demand(step.selective or taken == oldest, f"it takes event {taken}, and {oldest} is older")
        del self.kept[taken]
        return None

    def came_just_now(self, name):
        row = self.events[self.version - 2]
        return row["type"] == "EventReceived" and row["data"]["name"] == name
