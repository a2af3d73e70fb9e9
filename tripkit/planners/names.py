"""Names and things in a request that nothing here knows: they are told, and not guessed at."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain

from tripkit.core.grammar import PARTICLES
from tripkit.core.text import clipped
from tripkit.planners.lexicon import word_lists

MOST = 3  # names told in one answer
LENGTH = 40  # characters of a name
BEFORE = "[Aa]bout|[Bb]etween|[Cc]ross(?:ing)?|[Tt]hrough|[Oo]utside|[Tt]ry|[Cc]onsider(?:ing)?|"
BEFORE += "[Tt]o|[Ii]n|[Aa]t|[Aa]round|[Vv]isit(?:ing)?|[Ss]ee|[Nn]ear|[Ee]xplor(?:e|ing)|[Ll]ike"
CAPITAL = re.compile(
    rf"\b(?:{BEFORE}|[Oo]n|[Ff]or|[Oo]f) (?:the )?"
    r"((?:[A-Z][\w'’-]{2,20})(?:[ -][A-Z][\w'’-]{1,20}){0,2})"
)
JOURNEY = "trip|holiday|vacation|honeymoon|getaway|travel|travelling|traveling|fly|flight|tour"
SMALL = re.compile(rf"\b(?:{JOURNEY}|weekend) (?:to|in|on|around) (?:the )?([a-z][a-z'-]{{3,20}})")
GO = (
    "가고 ?싶|가 ?보고 ?싶|가 ?볼까|가려고|가려는|갈래|갈 ?건데|여행|관광|다녀오|놀러|떠나|투어|"
    "일주|가자|가는 ?거|갈까|어때|어떤가"
)
KOREAN = re.compile(
    r"(?<![가-힣\w])([가-힣]{2,8}?)(?:에서|에|으로|로|을|를|까지)?\s?"
    rf"(?:꼭 |한번 |한 번 |한번쯤 |너무 |진짜 |정말 |좀 )?(?:{GO})"
)
PARTICLE = re.compile(rf"(?<=..)(?!(?<=마)을)(?:{PARTICLES})$")
# Named for what it is, and going there told only later: 뿌뿌섬에 부모님이랑 가고 싶어.
KIND = r"(?:섬|산|도|군|읍|역|항|해변|마을|계곡|호수|폭포|온천|공원|해수욕장)"
KOREAN_KIND = re.compile(
    rf"(?<![가-힣\w])([가-힣]{{1,6}}{KIND})(?:에|로|으로|까지) "
    r"(?:[가-힣]{1,6} ){1,3}?(?:가고|가 ?보|갈|여행|떠나|놀러)"
)
# Behind or before a name, and no name by itself.
GENERIC = {
    "island",
    "isle",
    "islands",
    "bay",
    "beach",
    "lake",
    "castle",
    "mountain",
    "mount",
    "river",
    "village",
    "port",
    "valley",
    "harbour",
    "harbor",
    "town",
    "city",
    "republic",
    "kingdom",
    "coast",
    "falls",
    "peak",
    "forest",
    "national",
    "park",
    "cape",
    "fort",
}
LAND = re.compile(r"(?<![가-힣\w])([가-힣]{2,8}(?:공화국|왕국|제국|공국|연방국?|군도|제도|반도))")
LOWER = re.compile(r"\b((?:port|lake|mount|isle of|cape|fort|saint|st) [a-z]{4,14})\b")
# A word for a sort of place, or the sound of a foreign name, tells a name in front of a particle.
SORT = "리|면|읍|군|섬|도|산|항|봉|호수|호|해변|마을|계곡|폭포|휴양림|온천|랜드|월드|파크|포구"
FOREIGN = (
    "[크르스트프츠드즈브그므퍼터커쿠케키코카푸페피포파투테티토타루레로라뤼렌룬베보바비네누노니메모]"
)
FOREIGN = rf"(?:[가-힣]?(?:{FOREIGN}[가-힣]{{0,2}}?){{2,4}})"
AT = "에서|으로|로|에|쪽으로|쪽에|쪽|근처|근교|여행|한 ?달 ?살기|투어"
KOREAN_AT = re.compile(
    rf"(?<![가-힣\w])((?:[가-힣]{{1,5}}(?:{SORT}))|{FOREIGN})\s?(?:{AT})(?![가-힣])"
)
# What is to be seen, done or eaten, in front of the verb.
TO_DO = (
    "보러|보고 ?싶|볼 ?수|하러|하고 ?싶|타러|타고 ?싶|먹으러|먹고 ?싶|배우|덕후|매니아|성지|찍으러|"
    "찍고 ?싶|구경|즐기|만나|잡으러|잡기|체험|키우|데리고|좋아하|좋아해|전문점"
)
KOREAN_THING = re.compile(rf"(?<![가-힣\w])([가-힣]{{2,8}}?)(?:을|를|이|가|도)?\s?(?:{TO_DO})")
SEEN = (
    "see|seeing|watch|watching|try|trying|learn|play|meet|find|buy|taste|ride|feed|catch|adore|"
    "makes?|serves?|sells?|loves?|likes?|enjoys?|into|with an?|fans? of|obsessed with|mad about|"
    "crazy about|keen on|wants?|need"
)
ENGLISH_THING = re.compile(
    rf"\b(?:{SEEN}) (?:(?:some|an?|the|good|lots of|any) ){{0,2}}"
    r"([a-z][a-z-]{3,20})\b"
)
# What stands where a name could, and is none: 조용한 여행, 이번에 가고 싶다.
NO_NAME = re.compile(
    r".*(?:[은는한운른던할인된난진린쁜픈큰선쉬운]|있는|없는|하고|하러|보러|먹으러|끼리|까지|부터|마다|으면|지만|는데|니까|하게|스럽게|이랑|하며|면서|듯이|다가|려고|[러를]|(?<!마)을|아서|어서|해서|와서|가서|[고서며게네]|니다|어요|아요|해요|세요|습니|하는|들이|들과|거나)"
)


def unknown_names(request: str, known: Callable[[str], bool]) -> tuple[str, ...]:
    """The names of a request, as written, of which ``known`` says that it does not know them."""
    names: dict[str, None] = {}
    for written in _names(request):
        name = PARTICLE.sub("", written) if "가" <= written[-1] <= "힣" else written
        told = _told(written, known) or name != written and known(name)
        if not told and name not in _common():
            names.setdefault(clipped(name, LENGTH))
    return tuple(names)[:MOST]


def _told(name: str, known: Callable[[str], bool]) -> bool:
    """Whether a name is known; of Quillmarsh Island, by its own word and not by the island."""
    own = [word for word in name.split() if word.casefold() not in GENERIC]
    if name.isascii() and 0 < len(own) < len(name.split()):
        usual = all(word.casefold() in _common() for word in own)
        return usual or any(known(word) for word in own)
    return known(name)


def unknown_things(request: str, known: Callable[[str], bool]) -> tuple[str, ...]:
    """What a request wants to see, do or eat, as written, that ``known`` does not know."""
    things: dict[str, None] = {}
    for name in chain(_captured(KOREAN_THING, request), _captured(ENGLISH_THING, request)):
        bare = PARTICLE.sub("", name) if "가" <= name[-1] <= "힣" else name
        no_thing = NO_NAME.fullmatch(name) or {name, bare, name.removesuffix("s")} & _common()
        if not no_thing and not any(known(name + ending) for ending in ("", "이", "가", "도")):
            things.setdefault(clipped(bare, LENGTH))
    return tuple(things)[:MOST]


def _names(request: str) -> Iterator[str]:
    english = (CAPITAL, SMALL, LOWER)
    for name in chain.from_iterable(_captured(pattern, request) for pattern in english):
        words = name.casefold().replace("’", "'").removesuffix("'s").split()
        if not any(word in _common() and word not in GENERIC for word in words):
            yield name.removesuffix("'s").removesuffix("’s")
    korean = (KOREAN, KOREAN_KIND, KOREAN_AT, LAND)
    for name in chain.from_iterable(_captured(pattern, request) for pattern in korean):
        if name not in _common() and not NO_NAME.fullmatch(name):
            yield name


def _captured(pattern: re.Pattern, request: str) -> Iterator[str]:
    return (match[1] for match in pattern.finditer(request))


@cache
def _common() -> frozenset[str]:
    """Words that stand where a name could."""
    lists = (*word_lists("nothing", "common"), *word_lists("nothing", "usual"))
    return frozenset(chain.from_iterable(lists))
