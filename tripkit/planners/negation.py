"""Which words of a request it refuses: no, instead of, 말고, 싫어, A보다 B.

English refuses in front ("no beach", "anywhere but Jeju"), sometimes behind ("the sea is boring"),
Korean behind, up to the end of the clause ("바다는 이제 지겨워"). How, tells `refusals.toml`.
"""

import re
from itertools import pairwise

from tripkit.planners.lexicon import Found, Tag
from tripkit.planners.refusal_rules import ARTICLE, compiled_rules, links
from tripkit.planners.regions import around

NEAR = 60  # characters on either side of a word that may speak of it
# Words listed with the first share a refusal: 바다나 산 말고, no beach or mountains. After the
# others only words of one sort do: 바다와 산 말고, but not the friends of 친구와 바다 말고.
LISTED = re.compile(rf"(?:'?s)?\s*[,.;]?\s*(?:이나|나|거나|도|or|nor|/)\s*{ARTICLE}{ARTICLE}")
TO = re.compile(rf"(?:'?s)?\s+(?:trips |holidays )?to\s+{ARTICLE}")
COMMA = re.compile(rf"(?:'?s)?\s*,\s*{ARTICLE}")
# Of a row of refused words one may be unknown: no towers, escalators or bridges.
GAP = re.compile(
    rf"(?:'?s)?\s*,\s*(?:{ARTICLE}(?!just |only |but |i |we |please |so |and )[a-z-]+(?: [a-z-]+)?,\s*)?"
    rf"{ARTICLE}"
)
JOINED = re.compile(
    rf"(?:'?s)?\s*(?:이랑|랑|과|와|하고|도|,|·|그리고|and|&)?\s*(?:은|는|이|가|을|를)?\s*{ARTICLE}"
)
TOPIC = re.compile(r"\s*(?:쪽|여행)?(?:은|는|만)\s")
PLACES = frozenset({"kinds", "regions", "activities", "styles", "things"})
COMPOUND = frozenset({"kinds", "things"})
PEOPLE = frozenset({"company"})
NEGATIVE = re.compile(r"없|안\s?[가-힣]|못|않|\b(?:no|not|without|cannot)\b|n't\b")
IN_SEASON = re.compile(r"(?:에는|에|엔)(?![가-힣])")
ABOVE = {("kinds", "balloons"), ("kinds", "bridge"), ("kinds", "northern_lights")}
# Refusals that go with the noun before them, and what stands there and is none.
ATTACHED = {"말고", "말구", "빼고", "빼구", "제외", "없이", "패스", "ㄴㄴ", "노노", "사절", "스킵"}
POINTERS = set(
    "거 건 것 데 곳 쪽 등 류 다 싹 좀 꼭 전부 모두 이제 제발 진짜 여행 구경 같은 그만".split()
)
OWN_PARTICLE = re.compile(r"\s?(?:은|는|만|쪽|같은)(?![가-힣])")
THERE = re.compile(
    r"[^.!?\n]{0,12}[.!?]\s*(?:근데|그런데|하지만|다만)?\s?(?:거긴|거기는|거기|그곳은|그긴)"
)
SUBJECT = ("이", "가", "은", "는")
JUST_BEFORE = re.compile(r"(?:^|\s)(?:안|못|덜)\s?$")


def refusals(text: str, found: list[Found]) -> list[bool]:
    """For each word found in a text of small letters whether the text refuses it."""
    plain = _without_neutral(text, found)
    before = [_refused_before(plain, found, i) for i in range(len(found))]
    behind = [_refused_behind(plain, found, i) for i in range(len(found))]
    for i, (first, second) in enumerate(pairwise(found)):
        if _versus(text, first, second) or before[i] and _goes_on(text, found, i):
            before[i + 1] = True
    for i in reversed(range(len(found) - 1)):  # Korean last, and it goes back
        behind[i] |= behind[i + 1] and _share_refusal(text, found[i], found[i + 1])
    verdicts = zip(found, before, behind, strict=True)
    return [(b or a) and not _negative(text, word) for word, b, a in verdicts]


def _negative(text: str, word: Found) -> bool:
    """Whether a word says no itself: 돈이 없어서 못 가요 takes nothing back."""
    negative = NEGATIVE.search(text, word.start, word.end) is not None
    return negative and "regions" not in word.sorts()  # 안동, 수성못


def mild(text: str, found: list[Found]) -> list[bool]:
    """For each word whether the text only does not refuse it: "I don't mind the sea"."""
    rules, verdicts = compiled_rules(), []
    for i, word in enumerate(found):
        first = max(found[i - 1].end if i else 0, word.start - NEAR)
        end = found[i + 1].start if i + 1 < len(found) else len(text)
        said = rules.korean.search(text[word.end : min(end, word.end + NEAR)])
        korean = said is not None and said.lastgroup == "mild"
        verdicts.append(korean or rules.mild.search(text[first : word.start]) is not None)
    return verdicts


def is_origin(text: str, word: Found) -> bool:
    """Whether a word names the place that the traveller comes from."""
    if word.sorts() != {"regions"}:
        return False
    rules, first = compiled_rules(), max(0, word.start - NEAR)
    left = rules.origin_before.search(text[first : word.start]) is not None
    return left or rules.origin_behind.match(text, word.end) is not None


def likened(text: str, found: list[Found]) -> dict[Found, str]:
    """The places that something is compared to: with ``"like"`` it may come, ``"not"`` it may not.

    "Something like Venice" may be Venice; what is quieter than Venice, or like it but quiet, isn't.
    """
    rules, models = compiled_rules(), {}
    for word in found:
        before, behind = text[max(0, word.start - NEAR) : word.start], text[word.end :]
        if word.sorts() & PLACES and rules.than.search(before):
            models[word] = "not"
        elif word.sorts() == {"regions"}:
            after = rules.like_behind.match(behind)
            if after or rules.like_before.search(before):
                rest = behind[after.end() if after else 0 :][:NEAR]
                said = rules.korean.search(rest)
                no = said is not None and said.lastgroup == "refuse"
                models[word] = "not" if no or rules.yet.search(rest) else "like"
    return models


def refused_phrases(text: str, found: list[Found]) -> tuple[str, ...]:
    """The refused words that the lexicon does not have: the Disney of "Tokyo without Disney"."""
    known = {i for word in found for i in range(word.start, word.end)}
    phrases = (match for match in compiled_rules().unknown.finditer(text))
    return tuple(
        dict.fromkeys(
            match[match.lastgroup or 0]
            for match in phrases
            if not known & set(range(*match.span(match.lastgroup or 0)))
        )
    )


def alternatives(text: str, first: Found, second: Found) -> bool:
    """Whether one of two words is enough: a lake or a river, 산이나 바다."""
    return bool(LISTED.fullmatch(text, first.end, second.start)) or bool(
        COMMA.fullmatch(text, first.end, second.start)
    )


def also_refused(tags: set[Tag]) -> set[Tag]:
    """What else goes with what is refused: with the sea its harbours."""
    return {other for tag in tags for other in links("also").get(tag, ())}


def asked_instead(tags: set[Tag]) -> set[Tag]:
    """What a refusal asks for: who refuses crowds wants it quiet."""
    return {other for tag in tags for other in links("instead").get(tag, ())}


def ruled_out(tags: set[Tag]) -> set[Tag]:
    """What a wish rules out: a wheelchair goes up no mountain."""
    return {other for tag in tags for other in links("rules_out").get(tag, ())}


def speaks_against(tags: frozenset[Tag]) -> frozenset[Tag]:
    """What is not refused and yet speaks against a trip: a festival, for who wants it quiet."""
    return frozenset(other for tag in tags for other in links("against").get(tag, ()))


def _without_neutral(text: str, found: list[Found]) -> str:
    """The text with what only looks like a refusal blanked out, of the same length."""
    rules = compiled_rules()
    text = rules.all_but.sub(lambda m: "except".ljust(len(m.group())), text)
    covered = {i for word in found for i in range(word.start, word.end)}
    masked = "".join("_" if i in covered else letter for i, letter in enumerate(text))
    return rules.neutral.sub(lambda m: " " * len(m.group()), masked)


def _refused_before(plain: str, found: list[Found], i: int) -> bool:
    """Whether an odd number of English negators stands between the last word and this one."""
    start = found[i].start
    first = max(found[i - 1].end if i else 0, start - NEAR)
    clause = plain[first:start]
    for end in compiled_rules().breaks.finditer(clause):
        clause = " " * end.end() + clause[end.end() :]
    if JUST_BEFORE.search(clause):
        return not found[i].sorts() & (PEOPLE | {"budget"})
    return len(compiled_rules().negators.findall(clause)) % 2 == 1


def _refused_behind(plain: str, found: list[Found], i: int) -> bool:
    word = found[i]
    end = found[i + 1].start if i + 1 < len(found) else len(plain)
    if word.sorts() & PEOPLE:
        return compiled_rules().people.match(plain, word.end, end) is not None
    if "seasons" in word.sorts() and IN_SEASON.match(plain, word.end):  # 겨울엔 바다 말고
        return False
    if "regions" in word.sorts() and compiled_rules().sight.match(plain, word.end, end):
        return False
    if _is_topic(plain, found, i):
        end = found[i + 2].start if i + 2 < len(found) else len(plain)
    if compiled_rules().behind.match(plain[word.end : word.end + NEAR]):
        return True
    clause = plain[word.end : min(end, word.end + NEAR)]
    said = compiled_rules().korean.search(clause)
    if said is None or said.lastgroup != "refuse":
        return _refused_there(plain, word)
    return not _of_another(clause, said)


def _of_another(clause: str, said: re.Match) -> bool:
    """Whether a refusal is of a noun that stands between: 야시장 갈 건데 취두부 빼고."""
    tokens = clause[: said.start()].split()
    if said[0] not in ATTACHED or len(tokens) < 2 or OWN_PARTICLE.match(clause):
        return False
    return tokens[-1] not in POINTERS


def _refused_there(plain: str, word: Found) -> bool:
    """Whether the next clause refuses a place by "there": 다들 홋카이도 가래. 근데 거긴 비싸서 못 가."""
    if "regions" not in word.sorts():
        return False
    there = THERE.match(plain, word.end)
    if there is None:
        return False
    said = compiled_rules().korean.search(plain, there.end(), there.end() + NEAR)
    return said is not None and said.lastgroup == "refuse"


def _is_topic(plain: str, found: list[Found], i: int) -> bool:
    """Whether what is said of a place goes on behind the next word: 산은 아이가 힘들어해서 싫어."""
    if i + 1 == len(found) or not found[i].sorts() & PLACES or found[i + 1].sorts() & PLACES:
        return False
    return TOPIC.match(plain, found[i].end, found[i + 1].start + 1) is not None


def _versus(text: str, first: Found, second: Found) -> bool:
    """Whether the second is what the first is preferred to: mountains over beaches."""
    alike = first.sorts() & second.sorts() & (PLACES | {"seasons", "moods"})
    if not alike:
        return False
    if first.tags & ABOVE and text[first.end : second.start].strip() == "over":
        return False  # a balloon over ruins
    rules = compiled_rules()
    if rules.versus.fullmatch(text, first.end, second.start):
        return True
    prefers = rules.prefers.search(text[max(0, first.start - NEAR) : first.start]) is not None
    return prefers and TO.fullmatch(text, first.end, second.start) is not None


def _goes_on(text: str, found: list[Found], i: int) -> bool:
    """Whether a refusal of a word holds for the next: "no beach, lake or river"."""
    first, second = found[i], found[i + 1]
    if GAP.fullmatch(text, first.end, second.start):
        following = pairwise(found[i + 1 :])
        for one, other in following:
            if LISTED.fullmatch(text, one.end, other.start):
                return True
            if not GAP.fullmatch(text, one.end, other.start):
                return False
        return False
    return _share_refusal(text, first, second)


def _share_refusal(text: str, first: Found, second: Found) -> bool:
    if _holds(first, second):  # 부산 해운대 말고
        return False
    if LISTED.fullmatch(text, first.end, second.start):
        return True
    between = text[first.end : second.start]
    if between.strip() in SUBJECT and text.startswith(
        ("보다", "보단"), second.end
    ):  # 산이 바다보다
        return False
    if "activities" in first.sorts() and between.startswith("하고"):  # 물놀이하고 캠핑은 빼고
        return False
    if first.sorts() & COMPOUND and second.sorts() & COMPOUND and not between.strip():
        return between in ("", " ")  # 해산물 시장
    alike: object = first.sorts() & second.sorts() or "limits" in first.sorts()
    alike = alike or first.sorts() & COMPOUND and second.sorts() & COMPOUND
    alike = alike or ("regions" in first.sorts() and between.strip() in ("and", "&"))
    alike = alike or (
        "regions" not in first.sorts() and compiled_rules().every.match(text, second.end)
    )
    return bool(alike) and JOINED.fullmatch(text, first.end, second.start) is not None


def _holds(first: Found, second: Found) -> bool:
    """Whether the second is a place in the first."""
    inner = {value for dimension, value in second.tags if dimension == "regions"}
    outer = {value for dimension, value in first.tags if dimension == "regions"}
    wider = {name for value in inner for step in around(value)[1:] for name in step}
    return bool(outer & wider)
