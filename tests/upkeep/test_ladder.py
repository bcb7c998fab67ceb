"""One mail, two reminders, the same in the second rhythm, then the telephone: at times a person could have chosen."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from referral_hub.clock import WARSAW
from referral_hub.directory.business_days import is_business_day
from referral_hub.directory.freshness import LIMITS, Freshness, Rhythm, asked_from, freshness
from referral_hub.upkeep.ladder import (
    GAPS,
    Act,
    Ask,
    Asked,
    Call,
    CallOff,
    Counted,
    Standing,
    Wait,
    Way,
    Why,
    call_again_on,
    next_act,
)
from referral_hub.upkeep.office_hours import add_office_hours, morning, next_office_moment

MAIL = Way("email", "biuro@ngo.example")
MONDAY = date(2026, 11, 2)
"""A week without holidays follows; 11 November is one."""


def at(day: date, hour: int = 8, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=WARSAW)


def climbed(standing: Standing, now: datetime, until: datetime) -> list[tuple[datetime, Act]]:
    """What happens if nobody ever answers: every act with its moment."""
    found: list[tuple[datetime, Act]] = []
    while now <= until:
        act = next_act(standing, now)
        if isinstance(act, Wait):
            if act.until is None:
                break
            assert act.until > now
            now = act.until
            continue
        found.append((now, act))
        if isinstance(act, Ask):
            standing = structs.replace(standing, asked=(*standing.asked, Asked(act.rung, now)))
        else:
            standing = structs.replace(standing, call_open=isinstance(act, Call))
    return found


def weekly(**facts: object) -> Standing:
    return structs.replace(Standing(offers=(Counted(MONDAY, "week"),), ways=(MAIL,)), **facts)


def test_a_silent_week_climbs_rung_by_rung_to_the_telephone() -> None:
    acts = climbed(weekly(), at(MONDAY, 9), at(MONDAY + timedelta(days=60)))
    assert [(moment.date(), moment.hour, type(act).__name__, getattr(act, "rung", None)) for moment, act in acts] == [
        (date(2026, 11, 6), 8, "Ask", 0),  # Friday: Monday is the last fresh day
        (date(2026, 11, 9), 8, "Ask", 1),
        (date(2026, 11, 10), 8, "Ask", 2),  # the first day that is no longer fresh
        (date(2026, 11, 13), 8, "Ask", 3),  # two business days on: the 11th is a holiday
        (date(2026, 11, 17), 8, "Call", None),  # after two silent weeks
    ]
    assert acts[-1][1] == Call(Why.SILENT)


@pytest.mark.parametrize("rhythm", list(Rhythm))
def test_the_telephone_waits_for_two_silent_rhythms_and_both_reminders(rhythm: Rhythm) -> None:
    standing = Standing(offers=(Counted(MONDAY, rhythm),), ways=(MAIL,))
    acts = climbed(standing, at(MONDAY, 9), at(MONDAY + timedelta(days=500)))
    assert [act.rung for _, act in acts if isinstance(act, Ask)][:3] == [0, 1, 2]
    assert len(acts) <= 1 + len(GAPS[rhythm]) + 1
    moment, last = acts[-1]
    assert last == Call(Why.SILENT)
    assert freshness(MONDAY, rhythm, moment.date()) is Freshness.NOT_SUGGESTED
    late = (moment.date() - MONDAY).days - LIMITS[rhythm].ask_first
    assert 1 <= late <= 4 + 3  # a weekend, and the last reminder's time


@given(
    st.sampled_from(list(Rhythm)),
    st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    st.integers(0, 24 * 60 - 1),
    st.booleans(),
)
def test_nobody_is_disturbed_outside_office_hours_nor_twice_at_once(
    rhythm: Rhythm, as_of: date, minute: int, every_day: bool
) -> None:
    standing = Standing(offers=(Counted(as_of, rhythm),), ways=(MAIL,), every_day=every_day)
    begin = datetime(as_of.year, as_of.month, as_of.day, tzinfo=WARSAW) + timedelta(minutes=minute)
    acts = climbed(standing, begin, begin + timedelta(days=500))
    assert acts
    for moment, _ in acts:
        local = moment.astimezone(WARSAW)
        assert 8 <= local.hour < 16
        assert every_day or is_business_day(local.date())
    for (before, _), (after, _) in pairwise(acts):
        assert after - before >= timedelta(hours=4)
    assert sum(isinstance(act, Call) for _, act in acts) == 1


@given(st.sampled_from(list(Rhythm)), st.dates(date(2025, 1, 1), date(2027, 12, 31)))
def test_the_first_mail_falls_on_a_fresh_day_whenever_an_office_is_open_on_one(rhythm: Rhythm, as_of: date) -> None:
    first = morning(asked_from(as_of, rhythm)).date()
    last = as_of + timedelta(days=LIMITS[rhythm].fresh)
    assert first > as_of
    if any(is_business_day(as_of + timedelta(days=step)) for step in range(1, LIMITS[rhythm].fresh + 1)):
        assert first <= last or rhythm is Rhythm.WEEK
        # A week that ends in a long weekend may lose its last office day to the rest after the reading.
        assert (first - last).days <= 4


@given(st.sampled_from(list(Rhythm)), st.integers(0, 60 * 24), st.integers(0, 5), st.booleans())
def test_whenever_somebody_looks_nothing_is_done_outside_office_hours(
    rhythm: Rhythm, hours: int, rungs: int, phone: bool
) -> None:
    """A worker that stood still for weeks looks at any hour, with everything overdue."""
    begin = at(MONDAY, 0)
    asked = tuple(Asked(rung, begin + timedelta(hours=rung)) for rung in range(rungs))
    offers = (Counted(MONDAY - timedelta(days=500), rhythm),)
    standing = Standing(offers=offers, ways=(MAIL,), asked=asked, prefers_phone=phone)
    now = begin + timedelta(hours=hours)
    act = next_act(standing, now)
    in_office = is_business_day(now.date()) and 8 <= now.hour < 16
    assert in_office or isinstance(act, Wait)
    if isinstance(act, Wait):
        assert act.until is not None
        assert act.until > now


def test_any_answer_starts_the_ladder_anew() -> None:
    standing = weekly(asked=(Asked(0, at(date(2026, 11, 6))), Asked(1, at(date(2026, 11, 9)))))
    now = at(date(2026, 11, 10))
    assert next_act(standing, now) == Ask(2, MAIL)
    told = structs.replace(
        standing, offers=(Counted(date(2026, 11, 9), "week"),), answered_at=at(date(2026, 11, 9), 10)
    )
    assert next_act(told, now) == Wait(at(date(2026, 11, 13)))
    # One of two offers told: the other is asked about later and from the first rung.
    half = structs.replace(told, offers=(*told.offers, Counted(MONDAY, "week")))
    assert next_act(half, at(date(2026, 11, 9), 11)) == Wait(at(date(2026, 11, 10)))
    assert next_act(half, now) == Ask(0, MAIL)


def test_the_shortest_rhythm_among_what_is_due_sets_the_pace() -> None:
    old = Counted(MONDAY - timedelta(days=40), "month")
    both = weekly(offers=(old, Counted(MONDAY, "week")), asked=(Asked(0, at(date(2026, 11, 6))),))
    assert next_act(both, at(date(2026, 11, 9))) == Ask(1, MAIL)
    slow = weekly(offers=(old,), asked=(Asked(0, at(date(2026, 11, 6))),))
    assert next_act(slow, at(date(2026, 11, 9))) == Wait(at(date(2026, 11, 12)))
    # The weekly one falls due before the monthly one's reminder, and quickens it.
    later = structs.replace(slow, offers=(old, Counted(date(2026, 11, 6), "week")))
    assert next_act(later, at(date(2026, 11, 9))) == Wait(at(date(2026, 11, 10)))
    assert next_act(later, at(date(2026, 11, 10))) == Ask(1, MAIL)


def test_who_prefers_the_phone_is_called_when_due() -> None:
    standing = weekly(prefers_phone=True)
    assert next_act(standing, at(date(2026, 11, 5))) == Wait(at(date(2026, 11, 6)))
    assert next_act(standing, at(date(2026, 11, 6))) == Call(Why.PREFERS_PHONE)


def test_without_an_address_the_telephone_is_the_first_rung() -> None:
    for bounced, why in ((False, Why.NO_ADDRESS), (True, Why.BOUNCED)):
        standing = weekly(ways=(), bounced=bounced)
        assert next_act(standing, at(date(2026, 11, 5))) == Wait(at(date(2026, 11, 6)))
        assert next_act(standing, at(date(2026, 11, 6))) == Call(why)


def test_an_absence_with_nobody_in_their_place_is_waited_for() -> None:
    away = weekly(away_until=date(2026, 11, 13))
    assert next_act(away, at(date(2026, 11, 9))) == Wait(at(date(2026, 11, 16)))
    assert next_act(away, at(date(2026, 11, 16))) == Ask(0, MAIL)


def test_a_number_never_given_is_asked_for_at_once_and_phoned_about_after_two_rhythms() -> None:
    standing = weekly(offers=(Counted(None, "week"),))
    acts = climbed(standing, at(MONDAY, 9), at(MONDAY + timedelta(days=60)))
    assert acts[0] == (at(MONDAY, 9), Ask(0, MAIL))
    assert acts[-1] == (at(date(2026, 11, 17)), Call(Why.SILENT))


def test_an_open_call_stops_mail_and_ends_when_all_is_told() -> None:
    assert next_act(weekly(call_open=True), at(date(2026, 11, 20))) == Wait(None)
    told = weekly(call_open=True, offers=(Counted(date(2026, 11, 20), "week"),))
    assert next_act(told, at(date(2026, 11, 20))) == CallOff()


def test_calls_are_put_off_with_growing_pauses() -> None:
    day = date(2026, 11, 2)
    days = []
    for tries in range(1, 8):
        day = call_again_on(tries, day)
        days.append(day)
    gaps = [(after - before).days for before, after in pairwise([date(2026, 11, 2), *days])]
    assert gaps == sorted(gaps[:5]) + gaps[5:]
    assert gaps[0] == 1
    assert all(is_business_day(day) for day in days)
    assert call_again_on(10**6, day) == call_again_on(5, day)


@pytest.mark.parametrize(
    ("moment", "hours", "later"),
    [
        (at(date(2026, 11, 2), 9), 4, at(date(2026, 11, 2), 13)),
        (at(date(2026, 11, 2), 14), 4, at(date(2026, 11, 3), 10)),
        (at(date(2026, 11, 6), 8), 8, at(date(2026, 11, 9), 8)),
        (at(date(2026, 11, 10), 15, 30), 8, at(date(2026, 11, 12), 15, 30)),
        (at(date(2026, 12, 23), 8), 8, at(date(2026, 12, 28), 8)),
        (at(date(2026, 10, 23), 12), 8, at(date(2026, 10, 26), 12)),  # the clocks go back in between
    ],
)
def test_office_hours_skip_nights_weekends_and_holidays(moment: datetime, hours: int, later: datetime) -> None:
    assert add_office_hours(moment, hours) == later


def test_a_house_that_is_open_every_day_is_asked_every_day() -> None:
    saturday = date(2026, 11, 7)
    assert next_office_moment(at(saturday, 10), every_day=True) == at(saturday, 10)
    assert next_office_moment(at(saturday, 10)) == at(date(2026, 11, 9))
    shelter = Standing(offers=(Counted(date(2026, 11, 6), "day"),), ways=(MAIL,), every_day=True)
    assert next_act(shelter, at(saturday)) == Ask(0, MAIL)
