"""Keeps an engine alive: starts it, with failpoints armed or not, notices when it died, whoever did it, and starts it again.
Tells from when until when it was away."""

import os
import signal
import threading
import time

import evidence
from failpoints import action_taken
from processes import PATIENCE
from world import answers

LOOK = 0.01  # seconds between two looks at the process
FROZEN = 2.0  # seconds until a process that a failpoint stopped is continued


class Supervisor:
    def __init__(self, engine, failpoint=None, counts_file=None):
        self.engine, self.failpoint = engine, failpoint
        self.plain_environment = engine.process.environment
        self.counts_file = counts_file
        self.expected = self.ending = self.died_of_it = False
        self.absences = []
        self.ready = threading.Event()
        self.may_start = threading.Event()  # cleared while nothing could start anyway: its database is away
        self.may_start.set()
        self.other_names = False  # comes back as another node each time, which must take over what the dead one had
        self.starts = 0
        self.trouble = None
        self.thread = threading.Thread(target=self.watch)

    @property
    def fired(self):
        return action_taken(self.failpoint, self.counts_file)

    def __enter__(self):
        self.start_engine()
        self.thread.start()
        assert self.ready.wait(PATIENCE * 2), "the engine is ready"
        return self

    def __exit__(self, *_):
        self.ending = True
        self.thread.join()
        self.engine.process.stop()

    def kill(self):
        self.end_engine(signal.SIGKILL)

    def drain(self):
        self.end_engine(signal.SIGTERM)

    def end_engine(self, how):
        self.await_ready()
        self.expected = True
        self.engine.process.popen.send_signal(how)

    def await_ready(self):
        assert self.ready.wait(PATIENCE * 2), f"the engine comes back: {self.trouble}"

    def start_engine(self):
        environment = dict(self.plain_environment)
        if self.counts_file:
            environment["SKALD_FAILPOINTS_COUNTS"] = self.counts_file
        if self.failpoint and not self.fired:
            environment["SKALD_FAILPOINTS"] = self.failpoint
        self.engine.process.environment = environment
        self.starts += 1
        if self.other_names:
            self.engine.be_called(f"e2e-{self.starts}")
        self.may_start.wait()
        self.engine.process.start()
        self.started = time.monotonic()

    def watch(self):
        alive_at = evidence.now()
        while not self.ending:
            time.sleep(LOOK)
            if self.engine.process.is_running():
                if self.ready.is_set():
                    alive_at = evidence.now()
                    self.thaw()
                elif answers(self.engine.url + "/readyz"):
                    if self.absences and self.absences[-1]["until"] is None:
                        self.absences[-1]["until"] = evidence.now()
                    self.ready.set()
                elif time.monotonic() - self.started > PATIENCE:
                    self.trouble = "it runs and does not get ready: " + self.engine.process.log()[-1000:]
                    return
            else:
                self.died(alive_at)

    def died(self, alive_at):
        self.ready.clear()
        status = self.engine.process.stop()
        by_itself = not self.expected
        self.expected = False
        if by_itself and not (status == -signal.SIGKILL and self.fired and not self.died_of_it):
            self.trouble = f"the engine ended with {status}: " + self.engine.process.log()[-1000:]
        self.died_of_it = self.died_of_it or by_itself
        what = self.failpoint if by_itself else "the whole process"
        if self.absences and self.absences[-1]["until"] is None:
            self.absences[-1]["until"] = evidence.now()
        self.absences.append({"kind": "process", "what": what, "at": alive_at, "until": None, "hits": 1})
        self.start_engine()

    def thaw(self):
        """A process that a failpoint stopped goes on after a while, as one whose machine was frozen."""
        try:
            with open(f"/proc/{self.engine.process.popen.pid}/stat", encoding="utf-8") as file:
                stopped = file.read().rsplit(")", 1)[1].split()[0] == "T"
        except OSError:
            return
        if not stopped:
            return
        at = evidence.now()
        time.sleep(FROZEN)
        os.kill(self.engine.process.popen.pid, signal.SIGCONT)
        self.absences.append({"kind": "process", "what": self.failpoint, "at": at, "until": evidence.now(), "hits": 1})
