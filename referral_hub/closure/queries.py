"""What both ends of a referral tell differently, and what the person calls for; as far as the actor may see it.

A coordinator sees case codes, the sender's caseworkers their own referrals, and both the person's words only where the
person agreed; whoever holds both roles reads one list. Receivers and guests see none of it (row-level security too).
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.accounts.permissions import Permission
from referral_hub.database.columns import unseal
from referral_hub.database.transaction import transaction
from referral_hub.participants.disclosures import log_opening
from referral_hub.referrals.case import in_each_role
from referral_hub.referrals.papers import is_issued

MOST: Final = 100
ANSWERS: Final = 30

_ITEMS = """select t.participant, d.task, d.kind,
 d.opened_at, d.verdict, d.words_sealed, d.settled_at, t.number, q.case_code, q.need,
 q.issued_on, (select n.kind from institution n where n.id = q.issuer) as issuer_kind,
 t.state, t.reason, t.outcome, t.outcome_on, t.outcome_source, o.title as offer_title, i.name as receiver_name,
 s.name as sender_name, f.got_help, f.treated_well, f.at as said_at, coalesce(f.by_sender, false) as by_sender,
 case when f.share_with_sender then f.words_sealed end as said_sealed
from discrepancy d join referral_task t on t.id = d.task join referral_request q on q.id = t.request
join offer o on o.id = t.offer join institution i on i.id = t.receiver join institution s on s.id = t.sender
left join participant_feedback f on f.task = t.id where {where}"""
_TO_SETTLE = _ITEMS.format(where="d.verdict = ''") + " order by d.opened_at, d.id limit $1"
_OF_TASK = _ITEMS.format(where="d.task = $1")
_WAITING = "select d.task from discrepancy d join referral_task t on t.id = d.task where d.verdict = ''"
_ANSWERS = """select t.participant, t.id as task,
 t.number, q.case_code, q.issued_on, (select n.kind from institution n where n.id = q.issuer) as issuer_kind,
 o.title as offer_title, i.name as receiver_name, f.at,
 f.got_help, f.treated_well, f.by_sender, case when f.share_with_sender then f.words_sealed end as words_sealed
from participant_feedback f join referral_task t on t.id = f.task join referral_request q on q.id = t.request
join offer o on o.id = t.offer join institution i on i.id = t.receiver order by f.at desc, f.id limit $1"""


class Item(Struct, frozen=True, kw_only=True):
    """One item: what the receiver reported, what the person said (`said` only if shared), and what was decided."""

    task: UUID
    number: str
    issued: bool
    case_code: str
    kind: str
    need: str
    state: str
    reason: str
    outcome: str
    outcome_on: date | None
    source: str
    offer_title: str
    receiver_name: str
    sender_name: str
    got_help: str
    said_at: datetime | None
    by_sender: bool
    said: str
    opened_at: datetime
    verdict: str
    words: str
    settled_at: datetime | None


class Answer(Struct, frozen=True, kw_only=True):
    """What one person said about one referral."""

    task: UUID
    number: str
    issued: bool
    case_code: str
    offer_title: str
    receiver_name: str
    at: datetime
    got_help: str
    treated_well: str
    by_sender: bool
    words: str


async def to_settle(actor: Actor) -> list[Item]:
    """What waits to be settled, the oldest first; at most a hundred."""
    rows = await _in_roles(actor, _TO_SETTLE, MOST)
    return [_item(row) for row in sorted(rows, key=lambda row: (row["opened_at"], row["task"]))[:MOST]]


async def how_many_to_settle(actor: Actor) -> int:
    """How many wait."""
    found: set[UUID] = set()
    for one in _settling(actor):
        async with transaction(one.scope) as sql:
            found |= {row["task"] for row in await sql.fetch(_WAITING)}
    return len(found)


async def item_of(task: UUID, actor: Actor) -> Item | None:
    """The item of one referral in the actor's acting role, settled or not; None where there is none to see."""
    async with transaction(actor.scope, by_key=True) as sql:
        row = await sql.fetchrow(_OF_TASK, task)
        await _note_reading(sql, actor, [row] if row is not None else [])
    return None if row is None else _item(row)


async def last_answers(actor: Actor) -> list[Answer]:
    """What people said lately, the newest first, under case codes; no figure is made of it."""
    rows = sorted(await _in_roles(actor, _ANSWERS, ANSWERS), key=lambda row: row["at"], reverse=True)[:ANSWERS]
    return [Answer(**_told(row, "words_sealed"), words=_open(row["words_sealed"])) for row in rows]


def _settling(actor: Actor) -> Iterable[Actor]:
    """The actor in each role that settles: a caseworker sees what a coordinator does not, and the other way round.
    The hub itself, which counts for the menu, has no roles."""
    return (
        one
        for one in in_each_role(actor)
        if one.kind != "account" or Permission.DISCREPANCY_SETTLE in one.by_role[one.role]
    )


async def _in_roles(actor: Actor, question: str, most: int) -> list[Any]:
    """The rows that the actor sees in any such role, each referral once; what is opened in them is noted once."""
    found: dict[UUID, Any] = {}
    for one in _settling(actor):
        async with transaction(one.scope) as sql:
            rows = [row for row in await sql.fetch(question, most) if row["task"] not in found]
            await _note_reading(sql, one, rows)
        found |= {row["task"]: row for row in rows}
    return list(found.values())


async def _note_reading(sql: asyncpg.Connection, actor: Actor, rows: Sequence[Any]) -> None:
    """A disclosure line for each person whose own words, or words about whom, are opened in these rows."""
    if actor.kind == "participant":
        return
    for row in rows:
        both = "said_sealed" in row.keys()  # noqa: SIM118 -- a record
        fields = {"words_sealed": "words", "said_sealed": "opinion"} if both else {"words_sealed": "opinion"}
        read = [name for column, name in fields.items() if row[column] is not None]
        if read:
            await log_opening(
                sql, participant=row["participant"], fields=read, by=actor.scope, task=row["task"], purpose="closing"
            )


def _item(row: Any) -> Item:
    told = _told(row, "words_sealed", "said_sealed", "outcome_source", "treated_well")
    told["got_help"] = told["got_help"] or ""
    words, said = _open(row["words_sealed"]), _open(row["said_sealed"])
    return Item(**told, source=row["outcome_source"], words=words, said=said)


def _told(row: Any, *but: str) -> dict[str, Any]:
    """The row without these columns; it is called „skierowanie” where it was issued."""
    left = {"participant", "issued_on", "issuer_kind", *but}
    told = {name: value for name, value in dict(row).items() if name not in left}
    return told | {"issued": is_issued(row["issuer_kind"], row["issued_on"])}


def _open(sealed: bytes | None) -> str:
    return "" if sealed is None else unseal(sealed)
