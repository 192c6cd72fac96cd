"""HTTP as nobody should speak it: bytes as they are, over a socket of its own, and what came back."""

import json
import socket

from calls import Answer


def say(engine, data, patience=20, finish=True):
    """Sends the bytes, says its last word, and reads until the engine closes. A text is sent as UTF-8."""
    with socket.create_connection(("127.0.0.1", engine.port), timeout=patience) as connection:
        try:
            connection.sendall(data.encode() if isinstance(data, str) else data)
            if finish:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # refused while it was still speaking: the answer is there all the same
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received


def answers_in(received):
    """The answers one after the other, each with its status, header and body."""
    found = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        length = int(headers.get("Content-Length", 0))
        found.append(Answer(int(lines[0].split()[1]), headers, rest[:length].decode()))
        received = rest[length:]
    return found


def request(method, path, body=b"", *fields):
    """A request as bytes: with a Host and its length, the body as it is or as JSON."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: engine", f"Content-Length: {len(body)}", *fields]
    if body:
        lines.append("Content-Type: application/json")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
