#!/usr/bin/env python3
"""What outside tests and users rely on in sagas/systems, held against the files: the names (C11), and the table of
requirements.

Usage: systems_test.py SOURCE_ROOT
"""
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)).resolve()
sys.path.insert(0, str(ROOT / "tests/e2e"))
from broken import BREAKS  # noqa: E402
from names import SAGAS, VIEWS  # noqa: E402
SYSTEMS = ROOT / "sagas/systems"

def block(text, key):
    """The names that stand one level below `key:`."""
    found = re.search(rf"(?m)^( *){key}: *(?:#.*)?\n((?:\1 .*\n|\n)+)", text)
    assert found, key
    return re.findall(rf"(?m)^{found.group(1)}  (\w+):", found.group(2))


class Names(unittest.TestCase):
    def test_every_saga_takes_the_fields_of_its_domain(self):
        for system, sagas in SAGAS.items():
            for saga, fields in sagas.items():
                text = (SYSTEMS / system / f"{saga}.saga.yaml").read_text()
                self.assertRegex(text, rf"(?m)^saga: {saga}$")
                self.assertLessEqual(set(fields.split()), set(block(text, "properties")), saga)

    def test_every_view_shows_the_columns_of_its_domain(self):
        for system, views in VIEWS.items():
            for view, columns in views.items():
                text = (SYSTEMS / system / f"{view}.view.yaml").read_text()
                self.assertRegex(text, rf"(?m)^view: {view}$")
                self.assertLessEqual(set(columns.split()), set(block(text, "columns")), view)

    def test_services_of_all_systems_have_names_and_ports_of_their_own(self):
        seen = set()
        for file in SYSTEMS.glob("*/*.service.yaml"):
            text = file.read_text()
            name, port = re.search(r"(?m)^service: (.+)$", text).group(1), re.search(r"(?m)^port: (\d+)$", text).group(1)
            self.assertEqual(file.name, name + ".service.yaml")
            self.assertIn(f"{name}:\n    url: http://127.0.0.1:{port}\n", (file.parent / "services.yaml").read_text())
            self.assertTrue({name, port}.isdisjoint(seen), file)
            seen |= {name, port}


class Requirements(unittest.TestCase):
    def rows(self):
        """(requirement, where it is shown, what its tests notice) of the table."""
        rows = re.findall(r"(?m)^\| ([SC][\d.]+) \| .* \| (.+) \| (.*) \|$", (SYSTEMS / "README.md").read_text())
        self.assertEqual(len(rows), 51)
        return rows

    def test_every_requirement_of_the_table_has_a_rule_that_is_broken_on_purpose(self):
        for requirement, _, noticed in self.rows():
            broken = [what for token, _, _, what, _ in BREAKS if token == requirement.lower().replace(".", "_")]
            self.assertTrue(broken, requirement)
            self.assertEqual(noticed, "; ".join(broken))

    def test_no_test_of_a_system_is_skipped(self):
        for system in SAGAS:
            self.assertNotRegex((ROOT / f"tests/e2e/{system}_test.py").read_text(), r"(?i)skip")

    def test_every_requirement_of_the_table_is_in_the_name_of_a_test_of_each_module_it_names(self):
        for requirement, modules, _ in self.rows():
            token = requirement.lower().replace(".", "_")
            for module in re.findall(r"`(\w+)`", modules):
                shared = ROOT / "tests/e2e" / f"{module}.py"  # mixed into the tests of every system
                text = (shared if shared.exists() else ROOT / "tests/e2e" / f"{module}_test.py").read_text()
                self.assertTrue(re.search(rf"def test_(?:\w+_and_)?{token}_", text), f"{requirement} in {module}")


if __name__ == "__main__":
    unittest.main()
