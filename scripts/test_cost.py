"""What scripts/cost makes of callgrind's files, and of counts that differ."""

import contextlib
import importlib.machinery
import importlib.util
import io
import pathlib
import unittest

loader = importlib.machinery.SourceFileLoader("cost", str(pathlib.Path(__file__).with_name("cost")))
cost = importlib.util.module_from_spec(importlib.util.spec_from_loader("cost", loader))
loader.exec_module(cost)

CALLGRIND = """\
version: 1
events: Ir
fl=???
fn=instructions::measured
0 10
cfn=countersign::verify
calls=2 0
0 999
0 3
fn=countersign::verify
0 900
cfn=sha2::sha256::compress
calls=1 0
0 99
fn=sha2::sha256::compress
0 99
totals: 1012
"""


class CountTest(unittest.TestCase):
    def test_what_a_function_calls_is_not_its_own(self):
        costs = cost.by_function(CALLGRIND.splitlines())
        self.assertEqual(costs, {
            "instructions::measured": 13,
            "countersign::verify": 900,
            "sha2::sha256::compress": 99,
        })

    def test_cryptography_is_told_by_its_crate(self):
        for name in ("sha2::sha256::compress", "<md5::Md5Core as digest::Update>::update", "aws_lc_0_47_0_SHA256_Final"):
            self.assertTrue(cost.CRYPTOGRAPHY.search(name), name)
        for name in ("countersign::protocol::content_md5::of", "core::hash::sip::Hasher", "siphasher::sip::write"):
            self.assertFalse(cost.CRYPTOGRAPHY.search(name), name)


class JudgeTest(unittest.TestCase):
    def judge(self, now, tools=None, whole=True):
        before = tools or cost.tools(), {"a GET": (1000, 500), "a POST": (2000, 500)}
        with contextlib.redirect_stdout(io.StringIO()) as told:
            return cost.judge(before, now, whole), told.getvalue()

    def test_three_percent_are_nothing(self):
        status, told = self.judge({"a GET": (1030, 500), "a POST": (1940, 500)})
        self.assertEqual(status, 0)
        self.assertIn("+3.0%", told)

    def test_what_costs_more_fails(self):
        status, told = self.judge({"a GET": (1031, 500), "a POST": (2000, 500)})
        self.assertEqual(status, 1)
        self.assertIn("a GET: cost more", told)
        self.assertNotIn("a POST: cost", told)

    def test_a_gain_fails_until_it_is_written_down(self):
        status, told = self.judge({"a GET": (969, 500), "a POST": (2000, 500)})
        self.assertEqual(status, 1)
        self.assertIn("a GET: cost less than is written down: renew", told)

    def test_more_cryptography_fails(self):
        self.assertEqual(self.judge({"a GET": (1000, 1000), "a POST": (2000, 500)})[0], 1)

    def test_a_case_that_only_one_has_fails(self):
        self.assertEqual(self.judge({"a GET": (1000, 500)})[0], 1)
        self.assertEqual(self.judge({"a GET": (1000, 500)}, whole=False)[0], 0)

    def test_counts_of_another_compiler_are_shown_and_fail_nothing(self):
        status, told = self.judge({"a GET": (5000, 500), "a POST": (2000, 500)}, ["rustc 1.0.0"])
        self.assertEqual(status, 0)
        self.assertIn("+400.0%", told)
        self.assertIn("Not judged", told)


class BaselineTest(unittest.TestCase):
    def test_the_committed_baseline_can_be_read(self):
        tools, counts = cost.read()
        self.assertTrue(tools[0].startswith("rustc 1."))
        self.assertGreater(counts["accepted GET"][0], 0)


if __name__ == "__main__":
    unittest.main()
