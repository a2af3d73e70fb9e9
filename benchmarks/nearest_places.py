"""Which way of finding the nearest known place is right more often?

``python -m benchmarks.nearest_places``. The names are of places that the postcard model does not
draw; what counts as sensible was written down before anything was measured. Names that its captions
use nevertheless are left out, language by language. Chance is drawing a kind at random.
`nearest_places` has most of these names in its list, so its share is no measurement of what it does
with others: there it does as well as the letters. The last line is how often the CLIP, given one of
the sentences of ``free_wording.json``, names one of its places first.
"""

from __future__ import annotations

import json
from pathlib import Path

from tripkit.clip.nearest_places import by_embedding
from tripkit.prompts.known_places import (
    by_letters,
    known_and_unknown,
    nearest_places,
    place_words,
    shipped_kinds,
)

LANGUAGES = ("en", "ko")
SENTENCES = Path(__file__).with_name("free_wording.json")

# English name, Korean name, the kinds of place that would do.
UNKNOWN = (
    ("volcano", "화산", "mountain hot_spring"),
    ("aquarium", "수족관", "beach harbor lake"),
    ("airport", "공항", "skyline tower harbor"),
    ("library", "도서관", "cafe hanok skyline"),
    ("stadium", "경기장", "skyline ferris_wheel"),
    ("zoo", "동물원", "ferris_wheel forest picnic"),
    ("museum", "박물관", "hanok castle cafe skyline"),
    ("cave", "동굴", "mountain waterfall"),
    ("glacier", "빙하", "ski_slope mountain"),
    ("island", "섬", "beach lighthouse harbor"),
    ("jungle", "정글", "forest"),
    ("canyon", "골짜기", "mountain waterfall river desert"),
    ("school", "학교", "cafe hanok skyline"),
    ("church", "교회", "pagoda castle tower"),
    ("mosque", "모스크", "pagoda castle tower"),
    ("cathedral", "성당", "pagoda castle tower"),
    ("pyramid", "피라미드", "desert"),
    ("oasis", "오아시스", "desert lake"),
    ("vineyard", "포도밭", "tea_field flower_field"),
    ("orchard", "과수원", "cherry tea_field flower_field forest"),
    ("ranch", "농장", "tea_field flower_field windmill"),
    ("swamp", "늪", "lake river forest"),
    ("hospital", "병원", "skyline"),
    ("hotel", "호텔", "skyline hot_spring"),
    ("restaurant", "식당", "cafe market"),
    ("department store", "백화점", "market skyline"),
    ("train station", "기차역", "skyline bridge market"),
    ("swimming pool", "수영장", "hot_spring beach lake"),
    ("playground", "놀이터", "ferris_wheel picnic"),
    ("roller coaster", "롤러코스터", "ferris_wheel"),
    ("botanical garden", "식물원", "flower_field cherry forest"),
    ("greenhouse", "온실", "flower_field tea_field"),
    ("iceberg", "빙산", "ski_slope mountain harbor"),
    ("sauna", "찜질방", "hot_spring"),
    ("monastery", "수도원", "pagoda castle"),
    ("pub", "술집", "cafe market"),
    ("breakwater", "방파제", "harbor lighthouse"),
    ("dam", "댐", "waterfall lake river bridge"),
    ("savanna", "초원", "desert tea_field flower_field picnic"),
    ("theatre", "극장", "cafe skyline ferris_wheel"),
    ("planetarium", "천문대", "tower"),
    ("golf course", "골프장", "picnic tea_field"),
    ("ice rink", "빙상장", "ski_slope lake"),
    ("log cabin", "오두막", "camp forest windmill"),
)


def unseen(language: str) -> list[tuple[str, list[str]]]:
    """The names that no caption uses for a place, with the kinds that would do."""
    column = LANGUAGES.index(language)
    return [
        (row[column], row[2].split()) for row in UNKNOWN if not known_and_unknown(row[column])[0]
    ]


def share_right(method, language: str) -> float:
    """How often the first kind that a method names is a sensible one."""
    hits = [method(name, language)[0] in kinds for name, kinds in unseen(language)]
    return sum(hits) / len(hits)


def chance(language: str) -> float:
    """The same for a kind drawn at random."""
    rows = unseen(language)
    return sum(len(kinds) for _, kinds in rows) / len(rows) / len(shipped_kinds())


def share_read(language: str) -> float:
    """How often the first kind that the CLIP reads in a sentence is one of its places."""
    sentences = json.loads(SENTENCES.read_text(encoding="utf-8"))
    asked = [line for line in sentences if line["language"] == language]
    hits = [by_embedding(line["prompt"], language)[0] in line["places"] for line in asked]
    return sum(hits) / len(hits)


def measure() -> dict[str, dict[str, float]]:
    """The share of sensible answers by method and language."""
    known = {
        word.lower() for kind in shipped_kinds() for w in place_words()[kind].values() for word in w
    }
    seen = [name for row in UNKNOWN for name in row[:2] if name.lower() in known]
    if seen:
        raise ValueError(f"known after all: {', '.join(seen)}")
    methods = {"letters": by_letters, "CLIP": by_embedding, "nearest_places": nearest_places}
    shares = {
        name: {language: share_right(method, language) for language in LANGUAGES}
        for name, method in methods.items()
    }
    shares["chance"] = {language: chance(language) for language in LANGUAGES}
    shares["CLIP, sentences"] = {language: share_read(language) for language in LANGUAGES}
    return shares


if __name__ == "__main__":
    print("names: " + ", ".join(f"{lang} {len(unseen(lang))}" for lang in LANGUAGES))
    for name, shares in measure().items():
        print(f"{name:16}" + "".join(f"  {lang} {share:.0%}" for lang, share in shares.items()))
