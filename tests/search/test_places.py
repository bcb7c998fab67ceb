"""Names of places are recognised as people write them, and the likeliest bearer of a name is meant."""

import pytest

from referral_hub.search.places import find_place, make_gazetteer, place_named
from referral_hub.search.query import typed_words
from tests.search.corpus import ask, network


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("odwyk w Tarnowie", "126301"),
        ("Nowym Sączu", "126201"),
        ("nowym saczu", "126201"),
        ("obiad w bochni", "120101"),
        ("gmina Bochnia prawnik", "120102"),
        ("w gminie Wielka Wieś", "120615"),
        ("staż powiat limanowski", "1207"),
        ("w powiecie tarnowskim", "1216"),
        ("w województwie małopolskim", "12"),
        ("szkolenia w Małopolsce", "12"),
        ("komornik łódź", "106101"),
        ("praca w Dobrej", "120703"),
        ("psycholog w Szczawie", "120713"),
        ("psycholog w lancucie", "181001"),
        ("w Mszanie Dolnej", "120702"),
        ("oswiecimiu", "121301"),
    ],
)
def test_a_place_in_a_search_is_recognised(text: str, code: str) -> None:
    found = find_place(typed_words(text), network()[2], lambda word: False)
    assert found is not None
    assert found.place.code == code


@pytest.mark.parametrize(
    "text", ["wolna sala", "grupa wsparcia", "pomoc w domu", "z dzieckiem", "praca", "", "w", "klucz"]
)
def test_ordinary_words_are_no_places(text: str) -> None:
    assert ask(text).place is None


def test_around_a_place_is_a_distance() -> None:
    near, at = ask("nocleg pod Krakowem").place, ask("nocleg w Krakowie").place
    assert near is not None
    assert at is not None
    assert (near.code, near.near_km, at.near_km) == ("126101", 25.0, None)


def test_a_town_and_the_gmina_of_its_name_are_one_place() -> None:
    place = ask("Bochnia").place
    assert place is not None
    assert place.areas == ("120101", "120102")


def test_the_words_of_the_place_are_not_searched_for() -> None:
    assert ask("odwyk w gminie Bochnia").terms == ("odwyk",)


@pytest.mark.parametrize(
    ("text", "code", "corrected"),
    [
        ("Tarnów", "126301", None),
        ("tarnow", "126301", None),
        ("Tarnuw", "126301", "Tarnów"),
        ("Nowy Saczz", "126201", "Nowy Sącz"),
        ("120707", "120707", None),
        ("1207072", "120707", None),
        ("1207", "1207", None),
        ("33-100 Tarnów", "126301", None),
        ("gmina Tarnów", "121609", None),
        ("powiat tarnowski", "1216", None),
        ("Limanowej", "120701", None),
    ],
)
def test_the_place_box_takes_names_and_codes(text: str, code: str, corrected: str | None) -> None:
    found = place_named(text, network()[2])
    assert found is not None
    assert (found.place.code, found.corrected) == (code, corrected)


@pytest.mark.parametrize("text", ["", "  ", "qqqq", "999999", "!!", "w", "\x00"])
def test_what_is_no_place_is_none(text: str) -> None:
    assert place_named(text, network()[2]) is None


def test_a_town_near_the_network_is_meant_also_where_its_name_is_a_word() -> None:
    gazetteer = make_gazetteer([("Tarnów", "126301", None, None)])
    found = find_place(["odwyk", "limanowa"], gazetteer, lambda word: False)
    assert found is not None
    assert found.place.code == "120701"
    assert find_place(["dobra", "praca"], gazetteer, lambda word: False) is None
