"""Processes of a test: started with a log of their own, awaited by a condition with a bound, ended by their id."""

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time

BINARY = os.environ.get("SKALD_BIN", "build/release/skald")
SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PATIENCE = 30.0  # seconds for anything that has to happen; a slow machine is no failure
LOG_TAIL = 4000  # characters of each log that a failed test shows


def wait_until(condition, what, patience=PATIENCE):
    """The first true value of condition(), which is asked again and again; fails when the patience ends."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {patience:.0f} s: {what}")
        time.sleep(0.02)


def free_port():
    """Below the range from which the kernel takes ports for outgoing connections: while the service of a port is down,
    nothing else may come to have that port."""
    for port in random.sample(range(20000, 30000), 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port")


def end_with_parent():
    """Runs in the child: a test that is killed leaves nothing behind (prctl PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGINT)


class Process:
    running = []  # of this test program, for the logs of a failed test

    def __init__(self, name, command, directory, environment=None, user=None):
        self.name = name
        self.command = command
        self.log_file = os.path.join(directory, name + ".log")
        self.environment = environment or {}
        self.user = user
        self.popen = None

    def start(self):
        assert self.popen is None, f"{self.name} runs already"
        kept = {k: v for k, v in os.environ.items() if not k.startswith("SKALD_")}
        with open(self.log_file, "ab") as log:
            self.popen = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=os.path.dirname(self.log_file),
                env={**kept, **self.environment}, user=self.user, preexec_fn=end_with_parent)
        Process.running.append(self)
        return self

    def is_running(self):
        return self.popen is not None and self.popen.poll() is None

    def stop(self, how=signal.SIGTERM):
        """Asks it to end, and kills it when it does not."""
        if self.popen is None:
            return None
        if self.popen.poll() is None:
            self.popen.send_signal(how)
        try:
            status = self.popen.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            status = self.popen.wait()
            print(f"{self.name} did not end and was killed", file=sys.stderr)
        self.popen = None
        Process.running.remove(self)
        return status

    def kill(self):
        self.stop(signal.SIGKILL)

    def log(self):
        with open(self.log_file, encoding="utf-8", errors="replace") as log:
            return log.read()


def show_logs():
    for process in Process.running:
        print(f"\n---- {process.name} ----\n{process.log()[-LOG_TAIL:]}", file=sys.stderr)


class LogsOnFailure:
    """For test cases: shows the logs of all processes when a test fails. unittest tells its outcome nowhere else."""

    def tearDown(self):
        if not self._outcome.success:
            show_logs()
