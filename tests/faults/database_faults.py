"""What befalls the engine's database while clients are at work. Each fault is a function of the stage it happens on: it
waits until it has hit, lasts until clients have felt it, ends, and tells how often it hit and what that means."""

import os
import shutil
import signal
import subprocess
import time

from database_session import Refused, Session
from processes import wait_until

FELT = 20  # so many requests are answered 503 before a fault ends
OF_ENGINE = "application_name = 'skald' and datname = current_database()"


def stopped(how):
    def fault(stage):
        stage.server.stop_by(how)
        stage.wait_until_felt()
        stage.server.start_again()
        return 1, "the server was stopped and started again"
    return fault


def away_for_long(stage):
    """Longer than a request of unknown outcome is kept waiting: it is answered before the database is back."""
    stage.server.stop_by(signal.SIGQUIT)
    wait_until(lambda: stage.undecided() > 0, "a request of unknown outcome is answered", 60)
    stage.wait_until_felt()
    stage.server.start_again()
    return stage.undecided(), "requests of unknown outcome, answered 503 while the server was away; asked again they got their saga"


def stopped_smart(stage):
    """The server lets nobody in and waits for those that are there: the engine, which does not leave."""
    stage.server.process.popen.send_signal(signal.SIGTERM)
    wait_until(stage.server.lets_nobody_in, "the server takes no new session")
    before = stage.acknowledged()
    wait_until(lambda: stage.acknowledged() >= before + FELT, "starts go on through the connections that stay", 60)
    stage.server.stop_by(signal.SIGINT)
    stage.wait_until_felt()
    stage.server.start_again()
    return 1, f"{FELT} starts while the server waited for its clients; then it was stopped fast"


def backends_terminated(stage):
    hits = 0
    for _ in range(6):
        before = stage.acknowledged()
        wait_until(lambda before=before: stage.acknowledged() >= before + 10, "starts are acknowledged between two blows", 60)
        hits += int(stage.query(f"select count(pg_terminate_backend(pid)) from pg_stat_activity where {OF_ENGINE}")[0][0])
    return hits, "backends terminated, all of the engine's at once, six times"


def backend_killed(stage):
    """PostgreSQL then ends all sessions and recovers: some backend may have left shared memory in disorder."""
    for _ in range(3):
        before = stage.acknowledged()
        wait_until(lambda before=before: stage.acknowledged() >= before + 10, "starts are acknowledged between two blows", 60)
        pid, = stage.query(f"select pid from pg_stat_activity where {OF_ENGINE} order by backend_start limit 1")[0]
        watch = Session(stage.server.socket, stage.name)
        os.kill(int(pid), signal.SIGKILL)
        wait_until(lambda watch=watch: is_gone(watch), "the server ends all sessions")
        wait_until(stage.server.is_ready, "the server has recovered", 60)
    return 3, "backends killed, each time the whole server recovered"


def is_gone(session):
    try:
        session.query("select 1")
        return False
    except (OSError, Refused):
        session.close()
        return True


def connections_exhausted(stage):
    """Others take every connection there is, and the engine loses its own."""
    operator, others = Session(stage.server.socket, stage.name), []

    def engine_is_out():
        try:
            while True:
                others.append(Session(stage.server.socket, "postgres"))
        except Refused as refused:
            assert refused.code == "53300", refused
        return operator.value(f"select count(pg_terminate_backend(pid)) from pg_stat_activity where {OF_ENGINE}") == "0"

    try:
        wait_until(engine_is_out, "others have all connections")
        stage.wait_until_felt()
    finally:
        for session in [operator, *others]:
            session.close()
    return len(others), "connections held by others, none was left for the engine"


def disk_full(stage):
    filler = os.path.join(stage.small_disk, "filler")
    with open(filler, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(8192))
        except OSError:
            pass
    try:
        stage.wait_until_felt()
        refusals = int(stage.server.process.log().count("No space left on device"))
    finally:
        os.remove(filler)
    assert refusals > 0, "PostgreSQL said that no space was left"
    return refusals, "writes that PostgreSQL refused for want of space"


def transaction_left_open(stage, last=140):
    """A reader that never ends: it may hold up neither appends nor the making of segments."""
    reader = Session(stage.server.socket, stage.name)
    reader.query("begin isolation level repeatable read; select count(*) from skald.event")
    segments, felt = segments_of(stage), stage.felt()
    end = time.monotonic() + last
    wait_until(lambda: time.monotonic() > end, "the transaction has been open for long", last + 60)
    made = segments_of(stage) - segments
    assert made >= 2, f"segments are made behind an open reader, and {made} were"
    assert stage.felt() == felt, "nobody is refused because of a reader"
    reader.query("commit")
    reader.close()
    return made, f"segments made while a reader's transaction was open for {last} s, no request refused"


def segments_of(stage):
    return int(stage.query("select count(*) from skald.segment")[0][0])


def rows_left_locked(stage, last=45):
    """Somebody has locked rows of running sagas and went for lunch: those wait, and whoever comes anew does not."""
    somebody, locked, writers = Session(stage.server.socket, stage.name), [], stage.writers()
    waiting = f"select count(*) from pg_stat_activity where {OF_ENGINE} and wait_event_type = 'Lock' and query like '%fence%'"

    def an_append_waits():
        somebody.query("rollback")
        locked[:] = somebody.query("begin; select saga_id from skald.saga where ended_at is null for update")
        end = time.monotonic() + 1
        while time.monotonic() < end:
            if stage.query(waiting)[0][0] != "0":
                return True
        return False

    wait_until(an_append_waits, "an append waits for a locked row")
    end, starts = time.monotonic() + last, 0
    while time.monotonic() < end:
        before = stage.acknowledged()
        wait_until(lambda before=before: stage.acknowledged() >= before + FELT, f"{FELT} starts while rows are locked", 60)
        starts += FELT
    somebody.query("rollback")
    somebody.close()
    assert stage.writers() == writers, "no writer is renewed because of a locked row"
    return len(locked), f"rows of running sagas locked by others for {last} s, and {starts} new starts meanwhile"


def writer_left_locked(stage):
    """Somebody has locked the engine's own row: the lane that must go on ends that session."""
    somebody = Session(stage.server.socket, stage.name)
    somebody.query("begin; select from skald.writer where revoked_at is null for update")
    wait_until(lambda: is_gone(somebody), "whoever blocks the writer's row is ended", 60)
    return 1, "session that blocked the writer's row, ended by the engine"


# In this order; those of the first line also in the short form.
SHORT = {"stopped immediate": stopped(signal.SIGQUIT), "backends terminated": backends_terminated,
         "connections exhausted": connections_exhausted}
LONG = {"stopped fast": stopped(signal.SIGINT), "stopped smart": stopped_smart, "away for long": away_for_long,
        "backend killed": backend_killed, "disk full": disk_full, "transaction left open": transaction_left_open,
        "rows left locked": rows_left_locked, "writer left locked": writer_left_locked}
NEEDS_SMALL_DISK = ("disk full",)


class SmallDisk:
    """A file system of its own that can be filled to the last byte; whoever may not mount one does without."""

    def __init__(self, directory, owner, megabytes=160):
        self.directory = os.path.join(directory, "small-disk")
        os.mkdir(self.directory)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", self.directory],
                                 capture_output=True, text=True, check=False)
        self.why_not = None if mounted.returncode == 0 else mounted.stderr.strip() or "mount failed"
        if self.why_not is None:
            self.tablespace = os.path.join(self.directory, "tablespace")
            os.mkdir(self.tablespace)
            if owner:
                shutil.chown(self.tablespace, owner)

    def end(self):
        if self.why_not is None:
            subprocess.run(["umount", "--lazy", self.directory], check=True)
