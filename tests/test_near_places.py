"""The nearest place that the postcard model knows: always one of its own, and a sensible one."""

import pytest

from benchmarks.nearest_places import UNKNOWN, chance, share_right
from tripkit.core.errors import RequestError
from tripkit.core.messages import LANGUAGES
from tripkit.kinds import KINDS as VOCABULARY
from tripkit.kinds import nearest_known
from tripkit.prompts.known_places import (
    by_letters,
    kind_in,
    near_words,
    nearest_places,
    place_words,
    shipped_kinds,
)

KINDS = shipped_kinds()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_known_word_finds_its_own_place(language):
    for kind in KINDS:
        assert nearest_places(place_words()[kind][language][0], language) == [kind]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "place", ["volcano", "aquarium", "화산", "우주정거장", "🚀", "?", "x" * 500]
)
def test_whatever_is_asked_the_answer_is_known(place, language):
    found = nearest_places(place, language, count=3)
    assert len(set(found)) == 3 and set(found) <= set(KINDS)


def test_no_place_is_near_to_nothing():
    with pytest.raises(RequestError, match="empty"):
        nearest_places(" ", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_listed_places_are_no_words_of_the_model_and_stand_in_one_list_only(language):
    own = {word.lower() for words in place_words().values() for word in words[language]}
    drawn = {word.lower() for kind in shipped_kinds() for word in place_words()[kind][language]}
    listed = [word.lower() for words in near_words().values() for word in words[language]]
    assert set(near_words()) <= set(VOCABULARY)
    assert not own & set(listed) and len(listed) == len(set(listed))
    assert not drawn & {row[LANGUAGES.index(language)].lower() for row in UNKNOWN}


def test_the_longest_word_decides_and_the_models_own_words_come_first():
    assert nearest_places("ice cave", "en") == ["ski_slope"]  # "cave" alone is a mountain's
    assert nearest_places("volcano by the beach", "en") == ["beach"]
    assert nearest_places("화산섬", "ko") == ["mountain"]
    assert nearest_places("A VOLCANO!", "en") == ["mountain"]
    assert nearest_places("hot air balloons", "en") == ["balloons"]


def test_the_vocabulary_begins_with_what_the_shipped_model_draws_and_leads_back_to_it():
    assert len(VOCABULARY) == 42 and VOCABULARY[: len(KINDS)] == KINDS
    for kind in VOCABULARY:
        nearest = nearest_known(kind, KINDS)
        assert nearest in KINDS and (nearest == kind) == (kind in KINDS)
        assert nearest_known(kind, VOCABULARY) == kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_kind_that_is_not_drawn_is_found_by_its_words_and_has_a_nearest_that_is(language):
    for kind in VOCABULARY[len(KINDS) :]:
        words = place_words()[kind][language]
        assert [word for word in words if kind_in(word, language) != kind] == []
        assert nearest_places(words[0], language) == [nearest_known(kind, KINDS)]


def test_the_kind_of_a_place_is_read_in_its_name():
    assert kind_in("Louvre museum", "en") == "museum"
    assert kind_in("경주 불국사 석탑", "ko") == "pagoda"
    assert kind_in("smoking volcano", "en") == "mountain"  # of the list
    assert kind_in("Xanadu", "en") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_sensible_places_are_named_more_often_than_by_letters_and_by_chance(language):
    letters = share_right(by_letters, language)
    assert chance(language) < letters < share_right(nearest_places, language)
