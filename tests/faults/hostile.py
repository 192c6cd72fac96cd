"""A service that is hostile on the wire. What it is asked to do it has done by a stand-in service, whose ledger knows the
effect; how it answers is up to the request: the header `Fault-Action` or `Fault-Undo` names a fault of service_faults.py, and
`Fault-Times` how many attempts it hits. Every request is written down with the connection it came on."""

import collections
import http.client
import socket
import struct
import threading
import time
from urllib.parse import urlsplit

from processes import free_port

PATIENCE = 20.0  # seconds that a connection is kept open at most, whatever its fault waits for


class Gone(Exception):
    """The engine has closed the connection."""


class Wire:
    """The answering side of a connection."""

    def __init__(self, connection):
        self.socket = connection
        self.offered = 0  # bytes that the kernel took for the engine
        self.attempt = 0  # how often this service has been asked with the key of the present request

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Gone from error
        self.offered += len(data)

    def send_for(self, piece, count, pause=0.0):
        """Piece by piece, until it is enough or nobody reads any more. Without pause for want of nothing: sendall blocks
        when the reader stops, and fails when it closes."""
        for _ in range(count):
            self.send(piece)
            if pause:
                self.wait_gone(pause)

    def wait_gone(self, seconds=PATIENCE):
        """Until the engine closes; raises Gone then. Returns when the time is over."""
        self.socket.settimeout(seconds)
        try:
            while self.socket.recv(4096):
                pass
            raise Gone
        except TimeoutError:
            pass
        except OSError as error:
            raise Gone from error
        finally:
            self.socket.settimeout(PATIENCE)

    def close(self):
        raise Gone

    def reset(self):
        """RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Gone


Request = collections.namedtuple("Request", "method path fields body")
Seen = collections.namedtuple("Seen", "key attempt operation fault connection time")
Effect = collections.namedtuple("Effect", "status body")


class Hostile:
    """name, url: as the engine's registry has them. `behind`: address of the stand-in service that does the work."""

    def __init__(self, name, faults, behind):
        self.name, self.faults, self.behind = name, faults, behind
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.lock = threading.Lock()
        self.seen, self.hits, self.offered = [], collections.Counter(), collections.Counter()
        self.connections = self.gone = 0
        self.attempts = collections.Counter()
        self.broken = []  # what went wrong in a thread of this service itself
        self.listener = None

    def start(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def stop(self):
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection, self.connections), daemon=True).start()

    def serve(self, connection, number):
        wire = Wire(connection)
        connection.settimeout(PATIENCE)
        try:
            with connection, connection.makefile("rb") as reader:
                while request := read_request(reader):
                    self.answer(wire, request, number)
        except (Gone, OSError):
            pass
        except Exception as error:  # told by the run: an exception in a thread is lost otherwise
            self.broken.append(repr(error))
        self.gone += 1

    def answer(self, wire, request, number):
        fields = request.fields
        operation = fields["saga-operation"]
        name = fields.get("fault-action" if operation == "action" else "fault-undo", "")
        with self.lock:
            self.attempts[fields["idempotency-key"]] += 1
            hit = bool(name) and self.attempts[fields["idempotency-key"]] <= int(fields["fault-times"])
            self.hits[name] += hit
            self.seen.append(Seen(fields["idempotency-key"], int(fields["saga-attempt"]), operation, name if hit else None,
                                  number, time.time()))
        fault = self.faults[name] if hit else None
        effect = self.have_done(request) if fault is None or fault.effect else None
        if fault is None:
            return wire.send(well_formed(effect.status, effect.body))
        before, wire.attempt = wire.offered, self.attempts[fields["idempotency-key"]]
        try:
            fault.play(wire, effect)
        finally:
            with self.lock:
                self.offered[name] = max(self.offered[name], wire.offered - before)

    def have_done(self, request):
        parts = urlsplit(self.behind)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
        try:
            kept = {name: value for name, value in request.fields.items()
                    if name.startswith(("saga-", "idempotency-", "content-type"))}
            connection.request(request.method, request.path, request.body, kept)
            answer = connection.getresponse()
            return Effect(answer.status, answer.read())
        finally:
            connection.close()


def read_request(reader):
    """None: the connection ended."""
    line = reader.readline()
    if not line:
        return None
    method, path, _ = line.decode().split(" ")
    fields = {}
    while (line := reader.readline().decode().strip()):
        name, value = line.split(":", 1)
        fields[name.lower()] = value.strip()
    return Request(method, path, fields, reader.read(int(fields.get("content-length", 0))))


def well_formed(status, body, fields="Content-Type: application/json\r\n"):
    return f"HTTP/1.1 {status} Said\r\n{fields}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Decoy:
    """Another host: counts who comes."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.2", 0))
        self.url = f"http://127.0.0.2:{self.listener.getsockname()[1]}"
        self.visitors = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.visitors += 1
            connection.close()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
