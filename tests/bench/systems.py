"""The five systems of sagas/systems under the load test of their originals: 50 to 200 users who start something, 30 seconds per
system, and services that are overloaded or fail. The originals' users did not pause (17 requests/s × 5.6 s = 96 users), so
ours do not either; one who is told to come again later (503 or 429 with Retry-After) comes again later. Client, engine,
PostgreSQL and the stand-in services share the machine."""

import glob
import json
import os
import time
import urllib.request

from figures import table
from stand import HERE, answers, free_port, wait_until

SYSTEMS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "sagas", "systems")
SECONDS = 30  # of the originals' test, in equal parts with each number of users
USERS = (50, 96, 200)
OVERLOADED_SECONDS = 3
PERSONS = 200
ORIGINALS = {"system": "the originals", "users": 96, "per_second": 17, "mean_ms": 5600, "p95_ms": None, "rest_seconds": None}


class Systems:
    """An engine that knows all five, on databases of its own, and their services in one process."""

    def __init__(self, stand):
        self.stand = stand
        files = sorted(glob.glob(os.path.join(SYSTEMS, "*", "*.service.yaml")))
        self.ports = {os.path.basename(file).split(".")[0]: free_port() for file in files}
        database = stand.new_database("systems")
        of_services = {f"SKALD_SANDBOX_{name.upper()}_PORT": str(port) for name, port in self.ports.items()}
        self.sandbox = stand.start([stand.skald, "sandbox", *files, "--data", os.path.join(stand.directory, "systems"),
                                    "--database-url", database], "sandbox", of_services)
        for name in self.ports:
            wait_until(lambda n=name: answers(self.service(n) + "/_health"), "the service " + name)
        self.port = free_port()
        self.engine = stand.start([stand.skald, "serve", "--port", str(self.port), "--node", "systems", "--definitions", SYSTEMS,
                                   "--services", self.registry(), "--database-url", database], "systems",
                                  {f"SKALD_SERVICE_{name.upper()}_URL": self.service(name) for name in self.ports})
        wait_until(lambda: answers(f"http://127.0.0.1:{self.port}/readyz"), "the engine of the systems", 60)

    def registry(self):
        """All services in one file: `serve` takes one."""
        texts = [open(file, encoding="utf-8").read().split("services:\n", 1)[1] for file in sorted(glob.glob(os.path.join(SYSTEMS, "*", "services.yaml")))]
        path = os.path.join(self.stand.directory, "services.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("services:\n" + "".join(texts))
        return path

    def service(self, name):
        return f"http://127.0.0.1:{self.ports[name]}"

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        for process in (self.engine, self.sandbox):
            self.stand.stop(process)

    def call(self, method, url, body=None):
        request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def start(self, saga, **given):
        return self.call("POST", f"http://127.0.0.1:{self.port}/v1/sagas/{saga}", given)["id"]

    def on_sale(self):
        sale = self.start("sale", sellerId="sam", title="Violin", price=1000)
        self.call("POST", f"http://127.0.0.1:{self.port}/v1/sagas/{sale}/signals/SaleDecided", {"approved": True, "reason": ""})
        ended = lambda: self.call("GET", f"http://127.0.0.1:{self.port}/v1/sagas/{sale}")["status"] == "completed"
        wait_until(ended, "the sale")
        return sale

    def requests(self):
        """{system: (saga, the body of a start request)}; %ld is a running number."""
        for person in range(PERSONS):
            self.start("injection", personId=f"p-{person:09}", vcName="Comirnaty", status="INJECTED")
        return {"recruitment": ("recruitment", {"applicantId": "a-%ld", "name": "Ann", "age": 30, "skill": "welding", "job": "welder"}),
                "course": ("course", {"courseNo": "c-%ld", "title": "Algebra", "courseInfo": "Groups", "dueDate": "2026-12-24"}),
                "tutoring": ("purchase", {"buyerId": "b-%ld", "saleId": self.on_sale(), "amount": 1000}),
                "datecourse": ("schedule", {"hostId": "h-%ld", "title": "River", "place": "Seoul", "open": True}),
                "certificate": ("certificate", {"personId": "p-%ld"})}

    def load(self, saga, body, users, seconds):
        numbers = {"numbers": PERSONS} if saga == "certificate" else {}  # those who apply are vaccinated
        usage = self.stand.load(self.port, f"/v1/sagas/{saga}", users, seconds, body=body, patient=1, **numbers)
        return {"users": users, "per_second": usage["per_second"], "mean_ms": usage["mean_ms"], "p95_ms": usage["p95_ms"],
                "served": usage["accepted"] / max(usage["requests"], 1), "statuses": usage["statuses"]}

    def loaded(self, saga, body, users, seconds):
        """With what it takes until all that was accepted is done, and shown: the next measurement begins with an idle engine."""
        row = self.load(saga, body, users, seconds)
        return row | {"rest_seconds": self.rest(saga)}

    def overloaded(self, saga, body, seconds, service, **fault):
        """The same with a service that fails like that, and with 200 users."""
        self.call("PUT", self.service(service) + "/_faults", fault)
        row = self.load(saga, body, USERS[-1], seconds)
        self.call("DELETE", self.service(service) + "/_faults")
        return row | {"rest_seconds": self.rest(saga)}

    def rest(self, saga):
        begun = time.monotonic()
        wait_until(lambda: not self.is_busy(saga), f"every {saga} to end or to wait for people", 120, 0.1)
        return time.monotonic() - begun

    def is_busy(self, saga):
        """Whether one of them has something else to do than to wait for an event, or a view has not heard of all yet."""
        if any(view["lag"]["events"] for view in self.call("GET", f"http://127.0.0.1:{self.port}/v1/views")["items"]):
            return True
        cursor = ""
        while cursor is not None:
            page = self.call("GET", f"http://127.0.0.1:{self.port}/v1/views/skald-in-flight?name={saga}&limit=500{cursor and '&cursor=' + cursor}")
            if any(step["waiting"] != "event" for row in page["items"] for step in row["steps"] or [{"waiting": None}]):
                return True
            cursor = page["next"]
        return False


HANGS = {"latency": "20s", "rate": 0.1}  # longer than anybody waits
OVERLOADS = (("recruitment", "one check in ten hangs", "qualification", {"match": "POST /checks", **HANGS}),
             ("course", "one registration in ten hangs", "course", {"match": "POST /courses", **HANGS}),
             ("tutoring", "one look into the store in ten hangs", "store", {"match": "GET /sales", **HANGS}),
             ("datecourse", "one registration in ten hangs", "schedule", {"match": "POST /schedules", **HANGS}),
             ("certificate", "one look into the records in ten hangs", "injection", {"match": "GET /persons", **HANGS}),
             # 64 at a time: 107 a second, for 200 users who wait a second at most.
             ("recruitment", "a check takes 600 ms", "qualification", {"match": "POST /checks", "latency": "600ms"}),
             ("recruitment", "enrollment fails", "enrollment", {"match": "POST /enrollments", "status": 503}),
             ("tutoring", "payment fails", "payment", {"match": "POST /payments", "status": 503}),
             ("certificate", "the desk fails", "issue", {"match": "POST /requests", "status": 503}))


def systems(stand, options, report):
    """The originals' load test, and their overload."""
    seconds, users, most = (options.seconds, USERS[1:2], 1) if options.short else (SECONDS / len(USERS), USERS, None)
    with Systems(stand) as five:
        requests = five.requests()
        rows = [{"system": system, **five.loaded(*requests[system], number, seconds)} for system in list(requests)[:most] for number in users]
        print_rows(report, "systems: start requests", [ORIGINALS | {"served": "95 to 100 %"}, *rows])
        seconds = min(seconds, OVERLOADED_SECONDS)
        rows = [{"system": f"{system}, {what}", **five.overloaded(*requests[system], seconds, service, **fault)}
                for system, what, service, fault in OVERLOADS[:most]]
        print_rows(report, "systems: overload", [ORIGINALS | {"users": None, "per_second": None, "mean_ms": None, "served": "84 %"}, *rows])


def print_rows(report, what, rows):
    for row in rows:
        report.line(what, row)

    def figure(form, key):
        return lambda row: "" if row[key] is None else row[key] if isinstance(row[key], str) else form.format(row[key])
    report.say(what + "\n\n" + table([("system", "{}", "system"), ("users", "{}", figure("{}", "users")),
                                      ("requests/s", "{}", figure("{:.0f}", "per_second")), ("mean ms", "{}", figure("{:.1f}", "mean_ms")),
                                      ("p95 ms", "{}", figure("{:.1f}", "p95_ms")), ("served", "{}", figure("{:.1%}", "served")),
                                      ("done and shown after s", "{}", figure("{:.1f}", "rest_seconds"))], rows))
