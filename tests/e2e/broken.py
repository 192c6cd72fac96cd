#!/usr/bin/env python3
"""Breaks the systems on purpose, one rule at a time, and tells which tests of the requirement notice. One that none notices
is a requirement that is not shown.

Usage: SKALD_BIN=build/dev/skald python3 tests/e2e/broken.py [REQUIREMENT…]      for example s3_3: the commission
       python3 tests/e2e/broken.py --list                                        which rule is broken for which requirement
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

from processes import BINARY, SOURCE
from systems import SYSTEMS

HERE = os.path.dirname(os.path.abspath(__file__))


def program(script):
    """Not a rule of a file but of the engine: a script in its place."""
    return lambda _: f"#!/bin/sh\nSKALD={os.path.abspath(BINARY)}\n{script}\n"


DEAF = 'for name in $(env | sed -n "s/^\\(SKALD_SERVICE_[A-Z]*_URL\\)=.*/\\1/p"); do unset "$name"; done; exec "$SKALD" "$@"'
ONE_SYSTEM = 'all=$2; shift 2; exec "$SKALD" dev "$all/recruitment" "$@"'


def swapped(first, second):
    """Two steps of a saga change their places."""
    def swap(text):
        blocks = re.split(r"(?m)^(?=  - id: |output:)", text)
        here, there = [next(n for n, block in enumerate(blocks) if block.startswith(f"  - id: {name}\n") or block.startswith(f"  - id: {name} "))
                       for name in (first, second)]
        blocks[here], blocks[there] = blocks[there], blocks[here]
        return "".join(blocks)
    return swap


def instead(there, other):
    def replace(text):
        assert there in text, f"there is no {there!r}"
        return text.replace(there, other)
    return replace


# requirement, whose tests, file, what is broken, how
BREAKS = [
    ("s1_1", "recruitment", "recruitment.saga.yaml", "the skill is registered as the job", instead("job: ${ .input.job }\n    timeout", "job: ${ .input.skill }\n    timeout")),
    ("s1_2", "recruitment", "recruitment.saga.yaml", "the answer does not wait for the qualification", instead("answerAfter: qualify", "answerAfter: apply")),
    ("s1_3", "recruitment", "recruitment.saga.yaml", "the enrollment is given up after two attempts", instead("retry: patient", "retry: { maximumAttempts: 2 }")),
    ("s1_4", "recruitment", "recruitment.saga.yaml", "no cancel after the end", instead("cancelUntil: forever", "cancelUntil: end")),
    ("s1_5", "recruitment", "recruitment.saga.yaml", "undone all at once", instead("cancelUntil: forever", "cancelUntil: forever\ncompensation: { order: parallel }")),
    ("s1_6", "recruitment", "recruitment-my-page.view.yaml", "my page hides the reason", instead("      reason: ${ .error.title }\n", "")),
    ("s1_7", "recruitment", "recruitment-my-page.view.yaml", "not qualified is shown as qualified", instead("qualification: N }", "qualification: Y }")),
    ("s2_1", "course", "professor-application.saga.yaml", "a registration that is refused cancels the applications", instead("  where: ${ .event.data.refused | not }\n", "")),
    ("s2_2", "course", "course.saga.yaml", "the entry is opened at once or never", instead("    retry: patient\n", "    retry: { maximumAttempts: 1 }\n")),
    ("s2_3", "course", "course.service.yaml", "a course with a professor takes applications", instead("      - when: ${ .resource.successFlag }\n", "      - when: ${ .resource.title == null }\n")),
    ("s2_4", "course", "course.service.yaml", "a professor is confirmed twice", instead(".resource.successFlag and .resource.professorNo ==", "false and .resource.professorNo ==")),
    ("s2_4", "course", "course.service.yaml", "an undone confirmation leaves the course to nobody", instead('then { successFlag: false } else .action.before end', "then { successFlag: false } else { successFlag: false } end")),
    ("s2_5", "course", "course-board.view.yaml", "the board shows the number for the name", instead("professorNm: ${ .event.output.professorNm }", "professorNm: ${ .event.output.professorNo }")),
    ("s2_6", "course", "course.saga.yaml", "no cancel of a course once it is registered", instead("cancelUntil: forever", "cancelUntil: end")),
    ("s2_7", "course", "confirmation.saga.yaml", "a cancelled course leaves its confirmation", instead("  until: forever\n", "  until: end\n")),
    ("s2_7", "course", "professor-application.saga.yaml", "a cancelled course leaves its confirmed application", instead("  until: forever\n", "  until: end\n")),
    ("s2_8", "course", "professor-application.saga.yaml", "the message of a withdrawal speaks of an application", instead("kind: cancelled,", "kind: applied,")),
    ("s2_9", "course", "confirmation.saga.yaml", "a confirmation is answered before the application is told", instead("answerAfter: announce", "answerAfter: decide")),
    ("s2_10", "course", "professor-my-page.view.yaml", "a withdrawal is shown as cancelled", instead('then "withdrawn"', 'then "cancelled"')),
    ("s2_11", "course", "services.yaml", "circuits hardly ever open", instead("minimumCalls: 20", "minimumCalls: 2000")),
    ("s3_1", "tutoring", "sale.saga.yaml", "the queue does not say who asks", instead('requestedBy: "${ .input.sellerId }"', "requestedBy: somebody")),
    ("s3_2", "tutoring", "sale.saga.yaml", "the reason of a rejection is lost", instead("${ .error.title }", "rejected")),
    ("s3_3", "tutoring", "purchase.saga.yaml", "the commission is 12 %", instead("10 / 100", "12 / 100")),
    ("s3_4", "tutoring", "payment.service.yaml", "payment declines later", instead("> 1000000", "> 2000000")),
    ("s3_5", "tutoring", "purchase.saga.yaml", "undone all at once", instead("cancelUntil: forever", "cancelUntil: forever\ncompensation: { order: parallel }")),
    ("s3_6", "tutoring", "purchase.saga.yaml", "a payment is given up after two attempts", instead("    retry: patient\n    compensate:\n      http: { service: payment", "    retry: { maximumAttempts: 2 }\n    compensate:\n      http: { service: payment")),
    ("s3_7", "tutoring", "sale.saga.yaml", "without approval a sale is given up", instead("    retry: patient\n", "    retry: { maximumAttempts: 2 }\n")),
    ("s3_8", "tutoring", "seller-sales.view.yaml", "a refund leaves the sale counted", instead("sold: -1,", "sold: 0,")),
    ("s3_9", "tutoring", "purchase.saga.yaml", "the lecture opens before the seller is paid", swapped("remit", "open")),
    ("s3_10", "tutoring", "approval.service.yaml", "a cancelled reservation stays in the queue", instead('when: ${ .resource.status == "waiting" }', 'when: ${ .resource.status == "nothing" }')),
    ("s4_1", "datecourse", "schedule.service.yaml", "a change leaves the title", instead("title: ${ .request.body.title // .resource.title }", "title: ${ .resource.title }")),
    ("s4_2", "datecourse", "bookmark.saga.yaml", "the cancel of a bookmark is told as a bookmark", instead('else "bookmark-cancelled"', 'else "bookmarked"')),
    ("s4_3", "datecourse", "communication.service.yaml", "the second like counts", instead("(.found.same | length) > 0", "(.found.same | length) > 1")),
    ("s4_4", "datecourse", "schedule.service.yaml", "a closed course is reviewed", instead("${ .resource.open | not }", "${ .resource.open == null }")),
    ("s4_5", "datecourse", "schedule-page.view.yaml", "a like that is taken back stays counted", instead("likes: -1", "likes: 0")),
    ("s4_6", "datecourse", "bookmark.saga.yaml", "bookmarks do not hear of the deletion", instead("cancelOn: { event: ScheduleDeleted }\n", "")),
    ("s4_7", "datecourse", "message-delivery.saga.yaml", "messages carry another key", instead("correlationKey: ${ .saga.businessKey }", "correlationKey: ${ .saga.id }")),
    ("s5_1", "certificate", "injection.service.yaml", "a change leaves the status", instead("status: ${ .request.body.status // .resource.status }", "status: ${ .resource.status }")),
    ("s5_2", "certificate", "injection.service.yaml", "any vaccination is complete", instead('!= "INJECTED"', '== "CANCELLED"')),
    ("s5_3", "certificate", "certificate.saga.yaml", "the certificate's number is not recorded", instead('certificateNo: "${ .steps.issue.output.certificateNo }"', "certificateNo: none")),
    ("s5_4", "certificate", "certificate.saga.yaml", "an issued certificate can be cancelled", instead("cancelUntil: pivot", "cancelUntil: forever")),
    ("s5_5", "certificate", "certificate.saga.yaml", "without the desk an application is given up", instead("    retry: patient\n    compensate:", "    retry: { maximumAttempts: 2 }\n    compensate:")),
    ("s5_6", "certificate", "certificate-my-page.view.yaml", "my page does not show the certificate", instead('status: issued, certificateNo: "${ .event.output.certificateNo }"', "status: issued")),
    ("c1", "course", "notification.service.yaml", "all services keep their data in one kind of storage", instead("storage: postgres", "storage: sqlite")),
    ("c2", "tutoring", "store.service.yaml", "what is not on sale is sold", instead('.resource.status != "on-sale"', '.resource.status == "nothing"')),
    ("c3", "datecourse", "message-delivery.saga.yaml", "a message is given up after two attempts", instead("    retry: patient\n", "    retry: { maximumAttempts: 2 }\n")),
    ("c4", "certificate", "services.yaml", "circuits hardly ever open", instead("minimumCalls: 20", "minimumCalls: 2000")),
    ("c5", "certificate", "certificate.saga.yaml", "a cancel leaves the application", instead('      http: { service: applying, method: POST, path: "/applications/${ .saga.id }/cancel" }', "      http: { service: applying, method: GET, path: /applications }")),
    ("c6", "recruitment", "recruitment.saga.yaml", "the cases of a job share a key", instead("businessKey: ${ .input.applicantId }", "businessKey: ${ .input.job }")),
    ("c7", "datecourse", "schedule-page.view.yaml", "a bookmark that is taken back stays counted", instead("bookmarks: -1", "bookmarks: 0")),
    ("c8", "together", None, "the entrance leads to one system only", program(ONE_SYSTEM)),
    ("c9", "certificate", None, "the engine does not hear where the services are", program(DEAF)),
    ("c11", "together", "recruitment/recruitment-my-page.view.yaml", "a column has another name", instead("enrollmentId", "enrolmentId")),
]


def noticed_by(requirement, module, file, breaking):
    """[(test, what it says)] of those that fail."""
    with tempfile.TemporaryDirectory(prefix="skald-broken-") as directory:
        os.chmod(directory, 0o755)
        systems, environment = os.path.join(directory, "systems"), dict(os.environ)
        shutil.copytree(SYSTEMS, systems, ignore=shutil.ignore_patterns(".skald"))
        environment["SKALD_SYSTEMS"] = systems
        path = os.path.join(systems, file if "/" in file else os.path.join(module, file)) if file else os.path.join(directory, "skald")
        text = ""
        if file:
            with open(path, encoding="utf-8") as whole:
                text = whole.read()
        else:
            environment["SKALD_BIN"] = path
        with open(path, "w", encoding="utf-8") as whole:
            whole.write(breaking(text))
        if not file:
            os.chmod(path, 0o755)
        done = subprocess.run([sys.executable, os.path.join(HERE, module + "_test.py"), "-k", f"{requirement}_"], capture_output=True, text=True,
                              check=False, env=environment, cwd=SOURCE)
    assert "Ran 0 tests" not in done.stderr, f"{requirement}: it cannot even be loaded\n{done.stderr[-6000:]}"
    # Of each failure its head, and the last line before the next one: what was expected.
    failures = re.findall(r"(?ms)^(?:FAIL|ERROR): (\w+) .*?^(\w*(?:Error|Exception|Exit)\b[^\n]*)", done.stderr)
    return sorted(set(failures)) or ([("the module", done.stderr[-200:])] if done.returncode else [])


def main():
    wanted = sys.argv[1:]
    unnoticed = 0
    for requirement, module, file, what, breaking in BREAKS:
        if wanted == ["--list"]:
            print(f"{requirement.upper().replace('_', '.'):<6} {module + ':':<13} {what} ({file or 'the engine'})")
        elif not wanted or requirement in wanted:
            noticed = noticed_by(requirement, module, file, breaking)
            unnoticed += not noticed
            print("noticed  " if noticed else "UNNOTICED", requirement, f"{what} ({file or 'the engine'})", flush=True)
            for test, message in noticed:
                print(f"    {test}\n        {message[:160]}", flush=True)
    sys.exit(1 if unnoticed else 0)


if __name__ == "__main__":
    main()
