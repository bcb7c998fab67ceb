"""The small club's own group: two of its people come to it week after week, and the lists are kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.attendance.enrolling import enrol, enrol_in_series
from referral_hub.attendance.marking import close_list, count_others, mark_all
from referral_hub.attendance.marking import mark as mark_one
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.history import Stage, settle_places
from referral_hub.demo.marks import RUN, mark, marks
from referral_hub.demo.people import hands
from referral_hub.participation.own_groups import join_group
from referral_hub.timetable.queries import Met, meetings_of, past_meetings

DONE: Final = "own_group"
CLUB, OFFER = "kis-przystanek", "klub-dzienny"
OTHERS: Final = (4, 2, 5)
"""Who came to each meeting without being known: a number, nobody's name."""

_TAKING_PART: Final = """select id from participation where institution = $1 and ended_on is null
order by started_on limit 2"""


async def fill_own_group(stage: Stage, now: datetime) -> None:
    """Once: those who take part in the small club are on its list, and of the last meeting the list is still open."""
    offer = stage.offers.get((CLUB, OFFER))
    if DONE in await marks(RUN) or offer is None:
        return
    actors = await hands()
    worker, intake = actors[CLUB, "caseworker"], actors[CLUB, "partner_intake"]
    async with transaction(SYSTEM) as sql:
        with clock.at(now):
            held = [met for met in reversed(await past_meetings(offer)) if met.status == "planned"]
        if held:
            taking_part = await sql.fetch(_TAKING_PART, worker.institution)
            tasks = [await _member(row["id"], offer, held, worker, now) for row in taking_part]
            for number, met in enumerate(held[:-1]):
                late = tasks[-1] if tasks and number == 0 else None
                await _held(met, offer, intake, now, late=late, others=OTHERS[number % len(OTHERS)])
            # What was taken before the last number was told is in that number already.
            await settle_places()
        await mark(RUN, DONE, {})


async def _member(part: UUID, offer: UUID, held: Sequence[Met], worker: Actor, now: datetime) -> UUID:
    """Joins two days before the first meeting as anybody of the club does, and is on every list since; the referral."""
    with clock.at(held[0].starts_at - timedelta(days=2)):
        task = await join_group(part, offer, actor=worker)
        await enrol(task, [met.id for met in held], actor=worker)
    with clock.at(now):
        coming = [met for met in await meetings_of(offer, sees="all") if met.series is not None]
        if coming and coming[0].series is not None:
            await enrol_in_series(task, coming[0].series, actor=worker)
    return task


async def _held(met: Met, offer: UUID, intake: Actor, now: datetime, *, late: UUID | None, others: int) -> None:
    """One list, filled in and closed the same day."""
    with clock.at(min(now, met.ends_at + timedelta(minutes=20))):
        if late is not None:
            await mark_one(met.id, late, "late", actor=intake, offer=offer, hours=1.0)
        await mark_all(met.id, actor=intake, offer=offer)
        await count_others(met.id, others, actor=intake, offer=offer)
        await close_list(met.id, actor=intake, offer=offer)
