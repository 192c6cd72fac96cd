"""What the service faults and the client faults play on: a real engine with PostgreSQL, the stand-in service `things`, hostile
services before it, the history of the client, and what was found wrong."""

import collections
import concurrent.futures
import http.client
import os
import time

import checker
import evidence
import outcomes
from calls import call
from processes import show_logs, wait_until
from world import Engine, Ground, Service

DEFINITIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "definitions")


class Case:
    """One saga, and the events it must have (outcomes.py)."""

    def __init__(self, name, definition, given, lines, fault=None, operation=None):
        self.name, self.definition, self.input, self.lines = name, definition, given, lines
        self.fault, self.operation = fault, operation
        self.saga = None


def staged(make_stage, play):
    """The exit code of play(stage); what goes wrong is shown with all logs, and nothing is left behind."""
    began = time.monotonic()
    stage = make_stage()
    try:
        code = play(stage)
        if code:
            show_logs()
        return code
    except BaseException:
        show_logs()
        raise
    finally:
        stage.end()
        print(f"in {time.monotonic() - began:.0f} s", flush=True)


class Stage(Ground):
    def __init__(self):
        super().__init__()
        services = self.database.create("services")
        # Nobody kills the service: what it did need not be on the disk.
        self.database.query(services, "alter database services set synchronous_commit = off")
        self.things = Service(os.path.join(DEFINITIONS, "things.service.yaml"), self.directory, services).start()
        self.hostiles, self.engine = [], None
        self.history, self.violations, self.sagas, self.failed = [], [], 0, set()

    def serve(self, definitions, hostiles, elsewhere=()):
        """definitions: text by name; hostiles: the services they call beside `things`; elsewhere: lines of services.yaml."""
        self.hostiles = list(hostiles)
        folder = os.path.join(self.directory, "definitions")
        os.mkdir(folder)
        lines = [f"{service.name}: {{ url: {service.url}, connections: {getattr(service, 'limit', 64)} }}"
                 for service in [self.things, *hostiles]]
        for name, text in {**definitions, "services": "services:\n" + "".join(f"  {line}\n" for line in [*lines, *elsewhere])}.items():
            with open(os.path.join(folder, f"{name}.yaml" if name == "services" else f"{name}.saga.yaml"), "w", encoding="utf-8") as file:
                file.write(text)
        self.engine = Engine(self.directory, self.conninfo, [], folder).start()

    def end(self):
        for service in self.hostiles:
            service.stop()
        super().end()

    # --- playing

    def record(self, request, sent, answer):
        self.history.append({**request, "sent": sent, "received": evidence.now(), "status": answer and answer.status,
                             "replayed": bool(answer and answer.headers.get("Idempotency-Replayed")),
                             "answer": answer and answer.json})

    def start(self, case, wait="12s"):
        """Starts the case's saga and waits for its end; one that gets stuck is waited for in vain."""
        self.sagas += 1
        key, sent = f"case-{self.sagas}", evidence.now()
        answer = call("POST", f"{self.engine.url}/v1/sagas/{case.definition}?wait={wait}", case.input, {"Idempotency-Key": key})
        self.record({"operation": "start", "key": key, "input": case.input}, sent, answer)
        assert answer.status in (200, 201, 202), answer
        case.saga = answer.json["id"]

    def cancel(self, case):
        sent, answer = evidence.now(), self.engine.cancel(case.saga)
        self.record({"operation": "cancel", "saga": case.saga}, sent, answer)
        return answer.status

    def play(self, cases, at_once):
        with concurrent.futures.ThreadPoolExecutor(at_once) as clients:
            list(clients.map(self.start, cases))
        self.await_rest()

    def await_rest(self):
        query = "select count(*) from skald.saga where ended_at is null and status <> 'stuck'"
        wait_until(lambda: self.query(query) == [["0"]], "every saga ends", 60)

    def play_part(self, part):
        name, before = part.__name__.replace("_", " "), len(self.violations)
        try:
            part(self)
        except (AssertionError, OSError, http.client.HTTPException) as why:
            self.wrong(f"{name}: {why!r}")
        print(f"{'ok' if len(self.violations) == before else 'FAILED':7}{name}", flush=True)

    # --- judging

    def wrong(self, what):
        self.violations.append(what)
        print(f"violated: {what}", flush=True)

    def demand(self, holds, case, what):
        if not holds:
            self.failed.add(case)
            self.wrong(f"{case.name}, saga {case.saga}: {what}")

    def judge(self, case):
        """Its events are these, and no others. Returns them."""
        events = self.engine.events(case.saga)
        lines = outcomes.told(events)
        self.demand(lines == case.lines, case, "its events are\n    " + "\n    ".join(lines) + "\n  and must be\n    " +
                    "\n    ".join(case.lines))
        return events

    def the_checker(self, least, injected):
        """The checker's verdict about everything that was played."""
        entries, number = [], 0
        while page := self.things.get(f"/_ledger?after={number}&limit=500").json["items"]:
            entries += page
            number = page[-1]["number"]
        run = evidence.Evidence(**evidence.rows_of_log(self.query), ledgers={}, history=self.history, injected=injected)
        # The stand-in cannot know in whose name it worked; the log says which service was asked.
        asked = {(event["saga_id"], event["data"]["step"]): event["data"]["request"]["service"]
                 for event in run.event if "service" in event["data"].get("request", {})}
        run.ledgers = collections.defaultdict(list)
        for entry in entries:
            run.ledgers[asked.get((entry["saga"], entry["step"]), "nobody")].append(entry)
        return checker.verdict(run, least, 5.0)
