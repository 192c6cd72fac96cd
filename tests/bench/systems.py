"""The five systems of sagas/systems under the load test of their originals: 50 to 200 users who start something at the same
time, for 30 seconds, and a guarding service that is overloaded. Client, engine, PostgreSQL and the stand-in services share
the machine; a stand-in does one thing after the other and writes through to its disk, so it is the limit here, not the engine."""

import glob
import json
import os
import urllib.request

from figures import table
from stand import HERE, answers, free_port, wait_until

SYSTEMS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "sagas", "systems")
SECONDS = 30  # of the originals' test, in equal parts with each number of users
USERS = (50, 96, 200)
ORIGINALS = {"system": "the originals", "users": 96, "per_second": 17, "mean_ms": 5600, "p95_ms": None, "served": None}


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
        """(system, saga, the body of a start request); %ld is a running number."""
        self.start("injection", personId="ann", vcName="Comirnaty", status="INJECTED")
        return [("recruitment", "recruitment", {"applicantId": "a-%ld", "name": "Ann", "age": 30, "skill": "welding", "job": "welder"}),
                ("course", "course", {"courseNo": "c-%ld", "title": "Algebra", "courseInfo": "Groups", "dueDate": "2026-12-24"}),
                ("tutoring", "purchase", {"buyerId": "b-%ld", "saleId": self.on_sale(), "amount": 1000}),
                ("datecourse", "schedule", {"hostId": "h-%ld", "title": "River", "place": "Seoul", "open": True}),
                ("certificate", "certificate", {"personId": "ann"})]

    def load(self, saga, body, users, seconds):
        usage = self.stand.load(self.port, f"/v1/sagas/{saga}", users, seconds, body=body)
        return {"users": users, "per_second": usage["per_second"], "mean_ms": usage["mean_ms"], "p95_ms": usage["p95_ms"],
                "served": usage["accepted"] / max(usage["requests"], 1), "statuses": usage["statuses"]}

    def overloaded(self, saga, body, service, seconds, **fault):
        """With a service that fails like that, and with 200 users."""
        self.call("PUT", self.service(service) + "/_faults", fault)
        row = self.load(saga, body, USERS[-1], seconds)
        self.call("DELETE", self.service(service) + "/_faults")
        return row


def systems(stand, options, report):
    """The originals' load test, and their overload."""
    seconds, users, most = (options.seconds, USERS[1:2], 1) if options.short else (SECONDS / len(USERS), USERS, None)
    with Systems(stand) as five:
        requests = five.requests()
        rows = [{"system": system, **five.load(saga, body, number, seconds)} for system, saga, body in requests[:most] for number in users]
        print_rows(report, "systems: start requests", [ORIGINALS | {"served": "95 to 100 %"}, *rows])
        of = {system: (saga, body) for system, saga, body in requests}
        overloads = [("recruitment", "a third of the checks never comes back", "qualification", {"match": "POST /checks", "latency": "20s", "rate": 0.33}),
                     ("tutoring", "payment fails", "payment", {"match": "POST /payments", "status": 503}),
                     ("certificate", "the desk fails", "issue", {"match": "POST /requests", "status": 503})]
        rows = [{"system": f"{system}, {what}", **five.overloaded(*of[system], service, seconds, **fault)}
                for system, what, service, fault in overloads[:most]]
        print_rows(report, "systems: overload", [ORIGINALS | {"users": None, "per_second": None, "mean_ms": None, "served": "84 %"}, *rows])


def print_rows(report, what, rows):
    for row in rows:
        report.line(what, row)

    def figure(form, key):
        return lambda row: "" if row[key] is None else row[key] if isinstance(row[key], str) else form.format(row[key])
    report.say(what + "\n\n" + table([("system", "{}", "system"), ("users", "{}", figure("{}", "users")),
                                      ("requests/s", "{}", figure("{:.0f}", "per_second")), ("mean ms", "{}", figure("{:.1f}", "mean_ms")),
                                      ("p95 ms", "{}", figure("{:.1f}", "p95_ms")), ("served", "{}", figure("{:.1%}", "served"))], rows))
