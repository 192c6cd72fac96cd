"""What every system shows alike. Mixed into one test class of each system's module."""

import os
import re
import sqlite3

from systems import SYSTEMS


class CommonTests:
    def test_c1_every_service_keeps_its_data_in_a_storage_of_its_own_of_two_kinds(self):
        schemas = {row[0] for row in self.world.database.query(
            self.world.services_conninfo, "select schema_name from information_schema.schemata where schema_name like 'sandbox%'")}
        files = {service.name for service in self.services if os.path.isdir(service.data)}
        self.assertEqual(schemas, {"sandbox_" + service.name for service in self.services if service.name not in files})
        self.assertTrue(schemas and files, "two kinds of storage")
        for service in self.services:
            if service.name in files:
                self.assertEqual([name for name in os.listdir(service.data) if name.endswith(".sqlite")], [service.name + ".sqlite"])
                with sqlite3.connect(os.path.join(service.data, service.name + ".sqlite")) as file:
                    tables = {name for (name,) in file.execute("select name from sqlite_master where type = 'table'")}
                self.assertLessEqual({"_key", "_ledger"}, tables)

    def test_c9_the_services_are_found_where_the_environment_says_not_where_the_file_does(self):
        with open(os.path.join(SYSTEMS, self.system, "services.yaml"), encoding="utf-8") as file:
            declared = dict(re.findall(r"(?m)^  ([\w-]+):\n    url: (\S+)$", file.read()))
        self.assertEqual(set(declared), set(self.world.services))
        for service in self.services:
            self.assertNotEqual(declared[service.name], service.url)
        self.begin_something()
        self.assertTrue(any(service.ledger() for service in self.services))
