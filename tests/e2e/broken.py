#!/usr/bin/env python3
"""Breaks the systems on purpose, one rule at a time, and tells whether the tests of the requirement notice.

Usage: SKALD_BIN=build/dev/skald python3 tests/e2e/broken.py [REQUIREMENT…]
"""

import os
import shutil
import subprocess
import sys
import tempfile

from systems import SYSTEMS

HERE = os.path.dirname(os.path.abspath(__file__))

# requirement, system, file, what stands there, what is written instead
BREAKS = [
    ("s2_1", "course", "professor-application.saga.yaml", "  where: ${ .event.data.refused | not }\n", ""),
    ("s2_2", "course", "course.saga.yaml", "    retry: patient\n", "    retry: { maximumAttempts: 1 }\n"),
    ("s2_4", "course", "course.service.yaml", ".resource.successFlag and .resource.professorNo ==", "false and .resource.professorNo =="),
    ("s2_4", "course", "course.service.yaml", 'then { successFlag: false } else .action.before end', "then { successFlag: false } else { successFlag: false } end"),
    ("s2_6", "course", "course.saga.yaml", "cancelUntil: forever", "cancelUntil: end"),
    ("s2_7", "course", "confirmation.saga.yaml", "  until: forever\n", "  until: end\n"),
    ("s2_7", "course", "professor-application.saga.yaml", "  until: forever\n", "  until: end\n"),
    ("s2_8", "course", "professor-application.saga.yaml", "kind: cancelled,", "kind: applied,"),
    ("s2_9", "course", "confirmation.saga.yaml", "answerAfter: announce", "answerAfter: decide"),
    ("s2_11", "course", "services.yaml", "minimumCalls: 20", "minimumCalls: 2000"),
    ("s3_2", "tutoring", "sale.saga.yaml", "${ .error.title }", "rejected"),
    ("s3_3", "tutoring", "purchase.saga.yaml", "10 / 100", "12 / 100"),
    ("s3_4", "tutoring", "payment.service.yaml", "> 1000000", "> 2000000"),
    ("s3_5", "tutoring", "purchase.saga.yaml", "cancelUntil: forever", "cancelUntil: forever\ncompensation: { order: parallel }"),
    ("s3_10", "tutoring", "approval.service.yaml", 'when: ${ .resource.status == "waiting" }', 'when: ${ .resource.status == "nothing" }'),
    ("s4_3", "datecourse", "communication.service.yaml", "(.found.same | length) > 0", "(.found.same | length) > 1"),
    ("s4_4", "datecourse", "schedule.service.yaml", "${ .resource.open | not }", "${ .resource.open == null }"),
    ("s4_6", "datecourse", "bookmark.saga.yaml", "cancelOn: { event: ScheduleDeleted }\n", ""),
    ("s4_7", "datecourse", "message-delivery.saga.yaml", "correlationKey: ${ .saga.businessKey }", "correlationKey: ${ .saga.id }"),
    ("s5_2", "certificate", "injection.service.yaml", '!= "INJECTED"', '== "CANCELLED"'),
    ("s5_4", "certificate", "certificate.saga.yaml", "cancelUntil: pivot", "cancelUntil: forever"),
    ("s5_5", "certificate", "certificate.saga.yaml", "    retry: patient\n    compensate:", "    retry: { maximumAttempts: 2 }\n    compensate:"),
    ("c4", "certificate", "services.yaml", "minimumCalls: 20", "minimumCalls: 2000"),
]


def is_noticed(requirement, system, file, there, instead):
    with tempfile.TemporaryDirectory(prefix="skald-broken-") as directory:
        systems = os.path.join(directory, "systems")
        shutil.copytree(SYSTEMS, systems, ignore=shutil.ignore_patterns(".skald"))
        path = os.path.join(systems, system, file)
        with open(path, encoding="utf-8") as whole:
            text = whole.read()
        assert there in text, f"{file} has no {there!r}"
        with open(path, "w", encoding="utf-8") as whole:
            whole.write(text.replace(there, instead))
        os.chmod(directory, 0o755)
        done = subprocess.run([sys.executable, os.path.join(HERE, system + "_test.py"), "-k", f"{requirement}_"], capture_output=True,
                              text=True, check=False, env={**os.environ, "SKALD_SYSTEMS": systems})
        assert "Ran 0 tests" not in done.stderr, f"{requirement}: it cannot even be loaded\n{done.stderr[-2000:]}"
        return done.returncode != 0


def main():
    unnoticed = 0
    for requirement, system, file, there, instead in BREAKS:
        if len(sys.argv) > 1 and requirement not in sys.argv[1:]:
            continue
        noticed = is_noticed(requirement, system, file, there, instead)
        unnoticed += not noticed
        print("noticed  " if noticed else "UNNOTICED", requirement, file, repr(instead), flush=True)
    sys.exit(1 if unnoticed else 0)


if __name__ == "__main__":
    main()
