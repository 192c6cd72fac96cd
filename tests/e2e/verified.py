"""What every suite ends with, on each database that an engine of it has written: `skald replay verify` finds the log sound, and
rows and views to be what the log makes them (I4–I8, I11, I12). It fails the suite: its class, or its module, ends with an error."""

import json
import re
import subprocess

from processes import BINARY


def verify(conninfo, but=()):
    """Whoever wrote it may still be running. `but` are views that the tests themselves have put in the wrong."""
    done = subprocess.run([BINARY, "replay", "verify", "--database-url", conninfo, "-o", "json"], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 20), f"replay verify of {conninfo}: {done.returncode}\n{done.stderr}"
    differences = [item for item in json.loads(done.stdout)["items"] if item.get("view") not in but]
    assert not differences, f"replay verify of {conninfo} finds:\n" + "\n".join(map(str, differences))


def verify_dev(log):
    """Of a `skald dev` that runs: its database, as it is printed for people."""
    verify(re.findall(r'(?m)^  psql "([^"]+)"', log)[-1])
