"""When all tests of a module are over, whatever they did: each effect happened once by its key and each undo once, and every
view shows what the services themselves have. Mixed into a class whose name comes last in its module: unittest plays classes
in the order of their names."""

from failures import whole_ledger
from systems import effects_by_key


class AtTheEndTests:
    views_without_records = {}  # the statuses of rows for which no service has a record, by view

    def rows_by_the_services(self):
        """{view: {key: {column: value}}} as it follows from the services' own data; a set holds all values that are right."""
        raise NotImplementedError

    def test_c7_every_view_shows_what_the_services_have(self):
        last = []

        def agree():
            last[:] = [difference for view, rows in self.rows_by_the_services().items() for difference in self.differences(view, rows)]
            return not last
        try:
            self.until(agree, "views and services agree")
        except AssertionError:
            raise AssertionError(f"{len(last)} differences, for example {last[:5]}") from None

    def test_c3_and_c5_every_effect_happened_once_and_every_undo_once(self):
        for service in self.services:
            done, undone = effects_by_key([entry for entry in whole_ledger(service) if entry["effect"] and entry["key"]])
            self.assertLessEqual(set(done.values()) | set(undone.values()), {1}, service.name)
            self.assertLessEqual(set(undone), set(done), f"{service.name} undid what it had not done")

    def differences(self, view, expected):
        shown = {row[self.keys[view]]: row for row in self.pages(f"/v1/views/{view}?")}
        for key, columns in expected.items():
            for column, value in columns.items():
                is_shown = shown.get(key, {}).get(column)
                if is_shown not in (value if isinstance(value, set) else (value,)):
                    yield view, key, column, is_shown, "expected", value
        for key in set(shown) - set(expected):
            if shown[key]["status"] not in self.views_without_records.get(view, ()):
                yield view, shown[key], "but no service knows of it"

    def ends(self, saga):
        """The status of every saga of that name, by id."""
        return {found["id"]: found["status"] for found in self.pages(f"/v1/sagas?name={saga}&")}

    def pages(self, path):
        cursor = ""
        while cursor is not None:
            page = self.get(f"{path}limit=500{cursor and '&cursor=' + cursor}").json
            yield from page["items"]
            cursor = page["next"]

    @staticmethod
    def records(service, path, key="id"):
        return {record[key]: record for record in service.get(path).json["items"]}
