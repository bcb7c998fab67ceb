"""Put a site or an offer into the directory and change it. Readings of places are in `reading_actions`.

Each function is one transaction: the change, its history per field with its source, the directory's new version,
the audit line. `actor` is an editor of the institution, a coordinator, or the hub itself (imports, the demo).
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Struct, structs

from referral_hub import clock
from referral_hub.accounts.actor import Actor
from referral_hub.audit.actions import record
from referral_hub.audit.events import Event
from referral_hub.database.columns import new_id, to_json
from referral_hub.database.transaction import retrying, transaction
from referral_hub.directory.facts import OfferFacts as OfferFacts
from referral_hub.directory.facts import SiteFacts as SiteFacts
from referral_hub.directory.facts import offer_problems, site_problems
from referral_hub.directory.hours import read_hours, stored, tidy
from referral_hub.directory.ownership import locked, looks_after
from referral_hub.directory.reading_actions import Said as Said
from referral_hub.directory.reading_actions import report_reading as report_reading
from referral_hub.directory.reading_actions import undo_reading as undo_reading
from referral_hub.errors import NotFound, Problem, Refused, Stale
from referral_hub.institutions.actions import update
from referral_hub.institutions.changes import keep_history, tell_directory
from referral_hub.vocabularies.book import unit_of

_JSON = ("hours", "accessibility", "eligibility", "details")


@retrying
async def add_site(institution: UUID, facts: SiteFacts, *, actor: Actor, source: str = "partner") -> UUID:
    """A new site; its id. Hours are read into intervals where the text is certain.

    Raises NotFound for somebody else's institution, Refused("invalid").
    """
    values = _with_hours(structs.asdict(facts))
    problems = site_problems(values)
    if problems:
        raise Refused("invalid", problems)
    return await _add("site", institution, values, actor=actor, source=source, event=Event.SITE_ADD)


@retrying
async def edit_site(
    site: UUID,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    version: int | None = None,
    source: str = "partner",
    why: str = "",
) -> int:
    """Change the named fields of SiteFacts; the version after it. Raises NotFound, Stale, Refused("invalid")."""
    values = _with_hours(dict(changes))
    problems = _unknown(changes, SiteFacts) or site_problems(values)
    if problems:
        raise Refused("invalid", problems)
    given = _Given(actor, version, source, why, Event.SITE_EDIT)
    return await _edit("site", site, values, given)


@retrying
async def add_offer(
    institution: UUID,
    facts: OfferFacts,
    *,
    actor: Actor,
    sites: Sequence[UUID] = (),
    source: str = "partner",
) -> UUID:
    """A new offer at sites of its institution; its id. Raises NotFound, Refused("invalid")."""
    values = structs.asdict(facts)
    values["unit"] = facts.unit or unit_of(facts.form)
    problems = offer_problems(values)
    if problems:
        raise Refused("invalid", problems)
    async with transaction(actor.scope) as sql:
        made = await _add("offer", institution, values, actor=actor, source=source, event=Event.OFFER_ADD)
        await _place(sql, made, institution, sites)
    return made


@retrying
async def edit_offer(
    offer: UUID,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    version: int | None = None,
    sites: Sequence[UUID] | None = None,
    source: str = "partner",
    why: str = "",
) -> int:
    """Change the named fields of OfferFacts, and where it happens if `sites` are given; the version after it.

    `status` among the changes publishes, closes or archives. Raises NotFound, Stale, Refused("invalid").
    """
    problems = _unknown(changes, OfferFacts) or offer_problems(changes)
    if problems:
        raise Refused("invalid", problems)
    async with transaction(actor.scope) as sql:
        given = _Given(actor, version, source, why, Event.OFFER_EDIT)
        moved = sites is not None and await _move(sql, offer, sites, given)
        return await _edit("offer", offer, changes, given, moved=moved)


async def _move(sql: asyncpg.Connection, offer: UUID, sites: Sequence[UUID], given: "_Given") -> bool:
    """Let it happen at these sites instead; whether they are others than before."""
    row = await locked(sql, "offer", offer, given.actor)
    if given.version is not None and row["version"] != given.version:
        raise Stale
    before = await sql.fetch("select site from offer_site where offer = $1", offer)
    if {one["site"] for one in before} == set(sites):
        return False
    await sql.execute("delete from offer_site where offer = $1", offer)
    await _place(sql, offer, row["institution"], sites)
    told = {"sites": sorted(str(site) for site in sites)}
    was = {"sites": sorted(str(one["site"]) for one in before)}
    by, source = given.actor.scope, given.source
    await keep_history(sql, ("offer", offer), was, told, source=source, by=by, why=given.why)
    return True


async def _place(sql: asyncpg.Connection, offer: UUID, institution: UUID, sites: Sequence[UUID]) -> None:
    """Put an offer at sites, which have to be its own institution's."""
    own = await sql.fetch(
        "select id from site where institution = $1 and id = any($2::uuid[])", institution, list(sites)
    )
    if {row["id"] for row in own} != set(sites):
        raise Refused("invalid", [Problem("sites", "not_a_choice")])
    await sql.executemany(
        "insert into offer_site (id, offer, site) values ($1, $2, $3)", [(new_id(), offer, site) for site in sites]
    )


async def _add(
    table: str, institution: UUID, values: Mapping[str, Any], *, actor: Actor, source: str, event: Event
) -> UUID:
    if not looks_after(actor, institution):
        raise NotFound
    made, moment = new_id(), clock.now()
    row = {"id": made, "institution": institution, "version": 1, "updated_at": moment, **_columns(values)}
    if table == "offer":
        row["made_at"] = moment
    async with transaction(actor.scope) as sql:
        if await sql.fetchval("select true from institution where id = $1", institution) is None:
            raise NotFound
        places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
        await sql.execute(
            f"insert into {table} ({', '.join(row)}) values ({places})",  # noqa: S608 -- names of ours
            *row.values(),
        )
        given = {field: value for field, value in values.items() if value not in ("", None, False, [], {}, ())}
        await keep_history(sql, (table, made), {}, given, source=source, by=actor.scope)
        await tell_directory(sql, offer=made if table == "offer" else None, institution=institution)
        await record(event, by=actor.scope, subject=(table, made), facts={"source": source})
    return made


class _Given(Struct, frozen=True):
    """Who changes something, over which version, as whose word and why."""

    actor: Actor
    version: int | None
    source: str
    why: str
    event: Event


async def _edit(table: str, row_id: UUID, values: Mapping[str, Any], given: _Given, *, moved: bool = False) -> int:
    """Write what differs; the version after it. `moved`: its sites have changed, which is a change too."""
    by = given.actor.scope
    async with transaction(by) as sql:
        row = await locked(sql, table, row_id, given.actor)
        if given.version is not None and row["version"] != given.version:
            raise Stale
        before = {field: row[field] for field in values}
        columns = _columns(values)
        # jsonb comes as text: compared by what it says, not by its blanks.
        before |= {field: msgspec.json.decode(before[field]) for field in _JSON if field in before}
        subject, source = (table, row_id), given.source
        changed = await keep_history(sql, subject, before, values, source=source, by=by, why=given.why)
        if not changed and not moved:
            return int(row["version"])
        await update(sql, table, row_id, {field: columns[field] for field in changed})
        offer = row_id if table == "offer" else None
        await tell_directory(sql, offer=offer, institution=row["institution"])
        facts = {"fields": [*changed, *(("sites",) if moved else ())], "source": source}
        await record(given.event, by=by, subject=subject, facts=facts)
        return int(row["version"]) + 1


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as asyncpg takes them: jsonb as text, sequences as lists."""
    found: dict[str, Any] = {}
    for field, value in values.items():
        found[field] = to_json(value) if field in _JSON else list(value) if isinstance(value, tuple) else value
    return found


def _with_hours(values: dict[str, Any]) -> dict[str, Any]:
    """Hours as text are kept tidy and read anew; intervals given without a text are left as they are."""
    if "hours_text" in values:
        values["hours_text"] = tidy(values["hours_text"])
        values["hours"] = stored(read_hours(values["hours_text"]))
    return values


def _unknown(changes: Mapping[str, Any], shape: type[Struct]) -> list[Problem]:
    return [Problem(field, "unknown_field") for field in changes if field not in shape.__struct_fields__]
