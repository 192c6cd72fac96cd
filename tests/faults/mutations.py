#!/usr/bin/env python3
"""Rules broken on purpose, three in decide, three in append, three in recovery, four between sagas and with workers, three
in views; and which suite notices. Each is done in a scratch copy of the sources below build/, built and tested there; the checkout stays
as it is.

    mutations.py [NAME…]      all, or these; exit code 1 if one of them is not noticed. By command only: some minutes each"""

import filecmp
import os
import shutil
import subprocess
import sys
import time

SOURCE = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SCRATCH = os.path.join(SOURCE, "build", "mutants")
PRESET = "test"  # compiles several files at a time: a third of the work from nothing
BUILD = os.path.join(SCRATCH, "build", PRESET)

# What may notice: targets to build, and the command in the scratch copy's build directory.
SUITES = {
    "core": ("test_core", ["tests/test_core"]),
    "store": ("test_store", ["tests/test_store"]),
    "runtime": ("test_runtime", ["tests/test_runtime"]),
    "views": ("test_views", ["tests/test_views"]),
    "simulation": ("simulate", ["tests/simulation/simulate", "--seeds", "60"]),
    "crashes": ("skald", ["python3", "../../tests/faults/crash_loop.py", "--random", "1", "--sagas", "80"]),
    "clients": ("skald", ["python3", "../../tests/faults/client_faults.py"]),
    "services": ("skald", ["python3", "../../tests/faults/services.py"]),
}

# name: (file, what stands there, what stands there instead, suites that are asked)
MUTATIONS = {
    # A step is possibly done as soon as one attempt was, and no later refusal takes that away (semantics.md section 2).
    "decide-forgets-possibly-done": (
        "engine/core/failure.cpp", "const bool possibly_done = given_up.possibly_done || (known && known->possibly_done);",
        "static_cast<void>(known);\n  const bool possibly_done = given_up.possibly_done;", ("core", "simulation", "services")),
    # A sequence unwinds strictly reversed (section 3).
    "decide-undoes-all-at-once": (
        "engine/core/compensation.cpp", "const bool parallel = story.definition().undo_order == UndoOrder::Parallel;",
        "const bool parallel = story.definition().undo_order == UndoOrder::Parallel || !requested.empty();", ("core", "simulation", "clients")),
    # A cancel awaits the answer of the call in flight (section 3).
    "decide-undoes-before-the-answer": (
        "engine/core/compensation.cpp", "if (action_is_awaited(story.state())) return;",
        "if (action_is_awaited(story.state()) && story.state().steps.size() > 100) return;", ("core", "simulation", "clients")),
    # The append inserts only if its writer is not revoked (section 6).
    "append-of-a-revoked-writer": (
        "eventstore/pg/statements.cpp", "where writer = $1 and revoked_at is null and server", "where writer = $1 and server",
        ("store", "crashes")),
    # An append in doubt is never repeated blindly (section 6).
    "append-repeated-blindly": (
        "eventstore/pg/appender.cpp", "if (!committed) return queue_.put_back(take_batch());",
        "if (!committed || opened_once_) return queue_.put_back(take_batch());", ("store",)),
    # Rows are no commit: an error may follow them (section 6).
    "append-believed-by-its-rows": (
        "eventstore/pg/connection.cpp", "if (!result_ || !is_error(result_)) std::swap(result_, result);",
        "if (!result_) std::swap(result_, result);", ("store",)),
    # What was sent before a crash may have been done, whatever the second sending is answered.
    "recovery-forgets-the-first-sending": (
        "engine/runtime/recovery.cpp", "outstanding.sent_before = std::visit(",
        "outstanding.sent_before = outstanding.ticket == 0 && std::visit(",
        ("runtime", "simulation")),
    # Every running saga of a partition that came is loaded.
    "recovery-of-nothing": (
        "engine/runtime/recovery.cpp", "if (!ownership.gained.empty()) recover(ownership.gained, std::nullopt);",
        "if (ownership.gained.size() > 1000) recover(ownership.gained, std::nullopt);", ("runtime", "simulation", "crashes")),
    # Not only those of the first page.
    "recovery-of-the-first-page": (
        "engine/runtime/recovery.cpp", "if (--*left == 0 && more) recover(partitions, last);",
        "if (--*left == 0 && more && partitions.empty()) recover(partitions, last);", ("runtime", "simulation")),
    # The same source and id come once to each receiver (section 4).
    "delivery-forgets-what-came": (
        "engine/core/waiting.cpp", "if (!event.id.empty() && state.received.contains(event.source + ' ' + event.id)) return {};",
        "", ("simulation", "crashes")),
    # A parent goes on when its child is completed, and not when it was undone.
    "parent-goes-on-after-any-end": (
        "engine/core/child.cpp", 'if (child.status == "completed") return finish_step', 'if (child.status != "failed") return finish_step',
        ("core", "simulation", "crashes")),
    # A word counts for the lease it was given with: a worker that was lost has lost its task.
    "late-word-of-a-worker-counts": (
        "engine/runtime/tasks.cpp", "|| outstanding->lease != task.lease)", ")", ("runtime", "simulation")),
    # A parent that asks once more for its child is told that it is there.
    "repeated-start-of-a-child-is-refused": (
        "eventstore/pg/appender.cpp", '(violates_key_of(why, "saga_") && !std::exchange(keys_are_free_, false))', "false", ("store", "crashes")),
    # Rows and checkpoint are one transaction: every event counts (projections/README.md).
    "view-advances-without-rows": (
        "projections/batch_fold.cpp", "store::netted(*target.view->table, std::move(target.changes))});",
        "events_.size() % 7 == 6 ? std::vector<store::RowChange>()\n : store::netted(*target.view->table, std::move(target.changes))});",
        ("views", "simulation")),
    # Whoever is told nothing of an append finds the gap, and reads the log.
    "view-does-not-see-a-gap": (
        "projections/window.hpp", "if (position != end_ + 1) events_.clear();", "", ("views", "simulation")),
    # Nothing is known to be written: the next attempt finds out.
    "view-takes-unknown-for-committed": (
        "projections/folding.cpp", "failed(hand, work, unavailable(std::get<store::ViewsUnavailable>(result).why));", "committed(hand, work);",
        ("views", "simulation")),
}


def run(command, directory=SCRATCH, **more):
    return subprocess.run(command, cwd=directory, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)


def copy_sources():
    """Only what differs, so that a second run need not build everything again."""
    for file in run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], SOURCE).stdout.split("\0"):
        here, there = os.path.join(SOURCE, file), os.path.join(SCRATCH, file)
        if os.path.isfile(here) and not (os.path.exists(there) and filecmp.cmp(here, there, shallow=False)):
            os.makedirs(os.path.dirname(there), exist_ok=True)
            shutil.copy(here, there)
    configured = run(["cmake", "--preset", PRESET])
    assert configured.returncode == 0, configured.stdout


def build(target):
    built = run(["cmake", "--build", BUILD, "--target", target, "--parallel", str(os.cpu_count())])
    assert built.returncode == 0, built.stdout[-3000:]


def notices(suite):
    """Whether the suite fails, and how it begins to say so."""
    target, command = SUITES[suite]
    build(target)
    began = time.monotonic()
    try:
        done = run(command, BUILD, timeout=600, env={**os.environ, "SKALD_BIN": os.path.join(BUILD, "skald")})
        failed, text = done.returncode != 0, done.stdout
    except subprocess.TimeoutExpired:
        failed, text = True, "it hangs"
    print(f"  {suite}: {'NOTICED' if failed else 'not noticed'} after {time.monotonic() - began:.0f} s"
          + (f": {telling(text)[:220]}" if failed else ""), flush=True)
    return failed


def telling(text):
    """The first words of a suite about what is wrong."""
    test = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("TEST CASE:"):
            test = line
        elif "ERROR: " in line:
            return test or line
        elif any(word in line for word in ("violated:", "FAILED", "does not hold", "hangs", "seed ")) and not line.startswith(("SKALD_SEED", "---")):
            return line
    return text[-200:].strip()


def main():
    names = sys.argv[1:] or list(MUTATIONS)
    copy_sources()
    asked = sorted({suite for name in names for suite in MUTATIONS[name][3]})
    print("nothing broken:", flush=True)
    if any([notices(suite) for suite in asked]):
        sys.exit("refused: a suite that fails when nothing is broken notices nothing")
    missed = []
    for name in names:
        file, rule, broken, suites = MUTATIONS[name]
        path = os.path.join(SCRATCH, file)
        with open(path, encoding="utf-8") as source:
            text = source.read()
        assert text.count(rule) == 1, f"{name}: {file} does not have it once: {rule}"
        print(f"{name}: {file}: {broken}", flush=True)
        try:
            with open(path, "w", encoding="utf-8") as source:
                source.write(text.replace(rule, broken))
            if not any([notices(suite) for suite in suites]):
                missed.append(name)
        finally:
            with open(path, "w", encoding="utf-8") as source:
                source.write(text)
    print(f"=== {len(names)} rules broken, {len(names) - len(missed)} noticed" + "".join(f"; MISSED: {name}" for name in missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
