"""The count of lines: what is code, and which room it belongs to."""

from collections import Counter

import pytest

from benchmarks import lines


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("", 0),
        ("# a remark\n\n\nx = 1  # another\n", 1),
        ('"""A docstring\n\nof three lines."""\nx = 1\n', 1),
        ('def f():\n    """Words."""\n    return 1\n', 2),
        ('class A:\n    """Words.\n    More.\n    """\n', 1),
        ("x = f(\n    1,\n\n    # a remark\n    2,\n)\n", 4),
        ('x = """text\n\nthat counts"""\n', 3),
        ("x = 1; y = 2\n", 1),
    ],
)
def test_a_line_counts_where_a_statement_has_code_on_it(source, count):
    assert lines.code_lines(source) == count


@pytest.mark.parametrize(
    ("path", "old", "room"),
    [
        ("tripkit/training/trainer.py", False, "training"),
        ("tripkit/training/clip.py", True, "recipes"),
        ("recipes/clip.py", False, "recipes"),
        ("tripkit/app_views.py", True, "app"),
        ("tripkit/clip.py", True, "clip"),
        ("tripkit/cli_views.py", True, "cli"),
        ("tripkit/notebooks.py", True, "tools"),
        ("tripkit/generative/uses.py", True, "course"),
        ("tripkit/generative/vae.py", True, "generative"),
        ("tripkit/session.py", True, "session.py"),
    ],
)
def test_a_module_counts_for_the_room_that_it_moved_to(path, old, room):
    assert lines.room(path, old=old) == room


def test_the_table_keeps_what_is_not_the_library_apart():
    now, base = Counter(app=50, course=30), Counter(app=100, course=20, recipes=10)
    rows = lines.table(now, Counter(app=3, course=1), base).splitlines()
    assert "| **library** | 100 | 50 | -50.0% | 6.0 |" in rows
    assert "| **all** | 130 | 80 | -38.5% | 5.0 |" in rows
    assert "| recipes | 10 | 0 | -100.0% | - |" in rows


def test_the_library_is_set_beside_all_that_the_package_held():
    now, base = Counter(app=50, course=30, recipes=99), Counter(app=60, course=20, recipes=20)
    assert lines.shrunk(now, base) == "library: 50 lines, 50.0% of the 100 in tripkit/ then"


def test_comments_count_alone_and_behind_code_but_not_in_strings():
    source = '"""# words"""\n# one\n# two\nx = "# no"  # three\ny = 1\n'
    assert lines.comment_lines(source) == 3


@pytest.mark.slow
def test_the_working_tree_is_counted():
    counted = lines.counted(lines.working_tree())
    assert {"app", "core", "course", "recipes", "session.py"} <= counted.keys()
    assert sum(counted.values()) > 5_000


@pytest.mark.slow
def test_what_moved_out_of_the_package_is_counted_where_it_is_now():
    now = lines.counted(lines.working_tree())
    assert [room for room in {*lines.MOVED.values()} if not now[room]] == []
