"""What a run leaves behind, from three sides: the log (with the rows beside it), the ledgers of the services, the history
of the clients; and what was injected. Kept in a directory as JSON lines, so a run can be judged again later.

    event, writer, ownership, saga, start_key, definition   one row of skald.* per line, as row_to_json gives it
    ledger-SERVICE                                          one request per line, as GET /_ledger gives it
    history     {operation: start|cancel, key|saga, sent, received, status, replayed, answer}; status null: no answer
    injected    {kind, what, at, until, hits}: kind `process` also tells from when until when the engine was away

Times are RFC 3339 in the files and seconds in memory."""

import dataclasses
import datetime
import glob
import json
import os

TABLES = ("event", "writer", "ownership", "saga", "start_key", "definition")


def seconds(text):
    return datetime.datetime.fromisoformat(text).timestamp()


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat()


@dataclasses.dataclass
class Evidence:
    event: list
    writer: list
    ownership: list
    saga: list
    start_key: list
    definition: list
    ledgers: dict  # entries by service
    history: list
    injected: list

    def write(self, directory):
        files = {table: getattr(self, table) for table in (*TABLES, "history", "injected")}
        files.update({f"ledger-{service}": entries for service, entries in self.ledgers.items()})
        for name, rows in files.items():
            with open(os.path.join(directory, name + ".jsonl"), "w", encoding="utf-8") as file:
                file.writelines(json.dumps(row) + "\n" for row in rows)


def read(directory):
    def rows(path):
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def named(name):
        return rows(os.path.join(directory, name + ".jsonl"))

    ledgers = {os.path.basename(path)[len("ledger-"):-len(".jsonl")]: rows(path)
               for path in glob.glob(os.path.join(directory, "ledger-*.jsonl"))}
    return Evidence(**{table: named(table) for table in TABLES}, ledgers=ledgers, history=named("history"),
                    injected=named("injected"))


def rows_of_log(query):
    """query(sql): rows of texts. The tables of the log as this module keeps them."""
    order = {"event": " order by partition, position"}
    return {table: [json.loads(row[0]) for row in
                    query(f"select row_to_json(t) from (select * from skald.{table}{order.get(table, '')}) t")]
            for table in TABLES}
