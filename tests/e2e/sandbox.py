"""All systems in one engine and their stand-in services beside it, as `./dev up` runs them, on a copy of the files and on ports
that are free."""

import glob
import os
import shutil
import tempfile

from processes import BINARY, Process, free_port, show_logs, wait_until
from systems import SYSTEMS
from verified import verify_dev


class Sandbox:
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="skald-e2e-")
        os.chmod(self.directory, 0o755)
        systems = os.path.join(self.directory, "systems")
        shutil.copytree(SYSTEMS, systems, ignore=shutil.ignore_patterns(".skald"))
        files = sorted(glob.glob(os.path.join(systems, "*", "*.service.yaml")))
        environment = {}
        for name in (os.path.basename(file).split(".")[0] for file in files):
            port = str(free_port())
            environment[f"SKALD_SANDBOX_{name.upper()}_PORT"] = port
            environment[f"SKALD_SERVICE_{name.upper()}_URL"] = "http://127.0.0.1:" + port
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.dev = Process("dev", [BINARY, "dev", systems, "--port", str(port), "--sandbox", *files], self.directory, environment)
        try:
            self.start()
        except BaseException:
            show_logs()
            self.stop()
            raise

    def start(self):
        self.dev.start()
        wait_until(lambda: "Try in another terminal" in self.dev.log() or not self.dev.is_running(), "skald dev is ready")
        assert self.dev.is_running(), "skald dev ended"

    def log(self):
        return self.dev.log()

    def end(self):
        try:
            verify_dev(self.log())
        finally:
            self.stop()

    def stop(self):
        self.dev.stop()
        shutil.rmtree(self.directory)
