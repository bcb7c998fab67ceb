"""A basis holds for one receiver, some fields and a time; criminal data never on consent alone."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from referral_hub.participants.basis import (
    GROUNDS,
    SHAREABLE,
    Basis,
    Kind,
    articles,
    covers,
    criminal_data_is_lawful,
    read_basis,
    usual_ground,
)
from referral_hub.participants.pairs import PAIRS
from referral_hub.vocabularies import book

TODAY = date(2026, 5, 13)
HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
CONSENT = Basis(kind=Kind.CONSENT, ground="zgoda", recipient=HERE, fields=frozenset({"label"}), until=TODAY)


def read(**changes: object) -> tuple[Basis | None, list[str]]:
    facts: dict[str, object] = {
        "kind": "consent",
        "ground": "zgoda",
        "fields": None,
        "until": None,
        "recipient": HERE,
        "purpose": "praca",
        "today": TODAY,
        "given_how": "signed",
    }
    basis, problems = read_basis(**{**facts, **changes})  # type: ignore[arg-type]
    return basis, [f"{problem.field}:{problem.code}" for problem in problems]


def test_a_basis_holds_for_its_receiver_until_its_last_day() -> None:
    assert covers(CONSENT, receiver=HERE, today=TODAY)
    assert not covers(CONSENT, receiver=ELSEWHERE, today=TODAY)
    assert not covers(CONSENT, receiver=HERE, today=TODAY + timedelta(days=1))
    assert not covers(replace(CONSENT, withdrawn=True), receiver=HERE, today=TODAY)
    assert not covers(replace(CONSENT, recipient=None), receiver=None, today=TODAY)


def test_going_alone_always_holds_and_shares_nothing() -> None:
    alone = Basis(kind=Kind.NO_DATA, ground="bez_danych", recipient=None)
    assert covers(alone, receiver=HERE, today=TODAY)
    assert not covers(replace(alone, fields=frozenset({"label"})), receiver=HERE, today=TODAY)


@given(st.sampled_from(list(GROUNDS.values())), st.frozensets(st.sampled_from(SHAREABLE)), st.booleans())
def test_criminal_data_need_article_10(ground: object, fields: frozenset[str], criminal: bool) -> None:
    basis = Basis(kind=ground.kind, ground=ground.code, recipient=HERE, fields=fields)  # type: ignore[attr-defined]
    lawful = criminal_data_is_lawful(basis, criminal=criminal)
    assert lawful is (not criminal or "groups" not in fields or bool(articles(basis)[2]))
    if criminal and "groups" in fields and basis.kind is Kind.CONSENT:
        assert not lawful


@pytest.mark.parametrize(
    ("sender", "receiver", "code"),
    [
        ("kis", "lecznictwo_odwykowe", "zgoda"),
        ("kis", "ngo", "zgoda"),
        ("kis", "przedsiebiorca", "zgoda"),
        ("kis", "cis", "zatrudnienie_socjalne"),
        ("kis", "ops", "zatrudnienie_socjalne"),
        ("kis", "pup", "zatrudnienie_socjalne"),
        ("ops", "pup", "rynek_pracy"),
        ("ops", "dps", "pomoc_spoleczna"),
        ("ops", "cus", "uslugi_spoleczne"),
        ("kis", "zespol_interdyscyplinarny", "przemoc_domowa"),
        ("kis", "poradnia_zdrowie", "zgoda"),
    ],
)
def test_the_ground_is_preset_by_the_pair_of_institutions(sender: str, receiver: str, code: str) -> None:
    assert usual_ground(sender, receiver).code == code


def test_own_words_for_a_statute_open_neither_article_9_nor_10() -> None:
    basis = Basis(kind=Kind.STATUTE, ground="art. 100 ust. 2 u.p.s.", recipient=HERE)
    assert articles(basis) == ("6(1)(e)", "", "")


def test_consent_without_an_end_ends_after_a_year() -> None:
    basis, problems = read()
    assert not problems
    assert basis is not None
    assert basis.until == TODAY + timedelta(days=365)


def test_all_problems_of_a_basis_are_told_at_once() -> None:
    _, problems = read(ground="", fields=["pesel"], until=TODAY - timedelta(days=1))
    assert problems == ["basis.ground:required", "basis.fields:not_a_choice", "basis.until:date_has_passed"]
    assert read(kind="because")[1] == ["basis.kind:not_a_choice"]
    assert read(kind="no_data", ground="", fields=["label"])[1] == ["basis.fields:no_data_shares_nothing"]
    assert read(kind="statute", ground="zgoda")[1] == ["basis.ground:ground_is_of_another_kind"]
    assert read(ground="x" * 301)[1] == ["basis.ground:too_long"]


def test_every_ground_of_statute_names_an_act_in_force() -> None:
    for ground in GROUNDS.values():
        if ground.kind is Kind.STATUTE:
            act = book.word("act", ground.act)
            assert act is not None, ground.code
            assert act.extra["in_force"] == "yes", ground.code
        else:
            assert not ground.act


def test_consent_says_how_it_was_given_and_other_kinds_have_no_such_thing() -> None:
    silent, problems = read(given_how="")
    assert (silent.given_how, problems) == ("", [])
    assert read(given_how="guessed")[1] == ["basis.given_how:not_a_choice"]
    consent, _ = read(given_how="spoken")
    statute, problems = read(kind="statute", ground="pomoc_spoleczna", given_how="")
    assert problems == []
    assert consent is not None
    assert statute is not None
    assert (consent.given_how, statute.given_how) == ("spoken", "")


def test_every_row_of_pairs_names_kinds_that_exist_and_is_reached() -> None:
    reached = set()
    for number, pair in enumerate(PAIRS):
        assert GROUNDS[pair.ground].kind is Kind.STATUTE
        for kind in pair.senders | pair.receivers:
            assert book.word("kind", kind) is not None, kind
        for sender in pair.senders or {"ngo"}:
            for receiver in pair.receivers:
                assert usual_ground(sender, receiver).kind is Kind.STATUTE
                if usual_ground(sender, receiver).code == pair.ground:
                    reached.add(number)
    assert reached == set(range(len(PAIRS)))


def test_no_row_covers_a_clinic_an_association_or_an_employer() -> None:
    for kind in ("lecznictwo_odwykowe", "poradnia_zdrowie", "ngo", "przedsiebiorca", "kosciol_zwiazek"):
        assert all(kind not in pair.senders | pair.receivers for pair in PAIRS)
        assert usual_ground("kis", kind).kind is Kind.CONSENT
