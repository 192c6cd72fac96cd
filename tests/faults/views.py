"""I11 and I12 of a run: the view of definitions/saga-counts.view.yaml against the log, in plain SQL and not by the engine's
own fold."""

from processes import wait_until

NAME = "saga-counts"

LOG = """select definition, count(*), count(*) filter (where type = 'SagaEnded')
from skald.event join skald.saga using (partition, saga_id)
where type in ('SagaStarted', 'StepRequested', 'StepSucceeded', 'StepFailed', 'StepCompensated', 'SagaEnded')
group by 1 order by 1"""

# Of every generation that is kept: partitions in which it is not where the log ends.
PLACES = """select count(*) filter (where position < head), count(*) filter (where position > head)
from skald.view_generation g join skald.view_checkpoint c using (generation), lateral
     (select coalesce(max(position), 0) as head from skald.event e where e.partition = c.partition) log
where retired_at is null"""


def rows(query):
    return query(f"select definition, events, ended from skald_views.\"{NAME}#\" order by 1".replace(
        "#", "#" + query(f"select active from skald.view where name = '{NAME}'")[0][0]))


def violations(query):
    """Waits until all views have taken in the log; what is wrong then."""
    found = []
    wait_until(lambda: int(query(PLACES)[0][0]) == 0, "all views have taken in the log", 60)
    if int(query(PLACES)[0][1]):
        found.append(("I12", "a checkpoint has passed the end of its partition"))
    told, true = rows(query), query(LOG)
    if told != true:
        found.append(("I11", f"the view says {told}, the log {true}"))
    different = query("select view, rows_different from skald.view_generation where rows_different > 0")
    return found + [("I11", f"a rebuild of {view} found {count} rows different") for view, count in different]
