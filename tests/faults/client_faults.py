#!/usr/bin/env python3
"""Client faults: cancels at every point of a saga and at the very moment of a reply, one key a hundred times at once, clients that
disconnect right after (or in the middle of) sending, pipelined garbage; against the real engine with PostgreSQL. What must come of
each is known beforehand, or, where two outcomes are right, they must be the same in the answer, the log and the ledger.

    client_faults.py        SKALD_BIN names the binary, SKALD_SEED repeats the moments; exit code 0: no violation, 1: some, 2: too little"""

import collections
import concurrent.futures
import http.client
import itertools
import json
import os
import random
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

import evidence  # noqa: E402
import outcomes  # noqa: E402
from calls import call  # noqa: E402
from gate import Gate  # noqa: E402
from processes import wait_until  # noqa: E402
from stage import DEFINITIONS, Case, Stage, staged  # noqa: E402

STEPS = ("a", "b", "c")
DEFINITIONS_AT_LEAST = 40  # so many that putting them takes a while
RACES = 120
RACES_EACH_WAY = 5  # a run in which the cancel, or the reply, won less often proves nothing and is refused
DISCONNECTS = 60
PIPELINED = 20


class World(Stage):
    def __init__(self, chance):
        super().__init__()
        self.chance = chance
        self.gate = Gate("gate", self.things.url).start()
        gated, mixed = (read(name) for name in ("gated", "mixed"))
        others = {f"other-{number}": gated.replace("saga: gated", f"saga: other-{number}") for number in range(DEFINITIONS_AT_LEAST)}
        self.serve({"gated": gated, "mixed": mixed, **others, "zuletzt": gated.replace("saga: gated", "saga: zuletzt")}, [self.gate])
        # The very first request after it was ready, before anything else.
        self.first = call("POST", self.engine.url + "/v1/sagas/zuletzt", {"hold": ""}, {"Idempotency-Key": "first"})
        self.record({"operation": "start", "key": "first", "input": {"hold": ""}}, evidence.now(), self.first)
        self.too_little = []

    def ask(self, key, given, headers=None):
        """A start as a client sends it, written down whatever comes of it."""
        sent, answer = evidence.now(), None
        try:
            answer = call("POST", self.engine.url + "/v1/sagas/gated", given, {"Idempotency-Key": key, **(headers or {})})
        except (OSError, http.client.HTTPException):
            pass
        self.record({"operation": "start", "key": key, "input": given}, sent, answer)
        return answer

    def kept(self, keys):
        """Those of the keys that the log knows, with their sagas."""
        listed = ",".join(f"'{key}'" for key in keys)
        return dict(self.query(f"select key, saga_id from skald.start_key where key in ({listed})"))


def read(definition):
    with open(os.path.join(DEFINITIONS, definition + ".saga.yaml"), encoding="utf-8") as file:
        return file.read()


def a_ready_node_knows_its_definitions(world):
    if world.first.status != 201:
        world.wrong(f"the first request after it was ready is answered {world.first}")


# --- cancels

def forwards(step):
    """The events until the call of this step has left."""
    lines = ["SagaStarted"]
    for earlier in STEPS[:STEPS.index(step)]:
        lines += [f"StepRequested {earlier}", f"StepSucceeded {earlier} after 1"]
    return lines + [f"StepRequested {step}"]


def backwards(done, possibly=None):
    """Undone in reverse: the step that is only possibly done first, it is the last."""
    lines = []
    for step in [*([possibly] if possibly else []), *reversed(done)]:
        certainty = "possibly done" if step == possibly else "done"
        lines += [f"CompensationRequested {step}", f"StepCompensated {step} after 1, was {certainty}"]
    return lines


def cancelled(step, reply):
    """The cancel meets the call of this step, which is answered like this afterwards."""
    before = list(STEPS[:STEPS.index(step)])
    lines = forwards(step) + ["CompensationStarted: cancelled"]
    if reply == "done":
        lines += [f"StepSucceeded {step} after 1"] + backwards([*before, step])
    elif reply == "refused":
        lines += [f"StepFailed {step} after 1: rejected, not done"] + backwards(before)
    else:  # no further attempt
        lines += [f"StepFailed {step} after 1: unreachable, possibly done"] + backwards(before, step)
    undo = "none" if reply == "refused" and not before else "done"
    return lines + [f"SagaEnded cancelled, undo {undo}"]


def a_cancel_meets_each_call_and_each_answer(world):
    """No call is given up, none is tried again; its answer decides what is undone."""
    for step, reply in itertools.product(STEPS, ("done", "refused", "lost", "later")):
        case = Case(f"cancelled while {step} is asked, which is then {reply}", "gated", {"hold": step, "reply": reply},
                    cancelled(step, reply))
        world.start(case, "0s")
        key = f"{case.saga}:{step}"
        world.gate.await_asked(key)
        world.demand(world.cancel(case) == 202, case, "the cancel is not accepted")
        world.gate.open(key)
        world.engine.ended(case.saga, "cancelled")
        world.judge(case)
        calls = [seen.key for seen in world.gate.seen if seen.key == key]
        world.demand(len(calls) == 1, case, f"{key} was asked for {len(calls)} times")


def a_cancel_meets_the_pause_before_each_retry(world):
    """Nothing is in flight: undone at once, an hour before the next attempt."""
    for step in STEPS:
        before = list(STEPS[:STEPS.index(step)])
        case = Case(f"cancelled while {step} waits for its retry", "gated", {"hold": step, "reply": "later"},
                    forwards(step) + [f"AttemptFailed {step} action 1: unreachable, possibly done", "CompensationStarted: cancelled",
                                      f"StepFailed {step} after 1: cancelled, possibly done"] +
                    backwards(before, step) + ["SagaEnded cancelled, undo done"])
        world.start(case, "0s")
        world.gate.await_asked(f"{case.saga}:{step}")
        world.gate.open(f"{case.saga}:{step}")
        wait_until(lambda case=case: any(event["type"] == "AttemptFailed" for event in world.engine.events(case.saga)), "it is put off")
        world.demand(world.cancel(case) == 202, case, "the cancel is not accepted")
        world.engine.ended(case.saga, "cancelled")
        world.judge(case)


def a_cancel_meets_each_undo(world):
    """Of a cancelled saga: accepted, and nothing changes. Of a refused one: there is another undo."""
    for step, reply, undone in itertools.product(("c",), ("done", "refused"), STEPS):
        if reply == "refused" and undone == "c":
            continue  # c was not done, so it is not undone
        case = Case(f"cancelled while {undone} is undone, after {step} was {reply}", "gated",
                    {"hold": f"{step} {undone}:undo", "reply": reply}, cancelled(step, reply))
        if reply == "refused":
            case.lines = forwards(step) + [f"StepFailed {step} after 1: rejected, not done", "CompensationStarted: rejected"] + \
                backwards(["a", "b"]) + ["SagaEnded compensated, undo done"]
        world.start(case, "0s")
        world.gate.await_asked(f"{case.saga}:{step}")
        if reply == "done":
            world.cancel(case)
        world.gate.open(f"{case.saga}:{step}")
        world.gate.await_asked(f"{case.saga}:{undone}:undo")
        wanted = 202 if reply == "done" else 409
        got = world.cancel(case)
        world.demand(got == wanted, case, f"the cancel is answered {got}, not {wanted}")
        world.gate.open(f"{case.saga}:{undone}:undo")
        end = "cancelled" if reply == "done" else "compensated"
        world.engine.ended(case.saga, end)
        got = world.cancel(case)
        world.demand(got == wanted, case, f"the cancel after the end is answered {got}, not {wanted}")
        world.judge(case)


def a_cancel_and_the_last_reply_at_the_same_moment(world):
    """Two outcomes are right; answer, log and ledger must tell the same one."""
    cases = [Case(f"race {number}", "gated", {"hold": "c", "reply": "done"}, []) for number in range(RACES)]

    def race(case):
        world.start(case, "0s")
        key = f"{case.saga}:c"
        world.gate.await_asked(key)
        ahead = world.chance.uniform(-0.012, 0.012)  # seconds by which the reply is ahead
        opening = threading.Timer(max(0.0, -ahead), world.gate.open, [key])
        opening.start()
        if ahead > 0:
            opening.join()
            time.sleep(ahead)
        case.status = world.cancel(case)
        opening.join()

    with concurrent.futures.ThreadPoolExecutor(6) as clients:
        list(clients.map(race, cases))
    world.await_rest()
    ways = collections.Counter(case.status for case in cases)
    for case in cases:
        case.lines = cancelled("c", "done") if case.status == 202 else forwards("c") + [
            "StepSucceeded c after 1", "SagaEnded completed, undo none"]
        world.demand(case.status in (202, 409), case, f"the cancel is answered {case.status}")
        world.judge(case)
    print(f"       the cancel came first {ways[202]} times, the reply {ways[409]} times")
    if min(ways[202], ways[409]) < RACES_EACH_WAY:
        world.too_little.append(f"the races went {dict(ways)}")


def a_cancel_at_any_moment(world):
    """Without a gate: wherever it meets the saga, before and after each event."""
    cases = [Case(f"at any moment {number}", "gated", {"hold": "", "reply": "done"}, []) for number in range(RACES)]
    whole = Case("one left alone", "gated", cases[0].input, [])
    began = time.monotonic()
    world.start(whole)
    long = 2 * (time.monotonic() - began)  # four are under way at once

    def cancel_some_time(case):
        world.start(case, "0s")
        time.sleep(world.chance.uniform(0, long))
        case.status = world.cancel(case)

    with concurrent.futures.ThreadPoolExecutor(4) as clients:
        list(clients.map(cancel_some_time, cases))
    world.await_rest()
    met = collections.Counter()
    for case in cases:
        lines = outcomes.told(world.engine.events(case.saga))
        world.demand((lines[-1] == "SagaEnded completed, undo none") == (case.status == 409), case,
                     f"the cancel is answered {case.status}, and the saga says {lines[-1]}")
        met[lines[lines.index("CompensationStarted: cancelled") - 1] if case.status == 202 else "the end"] += 1
    print("       they came after: " + ", ".join(f"{line} {count}" for line, count in met.most_common()))
    if len(met) < 3:
        world.too_little.append(f"the cancels met only {list(met)}")


def steps_of_every_kind_cancelled_at_any_moment(world):
    """Sets, waits, switches, parallel branches, awaited events, declared refusals: the checker at the end knows what must hold."""
    cases = []
    for number in range(RACES):
        given = {"big": world.chance.random() < 0.5, "refuse": world.chance.random() < 0.3}
        cases.append(Case(f"mixed {number}", "mixed", given, []))
    moments = [(world.chance.random() < 0.6, world.chance.uniform(0, 0.6), world.chance.random() < 0.5) for _ in cases]

    def play(case, moment):
        cancels, pause, nudges = moment
        world.start(case, "0s")
        if nudges:
            call("POST", f"{world.engine.url}/v1/sagas/{case.saga}/signals/nudge", {"why": "not"})
        if cancels:
            time.sleep(pause)
            world.cancel(case)

    with concurrent.futures.ThreadPoolExecutor(8) as clients:
        list(clients.map(play, cases, moments))
    world.await_rest()
    ends = collections.Counter(world.engine.saga(case.saga)["status"] for case in cases)
    print(f"       they ended as {dict(ends)}")
    if min(ends[status] for status in ("completed", "compensated", "cancelled")) < RACES_EACH_WAY:
        world.too_little.append(f"sagas with steps of every kind ended as {dict(ends)}")


# --- starts

def an_input_at_the_limit_of_depth(world):
    """The log keeps 64 levels. An input that does not fit is refused at once; whatever was taken can be read after the kill below."""
    levels = range(58, 68)
    answers = [world.ask(f"deep-{depth}", {"hold": "", "deep": json.loads("[" * (depth - 1) + "]" * (depth - 1))}) for depth in levels]
    statuses = [answer.status if answer is not None else None for answer in answers]
    taken = statuses.count(201)
    if statuses[:taken] != [201] * taken or not {*statuses[taken:]} <= {400, 422} or taken in (0, len(statuses)):
        world.wrong(f"inputs of {levels[0]} to {levels[-1]} levels are answered {statuses}: {answers[-1]}")
    print(f"       an input {levels[0] + taken - 1} levels deep is taken, a deeper one answered {statuses[taken:]}")


def one_key_a_hundred_times_at_once_and_a_kill(world):
    """All of them ask until they have an answer; the engine is killed meanwhile."""
    given = {"hold": "", "reply": "done"}
    answers = []
    killed = threading.Event()

    def insist(number):
        if number >= 50:
            killed.wait(30)
        while True:
            answer = world.ask("hundred", given)
            if answer is not None and answer.status in (201, 202):
                return answers.append(answer)
            time.sleep(0.05)

    threads = [threading.Thread(target=insist, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(world.kept(["hundred"])) == 1, "the saga is in the log")
    world.engine.kill()
    killed.set()
    world.engine.start()
    for thread in threads:
        thread.join()
    sagas = {answer.json["id"] for answer in answers}
    if len(answers) != 100 or len(sagas) != 1:
        world.wrong(f"{len(answers)} answers name {len(sagas)} sagas")
    other = world.ask("hundred", {"hold": "", "reply": "lost"})
    if other.status != 422:
        world.wrong(f"the same key with another body is answered {other}")
    del world.history[-1]  # the checker takes a 422 that names no saga for a start that was invalid
    world.await_rest()


def request(key, given, name="gated"):
    body = json.dumps(given).encode()
    return (f"POST /v1/sagas/{name} HTTP/1.1\r\nHost: skald\r\nIdempotency-Key: {key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def clients_that_disconnect(world):
    """After the last byte, in the middle of the head, in the middle of the body; politely and not."""
    given, whole, partial = {"hold": "", "reply": "done"}, [], []
    for number in range(DISCONNECTS):
        key, share = f"gone-{number}", (1, 1, 0.4, 0.9)[number % 4]
        bytes_of_it = request(key, given)
        with socket.create_connection(("127.0.0.1", world.engine.port)) as client:
            client.sendall(bytes_of_it[:int(len(bytes_of_it) * share)])
            if number % 3 == 0:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # RST
        (whole if share == 1 else partial).append(key)
        world.history.append({"operation": "start", "key": key, "input": given, "sent": evidence.now(), "received": evidence.now(),
                              "status": None, "replayed": False, "answer": None})
    # Whoever asks after them comes after them: a lane takes connections in order.
    world.ask("after-them", given)
    known = world.kept(whole + partial)
    half = [key for key in partial if key in known]
    if half:
        world.wrong(f"half a request has started {half}")
    print(f"       {len(whole)} requests were whole, {len(known)} of them began a saga; {len(partial)} were not, none did")
    if len(known) < len(whole) // 4:
        world.too_little.append(f"only {len(known)} requests were taken before their client was gone")
    for key in whole + partial:
        answer = world.ask(key, given)
        if answer.status not in (201, 202):
            world.wrong(f"{key}, asked once more, is answered {answer}")
        elif key in known and answer.json["id"] != known[key]:
            world.wrong(f"{key} began {known[key]}, and the client hears of {answer.json['id']}")
    world.await_rest()


def pipelined_garbage(world):
    """What comes before it is done and answered in order; it is answered 400; nothing behind it is taken for a request."""
    given = {"hold": "", "reply": "done"}
    keys = [f"pipe-{number}" for number in range(PIPELINED)]
    with socket.create_connection(("127.0.0.1", world.engine.port), timeout=30) as client:
        sent = evidence.now()
        client.sendall(b"".join(request(key, given) for key in keys) + b"\x00\xffgarbage\r\n\r\n" + request("behind-garbage", given))
        received = b""
        while data := client.recv(65536):
            received += data
    statuses = [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]
    if statuses != [201] * PIPELINED + [400]:
        world.wrong(f"the pipeline is answered {statuses}")
    known = world.kept([*keys, "behind-garbage"])
    if set(known) != set(keys):
        world.wrong(f"of the pipeline the log knows {sorted(known)}")
    for key in keys:
        world.history.append({"operation": "start", "key": key, "input": given, "sent": sent, "received": evidence.now(), "status": None,
                              "replayed": False, "answer": None})
        world.ask(key, given)
    world.await_rest()


PARTS = (a_ready_node_knows_its_definitions, a_cancel_meets_each_call_and_each_answer, a_cancel_meets_the_pause_before_each_retry,
         a_cancel_meets_each_undo, a_cancel_and_the_last_reply_at_the_same_moment, a_cancel_at_any_moment,
         steps_of_every_kind_cancelled_at_any_moment,
         an_input_at_the_limit_of_depth, one_key_a_hundred_times_at_once_and_a_kill, clients_that_disconnect, pipelined_garbage)


def run(world):
    for part in PARTS:
        world.play_part(part)
    for why in world.gate.broken:
        world.wrong(f"of the gate itself: {why}")
    injected = [{"kind": "client", "what": part.__name__, "at": None, "until": None, "hits": 1} for part in PARTS]
    injected += [{"kind": "service", "what": what, "at": None, "until": None, "hits": hits} for what, hits in world.gate.hits.items()]
    verdict = world.the_checker({"acknowledged": 2 * RACES, "faults": len(PARTS), "hits": RACES, "cancels accepted": RACES}, injected)
    found = len(world.violations) + len(verdict.violations)
    print(f"=== client faults: {len(PARTS)} kinds; sagas: {verdict.counts['sagas']}; hits: {verdict.counts['hits']}; "
          f"acknowledged starts: {verdict.counts['acknowledged']}; cancels accepted: {verdict.counts['cancels accepted']}")
    for why in world.too_little:
        print(f"=== refused: {why}")
    print(f"=== {found} violations")
    return 1 if found else 2 if world.too_little or verdict.code else 0


def main():
    seed = int(os.environ.get("SKALD_SEED") or random.randrange(1 << 31))
    print(f"SKALD_SEED={seed}", flush=True)
    return staged(lambda: World(random.Random(seed)), run)


if __name__ == "__main__":
    sys.exit(main())
