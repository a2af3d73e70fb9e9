"""Money, days and ages of a request, as tags: 30만원, under $500, 2박3일, 5살, 70대."""

import re
from collections.abc import Iterator

from tripkit.planners.lexicon import Found, Tag

WON_IN_A_DOLLAR = 1_400  # roughly: the bounds below are rough too
LITTLE, MUCH = 1_000_000, 3_000_000  # won, for a person
HARDLY_ANY = 400_000  # won: too little to go abroad
NUMBERS = {"백": 100, "이백": 200, "삼백": 300, "오백": 500, "천": 1000, "십": 10, "이십": 20}
NUMBERS |= {"삼십": 30, "사십": 40, "오십": 50, "육십": 60, "칠십": 70, "팔십": 80, "구십": 90}
UNITS = {"만": 10_000, "천": 1_000, "억": 100_000_000, "": 1}
IN_WORDS = "|".join(sorted(NUMBERS, key=len, reverse=True))
WON = re.compile(
    rf"(\d[\d,.]{{0,12}}|{IN_WORDS})?\s?(만|천|억)?\s?원(?!주|래|피스|룸|형|조|정|하)"
    r"|(\d{1,5})\s?(만)(?=\s?(?:으로|이하|안|미만|정도|내|이내|대|밖|뿐|있|까지))"
    r"|(\d[\d,]{0,12})\s?(k?)\s?(?:won|krw)\b"
)
FOREIGN = re.compile(
    r"(?:us)?[$€£]\s?(\d[\d,]{0,9})(k)?\b"
    r"|\b(\d[\d,]{0,9})(k)?\s?(?:dollars?|bucks|usd|euros?|eur|pounds?|quid|gbp|달러|불|유로|[$€£])"
)
PEOPLE = re.compile(
    r"(\d{1,2})\s?(?:명|인(?!분|생)|people|persons|adults)"
    r"|(?:family|group|party) of (\d{1,2}|four|five|three|six)"
)
EACH = re.compile(r"인당|한 사람당|한 명당|각자|\beach\b|per person|a head|a person|pp\b")
COUNTS = r"\d{1,2}|one|two|three|four|five|six|seven|ten"
NIGHTS = re.compile(rf"(\d{{1,2}})\s?박|\b({COUNTS}) (?:nights?|days?)\b")
LENGTHS = re.compile(
    rf"\d{{1,2}}\s?박(?:\s?\d{{1,2}}\s?일)?"
    r"|(?<![\d월])\d{1,2}\s?일(?:간|짜리| ?동안| ?일정| ?여행)|한 ?달"
    rf"|\b(?:{COUNTS})[ -](?:nights?|days?|weeks?)\b(?! (?:ago|before|after|later))"
)
DAY_TRIP = re.compile(
    r"당일|하루 ?(?:만|코스|여행|나들이|일정)"
    r"|\bday ?-?trips?\b|\b(?:one|a|single) day (?:trip|out)|\bback (?:home )?(?:by|the same)"
)
WHO = (
    "son|daughter|kid|boy|girl|child|twins|kids|children|grandson|granddaughter|nephew|niece|"
    "mother|mom|mum|dad|father|grandma|grandpa|gran"
)
AGE = re.compile(
    r"(\d{1,3})\s?(?:살|세(?![가-힣])|세(?=가|인|와|랑|이|의|된|짜리)|짜리)"
    r"|(\d{1,3})[\s-]?(?:(?:years?|yr)[\s-]olds?|yo|y/o)\b"
    r"|\b(?:aged?|turn(?:s|ing|ed)?) (\d{1,3})\b"
    rf"|\b(?:{WHO})s?,? (?:is |are |\()(\d{{1,3}})\b"
)
KOREAN_AGES = {"한": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8}
KOREAN_AGES |= {"아홉": 9, "열": 10}
ENGLISH_AGES = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
ENGLISH_AGES |= {"nine": 9, "ten": 10}
WORD_AGE = re.compile(
    rf"({'|'.join(KOREAN_AGES)})\s?살|\b({'|'.join(ENGLISH_AGES)})[\s-]years?[\s-]old"
    rf"|\b(?:twins|kids|children|boys|girls) are ({'|'.join(ENGLISH_AGES)})\b"
)
MONTHS = re.compile(
    r"\d{1,2}\s?개월(?= ?(?:아|애|된|짜|딸|막|둘|첫|조))|\d{1,2}[\s-]months?[\s-]old"
)
DECADE = re.compile(
    r"([1-9])0\s?(?:대(?!교|비)|s\b|'s\b)"
    r"|\bin (?:her|his|their) (sixties|seventies|eighties|nineties)"
)
COUNT = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10}


def find_quantities(text: str) -> list[Found]:
    """What the numbers of a text of small letters mean, each where it stands."""
    return [*_money(text), *_days(text), *_ages(text)]


def ruled_out_by(text: str) -> set[Tag]:
    """What the numbers rule out: a dear trip on little money."""
    little = any(("budget", "low") in found.tags for found in _money(text))
    return {("budget", "high")} if little else set()


def amounts(text: str) -> tuple[str, ...]:
    """Money and lengths of time in a text of small letters, as written: 30만원, 5 days."""
    money = [match for match, amount in [*_won(text), *_foreign(text)] if amount >= 1_000]
    return tuple(dict.fromkeys(m[0].strip() for m in [*money, *LENGTHS.finditer(text)]))


def _money(text: str) -> Iterator[Found]:
    people = 1 if EACH.search(text) else _people(text)
    for match, amount in [*_won(text), *_foreign(text)]:
        if amount >= 1_000:
            share = amount / people
            value = "low" if share <= LITTLE else "high" if share >= MUCH else "middle"
            near = [("reach", "near")] * (share < HARDLY_ANY)
            yield _found(match, ("budget", value), *near)


def _won(text: str) -> Iterator[tuple[re.Match, float]]:
    for match in WON.finditer(text):
        number, unit = match[1] or match[3] or match[5], match[2] or match[4] or ""
        if number is None and unit != "만":  # 원 by itself is a circle
            continue
        yield match, _number(number or "1") * UNITS[unit] * (1_000 if match[6] else 1)


def _foreign(text: str) -> Iterator[tuple[re.Match, float]]:
    for match in FOREIGN.finditer(text):
        number, thousands = match[1] or match[3], match[2] or match[4]
        yield match, _number(number) * (1_000 if thousands else 1) * WON_IN_A_DOLLAR


def _days(text: str) -> Iterator[Found]:
    for match in DAY_TRIP.finditer(text):
        yield _found(match, ("reach", "near"))
    for match in NIGHTS.finditer(text):
        number = match[1] or match[2]
        if (COUNT.get(number) or int(number)) <= 2:
            yield _found(match, ("reach", "near"))


def _ages(text: str) -> Iterator[Found]:
    for match in AGE.finditer(text):
        yield from _of_age(match, int(next(filter(None, match.groups()))))
    for match in WORD_AGE.finditer(text):
        yield from _of_age(match, (KOREAN_AGES | ENGLISH_AGES)[next(filter(None, match.groups()))])
    for match in MONTHS.finditer(text):
        yield from _of_age(match, 1)
    for match in DECADE.finditer(text):
        yield from _of_age(match, int(match[1]) * 10 if match[1] else 70)


def _of_age(match: re.Match, years: int) -> Iterator[Found]:
    if 0 < years < 13:
        baby = [("activities", "baby")] if years < 3 else []
        yield _found(match, ("company", "children"), *baby)
    elif 60 <= years < 110:
        yield _found(match, ("company", "parents"))
    elif 13 <= years < 19:
        yield _found(match, ("company", "family"))


def _people(text: str) -> int:
    match = PEOPLE.search(text)
    if match is None:
        return 1
    number = match[1] or match[2]
    return max(1, COUNT.get(number) or int(number))


def _number(written: str) -> float:
    if written in NUMBERS:
        return NUMBERS[written]
    digits = written.replace(",", "").rstrip(".")
    return float(digits) if digits.count(".") < 2 else 0.0


def _found(match: re.Match, *tags: Tag) -> Found:
    return Found(match.start(), match.end(), frozenset(tags))
