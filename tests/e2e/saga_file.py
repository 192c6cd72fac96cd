"""What a saga file of the systems says about its steps, as far as failure stories need it: read off its lines, since Python
brings no YAML. The engine's own reading is not asked: it is what is being tested."""

import re


class Step:
    def __init__(self, name, text, after_pivot):
        def has(pattern):
            return re.search(r"(?m)^    " + pattern, text) is not None
        self.name = name
        self.calls = has("http:")
        self.waits_for_people = has("waitFor:")
        self.keeps = has("compensate: none")            # what it did stays when the saga is undone
        self.has_undo_call = has(r"compensate:(?:\s+#.*)?\n\s+http:")
        self.after_pivot = after_pivot
        self.patient = has("retry: patient") or after_pivot    # asks until it is answered
        self.is_pivot = has("pivot: true")


class Saga:
    def __init__(self, text):
        self.name = self.word(text, "saga")
        self.answer_after = self.word(text, "answerAfter")
        self.steps = {}
        heads = list(re.finditer(r"(?m)^  - id: (\S+)", text))
        for head, following in zip(heads, heads[1:] + [None]):
            block = text[head.start():following.start() if following else len(text)]
            after_pivot = any(step.is_pivot for step in self.steps.values())
            self.steps[head.group(1)] = Step(head.group(1), block, after_pivot)
        has_pivot = any(step.is_pivot for step in self.steps.values())
        self.cancel_until = self.word(text, "cancelUntil") or ("pivot" if has_pivot else "end")

    @staticmethod
    def word(text, key):
        found = re.search(rf"(?m)^{key}: (\S+)", text)
        return found and found.group(1)

    def before_people(self):
        """Names of the steps that are reached without anybody's doing."""
        names = list(self.steps)
        people = [names.index(step.name) for step in self.steps.values() if step.waits_for_people]
        return names[:min(people, default=len(names))]

    def may_be_cancelled_at(self, step):
        return self.cancel_until != "never" and not self.steps[step].after_pivot


def read_saga(path):
    with open(path, encoding="utf-8") as file:
        return Saga(file.read())
