"""The pure rules behind the pages: ages in business days, four buttons, words for every state."""

import inspect
import re
from datetime import UTC, date, datetime

import pytest

from referral_hub.errors import Problem, Refused
from referral_hub.referrals import ahead
from referral_hub.referrals.ageing import Age, age_of, near_days
from referral_hub.referrals.buttons import ELSEWHERE, MOST_FIRST, buttons, has_arrived
from referral_hub.referrals.conditions import Facts
from referral_hub.referrals.moves import moves_open
from referral_hub.referrals.moving import given_fields, prefixed
from referral_hub.referrals.states import Channel, Party, State, Verb
from referral_hub.web.forms import Form
from referral_hub.web.wording import has

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("since", "due", "today", "age"),
    [
        (FRIDAY, date(2026, 11, 23), FRIDAY, Age("running", 1, "careful")),
        (FRIDAY, date(2026, 11, 27), FRIDAY, Age("running", 5, "")),
        (FRIDAY, FRIDAY, FRIDAY, Age("due_today", 0, "careful")),
        (FRIDAY, FRIDAY, date(2026, 11, 22), Age("overdue", 1, "bad")),  # Sunday after a Friday
        (FRIDAY, FRIDAY, date(2026, 11, 25), Age("overdue", 3, "bad")),
        (FRIDAY, None, date(2026, 11, 25), Age("waits", 3, "")),
        (date(2026, 12, 23), None, date(2026, 12, 28), Age("waits", 1, "")),  # Christmas does not count
        (None, None, FRIDAY, Age("none", 0, "")),
    ],
)
def test_ages_count_business_days(since: date | None, due: date | None, today: date, age: Age) -> None:
    assert age_of(since, due, today) == age


def test_near_days_are_business_days_beginning_today() -> None:
    assert near_days(FRIDAY) == [FRIDAY, *(date(2026, 11, day) for day in (23, 24, 25, 26))]
    assert near_days(date(2026, 11, 21), 2) == [date(2026, 11, 23), date(2026, 11, 24)]


FACTS = Facts(now=datetime(2026, 11, 23, 9, tzinfo=UTC), ended_at=datetime(2026, 11, 20, tzinfo=UTC))


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("party", [Party.SND, Party.RCV, Party.COO])
def test_nobody_sees_more_than_four_buttons_and_no_move_is_lost(state: State, party: Party) -> None:
    moves = moves_open(state, party, FACTS)
    shown = buttons(moves, party.value, state.value)
    assert len(shown.first) <= MOST_FIRST
    own = {move.verb for move in (*shown.first, *shown.more)}
    assert own == {m.row.verb.value for m in moves if Channel.SELF in m.channels and m.row.verb not in ELSEWHERE}
    assert {move.verb for move in shown.by_phone} == {m.row.verb.value for m in moves if Channel.PHONE in m.channels}


def test_what_has_arrived_claims_no_more_than_is_known() -> None:
    assert has_arrived("terapia_uzaleznien", FRIDAY) == {"outcome": "leczenie", "date": "2026-11-20"}
    assert has_arrived("posilek", FRIDAY)["outcome"] == "brak_informacji"
    assert has_arrived("a form of tomorrow", FRIDAY)["outcome"] == "brak_informacji"


@pytest.mark.parametrize("language", ["pl", "en"])
def test_every_state_and_verb_has_its_words_on_these_pages(language: str) -> None:
    for state in State:
        for side in ("SND", "RCV", "COO"):
            assert has(language, f"next.{side}.{state}"), (side, state)
        assert has(language, f"own_state.{state}") or state in (State.DRAFT, State.VOID)
    for verb in set(Verb) - {Verb.CREATE, Verb.EXPIRE, Verb.ESCALATE}:
        assert has(language, f"done.{verb}"), verb
    for verb in Verb:
        assert has(language, f"moment.{verb}"), verb
    for step in set(re.findall(r'\("(\w+)", frozenset|Ahead\("(\w+)"', inspect.getsource(ahead))):
        assert has(language, f"step.{step[0] or step[1]}"), step


def test_every_reason_of_matching_has_a_sentence() -> None:
    from referral_hub.matching import fit

    codes = set(re.findall(r'Reason\(\s*"(\w+)"', inspect.getsource(fit))) | {"only_women", "only_men"}
    codes |= {"only_women_to_check", "only_men_to_check"}
    assert len(codes) > 25
    for language in ("pl", "en"):
        assert [code for code in codes if not has(language, f"fit.{code}")] == []


def test_fields_of_one_form_are_read_by_its_prefix() -> None:
    form = Form(
        {"accept-phone-date": "other", "accept-phone-other_date": "2026-12-01", "decline-phone-reason": "other"}
    )
    assert given_fields(form, "accept-phone-") == {"date": "2026-12-01"}
    with pytest.raises(Refused):
        given_fields(Form({"accept-self-date": "other"}), "accept-self-")


def test_a_refusal_goes_back_beside_the_field_it_came_from() -> None:
    told = prefixed(Refused("invalid", [Problem("text", "required"), Problem("basis", "basis_is_valid")]), "send-self-")
    assert [problem.field for problem in told.problems] == ["send-self-text", "basis.kind"]
