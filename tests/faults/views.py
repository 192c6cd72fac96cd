"""I11 and I12 of a run: the views of definitions/ against the log, in plain SQL and not by the engine's own fold. One of them
stops at events that it cannot take in; somebody leaves these out."""

import http.client
import time

from calls import call
from processes import wait_until

NAME, PICKY = "saga-counts", "picky"

LOG = """select definition, count(*), count(*) filter (where type = 'SagaEnded')
from skald.event join skald.saga using (partition, saga_id)
where type in ('SagaStarted', 'StepRequested', 'StepSucceeded', 'StepFailed', 'StepCompensated', 'SagaEnded')
group by 1 order by 1"""

# Without the events that were left out.
STARTED = f"""select definition, count(*)
from skald.event e join skald.saga using (partition, saga_id)
where type = 'SagaStarted'
  and not exists (select from skald.view_skip s where (s.view, s.partition, s.position) = ('{PICKY}', e.partition, e.position))
group by 1 order by 1"""
# They must be those, and all of those, that do not fit.
NOT_FITTING = """select partition, position from skald.event join skald.saga using (partition, saga_id)
where type = 'SagaStarted' and definition = 'recruitment' and event.data -> 'input' ->> 'applicantId' ~ '^applicant-.?3$' order by 1, 2"""
LEFT_OUT = f"select partition, position from skald.view_skip where view = '{PICKY}' order by 1, 2"
STOPPED = "select view, stopped_partition || '-' || stopped_position from skald.view_generation where stopped_at is not null and retired_at is null"

# Of every generation that is kept: partitions in which it is not where the log ends.
PLACES = """select count(*) filter (where position < head), count(*) filter (where position > head)
from skald.view_generation g join skald.view_checkpoint c using (generation), lateral
     (select coalesce(max(position), 0) as head from skald.event e where e.partition = c.partition) log
where retired_at is null"""


def rows(query, view, columns):
    return query(f"select {columns} from skald_views.\"{view}#\" order by 1".replace(
        "#", "#" + query(f"select active from skald.view where name = '{view}'")[0][0]))


def leave_out(url, query):
    """Decides about events that a view stands before; whether there was one."""
    stopped = query(STOPPED)
    for view, position in stopped:
        try:
            answer = call("POST", f"{url}/v1/views/{view}/skip", {"position": position, "reason": "it was to be expected"})
            assert answer.status in (202, 409, 503), answer  # 409: the node does not know yet that it stands
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)  # the engine is away for a moment
    return bool(stopped)


def violations(url, query):
    """Waits until all views have taken in the log; what is wrong then."""
    found = []
    wait_until(lambda: not leave_out(url, query) and int(query(PLACES)[0][0]) == 0, "all views have taken in the log", 60)
    if int(query(PLACES)[0][1]):
        found.append(("I12", "a checkpoint has passed the end of its partition"))
    for view, columns, log in ((NAME, "definition, events, ended", LOG), (PICKY, "definition, started", STARTED)):
        told, true = rows(query, view, columns), query(log)
        if told != true:
            found.append(("I11", f"the view {view} says {told}, the log {true}"))
    left_out, not_fitting = query(LEFT_OUT), query(NOT_FITTING)
    if left_out != not_fitting:
        found.append(("I11", f"{PICKY} left out {left_out}; what does not fit is {not_fitting}"))
    different = query("select view, rows_different from skald.view_generation where rows_different > 0")
    return found + [("I11", f"a rebuild of {view} found {count} rows different") for view, count in different]
