"""The year's figures are those that a person counts by hand; outside a club small ones are hidden."""

from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from referral_hub import clock
from referral_hub.attendance.enrolling import enrol
from referral_hub.attendance.marking import close_list, mark
from referral_hub.errors import NotAllowed, Refused
from referral_hub.participation.actions import add_effect, end, void_effect
from referral_hub.participation.course import Described, Ended
from referral_hub.participation.figure_queries import figures_of
from referral_hub.participation.figures import Hours, Part, Reached, figures
from referral_hub.participation.own_groups import join_group
from referral_hub.participation.queries import participation_seen_by
from referral_hub.participation.taking_in import take_in
from referral_hub.referrals.actions import perform
from tests.build import actor_for, make_institution
from tests.participation.club import make_club
from tests.referrals.scene import value

pytestmark = pytest.mark.anyio
NOW = datetime.combine(date(2026, 3, 2), time(9), clock.WARSAW)


async def test_figures_are_those_counted_by_hand(database: asyncpg.Connection) -> None:
    """Five people: one came by a referral, one walked in, one ended and came again, one left last year, one is new."""
    with clock.at(NOW):
        club = await make_club(meetings=True)
        task = await club.sent()
        sent = Described(started_on=NOW.date(), main_group="dlugotrwale_bezrobotne")
        by_referral = await take_in(task, {"label": "Z", "sex": "K"}, sent, actor=club.worker)
        walked_in = await club.part(await club.person("Jan"), NOW.date(), main_group="uzal_alkohol")
        twice = await club.person("Ewa", "K")
        first = await club.part(twice, date(2025, 10, 1), refused_group=True)
        await end(first, Ended(ended_on=date(2026, 1, 15), reason="completed"), actor=club.worker, version=1)
        await club.part(twice, date(2026, 2, 1), main_group="rodziny")
        gone = await club.part(await club.person("Piotr"), date(2025, 1, 1))
        await end(gone, Ended(ended_on=date(2025, 12, 31), reason="job"), actor=club.worker, version=1)
        await club.part(await club.person("Ola", "not_stated"), date(2026, 3, 1))
        await add_effect(first, "zatrudnienie", date(2026, 1, 10), actor=club.worker)
        await add_effect(first, "wiezi", date(2025, 12, 1), actor=club.worker)
        wrong = await add_effect(by_referral, "wolontariat", NOW.date(), actor=club.worker)
        await void_effect(by_referral, wrong, actor=club.worker)
        await add_effect(by_referral, "wiezi", NOW.date(), actor=club.worker)
        group = await join_group(walked_in, club.offer, actor=club.worker)
        assert await join_group(walked_in, club.offer, actor=club.worker) == group
        await enrol(task, club.meetings[:2], actor=club.sender)
        await enrol(group, club.meetings[:1], actor=club.worker)
    with clock.at(NOW + timedelta(days=8)):
        await mark(club.meetings[0], task, "came", actor=club.intake, offer=club.offer)
        await mark(club.meetings[0], group, "late", actor=club.intake, offer=club.offer, hours=1.5)
        await close_list(club.meetings[0], actor=club.intake, offer=club.offer)
    with clock.at(NOW + timedelta(days=15)):
        await mark(club.meetings[1], task, "absent", actor=club.intake, offer=club.offer)
        await close_list(club.meetings[1], actor=club.intake, offer=club.offer)
        told = await figures_of(2026, actor=club.worker)
        assert (told.people, told.started, told.ended) == (4, 4, 1)
        assert told.by_sex == {"K": 2, "M": 1, "not_stated": 1}
        assert told.by_group == {"5": 1, "2": 1, "none": 1, "not_asked": 1}
        assert (told.with_social, told.with_occupational, told.with_employment) == (1, 1, 1)
        assert told.effects == {"wiezi": 1, "zatrudnienie": 1}
        assert told.endings == {"completed": 1}
        assert [(one.form, one.meetings, one.people, one.person_hours) for one in told.hours] == [
            ("gr_wsparcia", 1, 2, 3.5)
        ]
        assert told.person_hours == 3.5
        seen = await participation_seen_by(club.worker, by_referral)
        assert [(one.title, one.meetings, one.hours) for one in seen.groups] == [("Grupa próbna", 1, 2.0)]
        assert (await participation_seen_by(club.worker, walked_in)).hours == 1.5
        coordinator = await actor_for(club.club, "coordinator")
        assert (await participation_seen_by(coordinator, walked_in)).hours == 1.5
        last = await figures_of(2025, actor=coordinator)
        assert (last.people, last.ended, last.effects, last.by_group) == (
            2,
            1,
            {"wiezi": 1},
            {"not_asked": 1, "refused": 1},
        )
        outside = await figures_of(2026, actor=await actor_for(await make_institution("Powiat"), "coordinator"))
        assert (outside.people, outside.by_sex, outside.person_hours) == (
            None,
            {"K": None, "M": None, "not_stated": None},
            None,
        )
        with pytest.raises(NotAllowed):
            await figures_of(2026, actor=club.sender)


async def test_an_internal_referral_leaves_no_trace_of_passing_on(database: asyncpg.Connection) -> None:
    with clock.at(NOW):
        club = await make_club(meetings=True)
        person = await club.person()
        task = await join_group(await club.part(person), club.offer, actor=club.worker)
    assert await value("select sender = receiver and internal from referral_task where id = $1", task)
    # Taken on at once by a caseworker who answers no referrals: no intake is waited for, nothing can expire.
    assert await value("select state from referral_task where id = $1", task) == "accepted"
    assert await value("select channel from task_event where task = $1 and verb = 'accept'", task) == "house"
    with clock.at(NOW):
        sent_here = await club.sent(accepted=False)
        for stranger in (club.sender, club.worker):
            with pytest.raises(Refused, match="channel_not_open"):
                await perform(sent_here, actor=stranger, verb="accept", version=2, in_house=True)
    assert await value("select count(*) from disclosure where participant = $1 and kind = 'passed'", person) == 0


def _part(person: UUID, sex: str) -> Part:
    return Part(person=person, sex=sex, group="none", started_on=date(2026, 1, 1), ended_on=None)


def test_outside_one_hidden_number_never_follows_from_the_others() -> None:
    parts = [_part(uuid4(), "K") for _ in range(9)] + [_part(uuid4(), "M") for _ in range(3)]
    parts += [_part(uuid4(), "not_stated") for _ in range(6)]
    told = figures(2026, parts, [], [], inside=False)
    assert told.people == 18
    assert told.by_sex == {"K": 9, "not_stated": None, "M": None}
    assert figures(2026, parts, [], [], inside=True).by_sex == {"K": 9, "not_stated": 6, "M": 3}


def test_outside_hidden_numbers_do_not_follow_from_their_sum() -> None:
    sexes = {"K": 20, "M": 1, "not_stated": 1}
    parts = [_part(uuid4(), sex) for sex, count in sexes.items() for _ in range(count)]
    told = figures(2026, parts, [], [], inside=False)
    assert told.by_sex == {"K": None, "M": None, "not_stated": None}, "22 less 20 leaves one for each of two"
    assert told.people == 22
    few = figures(2026, [_part(uuid4(), sex) for sex in ("K", "M", "not_stated", "M", "K")], [], [], inside=False)
    assert (few.people, few.started) == (None, None), "five of three kinds would leave two at most"


def test_outside_hours_of_few_people_are_hidden_with_their_total() -> None:
    meeting = uuid4()
    many = [Hours(uuid4(), "warsztaty", meeting, 2.0) for _ in range(5)]
    few = [Hours(uuid4(), "terapia", uuid4(), 1.0)]
    told = figures(2026, [], [], [*many, *few], inside=False)
    assert [(one.form, one.people, one.person_hours) for one in told.hours] == [
        ("terapia", None, None),
        ("warsztaty", 5, 10.0),
    ]
    assert told.person_hours is None
    assert figures(2026, [], [], many, inside=False).person_hours == 10.0


def test_one_person_with_two_effects_is_one_person() -> None:
    person = uuid4()
    reached = [
        Reached(person=person, effect="staz", area="zawodowa", employment=False),
        Reached(person=person, effect="zatrudnienie", area="zawodowa", employment=True),
    ]
    told = figures(2026, [], reached, [], inside=True)
    assert (told.with_occupational, told.with_employment, told.effects) == (1, 1, {"staz": 1, "zatrudnienie": 1})
