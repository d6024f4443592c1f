"""The table of docs/operating.md is the one that ``make sizing`` computes."""

from pathlib import Path

from tests.bench.sizing import Cost, next_limit, rounded, table

ROOT = Path(__file__).parents[1]


def test_the_table_is_the_computed_one():
    text = (ROOT / "docs/operating.md").read_text()
    assert text.partition("<!-- sizing -->\n")[2].partition("\n<!--")[0] == table()


def test_every_cost_says_where_it_comes_from():
    makefile = (ROOT / "Makefile").read_text()
    for cost in Cost:
        if cost.source.startswith("make "):
            assert f"\n{cost.source.removeprefix('make ')}: " in makefile, cost
        else:
            assert (ROOT / cost.source).exists(), cost


def test_the_next_limit_is_the_nearest_that_is_not_passed():
    assert "`worker`" in next_limit(1)
    assert "`web`" in next_limit(200)
    assert "Redis" in next_limit(2_000)
    assert "Redis" in next_limit(10**6), "It cannot be had twice."


def test_numbers_have_two_digits_that_count():
    assert [rounded(n) for n in (0.0123, 1.26, 12.4, 894, 12_345)] == [
        *("0.012", "1.3", "12", "890", "12,000"),
    ]
