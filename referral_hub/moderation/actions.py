"""Suggest a change, and decide about it: each one transaction with its history, effects and audit line."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from referral_hub import clock
from referral_hub.accounts.actor import SYSTEM_ACTOR, Actor
from referral_hub.accounts.links import make_link
from referral_hub.accounts.permissions import Permission
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import SYSTEM, retrying, transaction
from referral_hub.directory.entries import Entry, read_entry, write_entry
from referral_hub.directory.queries import mail_address
from referral_hub.errors import NotFound, Problem, Refused, Stale
from referral_hub.mail.actions import queue
from referral_hub.moderation.emails import suggestion_asked
from referral_hub.moderation.settling import settle_value
from referral_hub.moderation.suggesting import (
    FIELDS,
    OF_A_SITE,
    WITHOUT_VALUE,
    SubjectKind,
    Told,
    changes_of,
    one_address,
    read_address,
    word_problems,
)

OPEN: Final = ("open", "asked")
MOST_OPEN: Final = 40
"""Open suggestions about one institution: whoever floods it is stopped, and nobody else is."""
_ALIVE = {
    "offer": """select o.institution from offer o join institution i on i.id = o.institution
     where o.id = $1 and o.status in ('published', 'closed') and i.status = 'published'""",
    "institution": "select id from institution where id = $1 and status = 'published'",
}


@retrying
async def suggest(kind: SubjectKind, subject: UUID, told: Told, *, actor: Actor) -> UUID:
    """Keep somebody's suggestion about a published offer or institution; its id. Nothing is kept of a visitor.

    The same words once more are the suggestion that is open already. Raises NotFound for what the public does not
    see, Refused("invalid"), Refused `too_many_suggestions`.
    """
    if told.field not in FIELDS[kind]:
        raise Refused("invalid", [Problem("field", "not_a_choice")])
    if problems := word_problems(told):
        raise Refused("invalid", [Problem(name, code) for name, code in problems])
    async with transaction(SYSTEM) as sql:
        institution = await sql.fetchval(_ALIVE[kind], subject)
        if institution is None:
            raise NotFound
        where, row, field, present = await _place(sql, kind, subject, institution, told.field)
        suggested = "archived" if told.field == "closed" else told.value
        same = await sql.fetchval(
            """select id from suggestion where subject = $1 and field = $2 and suggested = $3::jsonb and note = $4
            and state = any($5)""",
            *(row, field, to_json(suggested), told.note, list(OPEN)),
        )
        if same is not None:
            return UUID(str(same))
        waiting = await sql.fetchval(
            "select count(*) from suggestion where institution = $1 and state = 'open' and origin = 'visitor'",
            institution,
        )
        if origin_of(actor, institution) == "visitor" and waiting >= MOST_OPEN:
            raise Refused("too_many_suggestions")
        made = new_id()
        await sql.execute(
            """insert into suggestion (id, institution, subject_kind, subject, field, present, suggested, note, origin,
             account, made_at, state) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open')""",
            *(made, institution, where, row, field, to_json(present), to_json(suggested), told.note),
            *(origin_of(actor, institution), actor.account, clock.now()),
        )
        facts = {"field": field, "origin": origin_of(actor, institution)}
        await record(Event.SUGGESTION_ADD, by=actor.scope, subject=(where, row), facts=facts)
        return made


def origin_of(actor: Actor, institution: UUID) -> str:
    """As whose word a suggestion counts."""
    if actor.kind != "account":
        return "visitor"
    if actor.institution == institution or not actor.may(Permission.DIRECTORY_STAFF):
        return "partner"
    return "caseworker"


async def _place(
    sql: asyncpg.Connection, kind: SubjectKind, subject: UUID, institution: UUID, field: str
) -> tuple[str, UUID, str, Any]:
    """Where the field stands: kind and id of the entry, the field there, its present value."""
    if field in OF_A_SITE:
        site = await sql.fetchval(
            """select s.id from site s where s.institution = $1 and s.status = 'published'
            order by exists (select 1 from offer_site o where o.site = s.id and o.offer = $2) desc, s.main desc, s.id
            limit 1""",
            *(institution, subject),
        )
        if site is None:
            return kind, subject, "other", ""
        return "site", site, field, await present_value(sql, "site", site, field)
    if field in ("phone", "email") and kind == "offer":
        own = await present_value(sql, "offer", subject, field)
        if not own:
            return "institution", institution, field, await present_value(sql, "institution", institution, field)
        return kind, subject, field, own
    return kind, subject, field, await present_value(sql, kind, subject, field)


async def present_value(sql: asyncpg.Connection, kind: str, subject: UUID, field: str) -> Any:
    """What stands in the directory now. Raises NotFound."""
    return value_in(await read_entry(sql, kind, subject, SYSTEM_ACTOR), field)


def value_in(entry: Entry, field: str) -> Any:
    """A suggestion's field among an entry's values."""
    if field == "address":
        return one_address(entry.values)
    if field == "other":
        return ""
    return entry.values.get("status" if field == "closed" else field, "")


async def _open(sql: asyncpg.Connection, suggestion: UUID) -> asyncpg.Record:
    """The suggestion, locked. Raises NotFound, Refused `suggestion_decided` for whoever comes second."""
    row = await sql.fetchrow("select * from suggestion where id = $1 for update", suggestion)
    if row is None:
        raise NotFound
    if row["state"] not in OPEN:
        raise Refused("suggestion_decided")
    return row


@retrying
async def accept(suggestion: UUID, *, actor: Actor, seen: str, value: str | None = None, why: str = "") -> None:
    """Write what was suggested (or the `value` the coordinator made of it) into the directory.

    `seen` is the present value as JSON as the coordinator saw it. Raises NotFound, Stale when it is another by now,
    Refused (`suggestion_decided`, `invalid`, and what the ordinary edit refuses).
    """
    async with transaction(SYSTEM) as sql:
        row = await _open(sql, suggestion)
        entry = await read_entry(sql, row["subject_kind"], row["subject"], SYSTEM_ACTOR)
        before = value_in(entry, row["field"])
        if to_json(before) != seen:
            raise Stale
        wanted = msgspec.json.decode(row["suggested"]) if value is None else value
        if row["field"] not in WITHOUT_VALUE and wanted in ("", None):
            raise Refused("invalid", [Problem("value", "required")])
        if row["field"] == "address" and read_address(str(wanted)) is None:
            raise Refused("invalid", [Problem("value", "address_not_read")])
        changes = changes_of(row["field"], wanted)
        async with transaction(actor.scope):
            if changes is not None:
                await write_entry(entry, changes, actor=actor, source="coordinator", why=why)
                for field, said in changes.items():
                    await settle_value(sql, row["institution"], (row["subject_kind"], row["subject"]), field, said,
                                       source="suggestion", why=why, actor=actor)  # fmt: skip
            await _decide(sql, row, "accepted", why, actor)


@retrying
async def reject(suggestions: Sequence[UUID], *, actor: Actor, word: str) -> int:
    """Turn suggestions down with a word; how many were still open. Raises NotFound when one is not there."""
    async with transaction(actor.scope) as sql:
        rows = await sql.fetch(
            "select * from suggestion where id = any($1) order by id for update", sorted(set(suggestions))
        )
        if len(rows) != len(set(suggestions)):
            raise NotFound
        still = [row for row in rows if row["state"] in OPEN]
        for row in still:
            await _decide(sql, row, "rejected", word, actor)
        return len(still)


@retrying
async def ask(suggestion: UUID, *, actor: Actor) -> bool:
    """Ask the institution itself: a mail with both values and a link; False where it has no address (then: by phone).

    Raises NotFound, Refused `suggestion_decided`.
    """
    async with transaction(actor.scope) as sql:
        row = await _open(sql, suggestion)
        address = await mail_address(row["institution"])
        moment = clock.now()
        await sql.execute(
            "update suggestion set state = 'asked', asked_at = $2, decided_by = $3 where id = $1",
            *(suggestion, moment, actor.account),
        )
        subject = (row["subject_kind"], row["subject"])
        facts = {"state": "asked", "field": row["field"], "mailed": bool(address)}
        await record(Event.SUGGESTION_DECIDE, by=actor.scope, subject=subject, facts=facts)
        if not address:
            return False
        told = await sql.fetchrow("select name, language from institution where id = $1", row["institution"])
        secret, link = await make_link("c", by=actor.scope, institution=row["institution"], address=address)
        letter = suggestion_asked(told["name"], row, secret, told["language"])
        await queue(
            address,
            "suggestion_asked",
            told["language"],
            letter,
            institution=row["institution"],
            subject_id=link.id,
        )
        return True


async def _decide(sql: asyncpg.Connection, row: Mapping[str, Any], state: str, word: str, actor: Actor) -> None:
    await sql.execute(
        "update suggestion set state = $2, word = $3, decided_at = $4, decided_by = $5 where id = $1",
        *(row["id"], state, word, clock.now(), actor.account),
    )
    subject = (row["subject_kind"], row["subject"])
    facts = {"state": state, "field": row["field"]}
    await record(Event.SUGGESTION_DECIDE, by=actor.scope, subject=subject, facts=facts)
