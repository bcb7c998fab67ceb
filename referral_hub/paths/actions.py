"""Plan a path, change it, walk it: each one transaction with its version and its audit line.

    start_path(person, *, actor, head, example="") -> UUID       an open path, with the steps of an example
    edit_path(path, *, actor, version, head)                     goal, contract, review
    close_path(path, *, actor, version, result) / reopen_path    the result, and back
    add_step / edit_step(path, …, step) / move_step(…, way) / set_step(…, state) / link_step(…, task or None)

Every change needs the version that was seen. Raises NotFound, NotAllowed, Stale, Refused("invalid"), Refused
`path_is_closed`, `too_many_steps`, `too_many_paths`, `referral_is_not_theirs`.
"""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, seal
from referral_hub.database.transaction import retrying, transaction
from referral_hub.errors import NotAllowed, NotFound, Problem, Refused, Stale
from referral_hub.participants.queries import person_seen_by
from referral_hub.paths.plan import (
    GOAL,
    MOST_OPEN,
    MOST_STEPS,
    NUMBER,
    RESULTS,
    STEP_STATES,
    WORDS,
    YEARS,
    swapped,
    wrong_day,
    wrong_words,
)
from referral_hub.vocabularies import book

Work = Callable[[asyncpg.Connection, asyncpg.Record], Awaitable[None]]
_ADD = """insert into support_step (id, path, position, form, need, words_sealed, target_on, state)
values ($1, $2, $3, $4, $5, $6, $7, 'planned')"""


class Head(Struct, frozen=True, kw_only=True):
    """What stands over the steps; `goal` None leaves the words that are there."""

    goal: str | None = None
    contract_kind: str = ""
    contract_number: str = ""
    contract_on: date | None = None
    review_on: date | None = None


class Planned(Struct, frozen=True, kw_only=True):
    """What a step is about: a form of support or a need, or words alone; `words` None leaves those that are there."""

    form: str = ""
    need: str = ""
    words: str | None = None
    target_on: date | None = None


@retrying
async def start_path(person: UUID, *, actor: Actor, head: Head, example: str = "") -> UUID:
    """An open path of a person of the own institution; its id."""
    actor = writing(actor)
    word = book.word("path_example", example) if example else None
    problems = _head_problems(head)
    if example and word is None:
        problems.append(Problem("example", "not_a_choice"))
    if problems:
        raise Refused("invalid", problems)
    person = (await person_seen_by(actor, person)).id
    path = new_id()
    async with transaction(actor.scope) as sql:
        if await sql.fetchval("select closed_at from participant where id = $1 for update", person):
            raise Refused("person_is_closed")
        opened = await sql.fetchval(
            "select count(*) from support_path where participant = $1 and closed_at is null", person
        )
        if opened >= MOST_OPEN:
            raise Refused("too_many_paths", most=MOST_OPEN)
        await sql.execute(
            """insert into support_path (id, participant, institution, goal_sealed, contract_kind, contract_number,
             contract_on, review_on, keeper, made_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
            *(path, person, actor.institution, _sealed(head.goal), head.contract_kind, head.contract_number),
            *(head.contract_on, head.review_on, actor.account, clock.now()),
        )
        forms = word.listed("steps") if word else ()
        need = word.extra.get("need", "") if word else ""
        for place, form in enumerate(forms):
            await sql.execute(_ADD, new_id(), path, place, form, "" if place else need, None, None)
        facts = {"example": example, "steps": len(forms)}
        await record(Event.PATH_START, by=actor.scope, subject=("path", path), facts=facts)
    return path


async def edit_path(path: UUID, *, actor: Actor, version: int, head: Head) -> None:
    """Change what stands over the steps."""
    if problems := _head_problems(head):
        raise Refused("invalid", problems)

    async def work(sql: asyncpg.Connection, row: asyncpg.Record) -> None:
        await sql.execute(
            """update support_path set goal_sealed = case when $6 then $2 else goal_sealed end, contract_kind = $3,
             contract_number = $4, contract_on = $5, review_on = $7 where id = $1""",
            *(path, _sealed(head.goal), head.contract_kind, head.contract_number, head.contract_on),
            *(head.goal is not None, head.review_on),
        )

    await _change(path, actor, version, "head", work)


async def note_review(path: UUID, *, actor: Actor, version: int, next_on: date | None) -> None:
    """The path was looked through today, together with the person; when to look again."""
    today = clock.today()
    if problems := wrong_day("next_on", next_on, today + timedelta(days=1), today + YEARS):
        raise Refused("invalid", problems)

    async def work(sql: asyncpg.Connection, row: asyncpg.Record) -> None:
        await sql.execute(
            "update support_path set reviewed_on = $2, review_on = $3 where id = $1", path, clock.today(), next_on
        )

    await _change(path, actor, version, "review", work)


async def close_path(path: UUID, *, actor: Actor, version: int, result: str) -> None:
    """The end of the way, with its result."""
    if result not in RESULTS:
        raise Refused("invalid", [Problem("result", "not_a_choice")])

    async def work(sql: asyncpg.Connection, row: asyncpg.Record) -> None:
        await sql.execute(
            "update support_path set result = $2, closed_at = $3 where id = $1", path, result, clock.now()
        )

    await _change(path, actor, version, "close", work, event=Event.PATH_CLOSE)


async def reopen_path(path: UUID, *, actor: Actor, version: int) -> None:
    """The way goes on after all."""

    async def work(sql: asyncpg.Connection, row: asyncpg.Record) -> None:
        if await sql.fetchval("select closed_at from participant where id = $1 for share", row["participant"]):
            raise Refused("person_is_closed")
        await sql.execute("update support_path set result = '', closed_at = null where id = $1", path)

    await _change(path, actor, version, "reopen", work, closed=True)


async def add_step(path: UUID, *, actor: Actor, version: int, step: Planned) -> None:
    """One more step, at the end."""
    _check_step(step)
    if not (step.form or step.need or step.words):
        raise Refused("invalid", [Problem("form", "choose_one")])

    async def work(sql: asyncpg.Connection, row: asyncpg.Record) -> None:
        number, last = await sql.fetchrow(
            "select count(*), coalesce(max(position), -1) from support_step where path = $1", path
        )
        if number >= MOST_STEPS:
            raise Refused("too_many_steps", most=MOST_STEPS)
        words = _sealed(step.words)
        await sql.execute(_ADD, new_id(), path, last + 1, step.form, step.need, words, step.target_on)

    await _change(path, actor, version, "step_add", work)


async def edit_step(path: UUID, step: UUID, *, actor: Actor, version: int, planned: Planned) -> None:
    """Change what a step is about, or by when."""
    _check_step(planned)

    async def work(sql: asyncpg.Connection, row: asyncpg.Record) -> None:
        await _one_step(
            sql,
            """update support_step set form = $3, need = $4, target_on = $5,
             words_sealed = case when $6 then $7 else words_sealed end where path = $1 and id = $2 returning id""",
            *(path, step, planned.form, planned.need, planned.target_on),
            *(planned.words is not None, _sealed(planned.words)),
        )

    await _change(path, actor, version, "step_edit", work)


async def move_step(path: UUID, step: UUID, *, actor: Actor, version: int, way: str) -> None:
    """One place `up` or `down`."""
    if way not in ("up", "down"):
        raise Refused("invalid", [Problem("way", "not_a_choice")])

    async def work(sql: asyncpg.Connection, row: asyncpg.Record) -> None:
        rows = await sql.fetch("select id from support_step where path = $1 order by position, id", path)
        order = [one["id"] for one in rows]
        if step not in order:
            raise NotFound
        for place, one in enumerate(swapped(order, step, way)):
            await sql.execute("update support_step set position = $2 where id = $1", one, place)

    await _change(path, actor, version, "step_move", work)


async def set_step(path: UUID, step: UUID, *, actor: Actor, version: int, state: str) -> None:
    """Done, dropped, under way, or planned again: what somebody says counts before what its referral shows."""
    if state not in STEP_STATES:
        raise Refused("invalid", [Problem("state", "not_a_choice")])

    async def work(sql: asyncpg.Connection, row: asyncpg.Record) -> None:
        done_on = clock.today() if state == "done" else None
        await _one_step(
            sql,
            "update support_step set state = $3, done_on = $4 where path = $1 and id = $2 returning id",
            *(path, step, state, done_on),
        )

    await _change(path, actor, version, f"step_{state}", work)


async def link_step(path: UUID, step: UUID, *, actor: Actor, version: int, task: UUID | None) -> None:
    """The person's own referral carries the step out from now on; None lets it go."""

    async def work(sql: asyncpg.Connection, row: asyncpg.Record) -> None:
        if task is not None and not await sql.fetchval(
            "select true from referral_task where id = $1 and participant = $2 and sender = $3",
            *(task, row["participant"], row["institution"]),
        ):
            raise Refused("referral_is_not_theirs")
        await _one_step(
            sql, "update support_step set task = $3 where path = $1 and id = $2 returning id", path, step, task
        )

    await _change(path, actor, version, "step_link" if task else "step_unlink", work)


@retrying
async def _change(
    path: UUID,
    actor: Actor,
    version: int,
    what: str,
    work: Work,
    *,
    event: Event = Event.PATH_EDIT,
    closed: bool = False,
) -> None:
    """Do `work` on an open path (or a `closed` one) that nobody has changed meanwhile."""
    actor = writing(actor)
    async with transaction(actor.scope) as sql:
        row = await sql.fetchrow(
            "select * from support_path where id = $1 and institution = $2 for update", path, actor.institution
        )
        if row is None:
            raise NotFound
        if row["version"] != version:
            raise Stale
        if (row["closed_at"] is not None) is not closed:
            raise Refused("path_is_not_closed" if closed else "path_is_closed")
        await work(sql, row)
        await sql.execute("update support_path set version = version + 1 where id = $1", path)
        await record(event, by=actor.scope, subject=("path", path), facts={"what": what})


async def _one_step(sql: asyncpg.Connection, change: str, *values: object) -> None:
    if await sql.fetchval(change, *values) is None:
        raise NotFound


def writing(actor: Actor) -> Actor:
    """The actor in the role that writes about people. Raises NotAllowed."""
    if not actor.may(Permission.PERSON_EDIT) or actor.institution is None:
        raise NotAllowed
    return actor.acting_for(Permission.PERSON_EDIT)


def _check_step(step: Planned) -> None:
    today = clock.today()
    problems = wrong_words("words", step.words, WORDS)
    problems += wrong_day("target_on", step.target_on, today - YEARS, today + YEARS)
    problems += _wrong_code("form", "form", step.form) + _wrong_code("need", "need", step.need)
    if problems:
        raise Refused("invalid", problems)


def _head_problems(head: Head) -> list[Problem]:
    today = clock.today()
    return [
        *wrong_words("goal", head.goal, GOAL),
        *wrong_words("contract_number", head.contract_number, NUMBER),
        *_wrong_code("contract_kind", "contract", head.contract_kind),
        *wrong_day("contract_on", head.contract_on, today - YEARS, today),
        *wrong_day("review_on", head.review_on, today - YEARS, today + YEARS),
    ]


def _wrong_code(name: str, vocabulary: str, code: str) -> list[Problem]:
    return [Problem(name, "not_a_choice")] if code and book.word(vocabulary, code) is None else []


def _sealed(words: str | None) -> bytes | None:
    return seal(words) if words else None
