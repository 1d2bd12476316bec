"""`python3 -m unittest discover -s scripts -t scripts -p 'test_*.py'`; .ci/run runs it."""

import unittest
import xml.etree.ElementTree as xml

from report.bars import Bar, svg
from report.capacity import capacity
from report.charts import CHARTS, draw
from report.figures import Figures, short, time
from report.tables import fill

LINES = [
    '{"bench":"verify","table":"a GET","row":"cryptography","min_ns":200,"median_ns":210,"ratio":1}\n',
    '{"bench":"verify","table":"a GET","row":"countersign","min_ns":600,"median_ns":630,"ratio":3}\n',
    '{"bench":"verify","table":"growth, the parameters of 100","row":"100 parameters","median_ns":9000,"ratio":4}\n',
    '{"bench":"verify","table":"growth, the parameters of 5","row":"5 parameters","median_ns":700,"ratio":3}\n',
    '{"bench":"redis","table":"claims, 64 in flight","row":"store","redis_us":7}\n',
    '{"bench":"redis","table":"claims, 64 in flight","row":"store","client_us":2}\n',
]
WHOLE = LINES + [
    '{"bench":"verify","table":"cold, a GET","row":"countersign","median_ns":1000}\n',
    '{"bench":"replay_store","table":"memory, 5000000 live","row":"the store, three windows later","bytes":20}\n',
    '{"bench":"redis","table":"memory in Redis","row":"store","bytes":200}\n',
]


class FiguresTest(unittest.TestCase):
    def test_what_is_measured_again_replaces_what_was(self):
        again = '{"bench":"verify","table":"a GET","row":"countersign","ratio":2.5}'
        figures = Figures([*LINES, again])
        self.assertEqual(figures.value("verify", "a GET", "countersign", "ratio"), 2.5)
        self.assertEqual(figures.value("verify", "a GET", "countersign", "min_ns"), 600)

    def test_tables_are_in_the_order_of_their_numbers(self):
        tables = Figures(LINES).tables("verify", "growth, *")
        self.assertEqual(list(tables), ["growth, the parameters of 5", "growth, the parameters of 100"])

    def test_a_figure_has_three_digits_that_count(self):
        self.assertEqual([short(3.14159), short(31.4159), short(31415.9)], ["3.14", "31.4", "31,416"])
        self.assertEqual([time(12), time(1_234), time(1_234_567)], ["12 ns", "1.23 µs", "1.23 ms"])


class DrawingTest(unittest.TestCase):
    def test_a_drawing_says_what_it_shows_to_who_cannot_see_it(self):
        drawing = xml.fromstring(svg("A & B", "shorter is better", [("", [Bar("a<b", 2.0, "2×")])]))
        of = {"svg": "http://www.w3.org/2000/svg"}
        self.assertEqual(drawing.find("svg:title", of).text, "A & B")
        self.assertEqual(drawing.find("svg:desc", of).text, "shorter is better. a<b, 2×.")
        self.assertEqual(drawing.get("aria-labelledby"), "title desc")

    def test_the_longest_bar_is_the_greatest_value(self):
        drawing = svg("", "", [("", [Bar("a", 1.0, ""), Bar("b", 4.0, "")])])
        self.assertIn('width="90.0"', drawing)
        self.assertIn('width="360.0"', drawing)

    def test_the_same_rows_give_the_same_drawings(self):
        self.assertEqual(list(draw(Figures(WHOLE))), list(draw(Figures(WHOLE))))

    def test_what_has_no_rows_is_not_drawn(self):
        drawn = {name for name, content in draw(Figures(LINES)) if content}
        self.assertEqual(drawn, {"accepted", "growth-parameters"})
        self.assertLess(drawn, set(CHARTS))


class TablesTest(unittest.TestCase):
    def filled(self, place, lines=WHOLE):
        return fill(f"before\n<!-- {place} -->\nold\n<!-- end -->\nafter\n", Figures(lines))

    def test_a_table_is_filled_and_what_stands_around_it_stays(self):
        text, missing = self.filled("table: verify/a GET")
        self.assertEqual(missing, [])
        self.assertTrue(text.startswith("before\n<!-- table: verify/a GET -->\n\n|  | min ns | median ns |"))
        self.assertIn("| countersign | 600 | 630 | 3.00 |\n", text)
        self.assertTrue(text.endswith("|\n\n<!-- end -->\nafter\n"))
        self.assertNotIn("old", text)
        self.assertEqual(fill(text, Figures(WHOLE))[0], text)

    def test_tables_of_one_pattern_are_one(self):
        text, _ = self.filled("table: verify/growth, *")
        self.assertIn("| growth, the parameters of 5 | 5 parameters | 700 | 3.00 |\n", text)
        self.assertIn("| --- | --- | --: | --: |\n", text)

    def test_a_place_without_rows_stays_and_is_told(self):
        text, missing = self.filled("table: verify/a PUT")
        self.assertIn("\nold\n", text)
        self.assertEqual(missing, ["verify/a PUT"])


class CapacityTest(unittest.TestCase):
    def test_what_a_rate_needs_is_the_rate_times_what_one_takes(self):
        rows = {name: figures for name, *figures in capacity(Figures(WHOLE))}
        self.assertEqual(rows["live nonces (rate × 900 s)"][2], "900,000,000")
        self.assertEqual(rows["cores to verify"], ["0.01", "0.10", "1.00"])
        self.assertEqual(rows["memory store: nonces"][2], "18.0 GB")
        self.assertEqual(rows["Redis: cores"], ["0.07", "0.70", "7.00"])
        self.assertEqual(rows["Redis: memory (rate × 960 s)"][2], "192 GB")

    def test_there_is_no_table_unless_everything_was_measured(self):
        self.assertEqual(capacity(Figures(LINES)), [])


if __name__ == "__main__":
    unittest.main()
