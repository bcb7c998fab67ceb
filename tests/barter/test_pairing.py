"""Pairs, both ways and rings of three are found by subject and words, each leg once."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from referral_hub.barter.course import COURSE, acts_open
from referral_hub.barter.pairing import Line, fits, said, suggest

A, B, C, D = (UUID(int=number) for number in range(1, 5))
_ids = iter(range(100, 10**9))


def line(institution: UUID, side: str, subject: str, text: str = "") -> Line:
    return Line(UUID(int=next(_ids)), UUID(int=institution.int + 50), institution, side, subject, text)


def has(institution: UUID, subject: str, text: str = "") -> Line:
    return line(institution, "offered", subject, text)


def wants(institution: UUID, subject: str, text: str = "") -> Line:
    return line(institution, "wanted", subject, text)


def test_inflected_words_meet() -> None:
    leg = fits(
        has(A, "remonty", "Malowanie pokoi i przedpokojów"), wants(B, "remonty", "malowaniem pokoju zajmie się kto")
    )
    assert leg is not None
    assert leg.common == ("malowanie", "pokoi")
    assert leg.score > 1.5
    other = fits(has(A, "remonty", "Układanie płytek"), wants(B, "remonty", "Naprawa dachu"))
    assert other is not None
    assert (other.common, other.score) == ((), 1)
    assert fits(has(A, "remonty", "Malowanie"), wants(B, "szycie", "Malowanie")) is None
    assert fits(has(A, "remonty"), wants(A, "remonty")) is None
    assert said("na raz i do 3") == {}


def test_both_ways_come_first_then_rings_then_one_way() -> None:
    lines = [
        has(A, "remonty"), wants(B, "remonty"), has(B, "gotowanie"), wants(A, "gotowanie"),
        has(A, "transport"), wants(C, "transport"), has(C, "szycie"), wants(D, "szycie"),
        has(D, "ogrod"), wants(A, "ogrod"), has(B, "sport"), wants(D, "sport"),
    ]  # fmt: skip
    found = suggest(lines)
    assert [one.kind for one in found] == ["swap", "ring", "gift"]
    assert [{leg.giver for leg in one.legs} for one in found] == [{A, B}, {A, C, D}, {B}]
    ring = found[1].legs
    assert all(leg.taker == after.giver for leg, after in zip(ring, (*ring[1:], ring[0]), strict=True))


def test_the_best_words_are_suggested_between_two() -> None:
    plain, painting = has(A, "remonty", "Drobne naprawy"), has(A, "remonty", "Malowanie ścian")
    wanted = wants(B, "remonty", "Malowanie świetlicy")
    (found,) = suggest([plain, painting, wanted])
    assert found.legs[0].offered == painting


def test_what_was_tried_is_not_suggested_again() -> None:
    one, other = has(A, "remonty"), wants(B, "remonty")
    assert suggest([one, other], frozenset({(one.id, other.id)})) == []


LINES = st.lists(
    st.tuples(st.sampled_from([A, B, C, D]), st.sampled_from(["offered", "wanted"]), st.sampled_from("abcd")).map(
        lambda one: line(*one)
    ),
    max_size=14,
)


@given(LINES)
def test_every_leg_is_true_and_stands_once(lines: list[Line]) -> None:
    found = suggest(lines)
    legs = [leg for one in found for leg in one.legs]
    assert len({(leg.offered.id, leg.wanted.id) for leg in legs}) == len(legs)
    for leg in legs:
        assert (leg.offered.side, leg.wanted.side) == ("offered", "wanted")
        assert leg.offered.subject == leg.wanted.subject
        assert leg.giver != leg.taker
    for one in found:
        around = (*one.legs[1:], one.legs[0])
        if one.kind != "gift":
            assert all(leg.taker == after.giver for leg, after in zip(one.legs, around, strict=True))
            assert len({leg.giver for leg in one.legs}) == {"swap": 2, "ring": 3}[one.kind]
    # Every want that somebody can meet is in some suggestion.
    met = {
        wanted.id
        for wanted in lines
        if any(fits(offered, wanted) for offered in lines if offered.side == "offered") and wanted.side == "wanted"
    }
    assert {leg.wanted.id for leg in legs} == met


def test_only_the_other_side_agrees() -> None:
    assert acts_open("proposed", A, A) == ["let_go"]
    assert acts_open("proposed", A, B) == ["agree", "let_go"]
    assert acts_open("agreed", A, B) == acts_open("agreed", A, A) == ["done", "let_go"]
    assert acts_open("done", A, B) == acts_open("let_go", A, A) == []
    assert set(COURSE) == {"agree", "done", "let_go"}
