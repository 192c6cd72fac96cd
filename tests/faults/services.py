#!/usr/bin/env python3
"""Service faults: everything of service_faults.py, done to a step and to an undo of a saga, by a hostile service between the real
engine (with PostgreSQL) and a stand-in service. Of each the events must be those that semantics.md section 2 demands, the ledger
must say the same, and the engine's memory must stay bounded. At the end the checker judges all of it.

    services.py [--only WORDS]      SKALD_BIN names the binary; exit code 0: no violation, 1: some, 2: too little happened"""

import argparse
import collections
import concurrent.futures
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

import outcomes  # noqa: E402
import service_faults  # noqa: E402
from evidence import seconds  # noqa: E402
from hostile import Decoy, Hostile  # noqa: E402
from processes import free_port, wait_until  # noqa: E402
from service_faults import DONE, LOST, Fault, Meaning  # noqa: E402
from stage import DEFINITIONS, Case, Stage, staged  # noqa: E402

AT_ONCE = 24  # sagas; so many that faults meet on one connection, so few that a time-out is the service's and not the machine's
TIMEOUT = 2.0  # seconds, as in probe.saga.yaml
SLACK = 1.0  # seconds that a time-out may come late on a busy machine
CLOCKS = 0.05
FLOOD = 64  # answers without end at once: as many as there are connections to a service
# Per connection the client keeps at most an answer of 1 MiB, which may be held twice while its buffer grows.
MEMORY = FLOOD * 2 * service_faults.MEGABYTE + 32 * service_faults.MEGABYTE
FAULTS_AT_LEAST = 50


def case_of(fault, operation, times):
    act = operation == "action"
    lines = (outcomes.of_action if act else outcomes.of_undo)(fault.means, times)
    given = {"action": fault.name if act else "", "undo": "" if act else fault.name, "times": times, "refuse": not act}
    return Case(f"{fault.name} ({operation}, {times} times)", "probe", given, lines, fault, operation)


def cases_of(faults):
    for fault in faults:
        yield case_of(fault, "action", outcomes.ATTEMPTS)
        if fault.means.kind in ("unknown", "not done"):
            yield case_of(fault, "action", 1)
        yield case_of(fault, "undo", 2)


class World(Stage):
    def __init__(self):
        super().__init__()
        self.decoy = Decoy()
        self.faults = service_faults.table(TIMEOUT, self.decoy.url)
        self.hostile = Hostile("hostile", {**self.faults, **SPECIAL}, self.things.url).start()
        self.stale = Hostile("stale", SPECIAL, self.things.url).start()
        self.stale.limit = 1
        self.late = Hostile("late", {}, self.things.url)  # nobody listens there until it is started
        self.serve(self.definitions(), [self.hostile, self.stale, self.late], [f"nobody: {{ url: http://127.0.0.1:{free_port()} }}"])

    @staticmethod
    def definitions():
        texts = {}
        for name in ("probe", "stale"):
            with open(os.path.join(DEFINITIONS, name + ".saga.yaml"), encoding="utf-8") as file:
                texts[name] = file.read()
        for name, attempts in (("nobody", outcomes.ATTEMPTS), ("late", 0)):
            text = texts["probe"].replace("saga: probe", f"saga: {name}").replace("service: hostile", f"service: {name}")
            texts[name] = text.replace(f"maximumAttempts: {outcomes.ATTEMPTS}", f"maximumAttempts: {attempts}")
        return texts

    def end(self):
        self.decoy.stop()
        super().end()

    def judge_fault(self, case):
        events = self.judge(case)
        if case not in self.failed:
            self.judge_calls(case)
            self.judge_errors(case, events)
            self.judge_effects(case, events)

    def judge_calls(self, case):
        """The same key for every attempt, attempts counted from 1."""
        for operation, key in (("action", f"{case.saga}:probe"), ("compensate", f"{case.saga}:probe:undo")):
            seen = [seen for seen in self.hostile.seen if seen.key.startswith(case.saga) and seen.operation == operation]
            self.demand({one.key for one in seen} <= {key}, case, f"its keys are {[one.key for one in seen]}, not {key}")
            attempts = [one.attempt for one in seen]
            self.demand(attempts == list(range(1, len(attempts) + 1)), case, f"its attempts are {attempts}")

    def judge_errors(self, case, events):
        fault, means = case.fault, case.fault.means
        failures = [event for event in events if event["type"] in ("AttemptFailed", "StepFailed") and event["step"] == "probe"]
        for event in failures:
            if means.status and event["type"] == "AttemptFailed":
                self.demand(event["error"].get("status") == means.status, case, f"its status is {event['error'].get('status')}")
        attempts = [event for event in failures if event["type"] == "AttemptFailed"]
        for event in attempts:
            pause = seconds(event["retryAt"]) - seconds(event["time"])
            if means.retry_after:
                # What a date says is known to a second, and the answer took its time.
                self.demand(means.retry_after - 0.5 <= pause <= means.retry_after + 1.5, case, f"its next attempt is put off by {pause} s")
            else:
                self.demand(pause <= 0.3, case, f"its next attempt is put off by {pause} s")
        if fault.timeout and attempts:
            asked = next(event for event in events if event["type"] == (
                "StepRequested" if case.operation == "action" else "CompensationRequested") and event["step"] == "probe")
            took = seconds(attempts[0]["time"]) - seconds(asked["time"])
            self.demand(fault.timeout - CLOCKS - 0.5 <= took <= fault.timeout + SLACK, case, f"it timed out after {took} s")

    def judge_effects(self, case, events):
        """On the ledger: what was done, once, and undone where the events say so."""
        effects = collections.Counter(entry["key"] for entry in self.things.effects(case.saga))
        undone = {event["step"]: event for event in events if event["type"] == "StepCompensated"}
        completed = events[-1].get("status") == "completed"
        served = [seen for seen in self.hostile.seen if seen.key == f"{case.saga}:probe" and
                  (seen.fault is None or case.fault.effect)]
        wanted = {f"{case.saga}:before": 1, f"{case.saga}:after": int(completed), f"{case.saga}:probe": int(bool(served)),
                  f"{case.saga}:before:undo": int("before" in undone),
                  f"{case.saga}:probe:undo": int("probe" in undone and bool(served))}
        wanted = {key: count for key, count in wanted.items() if count}
        self.demand(dict(effects) == wanted, case, f"its effects are {dict(effects)}, and must be {wanted}")
        if "probe" in undone and not served:
            self.demand(undone["probe"]["answer"] == 404, case, "the undo of what was never done is answered 404")


# --- what needs a play of its own

def well_and_closes(wire, effect):
    wire.send(service_faults.good(effect))
    wire.close()


def dies_then_refuses(wire, _):
    if wire.attempt == 1:
        wire.close()
    wire.send(service_faults.well_formed(409, b""))


SPECIAL = {fault.name: fault for fault in (
    Fault("does the effect and dies, then refuses", dies_then_refuses, LOST),
    Fault("answers twice at once", service_faults.twice_at_once, DONE),
    Fault("answers twice with a pause", service_faults.twice_with_a_pause, DONE),
    Fault("answers well and closes", well_and_closes, DONE),
    Fault("closes when it is used again", lambda wire, _: wire.close(), LOST, effect=False),
    Fault("resets when it is used again", lambda wire, _: wire.reset(), LOST, effect=False),
    Fault("429 for ten years", service_faults.answer(429, b"", "Retry-After: 315360000\r\n"),
          Meaning("not done", "unreachable", 429), effect=False),
    *(Fault(f"a body {levels} levels deep", service_faults.deep(levels), DONE) for levels in range(60, 68)),
)}


def stale_connections(world):
    """One that was closed while idle costs no attempt; one that closes under the request may have done it."""
    begin = ["SagaStarted", "StepRequested first", "StepSucceeded first after 1", "StepRequested second"]
    end = ["SagaEnded completed, undo none"]
    lost = ["AttemptFailed second action 1: unreachable, possibly done", "StepSucceeded second after 2"]
    plays = [Case(f"stale: {first or second}", "stale", {"first": first, "second": second}, begin + middle + end)
             for first, second, middle in (("answers well and closes", "", ["StepSucceeded second after 1"]),
                                           ("", "closes when it is used again", lost),
                                           ("", "resets when it is used again", lost))]
    for case in plays:
        world.start(case)
        world.judge(case)
        on = [seen.connection for seen in world.stale.seen if seen.key.startswith(case.saga)]
        if case.input["first"]:
            world.demand(on[0] != on[1], case, "the closed connection was used again")
        else:
            world.demand(on[0] == on[1] != on[2], case, f"its connections were {on}: no request met a closed one")


def answered_twice(world):
    """On the only connection to a service: the second answer is nobody's. Whoever asks next has an answer of his own."""
    for first, second in (("answers twice at once", ""), ("", "answers twice at once"), ("", "answers twice with a pause")):
        case = Case(f"answered twice: {first}, {second}", "stale", {"first": first, "second": second},
                    ["SagaStarted", "StepRequested first", "StepSucceeded first after 1", "StepRequested second",
                     "StepSucceeded second after 1", "SagaEnded completed, undo none"])
        next_one = Case("the next one", "stale", {"first": "", "second": ""}, case.lines)
        for one in (case, next_one):
            world.start(one)
            world.judge(one)
            outputs = {step["id"]: step["output"]["id"] for step in world.engine.saga(one.saga)["steps"]}
            world.demand(outputs == {step: f"{one.saga}-{step}" for step in ("first", "second")}, one, f"its answers are {outputs}")
            if second.endswith("pause") and one is case:
                wait_until(lambda: world.stale.gone >= world.stale.connections, "the connection with the second answer is closed")


def nobody_there(world):
    """A refused connection: certainly not done, so it is not undone; and when somebody is there at last, all is well."""
    refused = Meaning("not done", "unreachable")
    given = {"action": "", "undo": "", "times": 1, "refuse": False}
    nobody = Case("connection refused", "nobody", given, outcomes.of_action(refused, outcomes.ATTEMPTS))
    world.start(nobody)
    world.judge(nobody)
    late = Case("connection refused until it is there", "late", given, [])
    world.start(late, "0s")
    failures = wait_until(lambda: (found := [e for e in world.engine.events(late.saga) if e["type"] == "AttemptFailed"])
                          and len(found) >= 2 and found, "two attempts fail")
    world.demand(not any(event["possiblyDone"] for event in failures), late, "an attempt that found nobody is possibly done")
    world.late.start()
    world.engine.ended(late.saga, "completed")


def refused_after_an_unknown_outcome(world):
    """Possibly done stays possibly done, whatever comes after it."""
    name = "does the effect and dies, then refuses"
    case = Case(name, "probe", {"action": name, "undo": "", "times": 3, "refuse": False},
                outcomes.BEGIN + ["AttemptFailed probe action 1: unreachable, possibly done",
                                  "StepFailed probe after 2: rejected, possibly done", "CompensationStarted: rejected"] +
                outcomes.UNDO_PROBE + outcomes.UNDO_BEFORE)
    world.start(case)
    world.judge(case)
    undone = [entry for entry in world.things.effects(case.saga) if entry["key"] == f"{case.saga}:probe:undo"]
    world.demand(len(undone) == 1, case, "what the first attempt had done was not undone")


def ten_years(world):
    """What no service can mean is cut to a day, and a cancel does not wait for it."""
    case = Case("429 for ten years, then a cancel", "probe", {"action": "429 for ten years", "undo": "", "times": 1, "refuse": False},
                outcomes.BEGIN + ["AttemptFailed probe action 1: unreachable, not done", "CompensationStarted: cancelled",
                                  "StepFailed probe after 1: cancelled, not done",
                                  "CompensationRequested before", "StepCompensated before after 1, was done",
                                  "SagaEnded cancelled, undo done"])
    world.start(case, "0s")
    failed = wait_until(lambda: next((e for e in world.engine.events(case.saga) if e["type"] == "AttemptFailed"), None), "it is put off")
    pause = seconds(failed["retryAt"]) - seconds(failed["time"])
    world.demand(abs(pause - 86_400) < 1, case, f"it is put off by {pause} s")
    assert world.cancel(case) == 202
    world.engine.ended(case.saga, "cancelled")
    world.judge(case)


def at_the_limit_of_depth(world):
    """The log keeps 64 levels. What is deeper cannot be used; whatever it is, no saga gets stuck over it."""
    names = [name for name in SPECIAL if name.startswith("a body")]
    plays = [Case(name, "probe", {"action": name, "undo": "", "times": 1, "refuse": False}, []) for name in names]
    world.play(plays, AT_ONCE)
    ends = [world.engine.saga(case.saga)["status"] for case in plays]
    deepest = ends.index("compensated")
    for case, end in zip(plays, ends):
        world.demand(end in ("completed", "compensated"), case, f"it is {end}")
    world.demand(ends == ["completed"] * deepest + ["compensated"] * (len(ends) - deepest), plays[0], f"by depth they end as {ends}")
    print(f"depth: {names[deepest - 1]} is used, {names[deepest]} is not")


def flood(world):
    """As many endless answers as there are connections, all at once: how far the engine's memory rises."""
    process = f"/proc/{world.engine.process.popen.pid}"
    with open(process + "/clear_refs", "w", encoding="ascii") as file:
        file.write("5")  # the peak begins anew: proc(5)
    before = memory(process, "VmRSS")
    names = ["50 MB until it closes", "endless chunks", "50 MB, announced", "little chunks without end"]
    plays = [case_of(world.faults[names[number % len(names)]], "action", 1) for number in range(FLOOD)]
    with concurrent.futures.ThreadPoolExecutor(FLOOD) as clients:
        list(clients.map(world.start, plays))
    world.await_rest()
    rise = memory(process, "VmHWM") - before
    offered = sum(world.hostile.offered[case.fault.name] for case in plays)
    print(f"memory: {FLOOD} endless answers at once, {mb(offered)} taken from them; it rose by {mb(rise)}, {mb(MEMORY)} are allowed")
    world.demand(rise <= MEMORY, plays[0], f"the engine's memory rose by {mb(rise)}")
    for case in plays:  # whether it was cut for its size or for its time: not at issue here
        world.engine.ended(case.saga, "completed")


def after_a_kill(world):
    """What a service answered stands in the log: whatever it was, the log can be read again."""
    sagas = [start["answer"]["id"] for start in world.history if start["operation"] == "start"]
    before = [world.engine.saga(saga) for saga in sagas]
    world.engine.kill()
    world.engine.start()
    for saga, was in zip(sagas, before):
        if world.engine.saga(saga) != was:
            world.wrong(f"after a kill: saga {saga} reads otherwise")


def memory(process, what):
    with open(process + "/status", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(what))


def mb(size):
    return f"{size / 1e6:.0f} MB"


PARTS = (stale_connections, answered_twice, nobody_there, refused_after_an_unknown_outcome, ten_years, at_the_limit_of_depth, flood,
         after_a_kill)


# --- the whole

def run(world, only):
    faults = [fault for fault in world.faults.values() if only in fault.name]
    plays = list(cases_of(faults))
    world.play(plays, AT_ONCE)
    for case in plays:
        world.judge_fault(case)
    for fault in faults:
        mine = [case for case in plays if case.fault is fault]
        bad = world.failed.intersection(mine)
        print(f"{'FAILED' if bad else 'ok':7}{fault.name}: {fault.means.kind}{', ' + fault.means.error if fault.means.error else ''}; "
              f"{len(mine)} sagas, {world.hostile.hits[fault.name]} hits")
    if not only:
        for part in PARTS:
            world.play_part(part)
    if world.decoy.visitors:
        world.wrong(f"the redirect was followed {world.decoy.visitors} times")
    for why in world.hostile.broken + world.stale.broken:
        world.wrong(f"of the hostile service itself: {why}")
    injected = [{"kind": "service", "what": name, "at": None, "until": None, "hits": count}
                for name, count in (world.hostile.hits + world.stale.hits).items() if name]
    least = {"acknowledged": world.sagas, "faults": FAULTS_AT_LEAST, "hits": 2 * FAULTS_AT_LEAST}
    verdict = world.the_checker({} if only else least, injected)
    hits = sum(count for name, count in (world.hostile.hits + world.stale.hits).items() if name)
    found = len(world.violations) + len(verdict.violations)
    unhit = [fault.name for fault in faults if not world.hostile.hits[fault.name]]
    print(f"=== faults: {len(faults)} and {0 if only else len(SPECIAL) + 2} plays of their own; sagas: {world.sagas}; hits: {hits}; "
          f"acknowledged starts: {verdict.counts['acknowledged']}")
    if unhit:
        print(f"=== refused: never hit: {unhit}")
    print(f"=== {found} violations")
    return 1 if found else 2 if unhit or verdict.code else 0


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--only", default="", metavar="WORDS", help="only faults whose name holds these words")
    given = arguments.parse_args()
    return staged(World, lambda world: run(world, given.only))


if __name__ == "__main__":
    sys.exit(main())
