"""Questions about people, scoped by who asks: lists hold case codes only, names are opened one by one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.transaction import transaction
from referral_hub.errors import NotAllowed, NotFound
from referral_hub.participants.spellings import indexes_of

PER_PAGE = 20


class PersonRow(Struct, frozen=True):
    """A person in a list: nothing that says who it is."""

    id: UUID
    case_code: str
    sex: str
    gmina: str
    needs: list[str]
    language: str
    keeper: UUID | None
    made_at: datetime
    last_used_at: datetime
    closed_at: datetime | None
    closed_why: str = ""


class People(Struct, frozen=True):
    """One page of people; `pages` is at least 1."""

    total: int
    page: int
    pages: int
    items: list[PersonRow]


class DisclosureRow(Struct, frozen=True):
    """One line of who saw or received what, for the person and the data protection officer.

    `basis` and `ground` where the line rests on a recorded basis: its kind, and a code or own words.
    """

    at: datetime
    kind: str
    institution: UUID | None
    institution_name: str
    role: str
    fields: list[str]
    task: UUID | None
    purpose: str
    basis: str = ""
    ground: str = ""


_COLUMNS = "id, case_code, sex, gmina, needs, language, keeper, made_at, last_used_at, closed_at, closed_why"


def _reader(actor: Actor) -> Actor:
    if not actor.may(Permission.PERSON_READ) or actor.institution is None:
        raise NotAllowed
    return actor.acting_for(Permission.PERSON_READ)


async def people_seen_by(
    actor: Actor,
    *,
    mine: bool = False,
    closed: bool = False,
    label: str = "",
    among: Sequence[UUID] | None = None,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> People:
    """People of the own institution, last used first. `label` finds these words in any order, by their blind index,
    or a case code (that of a merged entry finds the one it was merged into), closed or not; `among` only these, closed
    or not; without either only open entries, or only the `closed` ones; `mine` only those the actor keeps.
    Raises NotAllowed."""
    actor = _reader(actor)
    where, arguments = "institution = $1 and merged_into is null", [actor.institution]
    if not label.strip() and among is None:
        where += f" and closed_at is {'not ' if closed else ''}null"
    if among is not None:
        arguments.append(list(among))  # type: ignore[arg-type]
        where += f" and id = any(${len(arguments)}::uuid[])"
    if mine:
        arguments.append(actor.account)
        where += f" and keeper = ${len(arguments)}"
    if label.strip():
        arguments += [indexes_of(label), label.strip().upper()]  # type: ignore[list-item]
        index, code = f"${len(arguments) - 1}", f"${len(arguments)}"
        where += f""" and (label_index = any({index}::bytea[]) or case_code = {code} or id in (
 select merged_into from participant where institution = $1 and case_code = {code}))"""  # noqa: S608 -- our own words and places
    page, per_page = max(1, min(page, 100_000)), max(1, min(per_page, 100))
    async with transaction(actor.scope) as sql:
        total = await sql.fetchval(f"select count(*) from participant where {where}", *arguments)  # noqa: S608 -- names of our own, values are parameters
        rows = await sql.fetch(
            f"select {_COLUMNS} from participant where {where} "  # noqa: S608 -- our own words and places
            f"order by last_used_at desc, id desc limit {per_page} offset {(page - 1) * per_page}",
            *arguments,
        )
    pages = max(1, -(-total // per_page))
    return People(total, page, pages, [_row(row) for row in rows])


async def person_seen_by(actor: Actor, person: UUID) -> PersonRow:
    """One person of the own institution, still closed; a merged entry leads to the one it was merged into.

    Raises NotFound, NotAllowed.
    """
    actor = _reader(actor)
    async with transaction(actor.scope) as sql:
        row = await sql.fetchrow(
            f"""select {_COLUMNS} from participant where institution = $2 and id = (
 select coalesce(merged_into, id) from participant where id = $1)""",  # noqa: S608 -- names of our own, values are parameters
            person,
            actor.institution,
        )
    if row is None:
        raise NotFound
    return _row(row)


async def disclosures_about(actor: Actor, person: UUID) -> list[DisclosureRow]:
    """Who saw or received what about a person, newest first: for the person, its caseworkers and the officer.

    Row-level security decides; those who may not ask get an empty list.
    """
    async with transaction(actor.scope) as sql:
        rows = await sql.fetch(
            """select d.at, d.kind, d.institution, coalesce(i.name, '') as institution_name, d.role, d.fields, d.task,
             d.purpose, coalesce(b.kind, '') as basis, coalesce(b.ground, '') as ground
            from disclosure d left join institution i on i.id = d.institution left join legal_basis b on b.id = d.basis
            where d.participant = $1 or d.participant in (select id from participant where merged_into = $1)
            order by d.at desc, d.id desc limit 1000""",
            person,
        )
    return [DisclosureRow(**dict(row)) for row in rows]


def _row(row: Any) -> PersonRow:
    return PersonRow(**dict(row))
