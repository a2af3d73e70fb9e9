"""The bars of the digits, as `benchmarks/digits.py` measured them; and its own bookkeeping."""

import copy
import json

import pytest

from benchmarks import digits

MEASURED = digits.load()


def test_the_bars_are_met_by_what_was_measured_and_by_nothing_worse():
    assert [name for name, (_value, _limit, met) in digits.bars(MEASURED).items() if not met] == []
    # The same rows, thousands of times as slow and as far off as they were.
    worse = copy.deepcopy(MEASURED)
    for name in ("lesson", "ours", "ours-unconditional", "shipped"):
        for key, value in worse[name].items():
            if key.startswith(("digit_fid", "seconds")):
                worse[name][key] = value * 10_000
            elif key in ("as_asked", "recall"):
                worse[name][key] = value / 1000
    assert [name for name, (_value, _limit, met) in digits.bars(worse).items() if met] == []


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


@pytest.mark.parametrize("count", [digits.PEER_COUNT, digits.COUNT])
def test_every_digit_is_drawn_as_often_as_any_other(count):
    assert digits.classes(count).bincount().tolist() == [count // 10] * 10
