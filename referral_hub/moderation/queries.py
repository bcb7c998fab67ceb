"""What waits for the coordinator: suggestions by institution, and one suggestion beside everybody's word."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from referral_hub.accounts.actor import SYSTEM_ACTOR
from referral_hub.database.columns import to_json
from referral_hub.database.transaction import SYSTEM, connection, transaction
from referral_hub.directory.entries import read_entry
from referral_hub.errors import NotFound
from referral_hub.moderation.actions import value_in
from referral_hub.moderation.conflict_queries import conflicts_of, institutions_spoken_of, says_of
from referral_hub.moderation.conflicts import Conflict, Say
from referral_hub.moderation.settling import find_conflict

PER_PAGE: Final = 20


class Waiting(Struct, frozen=True):
    """A suggestion in the queue. `title`: the offer or place it is about, '' for the institution itself."""

    id: UUID
    institution: UUID
    name: str
    title: str
    subject_kind: str
    subject: UUID
    field: str
    present: Any
    suggested: Any
    note: str
    origin: str
    who: str
    made_at: datetime
    state: str
    asked_at: datetime | None


class Beside(Struct, frozen=True):
    """A suggestion beside everybody's word. `seen`: the present value as JSON, compared again when it is accepted."""

    waiting: Waiting
    now: Any
    seen: str
    says: list[Say]
    phones: list[str]


class Group(Struct):
    """Everything that waits about one institution."""

    institution: UUID
    name: str
    suggestions: list[Waiting]
    conflicts: list[Conflict]

    @property
    def oldest(self) -> datetime:
        """Since when it waits."""
        return min([*(one.made_at for one in self.suggestions), *(one.since for one in self.conflicts)])


class Queue(Struct, frozen=True):
    """A page of the queue, with what waits in all."""

    groups: list[Group]
    suggestions: int
    conflicts: int
    page: int
    pages: int


_WAITING = """select s.id, s.institution, i.name, s.subject_kind, s.subject, s.field, s.present::text as present,
 s.suggested::text as suggested, s.note, s.origin, s.made_at, s.state, s.asked_at,
 coalesce(a.name, '') as who, coalesce(w.name, '') as whose,
 coalesce(o.title, nullif(p.name, ''), nullif(p.street, ''), p.place, '') as title
from suggestion s join institution i on i.id = s.institution
left join account a on a.id = s.account left join institution w on w.id = a.institution
left join offer o on o.id = s.subject left join site p on p.id = s.subject"""


async def queue_page(number: int) -> Queue:
    """The queue by institution, what waits longest first."""
    async with connection() as sql:
        rows = await sql.fetch(f"{_WAITING} where s.state in ('open', 'asked') order by s.made_at, s.id")
        conflicts = await conflicts_of(sql, await institutions_spoken_of(sql))
        names = await sql.fetch(
            "select id, name from institution where id = any($1)", [one.institution for one in conflicts]
        )
    named = {row["id"]: row["name"] for row in names}
    groups: dict[UUID, Group] = {}
    for row in rows:
        group = groups.setdefault(row["institution"], Group(row["institution"], row["name"], [], []))
        group.suggestions.append(_waiting(row))
    for one in conflicts:
        group = groups.setdefault(one.institution, Group(one.institution, named[one.institution], [], []))
        group.conflicts.append(one)
    ordered = sorted(groups.values(), key=lambda group: (group.oldest, str(group.institution)))
    pages = max(1, -(-len(ordered) // PER_PAGE))
    number = min(max(1, number), pages)
    here = ordered[(number - 1) * PER_PAGE : number * PER_PAGE]
    return Queue(here, len(rows), len(conflicts), number, pages)


async def one_suggestion(suggestion: UUID) -> Beside:
    """A suggestion with what stands now and everybody's word. Raises NotFound."""
    async with transaction(SYSTEM) as sql:
        row = await sql.fetchrow(f"{_WAITING} where s.id = $1", suggestion)
        if row is None:
            raise NotFound
        waiting = _waiting(row)
        now = value_in(await read_entry(sql, waiting.subject_kind, waiting.subject, SYSTEM_ACTOR), waiting.field)
        subject = (waiting.subject_kind, waiting.subject)
        says = await says_of(sql, waiting.institution, subject, waiting.field)
        phones = await sql.fetch(
            """select value from contact where institution = $1 and kind in ('phone', 'mobile')
            order by belongs_to is not null, position limit 2""",
            waiting.institution,
        )
    return Beside(waiting, now, to_json(now), says, [row["value"] for row in phones])


async def one_conflict(kind: str, subject: UUID, field: str) -> tuple[Conflict, str, str]:
    """A conflict that still waits, with the institution's name and a mark of all that was said. Raises NotFound."""
    async with connection() as sql:
        return await find_conflict(sql, kind, subject, field)


async def open_about(kind: str, subject: UUID) -> int:
    """How many suggestions wait about an offer (with its places) or an institution."""
    question = {
        "institution": "select count(*) from suggestion where institution = $1 and state in ('open', 'asked')",
        "offer": """select count(*) from suggestion where state in ('open', 'asked') and (subject = $1
         or subject in (select site from offer_site where offer = $1))""",
    }
    async with connection() as sql:
        return int(await sql.fetchval(question[kind], subject))


def _waiting(row: Mapping[str, Any]) -> Waiting:
    who = ", ".join(part for part in (row["who"], row["whose"]) if part)
    return Waiting(
        id=row["id"],
        institution=row["institution"],
        name=row["name"],
        title=row["title"],
        subject_kind=row["subject_kind"],
        subject=row["subject"],
        field=row["field"],
        present=msgspec.json.decode(row["present"]),
        suggested=msgspec.json.decode(row["suggested"]),
        note=row["note"],
        origin=row["origin"],
        who=who,
        made_at=row["made_at"],
        state=row["state"],
        asked_at=row["asked_at"],
    )
