"""The bookkeeping of `benchmarks/mutations.py`: what it names is there, what it counts adds up."""

from benchmarks import mutations


def test_every_pattern_finds_modules_and_every_module_has_tests_that_are_there():
    for pattern in mutations.SUITES:
        assert list(mutations.ROOT.glob(pattern)), pattern
    missing = {name for names in mutations.suites().values() for name in names}
    assert {name for name in missing if not (mutations.ROOT / name).is_file()} == set()


def test_what_is_called_equivalent_is_a_change_of_what_is_there_and_says_why():
    for row in mutations.equivalents():
        source = (mutations.ROOT / row["module"]).read_text(encoding="utf-8")
        lines = [line.strip() for line in source.splitlines()]
        assert "\n".join(lines).find(row["before"]) >= 0, row
        assert row["before"] != row["after"] and len(row["reason"]) > 10


def test_the_table_counts_killed_survived_and_excused_and_lists_the_survivors(monkeypatch):
    excused = {"module": "b.py", "before": "x = 1", "after": "x = 2", "reason": "nobody reads x"}
    monkeypatch.setattr(mutations, "equivalents", lambda: [excused])
    line = {"line": 3, "before": "x = 1", "after": "x = 2"}
    rows = {
        "a.py:core/AddNot:0": line | {"outcome": "killed"},
        "a.py:core/AddNot:1": line | {"outcome": "survived"},
        "b.py:core/AddNot:0": line | {"outcome": "survived"},
        "b.py:core/AddNot:1": line | {"outcome": "killed"},
    }
    assert mutations.table(rows)[2:] == [
        "| a.py | 1 | 1 | 0 | 50% |",
        "| b.py | 1 | 0 | 1 | 100% |",
        "| all | 2 | 1 | 1 | 67% |",
        "",
        "- a.py:3 `x = 1` -> `x = 2`",
    ]


def test_a_result_counts_as_long_as_its_module_is_what_it_was(monkeypatch, tmp_path):
    module = "tripkit/prompts/compose.py"
    monkeypatch.setattr(mutations, "RESULTS", tmp_path / "mutations.json")
    assert mutations.load() == {}
    kept = '{"mutants": {"%s:op:0": {"source": "%s"}, "%s:op:1": {"source": "old"}}}'
    mutations.RESULTS.write_text(
        kept % (module, mutations.digest(module), module), encoding="utf-8"
    )
    assert set(mutations.load()) == {f"{module}:op:0"}
