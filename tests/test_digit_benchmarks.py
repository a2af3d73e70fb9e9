"""The bars of the digits, as `benchmarks/digits.py` measured them; and its own bookkeeping."""

import json

import pytest

from benchmarks import digits

MEASURED = digits.load()
BARS = digits.bars(MEASURED)


@pytest.mark.parametrize("name", BARS)
def test_each_bar_is_met_by_what_was_measured(name):
    value, limit, met = BARS[name]
    assert value is not None, f"python -m benchmarks.digits has not measured this yet: {name}"
    assert met, f"{name}: {value:.3f}, limit {limit:.3f}"


def test_every_row_says_when_and_where_it_was_measured():
    assert MEASURED
    for row in MEASURED.values():
        assert row["date"] and row["machine"]


def test_a_row_is_kept_as_soon_as_it_is_there_and_not_made_twice(tmp_path, monkeypatch):
    made = []

    def fail():
        raise KeyboardInterrupt

    monkeypatch.setattr(digits, "RESULTS", tmp_path / "digits.json")
    rows = {"one": lambda: made.append("one") or {"value": 1}, "two": fail}
    monkeypatch.setattr(digits, "ROWS", rows)
    with pytest.raises(KeyboardInterrupt):
        digits.measure(["one", "two"])
    kept = json.loads((tmp_path / "digits.json").read_text(encoding="utf-8"))
    assert kept["one"]["value"] == 1 and "two" not in kept
    digits.measure(["one"])
    assert made == ["one"]
    digits.measure(["one"], again=True)
    assert made == ["one", "one"]


def test_a_bar_of_a_missing_row_is_not_met():
    for value, _limit, met in digits.bars({}).values():
        assert value is None and not met


def test_both_sides_of_the_comparison_train_as_long_and_draw_as_many_digits():
    assert digits.MINUTES == 10
    assert len(digits.classes(digits.PEER_COUNT).bincount()) == 10
