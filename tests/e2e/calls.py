"""HTTP as a client speaks it: one call, one answer, nothing hidden."""

import http.client
import json
from urllib.parse import urlsplit


class Answer:
    def __init__(self, status, headers, text):
        self.status = status
        self.headers = headers
        self.text = text

    @property
    def json(self):
        return json.loads(self.text)

    def __repr__(self):
        return f"{self.status} {self.text[:500]}"


def call(method, url, body=None, headers=None, timeout=40):
    """body: a value that is sent as JSON, or bytes as they are. Fails (OSError) when nobody listens or answers."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())
    finally:
        connection.close()


def answers(url):
    """Whether a GET of it is answered 200."""
    try:
        return call("GET", url, timeout=5).status == 200
    except (OSError, http.client.HTTPException):
        return False
