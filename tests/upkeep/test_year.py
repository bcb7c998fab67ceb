"""The simulated year is the same each time, keeps what was promised, and asks exactly as the real jobs would."""

from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

import asyncpg
import pytest

from benchmarks.diligence import DILIGENCES
from benchmarks.network_year import Lived, Partner, live
from benchmarks.year import table, year
from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR, Actor
from referral_hub.clock import WARSAW
from referral_hub.directory.actions import Said, report_reading
from referral_hub.directory.queries import reported_offers
from referral_hub.upkeep.asking_actions import ask_everybody_due
from referral_hub.upkeep.call_actions import note_call
from referral_hub.upkeep.ladder import Ask, Call, Way
from tests.build import _insert, actor_for, make_institution, make_offer

BEGIN, WEEKS = date(2026, 10, 12), 5
"""The autumn: All Saints', Independence Day and the end of summer time lie in it."""
KINDS = {
    "shelter": ("day", True, True),
    "weekly": ("week", True, False),
    "other weekly": ("week", True, False),
    "monthly": ("month", True, False),
    "no address": ("week", False, False),
}
"""Rhythm, has an address, open every day."""


def partners() -> list[Partner]:
    return [
        Partner(
            key,
            [(BEGIN - timedelta(days=1), rhythm), (BEGIN - timedelta(days=3), "month")],
            (Way("email", f"{key.replace(' ', '')}@ngo.example"),) if address else (),
            every_day,
            Random(key),
        )
        for key, (rhythm, address, every_day) in KINDS.items()
    ]


def test_with_ordinary_partners_and_mails_nine_of_ten_offers_are_fresh() -> None:
    told = year("ordinary", "with")
    everything = next(share for share in told.shares if share.rhythm == "all")
    assert everything.offers > 200
    assert everything.mean >= 0.9
    without = year("ordinary", "without").shares[0]
    assert everything.mean > without.mean + 0.05


def test_the_table_is_the_same_each_time_and_another_with_another_seed() -> None:
    first, _ = table(days=60)
    assert table(days=60)[0] == first
    assert table(days=60, seed=2)[0] != first
    assert first.count("ordinary") == 2 * 5 + 2


def asks(lived: Lived) -> list[tuple[str, int, datetime]]:
    return sorted((key, act.rung, at) for at, key, act in lived.acts if isinstance(act, Ask))


def calls(lived: Lived) -> list[tuple[str, str, datetime]]:
    return sorted((key, str(act.why), at) for at, key, act in lived.acts if isinstance(act, Call))


@pytest.mark.anyio
async def test_the_year_in_memory_and_the_jobs_agree_rung_by_rung(database: asyncpg.Connection) -> None:
    lived = live(partners(), DILIGENCES["ordinary"], BEGIN, WEEKS * 7)
    with clock.at(datetime.combine(BEGIN - timedelta(days=3), time(12), WARSAW)):
        made = {key: await _settle(key) for key in KINDS}
        coordinator = await actor_for(await make_institution("KIS", kind="kis", club=True), "coordinator")
    events = sorted(lived.answers, key=lambda event: event[0])
    for moment in _hours(datetime.combine(BEGIN, time(8), WARSAW), WEEKS * 7):
        while events and events[0][0] < moment:
            await _happen(events.pop(0), made, coordinator)
        with clock.at(moment):
            await ask_everybody_due()
    names = {institution: key for key, institution in made.items()}
    rows = await database.fetch("select institution, rung, at from asking")
    assert sorted((names[row["institution"]], row["rung"], row["at"]) for row in rows) == asks(lived)
    rows = await database.fetch("select institution, why, made_at from call_task")
    assert sorted((names[row["institution"]], row["why"], row["made_at"]) for row in rows) == calls(lived)
    assert len(asks(lived)) > 30
    assert calls(lived)


async def _settle(key: str) -> UUID:
    """An institution as its twin in memory."""
    rhythm, address, every_day = KINDS[key]
    institution = await make_institution(key)
    if address:
        value = f"{key.replace(' ', '')}@ngo.example"
        await _insert("contact", {"institution": institution, "kind": "email", "value": value})
    if every_day:
        hours = '[{"days": [1, 2, 3, 4, 5, 6, 7], "from": "00:00", "to": "24:00"}]'
        await _insert("site", {"institution": institution, "hours": hours, "updated_at": clock.now()})
    for number, (name, days) in enumerate(((rhythm, 1), ("month", 3))):
        # Titles in the order of the twin's offers.
        offer = await make_offer(institution, title=f"{number}", rhythm=name)
        with clock.at(datetime.combine(BEGIN - timedelta(days=days), time(12), WARSAW)):
            await report_reading(offer, Said(free=1), actor=SYSTEM_ACTOR)
    return institution


def _hours(begin: datetime, days: int) -> list[datetime]:
    return [
        datetime.combine(begin.date() + timedelta(days=day), time(hour), WARSAW)
        for day in range(days)
        for hour in range(7, 17)
    ]


async def _happen(event: tuple[datetime, str, str, bool], made: dict[str, UUID], coordinator: Actor) -> None:
    """What the partner or the coordinator did at that moment."""
    moment, key, how, worked = event
    with clock.at(moment):
        offers = sorted(await reported_offers(made[key]), key=lambda offer: offer.title)
        if how == "call":
            await note_call(made[key], "no_change" if worked else "nobody_answered", actor=coordinator)
            return
        chosen = [offers[int(how[4:])]] if how.startswith("own:") else [offer for offer in offers if offer.due]
        for offer in chosen:
            await report_reading(offer.id, Said(free=1), actor=SYSTEM_ACTOR)
