"""Places, contacts and offers that both entries have: one place where it is the same house, nothing summed up."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct

from referral_hub.accounts.actor import Actor
from referral_hub.duplicates.moving import Moved, move_site, write_line
from referral_hub.errors import Problem, Refused
from referral_hub.institutions.actions import update
from referral_hub.institutions.addresses import same_address

_JSON = ("hours", "accessibility")
_FILLED = ("name", "hours_text", "travel", "accessibility")
"""What the place that stays takes from the other where it says nothing itself."""


class Contacts(Struct, frozen=True):
    """The survivor's contacts before a merge, and whose word the joined list is."""

    institution: UUID
    before: list[list[Any]]
    source: str

    async def keep(self, sql: asyncpg.Connection, why: str, actor: Actor) -> None:
        """The line of history, if the list grew."""
        after = await _contacts(sql, self.institution)
        if after != self.before:
            subject = ("contact", self.institution)
            await write_line(
                sql,
                subject,
                "contacts",
                self.before,
                after,
                source=self.source,
                why=why,
                account=actor.account,
            )


async def join_contacts(sql: asyncpg.Connection, kept: UUID, merged: UUID) -> Contacts:
    """How the contacts stand before they are joined. If a person gave either list, an import may not replace it."""
    rows = await sql.fetch(
        """select distinct on (subject) subject, source,
         not exists (select 1 from source_record r where r.source = f.source) as person
        from field_source f where subject_kind = 'contact' and field = 'contacts' and subject = any($1)
        order by subject, at desc, id desc""",
        [kept, merged],
    )
    told = sorted(rows, key=lambda row: (not row["person"], row["subject"] != kept))
    return Contacts(kept, await _contacts(sql, kept), told[0]["source"] if told else "coordinator")


async def _contacts(sql: asyncpg.Connection, institution: UUID) -> list[list[Any]]:
    rows = await sql.fetch(
        """select kind, value, extension, label, visibility from contact
        where institution = $1 and belongs_to is null order by position, id""",
        institution,
    )
    return [list(row.values()) for row in rows]


async def join_sites(sql: asyncpg.Connection, kept: UUID, came: Iterable[str], why: str, actor: Actor) -> Moved:
    """Where a place that came is one the survivor has (same house, no other hours), there is one place from now on.

    The other row stays, archived. `came`: ids of the places that moved.
    """
    rows = await sql.fetch(
        "select * from site where institution = $1 and status = 'published' order by main desc, id", kept
    )
    new = set(came)
    own = [row for row in rows if str(row["id"]) not in new]
    joined: Moved = {}
    for row in rows:
        if str(row["id"]) not in new:
            continue
        twin = next((one for one in own if _one_place(one, row)), None)
        if twin is None:
            if own and row["main"]:
                await update(sql, "site", row["id"], {"main": False})
            continue
        await _fill(sql, twin, row, why, actor)
        for name, keys in (await move_site(sql, row["id"], twin["id"], kept)).items():
            joined.setdefault(f"place: {name}", []).extend(keys)
        await update(sql, "site", row["id"], {"status": "archived", "main": False})
        await write_line(
            sql,
            ("site", row["id"]),
            "status",
            row["status"],
            "archived",
            source="coordinator",
            why=why,
            account=actor.account,
        )
    return joined


def _one_place(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """The same house, equally public, and not with other hours or another name."""
    if not one["street"] or one["address_visibility"] != other["address_visibility"]:
        return False
    agree = all("" in (one[field], other[field]) or one[field] == other[field] for field in ("hours_text", "name"))
    addresses = [(row["street"], row["post_code"], row["place"]) for row in (one, other)]
    return agree and same_address(addresses[0], addresses[1])


async def _fill(sql: asyncpg.Connection, stays: asyncpg.Record, gone: asyncpg.Record, why: str, actor: Actor) -> None:
    values: dict[str, Any] = {}
    for field in _FILLED:
        if stays[field] in ("", "{}") and gone[field] not in ("", "{}"):
            values[field] = gone[field]
            before, after = (
                (msgspec.json.decode(row[field]) if field in _JSON else row[field]) for row in (stays, gone)
            )
            subject = ("site", stays["id"])
            await write_line(
                sql,
                subject,
                field,
                before,
                after,
                source="coordinator",
                why=why,
                account=actor.account,
            )
    if "hours_text" in values:
        values["hours"] = gone["hours"]
    if stays["lat"] is None and gone["lat"] is not None:
        values |= {field: gone[field] for field in ("lat", "lon", "precision")}
    if values:
        await update(sql, "site", stays["id"], values)


async def end_offers(
    sql: asyncpg.Connection, kept: UUID, end: Sequence[UUID], twins: set[UUID], why: str, actor: Actor
) -> None:
    """Archive the offers that end; of the others of a form both had, say that somebody wants them beside each other,
    so that no import takes one of them away. Readings, holds and referrals of an ended offer stay with it."""
    rows = await sql.fetch(
        "select id, status from offer where institution = $1 and id = any($2) for update", kept, [*end, *twins]
    )
    if set(end) - twins:
        raise Refused("invalid", [Problem("end", "not_a_choice")])
    for row in rows:
        status = "archived" if row["id"] in end else row["status"]
        if status != row["status"]:
            await update(sql, "offer", row["id"], {"status": status})
        await write_line(
            sql,
            ("offer", row["id"]),
            "status",
            row["status"],
            status,
            source="coordinator",
            why=why,
            account=actor.account,
        )
