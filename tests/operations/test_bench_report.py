"""What `make bench` writes down: each line of the contract, with its worst figure on each database."""

import pytest

from bench.__main__ import _measure
from bench.agreement import ratios, spreads
from bench.middle import middle
from bench.report.contract import CONTRACT, judged
from bench.report.line import Line, at_least, at_most
from bench.report.page import Run, markdown


def _run(*lines: Line) -> Run:
    return Run((1_000,), False, (0.0, 0.0, 0.0), {"a part": list(lines)}, [], {})


def test_every_line_of_the_contract_is_shown_even_if_nothing_was_measured():
    rows = judged([])
    assert [row[0] for row in rows] == [said.what for said in CONTRACT]
    assert {cell for row in rows for cell in row[2:]} == {"not measured"}


def test_the_worst_figure_counts_and_says_by_how_much_it_is_off():
    lines = [
        Line("page", "SQLite", "", promises=(at_most("page", 3, 4, "× 3"),)),
        Line("page, deep", "SQLite", "", promises=(at_most("page", 6, 4, "× 6"),)),
        Line("page", "PostgreSQL", "", promises=(at_most("page", 4, 4, "× 4"),)),
        Line("CSV", "SQLite", "", promises=(at_least("csv", 0.25, 0.5, "0.25"),)),
    ]
    rows = {row[0]: row[2:] for row in judged(lines)}
    by_key = {said.key: rows[said.what] for said in CONTRACT}
    assert by_key["page"] == ("**× 6**, off by × 1.50", "× 4, reached")
    assert by_key["csv"] == ("**0.25**, off by × 2.00", "not measured")


def test_a_part_that_fails_is_named_and_the_others_are_kept(capsys: pytest.CaptureFixture[str]):
    run = _run()

    def fails() -> list[Line]:
        raise SystemExit("the server does not answer")

    _measure({"good": lambda: [Line("page", "SQLite", "1 ms")], "bad": fails}, run)
    assert run.failed == {"bad": "the server does not answer"}
    assert [line.what for line in run.parts["good"]] == ["page"]
    assert "- bad: `the server does not answer`" in markdown(run, 1.0)
    assert "1 ms" in capsys.readouterr().out


def test_ratios_of_runs_are_read_from_their_pages_and_compared():
    pages = [
        ratios(
            markdown(_run(Line("page", "SQLite", "9 ms", "1 ms", one), Line("plan", "SQLite", "1 s")), 1.0)
        )
        for one in ("× 10.0", "× 11.5")
    ]
    assert pages == [{("page", "SQLite"): 10.0}, {("page", "SQLite"): 11.5}]
    assert spreads([*pages, {("page", "SQLite"): 12.0, ("CSV", "SQLite"): 0.5}]) == {("page", "SQLite"): 1.2}


def test_the_middle_of_many_figures_is_the_mean_of_those_between_the_quarters():
    assert middle([100, 1, 4, 2, 3, 5, 0, 3]) == 3
    assert middle([1, 2]) == 1.5
    assert middle([7]) == 7
