"""Clients that send what no honest client would, to the real engine: each is told what is wrong, where, and what to do
about it; nothing of it is stored, which is looked up in the database; and the engine goes on as if nothing had been.
tests/README.md says which other tests belong to which item."""

import json
import resource
import selectors
import socket
import statistics
import time
import unittest

from calls import call
from processes import wait_until
from raw_http import answers_in, request, say
from world import RecruitmentTest

TABLES = ("event", "saga", "start_key", "definition")
LIMIT = 1 << 20         # bytes of a body
START = "/v1/sagas/recruitment"
INPUT = {"applicantId": "hostile", "name": "n", "age": 30, "skill": "welding", "job": "j"}
CONNECTIONS = 10_000
LITTLE_MEMORY = 8 << 10  # bytes of the engine that an idle connection may cost
STEP = "  - { id: s%d, http: { service: enrollment, method: GET, path: /x } }\n"


def setUpModule():
    RecruitmentTest.setUpClass()


def tearDownModule():
    RecruitmentTest.tearDownClass()


class OneWorld(RecruitmentTest):
    """All classes here share one world; some start its engine anew with other limits."""

    wrap = ()  # what the engine's command begins with
    flags = ()  # and ends with

    @classmethod
    def setUpClass(cls):
        process = cls.engine.process
        cls.command = process.command
        if cls.wrap or cls.flags:
            cls.restart([*cls.wrap, *cls.command, *cls.flags])

    @classmethod
    def tearDownClass(cls):
        if cls.engine.process.command != cls.command:
            cls.restart(cls.command)

    @classmethod
    def restart(cls, command):
        cls.engine.stop()
        cls.engine.process.command = list(command)
        cls.engine.start()


def of_size(size):
    return b'{"text": "' + b"x" * (size - len(b'{"text": ""}')) + b'"}'


class Hostile(OneWorld):
    """Whatever a test sends, the engine runs on as the same process and its tables hold what they held."""

    def setUp(self):
        super().setUp()
        self.stored = self.count()
        self.pid = self.engine.process.popen.pid

    def tearDown(self):
        super().tearDown()
        self.assertTrue(self.engine.process.is_running(), "the engine has ended")
        self.assertEqual(self.engine.process.popen.pid, self.pid)
        self.assertEqual(self.count(), self.stored, "something was stored")
        self.assertEqual(call("GET", self.engine.url + "/readyz").status, 200)
        self.assertNotIn("does not hold", self.engine.process.log())

    def count(self):
        row, = self.world.query("select " + ", ".join(f"(select count(*) from skald.{table})" for table in TABLES))
        return dict(zip(TABLES, map(int, row)))

    def assert_told(self, answer, status, *words):
        """A problem with these words in what a person reads of it."""
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        self.assertEqual(answer.json["status"], status)
        for word in words:
            self.assertIn(word, json.dumps(answer.json, ensure_ascii=False))
        return answer.json


class Definitions(Hostile):
    def put(self, text):
        return call("PUT", self.engine.url + "/v1/definitions/hostile", text if isinstance(text, bytes) else text.encode(),
                    {"Content-Type": "application/yaml"})

    def test_a_faulty_file_is_told_line_column_and_remedy_of_every_fault(self):
        told = self.assert_told(self.put("saga: hostile\nstpes: []\nsteps:\n  - id: a\n    htpp: { service: x }\n"), 422)
        found = {(error["line"], error["column"]): json.dumps(error) for error in told["errors"]}
        self.assertIn("steps", found[2, 1])  # did you mean …
        self.assertIn("http", found[5, 5])

    def test_what_is_no_document_of_ours_is_refused_at_its_place(self):
        bomb = "a: &a [x, x]\n" + "".join(f"{n}: &{n} [*{p}, *{p}]\n" for p, n in zip("abcdefghi", "bcdefghij"))
        for name, text, line, word in (
                ("an alias bomb", bomb, 1, "anchor"),
                ("a tag", "saga: !!python/object x\n", 1, "tag"),
                ("a merge key", "saga: x\n<<: { a: 1 }\n", 2, "merge key"),
                ("deep nesting", "saga: x\ninput: " + "[" * 5000, 2, "deep"),
                ("a key twice", "saga: x\nsaga: y\nsteps: []\n", 2, "twice"),
                ("bytes that are no UTF-8", b"saga: x\ntitle: \xff\xfe\n", 2, "UTF-8"),
                ("a NUL", b"saga: x\ntitle: a\0b\n", 2, "control"),
                ("an escaped NUL", 'saga: x\ntitle: "a\\0b"\n', 2, "u0000"),
                ("a lone surrogate", 'saga: x\ntitle: "\\ud83d"\n', 2, ""),
                ("a number beyond a double", "saga: x\ntimeout: 1e999\nsteps: []\n", 2, "1e999"),
                ("a quote that is not closed", 'saga: "x\nsteps: []\n', 1, "clos"),
                ("an expression that does not end", "saga: x\nbusinessKey: ${ .input\nsteps: []\n", 2, "quote it"),
                ("two documents", "saga: x\n---\nsaga: y\n", 2, "document"),
                ("nothing", "", 1, ""),
                ("no map", "- a\n", 1, "map")):
            with self.subTest(name):
                told = self.assert_told(self.put(text), 422, word)
                self.assertEqual(told["errors"][0]["line"], line, told)
                self.assertGreaterEqual(told["errors"][0]["column"], 1)

    def test_what_goes_in_circles_or_never_ends_is_refused(self):
        step = "steps:\n" + STEP % 1
        circle = "input: { schema: { definitions: { a: { $ref: '#/definitions/a' } }, $ref: '#/definitions/a' } }\n"
        for name, text in (
                ("a schema that refers to itself", f"saga: hostile\n{circle}{step}"),
                ("a step that reads its own answer",
                 "saga: hostile\nsteps:\n  - { id: a, http: { service: enrollment, method: GET, path: '/${ .steps.a.output }' } }\n"),
                ("a step that reads a later one",
                 "saga: hostile\nsteps:\n  - { id: a, http: { service: enrollment, method: GET, path: '/${ .steps.s1.output }' } }\n"
                 + STEP % 1),
                ("an expression nested without end", f"saga: hostile\nbusinessKey: '${{ {'(' * 5000}.input{')' * 5000} }}'\n{step}"),
                ("a recursion", f"saga: hostile\nbusinessKey: '${{ .. }}'\n{step}")):
            with self.subTest(name):
                told = self.assert_told(self.put(text), 422)
                self.assertGreaterEqual(told["errors"][0]["line"], 2, told)

    def test_ten_thousand_steps_are_too_many_and_so_is_a_file_beyond_the_limit(self):
        begun = time.monotonic()
        told = self.assert_told(self.put("saga: hostile\nsteps:\n" + "".join(STEP % n for n in range(10_000))), 422, "1000")
        self.assertLess(len(told["errors"]), 300)
        self.assert_told(self.put("saga: hostile\n" + "# " + "x" * LIMIT), 413, str(LIMIT))
        print(f"10,000 steps were refused within {time.monotonic() - begun:.1f} s", flush=True)


class Inputs(Hostile):
    def start(self, body, **headers):
        return call("POST", self.engine.url + START, body, headers)

    def test_a_body_that_is_no_json_of_ours_is_refused_with_its_place(self):
        def around(value):
            return b'{"applicantId": "a",\n "name": ' + value + b"}"

        for name, body, word in (
                ("a cut body", b'{"applicantId": "a",\n "name": ', "line 2"),
                ("a comma too many", around(b'"n",'), "line 2"),
                ("a comment", around(b"1 /* x */"), "line 2"),
                ("two documents", b"{} {}", "line 1"),
                ("nothing but a word", b"applicant", "line 1"),
                ("deep nesting", around(b"[" * 100_000), "deeper than 64"),
                ("a NUL", around(b'"a\0b"'), "line 2"),
                ("an escaped NUL", around(rb'"a\u0000b"'), "u0000"),
                ("a lone high surrogate", around(rb'"\ud83d"'), "line 2"),
                ("a lone low surrogate", around(rb'"\ude00"'), "line 2"),
                ("a number beyond a double", around(b"1e999"), "1e999"),
                ("not a number", around(b"NaN"), "line 2"),
                ("a key twice", b'{"applicantId": "a", "applicantId": "b"}', "applicantId"),
                ("bytes that are no UTF-8", around(b'"\xff\xfe"'), "line 2"),
                ("an overlong character", around(b'"\xc0\xaf"'), "line 2"),
                ("a byte order mark of UTF-16", b"\xff\xfe{\0}\0", "line 1")):
            with self.subTest(name):
                self.assert_told(self.start(body), 400, word)

    def test_a_value_of_the_wrong_type_is_refused_with_its_pointer(self):
        for name, value, pointer in (
                ("a text for a number", {**INPUT, "age": "30"}, "/age"),
                ("a number for a text", {**INPUT, "name": 5}, "/name"),
                ("null", {**INPUT, "job": None}, "/job"),
                ("a list for the whole", [INPUT], ""),
                ("a text for the whole", "x", ""),
                ("a member missing", {k: v for k, v in INPUT.items() if k != "skill"}, "")):
            with self.subTest(name):
                told = self.assert_told(self.start(value), 422)
                self.assertEqual(told["errors"][0]["pointer"], pointer, told)

    def test_one_byte_above_the_limit_is_413_however_it_is_framed(self):
        body = of_size(LIMIT + 1)
        self.assert_told(self.start(body), 413, str(LIMIT))
        chunked = (f"POST {START} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                   f"{len(body):x}\r\n").encode() + body + b"\r\n0\r\n\r\n"
        self.assert_told(answers_in(say(self.engine, chunked))[0], 413, str(LIMIT))


class AtTheLimit(OneWorld):
    def test_a_body_of_just_the_limit_and_one_below_it_are_taken_and_kept_as_they_were(self):
        roomy = "saga: roomy\nsteps:\n  - { id: look, http: { service: enrollment, method: GET, path: /_health } }\n"
        put = call("PUT", self.engine.url + "/v1/definitions/roomy", roomy.encode(), {"Content-Type": "application/yaml"})
        self.assertEqual(put.status, 201, put)
        for size in (LIMIT - 1, LIMIT):
            body = of_size(size)
            self.assertEqual(len(body), size)
            answer = call("POST", self.engine.url + "/v1/sagas/roomy", body)
            self.assertEqual(answer.status, 201, answer.status)
            self.assertEqual(self.engine.ended(answer.json["id"], "completed")["input"], json.loads(body))


class Framing(Hostile):
    GOOD = request("GET", "/livez")
    SMUGGLED = request("POST", START, INPUT)

    def test_what_two_parsers_could_read_differently_is_refused_and_nothing_behind_it_is_read(self):
        post = f"POST {START} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        for name, text in (
                ("a length beside chunks", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                ("chunks beside a length", post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
                ("two lengths", post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"),
                ("a length with a sign", post + "Content-Length: +2\r\n\r\n{}"),
                ("an unknown encoding", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
                ("a chunk without its size", post + "Transfer-Encoding: chunked\r\n\r\nx\r\n{}\r\n0\r\n\r\n"),
                ("an obsolete folded line", "GET /livez HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n"),
                ("bare line feeds", "GET /livez HTTP/1.1\nHost: x\n\n"),
                ("one bare line feed", "GET /livez HTTP/1.1\r\nHost: x\n\r\n"),
                ("a repeated Host", "GET /livez HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n"),
                ("no Host", "GET /livez HTTP/1.1\r\n\r\n"),
                ("a blank before the colon", "GET /livez HTTP/1.1\r\nHost : x\r\n\r\n"),
                ("a NUL in a header", "GET /livez HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n"),
                ("a NUL in the target", "GET /livez%00 HTTP/1.1\r\nHost: x\r\n\r\n"),
                ("a target that is no UTF-8", "GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n"),
                ("another protocol", "\x16\x03\x01\x02\r\n\r\n")):
            with self.subTest(name):
                answers = answers_in(say(self.engine, text.encode() + self.SMUGGLED))
                self.assertEqual(len(answers), 1, answers)
                self.assert_told(answers[0], 400)
                self.assertEqual(answers[0].headers["Connection"], "close")

    def test_pipelined_requests_are_answered_in_order_up_to_the_first_bad_one(self):
        many = [request("GET", f"/v1/sagas/none-{n}") for n in range(200)]
        answers = answers_in(say(self.engine, b"".join(many) + self.GOOD + b"BAD\r\n\r\n" + self.SMUGGLED))
        self.assertEqual([answer.status for answer in answers], [404] * 200 + [200, 400])
        for number, answer in enumerate(answers[:200]):
            self.assertIn(f"none-{number}", answer.text)

    def test_a_header_beyond_its_limit_is_431_and_a_path_that_climbs_leads_nowhere(self):
        self.assert_told(answers_in(say(self.engine, "GET / HTTP/1.1\r\nHost: x\r\nA: " + "a" * 20_000))[0], 431, "16384")
        for path in ("/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/v1/sagas/..%2f..%2fetc"):
            self.assert_told(answers_in(say(self.engine, request("GET", path, b"", "Connection: close")))[0], 404)


class Slow(Hostile):
    """Its own limits: half a second instead of five and thirty, so that a test need not wait as long."""

    flags = ("--header-timeout", "500ms", "--body-timeout", "500ms")

    def test_a_header_or_a_body_that_dribbles_is_answered_408_and_holds_up_nobody(self):
        body = f"POST {START} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
        slow = []
        for begin in ["GET /livez HTTP/1.1\r\nHost: x\r\nA: "] * 50 + [body] * 50:
            connection = socket.create_connection(("127.0.0.1", self.engine.port), timeout=20)
            connection.sendall(begin.encode())
            slow.append(connection)
        begun = time.monotonic()
        told = {}

        def dribble():
            self.assertEqual(call("GET", self.engine.url + "/livez").status, 200)
            for number, connection in enumerate(slow):
                if number in told:
                    continue
                try:
                    connection.setblocking(False)
                    told[number] = answers_in(connection.recv(65536))[0]
                except BlockingIOError:
                    connection.send(b" ")
            return len(told) == len(slow)

        wait_until(dribble, "every dribbling client is answered", 20)
        self.assertGreaterEqual(time.monotonic() - begun, 0.4)
        for answer in told.values():
            self.assert_told(answer, 408, "in time")
        for connection in slow:
            connection.close()


class Idle(Hostile):
    """Ten thousand clients that have asked once and stay. The engine begins with the soft limit of a usual shell and
    raises it itself."""

    wrap = ("sh", "-c", 'ulimit -Sn 1024; exec "$@"', "sh")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    # Of the engine's descriptors a thousand are for itself; where the system allows too few for all, there are fewer.
    connections = CONNECTIONS if most == resource.RLIM_INFINITY else min(CONNECTIONS, most - 1_100)
    # One connection more, for those that look after the engine.
    flags = ("--max-connections", str(connections + 1))

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        resource.setrlimit(resource.RLIMIT_NOFILE, (cls.most, cls.most))

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        resource.setrlimit(resource.RLIMIT_NOFILE, cls.before)

    def memory(self):
        with open(f"/proc/{self.engine.process.popen.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) << 10

    def open(self, count):
        """So many connections that have had one answer each, asked side by side, a few hundred at a time."""
        idle, ask = [], request("GET", "/livez")
        while len(idle) < count:
            batch = [socket.create_connection(("127.0.0.1", self.engine.port), timeout=30)
                     for _ in range(min(500, count - len(idle)))]
            for connection in batch:
                connection.sendall(ask)
            for connection in batch:
                self.assertIn(b" 200 ", connection.recv(4096))
            idle += batch
        return idle

    def start_sagas(self, count):
        """Seconds until each of some honest starts was answered, which is after its second step. These are stored."""
        times, sagas = [], []
        for number in range(count):
            begun = time.monotonic()
            answer = self.engine.apply(f"honest-{number}")
            times.append(time.monotonic() - begun)
            self.assertEqual(answer.status, 201, answer)
            sagas.append(answer.json["id"])
        for saga in sagas:
            self.engine.ended(saga, "completed")
        self.stored = self.count()
        return times

    def test_ten_thousand_idle_clients_cost_little_and_the_next_one_is_told_that_there_is_no_room(self):
        quiet, before = self.start_sagas(20), self.memory()
        begun = time.monotonic()
        idle = self.open(self.connections)
        opened = time.monotonic() - begun
        crowded, grown = self.start_sagas(20), self.memory() - before
        print(f"{len(idle)} idle connections, opened within {opened:.1f} s, cost {grown / len(idle):.0f} bytes each "
              f"({before >> 20} MiB before, {grown >> 20} MiB more); a start is answered within "
              f"{statistics.median(crowded) * 1000:.1f} ms at the median and {max(crowded) * 1000:.1f} ms at most "
              f"({statistics.median(quiet) * 1000:.1f} and {max(quiet) * 1000:.1f} ms before)", flush=True)
        self.assertLess(grown, LITTLE_MEMORY * len(idle))
        self.assertLess(statistics.median(crowded), 0.25)

        with socket.create_connection(("127.0.0.1", self.engine.port), timeout=20) as last_place:
            last_place.sendall(request("GET", "/livez"))
            self.assertIn(b" 200 ", last_place.recv(4096))
            refused = answers_in(say(self.engine, request("GET", "/livez")))[0]
            self.assert_told(refused, 503, "connection")
            self.assertEqual(refused.headers["Retry-After"], "1")
        with selectors.DefaultSelector() as closed:
            for connection in idle:
                closed.register(connection, selectors.EVENT_READ)
            self.assertEqual(closed.select(0), [], "an idle connection was closed to make room")
        for connection in idle:
            connection.close()
        wait_until(lambda: call("GET", self.engine.url + "/livez").status == 200, "there is room again")


class Descriptors(Hostile):
    """A hard limit that is far too low."""

    wrap = ("sh", "-c", 'ulimit -n 300; exec "$@"', "sh")

    def test_an_engine_that_may_open_too_few_files_says_so_and_refuses_clearly_instead_of_hanging(self):
        self.assertRegex(self.engine.process.log(), r"allows this process 300 open files.*at most 150 connections.*ulimit -Hn")
        crowd, told = [], []
        for _ in range(200):
            connection = socket.create_connection(("127.0.0.1", self.engine.port), timeout=20)
            connection.sendall(request("GET", "/livez"))
            told.append(connection.recv(4096).split()[1])
            crowd.append(connection)
        self.assertEqual((told.count(b"200"), told.count(b"503")), (150, 50))
        for connection in crowd:
            connection.close()
        wait_until(lambda: call("GET", self.engine.url + "/livez").status == 200, "there is room again")


if __name__ == "__main__":
    unittest.main(verbosity=2)
