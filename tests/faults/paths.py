"""Step paths: a step's id at the top level and inside of branches and cases; inside a forEach the item before it, "lines[3].reserve"."""

import re


def id_of(path):
    return path.rsplit(".", 1)[-1]


def item_of(path):
    """"lines[3]." of "lines[3].reserve"; empty outside of every forEach."""
    return path[:len(path) - len(id_of(path))]


def beside(path, step):
    return item_of(path) + step.id


def around(path, step):
    """The path of the container around that step; none at the top level."""
    if step.parent is None:
        return None
    if step.parent.kind != "forEach":
        return beside(path, step.parent)
    return re.fullmatch(r"(.*)\[\d+\]\.", item_of(path))[1]


def number_of(path):
    """Of the innermost item."""
    return int(re.fullmatch(r".*\[(\d+)\]\.", item_of(path))[1])


def inside(for_each, number, step):
    return f"{for_each}[{number}].{step.id}"
