#!/usr/bin/env python3
"""A database that takes connections and says nothing, while `skald serve` starts: a signal ends it all the same."""

import os
import shutil
import signal
import socket
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

from processes import BINARY, LogsOnFailure, Process, wait_until  # noqa: E402


class HangingDatabase(LogsOnFailure, unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="skald-hangs-")
        self.silent = socket.socket(socket.AF_UNIX)
        self.silent.bind(os.path.join(self.directory, ".s.PGSQL.5432"))
        self.silent.listen()
        self.engine = Process("engine", [BINARY, "serve", "--database-url", f"host={self.directory} user=skald", "--port", "0"],
                              self.directory)

    def tearDown(self):
        super().tearDown()
        self.engine.kill()
        self.silent.close()
        shutil.rmtree(self.directory)

    def test_a_signal_ends_a_node_that_waits_for_its_database(self):
        for how in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(how=how.name):
                self.engine.start()
                client, _ = self.silent.accept()
                with client:
                    self.assertTrue(self.engine.is_running())
                    self.engine.popen.send_signal(how)
                    wait_until(lambda: not self.engine.is_running(), "the node has ended", 5)
                self.assertEqual(self.engine.stop(), 0)
                self.assertIn("stopped before it had started", self.engine.log())


if __name__ == "__main__":
    unittest.main()
