"""Matching says why and why not, and nothing that is better for the person moves an offer down."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from referral_hub.directory.freshness import Freshness
from referral_hub.matching.fit import Candidate, Conditions, Person, Weight, fit, ranked
from referral_hub.vocabularies import book

VILLAGE, NEXT_VILLAGE, FAR_AWAY = "121004", "121007", "240101"
PERSON = Person(need="uzaleznienie", forms=book.forms_for("uzaleznienie"), gmina=VILLAGE)
CLINIC = Candidate(
    offer=UUID(int=1),
    form="terapia_uzaleznien",
    gminas=frozenset({NEXT_VILLAGE}),
    km=12.0,
    freshness=Freshness.FRESH,
    age_days=2,
    available=3,
    name="Clinic",
)


def codes(person: Person, candidate: Candidate) -> dict[str, Weight]:
    return {reason.code: reason.weight for reason in fit(person, candidate).reasons}


def test_a_clinic_with_places_fits_and_says_why() -> None:
    found = fit(PERSON, CLINIC)
    assert found.fits
    assert found.suggested
    assert {"form_answers", "places_free", "fresh", "in_powiat", "some_way"} == {
        reason.code for reason in found.told(Weight.FOR)
    }
    assert not found.told(Weight.ASK)


def test_a_form_that_does_not_answer_the_need_does_not_fit() -> None:
    found = fit(PERSON, replace(CLINIC, form="oferta_pracy"))
    assert not found.fits
    assert [reason.code for reason in found.told(Weight.AGAINST)] == ["need_not_answered"]


def test_an_offer_that_names_the_need_itself_beats_one_whose_form_does_and_one_that_only_helps() -> None:
    named = replace(CLINIC, offer=UUID(int=2), needs=frozenset({"uzaleznienie"}))
    helping = replace(CLINIC, offer=UUID(int=3), form="gr_wsparcia")
    order = [found.candidate.offer.int for found in ranked(PERSON, [helping, CLINIC, named])]
    assert order == [2, 1, 3]


@pytest.mark.parametrize(
    ("person", "candidate", "code", "weight"),
    [
        ({"age": 17}, {"conditions": Conditions(age_from=18)}, "too_young", Weight.AGAINST),
        ({"age": 70}, {"conditions": Conditions(age_to=65)}, "too_old", Weight.AGAINST),
        ({}, {"conditions": Conditions(age_from=18)}, "age_to_check", Weight.ASK),
        ({"sex": "M"}, {"conditions": Conditions(sex="K")}, "only_women", Weight.AGAINST),
        ({"sex": "K"}, {"conditions": Conditions(sex="M")}, "only_men", Weight.AGAINST),
        ({}, {"conditions": Conditions(sex="K")}, "only_women_to_check", Weight.ASK),
        (
            {"therapy_stage": "before"},
            {"conditions": Conditions(therapy_stages=frozenset({"after"}))},
            "other_stage",
            Weight.AGAINST,
        ),
        ({}, {"conditions": Conditions(therapy_stages=frozenset({"after"}))}, "stage_to_check", Weight.ASK),
        ({}, {"area": ("24",)}, "out_of_area", Weight.AGAINST),
        ({}, {"area": ("1210",)}, "serves_gmina", Weight.FOR),
        ({}, {"gminas": frozenset({VILLAGE})}, "in_gmina", Weight.FOR),
        ({}, {"gminas": frozenset({FAR_AWAY})}, "area_to_check", Weight.ASK),
        ({}, {"remote": True}, "remote", Weight.FOR),
        ({}, {"km": 3.0}, "near", Weight.FOR),
        ({}, {"km": 55.0}, "far", Weight.ASK),
        ({}, {"available": 0}, "no_places", Weight.ASK),
        ({}, {"available": 0, "waiting": 7}, "only_queue", Weight.ASK),
        ({}, {"available": None, "freshness": Freshness.UNKNOWN}, "places_unknown", Weight.ASK),
        ({}, {"freshness": Freshness.ASK_FIRST}, "ask_first", Weight.ASK),
        ({}, {"freshness": Freshness.NOT_SUGGESTED}, "number_old", Weight.ASK),
        ({}, {"freshness": Freshness.CLOSED}, "intake_silent", Weight.ASK),
        ({}, {"waiting_days": 30}, "wait_days", Weight.ASK),
        ({}, {"intake": "open"}, "comes_straight", Weight.FOR),
        ({}, {"intake": "phone"}, "phone_first", Weight.FOR),
        ({}, {"intake": "official"}, "official_paper", Weight.ASK),
        (
            {"groups": frozenset({"przemoc"})},
            {"audiences": frozenset({"przemoc"})},
            "for_the_group",
            Weight.FOR,
        ),
        (
            {"groups": frozenset({"bezrobotne"})},
            {"audiences": frozenset({"przemoc"})},
            "for_other_groups",
            Weight.ASK,
        ),
        ({}, {"audiences": frozenset({"przemoc"})}, "group_to_check", Weight.ASK),
        ({"language": "uk"}, {"languages": frozenset({"pl", "uk"})}, "speaks_language", Weight.FOR),
        ({"language": "uk"}, {"languages": frozenset({"pl"})}, "other_language", Weight.ASK),
    ],
)
def test_each_reason_is_named(person: dict, candidate: dict, code: str, weight: Weight) -> None:  # type: ignore[type-arg]
    assert codes(replace(PERSON, **person), replace(CLINIC, **candidate))[code] is weight


def test_one_reason_against_is_enough_and_all_are_told() -> None:
    found = fit(
        replace(PERSON, age=70, sex="M"),
        replace(CLINIC, area=("24",), conditions=Conditions(age_to=60, sex="K")),
    )
    assert {reason.code for reason in found.told(Weight.AGAINST)} == {"too_old", "only_women", "out_of_area"}
    assert not found.fits


@pytest.mark.parametrize("label", [Freshness.NOT_SUGGESTED, Freshness.CLOSED])
def test_an_old_number_is_found_but_not_put_forward(label: Freshness) -> None:
    found = fit(PERSON, replace(CLINIC, freshness=label))
    assert found.fits
    assert not found.suggested


def test_an_offer_without_a_reading_is_put_forward_with_ask_by_phone() -> None:
    found = fit(PERSON, replace(CLINIC, available=None, freshness=Freshness.UNKNOWN, age_days=None))
    assert found.suggested
    assert [reason.code for reason in found.told(Weight.ASK)] == ["places_unknown"]


def test_a_full_offer_fits_below_every_offer_with_a_place() -> None:
    full = replace(CLINIC, offer=UUID(int=2), available=0, km=0.1, needs=frozenset({"uzaleznienie"}))
    far = replace(CLINIC, offer=UUID(int=3), available=1, km=60.0)
    assert [found.candidate.offer.int for found in ranked(PERSON, [full, far])] == [3, 2]


def test_what_nobody_said_is_never_held_against_the_person() -> None:
    silent = Person(need="uzaleznienie", forms=book.forms_for("uzaleznienie"))
    strict = replace(
        CLINIC,
        conditions=Conditions(age_from=18, age_to=60, sex="K", therapy_stages=frozenset({"after"})),
        area=("24",),
    )
    assert fit(silent, strict).fits


maybe_small = st.none() | st.integers(0, 60)
persons = st.builds(
    Person,
    need=st.just("uzaleznienie"),
    forms=st.just(book.forms_for("uzaleznienie")),
    gmina=st.sampled_from(["", VILLAGE, NEXT_VILLAGE, FAR_AWAY]),
    sex=st.sampled_from(["K", "M", "not_stated"]),
    age=st.none() | st.integers(0, 110),
    therapy_stage=st.sampled_from(["", "before", "during", "after"]),
    groups=st.frozensets(st.sampled_from(["przemoc", "bezrobotne", "bezdomne"])),
    language=st.sampled_from(["pl", "uk"]),
)
candidates = st.builds(
    Candidate,
    offer=st.uuids(),
    form=st.sampled_from(["terapia_uzaleznien", "gr_wsparcia", "oferta_pracy"]),
    needs=st.frozensets(st.sampled_from(["uzaleznienie", "praca"])),
    audiences=st.frozensets(st.sampled_from(["przemoc", "bezrobotne", "wykluczone"])),
    conditions=st.builds(
        Conditions,
        age_from=maybe_small,
        age_to=maybe_small,
        sex=st.sampled_from(["", "K", "M"]),
        therapy_stages=st.frozensets(st.sampled_from(["before", "after"])),
    ),
    area=st.sampled_from([(), ("12",), ("1210",), ("24",)]),
    gminas=st.frozensets(st.sampled_from([VILLAGE, FAR_AWAY])),
    remote=st.booleans(),
    km=st.none() | st.floats(0, 200),
    freshness=st.sampled_from(list(Freshness)),
    age_days=st.none() | st.integers(0, 400),
    available=st.none() | st.integers(0, 30),
    keeps_list=st.booleans(),
    waiting=st.none() | st.integers(0, 50),
    waiting_days=st.none() | st.integers(0, 400),
    intake=st.sampled_from(["open", "phone", "referral", "official"]),
    languages=st.frozensets(st.sampled_from(["pl", "uk"])),
    name=st.sampled_from(["A", "B"]),
)


def place(person: Person, changed: Candidate, others: list[Candidate]) -> int:
    """Where the offer stands among others, 0 is best; the others keep their own ids."""
    order = ranked(person, [changed, *(other for other in others if other.offer != changed.offer)])
    return [found.candidate.offer for found in order].index(changed.offer)


@given(persons, candidates, st.lists(candidates, max_size=6), st.integers(0, 30), st.integers(0, 30))
def test_more_free_places_never_rank_lower(
    person: Person, offer: Candidate, others: list[Candidate], few: int, more: int
) -> None:
    few, more = sorted((few, more))
    assert place(person, replace(offer, available=more), others) <= place(person, replace(offer, available=few), others)


@given(persons, candidates, st.lists(candidates, max_size=6), st.floats(0, 200), st.floats(0, 200))
def test_a_shorter_way_never_ranks_lower(
    person: Person, offer: Candidate, others: list[Candidate], one: float, other: float
) -> None:
    near, far = sorted((one, other))
    assert place(person, replace(offer, km=near), others) <= place(person, replace(offer, km=far), others)


AGEING = [Freshness.FRESH, Freshness.ASK_FIRST, Freshness.NOT_SUGGESTED, Freshness.CLOSED]


@given(persons, candidates, st.lists(candidates, max_size=6), st.integers(0, 3), st.integers(0, 3))
def test_a_fresher_number_never_ranks_lower(
    person: Person, offer: Candidate, others: list[Candidate], one: int, other: int
) -> None:
    new, old = sorted((one, other))
    fresher, older = replace(offer, freshness=AGEING[new]), replace(offer, freshness=AGEING[old])
    assert place(person, fresher, others) <= place(person, older, others)


@given(persons, candidates, st.lists(candidates, max_size=6), st.integers(0, 400), st.integers(0, 400))
def test_a_shorter_wait_never_ranks_lower(
    person: Person, offer: Candidate, others: list[Candidate], one: int, other: int
) -> None:
    short, long = sorted((one, other))
    assert place(person, replace(offer, waiting_days=short), others) <= place(
        person, replace(offer, waiting_days=long), others
    )


@given(persons, candidates)
def test_what_fits_has_no_reason_against_and_points_are_the_sum_of_reasons(person: Person, offer: Candidate) -> None:
    found = fit(person, offer)
    assert found.fits == (not found.told(Weight.AGAINST))
    assert found.points == sum(reason.points for reason in found.reasons)
    assert found.fits or not found.suggested


@given(persons, st.lists(candidates, max_size=8, unique_by=lambda candidate: candidate.offer), st.randoms())
def test_the_order_does_not_depend_on_the_order_of_asking(person: Person, offers: list[Candidate], shuffler) -> None:  # type: ignore[no-untyped-def]
    before = [found.candidate.offer for found in ranked(person, offers)]
    shuffler.shuffle(offers)
    assert [found.candidate.offer for found in ranked(person, offers)] == before
