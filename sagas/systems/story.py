#!/usr/bin/env python3
"""Plays the story of a system and prints it as a transcript: who asks for what, which service did what, what was undone, and
what the views show at the end. Each system's folder has its story.py. Ends with 1 when the story does not go as told.

Usage: ./dev story SYSTEM      on the sandbox of `./dev up` if one runs (SKALD_SERVER, else port 8088), else on one of its own
"""

import contextlib
import glob
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ENDED = ("completed", "compensated", "cancelled", "failed")
PATIENCE = 60.0  # seconds for anything of the story


def call(method, url, body=None):
    """(status, the JSON of the answer)."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read() or b"null")


def wait_until(condition, what):
    end = time.monotonic() + PATIENCE
    while not (value := condition()):
        if time.monotonic() > end:
            raise SystemExit(f"story: not within {PATIENCE:.0f} s: {what}")
        time.sleep(0.05)
    return value


class Story:
    def __init__(self, url):
        self.url = url
        self.mark = f"{time.time_ns() // 1_000_000 % 16**6:06x}"  # makes names of this telling its own: the sandbox may have seen others
        self.told = {}  # how many events of a saga were told

    def chapter(self, title):
        print(f"\n## {title}")

    def start(self, who, wish, saga, status=201, /, **given):
        """Asks for it, and tells what came of it until it has ended or waits for people; its id."""
        found, answer = call("POST", f"{self.url}/v1/sagas/{saga}", given)
        self.says(who, wish, found, answer, status)
        return self.follow(answer.get("id") or answer["saga"])

    def signal(self, who, wish, saga, event, status=202, /, **told):
        self.says(who, wish, *call("POST", f"{self.url}/v1/sagas/{saga}/signals/{event}", told), status)
        self.follow(saga)

    def cancel(self, who, wish, saga, status=202):
        self.says(who, wish, *call("POST", f"{self.url}/v1/sagas/{saga}/cancel", {"reason": wish}), status)
        self.follow(saga)

    def says(self, who, wish, found, answer, expected):
        reason = f": {answer.get('detail') or answer['title']}" if found >= 300 else ""
        print(f"\n{who} {wish}\n    {found}{reason}")
        if found != expected:
            raise SystemExit(f"story: {found} where {expected} was to be expected: {answer}")

    def follow(self, saga, until=ENDED):
        """Tells what has happened since it was last told, once it has come to rest."""
        def rests():
            status, found = call("GET", f"{self.url}/v1/sagas/{saga}")
            waits = until is ENDED and any(wait["reason"] == "event" for wait in found.get("waitingFor", ()))
            return status == 200 and (found["status"] in until or waits)
        wait_until(rests, f"saga {saga} comes to rest")
        events = call("GET", f"{self.url}/v1/sagas/{saga}/events?limit=1000")[1]["items"]
        services = {event["step"]: event["request"]["service"] for event in events if event["type"] == "StepRequested" and event["kind"] == "http"}
        for event in events[self.told.get(saga, 0):]:
            if text := line_of(event):
                print(f"    {services.get(event.get('step'), 'saga'):<14} {event.get('step', ''):<10} {text}")
        self.told[saga] = len(events)
        return saga

    def show(self, view, **where):
        """The rows of a view, once it has passed all that was told."""
        query = urllib.parse.urlencode(where)
        for saga in self.told:
            position = call("GET", f"{self.url}/v1/sagas/{saga}")[1]["position"]
            status, page = call("GET", f"{self.url}/v1/views/{view}?{query}&after={position}")
            if status != 200:
                raise SystemExit(f"story: {view}: {page}")
        print(f"\n{view} where {', '.join(f'{column} is {value}' for column, value in where.items())}:")
        for row in page["items"]:
            print("    " + ", ".join(f"{column} {json.dumps(value, ensure_ascii=False)}" for column, value in row.items() if value is not None))
        if not page["items"]:
            raise SystemExit(f"story: {view} shows nothing")


def line_of(event):
    kind, title = event["type"], (event.get("error") or {}).get("title")
    if kind == "StepSucceeded":
        return "done"
    if kind == "StepFailed":
        return f"given up: {title}" if event["error"]["type"] == "cancelled" else f"refused: {title}"
    if kind == "StepWaiting":
        return f"waits: {event['reason']}"
    if kind == "EventReceived":
        return f"hears {event['name']}"
    if kind == "CompensationStarted":
        return f"is taken back: {title}"
    if kind == "StepCompensated":
        return "undone" if event["succeeded"] else "made sure that nothing is left"
    return event["status"] if kind == "SagaEnded" else None


def serves(url, system):
    """Whether somebody listens there who knows all sagas of the system."""
    try:
        with socket.create_connection((urllib.parse.urlsplit(url).hostname, urllib.parse.urlsplit(url).port or 80), 2):
            status, known = call("GET", url + "/v1/definitions")
    except (OSError, ValueError):
        return False
    sagas = {os.path.basename(file).removesuffix(".saga.yaml") for file in glob.glob(f"{HERE}/{system}/*.saga.yaml")}
    return status == 200 and sagas <= {item["name"] for item in known["items"]}


@contextlib.contextmanager
def own_sandbox(system):
    """`skald dev` with the system on ports that are free, ended and forgotten with the story."""
    files = sorted(glob.glob(f"{HERE}/{system}/*.service.yaml"))
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(len(files) + 1)]
    port, *ports = [probe.getsockname()[1] for probe in probes]
    environment = dict(os.environ)
    for file, of_service in zip(files, ports):
        name = os.path.basename(file).split(".")[0].upper()
        environment |= {f"SKALD_SANDBOX_{name}_PORT": str(of_service), f"SKALD_SERVICE_{name}_URL": f"http://127.0.0.1:{of_service}"}
    for probe in probes:
        probe.close()
    program = os.environ.get("SKALD_BIN", os.path.join(HERE, "..", "..", "build", "release", "skald"))
    with tempfile.TemporaryFile("w+") as log:
        dev = subprocess.Popen([program, "dev", f"{HERE}/{system}", "--ephemeral", "--port", str(port), "--sandbox", *files],
                               env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until(lambda: dev.poll() is not None or serves(url, system), "the sandbox answers")
            if dev.poll() is not None:
                log.seek(0)
                raise SystemExit("story: the sandbox ended:\n" + log.read())
            yield url
        finally:
            dev.send_signal(signal.SIGTERM)
            dev.wait()


def main():
    systems = sorted(os.path.basename(os.path.dirname(file)) for file in glob.glob(f"{HERE}/*/story.py"))
    if len(sys.argv) != 2 or sys.argv[1] not in systems:
        raise SystemExit(f"usage: ./dev story SYSTEM, where SYSTEM is one of: {' '.join(systems)}")
    system = sys.argv[1]
    spec = importlib.util.spec_from_file_location(f"story_of_{system}", f"{HERE}/{system}/story.py")
    told = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(told)
    running = os.environ.get("SKALD_SERVER", "http://127.0.0.1:8088")
    with contextlib.nullcontext(running) if serves(running, system) else own_sandbox(system) as url:
        print(f"# {system}, on {url}" + ("" if url == running else ", a sandbox for this story alone"))
        told.play(Story(url))


if __name__ == "__main__":
    main()
