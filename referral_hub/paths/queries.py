"""Paths as whoever may see them sees them; words of the person are unsealed only where they are opened.

paths_of(actor, person) -> list[PathRow]             NotFound for a person of another institution
path_seen_by(actor, path) -> Path                    NotFound; without the person's words
open_path(actor, path) -> Path                       with them, and a disclosure line
"""

from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.columns import unseal
from referral_hub.database.transaction import transaction
from referral_hub.errors import NotAllowed, NotFound
from referral_hub.participants.disclosures import log_opening
from referral_hub.participants.queries import person_seen_by
from referral_hub.paths.plan import next_step, shown_state


class Carrier(Struct, frozen=True):
    """The referral that carries a step out. `sensitive`: being sent there is itself protected."""

    id: UUID
    number: str
    state: str
    form: str
    receiver_name: str
    receiver_kind: str
    sensitive: bool
    appointment_at: str


class Step(Struct, frozen=True, kw_only=True):
    """One step; `shows` is planned, under_way, done, dropped or again, `words` only where the path was opened."""

    id: UUID
    form: str
    need: str
    target_on: date | None
    done_on: date | None
    state: str
    shows: str
    words: str = ""
    task: Carrier | None = None


class Path(Struct, frozen=True, kw_only=True):
    """A path with its steps in order; `next` is the place of the step that is next, None at the end."""

    id: UUID
    participant: UUID
    case_code: str
    language: str
    institution: UUID
    institution_name: str
    contract_kind: str
    contract_number: str
    contract_on: date | None
    review_on: date | None
    reviewed_on: date | None
    result: str
    version: int
    made_on: date
    closed: bool
    has_words: bool
    goal: str = ""
    steps: list[Step] = []
    next: int | None = None


class PathRow(Struct, frozen=True):
    """A path in a list."""

    id: UUID
    contract_kind: str
    review_on: date | None
    result: str
    closed: bool
    steps: int
    made_on: date


_DAY = "(p.made_at at time zone 'Europe/Warsaw')::date as made_on"
_PATH = f"""select p.*, {_DAY}, q.case_code, q.language, i.name as institution_name from support_path p
join participant q on q.id = p.participant join institution i on i.id = p.institution where p.id = $1"""  # noqa: S608 -- our own words
_STEPS = """select s.*, t.id as task_id, t.number, t.state as task_state, t.appointment_at, o.form as offer_form,
 i.name as receiver_name, i.kind as receiver_kind, coalesce(o.sensitive or o.by_category, false) as sensitive
from support_step s left join referral_task t on t.id = s.task left join offer o on o.id = t.offer
left join institution i on i.id = t.receiver where s.path = $1 order by s.position, s.id"""
_LISTED = f"""select p.id, p.contract_kind, p.review_on, p.result, p.closed_at is not null as closed,
 (select count(*) from support_step s where s.path = p.id and s.state <> 'dropped') as steps, {_DAY}
from support_path p where p.participant = $1 order by p.closed_at is not null, p.made_at desc, p.id"""  # noqa: S608 -- our own words
_LOOSE = """select t.id, t.number, o.title from referral_task t join offer o on o.id = t.offer
where t.participant = $1 and t.sender = $2 and t.state <> 'void' and not exists (
 select 1 from support_step s join support_path p on p.id = s.path where s.task = t.id and s.state <> 'dropped')
order by t.made_at desc limit 12"""


def reading(actor: Actor) -> Actor:
    """The actor in the role that reads people. Raises NotAllowed."""
    if not actor.may(Permission.PERSON_READ) or actor.institution is None:
        raise NotAllowed
    return actor.acting_for(Permission.PERSON_READ)


async def paths_of(actor: Actor, person: UUID) -> list[PathRow]:
    """All paths of a person of the own institution, the open ones first."""
    actor = reading(actor)
    await person_seen_by(actor, person)
    async with transaction(actor.scope) as sql:
        return [PathRow(**dict(row)) for row in await sql.fetch(_LISTED, person)]


async def path_seen_by(actor: Actor, path: UUID) -> Path:
    """One path, closed: labels, days and states, nothing of the person's own words."""
    actor = reading(actor)
    async with transaction(actor.scope) as sql:
        return await load_path(sql, path)


async def open_path(actor: Actor, path: UUID) -> Path:
    """The same with goal and words; the opening is logged, and the person can read that it was."""
    actor = reading(actor)
    async with transaction(actor.scope) as sql:
        found = await load_path(sql, path, open_words=True)
        purpose = "plan"
        await log_opening(sql, participant=found.participant, fields=["plan"], by=actor.scope, purpose=purpose)
        return found


async def loose_referrals(actor: Actor, path: Path) -> list[tuple[UUID, str]]:
    """(id, number and offer) of the person's referrals that carry no step yet."""
    actor = reading(actor)
    async with transaction(actor.scope) as sql:
        rows = await sql.fetch(_LOOSE, path.participant, path.institution)
    return [(row["id"], f"{row['number']}, {row['title']}") for row in rows]


async def load_path(sql: asyncpg.Connection, path: UUID, *, open_words: bool = False) -> Path:
    """The path and its steps as the scope of this transaction sees them. Raises NotFound."""
    row = await sql.fetchrow(_PATH, path)
    if row is None:
        raise NotFound
    rows = await sql.fetch(_STEPS, path)
    steps = [_step(one, open_words) for one in rows]
    names = set(Path.__struct_fields__) & set(row.keys())
    return Path(
        **{name: row[name] for name in names},
        closed=row["closed_at"] is not None,
        has_words=row["goal_sealed"] is not None or any(one["words_sealed"] is not None for one in rows),
        goal=_opened(row["goal_sealed"]) if open_words else "",
        steps=steps,
        next=next_step([step.shows for step in steps]),
    )


def _step(row: Any, open_words: bool) -> Step:
    task = None
    if row["task_id"] is not None:
        task = Carrier(
            id=row["task_id"],
            number=row["number"],
            state=row["task_state"],
            form=row["offer_form"],
            receiver_name=row["receiver_name"],
            receiver_kind=row["receiver_kind"],
            sensitive=row["sensitive"],
            appointment_at=row["appointment_at"],
        )
    return Step(
        id=row["id"],
        form=row["form"],
        need=row["need"],
        target_on=row["target_on"],
        done_on=row["done_on"],
        state=row["state"],
        shows=shown_state(row["state"], row["task_state"]),
        words=_opened(row["words_sealed"]) if open_words else "",
        task=task,
    )


def _opened(sealed: bytes | None) -> str:
    return "" if sealed is None else unseal(sealed)
