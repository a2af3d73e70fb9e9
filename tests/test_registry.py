"""The registry is whole: what code and notebooks name is in it; every row says when and where."""

import ast
import datetime
import json
import re
import tomllib
from pathlib import Path
from typing import get_type_hints

import pytest

from tripkit.core.messages import LANGUAGES
from tripkit.course.comparison import COMPARED, VERDICTS, claims, load_claims
from tripkit.services.local_servers import load_servers
from tripkit.services.registry import find_service, load_services, retiring_within

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tripkit"
ROWS = tomllib.loads((PACKAGE / "data" / "services.toml").read_text(encoding="utf-8"))
IDS = {service.id for service in load_services()}
# What looks like the id of a hosted model, and of a model on the hub (an owner whom we name).
HOSTED = (
    r"\b(?:chatgpt-image-[\w.-]*\w|gpt-(?:image-)?\d[\w.-]*\w|gpt-\d|dall-e-\d"
    r"|o[1-9](?:-(?:mini|pro))?)\b"
)
OWNERS = sorted({id.split("/")[0] for id in IDS if "/" in id})
ON_HUB = r"\b(?:" + "|".join(map(re.escape, OWNERS)) + r")/[\w.-]*\w"
ID = re.compile(f"{HOSTED}|{ON_HUB}")
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
CODE = sorted(PACKAGE.rglob("*.py"))


def ids_in(words: str) -> set[str]:
    return {found for found in ID.findall(words) if not re.fullmatch(r"o[1-9]", found)}


def code_and_texts():
    """Name and text of every module, message and notebook (a cell's source, not its outputs)."""
    for path in CODE:
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    for path in sorted((PACKAGE / "data").rglob("*.toml")):
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    for path in NOTEBOOKS:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        yield path.name, "\n".join("".join(cell["source"]) for cell in cells)
    yield "README.md", (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_id_in_code_texts_and_notebooks_is_in_the_registry():
    unknown = {name: ids_in(words) - IDS for name, words in code_and_texts()}
    assert {name: ids for name, ids in unknown.items() if ids} == {}


@pytest.mark.parametrize("words", ["model='gpt-4.9'", "dall-e-9", "stabilityai/sd-quick", "gpt-7"])
def test_an_id_that_is_not_in_the_registry_would_be_noticed(words):
    assert ids_in(words) - IDS


def strings_in_code(path: Path) -> set[str]:
    """The strings that run: docstrings and comments may give an example, code may not."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
    }  # a docstring, a string that stands alone
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said
    }


def test_code_takes_hosted_and_downloaded_ids_from_the_registry_only():
    outside = IDS - {"catalog", "postcard", "midjourney"}  # these three are ours, or no id to send
    found = {}
    for path in CODE:
        written = strings_in_code(path)
        found[path.relative_to(PACKAGE)] = (written & outside).union(*map(ids_in, written))
    assert len(found) > 50 and {path: ids for path, ids in found.items() if ids} == {}


@pytest.mark.parametrize("kind", ["service", "server"])
def test_every_row_has_a_day_and_a_source(kind):
    for row in ROWS[kind]:
        who = row.get("id") or row.get("name")
        assert type(row.get("verified")) is datetime.date, who
        assert row["verified"] <= datetime.date(2026, 12, 31), who
        source = row.get("source", "")
        assert source.startswith("https://") or (ROOT / source).is_file(), who


def test_every_row_says_which_parameters_it_accepts():
    assert [s.id for s in load_services() if not s.accepts] == []


def test_the_parameters_of_openais_models_are_those_of_the_sdk():
    from openai.types import image_edit_params, image_generate_params
    from openai.types.responses import response_create_params

    planner = set(get_type_hints(response_create_params.ResponseCreateParamsBase))
    image = set(get_type_hints(image_generate_params.ImageGenerateParamsBase)) | {"stream"}
    known = {
        "planner": planner | {"text_format"},  # responses.parse: the schema, as a class
        "image": image | set(get_type_hints(image_edit_params.ImageEditParamsBase)),
    }
    models = [s for s in load_services() if s.service == "openai"]
    assert {s.kind for s in models} == set(known)
    assert [s.id for s in models if not set(s.accepts) <= known[s.kind]] == []


def test_what_tripkit_sends_is_among_what_is_accepted():
    for service in load_services():
        sent = {"reasoning" if key == "reasoning_effort" else key for key in service.parameters}
        if service.service == "openai":
            assert sent <= set(service.accepts), service.id
        if service.service == "diffusers" and service.parameters["guidance_scale"]:
            assert sent <= set(service.accepts), service.id


def test_what_is_downloaded_tells_its_size_and_needs():
    for service in load_services():
        if service.service in ("diffusers", "transformers"):
            needs = service.hardware
            assert 0 < needs.download_gb < needs.memory_gb < 64, service.id
            assert needs.core_seconds is None or 0 < needs.core_seconds < 3600
        else:
            assert service.hardware is None, service.id


def test_notes_are_in_both_languages_and_midjourney_has_one():
    for service in load_services():
        assert set(service.note) in (set(), set(LANGUAGES))
    note = find_service("midjourney").note
    assert str(find_service("midjourney").verified) in note["en"] and "API" in note["ko"]


@pytest.mark.parametrize(
    ("day", "first", "count"),
    [("2026-11-22", "gpt-image-1-mini", 11), ("2026-12-02", "gpt-5", 8), ("2027-01-15", None, 0)],
)
def test_models_that_end_within_sixty_days_are_found_soonest_first(day, first, count):
    day = datetime.date.fromisoformat(day)
    ending = retiring_within(60, day)
    assert len(ending) == count and (not ending or ending[0].id == first)
    assert all(0 <= (service.shutdown - day).days <= 60 for service in ending)


# ------------------------------------------------------- the lecture's comparison


def test_every_claim_has_a_verdict_a_day_a_source_and_both_languages(subtests):
    for claim in load_claims():
        with subtests.test(claim.said["en"]):
            assert claim.verdict in VERDICTS and claim.service in COMPARED
            assert claim.section in ("2.1", "2.2", "2.3")
            assert type(claim.verified) is datetime.date
            assert claim.source.startswith("https://") or (ROOT / claim.source).is_file()
            assert set(claim.said) == set(claim.why) == set(LANGUAGES)
            assert claim.why["ko"].endswith("요.") and re.search("[가-힣]", claim.said["ko"])
            assert all(claim.verdict_in(language) for language in LANGUAGES)


# The lecture's table, cell by cell.
TABLE = {
    "dall-e": "방대한 이미지 데이터로 학습, GPT와 연동성 높음, 규제 강함, "
    "ChatGPT+ 구독 시 추가 요금 없이 사용 가능, 이미지 편집 지원",
    "midjourney": "Discord 기반 커뮤니티 활성, 명령어 및 텍스트 프롬프트 지원, "
    "구독 플랜에 따라 무제한 생성 가능, 커뮤니티 공유 활발",
    "stable-diffusion": "오픈소스, 다양한 하드웨어에서 사용 가능, 모델 커스터마이징 용이, "
    "작업물 공유 및 커뮤니티 활성, 하드웨어 요구 사항 존재",
}


@pytest.mark.parametrize("service", COMPARED)
def test_every_part_of_the_lectures_table_is_judged_in_its_order(service):
    judged = [claim.lecture for claim in claims(service, "2.2")]
    assert judged == TABLE[service].split(", ")


def test_verdicts_differ_and_none_speaks_of_dall_e_as_alive():
    assert {claim.verdict for claim in load_claims()} == set(VERDICTS)
    opening = claims("dall-e", "2.1")[0]
    assert opening.verdict == "changed"
    assert str(find_service("dall-e-3").shutdown) in opening.why["en"]


def test_servers_listen_on_this_computer_at_ports_of_their_own():
    servers = load_servers()
    assert all(server.base_url.startswith("http://127.0.0.1:") for server in servers)
    assert len({server.base_url for server in servers}) == len(servers)
    assert {server.draws for server in servers} <= {"yes", "experimental", "extension", "no"}
    assert all(set(server.note) == set(LANGUAGES) for server in servers)
