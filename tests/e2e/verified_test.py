"""The check that ends every suite (verified.py) can fail: a suite whose only test passes fails all the same, and says where the
difference is, when somebody has changed a row of a view behind the engine's back. That it passes otherwise, all other suites show."""

import io
import unittest

from desk import DeskTest
from processes import wait_until

TABLE = """select 'skald_views.' || quote_ident(relation) from skald.view_generation join skald.view on active = generation
           where name = 'skald-sagas'"""


def load_tests(loader, _, __):
    """Not the suite of Tampered, which fails."""
    return loader.loadTestsFromTestCase(AtTheEnd)


class Tampered(DeskTest):
    def tearDown(self):
        pass

    def test_a_saga_completes_and_its_row_is_changed(self):
        saga = self.start("deeds", key="k")
        self.until(saga, "completed")
        table = wait_until(lambda: self.world.query(TABLE), "the view has a table")[0][0]
        of_it = f"""where "sagaId" = '{saga}'"""
        wait_until(lambda: self.world.query(f"select status from {table} {of_it}") == [["completed"]], "the view shows the saga")
        self.world.query(f"update {table} set status = 'cancelled' {of_it}")


class AtTheEnd(unittest.TestCase):
    def test_a_row_that_was_changed_behind_the_engine_fails_a_suite_whose_tests_pass(self):
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(Tampered)
        outcome = unittest.TextTestRunner(io.StringIO()).run(suite)
        self.assertEqual((outcome.testsRun, len(outcome.failures), len(outcome.errors)), (1, 0, 1), outcome.errors)
        where, told = outcome.errors[0]
        self.assertIn("tearDownClass", str(where))
        self.assertRegex(told, r"replay verify of .* finds:\n.*I11.*skald-sagas")


if __name__ == "__main__":
    unittest.main()
