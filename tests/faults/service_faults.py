"""The faults of a service, and what semantics.md section 2 demands of each: not done, done, possibly done, unusable, refused.

`play(wire, effect)` answers one request. `effect` is what the stand-in service answered when it had done the work; it is None
where the fault comes without the effect."""

import dataclasses
import email.utils
import gzip
import json
import time
from collections.abc import Callable

from hostile import well_formed

LATE = 0.5  # seconds after the time-out that a late answer comes
MEGABYTE = 1 << 20
JSON = "Content-Type: application/json\r\n"


@dataclasses.dataclass
class Meaning:
    """kind: done; unknown (possibly done, tried again); not done (tried again); unusable (a 2xx that says nothing: done, the
    saga fails, the step is undone); refused (not done, not tried again)."""
    kind: str
    error: str | None = None
    status: int | None = None
    retry_after: float | None = None  # seconds that the next attempt is put off at least


@dataclasses.dataclass
class Fault:
    name: str
    play: Callable
    means: Meaning
    effect: bool = True
    timeout: float = 0.0  # seconds of the step, where the fault must wait for its end


DONE = Meaning("done")
UNUSABLE = Meaning("unusable", "invalid-answer")
LOST = Meaning("unknown", "unreachable")
TIMED_OUT = Meaning("unknown", "timeout")
INVALID = Meaning("unknown", "invalid-answer")


def unavailable(status, retry_after=None):
    return Meaning("unknown" if status >= 500 else "not done", "unreachable", status, retry_after)


def raw(head, body=b""):
    """Bytes, whatever the effect was."""
    text = head.encode() if isinstance(head, str) else head
    return lambda wire, effect: wire.send(text + body)


def answer(status, body=b"", fields=JSON):
    return lambda wire, effect: wire.send(well_formed(status, body, fields))


def then_close(play):
    def both(wire, effect):
        play(wire, effect)
        wire.close()
    return both


def good(effect):
    return well_formed(effect.status, effect.body)


def never(wire, _):
    wire.wait_gone()


def late(timeout):
    def play(wire, effect):
        # The engine gives up meanwhile and closes. Whoever keeps the connection open would get the answer of another attempt.
        wire.wait_gone(timeout + LATE)
        wire.send(good(effect))
    return play


def wrong(effect):
    return well_formed(effect.status, json.dumps({"id": "the answer to no request"}).encode())


def twice_at_once(wire, effect):
    wire.send(good(effect) + wrong(effect))


def twice_with_a_pause(wire, effect):
    """Nothing else may be asked on this connection meanwhile: a stray answer that comes after the next request has left is, in
    HTTP/1.1, the answer to it, and nobody can tell."""
    wire.send(good(effect))
    wire.wait_gone(0.05)
    wire.send(wrong(effect))
    wire.wait_gone()


def endless(head, piece, pause=0.0):
    def play(wire, effect):
        wire.send(head)
        wire.send_for(piece, 1 << 40, pause)
    return play


def dribble(wire, effect):
    for byte in good(effect) + b" ":
        wire.send(bytes([byte]))
        wire.wait_gone(0.05)


def in_the_middle(share):
    def play(wire, effect):
        whole = good(effect)
        wire.send(whole[:int(len(whole) * share)])
        wire.close()
    return play


def by_date(status, seconds):
    """The date is written in whole seconds, so it lies up to one second nearer."""
    def play(wire, effect):
        date = email.utils.formatdate(time.time() + seconds + 1, usegmt=True)
        wire.send(well_formed(status, b"", f"Retry-After: {date}\r\n"))
    return play


def zipped(wire, effect):
    wire.send(well_formed(effect.status, gzip.compress(effect.body), JSON + "Content-Encoding: gzip\r\n"))


def interim(*statuses):
    def play(wire, effect):
        wire.send("".join(f"HTTP/1.1 {status} Wait\r\nLink: </style.css>\r\n\r\n" for status in statuses).encode() + good(effect))
    return play


def chunked(*lines):
    return raw(f"HTTP/1.1 201 Created\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n" + "".join(lines))


def in_chunks(wire, effect):
    wire.send(f"HTTP/1.1 201 Created\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n".encode())
    for byte in effect.body:
        wire.send(f"1;extension=\"of a chunk\"\r\n{chr(byte)}\r\n".encode())
    wire.send(b"0\r\nTrailer: yes\r\n\r\n")


def deep(levels):
    return answer(201, b"[" * levels + b"]" * levels)


def redirect(status, decoy):
    return answer(status, b"", f"Location: {decoy}/things\r\n")


def table(timeout, decoy):
    """All faults. timeout: of the steps they hit, in seconds; decoy: address of another host."""
    created = f"HTTP/1.1 201 Created\r\n{JSON}"
    fifty = b"x" * MEGABYTE
    faults = [
        Fault("no fault at all", lambda wire, effect: wire.send(good(effect)), DONE),
        # No answer, or none in time.
        Fault("never answers", never, TIMED_OUT, timeout=timeout),
        Fault("answers after the time-out", late(timeout), TIMED_OUT, timeout=timeout),
        Fault("never answers, and has done nothing", never, TIMED_OUT, effect=False, timeout=timeout),
        Fault("dribbles a byte every 50 ms", dribble, TIMED_OUT, timeout=timeout),
        Fault("dribbles a header without end", endless(created.encode(), b"X: y\r\n", 0.05), TIMED_OUT, timeout=timeout),
        Fault("does the effect and dies", lambda wire, _: wire.close(), LOST),
        Fault("does the effect and resets the connection", lambda wire, _: wire.reset(), LOST),
        Fault("closes without an effect", lambda wire, _: wire.close(), LOST, effect=False),
        Fault("closes in the middle of the header", in_the_middle(0.3), LOST),
        Fault("closes in the middle of the body", in_the_middle(0.9), LOST),
        Fault("closes in the middle of a chunk", then_close(chunked("ff\r\n{\"id\"")), LOST),
        # Statuses.
        Fault("does the effect and answers 500", answer(500), unavailable(500)),
        Fault("503 with Retry-After in seconds", answer(503, b"", "Retry-After: 2\r\n"), unavailable(503, 2)),
        Fault("503 with Retry-After as a date", by_date(503, 2), unavailable(503, 2)),
        Fault("429 with Retry-After in seconds", answer(429, b"", "Retry-After: 2\r\n"), unavailable(429, 2), effect=False),
        Fault("429 with Retry-After as a date", by_date(429, 2), unavailable(429, 2), effect=False),
        Fault("429 with a Retry-After that is none", answer(429, b"", "Retry-After: -1e9 soon\r\n"), unavailable(429), effect=False),
        Fault("408", answer(408), unavailable(408), effect=False),
        Fault("425", answer(425), unavailable(425), effect=False),
        Fault("a status of 999", answer(999), INVALID),
        Fault("422 with a problem of 900 kB", answer(422, json.dumps({"title": "No", "detail": "x" * 900_000}).encode()),
              Meaning("refused", "rejected", 422), effect=False),
        Fault("409 with 10,000 nested brackets", deep_refusal(10_000), Meaning("refused", "rejected", 409), effect=False),
        # Interim answers.
        Fault("100 and 103 before the answer", interim(100, 103, 103), DONE),
        Fault("101, another protocol", raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: nothing\r\n\r\n"), INVALID),
        Fault("interim answers without end", endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), INVALID),
        # What is no HTTP.
        Fault("garbage", raw(bytes(range(256)) + b"\r\n\r\n"), INVALID),
        Fault("the answer of another protocol", raw("SSH-2.0-OpenSSH_9.2\r\n\r\n"), INVALID),
        Fault("a header without end", endless(created.encode(), b"X-Y: " + b"z" * 1000 + b"\r\n"), INVALID),
        Fault("both Content-Length and Transfer-Encoding",
              raw(f"{created}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"), INVALID),
        Fault("two Content-Lengths", raw(f"{created}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}} "), INVALID),
        Fault("a Content-Length below nothing", raw(f"{created}Content-Length: -2\r\n\r\n{{}}"), INVALID),
        Fault("the chunk's size is no number", chunked("five\r\n{\"id\r\n"), INVALID),
        Fault("the chunk is longer than its size", chunked("2\r\n{\"id\":1}\r\n0\r\n\r\n"), INVALID),
        Fault("the chunk's size does not fit 64 bits", chunked("fffffffffffffffff\r\n{}"), INVALID),
        # Too much.
        Fault("50 MB, announced", lambda wire, _: (wire.send(f"{created}Content-Length: {50 * MEGABYTE}\r\n\r\n".encode()),
                                                  wire.send_for(fifty, 50)), INVALID),
        Fault("50 MB until it closes", then_close(lambda wire, _: (wire.send(f"{created}\r\n".encode()),
                                                                  wire.send_for(fifty, 50))), INVALID),
        Fault("endless chunks", endless(f"{created}Transfer-Encoding: chunked\r\n\r\n".encode(),
                                        b"10000\r\n" + b"x" * 65536 + b"\r\n"), INVALID),
        Fault("little chunks without end", endless(f"{created}Transfer-Encoding: chunked\r\n\r\n".encode(),
                                                   (b"10\r\n" + b"x" * 16 + b"\r\n") * 1000), INVALID),
        # Whole answers with a body of no use.
        Fault("10,000 nested brackets", deep(10_000), UNUSABLE),
        Fault("JSON that breaks off", answer(201, b'{"id": "'), UNUSABLE),
        Fault("JSON with NUL", answer(201, b'{"id": "\\u0000"}'), UNUSABLE),
        Fault("JSON with a lone surrogate", answer(201, b'{"id": "\\ud800"}'), UNUSABLE),
        Fault("JSON that is not UTF-8", answer(201, b'{"id": "\xff\xfe"}'), UNUSABLE),
        Fault("a number beyond double", answer(201, b'{"id": 1e4000}'), UNUSABLE),
        Fault("text that is not UTF-8", answer(201, b"\xff\xfe", "Content-Type: text/plain\r\n"), UNUSABLE),
        Fault("gzip that nobody asked for", zipped, UNUSABLE),
        # Whole answers, only unusual.
        Fault("chunks of one byte with extensions and trailer", in_chunks, DONE),
        Fault("a number of 40 digits", answer(201, b'{"id": ' + b"9" * 40 + b"}"), DONE),
        Fault("no body, no type", answer(204, b"", ""), DONE),
        Fault("a body of exactly 1 MiB", answer(201, b'"' + b"x" * (MEGABYTE - 2) + b'"'), DONE),
        Fault("a body of 1 MiB and a byte", answer(201, b'"' + b"x" * (MEGABYTE - 1) + b'"'), INVALID),
    ]
    faults += [Fault(f"a redirect ({status}) to another host", redirect(status, decoy), Meaning("unknown", "invalid-answer", status))
               for status in (301, 302, 303, 307, 308)]
    return {fault.name: fault for fault in faults}


def deep_refusal(levels):
    return answer(409, b"[" * levels + b"]" * levels)
