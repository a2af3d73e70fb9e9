"""tools.subject: a commit's first line has at most 72 characters."""

import pytest

from tools.subject import MOST, main, problem


def test_a_subject_of_72_characters_is_taken_and_one_more_is_not():
    body = "\n\n" + "a long line of the body " * 9
    assert problem("x" * MOST + body) is None
    assert "73" in problem("x" * (MOST + 1) + body)
    assert problem("가" * MOST) is None  # characters, not bytes


@pytest.mark.parametrize("message", ["", "\nbody", "   \n"])
def test_an_empty_subject_is_refused(message):
    assert "no subject" in problem(message)


def test_the_hook_reads_gits_file_and_tells_by_its_status(tmp_path, capsys):
    path = tmp_path / "COMMIT_EDITMSG"
    path.write_text("Draw the sea\n", encoding="utf-8")
    assert main([str(path)]) == 0
    path.write_text("Draw " + "the sea " * 20, encoding="utf-8")
    assert main([str(path)]) == 1
    assert "at most 72" in capsys.readouterr().err
