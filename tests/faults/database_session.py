"""A session of PostgreSQL, spoken directly: what holds a connection, a transaction or a lock for as long as a fault lasts.
psql would need a process for each, and a pipe to be told when to let go.

https://www.postgresql.org/docs/current/protocol.html: startup, then simple queries, values as text; the server trusts its
socket (tests/e2e/world.py)."""

import os
import socket
import struct


class Refused(Exception):
    """The server said no; its SQLSTATE is `code`."""

    def __init__(self, code, message):
        super().__init__(f"{code} {message}")
        self.code = code


class Session:
    def __init__(self, directory, database, name="held by a test"):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        try:
            self.socket.connect(os.path.join(directory, ".s.PGSQL.5432"))
            self.stream = self.socket.makefile("rb")
            words = ("user", "skald", "database", database, "application_name", name)
            body = struct.pack("!i", 196608) + b"".join(word.encode() + b"\0" for word in words) + b"\0"
            self.socket.sendall(struct.pack("!i", len(body) + 4) + body)
            self.answer()
        except BaseException:
            self.socket.close()
            raise

    def query(self, sql):
        """Rows of texts; of several statements all rows together."""
        body = sql.encode() + b"\0"
        self.socket.sendall(b"Q" + struct.pack("!i", len(body) + 4) + body)
        return self.answer()

    def value(self, sql):
        return self.query(sql)[0][0]

    def answer(self):
        rows, refused = [], None
        while True:
            kind, body = self.message()
            if kind == b"D":
                rows.append(columns(body))
            elif kind == b"E":
                refused = refusal(body)
                if refused.args[0].startswith(("57P", "53", "28", "3D")):  # the server closes after these
                    raise refused
            elif kind == b"Z":
                if refused:
                    raise refused
                return rows

    def message(self):
        head = self.stream.read(5)
        if len(head) < 5:
            raise ConnectionError("the server closed the connection")
        length, = struct.unpack("!i", head[1:])
        return head[:1], self.stream.read(length - 4)

    def close(self):
        self.socket.close()


def columns(body):
    count, = struct.unpack("!h", body[:2])
    at, found = 2, []
    for _ in range(count):
        size, = struct.unpack("!i", body[at:at + 4])
        at += 4
        found.append(None if size < 0 else body[at:at + size].decode())
        at += max(size, 0)
    return found


def refusal(body):
    fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
    return Refused(fields.get(b"C", "?"), fields.get(b"M", ""))
