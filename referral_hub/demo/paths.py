"""Paths of some of the demonstration's people: steps with days, referrals that carry them out, one that is over."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.database.transaction import SYSTEM, transaction
from referral_hub.demo.history import Stage
from referral_hub.demo.marks import RUN, mark, marks
from referral_hub.demo.network import people
from referral_hub.demo.people import hands
from referral_hub.paths.actions import (
    Head,
    Planned,
    close_path,
    edit_step,
    link_step,
    note_review,
    set_step,
    start_path,
)
from referral_hub.paths.queries import path_seen_by
from referral_hub.vocabularies import book

DONE: Final = "paths"
CLUB: Final = "kis-razem"
TOLD: Final = (
    ("uzaleznienie", "Chcę znowu pracować i mieć spokój w domu", 150),
    ("praca", "Chcę pracy blisko domu, na pół etatu", 90),
    ("mieszkanie", "Chcę mieszkać u siebie", 40),
)
"""Example, goal, and how many days ago it began."""
# The person's latest referral of this form that carries no step yet.
_FITS: Final = """select t.id from referral_task t join offer o on o.id = t.offer
where t.participant = $1 and t.sender = $2 and t.state <> 'void' and o.form = $3
and t.made_at > $4 order by t.made_at desc limit 1"""
_BUSIEST: Final = """select t.participant from referral_task t join offer o on o.id = t.offer
where t.sender = $1 and o.form = any($2::text[]) and t.state <> 'void' and t.participant <> all($3::uuid[])
group by t.participant order by count(distinct o.form) desc, max(t.number) desc limit 1"""


async def fill_paths(stage: Stage, now: datetime) -> None:
    """All of it, once."""
    if DONE in await marks(RUN):
        return
    worker = (await hands())[CLUB, "caseworker"]
    spare = [stage.people[person.key] for person in people() if person.owner == CLUB]
    async with transaction(SYSTEM):
        taken: list[UUID] = []
        for example, goal, days in TOLD:
            person = await _who_fits(example, worker, taken) or next(one for one in spare if one not in taken)
            taken.append(person)
            await _walk(person, example, goal, worker, now, days)
        await mark(RUN, DONE, {})


async def _who_fits(example: str, worker: Actor, taken: list[UUID]) -> UUID | None:
    word = book.word("path_example", example)
    forms = list(word.listed("steps")) if word else []
    async with transaction(SYSTEM) as sql:
        found: UUID | None = await sql.fetchval(_BUSIEST, worker.institution, forms, taken)
    return found


async def _walk(person: UUID, example: str, goal: str, worker: Actor, now: datetime, days: int) -> None:
    with clock.at(now - timedelta(days=days)):
        began = clock.today()
        head = Head(
            goal=goal,
            contract_kind="kontrakt_socjalny",
            contract_number=f"KS/{days}/{began.year}",
            contract_on=began,
            review_on=began + timedelta(days=60),
        )
        path = await start_path(person, actor=worker, head=head, example=example)
        version = 1
        for place, step in enumerate((await path_seen_by(worker, path)).steps):
            planned = Planned(form=step.form, need=step.need, target_on=began + timedelta(days=45 * (place + 1)))
            await edit_step(path, step.id, actor=worker, version=version, planned=planned)
            async with transaction(SYSTEM) as sql:
                task = await sql.fetchval(_FITS, person, worker.institution, step.form, now - timedelta(days=days + 60))
            version += 1
            if task is not None:
                await link_step(path, step.id, actor=worker, version=version, task=task)
                version += 1
    with clock.at(now - timedelta(days=days // 3)):
        first = (await path_seen_by(worker, path)).steps[0]
        if days > 100:
            await note_review(path, actor=worker, version=version, next_on=clock.today() + timedelta(days=90))
        else:
            await set_step(path, first.id, actor=worker, version=version, state="done")
        if days < 50:
            await close_path(path, actor=worker, version=version + 1, result="changed")
