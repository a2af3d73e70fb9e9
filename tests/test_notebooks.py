"""The committed notebooks: executed, clean, small, equal in both languages, with true solutions."""

import ast
import base64
import io
import re

import numpy as np
import pytest
from nbformat.v4 import new_output
from PIL import Image, ImageChops

from tools import notebooks
from tools.notebooks import (
    MAX_BYTES,
    clean,
    differences,
    pairs,
    problems,
    smaller,
    source_hash,
    synced,
)
from tripkit.app.launch import serve_copy
from tripkit.app.notebook import only_app, read
from tripkit.core.messages import LANGUAGES
from tripkit.course import checks

pytestmark = pytest.mark.notebook
PAIRS = [pair for pair in pairs() if pair[1].exists()]
PATHS = [path for pair in pairs() for path in pair if path.exists()]
APPS = [path for path in PATHS if path.stem.endswith("_app")]
NAMES = [f"{path.parent.name}/{path.stem}" for path in PATHS]
FENCED = re.compile(r"```python\n(.*?)```", re.DOTALL)


def code_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def imported_names(tree):
    """What a cell imports from tripkit."""
    nodes = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    ours = (node for node in nodes if (node.module or "").partition(".")[0] == "tripkit")
    return {alias.asname or alias.name for node in ours for alias in node.names}


def defined_names(tree):
    """What a cell defines or assigns at its top."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        names = (part for part in ast.walk(node) if isinstance(part, ast.Name))
        yield from (name.id for name in names if isinstance(name.ctx, ast.Store))


def exercises(notebook):
    """Each exercise: the name of its function, its check, and its folded solution."""
    cells = notebook.cells
    for index, cell in enumerate(cells):
        if "exercise" in cell.metadata.get("tags", ()):
            name = re.search(r"def (\w+)", cell.source)[1]
            check = re.search(r"import (check_\w+)", cells[index + 1].source)[1]
            yield name, check, FENCED.search(cells[index + 2].source)[1]


@pytest.fixture(params=PATHS, ids=NAMES)
def notebook(request):
    return read(request.param)


def test_there_is_a_trip_app_notebook_in_both_languages():
    assert {path.parent.name for path in PATHS} == set(LANGUAGES)
    assert "10_trip_app" in {path.stem for path in PATHS}


def test_a_notebook_is_stored_executed_without_errors_keys_paths_or_widget_state(notebook):
    assert problems(notebook) == []


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_a_notebook_is_small(path):
    assert path.stat().st_size < MAX_BYTES


def test_a_notebook_has_three_exercises_and_every_solution_passes_its_check(notebook):
    found = list(exercises(notebook))
    assert len(found) >= 3
    for name, check, solution in found:
        space = {}
        exec(solution, space)  # our own text, from our own notebook
        for language in LANGUAGES:
            verdict = getattr(checks, check)(space[name], language)
            assert verdict.passed, f"{name}: {verdict}"


def test_an_exercise_that_was_not_attempted_says_so(notebook):
    for cell in code_of(notebook):
        if "check" in cell.metadata.get("tags", ()):
            printed = cell.outputs[0]["data"]["text/plain"]
            assert "Not attempted yet" in printed or "아직 풀지 않았어요" in printed


def test_no_library_name_is_redefined_outside_a_rebuild(notebook):
    library = set()
    for cell in code_of(notebook):
        tree = ast.parse(cell.source)
        if "rebuild" not in cell.metadata.get("tags", ()):
            assert not library & set(defined_names(tree)), cell.id
        library |= imported_names(tree)


def test_every_code_cell_is_introduced_in_words(notebook):
    kinds = [cell.cell_type for cell in notebook.cells]
    texts, codes = kinds.count("markdown"), kinds.count("code")
    assert 1.0 <= texts / codes <= 1.6
    for before, cell in zip(notebook.cells, notebook.cells[1:], strict=False):
        if "check" not in cell.metadata.get("tags", ()):
            assert {before.cell_type, cell.cell_type} != {"code"}, cell.id


def test_code_cells_are_short(notebook):
    for cell in code_of(notebook):
        assert len(cell.source.splitlines()) <= 12, cell.id


@pytest.mark.parametrize(("english", "korean"), PAIRS, ids=[a.stem for a, _ in PAIRS])
def test_both_languages_hold_the_same_code_and_no_stale_prose(english, korean):
    assert differences(read(english), read(korean)) == []


def test_a_changed_english_text_makes_the_korean_one_stale():
    english, korean = (read(path) for path in PAIRS[0])
    english.cells[0].source += " More."
    assert differences(english, korean) == [
        f"{english.cells[0].id}: the English text has changed: read it again"
    ]
    fresh = synced(english, korean, ("all",))
    assert differences(english, fresh) == []
    assert fresh.cells[0].metadata["source_hash"] == source_hash(english.cells[0].source)


def test_sync_carries_changed_code_over_and_forgets_its_outputs():
    english, korean = (read(path) for path in PAIRS[0])
    first = code_of(english)[0]
    first.source += "\nx = 1"
    assert differences(english, korean) == [f"{first.id}: the code differs"]
    copied = code_of(synced(english, korean))[0]
    assert copied.source == first.source and copied.outputs == []


@pytest.fixture
def two(tmp_path, monkeypatch):
    """A folder of notebooks: one pair, and an English one without a Korean one."""
    monkeypatch.setattr(notebooks, "FOLDER", tmp_path)
    for path in PAIRS[0]:
        (tmp_path / path.parent.name).mkdir()
        (tmp_path / path.parent.name / "01_both.ipynb").write_bytes(path.read_bytes())
    english = tmp_path / "en" / "02_english.ipynb"
    english.write_bytes(PAIRS[0][0].read_bytes())
    return tmp_path


def test_check_and_sync_leave_a_notebook_in_one_language_alone(two, capsys):
    both = (two / "ko" / "01_both.ipynb").read_bytes()
    for command in ("check", "sync"):
        assert notebooks.main([command]) == 0
        assert "02_english.ipynb: there is no Korean notebook" in capsys.readouterr().out
        assert [path.name for path in (two / "ko").iterdir()] == ["01_both.ipynb"]
    assert (two / "ko" / "01_both.ipynb").read_bytes() == both


def test_a_korean_notebook_is_begun_when_it_is_asked_for(two, capsys):
    assert notebooks.main(["sync", "--new", "02"]) == 1  # its prose is still to be written
    begun = read(two / "ko" / "02_english.ipynb")
    english = read(two / "en" / "02_english.ipynb")
    assert [c.source for c in code_of(begun)] == [c.source for c in code_of(english)]
    assert "the English text has changed" in capsys.readouterr().out


def test_on_a_clean_clone_nothing_is_behind(capsys):
    assert notebooks.main(["check"]) == 0, capsys.readouterr().out


def test_cleaning_takes_out_stderr_timings_and_widget_state():
    notebook = read(PATHS[0])
    notebook.metadata["widgets"] = {}
    cell = code_of(notebook)[0]
    cell.metadata["execution"] = {"iopub.status.busy": "2026"}
    cell.outputs = [new_output("stream", name="stderr", text="noise")]
    assert len(problems(notebook)) == 3
    clean(notebook)
    assert problems(notebook) == []


def test_cleaning_joins_what_one_cell_has_printed():
    notebook = read(PATHS[0])
    cell = code_of(notebook)[0]
    result = new_output("display_data", {"text/plain": "2"})
    printed = [new_output("stream", name="stdout", text=text) for text in ("a\n", "b\n", "c\n")]
    cell.outputs = [*printed[:2], result, printed[2]]
    clean(notebook)
    assert [output.get("text") for output in cell.outputs] == ["a\nb\n", None, "c\n"]


def png_of(image):
    file = io.BytesIO()
    image.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def test_stored_figures_get_smaller_and_keep_their_colours():
    figure = Image.new("RGBA", (300, 200), "white")
    for step in range(0, 200, 2):  # more shades than a palette holds
        figure.paste((step, 60, 200 - step, 255), (step, 0, step + 2, 200))
        figure.paste((60, step, step, 255), (0, step, 40, step + 1))
    before = png_of(figure)
    after = smaller(before)
    assert len(after) < len(before)
    stored = Image.open(io.BytesIO(base64.b64decode(after))).convert("RGB")
    extremes = ImageChops.difference(stored, figure.convert("RGB")).getextrema()
    assert max(high for _low, high in extremes) <= 8
    assert smaller(after) == after  # cleaning twice changes nothing


def test_stored_figures_keep_the_colours_of_small_pictures():
    from tripkit.course.clip_lesson import postcards
    from tripkit.course.plots.clip import matrix

    values = np.linspace(-0.8, 0.9, 36).reshape(6, 6)
    figure = matrix(values, postcards(6, seed=3)[1], label="cosine", limits=(-1, 1))
    file = io.BytesIO()
    figure.savefig(file, format="png")
    before = Image.open(file).convert("RGB")
    assert len(before.getcolors(4096)) > 1000  # more shades than a palette holds
    after = Image.open(io.BytesIO(base64.b64decode(smaller(png_of(before))))).convert("RGB")
    extremes = ImageChops.difference(before, after).getextrema()
    assert max(high for _low, high in extremes) <= 24


def test_a_stored_photo_stays_as_it_is():
    photo = png_of(Image.effect_noise((200, 200), 80).convert("RGB"))
    noise = Image.merge("RGB", [Image.effect_noise((200, 200), 80) for _ in range(3)])
    assert smaller(png_of(noise)) == png_of(noise)
    assert len(smaller(photo)) <= len(photo)


@pytest.mark.parametrize("path", APPS, ids=[path.parent.name for path in APPS])
def test_the_app_is_served_alone(path, tmp_path):
    assert [cell.id for cell in only_app(read(path)).cells] == ["app"]
    assert [cell.id for cell in read(serve_copy(path, tmp_path)).cells] == ["app"]
