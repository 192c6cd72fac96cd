"""What the benchmark reads off the kernel and off PostgreSQL, and the private PostgreSQL it runs on."""

import glob
import os
import pwd
import shutil
import signal
import subprocess
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time of a process, with that of its ended children."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return sum(int(ticks) for ticks in fields[11:15]) / TICKS_PER_SECOND


def children(pid):
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path) as stat:
                text = stat.read()
        except OSError:
            continue  # it ended meanwhile
        if int(text.rsplit(")", 1)[1].split()[1]) == pid:
            found.append(int(text.split()[0]))
    return found


def cpu_seconds_with_children(pid):
    total = cpu_seconds(pid)
    for child in children(pid):
        try:
            total += cpu_seconds(child)
        except OSError:
            pass  # it ended: the parent's own figure holds it
    return total


def resident_mb(pid):
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0.0


def client_seconds():
    """CPU of all ended children of this program: the benchmark's client, and psql."""
    times = os.times()
    return times.children_user + times.children_system


class Usage:
    """What everybody has used so far."""

    def __init__(self, stand, engine):
        postgres = stand.postgres
        self.wal, self.commits = postgres.wal_bytes(), postgres.commits(engine.conninfo)
        self.roles = {role: cpu_seconds(process.pid) for role, process in engine.roles.items()}
        self.postgres = postgres.cpu_seconds()
        self.service = cpu_seconds(engine.service.process.pid)
        self.client = client_seconds()

    def since(self, before, count):
        micro = 1e6 / count
        return {"cpu_engine_us": 0, **{f"cpu_{role}_us": (used - before.roles[role]) * micro for role, used in self.roles.items()},
                "cpu_postgres_us": (self.postgres - before.postgres) * micro,
                "cpu_service_us": (self.service - before.service) * micro,
                "wal_bytes": (self.wal - before.wal) / count,
                "commits": (self.commits - before.commits) / count}


def drop_root():
    """Arguments that run a command as somebody PostgreSQL accepts."""
    if os.geteuid() != 0:
        return [], None
    user = "postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody"
    return ["setpriv", f"--reuid={user}", "--clear-groups", "--regid=" + str(pwd.getpwnam(user).pw_gid)], user


class Postgres:
    """A durable server of its own: fsync and synchronous_commit as they come, which is on."""

    def __init__(self, directory, settings=()):
        """`settings`: "name=value", as postgresql.conf has them."""
        self.binaries = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.data = os.path.join(directory, "pg")
        prefix, user = drop_root()
        os.makedirs(self.data)
        if user:
            shutil.chown(directory, user)
            shutil.chown(self.data, user)
        subprocess.run([*prefix, f"{self.binaries}/initdb", "-D", self.data, "-U", "skald", "-A", "trust", "-E", "UTF8",
                        "--locale=C"], check=True, stdout=subprocess.DEVNULL)
        self.log = open(os.path.join(directory, "postgres.log"), "wb")
        # A server that has run for a while takes its old WAL segments again. A new one fills each with zeros first, and everybody waits
        # 50 ms for that, once in 16 MB of WAL.
        self.process = subprocess.Popen(
            [*prefix, f"{self.binaries}/postgres", "-D", self.data, "-k", self.data, "-c", "listen_addresses=",
             "-c", "max_wal_size=4GB", "-c", "wal_init_zero=off", *(word for setting in settings for word in ("-c", setting))], stdout=self.log, stderr=self.log)
        self.conninfo = f"host={self.data} user=skald dbname=postgres"
        deadline = time.monotonic() + 30
        while subprocess.run([f"{self.binaries}/pg_isready", "-q", "-h", self.data]).returncode != 0:
            if time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start; see " + self.log.name)
            time.sleep(0.05)

    def value(self, sql, conninfo=None):
        out = subprocess.run([f"{self.binaries}/psql", "-XAtq", conninfo or self.conninfo, "-c", sql], check=True,
                             stdout=subprocess.PIPE, text=True)
        return out.stdout.strip()

    def events(self, kind=None):
        return int(self.value("select count(*) from skald.event" + (f" where type = '{kind}'" if kind else "")))

    def sagas(self, conninfo=None):
        return int(self.value("select count(*) from skald.saga", conninfo))

    def running(self):
        return int(self.value("select count(*) from skald.saga where ended_at is null and due_at is null"))

    def disk_bytes(self, conninfo=None):
        return int(self.value("select pg_database_size(current_database())", conninfo))

    def view_bytes(self, conninfo=None):
        return int(self.value("select coalesce(sum(pg_total_relation_size(oid)), 0) from pg_class "
                              "where relkind = 'r' and relnamespace = 'skald_views'::regnamespace", conninfo))

    def cpu_seconds(self):
        return cpu_seconds_with_children(self.process.pid)

    def wal_bytes(self):
        return int(self.value("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"))

    def commits(self, conninfo=None):
        # The statistics of a busy backend arrive with a delay of up to a second.
        return int(self.value("select pg_stat_clear_snapshot(), xact_commit from pg_stat_database "
                              "where datname = current_database()", conninfo).split("|")[-1])

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)
