"""What the documents name exists: rooms, paths, modules, commands, variables, links."""

import json
import re
from importlib.util import find_spec
from pathlib import Path
from pkgutil import resolve_name

from test_package import FLOORS, MODULES, PACKAGE

import run as door
from tripkit.cli.commands import commands

ROOT = Path(__file__).resolve().parent.parent
CARDS = sorted((PACKAGE / "weights").glob("*/README.md"))
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
FOLDERS = "tripkit|recipes|tools|benchmarks|notebooks|tests"
# A path in a text; "<name>" in it stands for whatever the reader puts there.
PATH = re.compile(rf"(?<![\w./-])(?:{FOLDERS})/(?:[\w./-]|<\w+>|<이름>)*")
RUN = re.compile(r"(?<!`\*)python -m ([\w.]+)")
NAME = re.compile(r"(?<![\w./-])((?:tripkit|recipes|tools|benchmarks)(?:\.\w+)+)(?![\w/]|\.\w)")
RECORDED = re.compile(r"`python -m tripkit\.training\.[^`]*`")  # by cards, of their time
HOUSE = ("benchmarks", "notebooks", "recipes", "tests", "tools", "tripkit")


def prose(path: Path) -> str:
    """The words of a document; of a notebook its text cells."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    texts = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return "\n".join(texts)


def newest() -> str:
    """What the newest version changed; of its table of imports only the side that holds today."""
    lines = CHANGELOG.split("\n## ")[1].splitlines()
    return "\n".join(line.split("|")[2] if line.startswith("|") else line for line in lines)


DOCUMENTS = {
    **{name: prose(ROOT / name) for name in ("README.md", "CONTRIBUTING.md", "NOTICE")},
    "CHANGELOG.md": newest(),
    **{f"{path.parent.name} card": RECORDED.sub("", prose(path)) for path in CARDS},
    **{
        f"{path.parent.name}/{path.stem}": prose(path)
        for path in (ROOT / "notebooks").glob("*/*.ipynb")
    },
}


def exists(path: str) -> bool:
    path = re.split(r"<|\w*_<", path.rstrip("."))[0]
    return (ROOT / path.rpartition("/")[0] if path.endswith("_") else ROOT / path).exists()


def resolves(name: str) -> bool:
    try:
        resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def not_there(pattern, is_there) -> list[str]:
    """What the pattern finds in the documents and ``is_there`` does not."""
    found = {(name, match) for name, text in DOCUMENTS.items() for match in pattern.findall(text)}
    assert found, pattern
    return sorted(f"{name}: {match}" for name, match in found if not is_there(match))


def test_every_path_that_a_document_names_exists():
    assert not_there(PATH, exists) == []


def test_every_module_that_a_document_runs_exists():
    assert not_there(RUN, lambda name: find_spec(name.rstrip(".")) is not None) == []


def test_every_name_in_our_packages_that_a_document_names_exists():
    assert not_there(NAME, resolves) == []


def test_every_task_and_command_that_a_document_names_exists():
    tasks = re.compile(r"python run\.py ([a-z-]+)")
    assert not_there(tasks, door.TASKS.__contains__) == []
    ours = {each.name or each.callback.__name__ for each in commands.registered_commands}
    assert not_there(re.compile(r"`!?tripkit ([a-z]+)"), ours.__contains__) == []


def test_every_variable_that_a_document_names_is_read_somewhere():
    sources = [*PACKAGE.rglob("*.py"), ROOT / "run.py", *(ROOT / "recipes").glob("*.py")]
    read = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    assert not_there(re.compile(r"TRIPKIT_[A-Z0-9_]+"), lambda name: f'"{name}"' in read) == []


def test_every_link_to_a_file_leads_somewhere():
    links = re.compile(r"\]\((?!https?:|#|attachment:)([^)\s#]+)")
    folders = {"README.md": ROOT, "CONTRIBUTING.md": ROOT}
    broken = [
        f"{name}: {link}"
        for name, folder in folders.items()
        for link in links.findall(DOCUMENTS[name])
        if not (folder / link).exists()
    ]
    assert broken == []


def map_of_readme() -> tuple[set[str], set[str]]:
    """The first column of README's map, two blanks or more before each explanation."""
    lines = README.partition("## Layout")[2].split("```")[1].strip().splitlines()
    assert lines[0] == "tripkit/"
    columns = [(line.startswith("  "), line[:30].split()) for line in lines[1:]]
    rooms = {name for inner, names in columns if inner for name in names}
    beside = {name for inner, names in columns if not inner for name in names}
    return rooms, beside


def test_the_map_of_the_readme_names_every_room_and_nothing_else():
    rooms, beside = map_of_readme()
    modules = {path.name for path in PACKAGE.glob("*.py")} - {"__init__.py"}
    folders = {f"{path.name}/" for path in PACKAGE.iterdir() if path.is_dir()} - {"__pycache__/"}
    assert rooms == modules | folders
    named = {name.partition("/")[0] for name in beside if "/" in name}
    assert named == set(HOUSE) - {"tripkit"}
    assert [name for name in beside if not (ROOT / name).exists()] == []


def test_the_house_has_no_folder_that_the_map_does_not_know():
    with_code = {path.parent for path in ROOT.glob("*/*.py")} | {ROOT / "notebooks"}
    assert {path.name for path in with_code if not path.name.startswith(".")} == set(HOUSE)


def test_the_floors_of_the_readme_are_those_that_hold():
    block = README.partition("## Layout")[2].split("```")[3]
    assert [set(line.split()) for line in reversed(block.split("\n")) if line] == list(FLOORS)


def test_each_module_over_the_lines_that_contributing_tells_is_named_there():
    (sentence,) = re.findall(r"^- A module holds one idea.*", DOCUMENTS["CONTRIBUTING.md"], re.M)
    limit = int(re.search(r"at most (\d+)", sentence)[1])
    named = {PACKAGE / name for name in re.findall(r"`([\w/]+\.py)`", sentence)}
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES.values()}
    assert named <= lines.keys()
    assert [path.name for path in sorted(lines.keys() - named) if lines[path] > limit] == []


def test_every_card_says_once_that_its_commands_are_of_their_time():
    said = {path.parent.name: prose(path).count("are of their time") for path in CARDS}
    assert said and set(said.values()) == {1}, said


def moved() -> list[tuple[str, str]]:
    """Old and new name of each row of the changelog's table of imports, one after another."""
    table = CHANGELOG.partition("### Imports that moved")[2].partition("\n## ")[0]
    rows = [row.strip("| ").split(" | ") for row in table.strip().splitlines()[2:]]
    sides = [[side.strip("`").split("`, `") for side in row] for row in rows]
    return [pair for old, new in sides for pair in zip(old, new, strict=True)]


def recipes_that_moved() -> list[tuple[str, str]]:
    """Their one row in the table, written out; of a name that training has again, a part moved."""
    names = {path.stem for path in (ROOT / "recipes").glob("*.py")} - {"__init__"}
    again = {path.stem for path in (PACKAGE / "training").glob("*.py")}
    return [(f"tripkit.training.{name}", f"recipes.{name}") for name in sorted(names - again)]


def test_each_import_that_moved_is_where_the_changelog_says_and_nowhere_else():
    pairs = moved()
    pairs.remove(("tripkit.training.<recipe>", "recipes.<recipe>"))
    pairs += recipes_that_moved()
    assert len(pairs) > 80
    assert [new for _old, new in pairs if not resolves(new)] == []
    assert [old for old, _new in pairs if resolves(old)] == []
