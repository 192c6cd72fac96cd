"""./dev fuzz [TARGET…] [--seconds 60] [--keep]: runs each fuzzer for its time, beginning with the kept corpus, and says
what it did. An input that broke something is kept under build/fuzz/crashes, with the command that repeats it; the exit
code is 1 then. --keep merges what was found into the kept corpus: the few inputs that show something new, small ones."""

import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LONGEST = 4096       # bytes of an input, as libFuzzer has it by default
LONGEST_KEPT = 2048  # of an input that is kept: what needs more shows little more
MOST_KEPT = 40       # inputs of a target beside those that a person named: a unit test replays them
FOUND = re.compile(r"[0-9a-f]{40}")  # libFuzzer names an input by its hash
SLOW = 10            # seconds for one input: a hang
MEMORY = 1024        # megabytes: a bomb
ENOUGH = 100         # executions of a target, its kept corpus among them: fewer prove nothing


def targets(build):
    return sorted(os.path.basename(path).removeprefix("fuzz_") for path in glob.glob(os.path.join(build, "fuzz_*"))
                  if os.access(path, os.X_OK) and os.path.isfile(path))


def corpus_of(target):
    return os.path.join(HERE, "corpus", target)


def files_in(folder):
    return {entry.name for entry in os.scandir(folder)} if os.path.isdir(folder) else set()


class Fuzzer:
    def __init__(self, build, target):
        self.target = target
        self.program = os.path.join(build, "fuzz_" + target)
        self.found = os.path.join(build, "corpus", target)
        self.crashes = os.path.join(build, "crashes", target)
        for folder in (self.found, self.crashes):
            os.makedirs(folder, exist_ok=True)

    def run(self, seconds):
        known, crashes = files_in(self.found), files_in(self.crashes)
        command = [self.program, self.found, corpus_of(self.target), f"-max_total_time={seconds}", f"-max_len={LONGEST}",
                   f"-timeout={SLOW}", f"-rss_limit_mb={MEMORY}", f"-artifact_prefix={self.crashes}/",
                   "-print_final_stats=1"]
        words = os.path.join(HERE, "words", self.target + ".dict")
        if os.path.exists(words):
            command.append("-dict=" + words)
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        log = done.stderr.decode(errors="replace")
        broken = sorted(files_in(self.crashes) - crashes)
        self.executions = int((re.findall(r"^#(\d+)", log, re.MULTILINE) or ["0"])[-1])  # also of one that was broken
        self.crashed = done.returncode != 0
        self.tell(log, len(files_in(self.found) - known), len(broken))
        if done.returncode != 0:
            print(log[-6000:])
        for name in broken:
            print(f"  broken by {self.crashes}/{name}\n  again: {self.program} {self.crashes}/{name}")

    def tell(self, log, new, crashes):
        rate = re.search(r"stat::average_exec_per_sec: +(\d+)", log)
        coverage = re.findall(r"cov: (\d+) ft: (\d+)", log)
        edges, features = coverage[-1] if coverage else ("?", "?")
        print(f"{self.target:14} {self.executions:>9} executions "
              f"({rate.group(1) if rate else '?'}/s), {new} new inputs, {edges} edges and {features} features covered, "
              f"{crashes} crashes", flush=True)

    def keep(self):
        """Beside the inputs that a person named, the kept corpus becomes those that cover most of what all cover."""
        kept = corpus_of(self.target)
        os.makedirs(kept, exist_ok=True)
        with tempfile.TemporaryDirectory() as merged:
            subprocess.run([self.program, "-set_cover_merge=1", "-use_counters=0", f"-max_len={LONGEST_KEPT}", merged, kept,
                            self.found], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            # It writes them in the order in which each adds most to those before.
            best = [entry.name for entry in sorted(os.scandir(merged), key=lambda entry: entry.stat().st_mtime_ns)]
            best = [name for name in best if not self.is_named(merged, name)][:MOST_KEPT]
            for name in files_in(kept) - set(best):
                if FOUND.fullmatch(name):
                    os.remove(os.path.join(kept, name))
            for name in best:
                shutil.copy(os.path.join(merged, name), kept)
        print(f"{self.target:14} {len(files_in(kept))} inputs are kept in {os.path.relpath(kept)}")

    def is_named(self, merged, name):
        """Whether this input is already kept under a name that says what it is."""
        with open(os.path.join(merged, name), "rb") as file:
            wanted = file.read()
        for entry in os.scandir(corpus_of(self.target)):
            if not FOUND.fullmatch(entry.name) and entry.stat().st_size == len(wanted):
                with open(entry.path, "rb") as file:
                    if file.read() == wanted:
                        return True
        return False


def main():
    parser = argparse.ArgumentParser(prog="./dev fuzz", description=__doc__)
    parser.add_argument("--build", default="build/fuzz/tests/fuzz", help=argparse.SUPPRESS)
    parser.add_argument("target", nargs="*", help="all of them when none is named")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    known = targets(options.build)
    unknown = set(options.target) - set(known)
    if unknown or not known:
        sys.exit(f"there is no target {', '.join(sorted(unknown)) or 'built'}; there are: {', '.join(known)}")
    fuzzers = [Fuzzer(options.build, target) for target in options.target or known]
    for fuzzer in fuzzers:
        fuzzer.run(options.seconds)
    if options.keep:
        for fuzzer in fuzzers:
            fuzzer.keep()
    sys.exit(verdict(fuzzers))


def verdict(fuzzers):
    crashed = sum(fuzzer.crashed for fuzzer in fuzzers)
    idle = [fuzzer.target for fuzzer in fuzzers if fuzzer.executions < ENOUGH]
    print(f"=== {len(fuzzers)} targets, {sum(fuzzer.executions for fuzzer in fuzzers)} executions"
          + (f"; refused: fewer than {ENOUGH} of {', '.join(idle)}" if idle else ""))
    print(f"=== {crashed} violations")
    return 1 if crashed else 2 if idle else 0


if __name__ == "__main__":
    main()
